"""The transactional outbox: events are stored with the change they tell of, and sent after the commit.

Rows are deleted after the broker's acknowledgement, never skipped by a cursor: concurrent commits make gaps in any
sequence, and a "last id seen" loses what commits late (DESIGN §5 has the measurement, tests/integration shows it). A crash
between acknowledgement and deletion sends twice, which versions make harmless.
"""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncpg
import structlog
from aiokafka.errors import InvalidProducerEpoch, KafkaError, OutOfOrderSequenceNumber, ProducerFenced, UnknownProducerId

from shared import clock
from shared.events import EVENT_BYTES_MAX
from shared.runtime import metrics
from shared.runtime.postgres import PASSING_ERRORS, connection_options
from shared.runtime.tracing import HEADER, child_of, current_traceparent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from aiokafka import AIOKafkaProducer

    from shared.events import Event
    from shared.runtime.postgres import Connection
    from shared.runtime.settings import Settings

log = structlog.get_logger()

PRODUCER_ENDED = (OutOfOrderSequenceNumber, UnknownProducerId, InvalidProducerEpoch, ProducerFenced)
"""After one of these the broker takes nothing more of this producer on that partition: only a new one can go on."""

ENQUEUE = """
insert into outbox (topic, key, partition_key, version, value, traceparent)
select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bytea[], $6::text[])
"""

# By the primary key, oldest first.
OLDEST = "select id, topic, key, partition_key, version, value, traceparent, created_at from outbox order by id limit $1"

DELETE = "delete from outbox where id = any($1::bigint[])"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event to publish, and the trace of what caused it (of the request in hand, where none is given)."""

    event: Event
    traceparent: str | None = None


class EventTooLargeError(Exception):
    """An event exceeds what its topic takes; the change that it tells of is not stored either."""


class ProducerEndedError(Exception):
    """The broker takes nothing more of this producer; the process starts anew, with another one."""


async def enqueue(connection: Connection, events: Iterable[Event | Outgoing]) -> None:
    """Store events for the relay, in the transaction that stores the change they tell of. Raises EventTooLargeError."""
    rows = [each if isinstance(each, Outgoing) else Outgoing(each) for each in events]
    if not rows:
        return
    values = [row.event.model_dump_json().encode() for row in rows]
    if (largest := max(map(len, values))) > EVENT_BYTES_MAX:
        raise EventTooLargeError(f"an event of {largest} bytes; topics take {EVENT_BYTES_MAX}")
    here = current_traceparent.get()
    await connection.execute(
        ENQUEUE,
        [row.event.topic for row in rows],
        [row.event.key for row in rows],
        [row.event.partition_key for row in rows],
        [row.event.version for row in rows],
        values,
        [child_of(row.traceparent or here) for row in rows],
    )


class Relay:
    """Sends a service's outbox to Kafka. One replica at a time does, the one whose connection holds the lock."""

    LOCK_RETRY_S = 1.0
    FAILURE_PAUSE_S = 0.5

    def __init__(self, service: str, settings: Settings, producer: AIOKafkaProducer) -> None:
        self._service = service
        self._settings = settings
        self._producer = producer
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Tell the relay that a transaction was committed."""
        self._woken.set()

    async def run(self) -> None:
        """Relay for ever; connection losses are waited out."""
        while True:
            try:
                await self._lead()
            except PASSING_ERRORS as error:
                log.warning("outbox_connection_lost", error=type(error).__name__)
            await asyncio.sleep(self.FAILURE_PAUSE_S)

    async def _lead(self) -> None:
        # A connection of its own: a pooled one loses its advisory lock when it is released.
        connection = await asyncpg.connect(**connection_options(self._settings, self._service))
        try:
            while not await connection.fetchval("select pg_try_advisory_lock(hashtext($1))", f"{self._service}/outbox"):
                await asyncio.sleep(self.LOCK_RETRY_S)
            while True:
                self._woken.clear()
                sent_all = await self._send_batch(connection)
                if sent_all:
                    await self._wait_for_work()
        finally:
            await connection.close(timeout=2)

    async def _wait_for_work(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), self._settings.outbox_poll_ms / 1000)
        except TimeoutError:
            # Another replica's commit does not wake this one.
            return

    async def _send_batch(self, connection: Connection) -> bool:
        """Send the oldest events; returns whether the outbox is empty now."""
        rows = await connection.fetch(OLDEST, self._settings.outbox_batch_max)
        metrics.OUTBOX_AGE_SECONDS.set((clock.now() - rows[0]["created_at"]).total_seconds() if rows else 0)
        metrics.OUTBOX_DEPTH.set(len(rows))
        if not rows:
            return True
        acknowledged = await self._send(rows)
        if acknowledged:
            await connection.execute(DELETE, acknowledged)
        if len(acknowledged) < len(rows):
            metrics.OUTBOX_FAILURES.inc(len(rows) - len(acknowledged))
            log.warning("outbox_not_acknowledged", events=len(rows) - len(acknowledged))
            await asyncio.sleep(self.FAILURE_PAUSE_S)
            return False
        return len(rows) < self._settings.outbox_batch_max

    async def _send(self, rows: Sequence[Any]) -> list[int]:
        """Send all, then wait for all; returns the ids that the broker acknowledged."""
        futures = []
        try:
            # Awaiting each acknowledgement before the next send would cap the relay near 600/s (measured, DESIGN §5).
            for row in rows:
                futures.append(await self._dispatch(row))  # noqa: PERF401 - what was sent before a failure is kept
        except KafkaError as error:
            log.warning("outbox_send_failed", error=type(error).__name__)
        outcomes = await asyncio.gather(*futures, return_exceptions=True)
        acknowledged = []
        for row, outcome in zip(rows, outcomes, strict=False):
            if isinstance(outcome, PRODUCER_ENDED):
                raise ProducerEndedError from outcome
            if isinstance(outcome, KafkaError):
                continue
            if isinstance(outcome, BaseException):
                raise outcome
            acknowledged.append(row["id"])
            metrics.OUTBOX_SENT.labels(row["topic"]).inc()
        return acknowledged

    async def _dispatch(self, row: Any) -> asyncio.Future[Any]:
        partitions = await self._producer.partitions_for(row["topic"])
        future: asyncio.Future[Any] = await self._producer.send(
            row["topic"],
            key=row["key"].encode(),
            value=row["value"],
            partition=partition_of(row["partition_key"], len(partitions)),
            headers=cloud_event_headers(
                self._service, row["topic"], row["key"], row["version"], row["created_at"], row["traceparent"]
            ),
        )
        return future


def partition_of(partition_key: str, partitions: int) -> int:
    """Which partition holds an entity: CRC-32 of what never changes for it, modulo the count."""
    return zlib.crc32(partition_key.encode()) % partitions


def cloud_event_headers(
    service: str, topic: str, key: str, version: int, time: datetime, traceparent: str | None
) -> list[tuple[str, bytes]]:
    """CloudEvents attributes in Kafka's binary mode (https://github.com/cloudevents/spec, kafka-protocol-binding)."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": f"{key}@{version}",
        "ce_type": f"vn.khop.{topic}",
        "ce_source": f"/khop/{service}",
        "ce_time": time.isoformat(),
        "content-type": "application/json",
    }
    if traceparent:
        headers[HEADER] = traceparent
    return [(name, text.encode()) for name, text in headers.items()]
