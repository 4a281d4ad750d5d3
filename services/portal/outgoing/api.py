"""What money out was, where it is not certain by itself: a refund, a reversal, money handed on to those it was collected for."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.asking import ask, told
from services.portal.office import Office, OfficeHere
from services.portal.owners import part
from services.portal.payment.acts import key_of
from services.portal.payment.loading import by_name, credits_by_id, sites_by_id
from services.portal.people import audit
from services.portal.people import store as people
from services.portal.people.access import MayRefunds
from services.portal.people.roles import Session
from services.portal.queue.queries import sites_of
from services.portal.refunds.whose import payers_of
from services.portal.web import addresses, periods
from services.portal.web.forms import Form, form_of
from services.portal.web.page_route import PageRoute, see_other
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from shared import clock

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET /money-out; POST /money-out/{transaction}/returned, /not-returned, /remitted and /undo, /money-out/bodies."""

PATH: Final = "/money-out"
LOOKED_THROUGH: Final = 200
"""Movements a page looks through; most money out (wages, bills) waits for nobody."""
DONE_SHOWN: Final = timedelta(days=180)
AUTOMATON: Final = "auto"
KINDS_MAX: Final = 50
Text = Annotated[str, Query(max_length=200)]


@router.get(PATH)
async def money_out(
    request: Request, office: OfficeHere, session: MayRefunds, site: Text = "", after: Text = ""
) -> Response:
    """Money out of all one's sites that waits for a word, and what one of them collects for others."""
    async with office.bounded.reading(session.reach) as connection:
        sites = await sites_by_id(connection, await sites_of(connection, session.reach.sites))
    listed = by_name(sites.values())
    here = sites.get(site) if site else next(iter(listed), None)
    if here is None:
        raise Refusal(404, "unknown_site", words.SITE_UNKNOWN, "/me")
    waiting, on = await _waiting(office, session, sorted(sites), after)
    matched = {match["credit_id"] for each in waiting for match in each["matches"]}
    async with office.bounded.reading(session.reach) as connection:
        credits = {credit.credit_id: credit for credit in await credits_by_id(connection, matched)}
        payers = await payers_of(connection, session, credits.values())
    kinds, ledger, done = await _collected_for(office, session, here.site_id)
    async with office.database.reading() as connection:
        names = await people.names_of(connection, {shares[0]["decided_by"] for shares in done} - {AUTOMATON})
    return page(
        request, "outgoing/list.html", session, title=words.outgoing.TITLE, sites=listed, named=sites, site=here,
        sample=any(each.sample for each in listed), waiting=waiting, credits=credits, payers=payers, kinds=kinds, ledger=ledger,
        done=done, names=names, automaton=AUTOMATON, first=after and PATH, on=on and addresses.with_query(PATH, {"after": on}),
    )  # fmt: skip


@router.post(f"{PATH}/bodies")
async def declare(request: Request, office: OfficeHere, session: MayRefunds) -> Response:
    """For whom a site collects a fee kind, and the account where they take it."""
    form = await form_of(request, PATH)
    site_id, fee_kind, version = form.needed("site_id"), form.needed("fee_kind"), form.number("version")
    body = {
        "site_id": site_id, "body": form.needed("body"), "account": form.text("account", longest=40) or None,
        "bank": form.text("bank", longest=100) or None,
    }  # fmt: skip
    back = addresses.with_query(PATH, {"site": site_id})
    await ask(
        office, session, "reconciliation", "PUT", f"/collected-for/bodies/{part(fee_kind)}", body=body, version=version,
        key=key_of(f"body/{fee_kind}", version, body), back=back, sentences=words.outgoing.PROBLEMS,
    )  # fmt: skip
    await _note(office, session, site_id, fee_kind, "body")
    return see_other(back)


@router.post(PATH + "/{transaction_id}/returned")
async def returned(request: Request, office: OfficeHere, session: MayRefunds, transaction_id: str) -> Response:
    """This money gave that credit back."""
    form = await form_of(request, PATH)
    why = form.needed("why")
    if why not in words.outgoing.GAVE_BACK:
        raise form.wrong()
    body = {
        "out_transaction_id": transaction_id, "credit_id": form.needed("credit_id"), "why": why,
        "refund_id": form.text("refund_id") or None,
    }  # fmt: skip
    return await _say(office, session, form, "/returns", body, transaction_id, "returned")


@router.post(PATH + "/{transaction_id}/not-returned")
async def not_returned(request: Request, office: OfficeHere, session: MayRefunds, transaction_id: str) -> Response:
    """This money did not give that credit back; the pair is not proposed again."""
    form = await form_of(request, PATH)
    body = {"out_transaction_id": transaction_id, "credit_id": form.needed("credit_id")}
    return await _say(office, session, form, "/returns/refuse", body, transaction_id, "not_returned")


