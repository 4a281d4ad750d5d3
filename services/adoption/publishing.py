"""Sums → figures: publishes what differs from what was published last.

One statement sums (summing.py), compares, stores and fills the outbox, however many figures it publishes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.adoption.metrics import METRICS
from services.adoption.model import ROLLING_DAYS, Range, month_end, range_before, window_range, windows_of
from services.adoption.summing import CELL, SUMS
from services.adoption.windows import Touched
from shared.events import AdoptionMetric
from shared.events.adoption import Window
from shared.runtime.postgres import Connection
from shared.runtime.tracing import child_of

CAMPAIGN, ELSEWHERE = "campaign", "elsewhere"
"""Scopes of a campaign's unit, and of all other places in the same days."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A window that is to be summed and compared; of a campaign, or of every other scope."""

    window: Window
    as_of: date
    starts_on: date
    campaign_id: str | None = None


NOTHING = f"array_fill(0::bigint, array[{len(METRICS)}])"

# Sites and villages are looked up in a hash: `= any($7)` would go through all of them for each figure, once the plan is generic.
# What was published is 0 over 0 where nothing is left of it. By figures_by_day and the primary key of figures.
PUBLISH = f"""
with {SUMS}, published as (
  select f.* from asked join figures f using (window_kind, as_of)
  where case when campaign_id is null then f.scope not like '{CAMPAIGN}:%' and f.scope not like '{ELSEWHERE}:%'
      and ($7::text[] is null or f.scope not like 'site:%' or substr(f.scope, 6) in (select unnest($7::text[])))
      and ($8::text[] is null or f.scope not like 'village:%' or substr(f.scope, 9) in (select unnest($8::text[])))
    else f.scope in ('{CAMPAIGN}:' || campaign_id, '{ELSEWHERE}:' || campaign_id) end
), changed as materialized (
  select * from (
    select {CELL}, coalesce(p.versions, '{{}}') as old_versions,
      array(
        select coalesce(version, 0)
          + (coalesce(old_numerator, 0) <> coalesce(numerator, 0) or coalesce(old_denominator, 0) <> coalesce(denominator, 0))::integer
        from (
          select unnest(p.versions) as version, unnest(p.numerators) as old_numerator, unnest(p.denominators) as old_denominator,
            unnest(c.numerators) as numerator, unnest(c.denominators) as denominator
        ) figure
      ) as versions,
      coalesce(c.numerators, {NOTHING}) as numerators, coalesce(c.denominators, {NOTHING}) as denominators
    from computed c full join published p using ({CELL})
    where (c.numerators, c.denominators) is distinct from (p.numerators, p.denominators)
  ) compared
  where exists (select from unnest(versions, old_versions) as v(new, old) where new > coalesce(old, 0))
), stored as (
  insert into figures ({CELL}, versions, numerators, denominators)
  select {CELL}, versions, numerators, denominators from changed order by {CELL}
  on conflict ({CELL}) do update set
    versions = excluded.versions, numerators = excluded.numerators, denominators = excluded.denominators
), told as materialized (
  -- What all figures of a cell have in common is written once.
  select versions, old_versions, numerators, denominators,
    concat_ws('/', '', scope, site_type, fee_kind, window_kind, as_of) as cell,
    '","scope":' || to_json(scope) || ',"site_type":' || to_json(site_type) || ',"fee_kind":' || to_json(fee_kind)
      || ',"window":"' || window_kind || '","as_of":"' || as_of || '","numerator":' as cell_json
  from changed
), sent as (
  insert into outbox (topic, key, partition_key, version, value, traceparent)
  select $9, metric || cell, metric || cell, version,
    convert_to('{{"version":' || version || ',"metric":"' || metric || cell_json || numerator || ',"denominator":' || denominator
      || '}}', 'UTF8'), $11
  from (
    select cell, cell_json, unnest($10::text[]) as metric, unnest(versions) as version, unnest(old_versions) as old_version,
      unnest(numerators) as numerator, unnest(denominators) as denominator
    from told
  ) figure
  where version > coalesce(old_version, 0)
  returning 1
)
select count(*) from sent
"""

METRIC_NAMES = [metric.name for metric in METRICS]

ALL_RANGES = "select distinct starts_on, ends_on, campaign_id from site_windows"
ALL_PUBLISHED = f"""
select distinct window_kind, as_of, case when scope like '{CAMPAIGN}:%' then substr(scope, {len(CAMPAIGN) + 2}) end as campaign_id
from figures where scope not like '{ELSEWHERE}:%'
"""


def current_ranges(today: date) -> list[Range]:
    """The ranges whose figures are shown as the current ones."""
    return [
        window_range("day", today),
        *(window_range(each, today) for each in ROLLING_DAYS),
        window_range("month", month_end(today)),
    ]


def asked_of(days: Range, today: date) -> list[Asked]:
    """The windows that a range is."""
    return [Asked(window, days.ends_on, days.starts_on) for window in windows_of(days, today)]


async def publish(
    connection: Connection, asked: Iterable[Asked], touched: Touched | None = None, traceparent: str | None = None
) -> int:
    """Publish what differs in these windows from what was published last; returns how many figures did.

    Without `touched` every site and village is compared, as after a replay.
    """
    rows = sorted(set(asked), key=lambda each: (each.as_of, each.window, each.campaign_id or "", each.starts_on))
    if not rows:
        return 0
    before = [_before(each) for each in rows]
    return int(
        await connection.fetchval(
            PUBLISH,
            [each.window for each in rows],
            [each.starts_on for each in rows],
            [each.as_of for each in rows],
            [each.campaign_id for each in rows],
            [days and days.starts_on for days in before],
            [days and days.ends_on for days in before],
            None if touched is None else sorted(touched.sites),
            None if touched is None else sorted(touched.villages),
            AdoptionMetric.topic,
            METRIC_NAMES,
            child_of(traceparent),
        )
    )


def figure_of(row: Mapping[str, Any]) -> AdoptionMetric:
    """The event of one metric of a row of `figures`."""
    return AdoptionMetric(
        metric=row["metric"],
        version=row["version"],
        scope=row["scope"],
        site_type=row["site_type"],
        fee_kind=row["fee_kind"],
        window=row["window_kind"],
        as_of=row["as_of"],
        numerator=row["numerator"],
        denominator=row["denominator"],
    )


def _before(asked: Asked) -> Range | None:
    """The range with which one that went quiet is compared; a day and a campaign have none."""
    if asked.campaign_id is not None or asked.window == "day":
        return None
    return range_before(asked.window, asked.as_of)
