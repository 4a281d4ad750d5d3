"""What is left of a treatment's cost. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from services.notices.terms import Deduction, Terms


@dataclass(frozen=True, slots=True)
class Settlement:
    """A treatment's sums, in đồng."""

    total: int
    insurance: int
    """What the health insurance pays."""
    deposit: int
    """What the patient has paid as deposit."""

    @property
    def to_pay(self) -> int:
        """What the patient still pays."""
        return max(0, self.total - self.insurance - self.deposit)

    @property
    def to_return(self) -> int:
        """What the patient gets back."""
        return max(0, self.deposit - (self.total - self.insurance))

    @property
    def terms(self) -> Terms:
        """How the rest came about."""
        taken = (Deduction("insurance", self.insurance), Deduction("deposit", self.deposit))
        return Terms(self.total, deductions=tuple(each for each in taken if each.amount))
