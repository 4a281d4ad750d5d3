"""Keeps the figures as time goes by: the only place here that knows what date it is."""

from __future__ import annotations

import time
from datetime import date

from services.adoption import gauges, refresh
from services.adoption.gauges import AdoptionGauges
from shared import clock
from shared.runtime.postgres import Database

HISTORY_RESTS = 5.0
"""So many times as long as a pass over past windows took they wait for the next one: while a year is imported each window is
touched again and again, and the present must not wait for it. Passes are short where little is touched, and so are rests."""
HISTORY_RESTS_AT_MOST_S = 30.0
SILENCE_EVERY_S = 15.0
"""How often silence is looked for; Prometheus scrapes no oftener."""


class Figures:
    """Refreshes what changed, carries rolling windows to each new date, and shows the current figures."""

    def __init__(self, database: Database, shown: AdoptionGauges) -> None:
        self._database = database
        self._shown = shown
        self._looked_at = 0.0
        self._history_from = 0.0

    async def refresh_some(self) -> bool:
        """One pass in one transaction; returns whether more changes wait."""
        today, begun = _today(), time.monotonic()
        history = begun >= self._history_from
        async with self._database.transaction() as connection:
            outcome = await refresh.refresh(connection, today, history=history)
        took_s = time.monotonic() - begun
        gauges.REFRESH_SECONDS.observe(took_s)
        if history:
            self._history_from = begun + took_s + min(HISTORY_RESTS * took_s, HISTORY_RESTS_AT_MOST_S)
        gauges.PUBLISHED.inc(outcome.published)
        await self._show(today, figures_changed=outcome.published > 0)
        return outcome.more

    async def _show(self, today: date, *, figures_changed: bool) -> None:
        is_due = time.monotonic() - self._looked_at > SILENCE_EVERY_S
        if not (figures_changed or is_due):
            return
        async with self._database.reading() as connection:
            self._shown.set_figures(await gauges.current_figures(connection, today))
            if is_due:
                self._shown.set_facts(await gauges.current_facts(connection, today))
                await gauges.observe_queues(connection)
                self._looked_at = time.monotonic()

    def forget(self) -> None:
        """Show nothing: another replica leads."""
        self._shown.clear()
        self._looked_at = 0.0

    async def rebuild(self) -> None:
        """After a replay: derive everything from the complete facts, then publish what differs."""
        more = True
        while more:
            async with self._database.transaction() as connection:
                more = (await refresh.refresh(connection, _today(), publishing=False)).more
        async with self._database.reading() as connection:
            portions = await refresh.all_asked(connection, _today())
        for asked in portions:
            async with self._database.transaction() as connection:
                await refresh.publish_all(connection, asked)


def _today() -> date:
    return clock.local_day(clock.now())
