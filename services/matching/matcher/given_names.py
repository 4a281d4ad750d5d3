"""Whether a given name beside a class, or one without its middle, is a pupil's: no sender's, no parent's, no word of something else."""

from __future__ import annotations

from typing import Final

from services.matching.matcher.classes import ClassMention, may_attend
from services.matching.matcher.names import Agreement, Grade, goes_on, is_doubtful
from services.matching.matcher.vocabulary import (
    ANY_FAMILIES,
    CHILD_WORDS,
    CONNECTIVES,
    DOUBTFUL_WORDS,
    FAMILIES,
    FEE_LETTERS,
    PARENT_WORDS,
    PAYER_WORDS,
    PAYS,
    TEACHERS_TITLES,
    TITLES,
    WHOSE_CHILD,
)
from services.matching.matcher.words import DIGITS, OPEN, PARTY, PHRASE, PLAIN, Words


def counts(words: Words, agrees: Agreement, group: ClassMention, *, is_only_one: bool) -> bool:
    """Whether enough of a name stands there; "TA Hà", "Lê tiền ăn" say more of the fee than of a name without its middle, unless only
    one of the class is called Hà.
    """
    if agrees.grade == Grade.LOST:
        inside = range(agrees.start, agrees.end)
        is_of_child = (
            words.runs[agrees.end - 1] in CHILD_WORDS and words.runs[agrees.start] in DOUBTFUL_WORDS
        )  # "nộp hộ cháu"
        return not (is_of_child or _is_uncle_who_pays(words, agrees)) and not any(
            (words.about[place] == PHRASE and words.runs[place] != "la")  # "con La Hiếu", of a family La
            or (words.runs[place] in FEE_LETTERS and not is_only_one)
            for place in inside
        )
    return agrees.grade > Grade.MIDDLE or _may_be_given(words, agrees, group)


def _is_uncle_who_pays(words: Words, agrees: Agreement) -> bool:
    """Whether "Chu Yến" is rather a "chú Yến" who pays for another: "chú Yến nộp hộ cháu Bảo"."""
    runs, end = words.runs, agrees.end
    return (
        runs[agrees.start] in TITLES
        and not PAYS.isdisjoint(runs[end : end + 1])
        and not {"cho", "ho"}.isdisjoint(runs[end + 1 : end + 3])
    )


def _may_be_given(words: Words, agrees: Agreement, group: ClassMention) -> bool:
    """Whether a mere given name is one: it is not the sender's nor a part of a longer name, and it stands beside the class, behind
    "con" or "cháu", or is the only word that could be a name.
    """
    runs, about = words.runs, words.about
    given = agrees.end - 1
    if (
        about[given] == PHRASE
        or _is_said_of_parent(words, given)
        or _goes_on_about_child(words, given)
        or _stands_behind_initials(words, agrees.start)
    ):
        return False
    if given and runs[given - 1] in CHILD_WORDS and may_attend(words, given):
        return False  # "em học lớp 3A" though a Học sits there
    before = runs[agrees.start - 1] if agrees.start and about[agrees.start - 1] != DIGITS else ""
    if not before or not words.announces_pupil(agrees.start):
        if runs[given] in CHILD_WORDS:
            return False  # "cho cháu lớp 3A" speaks of no Châu
        is_parents = _ends_senders_name(words, agrees) if words.sender else _is_said_of_who_pays(words, agrees.start)
        if before in TEACHERS_TITLES or is_parents:
            return False  # "gửi cô Lan 3A"; "mẹ Lan 3A" from a Lan, or from nobody knows whom
        start = group.start
        while start and about[start - 1] == PLAIN and runs[start - 1] in CHILD_WORDS:
            start -= 1
        is_before = agrees.end in {start, group.start}
        is_behind = agrees.start == group.end and (
            (about[given] == OPEN or words.is_joined(group.end - 1)) and not _has_own_name(words, group, given)
        )
        is_beside = is_before or is_behind or _is_first_of_list(words, agrees.end, group)
        # Far from the class a family name is rather one, and not given.
        is_else = about[given] != OPEN and agrees.end - agrees.start < 2  # "Quốc Khối" is no school year
        is_far = is_else or runs[given] in FAMILIES or not _is_only_name(words, agrees)
        if not is_beside and is_far:
            return False
    is_ended = agrees.end - agrees.start > 1 and words.ends(agrees.start, agrees.end)
    return is_ended or not goes_on(words, agrees.end, is_whole=False)


