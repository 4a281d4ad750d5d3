"""Cash at the counter: recorded once for a form, however often and however closely together it is sent."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.counter import store
from services.portal.counter.api import named_cash, one_wait, spot_of
from services.portal.counter.waiting import Wait
from services.portal.keeping.money import keep_credits
from services.portal.model import CursorError
from services.portal.office import Office, OfficeHere
from services.portal.owners import OwnerAwayError, OwnerProblem
from services.portal.payment.acts import key_of
from services.portal.payment.loading import NoticeSeen
from services.portal.payment.views import reader_of
from services.portal.people import audit
from services.portal.people.access import MayCash, MayCounter
from services.portal.people.roles import Session
from services.portal.queue import places
from services.portal.web import addresses
from services.portal.web.forms import Form, form_of
from services.portal.web.page_route import PageRoute, see_other
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from shared import clock
from shared.events import Credit
from shared.money import format_dong

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET /counter/documents; POST /counter/cash/{id}."""

Text = Annotated[str, Query(max_length=300)]
ROWS_A_PAGE: Final = 50


@router.get("/counter/documents")
async def without_documents(
    request: Request, office: OfficeHere, session: MayCounter, site: Text = "", counter: Text = "1", after: Text = ""
) -> Response:
    """All cash of a site that waits for the number of its document, the oldest first."""
    try:
        place = places.read("old", after)
    except CursorError:
        raise Refusal(400, "place_tampered", words.PLACE_TAMPERED, "/counter/documents") from None
    async with office.bounded.reading(session.reach) as connection:
        spot, _ = await spot_of(connection, session, site, counter)
        found = await store.without_document_after(connection, spot.site.site_id, place, ROWS_A_PAGE + 1)
        missing = await named_cash(connection, found[:ROWS_A_PAGE], reader_of(session.reach))
    shown = found[:ROWS_A_PAGE]
    here = addresses.with_query("/counter/documents", spot.query)
    more = {**spot.query, "after": places.written("old", shown[-1])} if len(found) > ROWS_A_PAGE else None
    return page(
        request, "counter/documents.html", session, title=words.counter.WAITING_DOCUMENTS, spot=spot,
        missing=missing, start=here if after else None,
        on=addresses.with_query("/counter/documents", more) if more else None,
    )  # fmt: skip


@router.post("/counter/cash/{wait_id}")
async def take_cash(request: Request, office: OfficeHere, session: MayCash, wait_id: str) -> Response:
    """Record cash against the bill's notices, each its part, in the order in which they fall due."""
    form, now = await form_of(request, "/counter"), clock.now()
    async with office.bounded.reading(session.reach) as connection:
        wait = await one_wait(connection, wait_id)
        spot, _ = await spot_of(connection, session, wait.site_id, wait.counter)
        notices = await store.bill(connection, wait.site_id, wait.reference)
    once = f"cash/{wait_id}/{form.needed('once')}"
    # Asked after the notices were read: where nobody has sent this form yet, no twin of it has paid any of them.
    async with office.database.reading() as connection:
        sent = await store.sent_form(connection, once)
    if sent is not None and sent.outcome is not None:
        return see_other(addresses.with_query("/counter", {**spot.query, "cash": sent.outcome}))
    amount = form.amount("amount")
    if amount is None:
        raise Refusal(422, "field_missing", words.counter.CASH_NEEDED, spot.path)
    if sent is None:
        if amount > (left := store.owed(notices)):
            raise Refusal(409, "more_than_owed", words.counter.CASH_TOO_MUCH.format(left=format_dong(left)), spot.path)
        async with office.database.transaction() as connection:
            sent = await store.send_form(connection, once, now, _parts(notices, amount))
    if amount != sent.amount:
        told = words.counter.CASH_SENT_BEFORE.format(amount=format_dong(sent.amount))
        raise Refusal(409, "sent_before", told, spot.path)
    # A twin does the same once more: matching lets it wait, and answers both with the same receipts.
    taken = await _take(office, session, wait, sent, form)
    async with office.database.transaction() as connection:
        await keep_credits(connection, taken)
        if await store.form_done(connection, once, str(amount)):
            await audit.note(connection, session, "cash_taken", now, site_id=wait.site_id, subject=wait.reference,
                             detail={"amount": amount, "document": bool(form.text("document_number"))})  # fmt: skip
    async with office.bounded.writing(session.reach) as connection:
        if not store.owed(await store.bill(connection, wait.site_id, wait.reference)):
            await store.end(connection, wait_id, now, "cash")
    office.watch.wake()
    return see_other(addresses.with_query("/counter", {**spot.query, "cash": str(amount)}))


async def _take(office: Office, session: Session, wait: Wait, sent: store.SentForm, form: Form) -> list[Credit]:
    """A receipt for each notice, once for the form: sent again after a lost connection it is the same receipt."""
    once, number = form.needed("once"), form.text("document_number", longest=100)
    taken = []
    for notice_id, amount in sent.planned:
        body = {
            "site_id": wait.site_id, "notice_id": notice_id, "amount": amount, "received_at": sent.at.isoformat(),
            **({"document_number": number} if number else {}),
        }  # fmt: skip
        try:
            answer = await office.owners.ask(
                session, "matching", "POST", "/cash-receipts", body=body, key=key_of(once, 1, notice_id)
            )
        except OwnerAwayError:
            raise Refusal(502, "matching_away", words.queue.OWNER_AWAY, "/counter") from None
        except OwnerProblem as problem:
            raise Refusal(409, f"matching_{problem.kind}", words.queue.NOT_POSSIBLE, "/counter") from None
        taken.append(Credit.model_validate(answer.json(), strict=False))
    return taken


def _parts(notices: list[NoticeSeen], amount: int) -> list[tuple[str, int]]:
    """An amount over a bill's notices, in their order."""
    parts = []
    for notice in notices:
        if notice.obligation != "voluntary" and notice.open and amount:
            share = min(notice.open, amount)
            parts.append((notice.notice_id, share))
            amount -= share
    return parts
