"""What is read of days: lists for people, and pages to publish them again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.reconciliation.days.items import ITEM
from shared.events import ReconciliationDay
from shared.runtime.postgres import Connection

# By the unique key (site_id, day, account).
DAYS_BETWEEN = "select entity from days where site_id = $1 and day between $2 and $3 order by day, account"

# By the primary key.
SITE_EXISTS = "select exists (select from sites where site_id = $1)"

# By the primary key.
PAGE_OF_DAYS = "select entity from days where key > $1 order by key limit $2 for share"

# By the primary key.
ONE_DAY = "select entity from days where key = $1"

# What was found late and counts on a day. By placements_of_day and the keys of bookings and items.
LATE_ITEMS = f"""
select p.item_id, p.home_day, p.placed_at,
  coalesce(i.credits, 0) - b.credits as credits, coalesce(i.debits, 0) - b.debits as debits,
  coalesce(i.allocated, 0) - b.allocated as allocated, coalesce(i.suspense, 0) - b.suspense as suspense,
  coalesce(i.cash, 0) - b.cash as cash, coalesce(i.deposits, 0) - b.deposits as deposits
from placements p
left join lateral ({ITEM}) i on true
cross join lateral (
  select coalesce(sum(b.credits), 0)::bigint as credits, coalesce(sum(b.debits), 0)::bigint as debits,
    coalesce(sum(b.allocated), 0)::bigint as allocated, coalesce(sum(b.suspense), 0)::bigint as suspense,
    coalesce(sum(b.cash), 0)::bigint as cash, coalesce(sum(b.deposits), 0)::bigint as deposits
  from bookings b where b.item_id = p.item_id and b.site_id = p.site_id and b.account = p.account and p.is_open
) b
where p.site_id = $1 and p.account = $2 and p.day = $3 and p.is_open
union all
select p.item_id, p.home_day, p.placed_at, b.credits, b.debits, b.allocated, b.suspense, b.cash, b.deposits
from placements p join bookings b using (item_id, site_id, account, day)
where p.site_id = $1 and p.account = $2 and p.day = $3 and not p.is_open
order by home_day, item_id limit $4
"""

# How fresh each account's data are and which days wait. By watched_accounts' key, days_of_account and
# days_unclosed_of_account.
ACCOUNTS = """
select w.site_id, w.account, w.since, fresh.fresh_until, fresh.known_by, unclosed.days as unclosed_days, unclosed.oldest
from watched_accounts w
cross join lateral (
  select max((d.entity ->> 'fresh_until')::timestamptz) as fresh_until,
    case when bool_or(d.entity ->> 'bank_credits' is not null) then 'statement'
      when bool_or(d.entity ->> 'fresh_until' is not null) then 'webhook' end as known_by
  from (
    select entity from days where site_id = w.site_id and account = w.account order by day desc limit 62
  ) d
) fresh
cross join lateral (
  select count(*) as days, min(day) as oldest from days
  where site_id = w.site_id and account = w.account and state <> 'closed' and day < $3
) unclosed
where ($1::text[] is null or w.site_id = any($1::text[])) and (w.site_id, w.account) > ($2::text, $4::text)
order by w.site_id, w.account limit $5
"""


async def days_between(connection: Connection, site_id: str, first: date, last: date) -> list[dict[str, Any]]:
    """A site's days as published, by date and account."""
    return [row["entity"] for row in await connection.fetch(DAYS_BETWEEN, site_id, first, last)]


async def site_exists(connection: Connection, site_id: str) -> bool:
    """Whether directory told of this site."""
    return bool(await connection.fetchval(SITE_EXISTS, site_id))


async def one_day(connection: Connection, key: str) -> dict[str, Any] | None:
    """A day as published."""
    entity: dict[str, Any] | None = await connection.fetchval(ONE_DAY, key)
    return entity


async def late_items(connection: Connection, site_id: str, account: str, day: date, limit: int) -> list[dict[str, Any]]:
    """What was found late and counts on a day: which movement, whose day it was, by how much."""
    return [dict(row) for row in await connection.fetch(LATE_ITEMS, site_id, account, day, limit)]


async def accounts(
    connection: Connection, sites: list[str] | None, after: tuple[str, str], today: date, limit: int
) -> list[dict[str, Any]]:
    """Watched accounts with how fresh their data are and which days are not closed."""
    site_id, account = after
    return [dict(row) for row in await connection.fetch(ACCOUNTS, sites, site_id, today, account, limit)]


async def page_of_days(connection: Connection, after: str, limit: int) -> Sequence[ReconciliationDay]:
    """The next days in the order of their keys."""
    return [ReconciliationDay.model_validate(row["entity"]) for row in await connection.fetch(PAGE_OF_DAYS, after, limit)]
