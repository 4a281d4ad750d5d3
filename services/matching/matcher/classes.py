"""Classes in a memo: "3A", "lop 3/1", "5 tuoi A"; those of the site, and those that look like one but are not."""

from __future__ import annotations

from typing import Final, NamedTuple

from services.matching.matcher.book import SiteTable
from services.matching.matcher.keys import CLASS, GIVEN_AND_CLASS, given_and_class, join
from services.matching.matcher.reading import Reading
from services.matching.matcher.text import SYLLABLES
from services.matching.matcher.vocabulary import MONTH_WORDS
from services.matching.matcher.words import CLASS_LETTERS, DIGITS, OPEN, PARTY, Words

RUNS_MAX: Final = 6
GRADES_MAX: Final = 12
WORD_LENGTH_MAX: Final = 6
"""Longer words stand in no class's name, but a longer run may be a whole class written as one word: "nhatrea"."""
AT_START: Final = frozenset({"la", "mam", "choi", "nha", "nt", "mg", "tuoi"})
"""Words that a class without a number may begin with."""
_BEFORE = frozenset({"lop", "lp", "l", "mau", "giao", "mg", "maugiao", "nhom"})
"""Words that belong to the class behind them."""
_CLASS_WORDS: Final = frozenset({"lop", "lp", "l", "nhom"})
"""Of these, the ones that only a class follows."""
_GLUED = ("maugiao", "nhom", "lop", "mg")
"""Some of these, where nothing stands between: "mglon1"."""
_LONG_CLASS_WORDS: Final = frozenset({"lop", "lp"})
_AT_START_ELSEWHERE: Final = frozenset({"be", "k", "lon", "nho", "tre"})
"""Besides, where it is not known what the classes of a site are called."""
_ATTENDS: Final = "hoc"
_GOING_ON: Final = "dang"
"""Before a verb: "đang học"."""
_DATE_LENGTHS = frozenset({1, 2, 4})
_CHAIN = frozenset("/-.:")


class ClassMention(NamedTuple):
    """A class that the memo names: runs[start:end]."""

    key: str
    start: int
    end: int
    is_known: bool
    """Whether the site has such a class."""


def class_mentions(reading: Reading, site: SiteTable) -> list[ClassMention]:
    """Every class of the memo, in its order; their runs count as numbers from then on."""
    known: list[ClassMention] | None = reading.found.get("classes")
    if known is None:
        known = reading.found["classes"] = _search(reading.words, site)
        about = reading.words.about
        for group in known:
            about[group.start : group.end] = bytes([DIGITS]) * (group.end - group.start)
    return known


def _search(words: Words, site: SiteTable) -> list[ClassMention]:
    runs, about = words.runs, words.about
    if not site.by_kind[CLASS]:
        return []
    found = []
    place, count = 0, len(runs)
    while place < count:
        run, mention = runs[place], None
        if about[place] == DIGITS:
            if len(run) <= 2 and _stands_free(words, place):
                mention = _known_from(words, place, site) or _unknown_at(words, place)
        elif about[place] != PARTY and _may_begin(words, place, site):
            mention = _known_from(words, place, site)
        if mention is None:
            place += 1
            continue
        start = mention.start
        while start and runs[start - 1] in _BEFORE and about[start - 1] != PARTY:
            start -= 1
        if (start < mention.start or mention.is_known) and _is_attended(words, site, mention.key, start):
            start -= 2 if start > 1 and runs[start - 2] == _GOING_ON and about[start - 2] == OPEN else 1
        found.append(mention if start == mention.start else mention._replace(start=start))
        place = mention.end
    return found


def _is_attended(words: Words, site: SiteTable, group: str, start: int) -> bool:
    """Whether "học" before "lớp 3A" or "(3A)" says who sits in it; where somebody of that class is called Học, it may be the name."""
    before = start - 1
    return (
        before >= 0
        and words.about[before] == OPEN
        and words.runs[before] == _ATTENDS
        and not words.gaps[start].strip(" (")
        and not site.find(GIVEN_AND_CLASS, given_and_class(_ATTENDS, group))
    )


def may_attend(words: Words, place: int) -> bool:
    """Whether a run is "học" before "lớp", which is rather the verb than a name; but "con Học, lớp 3A"."""
    after = place + 1
    return (
        words.runs[place] == _ATTENDS
        and after < len(words.runs)
        and words.runs[after] in _LONG_CLASS_WORDS
        and not words.gaps[after].strip()
    )


def _may_begin(words: Words, place: int, site: SiteTable) -> bool:
    """Whether a class may begin with this word."""
    run = words.runs[place]
    return (
        run in AT_START
        or run in site.class_starts
        or len(run) > WORD_LENGTH_MAX
        or run in site.by_kind[CLASS]
        or run.startswith(_GLUED)
        or (place > 0 and words.runs[place - 1] in _BEFORE)
    )


