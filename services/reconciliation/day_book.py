"""The day book: derives the touched days from the facts and publishes what differs from what was published last.

One pass is a fixed number of statements, however many days it derives, in one transaction with the outbox.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from services.reconciliation.model import (
    DayKey,
    Figures,
    Finding,
    day_of,
    explain,
    next_day,
    next_discrepancies,
    state_of,
)
from shared.events import Discrepancy, ReconciliationDay
from shared.events.reconciliation import CASH_ACCOUNT
from shared.runtime.outbox import Outgoing, enqueue
from shared.runtime.postgres import Connection

CLAIM_MAX = 5_000
"""Most touches that one pass works off."""

# Two passes at once could publish an older value over a newer one.
ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtext('reconciliation/day-book'))"

# By the primary key, oldest first.
CLAIM = """
delete from touched_days where id in (select id from touched_days order by id limit $1)
returning site_id, account, day, traceparent
"""

KEYS = "unnest($1::text[], $2::text[], $3::date[]) as k(site_id, account, day)"

# The sums of each day. A statement of several days gives a day's balances by its lines; of several statements the one with
# the most lines on the day speaks, then the narrower. By transactions_of_day, credits_cash_of_day, statements_of_account
# and the primary keys.
FIGURES = f"""
select k.site_id, k.account, k.day, bank.credits, bank.debits, bank.allocated, bank.suspense, bank.newest,
  cash.receipts, cash.paid_out, cash.allocated as cash_allocated, cash.suspense as cash_suspense,
  bank.entries + cash.entries + (st.statement_id is not null)::integer as entries,
  st.statement_id, st.opening + st.before as opening,
  case when st.to_date = k.day then st.closing else st.opening + st.before + st.on_day end as closing,
  abs(st.closing - st.opening - st.credits + st.debits)
    + case when st.lines = 0 then 0 else abs(st.credits - st.lines_in) + abs(st.debits - st.lines_out) end
    as totals_differ_by,
  case when st.statement_id is null then null
    when st.to_date > k.day then (k.day + 1)::timestamp at time zone interval '7 hours'
    else coalesce(st.last_line_at, k.day::timestamp at time zone interval '7 hours') end as covered_until
from {KEYS}
cross join lateral (
  select count(*) as entries, max(t.received_at) as newest,
    coalesce(sum(t.amount) filter (where t.direction = 'in'), 0)::bigint as credits,
    coalesce(sum(t.amount) filter (where t.direction = 'out'), 0)::bigint as debits,
    coalesce(sum(c.allocated) filter (where t.direction = 'in'), 0)::bigint as allocated,
    coalesce(sum(c.suspense) filter (where t.direction = 'in'), 0)::bigint as suspense
  from transactions t left join credits c on c.credit_id = t.transaction_id and c.direction = t.direction
  where t.site_id = k.site_id and t.account = k.account and t.day = k.day and t.counts
) bank
cross join lateral (
  select count(*) as entries,
    coalesce(sum(c.amount) filter (where c.direction = 'in'), 0)::bigint as receipts,
    coalesce(sum(c.amount) filter (where c.direction = 'out'), 0)::bigint as paid_out,
    coalesce(sum(c.allocated) filter (where c.direction = 'in'), 0)::bigint as allocated,
    coalesce(sum(c.suspense) filter (where c.direction = 'in'), 0)::bigint as suspense
  from credits c
  where k.account = '{CASH_ACCOUNT}' and c.channel = 'cash' and c.site_id = k.site_id and c.day = k.day
) cash
left join lateral (
  select s.*, l.*
  from statements s
  cross join lateral (
    select count(*) as lines, count(*) filter (where day = k.day) as lines_on_day,
      max(occurred_at) filter (where day = k.day) as last_line_at,
      coalesce(sum(amount) filter (where direction = 'in'), 0)::bigint as lines_in,
      coalesce(sum(amount) filter (where direction = 'out'), 0)::bigint as lines_out,
      coalesce(sum(case direction when 'in' then amount else -amount end) filter (where day < k.day), 0)::bigint as before,
      coalesce(sum(case direction when 'in' then amount else -amount end) filter (where day = k.day), 0)::bigint as on_day
    from statement_lines where statement_id = s.statement_id
  ) l
  where s.account = k.account and s.site_id = k.site_id and s.from_date <= k.day and s.to_date >= k.day
  order by l.lines_on_day desc, s.to_date - s.from_date, s.statement_id desc
  limit 1
) st on true
order by k.site_id, k.account, k.day
"""

# Transactions without a decision, with another amount in their decision or on the statement, or missing on the statement
# that speaks for their day ($4, null where none does). By transactions_of_day and the primary keys.
FINDINGS = """
select k.site_id, k.account, k.day, t.transaction_id, c.credit_id, k.statement_id, t.amount,
  c.credit_id is null as undecided,
  c.amount <> t.amount or c.direction <> t.direction or l.amount <> t.amount or l.direction <> t.direction as differs,
  coalesce(nullif(c.amount, t.amount), nullif(l.amount, t.amount), t.amount) as other_amount,
  k.statement_id is not null and l.line is null as missing_on_statement
