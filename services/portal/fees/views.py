"""Rounds and bills in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import quote

from services.portal import words
from services.portal.fees.queries import Bill
from services.portal.payment.views import Reader
from services.portal.web.addresses import with_query

FRESH_FOR: Final = timedelta(days=1)
"""Beyond it nobody can say that somebody has not paid."""
NO_ROUND: Final = "-"
"""Stands in an address for notices of no round."""


@dataclass(frozen=True, slots=True)
class BillRow:
    """A bill as a line of a class list."""

    bill_id: str
    reference: str
    name: str
    code: str
    code_path: str
    group: str
    owed: int
    given: int
    paid: int
    left: int
    state: str
    state_words: str
    kind: str
    is_overdue: bool
    can_be_reminded: bool


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class as a line of the round's page."""

    name: str
    path: str
    count: int
    paid: int
    part: int
    unpaid: int
    left: int


def is_fresh(fresh_until: datetime | None, now: datetime) -> bool:
    """Whether the bank's data are young enough to say that something was not paid."""
    return fresh_until is not None and now - fresh_until <= FRESH_FOR


def bill_row(bill: Bill, reader: Reader, today: date, *, fresh: bool, site_id: str) -> BillRow:
    """A bill in words."""
    state = "not_updated" if bill.state == "unpaid" and not fresh else bill.state
    code = bill.payer_code.reveal() if bill.payer_code else ""
    return BillRow(
        bill_id=bill.bill_id,
        reference=bill.reference,
        name=reader.say(bill.payer_name) or words.PAYER_NONE,
        code=reader.say(bill.payer_code),
        code_path=f"/payers/{quote(site_id, safe='')}/{quote(code, safe='')}" if code else "",
        group=bill.group,
        owed=bill.owed,
        given=bill.given,
        paid=bill.paid,
        left=bill.left,
        state=bill.state,
        state_words=words.fees.STATES[state],
        kind=words.fees.STATE_KINDS.get(state, ""),
        is_overdue=bool(bill.left) and bill.due_on < today,
        can_be_reminded=bill.left > 0,
    )


def class_rows(bills: Sequence[Bill], site_id: str, round_name: str) -> list[ClassRow]:
    """How far each class has come."""
    classes: dict[str, list[Bill]] = {}
    for bill in bills:
        if bill.state != "cancelled":
            classes.setdefault(bill.group, []).append(bill)
    return [
        ClassRow(
            name=name or words.fees.NO_CLASS,
            path=round_path(site_id, round_name, group=name or NO_ROUND),
            count=len(each),
            paid=sum(bill.state == "paid" for bill in each),
            part=sum(bill.state == "part" for bill in each),
            unpaid=sum(bill.state == "unpaid" for bill in each),
            left=sum(bill.left for bill in each),
        )
        for name, each in sorted(classes.items(), key=lambda item: _class_key(item[0]))
    ]


def _class_key(name: str) -> tuple[int, str]:
    """Grade by grade: 2B before 10A."""
    digits = "".join(letter for letter in name if letter.isdigit())
    return (int(digits[:3]) if digits else 999, name)


def round_path(site_id: str, round_name: str, part: str = "", **query: str) -> str:
    """The page of a round, or a part of it. Rounds bear names such as "Tháng 11/2026", which no path can hold."""
    path = f"/fees/{quote(site_id, safe='')}/round{part}"
    return with_query(path, {"round": round_name or NO_ROUND, **query})
