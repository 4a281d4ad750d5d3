"""Typed readers of a row's cells: a value, or a CellError that names the column and never quotes the cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, TypeVar

from shared.money import AmountError, parse_dong
from shared.runtime.tables import Entry, Rejected, Row, Table
from shared.runtime.workbooks import FORMULA_ERROR
from shared.vietnamese import search_key

TEXT_LENGTH_MAX = 500
ID_LENGTH_MAX = 100
COUNT_MAX = 10**9
YEAR_MIN, YEAR_MAX = 1900, 2200

_ID = re.compile(r"[\w.:+@#/-]+")
_DAY_FIRST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:[ T]\d{1,2}:\d{2}.*)?", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]\d{2}:\d{2}.*)?", re.ASCII)
_EXCEL_DAY = re.compile(r"\d{5}", re.ASCII)
_EXCEL_DAY_ZERO: Final = date(1899, 12, 30)
"""Excel counts days from here (its 1900 system, right from March 1900 on)."""
_FORMULA_ERRORS = frozenset({FORMULA_ERROR, "#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})
_ROUNDED_NUMBER = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.ASCII | re.IGNORECASE)

_NONE: Final[Mapping[str, str]] = {}

Parsed = TypeVar("Parsed")


class CellError(ValueError):
    """A cell that cannot be taken."""

    def __init__(self, column: str, problem: str) -> None:
        super().__init__(problem)
        self.column = column
        self.problem = problem


def read_rows(table: Table, parse: Callable[[Cells], Parsed]) -> tuple[list[Parsed], list[Rejected]]:
    """Parse every row; a row that raises CellError is rejected with its first problem."""
    return read_entries((*table.rejected, *table.rows), parse)


def read_entries(entries: Iterable[Entry], parse: Callable[[Cells], Parsed]) -> tuple[list[Parsed], list[Rejected]]:
    """As `read_rows`, for some of a larger file's entries."""
    parsed: list[Parsed] = []
    rejected: list[Rejected] = []
    for entry in entries:
        if isinstance(entry, Rejected):
            rejected.append(entry)
            continue
        try:
            parsed.append(parse(Cells(entry)))
        except CellError as error:
            rejected.append(Rejected(entry.number, error.column, error.problem))
    return parsed, rejected


def reject_repeated(
    rows: Iterable[Parsed], key: Callable[[Parsed], object], number: Callable[[Parsed], int], column: str
) -> tuple[list[Parsed], list[Rejected]]:
    """Keep the first row of each key and reject the others, naming the first's row."""
    first: dict[object, Parsed] = {}
    rejected = []
    for row in rows:
        known = first.setdefault(key(row), row)
        if known is not row:
            rejected.append(Rejected(number(row), column, f"the same as in row {number(known)}"))
    return list(first.values()), rejected


