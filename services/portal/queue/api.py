"""Cần xử lý, Đã khớp, Nộp thừa: the pages, and the ticks on them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.model import CursorError
from services.portal.office import Office, OfficeHere
from services.portal.overview import queries as overview
from services.portal.payment import views
from services.portal.payment.loading import Loaded, credits_by_id, load, sites_by_id
from services.portal.people import store as people
from services.portal.people.access import MayDecide, MayQueue
from services.portal.people.roles import Session
from services.portal.queue import bulk, places, queries, ticks
from services.portal.queue.places import ORDERS, Order
from services.portal.queue.queries import ListName
from services.portal.web import addresses
from services.portal.web.forms import form_of, own_path
from services.portal.web.page_route import PageRoute, see_other
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from shared import clock
from shared.money import format_dong
from shared.runtime.postgres import Connection

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET /queue, /matched, /excess; POST /ticks; GET and POST /queue/confirm."""

Text = Annotated[str, Query(max_length=300)]
Fragment = Annotated[bool, Query()]
Number = Annotated[int, Query(ge=0, le=10**15)]
PATHS: dict[ListName, str] = {"review": "/queue", "matched": "/matched", "excess": "/excess"}
# By audit_of_subject: who was faster where no allocation tells.
ACTS_ON = "select at, person_id, act from audit where subject = $1 order by id desc limit 20"
TITLES: dict[ListName, str] = {
    "review": words.queue.REVIEW_TITLE,
    "matched": words.queue.MATCHED_TITLE,
    "excess": words.queue.EXCESS_TITLE,
}


@router.get("/queue")
async def review(
    request: Request, office: OfficeHere, session: MayQueue, site: Text = "", order: Text = "old", after: Text = "",
    did: Text = "", told: Text = "", done: Number = 0, sum: Number = 0, failed: Number = 0, moved: Text = "",  # noqa: A002
    fragment: Fragment = False,
) -> Response:  # fmt: skip
    """What waits for a person, oldest first."""
    listed = await _list(office, session, "review", site, _order(order, "review"), after)
    async with office.bounded.reading(session.reach) as connection:
        said = await _said(connection, office, session, did, told)
        if moved:
            named = await sites_by_id(connection, [moved])
            site_name = named[moved].name if moved in named else moved
            said.append(words.queue.DONE_MOVED.format(amount=format_dong(sum), site=site_name))
        ticked = await ticks.of_person(connection, session.reach.person_id) if session.reach.may("decide") else []
    if done or failed:
        said = [words.queue.BULK_DONE.format(count=done, amount=format_dong(sum))] if done else []
        said += [words.queue.BULK_FAILED.format(count=failed)] if failed else []
    waiting = [tick for tick in ticked if tick.waits]
    return page(
        request, "queue/review_live.html" if fragment else "queue/review.html", session, script="queue", **listed,
        said=said, undo=f"{views.path_of(did)}#undo" if did else None, may_decide=session.reach.may("decide"),
        ticked={tick.credit_id for tick in waiting},
        ticked_words=words.queue.BULK_TICKED.format(
            count=len(waiting), amount=format_dong(_sum(waiting))
        ) if waiting else "",
    )  # fmt: skip


@router.get("/matched")
async def matched(
    request: Request, office: OfficeHere, session: MayQueue, site: Text = "", order: Text = "new", after: Text = "",
    fragment: Fragment = False,
) -> Response:  # fmt: skip
    """What is matched, newest first."""
    listed = await _list(office, session, "matched", site, _order(order, "matched"), after)
    return page(request, "queue/matched_live.html" if fragment else "queue/matched.html", session, script="live", **listed)


@router.get("/excess")
async def excess(
    request: Request, office: OfficeHere, session: MayQueue, site: Text = "", order: Text = "old", after: Text = "",
    fragment: Fragment = False,
) -> Response:  # fmt: skip
    """What was paid too much or twice, and what waits to be given back."""
    listed = await _list(office, session, "excess", site, _order(order, "excess"), after)
    return page(request, "queue/excess_live.html" if fragment else "queue/excess.html", session, script="live", **listed)


@router.post("/ticks")
async def keep_ticks(request: Request, office: OfficeHere, session: MayDecide) -> Response:
    """Keep what is ticked on a page, then go on to another page, another order, or the summary."""
    form = await form_of(request, "/queue")
    async with office.bounded.writing(session.reach) as connection:
        if form.text("clear"):
            await ticks.clear(connection, session.reach.person_id)
        else:
            shown = bulk.read_shown(form.text("shown", longest=10_000))
            chosen = {int(text) for text in form.texts("tick") if text.isascii() and text.isdecimal()}
            ticked = {credit_id: version for number, (credit_id, version) in enumerate(shown) if number in chosen}
            await ticks.put(connection, session.reach.person_id, ticked, {credit_id for credit_id, _ in shown})
    return see_other(own_path(form.text("go", longest=2_000) or "/queue"))


