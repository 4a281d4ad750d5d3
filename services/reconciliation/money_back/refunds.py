"""Refunds as they are kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from services.reconciliation.paging import by_id
from shared.runtime.postgres import Connection

COLUMNS = (
    "refund_id, version, site_id, credit_id, credit_amount, amount, why, way, state, to_account, to_bank, to_name, proposed_by,"
    " proposed_at, decided_by, decided_at, decision_note, list_id, paid_by_transaction, handed_by, document_number, paid_on,"
    " paid_at, told_at, notice_id"
)

# What a refund of a credit may still take, and where it would go: only the account that paid. Under the credit's lock, so
# that two clerks cannot both take the same money. By the primary keys and refunds_of_credit.
LOCK_CREDIT = "select pg_advisory_xact_lock(hashtextextended('refund/' || $1, 0))"
CREDIT = """
select c.credit_id, c.site_id, c.amount, c.channel, c.direction, c.day, c.unidentified + c.balance + c.to_return as free,
  t.counter_account, t.counter_bank, t.counter_name,
  (select coalesce(sum(r.amount), 0)::bigint from refunds r
    where r.credit_id = c.credit_id and r.state in ('proposed', 'approved', 'listed', 'paid')) as promised,
  (select coalesce(sum(r.amount), 0)::bigint from refunds r
    where r.credit_id = c.credit_id and r.state not in ('refused', 'withdrawn')) as taken
from credits c left join transactions t on t.transaction_id = c.credit_id
where c.credit_id = $1
"""

PROPOSE = f"""
insert into refunds (refund_id, version, site_id, credit_id, credit_amount, amount, why, way, state, to_account, to_bank,
  to_name, proposed_by, proposed_at, left_of, notice_id)
values ($1, 1, $2, $3, $4, $5, $6, $7, 'proposed', $8, $9, $10, $11, $12, $13, $14)
on conflict (left_of) do nothing returning {COLUMNS}
"""

# The deposit of which this credit has something left, the newest. By refunds_of_deposit_credit.
DEPOSIT_LEFT = """
select notice_id from refunds where credit_id = $1 and notice_id is not null order by refund_id desc limit 1
"""

LOAD = f"select {COLUMNS} from refunds where refund_id = $1"
LOCK = f"{LOAD} for update"

DECIDE = f"""
update refunds set version = version + 1, state = $2, decided_by = $3, decided_at = $4, decision_note = $5
where refund_id = $1 returning {COLUMNS}
"""

HAND_OVER = f"""
update refunds set version = version + 1, state = 'paid', handed_by = $2, document_number = $3, paid_on = $4, paid_at = $5
where refund_id = $1 returning {COLUMNS}
"""

# What is given up needs no account number any more.
WITHDRAW = f"""
update refunds set version = version + 1, state = 'withdrawn', decision_note = $2, to_account = null, to_bank = null,
  to_name = null
where refund_id = $1 returning {COLUMNS}
"""

ADD_LIST = "insert into payment_lists (list_id, site_id, made_by, made_at) values ($1, $2, $3, $4)"

# By refunds_of_site.
LIST_APPROVED = f"""
update refunds set version = version + 1, state = 'listed', list_id = $2
where site_id = $1 and state = 'approved' and way = 'transfer' returning {COLUMNS}
"""

# By refunds_of_site, or by refunds_of_notice; when they were put into a list by the lists' primary key.
PAGE = f"""
select {COLUMNS}, made_at as listed_at, made_by as listed_by
from refunds left join (select list_id as made, made_by, made_at from payment_lists) l on l.made = refunds.list_id
where ($1::text[] is null or site_id = any($1::text[])) and {{}} and ($3::text is null or state = $3)
  and ($5::text[] is null or notice_id = any($5::text[])) and ($6::text is null or credit_id = $6)