class Cells:
    """The cells of one row, by column name. A column that the file lacks reads as empty."""

    __slots__ = ("_cells", "row")

    def __init__(self, row: Row) -> None:
        self.row = row.number
        self._cells = row.cells

    def raw(self, column: str) -> str:
        """The cell as it stands, without the spaces around it."""
        return self._cells.get(column, "").strip()

    def texts(self) -> Iterator[str]:
        """All cells that are not empty, as they stand."""
        return (text for text in self._cells.values() if text)

    def optional_text(self, column: str, length_max: int = TEXT_LENGTH_MAX) -> str | None:
        """One line of text in NFC with single spaces; None where the cell is empty."""
        raw = self._cells.get(column, "")
        text = " ".join(raw.split())
        if not text:
            return None
        if text[0] == "#" and text in _FORMULA_ERRORS:
            raise CellError(column, "a formula ended in an error here; correct it in the spreadsheet")
        if not text.isascii():
            text = " ".join(unicodedata.normalize("NFC", text).split())
        if not text.isprintable():
            # Zero-width characters come with text copied from web pages; nobody sees or means them.
            text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
            if not text.isprintable():
                raise CellError(column, "holds characters that cannot be printed")
        if len(text) > length_max:
            raise CellError(column, f"is longer than {length_max} characters")
        return text or None

    def text(self, column: str, length_max: int = TEXT_LENGTH_MAX) -> str:
        """As `optional_text`, but the cell must not be empty."""
        text = self.optional_text(column, length_max)
        if text is None:
            raise CellError(column, "is empty")
        return text

    def optional_id(self, column: str, *, slash: bool = False) -> str | None:
        """A code: letters, digits and . : + @ # - _, and / only where `slash` allows it; None where empty."""
        text = self.optional_text(column, ID_LENGTH_MAX)
        if text is None:
            return None
        if _ROUNDED_NUMBER.fullmatch(text):
            raise CellError(column, "is a number that the spreadsheet rounded; format the column as text")
        if not _ID.fullmatch(text) or ("/" in text and not slash):
            raise CellError(column, f"may hold letters, digits and . : + @ # - _{' /' if slash else ''} only, no spaces")
        return text

    def id(self, column: str, *, slash: bool = False) -> str:
        """As `optional_id`, but the cell must not be empty."""
        text = self.optional_id(column, slash=slash)
        if text is None:
            raise CellError(column, "is empty")
        return text

    def optional_dong(self, column: str) -> int | None:
        """A positive whole number of đồng; None where empty."""
        text = self.optional_text(column)
        if text is None:
            return None
        try:
            return parse_dong(text)
        except AmountError as error:
            raise CellError(column, str(error)) from error

    def dong(self, column: str) -> int:
        """As `optional_dong`, but the cell must not be empty."""
        amount = self.optional_dong(column)
        if amount is None:
            raise CellError(column, "is empty")
        return amount

    def optional_day(self, column: str) -> date | None:
        """A day: 2026-11-05, 05/11/2026 (day first), or Excel's own; None where empty."""
        text = self.optional_text(column)
        return None if text is None else _parse_date(column, text)

    def day(self, column: str) -> date:
        """As `optional_day`, but the cell must not be empty."""
        day = self.optional_day(column)
        if day is None:
            raise CellError(column, "is empty")
        return day

    def optional_count(self, column: str) -> int | None:
        """A whole number from 0; digits may be grouped as in amounts; None where empty."""
        text = self.optional_text(column)
        if text is None:
            return None
        bare = text.replace(" ", "")
        try:
            count = 0 if bare.isascii() and bare.strip("0") == "" else parse_dong(bare)
        except AmountError:
            count = COUNT_MAX + 1
        if count > COUNT_MAX:
            raise CellError(column, f"not a whole number from 0 to {COUNT_MAX}")
        return count

    def choice(
        self, column: str, choices: Sequence[str], default: str | None = None, spellings: Mapping[str, str] = _NONE
    ) -> str:
        """One of these words, whatever their case; an empty cell means the default, where there is one.

        `spellings` are other words for them, in the form of `search_key`.
        """
        choice = self.optional_choice(column, choices, spellings) or default
        if choice is None:
            raise CellError(column, "is empty")
        return choice

    def optional_choice(self, column: str, choices: Sequence[str], spellings: Mapping[str, str] = _NONE) -> str | None:
        """As `choice`; None where empty."""
        text = self.optional_text(column)
        if text is None:
            return None
        choice = spellings.get(search_key(text), text.lower())
        if choice not in choices:
            raise CellError(column, f"must be one of {', '.join(choices)}")
        return choice


def _parse_date(column: str, text: str) -> date:
    if _EXCEL_DAY.fullmatch(text):
        return _EXCEL_DAY_ZERO + timedelta(days=int(text))
    if iso := _ISO.fullmatch(text):
        year, month, day = iso.groups()
    elif local := _DAY_FIRST.fullmatch(text):
        day, _, month, year = local.groups()
    else:
        raise CellError(column, "not a date such as 05/11/2026 or 2026-11-05")
    try:
        parsed = date(int(year), int(month), int(day))
    except ValueError:
        raise CellError(column, "this date does not exist") from None
    if not YEAR_MIN <= parsed.year <= YEAR_MAX:
        raise CellError(column, f"the year must lie between {YEAR_MIN} and {YEAR_MAX}")
    return parsed
