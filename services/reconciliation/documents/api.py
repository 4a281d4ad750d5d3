"""Documents: importing the issuing software's list, and what is paid and has none yet."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from services.reconciliation.days.api import span
from services.reconciliation.days.closing import require_complete
from services.reconciliation.documents import store
from services.reconciliation.documents.importing import COLUMNS, lay, parse
from services.reconciliation.paging import After, Limit, Page, date_and_id, page_of
from services.reconciliation.people import KEEPS_BOOKS, KEEPS_CASH, READS, SEES_NAMES, require_site
from shared import clock
from shared.privacy import PayerCode, PersonName
from shared.runtime.auth import Caller, CallerHere
from shared.runtime.postgres import Database
from shared.runtime.problems import Problem
from shared.runtime.tables import ImportReport, TableError, read_table
from shared.runtime.uploads import report_response, uploaded_file

SiteId = Annotated[str, Query(min_length=1, max_length=200)]


def router(database: Database) -> APIRouter:
    """The routes of documents."""
    routes = APIRouter(tags=["documents"])

    @routes.post("/imports/documents")
    async def import_documents(
        request: Request, caller: CallerHere, site: SiteId, check: bool = False, partial: bool = False
    ) -> Response:
        """Take the list that the issuing software exports (CSV or XLSX): numbers laid to notices; all of it or nothing."""
        require_site(caller, site, KEEPS_BOOKS | KEEPS_CASH)
        report = await _import(database, await uploaded_file(request), site, caller, check=check, partial=partial)
        return report_response("documents", report, partial=partial)

    @routes.get("/documents")
    async def listed(
        caller: CallerHere,
        site: SiteId,
        notice_id: Annotated[str | None, Query(max_length=200)] = None,
        after: After = "",
        limit: Limit = 50,
    ) -> Page:
        """The documents of a site, or of one notice."""
        require_site(caller, site, READS)
        begin = (*after.split("~"), "", "", "")[:3]
        async with database.reading() as connection:
            rows = await store.listed(connection, site, notice_id, (begin[0], begin[1], begin[2]), limit + 1)
        return page_of(rows, limit, "notice_id", "series", "number")

    @routes.get("/documents/missing")
    async def missing(
        caller: CallerHere,
        site: SiteId,
        from_: Annotated[date | None, Query(alias="from")] = None,
        to: date | None = None,
        after: After = "",
        limit: Limit = 50,
    ) -> Page:
        """Notices issued within the dates that are paid and have no document yet (đã thu, chưa xuất chứng từ)."""
        require_site(caller, site, READS)
        (first, last), begin = span(from_, to), date_and_id(after)
        async with database.reading() as connection:
            rows = await store.missing(connection, site, first, last, begin, limit + 1)
        return page_of([shown_payer(row, caller) for row in rows], limit, "issued_on", "notice_id")

    return routes


async def _import(
    database: Database, content: bytes, site: str, caller: Caller, *, check: bool, partial: bool
) -> ImportReport:
    try:
        # In a thread: a large file must not keep the process from answering.
        rows, rejected = await asyncio.to_thread(lambda: parse(read_table(content, COLUMNS)))
    except TableError as error:
        return ImportReport(0, 0, error.rejected)
    async with database.transaction() as connection:
        await require_complete(connection)
        if not await connection.fetchval("select exists (select from sites where site_id = $1)", site):
            raise Problem(404, "unknown_site", "no site has this id")
        laid, refused = lay(rows, await store.candidates(connection, site, rows))
        rejected = sorted([*rejected, *refused], key=lambda each: (each.row, each.column))
        if rejected and not partial:
            laid = []
        transaction = connection.transaction()
        await transaction.start()
        changed = await store.put(connection, site, laid, caller.person, clock.now())
        if check:
            await transaction.rollback()
        else:
            await transaction.commit()
    accepted = sum((row.series, row.number) in changed for row in laid)
    return ImportReport(accepted, len(laid) - accepted, rejected)


def shown_payer(row: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """A row about a payer as this caller may see it."""
    if caller.role in SEES_NAMES:
        return row
    name, code = row["payer_name"], row["payer_code"]
    return {
        **row,
        "payer_name": None if name is None else PersonName(name).masked(),
        "payer_code": None if code is None else PayerCode(code).masked(),
    }
