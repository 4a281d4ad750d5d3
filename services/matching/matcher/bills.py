"""What a bill decides that is known for certain, by its reference, its virtual account or a receipt: which of its lines are paid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from services.matching.matcher import guardians
from services.matching.matcher.beside import others_beside
from services.matching.matcher.book import Book
from services.matching.matcher.evidence import Fact
from services.matching.matcher.hints import INITIALS_MIN, fits_months, hints_of, named_among, passes_over, purpose_of
from services.matching.matcher.other_names import MEMO_LENGTH_MIN
from services.matching.matcher.owing import issued, latest, there_by
from services.matching.matcher.paying import (
    ALL_CANCELLED,
    AMOUNT_ONE,
    AMOUNT_TOGETHER,
    MAX_CANDIDATES,
    PAID_ALREADY,
    amount_misses,
    choices_of,
)
from services.matching.matcher.reading import Reading
from services.matching.matcher.settling import AMOUNT_ABOVE, Settlement, in_full, settle
from services.matching.matcher.sums import WAYS_MAX, Choice, ways, wholes
from services.matching.matcher.text import SYLLABLES, fold
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
PURPOSE_NAMED: Final = Fact("purpose")
MONTH_NAMED: Final = Fact("month")
TRIAL_MAX: Final = 2_000
"""With so little somebody tries an account, where it is less than a quarter of what is owed."""
BANKNOTE: Final = 1_000
"""Less than the smallest banknote in use is no part of a fee: somebody tried the account, or mistyped."""
TRANSFER_FEES: Final = range(1_100, 11_001, 1_100)
"""What a bank takes for a transfer, with the tax on it; where just that lacks, it was deducted."""
_PARTS: Final = frozenset({"amount_part", "amount_in_order"})


def pay_notice(amount: int, notice: OpenNotice, reason: Reason) -> Decision:
    """What a receipt for one named notice pays (cash, or reported by the public-service portal)."""
    reading = Reading(Incoming("", notice.site_id, amount, is_money_in=True))
    return _decide_bill(reading, [notice], SiteRules(), reason, Fact("receipt"))


def decide_among(
    reading: Reading, book: Book, notices: Sequence[OpenNotice], rules: SiteRules, reason: Reason, named_by: Fact
) -> Decision:
    """What a bill's mark decides, if no money comes back; where more was paid, only if nothing else is named that the rest could be
    for; of lines with one sum the one that the memo names.
    """
    decision = _decide_bill(reading, notices, rules, reason, named_by, book.payer_of(notices[0]))
    if decision.status == "matched":
        if comes_back(reading, book, notices):
            return Decision("suggested", "ambiguous", (), (named_by, INCOME_WORDS), decision.candidates)
        if decision.facts[-1].code in _PARTS:
            return _doubt_part(reading, book, notices, named_by) or decision
        if decision.facts[-1] == AMOUNT_ABOVE:
            asked = _ask_for_others(reading, book, notices, named_by) or _doubt_sum(reading, book, notices, named_by)
            return asked or decision
        return decision
    if decision.reason != "ambiguous" or comes_back(reading, book, notices):
        return decision
    return _lines_named(reading, book, unpaid_of(notices), reason, named_by) or decision


def _lines_named(
    reading: Reading, book: Book, unpaid: Sequence[OpenNotice], reason: Reason, named_by: Fact
) -> Decision | None:
    """Of a bill's lines with one sum the one that the memo names, or those of its month."""
    line = _named_line(reading, book, unpaid)
    lines = (line,) if line is not None else _lines_of_month(reading, unpaid)
    if not lines:
        return None
    facts = (
        named_by,
        AMOUNT_ONE if len(lines) == 1 else AMOUNT_TOGETHER,
        PURPOSE_NAMED if line is not None else MONTH_NAMED,
    )
    ids = tuple([each.notice_id for each in lines])
    return Decision("matched", reason, in_full(lines), facts, (Suggestion(ids, CERTAIN),))


def _doubt_part(reading: Reading, book: Book, bill: Sequence[OpenNotice], named_by: Fact) -> Decision | None:
    """Why so much less than a bill is perhaps no part of it: it only tries the account, or something else is owed in just this sum."""
    if _is_trial(reading.incoming.amount, bill):
        return Decision("suggested", "ambiguous", (), (named_by, amount_misses(0)), candidates_of([unpaid_of(bill)]))
    return _doubt_sum(reading, book, bill, named_by)


