"""What the simulated payers really paid: against this the system's figures are held."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a simulated movement of money is, and so what should become of it."""

    EXACT = "exact"
    """The bill's amount with its reference intact: matched in full."""
    PARTIAL = "partial"
    """Less than a bill of one line, reference intact: matched in full, the bill stays open."""
    SHORT = "short"
    """Less than a bill of several lines, reference intact: which lines it pays is a person's to say, unless it fits one."""
    OVER = "over"
    """More than the bill, reference intact: the excess stays in suspense."""
    DUPLICATE = "duplicate"
    """A bill paid a second time: the whole amount stays in suspense."""
    MISTYPED = "mistyped"
    """A reference with a slip: matched once references are repaired, until then to review."""
    UNREFERENCED = "unreferenced"
    """No reference at all: to review."""
    CASH = "cash"
    """One notice paid at the cashier's: matched in full."""
    INTEREST = "interest"
    """Money in that pays nothing."""
    MONEY_OUT = "money_out"
    """Not received money; in no total."""


REFERENCED = frozenset({Kind.EXACT, Kind.PARTIAL, Kind.OVER, Kind.DUPLICATE})
"""Bank transfers whose memo carries the bill's reference unharmed."""


@dataclass(slots=True)
class Movement:
    """One movement of money and whether the system has confirmed that it knows."""

    movement_id: str
    kind: Kind
    site_id: str
    account: str
    amount: int
    reference: str | None
    """The bill meant, whether or not the memo says so."""
    notice_id: str | None = None
    """The notice that a cash receipt names."""
    acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of movements and sums in đồng."""

    sent: int
    acknowledged: int
    received: int
    """Credits: bank money in and cash receipts."""
    in_dong: int
    """By bank, interest too."""
    out_dong: int
    cash_dong: int
    received_dong: int
    """in_dong + cash_dong: what the portal's summary must show as received."""
    allocated_at_least_dong: int
    """What a system that takes only intact references allocates."""
    allocated_at_most_dong: int
    """As before, with every mistyped or missing reference recognised too."""


@dataclass(slots=True)
class Truth:
    """Every movement that was sent, kept in memory, and the bills that they pay."""

    movements: list[Movement] = field(default_factory=list)
    bills: dict[str, int] = field(default_factory=dict)
    """What each bill that somebody paid was open for, by reference."""
    attempts: int = 0
    """HTTP requests made to report the movements."""
    answers: Counter[str] = field(default_factory=Counter)
    """The answers by status, with "lost", "unanswered" and the names of connection errors."""

    def add(self, movement: Movement) -> Movement:
        """Remember a movement before it is reported."""
        self.movements.append(movement)
        return movement

    def totals(self, *, acknowledged_only: bool = False) -> Totals:
        """The sums over all movements, or over those that the system has confirmed."""
        counted = [each for each in self.movements if each.acknowledged or not acknowledged_only]
        credits_in = [each for each in counted if each.kind is not Kind.MONEY_OUT]
        cash = sum(each.amount for each in credits_in if each.kind is Kind.CASH)
        received = sum(each.amount for each in credits_in)
        return Totals(
            sent=len(counted),
            acknowledged=sum(each.acknowledged for each in counted),
            received=len(credits_in),
            in_dong=received - cash,
            out_dong=sum(each.amount for each in counted if each.kind is Kind.MONEY_OUT),
            cash_dong=cash,
            received_dong=received,
            allocated_at_least_dong=self._allocated(credits_in, REFERENCED | {Kind.CASH}),
            allocated_at_most_dong=self._allocated(credits_in, frozenset(Kind) - {Kind.INTEREST, Kind.MONEY_OUT}),
        )

    def bill_allocated_at_least(self) -> dict[str, int]:
        """What each bill must have been paid, in đồng, by reference."""
        paid: Counter[str] = Counter()
        for each in self.movements:
            if each.reference is not None and each.kind in REFERENCED | {Kind.CASH}:
                paid[each.reference] += each.amount
        return {reference: min(amount, self.bills[reference]) for reference, amount in paid.items()}

    def _allocated(self, counted: list[Movement], kinds: frozenset[Kind]) -> int:
        paid: Counter[str] = Counter()
        for each in counted:
            if each.reference is not None and each.kind in kinds:
                paid[each.reference] += each.amount
        return sum(min(amount, self.bills[reference]) for reference, amount in paid.items())

    def as_json(self) -> dict[str, object]:
        """The totals, the count of each kind and the answers, for a report."""
        kinds = Counter(each.kind.value for each in self.movements)
        return {
            **asdict(self.totals()),
            "kinds": dict(kinds),
            "attempts": self.attempts,
            "answers": dict(self.answers),
        }
