"""The stages of evidence, from certain to weak; each is one function that decides or passes on. The list is the algorithm."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from services.matching.matcher import certainty, guardians, marks, strangers
from services.matching.matcher.beside import lists_several
from services.matching.matcher.bills import INCOME_WORDS
from services.matching.matcher.book import Book
from services.matching.matcher.certain import by_corrected_reference, by_reference, by_virtual_account
from services.matching.matcher.codes import codes_in
from services.matching.matcher.evidence import Fact
from services.matching.matcher.habits import FAMILY_MAX
from services.matching.matcher.hints import hints_of
from services.matching.matcher.keys import CODE
from services.matching.matcher.marks import ACCOUNT_KNOWN, MEMO_KNOWN, NAME_GIVEN, Mark
from services.matching.matcher.mentions import named_elsewhere
from services.matching.matcher.names import Grade
from services.matching.matcher.owing import fits
from services.matching.matcher.paying import (
    AMOUNT_TOGETHER,
    MAX_CANDIDATES,
    ask,
    best_of,
    contradicted,
    pay_for,
    settle_choice,
)
from services.matching.matcher.reading import Reading
from services.matching.matcher.several import family_together, is_no_chance, pay_for_several, together
from services.matching.matcher.suggesting import cut_bills, suggest
from services.matching.matcher.values import Decision, Incoming, SiteRules
from services.matching.matcher.vocabulary import CASH, GIVEN_BACK, NOT_INCOME, NOT_INCOME_SENDERS, STAFF

Stage = Callable[[Reading, Book, SiteRules], Decision | None]


def decide(incoming: Incoming, book: Book, rules: Mapping[str, SiteRules]) -> Decision:
    """What a movement pays, given what is owed. `rules` by site; a site without any has the defaults."""
    return decide_read(Reading(incoming, book.name_words), book, rules)


def decide_read(reading: Reading, book: Book, rules: Mapping[str, SiteRules]) -> Decision:
    """The same, of a movement that is read already."""
    site_rules = rules.get(reading.incoming.site_id or "", _DEFAULT_RULES)
    for stage in STAGES:
        decision = stage(reading, book, site_rules)
        book.check()
        if decision is not None:
            return decision
    return Decision("unmatched", "none")


_DEFAULT_RULES: Final = SiteRules()


def money_out(reading: Reading, _book: Book, _rules: SiteRules) -> Decision | None:
    """Money that leaves pays no fee."""
    return None if reading.incoming.is_money_in else Decision("ignored", "not_income")


def by_payer_code(reading: Reading, book: Book, rules: SiteRules) -> Decision | None:
    """A payer code in the memo, where nothing beside it contradicts."""
    found = marks.codes(reading, book)
    if not found:
        return None
    named = marks.named(reading, book)
    if found[0].bits < certainty.CODE_BITS:
        found = [
            mark.narrowed(called, certainty.NAME_BITS[Grade.GIVEN], NAME_GIVEN) if called else mark
            for mark in found
            if (called := [payer for payer in mark.payers if marks.is_called(reading, payer)])
            or any(set(each.payers) & set(mark.payers) for each in named)
        ]
    if len(found) != 1:
        return pay_for_several(reading, book, rules, found) if found and found[0].bits >= certainty.CODE_BITS else None
    [mark] = found
    agreeing = [each for each in named if set(each.payers) & set(mark.payers)]
    if agreeing:
        surest = max(agreeing, key=lambda each: each.bits)
        both = [payer for payer in mark.payers if payer in surest.payers]
        return pay_for(reading, rules, "payer_code", mark.narrowed(both, surest.bits, *surest.facts))
    if against := [each for each in named if each.speaks_up]:
        return _code_and_names(reading, book, rules, mark, against)
    if strangers.names_another_class(reading, book, mark.payers) or strangers.names_a_stranger(reading, mark.payers):
        return contradicted(reading, [mark])
    return guardians.with_siblings(reading, book, mark, pay_for(reading, rules, "payer_code", mark))


def _code_and_names(reading: Reading, book: Book, rules: SiteRules, code: Mark, names: list[Mark]) -> Decision:
    """A code beside the names of others contradicts them. Where the memo lists several ("HS0101 và Nguyễn Văn An"), that is settled if
    all of them together owe this sum, and the code's payer alone does not.
    """
    choices = together(reading, [code, *names]) if lists_several(reading, book.at(reading.incoming.site_id)) else []
    is_meant = len(choices) == 1 and is_no_chance(reading, book, choices[0])
    if is_meant and not any(fits(reading, payer) for payer in code.payers):
        return settle_choice(rules, "several", choices[0], [code, *names], AMOUNT_TOGETHER)
    return contradicted(reading, [code, *names])


def cash_of_staff(reading: Reading, _book: Book, _rules: SiteRules) -> Decision | None:
    """The day's cash: a name beside it is of whoever carried it."""
    is_cash = reading.words.say(CASH) and reading.words.say(STAFF)
    return Decision("unmatched", "cash_deposit", facts=(Fact("cash_words"),)) if is_cash else None


