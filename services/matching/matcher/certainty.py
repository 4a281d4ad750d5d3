"""How sure words are: evidence in bits, and the probability that so many bits have been seen to mean.

A mark is worth n bits where one payer in 2ⁿ would bear it by chance (Fellegi and Sunter's weights, with u counted on lists of pupils:
one in about 60 bears a given name, one in 30 sits in a class, two pupils of a school seldom share a full name). `probability` is
measured: `python -m tests.corpus.calibrate` decides simulated corpora without a threshold and counts, for each number of bits, how
often the decision was right; isotonic regression makes that rise with the bits. The table below is its output.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

from services.matching.matcher.names import Grade

_NAME_BITS: Final = {
    Grade.GIVEN: 6,
    Grade.MIDDLE: 8,
    Grade.INITIALS: 8,
    Grade.LOST: 7,
    Grade.SHORT: 9,
    Grade.TURNED: 9,
    Grade.SLIP: 10,
    Grade.FULL: 12,
}
NAME_BITS: Final = tuple(_NAME_BITS[grade] for grade in Grade)
"""By grade."""
SHORT_NAME_BITS: Final = -2
"""A name of two words is borne by more children than one of three or four."""
CLASS_BITS: Final = 5
CLASS_DIFFERS_BITS: Final = -12
NAME_BEGINS_BEFORE_BITS: Final = -8
"""A class beside the name outweighs a word before it, which may be a nickname."""
NAME_GOES_ON_BITS: Final = -10
"""It does not outweigh a word behind it: that is another child's given name."""
UNTYPED_BITS: Final = -10
"""Nothing in the memo shows that a person typed it, and the bank names no sender: the name may be the sender's."""
ACCOUNT_BITS: Final = 11
ACCOUNT_AGREES_BITS: Final = 4
CODE_BITS: Final = 16
WEAK_CODE_BITS: Final = 4
"""A short number without letters: a part of a date, a sum or a trace could be equal."""
PHONE_BITS: Final = 9
SOLID_BITS: Final = 8
"""Below this a mark is good for a suggestion only."""

# Of bits from each of these on: the probability that the decision is right.
_CALIBRATED: Final = ((0, 0.2), (5, 0.6), (7, 0.93), (8, 0.9991), (10, 0.9995), (12, 0.9998), (16, 0.9999))


def probability(bits: float) -> float:
    """How probable it is that a decision on so many bits is right."""
    place = bisect_right(_CALIBRATED, (bits, 1.0)) - 1
    return _CALIBRATED[max(place, 0)][1]
