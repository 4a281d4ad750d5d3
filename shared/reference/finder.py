"""Finding references in a memo, whatever a payer or a bank has made of it.

A memo is read as one run of symbols without its separators, because banks insert, drop and change them inside a code.
What is accepted, from the surest to the least sure:

1. "KH" and a sound word: exact.
2. A sound word behind a damaged "KH": one letter wrong or lost, the two swapped, or the H swapped with the first symbol.
3. "KH" and a word with one wrong symbol, two neighbours swapped, or its last symbol cut off at the end of the memo.
4. "KH" and a word with one symbol lost or one too many.
5. A sound word that stands alone between separators, with no "KH" at all.

Only the first is proof. All others are a proposal: it counts when the proposed reference is that of an open bill at the
account that received the money, with just that amount (matching checks it), which is what makes a wrong repair harmless.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from shared.reference.code import FIRST_SYMBOLS, PREFIX, TRUE_DIGITS, WORD_LENGTH, fill, is_reference, is_word, repair
from shared.reference.letters import SPACE, fold, places

_LAST = WORD_LENGTH - 1

# The patterns let the regular-expression engine discard what cannot become a word (see FIRST_SYMBOLS and TRUE_DIGITS), so
# that few words are examined in Python: "chuyen khoan" never is. A repair changes one symbol, or moves one by one place.
_FIRST, _DIGIT = f"[{FIRST_SYMBOLS}]", f"[{TRUE_DIGITS}]"
_NO_DIGIT = f"[^{TRUE_DIGITS}]"
_HAS_DIGIT = f"(?={_NO_DIGIT}{{0,7}}+{_DIGIT})"
_WORD = rf"{_FIRST}{_HAS_DIGIT}.{{8}}"
_PREFIXED = re.compile(rf"KH(?={_FIRST}|{_NO_DIGIT}{{0,9}}+{_DIGIT})(?=(.{{8,10}}))".encode())
_ONE_LETTER = re.compile(rf"[HK](?=({_WORD}))(?<!KH)".encode())
_WRONG_H = re.compile(rf"K(?=[^H]({_WORD}))".encode())
_H_AFTER_FIRST = re.compile(rf"K(?=({_FIRST})H{_HAS_DIGIT}(.{{8}}))".encode())
_BEGUN = re.compile(rf"(?<![0-9A-Z])KH{_FIRST}[0-9A-Z]{{1,10}}(?![0-9A-Z])".encode())
_ALONE = re.compile(rf" (?=({_FIRST}{_HAS_DIGIT}\w{{8}}) )".encode())


# How surely a candidate was read, the smaller the surer: the order of the list above. Plain integers, since an enumeration's
# attributes and hashes cost as much as the repair itself.
_EXACT, _PREFIX_DAMAGED, _REPAIRED, _LENGTH_WRONG, _PREFIX_LOST = range(5)
_EDITS = (0, 1, 1, 1, 2)


class _Candidate(NamedTuple):
    """A reading of some symbols, by their places among the memo's symbols. Sorts by surety, then from left to right."""

    surety: int
    start: int
    end: int
    word: bytes


