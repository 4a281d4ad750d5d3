"""Shifts: which are open, counting and closing one, the hand-over journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.asking import ask, told
from services.portal.office import Office, OfficeHere
from services.portal.owners import part
from services.portal.payment.acts import key_of
from services.portal.payment.loading import sites_by_id
from services.portal.people import audit
from services.portal.people import store as people
from services.portal.people.access import MayShifts
from services.portal.people.roles import Session
from services.portal.queue.queries import sites_of
from services.portal.refunds.whose import whose
from services.portal.web import periods
from services.portal.web.forms import Form, form_of
from services.portal.web.page_route import PageRoute, see_other
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from services.portal.web.saying import count_words
from shared import clock
from shared.money import format_dong

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET and POST /shifts, /shifts/{id}; POST /shifts/{id}/close."""

Day = Annotated[str, Query(max_length=20)]
FromDay = Annotated[str, Query(alias="from", max_length=20)]
COUNT_DIGITS_MAX: Final = 5


@router.get("/shifts")
async def shifts(
    request: Request, office: OfficeHere, session: MayShifts, from_: FromDay = "", to: Day = ""
) -> Response:  # fmt: skip
    """What is open now, and the hand-over journal of a period."""
    today = clock.local_day(clock.now())
    period = periods.read(from_, to, periods.latest(today), today)
    async with office.bounded.reading(session.reach) as connection:
        sites = await sites_by_id(connection, await sites_of(connection, session.reach.sites))
    asked = {"site": sorted(sites)}
    opened = await told(office, session, "reconciliation", "/shifts", params={**asked, "open": "true"}, back="/me")
    journal = await told(
        office,
        session,
        "reconciliation",
        "/shifts",
        params={**asked, **period.query, "open": "false", "limit": "200"},
        back="/me",
    )
    in_hand = await told(office, session, "reconciliation", "/cash-in-hand", params=asked, back="/me")
    in_cash = await told(
        office, session, "reconciliation", "/refunds", params={**asked, "state": "approved", "limit": "200"}, back="/me"
    )
    hand_overs = [each for each in in_cash["items"] if each["way"] == "cash"]
    about = await whose(office, session, hand_overs)
    listed = [*opened["items"], *journal["items"]]
    async with office.database.reading() as connection:
        names = await people.names_of(connection, _people(listed))
    return page(
        request, "cash/shifts.html", session, title=words.cash.SHIFTS_TITLE, opened=opened["items"], journal=journal["items"][::-1],
        in_hand=in_hand["items"], hand_overs=hand_overs, about=about,
        may_hand_over=session.reach.may("cash"), sites=sites, names=names, period=period, presets=periods.presets(today),
        may_open=session.reach.role in {"cashier", "treasurer", "officer"}, once=people.new_token(),
        sample=any(each.sample for each in sites.values()),
    )  # fmt: skip


@router.post("/shifts")
async def open_shift(request: Request, office: OfficeHere, session: MayShifts) -> Response:
    """Open a shift at a counter, with what lies in the till."""
    form = await form_of(request, "/shifts")
    body: dict[str, Any] = {
        "site_id": form.needed("site_id"), "counter": form.text("counter", longest=50) or "1",
        "opening": form.amount_or_zero("opening") or 0,
    }  # fmt: skip
    answer = await ask(
        office, session, "reconciliation", "POST", "/shifts", body=body, key=form.needed("once"), back="/shifts",
        sentences=words.cash.PROBLEMS,
    )  # fmt: skip
    shift = answer.json()
    async with office.database.transaction() as connection:
        await audit.note(connection, session, "shift", clock.now(), site_id=body["site_id"], subject=shift["shift_id"],
                         detail={"act": "open"})  # fmt: skip
    return see_other(f"/shifts/{part(shift['shift_id'])}")


@router.get("/shifts/{shift_id}")
async def shift(request: Request, office: OfficeHere, session: MayShifts, shift_id: str) -> Response:
    """One shift: its receipts, what must lie in the till, and how it was closed."""
    return await _shift_page(request, office, session, shift_id)


