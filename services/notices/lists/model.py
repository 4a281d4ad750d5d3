"""How far each bill of a round is paid, for the eyes of the site's people only. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from services.notices.bills.model import BillView
from services.notices.drawing.order import group_key, name_key

ListState = Literal["paid", "part", "unpaid", "not_updated", "voluntary", "deposit", "cancelled"]
"""`not_updated`: the bank's data are too old to say that nothing came. Of what is voluntary, or a deposit, nothing is missing."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """A bill on the list; who the payer is in full, for whoever reads this list has to know."""

    payer_code: str
    payer_name: str
    group: str | None
    reference: str
    owed: int
    """What is asked and must be paid, in đồng; voluntary lines are not in it."""
    voluntary: int
    paid: int
    left: int
    """What is still owed."""
    due_on: date | None
    is_overdue: bool
    state: ListState


def rows_of(bills: Iterable[BillView], now: datetime, today: date) -> list[ListRow]:
    """The list, in the order of a class list."""
    return [row_of(bill, now, today) for bill in in_order(bills)]


def in_order(bills: Iterable[BillView]) -> list[BillView]:
    """Bills by class, then by name, as class lists are."""

    def key(bill: BillView) -> tuple[object, ...]:
        name = bill.first.payer_name
        return group_key(bill.first.group), name_key(name.reveal() if name else ""), bill.reference

    return sorted(bills, key=key)


def row_of(bill: BillView, now: datetime, today: date) -> ListRow:
    """One bill of the list."""
    owed = [line for line in bill.open_lines if line.notice.obligation == "due"]
    left = sum(line.left for line in owed)
    name, code = bill.first.payer_name, bill.first.payer_code
    return ListRow(
        payer_code=code.reveal() if code else "",
        payer_name=name.reveal() if name else "",
        group=bill.first.group,
        reference=bill.reference,
        owed=sum(line.notice.amount for line in owed),
        voluntary=sum(line.notice.amount for line in bill.open_lines if line.is_voluntary),
        paid=bill.paid,
        left=left,
        due_on=bill.due_on,
        is_overdue=bill.due_on is not None and bill.due_on < today,
        state=_state(bill, left, now),
    )


def _state(bill: BillView, left: int, now: datetime) -> ListState:
    kinds = {line.notice.obligation for line in bill.open_lines}
    if not kinds:
        return "cancelled"
    if "due" not in kinds:
        return "paid" if bill.paid else "deposit" if "deposit" in kinds else "voluntary"
    if not left:
        return "paid"
    if any(line.paid for line in bill.open_lines):
        return "part"
    return "unpaid" if bill.is_fresh(now) else "not_updated"


def counts(rows: Sequence[ListRow]) -> dict[str, int]:
    """How many bills are in each state, and the sums in đồng."""
    states: dict[str, int] = {}
    for row in rows:
        states[row.state] = states.get(row.state, 0) + 1
    return {
        **states,
        "owed_dong": sum(row.owed for row in rows),
        "paid_dong": sum(row.paid for row in rows),
        "left_dong": sum(row.left for row in rows),
    }
