"""What a credit means to a reader, and where a page of a list begins. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from shared.events import Credit

State = Literal["matched", "review", "ignored"]
NO_SITE = ""
"""The site of money whose account belongs to no site yet."""

_NO_INCOME = frozenset({"not_income", "cash_deposit"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"([0-9]{1,17})-(.{1,200})", re.DOTALL)
"""Microseconds of at most 17 digits reach the year 5138, so that every number is a time."""


_BY_HAND: Final = frozenset({"by_hand", "cash_deposit"})


def state_of(credit: Credit) -> State:
    """Whether a credit is settled, waits for a person, or is no fee at all.

    Money out, interest, cash brought to the bank, and what a person declared no fee are not to be reviewed.
    """
    no_fee = credit.suspense_parts.not_a_fee == credit.amount
    if credit.status == "matched" and not no_fee:
        return "matched"
    if credit.status == "ignored" or credit.direction == "out" or credit.reason in _NO_INCOME or no_fee:
        return "ignored"
    return "review"


def excess_of(credit: Credit) -> int:
    """What of a credit is over: the payer's balance, what waits to be given back, and what was paid twice, in đồng."""
    if credit.direction != "in":
        return 0
    parts = credit.suspense_parts
    return parts.balance + parts.to_return + (parts.unidentified if _is_second_payment(credit) else 0)


def put_aside_of(credit: Credit) -> int:
    """What of a credit a person said pays no notice, and may be put back, in đồng; not what a settlement left over."""
    if credit.direction != "in" or credit.reason not in _BY_HAND or any(each.settled for each in credit.undone):
        return 0
    parts = credit.suspense_parts
    return parts.not_a_fee + parts.to_return + parts.balance


def is_excess(credit: Credit) -> bool:
    """Whether it belongs among what was paid too much, or paid twice and waits for a person."""
    return excess_of(credit) > 0 or _is_second_payment(credit)


def _is_second_payment(credit: Credit) -> bool:
    return credit.reason == "duplicate" and state_of(credit) == "review"


class CursorError(ValueError):
    """A place in a list that this program did not write."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after this credit, in the order newest first."""

    occurred_at: datetime
    credit_id: str

    def __str__(self) -> str:
        return f"{(self.occurred_at - _EPOCH) // timedelta(microseconds=1)}-{self.credit_id}"


def read_place(text: str) -> Place:
    """Read what `str(Place)` wrote; raises CursorError."""
    match = _CURSOR.fullmatch(text)
    if match is None or "\0" in match[2]:
        raise CursorError
    return Place(_EPOCH + timedelta(microseconds=int(match[1])), match[2])
