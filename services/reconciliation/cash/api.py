"""Cash as it is asked for: what lies in the box, what was brought to the bank, shifts and their hand-over journal."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.reconciliation.cash import queries, shifts
from services.reconciliation.days.api import LISTED_MAX, span
from services.reconciliation.paging import After, Limit, Page, Sites, date_and_id, page_of
from services.reconciliation.people import READS, require_site, sites_of
from shared import clock
from shared.runtime.auth import CallerHere
from shared.runtime.postgres import Database
from shared.runtime.problems import Problem


def router(database: Database) -> APIRouter:
    """What may be asked about cash."""
    routes = APIRouter(tags=["cash"])

    @routes.get("/cash-in-hand")
    async def in_hand(caller: CallerHere, site: Sites, after: After = "", limit: Limit = 100) -> Page:
        """What must lie in each box, and how many receipts were not brought to the bank yet."""
        sites = sites_of(caller, site)
        async with database.reading() as connection:
            return page_of(await queries.in_hand(connection, sites, after, limit + 1), limit, "site_id")

    @routes.get("/deposits")
    async def deposits(
        caller: CallerHere,
        site: Sites,
        from_: Annotated[date | None, Query(alias="from")] = None,
        to: date | None = None,
        after: After = "",
        limit: Limit = 50,
    ) -> Page:
        """Cash that was brought to the bank, with how much of it receipts explain."""
        sites, (first, last), begin = sites_of(caller, site), span(from_, to), date_and_id(after)
        async with database.reading() as connection:
            rows = await queries.deposits(connection, sites, first, last, begin, limit + 1)
        return page_of(rows, limit, "day", "transaction_id")

    @routes.get("/deposits/{transaction_id}")
    async def deposit(transaction_id: str, caller: CallerHere) -> dict[str, Any]:
        """The receipts that a deposit cleared."""
        async with database.reading() as connection:
            site_id = await queries.site_of_deposit(connection, transaction_id)
            if site_id is None:
                raise Problem(404, "unknown_deposit", "there is no such deposit")
            require_site(caller, site_id, READS)
            receipts = await queries.cleared_by(connection, transaction_id, LISTED_MAX)
        return {"transaction_id": transaction_id, "site_id": site_id, "receipts": receipts}

    @routes.get("/shifts")
    async def listed(
        caller: CallerHere,
        site: Sites,
        from_: Annotated[date | None, Query(alias="from")] = None,
        to: date | None = None,
        open_: Annotated[bool | None, Query(alias="open")] = None,
        after: After = "",
        limit: Limit = 50,
    ) -> Page:
        """Shifts in the order in which they were opened: the hand-over journal."""
        sites, (first, last), begin = sites_of(caller, site), span(from_, to), moment_and_id(after)
        since, until = clock.day_start(first), clock.day_start(last + timedelta(days=1))
        async with database.reading() as connection:
            rows = await shifts.between(connection, sites, since, until, begin, limit + 1, is_open=open_)
        return page_of(rows, limit, "opened_at", "shift_id")

    @routes.get("/shifts/{shift_id}")
    async def one_shift(shift_id: str, caller: CallerHere) -> dict[str, Any]:
        """A shift with its receipts, the refunds paid out of its till, and what the till must hold now."""
        now = clock.now()
        async with database.reading() as connection:
            shift = await shifts.load(connection, shift_id)
            if shift is None:
                raise Problem(404, "unknown_shift", "there is no such shift")
            require_site(caller, shift["site_id"], READS)
            receipts = await shifts.receipts(connection, shift_id, now)
            till = await shifts.till(connection, shift, now)
        return {
            "shift": shift, "receipts": receipts[:LISTED_MAX], "expected": till.expected, "paid_out": till.paid_out,
        }  # fmt: skip

    return routes


def moment_and_id(after: str) -> tuple[datetime, str]:
    """A cursor of a moment and an id; from the beginning where it is empty. Raises Problem."""
    if not after:
        return datetime(1900, 1, 1, tzinfo=UTC), ""
    moment, _, key = after.partition("~")
    try:
        return datetime.fromisoformat(moment), key
    except ValueError:
        raise Problem(400, "invalid_request", "after: not a place that this list told") from None
