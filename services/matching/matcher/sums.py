"""Exact sums: which of a payer's open notices make an amount. Never an unbounded search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import combinations
from typing import Final

from services.matching.matcher.values import OpenNotice

NOTICES_MAX: Final = 10
"""Of more open notices only single ones, bills, months and all together are tried."""
SUMMED_MAX: Final = 4
"""So many notices may make a sum, besides all of a bill, of a month or of the payer."""
WAYS_MAX: Final = 6
"""More ways than this are not listed: the sum says nothing then."""
TRIES_MAX: Final = 20_000
"""Several payers' notices are not tried together where there are more combinations of one's with the others' sums than this."""

Choice = tuple[OpenNotice, ...]


def ways(amount: int, notices: Sequence[OpenNotice]) -> list[Choice]:
    """Every choice of these open notices that makes just this amount, the fewest notices first; of several together at most as many as
    make WAYS_MAX in all. Nine months' meals of one sum are all there, for the memo may name the ninth.
    """
    if len(notices) == 1:
        return [(notices[0],)] if notices[0].open == amount else []
    found: list[Choice] = [(notice,) for notice in notices if notice.open == amount]
    if len(notices) < 2:
        return found
    several: dict[frozenset[str], Choice] = {}
    for choice in wholes(notices):
        if _sum(choice) == amount:
            several[frozenset([notice.notice_id for notice in choice])] = choice
    if 2 < len(notices) <= NOTICES_MAX:
        for size in range(2, min(SUMMED_MAX, len(notices) - 1) + 1):
            for choice in combinations(notices, size):
                if _sum(choice) == amount:
                    several[frozenset([notice.notice_id for notice in choice])] = choice
                    if len(several) >= WAYS_MAX:
                        return _first(found, several.values())
    return _first(found, several.values())


def _first(singles: list[Choice], several: Iterable[Choice]) -> list[Choice]:
    return [*singles, *several][: max(WAYS_MAX, len(singles))]


def wholes(notices: Sequence[OpenNotice]) -> list[Choice]:
    """All, all of one bill, all of one period, all that was issued on one day, where that is more than one notice; each set once."""
    if len(notices) < 2:
        return []
    bills: dict[str, list[OpenNotice]] = {}
    periods: dict[str, list[OpenNotice]] = {}
    rounds: dict[date, list[OpenNotice]] = {}
    for notice in notices:
        if notice.issued_on is not None:
            rounds.setdefault(notice.issued_on, []).append(notice)
        bills.setdefault(notice.reference, []).append(notice)
        if notice.period:
            periods.setdefault(notice.period, []).append(notice)
    groups = [*bills.values(), *periods.values(), *rounds.values()]
    sets = {tuple(notices): None} | {tuple(group): None for group in groups if len(group) > 1}
    return list(sets)


def split_between(amount: int, owed: Sequence[Sequence[OpenNotice]]) -> list[Choice]:
    """Ways in which several payers' notices make an amount together, at least one notice of each; at most WAYS_MAX."""
    sums: dict[int, list[Choice]] = {0: [()]}
    for notices in owed:
        parts = _parts(notices, amount)
        if len(sums) * len(parts) > TRIES_MAX:
            return []
        longer: dict[int, list[Choice]] = {}
        for so_far, choices in sums.items():
            for part in parts:
                total = so_far + _sum(part)
                if total <= amount and len(longer.setdefault(total, [])) < WAYS_MAX:
                    longer[total] += [(*choice, *part) for choice in choices][:WAYS_MAX]
        sums = longer
    return sums.get(amount, [])[:WAYS_MAX]


def is_only_way(amount: int, owed: Sequence[Sequence[OpenNotice]]) -> bool:
    """Whether one choice alone of these payers' notices, however many of each, makes an amount; also false where that is too long to
    find out.
    """
    sums: dict[int, int] = {0: 1}
    for notices in owed:
        with_some: dict[int, int] = {}
        for notice in notices:
            # What this notice is added to: it alone to the payers before, or to what of this payer's came before it.
            for so_far in (sums, dict(with_some)):
                for total, count in so_far.items():
                    if total + notice.open <= amount:
                        with_some[total + notice.open] = with_some.get(total + notice.open, 0) + count
            if len(with_some) > TRIES_MAX:
                return False
        sums = with_some
    return sums.get(amount) == 1


def is_in_reach(amount: int, notices: Sequence[OpenNotice]) -> bool:
    """Whether any choice of these notices, however many, makes an amount; true where that is too long to find out."""
    sums = {0}
    for notice in notices:
        sums |= {total + notice.open for total in sums if total + notice.open <= amount}
        if len(sums) > TRIES_MAX:
            return True
    return amount in sums


def _parts(notices: Sequence[OpenNotice], amount: int) -> list[Choice]:
    parts = {
        frozenset([notice.notice_id for notice in part]): part
        for part in (*((notice,) for notice in notices), *wholes(notices))
    }
    if 2 < len(notices) <= NOTICES_MAX // 2:
        parts |= {frozenset([notice.notice_id for notice in part]): part for part in combinations(notices, 2)}
    return [part for part in parts.values() if _sum(part) <= amount]


def _sum(choice: Choice) -> int:
    return sum([notice.open for notice in choice])
