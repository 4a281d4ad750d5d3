"""One payment: its page, and the forms on it. Every form ends in a redirect, so that loading again does not act again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.model import excess_of, put_aside_of, state_of
from services.portal.office import Office, OfficeHere
from services.portal.payment import acts, choosing, life, views
from services.portal.payment.acts import ASIDES, Outcome, key_of
from services.portal.payment.elsewhere import told_elsewhere
from services.portal.payment.loading import Loaded, credits_by_id, load, notices_by_id
from services.portal.payment.proposals import Share, proposals_of, undecided
from services.portal.people import audit, sessions
from services.portal.people import store as people
from services.portal.people.access import MayDecide, MayPayment, MayReveal
from services.portal.people.details import places_of
from services.portal.people.roles import Session
from services.portal.places import Places
from services.portal.web import addresses
from services.portal.web.forms import Form, form_of, own_path
from services.portal.web.page_route import PageRoute, see_other
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from services.portal.web.saying import unbroken
from shared import clock
from shared.events import Credit

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET /payments/{id} and /choose; POST /match, /undo, /aside, /put-back, /move, /note, /document and /reveal under it."""

NOTE_LONGEST = 1_000
SUBJECT_ACTS = "select at, person_id, act, detail from audit where subject = $1 order by id limit 100"
# Names of places are nobody's secret.
OTHER_SITES = "select site_id, name from sites where sample = $1 and site_id <> $2 order by search_key, site_id"
SITE_NAMES = "select site_id, name from sites where site_id = any($1::text[])"
SITES_OFFERED_MAX = 100
ADD_NOTE = """
insert into notes (note_id, credit_id, site_id, person_id, written_at, text) values ($1, $2, $3, $4, $5, $6)
on conflict (note_id) do nothing returning note_id
"""
Version = Annotated[int, Query(ge=1, le=10**9)]
Text = Annotated[str, Query(max_length=300)]


@router.get("/payments/{credit_id}")
async def show(request: Request, office: OfficeHere, session: MayPayment, credit_id: str, told: Text = "") -> Response:
    """All that is known of a payment."""
    now = clock.now()
    async with office.bounded.reading(session.reach) as connection:
        credit, loaded = await _one(connection, credit_id)
        kept = await connection.fetch(SUBJECT_ACTS, credit_id)
        places = await _other_sites(connection, loaded, credit) if session.reach.may("decide") else Places({})
    elsewhere = await told_elsewhere(office, session, credit)
    by = (
        elsewhere.people
        | {each.decided_by for each in (*credit.allocations, *credit.undone)}
        | {each.undone_by for each in credit.undone}
    )
    by |= {each.settled.by for each in credit.undone if each.settled}
    by |= {row["person_id"] for row in kept if row["person_id"]} | {
        note.person_id for note in loaded.notes.get(credit_id, ())
    }
    transaction = loaded.transactions.get(credit_id)
    by |= {each.corrected_by for each in transaction.corrections} if transaction else set()
    async with office.database.reading() as connection:
        names = await people.names_of(connection, by)
        moved_to = sorted({place for row in kept for place in places_of(row["detail"])})
        sites = {row["site_id"]: row["name"] for row in await connection.fetch(SITE_NAMES, moved_to)} if moved_to else {}
        revealed = await sessions.is_revealed(connection, session, credit_id, now)
    reader = views.reader_of(session.reach, revealed=revealed)
    proposals = proposals_of(credit, loaded) if state_of(credit) == "review" else []
    return page(
        request, "payment/payment.html", session, title=words.queue.PAYMENT_TITLE.format(amount=unbroken(views.signed(credit))),
        credit=credit, row=views.row_of(credit, loaded, reader, now), transaction=transaction, reader=reader,
        pays=[(each, _named(each.notice_id, loaded, reader)) for each in credit.allocations], names=names,
        proposals=[(each, views.payer_rows(each.notices, reader)) for each in proposals],
        facts=views.facts_of(credit, proposals[0] if proposals else None, transaction),
        life=life.life_of(credit, loaded, kept, names, reader, elsewhere, sites),
        is_whole=elsewhere.is_whole, promised=elsewhere.promised, may_decide=session.reach.may("decide"),
        notes=len(loaded.notes.get(credit_id, ())),
        may_reveal=session.reach.may("reveal") and bool(session.token), revealed=revealed, undecided=undecided(credit),
        may_undo=session.reach.may("decide") and credit.channel == "bank", can_be_named=reader.sees_names,
        put_aside=put_aside_of(credit), returnable=excess_of(credit), left_of_deposit=any(each.settled for each in credit.undone),
        told=views.faster_words(credit, names, kept) if told else "",
        other_sites=[places.called(site_id) for site_id in list(places.names)[:SITES_OFFERED_MAX]],
        may_cash=session.reach.may("cash") or session.reach.may("decide"), once=people.new_token(),
    )  # fmt: skip


