"""dlq.v1: records that a consumer could not take, kept for 30 days with the reason."""

from __future__ import annotations

from pydantic import Base64Bytes, BaseModel, ConfigDict

from shared.events.base import Moment

DLQ_TOPIC = "dlq.v1"


class DeadLetter(BaseModel):
    """A record that was set aside. Not an entity: it has no version, and the topic expires instead of being compacted."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    service: str
    topic: str
    partition: int
    offset: int
    error: str
    """What was wrong, without any value of the record."""
    key: str | None
    payload: Base64Bytes
    failed_at: Moment
