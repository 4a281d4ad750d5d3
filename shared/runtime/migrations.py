"""Roles, schemas and plain-SQL migrations: each service has a schema, an owner of it, and a role that may only use it."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import asyncpg
from pogo_core.util import migrate as pogo
from pogo_core.util import sql as pogo_sql

from shared.runtime.secrets import derived_password

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

RUNTIME_MIGRATIONS = Path(__file__).parent / "runtime_migrations"
LOCK = "khop/migrations"
HISTORY = "history"
"""The role that reads the views of figures for Grafana, and nothing else; services' migrations grant it each view."""


async def migrate_all(
    admin_dsn: str,
    secret_key: str,
    migrations: Mapping[str, Path],
    bounded_roles: Mapping[str, str] = MappingProxyType({}),
    *,
    history_password: str | None = None,
) -> None:
    """Bring every service's schema up to date, as the administrator of the database.

    `migrations` maps a service to its folder of .sql files; `bounded_roles` a service to a second role of its schema, which
    may do only what those files grant it. Running it again, or twice at once, changes nothing more.
    Without `history_password` that of the role `history` is derived from the secret key, as all others are.
    """
    connection = await asyncpg.connect(admin_dsn, timeout=15)
    try:
        await connection.execute("select pg_advisory_lock(hashtext($1))", LOCK)
        await connection.execute("revoke create on schema public from public")
        await _ensure_history(connection, history_password or derived_password(secret_key, HISTORY))
        for service, folder in migrations.items():
            await _ensure_role(connection, service, derived_password(secret_key, service))
            await _ensure_schema(connection, service)
            if role := bounded_roles.get(service):
                await _ensure_login(connection, role, derived_password(secret_key, role))
                await connection.execute(f"grant usage on schema {service} to {role}")
            await _apply(connection, service, folder)
    finally:
        await connection.close(timeout=5)


async def _ensure_role(connection: asyncpg.Connection[asyncpg.Record], service: str, password: str) -> None:
    await _create_or_alter(connection, f"{service}_owner", "nologin nosuperuser nobypassrls")
    await _ensure_login(connection, service, password)
    # An administrator who is no superuser (a managed PostgreSQL) must be a member to act as the owner.
    await connection.execute(f"grant {service}_owner to current_user")


async def _ensure_login(connection: asyncpg.Connection[asyncpg.Record], role: str, password: str) -> None:
    await _create_or_alter(connection, role, f"login nosuperuser nobypassrls noinherit password '{password}'")


async def _create_or_alter(connection: asyncpg.Connection[asyncpg.Record], role: str, options: str) -> None:
    # Names are constants, passwords hexadecimal or quoted: neither can break out of the statement.
    exists = await connection.fetchval("select true from pg_roles where rolname = $1", role)
    await connection.execute(f"{'alter' if exists else 'create'} role {role} {options}")


async def _ensure_history(connection: asyncpg.Connection[asyncpg.Record], password: str) -> None:
    """A role for dashboards: it may read what it is granted, a few questions at a time, and none for long."""
    quoted = await connection.fetchval("select quote_literal($1)", password)
    options = f"login nosuperuser nocreatedb nocreaterole nobypassrls noinherit connection limit 10 password {quoted}"
    await _create_or_alter(connection, HISTORY, options)
    await connection.execute(f"alter role {HISTORY} set default_transaction_read_only = on")
    await connection.execute(f"alter role {HISTORY} set statement_timeout = '30s'")


async def _ensure_schema(connection: asyncpg.Connection[asyncpg.Record], service: str) -> None:
    owner = f"{service}_owner"
    await connection.execute(f"create schema if not exists {service} authorization {owner}")
    await connection.execute(f"grant usage on schema {service} to {service}")
    for what, rights in (
        ("tables", "select, insert, update, delete, truncate"),
        ("sequences", "usage, select"),
        ("functions", "execute"),
    ):
        await connection.execute(
            f"alter default privileges for role {owner} in schema {service} grant {rights} on {what} to {service}"
        )


async def _apply(connection: asyncpg.Connection[asyncpg.Record], service: str, folder: Path) -> None:
    await connection.execute(f"set search_path to {service}")
    await connection.execute("create schema if not exists public")
    with _quiet():
        await pogo_sql.ensure_pogo_sync(connection)
        await connection.execute(
            f"grant select, insert, update, delete on public._pogo_migration, public._pogo_version to {service}_owner"
        )
        await connection.execute(f"set role {service}_owner")
        try:
            for each in (RUNTIME_MIGRATIONS, folder):
                await pogo.apply(connection, each, schema_name=service)
        finally:
            await connection.execute("reset role")
    await connection.execute("reset search_path")


@contextmanager
def _quiet() -> Iterator[None]:
    """Migrations that are applied are told at warning level by the library; that is no warning."""
    logger = logging.getLogger("pogo_core.util.migrate")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
