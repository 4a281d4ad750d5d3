"""Group commit: concurrent messages share one database commit, and each waits for it.

While groups are being committed the next one gathers; nobody waits artificially. Two groups may be under way at once, so that
the database's work and ours go on beside the wait for the disk.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import structlog
from asyncpg import UniqueViolationError
from prometheus_client import Gauge, Histogram

from services.ingest.fast import NO_EPOCH, Sites, sort_out, take_new
from services.ingest.model import Message
from services.ingest.taking import MESSAGES, note, take
from shared.runtime.logs import describe_error
from shared.runtime.postgres import PASSING_ERRORS, Connection, Database

log = structlog.get_logger()

QUEUE_MAX = 2_000
GROUP_MAX = 256
GROUPS_AT_ONCE = 2
STORE_TIMEOUT_S = 3.0
"""Providers give up on an answer after 5 s at the strictest (SePay's older page)."""
RECONNECT_PAUSE_S = 0.1

QUEUE_DEPTH = Gauge("khop_ingest_queue_messages", f"Messages waiting for a commit, of at most {QUEUE_MAX}.")
GROUP_MESSAGES = Histogram(
    "khop_ingest_group_messages", "Messages in one commit.", buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256)
)
COMMIT_SECONDS = Histogram(
    "khop_ingest_commit_seconds", "Time to store one group.", buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 3)
)


class QueueFullError(Exception):
    """More messages wait for the database than the queue holds."""


class NotStoredError(Exception):
    """The database did not take the message; whether it holds it is unknown, so it must be sent again."""


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    message: Message
    transaction_ids: asyncio.Future[list[str]]


class Committer:
    """Takes messages and tells when they are durable."""

    def __init__(
        self,
        database: Database,
        *,
        queue_max: int = QUEUE_MAX,
        group_max: int = GROUP_MAX,
        groups_at_once: int = GROUPS_AT_ONCE,
    ) -> None:
        self._database = database
        self._queue_max = queue_max
        self._group_max = group_max
        self._groups_at_once = groups_at_once
        self._waiting: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._sites = Sites()

    async def take(self, message: Message) -> list[str]:
        """Returns the message's transaction ids once it is committed; raises QueueFullError or NotStoredError."""
        if len(self._waiting) >= self._queue_max:
            raise QueueFullError
        future: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(message, future))
        self._arrived.set()
        return await future

    async def run(self) -> None:
        """Commit group after group, for ever."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(self._groups_at_once):
                    tasks.create_task(self._work())
        finally:
            _refuse(self._waiting)

    async def _work(self) -> None:
        """Commit groups over one connection, for ever; over another one after a failure of the first."""
        while True:
            try:
                async with AsyncExitStack() as stack:
                    async with asyncio.timeout(STORE_TIMEOUT_S):
                        connection = await stack.enter_async_context(self._database.held())
                    while await self._commit(connection, await self._next_group()):
                        pass
            except PASSING_ERRORS as error:
                log.warning("database_away", messages=len(self._waiting), error=describe_error(error))
                _refuse(self._waiting)
                await asyncio.sleep(RECONNECT_PAUSE_S)

    async def _next_group(self) -> list[_Waiting]:
        while True:
            await self._arrived.wait()
            QUEUE_DEPTH.set(len(self._waiting))
            group = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._group_max))]
            if not self._waiting:
                self._arrived.clear()
            # A sender that went away still gets its message stored: it was whole when it came.
            if group:
                return group

    async def _commit(self, connection: Connection, group: Sequence[_Waiting]) -> bool:
        """Store a group and tell its senders; returns whether the connection is still to be trusted."""
        GROUP_MESSAGES.observe(len(group))
        try:
            with COMMIT_SECONDS.time():
                async with asyncio.timeout(STORE_TIMEOUT_S):
                    taken = await self._store(connection, [each.message for each in group])
        except PASSING_ERRORS as error:
            log.warning("messages_not_stored", messages=len(group) + len(self._waiting), error=describe_error(error))
            # Those behind would wait as long for the same answer, longer than their senders do.
            _refuse(group)
            _refuse(self._waiting)
            return False
        except Exception as error:
            if len(group) == 1:
                log.exception("message_cannot_be_stored", message_id=str(group[0].message.message_id))
                # Its sender keeps it and sends it again, whatever the reason was.
                _refuse(group)
                return True
            # One message must not take its neighbours with it.
            log.warning("group_failed", messages=len(group), error=describe_error(error))
            return all([await self._commit(connection, [each]) for each in group])
        except BaseException:
            _refuse(group)
            raise
        for each, ids in zip(group, taken, strict=True):
            _resolve(each, ids)
        return True

    async def _store(self, connection: Connection, messages: Sequence[Message]) -> list[list[str]]:
        """Store a group; returns the transaction ids of each message."""
        group = sort_out(messages)
        taken: list[list[str]] = [[] for _ in messages]
        careful = group.careful
        if group.fast:
            if self._sites.epoch == NO_EPOCH:
                await self._sites.read(connection)
            stored, others = await take_new(connection, messages, group, self._sites)
            self._database.committed()
            if others and not stored:
                # Perhaps because the sites are others now; that costs one look, and only then.
                await self._sites.read(connection)
            for place, transaction_id in stored.items():
                taken[place] = [transaction_id]
            for provider, count in Counter(messages[place].provider for place in stored).items():
                MESSAGES.labels(provider, "new").inc(count)
            careful = sorted(careful + others)
        if careful:
            ids = await self._store_carefully(connection, [messages[place] for place in careful])
            self._database.committed()
            for place, each in zip(careful, ids, strict=True):
                taken[place] = each
        return taken

    async def _store_carefully(self, connection: Connection, messages: Sequence[Message]) -> list[list[str]]:
        try:
            async with connection.transaction():
                decision = await take(connection, messages)
        except UniqueViolationError:
            # Another replica took the same id of this connection for another account meanwhile: now it is known.
            async with connection.transaction():
                decision = await take(connection, messages)
        note(messages, decision)
        return decision.transaction_ids


def _resolve(waiting: _Waiting, outcome: list[str] | NotStoredError) -> None:
    if waiting.transaction_ids.done():
        return
    if isinstance(outcome, NotStoredError):
        waiting.transaction_ids.set_exception(outcome)
    else:
        waiting.transaction_ids.set_result(outcome)


def _refuse(waiting: deque[_Waiting] | Sequence[_Waiting]) -> None:
    for each in waiting:
        _resolve(each, NotStoredError())
    if isinstance(waiting, deque):
        waiting.clear()
        QUEUE_DEPTH.set(0)
