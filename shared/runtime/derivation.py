"""What derived services do beside their handlers: bring figures up to date from stored facts, one replica at a time.

Handlers store facts and note what they touched; the loop here derives and publishes. So a burst of facts about one day is
derived once, and two replicas never publish over each other. After a replay nothing is derived until the topics were read
to the end: figures of half the facts would be published as changes and changed back (DESIGN §3 rule 3).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import asyncpg
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from prometheus_client import Counter

from shared.runtime.postgres import PASSING_ERRORS, connection_options

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection, Database
    from shared.runtime.settings import Settings

log = structlog.get_logger()

INTERRUPTED = Counter(
    "khop_derivations_interrupted_total",
    "Runs of the loop that derives figures or days that the database or Kafka ended; each is tried again.",
)

LOCK_RETRY_S = 1.0
FAILURE_PAUSE_S = 0.5
POLL_S = 1.0
"""How long a change stored by another replica may wait: only this process's own handlers wake the loop."""
OFFSETS_POLL_S = 0.25

EPOCH = "select epoch from replay_epoch"
# The table `rebuilt` stands in the service's own migration, and no replay empties it.
REBUILT = "select epoch from rebuilt"
MARK_REBUILT = "update rebuilt set epoch = $1"


class Derivation:
    """The loop of a derived service; only the replica whose connection holds the lock works."""

    def __init__(
        self,
        service: str,
        settings: Settings,
        database: Database,
        *,
        topics: Sequence[str],
        woken: asyncio.Event,
        derive: Callable[[], Awaitable[bool]],
        rebuild: Callable[[], Awaitable[None]],
        pause_s: float,
        on_leadership_lost: Callable[[], None] = lambda: None,
    ) -> None:
        """`derive` works off some of what was touched and returns whether more waits; `rebuild` follows a replay.

        Handlers set `woken` after their commit. `pause_s` is the least time between two runs that left nothing waiting.
        """
        self._service = service
        self._settings = settings
        self._database = database
        self._topics = topics
        self._derive = derive
        self._rebuild = rebuild
        self._pause_s = pause_s
        self._on_leadership_lost = on_leadership_lost
        self._woken = woken

    async def run(self) -> None:
        """Derive for ever; connection losses are waited out."""
        while True:
            try:
                await self._lead()
            except (*PASSING_ERRORS, KafkaError) as error:
                INTERRUPTED.inc()
                log.warning("derivation_interrupted", error=type(error).__name__)
            finally:
                self._on_leadership_lost()
            await asyncio.sleep(FAILURE_PAUSE_S)

    async def _lead(self) -> None:
        # A connection of its own: a pooled one loses its advisory lock when it is released.
        connection = await asyncpg.connect(**connection_options(self._settings, self._service))
        try:
            while not await connection.fetchval("select pg_try_advisory_lock(hashtext($1))", f"{self._service}/derivation"):
                await asyncio.sleep(LOCK_RETRY_S)
            await self._rebuild_after_replay(connection)
            while True:
                self._woken.clear()
                started = time.monotonic()
                # Fails where the lock's connection is gone, and with it the right to derive.
                await connection.fetchval("select true")
                if not await self._derive():
                    await asyncio.sleep(max(0.0, self._pause_s - (time.monotonic() - started)))
                    await self._wait_for_work()
        finally:
            await connection.close(timeout=2)

    async def _wait_for_work(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), POLL_S)
        except TimeoutError:
            return

    async def _rebuild_after_replay(self, connection: Connection) -> None:
        epoch: int = await connection.fetchval(EPOCH)
        if await connection.fetchval(REBUILT) == epoch:
            return
        log.info("replay_reading", epoch=epoch)
        await wait_until_read(self._settings.kafka_bootstrap, f"khop.{self._service}.{epoch}", self._topics)
        await self._rebuild()
        async with self._database.transaction() as transaction:
            await transaction.execute(MARK_REBUILT, epoch)
        log.info("replay_finished", epoch=epoch)


async def wait_until_read(bootstrap: str, group: str, topics: Sequence[str]) -> None:
    """Wait until a consumer group has committed everything that stands in these topics now."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="khop-derivation")
    await admin.start()
    try:
        ahead = await _ends(bootstrap, await _partitions(admin, topics))
        while ahead:
            committed = await admin.list_consumer_group_offsets(group)
            ahead = {each: end for each, end in ahead.items() if each not in committed or committed[each].offset < end}
            if ahead:
                await asyncio.sleep(OFFSETS_POLL_S)
    finally:
        await admin.close()


async def _partitions(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> list[TopicPartition]:
    described = await admin.describe_topics(list(topics))
    return [TopicPartition(topic["topic"], each["partition"]) for topic in described for each in topic["partitions"]]


async def _ends(bootstrap: str, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
    """The offset after the last record of every partition that holds any; a compacted topic keeps its last record."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, client_id="khop-derivation-ends", group_id=None)
    await consumer.start()
    try:
        begins = await consumer.beginning_offsets(partitions)
        ends = await consumer.end_offsets(partitions)
    finally:
        await consumer.stop()
    return {each: end for each, end in ends.items() if end > begins[each]}
