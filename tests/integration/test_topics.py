"""Topics at the broker are as the topology says (DESIGN §3 rule 4): compacted, bounded, partitioned by what never changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from services.prepare import prepare
from services.topology import TOPICS
from shared.events import BankTransaction, Credit, Notice
from shared.runtime.outbox import partition_of
from tests.integration.payment_events import a_credit, a_notice, a_transaction
from tests.integration.support import PARTITIONS, SECRET_KEY, Stack, publish

DAY = date(2026, 11, 24)


@pytest.fixture
async def admin(stack: Stack) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=stack.bootstrap)
    await client.start()
    yield client
    await client.close()


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
async def test_a_topic_keeps_what_the_topology_says(admin: AIOKafkaAdminClient, topic) -> None:
    [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name)])
    settings = {entry[0]: entry[1] for resource in answer.resources for entry in resource[4]}
    assert {name: settings[name] for name in topic.config} == topic.config
    [described] = await admin.describe_topics([topic.name])
    assert len(described["partitions"]) == PARTITIONS


async def test_preparing_again_leaves_the_partitions_of_a_topic_alone(stack: Stack, admin: AIOKafkaAdminClient) -> None:
    await prepare(stack.admin_dsn, stack.bootstrap, SECRET_KEY, partitions=PARTITIONS + 2, replicas=1)
    described = await admin.describe_topics([topic.name for topic in TOPICS])
    assert {len(each["partitions"]) for each in described} == {PARTITIONS}


async def partitions_of_records(stack: Stack, topic: str) -> dict[str, set[int]]:
    """In which partitions the records of each key stand."""
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        found: dict[str, set[int]] = {}
        while any([await consumer.position(each) < ends[each] for each in partitions]):
            for partition, records in (await consumer.getmany(timeout_ms=300)).items():
                for record in records:
                    found.setdefault(record.key.decode(), set()).add(partition.partition)
        return found
    finally:
        await consumer.stop()


async def test_an_accounts_money_and_a_sites_notices_stand_in_one_partition_each(stack: Stack) -> None:
    """Also a credit that moved to another site: its versions stay together."""
    await publish(
        stack.bootstrap,
        [
            *(a_transaction(f"t{n}", DAY, account=f"ACC{n % 2}") for n in range(20)),
            *(a_notice(f"n{n}", site_id=f"TH{n % 2}") for n in range(20)),
            a_credit("moved", DAY, partition_origin="ACC0", site_id="TH0"),
            a_credit("moved", DAY, partition_origin="ACC0", site_id="TH1", version=2),
        ],
    )
    for event, wanted in (
        (BankTransaction, {f"t{n}": f"ACC{n % 2}" for n in range(20)}),
        (Notice, {f"n{n}": f"TH{n % 2}" for n in range(20)}),
        (Credit, {"moved": "ACC0"}),
    ):
        found = await partitions_of_records(stack, event.topic)
        assert found == {key: {partition_of(chosen_by, PARTITIONS)} for key, chosen_by in wanted.items()}
