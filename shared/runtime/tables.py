"""Tables that people send, CSV or XLSX: told apart by content, read into rows of text under known column names.

What cannot be read is told as `Rejected` with its row and column as the sender's spreadsheet numbers them. A problem never
quotes a cell: cells hold names and phone numbers.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from shared.runtime.workbooks import WorkbookError, is_workbook, workbook_rows
from shared.vietnamese import search_key

BYTES_MAX = 32 * 1024 * 1024
ROWS_MAX = 150_000
HEADER_ROWS_MAX = 10
"""The heading is looked for in this many first rows: sheets often begin with a title."""
CELL_CHARACTERS_MAX = 10_000
WHOLE_FILE = "file"
"""The column of a problem that concerns the file, not a cell."""

_DELIMITERS = (",", ";", "\t")
_SNIFFED_CHARACTERS = 64 * 1024
_SEPARATORS = re.compile(r"[\W_]+")
_LIKENESS_MIN = 0.8


@dataclass(frozen=True, slots=True)
class Rejected:
    """One thing that is wrong with a file, at the place where its sender finds it."""

    row: int
    """As a spreadsheet numbers rows: the first of the file is 1."""
    column: str
    problem: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do: rows that changed something, rows that changed nothing, and what was refused."""

    accepted: int
    unchanged: int
    rejected: Sequence[Rejected]

    def to_json(self) -> dict[str, Any]:
        """The report of INTERFACES §1."""
        refused = [{"row": each.row, "column": each.column, "problem": each.problem} for each in self.rejected]
        return {"accepted": self.accepted, "unchanged": self.unchanged, "rejected": refused}


class TableError(Exception):
    """The file as a whole cannot be taken; `rejected` says why."""

    def __init__(self, rejected: Sequence[Rejected]) -> None:
        super().__init__(rejected[0].problem)
        self.rejected = rejected


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is understood, under its name or another heading."""

    name: str
    aliases: tuple[str, ...] = ()
    """Further headings; compared, like the name, without case, diacritics, spaces and punctuation."""
    required: bool = False
    """Whether the file must have it; whether its cells must be filled is the reader's affair."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file; every column of the file is a key, an empty cell is ""."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file as it was understood."""

    columns: frozenset[str]
    """The known columns that the file has: what is absent says nothing, what is empty says "none"."""
    rows: Sequence[Row]
    rejected: Sequence[Rejected]
    """Rows that could not be laid under the headings."""


def read_table(content: bytes, columns: Sequence[Column]) -> Table:
    """Read a file's bytes. Empty rows are skipped; raises TableError where the file as a whole cannot be taken."""
    if len(content) > BYTES_MAX:
        raise _broken(f"the file is larger than {BYTES_MAX // 1024 // 1024} MiB; send it in parts")
    headings = _headings(columns)
    if is_workbook(content):
        try:
            records = workbook_rows(content, rows_max=ROWS_MAX + HEADER_ROWS_MAX)
        except WorkbookError as error:
            raise _broken(str(error)) from error
        return _understand(records, columns, headings, ragged=True)
    text = _decode(content)
    return _understand(_csv_records(text, _delimiter(text, headings)), columns, headings, ragged=False)


def normal_heading(text: str) -> str:
    """A heading in the form in which spellings are compared: "Mã  khoản_thu:" → "ma khoan thu"."""
    return _SEPARATORS.sub(" ", search_key(unicodedata.normalize("NFKC", text))).strip()


def _headings(columns: Iterable[Column]) -> dict[str, str]:
    return {normal_heading(heading): column.name for column in columns for heading in (column.name, *column.aliases)}


def _broken(problem: str, row: int = 1) -> TableError:
    return TableError([Rejected(row, WHOLE_FILE, problem)])


def _decode(content: bytes) -> str:
    if not content.strip():
        raise _broken("the file is empty")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _broken("the file is neither XLSX nor text in UTF-8; save it as .xlsx or as “CSV UTF-8”") from error
    if "\0" in text:
        raise _broken("the file is neither XLSX nor CSV: it holds zero bytes")
    return text


