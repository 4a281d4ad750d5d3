"""Thu hộ: the ledger, whom it is for, and which money out handed it on."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.reconciliation.cash.api import moment_and_id
from services.reconciliation.collected_for import store
from services.reconciliation.collected_for.model import Share, may_remit, remits
from services.reconciliation.commanding import IdempotencyKey, IfMatch, run_once
from services.reconciliation.days.api import span
from services.reconciliation.days.closing import require_complete
from services.reconciliation.money_back import links
from services.reconciliation.money_back.api import PROPOSED_FROM, account_for
from services.reconciliation.paging import After, Limit, Page, Sites, date_and_id, page_of
from services.reconciliation.people import KEEPS_BOOKS, require_site, sites_of
from shared import clock
from shared.events.base import Id
from shared.money import PositiveDong
from shared.runtime.auth import Caller, CallerHere
from shared.runtime.commands import check_version
from shared.runtime.postgres import Connection, Database
from shared.runtime.problems import Problem


class Body(BaseModel):
    """For whom a fee kind is collected at a site, and where it goes."""

    model_config = ConfigDict(extra="forbid")
    site_id: Id
    body: Annotated[str, Field(min_length=1, max_length=200)]
    account: Annotated[str, Field(min_length=4, max_length=40)] | None = None
    bank: Annotated[str, Field(max_length=100)] | None = None


class RemitShare(BaseModel):
    """What of a payment is for one fee kind."""

    model_config = ConfigDict(extra="forbid")
    fee_kind: Id
    amount: PositiveDong


class Remit(BaseModel):
    """Money out that hands collected money on."""

    model_config = ConfigDict(extra="forbid")
    transaction_id: Id
    shares: Annotated[list[RemitShare], Field(min_length=1, max_length=50)]


def router(database: Database) -> APIRouter:
    """The routes of what is collected for others."""
    routes = APIRouter(prefix="/collected-for", tags=["collected for others"])
    _reading(routes, database)
    _commands(routes, database)
    return routes


def _reading(routes: APIRouter, database: Database) -> None:
    @routes.get("")
    async def ledger(
        caller: CallerHere,
        site: Sites,
        from_: Annotated[date | None, Query(alias="from")] = None,
        to: date | None = None,
    ) -> list[dict[str, Any]]:
        """Collected and handed on within the dates, and still held now, by site, body and fee kind."""
        sites, (first, last) = sites_of(caller, site), span(from_, to)
        async with database.reading() as connection:
            return await store.ledger(connection, sites, first, last)

    @routes.get("/remittances")
    async def remittances(
        caller: CallerHere,
        site: Sites,
        from_: Annotated[date | None, Query(alias="from")] = None,
        to: date | None = None,
        after: After = "",
        limit: Limit = 50,
    ) -> Page:
        """What was handed on, by day, with the money out that did it."""
        sites, (first, last), begin = sites_of(caller, site), span(from_, to), date_and_id(after)
        async with database.reading() as connection:
            rows = await store.remittances(connection, sites, first, last, begin, limit + 1)
        return page_of(rows, limit, "day", "transaction_id")

    @routes.get("/proposals")
    async def proposals(caller: CallerHere, site: Sites, after: After = "", limit: Limit = 50) -> Page:
        """Money out that may hand something on, with the shares where they are plain."""
        sites, begin = sites_of(caller, site), moment_and_id(after)
        async with database.reading() as connection:
            outs = await links.unexplained(connection, sites, clock.now() - PROPOSED_FROM, begin, limit + 1)
            held = await store.held_by(connection, sorted({out["site_id"] for out in outs[:limit]}))
        page = page_of(outs, limit, "occurred_at", "transaction_id")
        page.items = [
            {
                **{name: out[name] for name in ("transaction_id", "site_id", "account", "amount", "occurred_at")},
                "counter_account": account_for(out["counter_account"], caller),
                "shares": remits(out["amount"], out["counter_account"], held[out["site_id"]]),
                "held": held[out["site_id"]],
            }
            for out in outs[:limit]
            if may_remit(out["counter_account"], out["memo_says"], held[out["site_id"]])
        ]
        return page


def _commands(routes: APIRouter, database: Database) -> None:
    @routes.put("/bodies/{fee_kind}")
    async def put_body(
        fee_kind: str, body: Body, caller: CallerHere, version: IfMatch, key: IdempotencyKey
    ) -> dict[str, Any]:
        """Declare for whom a fee kind is collected (If-Match: 0 for the first time); payments there are recognised from then on."""
        require_site(caller, body.site_id, KEEPS_BOOKS)

        async def act(connection: Connection) -> dict[str, Any]:
            known = await store.body_version(connection, body.site_id, fee_kind)
            check_version(version, known, "mục này vừa thay đổi, hãy tải lại")
            return await store.put_body(
                connection, body.site_id, fee_kind, body.body, body.account, body.bank, caller.person, clock.now()
            )

        return await run_once(database, caller, key, f"{fee_kind}/{version}/{body.model_dump_json()}", act)

    @routes.post("/remittances")
    async def remit(body: Remit, caller: CallerHere, key: IdempotencyKey) -> dict[str, Any]:
        """Say what money out handed on; the shares may not exceed it, nor what is held."""

        async def act(connection: Connection) -> dict[str, Any]:
            return await _remit(connection, body, caller)

        return await run_once(database, caller, key, body.model_dump_json(), act)

    @routes.delete("/remittances/{transaction_id}")
    async def undo(transaction_id: str, caller: CallerHere, key: IdempotencyKey) -> dict[str, Any]:
        """Take back what was said of money out."""

        async def act(connection: Connection) -> dict[str, Any]:
            site_id = await store.site_of_remittance(connection, transaction_id)
            if site_id is None:
                raise Problem(404, "unknown_remittance", "this money out hands nothing on")
            require_site(caller, site_id, KEEPS_BOOKS)
            undone = await store.undo(connection, transaction_id, caller.person, clock.now())
            return {"transaction_id": transaction_id, "undone": undone}

        return await run_once(database, caller, key, f"undo/{transaction_id}", act)


async def _remit(connection: Connection, body: Remit, caller: Caller) -> dict[str, Any]:
    await require_complete(connection)
    out = await links.one_unexplained(connection, body.transaction_id)
    if out is None or out["site_id"] is None:
        raise Problem(404, "unknown_money_out", "no such money left, or what it was is settled")
    require_site(caller, out["site_id"], KEEPS_BOOKS)
    await store.lock(connection, out["site_id"])
    held = {each.fee_kind: each.to_remit for each in (await store.held_by(connection, [out["site_id"]]))[out["site_id"]]}
    if len({share.fee_kind for share in body.shares}) < len(body.shares):
        raise Problem(400, "invalid_request", "shares: a fee kind stands twice")
    if sum(share.amount for share in body.shares) > out["amount"]:
        raise Problem(409, "more_than_paid", f"only {out['amount']} đồng left the account", paid=out["amount"])
    for share in body.shares:
        if share.amount > held.get(share.fee_kind, 0):
            still = held.get(share.fee_kind, 0)
            raise Problem(409, "more_than_held", f"{share.fee_kind}: only {still} đồng are held", held=still)
    shares = [Share(share.fee_kind, share.amount) for share in body.shares]
    await store.remit(connection, out, shares, caller.person, clock.now())
    return {**body.model_dump(), "site_id": out["site_id"], "decided_by": caller.person}
