"""Whose the money may be that is over, where something else stands beside a bill's mark: the beginning of a reference that a bank cut
off, another payer, several children.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final, NamedTuple

from services.matching.matcher import certainty, marks, mentions, strangers
from services.matching.matcher.book import Book, SiteTable
from services.matching.matcher.evidence import Fact
from services.matching.matcher.keys import GIVEN_AND_INITIAL, given_and_initial
from services.matching.matcher.marks import CODE_INTACT
from services.matching.matcher.owing import issued
from services.matching.matcher.paying import CONTRADICTION, best_of
from services.matching.matcher.reading import Reading
from services.matching.matcher.sums import Choice, ways
from services.matching.matcher.values import OpenNotice, Payer
from services.matching.matcher.vocabulary import CHILD_WORDS, CONNECTIVES, COUNTED_WORDS
from services.matching.matcher.words import DIGITS, OPEN, Words
from shared.reference import begun_references
from shared.reference.code import TRUE_DIGITS

SEVERAL_CHILDREN: Final = Fact("several_children", holds=False)
_LONG: Final = 9
"""With so many letters and digits it is rather a reference than a word, and two of them may be wrong."""
_SURE_LENGTH: Final = 4
"""Of a long one so much must be right: KH and two symbols."""
_DIGITS: Final = frozenset(TRUE_DIGITS)
_COUNTS: Final = frozenset({"2", "3", "4", "hai", "cac"})
_LISTING: Final = re.compile("[+&]")


class Others(NamedTuple):
    """Why the money over a bill's open sum is not simply the payer's, and what it could pay."""

    facts: tuple[Fact, ...]
    together: list[Choice]
    """What owes just what is over: it and the bill make the sum."""
    alone: list[Choice]
    """What else is named."""
    is_sure: bool = False
    """Whether the rest is for one whose code stands there, and nobody else is named."""


def others_beside(reading: Reading, book: Book, bill: Sequence[OpenNotice]) -> Others | None:
    """Who else a memo speaks of that pays more than the bill's open sum; None where it speaks of nobody, as most do."""
    rest = reading.incoming.amount - sum(notice.open for notice in bill)
    if begun := begun_bills(reading, book):
        facts = tuple(Fact("reference_begun", holds=False, about=start) for start in begun)
        bills = list(chain.from_iterable(begun.values()))
        return Others(facts, [each for each in bills if sum(notice.open for notice in each) == rest], bills)
    payer = book.payer_of(bill[0])
    if payer is None:
        return None
    named = _named(reading, book, payer, rest)
    are_several = _are_several_children(reading.words)
    if not (
        named
        or are_several
        or strangers.names_another_class(reading, book, [payer])
        or _is_listed_beside(reading.words, payer)
    ):
        return None
    if len(by_code := _by_code(reading, book, named)) == 1 and len(choices := ways(rest, issued(reading, by_code[0]))) == 1:
        return Others((CODE_INTACT,), choices, [], is_sure=True)
    others = dict.fromkeys([*named, *_siblings(reading, book.at(payer.site_id), payer)])
    together = [choice for each in others for choice in ways(rest, issued(reading, each))]
    return Others(
        (SEVERAL_CHILDREN if are_several else CONTRADICTION,), together, [best_of(reading, each) for each in named]
    )


def begun_bills(reading: Reading, book: Book) -> dict[str, list[Choice]]:
    """The site's bills whose references begin as something in the memo does, by that: "KHQYM1P3MMM, KHT35U14". No bill stands under
    what only looks like a damaged reference.
    """
    known: dict[str, list[Choice]] | None = reading.found.get("begun")
    if known is None:
        known = reading.found["begun"] = _begun_bills(reading, book)
    return known


def _begun_bills(reading: Reading, book: Book) -> dict[str, list[Choice]]:
    incoming = reading.incoming
    if incoming.site_id is None:
        return {}
    whole = [each for each in reading.references if each.exact]
    memo = incoming.memo
    for each in whole:
        memo = f"{memo[: each.start]}{' ' * (each.end - each.start)}{memo[each.end :]}"
    found = {}
    for start in begun_references(memo):
        if any(_begins(start, each.reference) for each in whole):
            continue
        bills = [
            bill
            for bill in book.of_beginning(incoming.site_id, start[:_SURE_LENGTH] if len(start) >= _LONG else start)
            if _begins(start, bill[0].reference)
        ]
        if bills or (len(start) >= _LONG and not _DIGITS.isdisjoint(start)):
            bills.sort(key=lambda bill: any(notice.issued_on and notice.issued_on > incoming.occurred_on for notice in bill))
            found[start] = [tuple([notice for notice in bill if notice.open] or bill) for bill in bills]
    return found