@router.get("/payments/{credit_id}/choose")
async def choose(request: Request, office: OfficeHere, session: MayDecide, credit_id: str, q: str = "") -> Response:
    """Other notices that it may pay, or several of them."""
    if len(q) > choosing.LONGEST or "\0" in q:
        raise Refusal(
            400, "search_too_long", words.SEARCH_TOO_LONG.format(longest=choosing.LONGEST), views.path_of(credit_id)
        )
    async with office.bounded.reading(session.reach) as connection:
        credit, loaded = await _one(connection, credit_id)
        if q.strip() and credit.site_id:
            payers = await choosing.found(connection, credit.site_id, q)
        else:
            payers = [choosing.Payer(each.notices) for each in proposals_of(credit, loaded)]
    reader = views.reader_of(session.reach)
    return page(
        request, "payment/choose.html", session, title=words.queue.CHOOSE_TITLE.format(amount=unbroken(views.signed(credit))),
        credit=credit, row=views.row_of(credit, loaded, reader, clock.now()), query=q, rest=undecided(credit),
        payers=[[(notice, views.notice_row(notice, reader)) for notice in payer.notices] for payer in payers],
    )  # fmt: skip


@router.post("/payments/{credit_id}/match")
async def match(
    request: Request, office: OfficeHere, session: MayDecide, credit_id: str, v: Version, pick: int = -1
) -> Response:
    """Take a suggestion (`pick`), or the notices that the form names."""
    form = await form_of(request, views.path_of(credit_id))
    async with office.bounded.reading(session.reach) as connection:
        credit, loaded = await _one(connection, credit_id)
        if pick >= 0:
            shares = _picked(credit, loaded, pick, form) if credit.version == v else []
        else:
            shares = await _typed(connection, credit, form)
    if credit.version != v:
        # What the reader saw holds no more; nothing of it is sent.
        return _after(form, Outcome(credit, is_done=False))
    return _after(form, await acts.match(office, session, credit, v, shares))


@router.post("/payments/{credit_id}/undo")
async def undo(request: Request, office: OfficeHere, session: MayDecide, credit_id: str, v: Version) -> Response:
    """Take one allocation back."""
    form = await form_of(request, views.path_of(credit_id))
    reason = _reason(form, words.queue.UNDO_REASONS, credit_id)
    credit = await _credit_of(office, session, credit_id)
    outcome = await acts.undo(office, session, credit, v, form.needed("allocation"), reason)
    return _after(form, outcome)


@router.post("/payments/{credit_id}/aside")
async def set_aside(request: Request, office: OfficeHere, session: MayDecide, credit_id: str, v: Version) -> Response:
    """Say that what is left pays no notice, and what it is."""
    form = await form_of(request, views.path_of(credit_id))
    wanted = form.text("as")
    aside = next((each for each in ASIDES if each == wanted), None)
    if aside is None:
        raise form.wrong()
    credit = await _credit_of(office, session, credit_id)
    return _after(form, await acts.set_aside(office, session, credit, v, aside))


