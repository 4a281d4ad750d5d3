"""Names whose letters with marks a bank replaced by question marks: "B?i H?u Chi?n" for Bùi Hữu Chiến."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from services.matching.matcher.values import Payer

WORDS_MIN: Final = 2
"""A name of fewer words is too little to go by."""
_OF_CLASSES: Final = re.compile(r"(?<![a-z?])(?:l\?p|tu\?i)(?![a-z?])", re.IGNORECASE)
_LOST = re.compile(r"[^\x00-\x7f]")
_OF_WORD: Final = frozenset("?abcdefghijklmnopqrstuvwxyz0123456789")


def with_class_words(memo: str) -> str:
    """A memo with the words before and in a class's name as they were: "l?p 3 tu?i A"."""
    return _OF_CLASSES.sub(lambda word: word[0][0] + ("uoi" if len(word[0]) > 3 else "op"), memo) if "?" in memo else memo


def named_in(memo: str, payers: Iterable[Payer]) -> list[Payer]:
    """Which of these payers' whole names stand in a memo, but for the letters that were lost; none whose name lost nothing."""
    written = _without_marks(memo)
    return [payer for payer in payers if len(payer.words) >= WORDS_MIN and _stands_in(written, _without_marks(payer.name))]


def _without_marks(text: str) -> str:
    return _LOST.sub("?", unicodedata.normalize("NFC", text).lower())


def _stands_in(written: str, name: str) -> bool:
    """Whether a name that lost letters stands among the words of a memo."""
    if "?" not in name:
        return False
    start = written.find(name)
    while start >= 0:
        end = start + len(name)
        if written[start - 1 : start] not in _OF_WORD and written[end : end + 1] not in _OF_WORD:
            return True
        start = written.find(name, start + 1)
    return False
