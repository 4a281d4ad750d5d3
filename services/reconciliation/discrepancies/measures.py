"""What reconciliation measures about days and discrepancies. Labels are kinds, states and who, never a site or an account."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping

from prometheus_client import Counter, Gauge

from services.reconciliation.days.figures import STATEMENT_HABIT_DAYS
from services.reconciliation.model import AUTOMATON
from shared import clock
from shared.events import Discrepancy, ReconciliationDay
from shared.events.reconciliation import CASH_ACCOUNT
from shared.runtime.postgres import PASSING_ERRORS, Database

FOUND = Counter("khop_discrepancies_found_total", "Discrepancies found, by kind.", ["kind"])
SETTLED = Counter(
    "khop_discrepancies_settled_total", "Discrepancies settled, by kind and by whom (auto, person).", ["kind", "by"]
)
CLOSED = Counter(
    "khop_days_closed_total", "Days closed, by whom (auto, person) and why their data were complete.", ["by", "data_in"]
)
OPEN = Gauge("khop_discrepancies_open", "Discrepancies that are open, by kind.", ["kind"])
OPEN_DONG = Gauge("khop_discrepancies_open_dong", "Money of the open discrepancies, in đồng, by kind.", ["kind"])
OVERDUE = Gauge("khop_discrepancies_overdue", "Open discrepancies past their due date, by kind.", ["kind"])
UNCLOSED = Gauge("khop_days_unclosed", "Days that are over and not closed, by state.", ["state"])
OLDEST = Gauge("khop_days_unclosed_oldest_days", "Age of the oldest day that is not closed, in days.")
STATEMENTS_OVERDUE = Gauge(
    "khop_statements_overdue_accounts", "Accounts whose newest statement is older than two working days."
)
FRESH = Gauge(
    "khop_freshness_oldest_timestamp_seconds",
    "Until when the least fresh account in use is known, by what tells of it.",
    ["known_by"],
)
PERIOD_S = 15

# By discrepancies_open_due.
BY_KIND = """
select kind, count(*) as count, coalesce(sum(abs(amount)), 0)::bigint as dong, count(*) filter (where due_on < $1) as overdue
from discrepancies where state = 'open' group by kind
"""

# By days_unclosed.
BY_STATE = (
    "select state, count(*) as count, min(day) as oldest from days where state <> 'closed' and day < $1 group by state"
)

# By watched_accounts' and site_accounts' keys, statements_of_account and days_of_account.
BY_ACCOUNT = f"""
select newest.to_date as statement_to, fresh.until as fresh_until
from watched_accounts w
join site_accounts a on a.site_id = w.site_id and a.account = w.account
  and a.valid_from <= $1 and (a.valid_to is null or a.valid_to >= $1)
left join lateral (
  select to_date from statements s where s.account = w.account and s.site_id = w.site_id order by to_date desc limit 1
) newest on newest.to_date >= $1 - {STATEMENT_HABIT_DAYS}
cross join lateral (
  select max((entity ->> 'fresh_until')::timestamptz) as until from (
    select entity from days where site_id = w.site_id and account = w.account order by day desc limit {STATEMENT_HABIT_DAYS}
  ) d
) fresh
where w.account <> '{CASH_ACCOUNT}'
"""


def count(changed: Iterable[Discrepancy], before: Mapping[str, Discrepancy], closed: Iterable[ReconciliationDay]) -> None:
    """Count what a pass found, settled and closed."""
    for each in changed:
        known = before.get(each.discrepancy_id)
        if known is None or known.state == "settled":
            FOUND.labels(each.kind).inc()
        if each.state == "settled":
            SETTLED.labels(each.kind, _who(each.settled_by)).inc()
    for day in closed:
        CLOSED.labels(_who(day.closed_by), day.data_in or "none").inc()


def _who(by: str | None) -> str:
    return AUTOMATON if by == AUTOMATON else "person"


def watch(database: Database) -> Callable[[], Awaitable[None]]:
    """A loop that keeps the gauges."""

    async def keep() -> None:
        while True:
            # The gauges keep their last value until the database is back; readiness tells of it.
            with contextlib.suppress(*PASSING_ERRORS):
                await _refresh(database)
            await asyncio.sleep(PERIOD_S)

    return keep


async def _refresh(database: Database) -> None:
    today = clock.local_day(clock.now())
    async with database.reading() as connection:
        kinds = await connection.fetch(BY_KIND, today)
        states = await connection.fetch(BY_STATE, today)
        accounts = await connection.fetch(BY_ACCOUNT, today)
    for gauge in (OPEN, OPEN_DONG, OVERDUE, UNCLOSED, FRESH):
        gauge.clear()
    for row in kinds:
        OPEN.labels(row["kind"]).set(row["count"])
        OPEN_DONG.labels(row["kind"]).set(row["dong"])
        OVERDUE.labels(row["kind"]).set(row["overdue"])
    for row in states:
        UNCLOSED.labels(row["state"]).set(row["count"])
    OLDEST.set(max(((today - row["oldest"]).days for row in states), default=0))
    limit = clock.working_days_from(today, -2)
    STATEMENTS_OVERDUE.set(sum(row["statement_to"] is not None and row["statement_to"] < limit for row in accounts))
    for known_by in ("statement", "webhook"):
        known = [
            row["fresh_until"].timestamp()
            for row in accounts
            if row["fresh_until"] and (row["statement_to"] is not None) == (known_by == "statement")
        ]
        if known:  # else there is no series, rather than a time that means nothing
            FRESH.labels(known_by).set(min(known))
