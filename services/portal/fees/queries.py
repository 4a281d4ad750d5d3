"""Rounds, classes and bills, with how much of each is paid. Whoever may see a notice may see whether it is paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

import asyncpg

from shared.privacy import PayerCode, PersonName
from shared.runtime.postgres import Connection
from shared.vietnamese import sort_key

ROUNDS_SHOWN: Final = 12
BILLS_MAX: Final = 3_000
BillState = Literal["paid", "part", "unpaid", "voluntary", "deposit", "cancelled"]

# The newest rounds of a site, by notices_of_round; sums only of those that are shown. What is paid of each notice is looked up by
# allocations_of_notice, never by joining a site's notices to themselves: behind row-level security nobody can guess how many they are.
# An erased payer is one a bill.
ROUNDS = f"""
with newest as (
  select coalesce(round, '') as round, max(due_on) as due_on from notices where site_id = $1
  group by coalesce(round, '') order by max(issued_on) desc, max(due_on) desc limit {ROUNDS_SHOWN}
)
select newest.round, newest.due_on, count(distinct coalesce(n.payer_code, n.bill_id)) as payers,
  coalesce(sum(n.amount), 0)::bigint as asked,
  coalesce(sum(least(n.amount, p.paid)), 0)::bigint as paid,
  count(distinct coalesce(n.payer_code, n.bill_id)) filter (where p.paid < n.amount) as payers_owing
from newest
left join notices n on n.site_id = $1 and coalesce(n.round, '') = newest.round and n.status = 'open' and n.obligation = 'due'
left join lateral (
  select coalesce(sum(a.amount), 0)::bigint as paid from allocations a where a.notice_id = n.notice_id
) p on n.notice_id is not null
group by newest.round, newest.due_on order by newest.due_on desc, newest.round
"""

# A round's bills, by notices_of_round and allocations_of_notice: one statement, however many classes.
BILLS = f"""
select n.bill_id, min(n.reference) as reference, min(n.payer_code) as payer_code, min(n.payer_name) as payer_name,
  min(n.payer_group) as payer_group, max(n.due_on) as due_on,
  coalesce(sum(n.amount) filter (where n.status = 'open' and n.obligation = 'due'), 0)::bigint as owed,
  coalesce(sum(n.amount) filter (where n.status = 'open' and n.obligation <> 'due'), 0)::bigint as given,
  coalesce(sum(least(n.amount, p.paid)) filter (where n.status = 'open' and n.obligation = 'due'), 0)::bigint as paid,
  coalesce(sum(greatest(0, n.amount - p.paid)) filter (where n.status = 'open' and n.obligation = 'due'), 0)::bigint as left_dong,
  coalesce(sum(p.paid) filter (where n.status = 'open' and n.obligation <> 'due'), 0)::bigint as given_paid,
  bool_or(n.status = 'open' and n.obligation = 'due') as has_due,
  bool_or(n.status = 'open' and n.obligation = 'deposit') as has_deposit,
  bool_or(n.status = 'open') as is_open
from notices n
cross join lateral (
  select coalesce(sum(a.amount), 0)::bigint as paid from allocations a where a.notice_id = n.notice_id
) p
where n.site_id = $1 and coalesce(n.round, '') = $2 and ($3::text[] is null or n.payer_group = any($3))
group by n.bill_id
order by min(n.payer_group), n.bill_id limit {BILLS_MAX}
"""

# By entities_by_day: up to when the bank's data are known, whoever asks. Through a function, since a teacher sees no day.
FRESH = "select max(fresh_until) as fresh_until from site_freshness where site_id = $1"

# By notices_of_reference.
OF_REFERENCE = "select site_id, round, payer_name, payer_group, guardian_phone from notices where reference = $1 limit 1"

GROUPS = "select distinct payer_group from payers where site_id = $1 and payer_group is not null order by payer_group"


@dataclass(frozen=True, slots=True)
class Bill:
    """A payer's bill of a round, as the site's people see it."""

    bill_id: str
    reference: str
    payer_code: PayerCode | None
    payer_name: PersonName | None
    group: str
    due_on: date
    owed: int
    given: int
    """What is voluntary or a deposit, in đồng: nothing of it is missing."""
    paid: int
    """Of what is owed, in đồng: paid + left = owed, whatever was given besides."""
    left: int
    given_paid: int
    """What came of what is voluntary or a deposit, in đồng."""
    state: BillState


async def rounds(connection: Connection, site_id: str) -> list[asyncpg.Record]:
    """A site's newest rounds with their sums; the round without a name is ""."""
    return await connection.fetch(ROUNDS, site_id)


async def bills(connection: Connection, site_id: str, round_name: str, groups: Sequence[str] | None) -> list[Bill]:
    """A round's bills, class by class, by given name as class lists are."""
    found = [_bill(row) for row in await connection.fetch(BILLS, site_id, round_name, groups)]
    return sorted(found, key=_by_given_name)


async def fresh_until(connection: Connection, site_id: str) -> datetime | None:
    """Up to when the site's bank data are known."""
    moment: datetime | None = await connection.fetchval(FRESH, site_id)
    return moment


async def groups(connection: Connection, site_id: str) -> list[str]:
    """The classes of a site."""
    return [row["payer_group"] for row in await connection.fetch(GROUPS, site_id)]


def _by_given_name(bill: Bill) -> tuple[str, object, object, str]:
    name = bill.payer_name.reveal() if bill.payer_name else ""
    return bill.group, sort_key(name.rpartition(" ")[2]), sort_key(name), bill.bill_id


def _bill(row: asyncpg.Record) -> Bill:
    return Bill(
        row["bill_id"],
        row["reference"],
        PayerCode(row["payer_code"]) if row["payer_code"] else None,
        PersonName(row["payer_name"]) if row["payer_name"] else None,
        row["payer_group"] or "",
        row["due_on"],
        row["owed"],
        row["given"],
        row["paid"],
        row["left_dong"],
        row["given_paid"],
        _state(row),
    )


def _state(row: asyncpg.Record) -> BillState:
    if not row["is_open"]:
        return "cancelled"
    if not row["has_due"]:
        return "paid" if row["given_paid"] else "deposit" if row["has_deposit"] else "voluntary"
    if not row["left_dong"]:
        return "paid"
    return "part" if row["paid"] else "unpaid"
