"""Days, differences, statements, and closing: the accountant's daily page."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.asking import ask
from services.portal.days import queries, views
from services.portal.keeping.entities import keep_entities
from services.portal.office import OfficeHere
from services.portal.owners import part
from services.portal.payment.acts import key_of
from services.portal.payment.loading import by_name, sites_by_id
from services.portal.people import audit
from services.portal.people import store as people
from services.portal.people.access import MayClose, MayDays, MayDiscrepancies
from services.portal.queue.queries import sites_of
from services.portal.web import addresses, periods
from services.portal.web.forms import form_of, own_path, read_day
from services.portal.web.page_route import PageRoute, see_other
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from shared import clock
from shared.events import Discrepancy, ReconciliationDay

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET /days and /days/{site}/{account}/{date}; POST its /close, /discrepancies/{id}/settle, /statements/upload."""

Text = Annotated[str, Query(max_length=300)]
FRESH_SINCE = timedelta(days=62)
CLOSE_PROBLEMS = {
    "not_begun": words.days.NOT_BEGUN, "day_differs": words.days.DAY_DIFFERS, "undecided": words.days.UNDECIDED,
    "unknown_day": words.days.UNKNOWN_DAY, "being_rebuilt": words.asking.AWAY,
    "close_in_order": words.days.CLOSE_IN_ORDER,
}  # fmt: skip
SETTLE_PROBLEMS = {
    "already_settled": words.days.ALREADY_SETTLED, "nothing_to_correct": words.days.NOTHING_TO_CORRECT,
    "money_went_on": words.days.MONEY_WENT_ON, "not_corrected": words.days.NOT_CORRECTED,
}  # fmt: skip


@router.get("/days")
async def listed(
    request: Request, office: OfficeHere, session: MayDays, site: Text = "",
    from_: Annotated[str, Query(alias="from", max_length=20)] = "", to: Annotated[str, Query(max_length=20)] = "",
    said: Text = "",
) -> Response:  # fmt: skip
    """The days of a period, and the differences that wait for somebody."""
    if site and not session.reach.has_site(site):
        raise Refusal(404, "unknown_site", words.SITE_UNKNOWN, "/days")
    today = clock.local_day(clock.now())
    period = periods.read(from_, to, periods.latest(today), today)
    async with office.bounded.reading(session.reach) as connection:
        everywhere = await sites_of(connection, session.reach.sites)
        sites = [site] if site else everywhere
        entities, older = await queries.between(connection, sites, period.first, period.last)
        open_ones = await queries.open_discrepancies(connection, sites)
        fresh = await queries.freshness(connection, sites, today - FRESH_SINCE)
        named = await sites_by_id(connection, everywhere)
    async with office.database.reading() as connection:
        names = await people.names_of(connection, {each["closed_by"] for each in entities if each.get("closed_by")})
    return page(
        request, "days/list.html", session, title=words.days.TITLE, rows=[views.day_row(each, names) for each in entities],
        discrepancies=[views.discrepancy_row(each, today) for each in open_ones], sites=by_name(named.values()),
        site=site, period=period, presets=periods.presets(today), names=named, fresh=fresh, several=len(everywhere) > 1,
        sample=any(each.sample for each in named.values()), may_close=session.reach.may("close"), said=SAID.get(said, ""),
        may_settle=session.reach.may("discrepancies"),
        older=older and addresses.with_query("/days", {"site": site, "from": f"{period.first}", "to": f"{older}"}),
    )  # fmt: skip


@router.get("/days/{site_id}/{account}/{day}")
async def one_day(request: Request, office: OfficeHere, session: MayDays, site_id: str, account: str, day: str) -> Response:
    """One day with all its figures, what differs and who closed it."""
    on = read_day(day, "/days")
    async with office.bounded.reading(session.reach) as connection:
        entity = await queries.one(connection, site_id, account, on) if "\0" not in site_id + account else None
        if entity is None:
            raise Refusal(404, "unknown_day", words.days.UNKNOWN_DAY, "/days")
        found = await queries.discrepancies_of_day(connection, site_id, account, on)
        names = await sites_by_id(connection, [site_id])
    async with office.database.reading() as connection:
        people_names = await people.names_of(connection, {entity["closed_by"]} if entity.get("closed_by") else set())
    row = views.day_row(entity, people_names)
    today = clock.local_day(clock.now())
    site = names.get(site_id)
    return page(
        request, "days/day.html", session, title=f"{words.days.TITLE} {row.day:%d/%m/%Y}", row=row, entity=entity,
        site_name=site.name if site else site_id, sample=site.sample if site else False, may_close=session.reach.may("close"),
        discrepancies=[views.discrepancy_row(each, today) for each in found], may_settle=session.reach.may("discrepancies"),
        may_queue=session.reach.may("queue"),
    )  # fmt: skip


@router.post("/days/{site_id}/{account}/{day}/close")
async def close(request: Request, office: OfficeHere, session: MayClose, site_id: str, account: str, day: str) -> Response:
    """Close a day; where it differs, with a reason."""
    back = views.path_of(site_id, account, read_day(day, "/days").isoformat())
    form = await form_of(request, back)
    version, reason = form.number("version"), form.text("reason")
    if reason and reason not in words.days.CLOSE_REASONS:
        raise form.wrong()
    body = {"site_id": site_id, "date": read_day(day).isoformat(), "account": account, "reason": reason or None}
    answer = await ask(
        office, session, "reconciliation", "POST", "/days/close", body=body, version=version, back=back,
        key=key_of(back, version, body), sentences=CLOSE_PROBLEMS,
    )  # fmt: skip
    closed = [ReconciliationDay.model_validate(each, strict=False) for each in answer.json()["days"]]
    async with office.database.transaction() as connection:
        await keep_entities(connection, closed)
        await audit.note(connection, session, "day_closed", clock.now(), site_id=site_id, subject=f"{site_id}/{account}/{day}",
                         detail={"reason": reason})  # fmt: skip
    return see_other(back)


@router.post("/discrepancies/{discrepancy_id:path}/settle")
async def settle(request: Request, office: OfficeHere, session: MayDiscrepancies, discrepancy_id: str) -> Response:
    """Say why a difference needs no more looking at."""
    form = await form_of(request, "/days")
    back = own_path(form.text("back", longest=2_000) or "/days")
    async with office.bounded.reading(session.reach) as connection:
        entity = await queries.one_discrepancy(connection, discrepancy_id) if "\0" not in discrepancy_id else None
    if entity is None:
        raise Refusal(404, "unknown_discrepancy", words.asking.NOT_FOUND, "/days")
    reason, version = form.text("reason"), form.number("version")
    if reason not in words.days.REASONS_OF.get(entity["kind"], ("other",)):
        raise Refusal(422, "reason_needed", words.FIELD_MISSING.format(field=words.FIELDS["reason"]), back)
    body = {"reason": reason, "note": form.text("note", longest=500) or None}
    path = f"/discrepancies/{part(discrepancy_id)}/settle"
    answer = await ask(
        office, session, "reconciliation", "POST", path, body=body, version=version, back=back,
        key=key_of(discrepancy_id, version, body), sentences=SETTLE_PROBLEMS,
    )  # fmt: skip
    settled = Discrepancy.model_validate(answer.json(), strict=False)
    async with office.database.transaction() as connection:
        await keep_entities(connection, [settled])
        await audit.note(connection, session, "discrepancy_settled", clock.now(), site_id=settled.site_id,
                         subject=discrepancy_id, detail={"reason": reason})  # fmt: skip
    return see_other(addresses.adding(back, {"said": "settled"}))


SAID = {"settled": words.days.SETTLED}
