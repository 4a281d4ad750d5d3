"""What matching does with the topics: sites, then notices, then money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import structlog
import uuid_utils

from services.matching import learned, measures, owed, store
from services.matching.arriving import Arrived, take_over
from services.matching.balances import PayerAt, apply_balances
from services.matching.books import Books, compare
from services.matching.deciding import World, decide_all, load_world
from services.matching.deposits import set_apart
from services.matching.ledger import LedgerCredit, release_excess
from services.matching.matcher import Decision
from services.matching.senders import Senders
from shared import clock
from shared.events import BankTransaction, Credit, Notice, Site
from shared.runtime.consumer import Received
from shared.runtime.folding import newest, newest_values
from shared.runtime.outbox import Outgoing, enqueue
from shared.runtime.postgres import Connection, Database

log = structlog.get_logger()

LOWERED = "the notice was lowered or cancelled"
MARKS_CHANGED = "the notice bears another reference now"


def new_id() -> str:
    """An id in the order of time."""
    return str(uuid_utils.uuid7())


class Handlers:
    """The Kafka side of the ledger."""

    def __init__(self, database: Database, senders: Senders) -> None:
        self._database = database
        self._senders = senders
        self._books = Books()

    async def on_sites(self, batch: Sequence[Received[Site]]) -> None:
        """Keep what sites decided about settling."""
        async with self._database.transaction() as connection:
            await store.upsert_sites(connection, newest_values(batch))

    async def on_notices(self, batch: Sequence[Received[Notice]]) -> None:
        """Keep notices; give back what a lowered or cancelled one holds too much; decide again what waited for it."""
        received = newest(batch)
        async with self._books.lending(), self._database.transaction() as connection:
            ids = [each.value.notice_id for each in received]
            sites = [*(each.value.site_id for each in received), *await owed.sites_of_notices(connection, ids)]
            await store.lock_sites(connection, sites)
            known = await owed.known(connection, ids)
            fresh = [
                each
                for each in received
                if each.value.notice_id not in known or each.value.version > known[each.value.notice_id].version
            ]
            if not fresh:
                return
            notices = [each.value for each in fresh]
            events = await _store_notices(connection, notices, known)
            events += await self._decide_again(connection, notices, known)
            # Behind payments that waited for these notices: those name them, a balance pays what is left.
            events += await apply_balances(connection, _owing_anew(notices, known), clock.now(), new_id)
            traces = {each.value.notice_id: each.traceparent for each in fresh}
            await enqueue(connection, [Outgoing(event, _cause(event, traces)) for event in events])
        measures.count(events)

    async def on_transactions(self, batch: Sequence[Received[BankTransaction]]) -> None:
        """Decide every transaction, the ignored ones too; a person's decision and one that stands are left alone."""
        received = newest(batch)
        ids = [each.value.transaction_id for each in received]
        merged_into = [each.value.merged_into for each in received if each.value.merged_into]
        async with self._books.lending(), self._database.transaction() as connection:
            sites = {
                *(each.value.site_id for each in received),
                *await store.sites_of_credits(connection, [*ids, *merged_into]),
            }
            await store.lock_sites(connection, sites)
            credits = await store.load_credits(connection, [*ids, *merged_into])
            reverses = await store.load_reversed_by(connection, [each for each in ids if each not in credits])
            world = await self._world(connection, {*sites, *(credit.site_id for credit in credits.values())})
            arrived = Arrived(credits, reverses)
            take_over(arrived, [each.value for each in received], world)
            texts = {credit_id: text for credit_id, text in arrived.texts.items() if text is not None}
            if missing := [each.credit_id for each in arrived.undecided if each.credit_id not in arrived.texts]:
                texts |= await learned.load_texts(connection, missing)
            changed = await decide_all(connection, arrived.undecided, texts, world)
            saved = await store.save(connection, {each.credit_id: each for each in [*arrived.changed, *changed]}.values())
            compare(world.books, saved.paid)
            told = {event.credit_id for event in saved.events}
            await store.note(connection, [credit for credit in arrived.noted if credit.credit_id not in told])
            await learned.put_texts(connection, arrived.texts)
            traces = {each.value.transaction_id: each.traceparent for each in received}
            await enqueue(connection, [Outgoing(event, traces.get(event.credit_id)) for event in saved.events])
        measures.count(saved.events)

    async def _world(self, connection: Connection, sites: set[str | None]) -> World:
        at = clock.now()
        self._senders.forget()
        books = await self._books.read(connection, sites, clock.local_day(at))
        return await load_world(connection, books, at, new_id, self._senders)

    async def _decide_again(
        self, connection: Connection, notices: Sequence[Notice], known: Mapping[str, owed.Known]
    ) -> list[Credit]:
        """Decide again what these notices could explain (rule 7), and what stands on a mark that they bear no more."""
        moved = [notice.notice_id for notice in notices if _lost_marks(notice, known.get(notice.notice_id))]
        lost = {known[notice_id].reference for notice_id in moved}
        owing = [notice for notice in notices if _owes_anew(notice, known.get(notice.notice_id))]
        waiting = await store.load_waiting(connection, owing, lost) if owing or lost else []
        doubted = await store.load_decided_by_marks(connection, moved) if moved else []
        if not waiting and not doubted:
            return []
        sites = {notice.site_id for notice in notices}
        credits = await store.load_credits(connection, [*waiting, *doubted])
        again = [
            credit
            for credit in credits.values()
            if credit.site_id in sites and (credit.waits_for_decision or credit.credit_id in doubted)
        ]
        again.sort(key=lambda credit: (credit.occurred_at, credit.credit_id))
        if not again:
            return []
        world = await self._world(connection, {credit.site_id for credit in again})
        before = {credit.credit_id: credit.paid for credit in again if credit.allocations}
        for credit in again:
            if credit.allocations:
                world.reopen(credit, MARKS_CHANGED)
        texts = await learned.load_texts(connection, [credit.credit_id for credit in again])
        explained = {notice.notice_id for notice in owing}

        def takes(credit: LedgerCredit, decision: Decision) -> bool:
            # A question of before must not be answered by what others paid since: only by the notices that arrive now.
            return (
                credit.credit_id in doubted
                or not lost.isdisjoint(credit.memo_references)
                or not explained.isdisjoint(share.notice_id for share in decision.shares)
                or (not decision.shares and any(not explained.isdisjoint(each.notice_ids) for each in decision.candidates))
            )

        changed = await decide_all(connection, again, texts, world, takes)
        different = [credit for credit in changed if before.get(credit.credit_id) != credit.paid]
        saved = await store.save(connection, different)
        compare(world.books, saved.paid)
        return saved.events


