"""The batch consumer: nothing skipped, nothing looping, order kept, offsets after the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.events import DLQ_TOPIC, Campaign, DeadLetter
from shared.runtime.consumer import BatchConsumer, Received
from shared.runtime.kafka import open_producer
from shared.runtime.letters import WaitingLetters
from shared.runtime.postgres import open_database
from shared.runtime.settings import Settings
from tests.integration.support import PARTITIONS, Stack, a_campaign, connect_as, eventually, publish

KEEPER = "directory"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@asynccontextmanager
async def consuming(
    stack: Stack, group: str, handler: Callable[[Sequence[Received[Campaign]]], Awaitable[None]], **more: Any
) -> AsyncIterator[list[str]]:
    """Run a consumer of campaigns; the list holds why it gave up, if it did."""
    settings = Settings.model_validate(
        {**{key.removeprefix("KHOP_").lower(): value for key, value in stack.environment().items()}, **more}
    )
    fatal: list[str] = []
    # The consumer of no service: its letters are kept in a schema that this module uses for nothing else.
    async with open_producer(stack.bootstrap, "test") as producer, open_database(settings, KEEPER) as database:
        letters = WaitingLetters(database, [Campaign.topic])
        consumer = BatchConsumer(
            "test", settings, producer, {Campaign: handler}, letters, group=group, on_fatal=fatal.append
        )
        await consumer.start()
        watch = asyncio.create_task(consumer.watch())
        try:
            yield fatal
        finally:
            watch.cancel()
            await consumer.stop()


async def committed(stack: Stack, group: str) -> int:
    """How many records the group has behind it, over all partitions."""
    client = AIOKafkaConsumer(bootstrap_servers=stack.bootstrap, group_id=group, enable_auto_commit=False)
    await client.start()
    try:
        return sum([await client.committed(TopicPartition(Campaign.topic, number)) or 0 for number in range(PARTITIONS)])
    finally:
        await client.stop()


async def letters(stack: Stack) -> list[DeadLetter]:
    client = AIOKafkaConsumer(bootstrap_servers=stack.bootstrap, enable_auto_commit=False)
    await client.start()
    try:
        partitions = [TopicPartition(DLQ_TOPIC, number) for number in range(PARTITIONS)]
        client.assign(partitions)
        await client.seek_to_beginning(*partitions)
        found = []
        ends = await client.end_offsets(partitions)
        while any([await client.position(each) < ends[each] for each in partitions]):
            for records in (await client.getmany(timeout_ms=300)).values():
                found += [DeadLetter.model_validate_json(record.value) for record in records]
        return found
    finally:
        await client.stop()


class Collector:
    """A handler that remembers what it was given."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.traces: dict[str, str | None] = {}

    async def __call__(self, batch: Sequence[Received[Campaign]]) -> None:
        self.keys += [each.value.key for each in batch]
        self.traces |= {each.value.key: each.traceparent for each in batch}

    async def has(self, key: str) -> bool:
        return key in self.keys


async def test_a_record_that_cannot_be_read_goes_to_the_dead_letters_and_the_next_is_handled(stack: Stack):
    producer = AIOKafkaProducer(bootstrap_servers=stack.bootstrap)
    await producer.start()
    await producer.send_and_wait(Campaign.topic, b"{not json", key=b"bad-json", partition=0)
    await producer.send_and_wait(Campaign.topic, None, key=b"tombstone", partition=0)
    await producer.send_and_wait(Campaign.topic, b'{"version": 0}', key=b"bad-fields", partition=0)
    good = a_campaign("strange-headers").model_dump_json().encode()
    headers = [("null", None), ("latin", b"\xff\xfe"), ("traceparent", TRACEPARENT.encode())]
    await producer.send_and_wait(Campaign.topic, good, key=b"strange-headers", headers=headers, partition=0)
    await producer.stop()
    handler = Collector()
    async with consuming(stack, "undecodable", handler):
        await eventually(lambda: handler.has("strange-headers"))
    assert handler.traces["strange-headers"] == TRACEPARENT
    found = {letter.key: letter for letter in await letters(stack)}
    assert found.keys() >= {"bad-json", "tombstone", "bad-fields"}
    assert found["bad-json"].payload == b"{not json"
    assert found["bad-json"].topic == Campaign.topic
    assert "campaign_id" in found["bad-fields"].error


