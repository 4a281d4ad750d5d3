"""What a payer owes, as far as it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import combinations
from typing import Final

from services.matching.matcher.reading import Reading
from services.matching.matcher.sums import Choice, ways
from services.matching.matcher.values import OpenNotice, Payer

NOTICES_MAX: Final = 24
"""Of one payer so many notices are looked at, the latest due."""
DOSSIERS_MAX: Final = 6
"""Of so many dossiers of one name all choices are tried."""


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


def all_of_one_person(reading: Reading, payers: Sequence[Payer]) -> Choice | None:
    """All that is owed for several dossiers of a grown-up of one name, each with a code of its own, where only one choice of dossiers
    makes the sum.
    """
    if not 1 < len(payers) <= DOSSIERS_MAX or any(payer.is_pupil for payer in payers):
        return None
    owed: dict[str, list[list[OpenNotice]]] = {}
    for payer in payers:
        if notices := issued(reading, payer):
            owed.setdefault(payer.name.casefold(), []).append(notices)
    found = [
        tuple(notice for notices in several for notice in notices)
        for dossiers in owed.values()
        for count in range(2, len(dossiers) + 1)
        for several in combinations(dossiers, count)
        if sum(notice.open for notices in several for notice in notices) == reading.incoming.amount
    ]
    return found[0] if len(found) == 1 else None


def was_paid(reading: Reading, payer: Payer) -> bool:
    """Whether a notice of just this sum is paid."""
    return any(notice.due == reading.incoming.amount and not notice.open for notice in latest(payer.notices))
