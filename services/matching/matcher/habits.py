"""Which account pays for whom, learned from what was matched; a habit fades by half in a year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

HALF_LIFE_DAYS: Final = 365
FAINT: Final = 0.2
"""A habit weaker than this (one payment, two years and a quarter ago) is forgotten."""
PAYMENTS_MAX: Final = 64
"""Of one sender so many payments are looked at, the last ones."""


FAMILY_MAX: Final = 3
"""Who pays for more payers than this pays for anybody."""


class Payment(NamedTuple):
    """That a sender paid for these payers in one transfer."""

    day: date
    payer_codes: tuple[str, ...]


class Habits:
    """The last payments by site and sender; a sender is an account, or a memo that stood for somebody before."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], list[Payment]] = {}

    def of(self, site_id: str, sender: str, day: date) -> list[str]:
        """Codes of the payers for whom this sender pays, the strongest habit first; equal ones in the order of their codes."""
        return lively(self._known.get((site_id, sender), ()), day)

    def learn(self, site_id: str, sender: str, payment: Payment) -> None:
        """Note one payment, later than those before."""
        known = self._known.get((site_id, sender))
        if known is None:
            self._known[site_id, sender] = [payment]
        else:
            known.append(payment)
            del known[:-PAYMENTS_MAX]


def memo_sender(own_words: str) -> str:
    """A memo's own words as a sender; no account looks like it."""
    return f"memo/{own_words}"


def lively(payments: Sequence[Payment], day: date) -> list[str]:
    """Of these payments the payers for whom it is still a habit, the strongest first."""
    strengths: dict[str, float] = {}
    for payment in payments:
        strength = 0.5 ** (max(0, (day - payment.day).days) / HALF_LIFE_DAYS)
        for code in payment.payer_codes:
            strengths[code] = strengths.get(code, 0.0) + strength
    return sorted(
        (code for code, strength in strengths.items() if strength >= FAINT), key=lambda code: (-strengths[code], code)
    )
