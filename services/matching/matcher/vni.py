"""Words typed in VNI where no input method took the keystrokes, so that digits stand for the marks: "Tra6n2 Thi5 Thu Thu7".

A digit behind a word is mostly a class or a count. So nothing is undone but where the memo shows that somebody typed VNI, and then
nothing that may be a class as well, unless another one stands in the memo.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from itertools import pairwise
from string import ascii_lowercase
from typing import Final, NamedTuple

from services.matching.matcher.outlines import Outline
from services.matching.matcher.text import SYLLABLES
from services.matching.matcher.vocabulary import ANY_FAMILIES, CHILD_WORDS, COUNTED_WORDS

NAME_LENGTH_MIN: Final = 3
"""Words that end in a digit are evidence only in so many words of a name."""

# 6 makes â, ê, ô of the letter before it, 7 ơ and ư, 8 ă, 9 đ; 1 to 5 are the tones. Written to begin with the digit: the engine then
# looks at no letter.
_MARK = re.compile(
    "[1-9](?<=[a-z][1-9])(?:(?<=[aeo]6|[ou]7|a8|d9)(?=[1-5]?(?![0-9]))"
    "|(?:(?<=[a-z][aeiouy][1-5])|(?<=[aeiouyn][cghmnpt][1-5]))(?![a-z0-9])"
    "|(?<=[aeiouy][1-5])(?=[aceghimnoptuy]{1,2}(?![a-z0-9])))"
)
_OUTLINE = Outline({"a": ascii_lowercase, "1": "123456789"})
_WORD = re.compile("[a-z0-9]+")
_WITH_DIGITS = re.compile("(?<![a-z0-9])[a-z]+[1-9][a-z1-9]*(?![a-z0-9])")
_TYPED = re.compile("(?:d9|[a-z])(?:[a-z]|(?<=[aeo])6|(?<=[ou])7|(?<=a)8|(?<=[aeiouy678])[1-5])*[678]?[1-5]?")
_DIGIT = re.compile("[1-9]")
_TONE = re.compile("[1-5]")
_MARK_INSIDE = re.compile("[1-9][a-z]")
_MARK_AT_END = re.compile("[678][1-5]?$")
_BEFORE_CLASS = re.compile("/[0-9]|[ .-]?[abcdeghik][0-9]?(?![a-z0-9])")
_BEHIND_COUNTED = re.compile("(?:^|[^a-z0-9])(?:lop|lp|l|khoi|ma|ms|[0-9]{1,2}) ?$")
_WORD_BEFORE = re.compile("([a-z][a-z1-9]*) $")
_GLUED_TO_CLASS = re.compile("([a-z]+)[1-9][abcdeghik][1-9]?")
_CLASS = re.compile(
    r"(?<![a-z0-9])(?:(?:lop|lp|l|mg) ?\.?)?(?:[1-9]|1[0-2]) ?[./-]?(?:[abcdeghik]|t[a-k]|tuoi ?[a-k])[0-9]{0,2}(?![a-z0-9])"
    "|(?<![a-z0-9])(?:(?:lop|lp)(?: la)?|mam|choi) ?[1-9]"
)
_ALSO_CLASSES: Final = frozenset({"be", "la"})
"""Classes of small children and families: "La4" is Lã, or Lá 4."""
_NEVER: Final = COUNTED_WORDS | {"choi", "ki", "lon", "mam", "nha", "nho", "nhom", "to", "tre", "tuoi"}
"""Words with which a number behind them counts, or is a class."""


class _Typed(NamedTuple):
    """A word of letters and digits that VNI may have made: text[start:end]."""

    start: int
    end: int
    syllable: str
    is_sure: bool = False
    """A mark stands inside it, where nothing but VNI puts a digit: "Tra6n2"."""
    may_be_class: bool = False
    """The digit may as well be a class: "La4", "Tu7a"."""
    ends_in_mark: bool = False
    """So it may, but hardly beside other such words: "Le6"."""


def without_vni(folded: str, names: Container[str]) -> str:
    """A folded memo with VNI's keystrokes undone, where there is evidence of them."""
    if b"a1" not in _OUTLINE.of(folded) or _MARK.search(folded) is None:
        return folded
    typed = [word for each in _WITH_DIGITS.finditer(folded) if (word := _typed(each, names)) is not None]
    if not typed:
        return folded
    has_class = any(
        not any(word.start < each.end() and each.start() < word.end for word in typed) for each in _CLASS.finditer(folded)
    )
    if not any(word.is_sure for word in typed) and not _are_of_name(folded, typed, names, has_class=has_class):
        return folded
    meant = [
        word
        for place, word in enumerate(typed)
        if has_class or not (word.may_be_class or (word.ends_in_mark and not _is_beside_others(folded, typed, place)))
    ]
    for word in reversed(meant):
        folded = folded[: word.start] + word.syllable + folded[word.end :]
    return folded


