"""Stages that know a bill for certain: by its virtual account, or by its reference."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Final

from services.matching.matcher import mentions
from services.matching.matcher.beside import others_beside
from services.matching.matcher.book import Book, SiteTable
from services.matching.matcher.evidence import Fact
from services.matching.matcher.hints import INITIALS_MIN, fits_months, hints_of, named_among, purpose_of
from services.matching.matcher.keys import NAME
from services.matching.matcher.mention import NAME_RUNS_MAX, Mention
from services.matching.matcher.names import Grade
from services.matching.matcher.owing import issued, latest
from services.matching.matcher.paying import (
    ALL_CANCELLED,
    AMOUNT_ONE,
    AMOUNT_TOGETHER,
    CONTRADICTION,
    MAX_CANDIDATES,
    PAID_ALREADY,
    amount_misses,
    choices_of,
    in_turns,
    options_of,
)
from services.matching.matcher.reading import CUT, Reading
from services.matching.matcher.settling import AMOUNT_ABOVE, Settlement, in_full, settle
from services.matching.matcher.sums import Choice
from services.matching.matcher.text import GLUED_LENGTH_MIN, SYLLABLES, fold, is_whole, letters_of
from services.matching.matcher.values import Decision, Incoming, OpenNotice, Payer, SiteRules, Suggestion
from services.matching.matcher.vocabulary import GIVEN_BACK, REVERSALS
from shared.events.payments import Reason

CERTAIN: Final = 1.0
"""The score of what a sound reference names; only what to do with it is open."""
AGAIN_MAX: Final = 2
"""So many choices of what a payer still owes stand behind the paid bill that a reference names."""
OF_EVERY_BILL_MAX: Final = 2
"""So many choices of lines of every bill go before one bill alone."""
PROPOSED: Final = 0.9
"""Shared by the bills that it could be, where a reference leaves that open."""
INCOME_WORDS: Final = Fact("income_words", holds=False)
_VIRTUAL_ACCOUNT: Final = Fact("virtual_account")
PURPOSE_NAMED: Final = Fact("purpose")
TRIAL_MAX: Final = 1_000
"""Less than the smallest banknote in use is no part of a fee: somebody tried the account, or mistyped."""
TRANSFER_FEES: Final = range(1_100, 11_001, 1_100)
"""What a bank takes for a transfer, with the tax on it; where just that lacks, it was deducted."""
_PARTS: Final = frozenset({"amount_part", "amount_in_order"})
_EXACT: Final = frozenset({"amount_equal", "amount_one_line", "amount_obligatory"})


def by_virtual_account(reading: Reading, book: Book, rules: SiteRules) -> Decision | None:
    """A virtual account of one payer or one bill says whose money it is; a sound reference of his says better which bill, and another's
    contradicts it. One that several payers share says nothing.
    """
    incoming = reading.incoming
    if not incoming.virtual_account:
        return None
    notices = _at(incoming.site_id, book.of_virtual_account(incoming.virtual_account))
    payers, bills = {each.payer_code for each in notices}, {each.reference for each in notices}
    if not notices or (len(bills) > 1 and (len(payers) > 1 or None in payers)):
        return None
    for reference in exact_references(reading):
        named = _at(incoming.site_id, book.of_reference(reference))
        if named and {each.payer_code for each in named} != payers:
            return Decision("suggested", "ambiguous", (), (_VIRTUAL_ACCOUNT, CONTRADICTION), _candidates([notices, named]))
        if named and bills != {reference}:
            return None
    return _decide_among(reading, book, notices, rules, "virtual_account", _VIRTUAL_ACCOUNT)


def by_reference(reading: Reading, book: Book, rules: SiteRules) -> Decision | None:
    """Intact references of the memo: one bill, several, or one that lies at another site."""
    if not reading.references:
        return None
    site_id = reading.incoming.site_id
    here: dict[str, Sequence[OpenNotice]] = {}
    elsewhere: dict[str, Sequence[OpenNotice]] = {}
    for reference in exact_references(reading):
        found = book.of_reference(reference)
        if at_site := _at(site_id, found):
            here[reference] = at_site
        elif found:
            elsewhere[reference] = found
    if len(here) == 1 and len(reading.references) > 1:
        here |= _damaged_bills(reading, book)
    if len(here) > 1:
        return _several_bills(reading, here)
    if here:
        reference, notices = next(iter(here.items()))
        fact = Fact("reference_intact", about=reference)
        decision = _decide_among(reading, book, notices, rules, "reference", fact)
        if decision.reason != "several" and (others := _others_named(reading, book, notices)):
            candidates = _candidates([_unpaid(notices) or notices, *others])
            return Decision("suggested", "ambiguous", (), (fact, CONTRADICTION), candidates)
        return decision
    if elsewhere and site_id is not None:
        facts = tuple(Fact("reference_elsewhere", holds=False, about=reference) for reference in elsewhere)
        return Decision("suggested", "wrong_account", (), facts, _candidates(elsewhere.values()))
    return None


def by_corrected_reference(reading: Reading, book: Book, rules: SiteRules) -> Decision | None:
    """A reference with a slip counts where it names an open bill of this site with just this sum (shared/reference/finder.py); where
    that bill is paid or cancelled, that is why nothing is settled.
    """
    if not reading.references:
        return None
    fitting: list[tuple[str, Sequence[OpenNotice], Settlement]] = []
    for found in reading.references:
        if not found.exact and (notices := _at(reading.incoming.site_id, book.of_reference(found.reference))):
            settlement = settle(reading.incoming.amount, notices, rules)
            if settlement is not None and settlement.fact.code in _EXACT:
                fitting.append((found.reference, notices, settlement))
    if not fitting:
        return _closed_by_correction(reading, book)
    if len(fitting) > 1:
        return None
    reference, proposed, settlement = fitting[0]
    fact = Fact("reference_corrected", about=reference)
    if others := _others_named(reading, book, proposed):
        return Decision("suggested", "ambiguous", (), (fact, CONTRADICTION), _candidates([proposed, *others]))
    return _matched("reference_corrected", settlement, fact)


def _closed_by_correction(reading: Reading, book: Book) -> Decision | None:
    """The one bill here that a reference with a slip proposes, where it was of just this sum and nothing of it is open any more."""
    closed: dict[str, Sequence[OpenNotice]] = {}
    for found in reading.references:
        notices = _at(reading.incoming.site_id, book.of_reference(found.reference))
        was_due = sum(notice.amount for notice in _live(notices) or notices)
        if was_due == reading.incoming.amount and not _unpaid(notices):
            closed[found.reference] = notices
    if len(closed) != 1:
        return None
    [(reference, bill)] = closed.items()
    return _refuse_closed(reading, bill, Fact("reference_corrected", about=reference), book.payer_of(bill[0]))


def pay_notice(amount: int, notice: OpenNotice, reason: Reason) -> Decision:
    """What a receipt for one named notice pays (cash, or reported by the public-service portal)."""
    reading = Reading(Incoming("", notice.site_id, amount, is_money_in=True))
    return _decide_bill(reading, [notice], SiteRules(), reason, Fact("receipt"))


def exact_references(reading: Reading) -> list[str]:
    """Intact references, each once, in the order in which they stand in the memo."""
    found = [each for each in reading.references if each.exact]
    if len(found) == 1:
        return [found[0].reference]
    if found:
        found.sort(key=lambda each: each.start)
    return list(dict.fromkeys([each.reference for each in found]))


def _damaged_bills(reading: Reading, book: Book) -> dict[str, Sequence[OpenNotice]]:
    """Open bills of this site that references with a slip propose: the memo names them too."""
    found: dict[str, Sequence[OpenNotice]] = {}
    for each in reading.references:
        if not each.exact and (notices := _unpaid(_at(reading.incoming.site_id, book.of_reference(each.reference)))):
            found[each.reference] = notices
    return found


def _others_named(reading: Reading, book: Book, notices: Sequence[OpenNotice]) -> list[Choice]:
    """What payers owe whose full names stand beside a reference that is not theirs; empty where none does."""
    site_id = reading.incoming.site_id
    payer = book.payer_of(notices[0])
    if site_id is None or payer is None or len(reading.incoming.memo) < NAME_LENGTH_MIN:
        return []
    site = book.at(site_id)
    if not _may_name_another(letters_of(reading.incoming.memo, book.name_words), book.name_words, site, payer):
        return []
    named = [each for each in mentions.find(reading, site) if not each.is_senders]
    if any(payer in each.payers for each in named):
        return []
    others = [each for each in named if each.grade == Grade.FULL and not each.goes_on and not _wrote_itself(reading, each)]
    return in_turns(options_of(reading, other)[:2] for each in others for other in each.payers[:2])


def _wrote_itself(reading: Reading, mention: Mention) -> bool:
    """Whether an application wrote the name, as whose money it is, before the reference: "NGUYEN VAN AN chuyen tien KH…" where nobody
    typed a word, "CUSTOMER NGUYEN VAN AN chuyen khoan KH… hoc phi", "IBFT nguyen van anKH…". A name behind the reference, or one that a
    sign ends, may be typed: "KH… Nguyen Van An-CHUYEN TIEN-…".
    """
    words, end = reading.words, mention.end
    is_headed = mention.start == 1 and words.runs[0] in _HEADS
    if is_headed and words.gaps[end][:1] == CUT:
        return True
    if not (is_headed or (words.is_untyped and mention.is_untyped)) or tuple(words.runs[end : end + 2]) not in _MOVES_MONEY:
        return False
    before = reading.incoming.memo[: min(each.start for each in reading.references)]
    return words.gaps[end].isspace() and _ANNOUNCES.search(before) is not None


_ANNOUNCES: Final = re.compile(r"\bc ?h ?u ?y ?e ?n\s+(?:k ?h ?o ?a ?n|t ?i ?e ?n)\s+\Z", re.IGNORECASE)
"""A bank's wrap may stand within either word."""
_HEADS: Final = frozenset({"customer", "ibft"})
"""What banks write before the name of who sent the money."""
_MOVES_MONEY: Final = frozenset({("chuyen", "khoan"), ("chuyen", "tien")})
NAME_LENGTH_MIN: Final = 18
"""A shorter memo holds a reference and nothing beside it."""