async def _store_notices(connection: Connection, notices: Sequence[Notice], known: Mapping[str, owed.Known]) -> list[Credit]:
    """What settled deposits leave and rule 9, then the notices at their new version, then who owes them."""
    excess = {
        notice.notice_id: known[notice.notice_id].allocated - (0 if notice.status == "cancelled" else notice.amount)
        for notice in notices
        if notice.notice_id in known
    }
    holding = [notice_id for notice_id, amount in excess.items() if amount > 0]
    changed: dict[str, LedgerCredit] = {}
    if holding:
        at = clock.now()
        credits = await store.load_credits(connection, await store.load_credits_on_notices(connection, holding))
        set_apart_before = await store.load_set_apart(connection, holding)
        for notice in (each for each in notices if each.notice_id in holding):
            notice_id, over = notice.notice_id, excess[notice.notice_id]
            if notice.settled is not None:
                goes_back = max(0, min(over, notice.settled.to_return - set_apart_before.get(notice_id, 0)))
                taken, ids = set_apart(credits.values(), notice, goes_back, at, new_id)
                over -= taken
                changed |= {credit_id: credits[credit_id] for credit_id in ids}
            _, ids = release_excess(credits.values(), notice_id, over, at, LOWERED, new_id)
            changed |= {credit_id: credits[credit_id] for credit_id in ids}
    saved = await store.save(connection, changed.values())
    for notice_id in await owed.upsert_notices(connection, notices):
        log.warning("notice_over_allocated", notice_id=notice_id)
    renamed = [each.notice_id for each in notices if (was := known.get(each.notice_id)) and was.payer_code != _code(each)]
    if renamed:
        await store.own_balances(connection, await store.load_credits_on_notices(connection, renamed))
    await owed.upsert_payers(connection, notices)
    await owed.erase_payers(
        connection,
        [
            (notice.site_id, gone)
            for notice in notices
            if (before := known.get(notice.notice_id)) and (gone := before.payer_code) is not None and gone != _code(notice)
        ],
    )
    return saved.events


def _lost_marks(notice: Notice, known: owed.Known | None) -> bool:
    """Whether a notice bears another reference or virtual account than before."""
    return known is not None and (known.reference, known.virtual_account) != (notice.reference, notice.virtual_account)


def _owes_anew(notice: Notice, known: owed.Known | None) -> bool:
    """Whether a notice is open and new, or changed in what a payment could mean by it."""
    return notice.status == "open" and (
        known is None
        or known.is_cancelled
        or known.amount != notice.amount
        or known.payer_code != _code(notice)
        or _lost_marks(notice, known)
    )


def _owing_anew(notices: Iterable[Notice], known: Mapping[str, owed.Known]) -> set[PayerAt]:
    """Who owes what they must pay by these notices, and did not owe it so before."""
    return {
        (notice.site_id, code)
        for notice in notices
        if notice.obligation == "due" and (code := _code(notice)) and _owes_anew(notice, known.get(notice.notice_id))
    }


def _code(notice: Notice) -> str | None:
    return notice.payer_code.reveal() if notice.payer_code else None


def _cause(event: Credit, traces: Mapping[str, str | None]) -> str | None:
    """The trace of the notice that changed a credit, where one of its notices did."""
    touched = (each.notice_id for each in (*event.allocations, *event.undone))
    return next((traces[notice_id] for notice_id in touched if notice_id in traces), None)
