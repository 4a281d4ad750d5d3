"""A sheet as accountants sign it: title, rows, totals, places for signatures. Nothing that a spreadsheet takes for a formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any, Final

import xlsxwriter

from services.portal import words
from shared import clock

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MONEY: Final = "#,##0;[Red]-#,##0"
WIDTH_MOST: Final = 46


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows under headings; an integer is an amount or a count."""

    name: str
    title: str
    about: Sequence[str]
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]
    totals: Sequence[Any] = ()
    signers: Sequence[str] = ()
    in_words: str = ""
    """A total in words."""


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The sheets as an XLSX file."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    base = {"font_name": "Times New Roman", "font_size": 11, "valign": "top"}
    plain = book.add_format({**base, "border": 1, "text_wrap": True})
    money = book.add_format({**base, "border": 1, "num_format": MONEY})
    day = book.add_format({**base, "border": 1, "num_format": "dd/mm/yyyy", "align": "left"})
    moment = book.add_format({**base, "border": 1, "num_format": "hh:mm dd/mm/yyyy", "align": "left"})
    head = book.add_format({**base, "border": 1, "bold": True, "align": "center", "text_wrap": True})
    total = book.add_format({**base, "border": 1, "bold": True, "num_format": MONEY})
    title = book.add_format({**base, "bold": True, "font_size": 14})
    text = book.add_format(base)
    bold = book.add_format({**base, "bold": True, "align": "center"})
    for each in sheets:
        page = book.add_worksheet(each.name[:31])
        page.set_paper(9)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.write_string(0, 0, each.title, title)
        at = 1
        for line in each.about:
            page.write_string(at, 0, line, text)
            at += 1
        at += 1
        page.repeat_rows(at)
        for column, name in enumerate(each.heads):
            page.write_string(at, column, name, head)
            page.set_column(column, column, _width(name, [row[column] for row in each.rows[:200]]))
        page.freeze_panes(at + 1, 0)
        for row in each.rows:
            at += 1
            for column, value in enumerate(row):
                _write(page, at, column, value, plain, money, day, moment)
        if each.totals:
            at += 1
            for column, value in enumerate(each.totals):
                _write(page, at, column, value, total, total, total, total)
        if each.in_words:
            at += 1
            page.write_string(at, 0, each.in_words, text)
        page.write_string(at + 2, 0, words.reports.NOT_A_DOCUMENT, text)
        for place, name in enumerate(each.signers):
            page.write_string(at + 4, place * 2, name, bold)
            page.write_string(at + 5, place * 2, words.reports.SIGN_HINT, text)
    book.close()
    return out.getvalue()


def _write(page: Any, row: int, column: int, value: Any, plain: Any, money: Any, day: Any, moment: Any) -> None:
    if isinstance(value, bool) or value is None:
        page.write_string(row, column, "", plain)
    elif isinstance(value, int):
        page.write_number(row, column, value, money)
    elif isinstance(value, datetime):
        page.write_datetime(row, column, value.astimezone(clock.LOCAL).replace(tzinfo=None), moment)
    elif isinstance(value, date):
        page.write_datetime(row, column, value, day)
    else:
        page.write_string(row, column, str(value), plain)


def _width(head: str, values: Sequence[Any]) -> float:
    longest = max([len(head), *(len(f"{value:,}") if isinstance(value, int) else len(str(value)) for value in values)])
    return float(min(WIDTH_MOST, max(10, longest + 2)))
