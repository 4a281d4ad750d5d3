"""Taking back what was issued: an unpaid fee is cancelled at once, all else waits for the head's word. Notices keeps the fees."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.asking import ask, told
from services.portal.fee_changes import store, views
from services.portal.fee_changes.store import FeeChange, State
from services.portal.keeping.notices import keep_notices
from services.portal.office import Office, OfficeHere
from services.portal.owners import part
from services.portal.payment.loading import NoticeSeen, notices_by_id, sites_by_id
from services.portal.payment.views import notice_row, reader_of
from services.portal.people import audit
from services.portal.people import store as people
from services.portal.people.access import MayFees, MayIssue
from services.portal.people.roles import Session
from services.portal.web.addresses import with_query
from services.portal.web.forms import Form, form_of
from services.portal.web.page_route import PageRoute, see_other
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from services.portal.web.saying import time_words
from shared import clock
from shared.events import Notice
from shared.money import format_dong

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET and POST /fee-changes, POST /fee-changes/{id}/{approve, refuse, withdraw}. What waits stands on /approvals."""

DONE: Final[dict[str, State]] = {"approve": "approved", "refuse": "refused", "withdraw": "withdrawn"}
SAID: Final = {"cancelled": words.fee_changes.SAID_CANCELLED, "proposed": words.fee_changes.SAID_PROPOSED}
Notices = Annotated[str, Query(alias="notice", max_length=300)]


@router.get("/fee-changes")
async def ask_change(
    request: Request, office: OfficeHere, session: MayIssue, notice_id: Notices = "",
    said: Annotated[str, Query(max_length=20)] = "",
) -> Response:  # fmt: skip
    """A fee, and what can be taken back of it."""
    return await _page(request, office, session, await _notice(office, session, notice_id), done=SAID.get(said, ""))


@router.post("/fee-changes")
async def change(request: Request, office: OfficeHere, session: MayIssue) -> Response:
    """Cancel a fee that nobody paid, or propose what needs the head's word."""
    form = await form_of(request, "/fees")
    notice = await _notice(office, session, form.needed("notice", longest=300))
    path = _path(notice.notice_id)
    try:
        kind, amount, reason, decision = _read(form, notice, path)
        if kind == "cancel" and not notice.paid:
            owned = await told(office, session, "notices", f"/notices/{part(notice.notice_id)}", back=path)
            if not owned["paid"]:
                await _cancel(office, session, notice, owned["version"], str(reason), path)
                return see_other(with_query("/fee-changes", {"notice": notice.notice_id, "said": "cancelled"}))
    except Refusal as refusal:
        return await _page(request, office, session, notice, typed=dict(form.items()), refusal=refusal)
    now = clock.now()
    async with office.database.transaction() as connection:
        made = await store.propose(
            connection, notice.site_id, notice.notice_id, "exempt" if kind == "exempt" else "cancel", (notice.amount, amount),
            reason=reason, decision=decision, by=session.reach.person_id, at=now,
        )  # fmt: skip
        if made is None:
            raise Refusal(409, "waits_already", words.fee_changes.WAITS_ALREADY, path)
        await audit.note(
            connection, session, "fee_changed", now, site_id=notice.site_id, subject=notice.notice_id,
            detail={"act": "propose", "kind": kind, "amount": notice.amount - amount, "reason": reason},
        )  # fmt: skip
    return see_other(with_query("/fee-changes", {"notice": notice.notice_id, "said": "proposed"}))


@router.post("/fee-changes/{change_id}/{act}")
async def decide(request: Request, office: OfficeHere, session: MayFees, change_id: str, act: str) -> Response:
    """Approve, refuse or withdraw. What is approved is done at notices before anybody is told so."""
    back = "/approvals" if session.reach.may("approve") else "/fees"
    form = await form_of(request, back)
    if act not in DONE or "\0" in change_id:
        raise form.wrong()
    if not session.reach.may("issue" if act == "withdraw" else "approve"):
        raise Refusal(403, "not_your_role", words.NOT_YOUR_ROLE, back)
    async with office.bounded.reading(session.reach) as connection:
        if await store.one(connection, change_id) is None:
            raise Refusal(404, "unknown_change", words.asking.NOT_FOUND, back)
    now = clock.now()
    # The proposal stays locked while notices is asked: of two people who decide at once one is told that it is decided.
    async with office.database.transaction() as connection:
        found = await store.one(connection, change_id, lock=True)
        if found is None or found.state != "proposed":
            raise Refusal(409, "decided_already", words.fee_changes.DECIDED_ALREADY, back)
        if act != "withdraw" and found.proposed_by == session.reach.person_id:
            raise Refusal(409, "own_proposal", words.fee_changes.PROBLEMS["own_proposal"], back)
        if act == "approve":
            await keep_notices(connection, [await _carry_out(office, session, found, back)])
        await store.decide(connection, change_id, DONE[act], session.reach.person_id, now)
        await audit.note(
            connection, session, "fee_changed", now, site_id=found.site_id, subject=found.notice_id,
            detail={"act": act, "kind": found.kind, "amount": found.amount_before - found.amount},
        )  # fmt: skip
    office.watch.wake()
    return see_other(_path(found.notice_id) if act == "withdraw" else back)


