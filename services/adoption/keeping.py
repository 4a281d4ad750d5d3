"""Keeps the figures as time goes by: the only place here that knows what date it is."""

from __future__ import annotations

from datetime import date

from services.adoption import refresh
from services.adoption.gauges import ShareGauges, current_shares
from shared import clock
from shared.runtime.postgres import Database


class Figures:
    """Refreshes what changed, carries rolling windows to each new date, and shows the current shares."""

    def __init__(self, database: Database, gauges: ShareGauges) -> None:
        self._database = database
        self._gauges = gauges

    async def refresh_some(self) -> bool:
        """One pass in one transaction; returns whether more changes wait."""
        today = _today()
        async with self._database.transaction() as connection:
            more = await refresh.refresh(connection, today)
            shares = await current_shares(connection, today)
        self._gauges.set(shares)
        return more

    async def rebuild(self) -> None:
        """After a replay: derive everything from the complete facts, then publish what differs."""
        more = True
        while more:
            async with self._database.transaction() as connection:
                more = await refresh.refresh(connection, _today(), publishing=False)
        async with self._database.reading() as connection:
            portions = await refresh.all_windows(connection)
        for windows in portions:
            async with self._database.transaction() as connection:
                await refresh.publish(connection, windows)


def _today() -> date:
    return clock.local_day(clock.now())
