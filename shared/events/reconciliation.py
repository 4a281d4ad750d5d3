"""reconciliation.days.v1 and reconciliation.discrepancies.v1: does the bank agree with the books."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Literal

from shared.events.base import Event, Id, Moment, Part
from shared.money import SignedDong

CASH_ACCOUNT = "cash"
"""The account under which a site's cash day stands, in a row of its own."""

DayState = Literal["open", "balanced", "discrepant", "closed"]
DataIn = Literal["statement", "balances", "webhooks", "cash"]
"""Why a day's data are taken to be complete (docs/reconciliation.md says when each is)."""
DiscrepancyKind = Literal[
    "missing_webhook", "missing_on_statement", "amount_differs", "duplicate_suspected", "unrouted_account",
    "suspense_old", "balance_break", "silent_site", "undecided_transaction", "cash_difference", "deposit_exceeds_cash",
]  # fmt: skip


class LateFigures(Part):
    """What of a day's figures belongs to days that were closed when it was found; corrections downwards are negative."""

    items: int
    """Transactions, receipts and decisions that were found late."""
    credits: SignedDong = 0
    debits: SignedDong = 0
    allocated: SignedDong = 0
    suspense: SignedDong = 0
    cash: SignedDong = 0
    deposits: SignedDong = 0


class ReconciliationDay(Event):
    """A site's business day on one account: what the bank says, what was matched, what is left.

    Every figure includes what was found late (`late` says how much of it), so that the figures of all days together are all
    money there is. Negative is only what corrects a closed day.
    """

    topic: ClassVar[str] = "reconciliation.days.v1"

    site_id: Id
    account: Id
    date: dt.date
    state: DayState
    opening: SignedDong | None
    credits: SignedDong
    debits: SignedDong
    closing: SignedDong | None
    allocated: SignedDong
    suspense: SignedDong
    cash: SignedDong
    deposits: SignedDong
    """Cash brought to the bank: a part of the credits on a bank account, what left the box on account "cash"."""
    fresh_until: Moment | None
    """Up to when the bank's data of this account is known."""
    bank_credits: SignedDong | None = None
    """What the statement says came in on this day; null without one."""
    bank_debits: SignedDong | None = None
    data_in: DataIn | None = None
    """Why this day's data are taken to be complete; null while they are not."""
    late: LateFigures | None = None
    """What of the figures was found late; null where nothing was."""
    closed_at: Moment | None = None
    closed_by: str | None = None
    """"auto", or the id of the person who closed it."""
    close_reason: str | None = None
    """Why a person closed it in spite of a difference."""

    @property
    def key(self) -> str:
        return f"{self.site_id}/{self.account}/{self.date.isoformat()}"


class DiscrepancyAbout(Part):
    """What a discrepancy is about; only what applies is given."""

    transaction_ids: tuple[Id, ...] = ()
    credit_ids: tuple[Id, ...] = ()
    statement_id: Id | None = None
    account: Id | None = None
    date: dt.date | None = None


class Discrepancy(Event):
    """A difference that a person has to settle, or that was settled."""

    topic: ClassVar[str] = "reconciliation.discrepancies.v1"

    discrepancy_id: Id
    site_id: Id | None
    kind: DiscrepancyKind
    amount: SignedDong
    found_on: dt.date
    age_days: int
    state: Literal["open", "settled"]
    about: DiscrepancyAbout
    due_on: dt.date | None = None
    """By when it should be settled: the sooner the larger, but small ones too."""
    owner_role: str | None = None
    """Whose work its kind is."""
    owner: Id | None = None
    """The person who took it or was given it; null: whoever has the role."""
    settled_by: str | None = None
    """"auto" where its cause is gone, or the id of the person who settled it."""
    settled_at: Moment | None = None
    settled_reason: str | None = None

    @property
    def key(self) -> str:
        return self.discrepancy_id
