"""Rows of a table that are no movements, totals wherever they stand, and which way an amount without a sign went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from services.ingest.statements.model import StatementError
from tests.unit.services.ingest.statements.files import a_table, as_csv, moves, read

HEADINGS = ["Ngày", "Số CT", "Ghi nợ", "Ghi có", "Số dư", "Nội dung"]
FIRST = ["05/11/2026", "1", "", "150.000", "1.150.000", "a"]
SECOND = ["05/11/2026", "2", "", "150.000", "1.300.000", "b"]
BOTH = [("2026-11-05", 150_000)] * 2


@pytest.mark.parametrize(
    "numbers",
    [
        ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"],
        ["1", "2", "3", "4", "5", "6"],
        ["A", "B", "1", "2", "3", "4"],
        ["[1]", "[2]", "[3]", "[4]", "", ""],
    ],
)
def test_numbers_of_columns_are_no_movement(numbers: list[str]):
    assert moves(read(a_table(numbers, FIRST, HEADINGS, numbers, SECOND))) == BOTH


@pytest.mark.parametrize("row", [["", "", "1", "", "3", ""], ["", "1", "", "2", "3", "x"], ["1", "2", "3", "5", "6", "7"]])
def test_a_row_that_only_resembles_them_is_refused(row: list[str]):
    with pytest.raises(StatementError):
        read(a_table(row, FIRST))


def test_numbers_of_columns_stand_beneath_headings_only():
    with pytest.raises(StatementError):
        read(a_table(FIRST, ["1", "2", "3", "4", "5", "6"], SECOND))


@pytest.mark.parametrize(
    "between",
    [
        HEADINGS,
        [each.upper() for each in HEADINGS],
        ["Cộng", "", "0", "150.000", "", ""],
        ["Cộng trang", "", "", "150.000", "", ""],
        ["", "", "0", "150.000", "", "Cộng chuyển sang trang"],
    ],
)
def test_pages_go_on(between: list[str]):
    assert moves(read(a_table(FIRST, between, SECOND))) == BOTH


def test_sums_of_pages_are_not_the_statement_s():
    page = ["Cộng", "", "0", "150.000", "", ""]
    assert moves(read(a_table(FIRST, page, HEADINGS, SECOND, page, ["Tổng cộng", "", "0", "300.000", "", ""]))) == BOTH


TOTALS: list[Any] = [
    ["Cộng", "", "0", "{}", "", ""],
    ["Tổng cộng", "", "0", "{}", "", ""],
    ["", "", "0", "{}", "", "Cộng phát sinh"],
    ["Tổng phát sinh có: {}", "", "", "", "", ""],
    ["Tổng phát sinh có / Total credit: {} VND", "", "", "", "", ""],
    ["Tổng phát sinh có", "{}", "", "", "", ""],
    ["Tổng ghi có", "", "{}", "", "", ""],
    ["Tổng ghi nợ: 0", "", "", "Tổng ghi có: {}", "", ""],
    ["Tổng ghi nợ", "0", "Tổng ghi có", "{}", "", ""],
    ["Tổng ghi nợ", "", "Tổng ghi có", "{}", "", ""],
    ["Tổng tiền vào", "", "", "{}", "", ""],
    ["Total deposits: {}", "", "", "", "", ""],
]


@pytest.mark.parametrize("row", TOTALS)
def test_a_total_is_checked_wherever_it_stands(row: list[str]):
    def told(dong: str) -> list[str]:
        return [cell.format(dong) for cell in row]

    assert moves(read(a_table(FIRST, told("150.000")))) == [("2026-11-05", 150_000)]
    with pytest.raises(StatementError, match="not the sum of the rows"):
        read(a_table(FIRST, told("160.000")))


@pytest.mark.parametrize("dong", ["11.000", "12.000"])
def test_a_total_of_what_went_out_is_told_apart(dong: str):
    content = as_csv([[f"Tổng ghi nợ: {dong}"], HEADINGS, FIRST, ["05/11/2026", "2", "11.000", "", "1.139.000", "b"]])
    if dong == "11.000":
        assert read(content).debits == 11_000
    else:
        with pytest.raises(StatementError, match="not the sum of the rows"):
            read(content)


@pytest.mark.parametrize(
    "row",
    [
        ["Tổng ghi có 05/11/2026", "", "", "", "", ""],
        ["Tổng số giao dịch", "", "0", "1", "", ""],
        ["", "", "", "", "", "Tổng công ty có 5 chi nhánh: 123"],
        ["Cộng hòa xã hội chủ nghĩa Việt Nam", "", "", "", "", ""],
    ],
)
def test_what_only_begins_like_a_total_is_none(row: list[str]):
    assert moves(read(a_table(FIRST, row))) == [("2026-11-05", 150_000)]


def test_an_amount_without_a_day_is_refused_though_its_memo_begins_like_a_sum():
    with pytest.raises(StatementError, match="is empty"):
        read(a_table(FIRST, ["", "2", "", "150.000", "1.300.000", "Công ty ABC"]))


@pytest.mark.parametrize(("out", "inward"), [("Withdrawal", "Deposit"), ("Withdrawals", "Deposits"), ("Rút", "Gửi")])
def test_withdrawals_and_deposits_are_debits_and_credits(out: str, inward: str):
    rows = [["05/11/2026", "", "150.000", "1.150.000", "An"], ["05/11/2026", "50.000", "", "1.100.000", "An"]]
    statement = read(a_table(*rows, headings=["Date", out, inward, "Balance", "Người gửi"]))
    assert moves(statement) == [("2026-11-05", 150_000), ("2026-11-05", -50_000)]


def test_words_of_a_direction():
    rows = [["05/11/2026", "150.000", "Tiền vào", "1.150.000"], ["05/11/2026", "50.000", "Tiền ra", "1.100.000"]]
    statement = read(a_table(*rows, headings=["Ngày", "Số tiền", "Loại giao dịch", "Số dư"]))
    assert moves(statement) == [("2026-11-05", 150_000), ("2026-11-05", -50_000)]


UNSIGNED = ["Ngày", "Số tiền", "Số dư"]
OUT_AND_IN = [["05/11/2026", "150.000", "850.000"], ["06/11/2026", "50.000", "900.000"]]
OPENING = ["Số dư đầu kỳ", "", "1.000.000"]


def one_column(*rows: Sequence[str], **given: int) -> list[tuple[str, int]]:
    return moves(read(as_csv([UNSIGNED, *rows]), **given))


def test_an_amount_without_a_sign_goes_the_way_of_the_balance():
    expected = [("2026-11-05", -150_000), ("2026-11-06", 50_000)]
    assert one_column(OPENING, *OUT_AND_IN) == expected
    assert one_column(*OUT_AND_IN, opening=1_000_000) == expected
    assert one_column(*OUT_AND_IN[::-1], opening=1_000_000) == expected, "the newest first"
    assert one_column(["05/11/2026", "0", "1.000.000"], *OUT_AND_IN) == expected, "a row of 0 carries the balance"


@pytest.mark.parametrize(
    "rows",
    [
        OUT_AND_IN,
        [OPENING, OUT_AND_IN[0], ["06/11/2026", "50.000", ""]],
        [["Số dư cuối kỳ", "", "900.000"], *OUT_AND_IN],
    ],
)
def test_it_is_not_guessed_where_no_balance_says_so(rows: list[list[str]]):
    with pytest.raises(StatementError, match="came in or went out"):
        one_column(*rows)


def test_a_balance_that_does_not_follow_is_told_as_such():
    with pytest.raises(StatementError, match="does not follow"):
        one_column(OPENING, OUT_AND_IN[0], ["06/11/2026", "50.000", "910.000"])


def test_signs_are_believed_where_there_are_any():
    assert one_column(["05/11/2026", "+50.000", "900.000"]) == [("2026-11-05", 50_000)]
    assert one_column(["05/11/2026", "-50.000", "900.000"], ["06/11/2026", "50.000", "950.000"]) == [
        ("2026-11-05", -50_000), ("2026-11-06", 50_000),
    ]  # fmt: skip


def test_without_balances_of_rows_those_of_the_statement_say_it():
    rows = [["05/11/2026", "10"], ["06/11/2026", "5"]]
    content = a_table(*rows, headings=["Ngày", "Số tiền"])
    assert [amount for _, amount in moves(read(content, opening=1, closing=16))] == [10, 5]
    assert [amount for _, amount in moves(read(content, opening=16, closing=1))] == [-10, -5]
    with pytest.raises(StatementError, match="came in or went out"):
        read(content, opening=1, closing=6)
