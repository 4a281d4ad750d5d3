"""Finding references in a memo, whatever a payer or a bank has made of it.

A memo is read as one run of symbols without its separators, because banks insert, drop and change them inside a code. What is
accepted, from the surest to the least sure:

1. "KH" and a sound word: exact.
2. "KH" and a word with one wrong symbol, two neighbours swapped, or its last symbol cut off at the end of the memo.
3. A sound word behind a damaged "KH": one letter wrong or lost, the two swapped, or the H swapped with the first symbol.
4. "KH" and a word with one symbol lost or one too many.
5. A sound word that stands alone between separators, with no "KH" at all.

Only the first is proof. All others are a proposal: it counts when the proposed reference is that of an open bill at the account
that received the money, with just that amount (matching checks it), which is what makes a wrong repair harmless.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from shared.reference.code import FIRST_SYMBOLS, TRUE_DIGITS, WORD_LENGTH

_LAST = WORD_LENGTH - 1

# The patterns let the regular-expression engine discard what cannot become a word (see FIRST_SYMBOLS and TRUE_DIGITS), so that
# the words examined in Python are few: "chuyen khoan" never is one. A repair changes at most one symbol, or moves it by one.
_FIRST, _DIGIT = f"[{FIRST_SYMBOLS}]", f"[{TRUE_DIGITS}]"
_WORD = rf"{_FIRST}(?=.{{0,7}}{_DIGIT}).{{8}}"
_PREFIXED = re.compile(rf"KH(?=(?:{_FIRST}|.{{1,9}}{_DIGIT})(?<=KH.)?)(?=(.{{8,10}}))".encode())
_BEHIND_ONE_LETTER = re.compile(rf"[HK](?=({_WORD}))".encode())
_BEHIND_WRONG_LETTER = re.compile(rf"K(?=.({_WORD}))".encode())
_FIRST_BEFORE_H = re.compile(rf"K(?=({_FIRST})H(?=.{{0,7}}{_DIGIT})(.{{8}}))".encode())
_ALONE = re.compile(rf" (?=({_FIRST}(?=\w{{0,7}}{_DIGIT})\w{{8}}) )".encode())


class FoundReference(NamedTuple):
    """A reference found in a memo, and where: memo[start:end] is what to highlight."""

    reference: str
    """As printed, whatever the memo's spelling of it."""
    exact: bool
    """All symbols stood there, case, separators and look-alikes apart. Otherwise it is a proposal."""
    edits: int
    """Slips repaired: 0 where exact; a swap is one; a lost prefix is two."""
    start: int
    end: int
    """After the last character. A last symbol that had to be repaired is left out: it may belong to the following text."""
