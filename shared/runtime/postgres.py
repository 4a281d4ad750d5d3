"""PostgreSQL: the pool of a service, and its transactions.

A service signs in as the role that bears its name, which owns nothing and may touch only its own schema.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
from pydantic_core import from_json, to_json

from shared.runtime import metrics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from shared.runtime.settings import Settings

Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"

PASSING_ERRORS = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what a connection that was cut in the middle of an answer raises
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.DiskFullError,
    asyncpg.OutOfMemoryError,
)
"""Failures after which the same work may succeed at once or soon."""

OF_THE_DATA = ("22", "23")
"""Classes of SQLSTATE that blame the values or a constraint; any other error of the database is none of the data."""


def may_pass(error: Exception) -> bool:
    """Whether the same work may succeed later, when somebody has seen to the database (read-only, rights, a missing column)."""
    if isinstance(error, asyncpg.PostgresError):
        return not (error.sqlstate or "").startswith(OF_THE_DATA)
    return isinstance(error, PASSING_ERRORS)


class FencedError(Exception):
    """A replay has begun since this process started; what it holds in hand is out of date."""


class Database:
    """A service's pool; `transaction()` is the only way in which handlers write."""

    def __init__(self, pool: asyncpg.Pool[Any], after_commit: Callable[[], None]) -> None:
        self.pool = pool
        self._after_commit = after_commit
        self._epoch: int | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One database transaction; at its commit the relay is woken, for the outbox may hold something.

        Raises FencedError where a replay began after `fence()`.
        """
        async with self.pool.acquire() as connection, connection.transaction():
            if self._epoch is not None:
                await _check_epoch(connection, self._epoch)
            yield connection
        self._after_commit()

    @asynccontextmanager
    async def held(self) -> AsyncIterator[Connection]:
        """A connection for a worker that commits again and again: it saves the reset after each transaction.

        The worker calls `committed()` after each commit. Only for services that `fence()` nothing.
        """
        assert self._epoch is None
        async with self.pool.acquire() as connection:
            yield connection

    def committed(self) -> None:
        """Wake the relay, for the outbox may hold something."""
        self._after_commit()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A connection for queries that write nothing."""
        async with self.pool.acquire() as connection:
            yield connection

    async def fence(self) -> int:
        """From now on refuse to write once a newer replay has begun; returns the present epoch."""
        self._epoch = await self.pool.fetchval("select epoch from replay_epoch")
        assert self._epoch is not None
        return self._epoch

    def observe(self) -> None:
        """Bring the pool's gauges up to date."""
        metrics.POOL_CONNECTIONS.labels("idle").set(self.pool.get_idle_size())
        metrics.POOL_CONNECTIONS.labels("open").set(self.pool.get_size())


async def _check_epoch(connection: Connection, epoch: int) -> None:
    # FOR SHARE: a replay's own update waits for the transactions of the old epoch, and they see it when they come after.
    if await connection.fetchval("select 1 from replay_epoch where epoch = $1 for share", epoch) is None:
        raise FencedError("a replay has begun")


def connection_options(settings: Settings, service: str, role: str | None = None) -> dict[str, Any]:
    """Options of every connection of a service: its schema, and a limit on every wait. Its own role unless another is named."""
    return {
        "dsn": settings.role_dsn(role or service),
        "statement_cache_size": settings.statement_cache_size,
        "timeout": 10,
        "command_timeout": settings.statement_timeout_ms / 1000 + 5,
        "server_settings": {
            "application_name": f"khop-{role or service}",
            # Set here, since a connection's release resets SET.
            "search_path": service,
            "timezone": "UTC",
            "statement_timeout": str(settings.statement_timeout_ms),
            "lock_timeout": str(settings.lock_timeout_ms),
            "idle_in_transaction_session_timeout": str(settings.idle_in_transaction_timeout_ms),
            # A dead peer's locks are freed within about 30 s.
            "tcp_keepalives_idle": "10",
            "tcp_keepalives_interval": "5",
            "tcp_keepalives_count": "4",
        },
    }


async def prepare_connection(connection: Connection) -> None:
    """Let jsonb columns hold plain Python values."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=lambda value: to_json(value).decode(), decoder=from_json
    )


@asynccontextmanager
async def open_database(
    settings: Settings, service: str, after_commit: Callable[[], None] = lambda: None, role: str | None = None
) -> AsyncIterator[Database]:
    """Open a service's pool and close it at the end; connections sign in as the service's own role unless another is named."""
    async with asyncpg.create_pool(
        min_size=1,
        max_size=settings.pool_connections_max,
        max_inactive_connection_lifetime=300,
        init=prepare_connection,
        **connection_options(settings, service, role),
    ) as pool:
        yield Database(pool, after_commit)
