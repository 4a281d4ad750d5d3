"""The search of the page's head, and the page of one payer."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response

from services.portal import words
from services.portal.counter import exemptions
from services.portal.fee_changes.store import last_of
from services.portal.office import OfficeHere
from services.portal.payment import views
from services.portal.payment.loading import load, sites_by_id
from services.portal.people import store as people
from services.portal.people.access import MaySearch
from services.portal.queue.queries import sites_of
from services.portal.searching import queries
from services.portal.web.page_route import PageRoute
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from shared import clock
from shared.privacy import PayerCode, PersonName

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET /search, /payers/{site}/{code}."""

LONGEST: Final = 200


@router.get("/search")
async def search(request: Request, office: OfficeHere, session: MaySearch, q: str = "") -> Response:
    """Payers and payments, whatever is typed."""
    if len(q) > LONGEST or "\0" in q:
        raise Refusal(400, "search_too_long", words.SEARCH_TOO_LONG.format(longest=LONGEST))
    query = " ".join(q.split())
    reader = views.reader_of(session.reach)
    found_payers, rows, noted = [], [], []
    if query:
        look = queries.wanted(query)
        async with office.bounded.reading(session.reach) as connection:
            sites = await sites_of(connection, session.reach.sites)
            found_payers = await queries.payers(connection, sites, look)
            credits = await queries.credits(connection, sites, look) if session.reach.sees_money else []
            rows = views.rows_of(await load(connection, credits), reader, clock.now())
            noted = await exemptions.found(connection, sites, query)
    return page(
        request, "searching/search.html", session, title=words.searching.TITLE.format(query=query) if query else
        words.searching.EMPTY_TITLE, query=query, rows=rows,
        exempt=[(each, reader.say(each.payer_name), reader.say(each.payer_code)) for each in noted],
        payers=[(row, reader.say(_name(row["payer_name"])), reader.say(PayerCode(row["payer_code"]))) for row in found_payers],
    )  # fmt: skip


@router.get("/payers/{site_id}/{code:path}")
async def payer(request: Request, office: OfficeHere, session: MaySearch, site_id: str, code: str) -> Response:
    """What one payer owes and has paid."""
    if "\0" in site_id + code:
        raise Refusal(404, "unknown_payer", words.searching.UNKNOWN_PAYER)
    reader, now = views.reader_of(session.reach), clock.now()
    async with office.bounded.reading(session.reach) as connection:
        found = await queries.payer(connection, site_id, code)
        noted = await exemptions.of_code(connection, site_id, code)
        if found is None and not noted:
            raise Refusal(404, "unknown_payer", words.searching.UNKNOWN_PAYER)
        notices = await queries.notices_of(connection, site_id, code)
        changes = await last_of(connection, [notice.notice_id for notice in notices])
        credits = await queries.credits_of(connection, notices) if session.reach.sees_money else []
        rows = views.rows_of(await load(connection, credits), reader, now)
        # A dossier that nothing was ever asked of has no notice, and is known by what was noted of it.
        site = (await sites_by_id(connection, [site_id])).get(site_id)
    async with office.database.reading() as connection:
        names = await people.names_of(connection, exemptions.people_of(noted))
    name = reader.say(_name(found["payer_name"]) if found else noted[0].payer_name) or words.PAYER_NONE
    return page(
        request, "searching/payer.html", session, title=words.searching.PAYER_TITLE.format(name=name), rows=rows,
        group=found["payer_group"] if found else None, site_name=site.name if site else site_id,
        sample=site.sample if site else False, exempt=[each.said(names) for each in noted],
        code=reader.say(PayerCode(code)), notices=notices, today=clock.local_day(now), may_counter=session.reach.may("counter"),
        may_change=session.reach.may("issue"), changes=changes,
        owed=sum(notice.open for notice in notices if notice.obligation == "due"),
    )  # fmt: skip


def _name(text: str | None) -> PersonName | None:
    return PersonName(text) if text else None
