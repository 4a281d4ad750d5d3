"""What the matcher looks at and what it answers, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from mypy_extensions import mypyc_attr

from services.matching.matcher.evidence import Fact
from services.matching.matcher.keys import class_keys
from services.matching.matcher.text import words_of
from shared.events.fees import Obligation
from shared.events.payments import DecisionStatus, Reason


@mypyc_attr(allow_interpreted_subclasses=True)
@dataclass(slots=True, eq=False)
class OpenNotice:
    """A notice and how much of it is paid. Only `Book` changes it."""

    notice_id: str
    site_id: str
    reference: str
    virtual_account: str | None
    fee_kind: str
    obligation: Obligation
    due_on: date
    amount: int
    is_cancelled: bool
    allocated: int = 0
    payer_code: str | None = None
    """Who owes it, known at the site by this code; None where that was erased."""
    purpose: str = ""
    period: str = ""
    issued_on: date | None = None
    """None: it has always been there."""

    @property
    def due(self) -> int:
        """What the payer owes for it, paid or not, in đồng."""
        return 0 if self.is_cancelled else self.amount

    @property
    def open(self) -> int:
        """What is still to be paid, in đồng; never negative."""
        left = self.amount - self.allocated
        return 0 if self.is_cancelled or left < 0 else left


@dataclass(slots=True, eq=False)
class Payer:
    """Who owes at a site, as the newest of the notices says."""

    site_id: str
    code: str
    name: str
    group: str
    """A pupil's class, as the site writes it; empty for patients and applicants."""
    guardian: str = ""
    phone: str = ""
    words: tuple[str, ...] = field(init=False)
    """The name, folded."""
    groups: tuple[str, ...] = field(init=False)
    """The class, in the forms in which spellings are compared."""
    notices: list[OpenNotice] = field(default_factory=list)
    """Oldest due first."""

    @property
    def is_pupil(self) -> bool:
        """Whether a class is known; else it may be a grown-up, whom "ông" and "bà" announce: a patient, an applicant."""
        return bool(self.groups)

    def __post_init__(self) -> None:
        self.words = words_of(self.name)
        self.groups = class_keys(self.group) if self.group else ()


@dataclass(frozen=True, slots=True)
class SiteRules:
    """What a site decided about settling (directory.sites: settings)."""

    settle_priority: tuple[str, ...] = ()
    oldest_first: bool = False
    match_threshold: float = 0.999
    """The calibrated probability from which words settle a notice without a person."""


@dataclass(slots=True, init=False)
class Incoming:
    """A movement to decide."""

    credit_id: str
    site_id: str | None
    amount: int
    is_money_in: bool
    memo: str
    virtual_account: str | None
    counter_name: str
    counter_account: str
    sender: str | None
    """Which account it came from, in whatever form tells accounts apart; None where the bank does not say."""
    occurred_on: date
    """The site's local day on which the money moved."""
    counter_bank: str
    """The sender's bank, as the receiving bank calls it; a wallet's name where the money comes from one."""
    other_senders: tuple[str, ...]
    """Under which else the same account is known: in a wallet's memo with its holder's name, else as a wallet's."""
    remembered_by: tuple[str, ...]
    """Under which of these a payment of this movement is remembered."""

    # Written out, for the one that a dataclass makes is not compiled: it took a twentieth of what a reference costs.
    def __init__(
        self, credit_id: str, site_id: str | None, amount: int, is_money_in: bool, memo: str = "",
        virtual_account: str | None = None, counter_name: str = "", counter_account: str = "", sender: str | None = None,
        occurred_on: date = date.max, counter_bank: str = "", other_senders: tuple[str, ...] = (),
        remembered_by: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        self.credit_id = credit_id
        self.site_id = site_id
        self.amount = amount
        self.is_money_in = is_money_in
        self.memo = memo
        self.virtual_account = virtual_account
        self.counter_name = counter_name
        self.counter_account = counter_account
        self.sender = sender
        self.occurred_on = occurred_on
        self.counter_bank = counter_bank
        self.other_senders = other_senders
        self.remembered_by = remembered_by


class Share(NamedTuple):
    """A part of the credit for one notice, in đồng."""

    notice_id: str
    amount: int


class Suggestion(NamedTuple):
    """Notices that together could be what a credit pays, and how probable that is."""

    notice_ids: tuple[str, ...]
    score: float


class Decision(NamedTuple):
    """What a credit pays. What `shares` leave over is `balance` where the payer is known by them, else unidentified."""

    status: DecisionStatus
    reason: Reason
    shares: tuple[Share, ...] = ()
    facts: tuple[Fact, ...] = ()
    candidates: tuple[Suggestion, ...] = ()
    """What it may be, best first, where a person decides; what it is, where it is decided."""

    @property
    def allocated(self) -> int:
        """How much of the credit the shares take, in đồng."""
        return sum(share.amount for share in self.shares)
