"""Questions about credits; what people do with them stands in by_hand.py, suggestions.py and receipts.py."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.matching import acts, balances, store
from services.matching.people import READS, require_role
from shared.events import Credit
from shared.privacy import PayerCode
from shared.runtime.auth import Caller, CallerHere
from shared.runtime.postgres import Connection, Database
from shared.runtime.problems import Problem

MAX_PAGE = 200


class ReviewPage(BaseModel):
    """A page of the review queue."""

    credits: list[Credit]
    over_allocated: list[str]
    next: str | None


class ActTold(BaseModel):
    """What a person did to a credit, and what stood before."""

    act: acts.Act
    person: str
    role: str
    at: datetime
    reason: str | None
    version: int
    before: Credit | None


def router(database: Database) -> APIRouter:
    """The routes that change nothing."""
    routes = APIRouter(tags=["credits"])

    @routes.get("/credits/{credit_id}")
    async def read_credit(credit_id: str, caller: CallerHere) -> Credit:
        """One credit with its decision and evidence."""
        async with database.reading() as connection, connection.transaction(readonly=True, isolation="repeatable_read"):
            return await _one(connection, credit_id, caller)

    @routes.get("/credits/{credit_id}/acts")
    async def read_acts(credit_id: str, caller: CallerHere) -> list[ActTold]:
        """Who did what to a credit, when, and what stood before; the oldest first."""
        async with database.reading() as connection, connection.transaction(readonly=True, isolation="repeatable_read"):
            await _one(connection, credit_id, caller)
            return [ActTold.model_validate(each) for each in await acts.acts_of(connection, credit_id)]

    @routes.get("/review")
    async def read_review(
        caller: CallerHere, site: str, after: str = "", limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50
    ) -> ReviewPage:
        """What a site's people have to look at, oldest first."""
        require_role(caller, READS)
        caller.require_site(site)
        async with database.reading() as connection, connection.transaction(readonly=True, isolation="repeatable_read"):
            credits, over_allocated = await store.review(connection, site, after, limit)
        last = credits[-1].credit_id if len(credits) == limit else None
        return ReviewPage(credits=credits, over_allocated=over_allocated, next=last)

    @routes.get("/balances")
    async def read_balance(caller: CallerHere, site: str, payer: str) -> dict[str, int]:
        """What stands for a payer of a site and has no end yet, in đồng: the balance, and what is to be returned."""
        require_role(caller, READS)
        caller.require_site(site)
        async with database.reading() as connection:
            return await balances.held_for(connection, site, PayerCode(payer))

    return routes


async def _one(connection: Connection, credit_id: str, caller: Caller) -> Credit:
    """The credit, if the caller may see it; raises Problem."""
    require_role(caller, READS)
    credit = (await store.load_credits(connection, [credit_id], lock=False)).get(credit_id)
    if credit is None:
        raise Problem(404, "unknown_credit", "there is no such credit")
    caller.require_site(credit.site_id)
    return credit.event()
