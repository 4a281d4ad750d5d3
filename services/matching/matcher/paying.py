"""What known payers pay: an exact sum of what they owe, in one way only; or why nothing is settled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Final

from services.matching.matcher import certainty
from services.matching.matcher.classes import ClassMention
from services.matching.matcher.evidence import Fact
from services.matching.matcher.hints import (
    Hints,
    fits_months,
    hints_of,
    month_of,
    named_among,
    named_instead,
    names_any,
    names_later_month,
    nearest,
    passes_over,
)
from services.matching.matcher.marks import Mark
from services.matching.matcher.owing import all_of_one_person, issued, latest
from services.matching.matcher.reading import Reading
from services.matching.matcher.settling import in_full
from services.matching.matcher.sums import SUMMED_MAX, Choice, is_in_reach, ways, wholes
from services.matching.matcher.values import Decision, OpenNotice, Payer, SiteRules, Suggestion
from services.matching.matcher.vocabulary import HALVES, PARTS
from shared.events.payments import Reason

MAX_CANDIDATES: Final = 5

AMOUNT_DIFFERS: Final = Fact("amount_differs", holds=False)
PAID_ALREADY: Final = Fact("paid_already", holds=False)
ALL_CANCELLED: Final = Fact("all_cancelled", holds=False)
CONTRADICTION: Final = Fact("contradiction", holds=False)
BELOW_THRESHOLD: Final = Fact("below_threshold", holds=False)
MONTH_DIFFERS: Final = Fact("month_differs", holds=False)
AMOUNT_TOGETHER: Final = Fact("amount_together")
AMOUNT_ONE: Final = Fact("amount_one_notice")
OLDEST_FIRST: Final = Fact("oldest_first")


def amount_misses(count: int) -> Fact:
    """Why the amount settles nothing, where so many choices of notices make it."""
    if count > 1:
        return Fact("amount_fits_several_ways", holds=False, about=str(count))
    return Fact("amount_fits_lines", holds=False) if count else AMOUNT_DIFFERS


def pay_for(reading: Reading, rules: SiteRules, reason: Reason, mark: Mark) -> Decision | None:
    """Of the payers whom one mark could mean: who owes this sum, in which one way; or why nothing is settled."""
    hints = hints_of(reading)
    fitting = [(payer, choices) for payer in mark.payers if (choices := _choices(reading, payer, hints, reason))]
    if not fitting:
        if (everything := all_of_one_person(reading, mark.payers)) is not None:
            return settle_choice(rules, reason, everything, [mark], _sum_fact(everything))
        return (
            _refused(reading, mark, hints)
            or _not_yet_issued(reading, rules, reason, mark, hints)
            or _differs(reading, reason, mark)
        )
    if len(fitting) > 1:
        facts = (*mark.facts, Fact("one_of", holds=False, about=str(len(fitting))))
        return ask("ambiguous", facts, in_turns(choices for _, choices in fitting), mark.bits)
    [(payer, choices)] = fitting
    # An account pays for one child after the other, but a name that two bear does not say whose fee is paid twice.
    if reason != "learned_payer" and (rivals := _rivals(reading, mark, payer, hints)):
        facts = (*mark.facts, Fact("one_of", holds=False, about=str(1 + len(rivals))))
        return ask("ambiguous", facts, [*choices[:2], *rivals], mark.bits)
    return _pay_one(reading, rules, reason, Mark([payer], mark.bits, mark.facts), choices)


def _pay_one(reading: Reading, rules: SiteRules, reason: Reason, mark: Mark, choices: Sequence[Choice]) -> Decision:
    """One payer is meant, who owes the sum in these ways."""
    hints = hints_of(reading)
    doubt = _doubt(reading, mark, choices, hints)
    if doubt is not None:
        return doubt
    if len(choices) > 1:
        kinds = {notice.fee_kind for choice in choices for notice in choice}
        is_of_month = all(len(choice) == 1 for choice in choices) and fits_months(hints, choices[0])
        if rules.oldest_first and len(kinds) == 1 and is_of_month:
            return settle_choice(rules, reason, choices[0], [mark], OLDEST_FIRST)
        facts = (*mark.facts, Fact("amount_fits_several_ways", holds=False, about=str(len(choices))))
        return ask("ambiguous", facts, choices, mark.bits)
    return settle_choice(rules, reason, choices[0], [mark], _sum_fact(choices[0]))


def _doubt(reading: Reading, mark: Mark, choices: Sequence[Choice], hints: Hints) -> Decision | None:
    """Why what one payer owes is perhaps not what the memo means: another month or another fee is named."""
    if hints.months and not fits_months(hints, choices[0]):
        refused = _refused(reading, mark, hints, instead=choices)
        if refused is not None:
            return refused
        # Two months for one that is named may be two children's; all that is owed, of the named one too, is paid up with it.
        is_all = choices[0] == tuple(issued(reading, mark.payers[0])) and any(
            month_of(each) in hints.months for each in choices[0]
        )
        is_mixture = len(choices[0]) > 1 and not is_all
        if len(choices) == 1 and (is_mixture or names_later_month(hints, choices[0])):
            return ask("ambiguous", (*mark.facts, MONTH_DIFFERS), choices, mark.bits)
    if len(choices) == 1 and len(choices[0]) > 1 and _names_another_class(reading, mark.payers[0]):
        return ask("ambiguous", (*mark.facts, CONTRADICTION), choices, mark.bits)
    if len(choices) == 1 and (others := _open_as_named(reading, mark.payers[0], choices[0], hints)):
        return ask("ambiguous", (*mark.facts, Fact("purpose_differs", holds=False)), [*choices, *others], mark.bits)
    if (paid := _paid_as_named(reading, mark.payers[0], choices, hints)) is not None:
        return ask("duplicate", (*mark.facts, PAID_ALREADY), [paid, *choices], mark.bits)
    return None


def _names_another_class(reading: Reading, payer: Payer) -> bool:
    """Whether the memo names a class of the site that is not the payer's: then one of several notices may hide a second child's fee."""
    classes: list[ClassMention] = reading.found.get("classes") or []
    return any(group.is_known and group.key not in payer.groups for group in classes)


def settle_choice(rules: SiteRules, reason: Reason, choice: Choice, marks: Sequence[Mark], how: Fact) -> Decision:
    """Settle these notices in full where the marks are sure enough for the site."""
    score = certainty.probability(min(mark.bits for mark in marks))
    facts = (*facts_of(marks), how)
    suggestion = Suggestion(tuple([notice.notice_id for notice in choice]), score)
    if score < rules.match_threshold:
        return Decision("suggested", reason, facts=(*facts, BELOW_THRESHOLD), candidates=(suggestion,))
    return Decision("matched", reason, in_full(choice), facts, (suggestion,))


def contradicted(reading: Reading, marks: Sequence[Mark]) -> Decision:
    """Marks that speak of different payers."""
    choices = in_turns(options_of(reading, payer)[:2] for mark in marks for payer in mark.payers[:2])
    return ask("ambiguous", (*facts_of(marks), CONTRADICTION), choices, 0)


def ask(reason: Reason, facts: tuple[Fact, ...], choices: Iterable[Sequence[OpenNotice]], bits: float) -> Decision:
    """A question to a person, with what it could be."""
    distinct = list({tuple(notice.notice_id for notice in choice): None for choice in choices if choice})[:MAX_CANDIDATES]
    score = round(certainty.probability(bits) / max(1, len(distinct)), 3)
    return Decision("suggested", reason, facts=facts, candidates=tuple(Suggestion(ids, score) for ids in distinct))


def choices_of(reading: Reading, notices: Sequence[OpenNotice]) -> list[Choice]:
    """The choices of these notices that make the amount, those that the memo names first."""
    choices = ways(reading.incoming.amount, notices)
    named = named_among(hints_of(reading), choices, wholes(notices))
    return [*named, *(each for each in choices if each not in named)]


def best_of(reading: Reading, payer: Payer) -> Choice:
    """What of a payer's notices the money most probably means."""
    return options_of(reading, payer)[0]


