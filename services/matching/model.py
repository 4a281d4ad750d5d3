"""What the ledger knows of notices beyond the matcher, and through whom a fee was paid. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from services.matching.matcher import OpenNotice
from shared.events.payments import PaidThrough

STAFF_ACCOUNT: Final = ""
"""In the place of a payer's code: what a person said of an account holds for every payer."""
FIRST_RECEIPT: Final = datetime(2000, 1, 1, tzinfo=UTC)
RECEIPT_AHEAD_MAX: Final = timedelta(days=1)
"""A clock may be wrong, a day may have begun elsewhere; more is a slip of the hand."""


@dataclass(eq=False)
class Owed(OpenNotice):
    """A notice with what else is known of how it may be paid. Without slots of its own: they would hide those of a compiled notice."""

    helper_declared_at: datetime | None = None
    """When somebody said on the payer's page that they pay for the payer."""
    priority: int | None = None
    """Its place when a payment that is too small settles the bill."""
    change: int = 0
    """The number of the last change of it that is known."""


def paid_through(notice: OpenNotice | None, at: datetime, said: Mapping[str, PaidThrough]) -> PaidThrough:
    """Who paid, from what was said or clicked, never guessed from names.

    `said`: what people said of the sending account before, by payer code. Without a word it was a helper, where one declared that
    on the payer's page before the money moved.
    """
    if notice is None:
        return "unknown"
    word = said.get(notice.payer_code or "") or said.get(STAFF_ACCOUNT)
    if word is not None:
        return word
    declared = notice.helper_declared_at if isinstance(notice, Owed) else None
    return "helper" if declared is not None and declared <= at else "unknown"


def may_be_received(at: datetime, now: datetime) -> bool:
    """Whether a receipt may tell of this moment: between 2000 and tomorrow."""
    return FIRST_RECEIPT <= at <= now + RECEIPT_AHEAD_MAX
