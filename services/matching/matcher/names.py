"""How well the runs of a memo agree with a payer's name."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Final, NamedTuple

from services.matching.matcher.text import DIGRAPHS, SYLLABLES, is_cut_short, is_slip
from services.matching.matcher.vocabulary import (
    ANY_FAMILIES,
    CHILD_WORDS,
    CONNECTIVES,
    DOUBTFUL_WORDS,
    FEE_LETTERS,
    FEES_IN_SHORT,
    KIN_LETTERS,
    PAYING_VERBS,
    PLAIN_WORDS,
    RATHER_NAMES,
    RATHER_NAMES_BEHIND,
)
from services.matching.matcher.words import ACCOUNT_LENGTH_MIN, DIGITS, OPEN, PARTY, PHRASE, PLAIN, Words

_PAYING: Final = PAYING_VERBS - {"thu"}
"""Verbs that are seldom what somebody is called."""
_FREQUENT_MIDDLES: Final = frozenset({"thi", "van"})
"""Middle names that say next to nothing."""


def has_telling_middle(name: Sequence[str]) -> bool:
    """Whether what stands between family and given name tells a person from most others: "Diệu", but not "Thị", "Văn"."""
    return not _FREQUENT_MIDDLES.issuperset(name[1:-1])


class Grade(IntEnum):
    """What of a name stands there, the better the higher."""

    GIVEN = 0
    """The given name alone."""
    MIDDLE = 1
    """The given name with a middle name before it: "Bảo An"."""
    INITIALS = 2
    """All but the given name as letters: "N.V. An"."""
    LOST = 3
    """Family and given name, a middle name being left out: "Nguyễn An"."""
    SHORT = 4
    """The family name whole, middle names as letters, or the other way round: "Nguyễn V. An", "N. Bảo An"."""
    TURNED = 5
    """All of it, in another order."""
    SLIP = 6
    """All of it, with one slip of the finger, or with the given name cut off by the memo's end."""
    FULL = 7
    """All of it."""


class Agreement(NamedTuple):
    """A grade and the runs that make it: runs[start:end]."""

    grade: Grade
    start: int
    end: int


def agreement(  # noqa: C901, PLR0912 - one walk from the given name back to the family name
    words: Words, name: tuple[str, ...], at: int, *, slip_in_given: bool = False, letters: bool = True
) -> Agreement | None:
    """How the runs that end at `at` agree with a name whose given name stands there; None where they speak against it.

    With `letters`, a letter or two may stand for a word of the name.
    """
    runs, about = words.runs, words.about
    slips = cut = lost = 0
    left, place = len(name) - 2, at - 1
    if runs[at] != name[-1]:
        if letters and (count := _glued_letters(runs[at], name)):
            cut, left = count, left - count
        elif slip_in_given and (_slipped(words, runs[at], name[-1]) or is_cut_off(words, at, name[-1])):
            slips = 1
        else:
            return None
    while left >= 0 and place >= 0 and about[place] < DIGITS and words.is_joined(place):
        run, word = runs[place], name[left]
        if run == word:
            left -= 1
        elif letters and (count := _letters(run, name, left, is_announced=words.announces_pupil(place))):
            cut += count
            left -= count
        elif run in name[:left]:
            lost += left - name.index(run)
            left = name.index(run)
            continue
        elif not slips and _slipped(words, run, word) and not words.touches_digits(place):
            slips = 1
            left -= 1
        else:
            break
        place -= 1
    if left < 0 and lost and runs[place + 1] in CHILD_WORDS:
        # "cháu Bích" rather than a Châu whose middle name is left out.
        return Agreement(Grade.GIVEN, at, at + 1)
    if left < 0:
        return _whole(words, name, place + 1, at + 1, slips=slips, cut=cut, lost=lost)
    if cut:
        return agreement(words, name, at, slip_in_given=slip_in_given, letters=False)
    # The family name was not reached: what stands before must not be part of another name.
    if slips or lost or name_stands_before(words, place):
        return None
    # "tiền ăn Đạt" names any Đạt, no An Đạt before others.
    is_given = left == len(name) - 2 or PHRASE in about[place + 1 : at]
    return Agreement(Grade.GIVEN, at, at + 1) if is_given else Agreement(Grade.MIDDLE, place + 1, at + 1)


