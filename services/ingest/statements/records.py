"""The rows of a file, CSV or XLSX, before anybody knows what they mean. Pure but for memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from services.ingest.statements.cells import CellError, read_amount
from services.ingest.statements.layouts import GENERAL, Field
from services.ingest.statements.model import Fault, StatementError
from shared.runtime.workbooks import WorkbookError, first_sheet

ROWS_MAX = 150_000
HEADER_ROWS_MAX = 80
"""The heading is looked for in this many first rows: exports begin with a bank's letterhead."""

_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Record:
    """A row of the file."""

    number: int
    cells: Sequence[str]


class CellFaultError(Exception):
    """A cell of a row that cannot be right."""

    def __init__(self, column: str, problem: str) -> None:
        super().__init__(problem)
        self.column = column
        self.problem = problem


def cell_of(record: Record, columns: Mapping[Field, int], field: Field) -> str:
    """What stands under a field's heading; empty where there is none."""
    place = columns.get(field)
    return record.cells[place].strip() if place is not None and place < len(record.cells) else ""


def number_of(record: Record, columns: Mapping[Field, int], field: Field) -> int | None:
    """The amount under a field's heading; raises CellFaultError."""
    try:
        return read_amount(cell_of(record, columns, field))
    except CellError as error:
        raise CellFaultError(field, str(error)) from error


def records_of_workbook(content: bytes) -> Iterator[Record]:
    """The rows of an XLSX workbook's first sheet; raises StatementError."""
    try:
        for number, cells in enumerate(first_sheet(content, rows_max=ROWS_MAX), start=1):
            yield Record(number, cells)
    except WorkbookError as error:
        raise StatementError(Fault(1, "file", str(error))) from error


def records_of_text(content: bytes) -> Iterator[Record]:
    """The rows of a CSV file, whatever separates its cells; raises StatementError."""
    text = _decoded(content)
    delimiter = max(_DELIMITERS, key=lambda each: _columns_under(text, each))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if number > ROWS_MAX:
                raise StatementError(Fault(number, "file", f"the file has more than {ROWS_MAX} rows; send it in parts"))
            yield Record(number, cells)
    except csv.Error as error:
        problem = "the quotation marks of this row do not pair up; the file may be cut short"
        raise StatementError(Fault(number + 1, "file", problem)) from error


def _decoded(content: bytes) -> str:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        problem = "neither XLSX, MT940, CAMT.053 nor text in UTF-8; save it as .xlsx or as “CSV UTF-8”"
        raise StatementError(Fault(row, "file", problem)) from error
    if "\0" in text:
        raise StatementError(Fault(1, "file", "the file holds zero bytes: it is no text"))
    return text


def _columns_under(text: str, delimiter: str) -> int:
    """How many columns of a statement are recognised where this separates the cells."""
    sample = csv.reader(io.StringIO(text[: 64 * 1024], newline=""), delimiter=delimiter)
    try:
        records = list(islice(sample, HEADER_ROWS_MAX))
    except csv.Error:
        return 0
    return max((len(GENERAL.columns(cells)) for cells in records if len(cells) > 2), default=0)
