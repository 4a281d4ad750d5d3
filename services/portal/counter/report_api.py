"""The public-service portal's report, handed in: what was paid there is not asked again. Matching reads and keeps it."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.asking import FileRefused, hand_in
from services.portal.office import Office, OfficeHere
from services.portal.payment.loading import SiteSeen, by_name, sites_by_id
from services.portal.people.access import MayPortalReport
from services.portal.people.roles import Session
from services.portal.queue.queries import sites_of
from services.portal.web.forms import FILE_BYTES_MAX, form_of
from services.portal.web.page_route import PageRoute
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET and POST /imports/portal-report."""

PATH: Final = "/imports/portal-report"
LINES_SHOWN: Final = 20


@router.get(PATH)
async def ask_report(
    request: Request, office: OfficeHere, session: MayPortalReport, site: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """Where the report is handed in."""
    here, sites = await _site(office, session, site)
    return _page(request, session, here, sites)


@router.post(PATH)
async def take_report(request: Request, office: OfficeHere, session: MayPortalReport) -> Response:
    """Hand the report to matching: all of it is taken, or none and each line is told."""
    form = await form_of(request, PATH)
    here, sites = await _site(office, session, form.text("site"))
    file = form.file("file")
    if file is None or (file.size or 0) > FILE_BYTES_MAX:
        problem = words.counter.REPORT_NO_FILE if file is None else words.asking.TOO_LARGE
        return _page(request, session, here, sites, 422, problem=problem)
    try:
        report = await hand_in(
            office, session, "matching", PATH, await file.read(), here.site_id, kind="portal_report", back=PATH
        )
    except FileRefused as refused:
        lines = refused.lines(LINES_SHOWN)
        if (more := refused.count - len(lines)) > 0:
            lines.append(words.counter.REPORT_MORE.format(count=more))
        return _page(request, session, here, sites, 422, lines=lines, problem="" if lines else words.asking.NOT_POSSIBLE)
    return _page(request, session, here, sites, done=words.counter.REPORT_DONE.format(**report))


async def _site(office: Office, session: Session, site: str) -> tuple[SiteSeen, list[SiteSeen]]:
    """The site whose report it is; one-stop offices stand first, for these are asked by the portal. Raises Refusal."""
    async with office.bounded.reading(session.reach) as connection:
        found = await sites_by_id(connection, await sites_of(connection, session.reach.sites))
    sites = sorted(by_name(found.values()), key=lambda each: each.type != "office")
    here = found.get(site) if site else next(iter(sites), None)
    if here is None:
        raise Refusal(404, "unknown_site", words.SITE_UNKNOWN, "/me")
    return here, sites


def _page(
    request: Request, session: Session, site: SiteSeen, sites: list[SiteSeen], status: int = 200, *, problem: str = "",
    lines: list[str] | None = None, done: str = "",
) -> Response:  # fmt: skip
    return page(
        request, "counter/portal_report.html", session, status=status, title=words.counter.REPORT_TITLE, site=site,
        sites=sites, problem=problem, lines=lines or [], done=done,
    )  # fmt: skip