from unnest($1::text[], $2::text[], $3::date[], $4::text[]) as k(site_id, account, day, statement_id)
join transactions t on t.site_id = k.site_id and t.account = k.account and t.day = k.day and t.counts
left join credits c on c.credit_id = t.transaction_id
left join lateral (
  select line, amount, direction from statement_lines
  where statement_id = k.statement_id and transaction_id = t.transaction_id limit 1
) l on true
where c.credit_id is null or c.amount <> t.amount or c.direction <> t.direction
  or l.amount <> t.amount or l.direction <> t.direction or (k.statement_id is not null and l.line is null)
order by t.transaction_id
"""

# By the primary key.
PUBLISHED_DAYS = "select entity from days where key = any($1::text[])"

# By discrepancies_of_day and the primary key.
PUBLISHED_DISCREPANCIES = f"""
select entity from discrepancies where discrepancy_id = any($4::text[])
union
select d.entity from discrepancies d join {KEYS} using (site_id, account, day) where d.state = 'open'
"""

# By the primary key.
PUT_DAYS = """
insert into days (key, site_id, account, day, version, state, entity)
select * from unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::bigint[], $6::text[], $7::jsonb[])
on conflict (key) do update set version = excluded.version, state = excluded.state, entity = excluded.entity
"""

# By the primary key.
PUT_DISCREPANCIES = """
insert into discrepancies (discrepancy_id, site_id, account, day, version, state, entity)
select * from unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::bigint[], $6::text[], $7::jsonb[])
on conflict (discrepancy_id) do update set
  site_id = excluded.site_id, account = excluded.account, day = excluded.day, version = excluded.version,
  state = excluded.state, entity = excluded.entity
"""

# What a new date changes: days that are over, and the age of what is still open. By days_open and discrepancies_open.
TOUCH_OVERDUE = """
insert into touched_days (site_id, account, day)
select site_id, account, day from days where state = 'open' and day < $1
union
select site_id, account, day from discrepancies where state = 'open'
"""

# After a replay: also a day whose facts are gone must be looked at.
TOUCH_ALL = """
insert into touched_days (site_id, account, day)
select site_id, account, day from days union select site_id, account, day from discrepancies
"""


async def touch_overdue(connection: Connection, as_of: date) -> None:
    """Have looked at again what means something else on a new date."""
    await connection.execute(TOUCH_OVERDUE, as_of)


async def touch_all(connection: Connection) -> None:
    """Have every day looked at again that was ever published."""
    await connection.execute(TOUCH_ALL)


async def derive(connection: Connection, as_of: date) -> bool:
    """Derive some of the touched days as they stand on a date, in the caller's transaction; returns whether more wait."""
    await connection.execute(ONE_AT_A_TIME)
    claimed = await connection.fetch(CLAIM, CLAIM_MAX)
    if not claimed:
        return False
    traces = {DayKey(row["site_id"], row["account"], row["day"]): row["traceparent"] for row in claimed}
    keys = sorted(traces)
    figures = await _figures(connection, keys)
    found = await _findings(connection, figures)
    explained = {each.key: explain(each, found[each.key], as_of) for each in figures}
    days = await _published_days(connection, keys)
    changed_days = []
    for each in figures:
        undecided = any(finding.kind == "undecided_transaction" for finding in found[each.key])
        day = next_day(days.get(each.key.text), each, state_of(each, explained[each.key], undecided, as_of))
        if day is not None:
            changed_days.append(day)
    all_explained = [finding for findings in explained.values() for finding in findings]
    discrepancies = await _published_discrepancies(connection, keys, [each.discrepancy_id for each in all_explained])
    changed_discrepancies = next_discrepancies(discrepancies, all_explained, frozenset(keys), as_of)
    await _put(connection, changed_days, changed_discrepancies)
    outgoing = [Outgoing(day, traces[DayKey(day.site_id, day.account, day.date)]) for day in changed_days]
    # A discrepancy that another day's touch settled has no trace of its own here.
    outgoing += [Outgoing(each, traces.get(day_of(each))) for each in changed_discrepancies]
    await enqueue(connection, outgoing)
    return len(claimed) == CLAIM_MAX


