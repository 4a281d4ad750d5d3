"""Whom the memo names: places in it, and the payers of the site that could be meant by each."""

from __future__ import annotations

from services.matching.matcher.book import Book, SiteTable
from services.matching.matcher.class_names import in_classes
from services.matching.matcher.classes import ClassMention, class_mentions, class_texts
from services.matching.matcher.full_names import full_names
from services.matching.matcher.keys import NAME_AND_CLASS, name_and_class
from services.matching.matcher.mention import NAME_RUNS_MAX, Mention, distance, without_overlaps
from services.matching.matcher.part_names import in_parts
from services.matching.matcher.reading import DIGITS, PARTY, Reading, Words
from services.matching.matcher.text import marked
from services.matching.matcher.values import Payer
from services.matching.matcher.vocabulary import CONNECTIVES, DOUBTFUL_WORDS


def find(reading: Reading, site: SiteTable) -> list[Mention]:
    """The payers that words name, in the memo's order; places do not overlap."""
    known: list[Mention] | None = reading.found.get("mentions")
    if known is None:
        known = reading.found["mentions"] = _search(reading, site)
    return known


def _search(reading: Reading, site: SiteTable) -> list[Mention]:
    classes = class_mentions(reading, site)
    words = reading.words
    found = full_names(words, site)
    if classes:
        if found:
            _attach(words, found, classes)
        if not any(mention.class_agrees for mention in found if not mention.is_senders) or len(classes) > len(found):
            found = without_overlaps([*in_classes(words, site, classes, found), *found])
    elif not found:
        found = in_parts(words, site)
    for mention in found:
        mention.is_untyped = not mention.class_agrees and (words.is_untyped or words.follows_account(mention.start))
        if len(mention.payers) > 1:
            _tell_by_marks(reading, mention)
    if len(found) > 1:
        found.sort(key=lambda mention: mention.start)
    return found


def _attach(words: Words, mentions: list[Mention], classes: list[ClassMention]) -> None:
    """Give each name the nearest class that agrees with the list, else the nearest; one class to several names only where these stand
    together, and to the sender's name only where nobody else is named.
    """
    taken: dict[ClassMention, Mention] = {}
    for mention in sorted(
        mentions, key=lambda each: (each.is_senders, min(distance(words, each, group) for group in classes))
    ):
        for group in sorted(classes, key=lambda each: distance(words, mention, each)):
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
            mention.group, mention.class_agrees = min(free, key=lambda each: distance(words, mention, each)), False


def _names_left(words: Words) -> bool:
    """Whether anything but the sender's name could be one."""
    runs = words.runs
    return any(len(runs[at]) > 1 and runs[at] in words.names and runs[at] not in DOUBTFUL_WORDS for at in words.leftover())


def _stand_together(words: Words, one: Mention, other: Mention) -> bool:
    first, second = (one, other) if one.start < other.start else (other, one)
    return all(words.runs[place] in CONNECTIVES for place in range(first.end, second.start))


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
