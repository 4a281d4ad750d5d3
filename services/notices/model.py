"""What issuing notices changes: each one's bill, its obligation, and whether it differs from what stands. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from services.notices.fees.model import OTHER, Asked, FeeKind, FeeList
from services.notices.health import discreet, is_discreet
from services.notices.notice_rows import TERM_COLUMNS, NoticeRow
from services.notices.payers.model import Payer
from services.notices.terms import Terms
from shared.events import Notice, Site
from shared.money import MAX_DONG, format_dong
from shared.privacy import PayerCode, Personal
from shared.runtime.cells import CellError
from shared.runtime.tables import Rejected

_NAMESPACE: Final = uuid.UUID("6e0b1c1a-58a5-5d35-9b0c-4b484f503031")
"""Never changes: bill ids are derived under it, so that importing a file again finds the same bills."""
NOT_YET_ISSUED = ""
"""Stands where a reference will, until the new bill has one."""
ERASED: Final = "its payer was erased at their own request: it is kept for the books and named to nobody any more"
ERASED_BILL: Final = "this payer was erased, and with them their bill of this round; name another round"
_PAYER_COLUMNS: Final = frozenset({"payer_name", "group", "guardian_name", "guardian_phone", "unit_code"})


@dataclass(frozen=True, slots=True)
class Bill:
    """A payer's notices under one reference."""

    bill_id: str
    site_id: str
    payer_code: str | None
    """None: the payer was erased; nothing joins the bill any more."""
    reference: str | None
    """None: one is to be issued."""
    account_number: str | None = None
    """The account to pay to, where the fee kinds name one; None: the site's newest that is open."""


@dataclass(frozen=True, slots=True)
class Known:
    """What stands already about some rows."""

    notices: Mapping[str, Notice]
    bills_by_id: Mapping[str, Bill]
    bills_by_reference: Mapping[str, Bill]
    payers: Mapping[tuple[str, PayerCode], Payer] = field(default_factory=dict)
    terms: Mapping[str, Terms] = field(default_factory=dict)

    def has(self, bill: Bill) -> bool:
        """Whether this bill stands already."""
        return bill.bill_id in self.bills_by_id or (bill.reference or "") in self.bills_by_reference


@dataclass(frozen=True, slots=True)
class Amendment:
    """What differs in one field. Of personal texts only the field is told: an audit is no second copy of them."""

    column: str
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class Change:
    """A notice at its new version."""

    row: int
    notice: Notice
    """Of a new bill without a reference: it lacks it yet."""
    terms: Terms | None
    amended: tuple[Amendment, ...]
    """Empty where the notice is new."""

    @property
    def is_new(self) -> bool:
        """Whether this is the notice's first version."""
        return self.notice.version == 1


@dataclass(slots=True)
class Plan:
    """What issuing some rows does."""

    changes: list[Change] = field(default_factory=list)
    """In the order of notice ids."""
    new_bills: dict[str, Bill] = field(default_factory=dict)
    payers: dict[tuple[str, PayerCode], Payer] = field(default_factory=dict)
    """As those rows that change something tell of them."""
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    warnings: list[Rejected] = field(default_factory=list)
    """What is done, and may yet be a slip: a class that no payer of the site was in."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a site allows."""

    fees: FeeList
    sites: Mapping[str, Site]


def derived_bill_id(row: NoticeRow, account_number: str | None = None) -> str:
    """The bill that a row belongs to: by its reference, else by payer, round (or period, or due day) and account."""
    if row.reference is not None:
        return _identity("reference", row.reference)
    if row.round is not None:
        collecting = ("round", row.round)
    elif row.period is not None:
        collecting = ("period", row.period)
    else:
        collecting = ("due", row.due_on.isoformat())
    account = () if account_number is None else (account_number,)
    return _identity(row.site_id, row.payer_code, *collecting, row.virtual_account or "", *account)


