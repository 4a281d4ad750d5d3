"""adoption.metrics.v1: how far paying without cash has come, published by adoption."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from shared.events.base import Event, Id
from shared.money import SignedDong

Window = Literal["day", "month", "7d", "30d"]
ALL = "all"
"""The value of site_type or fee_kind where a metric is not narrowed by it."""


class AdoptionMetric(Event):
    """One figure with what it is made of; null shares are numerator 0 over denominator 0."""

    topic: ClassVar[str] = "adoption.metrics.v1"

    metric: Id
    """A name of docs/metrics.md, such as cashless_share_value."""
    scope: Id
    """level:code, such as commune:07615 or site:TH-AN-CHAU."""
    site_type: str
    fee_kind: str
    window: Window
    as_of: date
    """The last day that the window includes (for a month: its last day)."""
    numerator: SignedDong
    denominator: SignedDong

    @property
    def key(self) -> str:
        parts = (self.metric, self.scope, self.site_type, self.fee_kind, self.window, self.as_of.isoformat())
        return "/".join(parts)
