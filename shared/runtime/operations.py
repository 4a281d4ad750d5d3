"""What an operator does to any service: publish everything again, or rebuild what is derived (DESIGN §3 rule 3)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from shared import clock
from shared.events import Event
from shared.runtime import letters
from shared.runtime.auth import AdminHere
from shared.runtime.outbox import enqueue
from shared.runtime.postgres import Connection
from shared.runtime.problems import Problem

if TYPE_CHECKING:
    from shared.runtime.postgres import Database

Line = Annotated[str, Field(min_length=1, max_length=500)]


class Dismissal(BaseModel):
    """Which dead letter needs nobody any more, and why."""

    model_config = ConfigDict(extra="forbid")

    topic: Line
    key: str | None = Field(None, max_length=10_000)
    reason: Line


PAGE_SIZE = 2_000
WAITING_MAX = 4_000
"""Events that may wait in the outbox before the next page: what happens meanwhile must not stand behind a whole table."""
PAUSE_S = 0.05

Page = Callable[[Connection, str, int], Awaitable[Sequence[Event]]]
"""(connection, after, limit) → the next entities in the order of their keys, after this key ("" at first).

Their rows are locked (for share): a newer version that is committed meanwhile must come behind them in the outbox, or
compaction would keep the older one.
"""

WAITING = "select count(*) from (select from outbox limit $1) waiting"

NEXT_EPOCH = "update replay_epoch set epoch = epoch + 1 returning epoch"


def operations_router(
    database: Database,
    published: Mapping[type[Event], Page],
    derived_tables: Sequence[str],
    restart: Callable[[str], None],
) -> APIRouter:
    """POST /operations/republish and /operations/replay; GET /operations/dead-letters, POST its /dismiss."""
    router = APIRouter(prefix="/operations", tags=["operations"])

    @router.post("/republish")
    async def republish(_caller: AdminHere) -> dict[str, int]:
        """Send every entity that this service owns again, at its version."""
        if not published:
            raise Problem(409, "owns_no_topic", "this service publishes nothing")
        return {event.topic: await _republish(database, page) for event, page in published.items()}

    @router.post("/replay")
    async def replay(_caller: AdminHere) -> dict[str, int]:
        """Empty what is derived and read the topics from their start, in a new process."""
        if not derived_tables:
            raise Problem(409, "not_derived", "this service owns what it holds; nothing can be rebuilt from the topics")
        async with database.transaction() as connection:
            # The new epoch is a new consumer group, which starts at the beginning; the old one is fenced.
            epoch: int = await connection.fetchval(NEXT_EPOCH)
            await connection.execute(f"truncate {', '.join(derived_tables)}")
        restart("a replay was asked for")
        return {"epoch": epoch}

    @router.get("/dead-letters")
    async def dead_letters(_caller: AdminHere) -> list[dict[str, Any]]:
        """The records that were set aside and still wait, the oldest first, without their contents."""
        async with database.reading() as connection:
            return await letters.waiting(connection)

    @router.post("/dead-letters/dismiss")
    async def dismiss(body: Dismissal, caller: AdminHere) -> dict[str, bool]:
        """Let one wait no more, for a reason that is kept; a record of its key that fails again waits again."""
        async with database.transaction() as connection:
            done = await letters.dismiss(connection, body.topic, body.key, caller.person, clock.now(), body.reason)
        if not done:
            raise Problem(404, "not_waiting", "no dead letter of this topic and key waits")
        return {"dismissed": True}

    return router


async def _republish(database: Database, page: Page) -> int:
    sent, after = 0, ""
    while True:
        async with database.transaction() as connection:
            events = await page(connection, after, PAGE_SIZE)
            await enqueue(connection, events)
        sent += len(events)
        if len(events) < PAGE_SIZE:
            return sent
        after = events[-1].key
        await _let_the_relay_catch_up(database)


async def _let_the_relay_catch_up(database: Database) -> None:
    while True:
        async with database.reading() as connection:
            if await connection.fetchval(WAITING, WAITING_MAX) < WAITING_MAX:
                return
        await asyncio.sleep(PAUSE_S)
