"""Pupils of the classes that a memo names, of whom no more than a part of the name need stand there."""

from __future__ import annotations

from collections.abc import Iterable

from services.matching.matcher.book import SiteTable, several
from services.matching.matcher.classes import ClassMention
from services.matching.matcher.keys import CLASS, GIVEN_AND_CLASS, given_and_class
from services.matching.matcher.mention import Mention, distance, keep, name_goes_on, without_overlaps
from services.matching.matcher.names import Agreement, Grade, agreement, givens_in, goes_on
from services.matching.matcher.reading import DIGITS, OPEN, PHRASE, PLAIN, Words
from services.matching.matcher.values import Payer
from services.matching.matcher.vocabulary import CHILD_WORDS, DOUBTFUL_WORDS, FEE_LETTERS, RATHER_NAMES


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
                _slips_in_class(words, site.find(CLASS, group.key), group, best)
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
        return not any(words.about[place] == PHRASE or words.runs[place] in FEE_LETTERS for place in inside)
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
        if words.sender and runs[given] == words.sender[-1]:
            return False
        start = group.start
        while start and about[start - 1] == PLAIN and runs[start - 1] in CHILD_WORDS:
            start -= 1
        is_before = agrees.end in {start, group.start}
        is_behind = agrees.start == group.end and (about[given] == OPEN or words.is_joined(group.end - 1))
        is_beside = is_before or is_behind
        if not is_beside and (about[given] != OPEN or not _is_only_name(words, given)):
            return False
    return not goes_on(words, agrees.end, is_whole=False)


def _is_only_name(words: Words, given: int) -> bool:
    """Whether nothing else in the memo could be a name; few words with another meaning are one so far from the class."""
    runs = words.runs
    if _is_doubtful(runs[given]):
        return False
    return all(place == given or runs[place] not in words.names or _is_doubtful(runs[place]) for place in words.leftover())


def _is_doubtful(run: str) -> bool:
    return run in DOUBTFUL_WORDS and run not in RATHER_NAMES


def _is_listed(words: Words, mention: Mention) -> bool:
    """Whether a name is one of several: "An và Bình 3A"."""
    return mention.start > 0 and (words.runs[mention.start - 1] == "va" or not words.is_joined(mention.start - 1))
