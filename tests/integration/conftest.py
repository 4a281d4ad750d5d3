"""Each module of integration tests gets a database and topics of its own, on the run's one PostgreSQL and one Kafka."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.integration.support import Stack, fresh_stack


@pytest.fixture(scope="module")
async def stack(postgres_dsn: str, kafka_bootstrap: str) -> AsyncIterator[Stack]:
    async with fresh_stack(postgres_dsn, kafka_bootstrap) as made:
        yield made
