"""What a table is made of: columns under their headings, rows of text, and what is wrong with them.

A problem is told as `Rejected` with its row and column as the sender's spreadsheet numbers them. It never quotes a cell: cells
hold names and phone numbers.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.vietnamese import search_key

WHOLE_FILE = "file"
"""The column of a problem that concerns the file, not a cell."""
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


def broken_file(problem: str, row: int = 1) -> TableError:
    """A file that cannot be taken for one reason."""
    return TableError([Rejected(row, WHOLE_FILE, problem)])


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
    """A small file as it was understood, in memory."""

    columns: frozenset[str]
    """The known columns that the file has: what is absent says nothing, what is empty says "none"."""
    rows: Sequence[Row]
    rejected: Sequence[Rejected]
    """Rows that could not be laid under the headings."""


def normal_heading(text: str) -> str:
    """A heading in the form in which spellings are compared: "Mã  khoản_thu:" → "ma khoan thu"."""
    return _SEPARATORS.sub(" ", search_key(unicodedata.normalize("NFKC", text))).strip()


class Headings:
    """The headings under which columns are known."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self._names = {
            normal_heading(heading): column.name for column in columns for heading in (column.name, *column.aliases)
        }

    def count_known(self, record: Iterable[str]) -> int:
        """How many cells of a row are known headings."""
        return sum(normal_heading(cell) in self._names for cell in record)

    def name_of(self, heading: str) -> str | None:
        """The column that a heading names."""
        return self._names.get(normal_heading(heading))

    def places(self, number: int, header: Sequence[str]) -> list[tuple[int, str]]:
        """(place, name) of the known columns of a heading row; raises TableError for missing, repeated and misspelt ones."""
        found: dict[str, int] = {}
        rejected: list[Rejected] = []
        unknown: list[str] = []
        for index, cell in enumerate(header):
            name = self.name_of(cell)
            if name is None:
                unknown.append(normal_heading(cell))
            elif name in found:
                rejected.append(Rejected(number, name, "the column stands twice"))
            else:
                found[name] = index
        if not found:
            wanted = ", ".join(column.name for column in self.columns if column.required)
            raise broken_file(f"no row of headings was found; the first row must name the columns, at least {wanted}")
        missing = [column for column in self.columns if column.name not in found]
        rejected += [Rejected(number, column.name, "the column is missing") for column in missing if column.required]
        absent = {column.name for column in missing if not column.required}
        optional = {heading: name for heading, name in self._names.items() if name in absent}
        for heading in unknown:
            # Other columns (STT, ghi chú) are nobody's business, but a slip in an optional heading must not lose its cells.
            for close in difflib.get_close_matches(heading, optional, n=1, cutoff=_LIKENESS_MIN):
                problem = "a heading is nearly this column's but not quite; correct it"
                rejected.append(Rejected(number, optional[close], problem))
        if rejected:
            raise TableError(rejected)
        return [(index, name) for name, index in found.items()]
