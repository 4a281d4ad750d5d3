"""Deciding credits inside one transaction, whose caller holds the lock of their sites; a whole batch in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.matching import learned, owed, store
from services.matching.books import NotReadError, SiteBook
from services.matching.learned import Texts
from services.matching.ledger import LedgerCredit
from services.matching.matcher import Book, Decision, Habits, Incoming, Payment, Reading, SiteRules, decide_read, pay_notice
from services.matching.matcher.accounts import accounts_of, senders_of
from services.matching.matcher.evidence import Fact
from services.matching.matcher.values import Suggestion
from services.matching.model import STAFF_ACCOUNT, paid_through
from services.matching.senders import Senders
from shared import clock
from shared.events.payments import PaidThrough, Reason
from shared.runtime.postgres import Connection

RECEIPT_REASONS: dict[str, Reason] = {"cash": "cash_receipt", "portal": "portal_report", "opening": "opening_balance"}
NO_TEXTS = Texts("", "", "")
TOLD_TWICE = Fact("told_twice", holds=False)
Takes = Callable[[LedgerCredit, Decision], bool]
"""Whether a new decision may replace the one that stands."""


@dataclass(slots=True)
class World:
    """What decisions of one batch are made on."""

    books: Mapping[str | None, SiteBook]
    rules: Mapping[str, SiteRules]
    at: datetime
    new_id: Callable[[], str]
    senders: Senders
    habits: Habits = field(default_factory=Habits)
    said: dict[tuple[str, bytes], dict[str, PaidThrough]] = field(default_factory=lambda: defaultdict(dict))
    """Through whom a sender pays, as people said: by site and sender."""

    def book(self, site_id: str | None) -> SiteBook:
        """The site's book; that of no site where it is not known."""
        return self.books.get(site_id) or self.books[None]

    def through(self, credit: LedgerCredit) -> Callable[[str], PaidThrough]:
        """Who paid a notice with this credit."""
        said = self.said.get((credit.site_id or "", credit.sender_key or b""), {})
        return lambda notice_id: paid_through(self.book(credit.site_id).get(notice_id), credit.occurred_at, said)

    def release(self, notice_id: str, amount: int) -> None:
        """Note that an allocation no longer holds."""
        for book in self.books.values():
            if book.get(notice_id) is not None:
                book.release(notice_id, amount)

    def reopen(self, credit: LedgerCredit, why: str) -> None:
        """Take back what the automaton allocated from a credit."""
        for allocation in credit.reopen(self.at, why):
            self.release(allocation.notice_id, allocation.amount)


async def decide_all(
    connection: Connection,
    credits: Sequence[LedgerCredit],
    texts: Mapping[str, Texts],
    world: World,
    takes: Takes = lambda _credit, _decision: True,
) -> list[LedgerCredit]:
    """Decide credits one after the other, each seeing what the ones before it paid; returns those that changed.

    A decision that is not taken leaves the credit as it stands.
    """
    readings = {credit.credit_id: _read(credit, texts.get(credit.credit_id, NO_TEXTS), world) for credit in credits}
    await _learn_habits(connection, credits, readings, world)
    await _look_up_references(connection, credits, readings, world)
    changed, waiting = [], []
    for credit in credits:
        try:
            if _decide(credit, readings[credit.credit_id], world, takes):
                changed.append(credit)
        except NotReadError:
            waiting.append(credit)
    if waiting:
        # Somebody at another site may be meant: that settles nothing, so these come last and know all that was paid meanwhile.
        await world.books[None].elsewhere.look_up(connection)
        for credit in waiting:
            reading = readings[credit.credit_id]
            reading.forget()
            if await _decide_asking(connection, credit, reading, world, takes):
                changed.append(credit)
    return changed


async def _decide_asking(connection: Connection, credit: LedgerCredit, reading: Reading, world: World, takes: Takes) -> bool:
    """Decide a credit whose keys are looked up; what others paid meanwhile may make it ask for more, which is seldom."""
    while True:
        try:
            return _decide(credit, reading, world, takes)
        except NotReadError:
            await world.books[None].elsewhere.look_up(connection)
            reading.forget()


