"""bank.transactions.v1 and bank.statements.v1: what moved on a bank account, published by ingest."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from shared.events.base import Event, Id, Moment, Part
from shared.money import Dong, PositiveDong, SignedDong
from shared.privacy import AccountNumber, Memo, PersonName

Direction = Literal["in", "out"]
SeenBy = Literal["webhook", "statement", "pull"]


class Sighting(Part):
    """One report of a transaction: which provider, by which way, when."""

    provider: str
    seen_by: SeenBy
    received_at: Moment


class Correction(Part):
    """An amount that was told wrong: a person said that the bank's statement is right."""

    transaction_id: Id
    """The transaction that told it, merged into the one that bears this correction."""
    amount: PositiveDong
    """What it told."""
    statement_id: Id
    line: int
    """The line of the statement that tells the right one."""
    corrected_by: Id
    corrected_at: Moment


class BankTransaction(Event):
    """One movement on a bank account, however many messages reported it."""

    topic: ClassVar[str] = "bank.transactions.v1"

    transaction_id: Id
    status: Literal["live", "merged_into", "erased"]
    merged_into: Id | None = None
    """The transaction that this one turned out to be, when status is merged_into."""
    account: Id
    site_id: Id | None
    """Null while no site owns the account; published again when one does."""
    virtual_account: str | None
    amount: PositiveDong
    direction: Direction
    occurred_at: Moment
    """When the bank says that the money moved."""
    received_at: Moment
    """When Khớp first heard of it."""
    memo: Memo | None
    counter_name: PersonName | None
    counter_account: AccountNumber | None
    counter_bank: str | None
    bank_reference: str | None
    """As the bank wrote it, neither trimmed nor folded."""
    balance_after: SignedDong | None
    """Null where the provider does not know it (a reported 0 after money came in means unknown)."""
    provider: str
    seen_by: SeenBy
    sightings: tuple[Sighting, ...]
    payment_code: str | None = None
    """What the provider itself takes for the payment's code or order; mostly it stands in the memo too."""
    possible_duplicate_of: Id | None = None
    """Another transaction that may be this very movement: both stand until a person merges them or tells them apart."""
    corrections: tuple[Correction, ...] = ()
    """Amounts that were told of this movement and were wrong, the oldest first; `amount` is the right one."""

    @property
    def key(self) -> str:
        return self.transaction_id

    @property
    def partition_key(self) -> str:
        return self.account


class StatementLine(Part):
    """One line of a statement and the transaction it is."""

    line: int
    transaction_id: Id | None
    amount: PositiveDong
    direction: Direction
    occurred_at: Moment
    bank_reference: str | None


class StatementGap(Part):
    """A stretch of time between statements of one account that no statement covers."""

    after: Moment
    before: Moment
    difference: SignedDong
    """Opening balance of the later one minus closing balance of the earlier one, in đồng."""


class BankStatement(Event):
    """A bank's own account of a period: opening + credits − debits = closing."""

    topic: ClassVar[str] = "bank.statements.v1"

    statement_id: Id
    account: Id
    site_id: Id | None
    from_date: date = Field(alias="from")
    to_date: date = Field(alias="to")
    opening: SignedDong
    credits: Dong
    debits: Dong
    closing: SignedDong
    lines: tuple[StatementLine, ...]
    gaps: tuple[StatementGap, ...]
    source: str
    """The layout it was read from, such as "csv/vietcombank", "mt940", "camt.053"."""
    overlaps: tuple[Id, ...] = ()
    """Other statements of the account that cover some of the same days."""
    received_at: Moment | None = None
    """When Khớp took it, or when the bank made it, where the file says that: of a last day not yet over it does not tell all."""

    @property
    def key(self) -> str:
        return self.statement_id

    @property
    def partition_key(self) -> str:
        return self.account
