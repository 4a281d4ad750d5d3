"""Requests: the list with its clock, taking one in, answering, exporting, erasing, the end."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import asyncpg
from fastapi import APIRouter, Request, Response

from services.portal import words
from services.portal.asking import ask
from services.portal.office import Office, OfficeHere
from services.portal.payment.acts import key_of
from services.portal.payment.loading import SiteSeen, by_name, sites_by_id
from services.portal.people import audit
from services.portal.people import store as people
from services.portal.people.access import MayDataRequests
from services.portal.people.roles import Session
from services.portal.queue.queries import sites_of
from services.portal.requests import erasing
from services.portal.requests.deadlines import answer_by, finish_by
from services.portal.web.files import csv_file
from services.portal.web.forms import form_of
from services.portal.web.page_route import PageRoute, see_other
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from shared import clock
from shared.runtime.postgres import Connection

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET and POST /requests, /requests/{id}, /requests/{id}/erasure; POST /requests/{id}/lift; GET /requests/{id}/data.csv."""

# By data_requests_of_site; open ones are few.
LISTED = """
select r.*, coalesce(s.name, r.site_id) as site_name from data_requests r left join sites s using (site_id)
order by state in ('done', 'refused'), answer_by, asked_at desc limit 200
"""
ONE = """
select r.*, coalesce(s.name, r.site_id) as site_name from data_requests r left join sites s using (site_id) where request_id = $1
"""
ADD = """
insert into data_requests (request_id, site_id, kind, payer_code, asked_by, said, asked_at, answer_by, finish_by, state, handled_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'asked', $10)
on conflict (request_id) do nothing returning request_id
"""
CHANGE = """
update data_requests set state = $3, outcome = coalesce(nullif($4, ''), outcome), version = version + 1, handled_by = $5,
  answered_at = case when $3 = 'answered' then $6 else coalesce(answered_at, $6) end,
  finished_at = case when $3 in ('done', 'refused') then $6 end
where request_id = $1 and version = $2 and state not in ('done', 'refused') returning version
"""
LIFT = "update data_requests set lifted_at = $2, version = version + 1 where request_id = $1 and lifted_at is null returning version"
PAYER_EXISTS = "select exists (select from payers where site_id = $1 and payer_code = $2)"
# By notices_of_payer and allocations_of_notice: everything that is kept here of one payer.
NOTICES = """
select n.notice_id, n.payer_code, n.payer_name, n.payer_group, n.guardian_name, n.guardian_phone, n.purpose, n.period, n.amount,
  n.issued_on, n.due_on, n.status, n.reference
from notices n where n.site_id = $1 and n.payer_code = $2 order by n.issued_on, n.notice_id
"""
PAYMENTS = """
select a.notice_id, a.amount, a.occurred_at, a.channel, t.counter_name, t.memo
from notices n join allocations a using (notice_id) left join transactions t on t.transaction_id = a.credit_id
where n.site_id = $1 and n.payer_code = $2 order by a.occurred_at, a.allocation_id
"""
NEXT: Final = frozenset({"answered", "done", "refused"})


@router.get("/requests")
async def listed(request: Request, office: OfficeHere, session: MayDataRequests) -> Response:
    """The requests, the most pressing first, and the form to take one in."""
    async with office.bounded.reading(session.reach) as connection:
        rows = await connection.fetch(LISTED)
        sites = await _sites(connection, session)
    return _list(request, session, rows, sites, {}, "")


@router.post("/requests")
async def take(request: Request, office: OfficeHere, session: MayDataRequests) -> Response:
    """Take a request in: its clock runs from now."""
    form, now = await form_of(request, "/requests"), clock.now()
    typed = {name: form.text(name, longest=2_000) for name in ("site_id", "payer_code", "kind", "asked_by", "said")}
    if typed["kind"] not in words.requests.KINDS or not session.reach.has_site(typed["site_id"]):
        raise Refusal(422, "form_wrong", words.SITE_UNKNOWN, "/requests")
    for name in ("asked_by", "said"):
        form.needed(name, longest=2_000)
    async with office.bounded.reading(session.reach) as connection:
        exists = await connection.fetchval(PAYER_EXISTS, typed["site_id"], typed["payer_code"])
        rows = await connection.fetch(LISTED)
        sites = await _sites(connection, session)
    if not exists:
        return _list(request, session, rows, sites, typed, words.requests.UNKNOWN_PAYER, 422)
    # The same form sent twice is one request.
    request_id, today = key_of(session.person.person_id, 1, [form.needed("once"), typed]), clock.local_day(now)
    async with office.database.transaction() as connection:
        is_new = await connection.fetchval(
            ADD, request_id, typed["site_id"], typed["kind"], typed["payer_code"], typed["asked_by"], typed["said"], now,
            answer_by(today), finish_by(today), session.person.person_id,
        )  # fmt: skip
        if is_new:
            await audit.note(connection, session, "data_request", now, site_id=typed["site_id"], subject=request_id,
                             detail={"kind": typed["kind"]})  # fmt: skip
    return see_other(f"/requests/{request_id}")


