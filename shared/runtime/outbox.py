"""The transactional outbox: events are stored with the change they tell of, and sent after the commit.

Rows are deleted after the broker's acknowledgement, never skipped by a cursor: concurrent commits make gaps in any
sequence, and a "last id seen" loses what commits late (DESIGN §5 has the measurement, tests/integration shows it). A crash
between acknowledgement and deletion sends twice, which versions make harmless.
"""

from __future__ import annotations

import asyncio
import zlib
from collections import defaultdict
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


@dataclass(frozen=True, slots=True)
class Ready:
    """An event as it goes to its topic, for a service that writes many and has their JSON already."""

    topic: str
    key: str
    partition_key: str
    version: int
    value: bytes
    traceparent: str | None = None


class EventTooLargeError(Exception):
    """An event exceeds what its topic takes; the change that it tells of is not stored either."""


class ProducerEndedError(Exception):
    """The broker takes nothing more of this producer; the process starts anew, with another one."""


async def enqueue(connection: Connection, events: Iterable[Event | Outgoing | Ready]) -> None:
    """Store events for the relay, in the transaction that stores the change they tell of. Raises EventTooLargeError."""
    rows = [each if isinstance(each, Ready) else _ready(each) for each in events]
    if not rows:
        return
    if (largest := max(len(row.value) for row in rows)) > EVENT_BYTES_MAX:
        raise EventTooLargeError(f"an event of {largest} bytes; topics take {EVENT_BYTES_MAX}")
    here = current_traceparent.get()
    await connection.execute(
        ENQUEUE,
        [row.topic for row in rows],
        [row.key for row in rows],
        [row.partition_key for row in rows],
        [row.version for row in rows],
        [row.value for row in rows],
        [child_of(row.traceparent or here) for row in rows],
    )


def _ready(outgoing: Event | Outgoing) -> Ready:
    event, traceparent = (outgoing.event, outgoing.traceparent) if isinstance(outgoing, Outgoing) else (outgoing, None)
    value = event.model_dump_json().encode()
    return Ready(event.topic, event.key, event.partition_key, event.version, value, traceparent)


class Relay:
    """Sends a service's outbox to Kafka. One replica at a time does, the one whose connection holds the lock."""

    LOCK_RETRY_S = 1.0
    FAILURE_PAUSE_S = 0.5
    BUSY_EVENTS = 32
    BUSY_PAUSE_S = 0.025

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
        if len(rows) == self._settings.outbox_batch_max:
            return False
        if len(rows) >= self.BUSY_EVENTS:
            # More is on its way: a few large requests cost broker and disk less than many small ones.
            await asyncio.sleep(self.BUSY_PAUSE_S)
        return True

    async def _send(self, rows: Sequence[Any]) -> list[int]:
        """Send all, then wait for all; returns the ids that the broker acknowledged.

        What goes to one partition goes in batches made here, one acknowledgement each: a future for each record costs more
        than the record. Awaiting each acknowledgement before the next send would cap the relay near 600/s (DESIGN §5).
        """
        sent: list[tuple[list[Any], asyncio.Future[Any]]] = []
        try:
            for (topic, partition), own in (await self._by_partition(rows)).items():
                rest = own
                while rest:
                    batch, count = self._filled(rest)
                    if count == 0:  # one record larger than a batch
                        future = await self._send_alone(rest[0], topic, partition)
                        count = 1
                    else:
                        future = await self._producer.send_batch(batch, topic, partition=partition)
                    sent.append((rest[:count], future))
                    rest = rest[count:]
        except KafkaError as error:
            log.warning("outbox_send_failed", error=type(error).__name__)
        outcomes = await asyncio.gather(*(future for _, future in sent), return_exceptions=True)
        acknowledged: list[int] = []
        for (own, _), outcome in zip(sent, outcomes, strict=True):
            if isinstance(outcome, PRODUCER_ENDED):
                raise ProducerEndedError from outcome
            if isinstance(outcome, KafkaError):
                continue
            if isinstance(outcome, BaseException):
                raise outcome
            acknowledged += [row["id"] for row in own]
            metrics.OUTBOX_SENT.labels(own[0]["topic"]).inc(len(own))
        return acknowledged

    async def _by_partition(self, rows: Sequence[Any]) -> dict[tuple[str, int], list[Any]]:
        found: defaultdict[tuple[str, int], list[Any]] = defaultdict(list)
        partitions = {topic: len(await self._producer.partitions_for(topic)) for topic in {row["topic"] for row in rows}}
        for row in rows:
            found[row["topic"], partition_of(row["partition_key"], partitions[row["topic"]])].append(row)
        return found

    def _filled(self, rows: Sequence[Any]) -> tuple[Any, int]:
        """A batch with as many of these records as it holds, in their order."""
        batch = self._producer.create_batch()
        count = 0
        for row in rows:
            if batch.append(
                timestamp=None, key=row["key"].encode(), value=row["value"], headers=self._headers(row)
            ) is None:  # fmt: skip
                break
            count += 1
        return batch, count

    async def _send_alone(self, row: Any, topic: str, partition: int) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = await self._producer.send(
            topic, key=row["key"].encode(), value=row["value"], partition=partition, headers=self._headers(row)
        )
        return future

    def _headers(self, row: Any) -> list[tuple[str, bytes]]:
        return cloud_event_headers(
            self._service, row["topic"], row["key"], row["version"], row["created_at"], row["traceparent"]
        )


def partition_of(partition_key: str, partitions: int) -> int:
    """Which partition holds an entity: CRC-32 of what never changes for it, modulo the count."""
    return zlib.crc32(partition_key.encode()) % partitions


def cloud_event_headers(
    service: str, topic: str, key: str, version: int | None, time: datetime, traceparent: str | None
) -> list[tuple[str, bytes]]:
    """CloudEvents attributes in Kafka's binary mode (https://github.com/cloudevents/spec, kafka-protocol-binding)."""
    headers = {
        "ce_specversion": "1.0",
        "ce_id": key if version is None else f"{key}@{version}",
        "ce_type": f"vn.khop.{topic}",
        "ce_source": f"/khop/{service}",
        "ce_time": time.isoformat(),
        "content-type": "application/json",
    }
    if traceparent:
        headers[HEADER] = traceparent
    return [(name, text.encode()) for name, text in headers.items()]
