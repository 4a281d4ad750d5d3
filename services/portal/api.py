"""Everything that may be asked of the portal: the pages, by subject, their live events, and figures for programs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sse_starlette import EventSourceResponse

from services.asyncapi import document
from services.portal import words
from services.portal.cash import api as cash
from services.portal.committee import api as committee
from services.portal.counter import api as counter
from services.portal.counter import cash_api as counter_cash
from services.portal.counter import display_api as display
from services.portal.counter import receipts
from services.portal.counter import report_api as portal_report
from services.portal.days import api as days
from services.portal.days import closing_api as closing
from services.portal.fee_changes import api as fee_changes
from services.portal.fees import api as fees
from services.portal.fees import issuing_api as issuing
from services.portal.live import EVERYTHING, HEARTBEAT_S, Watch
from services.portal.office import OfficeHere
from services.portal.outgoing import api as outgoing
from services.portal.overview import api as overview
from services.portal.overview import queries
from services.portal.payment import api as payment
from services.portal.people import admin, import_api, sample, sign_in, welcome
from services.portal.people.access import Anyone
from services.portal.queue import api as queue
from services.portal.refunds import api as refunds
from services.portal.reports import api as reports
from services.portal.requests import api as requests
from services.portal.searching import api as searching
from services.portal.treatments import api as treatments
from services.portal.web import addresses, assets
from services.portal.web.page_route import PageRoute
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import SECURITY_HEADERS
from shared.runtime.problems import Problem

SEND_TIMEOUT_S = 30
"""A browser that takes no byte for so long is gone."""

programs = APIRouter(tags=["portal"])
"""What programs read, and what pages bring along."""
events = APIRouter(route_class=PageRoute, include_in_schema=False)
"""What the pages' scripts listen to: `changed` with a number, now and whenever the page shows something else."""


elsewhere = APIRouter(route_class=PageRoute, include_in_schema=False)
"""Comes last."""


@programs.get("/summary")
async def summary(office: OfficeHere) -> dict[str, int | float | None]:
    """Money in of the whole installation; received_dong = allocated_dong + suspense_dong."""
    async with office.database.reading() as connection:
        total = dict(await queries.installation(connection) or overview.NOTHING)
    for name in ("revision", "site_count", "sample"):
        del total[name]
    allocated, cashless = total.pop("allocated_count"), total.pop("cashless_count")
    return {**total, "cashless_share": round(cashless / allocated, 4) if allocated else None}


@programs.get("/asyncapi")
async def asyncapi() -> Response:
    """Every topic and its contract, as an AsyncAPI document."""
    return JSONResponse(document())


@programs.get("/static/{name}", include_in_schema=False)
async def static(request: Request, name: str) -> Response:
    """The style sheet and the scripts."""
    found = assets.static(request, name, SECURITY_HEADERS)
    if found is None:
        raise Problem(404, "not_found", "no such file")
    return found


@events.get("/events", response_class=EventSourceResponse)
async def events_of_all(office: OfficeHere, session: Anyone) -> Response:
    """Of all the reader's sites."""
    return stream(office.watch, EVERYTHING if session.reach.sites is None else session.reach.sites)


@events.get("/sites/{path}/events", response_class=EventSourceResponse)
async def events_of_site(office: OfficeHere, path: str, session: Anyone) -> Response:
    """Of one site."""
    site_id = addresses.site_in(path)
    if not session.reach.has_site(site_id):
        raise Refusal(404, "unknown_site", words.SITE_UNKNOWN)
    return stream(office.watch, frozenset({site_id}))


@elsewhere.get("/{path:path}")
async def nowhere(path: str) -> Response:
    """An address that leads nowhere is a page too."""
    raise Refusal(404, "unknown_page", words.ADDRESS_WRONG if path else words.SITE_UNKNOWN)


def stream(watch: Watch, sites: frozenset[str] | None) -> Response:
    """The changes of these sites, until the page is closed."""
    watch.check_room()

    async def changes() -> AsyncIterator[dict[str, str]]:
        with watch.subscribed(sites) as subscriber:
            async for change in subscriber.changes():
                yield change

    return EventSourceResponse(changes(), ping=HEARTBEAT_S, send_timeout=SEND_TIMEOUT_S, headers=SECURITY_HEADERS)


ROUTERS: Final = (
    programs, events, welcome.commands, sample.router, import_api.router, sign_in.router, welcome.router, admin.router, overview.router,
    queue.router, payment.router, searching.router, days.router, closing.router, fees.router, issuing.router, fee_changes.router,
    counter.router, counter_cash.router, portal_report.router, display.router, treatments.router, receipts.router, cash.router,
    refunds.router, outgoing.router,
    committee.router, reports.router, requests.router, elsewhere,
)  # fmt: skip
