"""What has become of somebody who waits at a counter. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

STEP_AFTER: Final = timedelta(minutes=3)
"""A bank's message takes seconds: who says to have paid and is not seen after this long needs a written step."""
DISPLAY_AFTER_S: Final = 45
"""How long ĐÃ NHẬN stays on the payer's display."""

WaitState = Literal["waiting", "part", "received"]


@dataclass(frozen=True, slots=True)
class Step:
    """What was done while somebody waited."""

    at: datetime
    step: str
    note: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Somebody who waits for a bill to be seen as paid."""

    wait_id: str
    site_id: str
    counter: str
    reference: str
    bill_id: str
    who: str
    asked: int
    """What was left to be paid when it was shown, in đồng."""
    paid_before: int
    paid_now: int
    """What is allocated to the bill's notices, before it was shown and now, in đồng."""
    opened_at: datetime
    claimed_at: datetime | None
    shown_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    last_credit_id: str | None = None
    """The newest credit that pays the bill."""
    last_received_at: datetime | None = None
    """When it was matched: what waited for a person came when the person saw it."""
    steps: tuple[Step, ...] = ()

    @property
    def received(self) -> int:
        """What came for this bill since it was shown, in đồng; less than nothing where a match was undone meanwhile."""
        return max(0, self.paid_now - self.paid_before)

    @property
    def left(self) -> int:
        """What is still to come, in đồng."""
        return max(0, self.asked - self.received)

    @property
    def state(self) -> WaitState:
        """Whether the money is there."""
        if not self.received:
            return "waiting"
        return "part" if self.left else "received"

    def needs_step(self, now: datetime) -> bool:
        """Whether the payer's word has stood so long without money that something must be written down."""
        if self.claimed_at is None or self.state == "received":
            return False
        since = max([self.claimed_at, *(step.at for step in self.steps)])
        return now - since >= STEP_AFTER

    def is_on_display(self, now: datetime) -> bool:
        """Whether the payer's display shows it: until a little after the money came."""
        if self.shown_at is None or (self.ended_at is not None and self.state != "received"):
            return False
        end = self.ended_at or (self.last_received_at if self.state == "received" else None)
        return end is None or now - end <= timedelta(seconds=DISPLAY_AFTER_S)
