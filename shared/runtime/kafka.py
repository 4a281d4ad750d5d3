"""Kafka: the producer's options, and topics made as the topology says."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from shared.events import EVENT_BYTES_MAX

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping
    from typing import Protocol

    class TopicLike(Protocol):
        """A topic of the topology."""

        @property
        def name(self) -> str: ...
        @property
        def config(self) -> Mapping[str, str]: ...


REQUEST_BYTES_MAX = EVENT_BYTES_MAX * 3 // 2 + 256 * 1024
"""A dead letter holds its record in base64, a third longer than the largest event."""


@asynccontextmanager
async def open_producer(bootstrap: str, client_id: str) -> AsyncIterator[AIOKafkaProducer]:
    """A producer whose options decide safety, each written out."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        client_id=client_id,
        acks="all",  # the default 1 loses what a dying leader acknowledged
        enable_idempotence=True,  # a retried send is not stored twice nor out of order
        linger_ms=5,  # fills batches; the default 0 sends record by record
        compression_type="lz4",
        request_timeout_ms=10_000,
        max_request_size=REQUEST_BYTES_MAX,
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def ensure_topics(bootstrap: str, topics: Iterable[TopicLike], *, partitions: int, replicas: int) -> None:
    """Create the topics that are missing and bring the settings of the others up to date.

    Existing ones keep their partitions: keys would move otherwise.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="khop-prepare")
    await admin.start()
    try:
        # Without it acks="all" is satisfied by a leader that is alone, whose loss would lose what it acknowledged.
        durable = {"min.insync.replicas": str(max(1, replicas - 1))}
        new = [
            NewTopic(
                topic.name, num_partitions=partitions, replication_factor=replicas, topic_configs={**topic.config, **durable}
            )
            for topic in topics
        ]
        existing = set(await admin.list_topics())
        missing = [topic for topic in new if topic.name not in existing]
        known = [topic for topic in new if topic.name in existing]
        if missing:
            response: Any = await admin.create_topics(missing)
            for name, code, *_message in response.topic_errors:
                if code not in {0, TopicAlreadyExistsError.errno}:
                    raise for_code(code)(f"the topic {name} cannot be created")
        if known:
            await admin.alter_configs(
                [ConfigResource(ConfigResourceType.TOPIC, topic.name, topic.topic_configs) for topic in known]
            )
    finally:
        await admin.close()
