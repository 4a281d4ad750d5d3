"""Amounts, days and times as banks write them."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.statements.cells import CellError, read_amount, read_day, read_time


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("150000", 150_000), ("150,000", 150_000), ("1.250.000", 1_250_000), ("1,250,000.00", 1_250_000),
        ("1.250.000,00", 1_250_000), ("1250000.00", 1_250_000), ("150.000 VND", 150_000), ("150,000đ", 150_000),
        ("-150,000", -150_000), ("(150,000)", -150_000), ("150,000-", -150_000), ("\u2212150", -150), ("+150", 150),
        ("1 250 000", 1_250_000), ("1\u00a0250\u00a0000", 1_250_000), ("0", 0), ("0.00", 0), ("150.0", 150),
        ("", None), ("-", None), ("  ", None),
    ],
)  # fmt: skip
def test_an_amount_is_read_however_it_is_grouped(written: str, amount: int | None):
    assert read_amount(written) == amount


@pytest.mark.parametrize(
    "written",
    [
        "12,5",
        "1.5",
        "150.125,5",
        "1,25,000",
        "1.250,000",
        "abc",
        "1e3",
        "150000.01",
        "9" * 20,
        "1,000.000",
        "٣",
        "(1.000",
        "1.000)",
    ],
)
def test_what_is_no_whole_number_is_refused(written: str):
    with pytest.raises(CellError):
        read_amount(written)


@given(st.integers(-(10**14), 10**14))
def test_every_grouping_of_a_number_is_that_number(number: int):
    for text in (str(number), f"{number:,}", f"{number:,}".replace(",", "."), f"{number:,}.00"):
        assert read_amount(text) == number


@pytest.mark.parametrize(
    ("written", "day", "rest"),
    [
        ("05/11/2026", date(2026, 11, 5), ""),
        ("5-1-2026", date(2026, 1, 5), ""),
        ("05.11.26", date(2026, 11, 5), ""),
        ("2026-11-05", date(2026, 11, 5), ""),
        ("2026-11-05T14:02:37", date(2026, 11, 5), "14:02:37"),
        ("05/11/2026 14:02:37", date(2026, 11, 5), "14:02:37"),
        ("14:02:37 05/11/2026", date(2026, 11, 5), "14:02:37"),
        ("05/11/2026\n5243.65937", date(2026, 11, 5), "5243.65937"),
        ("46331", date(2026, 11, 5), ""),
        ("46331.5852662037", date(2026, 11, 5), "14:02:47"),
    ],
)
def test_a_day_is_read_with_what_stands_behind_it(written: str, day: date, rest: str):
    assert read_day(written) == (day, rest)


@pytest.mark.parametrize("written", ["", "x", "31/02/2026", "05/13/2026", "1/1/1899", "00001", "99/99/9999", "Tổng"])
def test_what_is_no_day_is_refused(written: str):
    with pytest.raises(CellError):
        read_day(written)


def test_a_time_is_read_and_what_is_none_is_left():
    assert read_time("14:02:37 x") == (time(14, 2, 37), "x")
    assert read_time("2:02 PM") == (time(14, 2), "")
    assert read_time("12:02 AM") == (time(0, 2), "")
    assert read_time("5243.65") == (None, "5243.65")
    with pytest.raises(CellError):
        read_time("25:00")
