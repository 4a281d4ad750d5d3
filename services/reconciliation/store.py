"""The facts: every entity at its newest version, and the days that a change of it touches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from shared.clock import local_day
from shared.events import BankStatement, BankTransaction, Credit, Notice, Site
from shared.events.reconciliation import CASH_ACCOUNT
from shared.runtime.consumer import Received
from shared.runtime.postgres import Connection

STATEMENT_SPAN_MAX = timedelta(days=400)
"""Longer than a year's statement; each covered day becomes a row."""

# Touches the day on which a transaction stands now and the one on which it stood before; an older version touches nothing.
# By the primary key.
PUT_TRANSACTIONS = """
with incoming as (
  select * from unnest(
    $1::text[], $2::bigint[], $3::text[], $4::text[], $5::date[], $6::text[], $7::bigint[], $8::boolean[], $9::timestamptz[],
    $10::text[]
  ) as i(transaction_id, version, site_id, account, day, direction, amount, counts, received_at, traceparent)
), before as (
  select t.transaction_id, t.site_id, t.account, t.day from transactions t join incoming using (transaction_id)
), changed as (
  insert into transactions as t
  select transaction_id, version, site_id, account, day, direction, amount, counts, received_at
  from incoming order by transaction_id
  on conflict (transaction_id) do update set
    version = excluded.version, site_id = excluded.site_id, account = excluded.account, day = excluded.day,
    direction = excluded.direction, amount = excluded.amount, counts = excluded.counts, received_at = excluded.received_at
  where excluded.version > t.version
  returning t.transaction_id, t.site_id, t.account, t.day
)
insert into touched_days (site_id, account, day, traceparent)
select touched.site_id, touched.account, touched.day, incoming.traceparent
from (select * from changed union select before.* from before join changed using (transaction_id)) touched
join incoming using (transaction_id)
where touched.site_id is not null
"""

# Touches the day of the transaction that the credit decides, the credit's own (the two may be stored at the same moment by
# two replicas, and neither sees the other), and for cash the day before and after. By the primary keys.
PUT_CREDITS = f"""
with incoming as (
  select * from unnest(
    $1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[], $8::bigint[], $9::bigint[],
    $10::bigint[], $11::text[]
  ) as i(credit_id, version, site_id, account, channel, direction, day, amount, allocated, suspense, traceparent)
), before as (
  select c.credit_id, c.site_id, c.account, c.channel, c.day from credits c join incoming using (credit_id)
), changed as (
  insert into credits as c
  select credit_id, version, site_id, account, channel, direction, day, amount, allocated, suspense
  from incoming order by credit_id
  on conflict (credit_id) do update set
    version = excluded.version, site_id = excluded.site_id, account = excluded.account, channel = excluded.channel,
    direction = excluded.direction, day = excluded.day, amount = excluded.amount, allocated = excluded.allocated,
    suspense = excluded.suspense
  where excluded.version > c.version
  returning c.credit_id, c.site_id, c.account, c.channel, c.day
), own as (
  select * from changed union select before.* from before join changed using (credit_id)
), touched as (
  select credit_id, site_id, case channel when 'cash' then '{CASH_ACCOUNT}' else account end as account, day
  from own where channel in ('cash', 'bank')
  union
  select changed.credit_id, t.site_id, t.account, t.day
  from changed join transactions t on t.transaction_id = changed.credit_id
)
insert into touched_days (site_id, account, day, traceparent)
select touched.site_id, touched.account, touched.day, incoming.traceparent
from touched join incoming using (credit_id)
where touched.site_id is not null and touched.account is not null
"""

# Touches every day that the statement covers or covered. By the primary key.
PUT_STATEMENTS = """
with incoming as (
  select * from unnest(
    $1::text[], $2::bigint[], $3::text[], $4::text[], $5::date[], $6::date[], $7::bigint[], $8::bigint[], $9::bigint[],
    $10::bigint[], $11::text[]
  ) as i(statement_id, version, site_id, account, from_date, to_date, opening, credits, debits, closing, traceparent)
), before as (
  select s.statement_id, s.site_id, s.account, s.from_date, s.to_date from statements s join incoming using (statement_id)
), changed as (
  insert into statements as s
  select statement_id, version, site_id, account, from_date, to_date, opening, credits, debits, closing
  from incoming order by statement_id
  on conflict (statement_id) do update set
    version = excluded.version, site_id = excluded.site_id, account = excluded.account, from_date = excluded.from_date,
    to_date = excluded.to_date, opening = excluded.opening, credits = excluded.credits, debits = excluded.debits,
    closing = excluded.closing
  where excluded.version > s.version
  returning s.statement_id, s.site_id, s.account, s.from_date, s.to_date
), touched as (
  insert into touched_days (site_id, account, day, traceparent)
  select covered.site_id, covered.account, covered.from_date + offset_days, incoming.traceparent
  from (select * from changed union select before.* from before join changed using (statement_id)) covered
  join incoming using (statement_id)
  cross join lateral generate_series(0, covered.to_date - covered.from_date) offset_days
  where covered.site_id is not null
)
select statement_id from changed
"""

