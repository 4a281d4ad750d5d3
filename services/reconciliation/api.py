"""GET /days: a site's day book as published."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.reconciliation import queries
from shared import clock
from shared.runtime.auth import CallerHere
from shared.runtime.postgres import Database
from shared.runtime.problems import Problem

SPAN_MAX = timedelta(days=366)
SPAN_DEFAULT = timedelta(days=30)


def router(database: Database) -> APIRouter:
    """What may be asked of the day book."""
    routes = APIRouter(tags=["days"])

    @routes.get("/days")
    async def days(
        caller: CallerHere,
        site: Annotated[str, Query(min_length=1, max_length=200)],
        from_: Annotated[date | None, Query(alias="from")] = None,
        to: date | None = None,
    ) -> list[dict[str, Any]]:
        """A site's days in order, both ends included; without dates those of the last 31 days."""
        caller.require_site(site)
        last = to or clock.local_day(clock.now())
        first = from_ or last - SPAN_DEFAULT
        if first > last:
            raise Problem(400, "invalid_request", "from must not be after to")
        if last - first > SPAN_MAX:
            raise Problem(400, "invalid_request", f"ask for at most {SPAN_MAX.days + 1} days at once")
        async with database.reading() as connection:
            found = await queries.days_between(connection, site, first, last)
            if not found and not await queries.site_exists(connection, site):
                raise Problem(404, "unknown_site", "no site has this id")
        return found

    return routes