def _stands_behind_initials(words: Words, start: int) -> bool:
    """Whether two letters stand directly before, for other words of the name: "C T Mẩy 8A" is no Bàn Thùy Mẩy."""
    return start > 1 and all(
        len(words.runs[place]) == 1
        and words.runs[place] > "9"
        and words.is_joined(place)
        and not words.touches_digits(place)
        for place in (start - 2, start - 1)
    )


def _ends_senders_name(words: Words, agrees: Agreement) -> bool:
    """Whether the sender is called so, as far as it stands there: "mẹ Lan" from Trần Thị Lan, no "Bảo Lan", nor one whom "và" adds to
    another: "Hà 2B và Lan 3A".
    """
    start = agrees.start
    is_listed = start > 0 and (words.runs[start - 1] in CONNECTIVES or words.gaps[start].strip() in _LISTING)
    name = words.runs[start : agrees.end]
    return not is_listed and name == list(words.sender[-len(name) :])


_LISTING: Final = frozenset({"&", "+"})


def _is_said_of_who_pays(words: Words, start: int) -> bool:
    """Whether a parent or "gửi" stands before; a sign ends the verb: "em gửi/Thủy/10A3", "NGUYEN VAN A gui: An 3A"."""
    before = words.runs[start - 1] if start else ""
    return before in PARENT_WORDS and not (before in _SENDING and words.gaps[start].strip())


_SENDING: Final = frozenset({"boi", "gui", "tu"})


def _is_said_of_parent(words: Words, place: int) -> bool:
    """Whether "anh", "chị" stand before the name of a parent, sender or not: "con anh Đặng Văn Bình 6B" names no Anh."""
    if words.runs[place] not in PAYER_WORDS or not words.announces_pupil(place) or place + 1 == len(words.runs):
        return False
    after = place + 1
    return (
        words.gaps[after].isspace()
        and words.runs[after] in words.names
        and (words.about[after] == PARTY or words.runs[after] in ANY_FAMILIES)
    )


def _goes_on_about_child(words: Words, place: int) -> bool:
    """Whether a word for a child is one, though a name too: "con cháu nội Thái 6D" speaks of no Châu."""
    return words.runs[place] in CHILD_WORDS and not WHOSE_CHILD.isdisjoint(words.runs[place + 1 : place + 2])


def _is_first_of_list(words: Words, end: int, group: ClassMention) -> bool:
    """Whether only other names stand before the class, behind "và" or a comma: "Thanh, Toán 2A"."""
    if end >= group.start or (words.runs[end] not in CONNECTIVES and words.is_joined(end - 1)):
        return False
    return all(
        words.runs[place] in CONNECTIVES or (words.about[place] == OPEN and words.runs[place] in words.names)
        for place in range(end, group.start)
    )


def _has_own_name(words: Words, group: ClassMention, given: int) -> bool:
    """Whether a name stands directly before the class, whose it is then: "Tuyên 8/3 Páo" is not of Páo, "Tuyên - 8/3 Páo"."""
    before = group.start - 1
    is_apart = words.gaps[group.start] != " " and words.gaps[given] == " "
    return before >= 0 and words.about[before] == OPEN and words.runs[before] in words.names and not is_apart


def _is_only_name(words: Words, agrees: Agreement) -> bool:
    """Whether nothing else in the memo could be a name; few words with another meaning are one so far from the class."""
    runs, own = words.runs, range(agrees.start, agrees.end)
    if is_doubtful(runs[own[-1]]):
        return False
    return all(place in own or runs[place] not in words.names or is_doubtful(runs[place]) for place in words.leftover())
