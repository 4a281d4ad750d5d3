"""While PostgreSQL cannot be reached nothing is acknowledged; when it is back nothing acknowledged is missing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import httpx

from shared.events import BankTransaction
from tests.integration.support import Stack, eventually, read_topic, running_service, without_credentials
from tests.integration.test_ingest_webhooks import connect, send
from tests.unit.services.ingest.samples import sepay_body

MESSAGES = 300


class Wire:
    """The way to PostgreSQL, which can be cut and mended."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._cut = False
        self._writers: set[asyncio.StreamWriter] = set()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut:
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        self._writers |= {writer, far_writer}
        await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        self._writers -= {writer, far_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    def cut(self) -> None:
        self._cut = True
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        self._cut = False


@asynccontextmanager
async def wire_to(dsn: str) -> AsyncIterator[tuple[Wire, str]]:
    parts = urlsplit(without_credentials(dsn))
    wire = Wire(parts.hostname or "127.0.0.1", parts.port or 5432)
    server = await asyncio.start_server(wire.take, "127.0.0.1", 0)
    try:
        yield wire, urlunsplit(parts._replace(netloc=f"127.0.0.1:{server.sockets[0].getsockname()[1]}"))
    finally:
        wire.cut()
        server.close()


async def test_an_outage_is_answered_503_and_loses_nothing(stack: Stack):
    async with (
        wire_to(stack.admin_dsn) as (wire, address),
        running_service("ingest", stack, KHOP_DATABASE_URL=address) as running,
        httpx.AsyncClient(base_url=running.url, timeout=15) as client,
    ):
        await connect(client, "outage", "3001")
        slots = asyncio.Semaphore(20)
        statuses: list[int] = []

        async def deliver(number: int) -> None:
            """As a bank does: again and again, until it is acknowledged."""
            async with slots:
                while True:
                    started = time.monotonic()
                    answer = await send(client, "outage", sepay_body(accountNumber="3001", id=number, transferAmount=number))
                    statuses.append(answer.status_code)
                    assert time.monotonic() - started < 5
                    if answer.status_code == 200:
                        return
                    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
                    await asyncio.sleep(0.05)

        async def weather() -> None:
            for _ in range(3):
                await asyncio.sleep(0.15)
                wire.cut()
                await asyncio.sleep(0.3)
                wire.mend()

        await asyncio.gather(*(deliver(number) for number in range(1, MESSAGES + 1)), weather())
        assert 503 in statuses

        async def all_there() -> bool:
            events = await read_topic(stack.bootstrap, BankTransaction)
            return {each.amount for each in events} == set(range(1, MESSAGES + 1))

        await eventually(all_there)
        events = await read_topic(stack.bootstrap, BankTransaction)
        assert len({each.transaction_id for each in events}) == MESSAGES
        assert sum({each.transaction_id: each.amount for each in events}.values()) == MESSAGES * (MESSAGES + 1) // 2
