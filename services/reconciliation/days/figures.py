"""The figures of open days, from the stored facts and acts: a fixed number of statements, however many days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from services.reconciliation.days.items import COLUMNS, COUNTED, KEYS
from services.reconciliation.days.running import Movement, Run, run_of
from services.reconciliation.model import DayKey, Figures, Sums
from shared.events.reconciliation import CASH_ACCOUNT, DataIn
from shared.runtime.postgres import Connection

STATEMENT_HABIT_DAYS = 62
"""An account with a statement not older than this is known by statements: banks make them at least monthly."""
WEBHOOK_WAIT = timedelta(days=5)
"""The longest published schedule on which a provider sends again runs for 75 h 35 min: after five days nothing more comes."""

_TOTAL = ", ".join(f"coalesce(sum({name}), 0)::bigint as {name}" for name in COLUMNS)
_LATE = ", ".join(f"coalesce(sum({name}) filter (where is_late), 0)::bigint as late_{name}" for name in COLUMNS)
_BOTH = ", ".join(f"coalesce(c.{name}, 0) as {name}, coalesce(c.late_{name}, 0) as late_{name}" for name in COLUMNS)

# The sums of each day, and what was heard and watched. By COUNTED's indexes, watched_accounts' key, and transactions_of_day.
SUMS = f"""
with counted as ({COUNTED}), c as (
  select site_id, account, day, count(*) as items, count(*) filter (where is_late) as late_items,
    count(*) filter (where is_undecided) as undecided, {_TOTAL}, {_LATE}
  from counted group by site_id, account, day
)
select k.site_id, k.account, k.day, coalesce(c.items, 0) as items, coalesce(c.late_items, 0) as late_items,
  coalesce(c.undecided, 0) as undecided, {_BOTH}, heard.heard_at, heard.days_later,
  exists (
    select from watched_accounts w join site_accounts a using (site_id, account)
    where w.site_id = k.site_id and w.account = k.account and w.since <= k.day
      and a.valid_from <= k.day and (a.valid_to is null or a.valid_to >= k.day)
  ) as is_expected,
  exists (
    select from shifts s
    where k.account = '{CASH_ACCOUNT}' and s.site_id = k.site_id and s.closed_by is null
      and (s.opened_at at time zone interval '7 hours')::date = k.day
  ) as has_open_shift
from {KEYS}
left join c using (site_id, account, day)
cross join lateral (
  select max(t.heard_at) as heard_at,
    exists (
      select from transactions later
      where later.site_id = k.site_id and later.account = k.account and later.day > k.day and later.counts
        and later.heard_at is not null
    ) as days_later
  from transactions t where t.site_id = k.site_id and t.account = k.account and t.day = k.day and t.counts
) heard
"""


def _follows(which: str) -> str:
    """By how much a statement's opening differs from what the one before it closed with and what is known in between."""
    return f"""
  select n.opening - p.closing - net.dong as dong, p.to_date as since
  from (
    select s.from_date, s.opening from statements s
    where s.account = k.account and s.site_id = k.site_id and {which} order by s.from_date, s.to_date limit 1
  ) n
  cross join lateral (
    select s.statement_id, s.to_date, s.closing from statements s
    where s.account = k.account and s.site_id = k.site_id and s.to_date < n.from_date
    order by s.to_date desc, s.from_date desc limit 1
  ) p
  cross join lateral (
    select coalesce(sum(case t.direction when 'in' then t.amount else -t.amount end), 0)::bigint as dong
    from transactions t
    where t.site_id = k.site_id and t.account = k.account and t.counts and t.day >= p.to_date and t.day < n.from_date
      and not exists (
        select from statement_lines l where l.statement_id = p.statement_id and l.transaction_id = t.transaction_id)
  ) net
"""


