"""Reading bills: their notices, what is paid of each, their site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from services.notices.bills.model import BillLine, BillView, Payment, Returned, paid_by_notice
from services.notices.terms import Terms
from shared.events import Notice, Site

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection

_BILLS = """
select bill_id, reference, account_number, link_token, bills.site_id, sites.entity as site, fresh_until
from bills join sites using (site_id) left join bank_freshness using (site_id)
"""
# Each by a unique index; a round's by bills_site_round.
BY_TOKEN = f"{_BILLS} where link_token = any($1::text[])"
BY_REFERENCE = f"{_BILLS} where reference = any($1::text[])"
BY_ID = f"{_BILLS} where bill_id = any($1::text[])"

# By notices_bill and payments_notice.
NOTICES = """
select bill_id, entity::text as entity, terms from notices where bill_id = any($1::text[]) order by notice_id
"""
PAYMENTS = """
select bill_id, credit_id, notice_id, payments.amount, occurred_at, channel
from notices join payments using (notice_id)
where bill_id = any($1::text[]) order by occurred_at, credit_id, allocation_id
"""

# By notices_bill, returned_notice and the primary keys. A credit for several bills (a teacher's lump sum) tells its payer's business.
RETURNED = """
select distinct bill_id, credit_id, returned.amount, paid_at, returned_at
from notices join returned using (notice_id)
where bill_id = any($1::text[]) and not exists (
  select from returned as beside join notices as elsewhere using (notice_id)
  where beside.credit_id = returned.credit_id and elsewhere.bill_id <> notices.bill_id
)
order by paid_at, credit_id
"""

# By the primary keys.
RESTRICTED = """
select bill_id from bills join payers using (site_id, payer_code) where bill_id = any($1::text[]) and restricted_at is not null
"""
# By the primary key.
IS_ERASED = "select payer_code is null from bills where bill_id = $1"
REPLACE_LINK = "update bills set link_token = $2 where bill_id = $1"


async def by_token(connection: Connection, token: str) -> BillView | None:
    """The bill whose public page has this address."""
    return next(iter(await _views(connection, await connection.fetch(BY_TOKEN, [token]))), None)


async def by_reference(connection: Connection, reference: str) -> BillView | None:
    """The bill with this reference."""
    return next(iter(await _views(connection, await connection.fetch(BY_REFERENCE, [reference]))), None)


async def by_id(connection: Connection, bill_ids: Sequence[str]) -> list[BillView]:
    """These bills, in the order of their ids."""
    return await _views(connection, await connection.fetch(BY_ID, sorted(set(bill_ids))))


async def restricted(connection: Connection, bill_ids: Sequence[str]) -> set[str]:
    """Those of these bills whose payers ask not to be reminded, nor printed with others."""
    return {row["bill_id"] for row in await connection.fetch(RESTRICTED, bill_ids)}


async def is_erased(connection: Connection, bill_id: str) -> bool:
    """Whether the bill's payer was erased."""
    erased: bool = await connection.fetchval(IS_ERASED, bill_id)
    return erased


async def replace_link(connection: Connection, bill_id: str, token: str | None) -> None:
    """Give a bill's page another address, or none: the old one is dead from now on."""
    await connection.execute(REPLACE_LINK, bill_id, token)


async def _views(connection: Connection, rows: Sequence[Any]) -> list[BillView]:
    bill_ids = [row["bill_id"] for row in rows]
    notices: dict[str, list[Any]] = {bill_id: [] for bill_id in bill_ids}
    payments: dict[str, list[Payment]] = {bill_id: [] for bill_id in bill_ids}
    returned: dict[str, list[Returned]] = {bill_id: [] for bill_id in bill_ids}
    if bill_ids:
        for each in await connection.fetch(NOTICES, bill_ids):
            notices[each["bill_id"]].append(each)
        for each in await connection.fetch(PAYMENTS, bill_ids):
            payments[each["bill_id"]].append(
                Payment(each["credit_id"], each["notice_id"], each["amount"], each["occurred_at"], each["channel"])
            )
        for each in await connection.fetch(RETURNED, bill_ids):
            returned[each["bill_id"]].append(
                Returned(each["credit_id"], each["amount"], each["paid_at"], each["returned_at"])
            )
    # A bill all of whose notices went to another bill has nothing to show.
    return [
        _view(row, notices[row["bill_id"]], payments[row["bill_id"]], returned[row["bill_id"]])
        for row in sorted(rows, key=lambda row: row["bill_id"])
        if notices[row["bill_id"]]
    ]


def _view(row: Any, notices: Sequence[Any], payments: Sequence[Payment], returned: Sequence[Returned]) -> BillView:
    paid = paid_by_notice(payments)
    lines = []
    for each in notices:
        notice = Notice.model_validate_json(each["entity"])
        terms = None if each["terms"] is None else Terms.from_json(each["terms"])
        lines.append(BillLine(notice, paid.get(notice.notice_id, 0), terms))
    return BillView(
        bill_id=row["bill_id"],
        reference=row["reference"],
        account_number=row["account_number"],
        link_token=row["link_token"],
        site=Site.model_validate(row["site"]),
        lines=tuple(lines),
        payments=tuple(payments),
        fresh_until=row["fresh_until"],
        returned=tuple(returned),
    )