async def test_only_the_record_that_fails_alone_is_set_aside(stack: Stack):
    handler = Collector()

    async def refuses_one(batch: Sequence[Received[Campaign]]) -> None:
        if any(each.value.key == "poison" for each in batch):
            raise ValueError("this campaign cannot be stored")
        await handler(batch)

    await publish(stack.bootstrap, [a_campaign(key) for key in ("before", "poison", "behind")])
    async with consuming(stack, "poison", refuses_one):
        await eventually(lambda: handler.has("before"))
        await eventually(lambda: handler.has("behind"))
    assert "poison" in {letter.key for letter in await letters(stack)}


async def waiting(stack: Stack) -> set[str]:
    """The keys of which a letter waits."""
    connection = await connect_as(stack, KEEPER)
    rows = await connection.fetch("select key from dead_letters where dismissed_at is null")
    await connection.close()
    return {row["key"] for row in rows}


async def test_a_letter_waits_until_a_later_record_of_its_key_is_handled(stack: Stack):
    handler = Collector()

    async def refuses_odd_ones(batch: Sequence[Received[Campaign]]) -> None:
        if any(each.value.key.startswith("odd") and each.value.version % 2 for each in batch):
            raise ValueError("an odd version")
        await handler(batch)

    # In one batch: what was handled before the letter settles it not, what is handled behind it does.
    await publish(
        stack.bootstrap, [a_campaign("odd-a", 2), a_campaign("odd-a", 3), a_campaign("odd-b", 1), a_campaign("odd-b", 2)]
    )
    async with consuming(stack, "odd", refuses_odd_ones):
        await eventually(lambda: handler.has("odd-a"))

        async def only_one_waits() -> bool:
            return {key for key in await waiting(stack) if key.startswith("odd")} == {"odd-a"}

        await eventually(only_one_waits)
    # Another process knows it from the table.
    async with consuming(stack, "odd", refuses_odd_ones):
        await publish(stack.bootstrap, [a_campaign("odd-a", 4)])

        async def none_waits() -> bool:
            return not {key for key in await waiting(stack) if key.startswith("odd")}

        await eventually(none_waits)


async def test_a_key_that_is_no_text_and_has_no_end_is_kept_all_the_same(stack: Stack):
    producer = AIOKafkaProducer(bootstrap_servers=stack.bootstrap)
    await producer.start()
    await producer.send_and_wait(Campaign.topic, b"{", key=b"long\0\xff" + b"x" * 20_000, partition=1)
    await producer.stop()

    async def kept() -> bool:
        return any(key.startswith("long\ufffd\ufffdxxx") for key in await waiting(stack))

    async with consuming(stack, "long", Collector()):
        await eventually(kept)


async def test_a_passing_failure_is_tried_again_in_order_and_nothing_is_set_aside(stack: Stack):
    handler = Collector()
    failures = 3

    async def fails_at_first(batch: Sequence[Received[Campaign]]) -> None:
        nonlocal failures
        if failures and any(each.value.key.startswith("retry") for each in batch):
            failures -= 1
            raise ConnectionResetError
        await handler(batch)

    await publish(stack.bootstrap, [a_campaign("retry", version) for version in (1, 2, 3)])
    async with consuming(stack, "retries", fails_at_first):
        await eventually(lambda: handler.has("retry"))
        await asyncio.sleep(0.3)
    assert handler.keys.count("retry") == 3
    assert "retry" not in {letter.key for letter in await letters(stack)}


@pytest.mark.parametrize(
    "fault", [asyncpg.ReadOnlySQLTransactionError, asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedColumnError]
)
async def test_a_fault_of_the_database_is_waited_out_and_blames_no_record(stack: Stack, fault: type[Exception]):
    """A database that is read-only after a failover must not empty a topic into the dead letters."""
    handler, key = Collector(), f"waits-{fault.__name__}"
    failures = 2

    async def fails_at_first(batch: Sequence[Received[Campaign]]) -> None:
        nonlocal failures
        if failures and any(each.value.key == key for each in batch):
            failures -= 1
            raise fault
        await handler(batch)

    await publish(stack.bootstrap, [a_campaign(key)])
    async with consuming(stack, key, fails_at_first):
        await eventually(lambda: handler.has(key))
    assert key not in {letter.key for letter in await letters(stack)}