@router.get("/queue/confirm")
async def ask(request: Request, office: OfficeHere, session: MayDecide) -> Response:
    """A summary of what matching the ticked rows would do."""
    async with office.bounded.reading(session.reach) as connection:
        plan = await bulk.plan_of(connection, session.reach.person_id)
    reader = views.reader_of(session.reach)
    now = clock.now()
    return page(
        request, "queue/confirm.html", session, script="queue", title=words.queue.BULK_TITLE, plan=plan,
        rows=[views.row_of(each.credit, plan.loaded, reader, now) for each in plan.ready],
        others=[(views.row_of(each.credit, plan.loaded, reader, now), each.why) for each in plan.others], most=bulk.MOST,
    )  # fmt: skip


@router.post("/queue/confirm")
async def confirm(request: Request, office: OfficeHere, session: MayDecide) -> Response:
    """Match what the summary showed; what changed meanwhile stays ticked and is said."""
    form = await form_of(request, "/queue/confirm")
    seen = bulk.read_shown(form.text("shown", longest=20_000))
    async with office.bounded.reading(session.reach) as connection:
        plan = await bulk.plan_of(connection, session.reach.person_id)
    result = await bulk.carry_out(office, session, plan, dict(seen))
    async with office.bounded.writing(session.reach) as connection:
        await ticks.drop(connection, session.reach.person_id, result.settled)
    told = {"done": str(result.count), "sum": str(result.amount), "failed": str(result.failed)}
    return see_other(addresses.with_query("/queue", {name: value for name, value in told.items() if value != "0"}))


async def _list(office: Office, session: Session, name: ListName, site: str, order: Order, after: str) -> dict[str, Any]:
    """A page of a list: its rows, the filters above it, and the ways on."""
    if site and not session.reach.has_site(site):
        raise Refusal(404, "unknown_site", words.SITE_UNKNOWN, PATHS[name])
    try:
        place = places.read(order, after)
    except CursorError:
        raise Refusal(400, "place_tampered", words.PLACE_TAMPERED, PATHS[name]) from None
    async with office.bounded.reading(session.reach) as connection:
        sites = await queries.sites_of(connection, session.reach.sites)
        # The revision is read first: what is shown may be newer than it (and is looked at once more), never older.
        figures = await queries.figures(connection, [site] if site else sites)
        since = await overview.since(connection, [site] if site else sites)
        named = await queries.named(connection, sites)
        loaded, more = await queries.page_of(connection, name, [site] if site else sites, order, place)
    rows = views.rows_of(loaded, views.reader_of(session.reach), clock.now())
    path, default = PATHS[name], _order("", name)
    kept = {"site": site, "order": order if order != default else ""}
    last = loaded.credits[-1] if more else None
    return {
        "title": TITLES[name],
        "path": path,
        "rows": rows,
        "figures": figures,
        "since": since,
        "revision": figures["revision"],
        "events": addresses.events(site) if site else "/events",
        "sites": named,
        "site": site,
        "order": order,
        "orders": [
            (key, text, addresses.with_query(path, {**kept, "order": "" if key == default else key}))
            for key, text in words.queue.ORDERS.items()
        ],
        "sample": any(row["sample"] for row in named),
        "several": len(named) > 1 and not site,
        "address": addresses.with_query(path, {**kept, "after": after}),
        "on": addresses.with_query(path, {**kept, "after": places.written(order, last)}) if last else None,
        "start": addresses.with_query(path, kept) if after else None,
        "is_end": bool(after),
        "shown": bulk.written_shown([(credit.credit_id, credit.version) for credit in loaded.credits]),
    }  # fmt: skip


def _order(text: str, name: ListName) -> Order:
    if not text:
        return "new" if name == "matched" else "old"
    for order in ORDERS:
        if order == text:
            return order
    raise Refusal(400, "unknown_order", words.FILTER_UNKNOWN, PATHS[name])


async def _said(connection: Connection, office: Office, session: Session, did: str, told: str) -> list[str]:
    """What just happened to one credit, by this reader's act or by somebody who was faster."""
    credits = await credits_by_id(connection, {credit_id for credit_id in (did, told) if credit_id})
    loaded: Loaded = await load(connection, credits)
    by = {each.decided_by for credit in credits for each in credit.allocations}
    by |= {each.undone_by for credit in credits for each in credit.undone}
    kept = await connection.fetch(ACTS_ON, told) if told else []
    by |= {row["person_id"] for row in kept if row["person_id"]}
    async with office.database.reading() as names_connection:
        names = await people.names_of(names_connection, by)
    said = []
    for credit in credits:
        if credit.credit_id == did:
            said.append(views.done_words(credit, loaded, views.reader_of(session.reach)))
        else:
            said.append(views.faster_words(credit, names, kept))
    return said


def _sum(waiting: list[ticks.Tick]) -> int:
    return sum(tick.amount for tick in waiting)