def _may_name_another(runs: Sequence[str], words: Container[str], site: SiteTable, payer: Payer) -> bool:
    """Whether the words of another's full name stand together: a look that costs little, since beside a reference that is seldom so."""
    starts, names = site.name_starts, site.by_kind[NAME]
    found = False
    for place, run in enumerate(runs):
        if len(run) >= GLUED_LENGTH_MIN and not is_whole(run):
            return True
        if run in starts and (run in words or len(run) == 1):
            name, is_broken = run, False
            for following in runs[place + 1 : place + NAME_RUNS_MAX]:
                if following not in words and len(following) > 1:
                    break
                name += following
                if (named := names.get(name)) is not None and named is not payer:
                    found = True
                if name not in starts:
                    if is_broken:
                        break
                    is_broken = True  # one word may be in two pieces
    return found


def _decide_among(
    reading: Reading, book: Book, notices: Sequence[OpenNotice], rules: SiteRules, reason: Reason, named_by: Fact
) -> Decision:
    """What a bill's mark decides, if no money comes back; where more was paid, only if nothing else is named that the rest could be
    for; of lines with one sum the one that the memo names.
    """
    decision = _decide_bill(reading, notices, rules, reason, named_by, book.payer_of(notices[0]))
    if decision.status == "matched":
        if _comes_back(reading, book, notices):
            return Decision("suggested", "ambiguous", (), (named_by, INCOME_WORDS), decision.candidates)
        if decision.facts[-1].code in _PARTS and _is_trial(reading.incoming.amount, notices):
            return Decision("suggested", "ambiguous", (), (named_by, amount_misses(0)), decision.candidates)
        return (
            decision if decision.facts[-1] != AMOUNT_ABOVE else _ask_for_others(reading, book, notices, named_by) or decision
        )
    line = _named_line(reading, book, _unpaid(notices)) if decision.reason == "ambiguous" else None
    if line is None or _comes_back(reading, book, notices):
        return decision
    return Decision(
        "matched", reason, in_full([line]), (named_by, AMOUNT_ONE, PURPOSE_NAMED), (Suggestion((line.notice_id,), CERTAIN),)
    )


