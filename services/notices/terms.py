"""How an amount came about: days × price − absences − exemptions, reductions and support. Pure.

Of a deduction only the amount and the decision's number are kept, never its reason: poverty and ethnicity are nobody's
business here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

DeductionKind = Literal["exemption", "reduction", "support", "insurance", "deposit"]
DEDUCTION_KINDS: tuple[DeductionKind, ...] = ("exemption", "reduction", "support")
"""Those that a list or a rule may name; the others are a settlement's."""


@dataclass(frozen=True, slots=True)
class Deduction:
    """What a decision takes off, in đồng."""

    kind: DeductionKind
    amount: int
    decision: str | None = None
    """The number of the decision."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one notice's amount, in đồng."""

    price: int
    days: int = 1
    """Or any other count of units; 1 where nothing is counted."""
    absences: int = 0
    deductions: tuple[Deduction, ...] = ()

    @property
    def gross(self) -> int:
        """Before anything is taken off."""
        return self.price * self.days

    @property
    def amount(self) -> int:
        """What is to be paid; 0 or less where nothing is left."""
        return self.gross - self.absences * self.price - sum(each.amount for each in self.deductions)

    def to_json(self) -> dict[str, Any]:
        """For storing and answering."""
        return {**asdict(self), "deductions": [asdict(each) for each in self.deductions]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Terms:
        """What `to_json` made."""
        return cls(**{**stored, "deductions": tuple(Deduction(**each) for each in stored["deductions"])})