def by_name(reading: Reading, book: Book, rules: SiteRules) -> Decision | None:
    """The payers whom words name: one, or several in one sum."""
    named = marks.named(reading, book)
    if not named:
        return None
    if not GIVEN_BACK.isdisjoint(hints_of(reading).phrases):
        choices = [best_of(reading, payer) for mark in named for payer in mark.payers[:2]]
        return ask("ambiguous", (INCOME_WORDS,), choices, certainty.SOLID_BITS)
    is_one = len(named) == 1
    if is_one:
        decision = guardians.with_siblings(reading, book, named[0], pay_for(reading, rules, "name", named[0]))
    else:
        decision = pay_for_several(reading, book, rules, named)
    # What is named weakly and settles nothing must not keep the stages behind from deciding.
    is_weak = max(each.bits for each in named) < certainty.SOLID_BITS
    return None if decision is not None and decision.status != "matched" and is_weak else decision


def no_fee(reading: Reading, _book: Book, _rules: SiteRules) -> Decision | None:
    """Words of cash carried to the bank, of interest, treasury or refund, where nobody who owes is named."""
    if reading.words.say(CASH):
        return Decision("unmatched", "cash_deposit", facts=(Fact("cash_words"),))
    if reading.words.say(NOT_INCOME) or NOT_INCOME_SENDERS.are_in(reading.sender):
        return Decision("unmatched", "not_income", facts=(Fact("income_words"),))
    return None


def by_known_payer(reading: Reading, book: Book, rules: SiteRules) -> Decision | None:
    """Nothing but an account that paid before: for a few payers, where one choice of what they owe makes the sum."""
    payers = marks.known_payers(reading, book)
    if not payers or len(payers) > FAMILY_MAX or strangers.speaks_of_another(reading, book, payers):
        return None
    if (of_code := _code_elsewhere(reading, book)) is not None:
        return of_code
    mark = Mark(payers, certainty.ACCOUNT_BITS, (ACCOUNT_KNOWN,))
    if siblings := guardians.siblings_who_owe(reading, book, payers):
        facts = (ACCOUNT_KNOWN, Fact("one_of", holds=False, about=str(1 + len(siblings))))
        return ask("ambiguous", facts, [best_of(reading, payer) for payer in [*payers, *siblings]], certainty.SOLID_BITS)
    if len(payers) > 1 and len(meant := [payer for payer in marks.known_by_memo(reading, book) if payer in payers]) == 1:
        mark = mark.narrowed(meant, 0, MEMO_KNOWN)
    decision = pay_for(reading, rules, "learned_payer", mark)
    is_settled = decision is not None and (decision.status == "matched" or decision.reason in {"duplicate", "cancelled"})
    if len(payers) > 1 and not is_settled and not any(fits(reading, payer) for payer in payers):
        choices = family_together(reading, payers)
        if len(choices) == 1:
            return settle_choice(rules, "learned_payer", choices[0], [mark], AMOUNT_TOGETHER)
    return decision


def by_cut_reference(reading: Reading, book: Book, rules: SiteRules) -> Decision | None:
    """The beginning of a reference, "CT DEN KHJ7WUT6": too little to settle its bill, and enough to keep the account from deciding for
    another.
    """
    bills = cut_bills(reading, book).values()
    if not bills:
        return None
    decision = by_known_payer(reading, book, rules)
    if decision is not None and decision.status == "matched":
        paid = {share.notice_id for share in decision.shares}
        if any(paid == {notice.notice_id for notice in bill} for bill in bills):
            return decision
    return suggest(reading, book, rules)


def at_another_site(reading: Reading, book: Book, _rules: SiteRules) -> Decision | None:
    """A payer code, or a full name and class, that is known at another site and owes this sum there."""
    site_id = reading.incoming.site_id
    if site_id is None:
        return None
    if (of_code := _code_elsewhere(reading, book)) is not None:
        return of_code
    named = [payer for payer in named_elsewhere(reading, book) if payer.site_id != site_id and fits(reading, payer)]
    if not named:
        return None
    choices = [best_of(reading, payer) for payer in named[:MAX_CANDIDATES]]
    return ask("wrong_account", (Fact("name_elsewhere", holds=False),), choices, certainty.SOLID_BITS)


def _code_elsewhere(reading: Reading, book: Book) -> Decision | None:
    site_id = reading.incoming.site_id
    for code, is_strong in codes_in(reading.words, book.codes):
        payers = [payer for payer in book.anywhere(CODE, code) if payer.site_id != site_id] if is_strong else []
        if payers:
            choices = [best_of(reading, payer) for payer in payers[:MAX_CANDIDATES]]
            return ask("wrong_account", (Fact("code_elsewhere", holds=False),), choices, certainty.SOLID_BITS)
    return None


def by_swapped_fields(reading: Reading, book: Book, rules: SiteRules) -> Decision | None:
    """What a bank, or who typed it, put into the field of the sender's name: "NGO DIEU TRUC LA 3", a reference. Only suggested."""
    incoming = reading.incoming
    if incoming.site_id is None or not any(sign.isdigit() for sign in incoming.counter_name):
        return None
    memo = incoming.counter_name
    swapped = Incoming("", incoming.site_id, incoming.amount, is_money_in=True, memo=memo, occurred_on=incoming.occurred_on)
    decision = decide_read(Reading(swapped, book.name_words), book, {incoming.site_id: rules})
    if not decision.candidates or decision.reason in {"none", "not_income", "cash_deposit"}:
        return None
    return Decision("suggested", "ambiguous", (), decision.facts, decision.candidates)


STAGES: tuple[Stage, ...] = (
    money_out,
    by_virtual_account,
    by_reference,
    by_corrected_reference,
    by_payer_code,
    cash_of_staff,
    by_name,
    no_fee,
    by_cut_reference,
    by_known_payer,
    at_another_site,
    by_swapped_fields,
    suggest,
)