def _read(credit: LedgerCredit, texts: Texts, world: World) -> Reading:
    """The credit as the matcher reads it; what it is remembered by is noted at the credit."""
    memo = texts.memo or " ".join(credit.memo_references)
    memo_and_bank = f"{memo} {credit.counter_bank or ''}"
    accounts = accounts_of(texts.counter_account, texts.counter_name, memo_and_bank, world.senders.account)
    incoming = Incoming(
        credit.credit_id, credit.site_id, credit.amount, credit.direction == "in", memo, credit.virtual_account,
        texts.counter_name, texts.counter_account, next(iter(accounts.known), None), clock.local_day(credit.occurred_at),
        credit.counter_bank or "", accounts.known[1:], accounts.remembered,
    )  # fmt: skip
    reading = Reading(incoming, world.book(credit.site_id).name_words)
    if texts is not NO_TEXTS and incoming.is_money_in:
        credit.sender_key, credit.memo_key = world.senders.keys(reading)
    return reading


def _decide(credit: LedgerCredit, reading: Reading, world: World, takes: Takes) -> bool:
    """Decide one credit; returns whether anything about it changed. Raises NotReadError."""
    book = world.book(credit.site_id)
    if credit.intended_notice_id is None:
        decision = decide_read(reading, book, world.rules)
        if credit.possible_duplicate_of is not None:
            decision = doubted(decision)
    else:
        known = pay_intended(credit, book)
        if known is None:
            return credit.version == 0
        decision = known
    if not takes(credit, decision):
        return False
    credit.apply(decision, world.at, world.new_id, through=world.through(credit))
    book.pay(decision.shares)
    if decision.shares and credit.site_id is not None:
        book.learn(credit.site_id, senders_of(reading), decision.shares, reading.incoming.occurred_on)
    return credit.stored is None or credit.stored.decision != credit.decision


def doubted(decision: Decision) -> Decision:
    """What becomes of a decision on money that may have been told of before: a question, whatever the memo says."""
    if not decision.shares:
        return decision
    candidates = decision.candidates or (Suggestion(tuple(share.notice_id for share in decision.shares), 0.0),)
    return Decision("suggested", "duplicate", (), (*decision.facts, TOLD_TWICE), candidates)


def pay_intended(credit: LedgerCredit, book: Book) -> Decision | None:
    """What a receipt pays; None while its notice is not known."""
    notice = book.get(credit.intended_notice_id or "")
    if notice is None or notice.site_id != credit.site_id:
        return None
    return pay_notice(credit.amount, notice, RECEIPT_REASONS[credit.channel])


async def _learn_habits(
    connection: Connection, credits: Iterable[LedgerCredit], readings: Mapping[str, Reading], world: World
) -> None:
    """What these credits' senders paid before."""
    raw: dict[tuple[str, bytes], str] = {}
    for credit in credits:
        if credit.site_id is not None:
            incoming = readings[credit.credit_id].incoming
            keys = [key for key in (incoming.sender, *incoming.other_senders) if key is not None]
            raw |= {(credit.site_id, bytes.fromhex(key)): key for key in keys}
            if credit.sender_key is not None:
                raw[credit.site_id, credit.sender_key] = credit.sender_key.hex()
            if (own := readings[credit.credit_id].own_words) is not None:
                memo_key = world.senders.memo(own)
                raw[credit.site_id, memo_key] = world.senders.words_of(memo_key)
    for row in await learned.load_habits(connection, raw):
        sender = row["site_id"], row["sender_key"]
        world.habits.learn(row["site_id"], raw[sender], Payment(row["day"], tuple(row["payer_codes"])))
        if row["paid_through"] != "unknown":
            codes = [STAFF_ACCOUNT] if row["paid_through"] == "staff" else row["payer_codes"]
            world.said[sender] |= dict.fromkeys(codes, row["paid_through"])


async def _look_up_references(
    connection: Connection, credits: Iterable[LedgerCredit], readings: Mapping[str, Reading], world: World
) -> None:
    """Bills of other sites, and those settled long ago, that the memos name."""
    missing = {
        found.reference
        for credit in credits
        if credit.direction == "in"
        for found in readings[credit.credit_id].references
        if not world.book(credit.site_id).of_reference(found.reference)
    }
    if missing:
        references = world.books[None].elsewhere.references
        for notice in await owed.of_references(connection, sorted(missing)):
            references.setdefault(notice.reference, []).append(notice)


async def load_world(
    connection: Connection, books: Mapping[str | None, SiteBook], at: datetime, new_id: Callable[[], str], senders: Senders
) -> World:
    """The rules of these books' sites, and a new batch's habits."""
    given = await store.load_rules(connection, books)
    rules = {site_id: book.rules(given.get(site_id, SiteRules())) for site_id, book in books.items() if site_id is not None}
    world = World(books, rules, at, new_id, senders)
    for book in books.values():
        book.habits = world.habits
    return world
