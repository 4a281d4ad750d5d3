"""The batch consumer: one FastStream subscriber a service, acknowledged by hand (DESIGN §5 tells why each option).

Records are taken raw and decoded one by one, so that a record which cannot be read goes to dlq.v1 instead of vanishing or
looping. A failure that is not the data's is met by trying the same batch again in place, so order is kept. A batch that fails
for good is tried record by record, and only what fails alone goes to dlq.v1. Offsets are committed after the database.
"""

from __future__ import annotations

import asyncio
import base64
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import asyncpg
import structlog
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from pydantic import ValidationError

from shared import clock
from shared.events import DLQ_TOPIC, DeadLetter, Event
from shared.runtime import metrics
from shared.runtime.logs import describe_error
from shared.runtime.outbox import cloud_event_headers
from shared.runtime.postgres import PASSING_ERRORS, FencedError, may_pass
from shared.runtime.tracing import HEADER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterable, Mapping

    from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

    from shared.runtime.letters import WaitingLetters
    from shared.runtime.settings import Settings

log = structlog.get_logger()

E = TypeVar("E", bound=Event)
BATCH_TIMEOUT_MS = 10
"""An empty poll sleeps this long once more; the default of 200 would add 100 ms to every hop."""
SESSION_TIMEOUT_MS = 30_000
REBALANCE_TIMEOUT_MS = 60_000
REVOKE_WAIT_S = 45.0
"""Shorter than the rebalance timeout: a batch in hand may finish before its partitions go to another replica."""
POLL_INTERVAL_MAX_MS = 600_000
ASK_AGAIN_AFTER_S = (3, 6, 12, 30)
"""When a consumer without partitions joins its group again; from then on once a minute."""
RETRY_FIRST_S = 0.1
RETRY_LONGEST_S = 5.0
BEFORE_ALL = -1
TIMEOUTS_MAX = 3
"""So often a batch may run into the time limit of a statement before it is handled in halves."""


@dataclass(frozen=True, slots=True)
class Received(Generic[E]):
    """An event as it came, and the trace of what caused it."""

    value: E
    traceparent: str | None


class StoppingError(Exception):
    """The process stops before the batch in hand succeeded; it comes again after the restart."""


class TooSlowError(Exception):
    """The batch runs into the time limit of a statement again and again."""


Handler = Callable[[Sequence[Received[Any]]], Awaitable[None]]
Raw = ConsumerRecord[Any, Any]


