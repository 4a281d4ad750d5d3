"""The counter: one screen. Every act is a form that ends in a redirect; the list of who waits updates itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.asking import told
from services.portal.counter import exemptions, finding, store
from services.portal.counter.exemptions import Exemption, State
from services.portal.counter.store import NewWait
from services.portal.counter.waiting import STEP_AFTER, Wait
from services.portal.keeping.notices import keep_notices
from services.portal.office import Office, OfficeHere
from services.portal.owners import OwnerAwayError, OwnerProblem, part
from services.portal.payment import choosing
from services.portal.payment.acts import key_of
from services.portal.payment.loading import NoticeSeen, SiteSeen, by_name, notices_by_id, sites_by_id
from services.portal.payment.views import Reader, notice_row, path_of, reader_of
from services.portal.people import audit
from services.portal.people import store as people
from services.portal.people.access import MayCounter
from services.portal.people.roles import Session
from services.portal.queue.queries import sites_of
from services.portal.web import addresses
from services.portal.web.forms import Form, form_of
from services.portal.web.page_route import PageRoute, see_other
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from shared import clock
from shared.events import Credit, Notice
from shared.money import format_dong
from shared.privacy import PayerCode, PersonName
from shared.runtime.postgres import Connection

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET /counter, POST /counter/show, /issue, /waits/{id}/claim, /step, /show, /end."""

Text = Annotated[str, Query(max_length=200)]
COUNTER_LONGEST: Final = 20


@dataclass(frozen=True, slots=True)
class Spot:
    """A counter of a site."""

    site: SiteSeen
    counter: str

    @property
    def query(self) -> dict[str, str]:
        """As it stands in an address."""
        return {"site": self.site.site_id, "counter": self.counter}

    @property
    def path(self) -> str:
        """The counter's page."""
        return addresses.with_query("/counter", self.query)


