"""What a statement is, and whether it can be one: opening + credits − debits = closing. Pure."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from services.ingest.model import AHEAD_MAX, NAMESPACE, Reported
from services.ingest.statements.cells import BALANCE_MAX_DONG
from shared.clock import local_day
from shared.events.bank import Direction
from shared.money import MAX_DONG, format_dong

PROVIDER = "statement"
"""The provider of what was found on a statement."""
SPAN_DAYS_MAX = 400
"""Longer than a year's statement."""
DAY_END = timedelta(minutes=1)
"""A statement that was made so shortly before midnight tells the whole day."""
FAULTS_MAX = 20
"""So many are told at once."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a statement, at the place where its sender finds it."""

    row: int
    """As a spreadsheet or an editor numbers rows: the first of the file is 1."""
    column: str
    problem: str


class StatementError(Exception):
    """The file cannot be taken; `faults` say where and why, and quote nothing of it."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults[0].problem)
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Line:
    """One movement as a statement lists it."""

    row: int
    """Where it stands in the file."""
    amount: int
    direction: Direction
    occurred_at: datetime
    day_only: bool = False
    """Whether only the local day is known, of which `occurred_at` is the first moment."""
    reference: str | None = None
    memo: str | None = None
    counter_name: str | None = None
    counter_account: str | None = None
    counter_bank: str | None = None
    balance_after: int | None = None

    @property
    def signed(self) -> int:
        """What it adds to the balance."""
        return self.amount if self.direction == "in" else -self.amount

    @property
    def day(self) -> date:
        """The local day to which it belongs."""
        return local_day(self.occurred_at)

    def reported(self, account: str, provider_id: str) -> Reported:
        """As a report of a transaction."""
        return Reported(
            provider_id=provider_id,
            account=account,
            virtual_account=None,
            amount=self.amount,
            direction=self.direction,
            # In UTC, so that a transaction published again from storage is the same to the letter.
            occurred_at=self.occurred_at.astimezone(UTC),
            memo=self.memo,
            counter_name=self.counter_name,
            counter_account=self.counter_account,
            counter_bank=self.counter_bank,
            bank_reference=self.reference,
            balance_after=self.balance_after,
            day_only=self.day_only,
        )


@dataclass(frozen=True, slots=True)
class Statement:
    """A period of one account, its lines in the order in which they moved the balance."""

    account: str
    source: str
    """The layout it was read from, such as "csv/vietcombank", "mt940", "camt.053"."""
    from_day: date
    to_day: date
    opening: int
    closing: int
    lines: tuple[Line, ...]
    until: datetime | None = None
    """Up to when the bank could tell, where the file says so."""

    @property
    def credits(self) -> int:
        """The sum of what came in, in đồng."""
        return sum(line.amount for line in self.lines if line.direction == "in")

    @property
    def debits(self) -> int:
        """The sum of what went out, in đồng."""
        return sum(line.amount for line in self.lines if line.direction == "out")

    def last_day_at(self, taken_at: datetime) -> date:
        """The last day of which it can tell when it was taken at a moment: a month's statement drawn in its middle ends there."""
        told = max((line.day for line in self.lines), default=self.from_day)
        return min(self.to_day, max(local_day(taken_at), told))

    def known_at(self, taken_at: datetime) -> datetime:
        """When it was taken; where the bank made it before its last day was over, that moment: it tells no more of the day."""
        if self.until is not None and local_day(self.until + DAY_END) == self.to_day:
            return min(taken_at, self.until)
        return taken_at

    @property
    def statement_id(self) -> str:
        """The same for the same period and movements, in whatever format they come."""
        moved = hashlib.sha256(
            "\n".join(f"{line.day} {line.signed} {line.balance_after or ''}" for line in self.lines).encode()
        ).hexdigest()
        name = f"{self.account}/{self.from_day}/{self.to_day}/{self.opening}/{self.closing}/{moved}"
        return str(uuid.uuid5(NAMESPACE, f"statement/{name}"))


@dataclass(frozen=True, slots=True)
class Totals:
    """What a file itself says of its sums; None where it says nothing. Each with the row where it stands."""

    opening: tuple[int, int] | None = None
    closing: tuple[int, int] | None = None
    credits: tuple[int, int] | None = None
    debits: tuple[int, int] | None = None


def in_order(lines: Sequence[Line], opening: int | None) -> tuple[Line, ...]:
    """The lines as they moved the balance: some banks list the newest first."""
    forward = tuple(lines)
    if len(forward) > 1:
        backward = forward[::-1]
        if _breaks(backward, opening) < _breaks(forward, opening):
            return backward
        if _breaks(backward, opening) == _breaks(forward, opening) and forward[0].occurred_at > forward[-1].occurred_at:
            return backward
    return forward


