"""XLSX workbooks as rows of text, by python-calamine; what could exhaust memory is refused before it is opened."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

UNPACKED_BYTES_MAX = 512 * 1024 * 1024
PARTS_MAX = 2_000
COLUMNS_MAX = 104
_CHUNK_BYTES = 1024 * 1024
_OVERLAP_BYTES = 256

_ZIP = b"PK\x03\x04"
_OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")
_CELL = rb'<(?:\w+:)?c [^>]{0,100}?r="'
# Beyond CZ, 104 columns. calamine lays cells in a rectangle, so one stray cell at XFD1048576 would take all memory.
_TOO_WIDE = re.compile(_CELL + rb'(?:[A-Z]{3}|[D-Z][A-Z])\d+"[^>]{0,100}(?<!/)>')
_EXACT_DIGITS_MAX = 10**15
"""Excel keeps 15 digits of a number."""


class WorkbookError(Exception):
    """The workbook cannot be read; the text says why and what to do."""


def is_workbook(content: bytes) -> bool:
    """Whether the bytes begin like a workbook, old or new, and not like text."""
    return content.startswith((_ZIP, _OLD_OFFICE))


def workbook_rows(content: bytes, *, rows_max: int) -> Iterator[Sequence[str]]:
    """The rows of the first visible sheet from its first row on, each cell as text. Raises WorkbookError."""
    if content.startswith(_OLD_OFFICE):
        raise WorkbookError("an old .xls workbook, or one with a password; save it as .xlsx without a password")
    try:
        _check_size(content, rows_max)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
        ]
        if not sheets:
            raise WorkbookError("the workbook has no visible sheet")
        rows = book.get_sheet_by_name(sheets[0]).iter_rows()
    except PasswordError as error:
        raise WorkbookError("the workbook has a password; save it without one") from error
    except (CalamineError, zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
        raise WorkbookError("the file is no readable XLSX workbook; open it and save it as .xlsx again") from error
    return ([cell_text(cell) for cell in row] for row in rows)


def cell_text(cell: Any) -> str:
    """A cell as a person would type it: dates in ISO, whole numbers without a decimal part."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, float)):
        return _number_text(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return str(cell)


def _number_text(number: float) -> str:
    if abs(number) >= _EXACT_DIGITS_MAX:
        return f"{number:.5E}"  # its last digits are lost: shown so that no reader takes it for a code
    if number == int(number):
        return str(int(number))
    text = f"{number:.10f}".rstrip("0")
    # The number 150.125 must not read like the text "150.125", which is 150 thousand.
    return text + "0" if len(text.partition(".")[2]) == 3 else text


def _check_size(content: bytes, rows_max: int) -> None:
    """Unpack piece by piece, counting, and look for cells that lie far out."""
    too_tall = re.compile(_CELL + rb'[A-Z]+(\d{%d,})"[^>]{0,100}(?<!/)>' % len(str(rows_max)))
    unpacked = 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if len(parts) > PARTS_MAX:
            raise WorkbookError("the workbook has too many parts; copy the table into a new one")
        for part in parts:
            tail = b""
            with archive.open(part) as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    unpacked += len(chunk)
                    if unpacked > UNPACKED_BYTES_MAX:
                        raise WorkbookError("the workbook is too large when unpacked; send it in parts")
                    if not part.filename.startswith("xl/worksheets/"):
                        continue
                    text = tail + chunk
                    if _TOO_WIDE.search(text):
                        raise WorkbookError("a sheet has a filled cell beyond column CZ; copy the table elsewhere")
                    if any(int(match[1]) > rows_max for match in too_tall.finditer(text)):
                        raise WorkbookError(f"a sheet has a filled cell below row {rows_max}; send the table in parts")
                    tail = text[-_OVERLAP_BYTES:]
