"""Silence: no money where it normally comes, learned from an account's own past by weekday. Pure.

For each weekday the share of days with money is learned from the eight weeks before the quiet began. The quiet days' chances
to be quiet are multiplied: on a Sunday without money nothing is learned, two quiet Mondays of a canteen are strange. One
quiet day alone is never told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

LEARNED_FROM = timedelta(weeks=8)
LOOKED_BACK = timedelta(weeks=17)
"""A quiet longer than this less the eight weeks has nothing left to be learned from: it has become the habit."""
TIMES_MIN = 4
"""A weekday of which fewer days are known says nothing."""
CHANCE_MAX = 0.02
"""How unlikely the quiet must be. A weekday with money eight times out of eight gives (1/9)² = 0.012 after two days."""
TELLING_DAYS_MIN = 2
TELLING_SHARE_MIN = 0.2
"""A weekday that brought money more rarely is no sign of anything."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A quiet that the account's own past does not explain."""

    since: date
    """The first quiet day."""
    usual: int
    """What a day with money brought before, on average, in đồng."""


def silence_of(money: Mapping[date, int], as_of: date) -> Silence | None:
    """Whether an account is strangely quiet. `money` tells what came in on each day that is known.

    That nothing came today says nothing yet; that something came does.
    """
    known = sorted(day for day in money if day < as_of or (day == as_of and money[day] > 0))
    last = next((day for day in reversed(known) if money[day] > 0), None)
    if last is None:
        return None
    quiet = [day for day in known if day > last]
    past = [day for day in known if last - LEARNED_FROM < day <= last]
    chance, telling = 1.0, 0
    for day in quiet:
        same = [each for each in past if each.weekday() == day.weekday()]
        if len(same) < TIMES_MIN:
            continue
        share = sum(money[each] > 0 for each in same) / (len(same) + 1)
        chance *= 1 - share
        telling += share >= TELLING_SHARE_MIN
    if telling < TELLING_DAYS_MIN or chance > CHANCE_MAX:
        return None
    paid = [money[day] for day in past if money[day] > 0]
    return Silence(quiet[0], sum(paid) // len(paid))
