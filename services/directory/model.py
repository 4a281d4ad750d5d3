"""What an import changes: entities as a file wants them against entities as they are. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from shared.events import Event
from shared.runtime.tables import ImportReport, Rejected

E = TypeVar("E", bound=Event)

EARLIEST = date(1900, 1, 1)
"""From when on something holds of which no first day is told."""
UNVERSIONED = 1
"""The version of an entity as a file wants it, before it is compared with what is known."""


@dataclass(frozen=True, slots=True)
class Wanted(Generic[E]):
    """An entity as a file wants it, and the rows that say so."""

    entity: E
    rows: int


@dataclass(frozen=True, slots=True)
class Outcome(Generic[E]):
    """What to store and publish, and what to report."""

    changed: Sequence[E]
    report: ImportReport


def compare(
    wanted: Iterable[Wanted[E]], known: Mapping[str, E], rejected: Sequence[Rejected], *, partial: bool
) -> Outcome[E]:
    """Give what is new version 1 and what differs the next version; with a rejected row, and not partial, change nothing."""
    rejected = sorted(rejected, key=lambda each: (each.row, each.column))
    changed: list[E] = []
    accepted = unchanged = 0
    for each in wanted:
        now = known.get(each.entity.key)
        if now is not None and each.entity.model_copy(update={"version": now.version}) == now:
            unchanged += each.rows
            continue
        accepted += each.rows
        changed.append(each.entity.model_copy(update={"version": 1 if now is None else now.version + 1}))
    if rejected and not partial:
        return Outcome((), ImportReport(0, unchanged, rejected))
    return Outcome(sorted(changed, key=lambda entity: entity.key), ImportReport(accepted, unchanged, rejected))
