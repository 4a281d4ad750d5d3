"""The outbox loses nothing, in order for each entity, and a cursor would not do."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from shared.events import EVENT_BYTES_MAX, Campaign
from shared.runtime.kafka import open_producer
from shared.runtime.outbox import EventTooLargeError, ProducerEndedError, Relay, enqueue
from shared.runtime.postgres import open_database
from shared.runtime.settings import Settings
from tests.integration.support import Stack, a_campaign, connect_as, eventually, read_topic

SERVICE = "directory"


@pytest.fixture(scope="module")
def settings(stack: Stack) -> Settings:
    return Settings.model_validate({key.removeprefix("KHOP_").lower(): value for key, value in stack.environment().items()})


async def outbox_is_empty(stack: Stack) -> bool:
    connection = await connect_as(stack, SERVICE)
    try:
        return await connection.fetchval("select count(*) from outbox") == 0
    finally:
        await connection.close()


async def test_concurrent_commits_all_arrive_and_each_entity_in_order(stack: Stack, settings: Settings):
    writers, versions = 16, 30
    async with open_producer(stack.bootstrap, "test") as producer:
        relay = Relay(SERVICE, settings, producer)
        task = asyncio.create_task(relay.run())
        async with open_database(settings, SERVICE, relay.wake) as database:

            async def write(writer: int) -> None:
                for version in range(1, versions + 1):
                    async with database.transaction() as connection:
                        await enqueue(connection, [a_campaign(f"order-{writer}", version)])

            await asyncio.gather(*(write(writer) for writer in range(writers)))
            await eventually(lambda: outbox_is_empty(stack))
        task.cancel()
    arrived = [event for event in await read_topic(stack.bootstrap, Campaign) if event.key.startswith("order-")]
    for writer in range(writers):
        assert [event.version for event in arrived if event.key == f"order-{writer}"] == list(range(1, versions + 1))


async def test_what_was_committed_before_a_crash_is_sent_by_the_next_relay(stack: Stack, settings: Settings):
    async with open_database(settings, SERVICE) as database, database.transaction() as connection:
        await enqueue(connection, [a_campaign("left-behind")])
    async with open_producer(stack.bootstrap, "test") as producer:
        task = asyncio.create_task(Relay(SERVICE, settings, producer).run())
        await eventually(lambda: outbox_is_empty(stack))
        task.cancel()
    assert "left-behind" in {event.key for event in await read_topic(stack.bootstrap, Campaign)}


async def test_nothing_is_sent_of_a_transaction_that_fails(stack: Stack, settings: Settings):
    async with open_database(settings, SERVICE) as database:
        with pytest.raises(asyncpg.UndefinedTableError):
            async with database.transaction() as connection:
                await enqueue(connection, [a_campaign("never")])
                await connection.execute("select * from no_such_table")
    assert await outbox_is_empty(stack)


async def test_a_large_event_arrives_and_one_that_no_topic_takes_stops_its_own_transaction_only(
    stack: Stack, settings: Settings
):
    async with open_producer(stack.bootstrap, "test") as producer:
        task = asyncio.create_task(Relay(SERVICE, settings, producer).run())
        async with open_database(settings, SERVICE) as database:
            with pytest.raises(EventTooLargeError):
                async with database.transaction() as connection:
                    await enqueue(connection, [a_campaign("much-too-large", name="x" * EVENT_BYTES_MAX)])
            async with database.transaction() as connection:
                await enqueue(connection, [a_campaign("large", name="x" * (EVENT_BYTES_MAX - 1_000)), a_campaign("behind")])
        await eventually(lambda: outbox_is_empty(stack))
        task.cancel()
    arrived = {event.key for event in await read_topic(stack.bootstrap, Campaign)}
    assert {"large", "behind"} <= arrived
    assert "much-too-large" not in arrived


async def test_a_relay_whose_producer_the_broker_refuses_gives_up_and_another_process_goes_on(
    stack: Stack, settings: Settings
):
    """As after a batch that timed out while its partition had no leader: its sequence numbers leave a gap."""
    async with open_database(settings, SERVICE) as database, database.transaction() as connection:
        await enqueue(connection, [a_campaign("behind-a-gap")])
    async with open_producer(stack.bootstrap, "test") as producer:
        await send_with_a_gap(producer)
        with pytest.raises(ProducerEndedError):
            await asyncio.wait_for(Relay(SERVICE, settings, producer).run(), 20)
    async with open_producer(stack.bootstrap, "test") as producer:
        task = asyncio.create_task(Relay(SERVICE, settings, producer).run())
        await eventually(lambda: outbox_is_empty(stack))
        task.cancel()
    assert "behind-a-gap" in {event.key for event in await read_topic(stack.bootstrap, Campaign)}


async def send_with_a_gap(producer: AIOKafkaProducer) -> None:
    """Use up a sequence number of every partition without a record of it."""
    for partition in await producer.partitions_for(Campaign.topic):
        value = a_campaign(f"before-{partition}").model_dump_json().encode()
        await producer.send_and_wait(Campaign.topic, value, key=b"before", partition=partition)
        producer._txn_manager.increment_sequence_number(TopicPartition(Campaign.topic, partition), 5)


async def test_only_one_relay_sends_at_a_time_and_another_takes_over(stack: Stack, settings: Settings):
    async with open_producer(stack.bootstrap, "test") as producer:
        first = asyncio.create_task(Relay(SERVICE, settings, producer).run())
        await asyncio.sleep(0.3)
        second = asyncio.create_task(Relay(SERVICE, settings, producer).run())
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        async with open_database(settings, SERVICE) as database, database.transaction() as connection:
            await enqueue(connection, [a_campaign("after-takeover")])
        await eventually(lambda: outbox_is_empty(stack))
        second.cancel()
    keys = [event.key for event in await read_topic(stack.bootstrap, Campaign)]
    assert keys.count("after-takeover") == 1


async def test_a_cursor_over_ids_would_lose_what_commits_late(stack: Stack):
    """Why rows are claimed and deleted: two overlapping transactions are enough to lose one behind a cursor."""
    early, late, reader = [await connect_as(stack, SERVICE) for _ in range(3)]
    try:
        slow = early.transaction()
        await slow.start()
        await enqueue(early, [a_campaign("slow")])
        await enqueue(late, [a_campaign("fast")])
        seen = await reader.fetch("select id, key from outbox where id > 0 order by id")
        cursor = seen[-1]["id"]
        await slow.commit()
        assert [row["key"] for row in await reader.fetch("select key from outbox where id > $1", cursor)] == []
        assert {row["key"] for row in await reader.fetch("select key from outbox")} == {"slow", "fast"}
        await reader.execute("truncate outbox")
    finally:
        for connection in (early, late, reader):
            await connection.close()
