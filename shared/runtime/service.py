"""One process of a service: opens what it needs, runs until told to stop, closes in order.

A service's app.py says what it is made of (`Parts`); everything that all services do alike is here.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import asyncpg
import structlog
import uvloop

from shared.heap import keep_what_is_made
from shared.runtime.consumer import BatchConsumer, Handler
from shared.runtime.http import create_app, serving
from shared.runtime.kafka import open_producer
from shared.runtime.letters import WaitingLetters
from shared.runtime.logs import configure_logs
from shared.runtime.operations import operations_router
from shared.runtime.outbox import Relay
from shared.runtime.postgres import Database, open_database

if TYPE_CHECKING:
    from aiokafka import AIOKafkaProducer
    from fastapi import APIRouter

    from shared.events import Event
    from shared.runtime.operations import Page
    from shared.runtime.settings import Settings

log = structlog.get_logger()

EXIT_RESTART = 75
"""Exit status that asks the supervisor for a new process (EX_TEMPFAIL of sysexits.h)."""
READY_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Parts:
    """What a service is made of."""

    routers: Sequence[APIRouter] = ()
    handlers: Mapping[type[Event], Handler] = field(default_factory=dict)
    """What it consumes; a batch's topics are handled in this order."""
    loops: Sequence[Callable[[], Awaitable[None]]] = ()
    """Work that goes on beside, for ever; when one ends or fails the process restarts."""
    published: Mapping[type[Event], Page] = field(default_factory=dict)
    """How to read the entities it owns, page by page, to publish them again."""
    derived_tables: Sequence[str] = ()
    """What a replay empties, in an order that foreign keys allow. Acts of people are never among them."""
    wrap: Callable[[Any], Any] = lambda app: app
    """Puts something in front of the HTTP app (ingest's fast path)."""
    resources: Sequence[AbstractAsyncContextManager[object]] = ()
    """What it holds open while it runs, opened before the first request (a second pool, a client)."""
    on_stop: Callable[[], None] = lambda: None
    """Ends answers that would go on for ever (open event streams), which the HTTP server would wait for."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a service's parts may use."""

    name: str
    settings: Settings
    database: Database


async def run_service(name: str, settings: Settings, build: Callable[[Runtime], Parts]) -> int:
    """Run a service until SIGTERM or SIGINT; returns the exit status."""
    stop = asyncio.Event()
    exit_status = 0

    def give_up(reason: str) -> None:
        nonlocal exit_status
        log.error("process_gives_up", reason=reason)
        exit_status = EXIT_RESTART
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    async with AsyncExitStack() as stack:
        producer = await stack.enter_async_context(open_producer(settings.kafka_bootstrap, f"khop-{name}"))
        relay = Relay(name, settings, producer)
        database = await stack.enter_async_context(open_database(settings, name, relay.wake))
        parts = build(Runtime(name, settings, database))
        for resource in parts.resources:
            await stack.enter_async_context(resource)
        tasks = [asyncio.create_task(relay.run(), name="outbox")]
        tasks += [asyncio.create_task(_as_coroutine(each), name=f"loop-{index}") for index, each in enumerate(parts.loops)]
        stack.push_async_callback(_cancel, tasks)
        consumer = None
        if parts.handlers:
            epoch = await database.fence() if parts.derived_tables else 1
            group = f"khop.{name}" if epoch == 1 else f"khop.{name}.{epoch}"
            letters = WaitingLetters(database, [event.topic for event in parts.handlers])
            consumer = BatchConsumer(name, settings, producer, parts.handlers, letters, group=group, on_fatal=give_up)
            await consumer.start()
            tasks.append(asyncio.create_task(letters.watch(), name="letters"))
            stack.push_async_callback(consumer.stop)
            tasks.append(asyncio.create_task(consumer.watch(), name="watchdog"))

        async def readiness() -> dict[str, bool]:
            return {
                "database": await _database_answers(database),
                "broker": await _broker_answers(producer),
                "consuming": consumer is None or consumer.assigned or settings.replica > 0,
            }

        app = create_app(
            name,
            settings,
            [*parts.routers, operations_router(database, parts.published, parts.derived_tables, give_up)],
            readiness=readiness,
            observe=database.observe,
        )
        tasks.append(await stack.enter_async_context(serving(parts.wrap(app), settings.host, settings.port)))
        for task in tasks:
            task.add_done_callback(lambda task: None if stop.is_set() else _note_end(task, give_up))
        keep_what_is_made()
        log.info("service_started", port=settings.port)
        await stop.wait()
        log.info("service_stopping")
        parts.on_stop()
    return exit_status


def main(name: str, settings: Settings, build: Callable[[Runtime], Parts]) -> int:
    """Run a service as this process's only work."""
    configure_logs(name, settings.log_level)
    return uvloop.run(run_service(name, settings, build))


async def _as_coroutine(work: Callable[[], Awaitable[None]]) -> None:
    await work()


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _note_end(task: asyncio.Task[None], give_up: Callable[[str], None]) -> None:
    if task.cancelled():
        return
    error = task.exception()
    if error is not None:
        log.error("background_work_failed", work=task.get_name(), exc_info=error)
    give_up(f"{task.get_name()} ended")


async def _broker_answers(producer: AIOKafkaProducer) -> bool:
    """Whether the broker tells its topics now; the brokers known from before say nothing of the present."""
    try:
        return bool(await asyncio.wait_for(producer.client.force_metadata_update(), READY_TIMEOUT_S))
    except TimeoutError:
        return False


async def _database_answers(database: Database) -> bool:
    try:
        async with asyncio.timeout(READY_TIMEOUT_S), database.reading() as connection:
            return bool(await connection.fetchval("select true"))
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
