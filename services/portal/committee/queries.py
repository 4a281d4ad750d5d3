"""Adoption's figures of the reader's places, and what was done there. The database shows no other place."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final

import asyncpg

from services.portal.committee.model import Figure, Metric
from shared.runtime.postgres import Connection

METRICS: Final[tuple[Metric, ...]] = (
    "cashless_share_payers", "cashless_share_count", "cashless_share_value", "site_coverage", "automatic_share",
    "webhook_late_share",
)  # fmt: skip

# By metrics_of_scope.
OF_MONTH = """
select scope, site_type, metric, numerator, denominator from metrics
where scope = any($1::text[]) and metric = any($2::text[]) and span = 'month' and as_of = $3 and fee_kind = 'all'
"""
SERIES = """
select as_of, numerator, denominator from metrics
where scope = $1 and metric = $2 and span = 'month' and as_of = any($3::date[]) and fee_kind = 'all' and site_type = 'all'
"""
UNITS = """
select unit_code, name, level from units where unit_code = any($1::text[]) and valid_to is null order by level, name
"""
SITES = "select site_id, name, sample from sites where site_id = any($1::text[]) order by name"
CAMPAIGNS = """
select entity from entities where topic = 'directory.campaigns.v1' and entity ->> 'unit_code' = any($1::text[])
  and entity ->> 'starts_on' <= $3 and entity ->> 'ends_on' >= $2
order by entity ->> 'starts_on', key
"""
# By help_of_scope.
HELP = """
select kind, sum(people)::bigint as people from help_given
where scope = any($1::text[]) and given_on between $2 and $3 group by kind order by kind
"""
RECENT_HELP = """
select scope, given_on, kind, people from help_given where scope = any($1::text[]) order by given_on desc, help_id desc limit 20
"""
ADD_HELP = """
insert into help_given (help_id, scope, given_on, kind, people, noted_by) values ($1, $2, $3, $4, $5, $6)
on conflict (help_id) do nothing
"""


async def of_month(
    connection: Connection, scopes: Collection[str], as_of: date
) -> dict[tuple[str, str], dict[Metric, Figure]]:
    """The figures of a month by (scope, site type); "all" is every type."""
    rows = await connection.fetch(OF_MONTH, sorted(scopes), list(METRICS), as_of)
    found: dict[tuple[str, str], dict[Metric, Figure]] = {}
    for row in rows:
        figures = found.setdefault((row["scope"], row["site_type"]), {})
        figures[row["metric"]] = Figure(row["numerator"], row["denominator"])
    return found


async def series(connection: Connection, scope: str, metric: Metric, ends: Sequence[date]) -> list[Figure]:
    """A figure of one place month by month; months without one are of nothing."""
    rows = await connection.fetch(SERIES, scope, metric, list(ends))
    told = {row["as_of"]: Figure(row["numerator"], row["denominator"]) for row in rows}
    return [told.get(end, Figure(0, 0)) for end in ends]


async def units(connection: Connection, codes: Collection[str]) -> list[asyncpg.Record]:
    """These units as they are now."""
    return await connection.fetch(UNITS, sorted(codes))


async def sites(connection: Connection, scopes: Collection[str]) -> dict[str, asyncpg.Record]:
    """The sites among these scopes, by scope."""
    ids = [scope.removeprefix("site:") for scope in scopes if scope.startswith("site:")]
    return {f"site:{row['site_id']}": row for row in await connection.fetch(SITES, ids)}


async def campaigns(connection: Connection, codes: Collection[str], first: date, last: date) -> list[dict[str, Any]]:
    """What was done in these units between two days."""
    rows = await connection.fetch(CAMPAIGNS, sorted(codes), first.isoformat(), last.isoformat())
    return [row["entity"] for row in rows]


async def help_given(connection: Connection, scopes: Collection[str], first: date, last: date) -> list[asyncpg.Record]:
    """How many people were helped, by kind."""
    return await connection.fetch(HELP, sorted(scopes), first, last)
