"""What is read of discrepancies: the list of work, what happened to one, and pages to publish them again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from shared.events import Discrepancy
from shared.runtime.postgres import Connection

# The most pressing first: by due date, so that small old ones rise. By discrepancies_open_of_site or discrepancies_open_due.
OPEN = """
select discrepancy_id, due_on, entity from discrepancies
where state = 'open' and ($1::text[] is null or site_id = any($1::text[])) and (due_on, discrepancy_id) > ($2, $3)
  and ($4::text is null or kind = $4) and ($5::text is null or entity ->> 'owner_role' = $5)
  and ($6::text is null or entity ->> 'owner' = $6)
order by due_on, discrepancy_id limit $7
"""

# By discrepancies_of_site.
SETTLED = """
select discrepancy_id, found_on, entity from discrepancies
where state = 'settled' and ($1::text[] is null or site_id = any($1::text[])) and (found_on, discrepancy_id) > ($2, $3)
  and ($4::text is null or kind = $4)
order by found_on, discrepancy_id limit $5
"""

# By the primary key.
ONE = "select entity from discrepancies where discrepancy_id = $1"

ACTS = """
select version, act, person, reason, note, at from discrepancy_acts where discrepancy_id = $1 order by version
"""

# By the scope's index and the primary key's.
OF_DAY = """
select entity from discrepancies
where site_id = $1 and account = $2 and (day = $3 or scope = $4) order by due_on, discrepancy_id limit $5
"""

# By discrepancies_open_of_site.
COUNTS = """
select kind, count(*) as count, coalesce(sum(abs(amount)), 0)::bigint as dong, count(*) filter (where due_on < $2) as overdue
from discrepancies where state = 'open' and ($1::text[] is null or site_id = any($1::text[])) group by kind order by kind
"""

# By the primary key.
PAGE = "select entity from discrepancies where discrepancy_id > $1 order by discrepancy_id limit $2 for share"


async def open_ones(
    connection: Connection,
    sites: list[str] | None,
    after: tuple[date, str],
    limit: int,
    *,
    kind: str | None,
    owner_role: str | None,
    owner: str | None,
) -> list[dict[str, Any]]:
    """Open ones, the most pressing first."""
    rows = await connection.fetch(OPEN, sites, *after, kind, owner_role, owner, limit)
    return [row["entity"] for row in rows]


async def settled_ones(
    connection: Connection, sites: list[str] | None, after: tuple[date, str], limit: int, *, kind: str | None
) -> list[dict[str, Any]]:
    """Settled ones, in the order in which they were found."""
    return [row["entity"] for row in await connection.fetch(SETTLED, sites, *after, kind, limit)]


async def one(connection: Connection, discrepancy_id: str) -> dict[str, Any] | None:
    """A discrepancy as published."""
    entity: dict[str, Any] | None = await connection.fetchval(ONE, discrepancy_id)
    return entity


async def acts(connection: Connection, discrepancy_id: str) -> list[dict[str, Any]]:
    """What people did to it."""
    return [dict(row) for row in await connection.fetch(ACTS, discrepancy_id)]


async def of_day(connection: Connection, site_id: str, account: str, day: date, limit: int) -> list[dict[str, Any]]:
    """The discrepancies that are about a day, or were found on it."""
    scope = f"day:{site_id}/{account}/{day.isoformat()}"
    return [row["entity"] for row in await connection.fetch(OF_DAY, site_id, account, day, scope, limit)]


async def counts(connection: Connection, sites: list[str] | None, today: date) -> list[dict[str, Any]]:
    """How many are open, of how much, and past due, by kind."""
    return [dict(row) for row in await connection.fetch(COUNTS, sites, today)]


async def page_of_discrepancies(connection: Connection, after: str, limit: int) -> Sequence[Discrepancy]:
    """The next discrepancies in the order of their ids."""
    return [Discrepancy.model_validate(row["entity"]) for row in await connection.fetch(PAGE, after, limit)]
