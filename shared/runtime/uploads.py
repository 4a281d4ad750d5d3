"""The HTTP side of imports: a file as a request's body, and the report as its answer."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from fastapi.responses import JSONResponse, Response
from prometheus_client import Counter
from starlette.requests import Request

from shared.runtime.problems import Problem
from shared.runtime.tables import BYTES_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.runtime.tables import Rejected

IMPORTED_ROWS = Counter("khop_import_rows_total", "Rows of imported files, by what became of them.", ["kind", "outcome"])


class Report(Protocol):
    """What an import did, or would do."""

    @property
    def accepted(self) -> int:
        """Rows that changed something."""
        ...

    @property
    def unchanged(self) -> int:
        """Rows that changed nothing."""
        ...

    @property
    def rejected(self) -> Sequence[Rejected]:
        """What was refused."""
        ...

    def to_json(self) -> dict[str, Any]:
        """As INTERFACES §1 shows it."""
        ...


async def uploaded_file(request: Request, *, or_form: bool = False) -> bytes:
    """The body of a small file, in memory; raises Problem 413 beyond the limit, and 415 where it is a form unasked for."""
    async with file_on_disk(request, or_form=or_form) as file:
        return file.read_bytes()


@asynccontextmanager
async def file_on_disk(request: Request, *, or_form: bool = False) -> AsyncIterator[Path]:
    """The body as a file that lasts as long as the block; raises Problem 413 beyond the limit, 415 as `uploaded_file`."""
    too_large = Problem(413, "file_too_large", f"the file is larger than {BYTES_MAX // 2**20} MiB; send it in parts")
    if not or_form and request.headers.get("Content-Type", "").startswith("multipart/"):
        raise Problem(415, "no_form", "send the file itself as the request's body, not a form that holds it")
    if int(request.headers.get("Content-Length") or 0) > BYTES_MAX:
        raise too_large
    with tempfile.NamedTemporaryFile(prefix="khop-upload-") as file:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > BYTES_MAX:
                raise too_large
            file.write(chunk)
        file.flush()
        yield Path(file.name)


def count_rows(kind: str, report: Report) -> None:
    """Count what became of a file's rows."""
    IMPORTED_ROWS.labels(kind, "accepted").inc(report.accepted)
    IMPORTED_ROWS.labels(kind, "unchanged").inc(report.unchanged)
    IMPORTED_ROWS.labels(kind, "rejected").inc(len(report.rejected))


def report_response(kind: str, report: Report, *, partial: bool) -> Response:
    """200 with the report; a problem of status 422 that holds it where something was rejected and nothing was stored for it."""
    count_rows(kind, report)
    if not report.rejected or partial:
        return JSONResponse(report.to_json())
    first = report.rejected[0]
    detail = f"row {first.row}, column {first.column}: {first.problem}"
    return Problem(422, "rows_rejected", detail, **report.to_json()).response()
