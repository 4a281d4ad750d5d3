"""What an import of notices changes: each one's bill, its obligation, and whether it differs from what stands. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from services.notices.fee_kinds import OTHER, FeeList
from services.notices.notice_rows import NoticeRow
from shared.events import Notice
from shared.runtime.cells import CellError
from shared.runtime.tables import Rejected

_NAMESPACE: Final = uuid.UUID("6e0b1c1a-58a5-5d35-9b0c-4b484f503031")
"""Never changes: bill ids are derived under it, so that importing a file again finds the same bills."""
NOT_YET_ISSUED = ""
"""Stands where a reference will, until the new bill has one."""


@dataclass(frozen=True, slots=True)
class Bill:
    """A payer's notices under one reference."""

    bill_id: str
    site_id: str
    payer_code: str
    reference: str | None
    """None: one is to be issued."""


@dataclass(frozen=True, slots=True)
class Known:
    """What stands already about the rows of a file."""

    notices: Mapping[str, Notice]
    bills_by_id: Mapping[str, Bill]
    bills_by_reference: Mapping[str, Bill]


@dataclass(slots=True)
class Plan:
    """What an import does."""

    changed: list[Notice] = field(default_factory=list)
    """At their new versions; those of new bills without a reference lack it yet."""
    new_bills: dict[str, Bill] = field(default_factory=dict)
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)


def derived_bill_id(row: NoticeRow) -> str:
    """The bill that a row belongs to: by its reference, else by payer, round (or period, or due day) and account."""
    if row.reference is not None:
        return _identity("reference", row.reference)
    if row.round is not None:
        collecting = ("round", row.round)
    elif row.period is not None:
        collecting = ("period", row.period)
    else:
        collecting = ("due", row.due_on.isoformat())
    return _identity(row.site_id, row.payer_code, *collecting, row.virtual_account or "")


def plan_import(rows: Sequence[NoticeRow], given: AbstractSet[str], known: Known, fees: FeeList, today: date) -> Plan:
    """Decide every row. `given` are the columns that the file has: what it lacks stays as it is."""
    plan = Plan()
    bills_by_reference = dict(known.bills_by_reference)
    for row in rows:
        try:
            notice = _decide(row, given, known, plan.new_bills, bills_by_reference, fees, today)
        except CellError as error:
            plan.rejected.append(Rejected(row.row, error.column, error.problem))
            continue
        if notice is None:
            plan.unchanged += 1
        else:
            plan.changed.append(notice)
    plan.changed.sort(key=lambda notice: notice.notice_id)
    used = {notice.bill_id for notice in plan.changed}
    plan.new_bills = {bill_id: bill for bill_id, bill in sorted(plan.new_bills.items()) if bill_id in used}
    return plan


def with_references(notices: Iterable[Notice], references: Mapping[str, str]) -> list[Notice]:
    """The notices of new bills under the references that were issued for them."""
    return [
        notice if notice.reference != NOT_YET_ISSUED else notice.model_copy(update={"reference": references[notice.bill_id]})
        for notice in notices
    ]


def _decide(
    row: NoticeRow,
    given: AbstractSet[str],
    known: Known,
    new_bills: dict[str, Bill],
    bills_by_reference: dict[str, Bill],
    fees: FeeList,
    today: date,
) -> Notice | None:
    """The notice at its new version, or None where nothing changes. A new bill is noted in `new_bills`."""
    now = known.notices.get(row.notice_id)
    if now is not None and now.site_id != row.site_id:
        raise CellError("notice_id", "is another site's notice; notice ids are unique over all sites")
    values = _values(row, given, now, today)
    values["obligation"] = fees.obligation(row.site_id, values["fee_kind"], values["issued_on"], row.amount)
    bill = _bill(row, now, known, new_bills, bills_by_reference)
    notice = Notice(
        version=1 if now is None else now.version,
        bill_id=bill.bill_id,
        reference=bill.reference or NOT_YET_ISSUED,
        **values,
    )
    if now is not None:
        if notice == now:
            return None
        notice = notice.model_copy(update={"version": now.version + 1})
    if bill.bill_id not in known.bills_by_id:
        new_bills[bill.bill_id] = bill
        if bill.reference is not None:
            bills_by_reference[bill.reference] = bill
    return notice


def _values(row: NoticeRow, given: AbstractSet[str], now: Notice | None, today: date) -> dict[str, Any]:
    """A notice's own fields: as the file says, and as they were where it says nothing."""
    values: dict[str, Any] = {
        name: getattr(now, name) if now is not None and name not in given else getattr(row, name)
        for name in ("group", "guardian_name", "guardian_phone", "period", "round", "virtual_account", "unit_code", "status")
    }
    status = values["status"]
    kept_day = now.cancelled_on if now is not None and now.status == "cancelled" else None
    return values | {
        "notice_id": row.notice_id,
        "site_id": row.site_id,
        "payer_code": row.payer_code,
        "payer_name": row.payer_name,
        "purpose": row.purpose,
        "amount": row.amount,
        "due_on": row.due_on,
        # An empty day says "the day it was issued", which for a known notice is known.
        "issued_on": row.issued_on or (now.issued_on if now is not None else today),
        "fee_kind": (now.fee_kind if now is not None and "fee_kind" not in given else row.fee_kind) or OTHER,
        "cancelled_on": (row.cancelled_on or kept_day or today) if status == "cancelled" else None,
        "link_opened_at": now.link_opened_at if now is not None else None,
        "helper_declared_at": now.helper_declared_at if now is not None else None,
    }


def _bill(
    row: NoticeRow,
    now: Notice | None,
    known: Known,
    new_bills: Mapping[str, Bill],
    bills_by_reference: Mapping[str, Bill],
) -> Bill:
    """The row's bill. A notice keeps the bill that its payer may hold on paper, unless the file names another reference."""
    if row.reference is not None:
        bill = bills_by_reference.get(row.reference)
        if bill is None:
            return Bill(derived_bill_id(row), row.site_id, row.payer_code.reveal(), row.reference)
        if (bill.site_id, bill.payer_code) != (row.site_id, row.payer_code.reveal()):
            raise CellError("reference", "is another payer's: one reference pays one payer's bill")
        return bill
    if now is not None and now.payer_code == row.payer_code:
        return known.bills_by_id[now.bill_id]
    bill_id = derived_bill_id(row)
    existing = known.bills_by_id.get(bill_id) or new_bills.get(bill_id)
    return existing or Bill(bill_id, row.site_id, row.payer_code.reveal(), None)


def _identity(*parts: str) -> str:
    # Personal texts show themselves masked when joined, and a separator keeps ("a", "bc") from ("ab", "c").
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(str.__str__(part) for part in parts)))
