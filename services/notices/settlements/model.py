"""What is left of a treatment's cost, and of the deposits that were paid for it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.notices.terms import Deduction, Terms
from shared.events import Notice
from shared.events.fees import Settled


@dataclass(frozen=True, slots=True)
class Settlement:
    """A treatment's sums, in đồng."""

    total: int
    insurance: int
    """What the health insurance pays."""
    deposit: int
    """What the patient has paid as deposit."""

    @property
    def to_pay(self) -> int:
        """What the patient still pays."""
        return max(0, self.total - self.insurance - self.deposit)

    @property
    def to_return(self) -> int:
        """What the patient gets back."""
        return max(0, self.deposit - (self.total - self.insurance))

    @property
    def terms(self) -> Terms:
        """How the rest came about."""
        taken = (Deduction("insurance", self.insurance), Deduction("deposit", self.deposit))
        return Terms(self.total, deductions=tuple(each for each in taken if each.amount))


def settled_deposits(
    deposits: Iterable[Notice], paid: Mapping[str, int], to_return: int, by: str, today: date
) -> list[Notice]:
    """The deposits at their next version: each asks what was used of it and tells what goes back, the newest first.

    `paid`: what came for each, in đồng; together at least `to_return`. What was never paid is not asked any more.
    """
    after = []
    for notice in sorted(deposits, key=lambda each: (each.issued_on, each.notice_id), reverse=True):
        goes_back = min(to_return, paid[notice.notice_id])
        to_return -= goes_back
        used = paid[notice.notice_id] - goes_back
        changes: dict[str, Any] = {"version": notice.version + 1, "settled": Settled(by=by, to_return=goes_back)}
        if notice.status == "open" and not used:
            changes |= {"status": "cancelled", "cancelled_on": today}
        elif notice.status == "open":
            changes["amount"] = min(notice.amount, used)
        after.append(notice.model_copy(update=changes))
    return after
