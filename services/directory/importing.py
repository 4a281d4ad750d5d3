"""An import from bytes to report: read, decide with the known entities in hand, store and publish in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from services.directory import campaigns, sites, store, units
from services.directory.campaigns import CampaignRow
from services.directory.model import Outcome, Wanted, compare
from services.directory.sites import SiteRow
from services.directory.units import UnitRow
from shared.events import Campaign, Event, Site, Unit
from shared.runtime.outbox import enqueue
from shared.runtime.tables import Column, ImportReport, Rejected, Table, TableError, read_table

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection, Database

E = TypeVar("E", bound=Event)
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Kind(Generic[R, E]):
    """What a kind of file is made of."""

    columns: Sequence[Column]
    parse: Callable[[Table], tuple[list[R], list[Rejected]]]
    want: Callable[[Sequence[R], Mapping[str, E]], tuple[list[Wanted[E]], list[Rejected]]]
    load: Callable[[Connection], Awaitable[list[E]]]
    put: Callable[[Connection, Sequence[E]], Awaitable[None]]


UNITS: Kind[UnitRow, Unit] = Kind(units.COLUMNS, units.parse_units, units.want_units, store.all_units, store.put_units)
SITES: Kind[SiteRow, Site] = Kind(sites.COLUMNS, sites.parse_sites, sites.want_sites, store.all_sites, store.put_sites)
CAMPAIGNS: Kind[CampaignRow, Campaign] = Kind(
    campaigns.COLUMNS,
    campaigns.parse_campaigns,
    lambda rows, _known: ([Wanted(each.campaign, 1) for each in rows], []),
    store.all_campaigns,
    store.put_campaigns,
)


async def run_import(database: Database, kind: Kind[R, E], content: bytes, *, check: bool, partial: bool) -> ImportReport:
    """Import a file: all of it or, unless `partial`, nothing; `check` stores nothing and reports what would happen."""
    try:
        # In a thread: a large file must not keep the process from answering.
        rows, rejected = await asyncio.to_thread(lambda: kind.parse(read_table(content, kind.columns)))
    except TableError as error:
        return ImportReport(0, 0, error.rejected)
    async with database.transaction() as connection:
        await store.lock_imports(connection)
        known = {entity.key: entity for entity in await kind.load(connection)}
        outcome = await asyncio.to_thread(_decide, kind, rows, known, rejected, partial)
        if not check:
            await kind.put(connection, outcome.changed)
            for start in range(0, len(outcome.changed), store.BATCH_ROWS):
                await enqueue(connection, outcome.changed[start : start + store.BATCH_ROWS])
    return outcome.report


def _decide(
    kind: Kind[R, E], rows: Sequence[R], known: Mapping[str, E], rejected: Sequence[Rejected], partial: bool
) -> Outcome[E]:
    wanted, refused = kind.want(rows, known)
    return compare(wanted, known, [*rejected, *refused], partial=partial)
