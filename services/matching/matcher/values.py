"""What the core takes and gives: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from shared.events.payments import Candidate, Channel, DecisionStatus, Reason, SuspenseParts
from shared.reference import find_references


@dataclass(frozen=True, slots=True)
class CreditToDecide:
    """Money that came (or went), with all that may tell what it pays."""

    credit_id: str
    site_id: str | None
    """The site on whose account it moved; None while no site owns the account."""
    amount: int
    money_in: bool
    channel: Channel = "bank"
    references: tuple[str, ...] = ()
    """Those that stand intact in the memo, in its order."""
    virtual_account: str | None = None
    intended_notice_id: str | None = None
    """The notice that a receipt names."""


@dataclass(frozen=True, slots=True)
class KnownNotice:
    """One fee issued to one payer, open, settled or cancelled."""

    notice_id: str
    site_id: str
    reference: str
    amount: int
    due_on: date
    fee_kind: str = "other"
    obligatory: bool = True
    """False where the payer may choose not to pay."""
    cancelled: bool = False
    virtual_account: str | None = None
    payer_code: str | None = None
    allocated: int = 0
    """What credits had paid of it when it was loaded; the book knows what it is now."""

    @property
    def due(self) -> int:
        """What is owed in all: nothing once it is cancelled."""
        return 0 if self.cancelled else self.amount


@dataclass(frozen=True, slots=True)
class SiteRules:
    """What a site decided about settling."""

    settle_priority: tuple[str, ...] = ()
    oldest_first: bool = False


class Share(NamedTuple):
    """A part of a credit for one notice, in đồng."""

    notice_id: str
    amount: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What a credit pays, why, and what is left: amount = Σ allocations + suspense."""

    status: DecisionStatus
    reason: Reason
    suspense: SuspenseParts
    allocations: tuple[Share, ...] = ()
    evidence: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()


def exact_references(memo: str | None) -> tuple[str, ...]:
    """The references that stand intact in a memo, each once, in the memo's order."""
    if not memo:
        return ()
    found = sorted((each for each in find_references(memo) if each.exact), key=lambda each: each.start)
    return tuple(dict.fromkeys(each.reference for each in found))
