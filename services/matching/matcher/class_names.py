"""Pupils of the classes that a memo names, of whom no more than a part of the name need stand there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from services.matching.matcher.book import SiteTable, several
from services.matching.matcher.classes import ClassMention, may_attend
from services.matching.matcher.keys import GIVEN_AND_CLASS, NAME, given_and_class, turned
from services.matching.matcher.mention import Mention, distance, keep, name_goes_on, without_overlaps
from services.matching.matcher.names import (
    Agreement,
    Grade,
    agreement,
    givens_in,
    goes_on,
    is_doubtful,
    name_stands_before,
)
from services.matching.matcher.text import is_slip
from services.matching.matcher.values import Payer
from services.matching.matcher.vocabulary import (
    ANY_FAMILIES,
    CHILD_WORDS,
    CONNECTIVES,
    DOUBTFUL_WORDS,
    FAMILIES,
    FEE_LETTERS,
    GIVEN_NAMES,
    PARENT_WORDS,
    PAYER_WORDS,
    PLAIN_WORDS,
    TEACHERS_TITLES,
)
from services.matching.matcher.words import DIGITS, OPEN, PARTY, PHRASE, PLAIN, Words

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
                    if agrees is not None and _counts(words, agrees, group, is_only_one=len(called) == 1):
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
    places = {length: windows.of(length) for length in lengths}
    slipped = {place for payer in pupils for place in places[len(payer.words)] if _is_slip_of(words, payer.words, place[0])}
    for start, end in slipped:
        for payer in pupils:
            if len(payer.words) == end - start and _may_be_meant(words, payer.words, start):
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
        self._about = about
        self._begin: list[tuple[int, int]] = []
        """Where a name may begin, and where the longest one from there ends."""
        for start, run in enumerate(runs):
            if about[start] >= DIGITS or run in CHILD_WORDS or name_stands_before(words, start - 1):
                continue
            end = start + 1
            while end < len(runs) and about[end] < DIGITS and words.is_joined(end - 1):
                end += 1
            self._begin.append((start, end))

    def of(self, length: int) -> list[tuple[int, int]]:
        """Those of so many runs; no more than one of three runs belongs to a phrase."""
        phrases = 1 if length > 2 else 0
        return [
            (start, start + length)
            for start, end in self._begin
            if start + length <= end and self._about.count(PHRASE, start, start + length) <= phrases
        ]


def _may_be_meant(words: Words, name: Sequence[str], start: int) -> bool:
    """Whether only one word differs: from what is nobody's name by one slip, from another name in whatever way."""
    odd = _odd(words, name, start)
    return len(odd) == 1 and (words.runs[start + odd[0]] in words.names or is_slip(words.runs[start + odd[0]], name[odd[0]]))


def _odd(words: Words, name: Sequence[str], start: int) -> list[int]:
    """Which words of a name differ from the runs from `start`."""
    return [at for at, word in enumerate(name) if words.runs[start + at] != word]


def _is_slip_of(words: Words, name: tuple[str, ...], start: int) -> bool:
    """Whether the runs from `start` are the name but for one slip. In a given name it must not make what a child is called
    ("An" for "Anh" is another child), nor in a name of three words another family's name.
    """
    odd = _odd(words, name, start)
    if len(odd) != 1 or len(name) < 2:
        return False
    [at] = odd
    run = words.runs[start + at]
    if not is_slip(run, name[at]) or words.about[start + at] == PHRASE:
        return False
    if at == len(name) - 1:
        return run not in GIVEN_NAMES and run not in PLAIN_WORDS
    if at == 0:
        return len(name) > 3 or (len(name) == 3 and run not in FAMILIES)
    return True


def _nearest_classes(words: Words, mentions: Iterable[Mention]) -> list[Mention]:
    """Of one name that fits two classes of the memo, the nearer; then what overlaps goes, the better grade first."""
    ordered = sorted(
        mentions, key=lambda each: (each.end, -each.grade, distance(words, each, each.group) if each.group else 0.0)
    )
    nearest: dict[int, Mention] = {}
    for mention in ordered:
        nearest.setdefault(mention.end, mention)
    return without_overlaps(nearest.values())


def _counts(words: Words, agrees: Agreement, group: ClassMention, *, is_only_one: bool) -> bool:
    """Whether enough of a name stands there; "TA Hà", "Lê tiền ăn" say more of the fee than of a name without its middle, unless only
    one of the class is called Hà.
    """
    if agrees.grade == Grade.LOST:
        inside = range(agrees.start, agrees.end)
        is_of_child = (
            words.runs[agrees.end - 1] in CHILD_WORDS and words.runs[agrees.start] in DOUBTFUL_WORDS
        )  # "nộp hộ cháu"
        return not is_of_child and not any(
            words.about[place] == PHRASE or (words.runs[place] in FEE_LETTERS and not is_only_one) for place in inside
        )
    return agrees.grade > Grade.MIDDLE or _may_be_given(words, agrees, group)


def _may_be_given(words: Words, agrees: Agreement, group: ClassMention) -> bool:
    """Whether a mere given name is one: it is not the sender's nor a part of a longer name, and it stands beside the class, behind
    "con" or "cháu", or is the only word that could be a name.
    """
    runs, about = words.runs, words.about
    given = agrees.end - 1
    if about[given] == PHRASE or _is_said_of_parent(words, given):
        return False
    if given and runs[given - 1] in CHILD_WORDS and may_attend(words, given):
        return False  # "em học lớp 3A" though a Học sits there
    is_headed = agrees.start > 0 and ":" not in words.gaps[agrees.start]  # "NGUYEN VAN A gui: An 3A"
    before = runs[agrees.start - 1] if is_headed and about[agrees.start - 1] != DIGITS else ""
    if not before or not words.announces_pupil(agrees.start):
        if runs[given] in CHILD_WORDS:
            return False  # "cho cháu lớp 3A" speaks of no Châu
        is_parents = _ends_senders_name(words, agrees) if words.sender else before in PARENT_WORDS
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
        is_far = about[given] != OPEN or runs[given] in FAMILIES or not _is_only_name(words, agrees)
        if not is_beside and is_far:
            return False
    is_ended = agrees.end - agrees.start > 1 and words.ends(agrees.start, agrees.end)
    return is_ended or not goes_on(words, agrees.end, is_whole=False)


def _ends_senders_name(words: Words, agrees: Agreement) -> bool:
    """Whether the sender is called so, as far as it stands there: "mẹ Lan" from Trần Thị Lan, no "Bảo Lan"."""
    name = words.runs[agrees.start : agrees.end]
    return name == list(words.sender[-len(name) :])


def _is_said_of_parent(words: Words, place: int) -> bool:
    """Whether "anh", "chị" stand before the name of a parent, sender or not: "con anh Đặng Văn Bình 6B" names no Anh."""
    if words.runs[place] not in PAYER_WORDS or not words.announces_pupil(place) or place + 1 == len(words.runs):
        return False
    after = place + 1
    return words.runs[after] in words.names and (words.about[after] == PARTY or words.runs[after] in ANY_FAMILIES)


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
