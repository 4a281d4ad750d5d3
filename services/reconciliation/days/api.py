"""Days: lists, one day with what explains it, and closing by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, ConfigDict

from services.reconciliation.commanding import IdempotencyKey, run_once
from services.reconciliation.days import queries
from services.reconciliation.days.closing import CloseReason, close_days
from services.reconciliation.discrepancies import queries as discrepancy_queries
from services.reconciliation.paging import After, Limit, Page, Sites, page_of
from services.reconciliation.people import KEEPS_BOOKS, READS, require_site, sites_of
from shared import clock
from shared.events.base import Id
from shared.runtime.auth import CallerHere
from shared.runtime.commands import expected_version
from shared.runtime.postgres import Connection, Database
from shared.runtime.problems import Problem

EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
SPAN_MAX = timedelta(days=366)
SPAN_DEFAULT = timedelta(days=30)
LISTED_MAX = 1_000


class CloseDays(BaseModel):
    """Which rows of a site's day to close, and why in spite of a difference."""

    model_config = ConfigDict(extra="forbid")
    site_id: Id
    date: date
    account: Id | None = None
    """One account, or "cash"; all rows of the date where it is left out."""
    reason: CloseReason | None = None


def router(database: Database) -> APIRouter:
    """The routes of days."""
    routes = APIRouter(tags=["days"])

    @routes.get("/days")
    async def days(
        caller: CallerHere,
        site: Annotated[str, Query(min_length=1, max_length=200)],
        from_: Annotated[date | None, Query(alias="from")] = None,
        to: date | None = None,
    ) -> list[dict[str, Any]]:
        """A site's days in order, both ends included; without dates those of the last 31 days."""
        require_site(caller, site, READS)
        first, last = span(from_, to)
        async with database.reading() as connection:
            found = await queries.days_between(connection, site, first, last)
            if not found and not await queries.site_exists(connection, site):
                raise Problem(404, "unknown_site", "no site has this id")
        return found

    @routes.get("/days/{site_id}/{account}/{day}")
    async def one_day(site_id: str, account: str, day: date, caller: CallerHere) -> dict[str, Any]:
        """A day with its discrepancies and what was found late and counts on it."""
        require_site(caller, site_id, READS)
        async with database.reading() as connection:
            found = await queries.one_day(connection, f"{site_id}/{account}/{day.isoformat()}")
            if found is None:
                raise Problem(404, "unknown_day", "nothing is known of this day")
            return {
                "day": found,
                "discrepancies": await discrepancy_queries.of_day(connection, site_id, account, day, LISTED_MAX),
                "late": await queries.late_items(connection, site_id, account, day, LISTED_MAX),
            }

    @routes.get("/accounts")
    async def accounts(caller: CallerHere, site: Sites, after: After = "", limit: Limit = 100) -> Page:
        """How fresh each account's bank data are, and how many of its days are over and not closed."""
        sites = sites_of(caller, site)
        first, _, second = after.partition("~")
        async with database.reading() as connection:
            today = clock.local_day(clock.now())
            rows = await queries.accounts(connection, sites, (first, second), today, limit + 1)
        return page_of(rows, limit, "site_id", "account")

    @routes.post("/days/close")
    async def close(
        body: CloseDays,
        caller: CallerHere,
        key: IdempotencyKey,
        if_match: Annotated[str | None, Header()] = None,
    ) -> dict[str, Any]:
        """Close a site's day by hand; If-Match with the row's version where one account is named."""
        require_site(caller, body.site_id, KEEPS_BOOKS)
        version = expected_version(if_match) if body.account is not None else None

        async def act(connection: Connection) -> dict[str, Any]:
            closed = await close_days(
                connection, body.site_id, body.date, account=body.account, version=version, reason=body.reason,
                person=caller.person, at=clock.now(),
            )  # fmt: skip
            return {"days": [day.model_dump(mode="json") for day in closed]}

        return await run_once(database, caller, key, body.model_dump_json(), act)

    return routes


def span(first: date | None, last: date | None) -> tuple[date, date]:
    """The asked dates, by default the last 31 days; raises Problem."""
    last = last or clock.local_day(clock.now())
    if not EARLIEST <= last <= LATEST or not EARLIEST <= (first or last) <= LATEST:
        raise Problem(400, "invalid_request", f"dates must lie between {EARLIEST} and {LATEST}")
    first = first or last - SPAN_DEFAULT
    if first > last:
        raise Problem(400, "invalid_request", "from must not be after to")
    if last - first > SPAN_MAX:
        raise Problem(400, "invalid_request", f"ask for at most {SPAN_MAX.days + 1} days at once")
    return first, last
