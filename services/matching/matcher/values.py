"""What the matcher looks at and what it answers, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shared.events.fees import Obligation
from shared.events.payments import DecisionStatus, Reason


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """A notice and how much of it is paid."""

    notice_id: str
    site_id: str
    reference: str
    virtual_account: str | None
    fee_kind: str
    obligation: Obligation
    due_on: date
    amount: int
    is_cancelled: bool
    allocated: int = 0

    @property
    def due(self) -> int:
        """What the payer owes for it, paid or not, in đồng."""
        return 0 if self.is_cancelled else self.amount

    @property
    def open(self) -> int:
        """What is still to be paid, in đồng; never negative."""
        return max(0, self.due - self.allocated)


@dataclass(frozen=True, slots=True)
class SiteRules:
    """What a site decided about settling (directory.sites: settings)."""

    settle_priority: tuple[str, ...] = ()
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class Incoming:
    """A movement to decide."""

    credit_id: str
    site_id: str | None
    amount: int
    is_money_in: bool
    virtual_account: str | None = None
    references: tuple[str, ...] = ()
    """Intact references of its memo, each once, in the order in which they stand there."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the credit for one notice, in đồng."""

    notice_id: str
    amount: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What a credit pays. What `shares` leave over is `balance` where the payer is known by them, else unidentified."""

    status: DecisionStatus
    reason: Reason
    shares: tuple[Share, ...] = ()
    evidence: tuple[str, ...] = ()
    candidates: tuple[tuple[str, ...], ...] = ()
    """Sets of notices that it may be, best first, where a person decides."""

    @property
    def allocated(self) -> int:
        """How much of the credit the shares take, in đồng."""
        return sum(share.amount for share in self.shares)
