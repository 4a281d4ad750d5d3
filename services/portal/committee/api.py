"""The monthly report as a page, an XLSX file and a PDF; the digital groups' page, their log and their sheet."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.committee import queries
from services.portal.committee.charts import month_chart
from services.portal.committee.files import as_pdf, as_xlsx
from services.portal.committee.report import Report, report_of
from services.portal.office import Office, OfficeHere
from services.portal.people import audit
from services.portal.people import store as people
from services.portal.people.access import MayCommittee, MayGroup
from services.portal.people.roles import Session
from services.portal.web.files import attachment
from services.portal.web.forms import form_of
from services.portal.web.page_route import PageRoute, see_other
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from services.portal.web.workbook import MEDIA_TYPE
from shared import clock

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET /month, /month/report.xlsx, /month/report.pdf; GET and POST /group; GET /group/sheet."""

Month = Annotated[str, Query(max_length=7)]
By = Annotated[str, Query(max_length=20)]
MONTHS_BACK = 24


@router.get("/month")
async def month(request: Request, office: OfficeHere, session: MayCommittee, month: Month = "", by: By = "") -> Response:
    """One page: the figure, the change, whom to help first, what was done."""
    report = await _report(office, session, month, by)
    return page(
        request, "committee/month.html", session, title=words.committee.TITLE, report=report, months=_months(),
        chart=month_chart(words.committee.SHARE_COUNT, report.series_ends, report.series), month=f"{report.first:%Y-%m}",
    )  # fmt: skip


@router.get("/month/report.xlsx")
async def month_xlsx(office: OfficeHere, session: MayCommittee, month: Month = "", by: By = "") -> Response:
    """The same for a spreadsheet."""
    report = await _report(office, session, month, by)
    return await _file(office, session, report, as_xlsx(report), MEDIA_TYPE, "xlsx")


@router.get("/month/report.pdf")
async def month_pdf(office: OfficeHere, session: MayCommittee, month: Month = "", by: By = "") -> Response:
    """The same on paper, with places to sign."""
    report = await _report(office, session, month, by)
    return await _file(office, session, report, as_pdf(report), "application/pdf", "pdf")


@router.get("/group")
async def group(request: Request, office: OfficeHere, session: MayGroup, said: By = "") -> Response:
    """Places to visit, and the log of help that was given."""
    today = clock.local_day(clock.now())
    async with office.bounded.reading(session.reach) as connection:
        report = await report_of(connection, session.reach, today, "site")
        units = await queries.units(connection, session.reach.unit_codes)
        recent = await connection.fetch(queries.RECENT_HELP, sorted(session.reach.scopes))
    places = {f"{unit['level']}:{unit['unit_code']}": unit["name"] for unit in units}
    return page(
        request, "committee/group.html", session, title=words.committee.GROUP_TITLE, report=report, places=places, today=today,
        recent=recent, once=people.new_token()[:32], said=words.committee.GROUP_SAVED if said == "saved" else "",
    )  # fmt: skip


@router.post("/group/help")
async def give_help(request: Request, office: OfficeHere, session: MayGroup) -> Response:
    """Keep how many people were helped with what, once for the form; no names."""
    form, now = await form_of(request, "/group"), clock.now()
    scope, kind, day = form.needed("scope"), form.needed("kind"), form.day("given_on") or clock.local_day(now)
    count = form.number("people", least=1, most=10_000)
    today = clock.local_day(now)
    if (
        kind not in words.committee.HELP_KINDS
        or scope not in session.reach.scopes
        or not today - timedelta(days=366) <= day <= today
    ):
        raise form.wrong()
    async with office.bounded.writing(session.reach) as connection:
        await connection.execute(queries.ADD_HELP, form.needed("once"), scope, day, kind, count, session.reach.person_id)
    async with office.database.transaction() as connection:
        await audit.note(connection, session, "help_given", now, subject=scope, detail={"kind": kind, "people": count})
    return see_other("/group?said=saved")


@router.get("/group/sheet")
async def sheet(request: Request, session: MayGroup) -> Response:
    """A sheet to print and hand out: how to pay by QR, in few words."""
    return page(request, "committee/sheet.html", session, title=words.committee.SHEET_TITLE)


async def _report(office: Office, session: Session, month: str, by: str) -> Report:
    async with office.bounded.reading(session.reach) as connection:
        return await report_of(connection, session.reach, _day_of(month), by)


async def _file(office: Office, session: Session, report: Report, content: bytes, media_type: str, suffix: str) -> Response:
    async with office.database.transaction() as connection:
        await audit.note(
            connection, session, "exported", clock.now(), detail={"report": "month", "month": f"{report.first:%Y-%m}"}
        )
    name = f"bao-cao-thang-{report.first:%Y-%m}.{suffix}"
    return attachment(content, media_type, name)


def _day_of(month: str) -> date:
    """A day of the month of an address; this month where none is named. Raises Refusal."""
    today = clock.local_day(clock.now())
    if not month:
        return today
    try:
        day = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise Refusal(400, "invalid_month", words.ADDRESS_WRONG, "/month") from None
    if day > today:
        raise Refusal(400, "invalid_month", words.ADDRESS_WRONG, "/month")
    return day


def _months() -> list[date]:
    """The months that can be asked for, the newest first."""
    months = [clock.local_day(clock.now()).replace(day=1)]
    while len(months) < MONTHS_BACK:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months
