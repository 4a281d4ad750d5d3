"""The matching service on a real PostgreSQL of its own, without processes and topics: events in, credits out, people in between."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
from fastapi import FastAPI

import services.matching
from services.matching import store
from services.matching.app import build, consuming
from shared.events import BankTransaction, Credit, Event, Notice, Site
from shared.reference import random_reference
from shared.runtime.auth import Caller, sign_token
from shared.runtime.consumer import Handler, Received
from shared.runtime.http import create_app
from shared.runtime.migrations import migrate_all
from shared.runtime.postgres import Database, open_database
from shared.runtime.service import Runtime
from shared.runtime.settings import Settings
from tests.integration.payment_events import a_notice, a_transaction
from tests.integration.support import ADMIN_TOKEN, SECRET_KEY, without_credentials

MIGRATIONS = Path(services.matching.__file__).parent / "migrations"
DAY = date(2026, 11, 24)
numbers = count(1)
chance = Random(6)


def a_fee(amount: int = 150_000, reference: str | None = None, **more: object) -> Notice:
    number = next(numbers)
    return a_notice(f"n{number:05}", amount=amount, reference=reference or random_reference(chance), **more)


def a_payment(memo: str | None = None, amount: int = 150_000, *, day: date = DAY, **more: object) -> BankTransaction:
    return a_transaction(f"t{next(numbers):05}", day, amount, memo=memo, **more)


def newer(event: Any, **changes: object) -> Any:
    """The next version of an event."""
    return type(event).model_validate(event.model_dump() | {"version": event.version + 1, **changes})


def paid(credit: Credit) -> dict[str, int]:
    return {each.notice_id: each.amount for each in credit.allocations}


@dataclass
class Person:
    """Somebody at the service's routes; every command has a key of its own unless one is given."""

    http: httpx.AsyncClient
    name: str

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
        headers = {"Idempotency-Key": key or uuid.uuid4().hex} | ({} if version is None else {"If-Match": f'"{version}"'})
        answer = await self.http.request(method, path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def get(self, path: str, status: int = 200) -> Any:
        return await self.send("GET", path, None, status)

    async def allocate(
        self, credit: Credit, shares: Mapping[str, int], status: int = 200, *, key: str | None = None, version: int | None = None,
        **more: object,
    ) -> Any:  # fmt: skip
        body = {"allocations": [{"notice_id": each, "amount": amount} for each, amount in shares.items()], **more}
        path = f"/credits/{credit.credit_id}/allocations"
        return await self.send("POST", path, body, status, version=version or credit.version, key=key)

    async def undo(self, credit: Credit, reason: str = "nhầm", status: int = 200) -> Any:
        path = f"/allocations/{credit.allocations[0].allocation_id}?reason={reason}"
        return await self.send("DELETE", path, None, status, version=credit.version)

    async def receive(self, notice_id: str, amount: int, key: str, status: int = 200, **more: object) -> Any:
        body = {
            "site_id": "TH1", "notice_id": notice_id, "amount": amount, "received_at": "2026-11-24T09:00:00+07:00", **more,
        }  # fmt: skip
        return await self.send("POST", "/cash-receipts", body, status, key=key)


async def _ready() -> dict[str, bool]:
    return {}


@dataclass
class Ledger:
    """One matching service, as its process would hold it."""

    database: Database
    settings: Settings
    handlers: Mapping[type[Event], Handler] = field(init=False)
    app: FastAPI = field(init=False)

    def __post_init__(self) -> None:
        parts = build(Runtime("matching", self.settings, self.database))
        self.app = create_app("matching", self.settings, parts.routers, readiness=_ready, observe=self.database.observe)
        self.handlers = parts.handlers

    def restart(self) -> None:
        """A new process on the same database: nothing is in memory any more."""
        self.handlers = consuming(Runtime("matching", self.settings, self.database))

    async def take(self, *events: Event, at_once: int = 500) -> None:
        """Have events handled as the consumer does: by topic, in batches."""
        for kind in (Site, Notice, BankTransaction):
            batch = [Received(event, None) for event in events if isinstance(event, kind)]
            for start in range(0, len(batch), at_once):
                await self.handlers[kind](batch[start : start + at_once])

    async def credit(self, of: BankTransaction | str) -> Credit:
        """How a credit stands, as it would be published again."""
        found = await self.credits([of if isinstance(of, str) else of.transaction_id])
        return found[0]

    async def credits(self, ids: Iterable[str]) -> list[Credit]:
        async with self.database.reading() as connection:
            found = await store.load_credits(connection, ids, lock=False)
        return [found[each].event() for each in ids]

    async def rows(self, query: str, *values: Any) -> list[Any]:
        async with self.database.reading() as connection:
            return await connection.fetch(query, *values)

    async def sent(self) -> list[Credit]:
        """What lies in the outbox, in order; it is emptied."""
        async with self.database.transaction() as connection:
            rows = await connection.fetch("with gone as (delete from outbox returning *) select * from gone order by id")
        return [Credit.model_validate_json(row["value"]) for row in rows]

    @asynccontextmanager
    async def person(self, name: str = "kt1", role: str = "accountant", *sites: str | None) -> AsyncIterator[Person]:
        """Somebody in a role at sites (TH1 where none is given; None: everywhere)."""

        bound = None if None in sites else frozenset(each for each in sites or ("TH1",) if each)
        headers = {"Authorization": f"Bearer {sign_token(SECRET_KEY, Caller(name, role, bound))}"}
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://matching", headers=headers) as client:
            yield Person(client, name)


@asynccontextmanager
async def fresh_ledger(admin_dsn: str, **options: object) -> AsyncIterator[Ledger]:
    """A new database with matching's schema alone, used by its own role."""
    name = f"matching_{uuid.uuid4().hex[:12]}"
    admin = await asyncpg.connect(admin_dsn)
    try:
        await admin.execute(f"create database {name}")
        dsn = urlunsplit(urlsplit(admin_dsn)._replace(path=f"/{name}"))
        await migrate_all(dsn, SECRET_KEY, {"matching": MIGRATIONS})
        settings = Settings(
            database_url=without_credentials(dsn), kafka_bootstrap="none:1", secret_key=SECRET_KEY, admin_token=ADMIN_TOKEN,
            **options,
        )  # fmt: skip
        async with open_database(settings, "matching") as database:
            yield Ledger(database, settings)
        await admin.execute(f"drop database {name} with (force)")
    finally:
        await admin.close()