def _is_trial(amount: int, notices: Sequence[OpenNotice]) -> bool:
    """Whether so little rather tries out an account than pays a part of what is open: 1 đồng, 100 đồng of 10,000."""
    owed = sum(notice.open for notice in notices)
    return amount < TRIAL_MAX and (owed - amount not in TRANSFER_FEES or amount * 4 < owed)


def _ask_for_others(reading: Reading, book: Book, notices: Sequence[OpenNotice], named_by: Fact) -> Decision | None:
    """More was paid than the bill's open sum, and somebody or something else is named that the rest could be for."""
    unpaid = _unpaid(notices)
    others = others_beside(reading, book, unpaid)
    if others is None:
        return None
    both = [(*unpaid, *choice) for choice in others.together]
    facts = (named_by, *others.facts, *([AMOUNT_TOGETHER] if both else []))
    return Decision("suggested", "several", (), facts, _candidates([*both, unpaid, *others.alone]))


def _comes_back(reading: Reading, book: Book, bill: Sequence[OpenNotice]) -> bool:
    """Whether the memo says that money comes back, whatever bill it once paid: "hoan tien KH…", "REVERSAL FT2631… KH…"."""
    memo = fold(reading.incoming.memo) if len(reading.incoming.memo) >= NAME_LENGTH_MIN else ""
    for start in _MAY_COME_BACK:
        if start in memo:
            break
    else:
        return False
    said = _said_beside_name(reading, book, bill)
    return not (GIVEN_BACK.isdisjoint(said) and REVERSALS.isdisjoint(reading.words.runs))


