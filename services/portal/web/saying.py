"""Numbers and moments as Vietnamese readers expect them. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final

from shared import clock

_MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_SCHOOL_YEAR: Final = re.compile(r"(\d{4})\s*[-–/]\s*(\d{4})", re.ASCII)


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
    """A share in percent, such as "4,9%"; "–" where there is nothing to share."""
    tenths = share_tenths(part, whole)
    return "–" if tenths is None else f"{tenths_words(tenths)}%"


def share_tenths(part: int, whole: int) -> int | None:
    """A share in tenths of a percent, rounded; but 1000 always means all and 0 nothing. None where there is nothing to share."""
    if not whole:
        return None
    tenths = (part * 2000 + whole) // (2 * whole)
    return min(999, max(1, tenths)) if 0 < part < whole else tenths


def tenths_words(tenths: int) -> str:
    """Tenths as Vietnamese readers write them, such as "4,9"."""
    return f"{tenths // 10},{tenths % 10}" if tenths % 10 else f"{tenths // 10}"


def period_words(period: str) -> str:
    """A period as people say it: "2026-11" is tháng 11/2026, "2026-2027" năm học 2026–2027; any other stays as it was written."""
    month = _MONTH.fullmatch(period)
    if month:
        return f"tháng {int(month[2])}/{month[1]}"
    year = _SCHOOL_YEAR.fullmatch(period)
    return f"năm học {year[1]}–{year[2]}" if year and int(year[2]) == int(year[1]) + 1 else period


def fee_words(purpose: str | None, period: str | None) -> str:
    """What is paid for, and for when, unless the purpose says that already; empty where neither is known."""
    when = period_words(period) if period else ""
    if purpose and when:
        bare = when.removeprefix("tháng ").removeprefix("năm học ")
        if bare in purpose or when.casefold() in purpose.casefold():
            when = ""
    return " · ".join(part for part in (purpose, when) if part)


def count_words(count: int) -> str:
    """A number with Vietnam's grouping, such as "1.250"."""
    return f"{count:,}".replace(",", ".")


def age_words(days: int) -> str:
    """How long something waits, in days."""
    return "hôm nay" if days <= 0 else f"{days} ngày"


def unbroken(amount: str) -> str:
    """An amount in words that does not break over two lines."""
    return amount.replace(" ", "\u00a0")


def iso_moment(text: str) -> str:
    """A moment that an entity tells as text."""
    return time_words(datetime.fromisoformat(text))


def iso_day(text: str) -> str:
    """A day that an entity tells as text."""
    return day_words(date.fromisoformat(text))
