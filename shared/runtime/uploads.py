"""The HTTP side of imports: a file as a request's body, and the report as its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.responses import JSONResponse
from prometheus_client import Counter
from starlette.requests import Request

from shared.runtime.problems import Problem
from shared.runtime.tables import BYTES_MAX

if TYPE_CHECKING:
    from shared.runtime.tables import ImportReport

IMPORTED_ROWS = Counter("khop_import_rows_total", "Rows of imported files, by what became of them.", ["kind", "outcome"])


async def uploaded_file(request: Request) -> bytes:
    """The body, read up to the limit; raises Problem 413 beyond it."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > BYTES_MAX:
            raise Problem(413, "file_too_large", f"the file is larger than {BYTES_MAX // 2**20} MiB; send it in parts")
    return bytes(content)


def report_response(kind: str, report: ImportReport, *, partial: bool) -> JSONResponse:
    """200 with the report; 422 with the same body where something was rejected and nothing was stored for it."""
    IMPORTED_ROWS.labels(kind, "accepted").inc(report.accepted)
    IMPORTED_ROWS.labels(kind, "unchanged").inc(report.unchanged)
    IMPORTED_ROWS.labels(kind, "rejected").inc(len(report.rejected))
    return JSONResponse(report.to_json(), 422 if report.rejected and not partial else 200)
