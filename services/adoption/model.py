"""Ranges of days, the units in which something lay on a day, and payers without their codes. Pure."""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from shared.events.adoption import Window

UNKNOWN = "unknown"
"""The named bucket of what has no unit, site or type: counted, never put under a wrong one."""
ROLLING_DAYS: dict[Window, int] = {"7d": 7, "30d": 30}
LEVELS = ("village", "commune", "district", "province")
ONE_DAY = timedelta(days=1)
PSEUDONYM_BYTES = 16


class Range(NamedTuple):
    """Days from the first to the last, both included."""

    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class UnitFact:
    """An administrative unit while it existed; both ends included. One that ends before it starts never existed."""

    code: str
    level: str
    parent_code: str | None
    valid_from: date
    valid_to: date | None
    succeeded_by: tuple[str, ...] = ()

    def exists_on(self, day: date) -> bool:
        """Whether the unit existed on this day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Stay:
    """A site's unit from a day on; both ends included."""

    unit_code: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Place:
    """The units in which something lies, by level."""

    village: str = UNKNOWN
    commune: str = UNKNOWN
    district: str = UNKNOWN
    province: str = UNKNOWN


@dataclass(frozen=True, slots=True)
class PlacedFor:
    """A place from a day to a day, both included."""

    valid_from: date
    valid_to: date
    place: Place
    stands: bool
    """Whether it was anywhere at all."""


@dataclass(frozen=True, slots=True)
class Carried:
    """The units whose days a unit's series takes in, and those whose days it cannot, because they were divided."""

    parts: tuple[tuple[str, Range], ...]
    divided: tuple[str, ...]


class Units:
    """The administrative units of all times."""

    def __init__(self, units: Iterable[UnitFact]) -> None:
        self._by_code: dict[str, list[UnitFact]] = defaultdict(list)
        for unit in units:
            self._by_code[unit.code].append(unit)
        for versions in self._by_code.values():
            versions.sort(key=lambda unit: unit.valid_from, reverse=True)
        self._turns = {
            turn
            for versions in self._by_code.values()
            for unit in versions
            for turn in _turns(unit.valid_from, unit.valid_to)
        }

    def place_of(self, unit_code: str, day: date) -> Place:
        """Walk up from a unit over the parents that existed on this day.

        A parent that is missing, lies within itself or is one of two ends the walk: above it nothing is known.
        """
        found: dict[str, str] = {}
        code: str | None = unit_code
        seen: set[str] = set()
        while code is not None and code not in seen:
            seen.add(code)
            standing = {(unit.level, unit.parent_code) for unit in self._by_code.get(code, ()) if unit.exists_on(day)}
            levels, parents = {level for level, _ in standing}, {parent for _, parent in standing}
            if len(levels) != 1:
                break
            found.setdefault(levels.pop(), code)
            code = parents.pop() if len(parents) == 1 else None
        return Place(**{level: found.get(level, UNKNOWN) for level in LEVELS})

    def places_of(self, stays: Sequence[Stay]) -> list[PlacedFor]:
        """Where a site lay over all time, as stretches without gap; empty where it never had a unit."""
        if not stays:
            return []
        turns = {date.min, *self._turns, *(turn for stay in stays for turn in _turns(stay.valid_from, stay.valid_to))}
        starts = sorted(turns)
        ends = [start - ONE_DAY for start in starts[1:]] + [date.max]
        stretches: list[PlacedFor] = []
        for start, end in zip(starts, ends, strict=True):
            unit_code = _unit_on(stays, start)
            place = Place() if unit_code is None else self.place_of(unit_code, start)
            stretch = PlacedFor(start, end, place, stands=unit_code is not None)
            if stretches and (stretches[-1].place, stretches[-1].stands) == (place, stretch.stands):
                stretch = replace(stretches.pop(), valid_to=end)
            stretches.append(stretch)
        return stretches

    def level_of(self, code: str, day: date) -> str | None:
        """The level of a unit; of its newest row where it did not exist on the day; None for one that never existed."""
        versions = self._by_code.get(code, ())
        return next((unit.level for unit in versions if unit.exists_on(day)), versions[0].level if versions else None)

    def stands(self, code: str, day: date) -> bool:
        """Whether a unit of this code existed on a day."""
        return any(unit.exists_on(day) for unit in self._by_code.get(code, ()))

    def carried(self, code: str) -> Carried:
        """A unit's own days and those of the units that became part of it, over any number of mergers.

        A unit that was divided among several cannot be shared out: its figures say nothing about its parts.
        """
        parts: dict[tuple[str, Range], None] = {}
        divided: dict[str, None] = {}
        waiting = list(self._by_code.get(code, ()))
        while waiting:
            unit = waiting.pop()
            part = (unit.code, Range(unit.valid_from, unit.valid_to or date.max))
            if part in parts or part[1].ends_on < part[1].starts_on:
                continue
            parts[part] = None
            for before in self._ending_on_day_before(unit.valid_from):
                if unit.code in before.succeeded_by and before.code != code:
                    if len(before.succeeded_by) == 1:
                        waiting.append(before)
                    else:
                        divided[before.code] = None
        return Carried(tuple(sorted(parts)), tuple(sorted(divided)))

    def _ending_on_day_before(self, day: date) -> list[UnitFact]:
        return [
            unit
            for versions in self._by_code.values()
            for unit in versions
            if unit.valid_to is not None and unit.valid_to < day and (day - unit.valid_to) == ONE_DAY
        ]


