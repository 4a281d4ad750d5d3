"""What payers tell by a bill's public page: that they opened it, and that they pay for somebody.

A page must never wait for an import that holds the site, and a payer's word must not be lost to it. So a signal is one row,
written at once; a loop makes new versions of the bill's notices of it as soon as the site is free.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import structlog

from services.notices import store
from services.notices.model import Amendment, Change
from services.notices.store import new_act
from services.notices.terms import Terms
from shared import clock
from shared.events import Notice
from shared.runtime.outbox import enqueue
from shared.runtime.postgres import PASSING_ERRORS

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection, Database

log = structlog.get_logger()

POLL_S = 1.0
BILLS_AT_ONCE = 200
PAYER = "payer"
"""Who acts where a public page is used: nobody signs in there."""

Signal = Literal["link_opened_at", "helper_declared_at"]

# The first time counts.
NOTE = """
insert into bill_signals (bill_id, link_opened_at, helper_declared_at) values ($1, $2, $3)
on conflict (bill_id) do update set
  link_opened_at = coalesce(bill_signals.link_opened_at, excluded.link_opened_at),
  helper_declared_at = coalesce(bill_signals.helper_declared_at, excluded.helper_declared_at)
"""
# The table holds what is not taken up yet: a few rows.
WAITING = "select bill_id, site_id from bill_signals join bills using (bill_id) order by bill_id limit $1"
TAKE = """
delete from bill_signals where bill_id = any($1::text[]) returning bill_id, link_opened_at, helper_declared_at
"""
# By notices_bill.
OPEN_NOTICES = """
select bill_id, entity::text as entity, terms from notices
where bill_id = any($1::text[]) and status = 'open' order by notice_id
"""


class Signals:
    """Notes signals, and takes them up in a loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._woken = asyncio.Event()

    async def note(self, bill_id: str, signal: Signal, at: datetime) -> None:
        """Keep that something was told of a bill."""
        opened, declared = (at, None) if signal == "link_opened_at" else (None, at)
        async with self._database.transaction() as connection:
            await connection.execute(NOTE, bill_id, opened, declared)
        self._woken.set()

    async def run(self) -> None:
        """Take signals up for ever; where a site is busy or the database away, they wait."""
        while True:
            self._woken.clear()
            try:
                while await self._take_up():
                    pass
            except PASSING_ERRORS as error:
                log.warning("signals_wait", error=type(error).__name__)
                await asyncio.sleep(POLL_S)
            try:
                await asyncio.wait_for(self._woken.wait(), POLL_S)
            except TimeoutError:
                continue  # another replica may have noted something

    async def _take_up(self) -> bool:
        """Make new versions of some bills' notices; returns whether more may wait."""
        async with self._database.transaction() as connection:
            waiting = await connection.fetch(WAITING, BILLS_AT_ONCE)
            if not waiting:
                return False
            await store.lock_sites(connection, [row["site_id"] for row in waiting])
            taken = {row["bill_id"]: row for row in await connection.fetch(TAKE, [row["bill_id"] for row in waiting])}
            await self._store(connection, taken)
        return len(waiting) == BILLS_AT_ONCE

    async def _store(self, connection: Connection, taken: dict[str, Any]) -> None:
        changes = []
        for row in await connection.fetch(OPEN_NOTICES, sorted(taken)):
            notice = Notice.model_validate_json(row["entity"])
            told = taken[row["bill_id"]]
            new: dict[str, datetime] = {
                signal: told[signal]
                for signal in ("link_opened_at", "helper_declared_at")
                if told[signal] is not None and getattr(notice, signal) is None
            }
            if new:
                terms = None if row["terms"] is None else Terms.from_json(row["terms"])
                amended = tuple(Amendment(signal, None, at) for signal, at in new.items())
                changed = notice.model_copy(update={**new, "version": notice.version + 1})
                changes.append(Change(0, changed, terms, amended))
        if not changes:
            return
        act = new_act(PAYER, "public_page", clock.now())
        await store.add_act(connection, act)
        stored = await store.put_changes(connection, changes, act)
        assert stored == len(changes), "the site's lock keeps others away"
        await enqueue(connection, [change.notice for change in changes])
