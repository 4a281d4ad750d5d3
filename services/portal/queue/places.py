"""Where a page of a list begins: after a credit, in one of three orders. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from services.portal.model import CursorError, Place, read_place
from shared.events import Credit

Order = Literal["old", "new", "large"]
ORDERS: tuple[Order, ...] = ("old", "new", "large")
AMOUNT_MAX = 10**15


@dataclass(frozen=True, slots=True)
class After:
    """A page begins after this credit."""

    moment: datetime
    amount: int
    credit_id: str


BEGINNINGS: dict[Order, After] = {
    "old": After(datetime(1970, 1, 1, tzinfo=UTC), 0, ""),
    "new": After(datetime(9999, 12, 31, tzinfo=UTC), 0, ""),
    "large": After(datetime(1970, 1, 1, tzinfo=UTC), AMOUNT_MAX, ""),
}
"""Before everything, in each order."""


def written(order: Order, last: Credit) -> str:
    """The place after a credit."""
    if order == "large":
        return f"{last.amount}-{last.credit_id}"
    return str(Place(last.occurred_at, last.credit_id))


def read(order: Order, text: str) -> After:
    """Read what `written` wrote; raises CursorError."""
    beginning = BEGINNINGS[order]
    if not text:
        return beginning
    place = read_place(text)
    if order != "large":
        return After(place.occurred_at, 0, place.credit_id)
    number, _, credit_id = text.partition("-")
    if int(number) > AMOUNT_MAX:
        raise CursorError
    return After(beginning.moment, int(number), credit_id)