def window_range(window: Window, as_of: date) -> Range:
    """The days of the window whose last day is `as_of`."""
    match window:
        case "month":
            return Range(as_of.replace(day=1), as_of)
        case "7d" | "30d":
            return Range(_earlier(as_of, ROLLING_DAYS[window] - 1), as_of)
        case _:
            return Range(as_of, as_of)


def windows_of(days: Range, today: date) -> list[Window]:
    """The windows that a range of days is. Rolling ones stand up to today; a month may be 30 days too."""
    windows: list[Window] = []
    length = (days.ends_on - days.starts_on).days + 1
    if length == 1:
        windows.append("day")
    windows += [window for window, rolling in ROLLING_DAYS.items() if rolling == length and days.ends_on <= today]
    if days.starts_on.day == 1 and days.ends_on == month_end(days.starts_on):
        windows.append("month")
    return windows


def range_before(window: Window, as_of: date) -> Range:
    """The window of the same length just before."""
    starts_on = window_range(window, as_of).starts_on
    return window_range(window, _earlier(starts_on, 1))


def as_of_after(window: Window, as_of: date) -> date:
    """The last day of the window of the same length just after."""
    return month_end(as_of + ONE_DAY) if window == "month" else as_of + timedelta(days=ROLLING_DAYS.get(window, 1))


def month_end(day: date) -> date:
    """The last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def ranges_with(day: date, today: date, carried_to: date | None = None) -> list[Range]:
    """The windows that include a day, as ranges; rolling ones only up to today.

    With `carried_to` only those whose last day came after that: what time alone adds.
    """
    ranges: list[Range] = []
    if carried_to is None:
        ranges += [window_range("day", day), window_range("month", month_end(day))]
    for window, length in ROLLING_DAYS.items():
        # Offsets, not dates, are compared: an event of the year 9999 must not overflow.
        first = 0 if carried_to is None else max(0, (carried_to - day).days + 1)
        last = min(length - 1, (today - day).days)
        ranges += [window_range(window, day + timedelta(days=offset)) for offset in range(first, last + 1)]
    return ranges


def payer_key(secret_key: str) -> bytes:
    """The key of the pseudonyms, from the installation's secret; under another secret they are others."""
    return hashlib.blake2b(b"adoption/payers", key=hashlib.sha256(secret_key.encode()).digest(), digest_size=32).digest()


def pseudonym(secret: bytes, site_id: str, payer_code: str | None, bill_id: str) -> str:
    """A payer of a site without the code: the same for the same payer, and not to be read back without the key.

    A payer whose code was erased is one payer per bill.
    """
    who = f"{site_id}\0payer\0{payer_code}" if payer_code else f"{site_id}\0bill\0{bill_id}"
    return hashlib.blake2b(who.encode(), key=secret, digest_size=PSEUDONYM_BYTES).hexdigest()


def bank_name(text: str | None) -> str:
    """The payer's bank in one spelling, for the label of a scope; it is free text of a provider."""
    letters = "".join(letter for letter in (text or "").upper() if letter.isascii() and letter.isalnum())
    return letters[:20] or UNKNOWN


def _unit_on(stays: Sequence[Stay], day: date) -> str | None:
    """The unit of a site on a day; of two the one to which it moved later, and neither where it moved to both at once."""
    current = [stay for stay in stays if stay.valid_from <= day and (stay.valid_to is None or day <= stay.valid_to)]
    if not current:
        return None
    newest = max(stay.valid_from for stay in current)
    codes = {stay.unit_code for stay in current if stay.valid_from == newest}
    return codes.pop() if len(codes) == 1 else UNKNOWN


def _earlier(day: date, days: int) -> date:
    return date.fromordinal(max(1, day.toordinal() - days))


def _turns(valid_from: date, valid_to: date | None) -> list[date]:
    """The days on which something begins or has ended."""
    return [valid_from] if valid_to is None or valid_to == date.max else [valid_from, valid_to + ONE_DAY]
