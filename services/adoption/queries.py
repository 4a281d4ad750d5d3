"""What is read of the figures: the shares of any range of days, and the metrics to publish them again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from services.adoption.model import UNKNOWN
from services.adoption.refresh import metric_of
from shared.events import AdoptionMetric
from shared.runtime.postgres import Connection

By = Literal["province", "district", "commune", "village", "site", "type"]
COLUMNS: dict[By, str] = {
    "province": "province", "district": "district", "commune": "commune", "village": "village", "site": "site_id",
    "type": "site_type",
}  # fmt: skip
TYPE_NAMES = {"school": "Trường học", "health": "Cơ sở y tế", "office": "Bộ phận Một cửa"}
UNKNOWN_NAME = "Chưa rõ"

# {column} is one of COLUMNS. A payer is one site's payer: who pays at two sites is two payers, who used both ways is one
# payer and also a cashless one. By site_days_by_day and payments_of_day.
SHARES = """
with days as (
  select * from site_days
  where day between $1 and $2 and fee_kind = 'all' and ($3::text[] is null or site_id = any($3::text[]))
), figures as (
  select {column} as scope, sum(cashless_count)::bigint as cashless_count, sum(all_count)::bigint as all_count,
    sum(cashless_value)::bigint as cashless_value, sum(all_value)::bigint as all_value
  from days group by 1
), payers as (
  select scope, count(*) filter (where cashless) as cashless_payers, count(*) as all_payers
  from (
    select days.{column} as scope, site_id, payer, bool_or(cashless) as cashless
    from days join payments using (site_id, day) group by 1, 2, 3
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

# By the primary key.
PAGE_OF_METRICS = "select * from metrics where key > $1 order by key limit $2 for share"

FIGURES = ("cashless_count", "all_count", "cashless_value", "all_value", "cashless_payers", "all_payers")


async def shares_between(
    connection: Connection, by: By, first: date, last: date, sites: Sequence[str] | None
) -> list[dict[str, Any]]:
    """The shares of every scope, also of those where nothing was paid; `sites` narrows to a caller's own."""
    names = await _names(connection, by, first, last, sites)
    rows = await connection.fetch(SHARES.format(column=COLUMNS[by]), first, last, sites)
    figures = {row["scope"]: {figure: row[figure] for figure in FIGURES} for row in rows}
    # A caller of some sites is not shown empty units: the units are not empty, only not the caller's.
    scopes = figures.keys() | (names.keys() if sites is None or by == "site" else set())
    return [
        _shares(scope, names.get(scope, UNKNOWN_NAME if scope == UNKNOWN else scope), figures.get(scope))
        for scope in sorted(scopes)
    ]


async def page_of_metrics(connection: Connection, after: str, limit: int) -> Sequence[AdoptionMetric]:
    """The next metrics in the order of their keys."""
    return [metric_of(row) for row in await connection.fetch(PAGE_OF_METRICS, after, limit)]


async def _names(connection: Connection, by: By, first: date, last: date, sites: Sequence[str] | None) -> dict[str, str]:
    if by == "type":
        return TYPE_NAMES
    if by == "site":
        rows = await connection.fetch(SITE_NAMES, sites)
    else:
        rows = await connection.fetch(UNIT_NAMES, by, first, last)
    return {row["scope"]: row["name"] for row in rows}


def _shares(scope: str, name: str, figures: dict[str, int] | None) -> dict[str, Any]:
    figures = figures or dict.fromkeys(FIGURES, 0)
    shares = {
        f"share_{what}": figures[f"cashless_{what}"] / figures[f"all_{what}"] if figures[f"all_{what}"] else None
        for what in ("count", "value", "payers")
    }
    return {"scope": scope, "name": name, **figures, **shares}