async def _figures(connection: Connection, keys: Sequence[DayKey]) -> list[Figures]:
    return [
        Figures(
            key=DayKey(row["site_id"], row["account"], row["day"]),
            has_facts=row["entries"] > 0,
            opening=row["opening"],
            credits=row["credits"],
            debits=row["debits"] + row["paid_out"],
            closing=row["closing"],
            allocated=row["allocated"] + row["cash_allocated"],
            suspense=row["suspense"] + row["cash_suspense"],
            cash=row["receipts"],
            fresh_until=max((at for at in (row["newest"], row["covered_until"]) if at), default=None),
            statement_id=row["statement_id"],
            totals_differ_by=row["totals_differ_by"] or 0,
        )
        for row in await connection.fetch(FIGURES, *_columns(keys))
    ]


async def _findings(connection: Connection, figures: Sequence[Figures]) -> dict[DayKey, list[Finding]]:
    found: dict[DayKey, list[Finding]] = defaultdict(list)
    rows = await connection.fetch(
        FINDINGS, *_columns([each.key for each in figures]), [each.statement_id for each in figures]
    )
    for row in rows:
        key = DayKey(row["site_id"], row["account"], row["day"])
        transaction_id, credit_id, statement_id = row["transaction_id"], row["credit_id"], row["statement_id"]
        if row["undecided"]:
            found[key].append(Finding("undecided_transaction", key, row["amount"], transaction_id))
        if row["differs"]:
            difference = row["other_amount"] - row["amount"]
            found[key].append(Finding("amount_differs", key, difference, transaction_id, credit_id, statement_id))
        if row["missing_on_statement"]:
            found[key].append(Finding("missing_on_statement", key, row["amount"], transaction_id, statement_id=statement_id))
    return found


async def _published_days(connection: Connection, keys: Sequence[DayKey]) -> dict[str, ReconciliationDay]:
    rows = await connection.fetch(PUBLISHED_DAYS, [key.text for key in keys])
    days = [ReconciliationDay.model_validate(row["entity"]) for row in rows]
    return {day.key: day for day in days}


async def _published_discrepancies(
    connection: Connection, keys: Sequence[DayKey], ids: Sequence[str]
) -> dict[str, Discrepancy]:
    rows = await connection.fetch(PUBLISHED_DISCREPANCIES, *_columns(keys), ids)
    discrepancies = [Discrepancy.model_validate(row["entity"]) for row in rows]
    return {each.discrepancy_id: each for each in discrepancies}


async def _put(connection: Connection, days: Sequence[ReconciliationDay], discrepancies: Sequence[Discrepancy]) -> None:
    await connection.execute(
        PUT_DAYS,
        [day.key for day in days],
        [day.site_id for day in days],
        [day.account for day in days],
        [day.date for day in days],
        [day.version for day in days],
        [day.state for day in days],
        [day.model_dump(mode="json") for day in days],
    )
    await connection.execute(
        PUT_DISCREPANCIES,
        [each.discrepancy_id for each in discrepancies],
        [each.site_id for each in discrepancies],
        [each.about.account for each in discrepancies],
        [each.about.date for each in discrepancies],
        [each.version for each in discrepancies],
        [each.state for each in discrepancies],
        [each.model_dump(mode="json") for each in discrepancies],
    )


def _columns(keys: Sequence[DayKey]) -> tuple[list[str], list[str], list[date]]:
    return [key.site_id for key in keys], [key.account for key in keys], [key.date for key in keys]
