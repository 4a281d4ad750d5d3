"""Whether a memo speaks of somebody else than the payers to whom a code or an account points."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Final

from services.matching.matcher import mentions
from services.matching.matcher.book import Book
from services.matching.matcher.classes import ClassMention, class_mentions
from services.matching.matcher.keys import GIVEN_AND_CLASS, given_and_class
from services.matching.matcher.names import Grade, is_doubtful
from services.matching.matcher.reading import Reading
from services.matching.matcher.text import GLUED_LENGTH_MIN, words_of
from services.matching.matcher.values import Payer
from services.matching.matcher.vocabulary import (
    ANY_FAMILIES,
    DOUBTFUL_WORDS,
    FAMILIES,
    GIVEN_NAMES,
    PARENT_WORDS,
    PAYING_VERBS,
    PLAIN_WORDS,
)
from services.matching.matcher.words import ACCOUNT_LENGTH_MIN, DIGITS, OPEN, PHRASE, Words


def names_another_class(reading: Reading, book: Book, payers: Sequence[Payer]) -> bool:
    """Whether the memo names a class, and none of these payers sits in it."""
    groups = {key for payer in payers for key in payer.groups}
    if not groups:
        return False
    found = class_mentions(reading, book.at(reading.incoming.site_id))
    return bool(found) and all(each.key not in groups for each in found)


def names_a_stranger(reading: Reading, payers: Sequence[Payer]) -> bool:
    """Whether a whole name stands there that is neither a payer's, nor a guardian's, nor said to be a parent's."""
    words = reading.words
    start = None
    for place in range(len(words.runs) + 1):
        is_name = place < len(words.runs) and (words.could_be_named(place) or _may_end_name(words, place, start))
        if is_name and start is None:
            start = place
        elif not is_name and start is not None:
            name = words.runs[start:place]
            is_strange = all(_is_anothers(name, payer) for payer in payers)
            is_name = len(name) > 2 or (len(name) == 2 and (name[0] in FAMILIES or _is_middle_and_given(name)))
            is_senders = (
                _stands_before_account(words, place)
                or _moves_money(words, start, place)
                or (
                    start > 0
                    and (
                        words.runs[start - 1] in PARENT_WORDS
                        or (words.follows_account(start) and not _is_before_code(words, place))
                    )
                )
            )
            if is_strange and is_name and not is_senders:
                return True
            start = None
    return any(_is_another_child(words, place, payers) for place in range(1, len(words.runs)))


def _stands_before_account(words: Words, end: int) -> bool:
    """Whether a name ends before the account that the money went to, and is the sender's: "HOANG DUC QUAN -> 117051350004957"."""
    account = end
    while account < len(words.runs) and words.runs[account] in {"ck", "den", "toi"}:
        account += 1
    if account == len(words.runs) or words.about[account] != DIGITS or len(words.runs[account]) < ACCOUNT_LENGTH_MIN:
        return False
    return account > end or ">" in words.gaps[end]


def _is_before_code(words: Words, end: int) -> bool:
    """Whether a number or a code follows a name without a sign between: a person typed both, "…;LE THI HA  bn26001183"."""
    if end >= len(words.runs) or not words.gaps[end].isspace():
        return False
    return words.about[end] == DIGITS or words.is_before_digits(end)


def _moves_money(words: Words, start: int, end: int) -> bool:
    """Whether the memo says of a name that it sends: "NGUYEN VAN AN gui: HS0101", or at its beginning, where a bank's own word may go
    before, "NGUYEN VAN AN chuyen FT26… HS0101".
    """
    if words.runs[end : end + 1] == ["gui"] and ":" in words.gaps[end + 1]:
        return True
    return start < 2 and words.runs[end : end + 1] == ["chuyen"]


def _is_middle_and_given(name: Sequence[str]) -> bool:
    """Whether two words without a family name are one: they mean nothing else."""
    return (
        name[1] in GIVEN_NAMES
        and name[0] not in _VERBS
        and not DOUBTFUL_WORDS.issuperset(name)
        and PLAIN_WORDS.isdisjoint(name)
    )


