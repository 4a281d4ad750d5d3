"""What a payer owes, as far as it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.matching.matcher.reading import Reading
from services.matching.matcher.sums import ways
from services.matching.matcher.values import OpenNotice, Payer

NOTICES_MAX: Final = 24
"""Of one payer so many notices are looked at, the latest due."""


def latest(notices: Sequence[OpenNotice]) -> Sequence[OpenNotice]:
    """So many of a payer's notices as are looked at."""
    return notices if len(notices) <= NOTICES_MAX else notices[-NOTICES_MAX:]


def issued(reading: Reading, payer: Payer) -> list[OpenNotice]:
    """A payer's open notices that were there on the day of the transfer."""
    day = reading.incoming.occurred_on
    return [
        notice for notice in latest(payer.notices) if (notice.issued_on is None or notice.issued_on <= day) and notice.open
    ]


def fits(reading: Reading, payer: Payer) -> bool:
    """Whether the payer owes just this sum in some way."""
    return bool(ways(reading.incoming.amount, issued(reading, payer)))