def options_of(reading: Reading, payer: Payer) -> list[Choice]:
    """What of a payer's notices the money could mean, the most probable first: exact choices of what was open on the day, what memo
    and sum come nearest to, and exact sums of what was issued later. Where nothing is open, the last that was paid.
    """
    unpaid = [notice for notice in latest(payer.notices) if notice.open]
    if not unpaid:
        return [tuple(latest(payer.notices)[-1:])]
    hints = hints_of(reading)
    owed = issued(reading, payer) or unpaid
    near = nearest(hints, reading.incoming.amount, owed)
    if says_part(reading):
        amount, is_half = reading.incoming.amount, not HALVES.isdisjoint(reading.words.runs)
        halves = [(notice,) for notice in owed if is_half and notice.open == 2 * amount]
        larger = [choice for choice in near if sum(notice.open for notice in choice) > amount]
        return list(dict.fromkeys([*halves, *larger, *near]))
    later = [choice for choice in ways(reading.incoming.amount, unpaid) if len(choice) == 1 or _is_bill_or_month(choice)]
    return list(dict.fromkeys([*choices_of(reading, owed), *near[:1], *named_among(hints, later), *near[1:]]))


def says_part(reading: Reading) -> bool:
    """Whether the memo says that this is a part of something: "nop 1 nua"."""
    return reading.words.say(PARTS)


