"""Payer codes and telephone numbers in a memo, whatever separators they lost."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from string import ascii_letters
from typing import Final

from services.matching.matcher.keys import CODE_LENGTH_MIN, phone_key, without_zeros
from services.matching.matcher.outlines import Outline
from services.matching.matcher.shapes import Shapes
from services.matching.matcher.words import Words

RUNS_MAX: Final = 8
"""The longest codes are those of dossiers: "000.00.00.H05-261010-0558"."""
DIGITS_MIN: Final = 3
STRONG_DIGITS_MIN: Final = 8
"""A code of digits alone is told from traces, dates and sums from this length on."""
PREFIX_LETTERS_MAX: Final = 8
"""A code begins with no more letters than these ("TTHLSB.26.0473"); those before them are a word that was typed without a space."""
BROKEN_LETTERS_MAX: Final = 4
LETTERS_WITHIN_MAX: Final = 4
"""Longer runs of letters inside are words, not parts of a code."""
CANDIDATES_MAX: Final = 96
_WITHIN = frozenset({"", ".", "-", "_", "/"})
CODE_WORDS: Final = frozenset({"ma", "mhs", "mahs", "mshs", "ms", "mbn", "id", "code"})
"""The number behind one of these is a code, however short."""


def codes_in(words: Words, shapes: Shapes) -> list[tuple[str, bool]]:
    """(key, whether it is strong) of everything in the memo that could be a payer code of these shapes, longer ones first."""
    found: dict[str, bool] = {}
    has_bare_numbers = shapes.has_bare_numbers
    last = len(words.runs) - 1
    for place, run in enumerate(words.runs):
        if run[0] > "9" and place < last:
            letters = _letters_at(words, place, shapes)
        else:
            letters = 0 if has_bare_numbers and run[0] <= "9" else None
        if letters is not None:
            _collect(found, words, place, letters, shapes)
            if len(found) > CANDIDATES_MAX:
                break
    return sorted(found.items(), key=lambda each: (-len(each[0]), each[0])) if len(found) > 1 else list(found.items())


def _letters_at(words: Words, place: int, shapes: Shapes) -> int | None:
    """With how many letters a code may begin at this run of letters; None where none begins."""
    runs, gaps = words.runs, words.gaps
    first, after = runs[place], runs[place + 1]
    if after[0] <= "9":  # letters begin a code only where a number follows
        return len(first) if first.endswith(shapes.prefixes) and _is_within(gaps[place + 1]) else None
    if first + after not in shapes.prefixes or place + 2 >= len(runs) or runs[place + 2][0] > "9":
        return None
    # "H S2630230": a bank's wrap broke the letters. "MN.LAVANG.012", "NT-K24-0152": they are two.
    is_broken = len(first) + len(after) <= BROKEN_LETTERS_MAX and gaps[place + 1] == " " and not gaps[place + 2]
    is_two = (
        (len(after) > 1 or gaps[place + 1].strip() != "") and _is_within(gaps[place + 1]) and _is_within(gaps[place + 2])
    )
    return len(first) + len(after) if is_broken or is_two else None


def _collect(found: dict[str, bool], words: Words, start: int, letters: int, shapes: Shapes) -> None:
    """Note every code that could begin at a run, whichever of the runs behind it belong to it."""
    runs, gaps = words.runs, words.gaps
    longest = shapes.length_max + PREFIX_LETTERS_MAX
    length, digits, is_whole = 0, 0, True
    for end in range(start, min(start + RUNS_MAX, len(runs))):
        piece = runs[end]
        if end > start and gaps[end]:
            if not _is_within(gaps[end]):
                return
            is_whole = False
        if end > start and piece[0] > "9" and len(piece) > LETTERS_WITHIN_MAX and length >= letters:
            return
        length += len(piece)
        if length - letters > longest:
            return
        if piece[0] <= "9":
            digits += len(piece)
        elif end == start or piece not in shapes.suffixes:
            continue
        if digits >= DIGITS_MIN and length >= CODE_LENGTH_MIN:
            is_strong = (
                digits >= STRONG_DIGITS_MIN
                or (digits < length and (is_whole or digits > DIGITS_MIN))
                or _is_announced(runs, start)
            )
            _add(found, "".join(runs[start : end + 1]), letters, shapes.lengths, strong=is_strong)


def _is_within(gap: str) -> bool:
    """Whether a code may go on behind such a sign; a bank's wrap may have put a space beside it."""
    return gap.strip() in _WITHIN


def _is_announced(runs: list[str], start: int) -> bool:
    return start > 0 and (
        runs[start - 1] in CODE_WORDS or (start > 1 and runs[start - 1] == "hs" and runs[start - 2] == "ma")
    )


def _add(found: dict[str, bool], squeezed: str, letters: int, lengths: AbstractSet[int], *, strong: bool) -> None:
    """Note a candidate, and where letters begin it, those that lack some of them: "anhs0123" holds "hs0123"."""
    for start in range(max(0, letters - PREFIX_LETTERS_MAX), max(letters, 1)) if letters else (0,):
        key = without_zeros(squeezed[start:] if start else squeezed)
        if len(key) in lengths:
            found[key] = found.get(key, False) or strong


def look_alikes(memo: str, lengths: AbstractSet[int]) -> list[str]:
    """Keys of what would be a code if letters were the digits that they look like, longer ones first: "ma hs tho0219", "HSO4.1456",
    "HO5.2O-2611O2-OO49".
    """
    outline = _OUTLINE.of(memo)
    if b"o1" not in outline and b"1o" not in outline:
        return []
    found: dict[str, None] = {}
    for match in _TOKEN.finditer(memo):
        groups = _GROUP.findall(match[0])
        if groups[0].isalpha():  # "Tho 0219" is somebody's name and a number
            continue
        for count in range(len(groups), 0, -1):
            found |= dict.fromkeys(_read_digits("".join(groups[:count]), lengths))
    return sorted(found, key=lambda key: (-len(key), key))


def _read_digits(squeezed: str, lengths: AbstractSet[int]) -> list[str]:
    """Keys of a code whose digits are partly letters; its own letters may end in such ones too."""
    letters = len(squeezed) - len(squeezed.lstrip(ascii_letters))
    found: list[str] = []
    for start in range(min(letters, PREFIX_LETTERS_MAX), -1, -1):
        prefix, digits = squeezed[:start].lower(), squeezed[start:].translate(_DIGITS_OF)
        if not digits.isdecimal():
            break
        key = without_zeros(prefix + digits)
        is_strong = len(digits) > DIGITS_MIN if prefix else len(digits) >= STRONG_DIGITS_MIN
        if digits != squeezed[start:] and is_strong and len(key) in lengths:
            found.append(key)
    return found


_OUTLINE: Final = Outline({"o": "OoIiLl", "1": "0123456789"})
_TOKEN: Final = re.compile("[0-9A-Za-z]+(?:[./_-]? ?(?=[OoIiLl]*[0-9])[0-9OoIiLl]+)*", re.ASCII)
_GROUP: Final = re.compile("[0-9A-Za-z]+", re.ASCII)
_DIGITS_OF: Final = str.maketrans("OoIiLl", "001111")


def phones_in(words: Words) -> list[str]:
    """Keys of the telephone numbers in the memo."""
    found = (phone_key(run) for run in words.runs if 9 <= len(run) <= 11 and run[0] <= "9")
    return [key for key in found if key is not None]
