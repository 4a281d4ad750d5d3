"""XLSX workbooks as text, by python-calamine: read in a process of its own, which a limit on memory and time ends.

calamine lays a sheet out whole, so reading takes memory by its size; a small file can unpack to a huge one. The service
only gets a CSV file for each sheet, which it reads row by row, and its own memory does not grow.
"""

from __future__ import annotations

import csv
import json
import re
import resource
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree import ElementTree as ET

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

UNPACKED_BYTES_MAX = 512 * 1024 * 1024
PARTS_MAX = 2_000
COLUMNS_MAX = 104
MEMORY_BYTES_MAX = 1536 * 1024 * 1024
"""Of the reading process. 150,000 rows of 18 columns take 300 MB (measured)."""
SECONDS_MAX = 60
FORMULA_ERROR = "#ERROR!"
"""Stands in a cell whose formula ended in an error; calamine leaves such cells empty, which would hide it."""

_CHUNK_BYTES = 1024 * 1024
_OVERLAP_BYTES = 256
_ZIP = b"PK\x03\x04"
_OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")
_CELL = rb'<(?:\w+:)?c [^>]{0,100}?r="'
# Beyond CZ, 104 columns. calamine lays cells in a rectangle, so one stray cell at XFD1048576 would take all memory.
_TOO_WIDE = re.compile(_CELL + rb'(?:[A-Z]{3}|[D-Z][A-Z])\d+"[^>]{0,100}(?<!/)>')
_TAG = re.compile(rb"<(?:\w+:)?c ([^>]{1,100})>")
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_ERRORS_MAX = 10_000
_MERGED_MAX, _MERGED_ROWS_MAX = 10_000, 200
_EXACT_DIGITS_MAX = 10**15
"""Excel keeps 15 digits of a number."""
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BROKEN = "the file is no readable XLSX workbook; open it and save it as .xlsx again"
_OUTGROWN = "the workbook is too large when opened; send it in parts"


class WorkbookError(Exception):
    """The workbook cannot be read; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class SheetFile:
    """A visible sheet, written out as CSV in UTF-8 from its first row on."""

    name: str
    path: Path


def is_workbook(start: bytes) -> bool:
    """Whether a file begins like a workbook, old or new, and not like text."""
    return start.startswith((_ZIP, _OLD_OFFICE))


def unpack_workbook(file: Path, folder: Path, *, rows_max: int, sheets_max: int = 1) -> list[SheetFile]:
    """Write the first visible sheets into a folder. Raises WorkbookError."""
    with file.open("rb") as stream:
        if stream.read(8).startswith(_OLD_OFFICE):
            raise WorkbookError("an old .xls workbook, or one with a password; save it as .xlsx without a password")
    _check_parts(file)
    command = [sys.executable, "-m", __name__, str(file), str(folder), str(rows_max), str(sheets_max)]
    try:
        # Without this process's environment, which holds secrets.
        done = subprocess.run(command, capture_output=True, env={}, timeout=SECONDS_MAX, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise WorkbookError(_OUTGROWN) from error
    try:
        told = json.loads(done.stdout)
    except ValueError as error:  # it was ended: by its memory limit, as a rule
        raise WorkbookError(_OUTGROWN) from error
    if "problem" in told:
        raise WorkbookError(told["problem"])
    return [SheetFile(name, folder / f"{number}.csv") for number, name in enumerate(told["sheets"])]


def first_sheet(content: bytes, *, rows_max: int) -> list[list[str]]:
    """The rows of a small workbook's first visible sheet. Raises WorkbookError."""
    with tempfile.TemporaryDirectory(prefix="khop-workbook-") as folder:
        file = Path(folder) / "workbook.xlsx"
        file.write_bytes(content)
        [sheet] = unpack_workbook(file, Path(folder), rows_max=rows_max)
        with sheet.path.open(encoding="utf-8", newline="") as text:
            return list(csv.reader(text))


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