async def _carry_out(office: Office, session: Session, change: FeeChange, back: str) -> Notice:
    """Do at notices what was approved; done already (an answer was lost), it changes nothing. Raises Refusal."""
    path = f"/notices/{part(change.notice_id)}"
    owned = await told(office, session, "notices", path, back=back)
    if owned["status"] == "open" and owned["amount"] not in {change.amount_before, change.amount}:
        raise Refusal(409, "changed_since", words.fee_changes.CHANGED_SINCE, back)
    changes = {"amount": change.amount} if change.amount else {"status": "cancelled"}
    reason = words.fee_changes.HISTORY[change.kind].format(reason=views.why_of(change), number=change.change_id[-8:])
    return await _amend(office, session, change.notice_id, owned["version"], changes, reason, back)


async def _cancel(office: Office, session: Session, notice: NoticeSeen, version: int, reason: str, back: str) -> None:
    """Cancel a fee that nobody paid, on one's own word."""
    why = words.fee_changes.HISTORY["cancel"].format(reason=words.fee_changes.REASONS[reason])
    now = await _amend(office, session, notice.notice_id, version, {"status": "cancelled"}, why, back)
    async with office.database.transaction() as connection:
        await keep_notices(connection, [now])
        await audit.note(
            connection, session, "fee_changed", clock.now(), site_id=notice.site_id, subject=notice.notice_id,
            detail={"act": "cancel", "kind": "cancel", "amount": notice.amount, "reason": reason},
        )  # fmt: skip
    office.watch.wake()


async def _amend(
    office: Office, session: Session, notice_id: str, version: int, changes: dict[str, Any], reason: str, back: str
) -> Notice:
    answer = await ask(
        office, session, "notices", "PATCH", f"/notices/{part(notice_id)}", body={"changes": changes, "reason": reason},
        version=version, back=back, sentences=words.fee_changes.PROBLEMS,
    )  # fmt: skip
    return Notice.model_validate(answer.json(), strict=False)


def _read(form: Form, notice: NoticeSeen, path: str) -> tuple[str, int, str | None, str | None]:
    """Kind, what is asked from then on, the reason or the decision's number; raises Refusal."""
    kind, reason = form.text("kind"), form.text("reason")
    if not views.may_change(notice):
        raise Refusal(409, "not_changeable", words.fee_changes.NOT_CHANGEABLE, path)
    if kind == "cancel":
        if reason not in words.fee_changes.REASONS:
            sentence = words.FIELD_MISSING.format(field=words.FIELDS["reason"])
            raise Refusal(422, "reason_needed", sentence, path)
        return kind, 0, reason, None
    if kind != "exempt":
        raise form.wrong()
    left = form.amount_or_zero("left")
    if left is None or not 0 <= left < notice.amount:
        raise Refusal(422, "left_wrong", words.fee_changes.LEFT_WRONG.format(amount=format_dong(notice.amount)), path)
    decision = form.text("decision", longest=100)
    if not decision:
        raise Refusal(422, "field_missing", words.FIELD_MISSING.format(field=words.fee_changes.DECISION), path)
    return kind, left, None, decision


async def _notice(office: Office, session: Session, notice_id: str) -> NoticeSeen:
    """A fee of the reader's sites; raises Refusal."""
    async with office.bounded.reading(session.reach) as connection:
        found = (await notices_by_id(connection, [notice_id])).get(notice_id) if "\0" not in notice_id else None
    if found is None:
        raise Refusal(404, "unknown_notice", words.fee_changes.NOT_FOUND, "/fees")
    return found


async def _page(
    request: Request, office: Office, session: Session, notice: NoticeSeen, *, done: str = "",
    typed: dict[str, str] | None = None, refusal: Refusal | None = None,
) -> Response:  # fmt: skip
    async with office.bounded.reading(session.reach) as connection:
        last = (await store.last_of(connection, [notice.notice_id])).get(notice.notice_id)
        site = (await sites_by_id(connection, [notice.site_id])).get(notice.site_id)
    waits = last if last and last.state == "proposed" else None
    before = ""
    if last and last.decided_at:
        before = words.fee_changes.LAST[last.state].format(time=time_words(last.decided_at), what=views.what_of(last))
    async with office.database.reading() as connection:
        names = await people.names_of(connection, {last.proposed_by} if last else ())
    row = notice_row(notice, reader_of(session.reach))
    code = notice.payer_code.reveal() if notice.payer_code else ""
    return page(
        request, "fee_changes/change.html", session, title=words.fee_changes.TITLE, notice=notice, row=row, site=site, waits=waits,
        what=views.what_of(waits) if waits else "", before=before, names=names, may_change=views.may_change(notice), done=done,
        back=f"/payers/{part(notice.site_id)}/{part(code)}" if code else "/fees", typed=typed or {},
        problem=refusal.sentence if refusal else "", status=refusal.status if refusal else 200,
    )  # fmt: skip


def _path(notice_id: str) -> str:
    return with_query("/fee-changes", {"notice": notice_id})
