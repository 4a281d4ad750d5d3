"""Periods that pages are asked for."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.portal.web import periods
from services.portal.web.refusals import Refusal


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 12, 31)))
def test_a_daily_page_shows_yesterday_on_any_day(today):
    period = periods.read("", "", periods.latest(today), today)
    assert period.first < today - timedelta(days=1) < period.last == today


@pytest.mark.parametrize("today", [date(2026, 12, 31), date(2027, 1, 1), date(2028, 2, 29)])
def test_a_month_is_called_by_its_name_though_it_be_the_latest_days(today):
    month = periods.month_of(today)
    read = periods.read(month.first.isoformat(), month.last.isoformat(), month, today)
    assert read.name == f"Tháng {today.month}/{today.year}"


def test_the_latest_days_bear_their_name_and_other_days_their_dates():
    today = date(2026, 12, 1)
    assert periods.read("2026-11-01", "2026-12-01", periods.month_of(today), today).name == "31 ngày gần đây"
    assert periods.read("2026-11-02", "2026-12-01", periods.month_of(today), today).name == "từ 02/11/2026 đến 01/12/2026"


@pytest.mark.parametrize(("first", "last"), [("2026-12-31", "2026-01-01"), ("1900-01-01", "2026-01-01")])
def test_a_period_is_in_order_and_two_years_at_most(first, last):
    today = date(2026, 12, 1)
    with pytest.raises(Refusal):
        periods.read(first, last, periods.month_of(today), today)
