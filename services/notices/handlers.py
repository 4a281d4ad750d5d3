"""What notices learns from others: shown and used when issuing, never published back (DESIGN §3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from services.notices import views
from shared.events import Credit, Event, ReconciliationDay, Site

if TYPE_CHECKING:
    from datetime import datetime

    from shared.runtime.consumer import Received
    from shared.runtime.postgres import Database

E = TypeVar("E", bound=Event)


def newest(events: Iterable[E]) -> list[E]:
    """Each entity once, at its newest version, in key order: one statement may not write a row twice, nor in any order."""
    kept: dict[str, E] = {}
    for event in events:
        if event.key not in kept or event.version > kept[event.key].version:
            kept[event.key] = event
    return [kept[key] for key in sorted(kept)]


class Handlers:
    """The consumer's handlers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def on_sites(self, batch: Sequence[Received[Site]]) -> None:
        """Know sites, so that notices may be issued for them."""
        async with self._database.transaction() as connection:
            await views.put_sites(connection, newest(received.value for received in batch))

    async def on_credits(self, batch: Sequence[Received[Credit]]) -> None:
        """Know what is paid of each notice."""
        async with self._database.transaction() as connection:
            await views.put_credits(connection, newest(received.value for received in batch))

    async def on_days(self, batch: Sequence[Received[ReconciliationDay]]) -> None:
        """Know how fresh each site's bank data are."""
        fresh_until: dict[str, datetime] = {}
        for day in (received.value for received in batch):
            if day.fresh_until is not None:
                fresh_until[day.site_id] = max(day.fresh_until, fresh_until.get(day.site_id, day.fresh_until))
        async with self._database.transaction() as connection:
            await views.put_freshness(connection, fresh_until)