class BatchConsumer(ConsumerRebalanceListener):
    """Consumes a service's topics; handlers are called topic by topic, in the order in which they are given."""

    def __init__(
        self,
        service: str,
        settings: Settings,
        producer: AIOKafkaProducer,
        handlers: Mapping[type[Event], Handler],
        letters: WaitingLetters,
        *,
        group: str,
        on_fatal: Callable[[str], None],
    ) -> None:
        self._service = service
        self._settings = settings
        self._producer = producer
        self._handlers = {event.topic: (event, handler) for event, handler in handlers.items()}
        self._letters = letters
        self._aside: dict[str | None, int] = {}
        """Keys of the topic's records in hand that were set aside, with the last one's offset."""
        self._on_fatal = on_fatal
        self._in_hand = asyncio.Lock()
        self._stopping = False
        self._last_progress = time.monotonic()
        self._broker = KafkaBroker(
            settings.kafka_bootstrap,
            client_id=f"khop-{service}-{settings.replica}",
            allow_auto_create_topics=False,  # a missing topic would be made with one partition
            graceful_timeout=REVOKE_WAIT_S,
            logger=None,
        )
        self._subscriber = self._broker.subscriber(
            *self._handlers,
            batch=True,
            max_records=settings.batch_records_max,
            batch_timeout_ms=BATCH_TIMEOUT_MS,
            group_id=group,
            # Static membership: a killed process is back in 0.6 s instead of waiting out its old session.
            group_instance_id=f"{group}-{settings.replica}",
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            session_timeout_ms=SESSION_TIMEOUT_MS,
            rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
            max_poll_interval_ms=POLL_INTERVAL_MAX_MS,
            listener=self,
        )
        self._subscriber(self._consume, parser=self._parse, decoder=_leave_undecoded)

    async def start(self) -> None:
        """Join the group and begin."""
        await self._broker.start()

    async def stop(self) -> None:
        """Finish the batch in hand, then leave."""
        self._stopping = True
        await self._broker.stop()

    @property
    def assigned(self) -> bool:
        """Whether this process holds any partition now."""
        consumer = self._subscriber.consumer
        return bool(consumer and consumer.assignment())

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:  # noqa: ARG002
        """Let the batch in hand finish; the lock is never held around the poll itself, which would deadlock."""
        try:
            async with asyncio.timeout(REVOKE_WAIT_S), self._in_hand:
                pass
        except TimeoutError:
            log.warning("rebalance_did_not_wait_for_batch", seconds=REVOKE_WAIT_S)

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:  # noqa: ARG002
        """Count the time without progress from here, and learn which letters of these partitions wait."""
        self._last_progress = time.monotonic()
        try:
            await self._letters.refresh()
        except PASSING_ERRORS as error:
            # What another replica set aside a moment ago is known at the next refresh.
            log.warning("letters_not_read", error=describe_error(error))

    async def _parse(self, records: tuple[Raw, ...], _original: object) -> KafkaMessage:
        """Never fails: FastStream's own parser raises on a null or non-UTF-8 header, before any acknowledgement."""
        message: KafkaMessage = self._subscriber.parser.msg_class(
            body=b"",
            headers={},
            raw_message=records,
            message_id=f"{records[0].topic}/{records[0].partition}/{records[0].offset}",
            consumer=self._subscriber.consumer,  # type: ignore[arg-type]  # set while the loop runs
        )
        return message

    async def _consume(self, message: KafkaMessage) -> None:
        records: Sequence[Raw] = message.raw_message if isinstance(message.raw_message, tuple) else ()
        async with self._in_hand:
            if self._stopping:
                return
            metrics.BATCH_RECORDS.observe(len(records))
            by_topic: dict[str, list[Raw]] = defaultdict(list)
            for record in records:
                by_topic[record.topic].append(record)
            try:
                for topic in self._handlers:
                    if topic in by_topic:
                        await self._take(topic, by_topic[topic])
                await self._commit(message, records)
            except FencedError:
                # Nothing of this batch was stored, and nothing may be committed after it either.
                self._stopping = True
                self._on_fatal("a replay has begun")
            except StoppingError:
                return
            self._last_progress = time.monotonic()

    async def _take(self, topic: str, records: Sequence[Raw]) -> None:
        event, handler = self._handlers[topic]
        self._aside.clear()
        decoded: list[tuple[Raw, Received[Any]]] = []
        for record in records:
            try:
                decoded.append((record, Received(event.model_validate_json(record.value or b""), _trace_of(record))))
            except ValidationError as error:
                await self._set_aside(record, _where_invalid(error))
        if not decoded:
            return
        with metrics.HANDLER_SECONDS.labels(topic).time():
            await self._handle(handler, decoded)
        await self._settle_letters(topic, [record for record, _ in decoded])
        for record, _ in decoded:
            _observe_latency(record)

    async def _handle(self, handler: Handler, decoded: Sequence[tuple[Raw, Received[Any]]]) -> None:
        """Handle records in order; what fails for good is narrowed to its record, and that one is set aside."""
        try:
            batch = [received for _, received in decoded]
            await self._retrying(lambda: handler(batch), len(batch))
        except (FencedError, StoppingError):
            raise
        except TooSlowError:
            half = len(decoded) // 2
            await self._handle(handler, decoded[:half])
            await self._handle(handler, decoded[half:])
        except Exception as error:
            record = decoded[0][0]
            if len(decoded) == 1:
                await self._set_aside(record, describe_error(error))
            else:
                log.exception("batch_failed", topic=record.topic, records=len(decoded))
                for each in decoded:
                    await self._handle(handler, [each])
        self._last_progress = time.monotonic()

    async def _retrying(self, work: Callable[[], Awaitable[None]], records: int = 1) -> None:
        """Try the same work again while the failure may pass, with back-off and jitter."""
        pause_s = RETRY_FIRST_S
        timeouts = 0
        while True:
            try:
                await work()
            except Exception as error:
                if not may_pass(error):
                    raise
                if self._stopping:
                    raise StoppingError from error
                timeouts += isinstance(error, asyncpg.QueryCanceledError)
                if timeouts == TIMEOUTS_MAX and records > 1:
                    raise TooSlowError from error
                metrics.CONSUMER_RETRIES.inc()
                log.warning("batch_tried_again", error=describe_error(error), pause_s=round(pause_s, 2))
                self._last_progress = time.monotonic()
                await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
                pause_s = min(pause_s * 2, RETRY_LONGEST_S)
            else:
                return

    async def _set_aside(self, record: Raw, error: str) -> None:
        """Send a record to dlq.v1, wait for the acknowledgement and note that it waits: only then may its offset be committed."""
        letter = DeadLetter(
            service=self._service,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            error=error,
            key=_key_of(record),
            payload=base64.b64encode(record.value or b""),
            failed_at=clock.now(),
        )
        place = f"{record.topic}/{record.partition}/{record.offset}"
        headers = cloud_event_headers(self._service, DLQ_TOPIC, place, None, letter.failed_at, _trace_of(record))
        metrics.DEAD_LETTERS.labels(record.topic).inc()
        log.error("record_set_aside", topic=record.topic, partition=record.partition, offset=record.offset, error=error)
        while True:
            try:
                await self._producer.send_and_wait(
                    DLQ_TOPIC, key=record.key, value=letter.model_dump_json().encode(), headers=headers
                )
            except KafkaError as failure:
                log.warning("dlq_send_failed", error=type(failure).__name__)
                await asyncio.sleep(RETRY_LONGEST_S)
            else:
                break
        await self._retrying(lambda: self._letters.keep(letter))
        self._aside[letter.key] = record.offset

    async def _settle_letters(self, topic: str, records: Iterable[Raw]) -> None:
        """Of what was handled no letter waits, unless the record was itself set aside or stands before one that was."""
        handled = {_key_of(record): record.offset for record in records}
        settled = [
            key
            for key, offset in handled.items()
            if self._letters.waits(topic, key) and offset > self._aside.get(key, BEFORE_ALL)
        ]
        if settled:
            await self._retrying(lambda: self._letters.settle(topic, settled))

    async def _commit(self, message: KafkaMessage, records: Iterable[Raw]) -> None:
        # Explicit offsets: commit() without arguments commits every partition's position, also what is not handled yet.
        offsets: dict[TopicPartition, int] = {}
        for record in records:
            partition = TopicPartition(record.topic, record.partition)
            offsets[partition] = max(offsets.get(partition, 0), record.offset + 1)
        try:
            consumer: AIOKafkaConsumer = message.consumer  # type: ignore[assignment]
            await consumer.commit(offsets)
        except KafkaError as error:
            metrics.COMMIT_FAILURES.inc()
            log.warning("commit_failed", error=type(error).__name__)

    async def watch(self) -> None:
        """Keep the lag gauges, and end the process when records wait and nothing moves: the supervisor restarts it.

        After a coordinator error the client's loop can retry for ever, or end while the process lives.
        """
        without_partitions_s = 0
        while True:
            await asyncio.sleep(1)
            consumer = self._subscriber.consumer
            if consumer is None:
                continue
            without_partitions_s = 0 if consumer.assignment() else without_partitions_s + 1
            if without_partitions_s in ASK_AGAIN_AFTER_S or (without_partitions_s and without_partitions_s % 60 == 0):
                _join_again(consumer)
            waiting = sum([lag async for lag in self._lags(consumer)])
            loop_ended = all(task.done() for task in self._subscriber.tasks)
            idle_s = time.monotonic() - self._last_progress
            if waiting == 0 and not loop_ended:
                self._last_progress = time.monotonic()
            elif idle_s > self._settings.traffic_timeout_s:
                self._on_fatal(f"no progress for {idle_s:.0f} s while {waiting} records wait")
                return

    async def _lags(self, consumer: AIOKafkaConsumer) -> AsyncIterator[int]:
        for partition in consumer.assignment():
            # It may have been taken away while the ones before were asked.
            end = consumer.highwater(partition) if partition in consumer.assignment() else None
            if end is None:  # or nothing was fetched from it yet
                continue
            try:
                lag = max(0, end - await asyncio.wait_for(consumer.position(partition), 1))
            except (TimeoutError, IllegalStateError, KafkaError):  # taken away meanwhile
                continue
            metrics.CONSUMER_LAG.labels(partition.topic, str(partition.partition)).set(lag)
            yield lag


