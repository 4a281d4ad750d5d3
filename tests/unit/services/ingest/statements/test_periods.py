"""Which days a statement covers: those that are named, none that was not over when the bank made the file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from services.ingest.statements.model import StatementError
from shared.clock import LOCAL, local_day
from tests.unit.services.ingest.statements.files import CAMT, as_csv, read

HEADINGS = ["Ngày", "Số CT", "Ghi nợ", "Ghi có", "Số dư", "Nội dung"]
ROW = ["05/11/2026", "1", "", "150.000", "1.150.000", "a"]
BALANCES = [["Số dư đầu kỳ", "1.000.000"], ["Số dư cuối kỳ", "1.000.000"]]
MONTH = ["Từ ngày 01/11/2026 đến ngày 30/11/2026"]


def days(*above: Sequence[Any], rows: Sequence[Sequence[Any]] = (ROW,)) -> str:
    statement = read(as_csv([*above, HEADINGS, *rows]))
    return f"{statement.from_day:%d/%m}-{statement.to_day:%d/%m}"


@pytest.mark.parametrize(
    "above",
    [
        [MONTH],
        [["Từ ngày: 01/11/2026"], ["Đến ngày: 30/11/2026"]],
        [["Từ ngày", "01/11/2026", "Đến ngày", "30/11/2026"]],
        [["Từ ngày", "Đến ngày"], ["01/11/2026", "30/11/2026"]],
        [["Tu ngay 01-11-2026 den ngay 30-11-2026"]],
        [["Từ ngày / From: 01/11/2026 đến ngày / To: 30/11/2026"]],
        [["From date: 2026-11-01", "", "To date: 2026-11-30"]],
        [["Kỳ sao kê: 01/11/2026 - 30/11/2026"]],
        [["Thời gian (từ ngày - đến ngày): 01/11/2026 - 30/11/2026"]],
        [["Từ 01/11/2026 00:00:00 đến 30/11/2026 23:59:59"]],
        [["Ngày mở: 01/06/2026", "Từ ngày 01/11/2026 đến ngày 30/11/2026. Ngày in: 01/12/2026"]],
    ],
)
def test_a_period_is_named_in_many_ways(above: list[list[str]]):
    assert days(*above) == "01/11-30/11"
    assert days(*above, *BALANCES, rows=()) == "01/11-30/11"


@pytest.mark.parametrize(
    "above",
    [
        [["Ngân hàng TMCP Đầu tư và Phát triển Việt Nam", "Ngày mở: 01/06/2026", "Ngày in: 30/11/2026"]],
        [["Chủ TK: NGUYỄN THỊ TÚ", "Ngày cấp 01/06/2026", "Ngày in 30/11/2026"]],
        [["Thời gian kết xuất: 01/11/2026 09:00", "Ngày sao kê 30/11/2026"]],
        [["Đến ngày: 30/11/2026"]],
    ],
)
def test_days_that_are_named_for_something_else_are_no_period(above: list[list[str]]):
    assert days(*above) == "05/11-05/11"


@pytest.mark.parametrize(
    ("made", "last"),
    [
        (["Ngày in: 10/11/2026"], "09/11"),
        (["Ngày giờ in", "10/11/2026 09:00"], "09/11"),
        (["Ngày giờ in: 09:00 10/11/2026"], "09/11"),
        (["Thời gian kết xuất: 10/11/2026 23:59:30"], "10/11"),
        (["Ngày in / Print date: 10/11/2026 16:30:00"], "09/11"),
        (["Export date/time: 2026-11-10 16:30"], "09/11"),
        (["Printed on 10/11/2026"], "09/11"),
        (["Ngày in: 05/11/2026 09:00"], "05/11"),
        (["Ngày in: 02/12/2026"], "30/11"),
        (["Ngày mở: 10/11/2026"], "30/11"),
    ],
)
def test_a_period_ends_with_the_last_day_that_was_over_when_the_file_was_made(made: list[str], last: str):
    """But a day of which it has a movement stays."""
    assert days(MONTH, made) == f"01/11-{last}"
    assert days(MONTH, rows=(ROW, made)) == f"01/11-{last}", "where it stands below the table"


def test_a_period_that_ends_in_the_middle_of_a_day_does_not_cover_it():
    assert days(["Từ 01/11/2026 00:00:00 đến 06/11/2026 16:30:00"]) == "01/11-05/11"
    assert days(["Từ 01/11/2026 00:00:00 đến 06/11/2026 00:00:00"]) == "01/11-06/11", "a day that is written as a moment"


@pytest.mark.parametrize(
    ("ends", "made", "last"),
    [
        ("2026-11-08T00:00:00+07:00", "", "07/11"),
        ("2026-11-07T24:00:00", "", "07/11"),
        ("2026-11-07T17:00:00Z", "", "07/11"),
        ("2026-11-08T16:30:00+07:00", "", "07/11"),
        ("2026-11-06T00:00:00+07:00", "", "06/11"),
        ("2026-11-30T23:59:59", "<CreDtTm>2026-11-10T16:30:00+07:00</CreDtTm>", "09/11"),
        ("2026-11-30T23:59:59", "<CreDtTm>2026-11-10T23:59:59</CreDtTm>", "10/11"),
        ("2026-11-30T23:59:59", "<CreDtTm>2026-12-01T00:05:00</CreDtTm>", "30/11"),
        ("2026-11-06T23:59:59", "<CreDtTm>2026-11-06T16:30:00</CreDtTm>", "06/11"),
    ],
)
def test_what_a_camt_statement_covers(ends: str, made: str, last: str):
    text = CAMT.replace("2026-11-06T23:59:59+07:00", ends)
    for place in ("<Id>S1</Id>", "<BkToCstmrStmt>"):
        head = f"<GrpHdr>{made}</GrpHdr>" if place != "<Id>S1</Id>" else made
        assert f"{read(text.replace(place, place + head)).to_day:%d/%m}" == last


def test_a_moment_of_a_head_that_is_none_is_refused():
    with pytest.raises(StatementError, match="ISO 8601"):
        read(CAMT.replace("2026-11-06T23:59:59+07:00", "tomorrow"))


@pytest.mark.parametrize(
    ("made", "is_whole"),
    [("2026-11-06T16:30:00", False), ("2026-11-06", False), ("2026-11-06T23:59:30", True), ("2026-11-07T08:00:00", True)],
)
def test_the_rest_of_the_day_on_which_a_file_was_made_is_not_known(made: str, is_whole: bool):
    statement = read(CAMT.replace("<Id>S1</Id>", f"<Id>S1</Id><CreDtTm>{made}</CreDtTm>"))
    taken_at = datetime(2026, 11, 8, 9, tzinfo=LOCAL)
    assert (statement.known_at(taken_at) == taken_at) is is_whole
    assert (local_day(statement.known_at(taken_at)) > statement.to_day) is is_whole


def test_a_day_that_a_camt_statement_ends_with_at_its_first_moment_is_whole_where_it_has_movements():
    taken_at = datetime(2026, 11, 8, 9, tzinfo=LOCAL)
    statement = read(CAMT.replace("2026-11-06T23:59:59+07:00", "2026-11-06T00:00:00+07:00"))
    assert (statement.to_day.day, statement.known_at(taken_at)) == (6, taken_at)
