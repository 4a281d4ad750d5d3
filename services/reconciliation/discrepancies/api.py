"""Discrepancies as they are listed: the list of work, and what happened to each."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from services.reconciliation.discrepancies import queries
from services.reconciliation.discrepancies.model import POLICIES
from services.reconciliation.paging import After, Limit, Page, Sites, date_and_id, page_of
from services.reconciliation.people import require_placeless, sites_of
from shared import clock
from shared.events.reconciliation import DiscrepancyKind
from shared.runtime.auth import CallerHere
from shared.runtime.postgres import Database
from shared.runtime.problems import Problem


def router(database: Database) -> APIRouter:
    """The routes of discrepancies."""
    routes = APIRouter(tags=["discrepancies"])

    @routes.get("/discrepancies")
    async def listed(
        caller: CallerHere,
        site: Sites,
        state: Literal["open", "settled"] = "open",
        kind: DiscrepancyKind | None = None,
        owner_role: Annotated[str | None, Query(max_length=50)] = None,
        owner: Annotated[str | None, Query(max_length=200)] = None,
        after: After = "",
        limit: Limit = 50,
    ) -> Page:
        """Open ones, the most pressing first; or settled ones in the order in which they were found."""
        sites, begin = sites_of(caller, site), date_and_id(after)
        async with database.reading() as connection:
            if state == "settled":
                rows = await queries.settled_ones(connection, sites, begin, limit + 1, kind=kind)
                return page_of(rows, limit, "found_on", "discrepancy_id")
            rows = await queries.open_ones(
                connection, sites, begin, limit + 1, kind=kind, owner_role=owner_role, owner=owner
            )
        return page_of(rows, limit, "due_on", "discrepancy_id")

    @routes.get("/discrepancy-counts")
    async def counted(caller: CallerHere, site: Sites) -> list[dict[str, Any]]:
        """How many are open, of how much money, and past due, by kind."""
        sites = sites_of(caller, site)
        async with database.reading() as connection:
            return await queries.counts(connection, sites, clock.local_day(clock.now()))

    @routes.get("/discrepancy-kinds")
    async def kinds(_caller: CallerHere) -> dict[str, dict[str, Any]]:
        """Whose work each kind is, and the reasons with which a person may settle it."""
        return {kind: {"owner_role": each.owner_role, "reasons": each.reasons} for kind, each in POLICIES.items()}

    @routes.get("/discrepancies/{discrepancy_id}")
    async def read_one(discrepancy_id: str, caller: CallerHere) -> dict[str, Any]:
        """A discrepancy and what people did to it."""
        async with database.reading() as connection:
            found = await queries.one(connection, discrepancy_id)
            if found is None:
                raise Problem(404, "unknown_discrepancy", "there is no such discrepancy")
            sites_of(caller, [found["site_id"]] if found["site_id"] else [])
            require_placeless(caller, found["site_id"])
            return {"discrepancy": found, "acts": await queries.acts(connection, discrepancy_id)}

    return routes