def _join_again(consumer: AIOKafkaConsumer) -> None:
    """Have the group's partitions shared out anew.

    A static member that starts anew is given what its former self held. Had that one joined before the topics were made
    (a broker that lost its data), this is nothing, and nothing would ever change it.
    """
    log.warning("joining_again", reason="the group gave this consumer no partition")
    coordinator = consumer._coordinator  # noqa: SLF001 - the client has no public way to ask for it
    if coordinator is not None:
        coordinator.request_rejoin()


async def _leave_undecoded(_message: KafkaMessage, _original: object) -> None:
    """Records are decoded one by one in `_take`."""


def _key_of(record: Raw) -> str | None:
    return (record.key or b"").decode(errors="replace") or None


def _trace_of(record: Raw) -> str | None:
    for name, value in record.headers:
        if name == HEADER and value:
            return value.decode("ascii", errors="replace")
    return None


def _observe_latency(record: Raw) -> None:
    for name, value in record.headers:
        if name == "ce_time" and value:
            try:
                committed = datetime.fromisoformat(value.decode("ascii", errors="replace"))
            except ValueError:
                return
            metrics.EVENT_LATENCY.labels(record.topic).observe((clock.now() - committed).total_seconds())


def _where_invalid(error: ValidationError) -> str:
    """The fields at fault and why, without their values."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'value'}: {fault['msg']}" for fault in faults[:5])
