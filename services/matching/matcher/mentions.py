"""Whom the memo names: places in it, and the payers of the site that could be meant by each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from services.matching.matcher.book import Book, SiteTable, several
from services.matching.matcher.classes import ClassMention, class_mentions, class_texts
from services.matching.matcher.keys import (
    ALL_BUT_GIVEN,
    CLASS,
    GIVEN_AND_CLASS,
    GIVEN_AND_INITIAL,
    NAME,
    NAME_AND_CLASS,
    given_and_class,
    given_and_initial,
    name_and_class,
)
from services.matching.matcher.names import Agreement, Grade, agreement, givens_in, goes_on, name_stands_before
from services.matching.matcher.reading import DIGITS, OPEN, PARTY, PHRASE, PLAIN, Reading, Words
from services.matching.matcher.text import marked
from services.matching.matcher.values import Payer
from services.matching.matcher.vocabulary import (
    CHILD_WORDS,
    CONNECTIVES,
    DOUBTFUL_WORDS,
    FAMILIES,
    FEE_LETTERS,
    PLAIN_WORDS,
    RATHER_NAMES,
)

NAME_RUNS_MAX: Final = 8
ONE_RUN_LENGTH_MIN: Final = 6
"""A name of one shorter word is no name."""
FAMILY_REACH: Final = 4
"""A family name is looked for in so many runs before a given name."""


@dataclass(slots=True)
class Mention:
    """A place in the memo and whom it could mean."""

    payers: list[Payer]
    grade: Grade
    start: int
    end: int
    group: ClassMention | None = None
    """The class that stands beside it."""
    class_agrees: bool | None = None
    """None: no class stands beside it, or the payer has none."""
    is_senders: bool = False
    """It is the name of who sent the money, and nothing says that a pupil of that name is meant."""
    is_untyped: bool = False
    """It may be the name of who sent the money."""
    goes_on: bool = False
    """Another name word follows, so that it may be somebody else's longer name."""
    told_by_marks: bool = False
    namesakes: list[Payer] = field(default_factory=list)
    """Who would be called so without their middle names."""


def find(reading: Reading, site: SiteTable) -> list[Mention]:
    """The payers that words name, in the memo's order; places do not overlap."""
    known: list[Mention] | None = reading.found.get("mentions")
    if known is None:
        known = reading.found["mentions"] = _search(reading, site)
    return known


def _search(reading: Reading, site: SiteTable) -> list[Mention]:
    classes = class_mentions(reading, site)
    words = reading.words
    found = _full_names(words, site)
    if classes:
        if found:
            _attach(words, found, classes)
        if not any(mention.class_agrees for mention in found if not mention.is_senders) or len(classes) > len(found):
            found = _without_overlaps([*_in_classes(words, site, classes, found), *found])
    elif not found:
        found = _in_parts(words, site)
    for mention in found:
        mention.is_untyped = not mention.class_agrees and (words.is_untyped or words.follows_account(mention.start))
        if len(mention.payers) > 1:
            _tell_by_marks(reading, mention)
    if len(found) > 1:
        found.sort(key=lambda mention: mention.start)
    return found


def _full_names(words: Words, site: SiteTable) -> list[Mention]:  # noqa: C901 - one pass over the memo's places, which is clearer and faster in one piece
    """Every full name of the site; of two that begin together the longer, unless its tail is a phrase ("Thu" before "tiền ăn")."""
    runs, about, starts, names = words.runs, words.about, site.name_starts, site.by_kind[NAME]
    found: list[Mention] = []
    taken = 0
    for start, run in enumerate(runs):
        hits: list[Mention] = []
        if run in starts and words.is_name(start):
            if start < taken or about[start] == DIGITS:
                continue
            key = run
            for end in range(start + 1, min(start + NAME_RUNS_MAX, len(runs))):
                if about[end] == DIGITS or not words.is_joined(end - 1) or not words.is_name(end):
                    break
                key += runs[end]
                if (entry := names.get(key)) is not None and (payers := several(entry)):
                    hits.append(Mention(payers, Grade.FULL, start, end + 1))
                elif key not in starts:
                    break
        if not hits and len(run) >= ONE_RUN_LENGTH_MIN and start >= taken and (payers := several(names.get(run))):
            hits.append(Mention(payers, Grade.FULL, start, start + 1))
        if not hits:
            continue
        mention = hits[-1]
        is_start_of_longer = site.by_kind[ALL_BUT_GIVEN].get("".join(runs[mention.start : mention.end])) is not None
        for shorter in hits[:-1]:
            if about[shorter.end] not in {OPEN, PARTY}:
                mention.payers = [*mention.payers, *shorter.payers]
        if mention.end - mention.start == 2:
            mention.namesakes = _namesakes(words, site, mention)
        _judge(words, mention)
        # "Nguyễn Văn Minh" before what is no word may be "Nguyễn Văn Minh Nam" with a slip, where somebody is called so.
        mention.goes_on = mention.goes_on or (is_start_of_longer and mention.end < len(runs) and about[mention.end] == OPEN)
        found.append(mention)
        taken = mention.end
    return found