@router.post("/payments/{credit_id}/put-back")
async def put_back(request: Request, office: OfficeHere, session: MayDecide, credit_id: str, v: Version) -> Response:
    """Take back that something pays no notice: it waits for a decision again."""
    form = await form_of(request, views.path_of(credit_id))
    reason = _reason(form, words.queue.PUT_BACK_REASONS, credit_id)
    credit = await _credit_of(office, session, credit_id)
    if credit.version != v:
        return _after(form, Outcome(credit, is_done=False))
    if not put_aside_of(credit):
        raise form.wrong()
    return _after(form, await acts.put_back(office, session, credit, v, reason))


@router.post("/payments/{credit_id}/move")
async def move(request: Request, office: OfficeHere, session: MayDecide, credit_id: str, v: Version) -> Response:
    """Hand a payment to the site whose money it is."""
    form = await form_of(request, views.path_of(credit_id))
    typed, reason = form.needed("site_id", longest=300), _reason(form, words.queue.MOVE_REASONS, credit_id)
    async with office.bounded.reading(session.reach) as connection:
        credit, loaded = await _one(connection, credit_id)
        places = await _other_sites(connection, loaded, credit)
    site_id = places.code_of(typed)
    if site_id is None:
        raise Refusal(422, "unknown_site", words.people.GRANT_PROBLEMS["unknown_site"], f"{views.path_of(credit_id)}#acts")
    outcome = await acts.move(office, session, credit, v, site_id, reason)
    if not outcome.is_done or session.reach.has_site(site_id):
        return _after(form, outcome)
    # The other site's people go on with it; here it is seen no more.
    return see_other(addresses.with_query("/queue", {"moved": site_id, "sum": str(credit.amount)}))


@router.post("/payments/{credit_id}/document")
async def set_document(request: Request, office: OfficeHere, session: MayPayment, credit_id: str, v: Version) -> Response:
    """Record the number of the document that was issued for money taken in cash."""
    if not (session.reach.may("cash") or session.reach.may("decide")):
        raise Refusal(403, "not_your_role", words.NOT_YOUR_ROLE)
    form = await form_of(request, views.path_of(credit_id))
    credit = await _credit_of(office, session, credit_id)
    return _after(form, await acts.set_document(office, session, credit, v, form.needed("document_number", longest=100)))


@router.post("/payments/{credit_id}/note")
async def note(request: Request, office: OfficeHere, session: MayDecide, credit_id: str) -> Response:
    """Leave a note for colleagues."""
    form, now = await form_of(request, views.path_of(credit_id)), clock.now()
    text = form.needed("note", longest=NOTE_LONGEST)
    credit = await _credit_of(office, session, credit_id)
    async with office.bounded.writing(session.reach) as connection:
        # Written after as many notes as the page showed: a double click is one note, the same words another day are two.
        note_id = key_of(f"{credit_id}/{session.reach.person_id}", 1, [form.text("after"), text])
        is_new = await connection.fetchval(
            ADD_NOTE, note_id, credit_id, credit.site_id or "", session.reach.person_id, now, text
        )
    if is_new:
        async with office.database.transaction() as connection:
            await audit.note(connection, session, "noted", now, site_id=credit.site_id, subject=credit_id)
    return see_other(own_path(form.text("back", longest=2_000) or views.path_of(credit_id)))


@router.post("/payments/{credit_id}/reveal")
async def reveal(office: OfficeHere, session: MayReveal, credit_id: str) -> Response:
    """Show the sender and the payer whole for some minutes; that is kept."""
    now = clock.now()
    credit = await _credit_of(office, session, credit_id)
    async with office.database.transaction() as connection:
        await sessions.reveal(connection, session, credit_id, now)
        await audit.note(connection, session, "revealed", now, site_id=credit.site_id, subject=credit_id)
    return see_other(views.path_of(credit_id))


