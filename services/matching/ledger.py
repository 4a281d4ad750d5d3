"""A credit of the ledger and what can happen to it; every change keeps amount = Σ allocations + suspense (rule 10).

Pure: ids and times come in as arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from services.matching.matcher import Decision, Share, sentence
from shared.events import Credit
from shared.events.bank import Direction
from shared.events.fees import Settled
from shared.events.payments import (
    Allocation,
    Candidate,
    Channel,
    DecisionStatus,
    PaidThrough,
    Reason,
    SuspenseParts,
    UndoneAllocation,
)

AUTOMATON = "auto"
BY_PERSON = "decided by a person"
LOWERED = ("amount above the open sum", "the notice was lowered after payment")
CANCELLED = "the notice was cancelled after payment"
BALANCE_USED = "balance of the payer applied"
SETTLED = "the treatment was settled"

Through = Callable[[str], PaidThrough]
"""Who paid a notice, as far as it is known."""
SuspensePart = Literal["unidentified", "balance", "to_return", "returned", "not_a_fee"]


def _unknown(_notice_id: str) -> PaidThrough:
    return "unknown"


class LedgerError(Exception):
    """A change would break the money identity; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored of a credit's decision."""

    decision: tuple[object, ...]
    paid: Mapping[str, int]


@dataclass(slots=True)
class LedgerCredit:
    """A credit as the ledger holds it. Changed by the methods below only; `version` grows when it is stored."""

    credit_id: str
    site_id: str | None
    account: str | None
    channel: Channel
    direction: Direction
    occurred_at: datetime
    received_at: datetime
    provider: str | None
    counter_bank: str | None
    amount: int
    partition_origin: str
    status: DecisionStatus = "unmatched"
    reason: Reason = "none"
    suspense: SuspenseParts = field(default_factory=SuspenseParts)
    allocations: list[Allocation] = field(default_factory=list)
    from_balance: set[str] = field(default_factory=set)
    """Ids of the allocations that were made from the payer's balance, later than the decision on the credit itself."""
    undone: list[UndoneAllocation] = field(default_factory=list)
    evidence: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    intended_notice_id: str | None = None
    document_number: str | None = None
    memo_references: tuple[str, ...] = ()
    virtual_account: str | None = None
    possible_duplicate_of: str | None = None
    """The transaction that this may be once more, until a person says."""
    is_decided_by_person: bool = False
    reverses: str | None = None
    """Of money out: the credit that it gave back."""
    reversed_by: str | None = None
    """The money out that gave this credit back, or a part of it."""
    returned_at: datetime | None = None
    """When money of it went back last."""
    sender_key: bytes | None = None
    """What tells the sending account from others, and tells nothing else of it."""
    memo_key: bytes | None = None
    """The same of the memo's own words."""
    payer_code: str | None = field(default=None, repr=False)
    """Of an opening balance, and of what the portal reports of a dossier: whose it is; None where that was erased. Of other credits
    the store knows it while they hold a balance."""
    transaction_version: int = 0
    version: int = 0
    decided_version: int = 0
    """The version at which the decision changed last; what came later (a document's number) leaves a person's view of it true."""
    stored: Stored | None = field(default=None, compare=False)

    @property
    def allocated(self) -> int:
        """Sum of the live allocations, in đồng."""
        return sum(allocation.amount for allocation in self.allocations)

    @property
    def names_its_payer(self) -> bool:
        """Whether it says itself whose it is, rather than what it pays."""
        return self.channel == "opening" or (self.channel == "portal" and self.intended_notice_id is None)

    @property
    def waits_for_decision(self) -> bool:
        """Whether the automaton may decide it (again): nothing is allocated and no person has decided."""
        return not self.is_decided_by_person and not self.allocations and self.status in {"unmatched", "suggested"}

    @property
    def decision(self) -> tuple[object, ...]:
        """All that a person sees of what was decided."""
        return (
            self.site_id, self.status, self.reason, self.suspense, tuple(self.allocations), self.evidence, self.candidates,
        )  # fmt: skip

    @property
    def paid(self) -> dict[str, int]:
        """What the live allocations pay of each notice, in đồng."""
        amounts: dict[str, int] = {}
        for each in self.allocations:
            amounts[each.notice_id] = amounts.get(each.notice_id, 0) + each.amount
        return amounts

    def mark_stored(self) -> None:
        """Note that what it is now is what is stored."""
        self.stored = Stored(self.decision, self.paid)

    def apply(self, decision: Decision, at: datetime, new_id: Callable[[], str], *, through: Through = _unknown) -> None:
        """Take over what the automaton decided; only a credit with nothing allocated may be decided."""
        if self.allocations:
            raise LedgerError("an allocated credit is not decided again")
        self._allocate(decision.shares, AUTOMATON, at, new_id, through)
        rest = self.amount - self.allocated
        self.suspense = SuspenseParts(**{self._part_of_rest(decision): rest})
        self.status, self.reason = decision.status, decision.reason
        self.evidence = tuple(sentence(fact) for fact in decision.facts)
        self.candidates = tuple(Candidate(notice_ids=ids, score=score) for ids, score in decision.candidates)

    def use_balance(self, shares: Sequence[Share], at: datetime, new_id: Callable[[], str]) -> None:
        """Pay later notices of the payer from the balance; what was decided of the credit itself stands, whoever decided it.

        Who paid is what all allocations of the credit say alike. Raises LedgerError where the balance is too small.
        """
        left = self.suspense.balance - sum(share.amount for share in shares)
        if left < 0:
            raise LedgerError(f"the shares exceed the balance by {-left} đồng")
        said = {each.paid_through for each in self.allocations}
        word: PaidThrough = said.pop() if len(said) == 1 else "unknown"
        before = len(self.allocations)
        self._allocate(shares, AUTOMATON, at, new_id, lambda _: word)
        self.from_balance |= {each.allocation_id for each in self.allocations[before:]}
        self.suspense = self.suspense.model_copy(update={"balance": left})
        self._say_balance_used(self.evidence)

    def reopen(self, at: datetime, why: str) -> list[Allocation]:
        """Take back what the automaton allocated, to decide anew; returns what was. A person's decision is not reopened."""
        if self.is_decided_by_person:
            raise LedgerError("a person decided this credit")
        taken_back = [self.undo(each.allocation_id, AUTOMATON, at, why) for each in list(self.allocations)]
        self.suspense = SuspenseParts(unidentified=self.amount - self.suspense.returned, returned=self.suspense.returned)
        self.status = "unmatched"
        return taken_back

    def allocate_by_hand(
        self,
        shares: Sequence[Share],
        suspense: SuspenseParts | None,
        person: str,
        at: datetime,
        new_id: Callable[[], str],
        *,
        through: Through = _unknown,
        reason: Reason = "by_hand",
    ) -> None:
        """Allocate from the suspense and say what the rest is; raises LedgerError where it does not add up.

        Without a word on the rest, what is neither returned nor set aside becomes the payer's balance, where anything is paid.
        """
        if self.direction == "out" and shares:
            raise LedgerError("money that left the account pays no fee")
        before = self.suspense
        rest = self.amount - self.allocated - sum(share.amount for share in shares)
        if suspense is None:
            free = rest - before.to_return - before.returned - before.not_a_fee
            if free < 0:
                raise LedgerError(f"the shares exceed what is left of the credit by {-free} đồng")
            part: SuspensePart = "balance" if shares or self.allocations else "unidentified"
            suspense = before.model_copy(update={"unidentified": 0, "balance": 0, part: free})
        if rest < 0:
            raise LedgerError(f"the shares exceed what is left of the credit by {-rest} đồng")
        if suspense.returned != before.returned:
            raise LedgerError("only money out says what was returned")
        if suspense.total != rest:
            raise LedgerError(f"the parts of the suspense add up to {suspense.total} đồng, but {rest} are left")
        self._allocate(shares, person, at, new_id, through)
        self.suspense = suspense
        self._keep_what_it_paid_again()
        self._settle_by_hand()
        self.reason = reason

    def give_back(
        self,
        amount: int,
        money_out: str | None,
        person: str,
        at: datetime,
        why: str,
        new_id: Callable[[], str],
        *,
        went_at: datetime | None = None,
    ) -> None:
        """So much of the credit went back to who sent it: what was set aside first, then what nobody explained, then what it paid.

        The automaton's allocations give way before a person's, the newest first: money that is gone pays nothing.
        `went_at`: when it went, where that was before this is told.
        """
        if self.direction == "out":
            raise LedgerError("money that left the account is not given back")
        if amount > self.amount - self.suspense.returned:
            raise LedgerError(f"only {self.amount - self.suspense.returned} đồng of this credit were not returned yet")
        parts: dict[str, int] = self.suspense.model_dump()
        missing = amount
        for part in ("to_return", "unidentified", "balance", "not_a_fee"):
            taken = min(missing, parts[part])
            parts[part] -= taken
            missing -= taken
        parts["returned"] += amount - missing
        self.suspense = SuspenseParts(**parts)
        newest = sorted(self.allocations, key=lambda each: (each.decided_by == AUTOMATON, each.decided_at), reverse=True)
        for allocation in newest:
            if not missing:
                break
            taken = min(missing, allocation.amount)
            self._shrink(allocation, allocation.amount - taken, person, at, why, new_id, "returned")
            missing -= taken
        self.reversed_by = money_out or self.reversed_by
        self.returned_at = max(each for each in (self.returned_at, went_at or at) if each is not None)
        self._keep_what_it_paid_again()
        self._settle_by_hand()

    def move(self, site_id: str, person: str, at: datetime, why: str) -> None:
        """Hand the credit to another site, whose people decide it; what it paid is taken back, and it is no payer's balance there."""
        if site_id == self.site_id:
            raise LedgerError("the credit is at this site")
        for each in list(self.allocations):
            self.undo(each.allocation_id, person, at, why)
        self.site_id, self.payer_code = site_id, None
        free = self.suspense.unidentified + self.suspense.balance
        self.suspense = self.suspense.model_copy(update={"unidentified": free, "balance": 0})
        self._settle_by_hand()
        if self.suspense.unidentified:
            self.status = "suggested" if self.candidates else "unmatched"

    def follow(self, gone: LedgerCredit, new_id: Callable[[], str]) -> bool:
        """Take over what a person decided of a credit that turned out to be this one; returns whether that could be done."""
        decided = [each for each in gone.allocations if each.decided_by != AUTOMATON]
        total = sum(each.amount for each in decided)
        if self.is_decided_by_person or self.allocations or total > self.amount - self.suspense.returned:
            return False
        self.allocations = [each.model_copy(update={"allocation_id": new_id()}) for each in decided]
        rest = self.amount - total
        same = gone.suspense if gone.amount == self.amount and len(decided) == len(gone.allocations) else None
        if same is not None and same.total == rest:
            self.suspense, self.returned_at = same, gone.returned_at
        else:
            self.suspense = SuspenseParts(unidentified=rest)
        self._settle_by_hand()
        return True

    def undo(self, allocation_id: str, by: str, at: datetime, why: str, part: SuspensePart = "unidentified") -> Allocation:
        """Take back one allocation; its money goes to suspense. Raises LedgerError where it is not live."""
        found = next((each for each in self.allocations if each.allocation_id == allocation_id), None)
        if found is None:
            raise LedgerError("this allocation does not hold any more")
        self.allocations.remove(found)
        self.undone.append(UndoneAllocation(**found.model_dump(), undone_by=by, undone_at=at, reason=why))
        amounts = self.suspense.model_dump()
        self.suspense = SuspenseParts(**{**amounts, part: amounts[part] + found.amount})
        return found

    def set_apart(self, allocation_id: str, amount: int, settled_by: str, at: datetime, new_id: Callable[[], str]) -> None:
        """So much of what pays a deposit was not used and goes back to the payer; only a person changes the credit from then on.

        What the automaton matched it takes back itself: its match was right, and counts as no mistake of its own.
        """
        whole = next(each for each in self.allocations if each.allocation_id == allocation_id)
        by = AUTOMATON if whole.decided_by == AUTOMATON else settled_by
        self._shrink(whole, whole.amount - amount, by, at, SETTLED, new_id, "to_return", decided_at=whole.decided_at)
        gone = self.undone[-1]
        self.undone[-1] = gone.model_copy(update={"settled": Settled(by=settled_by, to_return=amount)})
        self.is_decided_by_person = True

    def undo_by_hand(self, allocation_id: str, person: str, at: datetime, why: str) -> Allocation:
        """A person takes back an allocation; the automaton keeps away from the credit from then on."""
        found = self.undo(allocation_id, person, at, why)
        # What the matcher saw is suggested again; first what was not just found wrong.
        self.candidates = tuple(sorted(self.candidates, key=lambda each: found.notice_id in each.notice_ids))
        self._settle_by_hand()
        return found

    def _shrink(
        self, whole: Allocation, amount: int, by: str, at: datetime, why: str, new_id: Callable[[], str], part: SuspensePart,
        *, decided_at: datetime | None = None,
    ) -> None:  # fmt: skip
        """Leave only so much of an allocation (0: nothing); what is taken from it becomes a part of the suspense."""
        self.undo(whole.allocation_id, by, at, why, part)
        if amount:
            remaining = whole.model_copy(
                update={"allocation_id": new_id(), "amount": amount, "decided_at": decided_at or at}
            )
            self.allocations.append(remaining)
            if whole.allocation_id in self.from_balance:
                self.from_balance.add(remaining.allocation_id)
            parts = self.suspense.model_dump()
            self.suspense = SuspenseParts(**{**parts, part: parts[part] - amount})

    def lower(self, allocation_id: str, amount: int, at: datetime, why: str, new_id: Callable[[], str]) -> None:
        """Leave only `amount` đồng of an automatic allocation (0: nothing); the rest goes to suspense (rule 9).

        What is over of a lowered fee is the payer's balance; money of a cancelled one waits for a person. What was paid from
        the balance becomes balance again, and the decision on the credit itself stands.
        """
        whole = next(each for each in self.allocations if each.allocation_id == allocation_id)
        if allocation_id in self.from_balance:
            self._shrink(whole, amount, AUTOMATON, at, why, new_id, "balance")
            self._say_balance_used(self.evidence)
            return
        self._shrink(whole, amount, AUTOMATON, at, why, new_id, "balance" if amount else "unidentified")
        if self.suspense.unidentified:
            self.status, self.reason, self.evidence = "suggested", "cancelled", (CANCELLED,)
        else:
            named = (each for each in self.evidence if not each.startswith("amount ") and each not in LOWERED)
            self.evidence = (*named, *LOWERED)

    def set_aside(self, at: datetime, why: str) -> list[Allocation]:
        """The transaction turned out to be none of its own: nothing is allocated from it any more; returns what was."""
        taken_back = [self.undo(each.allocation_id, AUTOMATON, at, why) for each in list(self.allocations)]
        self.suspense = SuspenseParts(not_a_fee=self.amount - self.suspense.returned, returned=self.suspense.returned)
        self.status, self.reason, self.evidence, self.candidates = "ignored", "not_income", (why,), ()
        return taken_back

    def event(self) -> Credit:
        """The credit as it is published."""
        return Credit(
            credit_id=self.credit_id,
            version=self.version,
            site_id=self.site_id,
            account=self.account,
            channel=self.channel,
            direction=self.direction,
            occurred_at=self.occurred_at,
            received_at=self.received_at,
            provider=self.provider,
            counter_bank=self.counter_bank,
            amount=self.amount,
            suspense=self.suspense.total,
            suspense_parts=self.suspense,
            status=self.status,
            allocations=tuple(self.allocations),
            # In the order in which they are stored, so that what is published again is what was published.
            undone=tuple(sorted(self.undone, key=lambda each: (each.decided_at, each.allocation_id))),
            intended_notice_id=self.intended_notice_id,
            reason=self.reason,
            evidence=self.evidence,
            # Where a person decided all of it, nothing is suggested; what was stays known, for whoever undoes that.
            candidates=() if self.is_decided_by_person and not self.suspense.unidentified else self.candidates,
            document_number=self.document_number,
            reverses=self.reverses,
            reversed_by=self.reversed_by,
            returned_at=self.returned_at,
            partition_origin=self.partition_origin,
        )

    def _allocate(self, shares: Iterable[Share], by: str, at: datetime, new_id: Callable[[], str], through: Through) -> None:
        for share in shares:
            allocation = Allocation(
                allocation_id=new_id(),
                notice_id=share.notice_id,
                amount=share.amount,
                paid_through=through(share.notice_id),
                decided_by=by,
                decided_at=at,
            )
            self.allocations.append(allocation)

    def _part_of_rest(self, decision: Decision) -> SuspensePart:
        if decision.status == "ignored":
            return "not_a_fee"
        return "balance" if decision.shares else "unidentified"

    def _say_balance_used(self, evidence: Iterable[str]) -> None:
        """The evidence, and that the balance was applied where something of it holds."""
        holds = any(each.allocation_id in self.from_balance for each in self.allocations)
        self.evidence = (*(each for each in evidence if each != BALANCE_USED), *((BALANCE_USED,) if holds else ()))

    def _keep_what_it_paid_again(self) -> None:
        """Of a second payment the fee that it was meant for: there its payer is shown what becomes of it."""
        if self.reason == "duplicate" and not self.allocations and self.intended_notice_id is None and self.candidates:
            self.intended_notice_id = self.candidates[0].notice_ids[0]

    def _settle_by_hand(self) -> None:
        self.is_decided_by_person = True
        self.reason = "by_hand"
        self._say_balance_used((BY_PERSON,))
        if self.suspense.unidentified:
            self.status = "suggested" if self.allocations else "unmatched"
        elif self.allocations or self.suspense.not_a_fee != self.amount:
            self.status = "matched"
        else:
            self.status = "ignored"


def newest_first(credits: Iterable[LedgerCredit], notice_id: str) -> list[tuple[LedgerCredit, Allocation]]:
    """The automatic allocations on a notice, in the order in which rule 9 takes them back."""
    found = [
        (credit, allocation)
        for credit in credits
        for allocation in credit.allocations
        if allocation.notice_id == notice_id and allocation.decided_by == AUTOMATON
        if not credit.is_decided_by_person or allocation.allocation_id in credit.from_balance
    ]
    return sorted(found, key=lambda pair: (pair[1].decided_at, pair[1].allocation_id), reverse=True)


def release_excess(
    credits: Iterable[LedgerCredit], notice_id: str, excess: int, at: datetime, why: str, new_id: Callable[[], str]
) -> tuple[int, set[str]]:
    """Take back what a notice holds above its due (rule 9); returns what could not be taken back, and the credits changed.

    Only automatic allocations give way; a person's stand, and the notice is over-allocated then.
    """
    changed = set()
    for credit, allocation in newest_first(credits, notice_id):
        if excess == 0:
            break
        taken = min(excess, allocation.amount)
        credit.lower(allocation.allocation_id, allocation.amount - taken, at, why, new_id)
        changed.add(credit.credit_id)
        excess -= taken
    return excess, changed
