"""Rule 9, pure: what has to be given back when a notice is lowered or cancelled below what is allocated to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from services.matching.model import AUTOMATON
from shared.events.payments import Allocation


class Release(NamedTuple):
    """An automatic allocation of which only `keep` đồng stay."""

    allocation: Allocation
    keep: int


class Releases(NamedTuple):
    """What is released, and whether allocations by hand still exceed what is due."""

    releases: tuple[Release, ...]
    over_allocated: bool


def releases_of(due: int, live: Iterable[Allocation]) -> Releases:
    """What a notice's live allocations give back so that they fit what is due: the newest automatic ones first.

    Allocations by hand are never touched; where they alone exceed what is due, a person decides.
    """
    allocations = list(live)
    excess = sum(allocation.amount for allocation in allocations) - due
    automatic = [allocation for allocation in allocations if allocation.decided_by == AUTOMATON]
    automatic.sort(key=lambda each: (each.decided_at, each.allocation_id), reverse=True)
    released: list[Release] = []
    for allocation in automatic:
        if excess <= 0:
            break
        given_back = min(excess, allocation.amount)
        released.append(Release(allocation, allocation.amount - given_back))
        excess -= given_back
    return Releases(tuple(released), excess > 0)
