"""GET /exports/…: a report as an XLSX file, for signing, and as its rows, for pages and other files; all that a site owns."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import IO, Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from services.reconciliation.days.api import span
from services.reconciliation.exports.everything import PAGE_MAX, Rows, rows_of
from services.reconciliation.exports.reports import REPORTS, Sheet, payment_list, title_of
from services.reconciliation.exports.sheets import SIGNATURES, Kind, Title, Workbook, sums_of, words_line
from services.reconciliation.paging import After
from services.reconciliation.people import KEEPS_BOOKS, READS, SEES_ACCOUNTS, SEES_NAMES, require_site
from shared.runtime.auth import Caller, CallerHere
from shared.runtime.postgres import Database
from shared.runtime.problems import Problem

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNK_BYTES = 64 * 1024
Report = Literal["collected", "days", "cash", "collected-for", "documents-missing"]
OwnTable = Literal["days", "discrepancies", "shifts", "refunds", "remittances", "documents", "closes"]
Site = Annotated[str, Query(min_length=1, max_length=200)]
FromDay = Annotated[date | None, Query(alias="from")]


class Heading(BaseModel):
    """A column of a table; people stand in it by the ids of their accounts, parted by commas."""

    name: str
    kind: Kind


class Table(BaseModel):
    """A sheet's rows; days and moments are written as RFC 3339 has them, amounts are đồng."""

    name: str
    columns: list[Heading]
    rows: list[list[Any]]
    totals: list[int | None]
    """By column; null where a column has none."""
    in_words: str | None
    """The total that is signed, in words."""


class Tables(BaseModel):
    """A report's tables, and who signs below them."""

    tables: list[Table]
    signatures: list[str]


def router(database: Database) -> APIRouter:
    """The routes of exports."""
    routes = APIRouter(prefix="/exports", tags=["exports"])

    @routes.get("/payment-lists/{list_id}", response_class=StreamingResponse)
    async def export_list(list_id: str, caller: CallerHere) -> StreamingResponse:
        """A payment list with whole account numbers, to be entered at the bank."""
        async with database.reading() as connection:
            found = await payment_list(connection, list_id)
            if found is None:
                raise Problem(404, "unknown_list", "there is no such payment list")
            site_id, made_on, sheet = found
            require_site(caller, site_id, SEES_ACCOUNTS)
            title = await title_of(connection, site_id, made_on, made_on)
            if title is None:
                raise Problem(404, "unknown_site", "no site has this id")
        return await _file([sheet], title, f"hoan-tra-{site_id}-{made_on.isoformat()}.xlsx")

    @routes.get("/all/{table}")
    async def everything(
        table: OwnTable,
        caller: CallerHere,
        site: Site,
        after: After = "",
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE_MAX,
    ) -> Rows:
        """All rows of a table that a site owns, page by page; payers' accounts and names stand in some."""
        require_site(caller, site, KEEPS_BOOKS & SEES_ACCOUNTS)
        async with database.reading() as connection:
            return await rows_of(connection, table, site, after, limit)

    @routes.get("/{report}", response_class=StreamingResponse)
    async def export(
        report: Report,
        caller: CallerHere,
        site: Site,
        from_: FromDay = None,
        to: date | None = None,
    ) -> StreamingResponse:
        """A report of a site between two dates, both included; without dates the last 31 days."""
        first, last = span(from_, to)
        title, sheets = await _report(database, caller, report, site, first, last)
        return await _file(sheets, title, f"{report}-{site}-{first.isoformat()}-{last.isoformat()}.xlsx")

    @routes.get("/{report}/rows")
    async def rows(report: Report, caller: CallerHere, site: Site, from_: FromDay = None, to: date | None = None) -> Tables:
        """The rows of the same report."""
        first, last = span(from_, to)
        _, sheets = await _report(database, caller, report, site, first, last)
        return Tables(tables=[_table(sheet) for sheet in sheets], signatures=list(SIGNATURES))

    return routes


async def _report(
    database: Database, caller: Caller, report: Report, site: str, first: date, last: date
) -> tuple[Title, Sequence[Sheet]]:
    """A report's title and sheets, all of one moment; raises Problem."""
    require_site(caller, site, SEES_NAMES | KEEPS_BOOKS if report == "documents-missing" else READS)
    async with database.reading() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        title = await title_of(connection, site, first, last)
        if title is None:
            raise Problem(404, "unknown_site", "no site has this id")
        return title, await REPORTS[report](connection, site, first, last)


def _table(sheet: Sheet) -> Table:
    totals = sums_of(sheet.columns, sheet.rows)
    return Table(
        name=sheet.name, columns=[Heading(name=column.heading, kind=column.kind) for column in sheet.columns],
        rows=[list(row) for row in sheet.rows], totals=totals,
        in_words=None if sheet.words_of is None else words_line(totals[sheet.words_of]),
    )  # fmt: skip


async def _file(sheets: Sequence[Sheet], title: Title, name: str) -> StreamingResponse:
    """The sheets as a file. Its bytes are read from a file without a name: a server that is only told a path opens it after
    everything here has ended, and what has no name needs nobody to remove it.
    """
    # In a thread: a large workbook must not keep the process from consuming and answering.
    made, size = await asyncio.to_thread(_write, sheets, title)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Content-Length": str(size)}
    return StreamingResponse(_read(made), media_type=XLSX, headers=headers)


def _write(sheets: Sequence[Sheet], title: Title) -> tuple[IO[bytes], int]:
    """The workbook, open at its start, and its size in bytes."""
    made = tempfile.TemporaryFile(prefix="khop-export-")  # noqa: SIM115 -- whoever reads it closes it
    try:
        with Workbook(made) as book:
            for sheet in sheets:
                book.add(sheet.name, replace(title, title=sheet.title), sheet.columns, sheet.rows, sheet.words_of)
        size = made.seek(0, os.SEEK_END)
        made.seek(0)
    except BaseException:
        made.close()
        raise
    return made, size


def _read(made: IO[bytes]) -> Iterator[bytes]:
    with made:
        while chunk := made.read(CHUNK_BYTES):
            yield chunk
