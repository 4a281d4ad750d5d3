"""What matching does with the topics: sites, then notices, then money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import structlog
import uuid_utils

from services.matching import measures, store
from services.matching.deciding import decide_all, load_book
from services.matching.ledger import LedgerCredit, release_excess
from services.matching.matcher import Book
from shared import clock
from shared.events import BankTransaction, Credit, Notice, Site
from shared.reference import find_references
from shared.runtime.consumer import Received
from shared.runtime.folding import newest, newest_values
from shared.runtime.outbox import Outgoing, enqueue
from shared.runtime.postgres import Connection, Database

log = structlog.get_logger()

MERGED = "the bank's message told of another transaction again"


def new_id() -> str:
    """An id in the order of time."""
    return str(uuid_utils.uuid7())


class Handlers:
    """The Kafka side of the ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def on_sites(self, batch: Sequence[Received[Site]]) -> None:
        """Keep what sites decided about settling."""
        async with self._database.transaction() as connection:
            await store.upsert_sites(connection, newest_values(batch))

    async def on_notices(self, batch: Sequence[Received[Notice]]) -> None:
        """Keep notices; give back what a lowered or cancelled one holds too much; decide again what waited for it."""
        received = newest(batch)
        async with self._database.transaction() as connection:
            await store.lock_sites(connection, [each.value.site_id for each in received])
            known = await store.load_notice_versions(connection, [each.value.notice_id for each in received])
            fresh = [each for each in received if each.value.version > known.get(each.value.notice_id, (0, 0))[0]]
            if not fresh:
                return
            paid = {notice_id: allocated for notice_id, (_, allocated) in known.items()}
            traces = {each.value.notice_id: each.traceparent for each in fresh}
            notices = [each.value for each in fresh]
            events = await _store_notices(connection, notices, paid)
            events += await _decide_waiting(connection, notices)
            await enqueue(connection, [Outgoing(event, _cause(event, traces)) for event in events])
        measures.count(events)

    async def on_transactions(self, batch: Sequence[Received[BankTransaction]]) -> None:
        """Decide every transaction, the ignored ones too; a person's decision and one that stands are left alone."""
        received = newest(batch)
        ids = [each.value.transaction_id for each in received]
        async with self._database.transaction() as connection:
            sites = [*(each.value.site_id for each in received), *await store.sites_of_credits(connection, ids)]
            await store.lock_sites(connection, sites)
            credits = await store.load_credits(connection, ids)
            changed, book = await _take_over(connection, [each.value for each in received], credits)
            events = await store.save(connection, changed, book.changed())
            traces = {each.value.transaction_id: each.traceparent for each in received}
            await enqueue(connection, [Outgoing(event, traces[event.credit_id]) for event in events])
        measures.count(events)


async def _take_over(
    connection: Connection, transactions: Sequence[BankTransaction], credits: Mapping[str, LedgerCredit]
) -> tuple[list[LedgerCredit], Book]:
    """What transactions make of their credits: the credits that changed, and the notices as they are paid then."""
    at = clock.now()
    changed: dict[str, LedgerCredit] = {}
    merged, undecided = [], []
    for transaction in transactions:
        credit = credits.get(transaction.transaction_id) or _new_credit(transaction)
        if transaction.version <= credit.transaction_version:
            continue
        if _absorb(credit, transaction) or credit.is_decided_by_person:
            changed[credit.credit_id] = credit
        if credit.is_decided_by_person:
            continue
        if transaction.status == "merged_into":
            merged.append(credit)
        elif credit.waits_for_decision:
            undecided.append(credit)
    book = await load_book(connection, [*merged, *undecided])
    for credit in merged:
        for allocation in credit.set_aside(at, MERGED):
            book.release(allocation.notice_id, allocation.amount)
        changed[credit.credit_id] = credit
    for credit in await decide_all(connection, undecided, book, at, new_id):
        changed[credit.credit_id] = credit
    return list(changed.values()), book


def _absorb(credit: LedgerCredit, transaction: BankTransaction) -> bool:
    """Take over what a newer version of the transaction says; returns whether the credit is at another site now.

    An allocated credit stays where its notices are; moving it is a person's act.
    """
    credit.transaction_version = transaction.version
    if transaction.status != "erased":  # what was erased is not needed again: its money was decided on what it said
        credit.memo_references = _references(transaction)
        credit.virtual_account = transaction.virtual_account
    moves = not credit.allocations and credit.version > 0 and credit.site_id != transaction.site_id
    if moves:
        credit.site_id = transaction.site_id
    return moves


async def _store_notices(connection: Connection, notices: Sequence[Notice], paid: dict[str, int]) -> list[Credit]:
    """Rule 9, then the notices at their new version."""
    at = clock.now()
    excess = {
        notice.notice_id: paid.get(notice.notice_id, 0) - (0 if notice.status == "cancelled" else notice.amount)
        for notice in notices
    }
    holding = [notice_id for notice_id, amount in excess.items() if amount > 0]
    changed: dict[str, LedgerCredit] = {}
    over_allocated = set()
    if holding:
        credits = await store.load_credits(connection, await store.load_credits_on_notices(connection, holding))
        for notice_id in holding:
            why = "the notice was lowered or cancelled"
            left, ids = release_excess(credits.values(), notice_id, excess[notice_id], at, why, new_id)
            paid[notice_id] -= excess[notice_id] - left
            changed |= {credit_id: credits[credit_id] for credit_id in ids}
            if left:
                over_allocated.add(notice_id)
                log.warning("notice_over_allocated", notice_id=notice_id)
    await store.upsert_notices(connection, notices, paid, over_allocated)
    return await store.save(connection, changed.values(), [])


async def _decide_waiting(connection: Connection, notices: Sequence[Notice]) -> list[Credit]:
    """Decide again the credits that these notices could explain (rule 7: a payment may come before its notice)."""
    open_notices = [notice for notice in notices if notice.status == "open"]
    waiting = await store.load_waiting(connection, open_notices)
    if not waiting:
        return []
    sites = {notice.site_id for notice in notices}
    credits = [
        credit
        for credit in (await store.load_credits(connection, waiting)).values()
        if credit.waits_for_decision and credit.site_id in sites
    ]
    credits.sort(key=lambda credit: (credit.occurred_at, credit.credit_id))
    book = await load_book(connection, credits)
    changed = await decide_all(connection, credits, book, clock.now(), new_id)
    return await store.save(connection, changed, book.changed())


def _new_credit(transaction: BankTransaction) -> LedgerCredit:
    return LedgerCredit(
        credit_id=transaction.transaction_id,
        site_id=transaction.site_id,
        account=transaction.account,
        channel="bank",
        direction=transaction.direction,
        occurred_at=transaction.occurred_at,
        received_at=transaction.received_at,
        provider=transaction.provider,
        counter_bank=transaction.counter_bank,
        amount=transaction.amount,
        partition_origin=transaction.account,
    )


def _references(transaction: BankTransaction) -> tuple[str, ...]:
    if transaction.memo is None or transaction.direction == "out":
        return ()
    found = (each.reference for each in find_references(transaction.memo.reveal()) if each.exact)
    return tuple(dict.fromkeys(found))


def _cause(event: Credit, traces: Mapping[str, str | None]) -> str | None:
    """The trace of the notice that changed a credit, where one of its notices did."""
    touched = (each.notice_id for each in (*event.allocations, *event.undone))
    return next((traces[notice_id] for notice_id in touched if notice_id in traces), None)