def _check_parts(file: Path) -> None:
    """What the table of contents already says: a broken file, macros, a workbook that unpacks too far."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
        raise WorkbookError(_BROKEN) from error
    if any(PurePosixPath(part.filename).name.lower() == "vbaproject.bin" for part in parts):
        raise WorkbookError("the workbook holds macros; save it as .xlsx, which has none")
    if len(parts) > PARTS_MAX:
        raise WorkbookError("the workbook has too many parts; copy the table into a new one")
    if sum(part.file_size for part in parts) > UNPACKED_BYTES_MAX:
        raise WorkbookError("the workbook is too large when unpacked; send it in parts")


# From here on in the reading process.


def _unpack(file: Path, folder: Path, rows_max: int, sheets_max: int) -> list[str]:
    try:
        errors = _scan(file, rows_max)
        book = CalamineWorkbook.from_path(file)
        names = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
        ]
        if not names:
            raise WorkbookError("the workbook has no visible sheet")
        for number, name in enumerate(names[:sheets_max]):
            with (folder / f"{number}.csv").open("w", encoding="utf-8", newline="") as target:
                csv.writer(target).writerows(_rows(book, name, errors.get(name, {})))
    except PasswordError as error:
        raise WorkbookError("the workbook has a password; save it without one") from error
    except (
        CalamineError, ET.ParseError, zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, KeyError,
    ) as error:  # fmt: skip
        raise WorkbookError(_BROKEN) from error
    return names[:sheets_max]


def _rows(book: CalamineWorkbook, name: str, errors: Mapping[int, Sequence[int]]) -> Iterator[list[str]]:
    """A sheet's rows, from its first row and column on: a cell stands where its sender sees it."""
    sheet = book.get_sheet_by_name(name)
    left = sheet.start[1] if sheet.start else 0
    merged = _merged_downwards(sheet)
    carried: dict[int, str] = {}
    for number, row in enumerate(sheet.iter_rows()):
        cells = [""] * left + [cell_text(cell) for cell in row]
        for column in errors.get(number, ()):
            if column < len(cells):
                cells[column] = FORMULA_ERROR
        for column, is_first in merged.get(number, ()):
            if not left <= column < len(cells):
                continue
            if is_first:
                carried[column] = "" if isinstance(row[column - left], (int, float)) else cells[column]
            elif not cells[column]:
                cells[column] = carried.get(column, "")
        yield cells


def _merged_downwards(sheet: CalamineSheet) -> dict[int, list[tuple[int, bool]]]:
    """For each row the columns that are merged over several rows, and whether it is the first of them.

    What is written once beside several rows (a class, a payer) is meant for each of them; a number is not, for a sum
    over two rows would be asked twice.
    """
    found: dict[int, list[tuple[int, bool]]] = {}
    for (first, column), (last, _) in islice(sheet.merged_cell_ranges or (), _MERGED_MAX):
        if first == last:
            continue
        for number in range(first, min(last, first + _MERGED_ROWS_MAX) + 1):
            found.setdefault(number, []).append((column, number == first))
    return found


def _scan(file: Path, rows_max: int) -> dict[str, dict[int, list[int]]]:
    """Unpack piece by piece, counting; refuse cells far out. Returns where formulas ended in errors, by sheet and row."""
    too_tall = re.compile(_CELL + rb'[A-Z]+(\d{%d,})"[^>]{0,100}(?<!/)>' % len(str(rows_max)))
    unpacked = 0
    errors: dict[str, dict[int, list[int]]] = {}
    with zipfile.ZipFile(file) as archive:
        names = _sheet_names(archive)
        for part in archive.infolist():
            tail = b""
            found: dict[int, list[int]] = {}
            with archive.open(part) as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    unpacked += len(chunk)
                    if unpacked > UNPACKED_BYTES_MAX:  # the table of contents may lie
                        raise WorkbookError("the workbook is too large when unpacked; send it in parts")
                    if not part.filename.startswith("xl/worksheets/"):
                        continue
                    text = tail + chunk
                    if _TOO_WIDE.search(text):
                        raise WorkbookError("a sheet has a filled cell beyond column CZ; copy the table elsewhere")
                    if any(int(match[1]) > rows_max for match in too_tall.finditer(text)):
                        raise WorkbookError(f"a sheet has a filled cell below row {rows_max}; send the table in parts")
                    if b't="e"' in text:
                        _note_errors(text, found)
                    tail = text[-_OVERLAP_BYTES:]
            if part.filename in names:
                errors[names[part.filename]] = found
    return errors


def _sheet_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """The sheets' names by the parts that hold them."""
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - limited memory and time
    targets = {each.get("Id"): str(PurePosixPath("xl") / (each.get("Target") or "")).lstrip("/") for each in relations}
    book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - as above
    sheets = [each for each in book.iter() if each.tag.endswith("}sheet")]
    return {targets.get(each.get(_RELATION), ""): each.get("name") or "" for each in sheets}


def _note_errors(text: bytes, found: dict[int, list[int]]) -> None:
    tags = (match[1] for match in _TAG.finditer(text) if b't="e"' in match[1])
    for tag in islice(tags, _ERRORS_MAX):
        if place := _PLACE.search(tag):
            columns = found.setdefault(int(place[2]) - 1, [])
            column = _column_number(place[1])
            if column not in columns:
                columns.append(column)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def main() -> None:
    """Read a workbook as `unpack_workbook` asks: FILE FOLDER ROWS_MAX SHEETS_MAX; says on stdout what came of it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX))
    file, folder, rows_max, sheets_max = sys.argv[1:]
    try:
        told: dict[str, Any] = {"sheets": _unpack(Path(file), Path(folder), int(rows_max), int(sheets_max))}
    except WorkbookError as error:
        told = {"problem": str(error)}
    except MemoryError:
        told = {"problem": _OUTGROWN}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
