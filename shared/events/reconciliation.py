"""reconciliation.days.v1 and reconciliation.discrepancies.v1: does the bank agree with the books."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Literal

from shared.events.base import Event, Id, Moment, Part
from shared.money import Dong, SignedDong

CASH_ACCOUNT = "cash"
"""The account under which a site's cash day stands, in a row of its own."""

DayState = Literal["open", "balanced", "discrepant", "closed"]


class ReconciliationDay(Event):
    """A site's business day on one account: what the bank says, what was matched, what is left."""

    topic: ClassVar[str] = "reconciliation.days.v1"

    site_id: Id
    account: Id
    date: dt.date
    state: DayState
    opening: SignedDong | None
    credits: Dong
    debits: Dong
    closing: SignedDong | None
    allocated: Dong
    suspense: Dong
    cash: Dong
    deposits: Dong
    fresh_until: Moment | None
    """Up to when the bank's data of this account is known."""

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
    kind: Literal[
        "missing_webhook", "missing_on_statement", "amount_differs", "duplicate_suspected", "unrouted_account",
        "suspense_old", "balance_break", "silent_site", "undecided_transaction",
    ]  # fmt: skip
    amount: SignedDong
    found_on: dt.date
    age_days: int
    state: Literal["open", "settled"]
    about: DiscrepancyAbout

    @property
    def key(self) -> str:
        return self.discrepancy_id
