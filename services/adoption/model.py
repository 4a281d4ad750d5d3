"""Windows of days, and the units in which a site lay on a day. Pure."""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shared.events.adoption import Window

UNKNOWN = "unknown"
"""The named bucket of what has no unit, site or type: counted, never put under a wrong one."""
ROLLING_DAYS: dict[Window, int] = {"7d": 7, "30d": 30}
LEVELS = ("village", "commune", "district", "province")
ONE_DAY = timedelta(days=1)
PSEUDONYM_BYTES = 16


@dataclass(frozen=True, slots=True)
class UnitFact:
    """An administrative unit while it existed; both ends included."""

    code: str
    level: str
    parent_code: str | None
    valid_from: date
    valid_to: date | None

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
        """Walk up from a unit over the parents that existed on this day; a missing or circular parent ends the walk."""
        found: dict[str, str] = {}
        code: str | None = unit_code
        seen: set[str] = set()
        while code is not None and code not in seen:
            seen.add(code)
            unit = next((each for each in self._by_code.get(code, ()) if each.exists_on(day)), None)
            if unit is None:
                break
            found.setdefault(unit.level, unit.code)
            code = unit.parent_code
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
            place = self._on(stays, start)
            if stretches and stretches[-1].place == place:
                stretches[-1] = PlacedFor(stretches[-1].valid_from, end, place)
            else:
                stretches.append(PlacedFor(start, end, place))
        return stretches

    def _on(self, stays: Sequence[Stay], day: date) -> Place:
        current = [stay for stay in stays if stay.valid_from <= day and (stay.valid_to is None or day <= stay.valid_to)]
        if not current:
            return Place()
        return self.place_of(max(current, key=lambda stay: stay.valid_from).unit_code, day)


def window_start(window: Window, as_of: date) -> date:
    """The first day of the window whose last day is `as_of`."""
    match window:
        case "day":
            return as_of
        case "month":
            return as_of.replace(day=1)
        case "7d" | "30d":
            return as_of - timedelta(days=ROLLING_DAYS[window] - 1)


def month_end(day: date) -> date:
    """The last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def windows_with(day: date, today: date, carried_to: date | None = None) -> list[tuple[Window, date]]:
    """The windows (by their last day) that include a day; rolling ones only up to today.

    With `carried_to` only those whose last day came after that: what time alone adds.
    """
    windows: list[tuple[Window, date]] = []
    if carried_to is None:
        windows += [("day", day), ("month", month_end(day))]
    for window, length in ROLLING_DAYS.items():
        # Offsets, not dates, are compared: an event of the year 9999 must not overflow.
        first = 0 if carried_to is None else max(0, (carried_to - day).days + 1)
        last = min(length - 1, (today - day).days)
        windows += [(window, day + timedelta(days=offset)) for offset in range(first, last + 1)]
    return windows


def payer_key(secret_key: str) -> bytes:
    """The key of the pseudonyms, from the installation's secret; under another secret they are others."""
    return hashlib.blake2b(b"adoption/payers", key=hashlib.sha256(secret_key.encode()).digest(), digest_size=32).digest()


def pseudonym(secret: bytes, site_id: str, payer_code: str | None, bill_id: str) -> str:
    """A payer of a site without the code: the same for the same payer, and not to be read back without the key.

    A payer whose code was erased is one payer per bill.
    """
    who = f"{site_id}\0payer\0{payer_code}" if payer_code else f"{site_id}\0bill\0{bill_id}"
    return hashlib.blake2b(who.encode(), key=secret, digest_size=PSEUDONYM_BYTES).hexdigest()


def _turns(valid_from: date, valid_to: date | None) -> list[date]:
    """The days on which something begins or has ended."""
    return [valid_from] if valid_to is None or valid_to == date.max else [valid_from, valid_to + ONE_DAY]
