"""What transactions make of their credits, before anything is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from services.matching.deciding import World
from services.matching.learned import Texts
from services.matching.ledger import LedgerCredit
from shared.events import BankTransaction
from shared.reference import find_references

log = structlog.get_logger()

MERGED: Final = "the bank's message told of another transaction again"


@dataclass(slots=True)
class Arrived:
    """The credits that a batch of transactions speaks of, and what became of them."""

    credits: dict[str, LedgerCredit]
    """Those that are stored; new ones are added."""
    reverses: Mapping[str, str]
    """Money out that is known to give a credit back, before it arrived itself."""
    changed_ids: dict[str, None] = field(default_factory=dict)
    undecided_ids: dict[str, None] = field(default_factory=dict)
    noted_ids: dict[str, None] = field(default_factory=dict)
    texts: dict[str, Texts | None] = field(default_factory=dict)
    """What messages say now; None: it was erased."""

    @property
    def changed(self) -> list[LedgerCredit]:
        """Credits that changed without a decision."""
        return [self.credits[each] for each in self.changed_ids]

    @property
    def noted(self) -> list[LedgerCredit]:
        """Stored credits of which something changed that is not published."""
        return [credit for each in self.noted_ids if (credit := self.credits[each]).version]

    @property
    def undecided(self) -> list[LedgerCredit]:
        """Credits that the automaton decides now, in the order in which they came."""
        return [self.credits[each] for each in self.undecided_ids if self.credits[each].waits_for_decision]


def take_over(arrived: Arrived, transactions: Sequence[BankTransaction], world: World) -> None:
    """Take over what newer versions of transactions say."""
    merged = []
    for transaction in transactions:
        credit = arrived.credits.get(transaction.transaction_id)
        if credit is None:
            credit = arrived.credits[transaction.transaction_id] = _new_credit(transaction)
            credit.reverses = arrived.reverses.get(transaction.transaction_id)
        if transaction.version <= credit.transaction_version:
            continue
        _absorb(arrived, credit, transaction)
        if transaction.status == "merged_into":
            merged.append((credit, transaction.merged_into or ""))
        elif credit.waits_for_decision:
            arrived.undecided_ids[credit.credit_id] = None
    # Behind all others, for the transaction that it was may have come in the same batch.
    for credit, true_id in merged:
        _merge(arrived, credit, arrived.credits.get(true_id), world)


def _absorb(arrived: Arrived, credit: LedgerCredit, transaction: BankTransaction) -> None:
    """What a newer version says. An allocated credit stays where its notices are, as one does that a person moved."""
    credit.transaction_version = transaction.version
    credit.possible_duplicate_of = transaction.possible_duplicate_of
    arrived.noted_ids[credit.credit_id] = None
    if transaction.status == "erased":
        # What was erased is not needed again: its money was decided on what it said.
        arrived.texts[credit.credit_id] = None
        credit.sender_key = credit.memo_key = None
        return
    if transaction.direction == "in":
        arrived.texts[credit.credit_id] = Texts(
            transaction.memo.reveal() if transaction.memo else "",
            transaction.counter_name.reveal() if transaction.counter_name else "",
            transaction.counter_account.reveal() if transaction.counter_account else "",
        )
        credit.memo_references = _references(transaction)
        credit.virtual_account = transaction.virtual_account
    if credit.counter_bank is None and transaction.counter_bank is not None:
        credit.counter_bank = transaction.counter_bank
        if credit.version > 0:
            arrived.changed_ids[credit.credit_id] = None
    if (
        credit.version > 0
        and credit.site_id != transaction.site_id
        and not (credit.allocations or credit.is_decided_by_person)
    ):
        credit.site_id = transaction.site_id
        arrived.changed_ids[credit.credit_id] = None


def _merge(arrived: Arrived, credit: LedgerCredit, true: LedgerCredit | None, world: World) -> None:
    """The transaction turned out to be another one: what a person decided of it follows, what the automaton did is decided anew."""
    if credit.evidence == (MERGED,):
        return
    if true is not None and true.direction == "in" and not true.is_decided_by_person:
        had = true.paid
        if credit.is_decided_by_person and true.allocations:
            world.reopen(true, MERGED)
        if credit.is_decided_by_person and true.follow(credit, world.new_id):
            for notice_id, amount in true.paid.items():
                world.release(notice_id, -amount)
        if true.is_decided_by_person or had != true.paid:
            arrived.changed_ids[true.credit_id] = None
        if true.waits_for_decision:
            arrived.undecided_ids[true.credit_id] = None
    elif credit.is_decided_by_person and credit.allocations:
        log.warning("merged_decision_lost", credit_id=credit.credit_id)
    for allocation in credit.set_aside(world.at, MERGED):
        world.release(allocation.notice_id, allocation.amount)
    arrived.undecided_ids.pop(credit.credit_id, None)
    arrived.changed_ids[credit.credit_id] = None


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
    if transaction.memo is None:
        return ()
    found = (each.reference for each in find_references(transaction.memo.reveal()) if each.exact)
    return tuple(dict.fromkeys(found))
