"""The day book on a real PostgreSQL of its own, fed with events and derived on any date, without waiting for that date."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx

import services.reconciliation
from services.reconciliation import api
from services.reconciliation.app import FACTS
from services.reconciliation.days import book, store
from services.reconciliation.days.book import Moment
from services.reconciliation.facts import credits, registry, statements, transactions
from services.reconciliation.money_back.deposits import propose_left
from shared.clock import now
from shared.events import BankStatement, BankTransaction, Credit, Discrepancy, Event, Notice, ReconciliationDay, Site
from shared.runtime.auth import Caller, sign_token
from shared.runtime.consumer import Received
from shared.runtime.folding import newest, newest_values
from shared.runtime.http import create_app
from shared.runtime.migrations import migrate_all
from shared.runtime.postgres import Connection, Database, open_database
from shared.runtime.settings import Settings
from tests.integration.payment_events import ACCOUNT, at
from tests.integration.support import ADMIN_TOKEN, SECRET_KEY, without_credentials

MIGRATIONS = Path(services.reconciliation.__file__).parent / "migrations"


@dataclass
class Client:
    """A person at the service's routes; every command has a key of its own unless one is given."""

    http: httpx.AsyncClient
    app: Any
    """The service's ASGI application."""

    async def get(self, path: str, status: int = 200, **parameters: Any) -> Any:
        answer = await self.http.get(path, params=parameters)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        status: int = 200,
        *,
        version: int | None = None,
        key: str | None = None,
    ) -> Any:
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        if version is not None:
            headers["If-Match"] = str(version)
        answer = await self.http.request(method, path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None, status: int = 200, **more: Any) -> Any:
        return await self.send("POST", path, body or {}, status, **more)


async def _ready() -> dict[str, bool]:
    return {}


@dataclass
class Book:
    """A day book whose date the test decides."""

    database: Database
    settings: Settings

    async def take(self, *events: Event, today: date | None = None) -> None:
        """Store facts as the handlers do. `today` is the date on which sites become known."""
        async with self.database.transaction() as connection:
            await take(connection, events, today)

    async def derive(self, as_of: date, *, may_close: bool = True) -> None:
        """Work off everything that was touched, as it stands on a date."""
        more = True
        while more:
            async with self.database.transaction() as connection:
                more = await book.derive(connection, Moment(as_of, at(as_of), may_close))
                more = more or await connection.fetchval("select exists (select from touched_days)")

    async def wake_on(self, as_of: date, last: date | None = None) -> None:
        """What a new date does, then everything that follows from it."""
        async with self.database.transaction() as connection:
            await store.open_expected(connection, as_of)
            await store.touch_overdue(connection, as_of, last)
        await self.derive(as_of)
        async with self.database.transaction() as connection:
            await book.age(connection, Moment(as_of, at(as_of), may_close=True))

    async def replay(self, events: Iterable[Event], as_of: date) -> None:
        """Empty the facts and take them again in the given order."""
        async with self.database.transaction() as connection:
            await connection.execute(f"truncate {', '.join(FACTS)}")
            await take(connection, list(events), as_of)
            await store.touch_all(connection)
        await self.derive(as_of)

    async def day(self, day: date, account: str = ACCOUNT, site: str = "TH1") -> ReconciliationDay | None:
        async with self.database.reading() as connection:
            entity = await connection.fetchval("select entity from days where key = $1", f"{site}/{account}/{day}")
        return ReconciliationDay.model_validate(entity) if entity else None

    async def days(self) -> dict[str, ReconciliationDay]:
        rows = await self.rows("select entity from days")
        days = [ReconciliationDay.model_validate(row["entity"]) for row in rows]
        return {day.key: day for day in days}

    async def discrepancies(self, kind: str | None = None, state: str = "open") -> list[Discrepancy]:
        rows = await self.rows("select entity from discrepancies where state = $1 order by due_on", state)
        found = [Discrepancy.model_validate(row["entity"]) for row in rows]
        return [each for each in found if kind in (None, each.kind)]

    async def kinds(self) -> set[str]:
        """The kinds that are open."""
        return {each.kind for each in await self.discrepancies()}

    @asynccontextmanager
    async def client(self, person: str = "kt1", role: str = "accountant", site: str = "TH1") -> AsyncIterator[Client]:
        """Speak to the service's routes as a person."""
        app = create_app(
            "reconciliation", self.settings, api.routers(self.database, self.settings), readiness=_ready,
            observe=self.database.observe,
        )  # fmt: skip
        token = sign_token(SECRET_KEY, Caller(person, role, frozenset({site})))
        transport = httpx.ASGITransport(app=app)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://reconciliation", headers=headers) as client:
            yield Client(client, app)

    async def rows(self, query: str, *values: Any) -> list[Any]:
        async with self.database.reading() as connection:
            return await connection.fetch(query, *values)

    async def everything(self) -> dict[str, list[Any]]:
        """All that is kept, but facts, queues and what was sent."""
        tables = await self.rows(
            "select tablename from pg_tables where schemaname = 'reconciliation' and tablename <> all($1::text[])",
            [*FACTS, "outbox", "idempotency", "replay_epoch", "rebuilt"],
        )
        kept = {}
        for row in tables:
            name = row["tablename"]
            content = await self.rows(
                f"select (to_jsonb(t) - 'placed_at' - 'linked_at')::text as row from {name} t order by 1"
            )
            kept[name] = [each["row"] for each in content]
        return kept


async def take(connection: Connection, events: Iterable[Event], today: date | None) -> None:
    by_type: dict[type[Event], list[Received[Any]]] = {}
    for event in events:
        by_type.setdefault(type(event), []).append(Received(event, None))
    for kind, batch in by_type.items():
        if kind is Site:
            await registry.put_sites(connection, newest_values(batch), today or date(2026, 10, 1))
        elif kind is Notice:
            await registry.put_notices(connection, newest_values(batch))
        elif kind is BankTransaction:
            await transactions.put_transactions(connection, newest(batch))
        elif kind is BankStatement:
            await statements.put_statements(connection, newest(batch))
        else:
            assert kind is Credit
            await propose_left(connection, await credits.put_credits(connection, newest(batch)), now())


@asynccontextmanager
async def fresh_book(admin_dsn: str) -> AsyncIterator[Book]:
    """A new database with reconciliation's schema alone."""
    name = f"khop_{uuid.uuid4().hex[:12]}"
    admin = await asyncpg.connect(admin_dsn)
    try:
        await admin.execute(f"create database {name}")
        dsn = urlunsplit(urlsplit(admin_dsn)._replace(path=f"/{name}"))
        await migrate_all(dsn, SECRET_KEY, {"reconciliation": MIGRATIONS})
        settings = Settings(
            database_url=without_credentials(dsn), kafka_bootstrap="none:1", secret_key=SECRET_KEY, admin_token=ADMIN_TOKEN,
            ingest_url="http://127.0.0.1:1",
        )  # fmt: skip
        async with open_database(settings, "reconciliation") as database:
            yield Book(database, settings)
        await admin.execute(f"drop database {name} with (force)")
    finally:
        await admin.close()


def days_from(first: date, count: int) -> list[date]:
    return [first + timedelta(days=offset) for offset in range(count)]
