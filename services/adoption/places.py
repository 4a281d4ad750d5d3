"""Where each site lay and when: kept as stretches of dates, recomputed whole when a unit or a site changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from services.adoption.model import Place, PlacedFor, Stay, UnitFact, Units
from shared.runtime.postgres import Connection

ALL_UNITS = "select unit_code, level, parent_code, valid_from, valid_to, succeeded_by from units"
ALL_SITES = "select site_id, type, units from sites order by site_id"
ALL_PLACES = "select * from site_places order by site_id, valid_from"

# By the primary key (its first column).
DROP_PLACES = "delete from site_places where site_id = any($1::text[])"

ADD_PLACES = """
insert into site_places (site_id, valid_from, valid_to, site_type, village, commune, district, province, stands)
select * from unnest(
  $1::text[], $2::date[], $3::date[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::boolean[]
)
"""

# By the primary key of site_days (its first column).
TOUCH_SITES = """
insert into touched_days (site_id, day) select distinct site_id, day from site_days where site_id = any($1::text[])
on conflict do nothing
"""

# A site that is new, gone or elsewhere is one more or less of its scopes, in every range in which anything happened.
TOUCH_RANGES = """
insert into touched_ranges (starts_on, ends_on)
select distinct starts_on, ends_on from site_windows where campaign_id = '' on conflict do nothing
"""

# What lies in a village by its site. By payments_of_day and settlements_by_due_day (their first columns).
REDO_SITES = """
insert into changes (what, entity_id)
select distinct 'credit', credit_id from payments where site_id = any($1::text[])
union all
select 'notice', notice_id from settlements where site_id = any($1::text[])
"""

# What lies in a village by its notice; the credits that pay it follow. By notices_of_unit.
REDO_UNITS = (
    "insert into changes (what, entity_id) select 'notice', notice_id from notices where unit_code = any($1::text[])"
)

_Stretch = tuple[str, PlacedFor]


async def all_units(connection: Connection) -> Units:
    """The administrative units as they are known now."""
    return Units(
        UnitFact(
            row["unit_code"],
            row["level"],
            row["parent_code"],
            row["valid_from"],
            row["valid_to"],
            tuple(row["succeeded_by"]),
        )
        for row in await connection.fetch(ALL_UNITS)
    )


async def replace_places(connection: Connection, changed_units: Sequence[str]) -> None:
    """Bring the sites' places up to date, and touch every day of the sites that lay elsewhere than thought."""
    units = await all_units(connection)
    now: dict[str, list[_Stretch]] = {}
    for row in await connection.fetch(ALL_SITES):
        stays = [
            Stay(each["unit_code"], date.fromisoformat(each["valid_from"]), _date(each["valid_to"])) for each in row["units"]
        ]
        placed = units.places_of(stays) or [PlacedFor(date.min, date.max, Place(), stands=True)]
        now[row["site_id"]] = [(row["type"], each) for each in placed]
    before: dict[str, list[_Stretch]] = defaultdict(list)
    for row in await connection.fetch(ALL_PLACES):
        place = Place(row["village"], row["commune"], row["district"], row["province"])
        stretch = PlacedFor(row["valid_from"], row["valid_to"], place, stands=row["stands"])
        before[row["site_id"]].append((row["site_type"], stretch))
    changed = [site_id for site_id, placed in now.items() if placed != before.get(site_id)]
    if changed:
        await _store(connection, [(site_id, site_type, each) for site_id in changed for site_type, each in now[site_id]])
        await connection.execute(TOUCH_SITES, changed)
        await connection.execute(TOUCH_RANGES)
        moved = [each for each in changed if _villages(now[each]) != _villages(before.get(each, []))]
        await connection.execute(REDO_SITES, moved)
    await connection.execute(REDO_UNITS, list(changed_units))


async def _store(connection: Connection, rows: Sequence[tuple[str, str, PlacedFor]]) -> None:
    await connection.execute(DROP_PLACES, sorted({site_id for site_id, _, _ in rows}))
    await connection.execute(
        ADD_PLACES,
        [site_id for site_id, _, _ in rows],
        [each.valid_from for _, _, each in rows],
        [each.valid_to for _, _, each in rows],
        [site_type for _, site_type, _ in rows],
        [each.place.village for _, _, each in rows],
        [each.place.commune for _, _, each in rows],
        [each.place.district for _, _, each in rows],
        [each.place.province for _, _, each in rows],
        [each.stands for _, _, each in rows],
    )


def _villages(stretches: Sequence[_Stretch]) -> set[tuple[date, date, str]]:
    """Where and when a site lay in a village that is known."""
    return {(each.valid_from, each.valid_to, each.place.village) for _, each in stretches if each.place.village != "unknown"}


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
