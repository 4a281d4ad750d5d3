"""adoption.metrics.v1: how far paying without cash has come, published by adoption."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from shared.events.base import Event, Id
from shared.money import SignedDong

Window = Literal["day", "month", "7d", "30d", "before", "during", "after"]
"""The last three are the stretches of a campaign (scope campaign:ID, and elsewhere:ID for all other places)."""
ALL = "all"
"""The value of site_type or fee_kind where a metric is not narrowed by it."""


class AdoptionMetric(Event):
    """One figure with what it is made of; null shares are numerator 0 over denominator 0."""

    topic: ClassVar[str] = "adoption.metrics.v1"

    metric: Id
    """A name of docs/metrics.md, such as cashless_share_value."""
    scope: Id
    """level:code, such as commune:07615, site:TH-AN-CHAU or provider:sepay."""
    site_type: str
    fee_kind: str
    window: Window
    as_of: date
    """The last day that the window includes (of a month or a campaign's stretch also while it is still to come)."""
    numerator: SignedDong
    denominator: SignedDong

    @property
    def key(self) -> str:
        parts = (self.metric, self.scope, self.site_type, self.fee_kind, self.window, self.as_of.isoformat())
        return "/".join(parts)