# What statements say of each day. A statement of several days gives a day's balances by its lines; of several statements
# the one with the most lines on the day speaks, then the one that saw the whole day, then the narrower. `gap_before` is by how
# much it does not follow from the statement before it, where it begins with the day; `gap_around` the same of the first
# statement that begins after the day. By statements_of_account, statements_beginning, transactions_of_day and the primary keys.
STATEMENTS = f"""
select k.site_id, k.account, k.day, st.statement_id, st.is_whole, st.opening + st.before as opening,
  case when st.to_date = k.day then st.closing else st.opening + st.before + st.day_in - st.day_out end as closing,
  case when st.lines > 0 then st.day_in when st.from_date = st.to_date then st.credits end as bank_credits,
  case when st.lines > 0 then st.day_out when st.from_date = st.to_date then st.debits end as bank_debits,
  abs(st.closing - st.opening - st.credits + st.debits)
    + case when st.lines = 0 then 0 else abs(st.credits - st.lines_in) + abs(st.debits - st.lines_out) end
    as differs_by,
  coalesce(st.unknown_lines, 0) as unknown_lines,
  case when st.statement_id is null then null
    when st.to_date > k.day then (k.day + 1)::timestamp at time zone interval '7 hours'
    when st.received_at is not null then least(st.received_at, (k.day + 1)::timestamp at time zone interval '7 hours')
    else coalesce(st.last_line_at, k.day::timestamp at time zone interval '7 hours') end as covered_until,
  gap.dong as gap_before, proof.dong as gap_around,
  exists (
    select from statements s
    where s.account = k.account and s.site_id = k.site_id and s.from_date <= k.day
      and s.to_date >= k.day - {STATEMENT_HABIT_DAYS}
  ) as has_statements
from {KEYS}
left join lateral (
  select s.*, l.*,
    s.to_date > k.day or s.received_at is null or (s.received_at at time zone interval '7 hours')::date > k.day as is_whole
  from statements s
  cross join lateral (
    select count(*) as lines, count(*) filter (where day = k.day) as lines_on_day,
      max(occurred_at) filter (where day = k.day) as last_line_at,
      count(*) filter (where day = k.day and transaction_id is not null and not exists (
        select from transactions t where t.transaction_id = statement_lines.transaction_id)) as unknown_lines,
      coalesce(sum(amount) filter (where direction = 'in'), 0)::bigint as lines_in,
      coalesce(sum(amount) filter (where direction = 'out'), 0)::bigint as lines_out,
      coalesce(sum(amount) filter (where direction = 'in' and day = k.day), 0)::bigint as day_in,
      coalesce(sum(amount) filter (where direction = 'out' and day = k.day), 0)::bigint as day_out,
      coalesce(sum(case direction when 'in' then amount else -amount end) filter (where day < k.day), 0)::bigint as before
    from statement_lines where statement_id = s.statement_id
  ) l
  where s.account = k.account and s.site_id = k.site_id and s.from_date <= k.day and s.to_date >= k.day
  order by l.lines_on_day desc, is_whole desc, s.to_date - s.from_date, s.statement_id desc
  limit 1
) st on true
left join lateral ({_follows("st.from_date = k.day and s.statement_id = st.statement_id")}) gap on true
left join lateral ({_follows("s.from_date > k.day")}) proof on proof.since <= k.day
"""

# The movements of each day and of the nearest days before and after it that have any, with the balances that the bank told.
# By transactions_of_day.
MOVEMENTS = f"""
select k.site_id, k.account, k.day, t.day as moved_on, t.occurred_at, t.balance_after,
  case t.direction when 'in' then t.amount else -t.amount end as signed
from {KEYS}
cross join lateral (
  select k.day
  union select max(day) from transactions where site_id = k.site_id and account = k.account and day < k.day and counts
  union select min(day) from transactions where site_id = k.site_id and account = k.account and day > k.day and counts
) near(day)
join transactions t on t.site_id = k.site_id and t.account = k.account and t.day = near.day and t.counts
"""

# The cash box before each day. By days_of_account.
CASH_BEFORE = f"""
select k.site_id, k.account, k.day, before.day as closed_on, before.closing
from {KEYS}
join lateral (
  select d.day, (d.entity ->> 'closing')::bigint as closing from days d
  where d.site_id = k.site_id and d.account = k.account and d.day < k.day order by d.day desc limit 1
) before on true
"""


async def figures_of(connection: Connection, keys: Sequence[DayKey], as_of: date) -> list[Figures]:
    """The figures of these days, in their order; none of them may be closed."""
    columns = columns_of(keys)
    sums = {_key(row): row for row in await connection.fetch(SUMS, *columns)}
    bank = [key for key in keys if not key.is_cash]
    statements = {_key(row): row for row in await connection.fetch(STATEMENTS, *columns_of(bank))}
    unspoken = [key for key in bank if statements[key]["statement_id"] is None and key.date < as_of]
    runs = await _runs(connection, unspoken)
    figures = [_bank(key, sums[key], statements[key], runs.get(key), as_of) for key in bank]
    cash = [key for key in keys if key.is_cash]
    if cash:
        figures += await _cash(connection, cash, sums, as_of)
    return sorted(figures, key=lambda each: each.key)


def columns_of(keys: Sequence[DayKey]) -> tuple[list[str], list[str], list[date]]:
    """The keys as the arrays of KEYS."""
    return [key.site_id for key in keys], [key.account for key in keys], [key.date for key in keys]


def _key(row: Any) -> DayKey:
    return DayKey(row["site_id"], row["account"], row["day"])


def _sums(row: Any, prefix: str = "") -> Sums:
    return Sums(**{name: row[prefix + name] for name in COLUMNS})


