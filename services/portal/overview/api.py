"""All sites, and one site's payments. The state of a page is in its address, so it can be kept, sent and gone back to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.model import NO_SITE, Place
from services.portal.office import OfficeHere
from services.portal.overview import queries, views
from services.portal.people.access import Anyone, MayOverview
from services.portal.web import addresses
from services.portal.web.navigation import HOME
from services.portal.web.page_route import PageRoute, see_other
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from services.portal.web.saying import share_words
from shared import clock

SITES_A_PAGE = 25
NOTHING = {
    "revision": 0, "site_count": 0, "sample": False, "received": 0, "matched": 0, "review": 0, "ignored": 0,
    "received_dong": 0, "allocated_dong": 0, "suspense_dong": 0, "review_dong": 0, "allocated_count": 0, "cashless_count": 0,
}  # fmt: skip
"""The figures before anything came."""


router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET / and /sites/{site}/payments."""


@router.get("/")
async def overview(
    request: Request,
    office: OfficeHere,
    session: Anyone,
    q: str = "",
    after: str = "",
    fragment: Annotated[bool, Query()] = False,
) -> Response:
    if not session.reach.may("overview"):
        return see_other(HOME[session.reach.role])
    query, place = addresses.search(q), addresses.site_place(after)
    seen = None if session.reach.sites is None else sorted(session.reach.sites)
    async with office.bounded.reading(session.reach) as connection:
        if seen is None:
            total = await queries.installation(connection) or NOTHING
            homeless = await queries.site_here(connection, NO_SITE)
        else:
            total, homeless = await queries.figures_of(connection, seen), None
        since = await queries.since(connection, seen)
        today = clock.local_day(clock.now())
        rows = await queries.sites(connection, today, query, place, SITES_A_PAGE, seen)
    shown = rows[:SITES_A_PAGE]
    last = (shown[-1]["search_key"], shown[-1]["site_id"]) if len(rows) > SITES_A_PAGE else None
    return page(
        request,
        "overview/sites_live.html" if fragment else "overview/sites.html",
        session,
        script="live",
        title=words.SITES_TITLE,
        revision=total["revision"],
        events="/events",
        sample=total["sample"],
        site_count=total["site_count"],
        total=total,
        others=total["received_dong"] - total["allocated_dong"] - total["review_dong"],
        since=since,
        cashless=share_words(total["cashless_count"], total["allocated_count"]),
        sites=[views.site_row(row) for row in shown],
        query=query,
        older=addresses.overview(query, last) if last else None,
        newest=addresses.overview(query) if after else None,
        homeless=homeless if homeless and homeless["received_count"] else None,
        homeless_path=addresses.payments(NO_SITE),
    )


@router.get("/sites/{path}/payments")
async def payments(
    request: Request,
    office: OfficeHere,
    path: str,
    session: MayOverview,
    state: str = "",
    before: str = "",
    fragment: Annotated[bool, Query()] = False,
) -> Response:
    site_id = addresses.site_in(path)
    kept, place = addresses.state_filter(state, site_id), addresses.credit_place(before, site_id)
    async with office.bounded.reading(session.reach) as connection:
        # The revision is read first: what is shown may be newer than it (and is looked at once more), never older.
        site = await queries.site_here(connection, site_id)
        if site is None:
            raise Refusal(404, "unknown_site", words.SITE_UNKNOWN)
        since = await queries.since(connection, [site_id])
        here = await queries.payments(connection, site_id, kept, place)
    last = here.credits[-1] if here.more else None
    return page(
        request,
        "overview/payments_live.html" if fragment else "overview/payments.html",
        session,
        script="live",
        title=site["name"] or words.SITE_NONE,
        revision=site["revision"],
        events=addresses.events(site_id),
        sample=site["sample"],
        site=site,
        others=site["received_dong"] - site["allocated_dong"] - site["review_dong"],
        since=since,
        rows=views.rows_of(here),
        empty=words.END_OF_LIST if place else words.EMPTY[kept],
        filters=[
            (name, addresses.payments(site_id, state=key), key == state, count and site[count])
            for key, _, name, count in words.FILTERS
        ],
        older=addresses.payments(site_id, state, Place(last.occurred_at, last.credit_id)) if last else None,
        newest=addresses.payments(site_id, state) if place else None,
    )
