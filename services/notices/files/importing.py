"""An import of notices from file to report: read, decide and store chunk by chunk, in one transaction.

Nothing here grows with the file. A check, and a file with a rejected row, take the same way and are rolled back at its end:
what is told of them is what would have happened.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import structlog

from services.notices.issuing import ROWS_AT_ONCE, Issuer
from services.notices.notice_rows import NoticeParser, NoticeRow, columns_for
from services.notices.reports import NoticeReport
from services.notices.store import Act
from shared.runtime.tables import Entry, Rejected, TableError, TableFile, open_table

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection, Database

log = structlog.get_logger()

DEADLOCK_TRIES = 3

# The rows of the file so far, by id: the same id twice in a file is refused, however far apart.
CLAIMS = 'create temp table claimed (notice_id text collate "C" primary key, row_number bigint not null) on commit drop'
CLAIM = """
with new as (select * from unnest($1::text[], $2::bigint[]) as new (notice_id, row_number)),
     won as (insert into claimed select * from new on conflict do nothing returning notice_id)
select claimed.notice_id, claimed.row_number from claimed join new using (notice_id)
where notice_id not in (select notice_id from won)
"""

Progress = Callable[[int, int], None]
"""(rows done, rows of the file)"""


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is to be imported."""

    site: str | None
    """The site of rows that name none."""
    check: bool
    partial: bool
    identity_key: bytes


class _NotKeptError(Exception):
    """Ends a transaction of which nothing shall remain."""


async def import_notices(
    database: Database, file: Path, act: Act, options: Options, progress: Progress = lambda _done, _of: None
) -> NoticeReport:
    """Import notices: the whole file or, unless `partial`, nothing."""
    started = time.perf_counter()
    with ExitStack() as stack:
        try:
            # In a thread: a large file must not keep the process from consuming and answering.
            opened = open_table(file, columns_for(options.site))
            table = await asyncio.to_thread(stack.enter_context, opened)
        except TableError as error:
            return NoticeReport(rejected=list(error.rejected))
        report = await _import_table(database, table, act, options, progress)
    log.info("notices_imported", accepted=report.accepted, unchanged=report.unchanged, rejected=len(report.rejected),
             check=options.check, seconds=round(time.perf_counter() - started, 2))  # fmt: skip
    return report


async def _import_table(
    database: Database, table: TableFile, act: Act, options: Options, progress: Progress
) -> NoticeReport:
    """Again from the start after a deadlock: two files that name the same sites in another order lock each other out."""
    for attempt in range(1, DEADLOCK_TRIES + 1):
        report = NoticeReport()
        try:
            async with database.transaction() as connection:
                await _issue_all(connection, table, act, options, report, progress)
                if options.check or (report.rejected and not options.partial):
                    raise _NotKeptError  # noqa: TRY301 - the way to roll back
        except _NotKeptError:
            if report.rejected and not options.partial:
                report.nothing_kept()
        except asyncpg.DeadlockDetectedError:
            if attempt == DEADLOCK_TRIES:
                raise
            continue
        return report
    raise AssertionError("the loop returns or raises")


async def _issue_all(
    connection: Connection, table: TableFile, act: Act, options: Options, report: NoticeReport, progress: Progress
) -> None:
    parser = NoticeParser(options.site, options.identity_key)
    await connection.execute(CLAIMS)
    issuer = Issuer(connection, act, publish=not options.check)
    chunks = table.chunks(ROWS_AT_ONCE)
    done = 0
    reading = asyncio.create_task(asyncio.to_thread(_read_chunk, chunks, parser))
    try:
        while (chunk := await reading) is not None:
            # The next chunk is read while the database works on this one.
            reading = asyncio.create_task(asyncio.to_thread(_read_chunk, chunks, parser))
            rows, rejected = await _first_of_each(connection, chunk.rows)
            plan = await issuer.issue(rows, table.columns)
            plan.rejected += [*chunk.rejected, *rejected]
            report.add(plan)
            done += chunk.size
            progress(done, table.row_count)
            if report.is_full and not options.partial:
                return
    finally:
        await asyncio.wait({reading})


@dataclass(frozen=True, slots=True)
class _Chunk:
    size: int
    rows: list[NoticeRow]
    rejected: list[Rejected]


def _read_chunk(chunks: Iterator[list[Entry]], parser: NoticeParser) -> _Chunk | None:
    entries = next(chunks, None)
    return None if entries is None else _Chunk(len(entries), *parser.parse(entries))


async def _first_of_each(connection: Connection, rows: Sequence[NoticeRow]) -> tuple[list[NoticeRow], list[Rejected]]:
    """The rows whose notice the file has not named before, and the refusal of the others."""
    first: dict[str, NoticeRow] = {}
    for row in rows:
        first.setdefault(row.notice_id, row)
    claimed = await connection.fetch(CLAIM, list(first), [row.row for row in first.values()])
    earlier = {each["notice_id"]: each["row_number"] for each in claimed}
    kept, rejected = [], []
    for row in rows:
        named_in = earlier.get(row.notice_id) or first[row.notice_id].row
        if named_in == row.row:
            kept.append(row)
        else:
            rejected.append(Rejected(row.row, "notice_id", f"the same as in row {named_in}"))
    return kept, rejected
