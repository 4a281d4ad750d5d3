"""What a request says once it ended in an erasure."""

from __future__ import annotations

from datetime import date

from services.portal.requests.erasing import Money, last_free_day, outcome
from shared.clock import year_end_after


def test_it_says_until_when_the_books_are_kept_and_nothing_of_it_where_there_are_none():
    told = outcome(3, 2, Money(waiting=0, messages=4, last_day=date(2026, 1, 1)), years=10)
    assert "ở 3 khoản thu và đóng 2 trang" in told
    assert "đến 31/12/2036" in told
    assert "4 giao dịch" in told
    assert "Giữ" not in outcome(1, 1, Money(waiting=0, messages=0, last_day=None), years=10)


def test_what_a_day_has_kept_is_free_the_day_after_its_last():
    day = date(2026, 7, 1)
    until = year_end_after(day, 10)
    assert last_free_day(until, 10) < day
    assert last_free_day(date(until.year + 1, 1, 1), 10) == date(2026, 12, 31) >= day
