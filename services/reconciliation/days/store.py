"""Days as published, and which have to be derived again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from services.reconciliation.days.figures import WEBHOOK_WAIT, columns_of
from services.reconciliation.days.findings import SUSPENSE_DAYS_MAX
from services.reconciliation.days.items import KEYS
from services.reconciliation.model import DayKey
from shared.events import ReconciliationDay
from shared.events.reconciliation import CASH_ACCOUNT
from shared.runtime.postgres import Connection

CLAIM_MAX = 1_000
"""Most touches that one pass works off: with a hundred movements a day it takes seconds, under every time limit."""

# Two passes at once could publish an older value over a newer one; commands about days and discrepancies take it too.
ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtext('reconciliation/day-book'))"

# By the primary key, oldest first.
CLAIM = """
delete from touched_days where id in (select id from touched_days order by id limit $1)
returning site_id, account, day, is_first_hand, traceparent
"""

# A first movement of a day, and any movement of a day that is over, can prove the days around it complete, or break their
# balances: unclosed days from the nearest day before it that has movements or ends a statement to the nearest after it that
# has or begins one. By transactions_of_day, statements_of_account, statements_beginning and days_unclosed_of_account.
TOUCH_AROUND = f"""
insert into touched_days (site_id, account, day, is_first_hand)
select distinct k.site_id, k.account, d.day, false
from {KEYS}
cross join lateral (
  select least(
      (select max(day) from transactions where site_id = k.site_id and account = k.account and day < k.day and counts),
      (select max(to_date) from statements where account = k.account and to_date <= k.day and site_id = k.site_id)
    ) as since,
    greatest(
      (select min(day) from transactions where site_id = k.site_id and account = k.account and day > k.day and counts),
      (select min(from_date) from statements where account = k.account and from_date > k.day and site_id = k.site_id)
    ) as until
) near
join days d on d.site_id = k.site_id and d.account = k.account and d.state <> 'closed' and d.day <> k.day
  and d.day between coalesce(near.since, k.day) and coalesce(near.until, k.day)
where k.day < $4::date or not exists (
  select from days own where own.site_id = k.site_id and own.day = k.day and own.account = k.account
    and own.moved_in + own.moved_out > 0)
"""

# The next day of an account, whose opening is what this one closed with. By days_of_account.
TOUCH_NEXT = f"""
insert into touched_days (site_id, account, day, is_first_hand)
select following.site_id, following.account, following.day, false
from {KEYS}
cross join lateral (
  select d.site_id, d.account, d.day, d.state from days d
  where d.site_id = k.site_id and d.account = k.account and d.day > k.day order by d.day limit 1
) following
where following.state <> 'closed'
"""

# The cash boxes of these bank days, and of the days from which deposits were found late on them. By placements_of_day.
TOUCH_BOXES = f"""
insert into touched_days (site_id, account, day, is_first_hand)
select k.site_id, '{CASH_ACCOUNT}', k.day, false from {KEYS}
union
select k.site_id, '{CASH_ACCOUNT}', p.home_day, false
from {KEYS} join placements p on p.day = k.day and p.site_id = k.site_id and p.account = k.account
"""

TOUCH = (
    f"insert into touched_days (site_id, account, day, is_first_hand) select k.site_id, k.account, k.day, false from {KEYS}"
)

# The days that are expected up to a new date. By the primary keys.
OPEN_EXPECTED = """
with watched as (
  select w.site_id, w.account, w.opened_to from watched_accounts w where w.opened_to < $1 for update
), touched as (
  insert into touched_days (site_id, account, day, is_first_hand)
  select distinct w.site_id, w.account, w.opened_to + days_on, false
  from watched w cross join lateral generate_series(1, $1::date - w.opened_to) days_on
)
update watched_accounts w set opened_to = $1 from watched where (w.site_id, w.account) = (watched.site_id, watched.account)
"""

# What a new date changes: days that are over now, days whose wait for webhooks is over, money that has waited too long. Where
# it is not known when it was looked at last ($2 null), every unclosed day. By days_unclosed and credits_in_suspense.
TOUCH_OVERDUE = f"""
insert into touched_days (site_id, account, day, is_first_hand)
select site_id, account, day, false from days
where state <> 'closed' and day < $1::date and ($2::date is null or day >= $2::date - {WEBHOOK_WAIT.days + 1})
union
select site_id, case channel when 'bank' then account else channel end, day, false from credits
where unidentified + to_return > 0 and direction = 'in' and site_id is not null and (channel <> 'bank' or account is not null)
  and day < $1::date - {SUSPENSE_DAYS_MAX} and ($2::date is null or day >= $2::date - {SUSPENSE_DAYS_MAX})
