"""Typed cells: a value, or a problem that never quotes the cell."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import MAX_DONG, format_dong
from shared.runtime.cells import CellError, Cells, read_rows, reject_repeated
from shared.runtime.tables import Row, Table


def a_cell(text: str) -> Cells:
    return Cells(Row(7, {"cell": text}))


@given(st.integers(1, MAX_DONG))
def test_amounts_are_read_as_they_are_written(amount):
    assert a_cell(str(amount)).dong("cell") == a_cell(format_dong(amount)).dong("cell") == amount


@pytest.mark.parametrize("text", ["12,5", "1.5", "-5", "0", "1e5", "một trăm", "150.1250", ""])
def test_what_is_no_whole_amount_is_refused(text):
    with pytest.raises(CellError):
        a_cell(text).dong("cell")


@given(st.dates(date(1930, 1, 1), date(2170, 1, 1)))
def test_dates_are_read_in_every_spelling(day):
    serial = (day - date(1899, 12, 30)).days
    local = f"{day.day}.{day.month}.{day.year}"
    for text in (day.isoformat(), f"{day:%d/%m/%Y}", local, f"{day} 07:00:00", f"{day:%d/%m/%Y} 7:05:00", str(serial)):
        assert a_cell(text).day("cell") == day


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("31/11/2026", "this date does not exist"),
        ("2026-02-29", "this date does not exist"),
        ("11/2026", "not a date such as 05/11/2026 or 2026-11-05"),
        ("05/11/26", "not a date such as 05/11/2026 or 2026-11-05"),
        ("1026-01-01", "the year must lie between 1900 and 2200"),
        ("", "is empty"),
    ],
)
def test_days_that_do_not_exist_are_refused(text, problem):
    with pytest.raises(CellError, match=problem):
        a_cell(text).day("cell")


def test_text_is_one_line_in_one_spelling():
    assert a_cell("  Nguye\u0302\u0303n \n Văn\u00a0An\u200b ").text("cell") == "Nguyễn Văn An"
    assert a_cell(" \u00a0 ").optional_text("cell") is None
    for bad in ("a\x07b", "x" * 501):
        with pytest.raises(CellError):
            a_cell(bad).text("cell")


def test_ids_hold_no_spaces_and_no_rounded_numbers():
    assert a_cell("HS-001.2026_ă").id("cell") == "HS-001.2026_ă"
    assert a_cell("12/PT").id("cell", slash=True) == "12/PT"
    for bad in ("a b", "12/PT", "1.23457E+14", "x" * 101, "a;b", ""):
        with pytest.raises(CellError):
            a_cell(bad).id("cell")


def test_counts_start_at_zero_and_may_be_grouped():
    assert [a_cell(text).optional_count("cell") for text in ("0", "89.311", "252", "")] == [0, 89_311, 252, None]
    with pytest.raises(CellError):
        a_cell("-1").optional_count("cell")


@pytest.mark.parametrize("text", ["#REF!", "#N/A", " #DIV/0! ", "#ERROR!"])
def test_a_formula_that_ended_in_an_error_is_no_text(text):
    with pytest.raises(CellError, match="a formula ended in an error"):
        a_cell(text).optional_text("cell")


def test_choices_are_compared_without_case():
    spellings = {"da huy": "cancelled"}
    assert a_cell("ĐÃ HỦY").choice("cell", ("open", "cancelled"), spellings=spellings) == "cancelled"
    assert a_cell(" Open ").choice("cell", ("open", "cancelled")) == "open"
    assert a_cell("").choice("cell", ("open",), default="open") == "open"
    with pytest.raises(CellError, match="must be one of open, cancelled"):
        a_cell("gone").choice("cell", ("open", "cancelled"))


@pytest.mark.parametrize("read", ["dong", "day", "id", "optional_count"])
def test_no_problem_quotes_its_cell(read):
    with pytest.raises(CellError) as caught:
        getattr(a_cell("Nguyễn Văn An; 0987654321"), read)("cell")
    assert "An;" not in caught.value.problem
    assert "0987" not in caught.value.problem


def test_a_rejected_row_is_told_once_and_the_others_are_read():
    rows = [Row(2, {"day": "x"}), Row(3, {"day": "2026-11-05"}), Row(4, {"day": "05/11/2026"})]
    days, rejected = read_rows(Table(frozenset({"day"}), rows, []), lambda cells: (cells.row, cells.day("day")))
    assert [(each.row, each.column) for each in rejected] == [(2, "day")]
    kept, repeated = reject_repeated(days, lambda each: each[1], lambda each: each[0], "day")
    assert kept == [(3, date(2026, 11, 5))]
    assert [(each.row, each.problem) for each in repeated] == [(4, "the same as in row 3")]
