"""The directory's HTTP routes: imports by administrators, lists for whoever has a token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.directory import store
from services.directory.importing import CAMPAIGNS, SITES, UNITS, run_import
from shared.runtime.auth import AdminHere, CallerHere
from shared.runtime.uploads import report_response, uploaded_file

if TYPE_CHECKING:
    from shared.runtime.postgres import Database


def router(database: Database) -> APIRouter:
    """POST /imports/{units|sites|campaigns} with a file's bytes, GET /units, /sites, /campaigns."""
    routes = APIRouter(tags=["directory"])

    @routes.post("/imports/units")
    async def import_units(request: Request, _caller: AdminHere, check: bool = False, partial: bool = False) -> Response:
        report = await run_import(database, UNITS, await uploaded_file(request), check=check, partial=partial)
        return report_response("units", report, partial=partial)

    @routes.post("/imports/sites")
    async def import_sites(request: Request, _caller: AdminHere, check: bool = False, partial: bool = False) -> Response:
        report = await run_import(database, SITES, await uploaded_file(request), check=check, partial=partial)
        return report_response("sites", report, partial=partial)

    @routes.post("/imports/campaigns")
    async def import_campaigns(request: Request, _caller: AdminHere, check: bool = False, partial: bool = False) -> Response:
        report = await run_import(database, CAMPAIGNS, await uploaded_file(request), check=check, partial=partial)
        return report_response("campaigns", report, partial=partial)

    @routes.get("/units")
    async def units(_caller: CallerHere) -> list[dict[str, Any]]:
        async with database.reading() as connection:
            return [unit.model_dump(mode="json") for unit in await store.all_units(connection)]

    @routes.get("/sites")
    async def sites(caller: CallerHere) -> list[dict[str, Any]]:
        async with database.reading() as connection:
            known = await store.all_sites(connection)
        return [site.model_dump(mode="json") for site in known if caller.sites is None or site.site_id in caller.sites]

    @routes.get("/campaigns")
    async def campaigns(_caller: CallerHere) -> list[dict[str, Any]]:
        async with database.reading() as connection:
            return [campaign.model_dump(mode="json") for campaign in await store.all_campaigns(connection)]

    return routes
