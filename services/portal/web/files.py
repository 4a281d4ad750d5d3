"""Files that pages hand out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import quote

from fastapi import Response

from services.portal.web.rendering import SECURITY_HEADERS
from shared import clock


def safe_cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def csv_file(rows: Iterable[Sequence[object]], name: str) -> Response:
    """Rows with a byte-order mark, by which Excel knows UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return attachment(b"\xef\xbb\xbf" + text.getvalue().encode(), "text/csv; charset=utf-8", name)


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        # As spreadsheets read it, in Vietnam's time.
        return f"{value.astimezone(clock.LOCAL):%Y-%m-%d %H:%M:%S}"
    return "" if value is None else safe_cell(value)


def attachment(content: bytes, media_type: str, name: str) -> Response:
    """A file that the browser saves."""
    return _file(content, media_type, f"attachment; filename*=UTF-8''{quote(name)}")


def pdf(content: bytes, name: str) -> Response:
    """A PDF that the browser shows."""
    return _file(content, "application/pdf", f"inline; filename*=UTF-8''{quote(name)}")


def _file(content: bytes, media_type: str, disposition: str) -> Response:
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store", **SECURITY_HEADERS}
    return Response(content, media_type=media_type, headers=headers)
