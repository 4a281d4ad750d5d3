"""Nobody reads another's schema (DESIGN §3 rule 1): PostgreSQL's grants, tried as every role."""

from __future__ import annotations

import asyncpg
import pytest

from services.prepare import prepare
from services.topology import SERVICE_NAMES
from shared.runtime.migrations import HISTORY
from tests.integration.support import PARTITIONS, SECRET_KEY, Stack, connect_as


@pytest.mark.parametrize("role", SERVICE_NAMES)
async def test_a_role_uses_its_own_schema_and_no_other(stack: Stack, role: str):
    connection = await connect_as(stack, role)
    try:
        await connection.fetchval("select count(*) from outbox")
        for other in SERVICE_NAMES:
            if other != role:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.fetchval(f"select count(*) from {other}.outbox")
    finally:
        await connection.close()


@pytest.mark.parametrize("role", SERVICE_NAMES)
async def test_a_role_owns_nothing_and_cannot_go_round_row_security(stack: Stack, role: str):
    connection = await connect_as(stack, role)
    try:
        rights = await connection.fetchrow(
            "select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = current_user"
        )
        assert tuple(rights) == (False, False, False)
        assert await connection.fetchval(
            "select count(*) from pg_class where relowner = (select oid from pg_roles where rolname = current_user)"
        ) == 0  # fmt: skip
        for statement in ("create table mine ()", "create table public.mine ()", "alter table outbox add x int"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_every_table_of_a_schema_is_usable_by_its_role(stack: Stack):
    admin = await asyncpg.connect(stack.admin_dsn)
    try:
        unusable = await admin.fetch(
            """
            select schemaname || '.' || tablename from pg_tables
            where schemaname = any($1::text[])
              and (not has_table_privilege(schemaname, schemaname || '.' || tablename, 'select')
                or not has_table_privilege(schemaname, schemaname || '.' || tablename, 'insert')
                or not has_table_privilege(schemaname, schemaname || '.' || tablename, 'update')
                or not has_table_privilege(schemaname, schemaname || '.' || tablename, 'delete'))
            """,
            list(SERVICE_NAMES),
        )
    finally:
        await admin.close()
    assert unusable == []


async def test_preparing_again_changes_nothing(stack: Stack):
    await prepare(stack.admin_dsn, stack.bootstrap, SECRET_KEY, partitions=PARTITIONS, replicas=1)


async def test_the_role_of_dashboards_reads_views_and_nothing_else(stack: Stack):
    connection = await connect_as(stack, HISTORY)
    try:
        views = await connection.fetch(
            """
            select nspname || '.' || relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind = 'v' and nspname = any($1::text[]) and has_table_privilege(c.oid, 'select')
            """,
            list(SERVICE_NAMES),
        )
        assert {row["name"] for row in views} >= {"adoption.history_figures", "adoption.history_units"}
        for row in views:
            await connection.fetchval(f"select count(*) from {row['name']}")
        for service in SERVICE_NAMES:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetchval(f"select count(*) from {service}.outbox")
        for statement in (
            "select * from adoption.figures", "select * from adoption.notices", "delete from adoption.history_sites",
            "update adoption.history_sites set name = 'x'", "create table adoption.mine ()", "create table public.mine ()",
            "set role adoption",
        ):  # fmt: skip
            with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ReadOnlySQLTransactionError)):
                await connection.execute(statement)
        assert await connection.fetchval("show default_transaction_read_only") == "on"
        # Read-only is a default that it could lift; what it may not write it may not write then either.
        await connection.execute("set default_transaction_read_only = off")
        for statement in (
            "delete from adoption.history_sites",
            "create table public.mine ()",
            "create table adoption.mine ()",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        tables = await connection.fetchval(
            """
            select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind = 'r' and n.nspname = any($1::text[]) and has_table_privilege(c.oid, 'select, insert, update, delete')
            """,
            list(SERVICE_NAMES),
        )
        assert tables == 0
    finally:
        await connection.close()
