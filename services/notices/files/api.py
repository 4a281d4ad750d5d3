"""Imports over HTTP: a file's bytes in, the report out; with progress, line by line, for whoever can show it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic_core import to_json

from services.notices.fees.importing import import_fee_kinds
from services.notices.files.importing import Options, import_notices
from services.notices.payers.importing import import_payers
from services.notices.reports import NoticeReport
from services.notices.store import Act, new_act
from shared import clock
from shared.runtime.auth import AdminHere
from shared.runtime.postgres import PASSING_ERRORS
from shared.runtime.problems import Problem
from shared.runtime.uploads import count_rows, file_on_disk, report_response

if TYPE_CHECKING:
    from shared.runtime.postgres import Database

LINES = "application/x-ndjson"
WAITING_MAX = 4
"""Progress that nobody has read yet; more is dropped, for only the newest matters."""

Reason = Annotated[str | None, Query(max_length=200)]


def router(database: Database, identity_key: bytes) -> APIRouter:
    """POST /imports/{notices|fee-kinds|payers} with a file's bytes."""
    routes = APIRouter(tags=["imports"])

    @routes.post("/imports/notices")
    async def post_notices(
        request: Request,
        caller: AdminHere,
        site: str | None = None,
        reason: Reason = None,
        check: bool = False,
        partial: bool = False,
    ) -> Response:
        act = new_act(caller.person, "import", clock.now(), reason)
        options = Options(site, check, partial, identity_key)
        async with AsyncExitStack() as stack:
            file = await stack.enter_async_context(file_on_disk(request))
            if LINES in request.headers.get("Accept", ""):
                import_ = _Import(database, file, act, options)
                return StreamingResponse(import_.lines(stack.pop_all()), media_type=LINES)
            report = await import_notices(database, file, act, options)
        return report_response("notices", report, partial=partial)

    @routes.post("/imports/fee-kinds")
    async def post_fee_kinds(
        request: Request, _caller: AdminHere, site: str | None = None, check: bool = False, partial: bool = False
    ) -> Response:
        async with file_on_disk(request) as file:
            report = await import_fee_kinds(database, file, site, check=check, partial=partial)
        return report_response("fee-kinds", report, partial=partial)

    @routes.post("/imports/payers")
    async def post_payers(
        request: Request, _caller: AdminHere, site: str | None = None, check: bool = False, partial: bool = False
    ) -> Response:
        async with file_on_disk(request) as file:
            report = await import_payers(database, file, site, identity_key, check=check, partial=partial)
        return report_response("payers", report, partial=partial)

    return routes


class _Import:
    """An import that tells how far it is: {"rows": …, "of": …} lines, then {"report": …} or {"problem": …}."""

    def __init__(self, database: Database, file: Path, act: Act, options: Options) -> None:
        self._arguments = (database, file, act, options)
        self._told: asyncio.Queue[dict[str, int]] = asyncio.Queue(WAITING_MAX)

    async def lines(self, stack: AsyncExitStack) -> AsyncIterator[bytes]:
        """The lines; a reader who leaves ends the import, of which then nothing is stored."""
        async with stack:
            work = asyncio.create_task(import_notices(*self._arguments, self._tell))
            try:
                while not work.done():
                    telling = asyncio.create_task(self._told.get())
                    await asyncio.wait({work, telling}, return_when=asyncio.FIRST_COMPLETED)
                    if telling.done():
                        yield _line(telling.result())
                    else:
                        telling.cancel()
                yield _line(self._outcome(work))
            finally:
                work.cancel()
                await asyncio.wait({work})

    def _tell(self, done: int, rows: int) -> None:
        if not self._told.full():
            self._told.put_nowait({"rows": done, "of": rows})

    def _outcome(self, work: asyncio.Task[NoticeReport]) -> dict[str, object]:
        try:
            report = work.result()
        except Problem as problem:
            return {"problem": {"status": problem.status, "detail": problem.detail}}
        except PASSING_ERRORS:
            busy = (
                "the database is busy or another file of these sites is being imported; nothing was changed, send it again"
            )
            return {"problem": {"status": 503, "detail": busy}}
        count_rows("notices", report)
        return {"report": report.to_json()}


def _line(told: object) -> bytes:
    return to_json(told) + b"\n"
