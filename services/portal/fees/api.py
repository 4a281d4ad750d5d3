"""Rounds and class lists, slips, reminders; and the teacher's own class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.asking import ask, told
from services.portal.fees import queries, views
from services.portal.fees.views import NO_ROUND
from services.portal.office import Office, OfficeHere
from services.portal.owners import part
from services.portal.payment.loading import by_name, sites_by_id
from services.portal.payment.views import reader_of
from services.portal.people import audit
from services.portal.people.access import MayFees, MayOwnClass, MayRemind
from services.portal.people.roles import Session
from services.portal.queue.queries import sites_of
from services.portal.web.files import csv_file, pdf
from services.portal.web.page_route import PageRoute
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from services.portal.web.saying import share_words, time_words
from shared import clock
from shared.runtime.postgres import Connection

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET /fees, /fees/{site}/round and its list and slips, /reminders/{reference}, /class."""

Text = Annotated[str, Query(max_length=200)]
RoundName = Annotated[str, Query(alias="round", max_length=200)]


@router.get("/fees")
async def fees(
    request: Request, office: OfficeHere, session: MayFees, site: Text = "", issued: Annotated[int, Query(ge=0, le=10**6)] = 0
) -> Response:  # fmt: skip
    """The rounds of a site."""
    async with office.bounded.reading(session.reach) as connection:
        sites = await sites_by_id(connection, await sites_of(connection, session.reach.sites))
        if site and site not in sites:
            raise Refusal(404, "unknown_site", words.SITE_UNKNOWN, "/fees")
        here = site or next((each.site_id for each in by_name(sites.values())), "")
        rows = await queries.rounds(connection, here) if here else []
    return page(
        request, "fees/rounds.html", session, title=words.fees.TITLE, sites=by_name(sites.values()),
        site=here, sample=here in sites and sites[here].sample, may_issue=session.reach.may("issue"),
        said=words.fees.FEE_DONE.format(count=issued) if issued else "",
        rounds=[(row, views.round_path(here, row["round"]), share_words(row["payers"] - row["payers_owing"], row["payers"]))
                for row in rows],
    )  # fmt: skip


@router.get("/fees/{site_id}/round")
async def one_round(
    request: Request,
    office: OfficeHere,
    session: MayFees,
    site_id: str,
    round_name: RoundName = "",
    group: Text = "",
    state: Text = "",
) -> Response:
    """A round: class by class, or the list of one class."""
    if state not in words.fees.FILTERS:
        raise Refusal(400, "unknown_filter", words.FILTER_UNKNOWN, "/fees")
    listed = await _list(office, session, site_id, round_name, [_class(group)] if group else None)
    rows = [row for row in listed["rows"] if not state or row.state == state]
    name = _round(round_name)
    return page(
        request, "fees/round.html", session, title=_round(round_name) or words.fees.NO_ROUND, **{**listed, "rows": rows},
        site_id=site_id, path=views.round_path(site_id, name), group=group, state=state,
        filters=[(key, text, views.round_path(site_id, name, group=group, state=key)) for key, text in words.fees.FILTERS.items()],
        slips=views.round_path(site_id, name, "/slips.pdf", group=group), csv=views.round_path(site_id, name, "/list.csv", group=group),
        classes=[] if group else views.class_rows(listed["bills"], site_id, name),
    )  # fmt: skip


@router.get("/fees/{site_id}/round/list.csv")
async def as_csv(
    office: OfficeHere, session: MayFees, site_id: str, round_name: RoundName = "", group: Text = ""
) -> Response:
    """The list for a spreadsheet, with the mark that it stays inside."""
    listed = await _list(office, session, site_id, round_name, [_class(group)] if group else None)
    rows: list[list[object]] = [[words.fees.INTERNAL], ["Lớp", *words.fees.LIST_COLUMNS, "Mã thanh toán"]]
    rows += [
        [row.group, row.name, row.code, row.owed, row.paid, row.left, row.state_words, row.reference]
        for row in listed["rows"]
    ]
    async with office.database.transaction() as connection:
        await audit.note(connection, session, "exported", clock.now(), site_id=site_id, subject=_round(round_name),
                         detail={"report": "class_list"})  # fmt: skip
    return csv_file(rows, f"danh-sach-{site_id}.csv")


@router.get("/fees/{site_id}/round/slips.pdf")
async def slips(
    office: OfficeHere, session: MayFees, site_id: str, round_name: RoundName = "", group: Text = ""
) -> Response:
    """The slips of a round or a class, which notices draws."""
    params = {"site": site_id, "round": _round(round_name), **({"group": _class(group)} if group else {})}
    answer = await ask(
        office, session, "notices", "GET", "/slips.pdf", params={name: value for name, value in params.items() if value},
        long=True, back=views.round_path(site_id, _round(round_name)), sentences=words.fees.PROBLEMS,
    )  # fmt: skip
    return pdf(answer.content, f"giay-bao-{site_id}.pdf")


