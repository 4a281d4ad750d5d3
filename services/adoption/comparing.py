"""Before, during and after a campaign: which days, how sure a share is, and when there is too little to say. Pure.

The interval is Wilson's (1927, doi:10.1080/01621459.1927.10502953): it keeps its promise for few payers and for shares
near 0 and 1, where the textbook interval fails and a resampled (bootstrap) one collapses to a point, and it needs no random
numbers, so the same facts give the same figure. A difference of two shares has the interval of Newcombe (1998, method 10,
doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I), made of two of Wilson's. Both take payers as
independent of each other, which pupils of one class are not quite: the true uncertainty is larger, never smaller.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from services.adoption.model import ONE_DAY, Range

Stretch = Literal["before", "during", "after"]
STRETCHES: tuple[Stretch, ...] = ("before", "during", "after")

STRETCH_DAYS_MIN, STRETCH_DAYS_MAX = 28, 92
"""Fees come in monthly rounds: a shorter stretch may hold none, and a longer one reaches into another season."""
PAYERS_MIN = 30
"""With fewer payers in a stretch the interval spans a third of all shares: nothing can be said."""
Z_95 = 1.959963984540054
"""The normal distribution's 97.5th percentile: 95 % of intervals made so hold the true share."""

Verdict = Literal["too_little_data", "no_clear_difference", "higher", "lower"]


@dataclass(frozen=True, slots=True)
class Interval:
    """From and to, both shares from 0 to 1 (or differences of two, from −1 to 1)."""

    low: float
    high: float


def stretch_of(stretch: Stretch, starts_on: date, ends_on: date) -> Range:
    """The days of a stretch. Before and after are as long as the campaign, but a month at least and a quarter at most."""
    length = min(max((ends_on - starts_on).days + 1, STRETCH_DAYS_MIN), STRETCH_DAYS_MAX)
    match stretch:
        case "before":
            return Range(starts_on - timedelta(days=length), starts_on - ONE_DAY)
        case "during":
            return Range(starts_on, ends_on)
        case "after":
            return Range(ends_on + ONE_DAY, ends_on + timedelta(days=length))


def wilson(successes: int, trials: int) -> Interval | None:
    """The 95 % interval of a share; None over nothing."""
    if trials == 0:
        return None
    share, spread = successes / trials, Z_95 * Z_95 / trials
    middle = share + spread / 2
    reach = Z_95 * math.sqrt(share * (1 - share) / trials + spread / (4 * trials))
    low, high = (middle - reach) / (1 + spread), (middle + reach) / (1 + spread)
    # At the ends the formula gives 0 and 1 exactly; floating point does not.
    return Interval(0.0 if successes == 0 else max(0.0, low), 1.0 if successes == trials else min(1.0, high))


def difference(before: tuple[int, int], after: tuple[int, int]) -> Interval | None:
    """The 95 % interval of the later share less the earlier one, each given as successes of trials."""
    was, became = wilson(*before), wilson(*after)
    if was is None or became is None:
        return None
    first, second = before[0] / before[1], after[0] / after[1]
    gap = second - first
    return Interval(
        gap - math.hypot(second - became.low, was.high - first), gap + math.hypot(became.high - second, first - was.low)
    )


def verdict(before: tuple[int, int], after: tuple[int, int]) -> Verdict:
    """What may be said of two shares. Never why: a few communes cannot tell a campaign from a harvest."""
    between = difference(before, after)
    if between is None or min(before[1], after[1]) < PAYERS_MIN:
        return "too_little_data"
    if between.low > 0:
        return "higher"
    return "lower" if between.high < 0 else "no_clear_difference"