def _whole(
    words: Words, name: tuple[str, ...], start: int, end: int, *, slips: int, cut: int, lost: int
) -> Agreement | None:
    if not (slips or cut or lost):
        return Agreement(Grade.FULL, start, end)
    if slips:
        return None if cut or lost or len(name) < 3 else Agreement(Grade.SLIP, start, end)
    if lost:
        # "Nguyễn T Lộc" says more of Nguyễn Trung Việt Lộc than "Nguyễn Lộc".
        is_part = (cut and words.runs[start] != name[0]) or end - start < 2 or name_stands_before(words, start - 1)
        return None if is_part else Agreement(Grade.LOST, start, end)
    family = words.runs[start]
    is_whole_but_family = (
        cut == 1 and end - start == len(name) > 2 and family not in KIN_LETTERS and has_telling_middle(name)
    )
    is_short = (
        family == name[0]
        or (len(family) > 1 and end - start == len(name) and family[1:2] == name[0][1:2])
        or (is_whole_but_family and not name_stands_before(words, start - 1))
    )
    if not is_short and name_stands_before(words, start - 1):
        return None  # "Lý Thị HHân" is no H.H. An
    return Agreement(Grade.SHORT if is_short or cut == 1 else Grade.INITIALS, start, end)


def _letters(run: str, name: tuple[str, ...], left: int, *, is_announced: bool) -> int:
    """How many words, ending with name[left], stand there as letters: "v" and "th" for one, "nv" for "nguyen van"; what shortens
    something else only where a pupil is announced: "cháu TT Hương".
    """
    count = len(run)
    is_else = run in PLAIN_WORDS and (run in FEE_LETTERS or not is_announced)
    if count > 3 or (count > 1 and (run in SYLLABLES or is_else)):
        return int(run in DIGRAPHS and name[left].startswith(run))
    for words in range(2, min(count, left + 1) + 1):
        if _are_initials(run, name[left - words + 1 : left + 1]):
            return words
    return int(is_cut_short(run, name[left]))


def _are_initials(run: str, words: tuple[str, ...]) -> bool:
    """Whether a run is made of what these words begin with, a letter or a digraph of each: "nv", "trt" for "trần thị"."""
    if not words:
        return not run
    word = words[0]
    is_digraph = word[:2] in DIGRAPHS and run.startswith(word[:2])
    return (run[:1] == word[0] and _are_initials(run[1:], words[1:])) or (is_digraph and _are_initials(run[2:], words[1:]))


def _glued_letters(run: str, name: tuple[str, ...]) -> int:
    """How many middle names stand as letters before the given name in one run: "hthong" for "hoang thong"."""
    count = len(run) - len(name[-1])
    if not 0 < count < len(name) or run in SYLLABLES or not run.endswith(name[-1]):
        return 0
    return count if run[:count] == "".join(word[0] for word in name[-1 - count : -1]) else 0


def givens_in(run: str) -> tuple[str, ...]:
    """The given names that a run may hold: itself, or what stands behind a letter or two."""
    if run in SYLLABLES or len(run) < 3:
        return (run,)
    return (run, *(run[count:] for count in (1, 2) if run[count:] in SYLLABLES))


def _slipped(words: Words, run: str, word: str) -> bool:
    """A slip makes what nobody is called and what means nothing else: "An" for "Anh" is another child."""
    return run not in words.names and run not in PLAIN_WORDS and is_slip(run, word)


def is_cut_off(words: Words, at: int, given: str) -> bool:
    """Whether the memo ends within a given name: "Chu Thị Ngọc Ng", "Chu Thị Ngọc T". What is a name as it stands may be another
    child's: "San".
    """
    run = words.runs[at]
    return (
        begins_at_end(words, at, given)
        and run not in words.names
        and run not in DOUBTFUL_WORDS
        and (words.about[at] != PLAIN or not words.has_vowel(at))
    )


def begins_at_end(words: Words, at: int, given: str) -> bool:
    """Whether the memo ends with what a given name begins with, though that is a name too: "Chu Diệu An" for Ánh."""
    run = words.runs[at]
    return at == len(words.runs) - 1 and len(run) < len(given) and given.startswith(run) and not words.gaps[-1].strip()


