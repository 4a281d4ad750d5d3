"""What the memo of money that left says about why it left. Pure. Only this word is kept of a memo, never its text."""

from __future__ import annotations

import re
from typing import Literal

from shared.vietnamese import search_key

MemoWord = Literal["reversal", "refund", "remittance"]

_REVERSAL = re.compile(
    r"\b(?:(?:dao|huy|hoan(?: lai| tra)?|thoai|revert|reverse) (?:giao dich|gd|lenh)|reversal|chargeback|rev txn|"
    r"hoan tien giao dich|giao dich (?:loi|khong thanh cong))\b"
)
"""Words of banks that take a posting back (their statements; see docs/reconciliation.md)."""
_REFUND = re.compile(
    r"\b(?:hoan (?:tra|tien|lai|phi|thu|ung)|tra lai|chuyen tra|tra tien thua|nop thua|nop nham|chuyen nham|thoai thu|refund)\b"
)
_REMITTANCE = re.compile(r"\b(?:bhyt|bhxh|bao hiem (?:y te|xa hoi|than the)|thu ho|trich nop|chuyen nop)\b")


def memo_says(memo: str) -> MemoWord | None:
    """The strongest of: a bank's reversal, a refund, money handed on to another body."""
    text = " ".join(re.split(r"[\W_]+", search_key(memo)))
    if _REVERSAL.search(text):
        return "reversal"
    if _REFUND.search(text):
        return "refund"
    return "remittance" if _REMITTANCE.search(text) else None