def _unglued(run: str) -> str:
    """A word without what belongs before a class: "mglon" is "lon"."""
    return next((run[len(each) :] for each in _GLUED if run.startswith(each)), "") or run


def _stands_free(words: Words, place: int) -> bool:
    """Whether a number may begin a class: not inside a code, a date or a time."""
    if not place:
        return True
    runs, gaps = words.runs, words.gaps
    gap, before = gaps[place], runs[place - 1]
    if before not in _LONG_CLASS_WORDS and words.counts(place - 1) and not _ends_name(words, place):
        return False
    if place > 1 and before[0] <= "9" and runs[place - 2] in MONTH_WORDS:
        return True
    if not gap:
        is_word = (len(before) > 1 and before in SYLLABLES) or before == "maugiao"
        is_whole = place < 2 or bool(gaps[place - 1]) or runs[place - 2][0] > "9"
        return (
            before in _LONG_CLASS_WORDS
            or (before == "l" and (place == 1 or bool(gaps[place - 1])))
            or (is_word and is_whole)
        )
    if place + 1 < len(runs) and runs[place + 1][0] > "9":
        return not gaps[place + 1] or not _is_chain(gap, before) or len(before) not in _DATE_LENGTHS
    return not _is_chain(gap, before)


def _ends_name(words: Words, place: int) -> bool:
    """Whether "thang" before a number rather ends a name: "Đinh Anh Thắng 5-C"."""
    runs, gaps = words.runs, words.gaps
    is_class = place + 1 < len(runs) and len(runs[place + 1]) == 1 and runs[place + 1] > "9" and gaps[place + 1] != " "
    return (
        is_class and runs[place - 1] == "thang" and place > 1 and words.about[place - 2] == OPEN and gaps[place - 1] == " "
    )


def _is_chain(gap: str, before: str) -> bool:
    """Whether a number goes on from the number before, as in a date or in a bank's own reference."""
    return len(gap) == 1 and gap in _CHAIN and before[0] <= "9"


def _ends_free(words: Words, place: int, end: int) -> bool:
    if end == len(words.runs):
        return True
    gap, after = words.gaps[end], words.runs[end]
    if not gap:
        return len(after) > 1 and after in SYLLABLES
    if _follows_class_word(words, place):
        return True
    is_all_digits = all(run[0] <= "9" for run in words.runs[place:end])
    return not (is_all_digits and after[0] <= "9" and len(after) in _DATE_LENGTHS and _is_chain(gap, words.runs[end - 1]))


def _known_from(words: Words, place: int, site: SiteTable) -> ClassMention | None:
    """The longest class of the site that begins here."""
    runs, groups = words.runs, site.by_kind[CLASS]
    first = key = _unglued(runs[place])
    best = None
    for end in range(place + 1, min(place + RUNS_MAX, len(runs)) + 1):
        if end > place + 1:
            if len(runs[end - 1]) > WORD_LENGTH_MAX:
                break
            key = join((key, runs[end - 1]))
            if len(key) > site.class_length_max:
                break
        is_word = end == place + 1 and first == runs[place] and (first[0] <= "9" or first in SYLLABLES)
        if key in groups and _ends_free(words, place, end) and (not is_word or _follows_class_word(words, place)):
            group = site.class_of(key)
            best = best if group is None else ClassMention(group, place, end, is_known=True)
    return best


def _unknown_at(words: Words, place: int) -> ClassMention | None:
    """A number and a letter that look like a class, though the site has none such: "3D", "12A15"."""
    runs, gaps = words.runs, words.gaps
    if not 1 <= int(runs[place]) <= GRADES_MAX or place + 1 >= len(runs) or runs[place + 1] not in CLASS_LETTERS:
        return None
    if gaps[place + 1] and not _follows_class_word(words, place):
        return None
    end = place + 2
    if end < len(runs) and not gaps[end] and runs[end][0] <= "9" and len(runs[end]) <= 2:
        end += 1
    return ClassMention(join(runs[place:end]), place, end, is_known=False) if _ends_free(words, place, end) else None


def _follows_class_word(words: Words, place: int) -> bool:
    return place > 0 and words.runs[place - 1] in _CLASS_WORDS


def class_texts(words: Words) -> list[str]:
    """Everything in the memo that could be a class, whatever classes a site has."""
    found = []
    for place, run in enumerate(words.runs):
        first = _unglued(run)
        if run[0] > "9" and first not in AT_START | _AT_START_ELSEWHERE and not (place and words.runs[place - 1] in _BEFORE):
            continue
        if len(run) <= 2 or run[0] > "9":
            ends = range(place + 1, min(place + 4, len(words.runs)) + 1)
            found += [join((first, *words.runs[place + 1 : end])) for end in ends]
    return list(dict.fromkeys(each for each in found if len(each) <= CLASS_TEXT_LENGTH_MAX))


CLASS_TEXT_LENGTH_MAX: Final = 14
