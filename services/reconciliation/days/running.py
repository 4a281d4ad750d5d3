"""Running balances: does what a bank said remained after each movement follow from one movement to the next? Pure.

Each movement with a balance is an edge from the balance before it to the balance after it. Movements that are all there form
one unbroken path over these edges, whatever the order in which they were told; a movement that nobody told of breaks it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of an account."""

    occurred_at: datetime
    signed: int
    """In đồng; negative where money left."""
    after: int | None
    """The balance after it, where the bank told it."""

    @property
    def before(self) -> int:
        """The balance before it."""
        assert self.after is not None
        return self.after - self.signed


@dataclass(frozen=True, slots=True)
class Run:
    """What the balances of some movements say together."""

    opening: int
    closing: int
    missing: int
    """What moved between opening and closing that no movement tells of, in đồng."""
    breaks: int
    """How often a balance does not follow from another; a movement without a balance may explain one."""
    edges: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return self.missing == 0 and self.breaks == 0

    @property
    def is_meant(self) -> bool:
        """Whether the balances mean anything: some providers' never follow from one another."""
        return self.breaks * 2 < self.edges


def run_of(movements: Sequence[Movement]) -> Run | None:
    """The run that movements make; None where no balance is known."""
    ordered = sorted(movements, key=lambda movement: movement.occurred_at)
    edges = [movement for movement in ordered if movement.after is not None]
    if not edges:
        return None
    first, last = edges[0].occurred_at, edges[-1].occurred_at
    silent = [movement for movement in ordered if movement.after is None]
    between = [each for each in silent if first <= each.occurred_at <= last]
    befores, afters = Counter(each.before for each in edges), Counter(_after(each) for each in edges)
    starts, ends = befores - afters, afters - befores
    opening = next((each.before for each in edges if starts[each.before]), edges[0].before)
    closing = next((_after(each) for each in reversed(edges) if ends[_after(each)]), opening)
    known = sum(each.signed for each in edges) + sum(each.signed for each in between)
    return Run(
        opening=opening - sum(each.signed for each in silent if each.occurred_at < first),
        closing=closing + sum(each.signed for each in silent if each.occurred_at > last),
        missing=closing - opening - known,
        breaks=max(0, _paths(edges, starts) - 1 - len(between)),
        edges=len(edges),
    )


def _after(movement: Movement) -> int:
    assert movement.after is not None
    return movement.after


def _paths(edges: Sequence[Movement], starts: Counter[int]) -> int:
    """The fewest unbroken paths that use every edge once: one for each connected part, or one for each of its starts."""
    parent: dict[int, int] = {}

    def root(balance: int) -> int:
        parent.setdefault(balance, balance)
        while parent[balance] != balance:
            parent[balance] = parent[parent[balance]]
            balance = parent[balance]
        return balance

    for edge in edges:
        parent[root(edge.before)] = root(_after(edge))
    begun: Counter[int] = Counter({root(edge.before): 0 for edge in edges})
    for balance, times in starts.items():
        begun[root(balance)] += times
    return sum(max(1, times) for times in begun.values())
