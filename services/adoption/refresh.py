"""The refresh: changed facts → rows → days → windows → figures, each step only for what was touched.

Every step deletes what it holds about the touched keys and computes it again from the step before, so a duplicate, a late
fact, an undo and a correction need no case of their own. A fixed number of statements, in one transaction with the outbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.adoption import days, rows, windows
from services.adoption.comparing import STRETCHES, Stretch, stretch_of
from services.adoption.model import (
    ONE_DAY,
    ROLLING_DAYS,
    Range,
    as_of_after,
    month_end,
    ranges_with,
    window_range,
    windows_of,
)
from services.adoption.places import all_units, replace_places
from services.adoption.publishing import ALL_PUBLISHED, ALL_RANGES, Asked, asked_of, publish
from services.adoption.windows import NO_CAMPAIGN, CampaignUnit, Window
from shared.runtime.postgres import Connection

CHANGES_MAX = 5_000
"""Most changes that one pass works off."""
DAYS_MAX = 1_000
"""Most (site, day) pairs that one pass computes: a late fact of one touches up to 39 windows."""
WINDOWS_MAX = 4_000
"""About how many windows of sites one pass computes."""
ASKED_MAX = 120
"""Most windows that are summed and compared with the published figures at once after a replay."""

# Two passes at once could publish an older value over a newer one.
ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtext('adoption/refresh'))"

# By the primary key, oldest first. Rows are deleted where the subquery found them: a queue is empty when statistics are taken,
# so a join of it with itself is planned as if it always were.
CLAIM_CHANGES = """
delete from changes where ctid = any(array(select ctid from changes order by id limit $1))
returning id, what, entity_id, traceparent
"""

# Newest days first: the current figures do not wait for history. By the primary key.
CLAIM_DAYS = """
delete from touched_days where ctid = any(array(select ctid from touched_days order by day desc, site_id limit $1))
returning site_id, day
"""
CLAIM_RANGES = """
delete from touched_ranges
where (ends_on, starts_on) in (
  select ends_on, starts_on from touched_ranges where ends_on >= $2 order by ends_on desc, starts_on desc limit $1
)
returning starts_on, ends_on
"""

CARRIED_TO = "select carried_to from calendar"
CARRY = "insert into calendar (carried_to) values ($1) on conflict (only_row) do update set carried_to = excluded.carried_to"

# By site_days_by_day.
DAYS_SINCE = "select site_id, day from site_days where day > $1 and fee_kind = 'all' and village = 'all'"

# The queue is as long on each new day, until somebody works it off. By transfers_waiting (whole: what waits is little).
TOUCH_WAITING = """
insert into touched_days (site_id, day)
select distinct site_id, waiting::date from transfers cross join lateral
  generate_series(greatest(waits_from, $1::date), $2::date, interval '1 day') as waiting
where waits_until is null
on conflict do nothing
"""

# Once a day, over the whole table.
TOUCH_DUE = """
insert into touched_days (site_id, day)
select distinct site_id, due_on from settlements where due_on between $1 and $2 on conflict do nothing
"""

ALL_CAMPAIGNS = "select campaign_id, unit_code, starts_on, ends_on from campaigns order by campaign_id"

# What was published of campaigns that changed: their stretches may have been others. By the primary key of figures.
PUBLISHED_STRETCHES = """
select c.campaign_id, window_kind, as_of from unnest($1::text[]) as c(campaign_id)
join figures f on f.scope in ('campaign:' || c.campaign_id, 'elsewhere:' || c.campaign_id)
"""


@dataclass(frozen=True, slots=True)
class CampaignStretch:
    """The days of a campaign, or those before or after it, that are compared."""

    campaign_id: str
    stretch: Stretch
    days: Range

    @property
    def asked(self) -> Asked:
        """As it is published."""
        return Asked(self.stretch, self.days.ends_on, self.days.starts_on, self.campaign_id)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a pass did."""

    more: bool
    """Whether more changes wait."""
    published: int = 0
    """How many figures changed."""


