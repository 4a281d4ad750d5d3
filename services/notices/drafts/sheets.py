"""A sheet as its sender sees it: rows and columns of text, with corrections on top. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_PLACE = re.compile(r"([A-Z]{1,2})([1-9]\d{0,5})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A visible sheet of a workbook, or a CSV file (whose name is empty)."""

    name: str
    rows: Sequence[Sequence[str]]

    def row(self, number: int) -> Sequence[str]:
        """A row by its number, from 1."""
        return self.rows[number - 1] if 0 < number <= len(self.rows) else ()

    def cell(self, number: int, column: int) -> str:
        """A cell's text; empty beyond the end of its row."""
        row = self.row(number)
        return row[column] if column < len(row) else ""

    def corrected(self, cells: Mapping[str, str]) -> Sheet:
        """The sheet with other texts in some cells, by place: {"E7": "150000"}."""
        if not cells:
            return self
        rows = [list(row) for row in self.rows]
        for place, text in cells.items():
            number, column = cell_of(place)
            while len(rows) < number:
                rows.append([])
            row = rows[number - 1]
            row.extend([""] * (column + 1 - len(row)))
            row[column] = text
        return Sheet(self.name, rows)

    def without(self, columns: Iterable[int], below: int) -> Sheet:
        """The sheet without what stands in some columns below a row."""
        emptied = set(columns)
        return Sheet(
            self.name,
            [
                row if number <= below else ["" if column in emptied else text for column, text in enumerate(row)]
                for number, row in enumerate(self.rows, start=1)
            ],
        )


def letters_of(column: int) -> str:
    """A column as a spreadsheet names it: 0 → "A", 27 → "AB"."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_of(letters: str) -> int:
    """The inverse of `letters_of`."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def place_of(number: int, column: int) -> str:
    """A cell as a spreadsheet names it: row 7, column 4 → "E7"."""
    return f"{letters_of(column)}{number}"


def cell_of(place: str) -> tuple[int, int]:
    """(row, column) of a place such as "E7". Raises ValueError."""
    found = _PLACE.fullmatch(place.upper())
    if found is None:
        raise ValueError("not a cell such as E7")
    return int(found[2]), column_of(found[1])
