"""What is read of the published days and discrepancies: for GET /days and to publish them again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from shared.events import Discrepancy, ReconciliationDay
from shared.runtime.postgres import Connection

# By the unique key (site_id, day, account).
DAYS_BETWEEN = "select entity from days where site_id = $1 and day between $2 and $3 order by day, account"

# By the primary key.
SITE_EXISTS = "select exists (select from sites where site_id = $1)"

# By the primary key.
PAGE_OF_DAYS = "select entity from days where key > $1 order by key limit $2 for share"

# By the primary key.
PAGE_OF_DISCREPANCIES = (
    "select entity from discrepancies where discrepancy_id > $1 order by discrepancy_id limit $2 for share"
)


async def days_between(connection: Connection, site_id: str, first: date, last: date) -> list[dict[str, Any]]:
    """A site's days as published, by date and account."""
    return [row["entity"] for row in await connection.fetch(DAYS_BETWEEN, site_id, first, last)]


async def site_exists(connection: Connection, site_id: str) -> bool:
    """Whether directory told of this site."""
    return bool(await connection.fetchval(SITE_EXISTS, site_id))


async def page_of_days(connection: Connection, after: str, limit: int) -> Sequence[ReconciliationDay]:
    """The next days in the order of their keys."""
    return [ReconciliationDay.model_validate(row["entity"]) for row in await connection.fetch(PAGE_OF_DAYS, after, limit)]


async def page_of_discrepancies(connection: Connection, after: str, limit: int) -> Sequence[Discrepancy]:
    """The next discrepancies in the order of their ids."""
    rows = await connection.fetch(PAGE_OF_DISCREPANCIES, after, limit)
    return [Discrepancy.model_validate(row["entity"]) for row in rows]
