"""Statements as facts, with their lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from shared.clock import local_day
from shared.events import BankStatement
from shared.runtime.consumer import Received
from shared.runtime.postgres import Connection

STATEMENT_SPAN_MAX = timedelta(days=400)
"""Longer than a year's statement; each covered day becomes a row."""

# Touches every day that the statement covers or covered, and the first of the account's next statement, whose opening must
# follow. By the primary key and statements_beginning.
PUT_STATEMENTS = """
with incoming as (
  select * from unnest(
    $1::text[], $2::bigint[], $3::text[], $4::text[], $5::date[], $6::date[], $7::bigint[], $8::bigint[], $9::bigint[],
    $10::bigint[], $11::timestamptz[], $12::text[]
  ) as i(statement_id, version, site_id, account, from_date, to_date, opening, credits, debits, closing, received_at,
    traceparent)
), before as (
  select s.statement_id, s.site_id, s.account, s.from_date, s.to_date from statements s join incoming using (statement_id)
), changed as (
  insert into statements as s (
    statement_id, version, site_id, account, from_date, to_date, opening, credits, debits, closing, received_at)
  select statement_id, version, site_id, account, from_date, to_date, opening, credits, debits, closing, received_at
  from incoming order by statement_id
  on conflict (statement_id) do update set
    version = excluded.version, site_id = excluded.site_id, account = excluded.account, from_date = excluded.from_date,
    to_date = excluded.to_date, opening = excluded.opening, credits = excluded.credits, debits = excluded.debits,
    closing = excluded.closing, received_at = excluded.received_at
  where excluded.version > s.version
  returning s.statement_id, s.site_id, s.account, s.from_date, s.to_date
), covered as (
  select * from changed union select before.* from before join changed using (statement_id)
), noted as (
  insert into touched_days (site_id, account, day, traceparent)
  select covered.site_id, covered.account, covered.from_date + offset_days, incoming.traceparent
  from covered join incoming using (statement_id)
  cross join lateral generate_series(0, covered.to_date - covered.from_date) offset_days
  where covered.site_id is not null
  union
  select following.site_id, covered.account, following.from_date, incoming.traceparent
  from covered join incoming using (statement_id)
  cross join lateral (
    select s.site_id, s.from_date from statements s
    where s.account = covered.account and s.from_date > covered.to_date order by s.from_date limit 1
  ) following
  where following.site_id is not null
)
select statement_id from changed
"""

# By the primary key (its first column).
DROP_LINES = "delete from statement_lines where statement_id = any($1::text[])"

ADD_LINES = """
insert into statement_lines (statement_id, line, transaction_id, amount, direction, day, occurred_at)
select * from unnest($1::text[], $2::integer[], $3::text[], $4::bigint[], $5::text[], $6::date[], $7::timestamptz[])
"""


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
        [each.received_at for each in events],
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
