"""Sites and administrative units."""

from __future__ import annotations

from collections.abc import Sequence

from services.portal.keeping.figures import count_installation, revise
from shared.events import Site, Unit
from shared.runtime.postgres import Connection
from shared.vietnamese import search_key

# Each upsert goes by the primary key.
UPSERT_SITES = """
insert into sites as t (site_id, version, name, search_key, type, unit_code, sample, entity)
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::jsonb[])
on conflict (site_id) do update set
  version = excluded.version, name = excluded.name, search_key = excluded.search_key, type = excluded.type,
  unit_code = excluded.unit_code, sample = excluded.sample, entity = excluded.entity
where excluded.version > t.version
"""

UPSERT_UNITS = """
insert into units as t (unit_code, valid_from, version, name, level, parent_code, valid_to, entity)
select * from unnest($1::text[], $2::date[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::date[], $8::jsonb[])
on conflict (unit_code, valid_from) do update set
  version = excluded.version, name = excluded.name, level = excluded.level, parent_code = excluded.parent_code,
  valid_to = excluded.valid_to, entity = excluded.entity
where excluded.version > t.version
"""


async def keep_sites(connection: Connection, sites: Sequence[Site]) -> None:
    """Keep the sites, and tell their pages."""
    await connection.execute(
        UPSERT_SITES,
        [site.site_id for site in sites],
        [site.version for site in sites],
        [site.name for site in sites],
        [search_key(site.name) for site in sites],
        [site.type for site in sites],
        [site.unit_code for site in sites],
        [site.sample for site in sites],
        [site.model_dump(mode="json") for site in sites],
    )
    await revise(connection, {site.site_id for site in sites})
    await count_installation(connection)


async def keep_units(connection: Connection, units: Sequence[Unit]) -> None:
    """Keep the administrative units."""
    await connection.execute(
        UPSERT_UNITS,
        [unit.unit_code for unit in units],
        [unit.valid_from for unit in units],
        [unit.version for unit in units],
        [unit.name for unit in units],
        [unit.level for unit in units],
        [unit.parent_code for unit in units],
        [unit.valid_to for unit in units],
        [unit.model_dump(mode="json") for unit in units],
    )
