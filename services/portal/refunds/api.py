"""Refunds on their way; reconciliation keeps them."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.asking import ask, told
from services.portal.fee_changes import store as fee_changes
from services.portal.fee_changes.views import ChangeRow, rows_of
from services.portal.office import Office, OfficeHere
from services.portal.owners import part
from services.portal.payment.acts import key_of
from services.portal.payment.loading import notices_by_id, sites_by_id
from services.portal.payment.views import reader_of
from services.portal.people import audit
from services.portal.people import store as people
from services.portal.people.access import MayApprove, MayCash, MayRefunds
from services.portal.people.roles import Session
from services.portal.queue.queries import sites_of
from services.portal.refunds.whose import whose
from services.portal.web import addresses
from services.portal.web.forms import form_of
from services.portal.web.page_route import PageRoute, see_other
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import SECURITY_HEADERS, page
from shared import clock

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET /refunds, /approvals, /payment-lists/{id}.xlsx; POST /refunds and /refunds/{id}/{act}, /payment-lists.

Approved refunds in cash wait on the page of shifts, for whoever keeps the cash."""

ACTS: Final = frozenset({"approve", "refuse", "withdraw"})
BY_HEAD: Final = frozenset({"approve", "refuse"})
After = Annotated[str, Query(max_length=100)]
SHOWN: Final = 50
LISTS_SHOWN: Final = 12
"""A list is entered at the bank soon after it was made."""
STATES: Final = ("", "proposed", "approved", "listed", "told", "refused")


@router.get("/refunds")
async def refunds(
    request: Request, office: OfficeHere, session: MayRefunds, state: Annotated[str, Query(max_length=20)] = "",
    after: After = "",
) -> Response:  # fmt: skip
    """Refunds of one's sites, the newest first, and the payment lists made last."""
    if state not in STATES:
        raise Refusal(400, "unknown_filter", words.FILTER_UNKNOWN, "/refunds")
    return await _page(request, office, session, state, after, is_approving=False)


@router.get("/approvals")
async def approvals(request: Request, office: OfficeHere, session: MayApprove, after: After = "") -> Response:
    """What waits for the head's word: fees to be taken back, and refunds."""
    return await _page(request, office, session, "proposed", after, is_approving=True)


@router.post("/refunds")
async def propose(request: Request, office: OfficeHere, session: MayRefunds) -> Response:
    """Propose to give back what of a payment no fee takes."""
    form = await form_of(request, "/refunds")
    credit_id, amount = form.needed("credit_id"), form.amount("amount")
    why, way = form.text("why"), form.text("way")
    back = f"/payments/{part(credit_id)}"
    if why not in words.cash.WHY or way not in words.cash.WAYS or amount is None:
        raise Refusal(422, "field_missing", words.FIELD_MISSING.format(field=words.FIELDS["reason"]), back)
    body = {"credit_id": credit_id, "amount": amount, "why": why, "way": way}
    answer = await ask(
        office, session, "reconciliation", "POST", "/refunds", body=body, key=form.needed("once"), back=back,
        sentences=words.cash.PROBLEMS,
    )  # fmt: skip
    await _note(office, session, answer.json(), "propose")
    return see_other("/refunds")


@router.post("/refunds/{refund_id}/hand-over")
async def hand_over(request: Request, office: OfficeHere, session: MayCash, refund_id: str) -> Response:
    """The payer has the cash and has signed for it."""
    form = await form_of(request, "/shifts")
    version, body = form.number("version"), {"document_number": form.needed("document_number", longest=100)}
    answer = await ask(
        office, session, "reconciliation", "POST", f"/refunds/{part(refund_id)}/hand-over", body=body, version=version,
        back="/shifts", key=key_of(f"{refund_id}/hand-over", version, body), sentences=words.cash.PROBLEMS,
    )  # fmt: skip
    await _note(office, session, answer.json(), "hand-over")
    return see_other("/shifts")


@router.post("/refunds/{refund_id}/{act}")
async def act(request: Request, office: OfficeHere, session: MayRefunds, refund_id: str, act: str) -> Response:
    """Approve, refuse or withdraw."""
    back = "/approvals" if session.reach.may("approve") else "/refunds"
    form = await form_of(request, back)
    if act not in ACTS:
        raise form.wrong()
    if act in BY_HEAD and not session.reach.may("approve"):
        raise Refusal(403, "not_your_role", words.NOT_YOUR_ROLE, back)
    version = form.number("version")
    body: dict[str, Any] = {"note": form.text("note", longest=500) or None}
    answer = await ask(
        office, session, "reconciliation", "POST", f"/refunds/{part(refund_id)}/{act}", body=body, version=version, back=back,
        key=key_of(f"{refund_id}/{act}", version, body), sentences=words.cash.PROBLEMS,
    )  # fmt: skip
    await _note(office, session, answer.json(), act)
    return see_other(back)