order by {{}} limit $4
"""

# By payment_lists_of_site and refunds_of_list.
LISTS = """
select l.list_id, l.site_id, l.made_by, l.made_at, sums.refunds, sums.amount, sums.unpaid
from payment_lists l
cross join lateral (
  select count(*) as refunds, coalesce(sum(amount), 0)::bigint as amount, count(*) filter (where state = 'listed') as unpaid
  from refunds r where r.list_id = l.list_id
) sums
where ($1::text[] is null or l.site_id = any($1::text[])) and {} order by {} limit $3
"""

ONE_LIST = "select list_id, site_id, made_by, made_at from payment_lists where list_id = $1"
OF_LIST = f"select {COLUMNS} from refunds where list_id = $1 order by refund_id"


async def credit_for_refund(connection: Connection, credit_id: str) -> dict[str, Any] | None:
    """A credit with what of it is free to go back, under its lock."""
    await connection.execute(LOCK_CREDIT, credit_id)
    row = await connection.fetchrow(CREDIT, credit_id)
    return None if row is None else dict(row)


async def propose(connection: Connection, **values: Any) -> dict[str, Any]:
    """Keep a proposed refund; nothing, where what a settlement left was proposed already."""
    names = (
        "refund_id", "site_id", "credit_id", "credit_amount", "amount", "why", "way", "to_account", "to_bank", "to_name",
        "proposed_by", "proposed_at", "left_of", "notice_id",
    )  # fmt: skip
    return dict(await connection.fetchrow(PROPOSE, *[values.get(name) for name in names]) or {})


async def deposit_left(connection: Connection, credit_id: str) -> str | None:
    """The notice of the deposit of which this credit has something left; None where no settlement left anything of it."""
    notice_id: str | None = await connection.fetchval(DEPOSIT_LEFT, credit_id)
    return notice_id


async def load(connection: Connection, refund_id: str, *, lock: bool = False) -> dict[str, Any] | None:
    """A refund as it is kept."""
    row = await connection.fetchrow(LOCK if lock else LOAD, refund_id)
    return None if row is None else dict(row)


async def decide(
    connection: Connection, refund_id: str, state: str, person: str, at: datetime, note: str | None
) -> dict[str, Any]:
    """Approve or refuse."""
    return dict(await connection.fetchrow(DECIDE, refund_id, state, person, at, note) or {})


async def withdraw(connection: Connection, refund_id: str, note: str | None) -> dict[str, Any]:
    """Give a refund up that was not paid."""
    return dict(await connection.fetchrow(WITHDRAW, refund_id, note) or {})


async def hand_over(
    connection: Connection, refund_id: str, person: str, document_number: str, day: date, at: datetime
) -> dict[str, Any]:
    """Note that the payer has the cash and signed for it."""
    return dict(await connection.fetchrow(HAND_OVER, refund_id, person, document_number, day, at) or {})


async def make_list(connection: Connection, list_id: str, site_id: str, person: str, at: datetime) -> list[dict[str, Any]]:
    """Put all approved transfers of a site into a payment list; none where there are none."""
    rows = await connection.fetch(LIST_APPROVED, site_id, list_id)
    if rows:
        await connection.execute(ADD_LIST, list_id, site_id, person, at)
    return [dict(row) for row in rows]


async def page(
    connection: Connection,
    sites: list[str] | None,
    after: str,
    state: str | None,
    limit: int,
    notices: list[str] | None = None,
    credit_id: str | None = None,
    *,
    newest: bool,
) -> list[dict[str, Any]]:
    """Refunds in the order in which they were proposed, or (`newest`) against it.

    `notices`: only what is left of these deposits; `credit_id`: only of this credit.
    """
    by = by_id("refund_id", newest=newest)
    rows = await connection.fetch(PAGE.format(*by), sites, after, state, limit, notices, credit_id)
    return [dict(row) for row in rows]


async def lists(
    connection: Connection, sites: list[str] | None, after: str, limit: int, *, newest: bool
) -> list[dict[str, Any]]:
    """Payment lists with their sums, in the order in which they were made, or (`newest`) against it."""
    rows = await connection.fetch(LISTS.format(*by_id("list_id", newest=newest)), sites, after, limit)
    return [dict(row) for row in rows]


async def one_list(connection: Connection, list_id: str) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
    """A payment list and its refunds."""
    row = await connection.fetchrow(ONE_LIST, list_id)
    if row is None:
        return None
    return dict(row), [dict(each) for each in await connection.fetch(OF_LIST, list_id)]