def in_turns(options: Iterable[Sequence[Choice]]) -> list[Choice]:
    """The best of each payer first, then the second best of each."""
    return [choice for rank in zip_longest(*options, fillvalue=()) for choice in rank if choice]


def _choices(reading: Reading, payer: Payer, hints: Hints, reason: Reason) -> list[Choice]:
    """What of a payer's notices makes the sum, as the memo means it. Where nothing but the account speaks, a whole bill is as good as a
    mixture of two.
    """
    owed = issued(reading, payer)
    found = ways(reading.incoming.amount, owed)
    if says_part(reading):
        return [choice for choice in found if len(choice) == 1]
    if len(found) < 2:
        return found
    named = named_among(hints, found, wholes(owed))
    return _whole_among(named, owed, hints) if len(named) > 1 and reason != "learned_payer" else named


def _whole_among(choices: list[Choice], owed: Sequence[OpenNotice], hints: Hints) -> list[Choice]:
    """The one choice that is a whole bill, or all that is owed, where all others are put together of several bills: nobody pays
    this bill's meals with that one's bicycle by chance of the sum. All choices where the memo rather means something else.
    """
    whole = [choice for choice in choices if len(choice) > 1 and _is_whole(choice, owed)]
    others = [choice for choice in choices if choice not in whole]
    if len(whole) != 1 or any(len({notice.reference for notice in choice}) == 1 for choice in others):
        return choices
    elsewhere = [notice for notice in owed if notice not in whole[0]]
    return choices if names_any(hints, elsewhere) and not names_any(hints, whole[0]) else whole


def _is_whole(choice: Choice, owed: Sequence[OpenNotice]) -> bool:
    """Whether a choice is all that is owed under one reference, or all that is owed."""
    reference = choice[0].reference
    return len(choice) == len(owed) or (
        all(notice.reference == reference for notice in choice)
        and len(choice) == sum(notice.reference == reference for notice in owed)
    )


def _refused(reading: Reading, mark: Mark, hints: Hints, instead: Sequence[Choice] = ()) -> Decision | None:
    """The sum of a notice, a bill or a month that is paid already or was cancelled; with `instead`, which is open of another month,
    only of the memo's months.
    """
    amount = reading.incoming.amount
    paid: list[Choice] = []
    cancelled: list[Choice] = []
    for payer in mark.payers:
        of_months = [notice for notice in latest(payer.notices) if month_of(notice) in hints.months]
        # Where the month that the memo names is open, another one's sum is no second payment: "t10" is no September's 550,000 + 10,000.
        notices = of_months if instead or any(notice.open for notice in of_months) else latest(payer.notices)
        settled = [notice for notice in notices if not notice.is_cancelled and not notice.open]
        paid += [choice for choice in _sets(settled) if sum(notice.amount for notice in choice) == amount]
        void = [notice for notice in notices if notice.is_cancelled]
        cancelled += [choice for choice in _sets(void) if sum(notice.amount for notice in choice) == amount]
    is_void = bool(cancelled) and all(choice in cancelled for choice in named_among(hints, [*paid, *cancelled]))
    if paid and not is_void:
        return ask("duplicate", (*mark.facts, PAID_ALREADY), [*reversed(named_among(hints, paid)), *instead], mark.bits)
    if cancelled:
        return ask(
            "cancelled", (*mark.facts, ALL_CANCELLED), [*reversed(named_among(hints, cancelled)), *instead], mark.bits
        )
    return None


def _open_as_named(reading: Reading, payer: Payer, choice: Choice, hints: Hints) -> list[Choice]:
    """What else is open and named by the memo, which names nothing of the one choice that makes the sum; where that is several
    notices, also what is named beside them. What was issued later counts only where it is of just this sum.
    """
    on_the_day = [notice for notice in issued(reading, payer) if notice not in choice]
    amount = reading.incoming.amount
    later = [each for each in latest(payer.notices) if each.open == amount and each not in on_the_day and each not in choice]
    named = named_instead(hints, choice, [*on_the_day, *later])
    if not named and len(choice) > 1:
        named = passes_over(hints, choice, on_the_day)
    return [(notice,) for notice in named]