def _namesakes(words: Words, site: SiteTable, mention: Mention) -> list[Payer]:
    """Two words may be a whole name, or others' without their middle names."""
    family, given = words.runs[mention.start], words.runs[mention.end - 1]
    alike = site.find(GIVEN_AND_INITIAL, given_and_initial(given, family[0]))
    return [payer for payer in alike if len(payer.words) > 2 and (payer.words[0], payer.words[-1]) == (family, given)]


def _judge(words: Words, mention: Mention) -> None:
    """Whose the name is, and whether it ends where it seems to."""
    inside = words.about[mention.start : mention.end]
    name, sender = mention.payers[0].words, words.sender
    is_own = inside.count(PARTY) * 2 > len(inside) or (
        bool(sender) and (name == sender or (len(sender) > 1 and name[: len(sender)] == sender))
    )
    mention.is_senders = is_own and (not mention.start or words.runs[mention.start - 1] not in CHILD_WORDS)
    is_doubtful = len(inside) < 3 or PHRASE in inside
    mention.goes_on = (
        _goes_on(words, mention)
        or (is_doubtful and name_stands_before(words, mention.start - 1))
        or _is_end_of_longer(words, mention.start)
        or (inside[-1] == PHRASE and _ends_in_phrase(words, mention.end))
    )


def _is_end_of_longer(words: Words, start: int) -> bool:
    """Whether a family name stands directly before: "Nguyễn Duy Sang" in "Trần Nguyễn Duy Sang" is another child."""
    before = start - 1
    return before >= 0 and words.runs[before] in FAMILIES and words.about[before] == OPEN and words.gaps[start] == " "


def _ends_in_phrase(words: Words, end: int) -> bool:
    """Whether the last word rather belongs to what follows: "Nguyen Hai tien truong" names no Hai Tien, "Kim Tien lop 3A" does."""
    return words.is_phrase(end - 1) and not words.is_phrase(end) and words.runs[end] not in PLAIN_WORDS


def _goes_on(words: Words, mention: Mention) -> bool:
    return goes_on(words, mention.end, is_whole=mention.grade >= Grade.SLIP and mention.end - mention.start > 2)


def _attach(words: Words, mentions: list[Mention], classes: list[ClassMention]) -> None:
    """Give each name the nearest class that agrees with the list, else the nearest; one class to several names only where these stand
    together, and to the sender's name only where nobody else is named.
    """
    taken: dict[ClassMention, Mention] = {}
    for mention in sorted(
        mentions, key=lambda each: (each.is_senders, min(_distance(words, each, group) for group in classes))
    ):
        for group in sorted(classes, key=lambda each: _distance(words, mention, each)):
            agreeing = [payer for payer in mention.payers if group.key in payer.groups]
            if not agreeing or (mention.is_senders and (group in taken or _names_left(words))):
                continue
            if group in taken and not _stand_together(words, mention, taken[group]):
                continue
            mention.payers, mention.group, mention.class_agrees, mention.is_senders = agreeing, group, True, False
            taken[group] = mention
            break
    for mention in mentions:
        free = [group for group in classes if group not in taken]
        if mention.class_agrees is None and free and any(payer.group for payer in mention.payers):
            mention.group, mention.class_agrees = min(free, key=lambda each: _distance(words, mention, each)), False


def _names_left(words: Words) -> bool:
    """Whether anything but the sender's name could be one."""
    runs = words.runs
    return any(len(runs[at]) > 1 and runs[at] in words.names and runs[at] not in DOUBTFUL_WORDS for at in words.leftover())


def _stand_together(words: Words, one: Mention, other: Mention) -> bool:
    first, second = (one, other) if one.start < other.start else (other, one)
    return all(words.runs[place] in CONNECTIVES for place in range(first.end, second.start))


def _distance(words: Words, mention: Mention, group: ClassMention) -> float:
    """How many runs that mean anything stand between; a class behind the name is a little nearer than one before it."""
    if group.start >= mention.end:
        return sum(kind != PLAIN for kind in words.about[mention.end : group.start])
    return sum(kind != PLAIN for kind in words.about[group.end : mention.start]) + 0.5


