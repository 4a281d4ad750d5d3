"""Refunds, payment lists and money out, as they are asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.reconciliation.cash.api import moment_and_id
from services.reconciliation.money_back import links, refunds
from services.reconciliation.money_back.model import RefundState
from services.reconciliation.paging import After, Limit, Newest, Page, Sites, page_of
from services.reconciliation.people import READS, SEES_ACCOUNTS, SEES_NAMES, require_site, sites_of
from shared import clock
from shared.privacy import AccountNumber, PersonName
from shared.runtime.auth import Caller, CallerHere
from shared.runtime.postgres import Database
from shared.runtime.problems import Problem

PROPOSED_FROM = timedelta(days=120)
NOTICES_MAX = 500


def router(database: Database) -> APIRouter:
    """What may be asked about money that goes back."""
    routes = APIRouter(tags=["money back"])

    @routes.get("/refunds")
    async def listed(
        caller: CallerHere,
        site: Sites,
        state: RefundState | None = None,
        notice: Annotated[list[str] | None, Query(max_length=NOTICES_MAX)] = None,
        credit: Annotated[str | None, Query(max_length=200)] = None,
        after: After = "",
        limit: Limit = 50,
        newest: Newest = False,
    ) -> Page:
        """Refunds in the order in which they were proposed; account numbers whole only for those who pay.

        `notice`: only of what settlements left of these deposits; `credit`: only of this credit.
        """
        sites = sites_of(caller, site)
        async with database.reading() as connection:
            rows = await refunds.page(connection, sites, after, state, limit + 1, notice, credit, newest=newest)
        return page_of([shown(row, caller) for row in rows], limit, "refund_id")

    @routes.get("/refunds/{refund_id}")
    async def one(refund_id: str, caller: CallerHere) -> dict[str, Any]:
        """One refund."""
        async with database.reading() as connection:
            refund = await refunds.load(connection, refund_id)
        if refund is None:
            raise Problem(404, "unknown_refund", "there is no such refund")
        require_site(caller, refund["site_id"], READS)
        return shown(refund, caller)

    @routes.get("/payment-lists")
    async def lists(caller: CallerHere, site: Sites, after: After = "", limit: Limit = 50, newest: Newest = False) -> Page:
        """Payment lists with their sums, and how many of their refunds were not paid yet."""
        sites = sites_of(caller, site)
        async with database.reading() as connection:
            rows = await refunds.lists(connection, sites, after, limit + 1, newest=newest)
        return page_of(rows, limit, "list_id")

    @routes.get("/payment-lists/{list_id}")
    async def one_list(list_id: str, caller: CallerHere) -> dict[str, Any]:
        """A payment list with its refunds."""
        async with database.reading() as connection:
            found = await refunds.one_list(connection, list_id)
        if found is None:
            raise Problem(404, "unknown_list", "there is no such payment list")
        payment_list, rows = found
        require_site(caller, payment_list["site_id"], READS)
        return {"list": payment_list, "refunds": [shown(row, caller) for row in rows]}

    @routes.get("/returns")
    async def returns(
        caller: CallerHere, site: Sites, told: Annotated[bool | None, Query()] = None, after: After = "", limit: Limit = 50
    ) -> Page:
        """Money out that returned a credit, and whether matching has taken it."""
        sites = sites_of(caller, site)
        async with database.reading() as connection:
            return page_of(await links.page(connection, sites, after, limit + 1, told=told), limit, "return_id")

    @routes.get("/returns/proposals")
    async def proposals(caller: CallerHere, site: Sites, after: After = "", limit: Limit = 50) -> Page:
        """Money out of the last months that may return a credit, with what it may be, the likeliest first.

        Money out of which nothing can be said is left out, so a page may hold fewer than `limit`.
        """
        sites, begin = sites_of(caller, site), moment_and_id(after)
        async with database.reading() as connection:
            outs = await links.unexplained(connection, sites, clock.now() - PROPOSED_FROM, begin, limit + 1)
            found = await links.judge(connection, outs[:limit])
        page = page_of(outs, limit, "occurred_at", "transaction_id")
        page.items = [
            {
                "transaction_id": out["transaction_id"],
                "site_id": out["site_id"],
                "account": out["account"],
                "amount": out["amount"],
                "occurred_at": out["occurred_at"],
                "counter_account": account_for(out["counter_account"], caller),
                "matches": found[out["transaction_id"]],
            }
            for out in outs[:limit]
            if found[out["transaction_id"]]
        ]
        return page

    return routes


def shown(refund: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """A refund as this caller may see it."""
    name = refund["to_name"]
    if name is not None and caller.role not in SEES_NAMES:
        name = PersonName(name).masked()
    return {**refund, "to_account": account_for(refund["to_account"], caller), "to_name": name}


def masked(refund: dict[str, Any]) -> dict[str, Any]:
    """A refund as a command answers with it: its answers are kept, and whole account numbers stand in one place only."""
    return shown(refund, Caller("", "", None))


def account_for(number: str | None, caller: Caller) -> str | None:
    """An account's number as this caller may see it."""
    return number if number is None or caller.role in SEES_ACCOUNTS else AccountNumber(number).masked()
