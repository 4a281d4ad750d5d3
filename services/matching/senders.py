"""Telling sending accounts apart."""

from __future__ import annotations

import re
from typing import Final

from services.matching.matcher.habits import memo_sender
from services.matching.matcher.reading import Reading

ACCOUNT_LENGTH_MIN: Final = 6
_MASKED = re.compile(r"[*•]|[xX]{2}")


def sender_of(counter_account: str) -> str | None:
    """What tells this account from others; None where the bank does not say it, or shows only a part of it."""
    bare = counter_account if counter_account.isalnum() else "".join(sign for sign in counter_account if sign.isalnum())
    return None if len(bare) < ACCOUNT_LENGTH_MIN or _MASKED.search(counter_account) else bare.upper()


def senders_of(reading: Reading) -> list[str]:
    """Under what a payment is remembered: its account, and the memo's own words."""
    own = reading.own_words
    return [*([reading.incoming.sender] if reading.incoming.sender else []), *([memo_sender(own)] if own else [])]