# By the primary key (its first column).
DROP_LINES = "delete from statement_lines where statement_id = any($1::text[])"

ADD_LINES = """
insert into statement_lines (statement_id, line, transaction_id, amount, direction, day, occurred_at)
select * from unnest($1::text[], $2::integer[], $3::text[], $4::bigint[], $5::text[], $6::date[], $7::timestamptz[])
"""

# By the primary key.
PUT_SITES = """
insert into sites as s select * from unnest($1::text[], $2::bigint[], $3::text[]) as i(id, version, name) order by id
on conflict (site_id) do update set version = excluded.version, name = excluded.name where excluded.version > s.version
"""

# By the primary key. What a day's export per fee and round groups by; nothing personal is kept.
PUT_NOTICES = """
insert into notices as n
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[]) as i(id, version, site, kind, round)
order by id
on conflict (notice_id) do update set
  version = excluded.version, site_id = excluded.site_id, fee_kind = excluded.fee_kind, round = excluded.round
where excluded.version > n.version
"""


async def put_transactions(connection: Connection, batch: Sequence[Received[BankTransaction]]) -> None:
    """Keep transactions. A merged one counts no more; an erased one does: its money moved all the same."""
    events = [received.value for received in batch]
    await connection.execute(
        PUT_TRANSACTIONS,
        [each.transaction_id for each in events],
        [each.version for each in events],
        [each.site_id for each in events],
        [each.account for each in events],
        [local_day(each.occurred_at) for each in events],
        [each.direction for each in events],
        [each.amount for each in events],
        [each.status != "merged_into" for each in events],
        [each.received_at for each in events],
        [received.traceparent for received in batch],
    )


async def put_credits(connection: Connection, batch: Sequence[Received[Credit]]) -> None:
    """Keep the decisions: how much of each credit is allocated and how much is in suspense."""
    events = [received.value for received in batch]
    await connection.execute(
        PUT_CREDITS,
        [each.credit_id for each in events],
        [each.version for each in events],
        [each.site_id for each in events],
        [each.account for each in events],
        [each.channel for each in events],
        [each.direction for each in events],
        [local_day(each.occurred_at) for each in events],
        [each.amount for each in events],
        [each.amount - each.suspense for each in events],
        [each.suspense for each in events],
        [received.traceparent for received in batch],
    )


async def put_statements(connection: Connection, batch: Sequence[Received[BankStatement]]) -> None:
    """Keep statements with their lines. Raises ValueError for one that covers more days than a statement can."""
    events = [received.value for received in batch]
    if any(each.to_date - each.from_date > STATEMENT_SPAN_MAX for each in events):
        raise ValueError(f"a statement may cover at most {STATEMENT_SPAN_MAX.days} days")
    rows = await connection.fetch(
        PUT_STATEMENTS,
        [each.statement_id for each in events],
        [each.version for each in events],
        [each.site_id for each in events],
        [each.account for each in events],
        [each.from_date for each in events],
        [each.to_date for each in events],
        [each.opening for each in events],
        [each.credits for each in events],
        [each.debits for each in events],
        [each.closing for each in events],
        [received.traceparent for received in batch],
    )
    changed = {row["statement_id"] for row in rows}
    await connection.execute(DROP_LINES, sorted(changed))
    lines = [(each.statement_id, line) for each in events if each.statement_id in changed for line in each.lines]
    await connection.execute(
        ADD_LINES,
        [statement_id for statement_id, _ in lines],
        [line.line for _, line in lines],
        [line.transaction_id for _, line in lines],
        [line.amount for _, line in lines],
        [line.direction for _, line in lines],
        [local_day(line.occurred_at) for _, line in lines],
        [line.occurred_at for _, line in lines],
    )


async def put_sites(connection: Connection, sites: Iterable[Site]) -> None:
    """Keep which sites there are."""
    rows = [(each.site_id, each.version, each.name) for each in sites]
    await connection.execute(PUT_SITES, *_columns(rows, 3))


async def put_notices(connection: Connection, notices: Iterable[Notice]) -> None:
    """Keep what fee and round a notice belongs to."""
    rows = [(each.notice_id, each.version, each.site_id, each.fee_kind, each.round) for each in notices]
    await connection.execute(PUT_NOTICES, *_columns(rows, 5))


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    return [[row[index] for row in rows] for index in range(width)]
