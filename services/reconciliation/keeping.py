"""Keeps the day book as time goes by: the only place here that knows what date it is."""

from __future__ import annotations

from datetime import date

import structlog

from services.reconciliation import day_book
from shared import clock
from shared.runtime.postgres import Database

log = structlog.get_logger()


class DayBook:
    """Derives touched days, and at each new date those that the date itself changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looked_at_overdue_on: date | None = None

    async def derive_some(self) -> bool:
        """One pass in one transaction; returns whether more touched days wait."""
        as_of = clock.local_day(clock.now())
        async with self._database.transaction() as connection:
            if as_of != self._looked_at_overdue_on:
                await day_book.touch_overdue(connection, as_of)
            more = await day_book.derive(connection, as_of)
        if as_of != self._looked_at_overdue_on:
            log.info("new_date_looked_at", date=as_of.isoformat())
            self._looked_at_overdue_on = as_of
        return more

    async def look_at_all(self) -> None:
        """After a replay: have every published day derived again from the complete facts."""
        async with self._database.transaction() as connection:
            await day_book.touch_all(connection)
