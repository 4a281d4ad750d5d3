"""Settling a treatment: what it cost, less what the insurance pays and what was deposited."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.asking import ask, told
from services.portal.keeping.notices import keep_notices
from services.portal.office import Office, OfficeHere
from services.portal.payment import choosing
from services.portal.payment.loading import SiteSeen
from services.portal.payment.views import notice_row, reader_of
from services.portal.people import audit
from services.portal.people.access import MayTreatments
from services.portal.people.roles import Session
from services.portal.queue.queries import sites_of
from services.portal.treatments.going_back import going_back
from services.portal.web import addresses
from services.portal.web.forms import form_of
from services.portal.web.page_route import PageRoute, see_other
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from shared import clock
from shared.events import Notice
from shared.money import format_dong
from shared.runtime.postgres import Connection

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET and POST /treatments."""

Text = Annotated[str, Query(max_length=200)]
Number = Annotated[int, Query(ge=0, le=10**15)]
SHOWN: Final = "50"
DEPOSITS_MAX: Final = 200
"""Of so many deposits, the newest settlements' first, the page tells how far what goes back has come."""
# By the primary key.
HEALTH_SITES = (
    "select site_id, name, sample from sites where site_id = any($1::text[]) and type = 'health' order by search_key"
)


@router.get("/treatments")
async def treatments(
    request: Request, office: OfficeHere, session: MayTreatments, site: Text = "", q: Text = "", number: Text = "",
    to_pay: Number = 0, to_return: Number = 0,
) -> Response:  # fmt: skip
    """Patients with what they deposited, a form to settle each, and what was settled."""
    if "\0" in q:
        raise Refusal(400, "search_too_long", words.SEARCH_TOO_LONG.format(longest=200), "/treatments")
    async with office.bounded.reading(session.reach) as connection:
        here, sites = await _here(connection, session, site)
        payers = await choosing.found(connection, here.site_id, q) if q.strip() else []
    settled = await told(
        office, session, "notices", "/settlements", params={"site": here.site_id, "limit": SHOWN}, back="/counter"
    )
    refunds = await _refunds(office, session, here.site_id, settled)
    reader = reader_of(session.reach)
    return page(
        request, "treatments/list.html", session, title=words.treatments.TITLE, site=here, sites=sites, query=q,
        patients=[_patient(payer, notice_row(payer.first, reader).who) for payer in payers], said=_said(number, to_pay, to_return),
        settled=[
            (each, _moment(each["settled_at"]), going_back(each, [
                refund for refund in refunds if refund["notice_id"] in each["deposit_notice_ids"]
            ])) for each in settled
        ],
    )  # fmt: skip


@router.post("/treatments")
async def settle(request: Request, office: OfficeHere, session: MayTreatments) -> Response:
    """Settle a treatment, once for its number; what is still to be paid is a notice from then on."""
    form = await form_of(request, "/treatments")
    async with office.bounded.reading(session.reach) as connection:
        here, _ = await _here(connection, session, form.needed("site_id"))
    total = form.amount("total")
    back = addresses.with_query("/treatments", {"site": here.site_id, "q": form.text("payer_code")})
    if total is None:
        raise Refusal(422, "field_missing", words.FIELD_MISSING.format(field=words.FIELDS["total"]), back)
    body: dict[str, Any] = {
        "settlement_id": form.needed("settlement_id", longest=100), "site_id": here.site_id,
        "payer_code": form.needed("payer_code", longest=100), "payer_name": form.needed("payer_name"), "total": total,
        "insurance": form.amount("insurance") or 0, "deposit_notice_ids": form.texts("deposit", most=50),
    }  # fmt: skip
    answer = (await ask(
        office, session, "notices", "POST", "/settlements", body=body, back=back, sentences=words.treatments.PROBLEMS
    )).json()  # fmt: skip
    now = clock.now()
    async with office.database.transaction() as connection:
        if answer["notice"] is not None:
            await keep_notices(connection, [Notice.model_validate(answer["notice"], strict=False)])
        await audit.note(connection, session, "issued", now, site_id=here.site_id, subject=body["settlement_id"],
                         detail={"act": "settle", "to_pay": answer["to_pay"], "to_return": answer["to_return"]})  # fmt: skip
    office.watch.wake()
    done = {"number": body["settlement_id"], "to_pay": str(answer["to_pay"]), "to_return": str(answer["to_return"])}
    return see_other(addresses.with_query("/treatments", {"site": here.site_id, **done}))


async def _refunds(office: Office, session: Session, site_id: str, settled: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What goes back of these settlements, with how far it has come."""
    deposits = [notice_id for each in settled if each["to_return"] for notice_id in each["deposit_notice_ids"]]
    if not deposits:
        return []
    asked: dict[str, Any] = {"site": site_id, "notice": deposits[:DEPOSITS_MAX], "limit": "200"}
    found = await told(office, session, "reconciliation", "/refunds", params=asked, back="/counter")
    return list(found["items"])


async def _here(connection: Connection, session: Session, site: str) -> tuple[SiteSeen, list[SiteSeen]]:
    """The health site of an address; raises Refusal."""
    rows = await connection.fetch(HEALTH_SITES, await sites_of(connection, session.reach.sites))
    sites = [SiteSeen(row["site_id"], row["name"], row["sample"]) for row in rows]
    if not sites:
        raise Refusal(404, "no_site", words.treatments.NO_SITE, "/counter")
    here = next((each for each in sites if each.site_id == site), None) if site else sites[0]
    if here is None:
        raise Refusal(404, "unknown_site", words.SITE_UNKNOWN, "/treatments")
    return here, sites


def _patient(payer: choosing.Payer, who: str) -> dict[str, Any]:
    """A patient with the deposits that no settlement has counted; who settles needs name and code whole."""
    deposits = [
        notice for notice in payer.notices
        if notice.obligation == "deposit" and not notice.is_cancelled and not notice.is_settled
    ]  # fmt: skip
    first = payer.first
    return {
        "who": who,
        "code": first.payer_code.reveal() if first.payer_code else "",
        "name": first.payer_name.reveal() if first.payer_name else "",
        "deposits": deposits,
        "asked": sum(notice.amount for notice in deposits),
        "paid": sum(notice.paid for notice in deposits),
    }


def _said(number: str, to_pay: int, to_return: int) -> str:
    if not number:
        return ""
    if to_pay:
        return words.treatments.DONE_PAY.format(number=number, amount=format_dong(to_pay))
    if to_return:
        return words.treatments.DONE_RETURN.format(number=number, amount=format_dong(to_return))
    return words.treatments.DONE_EVEN.format(number=number)


def _moment(said: Any) -> datetime:
    return datetime.fromisoformat(said)