def _in_classes(  # noqa: C901 - as above
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
                        _keep(best, payer, agrees, group)
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
        mention.goes_on = _goes_on(words, mention)
    return found


def _slips_in_class(words: Words, pupils: list[Payer], group: ClassMention, best: dict[tuple[int, int], Mention]) -> None:
    places = [place for place in words.leftover() if len(words.runs[place]) > 1]
    for payer in pupils:
        for place in places:
            agrees = agreement(words, payer.words, place, slip_in_given=True)
            if agrees is not None and agrees.grade == Grade.SLIP:
                _keep(best, payer, agrees, group)


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


def _in_parts(words: Words, site: SiteTable) -> list[Mention]:  # noqa: C901 - one pass over the memo's places, which is clearer and faster in one piece
    """Names without a class that are damaged in a part: found by the given name and the family name's first letter, or by all but
    the given name.
    """
    runs, about = words.runs, words.about
    by_given, by_rest = site.by_kind[GIVEN_AND_INITIAL], site.by_kind[ALL_BUT_GIVEN]
    best: dict[tuple[int, int], Mention] = {}
    for place in range(1, len(runs)):
        run, kind = runs[place], about[place]
        if kind >= DIGITS or len(run) < 2 or (kind == PLAIN and run not in words.names):
            continue
        tried = set()
        before = ""
        for back in range(place - 1, max(-1, place - NAME_RUNS_MAX), -1):
            if about[back] >= DIGITS or not words.is_joined(back):
                break
            letter = runs[back][0]
            before = runs[back] + before
            if place - back <= FAMILY_REACH and letter not in tried:
                tried.add(letter)
                for payer in several(by_given.get(given_and_initial(run, letter))):
                    agrees = agreement(words, payer.words, place)
                    if agrees is not None and agrees.grade >= (Grade.LOST if kind == PHRASE else Grade.INITIALS):
                        _keep(best, payer, agrees)
            if place - back > 1 and kind == OPEN:
                for payer in several(by_rest.get(before)):
                    agrees = agreement(words, payer.words, place, slip_in_given=True)
                    if agrees is not None and agrees.grade == Grade.SLIP:
                        _keep(best, payer, agrees)
    found = _without_overlaps(best.values())
    for mention in found:
        mention.goes_on = _goes_on(words, mention)
    return found


def among(words: Words, payers: Iterable[Payer]) -> list[Mention]:
    """Who of these few is named with a slip, the given name included: for when no key found anybody."""
    best: dict[tuple[int, int], Mention] = {}
    places = [place for place in words.leftover() if len(words.runs[place]) > 1]
    for payer in payers:
        for place in places:
            agrees = agreement(words, payer.words, place, slip_in_given=True)
            if agrees is not None and agrees.grade >= Grade.LOST:
                _keep(best, payer, agrees)
    return list(best.values())


def _keep(best: dict[tuple[int, int], Mention], payer: Payer, agrees: Agreement, group: ClassMention | None = None) -> None:
    """Of one place only the best grade counts."""
    place = (agrees.end, group.start if group else -1)
    known = best.get(place)
    if known is None or agrees.grade > known.grade:
        best[place] = Mention([payer], agrees.grade, agrees.start, agrees.end, group, True if group else None)
    elif agrees.grade == known.grade and payer not in known.payers:
        known.payers.append(payer)


def _nearest_classes(words: Words, mentions: Iterable[Mention]) -> list[Mention]:
    """Of one name that fits two classes of the memo, the nearer; then what overlaps goes, the better grade first."""
    ordered = sorted(
        mentions, key=lambda each: (each.end, -each.grade, _distance(words, each, each.group) if each.group else 0.0)
    )
    nearest: dict[int, Mention] = {}
    for mention in ordered:
        nearest.setdefault(mention.end, mention)
    return _without_overlaps(nearest.values())


def _without_overlaps(mentions: Iterable[Mention]) -> list[Mention]:
    """The best grades and the longest places; of what overlaps them nothing."""
    kept: list[Mention] = []
    for mention in sorted(
        mentions, key=lambda each: (not each.class_agrees, -each.grade, each.start - each.end, each.start)
    ):
        if all(mention.end <= other.start or other.end <= mention.start for other in kept):
            kept.append(mention)
    return kept


def _tell_by_marks(reading: Reading, mention: Mention) -> None:
    """Where the memo has diacritics and they are those of one payer's name alone, it is this one."""
    memo = reading.incoming.memo
    if memo.isascii():
        return
    written = f" {marked(memo)} "
    same = [payer for payer in mention.payers if f" {marked(payer.name)} " in written]
    spellings = {marked(payer.name) for payer in same}
    is_distinct = len({marked(payer.name) for payer in mention.payers}) > 1
    if is_distinct and len(spellings) == 1 and not next(iter(spellings)).isascii():
        mention.payers, mention.told_by_marks = same, True


def named_elsewhere(reading: Reading, book: Book) -> list[Payer]:
    """Payers of any site whose full name stands in the memo, with their class where the memo has a class."""
    words = reading.words
    runs, about = words.runs, words.about
    groups = class_texts(words)
    found: dict[Payer, None] = {}
    for start, run in enumerate(runs):
        if run not in words.names or about[start] in {DIGITS, PARTY}:
            continue
        name = run
        for end in range(start + 1, min(start + NAME_RUNS_MAX, len(runs))):
            if about[end] == DIGITS or not words.is_joined(end - 1) or not words.is_name(end):
                break
            name += runs[end]
            for group in groups:
                found |= dict.fromkeys(book.anywhere(NAME_AND_CLASS, name_and_class(name, group)))
            if end - start > 1:
                found |= dict.fromkeys(book.anywhere(NAME_AND_CLASS, name_and_class(name, "")))
    return list(found)
