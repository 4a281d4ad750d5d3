"""One workbook: title, rows, totals in figures and words, signatures; written row by row in constant memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import IO, Any, Final, Literal, Self

import xlsxwriter

from services.reconciliation.exports.words import in_words
from shared.clock import LOCAL

MONEY_FORMAT: Final = "#,##0;[Red]-#,##0"
SIGNATURES: Final = ("Người lập bảng", "Thủ quỹ", "Phụ trách kế toán", "Thủ trưởng đơn vị")
NOT_A_DOCUMENT: Final = (
    "Bảng kê nội bộ do Khớp lập; không phải chứng từ kế toán, không thay thế phiếu thu, biên lai, hóa đơn."
)
SAMPLE: Final = "MẪU: dữ liệu không có thật"
Kind = Literal["text", "count", "money", "day", "moment", "people"]
"""What a column's cells are; people stand by the ids of their accounts, parted by commas."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet."""

    heading: str
    width: int
    kind: Kind = "text"
    is_summed: bool = False
    """Whether its total stands below."""


def sums_of(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> list[int | None]:
    """The total of each column; None where it has none."""
    sums = [0] * len(columns)
    for row in rows:
        for index, (column, value) in enumerate(zip(columns, row, strict=True)):
            sums[index] += value if column.is_summed and value is not None else 0
    return [total if column.is_summed else None for column, total in zip(columns, sums, strict=True)]


@dataclass(frozen=True, slots=True)
class Title:
    """What stands above the rows."""

    site_name: str
    title: str
    period: str
    is_sample: bool


def words_line(total: int | None) -> str:
    """A total as documents repeat it in words."""
    return f"Bằng chữ: {in_words(total or 0)}."


class Workbook:
    """A workbook in an open file. Use it as a context; sheets are written one after the other, from top to bottom."""

    def __init__(self, file: IO[bytes]) -> None:
        self._book = xlsxwriter.Workbook(
            file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        base = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
        self._plain = self._book.add_format({**base, "border": 1, "text_wrap": True})
        self._money = self._book.add_format({**base, "border": 1, "num_format": MONEY_FORMAT})
        self._day = self._book.add_format({**base, "border": 1, "num_format": "dd/mm/yyyy", "align": "left"})
        self._moment = self._book.add_format({**base, "border": 1, "num_format": "hh:mm dd/mm/yyyy", "align": "left"})
        self._heading = self._book.add_format({**base, "border": 1, "bold": True, "align": "center", "text_wrap": True})
        self._total = self._book.add_format({**base, "border": 1, "bold": True, "num_format": MONEY_FORMAT})
        self._text = self._book.add_format(base)
        self._bold = self._book.add_format({**base, "bold": True})
        self._title = self._book.add_format({**base, "bold": True, "font_size": 14, "align": "center"})
        self._centre = self._book.add_format({**base, "italic": True, "align": "center"})
        self._signed = self._book.add_format({**base, "bold": True, "align": "center"})
        self._small = self._book.add_format({**base, "italic": True, "font_size": 9})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._book.close()

    def add(
        self, name: str, title: Title, columns: Sequence[Column], rows: Sequence[Sequence[Any]], words_of: int | None
    ) -> None:
        """Write a sheet. `words_of` is the column whose total is written in words."""
        sheet = self._book.add_worksheet(name)
        for index, column in enumerate(columns):
            sheet.set_column(index, index, column.width)
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_landscape()
        at = self._write_title(sheet, title, len(columns))
        sheet.repeat_rows(at)
        sheet.freeze_panes(at + 1, 0)
        for index, column in enumerate(columns):
            sheet.write_string(at, index, column.heading, self._heading)
        for row in rows:
            at += 1
            for index, (column, value) in enumerate(zip(columns, row, strict=True)):
                self._write(sheet, at, index, column, value)
        sums = sums_of(columns, rows)
        at = self._write_total(sheet, at + 1, columns, sums)
        if words_of is not None:
            sheet.write_string(at, 0, words_line(sums[words_of]), self._bold)
            at += 1
        self._write_signatures(sheet, at + 1, len(columns))

    def _write_title(self, sheet: Any, title: Title, width: int) -> int:
        sheet.write_string(0, 0, title.site_name, self._bold)
        if title.is_sample:
            sheet.write_string(0, width - 1, SAMPLE, self._bold)
        sheet.merge_range(2, 0, 2, width - 1, title.title, self._title)
        sheet.merge_range(3, 0, 3, width - 1, title.period, self._centre)
        sheet.write_string(4, 0, "Đơn vị tính: đồng", self._small)
        return 5

    def _write(self, sheet: Any, row: int, index: int, column: Column, value: Any) -> None:
        if value is None:
            sheet.write_blank(row, index, None, self._plain)
        elif column.kind == "money":
            sheet.write_number(row, index, value, self._money)
        elif isinstance(value, datetime):
            sheet.write_datetime(row, index, value.astimezone(LOCAL).replace(tzinfo=None), self._moment)
        elif isinstance(value, date):
            sheet.write_datetime(row, index, value, self._day)
        elif isinstance(value, int):
            sheet.write_number(row, index, value, self._plain)
        else:
            # Text as text, whatever it begins with: "=…" in a payer's name is no formula.
            sheet.write_string(row, index, str(value), self._plain)

    def _write_total(self, sheet: Any, row: int, columns: Sequence[Column], sums: Sequence[int | None]) -> int:
        if not any(column.is_summed for column in columns):
            return row
        for index, column in enumerate(columns):
            if column.is_summed:
                sheet.write_number(row, index, sums[index], self._total)
            else:
                sheet.write_string(row, index, "Cộng" if index == 0 else "", self._total)
        return row + 1

    def _write_signatures(self, sheet: Any, row: int, width: int) -> None:
        sheet.write_string(row, max(0, width - 2), "Ngày ….. tháng ….. năm ………", self._centre)
        places = [min(width - 1, round(index * (width - 1) / (len(SIGNATURES) - 1))) for index in range(len(SIGNATURES))]
        if len(set(places)) < len(places):  # too few columns for all beside one another
            for offset, words in enumerate(SIGNATURES):
                sheet.write_string(row + 2 + 4 * offset, 0, f"{words} (ký, ghi rõ họ tên)", self._signed)
            row += 4 * len(SIGNATURES)
        else:
            for place, words in zip(places, SIGNATURES, strict=True):
                sheet.write_string(row + 1, place, words, self._signed)
            for place in places:
                sheet.write_string(row + 2, place, "(Ký, ghi rõ họ tên)", self._centre)
            row += 7
        sheet.write_string(row + 1, 0, NOT_A_DOCUMENT, self._small)
