"""The adoption service's derivation on a real PostgreSQL, without processes and topics: facts in, figures out."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

import services.adoption
from services.adoption import queries, refresh
from services.adoption.app import FACTS, FIGURES
from services.adoption.handlers import handlers
from services.adoption.model import payer_key
from shared.events import AdoptionMetric, Event
from shared.runtime.consumer import Received
from shared.runtime.migrations import migrate_all
from shared.runtime.postgres import Database, open_database
from shared.runtime.settings import Settings
from tests.integration.support import ADMIN_TOKEN, SECRET_KEY, without_credentials

MIGRATIONS = Path(services.adoption.__file__).parent / "migrations"
Figures = dict[str, tuple[int, int]]
"""Key → numerator and denominator, of figures over something."""


@dataclass
class Adoption:
    """A database with adoption's schema, and the date on which it is looked at."""

    database: Database
    today: date

    def __post_init__(self) -> None:
        self._handlers = handlers(self.database, payer_key(SECRET_KEY), lambda: None)

    async def take(self, events: Iterable[Event]) -> None:
        """Have facts stored as the consumer does, and nothing derived."""
        by_type: dict[type[Event], list[Received[Event]]] = {}
        for event in events:
            by_type.setdefault(type(event), []).append(Received(event, None))
        for event_type, handler in self._handlers.items():
            for start in range(0, len(by_type.get(event_type, ())), 500):
                await handler(by_type[event_type][start : start + 500])

    async def refresh(self, today: date | None = None) -> None:
        """Derive and publish until nothing waits."""
        self.today = today or self.today
        more = True
        while more:
            async with self.database.transaction() as connection:
                more = (await refresh.refresh(connection, self.today)).more

    async def tell(self, *events: Event) -> None:
        await self.take(events)
        await self.refresh()

    async def replay(self, events: Iterable[Event]) -> None:
        """Empty what is derived, take all facts again and rebuild, as `khop replay` does."""
        async with self.database.transaction() as connection:
            await connection.execute(f"truncate {', '.join((*FACTS, *FIGURES))}")
        await self.take(events)
        more = True
        while more:
            async with self.database.transaction() as connection:
                more = (await refresh.refresh(connection, self.today, publishing=False)).more
        async with self.database.reading() as connection:
            portions = await refresh.all_asked(connection, self.today)
        for asked in portions:
            async with self.database.transaction() as connection:
                await refresh.publish_all(connection, asked)

    async def figures(self) -> Figures:
        """Every figure as published, but those over nothing."""
        return {each.key: (each.numerator, each.denominator) for each in await self.metrics() if each.denominator}

    async def metrics(self) -> list[AdoptionMetric]:
        found: list[AdoptionMetric] = []
        async with self.database.reading() as connection:
            while True:
                page = await queries.page_of_metrics(connection, found[-1].key if found else "", 20_000)
                found += page
                if len(page) < 20_000:
                    return found

    async def sent(self) -> list[AdoptionMetric]:
        """What lies in the outbox, in order; it is emptied."""
        async with self.database.transaction() as connection:
            rows = await connection.fetch("with gone as (delete from outbox returning *) select * from gone order by id")
        for row in rows:
            event = AdoptionMetric.model_validate_json(row["value"])
            assert row["value"] == event.model_dump_json().encode()
            assert (row["key"], row["partition_key"], row["version"]) == (event.key, event.key, event.version)
            assert row["topic"] == AdoptionMetric.topic
        return [AdoptionMetric.model_validate(json.loads(row["value"])) for row in rows]


@asynccontextmanager
async def fresh_adoption(postgres_dsn: str, today: date) -> AsyncIterator[Adoption]:
    """A new database with adoption's schema alone, used by its own role."""
    name = f"adoption_{uuid.uuid4().hex[:12]}"
    admin = await asyncpg.connect(postgres_dsn)
    try:
        await admin.execute(f"create database {name}")
        dsn = urlunsplit(urlsplit(postgres_dsn)._replace(path=f"/{name}"))
        await migrate_all(dsn, SECRET_KEY, {"adoption": MIGRATIONS})
        settings = Settings(
            database_url=without_credentials(dsn), kafka_bootstrap="unused", secret_key=SECRET_KEY, admin_token=ADMIN_TOKEN,
            statement_timeout_ms=60_000,
        )  # fmt: skip
        async with open_database(settings, "adoption") as database:
            yield Adoption(database, today)
        await asyncio.sleep(0)
        await admin.execute(f"drop database {name} with (force)")
    finally:
        await admin.close()
