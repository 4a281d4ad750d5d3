"""The routes: pages for people, their live events, and figures for programs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from sse_starlette import EventSourceResponse

from services.asyncapi import document
from services.portal import addresses, pages, queries, views, words
from services.portal.live import EVERYTHING, HEARTBEAT_S, Watch
from services.portal.model import NO_SITE, Place
from services.portal.page_route import PageRoute
from services.portal.refusals import Refusal
from shared import clock
from shared.runtime.postgres import Database
from shared.runtime.problems import Problem

SITES_A_PAGE = 25
SEND_TIMEOUT_S = 30
"""A browser that takes no byte for so long is gone."""


def pages_router(database: Database) -> APIRouter:
    """What people read. The state of a page is in its address, so it can be kept, sent and gone back to."""
    router = APIRouter(route_class=PageRoute, include_in_schema=False)

    @router.get("/")
    async def overview(
        request: Request, q: str = "", after: str = "", fragment: Annotated[bool, Query()] = False
    ) -> Response:
        query, place = addresses.search(q), addresses.site_place(after)
        async with database.reading() as connection:
            revision = await queries.revision_of_all(connection)
            installation = await queries.site_count(connection)
            total = await queries.summary(connection)
            rows = await queries.sites(connection, clock.local_day(clock.now()), query, place, SITES_A_PAGE)
            homeless = await queries.site_here(connection, NO_SITE)
        shown = rows[:SITES_A_PAGE]
        last = (shown[-1]["search_key"], shown[-1]["site_id"]) if len(rows) > SITES_A_PAGE else None
        return pages.page(
            request,
            "sites_live.html" if fragment else "sites.html",
            title=words.SITES_TITLE,
            revision=revision,
            events="/events",
            sample=installation["sample"],
            site_count=installation["sites"],
            total=total,
            cashless=views.share_words(total["cashless_count"], total["allocated_count"]),
            sites=[views.site_row(row) for row in shown],
            query=query,
            older=addresses.overview(query, last) if last else None,
            newest=addresses.overview(query) if after else None,
            homeless=homeless if homeless and homeless["received_count"] else None,
            homeless_path=addresses.payments(NO_SITE),
        )

    @router.get("/sites/{path}/payments")
    async def payments(
        request: Request, path: str, state: str = "", before: str = "", fragment: Annotated[bool, Query()] = False
    ) -> Response:
        site_id = addresses.site_in(path)
        kept, place = addresses.state_filter(state, site_id), addresses.credit_place(before, site_id)
        async with database.reading() as connection:
            # The revision is read first: what is shown may be newer than it (and is looked at once more), never older.
            site = await queries.site_here(connection, site_id)
            if site is None:
                raise Refusal(404, "unknown_site", words.SITE_UNKNOWN)
            here = await queries.payments(connection, site_id, kept, place)
        last = here.credits[-1] if here.more else None
        return pages.page(
            request,
            "payments_live.html" if fragment else "payments.html",
            title=site["name"] or words.SITE_NONE,
            revision=site["revision"],
            events=addresses.events(site_id),
            sample=site["sample"],
            site=site,
            rows=views.rows_of(here),
            empty=words.END_OF_LIST if place else words.EMPTY[kept],
            filters=[
                (name, addresses.payments(site_id, state=key), key == state, count and site[count])
                for key, _, name, count in words.FILTERS
            ],
            older=addresses.payments(site_id, state, Place(last.occurred_at, last.credit_id)) if last else None,
            newest=addresses.payments(site_id, state) if place else None,
        )

    return router


def program_router(database: Database, watch: Watch) -> APIRouter:
    """What programs and the pages' script read."""
    router = APIRouter(tags=["portal"])

    @router.get("/events", response_class=EventSourceResponse)
    async def events_of_all() -> Response:
        """`changed` with a number, now and whenever any figure of the installation changes."""
        return _stream(watch, EVERYTHING)

    @router.get("/sites/{path}/events", response_class=EventSourceResponse)
    async def events(path: str) -> Response:
        """`changed` with a number, now and whenever the site's payments show something else."""
        return _stream(watch, addresses.site_in(path))

    @router.get("/summary")
    async def summary() -> dict[str, int | float | None]:
        """Money in of the whole installation; received_dong = allocated_dong + suspense_dong."""
        async with database.reading() as connection:
            total = dict(await queries.summary(connection))
        allocated, cashless = total.pop("allocated_count"), total.pop("cashless_count")
        return {**total, "cashless_share": round(cashless / allocated, 4) if allocated else None}

    @router.get("/asyncapi")
    async def asyncapi() -> Response:
        """Every topic and its contract, as an AsyncAPI document."""
        return JSONResponse(document())

    @router.get("/static/{name}", include_in_schema=False)
    async def static(name: str) -> Response:
        found = pages.static(name)
        if found is None:
            raise Problem(404, "not_found", "no such file")
        return found

    return router


def _stream(watch: Watch, site_id: str | None) -> Response:
    watch.check_room()

    async def changes() -> AsyncIterator[dict[str, str]]:
        with watch.subscribed(site_id) as subscriber:
            async for change in subscriber.changes():
                yield change

    return EventSourceResponse(changes(), ping=HEARTBEAT_S, send_timeout=SEND_TIMEOUT_S)