def _begins(start: str, reference: str) -> bool:
    """Whether a reference begins so; a long beginning may have two slips."""
    slips = sum(one != other for one, other in zip(start, reference, strict=False))
    return slips <= (2 if len(start) >= _LONG else 0)


def _named(reading: Reading, book: Book, payer: Payer, rest: int) -> list[Payer]:
    """Other payers of the site by code or name, surely or such as owe just the rest: "va Khanh 5A", "+ HS001071"."""
    return [
        other
        for mark in (*marks.codes(reading, book), *marks.named(reading, book))
        if payer not in mark.payers
        for other in mark.payers[:2]
        if mark.speaks_up or mark.bits >= certainty.SOLID_BITS or ways(rest, issued(reading, other))
    ]


def _by_code(reading: Reading, book: Book, named: Sequence[Payer]) -> list[Payer]:
    """Those of the payers named beside a bill for whom a code stands there; empty where any other is named."""
    by_code = [payer for mark in marks.codes(reading, book) if mark.bits >= certainty.CODE_BITS for payer in mark.payers]
    return by_code if set(named) == set(by_code) else []


def lists_several(reading: Reading, site: SiteTable) -> bool:
    """Whether the memo puts another payer beside one: "HS0101 va Nguyen Van An", "An 3A + HS0101", "2 con"; "ghế và thẻ" are fees."""
    words = reading.words
    if _are_several_children(words):
        return True
    runs, gaps = words.runs, words.gaps
    named = {mention.start for mention in mentions.find(reading, site)}
    for place, run in enumerate(runs):
        if run not in CONNECTIVES and not _LISTING.search(gaps[place]):
            continue
        start = place + 1 if run in CONNECTIVES else place
        while start < len(runs) and runs[start] in CHILD_WORDS and start not in named:
            start += 1
        if start in named or (start < len(runs) and (words.is_before_digits(start) or words.about[start] == DIGITS)):
            return True
    return False


def _are_several_children(words: Words) -> bool:
    """Whether the memo speaks of children: "2 con", "hai cháu"; "lớp 2 con Nam", "10/2 con" and "Gia Hải HS lớp 8B" count none."""
    runs, gaps = words.runs, words.gaps
    return any(
        run in _COUNTS
        and runs[place + 1] in CHILD_WORDS
        and gaps[place + 1].strip() == ""
        and not (
            place and (runs[place - 1] in COUNTED_WORDS or (words.about[place - 1] == OPEN and words.is_joined(place - 1)))
        )
        and not (place and runs[place - 1][0] <= "9" and not gaps[place].isspace())
        for place, run in enumerate(runs[:-1])
    )


def _is_listed_beside(words: Words, payer: Payer) -> bool:
    """Whether a name that is none of the payer's is added to what stands before: "va em Phong", "+ Phong", ", em Phong"."""
    runs, gaps = words.runs, words.gaps
    for place in _strange_names(words, payer):
        start = place
        while start and runs[start - 1] in CHILD_WORDS:
            start -= 1
        before = "".join(gaps[start : place + 1])
        if start and runs[start - 1] in CONNECTIVES:
            return True
        if _LISTING.search(before) or (start < place and "," in before):
            return True
    return False


def _siblings(reading: Reading, site: SiteTable, payer: Payer) -> Iterable[Payer]:
    """Others of the payer's family name whom a word of the memo may call."""
    for place in _strange_names(reading.words, payer) if payer.words else ():
        for other in site.find(GIVEN_AND_INITIAL, given_and_initial(reading.words.runs[place], payer.words[0][0])):
            if other.words[0] == payer.words[0]:
                yield other


def _strange_names(words: Words, payer: Payer) -> list[int]:
    """Places of words that people are named with, but not this payer: of Bùi Minh Trí also "em Minh", which no name follows."""
    runs = words.runs
    names = [words.about[place] == OPEN and run in words.names and len(run) > 1 for place, run in enumerate(runs)]
    return [
        place
        for place, run in enumerate(runs)
        if names[place]
        and (
            run not in payer.words
            or (run != payer.words[-1] and not (place + 1 < len(runs) and names[place + 1] and words.is_joined(place)))
        )
    ]
