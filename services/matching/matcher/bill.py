"""How an amount settles the open notices of a bill: wholly where it adds up, never pro rata, never by a guess."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

from services.matching.matcher.values import KnownNotice, Share, SiteRules
from shared.events.payments import Candidate

VOLUNTARY_CHOICES_MAX = 10
"""Above this many voluntary notices a choice among them is left to a person: 2^10 sums are looked at, no more."""
CANDIDATES_MAX = 5
SCORE_FITS, SCORE_POSSIBLE = 0.9, 0.5


class OpenLine(NamedTuple):
    """A notice with what is still to pay of it, more than nothing."""

    notice: KnownNotice
    open_amount: int


class Settlement(NamedTuple):
    """Who gets what, in the order of settling; what is over; and why."""

    shares: tuple[Share, ...]
    excess: int
    evidence: str


def settle(amount: int, lines: Sequence[OpenLine], rules: SiteRules) -> Settlement | None:
    """Settle a bill's open notices (at least one) with an amount; None where a person has to decide."""
    ordered = in_settling_order(lines, rules)
    total = sum(line.open_amount for line in ordered)
    if amount >= total:
        evidence = "amount equals the open sum" if amount == total else "amount exceeds the open sum"
        return Settlement(_whole(ordered), amount - total, evidence)
    if len(ordered) == 1:
        return Settlement((Share(ordered[0].notice.notice_id, amount),), 0, "part of the one open notice")
    chosen = _obligatory_and_chosen(amount, ordered)
    if chosen is not None:
        return chosen
    if rules.settle_priority:
        return _by_priority(amount, ordered, rules)
    alone = [line for line in ordered if line.open_amount == amount]
    if len(alone) == 1:
        return Settlement(_whole(alone), 0, "amount equals one open notice")
    return None


def in_settling_order(lines: Iterable[OpenLine], rules: SiteRules) -> list[OpenLine]:
    """Obligatory before voluntary, then by the site's priority, then by due date."""
    return sorted(lines, key=lambda line: (*_rank(line, rules), line.notice.due_on, line.notice.notice_id))


def suggestions(amount: int, lines: Sequence[OpenLine]) -> tuple[Candidate, ...]:
    """What a person would look at first, best first: single notices that fit, then all, then each."""
    fits = [(line.notice.notice_id,) for line in lines if line.open_amount == amount]
    everything = [tuple(line.notice.notice_id for line in lines)]
    each = [(line.notice.notice_id,) for line in lines]
    ranked = dict.fromkeys([*fits, *everything, *each])
    return tuple(
        Candidate(notice_ids=ids, score=SCORE_FITS if ids in fits else SCORE_POSSIBLE)
        for ids in list(ranked)[:CANDIDATES_MAX]
    )


def _rank(line: OpenLine, rules: SiteRules) -> tuple[bool, int]:
    priority = rules.settle_priority
    kind = line.notice.fee_kind
    return not line.notice.obligatory, priority.index(kind) if kind in priority else len(priority)


def _whole(lines: Iterable[OpenLine]) -> tuple[Share, ...]:
    return tuple(Share(line.notice.notice_id, line.open_amount) for line in lines)


def _obligatory_and_chosen(amount: int, lines: Sequence[OpenLine]) -> Settlement | None:
    """All obligatory notices and the one choice of voluntary ones that adds up, where there is exactly one."""
    obligatory = [line for line in lines if line.notice.obligatory]
    voluntary = [line for line in lines if not line.notice.obligatory]
    rest = amount - sum(line.open_amount for line in obligatory)
    if rest == 0:
        return Settlement(_whole(obligatory), 0, "amount equals the obligatory sum")
    if rest < 0 or len(voluntary) > VOLUNTARY_CHOICES_MAX:
        return None
    choices = [
        choice
        for size in range(1, len(voluntary) + 1)
        for choice in combinations(voluntary, size)
        if sum(line.open_amount for line in choice) == rest
    ]
    if len(choices) != 1:
        return None
    return Settlement(_whole([*obligatory, *choices[0]]), 0, "amount equals the obligatory sum and one choice of voluntary")


def _by_priority(amount: int, ordered: Sequence[OpenLine], rules: SiteRules) -> Settlement | None:
    """Rank by rank; inside a rank that is not covered only where the site's rules leave one order."""
    ranks: dict[tuple[bool, int], list[OpenLine]] = defaultdict(list)
    for line in ordered:
        ranks[_rank(line, rules)].append(line)
    shares: list[Share] = []
    left = amount
    for lines in ranks.values():
        covered = left >= sum(line.open_amount for line in lines)
        if not covered and len(lines) > 1 and not _ordered_by_due_date(lines, rules):
            return None
        for line in lines:
            part = min(left, line.open_amount)
            left -= part
            if part:
                shares.append(Share(line.notice.notice_id, part))
        if left == 0:
            break
    return Settlement(tuple(shares), 0, "by the site's order of settling")


def _ordered_by_due_date(lines: Sequence[OpenLine], rules: SiteRules) -> bool:
    dates = Counter(line.notice.due_on for line in lines)
    return rules.oldest_first and len(dates) == len(lines)