@router.get("/reminders/{reference}")
async def reminder(request: Request, office: OfficeHere, session: MayRemind, reference: str) -> Response:
    """Texts to remind one payer, ready to be copied. A teacher reminds the own class only."""
    async with office.bounded.reading(session.reach) as connection:
        rows = await connection.fetch(queries.OF_REFERENCE, reference) if "\0" not in reference else []
    if not rows:
        raise Refusal(404, "unknown_bill", words.asking.NOT_FOUND, "/")
    back = "/class" if session.reach.may("own_class") else views.round_path(rows[0]["site_id"], rows[0]["round"] or "")
    texts = await told(
        office, session, "notices", f"/bills/{part(reference)}/reminder", back=back, sentences=words.fees.PROBLEMS
    )
    async with office.database.transaction() as connection:
        await audit.note(connection, session, "reminded", clock.now(), site_id=rows[0]["site_id"], subject=reference)
    return page(
        request, "fees/reminder.html", session, title=words.fees.REMIND_TITLE.format(name=rows[0]["payer_name"] or reference),
        texts=texts, back=back, sms=f"sms:{rows[0]['guardian_phone'] or ''}?&body={quote(texts['sms'])}",
    )  # fmt: skip


@router.get("/class")
async def own_class(request: Request, office: OfficeHere, session: MayOwnClass) -> Response:
    """Who of the own class has not paid: names and what is owed, no other money."""
    reach = session.reach
    wanted: dict[str, list[str]] = {}
    for group in sorted(reach.groups or ()):
        site_id, _, name = group.partition("/")
        wanted.setdefault(site_id, []).append(name)
    now, reader = clock.now(), reader_of(reach)
    found: list[dict[str, Any]] = []
    async with office.bounded.reading(reach) as connection:
        sites = await sites_by_id(connection, wanted)
        for site_id, groups in wanted.items():
            found += await _classes(connection, site_id, groups)
    shown = [
        {**each, "rows": [views.bill_row(bill, reader, clock.local_day(now), fresh=views.is_fresh(each["fresh"], now),
                                         site_id=each["site_id"]) for bill in each["bills"] if bill.left]}
        for each in found
    ]  # fmt: skip
    return page(
        request, "fees/own_class.html", session, title=words.fees.TEACHER_TITLE, classes=shown, sites=sites,
        sample=any(each.sample for each in sites.values()), stale=_stale,
    )  # fmt: skip


async def _classes(connection: Connection, site_id: str, groups: Sequence[str]) -> list[dict[str, Any]]:
    """The newest round of each class of one school that asks for something."""
    rounds = await queries.rounds(connection, site_id)
    fresh = await queries.fresh_until(connection, site_id)
    found = []
    if rounds:
        bills = await queries.bills(connection, site_id, rounds[0]["round"], groups)
        found = [
            {"site_id": site_id, "round": rounds[0]["round"], "group": group, "fresh": fresh,
             "bills": [bill for bill in bills if bill.group == group]}
            for group in groups
        ]  # fmt: skip
    return found


async def _list(
    office: Office, session: Session, site_id: str, round_name: str, groups: Sequence[str] | None
) -> dict[str, Any]:
    """The bills of a round or a class; raises Refusal."""
    if "\0" in site_id + round_name or not session.reach.has_site(site_id):
        raise Refusal(404, "unknown_site", words.SITE_UNKNOWN, "/fees")
    now, reader = clock.now(), reader_of(session.reach)
    async with office.bounded.reading(session.reach) as connection:
        sites = await sites_by_id(connection, [site_id])
        bills = await queries.bills(connection, site_id, _round(round_name), groups)
        fresh_until = await queries.fresh_until(connection, site_id)
    if not bills:
        raise Refusal(404, "unknown_round", words.fees.EMPTY, "/fees")
    fresh, today = views.is_fresh(fresh_until, now), clock.local_day(now)
    site = sites.get(site_id)
    return {
        "bills": bills,
        "rows": [views.bill_row(bill, reader, today, fresh=fresh, site_id=site_id) for bill in bills],
        "owed": sum(bill.owed for bill in bills),
        "paid": sum(bill.paid for bill in bills),
        "left": sum(bill.left for bill in bills),
        "site_name": site.name if site else site_id,
        "sample": site.sample if site else False,
        "stale": _stale(fresh_until),
    }


def _stale(fresh_until: Any) -> str:
    return words.fees.STALE.format(moment=time_words(fresh_until)) if fresh_until else words.fees.NEVER_FRESH


def _round(text: str) -> str:
    return "" if text == NO_ROUND else text


def _class(text: str) -> str:
    return "" if text == NO_ROUND else text
