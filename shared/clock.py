"""Time: UTC in storage, Asia/Ho_Chi_Minh in pages; the business day is the site's local day (DESIGN §5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

LOCAL = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Viet Nam keeps UTC+7 the whole year, without daylight saving, since 1975: a fixed offset needs no zone database."""
SATURDAY: Final = 5


def now() -> datetime:
    """The present moment in UTC. Pure code takes it as an argument instead."""
    return datetime.now(UTC)


def local_day(moment: datetime) -> date:
    """The business day to which an event time belongs."""
    return moment.astimezone(LOCAL).date()


def day_start(day: date) -> datetime:
    """The first moment of a business day."""
    return datetime.combine(day, time(), LOCAL)


def working_days_from(day: date, count: int) -> date:
    """The day so many working days after a day, or before it where the count is negative.

    Saturdays and Sundays are none; public holidays are not known here and count as working days.
    """
    step = timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    while left:
        day += step
        left -= day.weekday() < SATURDAY
    return day


def year_end_after(day: date, years: int) -> date:
    """The last day of the year that is so many years after a day's: until then what belongs to the day's year is kept."""
    return date(day.year + years, 12, 31)