def name_stands_before(words: Words, place: int) -> bool:
    """Whether the run at `place` belongs to a name that goes on behind it, or is a letter behind such a run."""
    if place < 0 or not words.is_joined(place) or words.ends_name_apart(place):
        return False
    run, kind = words.runs[place], words.about[place]
    if len(run) == 1 and run > "9":
        is_behind_name = place > 0 and words.about[place - 1] == OPEN and len(words.runs[place - 1]) > 1
        is_initial = kind == OPEN and words.gaps[place + 1].startswith(".") and not words.is_behind_digits(place)
        return is_behind_name or is_initial
    # "phi_Tống Văn Long" is no Phí, "dong - Tống Hưng" no Đông.
    gap = words.gaps[place + 1]
    is_verb = run in _PAYING and gap == " - " and not name_stands_before(words, place - 1)
    is_set_apart = is_verb or (is_doubtful(run) and gap.strip() in {"_", ":"})
    if run in CONNECTIVES or is_set_apart or (run in FEE_LETTERS and kind == PLAIN and gap != " "):
        return False
    if kind == OPEN:
        is_of_code = place > 0 and not words.gaps[place] and words.about[place - 1] == DIGITS
        return run in words.names or (len(run) > 1 and words.has_vowel(place) and not is_of_code)
    if run in CHILD_WORDS:  # "HS La Châu Bảo" names a La, "bà cho cháu Bảo" nobody else
        return place > 1 and words.runs[place - 1] in words.names and words.runs[place - 2] in CHILD_WORDS
    return kind == PLAIN and run in words.names and run not in {"cua", "me"} and not words.announces_pupil(place + 1)


def is_doubtful(run: str) -> bool:
    """Whether a word that people are named with rather has its other meaning where it stands alone."""
    return run in DOUBTFUL_WORDS and run not in RATHER_NAMES


def goes_on(words: Words, end: int, *, is_whole: bool) -> bool:  # noqa: PLR0911 - a list of cases
    """Whether another word of a name follows directly: "Nguyễn Thị Thu" before "Hà". A word that has another meaning too goes with the
    words behind it: "phi" in "phi ho so". Behind what is not a whole name of three words, words of any meaning and slips count.
    """
    runs, about = words.runs, words.about
    if end >= len(runs) or not words.is_joined(end - 1):
        return False
    run = runs[end]
    if words.lost_signs(end, end + 1):
        return True
    if run in CONNECTIVES:  # before a class it is no "and": a slip of "Vân" in "Nguyễn Va 1/2"
        return not is_whole and end + 1 < len(runs) and about[end + 1] == DIGITS and runs[end + 1][0] <= "9"
    if about[end] <= PLAIN and len(run) == 1:
        return not is_whole and not _is_fee_in_short(words, end) and goes_on(words, end + 1, is_whole=False)
    if about[end] == PLAIN:
        is_mother = run == "me" and end + 1 < len(runs) and (runs[end + 1] == "la" or about[end + 1] == PHRASE)
        is_else = run in CHILD_WORDS or run in FEE_LETTERS or is_mother
        return not is_whole and len(run) > 1 and run in words.names and not is_else
    if about[end] != OPEN:
        return False
    if not is_whole and run in RATHER_NAMES_BEHIND:
        return True
    if run in DOUBTFUL_WORDS:
        return not (_has_more(words, end, or_unknown=is_whole) or (is_whole and _pays_last(words, end)))
    if run in words.names:
        return True
    is_code = end + 1 < len(runs) and about[end + 1] == DIGITS and not words.gaps[end + 1]
    is_short = len(run) == 2 and not words.has_vowel(end) and run not in DIGRAPHS  # "dv"
    return not is_whole and len(run) > 1 and not is_code and not is_short


def _is_fee_in_short(words: Words, place: int) -> bool:
    """Whether a letter with what it shortens is a fee behind a given name: "Bích T.AN"; but a family's "Hà T.An" is another's."""
    return words.is_phrase_in_short(place) and (not place or words.runs[place - 1] not in ANY_FAMILIES)


def _pays_last(words: Words, place: int) -> bool:
    """Whether "đóng" is the last that was typed, as nothing or a bank's own number behind a sign follows: "Phùng Thị Giang đóng"."""
    after = place + 1
    if words.runs[place] != "dong" or after >= len(words.runs):
        return words.runs[place] == "dong"
    return bool(words.gaps[after].strip()) and not (
        words.about[after] == DIGITS and len(words.runs[after]) < ACCOUNT_LENGTH_MIN
    )


def _has_more(words: Words, place: int, *, or_unknown: bool) -> bool:
    """Whether words of another (or an unknown) meaning follow, among which a doubtful one has its other meaning too."""
    if place + 1 >= len(words.runs) or (words.gaps[place].isspace() and words.gaps[place + 1].strip()):
        return False  # a sign behind it: it belongs to what stands before
    kind, after = words.about[place + 1], words.runs[place + 1]
    if kind == PLAIN:
        return after not in words.names or after in CHILD_WORDS or after in FEES_IN_SHORT
    is_unknown = kind == OPEN and after not in words.names and (or_unknown or not words.has_vowel(place + 1))
    return kind in {PHRASE, PARTY} or is_unknown  # "tu" before the sender's name
