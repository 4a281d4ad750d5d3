"""What several payers pay in one sum: exact sums of what they owe together, in one way only."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, islice, product
from typing import Final

from services.matching.matcher import certainty
from services.matching.matcher.book import Book
from services.matching.matcher.evidence import Fact
from services.matching.matcher.hints import fits_months, hints_of, month_of, named_among, names_any, names_each
from services.matching.matcher.marks import Mark
from services.matching.matcher.owing import issued
from services.matching.matcher.paying import AMOUNT_TOGETHER, amount_misses, ask, best_of, facts_of, pay_for, settle_choice
from services.matching.matcher.reading import Reading
from services.matching.matcher.sums import WAYS_MAX, Choice, is_only_way, split_between, ways, wholes
from services.matching.matcher.values import Decision, OpenNotice, Payer, SiteRules

PAYERS_MAX: Final = 6
"""So many payers may be named in one transfer; more are a person's matter."""
COMBINATIONS_MAX: Final = 16
MIXED_MAX: Final = 4
"""Of one payer no more notices than these are a mixture that is meant."""


def pay_for_several(reading: Reading, book: Book, rules: SiteRules, marks: Sequence[Mark]) -> Decision | None:
    """Several payers are named: settled together where their open sums add up in one way; one of them alone only where the others
    were named by the way, as nobody is whose class or whole name stands there.
    """
    choices = together(reading, marks)
    alone = [mark for mark in marks if any(_could_be_alone(reading, payer) for payer in mark.payers)]
    is_open = len(choices) == 1 and (not alone or all(mark.speaks_up for mark in marks))
    if is_open and _are_meant(marks, choices[0], book) and is_no_chance(reading, book, choices[0]):
        return settle_choice(rules, "several", choices[0], marks, AMOUNT_TOGETHER)
    surest = max(marks, key=lambda each: each.bits)
    if (
        not choices
        and surest in alone
        and all(mark is surest or (not mark.speaks_up and mark.bits + certainty.CLASS_BITS <= surest.bits) for mark in marks)
    ):
        return pay_for(reading, rules, "name", surest)
    facts = (*facts_of(marks), Fact("amount_fits_one", holds=False) if alone else amount_misses(len(choices)))
    singles = [best_of(reading, payer) for mark in marks for payer in mark.payers[:2]]
    if alone:
        return ask("ambiguous", facts, [*choices, *singles], surest.bits)
    sets = [
        tuple(notice for payer in payers for notice in best_of(reading, payer))
        for payers in islice(product(*(mark.payers for mark in marks)), 3)
    ]
    return ask("several", facts, [*choices, *sets, *singles], surest.bits)


def _could_be_alone(reading: Reading, payer: Payer) -> bool:
    """Whether the payer owes just this sum, of the months and fees that the memo names: "TA t10" of two is not one's of two months, and
    "nuoc" of two is not one's insurance.
    """
    hints, owed = hints_of(reading), issued(reading, payer)
    choices = ways(reading.incoming.amount, owed)
    return any(fits_months(hints, choice) and names_each(hints, choice, owed) for choice in choices)


def together(reading: Reading, marks: Sequence[Mark]) -> list[Choice]:
    """Ways in which one payer of each mark together owe the amount."""
    if not 1 < len(marks) <= PAYERS_MAX:
        return []
    count = 1
    for mark in marks:
        count *= len(mark.payers)
    if count > COMBINATIONS_MAX:
        return []
    found: dict[tuple[str, ...], Choice] = {}
    for payers in product(*(mark.payers for mark in marks)):
        if len(set(payers)) < len(payers):
            continue
        for choice in _shared(reading, [issued(reading, payer) for payer in payers]):
            found[tuple(sorted(notice.notice_id for notice in choice))] = choice
    choices = list(found.values())
    return choices if len(choices) >= WAYS_MAX else named_among(hints_of(reading), choices)


def _shared(reading: Reading, owed: list[list[OpenNotice]]) -> list[Choice]:
    """Ways in which payers who owe these together owe the amount: by what the memo names of each, else of its months, else of all."""
    hints, amount = hints_of(reading), reading.incoming.amount
    of_months = [[notice for notice in notices if month_of(notice) in hints.months] for notices in owed]
    named = [
        [notice for notice in notices if names_any(hints, [notice])] for notices in (of_months if hints.months else owed)
    ]
    return split_between(amount, named) or split_between(amount, of_months) or split_between(amount, owed)


def _are_meant(marks: Sequence[Mark], choice: Choice, book: Book) -> bool:
    """Whether the sum may choose among payers who are called alike: where those chosen are of one family."""
    if all(len(mark.payers) == 1 for mark in marks):
        return True
    return len({payer.words[:1] for notice in choice if (payer := book.payer_of(notice)) is not None}) == 1


def is_no_chance(reading: Reading, book: Book, choice: Choice) -> bool:
    """Whether notices of several payers are rather meant than put together by chance of the sum: what the memo names of them, or one
    fee of each, or bills and months; what is mixed only where nothing else at all makes the sum.
    """
    payers = {payer.code: payer for notice in choice if (payer := book.payer_of(notice)) is not None}
    owed = [issued(reading, payer) for payer in payers.values()]
    everything = [notice for notices in owed for notice in notices]
    parts = [tuple(notice for notice in choice if notice.payer_code == code) for code in payers]
    are_whole = all(part in wholes(notices) for part, notices in zip(parts, owed, strict=True))
    hints = hints_of(reading)
    if not names_each(hints, choice, everything) and not (are_whole and names_any(hints, choice)):
        return False
    is_one_fee = len({notice.fee_kind for notice in choice}) == 1
    are_few = all(len(part) <= MIXED_MAX for part in parts)
    return are_whole or is_one_fee or (are_few and is_only_way(reading.incoming.amount, owed))


def family_together(reading: Reading, payers: Sequence[Payer]) -> list[Choice]:
    """Ways in which two or more of these few payers together owe the amount."""
    return [
        choice
        for size in range(2, len(payers) + 1)
        for family in combinations(payers, size)
        for choice in split_between(reading.incoming.amount, [issued(reading, payer) for payer in family])
    ]
