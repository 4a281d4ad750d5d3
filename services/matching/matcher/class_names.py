"""Pupils of the classes that a memo names, of whom no more than a part of the name need stand there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from services.matching.matcher.book import SiteTable, several
from services.matching.matcher.classes import ClassMention
from services.matching.matcher.given_names import counts
from services.matching.matcher.keys import GIVEN_AND_CLASS, NAME, given_and_class, turned
from services.matching.matcher.mention import Mention, distance, keep, name_goes_on, without_overlaps
from services.matching.matcher.names import (
    Agreement,
    Grade,
    agreement,
    begins_at_end,
    givens_in,
    goes_on,
    has_telling_middle,
    is_cut_off,
    name_stands_before,
)
from services.matching.matcher.text import is_slip
from services.matching.matcher.values import Payer
from services.matching.matcher.vocabulary import (
    ANY_FAMILIES,
    CHILD_WORDS,
    FAMILIES,
    GIVEN_NAMES,
    PLAIN_WORDS,
)
from services.matching.matcher.words import DIGITS, OPEN, PHRASE, Words

NAME_WORDS_MAX: Final = 5
"""Names of more words are not looked for in another order."""


def in_classes(  # noqa: C901 - as above
    words: Words, site: SiteTable, classes: list[ClassMention], known: list[Mention]
) -> list[Mention]:
    """Pupils of the named classes whose given name stands in the memo, as far as nothing speaks against them."""
    runs, about, table = words.runs, words.about, site.by_kind[GIVEN_AND_CLASS]
    best: dict[tuple[int, int], Mention] = {}
    taken = {place for mention in known if mention.class_agrees for place in range(mention.start, mention.end)}
    for group in classes:
        if not group.is_known:
            continue
        for place, run in enumerate(runs):
            if about[place] >= DIGITS or len(run) < 2 or place in taken:
                continue
            for given in givens_in(run):
                called = several(table.get(given_and_class(given, group.key)))
                for payer in called:
                    agrees = agreement(words, payer.words, place)
                    if agrees is not None and counts(words, agrees, group, is_only_one=len(called) == 1):
                        keep(best, payer, agrees, group)
    partly = list(best.values())
    known_groups = [group for group in classes if group.is_known]
    windows = _Windows(words)
    for group in known_groups:
        _turned_around(words, site, group, windows, best)
    if all(goes_on(words, each.end, is_whole=each.grade >= Grade.TURNED) for each in best.values()):
        for group in known_groups:
            _slips_in_class(words, site.pupils(group.key), group, windows, best)
    found = _nearest_classes(words, best.values())
    better = {mention.group for mention in [*found, *known] if mention.grade > Grade.MIDDLE and mention.class_agrees}
    found = [
        mention
        for mention in found
        if mention.grade > Grade.MIDDLE or mention.group not in better or _is_listed(words, mention)
    ]
    for mention in found:
        if mention.grade == Grade.LOST and mention.group is not None and mention.end - mention.start == 2:
            mention.payers = [*mention.payers, *_called_by_middle(words, mention, site)]
        mention.goes_on = name_goes_on(words, mention) or _may_be_longer(words, mention, site)
        # "anh bé Tuấn" may be Tuấn's brother, though somebody is called Bế Tuấn Anh.
        mention.is_untyped = mention.grade == Grade.TURNED and any(
            mention.start < each.end <= mention.end and not goes_on(words, each.end, is_whole=False) for each in partly
        )
    return found


def _called_by_middle(words: Words, mention: Mention, site: SiteTable) -> list[Payer]:
    """Others of the class whose middle and given name stand there: "Văn Tùng" is An Văn Tùng as well as Văn Hồng Tùng."""
    group = mention.group.key if mention.group else ""
    own = tuple(words.runs[mention.start : mention.end])
    called = site.find(GIVEN_AND_CLASS, given_and_class(own[-1], group))
    return [payer for payer in called if len(payer.words) > 2 and payer.words[-2:] == own and payer not in mention.payers]


def _may_be_longer(words: Words, mention: Mention, site: SiteTable) -> bool:
    """Whether the word behind a part of a name belongs to a phrase, and yet may end another's name: "Lan Thu" before "tiền ăn"."""
    end = mention.end
    if mention.group is None or mention.grade > Grade.MIDDLE or end >= len(words.runs) or words.about[end] != PHRASE:
        return False
    others = site.find(GIVEN_AND_CLASS, given_and_class(words.runs[end], mention.group.key))
    return any(words.runs[end - 1] in payer.words[:-1] for payer in others)


