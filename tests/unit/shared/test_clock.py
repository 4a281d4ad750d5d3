from __future__ import annotations

from datetime import date

import pytest

from shared.clock import working_days_from


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2026, 11, 27), date(2026, 11, 25)),  # Friday, Wednesday
        (date(2026, 11, 24), date(2026, 11, 20)),  # Tuesday, Friday
        (date(2026, 11, 23), date(2026, 11, 19)),  # Monday, Thursday
        (date(2026, 11, 22), date(2026, 11, 19)),  # Sunday, Thursday
    ],
)
def test_saturdays_and_sundays_are_no_working_days(day: date, before: date):
    assert working_days_from(day, -2) == before
