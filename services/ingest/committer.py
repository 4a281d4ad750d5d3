"""Group commit: concurrent messages share one database commit, and each waits for it.

While one group is being committed the next one gathers; nobody waits artificially. One group at a time: two at once were
measured and make smaller groups, not more messages.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from asyncpg import UniqueViolationError
from prometheus_client import Gauge, Histogram

from services.ingest.deciding import Decision
from services.ingest.model import Message
from services.ingest.taking import note, take
from shared.runtime.logs import describe_error
from shared.runtime.postgres import PASSING_ERRORS, Database

log = structlog.get_logger()

QUEUE_MAX = 2_000
GROUP_MAX = 256
STORE_TIMEOUT_S = 3.0
"""Providers give up on an answer after 5 s at the strictest (SePay's older page)."""

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

    def __init__(self, database: Database, *, queue_max: int = QUEUE_MAX, group_max: int = GROUP_MAX) -> None:
        self._database = database
        self._queue_max = queue_max
        self._group_max = group_max
        self._waiting: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()

    async def take(self, message: Message) -> list[str]:
        """Returns the message's transaction ids once it is committed; raises QueueFullError or NotStoredError."""
        if len(self._waiting) >= self._queue_max:
            raise QueueFullError
        future: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(message, future))
        QUEUE_DEPTH.set(len(self._waiting))
        self._arrived.set()
        return await future

    async def run(self) -> None:
        """Commit group after group, for ever."""
        try:
            while True:
                await self._arrived.wait()
                group = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._group_max))]
                QUEUE_DEPTH.set(len(self._waiting))
                if self._waiting:
                    self._arrived.set()
                else:
                    self._arrived.clear()
                # A sender that went away still gets its message stored: it was whole when it came.
                if group:
                    await self._commit(group)
        finally:
            _refuse(self._waiting)

    async def _commit(self, group: Sequence[_Waiting]) -> None:
        GROUP_MESSAGES.observe(len(group))
        try:
            decision = await self._store([each.message for each in group])
        except PASSING_ERRORS as error:
            log.warning("messages_not_stored", messages=len(group) + len(self._waiting), error=describe_error(error))
            # Those behind would wait as long for the same answer, longer than their senders do.
            _refuse(group)
            _refuse(self._waiting)
        except Exception as error:
            if len(group) == 1:
                log.exception("message_cannot_be_stored", message_id=str(group[0].message.message_id))
                _resolve(group[0], error)
                return
            # One message must not take its neighbours with it.
            log.warning("group_failed", messages=len(group), error=describe_error(error))
            for each in group:
                await self._commit([each])
        except BaseException:
            _refuse(group)
            raise
        else:
            for each, ids in zip(group, decision.transaction_ids, strict=True):
                _resolve(each, ids)

    async def _store(self, messages: Sequence[Message]) -> Decision:
        with COMMIT_SECONDS.time():
            try:
                decision = await self._try(messages)
            except UniqueViolationError:
                # Another replica took the same id of this connection for another account meanwhile: now it is known.
                decision = await self._try(messages)
        note(messages, decision)
        return decision

    async def _try(self, messages: Sequence[Message]) -> Decision:
        async with asyncio.timeout(STORE_TIMEOUT_S), self._database.transaction() as connection:
            return await take(connection, messages)


def _resolve(waiting: _Waiting, outcome: list[str] | Exception) -> None:
    if waiting.transaction_ids.done():
        return
    if isinstance(outcome, Exception):
        waiting.transaction_ids.set_exception(outcome)
    else:
        waiting.transaction_ids.set_result(outcome)


def _refuse(waiting: deque[_Waiting] | Sequence[_Waiting]) -> None:
    for each in waiting:
        _resolve(each, NotStoredError())
    if isinstance(waiting, deque):
        waiting.clear()
        QUEUE_DEPTH.set(0)
