"""Each module of integration tests gets a database and topics of its own, on the run's one PostgreSQL and one Kafka."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from tests.integration.support import Stack, fresh_stack


@pytest.fixture(scope="module")
async def stack(postgres_dsn: str, kafka_bootstrap: str) -> AsyncIterator[Stack]:
    async with fresh_stack(postgres_dsn, kafka_bootstrap) as made:
        yield made


@pytest.fixture
async def empty_dsn(postgres_dsn: str) -> AsyncIterator[str]:
    """A database without any schema, for tests of upgrades."""
    name = f"upgrade_{uuid.uuid4().hex[:12]}"
    admin = await asyncpg.connect(postgres_dsn)
    try:
        await admin.execute(f"create database {name}")
        yield urlunsplit(urlsplit(postgres_dsn)._replace(path=f"/{name}"))
        await admin.execute(f"drop database {name} with (force)")
    finally:
        await admin.close()
