"""What a payer owes, as far as it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
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
    return [notice for notice in there_by(reading.incoming.occurred_on, latest(payer.notices)) if notice.open]


def there_by(day: date, notices: Sequence[OpenNotice]) -> list[OpenNotice]:
    """Those of some notices that were issued by a day; one of unknown day was."""
    return [notice for notice in notices if notice.issued_on is None or notice.issued_on <= day]


def fits(reading: Reading, payer: Payer) -> bool:
    """Whether the payer owes just this sum in some way."""
    return bool(ways(reading.incoming.amount, issued(reading, payer)))
