"""What a day's figures mean on a given date: its state, and the discrepancies that explain it. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeVar

from shared.events import Discrepancy, ReconciliationDay
from shared.events.reconciliation import DayState, DiscrepancyAbout

E = TypeVar("E", ReconciliationDay, Discrepancy)
FindingKind = Literal["undecided_transaction", "amount_differs", "missing_on_statement", "balance_break"]
_NAMESPACE = uuid.UUID("6f1f5f0e-5f0c-5c59-9d53-0d9f1a6f7b11")


@dataclass(frozen=True, slots=True, order=True)
class DayKey:
    """A site's business day on one account (or "cash")."""

    site_id: str
    account: str
    date: date

    @property
    def text(self) -> str:
        """The key on the topic."""
        return f"{self.site_id}/{self.account}/{self.date.isoformat()}"


@dataclass(frozen=True, slots=True)
class Figures:
    """A day's sums over the stored facts, in đồng."""

    key: DayKey
    has_facts: bool
    """Whether any transaction, cash receipt or statement speaks of this day."""
    opening: int | None
    credits: int
    debits: int
    closing: int | None
    allocated: int
    suspense: int
    cash: int
    fresh_until: datetime | None
    statement_id: str | None
    totals_differ_by: int
    """By how much the statement contradicts itself: its lines, its totals and its balances."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that keeps a day from being balanced."""

    kind: FindingKind
    key: DayKey
    amount: int
    transaction_id: str | None = None
    credit_id: str | None = None
    statement_id: str | None = None

    @property
    def discrepancy_id(self) -> str:
        """The same for the same thing found again, by a replay too."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.kind}/{self.transaction_id or self.key.text}"))


def explain(figures: Figures, found: Sequence[Finding], as_of: date) -> tuple[Finding, ...]:
    """Everything that stands in the way of balance. Nothing is held against a day that is not over.

    A break of the balance is told only where no single transaction explains the difference.
    """
    if figures.key.date >= as_of:
        return ()
    if figures.opening is None or figures.closing is None or any(each.kind != "undecided_transaction" for each in found):
        return tuple(found)
    missing = figures.closing - (figures.opening + figures.credits - figures.debits)
    amount = missing or figures.totals_differ_by
    if not amount:
        return tuple(found)
    return (*found, Finding("balance_break", figures.key, amount, statement_id=figures.statement_id))


def state_of(figures: Figures, explained: Iterable[Finding], undecided: bool, as_of: date) -> DayState:
    """Open while the day is not over or a transaction waits for its decision; then balanced or discrepant."""
    if figures.key.date >= as_of or undecided:
        return "open"
    return "discrepant" if any(explained) else "balanced"


def next_day(published: ReconciliationDay | None, figures: Figures, state: DayState) -> ReconciliationDay | None:
    """The day's next version; None where it says what was published last, or where there is nothing to say."""
    if published is None and not figures.has_facts:
        return None
    day = ReconciliationDay(
        site_id=figures.key.site_id,
        account=figures.key.account,
        date=figures.key.date,
        version=published.version if published else 1,
        state=state,
        opening=figures.opening,
        credits=figures.credits,
        debits=figures.debits,
        closing=figures.closing,
        allocated=figures.allocated,
        suspense=figures.suspense,
        cash=figures.cash,
        deposits=0,
        fresh_until=figures.fresh_until,
    )
    return _following(published, day)


def next_discrepancies(
    published: Mapping[str, Discrepancy], explained: Iterable[Finding], derived: frozenset[DayKey], as_of: date
) -> list[Discrepancy]:
    """New versions: what is found (again) is open, what was open on a derived day and is found no more is settled."""
    changed = []
    found = {each.discrepancy_id: each for each in explained}
    for discrepancy_id, finding in found.items():
        before = published.get(discrepancy_id)
        after = _following(before, _discrepancy(discrepancy_id, finding, before, as_of))
        if after is not None:
            changed.append(after)
    for discrepancy_id, before in published.items():
        if discrepancy_id not in found and before.state == "open" and day_of(before) in derived:
            changed.append(before.model_copy(update={"state": "settled", "version": before.version + 1}))
    return sorted(changed, key=lambda each: each.discrepancy_id)


def _discrepancy(discrepancy_id: str, finding: Finding, before: Discrepancy | None, as_of: date) -> Discrepancy:
    found_on = before.found_on if before else as_of
    return Discrepancy(
        discrepancy_id=discrepancy_id,
        version=before.version if before else 1,
        site_id=finding.key.site_id,
        kind=finding.kind,
        amount=finding.amount,
        found_on=found_on,
        age_days=max(0, (as_of - found_on).days),
        state="open",
        about=DiscrepancyAbout(
            transaction_ids=(finding.transaction_id,) if finding.transaction_id else (),
            credit_ids=(finding.credit_id,) if finding.credit_id else (),
            statement_id=finding.statement_id,
            account=finding.key.account,
            date=finding.key.date,
        ),
    )


def day_of(discrepancy: Discrepancy) -> DayKey:
    """The day that a discrepancy of the day book is about."""
    about = discrepancy.about
    assert discrepancy.site_id is not None
    assert about.account is not None
    assert about.date is not None
    return DayKey(discrepancy.site_id, about.account, about.date)


def _following(before: E | None, after: E) -> E | None:
    if before is None:
        return after
    return None if after == before else after.model_copy(update={"version": before.version + 1})
