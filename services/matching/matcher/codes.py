"""Payer codes and telephone numbers in a memo, whatever separators they lost."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

from services.matching.matcher.keys import CODE_LENGTH_MIN, phone_key, without_zeros
from services.matching.matcher.reading import Words
from services.matching.matcher.shapes import Shapes

RUNS_MAX: Final = 6
DIGITS_MIN: Final = 3
STRONG_DIGITS_MIN: Final = 8
"""A code of digits alone is told from traces, dates and sums from this length on."""
GLUED_LETTERS_MAX: Final = 4
LETTERS_WITHIN_MAX: Final = 4
"""Longer runs of letters inside are words, not parts of a code."""
CANDIDATES_MAX: Final = 96
_WITHIN = frozenset({"", ".", "-", "_", "/"})
_CODE_WORDS = frozenset({"ma", "mhs", "mahs", "mshs", "ms", "mbn", "id", "code"})
"""The number behind one of these is a code, however short."""


def codes_in(words: Words, shapes: Shapes) -> list[tuple[str, bool]]:
    """(key, whether it is strong) of everything in the memo that could be a payer code of these shapes, longer ones first."""
    runs, gaps, lengths, prefixes = words.runs, words.gaps, shapes.lengths, shapes.prefixes
    longest = max(lengths, default=0) + GLUED_LETTERS_MAX
    found: dict[str, bool] = {}
    last = len(runs)
    for place, first in enumerate(runs):
        letters = 0
        if first[0] > "9":
            # Letters begin a code only where a number follows.
            if place + 1 == last or runs[place + 1][0] > "9" or not _is_within(gaps[place + 1]):
                continue
            if not first.endswith(prefixes):
                continue
            letters = len(first)
        elif not shapes.has_bare_numbers or len(first) > longest:
            continue
        length, digits, is_whole = 0, 0, True
        for end in range(place, min(place + RUNS_MAX, last)):
            piece = runs[end]
            if end > place:
                gap = gaps[end]
                if gap:
                    if not _is_within(gap):
                        break
                    is_whole = False
                if piece[0] > "9" and len(piece) > LETTERS_WITHIN_MAX:
                    break
            length += len(piece)
            if length - letters > longest:
                break
            if piece[0] <= "9":
                digits += len(piece)
                if digits >= DIGITS_MIN and length >= CODE_LENGTH_MIN:
                    strong = (
                        digits >= STRONG_DIGITS_MIN
                        or (digits < length and (is_whole or digits > DIGITS_MIN))
                        or _is_announced(runs, place)
                    )
                    _add(found, "".join(runs[place : end + 1]), letters, lengths, strong=strong)
        if len(found) > CANDIDATES_MAX:
            break
    return sorted(found.items(), key=lambda each: (-len(each[0]), each[0])) if len(found) > 1 else list(found.items())


def _is_within(gap: str) -> bool:
    """Whether a code may go on behind such a sign; a bank's wrap may have put a space beside it."""
    return gap.strip() in _WITHIN


def _is_announced(runs: list[str], start: int) -> bool:
    return start > 0 and (
        runs[start - 1] in _CODE_WORDS or (start > 1 and runs[start - 1] == "hs" and runs[start - 2] == "ma")
    )


def _add(found: dict[str, bool], squeezed: str, letters: int, lengths: AbstractSet[int], *, strong: bool) -> None:
    """Note a candidate, and where letters begin it, those that lack some of them: "anhs0123" holds "hs0123"."""
    for start in range(max(0, letters - GLUED_LETTERS_MAX), max(letters, 1)) if letters else (0,):
        key = without_zeros(squeezed[start:] if start else squeezed)
        if len(key) in lengths:
            found[key] = found.get(key, False) or strong


def phones_in(words: Words) -> list[str]:
    """Keys of the telephone numbers in the memo."""
    found = (phone_key(run) for run in words.runs if 9 <= len(run) <= 11 and run[0] <= "9")
    return [key for key in found if key is not None]
