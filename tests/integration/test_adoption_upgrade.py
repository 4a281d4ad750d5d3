"""An installation of the first release is brought up to date: what was published keeps its versions, and facts are read again."""

from __future__ import annotations

import shutil
from pathlib import Path

import asyncpg
from pogo_core.util import migrate as pogo

from shared.runtime.migrations import migrate_all
from tests.integration.adoption_database import MIGRATIONS
from tests.integration.support import SECRET_KEY

FIRST = "0001_adoption.sql"
KEY = "cashless_share_count/site:TH1/all/all/day/2026-10-05"


async def first_release(empty_dsn: str, folder: Path, *, used: bool) -> asyncpg.Connection:
    """A database as the first release left it."""
    shutil.copy(MIGRATIONS / FIRST, folder / FIRST)
    await migrate_all(empty_dsn, SECRET_KEY, {"adoption": folder})
    connection = await asyncpg.connect(empty_dsn, server_settings={"search_path": "adoption"})
    if used:
        await connection.execute(
            """
            insert into units values ('24', '2020-01-01', 1, 'Tỉnh', 'province', null, null, '{}');
            insert into metrics values ($$KEY$$, 4, 'cashless_share_count', 'site:TH1', 'all', 'all', 'day', '2026-10-05', 3, 5);
            """.replace("$$KEY$$", f"'{KEY}'")
        )
    return connection


async def test_published_figures_keep_their_versions_and_the_topics_are_read_again(empty_dsn: str, tmp_path: Path) -> None:
    connection = await first_release(empty_dsn, tmp_path, used=True)
    try:
        await migrate_all(empty_dsn, SECRET_KEY, {"adoption": MIGRATIONS})
        row = await connection.fetchrow("select versions, numerators, denominators from figures where scope = 'site:TH1'")
        assert [list(each) for each in row.values()] == [[0, 4, 0], [0, 3, 0], [0, 5, 0]]
        assert await connection.fetchval("select epoch from replay_epoch") == 2
        assert await connection.fetchval("select count(*) from units") == 0
        told = await connection.fetchrow("select metric, numerator, denominator, value from history_figures")
        assert tuple(told.values()) == ("cashless_share_count", 3, 5, 0.6)
    finally:
        await connection.close()


async def test_a_new_installation_reads_nothing_twice(empty_dsn: str, tmp_path: Path) -> None:
    connection = await first_release(empty_dsn, tmp_path, used=False)
    try:
        await migrate_all(empty_dsn, SECRET_KEY, {"adoption": MIGRATIONS})
        assert await connection.fetchval("select epoch from replay_epoch") == 1
    finally:
        await connection.close()


async def test_the_way_back_leaves_what_the_first_release_knows(empty_dsn: str, tmp_path: Path) -> None:
    connection = await first_release(empty_dsn, tmp_path, used=True)
    try:
        await migrate_all(empty_dsn, SECRET_KEY, {"adoption": MIGRATIONS})
        await pogo.rollback(connection, MIGRATIONS, schema_name="adoption", count=2)
        row = await connection.fetchrow("select key, version, numerator, denominator from metrics")
        assert tuple(row.values()) == (KEY, 4, 3, 5)
        await connection.execute("insert into notices values ('n1', 1, 'TH1', 'meals', 'p')")
        tables = await connection.fetch("select tablename from pg_tables where schemaname = 'adoption'")
        assert {"payments", "site_days", "site_windows"} <= {row["tablename"] for row in tables}
        assert not {"figures", "transfer_days", "metric_names"} & {row["tablename"] for row in tables}
    finally:
        await connection.close()
