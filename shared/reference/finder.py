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
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from shared.reference.code import FIRST_SYMBOLS, PREFIX, TRUE_DIGITS, WORD_LENGTH, fill, is_reference, is_word, repair
from shared.reference.letters import SPACE, fold, places

_LAST = WORD_LENGTH - 1

# The patterns let the regular-expression engine discard what cannot become a word (see FIRST_SYMBOLS and TRUE_DIGITS), so that
# the words examined in Python are few: "chuyen khoan" never is one. A repair changes at most one symbol, or moves it by one.
_FIRST, _DIGIT = f"[{FIRST_SYMBOLS}]", f"[{TRUE_DIGITS}]"
_WORD = rf"{_FIRST}(?=.{{0,7}}{_DIGIT}).{{8}}"
_PREFIXED = re.compile(rf"KH(?=(?:{_FIRST}|.{{1,9}}{_DIGIT}|{_DIGIT}{_FIRST}))(?=(.{{8,10}}))".encode())
_BEHIND_ONE_LETTER = re.compile(rf"(?:K|(?<!K)H)(?=({_WORD}))".encode())
_BEHIND_WRONG_LETTER = re.compile(rf"K(?=[^H]({_WORD}))".encode())
_FIRST_BEFORE_H = re.compile(rf"K(?=({_FIRST})H(?=.{{0,7}}{_DIGIT})(.{{8}}))".encode())
_ALONE = re.compile(rf" (?=({_FIRST}(?=\w{{0,7}}{_DIGIT})\w{{8}}) )".encode())


class _Surety(IntEnum):
    """How a candidate was read; the smaller, the surer. The order of the list above."""

    EXACT = 0
    REPAIRED = 1
    PREFIX_DAMAGED = 2
    LENGTH_WRONG = 3
    PREFIX_LOST = 4


class _Candidate(NamedTuple):
    """A reading of some symbols, by their places among the memo's symbols. Candidates sort by surety, then from left to right."""

    surety: _Surety
    start: int
    end: int
    word: bytes


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


def find_references(memo: str) -> list[FoundReference]:
    """Every reference in a memo, the surest first, then in the memo's order; an empty list where there is none.

    Where two readings share a symbol the surer one stands, then the one more to the left, and the other is dropped; a reference
    that stands there twice is listed once. Takes time linear in the memo's length. Never raises.
    """
    folded = fold(memo)
    symbols = folded.replace(SPACE, b"")
    candidates = [*_prefixed(symbols), *_prefix_damaged(symbols), *_alone(folded)]
    if not candidates:
        return []
    origins = places(memo, folded)
    found: list[FoundReference] = []
    taken: set[int] = set()
    words: set[bytes] = set()
    for surety, start, end, word in sorted(candidates):
        if word in words or not taken.isdisjoint(range(start, end)):
            continue
        taken.update(range(start, end))
        words.add(word)
        edits = 2 if surety is _Surety.PREFIX_LOST else min(surety, 1)
        found.append(
            FoundReference(PREFIX + word.decode(), surety is _Surety.EXACT, edits, origins[start], origins[end - 1] + 1)
        )
    return found


def normalize(text: str) -> str | None:
    """The reference as printed, where the text is one and nothing else, apart from case, separators and look-alikes.

    Repairs nothing: None for a reference with a slip, and for one with other text beside it (`find_references` takes those).
    """
    symbols = fold(text).replace(SPACE, b"").decode()
    return symbols if is_reference(symbols) else None


def _prefixed(symbols: bytes) -> Iterator[_Candidate]:
    """Words behind a whole "KH"."""
    for match in _PREFIXED.finditer(symbols):
        start, body = match.start(), match.end()
        following: bytes = match[1]
        word = following[:WORD_LENGTH]
        repaired = repair(word) if len(word) == WORD_LENGTH else None
        if repaired is not None:
            mended, place = repaired
            surety = _Surety.EXACT if place < 0 else _Surety.REPAIRED
            # A wrong last symbol is often the first of what follows a reference that was cut.
            yield _Candidate(surety, start, body + (_LAST if place == _LAST else WORD_LENGTH), mended)
        elif len(word) == _LAST and (cut := fill(word, _LAST)) is not None:
            yield _Candidate(_Surety.REPAIRED, start, body + _LAST, cut)
        else:
            yield from _length_wrong(following, start, body)


def _length_wrong(following: bytes, start: int, body: int) -> Iterator[_Candidate]:
    """Words with one symbol lost or one too many; none where two different words would explain the same symbols."""
    readings = {(filled, _LAST) for place in range(_LAST) if (filled := fill(following[:_LAST], place)) is not None}
    if len(following) > WORD_LENGTH:
        for place in range(WORD_LENGTH):
            shortened = following[:place] + following[place + 1 :]
            if is_word(shortened):
                readings.add((shortened, WORD_LENGTH + 1))
    if len(readings) == 1:
        word, length = readings.pop()
        yield _Candidate(_Surety.LENGTH_WRONG, start, body + length, word)


def _prefix_damaged(symbols: bytes) -> Iterator[_Candidate]:
    """Sound words with a part of the prefix before them. With both letters there, `_prefixed` has the same word and is surer."""
    for pattern, letters in ((_BEHIND_ONE_LETTER, 1), (_BEHIND_WRONG_LETTER, 2)):
        for match in pattern.finditer(symbols):
            word: bytes = match[1]
            if is_word(word):
                end = match.start() + letters + WORD_LENGTH
                yield _Candidate(_Surety.PREFIX_DAMAGED, match.start(), end, word)
    for match in _FIRST_BEFORE_H.finditer(symbols):
        word = match[1] + match[2]
        if is_word(word):
            yield _Candidate(_Surety.PREFIX_DAMAGED, match.start(), match.start() + len(PREFIX) + WORD_LENGTH, word)


def _alone(folded: bytes) -> Iterator[_Candidate]:
    """Sound words between separators, without a prefix."""
    for match in _ALONE.finditer(SPACE + folded + SPACE):
        word: bytes = match[1]
        if is_word(word):
            start = match.start() - folded.count(SPACE, 0, match.start())
            yield _Candidate(_Surety.PREFIX_LOST, start, start + WORD_LENGTH, word)
