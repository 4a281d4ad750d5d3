"""How an amount settles the notices of one bill (DESIGN §2 "bill", issue 6 "A bill's reference settles its notices").

Exact sums first; a short payment only by a rule that the site set or where one notice alone fits; never pro rata.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final

from services.matching.matcher.evidence import Fact
from services.matching.matcher.values import OpenNotice, Share, SiteRules

MAX_VOLUNTARY_LINES = 10
"""Above it (1,024 choices) a person decides which voluntary lines were meant."""


AMOUNT_EQUAL: Final = Fact("amount_equal")
AMOUNT_ABOVE: Final = Fact("amount_above")


class Settlement:
    """Which notices are paid how much, and why that follows."""

    __slots__ = ("fact", "shares")

    def __init__(self, shares: tuple[Share, ...], fact: Fact) -> None:
        self.shares = shares
        self.fact = fact


def settle(amount: int, notices: Sequence[OpenNotice], rules: SiteRules) -> Settlement | None:
    """Split an amount over a bill's open notices; None where a person has to say how.

    An amount above the open sum settles everything; what is over is not part of the shares.
    """
    unpaid = [notice for notice in notices if notice.open > 0]
    if not unpaid:
        return None
    shares = in_full(unpaid)
    open_sum = sum([share.amount for share in shares])
    if amount >= open_sum:
        return Settlement(shares, AMOUNT_EQUAL if amount == open_sum else AMOUNT_ABOVE)
    return _exact_lines(amount, unpaid) or _short(amount, unpaid, rules)


def in_full(notices: Sequence[OpenNotice]) -> tuple[Share, ...]:
    """What is open of each."""
    return tuple([Share(notice.notice_id, notice.open) for notice in notices])


def _exact_lines(amount: int, unpaid: Sequence[OpenNotice]) -> Settlement | None:
    """All obligatory lines and exactly one choice of voluntary ones."""
    obligatory = [notice for notice in unpaid if notice.obligation != "voluntary"]
    voluntary = [notice for notice in unpaid if notice.obligation == "voluntary"]
    rest = amount - sum(notice.open for notice in obligatory)
    if rest < 0 or not voluntary or len(voluntary) > MAX_VOLUNTARY_LINES:
        return None
    choices = [
        chosen
        for size in range(len(voluntary) + 1)
        for chosen in combinations(voluntary, size)
        if sum(notice.open for notice in chosen) == rest
    ]
    if len(choices) != 1:
        return None
    return Settlement(in_full([*obligatory, *choices[0]]), Fact("amount_obligatory"))


def _short(amount: int, unpaid: Sequence[OpenNotice], rules: SiteRules) -> Settlement | None:
    """Less than the bill's open sum. The site's order ranks what must be paid; a sum that is just a voluntary line's ("đồng phục"
    beside "bảo hiểm") speaks against it, and a person decides.
    """
    if len(unpaid) == 1:
        return Settlement((Share(unpaid[0].notice_id, amount),), Fact("amount_part"))
    fitting = [notice for notice in unpaid if notice.open == amount]
    obligatory = [notice for notice in unpaid if notice.obligation != "voluntary"]
    ordered = _by_rule(obligatory, rules)
    if ordered is not None and amount <= sum(notice.open for notice in ordered):
        if any(notice.obligation == "voluntary" for notice in fitting):
            return None
        return Settlement(_in_turn(amount, ordered), Fact("amount_in_order"))
    if len(fitting) == 1:
        return Settlement(in_full(fitting), Fact("amount_one_line"))
    return None


def _by_rule(notices: Sequence[OpenNotice], rules: SiteRules) -> list[OpenNotice] | None:
    """The order of settling, where the site's rules leave no doubt about it: they rank every fee kind, or there is one kind and the
    oldest goes first. A single notice is in no order: what stands beside it may be meant.
    """
    rank = {kind: place for place, kind in enumerate(rules.settle_priority)}
    kinds = {notice.fee_kind for notice in notices}
    is_ranked = bool(notices) and kinds <= rank.keys()
    if not is_ranked and (len(kinds) != 1 or len(notices) == 1):
        return None
    if len(notices) > len(kinds) and not rules.oldest_first:
        return None
    return sorted(notices, key=lambda notice: (rank.get(notice.fee_kind, 0), notice.due_on, notice.notice_id))


def _in_turn(amount: int, notices: Sequence[OpenNotice]) -> tuple[Share, ...]:
    shares = []
    for notice in notices:
        if amount == 0:
            break
        paid = min(amount, notice.open)
        shares.append(Share(notice.notice_id, paid))
        amount -= paid
    return tuple(shares)
