"""Management of connections, for administrators; webhooks themselves are taken in webhooks.py."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from services.ingest import connection_store, store
from services.ingest.connection_store import StoredConnection, StoredSecret
from services.ingest.connections import Connections
from services.ingest.networks import NetworkError, read_networks
from services.ingest.providers import PROVIDERS
from services.ingest.providers.base import SecretError
from services.ingest.routing import route_again
from shared import clock
from shared.accounts import AccountError, normal_account
from shared.runtime.auth import AdminHere
from shared.runtime.postgres import Connection, Database
from shared.runtime.problems import Problem
from shared.runtime.secrets import Seal, SealBrokenError

log = structlog.get_logger()

ConnectionId = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
GRACE_MAX_S = 30 * 24 * 3600
START = (datetime(1970, 1, 1, tzinfo=UTC), uuid.UUID(int=0), "")


class ConnectionSettings(BaseModel):
    """What PUT sets. Without a secret the present one stays."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    provider: str
    scheme: str | None = None
    accounts: list[Annotated[str, Field(max_length=64)]] = Field(min_length=1, max_length=10_000)
    secret: SecretStr | None = Field(None, max_length=10_000)
    grace_s: int = Field(86_400, ge=0, le=GRACE_MAX_S)
    """How long the replaced secret stays valid."""
    rate_per_s: float | None = Field(None, gt=0, le=100_000)
    networks: list[Annotated[str, Field(max_length=64)]] = Field(default_factory=list, max_length=200)
    """From where messages may come, as addresses or in CIDR notation; empty: from anywhere."""


def router(database: Database, connections: Connections, seal: Seal) -> APIRouter:
    """The routes of connections and of unrouted messages."""
    routes = APIRouter(tags=["connections"])

    @routes.put("/connections/{connection_id}")
    async def put_connection(
        connection_id: ConnectionId, settings: ConnectionSettings, _caller: AdminHere
    ) -> dict[str, Any]:
        """Create a connection, change it or rotate its secret; a disabled one is enabled again."""
        wanted = _checked(connection_id, settings)
        async with database.transaction() as connection:
            before, secrets = await connection_store.locked(connection, connection_id)
            if before is not None and before.provider != settings.provider:
                raise Problem(409, "provider_fixed", f"this connection is of provider {before.provider}; make another one")
            if before is None and settings.secret is None:
                raise Problem(400, "invalid_request", "secret: a new connection needs one")
            await connection_store.upsert(connection, wanted)
            if settings.secret is not None:
                await _rotate(connection, seal, connection_id, secrets, settings)
            after, secrets = await connection_store.locked(connection, connection_id)
        await connections.refresh()
        routed = await route_again(database, connection_id, wanted.accounts)
        log.info("connection_set", connection=connection_id, accounts=len(wanted.accounts), routed_messages=routed)
        assert after is not None
        return _shown(after, secrets)

    @routes.get("/connections")
    async def list_connections(_caller: AdminHere) -> list[dict[str, Any]]:
        """All connections, without their secrets."""
        async with database.reading() as connection:
            stored, secrets = await connection_store.all_connections(connection)
        return [_shown(each, [own for own in secrets if own.connection_id == each.connection_id]) for each in stored]

    @routes.post("/connections/{connection_id}/disable")
    async def disable_connection(connection_id: ConnectionId, _caller: AdminHere) -> dict[str, Any]:
        """Refuse a connection's webhooks with 410 until it is set again."""
        async with database.transaction() as connection:
            await connection_store.disable(connection, connection_id)
            after, secrets = await connection_store.locked(connection, connection_id)
        if after is None:
            raise Problem(404, "unknown_connection", "there is no such connection")
        await connections.refresh()
        return _shown(after, secrets)

    @routes.get("/unrouted")
    async def list_unrouted(
        _caller: AdminHere, after: str | None = None, limit: Annotated[int, Query(ge=1, le=1_000)] = 100
    ) -> dict[str, Any]:
        """Genuine messages about accounts that their connection does not name; setting the account routes them."""
        async with database.reading() as connection:
            rows = await store.unrouted_page(connection, _cursor(after), limit)
        last = rows[-1] if len(rows) == limit else None
        return {
            "messages": [
                {name: row[name] for name in ("message_id", "connection_id", "provider", "account", "received_at")}
                for row in rows
            ],
            "next": f"{last['received_at'].isoformat()}|{last['message_id']}|{last['identity_key']}" if last else None,
        }

    return routes


def _checked(connection_id: str, settings: ConnectionSettings) -> StoredConnection:
    """The connection as it is to be, accounts in their normal form; raises Problem 400."""
    provider = PROVIDERS.get(settings.provider)
    if provider is None:
        raise Problem(400, "invalid_request", f"provider: must be one of {', '.join(sorted(PROVIDERS))}")
    scheme = settings.scheme or provider.default_scheme
    if scheme not in provider.schemes:
        raise Problem(400, "invalid_request", f"scheme: must be one of {', '.join(provider.schemes)}")
    if settings.secret is not None:
        try:
            provider.schemes[scheme](settings.secret.get_secret_value().strip())
        except SecretError as error:
            raise Problem(400, "invalid_request", f"secret: {error}") from error
    try:
        accounts = sorted({normal_account(each) for each in settings.accounts})
        networks = read_networks(settings.networks)
    except AccountError as error:
        raise Problem(400, "invalid_request", f"accounts: {error}") from error
    except NetworkError as error:
        raise Problem(400, "invalid_request", f"networks: {error}") from error
    return StoredConnection(
        connection_id, settings.provider, scheme, accounts, networks, settings.rate_per_s, disabled=False
    )


async def _rotate(
    connection: Connection, seal: Seal, connection_id: str, secrets: Sequence[StoredSecret], settings: ConnectionSettings
) -> None:
    """Make the given secret the current one, unless it is already."""
    assert settings.secret is not None
    # A file of a secret mostly ends with a line's end that is not part of it.
    wanted = settings.secret.get_secret_value().strip().encode()
    now = clock.now()
    forget = [each.secret_id for each in secrets if each.valid_until is not None and each.valid_until <= now]
    for each in secrets:
        if _opened(seal, each) == wanted:
            if each.valid_until is None:
                return
            forget.append(each.secret_id)
    await connection_store.replace_secret(
        connection,
        connection_id,
        seal.close(wanted),
        old_until=now + timedelta(seconds=settings.grace_s),
        forget=forget,
    )


def _opened(seal: Seal, secret: StoredSecret) -> bytes | None:
    try:
        return seal.open(secret.sealed)
    except SealBrokenError:
        return None


def _shown(connection: StoredConnection, secrets: Sequence[StoredSecret]) -> dict[str, Any]:
    now = clock.now()
    return {
        "id": connection.connection_id,
        "provider": connection.provider,
        "scheme": connection.scheme,
        "accounts": connection.accounts,
        "networks": [str(each) for each in connection.networks],
        "rate_per_s": connection.rate_per_s,
        "disabled": connection.disabled,
        "webhook_path": f"/webhooks/{connection.provider}/{connection.connection_id}",
        "old_secrets_valid_until": [
            each.valid_until for each in secrets if each.valid_until is not None and now < each.valid_until
        ],
    }


def _cursor(after: str | None) -> tuple[datetime, uuid.UUID, str]:
    if after is None:
        return START
    try:
        moment, message_id, key = after.split("|", 2)
        return datetime.fromisoformat(moment).astimezone(UTC), uuid.UUID(message_id), key
    except ValueError:
        raise Problem(400, "invalid_request", "after: must be the `next` of the page before") from None