@router.post(PATH + "/{transaction_id}/remitted")
async def remitted(request: Request, office: OfficeHere, session: MayRefunds, transaction_id: str) -> Response:
    """This money handed on what was collected for others."""
    form = await form_of(request, PATH)
    typed = [(kind, form.amount(f"share.{kind}")) for kind in form.texts("fee_kind", most=KINDS_MAX)]
    shares = [{"fee_kind": kind, "amount": amount} for kind, amount in typed if amount]
    if not shares:
        raise Refusal(422, "field_missing", words.FIELD_MISSING.format(field=words.FIELDS["amount"]), PATH)
    body = {"transaction_id": transaction_id, "shares": shares}
    return await _say(office, session, form, "/collected-for/remittances", body, transaction_id, "remitted")


@router.post(PATH + "/{transaction_id}/undo")
async def undo(request: Request, office: OfficeHere, session: MayRefunds, transaction_id: str) -> Response:
    """This money did not hand on what was said."""
    form = await form_of(request, PATH)
    site_id = await _site(office, session, form)
    back = addresses.with_query(PATH, {"site": site_id})
    await ask(
        office, session, "reconciliation", "DELETE", f"/collected-for/remittances/{part(transaction_id)}", back=back,
        key=form.needed("once"), sentences=words.outgoing.PROBLEMS,
    )  # fmt: skip
    await _note(office, session, site_id, transaction_id, "undone")
    return see_other(back)


async def _say(
    office: Office, session: Session, form: Form, path: str, body: dict[str, Any], transaction_id: str, act: str
) -> Response:
    site_id = await _site(office, session, form)
    await ask(
        office, session, "reconciliation", "POST", path, body=body, key=form.needed("once"), back=PATH,
        sentences=words.outgoing.PROBLEMS,
    )  # fmt: skip
    await _note(office, session, site_id, transaction_id, act)
    return see_other(PATH)


async def _site(office: Office, session: Session, form: Form) -> str:
    """The site whose audit tells of the act; asked before anything is done. Raises Refusal."""
    site_id = form.needed("site_id")
    async with office.bounded.reading(session.reach) as connection:
        if site_id not in await sites_of(connection, session.reach.sites):
            raise Refusal(404, "unknown_site", words.SITE_UNKNOWN, PATH)
    return site_id


async def _waiting(
    office: Office, session: Session, sites: list[str], after: str
) -> tuple[list[dict[str, Any]], str | None]:
    """Money out with what it may have given back or handed on, the oldest first, and where the next page begins.

    Both questions walk over the same money, so one cursor serves both.
    """
    asked: dict[str, Any] = {"site": sites, "after": after, "limit": LOOKED_THROUGH}
    found: dict[str, dict[str, Any]] = {}
    on = None
    for path in ("/returns/proposals", "/collected-for/proposals"):
        answer = await told(office, session, "reconciliation", path, params=asked, back="/me")
        on = answer["next"]
        for each in answer["items"]:
            waits = found.setdefault(each["transaction_id"], {"matches": [], "held": [], "shares": {}, **each})
            waits.update(each)
            waits["shares"] = {share["fee_kind"]: share["amount"] for share in each.get("shares", ())}
    for waits in found.values():
        waits["held"] = [each for each in waits["held"] if each["to_remit"] > 0][:KINDS_MAX]
        waits["once"] = people.new_token()
    return sorted(found.values(), key=lambda each: (each["occurred_at"], each["transaction_id"])), on


async def _collected_for(
    office: Office, session: Session, site_id: str
) -> tuple[dict[str, str], list[dict[str, Any]], list[list[dict[str, Any]]]]:
    """The names of a site's fee kinds, what it collects for others, and what was handed on lately: the shares of each movement."""
    today = clock.local_day(clock.now())
    month = periods.month_of(today)
    asked: dict[str, Any] = {"site": site_id, "from": month.first.isoformat(), "to": month.last.isoformat()}
    ledger = await told(office, session, "reconciliation", "/collected-for", params=asked, back="/me")
    asked |= {"from": (today - DONE_SHOWN).isoformat(), "limit": LOOKED_THROUGH}
    done = await told(office, session, "reconciliation", "/collected-for/remittances", params=asked, back="/me")
    try:
        kinds = await told(office, session, "notices", "/fee-kinds", params={"site": site_id}) if ledger else []
    except Refusal:
        kinds = []
    by_movement: dict[str, list[dict[str, Any]]] = {}
    for each in done["items"]:
        by_movement.setdefault(each["transaction_id"], []).append(each)
    return {each["fee_kind"]: each["name"] for each in kinds}, ledger, list(by_movement.values())[::-1]


async def _note(office: Office, session: Session, site_id: str, subject: str, act: str) -> None:
    async with office.database.transaction() as connection:
        await audit.note(
            connection, session, "money_out", clock.now(), site_id=site_id, subject=subject, detail={"act": act}
        )
