"""Keeps the day book as time goes by: the only place here that knows what date it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

import asyncpg
import structlog
from aiokafka.errors import KafkaError

from services.reconciliation.days import book, store
from services.reconciliation.days.book import Moment
from shared import clock
from shared.runtime.postgres import Database

log = structlog.get_logger()


class DayBook:
    """Derives touched days, and at each new date those that the date itself changes.

    No day closes by itself on a date before everything was read that stood in the topics on that date: after an outage
    days would close on half of their money, and a closed day never changes.
    """

    def __init__(self, database: Database, read_all: Callable[[], Awaitable[None]]) -> None:
        """`read_all` waits until everything that stands in the topics now was consumed and stored."""
        self._database = database
        self._read_all = read_all
        self._reading: tuple[date, asyncio.Task[None]] | None = None
        self._read_on: date | None = None
        self._looked_at_on: date | None = None
        self._aged_on: date | None = None
        self._claim_max = store.CLAIM_MAX

    async def derive_some(self) -> bool:
        """One pass in one transaction; returns whether more touched days wait."""
        at = clock.now()
        as_of = clock.local_day(at)
        may_close = self._may_close(as_of)
        if as_of != self._looked_at_on:
            await self._look_at_new_date(as_of)
        more = await self._derive(Moment(as_of, at, may_close))
        if as_of != self._aged_on:
            async with self._database.transaction() as connection:
                ages_wait = await book.age(connection, Moment(as_of, at, may_close))
            if not ages_wait:
                self._aged_on = as_of
        return more or as_of != self._aged_on

    async def _derive(self, moment: Moment) -> bool:
        """A pass that takes longer than a statement may is tried again with half as much, so that it never stands still."""
        try:
            async with self._database.transaction() as connection:
                more = await book.derive(connection, moment, self._claim_max)
        except asyncpg.QueryCanceledError:
            self._claim_max = max(1, self._claim_max // 2)
            raise
        self._claim_max = min(store.CLAIM_MAX, self._claim_max * 2)
        return more

    async def look_at_all(self) -> None:
        """After a replay: have every published day derived again from the complete facts."""
        async with self._database.transaction() as connection:
            await store.touch_all(connection)

    async def _look_at_new_date(self, as_of: date) -> None:
        async with self._database.transaction() as connection:
            await store.open_expected(connection, as_of)
            await store.touch_overdue(connection, as_of, self._looked_at_on)
        log.info("new_date_looked_at", date=as_of.isoformat())
        self._looked_at_on = as_of

    def _may_close(self, as_of: date) -> bool:
        if self._read_on == as_of:
            return True
        if self._reading is None:
            self._reading = (as_of, asyncio.create_task(self._read()))
        begun_on, task = self._reading
        if not task.done():
            return False
        self._reading = None
        if not task.cancelled() and task.exception() is None:
            self._read_on = begun_on
            self._looked_at_on = None  # what could not close before is looked at once more
        return self._read_on == as_of

    async def _read(self) -> None:
        try:
            await self._read_all()
        except (KafkaError, OSError) as error:
            log.warning("reading_to_the_end_failed", error=type(error).__name__)
            raise
