"""payments.allocations.v1: every credit with what it pays, published by matching, the ledger of who paid what."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from shared.events.bank import Direction
from shared.events.base import Event, Id, Moment, Part
from shared.events.fees import Settled
from shared.money import Dong, PositiveDong

Channel = Literal["bank", "cash", "portal", "opening"]
CASHLESS_CHANNELS: frozenset[Channel] = frozenset({"bank", "portal"})
PaidThrough = Literal["self", "family", "staff", "helper", "unknown"]
DecisionStatus = Literal["matched", "suggested", "unmatched", "ignored"]
Reason = Literal[
    "virtual_account", "reference", "reference_corrected", "payer_code", "learned_payer", "name", "several", "duplicate",
    "cancelled", "wrong_account", "ambiguous", "cash_deposit", "none", "not_income", "by_hand", "cash_receipt",
    "portal_report", "opening_balance", "awaiting_notice", "over_allocated",
]  # fmt: skip
"""INTERFACES names the automaton's reasons; the last six say what stands where no automatic stage decided."""


class Allocation(Part):
    """A part of one credit applied to one notice."""

    allocation_id: Id
    notice_id: Id
    amount: PositiveDong
    paid_through: PaidThrough
    decided_by: str
    """"auto", or the id of the person who decided."""
    decided_at: Moment


class UndoneAllocation(Allocation):
    """An allocation that no longer holds, kept with who undid it and why."""

    undone_by: str
    undone_at: Moment
    reason: str
    settled: Settled | None = None
    """Where it paid a deposit whose treatment was settled: what of this very allocation was set apart to go back."""


class SuspenseParts(Part):
    """Where the unallocated part of a credit stands; the parts add up to the suspense (rule 10)."""

    unidentified: Dong = 0
    balance: Dong = 0
    to_return: Dong = 0
    returned: Dong = 0
    not_a_fee: Dong = 0

    @property
    def total(self) -> int:
        """All parts together, in đồng."""
        return self.unidentified + self.balance + self.to_return + self.returned + self.not_a_fee


class Candidate(Part):
    """Notices that together could be what a credit pays."""

    notice_ids: tuple[Id, ...]
    score: float = Field(ge=0, le=1)


class Credit(Event):
    """Money received (or a movement that is none: ignored) and its decision: amount = Σ allocations + suspense."""

    topic: ClassVar[str] = "payments.allocations.v1"

    credit_id: Id
    """The transaction's id for bank credits."""
    site_id: Id | None
    account: Id | None
    channel: Channel
    direction: Direction
    occurred_at: Moment
    received_at: Moment
    provider: str | None
    counter_bank: str | None
    amount: PositiveDong
    suspense: Dong
    suspense_parts: SuspenseParts
    status: DecisionStatus
    allocations: tuple[Allocation, ...]
    undone: tuple[UndoneAllocation, ...]
    intended_notice_id: Id | None
    reason: Reason
    evidence: tuple[str, ...]
    """Codes and places in words, never names or memos (DESIGN §6.6)."""
    candidates: tuple[Candidate, ...] = Field(max_length=5)
    document_number: str | None
    reverses: Id | None
    reversed_by: Id | None
    returned_at: Moment | None = None
    """When money of it went back last; how much did, in all, is `suspense_parts.returned`."""
    partition_origin: Id
    """The first account or site of the credit; never changes, so its versions stay in one partition."""

    @property
    def key(self) -> str:
        return self.credit_id

    @property
    def partition_key(self) -> str:
        return self.partition_origin

    @model_validator(mode="after")
    def _money_identity(self) -> Self:
        allocated = sum(allocation.amount for allocation in self.allocations)
        if self.amount != allocated + self.suspense:
            raise ValueError("amount must equal the sum of the allocations plus the suspense")
        if self.suspense != self.suspense_parts.total:
            raise ValueError("suspense must equal the sum of its parts")
        return self
