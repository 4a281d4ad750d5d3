"""The HTTP routes that read notices and bills, for whoever is bound to the site; commands stand with what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query

from services.notices import store, views
from shared import clock
from shared.reference import normalize
from shared.runtime.auth import CallerHere
from shared.runtime.problems import Problem

if TYPE_CHECKING:
    from datetime import date

    from shared.events import Notice, Site
    from shared.runtime.postgres import Database

PAGE_MAX = 2_000


def router(database: Database) -> APIRouter:
    """GET /notices, /notices/{id}, /bills/{reference}."""
    routes = APIRouter(tags=["notices"])

    @routes.get("/notices")
    async def list_notices(
        caller: CallerHere,
        site: str | None = None,
        status: Literal["open", "cancelled"] | None = None,
        after: str = "",
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 500,
    ) -> dict[str, Any]:
        if site is not None:
            caller.require_site(site)
        async with database.reading() as connection:
            page = await views.list_notices(connection, caller.sites if site is None else {site}, status, after, limit)
        return {
            "notices": [_shown(notice, paid) for notice, paid in page],
            "next": page[-1][0].notice_id if len(page) == limit else None,
        }

    @routes.get("/notices/{notice_id:path}")
    async def one_notice(notice_id: str, caller: CallerHere) -> dict[str, Any]:
        async with database.reading() as connection:
            found = await views.one_notice(connection, notice_id)
        if found is None:
            raise Problem(404, "not_found", "no notice has this id")
        caller.require_site(found[0].site_id)
        return _shown(*found)

    @routes.get("/bills/{reference}")
    async def bill(reference: str, caller: CallerHere) -> dict[str, Any]:
        wanted = normalize(reference) or ""
        async with database.reading() as connection:
            found = (await store.bills_by_reference(connection, [wanted])).get(wanted)
            if found is None:
                raise Problem(404, "not_found", "no bill has this reference")
            caller.require_site(found.site_id)
            notices = await views.notices_of_bill(connection, found.bill_id)
            site = await views.site(connection, found.site_id)
            fresh_until = await views.fresh_until(connection, found.site_id)
        open_notices = [(notice, paid) for notice, paid in notices if notice.status == "open"]
        return {
            "reference": wanted,
            "site_id": found.site_id,
            "bill_id": found.bill_id,
            "account": None if site is None else _account(site, clock.local_day(clock.now())),
            "amount": sum(notice.amount for notice, _ in open_notices),
            "paid": sum(paid for _, paid in open_notices),
            "fresh_until": fresh_until,
            "notices": [_shown(notice, paid) for notice, paid in notices],
        }

    return routes


def _shown(notice: Notice, paid: int) -> dict[str, Any]:
    return {**notice.model_dump(mode="json"), "paid": paid}


def _account(site: Site, day: date) -> dict[str, str] | None:
    """The account to pay to on this day: of those that are open, the newest."""
    held = [each for each in site.accounts if each.valid_from <= day and (each.valid_to is None or each.valid_to >= day)]
    if not held:
        return None
    account = max(held, key=lambda each: (each.valid_from, each.account_number))
    return {
        "bank_bin": account.bank_bin,
        "account_number": account.account_number,
        "account_name": account.account_name,
    }
