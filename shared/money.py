"""Money is a whole number of đồng, always (DESIGN §5); this module writes and reads it.

An amount is an `int`. There is no rounding anywhere in Khớp, so there is no decimal type.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

MAX_DONG = 10**13 - 1
"""The largest sum that a VietQR carries (tag 54 holds 13 digits), above any payment to a school, far below 2^63."""

_PROMISED_MAX = 10**13
"""The bound of the contracts on topics, which never narrow; no amount that is read or asked reaches it."""

Dong = Annotated[int, Field(strict=True, ge=0, le=_PROMISED_MAX)]
PositiveDong = Annotated[int, Field(strict=True, gt=0, le=_PROMISED_MAX)]
SignedDong = Annotated[int, Field(strict=True, ge=-(10**15), le=10**15)]

_GROUPED = re.compile(r"\d{1,3}([.,])\d{3}(?:\1\d{3})*")


class AmountError(ValueError):
    """A text that is not a whole number of đồng."""


def parse_dong(text: str) -> int:
    """Read a positive amount as people write it: "150000", "1.250.000", "1,250,000 đ".

    A separator counts as grouping only where three digits follow each one, so "12,5" and "1.5" are refused, never
    guessed. Raises AmountError.
    """
    bare = text.strip().lower()
    for unit in ("vnđ", "vnd", "đồng", "đ"):
        bare = bare.removesuffix(unit)
    bare = bare.strip()
    if bare.isascii() and bare.isdigit():
        digits = bare
    elif _GROUPED.fullmatch(bare):
        digits = bare.replace(".", "").replace(",", "")
    else:
        raise AmountError("not a whole number of đồng, such as 150000 or 1.250.000")
    amount = int(digits)
    if not 0 < amount <= MAX_DONG:
        raise AmountError(f"must be between 1 and {MAX_DONG} đồng")
    return amount


def format_dong(amount: int) -> str:
    """Write an amount as Vietnamese readers expect it: 1250000 → "1.250.000 đ"."""
    return f"{amount:,} đ".replace(",", ".")
