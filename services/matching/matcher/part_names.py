"""Names without a class that are damaged in a part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from services.matching.matcher.book import SiteTable, several
from services.matching.matcher.keys import ALL_BUT_GIVEN, GIVEN_AND_INITIAL, NAME, given_and_initial, turned
from services.matching.matcher.mention import NAME_RUNS_MAX, Mention, keep, name_goes_on, without_overlaps
from services.matching.matcher.names import Grade, agreement, name_stands_before
from services.matching.matcher.values import Payer
from services.matching.matcher.vocabulary import ANY_FAMILIES, CHILD_WORDS
from services.matching.matcher.words import DIGITS, OPEN, PHRASE, PLAIN, Words

FAMILY_REACH: Final = 4
"""A family name is looked for in so many runs before a given name."""


def in_parts(words: Words, site: SiteTable) -> list[Mention]:  # noqa: C901 - one pass over the memo's places, which is clearer and faster in one piece
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
                        keep(best, payer, agrees)
            if place - back > 1 and kind == OPEN:
                for payer in several(by_rest.get(before)):
                    agrees = agreement(words, payer.words, place, slip_in_given=True)
                    if agrees is not None and agrees.grade == Grade.SLIP:
                        keep(best, payer, agrees)
    found = without_overlaps(best.values())
    for mention in found:
        mention.goes_on = name_goes_on(words, mention)
    return found


def turned_around(words: Words, site: SiteTable) -> list[Mention]:
    """Whole names of three words and more that begin with the given name or end with the family name, as some banks' forms give them:
    "ĐỨC NGUYỄN NGỌC TIẾN". What begins with a word that is a family's too may be somebody's name as it stands.
    """
    runs, names = words.runs, site.by_kind[NAME]
    found: list[Mention] = []
    for start in range(len(runs) - 2):
        if not words.is_name(start) or runs[start] in CHILD_WORDS or name_stands_before(words, start - 1):
            continue
        end = start + 1
        while end < len(runs) and end - start < NAME_RUNS_MAX and words.is_joined(end - 1) and words.is_name(end):
            end += 1
            if end - start < 3 or max(words.about[start:end]) >= DIGITS:
                continue
            keys = turned(runs[start:end])
            payers = [payer for key in keys for payer in several(names.get(key)) if len(payer.words) > 2]
            if payers:
                found.append(Mention(payers, Grade.TURNED, start, end))
    found = without_overlaps(found)
    for mention in found:
        mention.goes_on = name_goes_on(words, mention)
        mention.is_untyped = runs[mention.start] in ANY_FAMILIES or runs[mention.start] in site.name_starts
    return found


def among(words: Words, payers: Iterable[Payer]) -> list[Mention]:
    """Who of these few is named with a slip, the given name included: for when no key found anybody."""
    best: dict[tuple[int, int], Mention] = {}
    places = [place for place in words.leftover() if len(words.runs[place]) > 1]
    for payer in payers:
        for place in places:
            agrees = agreement(words, payer.words, place, slip_in_given=True)
            if agrees is not None and agrees.grade >= Grade.LOST:
                keep(best, payer, agrees)
    return list(best.values())
