"""Which part of a memo was recognised: what a reader's eye should find first. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.reference import find_references
from shared.vietnamese import strip_diacritics


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a memo."""

    text: str
    is_marked: bool


def marked(memo: str, references: Iterable[str], codes: Iterable[str], names: Iterable[str]) -> list[Piece]:
    """The memo in pieces, with what names one of these bills, payer codes or payers marked."""
    spans = [*_references(memo, set(references)), *_codes(memo, codes), *_names(memo, names)]
    pieces: list[Piece] = []
    at = 0
    for start, end in _merged(spans):
        if start > at:
            pieces.append(Piece(memo[at:start], is_marked=False))
        pieces.append(Piece(memo[start:end], is_marked=True))
        at = end
    if at < len(memo):
        pieces.append(Piece(memo[at:], is_marked=False))
    return pieces


def _references(memo: str, wanted: set[str]) -> Iterable[tuple[int, int]]:
    return ((found.start, found.end) for found in find_references(memo) if found.reference in wanted) if wanted else ()


def _codes(memo: str, codes: Iterable[str]) -> Iterable[tuple[int, int]]:
    """A payer's code, whatever a bank put between its characters."""
    for code in codes:
        letters = [letter for letter in code if letter.isalnum()]
        if len(letters) >= 4:
            pattern = r"[\s._/:-]?".join(map(re.escape, letters))
            yield from (match.span() for match in re.finditer(pattern, memo, re.IGNORECASE))


def _names(memo: str, names: Iterable[str]) -> Iterable[tuple[int, int]]:
    """A payer's full name, with or without diacritics."""
    # Letter for letter, so that places in the bare memo are places in the memo; a letter that becomes two spoils that.
    bare = "".join(letter if len(letter) == 1 else "?" for letter in map(strip_diacritics, memo)).lower()
    if len(bare) != len(memo):
        return
    for name in names:
        words = strip_diacritics(name).lower().split()
        if len(words) >= 2:
            pattern = r"(?<!\w)" + r"[\s._-]*".join(map(re.escape, words)) + r"(?!\w)"
            yield from (match.span() for match in re.finditer(pattern, bare))


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        elif end > start:
            merged.append((start, end))
    return merged
