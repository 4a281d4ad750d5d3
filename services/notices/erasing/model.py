"""What is left of a payer's notices when the payer is erased, and when that must wait. Pure.

Gone: the payer's code and name, the guardian's name and phone, the virtual account (banks make it of the payer's code), the
numbers of decisions that took something off (they lead to whom they were about), a purpose that names the payer.
Kept, because the books need them and they are no person: amounts, days, periods, the fee kind, the round, the class and the
village, so that no sum by class or place changes. Kept as well: the ids of notices and bills. They are keys that payments
name; those that a rule made hold the site's own code, which says nothing to anyone without the site's list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Literal

from services.notices.model import Amendment, Change
from services.notices.terms import Terms
from shared.events import Notice
from shared.vietnamese import search_key

Refused = Literal["still_owes", "deposit_not_settled"]
"""Why a payer cannot be erased yet: a fee that must be paid is not, or the money of a deposit has no end yet."""

NOTHING: Final[dict[str, Any]] = {
    "payer_code": None, "payer_name": None, "guardian_name": None, "guardian_phone": None, "virtual_account": None,
}  # fmt: skip
CODE_LENGTH_MIN: Final = 4
"""A shorter code may be any number that stands in a text."""
_SIGNS: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Held:
    """A notice of the payer, with what is known of its money."""

    notice: Notice
    terms: Terms | None
    paid: int
    """In đồng."""
    is_settled: bool = False
    """Of a deposit: whether a settlement counted it."""

    @property
    def left(self) -> int:
        """What must still be paid, in đồng; of what is voluntary, or a deposit, nothing must."""
        is_owed = self.notice.status == "open" and self.notice.obligation == "due"
        return max(0, self.notice.amount - self.paid) if is_owed else 0

    @property
    def is_unsettled_deposit(self) -> bool:
        """Whether it is a deposit on which money stands, or may yet come, that no settlement counted."""
        return self.notice.obligation == "deposit" and self.notice.status == "open" and not self.is_settled


def refused(held: Sequence[Held]) -> Refused | None:
    """Why this payer cannot be erased now; None: they can."""
    if any(each.left for each in held):
        return "still_owes"
    return "deposit_not_settled" if any(each.is_unsettled_deposit for each in held) else None


def erased(held: Held, today: date) -> Change:
    """The notice's next version, which names nobody."""
    notice, terms = held.notice, held.terms
    values = dict(NOTHING)
    if notice.purpose is not None and _names(notice.purpose, notice):
        values["purpose"] = None
    kept_terms = None if terms is None else _without_decisions(terms)
    if notice.status == "open" and notice.obligation == "voluntary" and held.paid < notice.amount:
        # What could still be given freely is asked of nobody any more.
        values |= {"amount": held.paid} if held.paid else {"status": "cancelled", "cancelled_on": today}
        kept_terms = None if held.paid else kept_terms
    changed = [name for name, value in values.items() if getattr(notice, name) != value]
    columns = [*changed, *(["terms"] if kept_terms != terms else [])]
    return Change(
        row=0,
        notice=notice.model_copy(update={**values, "version": notice.version + 1}),
        terms=kept_terms,
        # Fields only: what stood in them is what is erased.
        amended=tuple(Amendment(column) for column in columns),
    )


def _without_decisions(terms: Terms) -> Terms:
    return replace(terms, deductions=tuple(replace(each, decision=None) for each in terms.deductions))


def _names(text: str, notice: Notice) -> bool:
    """Whether the text tells whom the notice is of."""
    code = notice.payer_code.reveal() if notice.payer_code else ""
    told = [code] if len(code) >= CODE_LENGTH_MIN else []
    # A given name alone is a word like any other: without its diacritics "An" is what "ăn" is.
    told += [name.reveal() for name in (notice.payer_name, notice.guardian_name) if name and len(name.reveal().split()) > 1]
    return any(_words(each) in _words(text) for each in told if _words(each).strip())


def _words(text: str) -> str:
    return f" {_SIGNS.sub(' ', search_key(text)).strip()} "