def plan_issue(rows: Sequence[NoticeRow], given: AbstractSet[str], known: Known, rules: Rules, today: date) -> Plan:
    """Decide every row. `given` are the columns that the sender gave: what is not given stays as it is."""
    plan = Plan()
    bills_by_reference = dict(known.bills_by_reference)
    for row in rows:
        identity = (row.site_id, row.payer_code)
        payer = payer_of(row, given, plan.payers.get(identity) or known.payers.get(identity))
        try:
            change = _decide(row, given, known, payer, plan.new_bills, bills_by_reference, rules, today)
        except CellError as error:
            plan.rejected.append(Rejected(row.row, error.column, error.problem))
            continue
        if change is None:
            plan.unchanged += 1
            continue
        plan.changes.append(change)
        # An old list that is sent again must not move a pupil back into last year's class.
        if change.is_new or any(each.column in _PAYER_COLUMNS for each in change.amended):
            plan.payers[identity] = payer
    plan.changes.sort(key=lambda change: change.notice.notice_id)
    used = {change.notice.bill_id for change in plan.changes}
    plan.new_bills = {bill_id: bill for bill_id, bill in sorted(plan.new_bills.items()) if bill_id in used}
    return plan


def payer_of(row: NoticeRow, given: AbstractSet[str], known: Payer | None) -> Payer:
    """The payer as the row tells, and as known where it says nothing. Who gets a notice is active again."""
    told = {
        name: getattr(row if known is None or name in given else known, name)
        for name in ("group", "guardian_name", "guardian_phone", "unit_code")
    }
    return Payer(site_id=row.site_id, payer_code=row.payer_code, name=row.payer_name, **told)


def without_sums_too_large(plan: Plan, others: Mapping[str, int]) -> None:
    """Refuse what would make a bill ask more than a QR carries; `others`: what its other open notices ask, in đồng."""
    sums = dict(others)
    kept: list[Change] = []
    for change in plan.changes:
        notice = change.notice
        amount = notice.amount if notice.status == "open" else 0
        if amount and sums.get(notice.bill_id, 0) + amount > MAX_DONG:
            problem = f"makes the bill larger than a QR carries, {format_dong(MAX_DONG)}"
            plan.rejected.append(Rejected(change.row, "amount", problem))
            continue
        sums[notice.bill_id] = sums.get(notice.bill_id, 0) + amount
        kept.append(change)
    plan.changes = kept
    used = {change.notice.bill_id for change in kept}
    plan.new_bills = {bill_id: bill for bill_id, bill in plan.new_bills.items() if bill_id in used}


def with_references(changes: Iterable[Change], references: Mapping[str, str]) -> list[Change]:
    """The notices of new bills under the references that were issued for them."""
    return [
        change
        if change.notice.reference != NOT_YET_ISSUED
        else replace(change, notice=change.notice.model_copy(update={"reference": references[change.notice.bill_id]}))
        for change in changes
    ]


def _decide(
    row: NoticeRow,
    given: AbstractSet[str],
    known: Known,
    payer: Payer,
    new_bills: dict[str, Bill],
    bills_by_reference: dict[str, Bill],
    rules: Rules,
    today: date,
) -> Change | None:
    """The notice at its new version, or None where nothing changes. A new bill is noted in `new_bills`."""
    now = known.notices.get(row.notice_id)
    row = row if now is None else _after(now, row)
    if row.amount > MAX_DONG:
        raise CellError("amount", f"is more than a QR carries, {format_dong(MAX_DONG)}")
    values = _values(row, given, now, payer, today)
    if is_discreet(rules.sites.get(row.site_id)):
        values |= discreet(values["round"], values["period"])
    terms_before = known.terms.get(row.notice_id)
    keeps_terms = now is not None and not TERM_COLUMNS & given and row.amount == now.amount
    terms = terms_before if keeps_terms else row.terms
    kind = _allowed(row, values, terms, now, rules)
    if kind is None and now is not None and values["status"] == "cancelled":
        values |= {"obligation": now.obligation, "nature": now.nature, "priority": now.priority}
    else:
        values["obligation"] = "due" if kind is None else kind.obligation
        values["nature"] = None if kind is None else kind.nature
        values["priority"] = None if kind is None else kind.priority
    bill = _bill(row, now, known, new_bills, bills_by_reference, kind)
    notice = Notice(
        version=1 if now is None else now.version,
        bill_id=bill.bill_id,
        reference=bill.reference or NOT_YET_ISSUED,
        **values,
    )
    amended: tuple[Amendment, ...] = ()
    if now is not None:
        amended = amendments(now, notice, terms_before, terms)
        if not amended:
            return None
        notice = notice.model_copy(update={"version": now.version + 1})
    if not known.has(bill):
        new_bills[bill.bill_id] = bill
        if bill.reference is not None:
            bills_by_reference[bill.reference] = bill
    return Change(row.row, notice, terms, amended)


