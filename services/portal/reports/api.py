"""The list of reports, each as a page to print, as CSV and as XLSX; everything a site owns as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.asking import FileRefused, hand_in
from services.portal.office import Office, OfficeHere
from services.portal.payment.loading import SiteSeen, by_name, sites_by_id
from services.portal.people import audit
from services.portal.people.access import MayDocuments, MayReports
from services.portal.people.roles import Session
from services.portal.queue.queries import sites_of
from services.portal.reports.everything import everything
from services.portal.reports.tables import Report, report_of
from services.portal.web import periods
from services.portal.web.files import attachment, csv_file
from services.portal.web.forms import FILE_BYTES_MAX, form_of
from services.portal.web.page_route import PageRoute
from services.portal.web.periods import Period
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from services.portal.web.saying import day_words
from services.portal.web.workbook import MEDIA_TYPE, Sheet, workbook
from shared import clock

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET /reports, /reports/{name} and its .csv and .xlsx, /reports/all/{table}.csv; GET and POST /imports/documents."""

Text = Annotated[str, Query(max_length=200)]
FromDay = Annotated[str, Query(alias="from", max_length=20)]
ToDay = Annotated[str, Query(max_length=20)]
ROWS_SHOWN: Final = 2_000


@router.get("/reports")
async def listed(
    request: Request, office: OfficeHere, session: MayReports, site: Text = "", from_: FromDay = "", to: ToDay = ""
) -> Response:
    """What can be asked for, of one site and a period."""
    here, sites, period = await _asked(office, session, site, from_, to)
    query = f"site={here.site_id}&from={period.first}&to={period.last}"
    return page(
        request, "reports/list.html", session, title=words.reports.TITLE, site=here, sites=sites, period=period, query=query,
        presets=periods.presets(clock.local_day(clock.now())), sample=here.sample,
        may_import=session.reach.role == "accountant",
    )  # fmt: skip


@router.get("/reports/all/{table}.csv")
async def all_data(office: OfficeHere, session: MayReports, table: str, site: Text = "") -> Response:
    """Everything of one kind that a site owns, as it stands, any day. Who need not know persons does not get them."""
    here, _, _ = await _asked(office, session, site, "", "")
    if table not in words.reports.ALL_TABLES:
        raise Refusal(404, "unknown_report", words.ADDRESS_WRONG, "/reports")
    if not session.reach.sees_names:
        raise Refusal(403, "not_your_role", words.NOT_YOUR_ROLE, "/reports")
    heads, rows = await everything(office, session, table, here.site_id)
    await _note(office, session, here.site_id, f"all/{table}")
    return csv_file([heads, *rows], f"{table}-{here.site_id}.csv")


@router.get("/reports/{name}.{suffix}")
async def as_file(
    office: OfficeHere, session: MayReports, name: str, suffix: str, site: Text = "", from_: FromDay = "", to: ToDay = ""
) -> Response:
    """A report as CSV or XLSX."""
    if name not in words.reports.REPORTS or suffix not in {"csv", "xlsx"}:
        raise Refusal(404, "unknown_report", words.ADDRESS_WRONG, "/reports")
    here, _, period = await _asked(office, session, site, from_, to)
    report = await report_of(office, session, name, here, period)
    await _note(office, session, here.site_id, name)
    file = f"{name}-{here.site_id}-{period.first}-{period.last}.{suffix}"
    if suffix == "csv":
        return csv_file(_lines(report), file)
    about = [f"{words.reports.SITE}: {here.name}", f"{words.reports.PERIOD}: {_period(period)}", words.reports.UNIT]
    about += [words.SAMPLE_SENTENCE] if here.sample else []
    sheets = [
        Sheet(table.name, table.name.upper(), about, table.heads, table.rows, table.totals, report.signers, table.in_words)
        for table in report.tables
    ]
    return attachment(workbook(sheets), MEDIA_TYPE, file)


@router.get("/reports/{name}")
async def one(
    request: Request,
    office: OfficeHere,
    session: MayReports,
    name: str,
    site: Text = "",
    from_: FromDay = "",
    to: ToDay = "",
) -> Response:
    """A report to look at and to print, with places to sign."""
    if name not in words.reports.REPORTS:
        raise Refusal(404, "unknown_report", words.ADDRESS_WRONG, "/reports")
    here, sites, period = await _asked(office, session, site, from_, to)
    report = await report_of(office, session, name, here, period)
    return page(
        request, "reports/report.html", session, title=report.title, name=name, site=here, sites=sites, period=period,
        period_words=_period(period), presets=periods.presets(clock.local_day(clock.now())), report=report,
        query=f"site={here.site_id}&from={period.first}&to={period.last}", rows_shown=ROWS_SHOWN,
    )  # fmt: skip


@router.get("/imports/documents")
async def ask_documents(request: Request, office: OfficeHere, session: MayDocuments, site: Text = "") -> Response:
    """Where the list of issued documents is handed in."""
    here, sites, _ = await _asked(office, session, site, "", "")
    return _documents(request, session, here, sites, "", "")


@router.post("/imports/documents")
async def take_documents(request: Request, office: OfficeHere, session: MayDocuments) -> Response:
    """Hand the list to reconciliation: numbers are laid to notices, all of them or none."""
    form = await form_of(request, "/imports/documents")
    here, sites, _ = await _asked(office, session, form.text("site"), "", "")
    file = form.file("file")
    if file is None or (file.size or 0) > FILE_BYTES_MAX:
        problem = words.fees.ISSUE_NONE if file is None else words.asking.TOO_LARGE
        return _documents(request, session, here, sites, problem, "", 422)
    try:
        report = await hand_in(
            office, session, "reconciliation", "/imports/documents", await file.read(), here.site_id, kind="documents",
            back="/imports/documents",
        )  # fmt: skip
    except FileRefused as refused:
        problem = " ".join(refused.lines(5)) or words.asking.NOT_POSSIBLE
        return _documents(request, session, here, sites, problem, "", 422)
    return _documents(request, session, here, sites, "", words.reports.UPLOADED.format(**report))


async def _asked(
    office: Office, session: Session, site: str, first: str, last: str
) -> tuple[SiteSeen, list[SiteSeen], Period]:
    """The site and the period of an address; raises Refusal."""
    today = clock.local_day(clock.now())
    period = periods.read(first, last, periods.month_of(today), today)
    async with office.bounded.reading(session.reach) as connection:
        found = await sites_by_id(connection, await sites_of(connection, session.reach.sites))
    sites = by_name(found.values())
    here = found.get(site) if site else next(iter(sites), None)
    if here is None:
        raise Refusal(404, "unknown_site", words.SITE_UNKNOWN, "/me")
    return here, sites, period


async def _note(office: Office, session: Session, site_id: str, report: str) -> None:
    async with office.database.transaction() as connection:
        await audit.note(connection, session, "exported", clock.now(), site_id=site_id, detail={"report": report})


def _documents(
    request: Request, session: Session, site: SiteSeen, sites: list[SiteSeen], problem: str, done: str, status: int = 200
) -> Response:
    return page(
        request, "reports/documents.html", session, status=status, title=words.reports.UPLOAD_DOCUMENTS, site=site, sites=sites,
        problem=problem, done=done,
    )  # fmt: skip


def _period(period: Period) -> str:
    return f"{day_words(period.first)} – {day_words(period.last)}"


def _lines(report: Report) -> Iterator[Sequence[Any]]:
    """A report's lines as a CSV file has them; where it has several tables, each under its name."""
    for table in report.tables:
        if len(report.tables) > 1:
            yield [table.name]
        yield table.heads
        yield from table.rows
        yield table.totals
