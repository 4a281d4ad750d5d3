"""Which account pays for whom, learned from what was matched; a habit fades by half in a year."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

HALF_LIFE_DAYS: Final = 365
FAINT: Final = 0.2
"""A habit weaker than this (one payment, two years and a quarter ago) is forgotten."""
PAYERS_MAX: Final = 12
"""Of one account so many payers are kept; above three it pays for anybody, and the account alone says nothing."""


class Habit(NamedTuple):
    """That an account paid for a payer."""

    payer_code: str
    times: int
    last_on: date

    def strength(self, day: date) -> float:
        """How many times it is worth on a day."""
        return float(self.times * 0.5 ** (max(0, (day - self.last_on).days) / HALF_LIFE_DAYS))


class Habits:
    """Habits by site and sender; the sender is an account, or a memo that stood for somebody before."""

    def __init__(self, known: Iterable[tuple[str, str, Habit]] = ()) -> None:
        self._known: dict[tuple[str, str], dict[str, Habit]] = {}
        for site_id, sender, habit in known:
            self._known.setdefault((site_id, sender), {})[habit.payer_code] = habit

    def of(self, site_id: str, sender: str, day: date) -> list[Habit]:
        """For whom this sender pays, the strongest habit first; the order of equal ones is that of their payers' codes."""
        found = self._known.get((site_id, sender))
        if not found:
            return []
        lively = [habit for habit in found.values() if habit.strength(day) >= FAINT]
        return sorted(lively, key=lambda habit: (-habit.strength(day), habit.payer_code))

    def learn(self, site_id: str, sender: str, payer_code: str, day: date) -> None:
        """Note one payment."""
        found = self._known.setdefault((site_id, sender), {})
        known = found.get(payer_code)
        if known is not None:
            found[payer_code] = Habit(payer_code, known.times + 1, max(day, known.last_on))
        elif len(found) < PAYERS_MAX:
            found[payer_code] = Habit(payer_code, 1, day)