def _doubt_sum(reading: Reading, book: Book, bill: Sequence[OpenNotice], named_by: Fact) -> Decision | None:
    """Where something else is owed in just this sum, the QR was perhaps the wrong one: last month's, or a sibling's."""
    instead = _owed_instead(reading, book, bill)
    if not instead:
        return None
    choices = candidates_of([unpaid_of(bill), *instead])
    return Decision("suggested", "ambiguous", (), (named_by, amount_misses(1 + len(instead))), choices)


def _is_trial(amount: int, notices: Sequence[OpenNotice]) -> bool:
    """Whether so little rather tries out an account than pays a part of what is open: 1 đồng, 100 đồng of 10,000, 2,000 of 50,000."""
    owed = sum(notice.open for notice in notices)
    if amount * 4 < owed:
        return amount <= TRIAL_MAX
    return amount < BANKNOTE and owed - amount not in TRANSFER_FEES


def _owed_instead(reading: Reading, book: Book, bill: Sequence[OpenNotice]) -> list[Choice]:
    """What else the payer or a child of the same guardian owes in just this sum, which is not the bill's."""
    payer = book.payer_of(bill[0])
    if payer is None:
        return []
    own = [notice for notice in issued(reading, payer) if notice not in bill]
    of_siblings = [issued(reading, each) for each in guardians.siblings(book, payer)]
    return [choice for owed in (own, *of_siblings) for choice in ways(reading.incoming.amount, owed)][:WAYS_MAX]


def _ask_for_others(reading: Reading, book: Book, notices: Sequence[OpenNotice], named_by: Fact) -> Decision | None:
    """More was paid than the bill's open sum, and somebody or something else is named that the rest could be for."""
    unpaid = unpaid_of(notices)
    others = others_beside(reading, book, unpaid)
    if others is None:
        return None
    both = [(*unpaid, *choice) for choice in others.together]
    if others.is_sure:
        return Decision(
            "matched", "several", in_full(both[0]), (named_by, *others.facts, AMOUNT_TOGETHER), candidates_of(both)
        )
    facts = (named_by, *others.facts, *([AMOUNT_TOGETHER] if both else []))
    return Decision("suggested", "several", (), facts, candidates_of([*both, unpaid, *others.alone]))


def comes_back(reading: Reading, book: Book, bill: Sequence[OpenNotice]) -> bool:
    """Whether the memo says that money comes back, whatever bill it once paid: "hoan tien KH…", "REVERSAL FT2631… KH…"."""
    memo = fold(reading.incoming.memo) if len(reading.incoming.memo) >= MEMO_LENGTH_MIN else ""
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


def _lines_of_month(reading: Reading, unpaid: Sequence[OpenNotice]) -> Choice:
    """Of several choices of lines with just this sum the one that is of the month that the memo names: "KHOAN THU THANG 9"."""
    hints = hints_of(reading)
    of_month = [each for each in unpaid if purpose_of(each.purpose, each.period).month in hints.months]
    if len(hints.months) != 1 or len(of_month) == len(unpaid):
        return ()
    there = there_by(reading.incoming.occurred_on, of_month)
    fitting = ways(reading.incoming.amount, there)
    named = named_among(hints, fitting, wholes(there)) if len(fitting) < WAYS_MAX else []
    return named[0] if len(named) == 1 and not passes_over(hints, named[0], unpaid) else ()


def _decide_bill(
    reading: Reading,
    notices: Sequence[OpenNotice],
    rules: SiteRules,
    reason: Reason,
    named_by: Fact,
    payer: Payer | None = None,
) -> Decision:
    unpaid = unpaid_of(notices)
    if not unpaid:
        return refuse_closed(reading, notices, named_by, payer)
    settlement = _settle_in_time(reading, unpaid, rules)
    if settlement is None:
        choices = choices_of(reading, unpaid)
        return Decision(
            "suggested", "ambiguous", (), (named_by, amount_misses(len(choices))), candidates_of([*choices, unpaid])
        )
    return matched(reason, settlement, named_by)


