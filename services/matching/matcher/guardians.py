"""What children owe whom a memo or its sender means by their guardian, and siblings: never paid by itself, only suggested."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.matching.matcher.book import Book
from services.matching.matcher.classes import class_mentions
from services.matching.matcher.codes import phones_in
from services.matching.matcher.evidence import Fact
from services.matching.matcher.habits import FAMILY_MAX
from services.matching.matcher.hints import fits_months, hints_of, named_among
from services.matching.matcher.keys import GUARDIAN, NAME, PHONE
from services.matching.matcher.marks import MAYBE_SENDERS, PHONE_KNOWN, Mark
from services.matching.matcher.owing import fits
from services.matching.matcher.paying import AMOUNT_DIFFERS, ask, best_of, in_turns, options_of
from services.matching.matcher.reading import Reading
from services.matching.matcher.several import family_together
from services.matching.matcher.sums import Choice
from services.matching.matcher.text import words_of
from services.matching.matcher.values import Decision, Payer
from services.matching.matcher.vocabulary import CHILD_WORDS, PAYER_WORDS
from services.matching.matcher.words import PARTY

RUNS_MAX: Final = 6
"""A guardian's name is looked for in so many runs."""
_BEFORE: Final = CHILD_WORDS | PAYER_WORDS | {"cua", "phhs"}
"""Behind one of these a name was typed, though it is the sender's: "con anh La Van Nhi"."""
TOGETHER_MAX: Final = 2
"""So many ways in which a guardian's children owe the amount together are suggested first."""
MONTHS_MAX: Final = 3
"""So many ways in which one child owes the sum are suggested."""
NAMED: Final = Fact("guardian_named")
SENDS: Final = Fact("guardian")

Proposal = tuple[Fact, Choice]
"""A choice of notices, and why."""


def by_phone(reading: Reading, book: Book, site_id: str) -> list[Proposal]:
    """What children owe whose guardian's telephone number stands in the memo."""
    site = book.at(site_id)
    children = [child for phone in phones_in(reading.words) for child in site.find(PHONE, phone)]
    return _of_children(reading, list(dict.fromkeys(children)), PHONE_KNOWN)


def named(reading: Reading, book: Book, site_id: str) -> list[Proposal]:
    """What children owe whose guardian's whole name stands in the memo: of the class that is named, if one is."""
    site, words = book.at(site_id), reading.words
    runs = words.runs
    children: dict[Payer, None] = {}
    for start, run in enumerate(runs):
        is_typed = words.about[start] != PARTY or (start > 0 and runs[start - 1] in _BEFORE)
        if is_typed and (run in words.names or (len(run) == 1 and run > "9")):
            for end in range(start + 2, min(start + RUNS_MAX, len(runs)) + 1):
                children |= dict.fromkeys(site.find(GUARDIAN, "".join(runs[start:end])))
    if not children:
        return []
    groups = {group.key for group in class_mentions(reading, site)}
    of_class = [child for child in children if not groups.isdisjoint(child.groups)]
    if not any(fits(reading, child) for child in of_class) and (both := _together(reading, list(children))):
        return [(NAMED, choice) for choice in both]
    return _of_children(reading, of_class or list(children), NAMED)


def senders(reading: Reading, book: Book, site_id: str, *, is_named: bool) -> list[Proposal]:
    """What children owe whose guardian is called like the sender; where nobody is named, also who is called so themselves."""
    if not reading.sender:
        return []
    site, name = book.at(site_id), "".join(reading.sender)
    own = [] if is_named else [(MAYBE_SENDERS, best_of(reading, payer)) for payer in site.find(NAME, name)]
    return [*_of_children(reading, site.find(GUARDIAN, name), SENDS), *own]


def with_siblings(reading: Reading, book: Book, mark: Mark, decision: Decision | None) -> Decision | None:
    """Where one child is named and the sum is not what the child owes, first what the child and others of the same guardian owe
    together: "2 chi em Ngo Bich Hien 5B".
    """
    if decision is None or AMOUNT_DIFFERS not in decision.facts or len(mark.payers) != 1 or not mark.payers[0].guardian:
        return decision
    [payer] = mark.payers
    children = _family(book, payer)
    both = [choice for choice in _together(reading, children) if any(each.payer_code == payer.code for each in choice)]
    if not both:
        return decision
    known = [[notice for each in ids if (notice := book.get(each)) is not None] for ids, _ in decision.candidates]
    return ask(decision.reason, decision.facts, [*both[:TOGETHER_MAX], *known], mark.bits)


def siblings_who_owe(reading: Reading, book: Book, payers: Sequence[Payer]) -> list[Payer]:
    """Children of the same guardian who owe this sum as well, though this account never paid for them: it may be for either."""
    if len(payers) > 1 or not fits(reading, payers[0]):
        return []
    return [each for each in siblings(book, payers[0]) if fits(reading, each)]


def siblings(book: Book, payer: Payer) -> list[Payer]:
    """Other children of the site whose guardian is called so, and has no other telephone number."""
    if not payer.guardian:
        return []
    return [
        each
        for each in _family(book, payer)
        if each is not payer and (not each.phone or not payer.phone or each.phone == payer.phone)
    ]


def _family(book: Book, payer: Payer) -> list[Payer]:
    """Everybody of the site whose guardian is called as this payer's, the payer included."""
    return book.at(payer.site_id).find(GUARDIAN, "".join(words_of(payer.guardian)))


def _of_children(reading: Reading, children: Sequence[Payer], why: Fact) -> list[Proposal]:
    """What a guardian's children owe: those who owe just this sum, some together, or each."""
    owing = [child for child in children if fits(reading, child)]
    if not owing and len(children) > FAMILY_MAX:  # several guardians are called so
        return []
    if not owing:
        choices = [*_together(reading, children), *(best_of(reading, child) for child in children)]
    else:
        choices = in_turns(_exact(reading, child)[:MONTHS_MAX] for child in owing)
    return [(why, choice) for choice in choices]


def _exact(reading: Reading, child: Payer) -> list[Choice]:
    """Ways in which a child owes just this sum: this month's fee and last month's."""
    amount = reading.incoming.amount
    return [choice for choice in options_of(reading, child) if sum(notice.open for notice in choice) == amount]


def _together(reading: Reading, children: Sequence[Payer]) -> list[Choice]:
    """Ways in which some of these children owe the amount together, those that the memo means first."""
    choices = family_together(reading, children) if len(children) <= FAMILY_MAX else []
    hints = hints_of(reading)
    named = named_among(hints, [choice for choice in choices if fits_months(hints, choice)] or choices)
    return list(dict.fromkeys([*named, *choices]))
