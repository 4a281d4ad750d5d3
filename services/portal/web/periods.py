"""Stretches of days that people ask for: a month, a quarter, a school year, or two dates. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.portal.web.forms import read_day
from services.portal.web.refusals import Refusal
from services.portal.words import periods as words

LONGEST: Final = timedelta(days=366 * 2)
LATEST: Final = 31
"""Days; so that the work of yesterday stands on a daily page on the first of a month too."""
SCHOOL_YEAR_BEGINS: Final = 9
"""In September."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days from a first to a last, both included."""

    first: date
    last: date
    name: str

    @property
    def query(self) -> dict[str, str]:
        """As it stands in an address."""
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}


def latest(today: date) -> Period:
    """The days up to today, as many as a long month has."""
    return Period(today - timedelta(days=LATEST - 1), today, words.LATEST.format(days=LATEST))


def month_of(day: date) -> Period:
    """The month of a day."""
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Period(first, last, words.MONTH.format(month=first.month, year=first.year))


def quarter_of(day: date) -> Period:
    """The quarter of a day."""
    number = (day.month - 1) // 3
    first = date(day.year, number * 3 + 1, 1)
    last = month_of(date(day.year, number * 3 + 3, 1)).last
    return Period(first, last, words.QUARTER.format(quarter=number + 1, year=day.year))


def school_year_of(day: date) -> Period:
    """The school year of a day, from September to August."""
    year = day.year if day.month >= SCHOOL_YEAR_BEGINS else day.year - 1
    name = words.SCHOOL_YEAR.format(year=year, next=year + 1)
    return Period(date(year, SCHOOL_YEAR_BEGINS, 1), date(year + 1, SCHOOL_YEAR_BEGINS, 1) - timedelta(days=1), name)


def presets(today: date) -> list[Period]:
    """What people ask for most: the latest days, three months, two quarters, this school year and this year."""
    this = month_of(today)
    last = month_of(this.first - timedelta(days=1))
    before = month_of(last.first - timedelta(days=1))
    quarter = quarter_of(today)
    quarters = [quarter, quarter_of(quarter.first - timedelta(days=1))]
    year = Period(date(today.year, 1, 1), date(today.year, 12, 31), words.YEAR.format(year=today.year))
    return [latest(today), this, last, before, *quarters, school_year_of(today), year]


def read(first: str, last: str, default: Period, today: date) -> Period:
    """The period of an address; raises Refusal."""
    if not first and not last:
        return default
    begin = read_day(first) if first else default.first
    end = read_day(last) if last else default.last
    if begin > end or end - begin > LONGEST:
        raise Refusal(400, "invalid_period", words.WRONG)
    # The latest days come first among the presets and last here: on the 31st they are the month, and called so.
    named = next((each for each in reversed(presets(today)) if (each.first, each.last) == (begin, end)), None)
    return named or Period(begin, end, words.OWN.format(first=f"{begin:%d/%m/%Y}", last=f"{end:%d/%m/%Y}"))