def refuse_closed(reading: Reading, notices: Sequence[OpenNotice], named_by: Fact, payer: Payer | None = None) -> Decision:
    """Nothing of a bill is open: what is not cancelled of it is paid. Behind it comes what its payer owes in just this sum: last
    month's QR is used again for this month, or that of a notice that was corrected since.
    """
    again = _owed_in_this_sum(reading, payer)[:AGAIN_MAX] if payer is not None else []
    if live := live_of(notices):
        return Decision("suggested", "duplicate", (), (named_by, PAID_ALREADY), candidates_of([live, *again]))
    return Decision("suggested", "cancelled", (), (named_by, ALL_CANCELLED), candidates_of([notices, *again]))


def _owed_in_this_sum(reading: Reading, payer: Payer) -> list[Choice]:
    """What makes the amount of what was open on the day, or single notices that were issued later."""
    return choices_of(reading, issued(reading, payer)) or [
        (notice,) for notice in latest(payer.notices) if notice.open == reading.incoming.amount
    ]


def _settle_in_time(reading: Reading, unpaid: Sequence[OpenNotice], rules: SiteRules) -> Settlement | None:
    """What was issued by the day of the transfer comes first; a notice of a later day only where that leaves something over."""
    amount, there = reading.incoming.amount, there_by(reading.incoming.occurred_on, unpaid)
    if not there or len(there) == len(unpaid):
        return settle(amount, unpaid, rules)
    if amount > sum(notice.open for notice in there):
        return settle(amount, unpaid, rules) or settle(amount, there, rules)
    return settle(amount, there, rules)


def decide_several(reading: Reading, bills: Mapping[str, Sequence[OpenNotice]]) -> Decision:
    """Two references or more are settled only where their open sums add up exactly. Of less a person looks first at lines of every bill
    that make the sum, then at one bill alone.
    """
    unpaid = [notice for notices in bills.values() for notice in unpaid_of(notices)]
    intact = {each.reference for each in reading.references if each.exact}
    facts = tuple(Fact("reference_intact" if each in intact else "reference_corrected", about=each) for each in bills)
    everyone_owes = all(unpaid_of(notices) for notices in bills.values())
    if everyone_owes and sum(notice.open for notice in unpaid) == reading.incoming.amount:
        return Decision("matched", "several", in_full(unpaid), (*facts, AMOUNT_TOGETHER), candidates_of([unpaid]))
    exact = choices_of(reading, unpaid)
    of_every = [choice for choice in exact if len({notice.reference for notice in choice}) == len(bills)]
    fitting = [notices for notices in bills.values() if sum(notice.open for notice in notices) == reading.incoming.amount]
    misses = Fact("amount_fits_one", holds=False) if fitting else amount_misses(len(exact))
    choices = candidates_of([*of_every[:OF_EVERY_BILL_MAX], *fitting, *exact, unpaid, *bills.values()])
    return Decision("suggested", "several", (), (*facts, misses), choices)


def matched(reason: Reason, settlement: Settlement, named_by: Fact) -> Decision:
    ids = tuple([share.notice_id for share in settlement.shares])
    return Decision("matched", reason, settlement.shares, (named_by, settlement.fact), (Suggestion(ids, CERTAIN),))


def at_site(site_id: str | None, notices: Sequence[OpenNotice]) -> list[OpenNotice]:
    return [notice for notice in notices if notice.site_id == site_id]


def unpaid_of(notices: Iterable[OpenNotice]) -> list[OpenNotice]:
    return [notice for notice in notices if notice.open > 0]


def live_of(notices: Iterable[OpenNotice]) -> list[OpenNotice]:
    return [notice for notice in notices if not notice.is_cancelled]


def candidates_of(groups: Iterable[Sequence[OpenNotice]]) -> tuple[Suggestion, ...]:
    """Choices of notices, each once; the reference leaves open only which."""
    distinct = list({tuple([notice.notice_id for notice in group]): None for group in groups if group})
    score = CERTAIN if len(distinct) == 1 else round(PROPOSED / max(1, len(distinct)), 3)
    return tuple([Suggestion(ids, score) for ids in distinct[:MAX_CANDIDATES]])
