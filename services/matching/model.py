"""A credit's life in the ledger, pure: received, decided, released, allocated and undone by hand.

An `Entry` is the credit as it is published, with what only the ledger needs. Every function returns a new entry in which
amount = Σ allocations + suspense; the version is set once, by `finished`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.matching.matcher import CreditToDecide, Decision, Share, exact_references
from shared.events import BankTransaction, Credit
from shared.events.payments import Allocation, Channel, SuspenseParts, UndoneAllocation
from shared.privacy import AccountNumber, Memo, PersonName

AUTOMATON = "auto"
UNDECIDED = frozenset({"suggested", "unmatched"})


@dataclass(frozen=True, slots=True)
class Source:
    """What a credit was made from, beyond what is published."""

    version: int = 1
    status: str = "live"
    virtual_account: str | None = None
    memo: Memo | None = None
    counter_name: PersonName | None = None
    counter_account: AccountNumber | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A credit in the ledger."""

    credit: Credit
    source: Source
    decided_by_person: bool
    """A person's decision is never changed by the automaton."""
    changed_by: str
    changed_at: datetime

    @property
    def undecided(self) -> bool:
        """Whether the automaton may still decide it."""
        return not self.decided_by_person and self.source.status == "live" and self.credit.status in UNDECIDED

    @property
    def may_pay_more(self) -> bool:
        """Whether the automaton left an excess, which goes on paying the same bill when a notice joins it."""
        return not self.decided_by_person and self.credit.status == "matched" and self.credit.suspense_parts.balance > 0

    @property
    def references(self) -> tuple[str, ...]:
        """The references in its memo."""
        return exact_references(self.source.memo.reveal() if self.source.memo else None)

    @property
    def to_decide(self) -> CreditToDecide:
        """The question put to the matcher."""
        credit = self.credit
        return CreditToDecide(
            credit_id=credit.credit_id,
            site_id=credit.site_id,
            amount=credit.amount,
            money_in=credit.direction == "in",
            channel=credit.channel,
            references=self.references,
            virtual_account=self.source.virtual_account,
            intended_notice_id=credit.intended_notice_id,
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that did not come by the bank: a cash receipt, or a payment that the public-service portal reports."""

    credit_id: str
    site_id: str
    notice_id: str
    amount: int
    channel: Channel
    moved_at: datetime
    document_number: str | None


def entry_of_transaction(transaction: BankTransaction, now: datetime) -> Entry:
    """A transaction not seen before, its purpose unknown."""
    credit = _unknown(
        credit_id=transaction.transaction_id,
        channel="bank",
        amount=transaction.amount,
        intended_notice_id=None,
        document_number=None,
        partition_origin=transaction.account,
        **_published_facts(transaction),
    )
    return Entry(credit, _source(transaction), decided_by_person=False, changed_by=AUTOMATON, changed_at=now)


def entry_of_receipt(receipt: Receipt, now: datetime) -> Entry:
    """A receipt, not settled yet."""
    credit = _unknown(
        credit_id=receipt.credit_id,
        site_id=receipt.site_id,
        account=None,
        channel=receipt.channel,
        direction="in",
        occurred_at=receipt.moved_at,
        received_at=now,
        provider=None,
        counter_bank=None,
        amount=receipt.amount,
        intended_notice_id=receipt.notice_id,
        document_number=receipt.document_number,
        partition_origin=receipt.site_id,
    )
    return Entry(credit, Source(), decided_by_person=False, changed_by=AUTOMATON, changed_at=now)


def received_again(entry: Entry, transaction: BankTransaction, now: datetime) -> Entry:
    """A newer version of a known transaction: facts follow it, a person's decision stays.

    An automatic decision stays too, unless the money turned out to be another site's or no transaction of its own: then
    it is undone, and the entry is undecided.
    """
    assert transaction.version > entry.source.version
    moved = transaction.site_id != entry.credit.site_id
    voided = transaction.status != "live" and entry.source.status == "live"
    revived = transaction.status == "live" and entry.source.status != "live"
    after = replace(
        entry, credit=_revised(entry.credit, **_published_facts(transaction)), source=_source(transaction)
    )
    if entry.decided_by_person or not (moved or voided or revived):
        return after
    reason = "the account belongs to another site" if moved else f"the transaction is {transaction.status}"
    undone = [allocation.allocation_id for allocation in after.credit.allocations]
    return _open_again(with_undone(after, undone, by=AUTOMATON, reason=reason, now=now))


def void_decision(entry: Entry) -> Decision:
    """What becomes of a transaction that was merged into another one or erased."""
    evidence = "merged into another transaction" if entry.source.status == "merged_into" else "erased"
    return Decision("ignored", "not_income", SuspenseParts(not_a_fee=entry.credit.amount), evidence=(evidence,))


def decided(entry: Entry, decision: Decision, now: datetime) -> Entry:
    """Enter a decision of the automaton on an entry without live allocations."""
    assert not entry.decided_by_person
    assert not entry.credit.allocations
    credit = _revised(
        entry.credit,
        allocations=_new_allocations(entry.credit, decision.allocations, AUTOMATON, now),
        suspense=decision.suspense.total,
        suspense_parts=decision.suspense,
        status=decision.status,
        reason=decision.reason,
        evidence=decision.evidence,
        candidates=decision.candidates,
    )
    return _changed(entry, credit, AUTOMATON, now)


def excess_to_decide(entry: Entry) -> CreditToDecide:
    """The question what more of its bill an excess pays."""
    return replace(entry.to_decide, amount=entry.credit.suspense_parts.balance)


def with_excess_applied(entry: Entry, decision: Decision, now: datetime) -> Entry:
    """Let an excess pay what joined its bill; anything less sure than a match leaves it where it is."""
    assert entry.may_pay_more
    if decision.status != "matched":
        return entry
    parts = entry.credit.suspense_parts.model_copy(update={"balance": decision.suspense.balance})
    further = _new_allocations(entry.credit, decision.allocations, AUTOMATON, now)
    credit = _revised(
        entry.credit,
        allocations=(*entry.credit.allocations, *further),
        suspense=parts.total,
        suspense_parts=parts,
        evidence=(*entry.credit.evidence, "the excess pays what joined the bill"),
    )
    return _changed(entry, credit, AUTOMATON, now)


def with_undone(entry: Entry, allocation_ids: Iterable[str], *, by: str, reason: str, now: datetime) -> Entry:
    """Undo live allocations; the money is unidentified again. Status and reason are the caller's to set."""
    ids = set(allocation_ids)
    credit = entry.credit
    gone = [allocation for allocation in credit.allocations if allocation.allocation_id in ids]
    assert len(gone) == len(ids)
    if not gone:
        return entry
    freed = sum(allocation.amount for allocation in gone)
    parts = credit.suspense_parts.model_copy(update={"unidentified": credit.suspense_parts.unidentified + freed})
    undone = tuple(
        UndoneAllocation(**dict(allocation), undone_by=by, undone_at=now, reason=reason) for allocation in gone
    )
    changed = _revised(
        credit,
        allocations=tuple(each for each in credit.allocations if each.allocation_id not in ids),
        undone=(*credit.undone, *undone),
        suspense=parts.total,
        suspense_parts=parts,
    )
    return _changed(entry, changed, by, now)


def released(entry: Entry, allocation: Allocation, keep: int, reason: str, now: datetime) -> Entry:
    """Give back of an automatic allocation all but `keep` đồng (rule 9).

    While the credit still pays something the rest is its payer's balance; else it is an open question again. On a credit
    that a person touched the rest is unidentified, so that the person sees it.
    """
    assert allocation.decided_by == AUTOMATON
    assert 0 <= keep < allocation.amount
    after = with_undone(entry, [allocation.allocation_id], by=AUTOMATON, reason=reason, now=now)
    freed = allocation.amount - keep
    if keep:
        again = _new_allocations(after.credit, [Share(allocation.notice_id, keep)], AUTOMATON, now)
        kept = again[0].model_copy(update={"paid_through": allocation.paid_through})
        after = _with_parts(after, unidentified=-keep, allocations=(*after.credit.allocations, kept))
    if entry.decided_by_person:
        return after if after.credit.allocations else replace(after, credit=_revised(after.credit, status="unmatched"))
    if not after.credit.allocations:
        return _open_again(after)
    after = _with_parts(after, unidentified=-freed, balance=freed)
    return replace(after, credit=_revised(after.credit, evidence=(*after.credit.evidence, reason)))


def finished(before: Entry | None, after: Entry) -> Entry:
    """The entry as it is stored and published: its version grows by one where what is published changed."""
    version = 1 if before is None else before.credit.version
    unversioned = after.credit.model_copy(update={"version": version})
    if before is None or unversioned == before.credit:
        return replace(after, credit=unversioned)
    return replace(after, credit=after.credit.model_copy(update={"version": version + 1}))


def by_hand(entry: Entry, person: str, now: datetime, **changes: Any) -> Entry:
    """Note what a person decided; from now on the automaton leaves the entry alone."""
    credit = _revised(entry.credit, reason="by_hand", evidence=(), candidates=(), **changes)
    return replace(_changed(entry, credit, person, now), decided_by_person=True)


def _open_again(entry: Entry) -> Entry:
    parts = SuspenseParts(unidentified=entry.credit.amount)
    credit = _revised(
        entry.credit, status="unmatched", reason="none", evidence=(), candidates=(), suspense=parts.total, suspense_parts=parts
    )
    return replace(entry, credit=credit)


def new_allocations(
    entry: Entry, shares: Iterable[tuple[Share, str]], person: str, now: datetime
) -> tuple[Allocation, ...]:
    """Allocations by a person, each with the way it was paid."""
    pairs = list(shares)
    made = _new_allocations(entry.credit, [share for share, _ in pairs], person, now)
    return tuple(
        allocation.model_copy(update={"paid_through": way}) for allocation, (_, way) in zip(made, pairs, strict=True)
    )


def _new_allocations(credit: Credit, shares: Iterable[Share], by: str, now: datetime) -> tuple[Allocation, ...]:
    # Numbered within the credit: deciding the same again gives the same ids.
    first = len(credit.allocations) + len(credit.undone) + 1
    return tuple(
        Allocation(
            allocation_id=f"{credit.credit_id}.{number}",
            notice_id=share.notice_id,
            amount=share.amount,
            paid_through="unknown",
            decided_by=by,
            decided_at=now,
        )
        for number, share in enumerate(shares, first)
    )


def _with_parts(entry: Entry, *, allocations: tuple[Allocation, ...] | None = None, **deltas: int) -> Entry:
    credit = entry.credit
    parts = SuspenseParts(
        **{name: amount + deltas.get(name, 0) for name, amount in credit.suspense_parts.model_dump().items()}
    )
    live = credit.allocations if allocations is None else allocations
    return replace(
        entry, credit=_revised(credit, allocations=live, suspense=parts.total, suspense_parts=parts)
    )


def _changed(entry: Entry, credit: Credit, by: str, now: datetime) -> Entry:
    return replace(entry, credit=credit, changed_by=by, changed_at=now)


def _revised(credit: Credit, **changes: Any) -> Credit:
    """A credit with changes, validated as a whole: the money identity holds or nothing is returned."""
    return Credit(**{**dict(credit), **changes})


def _unknown(**facts: Any) -> Credit:
    parts = SuspenseParts(unidentified=facts["amount"])
    return Credit(
        version=1,
        suspense=parts.total,
        suspense_parts=parts,
        status="unmatched",
        allocations=(),
        undone=(),
        reason="none",
        evidence=(),
        candidates=(),
        reverses=None,
        reversed_by=None,
        **facts,
    )


def _published_facts(transaction: BankTransaction) -> dict[str, Any]:
    return {
        "site_id": transaction.site_id,
        "account": transaction.account,
        "direction": transaction.direction,
        "occurred_at": transaction.occurred_at,
        "received_at": transaction.received_at,
        "provider": transaction.provider,
        "counter_bank": transaction.counter_bank,
    }


def _source(transaction: BankTransaction) -> Source:
    return Source(
        version=transaction.version,
        status=transaction.status,
        virtual_account=transaction.virtual_account,
        memo=transaction.memo,
        counter_name=transaction.counter_name,
        counter_account=transaction.counter_account,
    )
