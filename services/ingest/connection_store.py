"""The SQL of connections and their sealed secrets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.ingest.networks import Network
from shared.runtime.postgres import Connection

CONNECTIONS = """
select connection_id, provider, scheme, accounts, networks, rate_per_s, disabled_at is not null as disabled
from connections order by connection_id
"""

SECRETS = """
select connection_id, secret_id, sealed, valid_until from connection_secrets
order by connection_id, valid_until desc nulls first
"""

# By the primary key; locked, so that two changes of one connection come one after the other.
CONNECTION = """
select connection_id, provider, scheme, accounts, networks, rate_per_s, disabled_at is not null as disabled
from connections where connection_id = $1 for update
"""

# By connection_secrets_current and the few rows of one connection.
SECRETS_OF = """
select connection_id, secret_id, sealed, valid_until from connection_secrets where connection_id = $1
order by valid_until desc nulls first
"""

UPSERT = """
insert into connections (connection_id, provider, scheme, accounts, networks, rate_per_s) values ($1, $2, $3, $4, $5, $6)
on conflict (connection_id) do update
set scheme = excluded.scheme, accounts = excluded.accounts, networks = excluded.networks,
    rate_per_s = excluded.rate_per_s, disabled_at = null, changed_at = now()
"""

DISABLE = "update connections set disabled_at = coalesce(disabled_at, now()), changed_at = now() where connection_id = $1"

END_CURRENT = "update connection_secrets set valid_until = $2 where connection_id = $1 and valid_until is null"

DELETE_SECRETS = "delete from connection_secrets where secret_id = any($1::bigint[])"

INSERT_SECRET = "insert into connection_secrets (connection_id, sealed) values ($1, $2)"  # noqa: S105 - a statement


@dataclass(frozen=True, slots=True)
class StoredConnection:
    """A connection as it is set, without its secrets."""

    connection_id: str
    provider: str
    scheme: str
    accounts: list[str]
    networks: list[Network]
    rate_per_s: float | None
    disabled: bool


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A sealed secret; the current one has no end."""

    connection_id: str
    secret_id: int
    sealed: bytes
    valid_until: datetime | None


async def all_connections(connection: Connection) -> tuple[list[StoredConnection], list[StoredSecret]]:
    """Every connection and secret; a few hundred rows at most."""
    # One snapshot for both statements: a secret always finds its connection.
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        connections = [StoredConnection(**row) for row in await connection.fetch(CONNECTIONS)]
        return connections, [StoredSecret(**row) for row in await connection.fetch(SECRETS)]


async def locked(connection: Connection, connection_id: str) -> tuple[StoredConnection | None, list[StoredSecret]]:
    """One connection and its secrets, kept from others until the transaction ends."""
    row = await connection.fetchrow(CONNECTION, connection_id)
    if row is None:
        return None, []
    return StoredConnection(**row), [StoredSecret(**each) for each in await connection.fetch(SECRETS_OF, connection_id)]


async def upsert(connection: Connection, wanted: StoredConnection) -> None:
    """Create or change a connection; it is enabled after that."""
    await connection.execute(
        UPSERT,
        wanted.connection_id,
        wanted.provider,
        wanted.scheme,
        wanted.accounts,
        wanted.networks,
        wanted.rate_per_s,
    )


async def disable(connection: Connection, connection_id: str) -> None:
    """Refuse a connection's messages from now on."""
    await connection.execute(DISABLE, connection_id)


async def replace_secret(
    connection: Connection, connection_id: str, sealed: bytes, *, old_until: datetime, forget: Sequence[int]
) -> None:
    """Make a secret the current one; the one before stays valid until `old_until`, those in `forget` are deleted."""
    await connection.execute(DELETE_SECRETS, list(forget))
    await connection.execute(END_CURRENT, connection_id, old_until)
    await connection.execute(INSERT_SECRET, connection_id, sealed)