_MAY_COME_BACK: Final = ("hoan", "nham", "lai", "n tra", "revers", "chargeback", "refund", "reject", "returned")
"""Most memos hold none of these, which is seen faster than their words are read."""


def _said_beside_name(reading: Reading, book: Book, bill: Sequence[OpenNotice]) -> set[str]:
    """The memo's neighbouring words in pairs without those of the payer's name: "Đồng Phúc" is no uniform, and "con Quốc Hoàn tiền ăn"
    no money that comes back.
    """
    payer = book.payer_of(bill[0])
    name = frozenset[str]() if payer is None else frozenset(payer.words)
    return {phrase for phrase in hints_of(reading).phrases if name.isdisjoint(phrase.split())}


def _named_line(reading: Reading, book: Book, unpaid: Sequence[OpenNotice]) -> OpenNotice | None:
    """Of several lines with just this sum the one that the memo names, and no other of the bill: "KH… gui xe dap". One word or two
    letters of a fee are not enough, nor what is the payer's own name: "Đồng Phúc".
    """
    fitting = [(notice,) for notice in unpaid if notice.open == reading.incoming.amount]
    if len(fitting) < 2:
        return None
    hints = hints_of(reading)
    named = named_among(hints, fitting)
    if len(named) != 1 or not fits_months(hints, named[0]):
        return None
    [line] = named[0]
    initials = {word for word in hints.words if len(word) >= INITIALS_MIN and " " not in word and word not in SYLLABLES}
    said = _said_beside_name(reading, book, unpaid) | initials
    meant = purpose_of(line.purpose, line.period).words
    others = frozenset[str]().union(*(purpose_of(each.purpose, each.period).words for each in unpaid if each is not line))
    return line if said & meant - others and not said & others - meant else None


def _decide_bill(
    reading: Reading,
    notices: Sequence[OpenNotice],
    rules: SiteRules,
    reason: Reason,
    named_by: Fact,
    payer: Payer | None = None,
) -> Decision:
    unpaid = _unpaid(notices)
    if not unpaid:
        return _refuse_closed(reading, notices, named_by, payer)
    settlement = _settle_in_time(reading, unpaid, rules)
    if settlement is None:
        choices = choices_of(reading, unpaid)
        return Decision(
            "suggested", "ambiguous", (), (named_by, amount_misses(len(choices))), _candidates([*choices, unpaid])
        )
    return _matched(reason, settlement, named_by)


