"""Where each site lay and when: kept as stretches of dates, recomputed whole when a unit or a site changed."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from services.adoption.model import Place, PlacedFor, Stay, UnitFact, Units
from shared.runtime.postgres import Connection

ALL_UNITS = "select unit_code, level, parent_code, valid_from, valid_to from units"
ALL_SITES = "select site_id, type, units from sites order by site_id"
ALL_PLACES = "select * from site_places order by site_id, valid_from"

# By the primary key (its first column).
DROP_PLACES = "delete from site_places where site_id = any($1::text[])"

ADD_PLACES = """
insert into site_places (site_id, valid_from, valid_to, site_type, village, commune, district, province)
select * from unnest($1::text[], $2::date[], $3::date[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
"""

# By the primary key of site_days (its first column).
TOUCH_SITES = """
insert into touched_days (site_id, day) select distinct site_id, day from site_days where site_id = any($1::text[])
on conflict do nothing
"""


async def replace_places(connection: Connection) -> None:
    """Bring the sites' places up to date, and touch every day of the sites that lay elsewhere than thought."""
    units = Units(
        UnitFact(row["unit_code"], row["level"], row["parent_code"], row["valid_from"], row["valid_to"])
        for row in await connection.fetch(ALL_UNITS)
    )
    now: dict[str, list[tuple[str, PlacedFor]]] = {}
    for row in await connection.fetch(ALL_SITES):
        stays = [
            Stay(each["unit_code"], date.fromisoformat(each["valid_from"]), _date(each["valid_to"])) for each in row["units"]
        ]
        placed = units.places_of(stays) or [PlacedFor(date.min, date.max, Place())]
        now[row["site_id"]] = [(row["type"], each) for each in placed]
    before: dict[str, list[tuple[str, PlacedFor]]] = defaultdict(list)
    for row in await connection.fetch(ALL_PLACES):
        place = Place(row["village"], row["commune"], row["district"], row["province"])
        before[row["site_id"]].append((row["site_type"], PlacedFor(row["valid_from"], row["valid_to"], place)))
    changed = [site_id for site_id, placed in now.items() if placed != before.get(site_id)]
    rows = [(site_id, site_type, each) for site_id in changed for site_type, each in now[site_id]]
    await connection.execute(DROP_PLACES, changed)
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
    )
    await connection.execute(TOUCH_SITES, changed)


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