@router.get("/requests/{request_id}")
async def one(request: Request, office: OfficeHere, session: MayDataRequests, request_id: str) -> Response:
    """One request, what is done for its kind, and its end."""
    found = await _one(office, session, request_id)
    async with office.database.reading() as connection:
        names = await people.names_of(connection, {found["handled_by"]} if found["handled_by"] else set())
    code = found["payer_code"] or words.requests.ERASED
    title = words.requests.ONE_TITLE.format(kind=words.requests.KINDS[found["kind"]], code=code)
    return page(
        request, "requests/one.html", session, title=title, asked=found, names=names, today=clock.local_day(clock.now())
    )


@router.post("/requests/{request_id}")
async def change(request: Request, office: OfficeHere, session: MayDataRequests, request_id: str) -> Response:
    """Note that it was answered, done, or refused and why."""
    back = f"/requests/{request_id}"
    form, found = await form_of(request, back), await _one(office, session, request_id)
    state, outcome = form.text("state"), form.text("outcome", longest=2_000)
    if state not in NEXT:
        raise form.wrong()
    if (found["kind"], state) == ("erase", "done"):
        raise Refusal(422, "erase_there", words.requests.ERASE_HERE_ONLY, f"{back}/erasure")
    if state in {"done", "refused"} and not outcome:
        raise Refusal(422, "field_missing", words.FIELD_MISSING.format(field=words.FIELDS["outcome"]), back)
    version, now = form.number("version"), clock.now()
    if (found["kind"], state) == ("restrict", "done"):
        await _restrict(office, session, found, "PUT")
    async with office.database.transaction() as connection:
        await _change(connection, session, found, version, state, outcome, now)
        await audit.note(
            connection, session, "data_request", now, site_id=found["site_id"], subject=request_id, detail={"state": state}
        )
    return see_other(back)


@router.post("/requests/{request_id}/lift")
async def lift(request: Request, office: OfficeHere, session: MayDataRequests, request_id: str) -> Response:
    """End a restriction: the payer is reminded and printed as all others again."""
    back = f"/requests/{request_id}"
    await form_of(request, back)
    found = await _one(office, session, request_id)
    if (found["kind"], found["state"]) != ("restrict", "done") or found["payer_code"] is None:
        raise Refusal(409, "no_restriction", words.asking.NOT_POSSIBLE, back)
    await _restrict(office, session, found, "DELETE")
    async with office.database.transaction() as connection:
        if await connection.fetchval(LIFT, request_id, clock.now()):
            await audit.note(connection, session, "data_request", clock.now(), site_id=found["site_id"], subject=request_id,
                             detail={"state": "lifted"})  # fmt: skip
    return see_other(back)


@router.get("/requests/{request_id}/erasure")
async def erasure(request: Request, office: OfficeHere, session: MayDataRequests, request_id: str) -> Response:
    """What erasing would take away and what it leaves, or why it cannot be done yet."""
    found = _erasable(await _one(office, session, request_id))
    told = await erasing.summary(office, session, found)
    title = words.requests.ERASURE_TITLE.format(code=found["payer_code"])
    return page(request, "requests/erasure.html", session, title=title, asked=found, told=told)