"""

# After a replay: also a day whose facts are gone must be looked at, and what is found nowhere any more. Nothing of it is
# news: what is done only at the first sight of a fact was done before.
TOUCH_ALL = """
insert into touched_days (site_id, account, day, is_first_hand)
select site_id, account, day, false from days
union
select coalesce(site_id, ''), account, day, false from discrepancies where account is not null and day is not null
"""
NOTHING_IS_NEWS = "update touched_days set is_first_hand = false where is_first_hand"

# The cash boxes of sites: until when each is closed, and its days that are not. By days_of_account and
# days_unclosed_of_account.
BOXES = """
select site_id, max(day) as day, true as is_closed from days
where site_id = any($1::text[]) and account = 'cash' and state = 'closed' group by site_id
union all
select site_id, day, false from days where site_id = any($1::text[]) and account = 'cash' and state <> 'closed'
"""

# By the primary key.
PUBLISHED = "select entity from days where key = any($1::text[])"

# By the unique key (site_id, day, account).
OF_SITE = "select entity from days where site_id = $1 and day = $2 order by account"

# What is open about accounts as long as nothing comes: days with missing messages, silences. By discrepancies_open_of_account.
QUIET = """
select distinct d.site_id, d.account, d.day, d.kind from discrepancies d
where d.account = any($1::text[]) and d.kind in ('missing_webhook', 'silent_site') and d.state = 'open'
  and d.site_id is not null
"""

# By the primary key.
PUT = """
insert into days (key, site_id, account, day, version, state, entity)
select * from unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::bigint[], $6::text[], $7::jsonb[])
on conflict (key) do update set version = excluded.version, state = excluded.state, entity = excluded.entity
"""


async def lock(connection: Connection) -> None:
    """Be the only one to write days and discrepancies until the transaction ends."""
    await connection.execute(ONE_AT_A_TIME)


async def touch_around(connection: Connection, keys: Sequence[DayKey], as_of: date) -> int:
    """Have days looked at again of which a movement on these days may say something; returns how many."""
    return _count(await connection.execute(TOUCH_AROUND, *columns_of(keys), as_of)) if keys else 0


async def touch_next(connection: Connection, keys: Sequence[DayKey]) -> int:
    """Have the day after each of these looked at again; returns how many."""
    return _count(await connection.execute(TOUCH_NEXT, *columns_of(keys))) if keys else 0


async def touch_boxes(connection: Connection, keys: Sequence[DayKey]) -> int:
    """Have the cash boxes of these bank days looked at again; returns how many."""
    return _count(await connection.execute(TOUCH_BOXES, *columns_of(keys))) if keys else 0


async def touch(connection: Connection, keys: Iterable[DayKey]) -> int:
    """Have these days looked at again; returns how many."""
    return _count(await connection.execute(TOUCH, *columns_of(sorted(keys))))


def _count(status: str) -> int:
    """The number of rows of a command's status, such as "INSERT 0 5"."""
    return int(status.rpartition(" ")[2])


async def open_expected(connection: Connection, as_of: date) -> None:
    """Have a row for each watched account on each date, whatever moves."""
    await connection.execute(OPEN_EXPECTED, as_of)


async def touch_overdue(connection: Connection, as_of: date, looked_at_on: date | None) -> None:
    """Have looked at again what means something else on a new date."""
    await connection.execute(TOUCH_OVERDUE, as_of, looked_at_on)


async def touch_all(connection: Connection) -> None:
    """Have every day looked at again that was ever published."""
    await connection.execute(NOTHING_IS_NEWS)
    await connection.execute(TOUCH_ALL)


async def published(connection: Connection, keys: Iterable[DayKey]) -> dict[DayKey, ReconciliationDay]:
    """These days as they were published last."""
    rows = await connection.fetch(PUBLISHED, [key.text for key in keys])
    days = [ReconciliationDay.model_validate(row["entity"]) for row in rows]
    return {DayKey(day.site_id, day.account, day.date): day for day in days}


async def days_of_site(connection: Connection, site_id: str, day: date) -> list[ReconciliationDay]:
    """A site's rows of one date."""
    return [ReconciliationDay.model_validate(row["entity"]) for row in await connection.fetch(OF_SITE, site_id, day)]


async def boxes(connection: Connection, sites: Iterable[str]) -> tuple[dict[str, date], set[DayKey]]:
    """Until when each of these sites' cash boxes is closed, and their days that are not."""
    rows = await connection.fetch(BOXES, sorted(sites))
    closed_until = {row["site_id"]: row["day"] for row in rows if row["is_closed"]}
    return closed_until, {DayKey(row["site_id"], CASH_ACCOUNT, row["day"]) for row in rows if not row["is_closed"]}


async def quiet(connection: Connection, accounts: Iterable[str]) -> tuple[set[DayKey], set[tuple[str, str]]]:
    """What ends when money is heard of again on these accounts: days with missing messages, and silent accounts."""
    rows = await connection.fetch(QUIET, sorted(set(accounts)))
    unheard = {DayKey(row["site_id"], row["account"], row["day"]) for row in rows if row["kind"] == "missing_webhook"}
    silent = {(row["site_id"], row["account"]) for row in rows if row["kind"] == "silent_site"}
    return unheard, silent


async def put(connection: Connection, days: Sequence[ReconciliationDay]) -> None:
    """Store days as they are published."""
    await connection.execute(
        PUT,
        [day.key for day in days],
        [day.site_id for day in days],
        [day.account for day in days],
        [day.date for day in days],
        [day.version for day in days],
        [day.state for day in days],
        [day.model_dump(mode="json") for day in days],
    )
