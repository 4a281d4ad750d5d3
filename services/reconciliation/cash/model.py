"""Cash on its way: which receipts a deposit clears, what a shift must hold, what notes come to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

NOTES: Final = (500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200)
"""The denominations in circulation, in đồng (notes from 1,000 on, and the small ones that some still bring)."""
COUNT_MAX = 100_000
DIFFERENCE_REASONS: Final = ("change_error", "receipt_missing", "counterfeit", "other")


@dataclass(frozen=True, slots=True)
class Open:
    """A deposit or a receipt with what of it is not linked yet."""

    id: str
    at: datetime
    amount: int


@dataclass(frozen=True, slots=True)
class Link:
    """A part of a receipt that a deposit brought to the bank."""

    deposit_id: str
    receipt_id: str
    amount: int


def clear(deposits: Iterable[Open], receipts: Iterable[Open]) -> list[Link]:
    """The oldest deposit clears the oldest receipts that were taken before it; a receipt may be cleared in parts."""
    links = []
    waiting = sorted(receipts, key=lambda receipt: (receipt.at, receipt.id))
    left = {receipt.id: receipt.amount for receipt in waiting}
    first = 0
    for deposit in sorted(deposits, key=lambda deposit: (deposit.at, deposit.id)):
        rest = deposit.amount
        while rest and first < len(waiting) and waiting[first].at <= deposit.at:
            receipt = waiting[first]
            part = min(rest, left[receipt.id])
            links.append(Link(deposit.id, receipt.id, part))
            left[receipt.id] -= part
            rest -= part
            if not left[receipt.id]:
                first += 1
    return links


class CountError(ValueError):
    """Notes that cannot be counted."""


def counted(denominations: Mapping[int, int]) -> int:
    """What notes come to, in đồng; raises CountError."""
    for note, count in denominations.items():
        if note not in NOTES:
            raise CountError(f"there is no note of {note} đồng")
        if not 0 <= count <= COUNT_MAX:
            raise CountError(f"a count must lie between 0 and {COUNT_MAX}")
    return sum(note * count for note, count in denominations.items())


@dataclass(frozen=True, slots=True)
class Till:
    """What a shift's till must hold, in đồng."""

    opening: int
    receipts: int
    paid_out: int

    @property
    def expected(self) -> int:
        """What must be counted."""
        return self.opening + self.receipts - self.paid_out