async def refresh(connection: Connection, today: date, *, publishing: bool = True, history: bool = True) -> Outcome:
    """Bring the figures up to date in the caller's transaction, as far as one pass goes.

    Without `history` windows that ended before today wait: what touches them may touch them again.
    `publishing` is off while a replay is worked off: half of the facts are no change of a figure.
    """
    await connection.execute(ONE_AT_A_TIME)
    changes = await connection.fetch(CLAIM_CHANGES, CHANGES_MAX)
    changed = {what: sorted({row["entity_id"] for row in changes if row["what"] == what}) for what in _WHAT}
    if changed["place"]:
        await replace_places(connection, changed["place"])
    await rows.derive(connection, changed["credit"], changed["notice"], changed["transaction"], today)
    carried_to = await _carry(connection, today)
    touched = [(row["site_id"], row["day"]) for row in await connection.fetch(CLAIM_DAYS, DAYS_MAX)]
    await days.derive(connection, touched, today)
    stretches = await _stretches(connection)
    await _touch_windows(connection, touched, stretches, today, carried_to)
    again = [
        (each.days, each.campaign_id) for each in stretches if each.campaign_id in changed["campaign"] or changed["place"]
    ]
    await windows.touch_stretches(connection, again)
    units = await _campaign_units(connection) if stretches else []
    since = date.min if history else today
    recomputed, more_windows = await windows.derive_some(connection, today, since, WINDOWS_MAX, units)
    published = 0
    if publishing:
        claimed = await connection.fetch(CLAIM_RANGES, ASKED_MAX, since)
        ranges = recomputed.ranges | {(Range(row["starts_on"], row["ends_on"]), NO_CAMPAIGN) for row in claimed} | {*again}
        asked = _asked(ranges, stretches, today) | await _former(connection, changed["campaign"], stretches)
        newest = max(changes, key=lambda row: int(row["id"]), default=None)
        published = await publish(connection, asked, recomputed, newest["traceparent"] if newest else None)
        more_windows = more_windows or len(claimed) == ASKED_MAX
    return Outcome(more_windows or len(changes) == CHANGES_MAX or len(touched) == DAYS_MAX, published)


async def publish_all(connection: Connection, asked: Sequence[Asked]) -> None:
    """Publish what differs in these windows, in the caller's transaction."""
    await connection.execute(ONE_AT_A_TIME)
    await publish(connection, asked)


async def all_asked(connection: Connection, today: date) -> list[list[Asked]]:
    """Every window that holds or held a figure, in portions for `publish_all`."""
    stretches = await _stretches(connection)
    rows_ = await connection.fetch(ALL_RANGES)
    ranges = {(Range(row["starts_on"], row["ends_on"]), row["campaign_id"]) for row in rows_}
    asked = _asked(ranges, stretches, today)
    known = {(each.window, each.as_of, each.campaign_id) for each in asked}
    for row in await connection.fetch(ALL_PUBLISHED):
        if (row["window_kind"], row["as_of"], row["campaign_id"]) not in known:
            asked.add(_published(row["window_kind"], row["as_of"], row["campaign_id"]))
    ordered = sorted(asked, key=lambda each: (each.as_of, each.window, each.campaign_id or ""))
    return [ordered[start : start + ASKED_MAX] for start in range(0, len(ordered), ASKED_MAX)]


_WHAT = ("credit", "notice", "transaction", "place", "campaign")


async def _carry(connection: Connection, today: date) -> date | None:
    """The date to which the windows were carried, where a new one has come since; None where none has."""
    carried_to: date | None = await connection.fetchval(CARRIED_TO)
    if carried_to is not None and carried_to >= today:
        return None
    await connection.execute(CARRY, today)
    if carried_to is not None:
        await connection.execute(TOUCH_WAITING, carried_to + ONE_DAY, today)
        await connection.execute(TOUCH_DUE, carried_to + ONE_DAY, today)
    return carried_to