@router.post("/requests/{request_id}/erasure")
async def erase(request: Request, office: OfficeHere, session: MayDataRequests, request_id: str) -> Response:
    """Erase the payer at the owner, then here, and end the request: only what is done is called done."""
    back = f"/requests/{request_id}"
    form, found = await form_of(request, back), _erasable(await _one(office, session, request_id))
    version = form.number("version")
    if version != found["version"]:
        raise Refusal(412, "version_changed", words.asking.CHANGED, back)
    notices, bills = await erasing.erase(office, session, found)
    now = clock.now()
    async with office.database.transaction() as connection:
        years = office.settings.retention_years
        money = await erasing.money_of(connection, [notice.notice_id for notice in notices], years)
        outcome = erasing.outcome(len(notices), bills, money, years)
        await _change(connection, session, found, version, "done", outcome, now)
        await erasing.forget(connection, found, notices, now)
        await audit.note(connection, session, "data_erased", now, site_id=found["site_id"], subject=request_id,
                         detail={"state": "done", "notices": len(notices), "bills": bills})  # fmt: skip
    office.watch.wake()
    return see_other(back)


@router.get("/requests/{request_id}/data.csv")
async def data(office: OfficeHere, session: MayDataRequests, request_id: str) -> Response:
    """Everything that is kept here of the payer, for them; that it was taken is kept."""
    found = await _one(office, session, request_id)
    if found["payer_code"] is None:
        raise Refusal(404, "erased", words.requests.GONE_ALREADY, f"/requests/{request_id}")
    async with office.bounded.reading(session.reach) as connection:
        notices = await connection.fetch(NOTICES, found["site_id"], found["payer_code"])
        payments = await connection.fetch(PAYMENTS, found["site_id"], found["payer_code"])
    async with office.database.transaction() as connection:
        await audit.note(connection, session, "exported", clock.now(), site_id=found["site_id"], subject=request_id,
                         detail={"report": "data_subject"})  # fmt: skip
    rows: list[list[Any]] = []
    for part in (notices, payments):
        if part:
            rows += [list(part[0].keys()), *(list(row.values()) for row in part), []]
    return csv_file(rows, f"du-lieu-{found['payer_code']}.csv")


async def _one(office: Office, session: Session, request_id: str) -> asyncpg.Record:
    async with office.bounded.reading(session.reach) as connection:
        found: asyncpg.Record | None = await connection.fetchrow(ONE, request_id) if "\0" not in request_id else None
    if found is None:
        raise Refusal(404, "unknown_request", words.asking.NOT_FOUND, "/requests")
    return found


async def _restrict(office: Office, session: Session, found: asyncpg.Record, method: str) -> None:
    """Tell the owner that the payer is restricted, or no longer; raises Refusal."""
    body = {"reason": words.requests.REASON.format(number=found["request_id"][:8])} if method == "PUT" else None
    await ask(
        office, session, "notices", method, f"{erasing.path_of(found)}/restriction", body=body,
        back=f"/requests/{found['request_id']}", sentences=words.requests.WHY_NOT,
    )  # fmt: skip


def _erasable(found: asyncpg.Record) -> asyncpg.Record:
    """A request to erase that has not ended; raises Refusal."""
    if found["kind"] != "erase" or found["state"] not in {"asked", "answered"}:
        raise Refusal(409, "no_erasure", words.requests.NOT_ERASURE, f"/requests/{found['request_id']}")
    return found


async def _change(
    connection: Connection, session: Session, found: asyncpg.Record, version: int, state: str, outcome: str, now: datetime
) -> None:
    """Bring a request to its next state; raises Refusal where somebody else was faster."""
    person_id = session.person.person_id
    if await connection.fetchval(CHANGE, found["request_id"], version, state, outcome, person_id, now) is None:
        raise Refusal(412, "version_changed", words.asking.CHANGED, f"/requests/{found['request_id']}")


async def _sites(connection: Connection, session: Session) -> list[SiteSeen]:
    """The sites whose payers may ask here."""
    return by_name((await sites_by_id(connection, await sites_of(connection, session.reach.sites))).values())


def _list(
    request: Request, session: Session, rows: list[asyncpg.Record], sites: list[SiteSeen], typed: dict[str, str],
    problem: str, status: int = 200,
) -> Response:  # fmt: skip
    return page(
        request, "requests/list.html", session, status=status, title=words.requests.TITLE, rows=rows, sites=sites, typed=typed,
        problem=problem, today=clock.local_day(clock.now()), once=people.new_token()[:32],
    )  # fmt: skip
