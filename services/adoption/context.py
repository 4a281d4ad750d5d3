"""The context beside the shares, as one table: accounts, smartphones, digital groups and networks of every unit of a level."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.adoption.queries import SMALL_GROUP
from services.adoption.tables import MEASURES, NETWORK
from shared.runtime.postgres import Connection

# Units of a level on a day, what is told of each or, where nothing is, of the nearest unit above it: the newest told up to
# that day. Ten steps up are more than there are levels; a ring of units ends the walk. By the primary keys.
CONTEXT = """
with recursive standing as (
  select distinct on (unit_code) * from units
  where valid_from <= $2 and (valid_to is null or valid_to >= $2) order by unit_code, valid_from desc
), above as (
  select unit_code as of_unit, unit_code, parent_code, 0 as steps from standing where level = $1
  union all
  select a.of_unit, s.unit_code, s.parent_code, a.steps + 1
  from above a join standing s on s.unit_code = a.parent_code where a.steps < 10
), told as (
  select distinct on (a.of_unit, c.measure) a.of_unit, c.measure, c.value, c.as_of, c.source, c.assumed, a.unit_code as told_of
  from above a join context c using (unit_code) where c.as_of <= $2
  order by a.of_unit, c.measure, a.steps, c.as_of desc
)
select s.unit_code, s.name, s.population, s.people_15_plus, s.households, s.group_members,
  coalesce((select jsonb_object_agg(t.measure, to_jsonb(t) - 'of_unit' - 'measure') from told t where t.of_unit = s.unit_code),
    '{}') as told,
  f.numerators[1] as cashless_payers, f.denominators[1] as all_payers
from standing s
left join figures f on f.scope = $1 || ':' || s.unit_code and f.site_type = 'all' and f.fee_kind = 'all'
  and f.window_kind = '30d' and f.as_of = $2
where s.level = $1 order by s.unit_code
"""


async def context(connection: Connection, level: str, on: date, *, withhold_small: bool) -> list[dict[str, Any]]:
    """Each unit with its measures, their sources, and the share of payers of the 30 days up to the day."""
    return [_row(row, withhold_small=withhold_small) for row in await connection.fetch(CONTEXT, level, on)]


def _row(row: Any, *, withhold_small: bool) -> dict[str, Any]:
    cashless, payers = row["cashless_payers"] or 0, row["all_payers"] or 0
    small = withhold_small and payers < SMALL_GROUP
    members, population = row["group_members"], row["population"]
    return {
        "unit_code": row["unit_code"],
        "name": row["name"],
        "population": population,
        "people_15_plus": row["people_15_plus"],
        "households": row["households"],
        "group_members": members,
        "group_members_per_1000": None if members is None or not population else members * 1000 / population,
        **{measure: _told(row["told"].get(measure), measure, row["unit_code"]) for measure in MEASURES},
        "cashless_payers": None if small else cashless,
        "all_payers": None if small else payers,
        "share_payers": None if small or not payers else cashless / payers,
    }


def _told(told: dict[str, Any] | None, measure: str, unit_code: str) -> dict[str, Any] | None:
    """A measure with its source; `told_of` where it was told of a larger unit only."""
    if told is None:
        return None
    value = told["value"] if measure == NETWORK else float(told["value"])
    return {
        "value": value,
        "as_of": told["as_of"],
        "source": told["source"],
        "assumed": told["assumed"],
        "told_of": None if told["told_of"] == unit_code else told["told_of"],
    }