@router.post("/shifts/{shift_id}/close")
async def close(request: Request, office: OfficeHere, session: MayShifts, shift_id: str) -> Response:
    """Count the till by denominations and close the shift; what was typed is kept where it is refused."""
    path = f"/shifts/{part(shift_id)}"
    form = await form_of(request, path)
    try:
        version, body = form.number("version"), _count(form, path)
        answer = await ask(
            office, session, "reconciliation", "POST", f"{path}/close", body=body, version=version, back=path,
            key=key_of(shift_id, version, body), sentences={**words.cash.PROBLEMS, "count_differs": _differs},
        )  # fmt: skip
    except Refusal as refusal:
        if refusal.status in {403, 404}:
            raise
        return await _shift_page(request, office, session, shift_id, dict(form.items()), refusal)
    async with office.database.transaction() as connection:
        await audit.note(connection, session, "shift", clock.now(), site_id=answer.json()["site_id"], subject=shift_id,
                         detail={"act": "close"})  # fmt: skip
    return see_other(path)


async def _shift_page(
    request: Request, office: Office, session: Session, shift_id: str, typed: Mapping[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response:  # fmt: skip
    """A shift; with what somebody `typed` to close it, and why that was refused."""
    found = await told(office, session, "reconciliation", f"/shifts/{part(shift_id)}", back="/shifts")
    async with office.bounded.reading(session.reach) as connection:
        site = (await sites_by_id(connection, [found["shift"]["site_id"]])).get(found["shift"]["site_id"])
    async with office.database.reading() as connection:
        names = await people.names_of(connection, _people([found["shift"]]))
    took_cash = session.reach.person_id in found["shift"]["cashiers"]
    return page(
        request, "cash/shift.html", session, title=words.cash.SHIFT_TITLE.format(counter=found["shift"]["counter"]), names=names,
        shift=found["shift"], receipts=found["receipts"], expected=found["expected"], took_cash=took_cash,
        paid_out=found["paid_out"], site=site, typed=typed or {}, problem=refusal.sentence if refusal else "",
        status=refusal.status if refusal else 200,
    )  # fmt: skip


def _count(form: Form, path: str) -> dict[str, Any]:
    """What was counted, as the owner takes it; raises Refusal."""
    counts: dict[str, int] = {}
    for note in words.cash.NOTES:
        text = form.text(f"note{note}")
        if not text:
            continue
        if not (text.isascii() and text.isdecimal() and len(text) <= COUNT_DIGITS_MAX):
            sentence = words.cash.COUNT_WRONG.format(note=count_words(note), typed=text[:20])
            raise Refusal(422, "invalid_count", sentence, path)
        counts[str(note)] = int(text)
    if not counts:
        raise Refusal(422, "nothing_counted", words.cash.NOTHING_COUNTED, path)
    left = form.amount_or_zero("left_in_till") or 0
    if left > sum(int(note) * count for note, count in counts.items()):
        raise Refusal(422, "left_too_much", words.cash.LEFT_TOO_MUCH, path)
    reason = form.text("reason")
    if reason and reason not in words.cash.REASONS:
        raise form.wrong()
    return {"denominations": counts, "left_in_till": left, "reason": reason or None}


def _differs(told: Mapping[str, Any]) -> str:
    """By how much what was counted differs from what had to be there."""
    difference = told["counted"] - told["expected"]
    return words.cash.COUNT_DIFFERS.format(
        counted=format_dong(told["counted"]), expected=format_dong(told["expected"]), difference=format_dong(abs(difference)),
        way=words.cash.TOO_MUCH if difference > 0 else words.cash.TOO_LITTLE,
    )  # fmt: skip


def _people(shifts: list[dict[str, Any]]) -> set[str]:
    return {person for each in shifts for person in [*each["cashiers"], each["closed_by"]] if person}