async def _credit_of(office: Office, session: Session, credit_id: str) -> Credit:
    """A credit as it stands now, which somebody acts on; raises Refusal."""
    async with office.bounded.reading(session.reach) as connection:
        return await _found(connection, credit_id)


async def _one(connection: Any, credit_id: str) -> tuple[Credit, Loaded]:
    """A credit that this reader may see, with what its page tells of it; raises Refusal."""
    credit = await _found(connection, credit_id)
    return credit, await load(connection, [credit])


async def _found(connection: Any, credit_id: str) -> Credit:
    credits = await credits_by_id(connection, [credit_id]) if "\0" not in credit_id else []
    if not credits:
        raise Refusal(404, "unknown_credit", words.queue.UNKNOWN_CREDIT)
    return credits[0]


async def _other_sites(connection: Any, loaded: Loaded, credit: Credit) -> Places:
    """Where a payment may be moved: a payment of the sample stays within the sample."""
    site = loaded.sites.get(credit.site_id or "")
    rows = await connection.fetch(OTHER_SITES, site.sample if site else False, credit.site_id or "")
    return Places({row["site_id"]: row["name"] for row in rows})


def _reason(form: Form, reasons: Collection[str], credit_id: str) -> str:
    """A reason of a short list; raises Refusal."""
    reason = form.text("reason")
    if reason not in reasons:
        sentence = words.FIELD_MISSING.format(field=words.FIELDS["reason"])
        raise Refusal(422, "reason_needed", sentence, views.path_of(credit_id))
    return reason


def _picked(credit: Credit, loaded: Loaded, pick: int, form: Form) -> list[Share]:
    """What accepting a suggestion gives; raises Refusal where it cannot be accepted with one click."""
    picked = next((each for each in proposals_of(credit, loaded) if each.place == pick), None)
    if picked is None or not picked.can_be_accepted:
        raise form.wrong()
    return list(picked.shares)


async def _typed(connection: Any, credit: Credit, form: Form) -> list[Share]:
    """The notices that were ticked, each with the amount that was typed or all that is open; raises Refusal."""
    chosen = form.texts("notice", most=100)
    if not chosen:
        raise Refusal(422, "nothing_chosen", words.queue.NOTHING_CHOSEN, f"{views.path_of(credit.credit_id)}/choose")
    notices = await notices_by_id(connection, chosen)
    rest = undecided(credit)
    shares = []
    for notice_id in chosen:
        notice = notices.get(notice_id)
        if notice is None:
            raise form.wrong()
        amount = form.amount(f"amount.{notice_id}") or min(notice.open, rest)
        if amount > notice.open:
            raise Refusal(409, "more_than_open", words.queue.MORE_THAN_OPEN, f"{views.path_of(credit.credit_id)}/choose")
        if amount:
            shares.append(Share(notice_id, amount))
            rest -= amount
    if rest < 0:
        raise Refusal(409, "more_than_left", words.queue.MORE_THAN_LEFT, f"{views.path_of(credit.credit_id)}/choose")
    return shares


def _named(notice_id: str, loaded: Loaded, reader: views.Reader) -> views.NoticeRow | None:
    notice = loaded.notices.get(notice_id)
    return views.notice_row(notice, reader) if notice else None


def _after(form: Form, outcome: Outcome) -> Response:
    """Back to where the reader came from, with what happened."""
    back = own_path(form.text("back", longest=2_000))
    credit_id = outcome.credit.credit_id
    if back == "/":
        return see_other(addresses.with_query(views.path_of(credit_id), {} if outcome.is_done else {"told": "1"}))
    path, _, query = back.partition("?")
    kept = "&".join(
        part for part in query.split("&") if part and not part.startswith(("did=", "told=", "done=", "sum=", "failed="))
    )
    said = addresses.with_query("", {"did" if outcome.is_done else "told": credit_id}).lstrip("?")
    return see_other(f"{path}?{kept}&{said}" if kept else f"{path}?{said}")
