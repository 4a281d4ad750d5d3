"""What notices learns from others: shown and used when issuing, never published back (DESIGN §3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.notices import views
from shared.events import Credit, ReconciliationDay, Site
from shared.runtime.folding import newest_values

if TYPE_CHECKING:
    from datetime import datetime

    from shared.runtime.consumer import Received
    from shared.runtime.postgres import Database


class Handlers:
    """The consumer's handlers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def on_sites(self, batch: Sequence[Received[Site]]) -> None:
        """Know sites, so that notices may be issued for them."""
        async with self._database.transaction() as connection:
            await views.put_sites(connection, newest_values(batch))

    async def on_credits(self, batch: Sequence[Received[Credit]]) -> None:
        """Know what is paid of each notice."""
        async with self._database.transaction() as connection:
            await views.put_credits(connection, newest_values(batch))

    async def on_days(self, batch: Sequence[Received[ReconciliationDay]]) -> None:
        """Know how fresh each site's bank data are."""
        fresh_until: dict[str, datetime] = {}
        for day in (received.value for received in batch):
            if day.fresh_until is not None:
                fresh_until[day.site_id] = max(day.fresh_until, fresh_until.get(day.site_id, day.fresh_until))
        async with self._database.transaction() as connection:
            await views.put_freshness(connection, fresh_until)