def _breaks(lines: Sequence[Line], opening: int | None) -> int:
    """How often the running balance does not follow from the one before."""
    return len(list(_balance_faults(lines, opening)))


def _balance_faults(lines: Sequence[Line], opening: int | None) -> list[Fault]:
    faults = []
    before = opening
    for line in lines:
        if line.balance_after is None:
            before = None if before is None else before + line.signed
            continue
        if before is not None and before + line.signed != line.balance_after:
            off = line.balance_after - (before + line.signed)
            faults.append(
                Fault(
                    line.row, "balance", f"the balance does not follow from the row before: {format_dong(off)} are missing"
                )
            )
        before = line.balance_after
    return faults


def checked(
    account: str,
    source: str,
    period: tuple[date, date] | None,
    lines: Sequence[Line],
    totals: Totals,
    *,
    last_row: int,
    until: datetime | None = None,
) -> Statement:
    """The statement that these lines make; raises StatementError where sums or balances do not add up.

    Where the file names no opening or closing balance they follow from the running balances of its lines. `until` is up to when
    the bank can tell: when it made the file.
    """
    opening = totals.opening[0] if totals.opening else None
    ordered = in_order(lines, opening)
    if opening is None and ordered and ordered[0].balance_after is not None:
        opening = ordered[0].balance_after - ordered[0].signed
    closing = totals.closing[0] if totals.closing else ordered[-1].balance_after if ordered else opening
    if period is None and ordered:
        days = [line.day for line in ordered]
        period = min(days), max(days)
    if opening is None or closing is None:
        raise StatementError(
            Fault(last_row, "balance", "the opening and closing balance are missing: export with balances, or give them")
        )
    if period is None:
        raise StatementError(Fault(last_row, "file", "neither a period nor a movement is named: the statement says nothing"))
    period = _known_of(period, ordered, until)
    _check_bounds(period, ordered)
    faults = _balance_faults(ordered, opening)
    if faults:
        raise StatementError(*faults[:FAULTS_MAX])
    statement = Statement(account, source, *period, opening, closing, ordered, until)
    _check_sums(statement, totals, last_row)
    return statement


def _known_of(period: tuple[date, date], lines: Sequence[Line], until: datetime | None) -> tuple[date, date]:
    """A period up to its last day that was over when the bank made the file, and no shorter than its movements."""
    if until is None:
        return period
    first, last = period
    over = local_day(until + DAY_END) - timedelta(days=1)
    moved = max((line.day for line in lines if line.day <= last), default=first)
    return first, min(last, max(first, over, moved))


def check_past(statement: Statement, now: datetime) -> None:
    """Raises StatementError where a movement lies more than a day ahead: a day and a month were taken for each other, say."""
    if statement.from_day > local_day(now) + AHEAD_MAX:
        raise StatementError(Fault(1, "file", "the period lies in the future"))
    for line in statement.lines:
        if line.day > local_day(now) + AHEAD_MAX:
            raise StatementError(Fault(line.row, "date", "the day lies in the future"))


def _check_bounds(period: tuple[date, date], lines: Sequence[Line]) -> None:
    first, last = period
    if first > last or (last - first).days > SPAN_DAYS_MAX:
        raise StatementError(Fault(1, "file", f"the period must be 1 to {SPAN_DAYS_MAX} days, the first before the last"))
    for line in lines:
        if not first <= line.day <= last:
            raise StatementError(Fault(line.row, "date", "the day lies outside the statement's period"))
        if not 0 < line.amount <= MAX_DONG:
            raise StatementError(Fault(line.row, "amount", f"must be between 1 and {MAX_DONG} đồng"))


def _check_sums(statement: Statement, totals: Totals, last_row: int) -> None:
    opening, closing = statement.opening, statement.closing
    if max(abs(opening), abs(closing)) > BALANCE_MAX_DONG or max(statement.credits, statement.debits) > MAX_DONG:
        raise StatementError(Fault(last_row, "balance", "is larger than any account's"))
    off = closing - (opening + statement.credits - statement.debits)
    if off:
        row = totals.closing[1] if totals.closing else last_row
        problem = f"opening + credits − debits is not closing: {format_dong(off)} are missing; the file may be cut short"
        raise StatementError(Fault(row, "closing", problem))
    for name, told, actual in (("credits", totals.credits, statement.credits), ("debits", totals.debits, statement.debits)):
        if told is not None and told[0] != actual:
            missing = format_dong(told[0] - actual)
            raise StatementError(Fault(told[1], name, f"the total is not the sum of the rows: {missing} are missing"))
