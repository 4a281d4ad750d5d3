"""Bills for the people of a site: what is left of each, its QR, its slip, and the address of its public page."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from services.notices.bills import store
from services.notices.bills.model import BillView
from services.notices.drawing.qr import qr_png, qr_svg
from services.notices.drawing.values import Slip
from services.notices.store import lock_sites, new_link_token
from shared import clock
from shared.money import format_dong
from shared.reference import normalize
from shared.runtime.auth import Caller, CallerHere
from shared.runtime.problems import Problem

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection, Database

Skip = Annotated[list[str], Query(max_length=100)]
"""The keys of voluntary lines to leave out."""


class Desk:
    """Finds bills for people of their site."""

    def __init__(self, database: Database, public_url: str | None) -> None:
        self.database = database
        self._public_url = public_url

    def base_url(self, request: Request) -> str:
        """Under which address payers reach the public pages."""
        return self._public_url or str(request.base_url)

    async def bill(self, connection: Connection, reference: str, caller: Caller) -> BillView:
        """The bill with this reference; raises Problem."""
        found = await store.by_reference(connection, normalize(reference) or "")
        if found is None:
            raise Problem(404, "not_found", "no bill has this reference")
        caller.require_site(found.site.site_id)
        return found

    async def slip(self, reference: str, caller: Caller, skip: list[str]) -> Slip:
        """What is to be drawn of a bill; raises Problem where nothing is."""
        async with self.database.reading() as connection:
            bill = await self.bill(connection, reference, caller)
        slip = bill.slip(clock.local_day(clock.now()), skip)
        if slip is None:
            why = (
                "nothing is left to be paid of this bill, its site has no open account, or no QR can carry its sum and memo"
            )
            raise Problem(409, "nothing_to_pay", why)
        return slip

    async def replace_link(self, request: Request, reference: str, caller: Caller, token: str | None) -> dict[str, Any]:
        """Give a bill's public page another address, or none."""
        async with self.database.transaction() as connection:
            bill = await self.bill(connection, reference, caller)
            await lock_sites(connection, [bill.site.site_id])
            if token is not None and await store.is_erased(connection, bill.bill_id):
                raise Problem(409, "erased", "this bill's payer was erased; nobody may open it any more")
            await store.replace_link(connection, bill.bill_id, token)
        return {"link": link_of(token, self.base_url(request))}


def router(database: Database, public_url: str | None) -> APIRouter:
    """GET /bills/{reference}, its /qr.svg and /qr.png; POST and DELETE its /link."""
    routes = APIRouter(prefix="/bills", tags=["bills"])
    desk = Desk(database, public_url)

    @routes.get("/{reference}")
    async def read(request: Request, reference: str, caller: CallerHere, skip: Skip = []) -> dict[str, Any]:  # noqa: B006
        async with database.reading() as connection:
            bill = await desk.bill(connection, reference, caller)
        return _shown(bill, skip, desk.base_url(request))

    @routes.get("/{reference}/qr.svg")
    async def svg(reference: str, caller: CallerHere, skip: Skip = []) -> Response:  # noqa: B006
        slip = await desk.slip(reference, caller, skip)
        return Response(qr_svg(slip.payload, sample=slip.payee.sample), media_type="image/svg+xml")

    @routes.get("/{reference}/qr.png")
    async def png(reference: str, caller: CallerHere, skip: Skip = []) -> Response:  # noqa: B006
        slip = await desk.slip(reference, caller, skip)
        return Response(await png_of(slip), media_type="image/png")

    @routes.post("/{reference}/link")
    async def new_link(request: Request, reference: str, caller: CallerHere) -> dict[str, Any]:
        """Give the bill's public page a new address; the one before leads nowhere from now on."""
        return await desk.replace_link(request, reference, caller, new_link_token())

    @routes.delete("/{reference}/link")
    async def revoke_link(request: Request, reference: str, caller: CallerHere) -> dict[str, Any]:
        """Take the bill's public page away."""
        return await desk.replace_link(request, reference, caller, None)

    return routes


async def png_of(slip: Slip) -> bytes:
    """The bill's QR as a picture that says whose it is and how much; drawn in a thread, for it takes long."""
    caption = (slip.payee.site_name, f"{format_dong(slip.amount)} · {slip.reference}")
    return await asyncio.to_thread(qr_png, slip.payload, sample=slip.payee.sample, caption=caption)


def link_of(token: str | None, base_url: str) -> str | None:
    """The address of a bill's public page."""
    return None if token is None else f"{base_url.rstrip('/')}/b/{token}"


def _shown(bill: BillView, skip: list[str], base_url: str) -> dict[str, Any]:
    today = clock.local_day(clock.now())
    account, slip = bill.account(today), bill.slip(today, skip)
    return {
        "reference": bill.reference,
        "site_id": bill.site.site_id,
        "bill_id": bill.bill_id,
        "account": None
        if account is None
        else {
            "bank_bin": account.bank_bin,
            "account_number": account.account_number,
            "account_name": account.account_name,
        },
        "amount": bill.asked,
        "paid": bill.paid,
        "left": bill.left(skip),
        "state": bill.state,
        "due_on": bill.due_on,
        "memo": None if slip is None else slip.payee.memo(slip.reference),
        "payload": None if slip is None else slip.payload,
        "link": link_of(bill.link_token, base_url),
        "fresh_until": bill.fresh_until,
        "notices": [
            {
                **line.notice.model_dump(mode="json"),
                "paid": line.paid,
                "left": line.left,
                "key": line.key,
                "terms": None if line.terms is None else line.terms.to_json(),
            }
            for line in bill.lines
        ],
    }
