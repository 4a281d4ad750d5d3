"""Amounts, dates and times as banks write them in their exports. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from shared.clock import LOCAL

BALANCE_MAX_DONG = 10**15

_GROUPED = re.compile(r"\d{1,3}(?:([.,' \u00a0])\d{3})(?:\1\d{3})*")
_DECIMALS = re.compile(r"[.,]0{1,2}$")
_UNITS = re.compile(r"(?:vnđ|vnd|đồng|đ)", re.IGNORECASE)
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?(?:\s*([AP]M))?", re.ASCII | re.IGNORECASE)
_EXCEL_DAY = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_EXCEL_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel knows no zones
YEARS = range(2000, 2200)


class CellError(ValueError):
    """A cell that cannot be read; the text never quotes it."""


def read_amount(text: str) -> int | None:
    """A whole number of đồng, with its sign; None for an empty cell or a dash.

    "1.500.000", "1,500,000.00", "1500000 VND", "(150,000)" and "-150.000" are read; decimals must be zeros.
    """
    bare = _UNITS.sub("", text).replace("\u2212", "-").strip().strip("+").strip()
    if bare in {"", "-", "–", "—"}:
        return None
    if ("(" in bare) != (")" in bare):
        raise CellError("has one bracket of two")
    negative = bare.startswith("-") or (bare.startswith("(") and bare.endswith(")")) or bare.endswith("-")
    bare = bare.strip("-() ")
    if not _plain(bare):
        without = _DECIMALS.sub("", bare)
        if not _plain(without):
            raise CellError("is no whole number of đồng, such as 150000 or 1.250.000")
        bare = without
    amount = int(re.sub(r"\D", "", bare))
    if amount > BALANCE_MAX_DONG:
        raise CellError("is larger than any balance")
    return -amount if negative else amount


def _plain(text: str) -> bool:
    return (text.isascii() and text.isdigit()) or _GROUPED.fullmatch(text) is not None


def read_day(text: str) -> tuple[date, str]:
    """The day at the start of a text, and what follows it; raises CellError."""
    bare = text.strip()
    if _EXCEL_DAY.fullmatch(bare):
        moment = _EXCEL_DAY_ZERO + timedelta(days=float(bare))
        rounded = (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
        return _within(rounded.date()), "" if rounded.time() == time() else rounded.time().isoformat()
    clock = _TIME.match(bare)
    if clock:  # "14:02:37 05/11/2026"
        day, rest = read_day(bare[clock.end() :])
        return day, f"{clock[0]} {rest}".strip()
    found = _YEAR_FIRST.match(bare)
    if found:
        year, month, day_of_month = found.groups()
    else:
        found = _DAY_FIRST.match(bare)
        if not found:
            raise CellError("is no date such as 05/11/2026")
        day_of_month, month, year = found.groups()
    try:
        day = date(int(year) if len(year) == 4 else 2000 + int(year), int(month), int(day_of_month))
    except ValueError as error:
        raise CellError("is a date that does not exist") from error
    return _within(day), bare[found.end() :].strip(" \tT\n\r,-")


def read_time(text: str) -> tuple[time | None, str]:
    """The time at the start of a text, and what follows it; None where there is none."""
    found = _TIME.match(text.strip())
    if not found:
        return None, text.strip()
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4]:
        hour = hour % 12 + (12 if found[4].upper() == "PM" else 0)
    try:
        return time(hour, minute, second), text.strip()[found.end() :].strip(" \t\n\r,-")
    except ValueError as error:
        raise CellError("is a time that does not exist") from error


def local_moment(day: date, clock: time | None) -> datetime:
    """A moment in Viet Nam; the day's first where no time is known."""
    return datetime.combine(day, clock or time(), LOCAL)


def _within(day: date) -> date:
    if day.year not in YEARS:
        raise CellError(f"has a year outside {YEARS.start} to {YEARS.stop - 1}")
    return day
