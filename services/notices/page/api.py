"""The routes of the payer's page: everything under /b/ is public, and a link is all that anybody needs."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from services.notices import words
from services.notices.bills.api import png_of
from services.notices.bills.signals import Signals
from services.notices.drawing.qr import qr_png, qr_svg
from services.notices.page.access import PublicBills, PublicRoute, is_opening, unknown_link
from services.notices.page.bank_apps import app_links
from services.notices.page.rendering import SAFE_HEADERS, SCRIPT_NAME, render, script
from services.notices.page.view import page_of
from shared import clock

if TYPE_CHECKING:
    from shared.runtime.postgres import Database

Keys = Annotated[list[str], Query(max_length=100)]
"""Keys of voluntary lines."""


def router(database: Database, signals: Signals, public_url: str | None) -> APIRouter:
    """GET /b/{token} and its picture, POST /b/{token}/helper."""
    routes = APIRouter(prefix="/b", tags=["payer's page"], route_class=PublicRoute, include_in_schema=False)
    bills = PublicBills(database)

    @routes.get("/static/{name}")
    async def static(name: str) -> Response:
        if name != SCRIPT_NAME:
            raise unknown_link()
        return script()

    @routes.get("/{token}")
    async def show(request: Request, token: str, skip: Keys = [], thanks: str | None = None) -> Response:  # noqa: B006
        """The bill. `thanks`: the reader has just said to pay for somebody, which may not stand on the notices yet."""
        bill = await bills.find(token)
        now = clock.now()
        if is_opening(request) and any(line.notice.link_opened_at is None for line in bill.open_lines):
            await signals.note(bill.bill_id, "link_opened_at", now)
        address = f"/b/{token}"
        link = f"{(public_url or str(request.base_url)).rstrip('/')}{address}"
        slip = bill.slip(clock.local_day(now), skip)
        return render(
            request,
            "bill.html",
            title=words.BILL,
            bill=page_of(bill, skip, link, now),
            thanks=thanks is not None,
            address=address,
            qr=None if slip is None else _picture(slip.payload, sample=slip.payee.sample),
            apps=[] if slip is None else app_links(slip.payee, slip.reference, slip.amount),
        )

    @routes.get("/{token}/chosen")
    async def choose(token: str, keep: Keys = []) -> Response:  # noqa: B006
        """A form without script can only say what is ticked; the page's address says what is not."""
        bill = await bills.find(token)
        skip = [line.key for line in bill.open_lines if line.is_voluntary and line.key not in keep]
        query = "&".join(f"skip={key}" for key in skip)
        return RedirectResponse(f"/b/{token}{'?' if query else ''}{query}", 303, SAFE_HEADERS)

    @routes.get("/{token}/qr.png")
    async def picture(token: str, skip: Keys = []) -> Response:  # noqa: B006
        bill = await bills.find(token)
        slip = bill.slip(clock.local_day(clock.now()), skip)
        if slip is None:
            raise unknown_link()
        headers = {"Cache-Control": "private, no-cache", **SAFE_HEADERS}
        return Response(await png_of(slip), media_type="image/png", headers=headers)

    @routes.post("/{token}/helper")
    async def declare_helper(token: str) -> Response:
        """The word of somebody who pays for the payer, kept with the bill's notices."""
        bill = await bills.find(token)
        if any(line.notice.helper_declared_at is None for line in bill.open_lines):
            await signals.note(bill.bill_id, "helper_declared_at", clock.now())
        return RedirectResponse(f"/b/{token}?thanks=1", 303, SAFE_HEADERS)

    return routes


def _picture(payload: str, *, sample: bool) -> Markup:
    """The code inside the page: a picture that can be kept by a long press, a marked drawing where it is a sample."""
    if sample:
        return Markup(qr_svg(payload, sample=True, label="VietQR"))  # noqa: S704 - our own drawing
    data = base64.b64encode(qr_png(payload, sample=False)).decode()
    return Markup(f'<img src="data:image/png;base64,{data}" width="272" height="272" alt="VietQR">')  # noqa: S704 - as above
