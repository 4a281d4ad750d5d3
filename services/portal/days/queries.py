"""Days and differences from the read model. Only the reader's sites (row-level security keeps it so)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from shared.runtime.postgres import Connection

DAYS: Final = "reconciliation.days.v1"
DISCREPANCIES: Final = "reconciliation.discrepancies.v1"
ROWS_MAX: Final = 320
"""A month of five schools, each with its account and its cash; more would take longer to write than a page may."""
ONE_DAY: Final = timedelta(days=1)

# By entities_by_day.
BETWEEN = f"""
select entity from entities
where topic = '{DAYS}' and site_id = any($1::text[]) and day between $2 and $3
order by day desc, site_id, entity ->> 'account' limit {ROWS_MAX + 1}
"""
# By the primary key.
ONE = f"select entity from entities where topic = '{DAYS}' and key = $1"
# By entities_of_site; settled ones are few beside a year of days.
OPEN = f"""
select entity from entities
where topic = '{DISCREPANCIES}' and site_id = any($1::text[]) and entity ->> 'state' = 'open'
order by coalesce(entity ->> 'due_on', entity ->> 'found_on'), key limit $2
"""
OF_DAY = f"""
select entity from entities
where topic = '{DISCREPANCIES}' and site_id = $1 and entity -> 'about' ->> 'account' = $2 and entity -> 'about' ->> 'date' = $3
order by entity ->> 'state', key limit 100
"""
ONE_DISCREPANCY = f"select entity from entities where topic = '{DISCREPANCIES}' and key = $1"
# By entities_by_day: the newest day of each account says how fresh its data are.
FRESHNESS = f"""
select site_id, entity ->> 'account' as account, max(entity ->> 'fresh_until') as fresh_until
from entities where topic = '{DAYS}' and site_id = any($1::text[]) and day >= $2
  and entity ->> 'account' <> 'cash'
group by site_id, entity ->> 'account' order by site_id, account
"""
ROUNDS = "select distinct round from notices where site_id = $1 and round is not null order by round desc limit 60"


async def between(
    connection: Connection, sites: Sequence[str], first: date, last: date
) -> tuple[list[dict[str, Any]], date | None]:
    """The days of these sites, the newest first, as far as one page holds; and the date at which the next page begins, if any."""
    rows = await connection.fetch(BETWEEN, sites, first, last)
    return whole_dates([row["entity"] for row in rows], ROWS_MAX)


def whole_dates(days: list[dict[str, Any]], most: int) -> tuple[list[dict[str, Any]], date | None]:
    """The first of these that a page holds, and the date that is for the next page: none is torn between two.

    One date with more rows than a page holds would be cut: whoever sees so many sites looks at fewer of them.
    """
    if len(days) <= most:
        return days, None
    torn = days[most]["date"]
    shown = [each for each in days[:most] if each["date"] != torn]
    return (shown, date.fromisoformat(torn)) if shown else (days[:most], date.fromisoformat(torn) - ONE_DAY)


async def one(connection: Connection, site_id: str, account: str, day: date) -> dict[str, Any] | None:
    """One day."""
    found: dict[str, Any] | None = await connection.fetchval(ONE, f"{site_id}/{account}/{day.isoformat()}")
    return found


async def open_discrepancies(connection: Connection, sites: Sequence[str], limit: int = 100) -> list[dict[str, Any]]:
    """Open differences of these sites, the most pressing first."""
    return [row["entity"] for row in await connection.fetch(OPEN, sites, limit)]


async def discrepancies_of_day(connection: Connection, site_id: str, account: str, day: date) -> list[dict[str, Any]]:
    """Open and settled differences of one day."""
    return [row["entity"] for row in await connection.fetch(OF_DAY, site_id, account, day.isoformat())]


async def one_discrepancy(connection: Connection, discrepancy_id: str) -> dict[str, Any] | None:
    """One difference."""
    found: dict[str, Any] | None = await connection.fetchval(ONE_DISCREPANCY, discrepancy_id)
    return found


async def freshness(connection: Connection, sites: Sequence[str], since: date) -> list[dict[str, Any]]:
    """Up to when the bank's data of each account are known."""
    return [dict(row) for row in await connection.fetch(FRESHNESS, sites, since)]


async def rounds(connection: Connection, site_id: str) -> list[str]:
    """The rounds of a site."""
    return [row["round"] for row in await connection.fetch(ROUNDS, site_id)]
