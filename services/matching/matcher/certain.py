"""Stages that know a bill for certain: by its virtual account, or by its reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.matching.matcher.bills import (
    at_site,
    candidates_of,
    comes_back,
    decide_among,
    decide_several,
    live_of,
    matched,
    refuse_closed,
    unpaid_of,
)
from services.matching.matcher.book import Book
from services.matching.matcher.evidence import Fact
from services.matching.matcher.other_names import others_named
from services.matching.matcher.paying import CONTRADICTION, amount_misses
from services.matching.matcher.reading import Reading
from services.matching.matcher.settling import Settlement, settle
from services.matching.matcher.values import Decision, OpenNotice, SiteRules

_VIRTUAL_ACCOUNT: Final = Fact("virtual_account")
_EXACT: Final = frozenset({"amount_equal", "amount_one_line", "amount_obligatory"})


def by_virtual_account(reading: Reading, book: Book, rules: SiteRules) -> Decision | None:
    """A virtual account of one payer or one bill says whose money it is; a sound reference of his says better which bill, and another's
    contradicts it. One that several payers share says nothing.
    """
    incoming = reading.incoming
    if not incoming.virtual_account:
        return None
    notices = at_site(incoming.site_id, book.of_virtual_account(incoming.virtual_account))
    payers, bills = {each.payer_code for each in notices}, {each.reference for each in notices}
    if not notices or (len(bills) > 1 and (len(payers) > 1 or None in payers)):
        return None
    for reference in exact_references(reading):
        named = at_site(incoming.site_id, book.of_reference(reference))
        if named and {each.payer_code for each in named} != payers:
            return Decision("suggested", "ambiguous", (), (_VIRTUAL_ACCOUNT, CONTRADICTION), candidates_of([notices, named]))
        if named and bills != {reference}:
            return None
    return decide_among(reading, book, notices, rules, "virtual_account", _VIRTUAL_ACCOUNT)


def by_reference(reading: Reading, book: Book, rules: SiteRules) -> Decision | None:
    """Intact references of the memo: one bill, several, or one that lies at another site."""
    if not reading.references:
        return None
    site_id = reading.incoming.site_id
    here: dict[str, Sequence[OpenNotice]] = {}
    elsewhere: dict[str, Sequence[OpenNotice]] = {}
    for reference in exact_references(reading):
        found = book.of_reference(reference)
        if lying_here := at_site(site_id, found):
            here[reference] = lying_here
        elif found:
            elsewhere[reference] = found
    if len(here) == 1 and len(reading.references) > 1:
        here |= _damaged_bills(reading, book)
    if len(here) > 1:
        return decide_several(reading, here)
    if here:
        reference, notices = next(iter(here.items()))
        return _one_bill(reading, book, rules, reference, notices)
    if elsewhere and site_id is not None:
        facts = tuple(Fact("reference_elsewhere", holds=False, about=reference) for reference in elsewhere)
        return Decision("suggested", "wrong_account", (), facts, candidates_of(elsewhere.values()))
    return None


def by_corrected_reference(reading: Reading, book: Book, rules: SiteRules) -> Decision | None:
    """A reference with a slip counts where it names an open bill of this site with just this sum (shared/reference/finder.py); where
    that bill is paid or cancelled, that is why nothing is settled.
    """
    if not reading.references:
        return None
    fitting: list[tuple[str, Sequence[OpenNotice], Settlement]] = []
    for found in reading.references:
        if not found.exact and (notices := at_site(reading.incoming.site_id, book.of_reference(found.reference))):
            settlement = settle(reading.incoming.amount, notices, rules)
            if settlement is not None and settlement.fact.code in _EXACT:
                fitting.append((found.reference, notices, settlement))
    if not fitting:
        return _several_by_correction(reading, book) or _closed_by_correction(reading, book)
    if len(fitting) > 1:
        return None
    reference, proposed, settlement = fitting[0]
    fact = Fact("reference_corrected", about=reference)
    if others := others_named(reading, book, proposed):
        return Decision("suggested", "ambiguous", (), (fact, CONTRADICTION), candidates_of([proposed, *others]))
    return matched("reference_corrected", settlement, fact)


def _several_by_correction(reading: Reading, book: Book) -> Decision | None:
    """Open bills here that references with slips propose, one each, where they make the sum together."""
    bills = _damaged_bills(reading, book)
    places = {each.start for each in reading.references if each.reference in bills}
    if len(bills) < 2 or len(places) < len(bills):
        return None
    decision = decide_several(reading, bills)
    if decision.status != "matched" or any(
        comes_back(reading, book, bill) or others_named(reading, book, bill) for bill in bills.values()
    ):
        return None
    return decision


def _closed_by_correction(reading: Reading, book: Book) -> Decision | None:
    """The one bill here that a reference with a slip proposes, where it was of just this sum and nothing of it is open any more."""
    closed: dict[str, Sequence[OpenNotice]] = {}
    for found in reading.references:
        notices = at_site(reading.incoming.site_id, book.of_reference(found.reference))
        was_due = sum(notice.amount for notice in live_of(notices) or notices)
        if was_due == reading.incoming.amount and not unpaid_of(notices):
            closed[found.reference] = notices
    if len(closed) != 1:
        return None
    [(reference, bill)] = closed.items()
    return refuse_closed(reading, bill, Fact("reference_corrected", about=reference), book.payer_of(bill[0]))


def exact_references(reading: Reading) -> list[str]:
    """Intact references, each once, in the order in which they stand in the memo."""
    found = [each for each in reading.references if each.exact]
    if len(found) == 1:
        return [found[0].reference]
    if found:
        found.sort(key=lambda each: each.start)
    return list(dict.fromkeys([each.reference for each in found]))


def _one_bill(reading: Reading, book: Book, rules: SiteRules, reference: str, notices: Sequence[OpenNotice]) -> Decision:
    """One intact reference; what else the memo names may contradict it."""
    fact = Fact("reference_intact", about=reference)
    decision = decide_among(reading, book, notices, rules, "reference", fact)
    if decision.status == "matched" and decision.facts[-1].code not in _EXACT and _is_doubled(reading, reference):
        return Decision("suggested", "ambiguous", (), (fact, amount_misses(0)), decision.candidates)
    if decision.reason != "several" and (others := others_named(reading, book, notices)):
        candidates = candidates_of([unpaid_of(notices) or notices, *others])
        return Decision("suggested", "ambiguous", (), (fact, CONTRADICTION), candidates)
    return decision


def _is_doubled(reading: Reading, reference: str) -> bool:
    """Whether the last symbol of a reference stands there twice, so that it was typed with a slip: "KHJ4HRVMK744"."""
    memo = reading.incoming.memo
    ends = [each.end for each in reading.references if each.reference == reference]
    return any(memo[end : end + 1].upper() == reference[-1] for end in ends)


def _damaged_bills(reading: Reading, book: Book) -> dict[str, Sequence[OpenNotice]]:
    """Open bills of this site that references with a slip propose: the memo names them too."""
    found: dict[str, Sequence[OpenNotice]] = {}
    for each in reading.references:
        if not each.exact and (notices := unpaid_of(at_site(reading.incoming.site_id, book.of_reference(each.reference)))):
            found[each.reference] = notices
    return found