def _refuse_closed(reading: Reading, notices: Sequence[OpenNotice], named_by: Fact, payer: Payer | None = None) -> Decision:
    """Nothing of a bill is open: what is not cancelled of it is paid. Behind it comes what its payer owes in just this sum: last
    month's QR is used again for this month.
    """
    if live := _live(notices):
        again = _owed_in_this_sum(reading, payer)[:AGAIN_MAX] if payer is not None else []
        return Decision("suggested", "duplicate", (), (named_by, PAID_ALREADY), _candidates([live, *again]))
    return Decision("suggested", "cancelled", (), (named_by, ALL_CANCELLED), _candidates([notices]))


def _owed_in_this_sum(reading: Reading, payer: Payer) -> list[Choice]:
    """What makes the amount of what was open on the day, or single notices that were issued later."""
    return choices_of(reading, issued(reading, payer)) or [
        (notice,) for notice in latest(payer.notices) if notice.open == reading.incoming.amount
    ]


def _settle_in_time(reading: Reading, unpaid: Sequence[OpenNotice], rules: SiteRules) -> Settlement | None:
    """What was issued by the day of the transfer comes first; a notice of a later day only where that leaves something over."""
    amount, day = reading.incoming.amount, reading.incoming.occurred_on
    issued = [notice for notice in unpaid if notice.issued_on is None or notice.issued_on <= day]
    if not issued or len(issued) == len(unpaid):
        return settle(amount, unpaid, rules)
    if amount > sum(notice.open for notice in issued):
        return settle(amount, unpaid, rules) or settle(amount, issued, rules)
    return settle(amount, issued, rules)


def _several_bills(reading: Reading, bills: Mapping[str, Sequence[OpenNotice]]) -> Decision:
    """Two references or more are settled only where their open sums add up exactly. Of less a person looks first at lines of every bill
    that make the sum, then at one bill alone.
    """
    unpaid = [notice for notices in bills.values() for notice in _unpaid(notices)]
    intact = {each.reference for each in reading.references if each.exact}
    facts = tuple(Fact("reference_intact" if each in intact else "reference_corrected", about=each) for each in bills)
    everyone_owes = all(_unpaid(notices) for notices in bills.values())
    if everyone_owes and sum(notice.open for notice in unpaid) == reading.incoming.amount:
        return Decision("matched", "several", in_full(unpaid), (*facts, AMOUNT_TOGETHER), _candidates([unpaid]))
    exact = choices_of(reading, unpaid)
    of_every = [choice for choice in exact if len({notice.reference for notice in choice}) == len(bills)]
    fitting = [notices for notices in bills.values() if sum(notice.open for notice in notices) == reading.incoming.amount]
    misses = Fact("amount_fits_one", holds=False) if fitting else amount_misses(len(exact))
    choices = _candidates([*of_every[:OF_EVERY_BILL_MAX], *fitting, *exact, unpaid, *bills.values()])
    return Decision("suggested", "several", (), (*facts, misses), choices)


def _matched(reason: Reason, settlement: Settlement, named_by: Fact) -> Decision:
    ids = tuple([share.notice_id for share in settlement.shares])
    return Decision("matched", reason, settlement.shares, (named_by, settlement.fact), (Suggestion(ids, CERTAIN),))


def _at(site_id: str | None, notices: Sequence[OpenNotice]) -> list[OpenNotice]:
    return [notice for notice in notices if notice.site_id == site_id]


def _unpaid(notices: Iterable[OpenNotice]) -> list[OpenNotice]:
    return [notice for notice in notices if notice.open > 0]


def _live(notices: Iterable[OpenNotice]) -> list[OpenNotice]:
    return [notice for notice in notices if not notice.is_cancelled]


def _candidates(groups: Iterable[Sequence[OpenNotice]]) -> tuple[Suggestion, ...]:
    """Choices of notices, each once; the reference leaves open only which."""
    distinct = list({tuple([notice.notice_id for notice in group]): None for group in groups if group})
    score = CERTAIN if len(distinct) == 1 else round(PROPOSED / max(1, len(distinct)), 3)
    return tuple([Suggestion(ids, score) for ids in distinct[:MAX_CANDIDATES]])