@router.get("/counter")
async def counter(
    request: Request, office: OfficeHere, session: MayCounter, site: Text = "", counter: Text = "1", q: str = "",
    fragment: Annotated[bool, Query()] = False, cash: Text = "", exempt: Text = "", portal: Text = "",
    state: Annotated[str, Query(alias="as", max_length=20)] = "",
) -> Response:  # fmt: skip
    """Who waits, finding a payer, issuing in one line."""
    now, reader = clock.now(), reader_of(session.reach)
    if len(q) > choosing.LONGEST or "\0" in q:
        raise Refusal(400, "search_too_long", words.SEARCH_TOO_LONG.format(longest=choosing.LONGEST), "/counter")
    async with office.bounded.reading(session.reach) as connection:
        spot, sites = await spot_of(connection, session, site, counter)
        waits = await store.open_waits(connection, spot.site.site_id, spot.counter)
        last = await store.on_display(connection, spot.site.site_id, spot.counter)
        totals = await store.today(connection, spot.site.site_id, clock.local_day(now))
        found, missing_count = await store.without_document(connection, spot.site.site_id)
        missing = await named_cash(connection, found, reader)
        used = [] if fragment else await store.kinds_used(connection, spot.site.site_id)
        payers = [] if fragment or not q.strip() else await finding.found(connection, spot.site.site_id, q, reader)
    kinds = [] if fragment else await _kinds(office, session, spot, used)
    if q.strip() and not fragment:
        payers = [*payers, *await finding.exempt(office, session, spot.site.site_id, q, reader)]
    if q.strip() and not payers and not fragment:
        payers = finding.of_portal(await finding.paid_on_portal(office, session, spot.site, q.strip()))
    said = words.counter.CASH_DONE.format(amount=format_dong(int(cash))) if cash.isdecimal() and len(cash) < 14 else ""
    if exempt:
        said = words.counter.EXEMPT_DONE.format(who=exempt, state=words.counter.EXEMPT_STATES.get(state, words.FORM_WRONG))
    if portal:
        said = words.counter.PORTAL_DONE.format(who=portal)
    return page(
        request, "counter/waits.html" if fragment else "counter/counter.html", session, script="counter",
        title=words.counter.TITLE, spot=spot, sites=sites,
        waits=[(wait, wait.needs_step(now), wait == last and wait.is_on_display(now)) for wait in waits],
        step_minutes=int(STEP_AFTER.total_seconds() // 60), totals=totals, query=q, said=said, kinds=kinds,
        missing=missing, missing_count=missing_count,
        missing_all=addresses.with_query("/counter/documents", spot.query), events=addresses.events(spot.site.site_id),
        payers=payers, display=addresses.with_query("/display", spot.query),
        once=people.new_token(), may_cash=session.reach.may("cash"),
    )  # fmt: skip


async def named_cash(connection: Connection, credits: Sequence[Credit], reader: Reader) -> list[tuple[Credit, str, str]]:
    """Cash with its page and with whose it was, as this reader may see them."""
    notices = await notices_by_id(connection, {each.notice_id for credit in credits for each in credit.allocations})
    rows = []
    for credit in credits:
        paid = [notices[each.notice_id] for each in credit.allocations if each.notice_id in notices]
        who = "; ".join(dict.fromkeys(notice_row(each, reader).who for each in paid))
        rows.append((credit, path_of(credit.credit_id), who))
    return rows


@router.post("/counter/show")
async def show(request: Request, office: OfficeHere, session: MayCounter) -> Response:
    """Show a bill's QR to the payer and wait for its money."""
    form = await form_of(request, "/counter")
    async with office.bounded.writing(session.reach) as connection:
        spot, _ = await spot_of(connection, session, form.text("site"), form.text("counter") or "1")
        notices = await store.bill(connection, spot.site.site_id, form.needed("reference"))
        if not store.owed(notices):
            raise Refusal(409, "nothing_owed", words.fees.NOTHING_OWED, spot.path)
        await store.begin(connection, _wait_for(spot, session, notices), clock.now())
    return see_other(spot.path)


@router.post("/counter/issue")
async def issue(request: Request, office: OfficeHere, session: MayCounter) -> Response:
    """Issue one notice in one line, and show its QR. 0 đồng is kept as a state, with its reason, and asks nothing."""
    form = await form_of(request, "/counter")
    async with office.bounded.reading(session.reach) as connection:
        spot, _ = await spot_of(connection, session, form.text("site"), form.text("counter") or "1")
    name, code, kind = form.needed("payer_name"), form.needed("payer_code"), form.needed("fee_kind")
    typed = form.text("amount").lower().replace("đ", "").strip()
    if typed == "0":
        state = await _note_exempt(office, session, spot, form, kind)
        return see_other(addresses.with_query("/counter", {**spot.query, "exempt": name, "as": state}))
    amount = form.amount("amount")
    if amount is None:
        raise Refusal(422, "field_missing", words.FIELD_MISSING.format(field=words.FIELDS["amount"]), spot.path)
    body = {"payer_code": code, "payer_name": name, "amount": amount, "fee_kind": kind}
    paid = sum(each["balance"] for each in await finding.paid_on_portal(office, session, spot.site, code))
    notice = await _issue(office, session, spot, body, form.needed("once"))
    if paid >= amount:
        # The balance of the dossier pays the notice as soon as matching sees it: nobody is asked, nobody waits.
        return see_other(addresses.with_query("/counter", {**spot.query, "portal": name}))
    async with office.bounded.writing(session.reach) as connection:
        notices = await store.bill(connection, spot.site.site_id, notice.reference)
        if not store.owed(notices):  # a twin of this form was faster, and the dossier's balance has paid already
            return see_other(addresses.with_query("/counter", {**spot.query, "portal": name}))
        await store.begin(connection, _wait_for(spot, session, notices), clock.now())
    return see_other(spot.path)


@router.post("/counter/waits/{wait_id}/{act}")
async def act(request: Request, office: OfficeHere, session: MayCounter, wait_id: str, act: str) -> Response:
    """What is done with somebody who waits: put on the display, claimed, a step, the end."""
    form, now = await form_of(request, "/counter"), clock.now()
    async with office.bounded.writing(session.reach) as connection:
        wait = await one_wait(connection, wait_id)
        spot, _ = await spot_of(connection, session, wait.site_id, wait.counter)
        if act == "show":
            await store.show(connection, wait_id, now)
        elif act == "claim":
            await store.claim(connection, wait_id, now)
        elif act == "step":
            name = form.text("step")
            if name not in words.counter.STEPS:
                raise Refusal(422, "field_missing", words.FIELD_MISSING.format(field=words.FIELDS["step"]), spot.path)
            await store.step(connection, wait_id, session.reach.person_id, now, name, form.text("note", longest=500))
        elif act == "end":
            await store.end(connection, wait_id, now, "received" if wait.state == "received" else "left")
        else:
            raise form.wrong()
    if act == "step":
        async with office.database.transaction() as connection:
            await audit.note(connection, session, "waiting_step", now, site_id=wait.site_id, subject=wait_id,
                             detail={"step": form.text("step")})  # fmt: skip
    return see_other(spot.path)


async def spot_of(connection: Connection, session: Session, site: str, counter: str) -> tuple[Spot, list[SiteSeen]]:
    """The counter that an address names; raises Refusal."""
    sites = await sites_by_id(connection, await sites_of(connection, session.reach.sites))
    listed = by_name(sites.values())
    if not listed:
        raise Refusal(404, "no_site", words.NOT_YOUR_SITE, "/me")
    here = sites.get(site) if site else listed[0]
    if here is None or "\0" in counter or not counter.strip() or len(counter) > COUNTER_LONGEST:
        raise Refusal(404, "unknown_site", words.SITE_UNKNOWN, "/counter")
    return Spot(here, counter.strip()), listed


async def _kinds(office: Office, session: Session, spot: Spot, used: list[str]) -> list[tuple[str, str]]:
    """What the site may collect, what it does collect first; a counter works on where the owner of fee kinds does not answer."""
    try:
        kinds = await told(office, session, "notices", "/fee-kinds", params={"site": spot.site.site_id})
    except Refusal:
        return []
    places = {kind: place for place, kind in enumerate(used)}
    known = [(each["fee_kind"], each["name"]) for each in kinds]
    return sorted(known, key=lambda each: places.get(each[0], len(used)))


def _wait_for(spot: Spot, session: Session, notices: list[NoticeSeen]) -> NewWait:
    first = notices[0]
    return NewWait(
        spot.site.site_id, spot.counter, session.reach.person_id, first.reference, first.bill_id,
        notice_row(first, reader_of(session.reach)).who, store.owed(notices), store.paid(notices),
    )  # fmt: skip


async def _note_exempt(office: Office, session: Session, spot: Spot, form: Form, kind: str) -> State:
    """Keep that somebody need not pay, once for the form. Raises Refusal where somebody is freed without a ground."""
    name, code, reason = form.needed("payer_name"), form.needed("payer_code"), form.text("decision")
    state: State = "free" if form.text("zero") == "free" else "exempt"
    if state == "exempt" and not reason:
        raise Refusal(422, "field_missing", words.counter.EXEMPT_NEEDED, spot.path)
    fee = dict(await _kinds(office, session, spot, [])).get(kind, kind)
    exemption_id = key_of(session.reach.person_id, 1, [form.needed("once"), name, code])
    new = Exemption(
        exemption_id, spot.site.site_id, PersonName(name), PayerCode(code), fee, state, reason, session.reach.person_id,
        clock.now(),
    )  # fmt: skip
    async with office.bounded.writing(session.reach) as connection:
        is_new = await exemptions.note(connection, new)
    if is_new:
        act: audit.Act = "exempt_noted" if state == "exempt" else "free_noted"
        async with office.database.transaction() as connection:
            await audit.note(connection, session, act, new.noted_at, site_id=new.site_id, subject=exemption_id)
    return state


async def _issue(office: Office, session: Session, spot: Spot, body: dict[str, Any], once: str) -> Notice:
    """Issue at notices, once for the form; what it answers is shown at once."""
    try:
        answer = await office.owners.ask(
            session, "notices", "POST", f"/sites/{part(spot.site.site_id)}/notices", body=body, key=once
        )
    except OwnerAwayError:
        raise Refusal(502, "notices_away", words.queue.OWNER_AWAY, spot.path) from None
    except OwnerProblem as problem:
        detail = words.fees.PROBLEMS.get(problem.kind) or words.files.problem_of(problem.detail)
        raise Refusal(
            422, f"notices_{problem.kind}", words.counter.ISSUE_REFUSED.format(problem=detail), spot.path
        ) from None
    notice = Notice.model_validate(answer.json(), strict=False)
    async with office.database.transaction() as connection:
        await keep_notices(connection, [notice])
        await audit.note(connection, session, "issued", clock.now(), site_id=spot.site.site_id, subject=notice.notice_id)
    return notice


async def one_wait(connection: Connection, wait_id: str) -> Wait:
    """Somebody who waits at one of the reader's sites; raises Refusal."""
    wait = await store.one(connection, wait_id) if "\0" not in wait_id else None
    if wait is None:
        raise Refusal(404, "unknown_wait", words.asking.NOT_FOUND, "/counter")
    return wait