def _after(now: Notice, row: NoticeRow) -> NoticeRow:
    """What a row may still say of a notice that stands."""
    if now.site_id != row.site_id:
        raise CellError("notice_id", "is another site's notice; notice ids are unique over all sites")
    if now.payer_code is None:
        raise CellError("notice_id", ERASED)
    if now.settled is not None:
        # A list of before the settlement that is sent again must not ask for the deposit anew.
        return replace(row, amount=now.amount, status=now.status, cancelled_on=now.cancelled_on)
    return row


def _allowed(
    row: NoticeRow, values: Mapping[str, Any], terms: Terms | None, now: Notice | None, rules: Rules
) -> FeeKind | None:
    """The kind under which this is asked; raises CellError where the list or the law does not allow it.

    What is cancelled asks nothing, so nothing forbids it. What stands and does not grow was measured when it was issued: how its
    amount came about may be unknown now, where somebody lowered it by hand.
    """
    if values["status"] == "cancelled":
        return rules.fees.holding(row.site_id, values["fee_kind"], values["issued_on"])
    grows = now is None or now.status != "open" or row.amount > now.amount or values["fee_kind"] != now.fee_kind
    asked = Asked(
        fee_kind=values["fee_kind"],
        purpose=values["purpose"],
        issued_on=values["issued_on"],
        due_on=row.due_on,
        gross=(row.amount if terms is None else terms.gross) if grows or row.terms is not None else 0,
        days=None if terms is None else terms.days,
    )
    return rules.fees.allow(row.site_id, asked)


def amendments(
    before: Notice, after: Notice, terms_before: Terms | None, terms_after: Terms | None
) -> tuple[Amendment, ...]:
    """Which fields differ."""
    found = []
    if before != after:
        for name in type(before).model_fields:
            was, is_now = getattr(before, name), getattr(after, name)
            if was != is_now:
                shown = not isinstance(was, Personal) and not isinstance(is_now, Personal)
                found.append(Amendment(name, was, is_now) if shown else Amendment(name))
    if terms_before != terms_after:
        found.append(Amendment("terms"))
    return tuple(found)


def _values(row: NoticeRow, given: AbstractSet[str], now: Notice | None, payer: Payer, today: date) -> dict[str, Any]:
    """A notice's own fields: as the row says, and as they were where it says nothing."""
    values: dict[str, Any] = {
        name: getattr(now, name) if now is not None and name not in given else getattr(row, name)
        for name in ("period", "round", "virtual_account", "status")
    }
    for name in ("group", "guardian_name", "guardian_phone", "unit_code"):
        values[name] = getattr(now if now is not None and name not in given else payer, name)
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
        "settled": now.settled if now is not None else None,
    }


def _bill(
    row: NoticeRow,
    now: Notice | None,
    known: Known,
    new_bills: Mapping[str, Bill],
    bills_by_reference: Mapping[str, Bill],
    kind: FeeKind | None,
) -> Bill:
    """The row's bill. A notice keeps the bill that its payer may hold on paper, unless the row names another reference."""
    account = None if kind is None else kind.account_number
    if row.reference is not None:
        bill = bills_by_reference.get(row.reference)
        if bill is None:
            return Bill(derived_bill_id(row), row.site_id, row.payer_code.reveal(), row.reference, account)
        if (bill.site_id, bill.payer_code) != (row.site_id, row.payer_code.reveal()):
            raise CellError("reference", "is another payer's: one reference pays one payer's bill")
        if bill.account_number != account:
            raise CellError("reference", "is a bill of another account: this fee kind is collected in its own")
        return bill
    if now is not None and now.payer_code == row.payer_code:
        return known.bills_by_id[now.bill_id]
    bill_id = derived_bill_id(row, account)
    existing = known.bills_by_id.get(bill_id) or new_bills.get(bill_id)
    if existing is not None and existing.payer_code is None:
        raise CellError("round", ERASED_BILL)
    return existing or Bill(bill_id, row.site_id, row.payer_code.reveal(), None, account)


def _identity(*parts: str) -> str:
    # Personal texts show themselves masked when joined, and a separator keeps ("a", "bc") from ("ab", "c").
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(str.__str__(part) for part in parts)))