_Candidates = Sequence[_Candidate]


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

    Exact ones come first, then proposals whose characters stand together, then those with separators between them. What
    shares a symbol with an exact one is dropped. Proposals may overlap: at most one of them will be an open bill. A reference that
    stands there twice is listed once. Takes time linear in the memo's length. Never raises.
    """
    folded = fold(memo)
    symbols = folded.replace(SPACE, b"")
    candidates: list[_Candidate] = []
    first = _PREFIXED.search(symbols)
    if first is not None and max(first.start(), len(symbols) - first.end() - WORD_LENGTH) < WORD_LENGTH:
        word: bytes = first[1][:WORD_LENGTH]
        if len(word) == WORD_LENGTH and is_word(word):  # beside it nothing has room for another, as in most memos of a QR
            begin, finish = _place(memo, folded, symbols, first.start(), first.end() + WORD_LENGTH)
            return [FoundReference(PREFIX + word.decode(), True, 0, begin, finish)]  # names would cost as much again
    for pattern, read in _READINGS:
        # measured: search costs a fifth of finditer where nothing is found
        match = first if pattern is _PREFIXED else pattern.search(symbols)
        while match is not None:
            candidates += read(match)
            match = pattern.search(symbols, match.end())
    candidates += _alone(folded)
    if not candidates:
        return []
    return _best_first(memo, folded, symbols, candidates)


def _best_first(memo: str, folded: bytes, symbols: bytes, candidates: list[_Candidate]) -> list[FoundReference]:
    """The candidates that may stand beside each other, in the order that `find_references` promises."""
    if len(candidates) == 1:
        return [_found(candidates[0], *_place(memo, folded, symbols, candidates[0].start, candidates[0].end))]
    placed = [(*_place(memo, folded, symbols, each.start, each.end), each) for each in candidates]
    placed.sort(key=lambda each: (each[2].surety > _EXACT, each[1] - each[0] > each[2].end - each[2].start, each[2]))
    found: list[FoundReference] = []
    taken = bytearray(len(symbols))
    words: set[bytes] = set()
    for begin, finish, candidate in placed:
        surety, start, end, word = candidate
        if word in words or any(taken[start:end]):
            continue
        if surety == _EXACT:
            taken[start:end] = b"\x01" * (end - start)
        words.add(word)
        found.append(_found(candidate, begin, finish))
    return found


def _place(memo: str, folded: bytes, symbols: bytes, start: int, end: int) -> tuple[int, int]:
    """From where to where in the memo the characters of symbols[start:end] stand."""
    if memo.isascii() and (begin := folded.find(symbols[start:end])) >= 0:  # unbroken, as most are: no need to count
        return begin, begin + end - start
    origins = places(memo, folded)
    return origins[start], origins[end - 1] + 1


def _found(candidate: _Candidate, begin: int, finish: int) -> FoundReference:
    surety, _, _, word = candidate
    return FoundReference(PREFIX + word.decode(), surety == _EXACT, _EDITS[surety], begin, finish)


def normalize(text: str) -> str | None:
    """The reference as printed, where the text is one and nothing else, apart from case, separators and look-alikes.

    Repairs nothing: None for a reference with a slip, and for one with other text beside it (`find_references` takes those).
    """
    symbols = fold(text).replace(SPACE, b"").decode()
    return symbols if is_reference(symbols) else None


def begun_references(memo: str) -> list[str]:
    """What stands alone in a memo and could be a reference that was cut off or damaged: "KHT35U14", two symbols and more; as references
    are printed. It proves nothing: "KHTT" is perhaps a word.
    """
    return list(dict.fromkeys(match[0].decode() for match in _BEGUN.finditer(fold(memo))))


def _prefixed(match: re.Match[bytes]) -> _Candidates:
    """A word behind a whole "KH"."""
    start, body = match.span()
    following: bytes = match[1]
    word = following[:WORD_LENGTH]
    if len(word) == WORD_LENGTH:
        repaired = repair(word)
        if repaired is not None:
            mended, place = repaired
            surety = _EXACT if place < 0 else _REPAIRED
            # A wrong last symbol is often the first of what follows a reference that was cut.
            return (_Candidate(surety, start, body + (_LAST if place == _LAST else WORD_LENGTH), mended),)
    elif (cut := fill(word, _LAST)) is not None:
        return (_Candidate(_REPAIRED, start, body + _LAST, cut),)
    return _length_wrong(following, start, body)


def _length_wrong(following: bytes, start: int, body: int) -> _Candidates:
    """Words with one symbol lost or one too many; in one of two hundred cases two words explain the same symbols."""
    readings = {(filled, _LAST) for place in range(_LAST) if (filled := fill(following[:_LAST], place)) is not None}
    if len(following) > WORD_LENGTH:
        for place in range(WORD_LENGTH):
            shortened = following[:place] + following[place + 1 :]
            if is_word(shortened):
                readings.add((shortened, WORD_LENGTH + 1))
    return [_Candidate(_LENGTH_WRONG, start, body + length, word) for word, length in readings]


def _one_letter(match: re.Match[bytes]) -> _Candidates:
    """A sound word behind one letter of the prefix: the other was lost, wrong, or stands on the wrong side."""
    return _damaged_prefix(match.start(), 1, match[1])


def _wrong_h(match: re.Match[bytes]) -> _Candidates:
    """A sound word behind K and a letter that should have been H."""
    return _damaged_prefix(match.start(), 2, match[1])


def _h_after_first(match: re.Match[bytes]) -> _Candidates:
    """A sound word whose first symbol changed places with the H."""
    return _damaged_prefix(match.start(), 2, match[1] + match[2])


def _damaged_prefix(start: int, prefix_length: int, word: bytes) -> _Candidates:
    return (_Candidate(_PREFIX_DAMAGED, start, start + prefix_length + WORD_LENGTH, word),) if is_word(word) else ()


def _alone(folded: bytes) -> _Candidates:
    """Sound words between separators, without a prefix."""
    padded = SPACE + folded + SPACE
    match = _ALONE.search(padded)
    if match is None:
        return ()
    found: list[_Candidate] = []
    while match is not None:
        if is_word(match[1]):
            start = match.start() - folded.count(SPACE, 0, match.start())
            found.append(_Candidate(_PREFIX_LOST, start, start + WORD_LENGTH, match[1]))
        match = _ALONE.search(padded, match.end())
    return found


_READINGS: tuple[tuple[re.Pattern[bytes], Callable[[re.Match[bytes]], _Candidates]], ...] = (
    (_PREFIXED, _prefixed),
    (_ONE_LETTER, _one_letter),
    (_WRONG_H, _wrong_h),
    (_H_AFTER_FIRST, _h_after_first),
)