async def _touch_windows(
    connection: Connection,
    touched: Iterable[tuple[str, date]],
    stretches: Sequence[CampaignStretch],
    today: date,
    carried_to: date | None,
) -> None:
    """Every window that holds a touched day, and those that a new date adds without any new payment."""
    by_day: dict[date, list[tuple[Range, str]]] = {}
    found: set[Window] = set()
    for site_id, day in touched:
        if day not in by_day:
            by_day[day] = [(each, NO_CAMPAIGN) for each in ranges_with(day, today)]
            by_day[day] += [
                (each.days, each.campaign_id) for each in stretches if each.days.starts_on <= day <= each.days.ends_on
            ]
        found.update(Window(site_id, *each) for each in by_day[day])
    if carried_to is not None:
        since = carried_to - timedelta(days=max(ROLLING_DAYS.values()))
        for row in await connection.fetch(DAYS_SINCE, since):
            found.update(Window(row["site_id"], each) for each in ranges_with(row["day"], today, carried_to))
        # What stands still is told each day too: a queue nobody works off, sites that went quiet.
        await connection.executemany(TOUCH_RANGE, _new_ranges(carried_to, today))
    await windows.touch(connection, found)


TOUCH_RANGE = "insert into touched_ranges (starts_on, ends_on) values ($1, $2) on conflict do nothing"


def _new_ranges(carried_to: date, today: date) -> list[Range]:
    """The windows whose last day came after `carried_to`, at most a month of them."""
    first = max(carried_to + ONE_DAY, today - timedelta(days=max(ROLLING_DAYS.values())))
    dates = [first + timedelta(days=offset) for offset in range((today - first).days + 1)]
    return [
        *(window_range(window, day) for day in dates for window in ROLLING_DAYS),
        window_range("month", month_end(today)),
    ]


def _asked(ranges: set[tuple[Range, str]], stretches: Sequence[CampaignStretch], today: date) -> set[Asked]:
    """What these ranges are, and the windows after them, in which a site may have gone quiet."""
    asked = {each.asked for each in stretches if (each.days, each.campaign_id) in ranges}
    for days_, campaign_id in ranges:
        for each in asked_of(days_, today) if campaign_id == NO_CAMPAIGN else ():
            asked.add(each)
            if each.window != "day":
                following = window_range(each.window, as_of_after(each.window, each.as_of))
                if each.window in windows_of(following, today) and following.starts_on <= today:
                    asked.add(Asked(each.window, following.ends_on, following.starts_on))
    return asked


async def _stretches(connection: Connection) -> list[CampaignStretch]:
    return [
        CampaignStretch(row["campaign_id"], stretch, stretch_of(stretch, row["starts_on"], row["ends_on"]))
        for row in await connection.fetch(ALL_CAMPAIGNS)
        for stretch in STRETCHES
    ]


async def _former(connection: Connection, changed: Sequence[str], stretches: Sequence[CampaignStretch]) -> set[Asked]:
    """What was published of changed campaigns under other days than theirs are now: nothing is left of it."""
    if not changed:
        return set()
    now = {(each.campaign_id, each.stretch, each.days.ends_on) for each in stretches}
    return {
        _published(row["window_kind"], row["as_of"], row["campaign_id"])
        for row in await connection.fetch(PUBLISHED_STRETCHES, changed)
        if (row["campaign_id"], row["window_kind"], row["as_of"]) not in now
    }


def _published(window: Any, as_of: date, campaign_id: str | None) -> Asked:
    """A window as it stands among the published ones; of a campaign's former stretch no day is left."""
    starts_on = as_of + ONE_DAY if campaign_id else window_range(window, as_of).starts_on
    return Asked(window, as_of, starts_on, campaign_id)


async def _campaign_units(connection: Connection) -> list[CampaignUnit]:
    """The units of campaigns, each with those that became part of it: the days before may lie before a merger."""
    units = await all_units(connection)
    found = []
    for row in await connection.fetch(ALL_CAMPAIGNS):
        level = units.level_of(row["unit_code"], row["starts_on"])
        codes = {row["unit_code"], *(code for code, _ in units.carried(row["unit_code"]).parts)}
        found += [CampaignUnit(row["campaign_id"], level, code) for code in sorted(codes) if level is not None]
    return found