def _delimiter(text: str, headings: Mapping[str, str]) -> str:
    """The separator under which the most headings are recognised."""
    first = text[:_SNIFFED_CHARACTERS]

    def recognised(delimiter: str) -> int:
        try:
            records = list(islice(csv.reader(io.StringIO(first, newline=""), delimiter=delimiter), HEADER_ROWS_MAX))
        except csv.Error:
            return 0
        return max((_count_known(record, headings) for record in records), default=0)

    return max(_DELIMITERS, key=recognised)


def _csv_records(text: str, delimiter: str) -> Iterator[Sequence[str]]:
    number = 0
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            number += 1
            yield record
    except csv.Error as error:
        raise _broken("the quotation marks of this row do not pair up", number + 1) from error


def _count_known(record: Iterable[str], headings: Mapping[str, str]) -> int:
    return sum(normal_heading(cell) in headings for cell in record)


def _understand(
    records: Iterable[Sequence[str]], columns: Sequence[Column], headings: Mapping[str, str], *, ragged: bool
) -> Table:
    numbered = enumerate(records, start=1)
    first = list(islice(numbered, HEADER_ROWS_MAX))
    header_at = max(range(len(first)), key=lambda index: _count_known(first[index][1], headings), default=None)
    if header_at is None:
        raise _broken("the file is empty")
    number, header = first[header_at]
    names = _named_columns(number, header, columns, headings)
    rows: list[Row] = []
    rejected: list[Rejected] = []
    for at, record in (*first[header_at + 1 :], *numbered):
        if not any(cell.strip() for cell in record):
            continue
        if len(rows) >= ROWS_MAX:
            raise _broken(f"the file has more than {ROWS_MAX} rows; send it in parts", at)
        if not ragged and len(record) > len(header):
            # Laid under the headings its cells would shift: 12,5 without quotes would end as 12 đồng.
            rejected.append(Rejected(at, WHOLE_FILE, "more cells than headings; quote texts that hold the separator"))
            continue
        cells = {name: record[index] if index < len(record) else "" for index, name in names}
        if any(len(cell) > CELL_CHARACTERS_MAX for cell in cells.values()):
            rejected.append(Rejected(at, WHOLE_FILE, f"a cell has more than {CELL_CHARACTERS_MAX} characters"))
            continue
        rows.append(Row(at, cells))
    return Table(frozenset(name for _, name in names), rows, rejected)


def _named_columns(
    number: int, header: Sequence[str], columns: Sequence[Column], headings: Mapping[str, str]
) -> list[tuple[int, str]]:
    """(place, name) of the known columns; raises TableError for missing, repeated and misspelt ones."""
    found: dict[str, int] = {}
    rejected: list[Rejected] = []
    unknown: list[str] = []
    for index, cell in enumerate(header):
        heading = normal_heading(cell)
        name = headings.get(heading)
        if name is None:
            unknown.append(heading)
        elif name in found:
            rejected.append(Rejected(number, name, "the column stands twice"))
        else:
            found[name] = index
    if not found:
        wanted = ", ".join(column.name for column in columns if column.required)
        raise _broken(f"no row of headings was found; the first row must name the columns, at least {wanted}")
    missing = [column for column in columns if column.name not in found]
    rejected += [Rejected(number, column.name, "the column is missing") for column in missing if column.required]
    absent = {column.name for column in missing if not column.required}
    optional = {heading: name for heading, name in headings.items() if name in absent}
    for heading in unknown:
        # Other columns (STT, ghi chú) are nobody's business, but a slip in an optional heading must not lose its cells.
        for close in difflib.get_close_matches(heading, optional, n=1, cutoff=_LIKENESS_MIN):
            rejected.append(Rejected(number, optional[close], "a heading is nearly this column's but not quite; correct it"))
    if rejected:
        raise TableError(rejected)
    return [(index, name) for name, index in found.items()]