def _typed(match: re.Match[str], names: Container[str]) -> _Typed | None:
    """What a word with digits is in VNI; None where it is nothing, or where the digit rather counts."""
    word = match[0]
    syllable = _DIGIT.sub("", word)
    if len(syllable) < 2 or (syllable not in names and syllable not in SYLLABLES):
        return None
    if _TYPED.fullmatch(word) is None or len(_TONE.findall(word)) > 1:
        return None
    typed = _Typed(match.start(), match.end(), syllable)
    if (with_class := _GLUED_TO_CLASS.fullmatch(word)) is not None:
        may_be_class = len(with_class[1]) == 1 or with_class[1] in names
        return typed._replace(is_sure=not may_be_class, may_be_class=may_be_class)
    if _MARK_INSIDE.search(word) is not None:
        return typed._replace(is_sure=True)
    ends_in_mark = _MARK_AT_END.search(word) is not None
    is_also_class = syllable in _ALSO_CLASSES and not ends_in_mark
    if syllable in _NEVER or syllable not in names or _is_class(match, names, is_also_class=is_also_class):
        return None
    return typed._replace(may_be_class=is_also_class, ends_in_mark=ends_in_mark)


def _is_class(match: re.Match[str], names: Container[str], *, is_also_class: bool) -> bool:
    """Whether the digit at a word's end goes on as a class ("An1 B", "An1/2"), or the word stands as one behind a name ("Hà La3")."""
    if _BEFORE_CLASS.match(match.string, match.end()) is not None:
        return True
    if _BEHIND_COUNTED.search(match.string, 0, match.start()) is not None:
        return True
    before = _WORD_BEFORE.search(match.string, 0, match.start()) if is_also_class else None
    return before is not None and before[1] not in CHILD_WORDS and _DIGIT.sub("", before[1]) in names


def _is_beside_others(folded: str, typed: Sequence[_Typed], place: int) -> bool:
    """Whether a space is all that stands between a word and another of them: "Le6 Hoang2"."""
    return any(folded[left.end : right.start] == " " for left, right in pairwise(typed[max(0, place - 1) : place + 2]))


def _are_of_name(folded: str, typed: Sequence[_Typed], names: Container[str], *, has_class: bool) -> bool:
    """Whether words that end in a digit make a name with those beside them: one where a class stands elsewhere, "VI KHANH1 NGA 10A2";
    else two from the family name on, "VU4 KHANH1 TU1".
    """
    syllables = {word.start: word.syllable for word in typed if not word.may_be_class}
    said = {word.start: word.syllable for word in typed}
    tones = {word.start for word in typed if not (word.may_be_class or word.ends_in_mark)}
    words = list(_WORD.finditer(folded))
    are_names = [said.get(each.start(), each[0]) in names and each[0] not in CHILD_WORDS for each in words]
    for place, word in enumerate(words):
        syllable = syllables.get(word.start())
        if syllable is None:
            continue
        first, last = place, place
        while first and are_names[first - 1] and folded[words[first - 1].end() : words[first].start()] == " ":
            first -= 1
        while last + 1 < len(words) and are_names[last + 1] and folded[words[last].end() : words[last + 1].start()] == " ":
            last += 1
        is_tone, is_family = word.start() in tones, syllable in ANY_FAMILIES and last - place + 1 >= NAME_LENGTH_MIN
        if has_class and (is_family or (is_tone and last - first + 1 >= NAME_LENGTH_MIN)):
            return True
        if is_family and is_tone and any(words[at].start() in tones for at in range(place + 1, last + 1)):
            return True
    return False
