"""What every event is: a whole entity at a version (DESIGN §3 rule 2)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import Annotated, ClassVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

Version = Annotated[int, Field(strict=True, ge=1)]
"""Grows by one with each change of the entity, for ever; a consumer keeps the newest."""

EVENT_BYTES_MAX = 8 * 1024 * 1024
"""What a topic takes of one event, as JSON."""

Id = Annotated[str, Field(min_length=1, max_length=200)]


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies outside the years 1 to 9999 in UTC") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""In UTC, whatever offset it was told with, so that an entity published again from storage is the same to the letter."""


class Part(BaseModel):
    """A value inside an event. Unknown fields are ignored: a contract only grows."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        hide_input_in_errors=True,  # an error's text must not quote personal data
    )


class Event(Part, ABC):
    """A whole entity at a version, as it stands on its topic."""

    topic: ClassVar[str]
    version: Version

    @property
    @abstractmethod
    def key(self) -> str:
        """The entity's id: the Kafka key, by which the topic is compacted."""

    @property
    def partition_key(self) -> str:
        """What chooses the partition: something that never changes for the entity (rule 4)."""
        return self.key
