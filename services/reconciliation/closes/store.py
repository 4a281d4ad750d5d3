"""Signed closes, what they are made of, and what stands in their way."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from services.reconciliation.model import BLOCKING
from shared.runtime.postgres import Connection

COLUMNS = "close_id, site_id, kind, subject, first_day, last_day, figures, digest, signed_by, signed_at"

# By the unique key (site_id, day, account).
DAYS = "select entity from days where site_id = $1 and day between $2 and $3 order by account, day"

# What had to be paid of a round, what of it came, and what was given besides (voluntary fees and deposits, of which nothing can
# be missing); then both by the channel over which they came. By notices_of_round and allocations_of_notice.
ROUND = """
with issued as (
  select notice_id, amount, obligation = 'due' as is_due from notices where site_id = $1 and round = $2 and not is_cancelled
), paid as (
  select i.notice_id, i.amount, i.is_due, c.channel, c.day, a.amount as part
  from issued i join allocations a on a.notice_id = i.notice_id join credits c on c.credit_id = a.credit_id
), asked as (
  select count(*) as of_any_kind, count(*) filter (where is_due) as notices,
    coalesce(sum(amount) filter (where is_due), 0)::bigint as issued
  from issued
)
select (select of_any_kind from asked), (select notices from asked), (select issued from asked),
  coalesce(sum(part) filter (where is_due), 0)::bigint as collected,
  coalesce(sum(part) filter (where not is_due), 0)::bigint as given,
  coalesce(sum(part) filter (where channel = 'bank'), 0)::bigint as by_bank,
  coalesce(sum(part) filter (where channel = 'cash'), 0)::bigint as in_cash,
  coalesce(sum(part) filter (where channel = 'portal'), 0)::bigint as by_portal,
  coalesce(sum(part) filter (where channel = 'opening'), 0)::bigint as from_balance,
  (select count(*) from (
    select notice_id from paid where is_due group by notice_id, amount having sum(part) >= amount) settled) as settled,
  min(day) as first_day, max(day) as last_day
from paid
"""

# The days on which a round's money moved. By notices_of_round, allocations_of_notice and the primary keys.
DAYS_OF_ROUND = """
select distinct c.site_id, case c.channel when 'bank' then coalesce(t.account, c.account) else 'cash' end as account, c.day
from notices n
join allocations a on a.notice_id = n.notice_id
join credits c on c.credit_id = a.credit_id and c.channel in ('bank', 'cash') and c.site_id is not null
left join transactions t on t.transaction_id = c.credit_id
where n.site_id = $1 and n.round = $2 and not n.is_cancelled
"""

# Days that are not closed, and what is open about these days. By the unique key of days and discrepancies_open_of_account.
UNCLOSED = """
select k.account, k.day as date, coalesce(d.state, 'missing') as state
from unnest($1::text[], $2::text[], $3::date[]) as k(site_id, account, day)
left join days d on d.site_id = k.site_id and d.account = k.account and d.day = k.day
where d.state is distinct from 'closed' order by k.day, k.account limit $4
"""

STANDING = """
select d.discrepancy_id, d.kind, d.amount, d.account, d.day as date
from unnest($1::text[], $2::text[], $3::date[]) as k(site_id, account, day)
join discrepancies d on d.site_id = k.site_id and d.account = k.account and d.day = k.day
where d.state = 'open' and d.kind = any($4::text[]) order by d.day, d.account limit $5
"""

# Each date of each account that was watched then. By the primary keys.
EXPECTED = """
select distinct w.site_id, w.account, each.day::date as day
from watched_accounts w join site_accounts a using (site_id, account)
cross join lateral generate_series(
  greatest(w.since, a.valid_from, $2::date)::timestamp, least(coalesce(a.valid_to, $3::date), $3::date)::timestamp, interval '1 day'
) each(day)
where w.site_id = $1
"""

ADD = f"""
insert into closes ({COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (site_id, kind, subject) do nothing returning {COLUMNS}
"""

# By closes_of_site.
PAGE = f"""
select {COLUMNS} from closes where ($1::text[] is null or site_id = any($1::text[])) and close_id > $2
  and ($3::text is null or kind = $3)
order by close_id limit $4
"""

# By the unique key.
ONE = f"select {COLUMNS} from closes where site_id = $1 and kind = $2 and subject = $3"

DayOf = tuple[str, str, date]


async def days_of_month(connection: Connection, site_id: str, first: date, last: date) -> list[dict[str, Any]]:
    """A site's rows of a month as published."""
    return [row["entity"] for row in await connection.fetch(DAYS, site_id, first, last)]


async def expected_days(connection: Connection, site_id: str, first: date, last: date) -> list[DayOf]:
    """The rows that a site must have within these dates."""
    return [(row["site_id"], row["account"], row["day"]) for row in await connection.fetch(EXPECTED, site_id, first, last)]


async def round_figures(connection: Connection, site_id: str, name: str) -> dict[str, Any]:
    """What a round came to until now, in đồng; collected + given is the sum over the channels."""
    return dict(await connection.fetchrow(ROUND, site_id, name) or {})


async def days_of_round(connection: Connection, site_id: str, name: str) -> list[DayOf]:
    """The days on which a round's money moved."""
    rows = await connection.fetch(DAYS_OF_ROUND, site_id, name)
    return [(row["site_id"], row["account"], row["day"]) for row in rows]


async def hindrances(connection: Connection, days: list[DayOf], limit: int) -> dict[str, list[dict[str, Any]]]:
    """What of these days is not closed, and what differs about them; named, at most `limit` of each."""
    columns = [[day[index] for day in days] for index in range(3)]
    unclosed = await connection.fetch(UNCLOSED, *columns, limit)
    standing = await connection.fetch(STANDING, *columns, sorted(BLOCKING), limit)
    return {"days": [_named(row) for row in unclosed], "discrepancies": [_named(row) for row in standing]}


def _named(row: Any) -> dict[str, Any]:
    return {**dict(row), "date": row["date"].isoformat()}


async def add(connection: Connection, *values: str | date | datetime | dict[str, Any]) -> dict[str, Any] | None:
    """Keep a signed close; None where this was signed before."""
    row = await connection.fetchrow(ADD, *values)
    return None if row is None else dict(row)


async def page(
    connection: Connection, sites: list[str] | None, after: str, kind: str | None, limit: int
) -> list[dict[str, Any]]:
    """Closes in the order in which they were signed."""
    return [dict(row) for row in await connection.fetch(PAGE, sites, after, kind, limit)]


async def one(connection: Connection, site_id: str, kind: str, subject: str) -> dict[str, Any] | None:
    """A signed close."""
    row = await connection.fetchrow(ONE, site_id, kind, subject)
    return None if row is None else dict(row)
