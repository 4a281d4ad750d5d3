"""Numbers and moments as Vietnamese readers expect them. Pure."""

from __future__ import annotations

from datetime import date, datetime

from shared import clock
from shared.money import format_dong


def time_words(moment: datetime) -> str:
    """A moment in Vietnam's time, such as "14:05 23/11/2026"."""
    return f"{moment.astimezone(clock.LOCAL):%H:%M %d/%m/%Y}"


def clock_words(moment: datetime) -> str:
    """The time of a day, such as "14:05"."""
    return f"{moment.astimezone(clock.LOCAL):%H:%M}"


def day_words(day: date) -> str:
    """A day, such as "23/11/2026"."""
    return f"{day:%d/%m/%Y}"


def share_words(part: int, whole: int) -> str:
    """A share in whole percent, rounded down so that 100% means all; "–" where there is nothing to share."""
    return f"{part * 100 // whole}%" if whole else "–"


def count_words(count: int) -> str:
    """A number with Vietnam's grouping, such as "1.250"."""
    return f"{count:,}".replace(",", ".")


def age_words(days: int) -> str:
    """How long something waits, in days."""
    return "hôm nay" if days <= 0 else f"{days} ngày"


def unbroken(amount: int) -> str:
    """An amount in đồng that does not break over two lines."""
    return format_dong(amount).replace(" ", "\u00a0")


def iso_moment(text: str) -> str:
    """A moment that an entity tells as text."""
    return time_words(datetime.fromisoformat(text))
