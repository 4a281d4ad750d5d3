"""What a day's figures mean on a given date: its state, what keeps it from balance, and when it closes. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from shared.events import ReconciliationDay
from shared.events.reconciliation import CASH_ACCOUNT, DataIn, DayState, DiscrepancyKind, LateFigures

AUTOMATON = "auto"
_NAMESPACE = uuid.UUID("6f1f5f0e-5f0c-5c59-9d53-0d9f1a6f7b11")

BLOCKING: frozenset[DiscrepancyKind] = frozenset({
    "undecided_transaction", "amount_differs", "missing_on_statement", "duplicate_suspected", "balance_break",
    "cash_difference", "deposit_exceeds_cash",
})  # fmt: skip
"""What stands between a day and its balance. The others tell of a feed, of old money or of a place, not of this day's sum."""


TOLD_AT_ONCE: frozenset[DiscrepancyKind] = frozenset({"cash_difference", "duplicate_suspected"})
"""What the rest of its day cannot explain any more; everything else is held against a day only when it is over."""


@dataclass(frozen=True, slots=True, order=True)
class DayKey:
    """A site's business day on one account (or "cash"). An account that belongs to no site has the site ""."""

    site_id: str
    account: str
    date: date

    @property
    def text(self) -> str:
        """The key on the topic."""
        return f"{self.site_id}/{self.account}/{self.date.isoformat()}"

    @property
    def is_cash(self) -> bool:
        """Whether it is the cash box's."""
        return self.account == CASH_ACCOUNT


@dataclass(frozen=True, slots=True)
class Sums:
    """What moved and what was decided about it, in đồng."""

    credits: int = 0
    debits: int = 0
    allocated: int = 0
    suspense: int = 0
    cash: int = 0
    deposits: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """What the stored facts and acts say of a day."""

    key: DayKey
    is_expected: bool
    """Whether the account is watched, so that a day without anything is told too."""
    has_facts: bool
    """Whether any transaction, receipt or statement speaks of this day."""
    total: Sums
    """All that counts on this day, what was found late included."""
    late: Sums
    """What of it belongs to closed days."""
    late_items: int
    undecided: int
    """Movements without a decision."""
    waiting: int
    """Statement lines without their transaction, open shifts."""
    opening: int | None
    closing: int | None
    """The bank's balances; of the cash box what must lie in it."""
    bank_credits: int | None = None
    bank_debits: int | None = None
    fresh_until: datetime | None = None
    data_in: DataIn | None = None
    statement_id: str | None = None
    statement_differs_by: int = 0
    """By how much the statement contradicts itself, or does not follow from the one before."""
    balance_missing: int = 0
    """By how much the balances that the bank told with its messages do not follow from one another."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person or the passing of time has to settle."""

    kind: DiscrepancyKind
    key: DayKey
    amount: int
    subject: str = ""
    """What makes it this one and no other; the day itself where empty."""
    transaction_ids: tuple[str, ...] = ()
    credit_ids: tuple[str, ...] = ()
    statement_id: str | None = None
    about_date: date | None = None
    """The day that it is about, where it was found on another."""
    scope: str = field(default="")
    """Where it is looked for: what is looked for there and not found any more is settled."""

    def __post_init__(self) -> None:
        if not self.scope:
            object.__setattr__(self, "scope", day_scope(self.key))

    @property
    def discrepancy_id(self) -> str:
        """The same for the same thing found again, by a replay too."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.kind}/{self.subject or self.key.text}"))


def day_scope(key: DayKey) -> str:
    """The scope of what is found on a day."""
    return f"day:{key.text}"


def differences(figures: Figures, found: Sequence[Finding], as_of: date) -> tuple[Finding, ...]:
    """Everything that is found about a day. What its own evening may still explain is not held against it.

    A break of the balance is told only where no single transaction explains the difference.
    """
    if figures.key.date >= as_of:
        return tuple(each for each in found if each.kind in TOLD_AT_ONCE)
    if figures.key.is_cash:
        exceeding = max(0, -(figures.closing or 0)) - max(0, -(figures.opening or 0))
        return (*found, Finding("deposit_exceeds_cash", figures.key, exceeding)) if exceeding > 0 else tuple(found)
    explaining = {"amount_differs", "missing_on_statement", "duplicate_suspected"}
    if figures.undecided or figures.waiting or any(each.kind in explaining for each in found):
        return tuple(found)
    amount = _balance_break(figures)
    if not amount:
        return tuple(found)
    return (*found, Finding("balance_break", figures.key, amount, statement_id=figures.statement_id))


def _balance_break(figures: Figures) -> int:
    """What the bank's balances say moved and nobody told of, in đồng."""
    if figures.statement_id is None:
        return figures.balance_missing
    own_credits = figures.total.credits - figures.late.credits
    own_debits = figures.total.debits - figures.late.debits
    if figures.opening is None or figures.closing is None:
        return figures.statement_differs_by
    return figures.closing - (figures.opening + own_credits - own_debits) or figures.statement_differs_by


def state_of(figures: Figures, unsettled: Iterable[DiscrepancyKind], as_of: date) -> DayState:
    """Open while the day is not over or something waits; then balanced or, with a difference that stands, discrepant."""
    if figures.key.date >= as_of or figures.undecided or figures.waiting:
        return "open"
    return "discrepant" if any(kind in BLOCKING for kind in unsettled) else "balanced"


@dataclass(frozen=True, slots=True)
class Close:
    """How a day ends."""

    at: datetime
    by: str
    reason: str | None = None


def next_day(
    published: ReconciliationDay | None, figures: Figures, state: DayState, close: Close | None = None
) -> ReconciliationDay | None:
    """The day's next version; None where it says what was published last, or where there is nothing to say."""
    if published is None and not figures.has_facts and not figures.is_expected and close is None:
        return None
    late = None
    if figures.late_items:
        late = LateFigures(items=figures.late_items, **{name: getattr(figures.late, name) for name in Sums.__slots__})
    day = ReconciliationDay(
        site_id=figures.key.site_id,
        account=figures.key.account,
        date=figures.key.date,
        version=published.version if published else 1,
        state="closed" if close else state,
        opening=figures.opening,
        credits=figures.total.credits,
        debits=figures.total.debits,
        closing=figures.closing,
        allocated=figures.total.allocated,
        suspense=figures.total.suspense,
        cash=figures.total.cash,
        deposits=figures.total.deposits,
        fresh_until=figures.fresh_until,
        bank_credits=figures.bank_credits,
        bank_debits=figures.bank_debits,
        data_in=figures.data_in,
        late=late,
        closed_at=close.at if close else None,
        closed_by=close.by if close else None,
        close_reason=close.reason if close else None,
    )
    if published is None:
        return day
    return None if day == published else day.model_copy(update={"version": published.version + 1})


def in_order(closing: Iterable[DayKey], unclosed: Iterable[DayKey]) -> set[DayKey]:
    """Which of these may close: a cash box only after all its earlier days, for each opens with what the one before left."""
    wanted = set(closing)
    waiting = [key for key in unclosed if key.is_cash and key not in wanted]
    first = {site: min(key.date for key in waiting if key.site_id == site) for site in {key.site_id for key in waiting}}
    return {key for key in wanted if not key.is_cash or key.date < first.get(key.site_id, date.max)}


def key_of(day: ReconciliationDay) -> DayKey:
    """The key of a published day."""
    return DayKey(day.site_id, day.account, day.date)
