"""GET /exports/…: a report as an XLSX file, for signing."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import IO, Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from services.reconciliation.days.api import span
from services.reconciliation.exports.reports import REPORTS, Sheet, payment_list, title_of
from services.reconciliation.exports.sheets import Title, Workbook
from services.reconciliation.people import KEEPS_BOOKS, READS, SEES_ACCOUNTS, SEES_NAMES, require_site
from shared.runtime.auth import CallerHere
from shared.runtime.postgres import Database
from shared.runtime.problems import Problem

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNK_BYTES = 64 * 1024
Report = Literal["collected", "days", "cash", "collected-for", "documents-missing"]


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
        return await _file([sheet], title, f"hoan-tra-{site_id}-{made_on.isoformat()}.xlsx")

    @routes.get("/{report}", response_class=StreamingResponse)
    async def export(
        report: Report,
        caller: CallerHere,
        site: Annotated[str, Query(min_length=1, max_length=200)],
        from_: Annotated[date | None, Query(alias="from")] = None,
        to: date | None = None,
    ) -> StreamingResponse:
        """A report of a site between two dates, both included; without dates the last 31 days."""
        require_site(caller, site, SEES_NAMES | KEEPS_BOOKS if report == "documents-missing" else READS)
        first, last = span(from_, to)
        async with database.reading() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            title = await title_of(connection, site, first, last)
            sheets = await REPORTS[report](connection, site, first, last)
        return await _file(sheets, title, f"{report}-{site}-{first.isoformat()}-{last.isoformat()}.xlsx")

    return routes


async def _file(sheets: Sequence[Sheet], title: Title | None, name: str) -> StreamingResponse:
    """The sheets as a file. Its bytes are read from a file without a name: a server that is only told a path opens it after
    everything here has ended, and what has no name needs nobody to remove it.
    """
    if title is None:
        raise Problem(404, "unknown_site", "no site has this id")
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
