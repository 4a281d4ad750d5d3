"""The tables of transfer fees and of context: taken from files, kept through replays, and told again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic

from services.adoption.tables import CONTEXT, TRANSFER_FEES, Kind, Priced, R, Told, columns_of
from shared.runtime.postgres import Connection, Database
from shared.runtime.tables import ImportReport, TableError, read_table

# Two imports at once would compare with the same old rows.
ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtext('adoption/imports'))"

# Both tables are short: read whole.
ALL_FEES = "select * from transfer_fees order by bank, provider, valid_from, amount_from, fee"
ALL_TOLD = "select * from context order by unit_code, measure, as_of"

# By the primary key.
PUT_FEES = """
insert into transfer_fees
select * from unnest(
  $1::text[], $2::text[], $3::date[], $4::date[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[], $9::boolean[]
)
on conflict (bank, provider, valid_from, amount_from, fee) do update set
  valid_to = excluded.valid_to, amount_to = excluded.amount_to, source = excluded.source, assumed = excluded.assumed
"""
PUT_TOLD = """
insert into context select * from unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::text[], $6::boolean[])
on conflict (unit_code, measure, as_of) do update set
  value = excluded.value, source = excluded.source, assumed = excluded.assumed
"""

# Every transfer from the first changed day on is priced again, as the refresh comes to it. By transfers_by_day.
PRICE_AGAIN = "insert into changes (what, entity_id) select 'credit', credit_id from transfers where day >= $1"


@dataclass(frozen=True, slots=True)
class _Stored(Generic[R]):
    """How a kind of table is stored."""

    kind: Kind[R]
    all_rows: str
    put: str
    row: type[R]


FEES = _Stored(TRANSFER_FEES, ALL_FEES, PUT_FEES, Priced)
TOLD = _Stored(CONTEXT, ALL_TOLD, PUT_TOLD, Told)


async def run_import(database: Database, stored: _Stored[R], content: bytes, *, check: bool, partial: bool) -> ImportReport:
    """Import a file: all of it or, unless `partial`, nothing; `check` stores nothing and reports what would happen."""
    try:
        # In a thread: a large file must not keep the process from answering.
        rows, rejected = await asyncio.to_thread(lambda: stored.kind.parse(read_table(content, stored.kind.columns)))
    except TableError as error:
        return ImportReport(0, 0, error.rejected)
    async with database.transaction() as connection:
        await connection.execute(ONE_AT_A_TIME)
        known = {each.key: each for each in await _all(connection, stored)}
        changed = [each for each in rows if known.get(each.key) != each]
        report = ImportReport(len(changed), len(rows) - len(changed), rejected)
        if rejected and not partial:
            return ImportReport(0, report.unchanged, rejected)
        if changed and not check:
            await connection.execute(stored.put, *columns_of(changed))
            first = _first_day(changed)
            if first is not None:
                await connection.execute(PRICE_AGAIN, first)
    return report


async def transfer_fees(connection: Connection) -> list[Priced]:
    """The table of fees."""
    return await _all(connection, FEES)


async def _all(connection: Connection, stored: _Stored[R]) -> list[R]:
    make: Any = stored.row
    return [make(*row.values()) for row in await connection.fetch(stored.all_rows)]


def _first_day(changed: Sequence[Priced | Told]) -> date | None:
    """The first day whose transfers cost something else now."""
    return min((each.valid_from for each in changed if isinstance(each, Priced)), default=None)
