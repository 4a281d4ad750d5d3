"""GET /shares: the cashless share of any range of days."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.adoption import queries
from shared.runtime.auth import CallerHere
from shared.runtime.postgres import Database
from shared.runtime.problems import Problem

SPAN_DAYS_MAX = 1_100
"""Three years: a limit on what one question may read."""


def router(database: Database) -> APIRouter:
    """What may be asked of the figures."""
    routes = APIRouter(tags=["shares"])

    @routes.get("/shares")
    async def shares(
        caller: CallerHere,
        by: queries.By,
        from_: Annotated[date, Query(alias="from")],
        to: date,
    ) -> list[dict[str, Any]]:
        """Shares by count, value and payers, both days included; null where nothing was applied to a fee."""
        if from_ > to:
            raise Problem(400, "invalid_request", "from must not be after to")
        if (to - from_).days >= SPAN_DAYS_MAX:
            raise Problem(400, "invalid_request", f"ask for at most {SPAN_DAYS_MAX} days at once")
        sites = None if caller.sites is None else sorted(caller.sites)
        async with database.reading() as connection:
            return await queries.shares_between(connection, by, from_, to, sites)

    return routes
