"""The statements of the day book find their rows by indexes however much there is; read whole, tables outgrow their time limit."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from services.reconciliation.days import figures, findings, late, queries, store
from tests.integration.reconciliation_book import Book, fresh_book

BIG = {"transactions", "credits", "allocations", "days", "bookings", "placements"}

# Twenty sites over two hundred days: money by bank and in cash, every third movement found late.
FILL = """
insert into transactions (transaction_id, version, site_id, account, day, direction, amount, counts, occurred_at, is_on_webhook,
  is_on_statement)
select 't' || n, 1, 'S' || n % 20, 'A' || n % 20, date '2026-01-01' + n / 100, 'in', 1000, true,
  timestamptz '2026-01-01 02:00Z' + n / 100 * interval '1 day', true, false
from generate_series(0, 19999) n;
insert into credits (credit_id, version, site_id, account, channel, direction, day, amount, allocated, suspense, occurred_at,
  status, reason, unidentified, balance, to_return, returned, not_a_fee)
select case n % 2 when 0 then 't' else 'c' end || n / 2, 1, 'S' || n / 2 % 20, case n % 2 when 0 then 'A' || n / 2 % 20 end,
  case n % 2 when 0 then 'bank' else 'cash' end, 'in', date '2026-01-01' + n / 200, 1000, 1000, 0,
  timestamptz '2026-01-01 02:00Z' + n / 200 * interval '1 day', 'matched', 'reference', 0, 0, 0, 0, 0
from generate_series(0, 39999) n;
insert into placements (item_id, site_id, account, day, home_day)
select 'c' || n, 'S' || n % 20, 'cash', date '2026-01-02' + n / 100, date '2026-01-01' + n / 100
from generate_series(0, 19999, 3) n;
insert into bookings select item_id, site_id, account, day, home_day, 0, 0, 0, 0, 1000, 0 from placements;
insert into days (key, site_id, account, day, version, state, entity)
select s || '/' || a || '/' || d, 'S' || s, a, date '2026-01-01' + d, 1, 'open', '{"credits": 1000, "debits": 0}'
from generate_series(0, 19) s, generate_series(0, 199) d, unnest(array['cash', 'A' || s]) a;
"""
STATEMENTS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": getattr(module, name)
    for module, names in (
        (figures, ("SUMS", "STATEMENTS", "MOVEMENTS", "CASH_BEFORE")),
        (findings, ("MOVEMENTS", "SUSPENSE")),
        (late, ("PLACE", "PLACED", "BOOK", "UNBOOK", "END_PLACEMENTS")),
        (queries, ("LATE_ITEMS",)),
        (store, ("CLAIM", "TOUCH_AROUND", "TOUCH_NEXT", "TOUCH_BOXES")),
    )
    for name in names
}


@pytest.fixture(scope="module")
async def book(postgres_dsn: str) -> AsyncIterator[Book]:
    async with fresh_book(postgres_dsn) as made:
        async with made.database.pool.acquire() as connection:
            await connection.execute(FILL)
            name = await connection.fetchval("select current_database()")
        owner = await asyncpg.connect(urlunsplit(urlsplit(postgres_dsn)._replace(path=f"/{name}")))
        await owner.execute("; ".join(f"analyze reconciliation.{table}" for table in sorted(BIG)))
        await owner.close()
        yield made


@pytest.mark.parametrize("name", STATEMENTS)
async def test_no_statement_reads_a_big_table_whole(book: Book, name: str) -> None:
    query = STATEMENTS[name]
    async with book.database.pool.acquire() as connection, connection.transaction():
        await connection.execute("set local plan_cache_mode = force_generic_plan")
        await connection.execute(f"prepare probe as {query}")
        values = ", ".join(["null"] * max(map(int, re.findall(r"[$]([0-9]+)", query))))
        plan = json.loads(await connection.fetchval(f"explain (format json) execute probe({values})"))
        await connection.execute("deallocate probe")
    assert sorted(whole_reads(plan[0]["Plan"])) == []


def whole_reads(node: dict[str, Any]) -> Iterator[str]:
    """Big tables that a plan reads whole."""
    if node["Node Type"] == "Seq Scan" and node["Relation Name"] in BIG:
        yield node["Relation Name"]
    for each in node.get("Plans", ()):
        yield from whole_reads(each)
