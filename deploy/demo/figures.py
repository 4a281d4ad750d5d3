"""What every figure of docs/metrics.md must be, counted from the truth one payment at a time.

This is the definition a second time, written for being read and not for being fast: no SQL, no windows kept, nothing
shared with the service whose figures are held against it. A figure is named by its key on adoption.metrics.v1
(metric/scope/site_type/fee_kind/window/as_of).
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from deploy.demo.happened import UNKNOWN, Drive, Spot, Truth
from deploy.demo.happened_by_day import ONE_DAY, Day, Days
from deploy.demo.sums import Figure, Sums

ROLLING = {"7d": 7, "30d": 30}


class Cell(NamedTuple):
    """Whom a figure is of, and which of its rows count."""

    scope: str
    site_type: str
    fee_kind: str
    kind: str


def figures(truth: Truth) -> dict[str, Figure]:
    """Every figure over something, by its key."""
    return _Counting(truth).all()


class _Counting:
    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self._laid_out = Days(truth)
        self.days, self.by_date = self._laid_out.days, self._laid_out.by_date
        self.first_cashless = self._laid_out.first_cashless
        self.found: dict[str, Figure] = {}

    def all(self) -> dict[str, Figure]:
        for window, first, last in self._windows():
            self._count(window, first, last)
            self._count_sites(window, first, last)
        for drive in self.truth.drives:
            for window, first, last in stretches(drive):
                self._count_drive(drive, window, first, last)
        return {key: figure for key, figure in self.found.items() if figure[1]}

    # Which windows there are.

    def _windows(self) -> Iterator[tuple[str, date, date]]:
        """(window, first day, last day) of every window of which something could be said."""
        today, dates = self.truth.today, sorted(self.by_date)
        seen: set[tuple[str, date]] = set()
        for day in dates:
            for window in ("day", "7d", "30d", "month"):
                # Sites can go quiet in the window after one in which something happened.
                for as_of in _as_ofs(window, day):
                    first, last = _window(window, as_of)
                    if (window, as_of) in seen or (window in ROLLING and as_of > today):
                        continue
                    if first > max(today, day):
                        continue
                    seen.add((window, as_of))
                    yield window, first, last

    # Counting.

    def _rows(self, first: date, last: date) -> Iterator[tuple[str, date, Day, Spot]]:
        day = first
        while day <= last:
            for site_id in self.by_date.get(day, ()):
                yield site_id, day, self.days[site_id, day], self.truth.spot(site_id, day)
            day += ONE_DAY

    def _count(self, window: str, first: date, last: date) -> None:
        counted: dict[Cell, Sums] = defaultdict(lambda: Sums(self.first_cashless, first))
        for site_id, _, happened, spot in self._rows(first, last):
            for place in _places(site_id, spot):
                scope, site_type, kind = place
                counted[Cell(scope, site_type, "all", kind)].add(happened)
                if kind in {"place", "type"} or (kind == "site" and window == "month"):
                    for fee_kind in _fee_kinds(happened):
                        cell = Cell(scope, site_type, fee_kind, "site_kind" if kind == "site" else "kind")
                        counted[cell].add(happened, fee_kind=fee_kind)
            for village in _villages(happened) - {UNKNOWN}:
                counted[Cell(f"village:{village}", "all", "all", "village")].add(happened, village=village)
            for channel in _channels(happened):
                counted[Cell(channel, "all", "all", "channel")].add_channel(happened, channel)
        for cell, sums in counted.items():
            if self._stood(cell.scope, first if window == "month" else last, last):
                for metric, figure in sums.figures(cell.kind, window).items():
                    self.found[f"{metric}/{cell.scope}/{cell.site_type}/{cell.fee_kind}/{window}/{last}"] = figure

    def _stood(self, scope: str, first: date, last: date) -> bool:
        level, _, code = scope.partition(":")
        if level not in {"village", "commune", "district", "province"} or (code == UNKNOWN and level != "district"):
            return True
        return self._laid_out.exists(level, code, first, last)

    def _count_sites(self, window: str, first: date, last: date) -> None:
        before = None if window == "day" else _before(window, first)
        lively = any(True for _ in self._rows(first, last)) or (
            before is not None and any(True for _ in self._rows(*before))
        )
        if not lively:
            return
        now, once = self._active(first, last), self._active(*before) if before else set[str]()
        sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for site_id in self.truth.site_ids:
            spot = self.truth.spot(site_id, last)
            if not spot.stands:
                continue
            for scope, site_type, kind in _places(site_id, spot):
                if kind == "site" or not self._stood(scope, first if window == "month" else last, last):
                    continue
                found = sums[scope, site_type]
                found[0] += site_id in now
                found[1] += 1
                found[2] += site_id in once and site_id not in now
                found[3] += site_id in once
        for (scope, site_type), (active, sites, quiet, once_active) in sums.items():
            self.found[f"site_coverage/{scope}/{site_type}/all/{window}/{last}"] = (active, sites)
            if before is not None:
                self.found[f"sites_gone_quiet/{scope}/{site_type}/all/{window}/{last}"] = (quiet, once_active)

    def _active(self, first: date, last: date) -> set[str]:
        return {site_id for site_id, _, day, _ in self._rows(first, last) if any(paid.cashless for paid in day.paid)}

    def _count_drive(self, drive: Drive, window: str, first: date, last: date) -> None:
        inside, elsewhere = Sums(self.first_cashless, first), Sums(self.first_cashless, first)
        for _, _, happened, spot in self._rows(first, last):
            if drive.level == "village":
                for village in _villages(happened):
                    (inside if village in drive.codes else elsewhere).add(happened, village=village)
            else:
                (inside if getattr(spot, drive.level) in drive.codes else elsewhere).add(happened)
        for scope, sums in (("campaign", inside), ("elsewhere", elsewhere)):
            for metric, figure in sums.figures("campaign", window).items():
                self.found[f"{metric}/{scope}:{drive.campaign_id}/all/all/{window}/{last}"] = figure


def stretches(drive: Drive) -> Iterator[tuple[str, date, date]]:
    """Before, during and after a campaign: as long as it, but 28 days at least and 92 at most."""
    length = timedelta(days=min(max((drive.ends_on - drive.starts_on).days + 1, 28), 92))
    yield "before", drive.starts_on - length, drive.starts_on - ONE_DAY
    yield "during", drive.starts_on, drive.ends_on
    yield "after", drive.ends_on + ONE_DAY, drive.ends_on + length


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _window(window: str, as_of: date) -> tuple[date, date]:
    if window == "month":
        return as_of.replace(day=1), as_of
    return as_of - timedelta(days=ROLLING.get(window, 1) - 1), as_of


def _before(window: str, first: date) -> tuple[date, date]:
    return _window(window, first - ONE_DAY)


def _as_ofs(window: str, day: date) -> list[date]:
    """The windows that hold a day, and those just after them."""
    if window == "day":
        return [day]
    if window == "month":
        return [_month_end(day), _month_end(_month_end(day) + ONE_DAY)]
    return [day + timedelta(days=offset) for offset in range(2 * ROLLING[window])]


def _places(site_id: str, spot: Spot) -> Iterator[tuple[str, str, str]]:
    """(scope, site type, kind of cell) of what a site counts in."""
    yield f"site:{site_id}", "all", "site"
    yield f"type:{spot.site_type}", spot.site_type, "type"
    for level in ("commune", "district", "province"):
        code = getattr(spot, level)
        if code != UNKNOWN or level != "district":
            yield f"{level}:{code}", "all", "place"
            yield f"{level}:{code}", spot.site_type, "typed"


def _fee_kinds(day: Day) -> set[str]:
    return {paid.fee_kind for paid in day.paid} | {
        state.fee.fee_kind for states in (day.due, day.settled, day.opened) for state in states
    }


def _villages(day: Day) -> set[str]:
    return {paid.village for paid in day.paid} | {
        state.village for states in (day.due, day.settled, day.opened) for state in states
    }


def _channels(day: Day) -> set[str]:
    return {channel for transfer in day.transfers for channel in transfer.channels} | {
        channel for channels, _ in day.waiting for channel in channels
    }
