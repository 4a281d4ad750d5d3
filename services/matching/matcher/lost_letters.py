"""Names whose letters with marks a bank replaced by question marks: "B?i H?u Chi?n" for Bùi Hữu Chiến."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from services.matching.matcher.values import Payer
from services.matching.matcher.vocabulary import NAME_WORDS, PHRASES, PLAIN_WORDS

WORDS_MIN: Final = 2
"""A name of fewer words is too little to go by."""
_OF_CLASSES: Final = re.compile(r"(?<![a-z?])(?:l\?p|tu\?i)(?![a-z?])", re.IGNORECASE)
_NEXT_WORD: Final = re.compile(" +([a-z?]+)")
_ORDINARY: Final = frozenset([*PLAIN_WORDS, *PHRASES])
"""What may stand behind a name and goes on with none."""
_LOST = re.compile(r"[^\x00-\x7f]")
_OF_WORD: Final = frozenset("?abcdefghijklmnopqrstuvwxyz0123456789")


def with_class_words(memo: str) -> str:
    """A memo with the words before and in a class's name as they were: "l?p 3 tu?i A"."""
    return _OF_CLASSES.sub(lambda word: word[0][0] + ("uoi" if len(word[0]) > 3 else "op"), memo) if "?" in memo else memo


def named_in(memo: str, payers: Iterable[Payer]) -> list[Payer]:
    """Which of these payers' whole names stand in a memo, but for the letters that were lost, and do not go on; none whose name lost
    nothing.
    """
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
            return not _goes_on(written, end)
        start = written.find(name, start + 1)
    return False


def _goes_on(written: str, end: int) -> bool:
    """Whether another word of a name follows: "B?i H?u Chi?n Th??ng" is another's; but "B?i H?u Chi?n n?p ti?n"."""
    following = _NEXT_WORD.match(written, end)
    if following is None:
        return False
    word = following[1]
    if "?" not in word:
        return word in NAME_WORDS and word not in _ORDINARY
    lost = re.compile(word.replace("?", "."))
    return not any(lost.fullmatch(each) for each in _ORDINARY)
