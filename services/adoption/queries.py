"""What is read of the figures: the shares of any range of days, and the metrics to publish them again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from services.adoption.metrics import POSITIONS
from services.adoption.model import UNKNOWN, Range
from services.adoption.publishing import METRIC_NAMES, figure_of
from shared.events import AdoptionMetric
from shared.runtime.postgres import Connection

By = Literal["province", "district", "commune", "village", "site", "type"]
COLUMNS: dict[By, str] = {
    "province": "coalesce(place.province, 'unknown')", "district": "coalesce(place.district, 'unknown')",
    "commune": "coalesce(place.commune, 'unknown')", "village": "d.village", "site": "d.site_id",
    "type": "coalesce(place.site_type, 'unknown')",
}  # fmt: skip
TYPE_NAMES = {"school": "Trường học", "health": "Cơ sở y tế", "office": "Bộ phận Một cửa"}
UNKNOWN_NAME = "Chưa rõ"

# {column} is one of COLUMNS. A payer is one site's payer: who pays at two sites is two payers, who used both ways is one
# payer and also a cashless one. By site_days_by_day and payments_of_day.
SHARES = """
with days as (
  select d.*, {column} as scope from site_days d
  left join site_places place on place.site_id = d.site_id and d.day between place.valid_from and place.valid_to
  where d.day between $1 and $2 and d.fee_kind = 'all' and (d.village = 'all') = {is_placed} and d.all_count > 0
    and ($3::text[] is null or d.site_id = any($3::text[]))
), figures as (
  select scope, sum(cashless_count)::bigint as cashless_count, sum(all_count)::bigint as all_count,
    sum(cashless_value)::bigint as cashless_value, sum(all_value)::bigint as all_value
  from days group by scope
), payers as (
  select scope, count(*) filter (where cashless) as cashless_payers, count(*) as all_payers
  from (
    select scope, site_id, payer, bool_or(cashless) as cashless
    from days join payments using (site_id, day)
    where {is_placed} or payments.village = days.village
    group by scope, site_id, payer
  ) each_payer
  group by scope
)
select * from figures join payers using (scope)
"""

# Units that existed on any day of the range, by their last name in it.
UNIT_NAMES = """
select distinct on (unit_code) unit_code as scope, name from units
where level = $1 and valid_from <= $3 and (valid_to is null or valid_to >= $2)
order by unit_code, valid_from desc
"""

SITE_NAMES = "select site_id as scope, name from sites where $1::text[] is null or site_id = any($1::text[])"

# The next metrics after one of a cell. By the primary key of figures.
PAGE_OF_METRICS = """
select scope, site_type, fee_kind, window_kind, as_of, m.*
from (
  select * from figures where (scope, site_type, fee_kind, window_kind, as_of) >= ($1, $2, $3, $4, $5::date)
  order by scope, site_type, fee_kind, window_kind, as_of limit $8 + 1 for share
) f
cross join lateral unnest($7::text[], versions, numerators, denominators) with ordinality
  as m(metric, version, numerator, denominator, place)
where version > 0 and (scope, site_type, fee_kind, window_kind, as_of, place) > ($1, $2, $3, $4, $5::date, $6)
order by scope, site_type, fee_kind, window_kind, as_of, place limit $8
"""

SMALL_GROUP = 5
"""Fewer payers than this could be recognised by a neighbour."""

FIGURES = ("cashless_count", "all_count", "cashless_value", "all_value", "cashless_payers", "all_payers")


async def shares_between(
    connection: Connection, by: By, first: date, last: date, sites: Sequence[str] | None
) -> list[dict[str, Any]]:
    """The shares of every scope, also of those where nothing was paid; `sites` narrows to a caller's own."""
    names = TYPE_NAMES if by == "type" else await names_of(connection, by, Range(first, last), sites)
    query = SHARES.format(column=COLUMNS[by], is_placed=by != "village")
    rows = await connection.fetch(query, first, last, sites)
    figures = {row["scope"]: {figure: row[figure] for figure in FIGURES} for row in rows}
    # A caller of some sites is not shown empty units: the units are not empty, only not the caller's.
    scopes = figures.keys() | (names.keys() if sites is None or by == "site" else set())
    return [
        _shares(scope, names.get(scope, UNKNOWN_NAME if scope == UNKNOWN else scope), figures.get(scope))
        for scope in sorted(scopes)
    ]


def withheld(shares: dict[str, Any]) -> dict[str, Any]:
    """The shares as a viewer may see them: nothing of a group in which somebody could be recognised."""
    if not 0 < shares["all_payers"] < SMALL_GROUP:
        return shares
    return {key: value if key in {"scope", "name"} else None for key, value in shares.items()} | {"withheld": True}


async def page_of_metrics(connection: Connection, after: str, limit: int) -> Sequence[AdoptionMetric]:
    """The next metrics in the order of their cells, after the one with this key ("" at first)."""
    cell = _cell(after) if after else ("", "", "", "", date.min, 0)
    rows = await connection.fetch(PAGE_OF_METRICS, *cell, METRIC_NAMES, limit)
    return [figure_of(row) for row in rows]


def _cell(key: str) -> tuple[str, str, str, str, date, int]:
    """Where a metric stands in `figures`; a scope may hold slashes, the other parts of a key cannot."""
    metric, _, rest = key.partition("/")
    scope, site_type, fee_kind, window, as_of = rest.rsplit("/", 4)
    return scope, site_type, fee_kind, window, date.fromisoformat(as_of), POSITIONS[metric] + 1


async def names_of(connection: Connection, by: str, days: Range, sites: Sequence[str] | None) -> dict[str, str]:
    """The names of sites, or of the units of a level."""
    if by == "site":
        rows = await connection.fetch(SITE_NAMES, sites)
    else:
        rows = await connection.fetch(UNIT_NAMES, by, days.starts_on, days.ends_on)
    return {row["scope"]: row["name"] for row in rows}


def _shares(scope: str, name: str, figures: dict[str, int] | None) -> dict[str, Any]:
    figures = figures or dict.fromkeys(FIGURES, 0)
    shares = {
        f"share_{what}": figures[f"cashless_{what}"] / figures[f"all_{what}"] if figures[f"all_{what}"] else None
        for what in ("count", "value", "payers")
    }
    return {"scope": scope, "name": name, **figures, **shares}
