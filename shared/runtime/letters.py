"""Dead letters that wait: of which entities a record was set aside and none was taken since (dlq.v1 holds the records).

A letter waits until a later record of its key is handled, or somebody dismisses it with a reason. Which ones wait is held in
memory too, so that a record that nobody set aside costs no query.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog

from shared.runtime import metrics
from shared.runtime.logs import describe_error
from shared.runtime.postgres import PASSING_ERRORS

if TYPE_CHECKING:
    from shared.events import DeadLetter
    from shared.runtime.postgres import Connection, Database

log = structlog.get_logger()

KEY_LENGTH_MAX = 500
"""Of what stands in the table; an id has 200 at most, and a longer key would not fit into an index."""
REFRESHED_EVERY_S = 15.0
LISTED_MAX = 1_000

# By the primary key; a record that fails again waits again, dismissed or not.
KEEP = """
insert into dead_letters (topic, key, error, failed_at) values ($1, $2, $3, $4)
on conflict (topic, key) do update set error = excluded.error, failed_at = excluded.failed_at,
  dismissed_by = null, dismissed_at = null, dismissed_reason = null
"""

# By the primary key.
TAKEN = "delete from dead_letters where topic = $1 and key = any($2::text[]) and dismissed_at is null"

# Few: each waits for a person.
WAITING = """
select topic, key, error, failed_at from dead_letters where dismissed_at is null order by failed_at, topic, key limit $1
"""
WAITING_KEYS = "select topic, key from dead_letters where dismissed_at is null"

# By the primary key.
DISMISS = """
update dead_letters set dismissed_by = $3, dismissed_at = $4, dismissed_reason = $5
where topic = $1 and key = $2 and dismissed_at is null returning topic
"""


class WaitingLetters:
    """A service's letters that wait, in its table and in memory; every replica knows all of them."""

    def __init__(self, database: Database, topics: Collection[str]) -> None:
        self._database = database
        self._topics = tuple(topics)
        self._waiting: set[tuple[str, str]] = set()
        self._in_hand = asyncio.Lock()

    async def refresh(self) -> None:
        """Read which ones wait: another replica, or a person there, may have changed it."""
        async with self._in_hand:
            async with self._database.reading() as connection:
                rows = await connection.fetch(WAITING_KEYS)
            self._waiting = {(row["topic"], row["key"]) for row in rows}
            self._tell()

    async def watch(self) -> None:
        """Refresh for ever."""
        while True:
            try:
                await self.refresh()
            except PASSING_ERRORS as error:
                log.warning("letters_not_read", error=describe_error(error))
            await asyncio.sleep(REFRESHED_EVERY_S)

    async def keep(self, letter: DeadLetter) -> None:
        """Note that a record was set aside."""
        key = stored_key(letter.key)
        async with self._in_hand:
            async with self._database.transaction() as connection:
                await connection.execute(KEEP, letter.topic, key, _storable(letter.error), letter.failed_at)
            self._waiting.add((letter.topic, key))
            self._tell()

    def waits(self, topic: str, key: str | None) -> bool:
        """Whether a letter of this key waits."""
        return (topic, stored_key(key)) in self._waiting

    async def settle(self, topic: str, keys: Collection[str | None]) -> None:
        """Later records of these keys were handled: nothing of them waits any more."""
        stored = sorted({stored_key(each) for each in keys})
        async with self._in_hand:
            async with self._database.transaction() as connection:
                await connection.execute(TAKEN, topic, stored)
            self._waiting -= {(topic, each) for each in stored}
            self._tell()
        log.info("letters_settled", topic=topic, letters=len(stored))

    def _tell(self) -> None:
        counts = Counter(topic for topic, _ in self._waiting)
        for topic in {*self._topics, *counts}:
            metrics.DEAD_LETTERS_WAITING.labels(topic).set(counts[topic])


async def waiting(connection: Connection) -> list[dict[str, Any]]:
    """The letters that wait, the oldest first, without the records' contents."""
    return [dict(row) for row in await connection.fetch(WAITING, LISTED_MAX)]


async def dismiss(connection: Connection, topic: str, key: str | None, by: str, at: datetime, reason: str) -> bool:
    """Let a letter wait no more; returns whether it did."""
    return await connection.fetchval(DISMISS, topic, stored_key(key), by, at, reason) is not None


def stored_key(key: str | None) -> str:
    """A record's key as the table holds it: anything may stand on a topic, and not all of it is text to PostgreSQL."""
    return _storable(key or "")[:KEY_LENGTH_MAX]


def _storable(text: str) -> str:
    return text.replace("\0", "\ufffd")
