"""Pupils of the classes that a memo names, of whom no more than a part of the name need stand there."""

from __future__ import annotations

from collections.abc import Iterable

from services.matching.matcher.book import SiteTable, several
from services.matching.matcher.classes import ClassMention
from services.matching.matcher.keys import GIVEN_AND_CLASS, given_and_class
from services.matching.matcher.mention import Mention, distance, keep, name_goes_on, without_overlaps
from services.matching.matcher.names import Agreement, Grade, agreement, givens_in, goes_on, is_doubtful
from services.matching.matcher.reading import DIGITS, OPEN, PHRASE, PLAIN, Words
from services.matching.matcher.values import Payer
from services.matching.matcher.vocabulary import (
    CHILD_WORDS,
    CONNECTIVES,
    DOUBTFUL_WORDS,
    FAMILIES,
    FEE_LETTERS,
    PARENT_WORDS,
)


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
                for payer in several(table.get(given_and_class(given, group.key))):
                    agrees = agreement(words, payer.words, place)
                    if agrees is not None and _counts(words, agrees, group):
                        keep(best, payer, agrees, group)
    if all(goes_on(words, each.end, is_whole=each.grade == Grade.FULL) for each in best.values()):
        for group in classes:
            if group.is_known:
                _slips_in_class(words, site.pupils(group.key), group, best)
                _turned_around(words, site.pupils(group.key), group, best)
    found = _nearest_classes(words, best.values())
    better = {mention.group for mention in [*found, *known] if mention.grade > Grade.MIDDLE and mention.class_agrees}
    found = [
        mention
        for mention in found
        if mention.grade > Grade.MIDDLE or mention.group not in better or _is_listed(words, mention)
    ]
    for mention in found:
        mention.goes_on = name_goes_on(words, mention)
    return found


def _slips_in_class(words: Words, pupils: list[Payer], group: ClassMention, best: dict[tuple[int, int], Mention]) -> None:
    places = [place for place in words.leftover() if len(words.runs[place]) > 1]
    for payer in pupils:
        for place in places:
            agrees = agreement(words, payer.words, place, slip_in_given=True)
            if agrees is not None and agrees.grade == Grade.SLIP:
                keep(best, payer, agrees, group)


def _nearest_classes(words: Words, mentions: Iterable[Mention]) -> list[Mention]:
    """Of one name that fits two classes of the memo, the nearer; then what overlaps goes, the better grade first."""
    ordered = sorted(
        mentions, key=lambda each: (each.end, -each.grade, distance(words, each, each.group) if each.group else 0.0)
    )
    nearest: dict[int, Mention] = {}
    for mention in ordered:
        nearest.setdefault(mention.end, mention)
    return without_overlaps(nearest.values())


def _counts(words: Words, agrees: Agreement, group: ClassMention) -> bool:
    """Whether enough of a name stands there; "TA Hà", "Lê tiền ăn" say more of the fee than of a name without its middle."""
    if agrees.grade == Grade.LOST:
        inside = range(agrees.start, agrees.end)
        is_of_child = (
            words.runs[agrees.end - 1] in CHILD_WORDS and words.runs[agrees.start] in DOUBTFUL_WORDS
        )  # "nộp hộ cháu"
        return not is_of_child and not any(
            words.about[place] == PHRASE or words.runs[place] in FEE_LETTERS for place in inside
        )
    return agrees.grade > Grade.MIDDLE or _may_be_given(words, agrees, group)


def _may_be_given(words: Words, agrees: Agreement, group: ClassMention) -> bool:
    """Whether a mere given name is one: it is not the sender's nor a part of a longer name, and it stands beside the class, behind
    "con" or "cháu", or is the only word that could be a name.
    """
    runs, about = words.runs, words.about
    given = agrees.end - 1
    if about[given] == PHRASE:
        return False
    before = runs[agrees.start - 1] if agrees.start and about[agrees.start - 1] != DIGITS else ""
    if before not in CHILD_WORDS:
        if runs[given] in CHILD_WORDS:
            return False  # "cho cháu lớp 3A" speaks of no Châu
        if runs[given] == words.sender[-1] if words.sender else before in PARENT_WORDS:
            return False  # "mẹ Lan 3A" from a Lan, or from nobody knows whom
        start = group.start
        while start and about[start - 1] == PLAIN and runs[start - 1] in CHILD_WORDS:
            start -= 1
        is_before = agrees.end in {start, group.start}
        is_behind = agrees.start == group.end and (
            words.is_joined(group.end - 1) or (about[given] == OPEN and not _has_own_name(words, group))
        )
        is_beside = is_before or is_behind or _is_first_of_list(words, agrees.end, group)
        # Far from the class a family name is rather one, and not given.
        is_far = about[given] != OPEN or runs[given] in FAMILIES or not _is_only_name(words, given)
        if not is_beside and is_far:
            return False
    return not goes_on(words, agrees.end, is_whole=False)


def _is_first_of_list(words: Words, end: int, group: ClassMention) -> bool:
    """Whether only other names stand before the class, behind "và" or a comma: "Thanh, Toán 2A"."""
    if end >= group.start or (words.runs[end] not in CONNECTIVES and words.is_joined(end - 1)):
        return False
    return all(
        words.runs[place] in CONNECTIVES or (words.about[place] == OPEN and words.runs[place] in words.names)
        for place in range(end, group.start)
    )


def _has_own_name(words: Words, group: ClassMention) -> bool:
    """Whether a name stands directly before the class, whose it is then: "Tuyên 8/3 & Páo" says no class of Páo."""
    before = group.start - 1
    return before >= 0 and words.about[before] == OPEN and words.runs[before] in words.names


def _is_only_name(words: Words, given: int) -> bool:
    """Whether nothing else in the memo could be a name; few words with another meaning are one so far from the class."""
    runs = words.runs
    if is_doubtful(runs[given]):
        return False
    return all(place == given or runs[place] not in words.names or is_doubtful(runs[place]) for place in words.leftover())


def _turned_around(words: Words, pupils: list[Payer], group: ClassMention, best: dict[tuple[int, int], Mention]) -> None:
    """Whole names whose words stand in another order: "An Nguyễn Văn"."""
    names: dict[tuple[str, ...], list[Payer]] = {}
    for payer in pupils:
        names.setdefault(tuple(sorted(payer.words)), []).append(payer)
    start = 0
    for end in range(1, len(words.runs) + 1):
        if (
            end < len(words.runs)
            and words.could_be_named(end)
            and words.could_be_named(end - 1)
            and words.is_joined(end - 1)
        ):
            continue
        for payer in names.get(tuple(sorted(words.runs[start:end])), ()) if end - start > 1 else ():
            keep(best, payer, Agreement(Grade.SHORT, start, end), group)
        start = end


def _is_listed(words: Words, mention: Mention) -> bool:
    """Whether a name is one of several: "An và Bình 3A"."""
    return mention.start > 0 and (words.runs[mention.start - 1] == "va" or not words.is_joined(mention.start - 1))