async def test_a_batch_that_is_too_slow_for_one_statement_is_handled_in_halves(stack: Stack):
    handler = Collector()
    sizes = []

    async def takes_few(batch: Sequence[Received[Campaign]]) -> None:
        slow = [each for each in batch if each.value.key.startswith("slow-")]
        if len(slow) > 2:
            sizes.append(len(batch))
            raise asyncpg.QueryCanceledError
        await handler(batch)

    await publish(stack.bootstrap, [a_campaign(f"slow-{number}") for number in range(8)])
    async with consuming(stack, "slow", takes_few):
        for number in range(8):
            await eventually(lambda number=number: handler.has(f"slow-{number}"))
    assert sizes
    assert not {key for key in (letter.key for letter in await letters(stack)) if key and key.startswith("slow-")}


async def test_offsets_are_committed_only_after_the_handler(stack: Stack):
    await publish(stack.bootstrap, [a_campaign("uncommitted")])
    entered = asyncio.Event()

    async def hangs(_batch: Sequence[Received[Campaign]]) -> None:
        entered.set()
        await asyncio.sleep(0.5)
        raise ConnectionResetError

    async with consuming(stack, "after", hangs):
        await asyncio.wait_for(entered.wait(), 10)
        assert await committed(stack, "after") == 0
    handler = Collector()
    async with consuming(stack, "after", handler):
        await eventually(lambda: handler.has("uncommitted"))

    async def some_committed() -> bool:
        return await committed(stack, "after") > 0

    await eventually(some_committed)


async def test_a_consumer_that_makes_no_progress_gives_up(stack: Stack):
    await publish(stack.bootstrap, [a_campaign("stuck")])

    async def stuck(_batch: Sequence[Received[Campaign]]) -> None:
        await asyncio.sleep(6)

    async with consuming(stack, "watchdog", stuck, traffic_timeout_s=1.0) as fatal:
        await asyncio.sleep(1)
        await publish(stack.bootstrap, [a_campaign("waiting")])

        async def gave_up() -> list[str]:
            return fatal

        await eventually(gave_up, within_s=12)
    assert "no progress" in fatal[0]


async def test_a_member_whose_former_self_held_nothing_gets_its_partitions(stack: Stack):
    """As when a broker comes back empty: the services join it before its topics are made again."""
    former = AIOKafkaConsumer(
        Campaign.topic, bootstrap_servers=stack.bootstrap, group_id="bare", group_instance_id="bare-0", metadata_max_age_ms=200,
        enable_auto_commit=False,
    )  # fmt: skip
    await former.start()
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.bootstrap)
    await admin.start()
    await admin.delete_topics([Campaign.topic])

    async def holds_nothing() -> bool:
        former._coordinator.request_rejoin()  # as a broker that lost its groups makes it do
        return not former.assignment()

    await eventually(holds_nothing, pause_s=1)
    await former.stop()
    await admin.create_topics([NewTopic(Campaign.topic, num_partitions=PARTITIONS, replication_factor=1)])
    await admin.close()

    handler = Collector()
    async with consuming(stack, "bare", handler):
        await publish(stack.bootstrap, [a_campaign("found")])
        await eventually(lambda: handler.has("found"))


@pytest.mark.parametrize("level", ["secret-value", "Nguyễn Văn An"])
async def test_an_error_names_fields_and_never_values(stack: Stack, level: str):
    producer = AIOKafkaProducer(bootstrap_servers=stack.bootstrap)
    await producer.start()
    await producer.send_and_wait(Campaign.topic, f'{{"version": "{level}"}}'.encode(), key=level.encode(), partition=0)
    await producer.stop()
    handler = Collector()
    await publish(stack.bootstrap, [a_campaign(f"after-{level}")])
    async with consuming(stack, f"values-{len(level)}", handler):
        await eventually(lambda: handler.has(f"after-{level}"))
    for letter in await letters(stack):
        assert level not in letter.error
