"""Running services as real processes in tests, and speaking to their topics."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import psutil
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.process import Running as Child
from deploy.local.services import spawn_service, warm_up
from deploy.local.state import any_free_port, last_line, log_file
from services.commands.local import SERVICES
from services.prepare import prepare
from services.topology import SERVICE_NAMES, TOPICS
from shared import clock
from shared.events import Campaign, Event
from shared.runtime.outbox import cloud_event_headers, partition_of
from shared.runtime.settings import role_dsn

SECRET_KEY = "a-secret-key-for-tests-of-32-bytes-or-more"
ADMIN_TOKEN = "an-admin-token-for-tests"
ADMIN = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
PARTITIONS = 4
START_TIMEOUT_S = 30
WAIT_S = 20


@dataclass(frozen=True)
class Stack:
    """A prepared database and broker of a test's own."""

    admin_dsn: str
    bootstrap: str

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "KHOP_DATABASE_URL": without_credentials(self.admin_dsn),
            "KHOP_KAFKA_BOOTSTRAP": self.bootstrap,
            "KHOP_SECRET_KEY": SECRET_KEY,
            "KHOP_ADMIN_TOKEN": ADMIN_TOKEN,
            "KHOP_TOPIC_PARTITIONS": str(PARTITIONS),
            **more,
        }


@dataclass(frozen=True)
class Running:
    """A service process that answers."""

    name: str
    url: str
    process: psutil.Process


def without_credentials(dsn: str) -> str:
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


@asynccontextmanager
async def fresh_stack(admin_dsn: str, bootstrap: str) -> AsyncIterator[Stack]:
    """A new, prepared database and empty topics. Topics are shared by name, so only one fresh stack exists at a time."""
    name = f"khop_{uuid.uuid4().hex[:12]}"
    admin = await asyncpg.connect(admin_dsn)
    try:
        await admin.execute(f"create database {name}")
        await _delete_topics(bootstrap)
        dsn = urlunsplit(urlsplit(admin_dsn)._replace(path=f"/{name}"))
        await prepare(dsn, bootstrap, SECRET_KEY, partitions=PARTITIONS, replicas=1)
        yield Stack(dsn, bootstrap)
        await admin.execute(f"drop database {name} with (force)")
    finally:
        await admin.close()


async def _delete_topics(bootstrap: str) -> None:
    """Groups' offsets on a deleted topic go with it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        ours = {topic.name for topic in TOPICS}
        existing = ours & set(await admin.list_topics())
        if existing:
            await admin.delete_topics(sorted(existing))
        while ours & set(await admin.list_topics()):
            await asyncio.sleep(0.05)
    finally:
        await admin.close()


@asynccontextmanager
async def running_service(name: str, stack: Stack, **environment: str) -> AsyncIterator[Running]:
    """Run one service as its own process, forked as `khop up` does, until the block ends; it is ready when the block begins."""
    assert name in SERVICE_NAMES
    port = any_free_port()
    folder = Path(tempfile.mkdtemp(prefix="khop-service-"))
    (folder / "logs").mkdir()
    warm_up(SERVICES)
    child = spawn_service(SERVICES, name, stack.environment(KHOP_PORT=str(port), **environment), folder)
    process = psutil.Process(child.pid)
    try:
        url = f"http://127.0.0.1:{port}"
        await until_ready(url, child, log_file(folder, name))
        yield Running(name, url, process)
    finally:
        if child.poll() is None:
            process.terminate()
        try:
            await asyncio.to_thread(process.wait, 15)
        except psutil.TimeoutExpired:
            process.kill()
        shutil.rmtree(folder)


async def until_ready(url: str, child: Child, log: Path) -> None:
    """Wait for /readyz; fails at once where the process ended."""
    deadline = time.monotonic() + START_TIMEOUT_S
    async with httpx.AsyncClient() as client:
        while True:
            assert child.poll() is None, f"the service ended with status {child.poll()}: {last_line(log)}"
            try:
                if (await client.get(f"{url}/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            assert time.monotonic() < deadline, f"{url} is not ready after {START_TIMEOUT_S} s: {last_line(log)}"
            await asyncio.sleep(0.05)


async def publish(bootstrap: str, events: Iterable[Event], *, service: str = "test") -> None:
    """Put events on their topics as the owning service's relay does."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        for event in events:
            partitions = len(await producer.partitions_for(event.topic))
            await producer.send(
                event.topic,
                key=event.key.encode(),
                value=event.model_dump_json().encode(),
                partition=partition_of(event.partition_key, partitions),
                headers=cloud_event_headers(service, event.topic, event.key, event.version, clock.now(), None),
            )
        await producer.flush()
    finally:
        await producer.stop()


async def read_topic(bootstrap: str, event: type[Event]) -> list[Event]:
    """Every event that stands on a topic now, in the order of each partition."""
    return [event.model_validate_json(value) for value in await read_values(bootstrap, event.topic)]


async def read_values(bootstrap: str, topic: str) -> list[bytes]:
    """As `read_topic`, byte for byte."""
    async with ReadOn(bootstrap, topic) as reading:
        return await reading.values()


class ReadOn:
    """A topic read from its beginning, and each time on from where it was read last."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
        self._partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        self._consumer.assign(self._partitions)
        for partition in self._partitions:
            self._consumer.seek(partition, 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def values(self) -> list[bytes]:
        """What has come to the topic by now and was not read before."""
        ends = await self._consumer.end_offsets(self._partitions)
        found: list[bytes] = []
        while any([await self._consumer.position(each) < ends[each] for each in self._partitions]):
            for records in (await self._consumer.getmany(timeout_ms=500)).values():
                found += [record.value for record in records]
        return found


async def newest(bootstrap: str, event: type[Event]) -> dict[str, Event]:
    """The newest version of each entity on a topic."""
    entities: dict[str, Event] = {}
    for each in await read_topic(bootstrap, event):
        if each.key not in entities or each.version > entities[each.key].version:
            entities[each.key] = each
    return entities


async def eventually(check: Callable[[], object], *, within_s: float = WAIT_S, pause_s: float = 0.1) -> object:
    """Repeat an async check until it returns something true; its last answer or assertion is what fails."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            outcome = await check()  # type: ignore[misc]
            if outcome:
                return outcome
            failure = AssertionError(f"still {outcome!r} after {within_s} s")
        except AssertionError as error:
            failure = error
        if time.monotonic() > deadline:
            raise failure
        await asyncio.sleep(pause_s)


async def connect_as(stack: Stack, role: str) -> asyncpg.Connection:
    """A connection with the rights of a service's role."""
    return await asyncpg.connect(
        role_dsn(without_credentials(stack.admin_dsn), role, SECRET_KEY), server_settings={"search_path": role}
    )


def a_campaign(campaign_id: str, version: int = 1, name: str = "Tuyên truyền") -> Campaign:
    return Campaign(
        campaign_id=campaign_id, version=version, name=name, unit_code="07615",
        starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 30), kind="visit",
    )  # fmt: skip


async def status_of_a_slow_sender(url: str, path: str, media_type: str) -> int:
    """What a POST of 256 KiB hears that goes on writing its body after the service could have refused it."""
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {media_type}\r\nContent-Length: {4 * 65_536}\r\n\r\n"
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        for piece in (head.encode(), *[b"x" * 65_536] * 4):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.05)
        return int((await asyncio.wait_for(reader.readuntil(b"\r\n"), WAIT_S)).split()[1])
    finally:
        writer.close()