def _paid_as_named(reading: Reading, payer: Payer, choices: Sequence[Choice], hints: Hints) -> Choice | None:
    """What of this sum is paid already, where the memo's words mean that fee and none of what is open."""
    settled = [notice for notice in latest(payer.notices) if not notice.is_cancelled and not notice.open]
    kinds = {notice.fee_kind for choice in choices for notice in choice}
    paid = [
        choice
        for choice in _sets(settled)
        if sum(notice.amount for notice in choice) == reading.incoming.amount
        and kinds.isdisjoint(notice.fee_kind for notice in choice)
    ]
    if not paid:
        return None
    named = named_among(hints, [*choices, *paid])
    return None if any(choice in choices for choice in named) else named[-1]


def _rivals(reading: Reading, mark: Mark, payer: Payer, hints: Hints) -> list[Choice]:
    """What others whom the same mark could mean had to pay in this sum and no longer owe whole, for it may be paid a second time, or in
    spite of being cancelled; and all that they owe, where so many of it could make the sum that no choice was listed.
    """
    found: list[Choice] = []
    for other in mark.payers:
        if other is not payer:
            owed = issued(reading, other)
            if len(owed) > SUMMED_MAX and is_in_reach(reading.incoming.amount, owed):
                found.append(tuple(owed))
            closed = [notice for notice in latest(other.notices) if notice.open < notice.amount]
            same = [choice for choice in _sets(closed) if sum(notice.amount for notice in choice) == reading.incoming.amount]
            found += named_among(hints, same)[:1]
    return found


def _sets(notices: Sequence[OpenNotice]) -> list[Choice]:
    """Single notices, bills, months and all of these."""
    return [*((notice,) for notice in notices), *wholes(notices)]


def _not_yet_issued(reading: Reading, rules: SiteRules, reason: Reason, mark: Mark, hints: Hints) -> Decision | None:
    """A payment before its notice: the only choice that it could be, though issued later, where it is one fee, bill or month. Not
    where the memo rather means what was asked for then: "tien an t.10" with 10,000 too much is no mixture of November's; and not
    where nothing but the account speaks.
    """
    if reason == "learned_payer":
        return None
    day = reading.incoming.occurred_on
    found = []
    for payer in mark.payers:
        later = [each for each in latest(payer.notices) if each.open and each.issued_on is not None and each.issued_on > day]
        found += [(payer, later, choice) for choice in ways(reading.incoming.amount, later)]
    if len(found) != 1:
        return None
    [(payer, later, choice)] = found
    is_one = len(choice) == 1 or choice in [part for part in wholes(later) if _is_bill_or_month(part)]
    if not is_one or not fits_months(hints, choice) or _means_issued(hints, issued(reading, payer), choice):
        return None
    return settle_choice(rules, reason, choice, [mark], _sum_fact(choice))


def _is_bill_or_month(choice: Choice) -> bool:
    return len({notice.reference for notice in choice}) == 1 or len({notice.period for notice in choice}) == 1


def _means_issued(hints: Hints, owed: Sequence[OpenNotice], later: Choice) -> bool:
    """Whether the memo may mean what was open on the day: it names a month of that, or no month and not just the later fee."""
    if hints.months:
        return any(month_of(notice) in hints.months for notice in owed)
    return bool(owed) and (names_any(hints, owed) or not names_any(hints, later))


def _differs(reading: Reading, reason: Reason, mark: Mark) -> Decision | None:
    """The payer is known and the sum is not what is open."""
    if mark.bits < certainty.SOLID_BITS:
        return None
    choices = in_turns(options_of(reading, payer) for payer in mark.payers)
    return ask(reason, (*mark.facts, AMOUNT_DIFFERS), choices, mark.bits)


def _sum_fact(choice: Choice) -> Fact:
    return AMOUNT_ONE if len(choice) == 1 else Fact("amount_several_notices", about=str(len(choice)))


def facts_of(marks: Sequence[Mark]) -> tuple[Fact, ...]:
    return marks[0].facts if len(marks) == 1 else tuple(dict.fromkeys(fact for mark in marks for fact in mark.facts))
