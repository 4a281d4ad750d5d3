"""How far what a settlement gives back has come, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from services.portal import words
from services.portal.web.saying import iso_day
from shared.money import format_dong

PAID = frozenset({"paid", "told"})
GIVEN_UP = frozenset({"refused", "withdrawn"})


class GoingBack(NamedTuple):
    """What of a settlement goes back (hoàn ứng)."""

    amount: str
    steps: Sequence[str]
    """How far each part has come; of several parts each with its sum."""
    is_done: bool


def going_back(settled: Mapping[str, Any], refunds: Sequence[Mapping[str, Any]]) -> GoingBack | None:
    """How far a settlement's refunds have come; None where nothing goes back. `refunds`: those of its deposits."""
    to_return: int = settled["to_return"]
    if not to_return:
        return None
    # What was given up is told only where nothing took its place.
    standing = [each for each in refunds if each["state"] not in GIVEN_UP] or list(refunds)
    is_whole = len(standing) == 1 and standing[0]["amount"] == to_return
    steps = [_step(each) if is_whole else f"{format_dong(each['amount'])}: {_step(each)}" for each in standing]
    paid = sum(each["amount"] for each in standing if each["state"] in PAID)
    return GoingBack(format_dong(to_return), steps or [words.treatments.NOT_PROPOSED], paid >= to_return)


def _step(refund: Mapping[str, Any]) -> str:
    paid_on = iso_day(refund["paid_on"]) if refund["paid_on"] else ""
    state = f"{refund['state']}_{refund['way']}" if refund["state"] == "approved" else refund["state"]
    return words.treatments.GOING_BACK[state].format(day=paid_on)