_VERBS: Final = frozenset({"dong", "gop", "phi"})
"""Before one word these are rather no name: "đóng TĂn", "góp quỹ"."""


def _is_another_child(words: Words, place: int, payers: Sequence[Payer]) -> bool:
    """Whether the word behind "con" or "bé" is a name that none of these payers bears."""
    run = words.runs[place]
    return (
        words.announces_pupil(place)
        and words.about[place] == OPEN
        and run in words.names
        and run not in DOUBTFUL_WORDS
        and not words.is_before_digits(place)
        and not any(run in payer.words for payer in payers)
    )


def _is_anothers(name: Sequence[str], payer: Payer) -> bool:
    """Whether it is not the payer's name nor the guardian's: more than one of its words, the family or the given name differs."""
    if set(name) <= set(words_of(payer.guardian)):
        return False
    own = payer.words
    foreign = [word for word in name if word not in own]
    is_relatives = name[0] == own[0] and bool(foreign) and own[-1] not in name
    return len(foreign) > 1 or is_relatives or (len(name) > 2 and name[0] not in own)


def _may_end_name(words: Words, place: int, start: int | None) -> bool:
    """Whether a word of a phrase may belong to a name that began before: "Lê Thu Tiến" is no "thu tiền"."""
    run = words.runs[place]
    return (
        start is not None
        and words.about[place] == PHRASE
        and run in words.names
        and words.runs[start] in ANY_FAMILIES
        and words.runs[start] not in PAYING_VERBS  # "đóng đăng ký kinh doanh"
        and words.is_joined(place - 1)
        and not words.gaps[place].strip()
    )


def speaks_of_another(reading: Reading, book: Book, payers: Sequence[Payer]) -> bool:
    """Whether the memo speaks of a class or a person that is none of these payers'; a nickname does not count."""
    if names_another_class(reading, book, payers):
        return True
    words = reading.words
    if any(words.lost_signs(place, place + 1) for place in range(len(words.runs))):
        return True
    if words.is_untyped:  # a name there is the sender's, unless it is another payer's whole name
        return any(
            mention.grade == Grade.FULL and not any(payer in payers for payer in mention.payers)
            for mention in mentions.find(reading, book.at(reading.incoming.site_id))
        )
    known = {word for payer in payers for word in payer.words}
    if _names_another_of_class(reading, book, payers, known):
        return True
    return any(_is_strange(words, place) for place in words.leftover() if words.runs[place] not in known)


def _is_strange(words: Words, place: int) -> bool:
    """Whether a run that nothing explains may be another child's: a word that people are called, or what is typed as one word behind
    "cháu".
    """
    run = words.runs[place]
    if words.touches_digits(place):
        return False
    if words.announces_pupil(place) or (place > 0 and words.runs[place - 1] == "cho"):
        return run in words.names or len(run) >= GLUED_LENGTH_MIN
    is_of_name = place > 0 and words.is_joined(place - 1) and words.about[place - 1] == OPEN and words.is_name(place - 1)
    return run in words.names and (is_of_name or not is_doubtful(run))


def _names_another_of_class(reading: Reading, book: Book, payers: Sequence[Payer], known: Container[str]) -> bool:
    """Whether a name stands beside a class of the memo, or anywhere that of another pupil who sits in it."""
    words, site = reading.words, book.at(reading.incoming.site_id)
    for group in class_mentions(reading, site):
        called = (site.find(GIVEN_AND_CLASS, given_and_class(words.runs[place], group.key)) for place in words.leftover())
        if _is_name_beside(words, group, known) or any(payer not in payers for each in called for payer in each):
            return True
    return False


def _is_name_beside(words: Words, group: ClassMention, known: Container[str]) -> bool:
    """Whether a name that is none of these words stands beside a class: "tiền ăn - Tiên - lớp 3A"."""
    return any(
        0 <= place < len(words.runs)
        and words.about[place] == OPEN
        and words.runs[place] in words.names
        and words.runs[place] not in known
        for place in (group.start - 1, group.end)
    )
