"""The display that faces the payer: a second window of the cashier's session. It shows the sum, the QR, and ĐÃ NHẬN."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.asking import ask
from services.portal.counter import store
from services.portal.counter.api import spot_of
from services.portal.office import OfficeHere
from services.portal.owners import part
from services.portal.people.access import MayCounter
from services.portal.web import addresses
from services.portal.web.page_route import PageRoute
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import SECURITY_HEADERS, page
from shared import clock

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET /display, /counter/qr/{reference}.svg."""

Text = Annotated[str, Query(max_length=200)]


@router.get("/display")
async def display(
    request: Request, office: OfficeHere, session: MayCounter, site: Text = "", counter: Text = "1",
    fragment: Annotated[bool, Query()] = False,
) -> Response:  # fmt: skip
    """What the payer sees: no name but the given one, no other payer, no other sum."""
    now = clock.now()
    async with office.bounded.reading(session.reach) as connection:
        spot, _ = await spot_of(connection, session, site, counter)
        wait = await store.on_display(connection, spot.site.site_id, spot.counter)
    shown = wait if wait is not None and wait.is_on_display(now) else None
    return page(
        request, "counter/display_live.html" if fragment else "counter/display.html", session, script="counter",
        title=words.counter.DISPLAY_TITLE, spot=spot, wait=shown, events=addresses.events(spot.site.site_id),
    )  # fmt: skip


@router.get("/counter/qr/{reference}.svg")
async def qr(office: OfficeHere, session: MayCounter, reference: str) -> Response:
    """A bill's QR, which notices draws."""
    if not reference.isalnum() or len(reference) > 40:
        raise Refusal(404, "unknown_bill", words.asking.NOT_FOUND)
    answer = await ask(office, session, "notices", "GET", f"/bills/{part(reference)}/qr.svg")
    headers = {"Cache-Control": "private, no-store", **SECURITY_HEADERS}
    # A picture on its own: its inline styles may apply, no script may run.
    headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return Response(answer.content, media_type="image/svg+xml", headers=headers)