@router.post("/payment-lists")
async def make_list(request: Request, office: OfficeHere, session: MayRefunds) -> Response:
    """Put the approved transfers of a site into a list that is entered at the bank."""
    form = await form_of(request, "/refunds")
    body = {"site_id": form.needed("site_id")}
    answer = await ask(
        office, session, "reconciliation", "POST", "/payment-lists", body=body, key=form.needed("once"), back="/refunds",
        sentences=words.cash.PROBLEMS,
    )  # fmt: skip
    async with office.database.transaction() as connection:
        await audit.note(connection, session, "refund", clock.now(), site_id=body["site_id"],
                         subject=answer.json()["list_id"], detail={"act": "list"})  # fmt: skip
    return see_other("/refunds")


@router.get("/payment-lists/{list_id}.xlsx")
async def as_xlsx(office: OfficeHere, session: MayRefunds, list_id: str) -> Response:
    """A payment list for the bank, with whole account numbers; that it was taken is kept."""
    answer = await ask(
        office, session, "reconciliation", "GET", f"/exports/payment-lists/{part(list_id)}", long=True, back="/refunds"
    )
    async with office.database.transaction() as connection:
        await audit.note(connection, session, "exported", clock.now(), subject=list_id, detail={"report": "payment_list"})
    headers = {
        "Content-Disposition": answer.headers.get("Content-Disposition", "attachment"), "Cache-Control": "no-store",
        **SECURITY_HEADERS,
    }  # fmt: skip
    return Response(answer.content, media_type=answer.headers["Content-Type"], headers=headers)


async def _page(
    request: Request, office: Office, session: Session, state: str, after: str, *, is_approving: bool
) -> Response:
    async with office.bounded.reading(session.reach) as connection:
        sites = await sites_by_id(connection, await sites_of(connection, session.reach.sites))
    newest: dict[str, Any] = {"site": sorted(sites), "newest": "true"}
    asked = {**newest, "after": after, "limit": SHOWN, **({"state": state} if state else {})}
    found = await told(office, session, "reconciliation", "/refunds", params=asked, back="/me")
    lists: list[Any] = []
    if not is_approving:
        asked = {**newest, "limit": LISTS_SHOWN}
        lists = (await told(office, session, "reconciliation", "/payment-lists", params=asked, back="/me"))["items"]
    about = await whose(office, session, found["items"])
    changes = await _fee_changes(office, session, set(sites)) if is_approving and not after else []
    by = {each.change.proposed_by for each in changes} | {
        each[name] for each in found["items"] for name in ("proposed_by", "decided_by") if each[name]
    }
    async with office.database.reading() as connection:
        names = await people.names_of(connection, by)
    title = words.cash.APPROVALS_TITLE if is_approving else words.cash.REFUNDS_TITLE
    path, chosen = ("/approvals", {}) if is_approving else ("/refunds", {"state": state})
    return page(
        request, "refunds/refunds.html", session, title=title, refunds=found["items"], names=names, sites=sites, state=state,
        newest=after and addresses.with_query(path, chosen),
        older=found["next"] and addresses.with_query(path, {**chosen, "after": found["next"]}),
        lists=lists, may_approve=session.reach.may("approve"), is_approving=is_approving,
        states=STATES, about=about, changes=changes, me=session.reach.person_id, once=people.new_token(),
        sample=any(each.sample for each in sites.values()),
        may_keep_books=session.reach.role == "accountant",
    )  # fmt: skip


async def _fee_changes(office: Office, session: Session, sites: set[str]) -> list[ChangeRow]:
    """Fees that somebody proposed to cancel or to ask for less."""
    async with office.bounded.reading(session.reach) as connection:
        waiting = await fee_changes.waiting(connection, sites)
        notices = await notices_by_id(connection, {each.notice_id for each in waiting})
    return rows_of(waiting, notices, reader_of(session.reach))


async def _note(office: Office, session: Session, refund: dict[str, Any], act: str) -> None:
    async with office.database.transaction() as connection:
        await audit.note(connection, session, "refund", clock.now(), site_id=refund["site_id"], subject=refund["refund_id"],
                         detail={"act": act, "amount": refund["amount"]})  # fmt: skip