def _base(key: DayKey, row: Any) -> Figures:
    return Figures(
        key=key,
        is_expected=row["is_expected"],
        has_facts=row["items"] > 0,
        total=_sums(row),
        late=_sums(row, "late_"),
        late_items=row["late_items"],
        undecided=row["undecided"],
        waiting=0,
        opening=None,
        closing=None,
        fresh_until=row["heard_at"],
    )


@dataclass(frozen=True, slots=True)
class _Runs:
    """What running balances say of a day."""

    own: Run | None
    """Of the day alone."""
    missing: int
    """What did not follow from the day before, in đồng."""
    proves: bool
    """Whether nothing can be missing from the day: all follows, from the movement before it to the one after it."""


async def _runs(connection: Connection, keys: Sequence[DayKey]) -> dict[DayKey, _Runs]:
    if not keys:
        return {}
    movements: dict[DayKey, list[tuple[date, Movement]]] = defaultdict(list)
    for row in await connection.fetch(MOVEMENTS, *columns_of(keys)):
        movement = Movement(row["occurred_at"], row["signed"], row["balance_after"])
        movements[_key(row)].append((row["moved_on"], movement))
    return {key: _judge(key, moved) for key, moved in movements.items()}


def _judge(key: DayKey, moved: Sequence[tuple[date, Movement]]) -> _Runs:
    own = run_of([movement for day, movement in moved if day == key.date])
    before = run_of([movement for day, movement in moved if day < key.date])
    until = run_of([movement for day, movement in moved if day <= key.date])
    whole = run_of([movement for _, movement in moved])
    goes_on = any(day > key.date and movement.after is not None for day, movement in moved)
    missing = 0
    if own is not None and until is not None and until.is_meant and not until.is_whole:
        missing = until.missing - (before.missing if before else 0)
    return _Runs(own, missing, goes_on and whole is not None and whole.is_whole)


def _bank(key: DayKey, row: Any, statement: Any, runs: _Runs | None, as_of: date) -> Figures:
    figures = _base(key, row)
    if statement["statement_id"] is not None:
        whole = statement["is_whole"]
        figures = replace(
            figures,
            has_facts=True,
            waiting=statement["unknown_lines"],
            opening=statement["opening"],
            closing=statement["closing"] if whole else None,
            bank_credits=statement["bank_credits"] if whole else None,
            bank_debits=statement["bank_debits"] if whole else None,
            statement_id=statement["statement_id"],
            statement_differs_by=statement["differs_by"] or statement["gap_before"] or 0,
            fresh_until=max((at for at in (figures.fresh_until, statement["covered_until"]) if at), default=None),
        )
    elif runs is not None:
        own = runs.own
        figures = replace(
            figures,
            opening=own.opening if own and own.is_whole else None,
            closing=own.closing if own and own.is_whole else None,
            balance_missing=runs.missing,
        )
    return replace(figures, data_in=_data_in(key, row, statement, runs, as_of))


def _data_in(key: DayKey, row: Any, statement: Any, runs: _Runs | None, as_of: date) -> DataIn | None:
    """Why everything that moved on the day is known; None while it may not be. docs/adr/0010 gives the reasons."""
    is_covered = statement["statement_id"] is not None and statement["is_whole"]
    is_proven = statement["gap_around"] == 0
    waited = row["days_later"] and as_of - key.date >= WEBHOOK_WAIT
    reason: DataIn | None = None
    if key.date >= as_of:
        reason = None
    elif is_covered or is_proven:
        reason = "statement"
    elif statement["has_statements"]:
        reason = None
    elif runs is not None and runs.proves:
        reason = "balances"
    elif waited:
        reason = "webhooks"
    return reason


async def _cash(connection: Connection, keys: Sequence[DayKey], sums: dict[DayKey, Any], as_of: date) -> list[Figures]:
    """The cash box day by day: what lay in it, what came, what went to the bank or was paid out."""
    before = {_key(row): row for row in await connection.fetch(CASH_BEFORE, *columns_of(keys))}
    figures: list[Figures] = []
    for key in sorted(keys):
        row, earlier = sums[key], before.get(key)
        opening = earlier["closing"] or 0 if earlier else 0
        previous = figures[-1] if figures and figures[-1].key.site_id == key.site_id else None
        if previous is not None and (earlier is None or previous.key.date >= earlier["closed_on"]):
            opening = previous.closing or 0
        total = _sums(row)
        figures.append(
            replace(
                _base(key, row),
                waiting=int(row["has_open_shift"]),
                opening=opening,
                closing=opening + total.cash - total.debits - total.deposits,
                data_in="cash" if key.date < as_of else None,
            )
        )
    return figures