def _slips_in_class(
    words: Words, pupils: list[Payer], group: ClassMention, windows: _Windows, best: dict[tuple[int, int], Mention]
) -> None:
    """Names with one slip, the class being named: whole ones, or a family and a given name. Whoever is called so but for one word
    could be meant too.
    """
    pupils = [payer for payer in pupils if payer.words]  # a name may be nothing but signs
    lengths = {len(payer.words) for payer in pupils}
    places = {length: windows.of(length, or_child=True) for length in lengths}
    slipped = {place for payer in pupils for place in places[len(payer.words)] if _is_slip_of(words, payer.words, place[0])}
    for start, end in slipped:
        for payer in pupils:
            is_meant = len(payer.words) == end - start and _may_be_meant(words, payer.words, start)
            # "bé Gia Bsng" may be any Gia Bằng.
            behind = payer.words[start + 1 - end :] if words.runs[start] in CHILD_WORDS else ()
            if is_meant or (len(behind) == end - start - 1 > 0 and _may_be_meant(words, behind, start + 1)):
                keep(best, payer, Agreement(Grade.SLIP, start, end), group)
    if best:
        return
    pairs = windows.of(2)
    for payer in pupils:
        family_and_given = (payer.words[0], payer.words[-1]) if len(payer.words) > 2 else ()
        for start, end in pairs if family_and_given else ():
            if words.about[end - 1] == OPEN and _is_slip_of(words, family_and_given, start):
                keep(best, payer, Agreement(Grade.LOST, start, end), group)


class _Windows:
    """Places of a memo that may be one name, and no part of a longer one; of all its classes the same."""

    def __init__(self, words: Words) -> None:
        runs, about = words.runs, words.about
        self._runs, self._about = runs, about
        self._begin: list[tuple[int, int]] = []
        """Where a name may begin, and where the longest one from there ends."""
        for start, run in enumerate(runs):
            if about[start] >= DIGITS or (run in CHILD_WORDS and run not in ANY_FAMILIES):
                continue
            if name_stands_before(words, start - 1):
                continue
            end = start + 1
            while end < len(runs) and about[end] < DIGITS and words.is_joined(end - 1):
                end += 1
            self._begin.append((start, end))

    def of(self, length: int, *, or_child: bool = False) -> list[tuple[int, int]]:
        """Those of so many runs; no more than one of three runs belongs to a phrase. With `or_child`, "be" may begin three: Bế."""
        phrases = 1 if length > 2 else 0
        return [
            (start, start + length)
            for start, end in self._begin
            if start + length <= end
            and self._about.count(PHRASE, start, start + length) <= phrases
            and (self._runs[start] not in CHILD_WORDS or (or_child and length > 2))
        ]


def _may_be_meant(words: Words, name: Sequence[str], start: int) -> bool:
    """Whether only one word differs: from what is nobody's name by one slip, from another name in whatever way."""
    odd = _odd(words, name, start)
    if len(odd) != 1:
        return False
    run, meant = words.runs[start + odd[0]], name[odd[0]]
    return run in words.names or is_slip(run, meant) or (meant is name[-1] and is_cut_off(words, start + odd[0], meant))


def _odd(words: Words, name: Sequence[str], start: int) -> list[int]:
    """Which words of a name differ from the runs from `start`."""
    return [at for at, word in enumerate(name) if words.runs[start + at] != word]


def _is_slip_of(words: Words, name: tuple[str, ...], start: int) -> bool:
    """Whether the runs from `start` are the name but for one slip, or for a given name that is cut off. Where only "Thị" or "Văn"
    stands before the given name, a slip must not make what a child is called ("Văn An" for "Văn Anh" is another); nor in a name of
    three words another family's name.
    """
    odd = _odd(words, name, start)
    if len(odd) != 1 or len(name) < 2:
        return False
    [at] = odd
    run, is_given = words.runs[start + at], at == len(name) - 1
    if words.about[start + at] == PHRASE:
        return False
    is_telling = has_telling_middle(name)
    if is_given and at > 1 and (begins_at_end if is_telling else is_cut_off)(words, start + at, name[at]):
        return True
    if not is_slip(run, name[at]):
        return False
    if at == 0:
        return run not in CHILD_WORDS and (len(name) > 3 or (len(name) == 3 and run not in FAMILIES))
    # "Hào" is no slip of "Hoa".
    is_other_child = run in GIVEN_NAMES and not (is_telling and sorted(run) != sorted(name[at]))
    return not is_given or not (is_other_child or run in PLAIN_WORDS)


def _nearest_classes(words: Words, mentions: Iterable[Mention]) -> list[Mention]:
    """Of one name that fits two classes of the memo, the nearer; then what overlaps goes, the better grade first."""
    ordered = sorted(
        mentions, key=lambda each: (each.end, -each.grade, distance(words, each, each.group) if each.group else 0.0)
    )
    nearest: dict[int, Mention] = {}
    for mention in ordered:
        nearest.setdefault(mention.end, mention)
    return without_overlaps(nearest.values())


def _turned_around(
    words: Words, site: SiteTable, group: ClassMention, windows: _Windows, best: dict[tuple[int, int], Mention]
) -> None:
    """Whole names that begin with the given name or end with the family name: "An Nguyễn Văn", "Văn An Nguyễn"."""
    names = site.by_kind[NAME]
    for length in range(2, NAME_WORDS_MAX + 1):
        for start, end in windows.of(length):
            for key in turned(words.runs[start:end]):
                for payer in several(names.get(key)):
                    if payer.groups[:1] == (group.key,) and len(payer.words) == length:
                        keep(best, payer, Agreement(Grade.TURNED, start, end), group)


def _is_listed(words: Words, mention: Mention) -> bool:
    """Whether a name is one of several: "An và Bình 3A"."""
    return mention.start > 0 and (words.runs[mention.start - 1] == "va" or not words.is_joined(mention.start - 1))
