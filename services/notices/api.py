"""The HTTP routes that read notices, for whoever is bound to the site; commands stand with what they do."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query

from services.notices import views
from services.notices.fees import store as fee_store
from services.notices.fees.model import ALL_SITES
from services.notices.payers import store as payer_store
from shared import clock
from shared.runtime.auth import CallerHere
from shared.runtime.problems import Problem

if TYPE_CHECKING:
    from shared.events import Notice
    from shared.runtime.postgres import Database

PAGE_MAX = 2_000


def router(database: Database) -> APIRouter:
    """GET /notices, /notices/{id} and its history, /fee-kinds, /payers."""
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

    @routes.get("/notices/{notice_id:path}/history")
    async def history(notice_id: str, caller: CallerHere) -> dict[str, Any]:
        """Every version of a notice: who made it, when, how and why, and what differed."""
        async with database.reading() as connection:
            found = await views.one_notice(connection, notice_id)
            if found is None:
                raise Problem(404, "not_found", "no notice has this id")
            caller.require_site(found[0].site_id)
            return {"notice_id": notice_id, "versions": await views.history(connection, notice_id)}

    @routes.get("/notices/{notice_id:path}")
    async def one_notice(notice_id: str, caller: CallerHere) -> dict[str, Any]:
        async with database.reading() as connection:
            found = await views.one_notice(connection, notice_id)
        if found is None:
            raise Problem(404, "not_found", "no notice has this id")
        caller.require_site(found[0].site_id)
        return _shown(*found)

    @routes.get("/fee-kinds")
    async def fee_kinds(caller: CallerHere, site: str) -> list[dict[str, Any]]:
        """What a site collects, its own kinds and those of all sites of its type."""
        caller.require_site(site)
        async with database.reading() as connection:
            kinds = await fee_store.of_sites(connection, [ALL_SITES, site])
            here = (await views.sites(connection, [site])).get(site)
        return [asdict(kind) for kind in sorted(kinds, key=lambda kind: kind.key) if kind.is_for(here)]

    @routes.get("/payers")
    async def payers(
        caller: CallerHere,
        site: str,
        group: str | None = None,
        after: str = "",
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 500,
    ) -> dict[str, Any]:
        """A site's payers by code, of one class or of all."""
        caller.require_site(site)
        async with database.reading() as connection:
            page = await payer_store.page(connection, site, group, after, limit)
        return {
            "payers": [
                {name: str.__str__(value) if isinstance(value, str) else value for name, value in asdict(payer).items()}
                for payer in page
            ],
            "next": page[-1].payer_code.reveal() if len(page) == limit else None,
        }

    return routes


def _shown(notice: Notice, paid: int) -> dict[str, Any]:
    """The notice with what follows from payments and the day: shown here, never published (DESIGN §3 rule 9)."""
    left = max(0, notice.amount - paid) if notice.status == "open" else 0
    today = clock.local_day(clock.now())
    return {
        **notice.model_dump(mode="json"),
        "paid": paid,
        "left": left,
        "is_overdue": bool(left) and notice.obligation == "due" and notice.due_on < today,
    }
