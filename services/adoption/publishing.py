"""Windows → figures: sums the sites' windows over every scope, and publishes what differs from what was published last.

One statement sums, compares, stores and fills the outbox, however many figures it publishes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.adoption.metrics import COUNTERS, METRICS, SITE_COUNTERS, TRANSFER_COUNTERS, WINDOW_COUNTERS, Metric
from services.adoption.model import Range, range_before, windows_of
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


def _zeros(counters: Sequence[str], given: Sequence[str]) -> str:
    return ", ".join(name if name in given else f"0::bigint as {name}" for name in counters)


def _sums(counters: Sequence[str]) -> str:
    return ", ".join(f"sum({name})::bigint as {name}" for name in counters)


def _where_told(metric: Metric, counted: str) -> str:
    """A count, in the cells of which the metric is told."""
    return f"case when cell in ({', '.join(repr(cell) for cell in metric.cells)}) then {counted} else 0 end"


CELL_KIND = """
case when level = 'village' then 'village'
  when level = 'site' then case fee_kind when 'all' then 'site' else 'site_kind' end
  when fee_kind <> 'all' then 'kind' when level = 'type' then 'type' when site_type = 'all' then 'place' else 'typed' end
"""
CELL = "scope, site_type, fee_kind, window_kind, as_of"

# Where there is none, nothing differs: a range without any payment has no figure of coverage.
ASKED = """
asked as materialized (
  select * from unnest($1::text[], $2::date[], $3::date[], $4::text[], $5::date[], $6::date[])
    as a(window_kind, starts_on, as_of, campaign_id, before_starts_on, before_ends_on)
)"""

# Which sites stood where on a range's last day, and in which of the two ranges they took money without cash.
# By site_windows_of_range and the primary key of site_places.
COVERAGE = """
looked_at as (
  select window_kind, as_of, r.* from asked cross join lateral (
    values (as_of, starts_on, true), (before_ends_on, before_starts_on, false)
  ) as r(ends_on, starts_on, now)
  where campaign_id is null
), active as (
  select distinct window_kind, as_of, now, site_id from looked_at l join site_windows w using (ends_on, starts_on)
  where w.campaign_id = '' and fee_kind = 'all' and village = 'all' and cashless_count > 0
), lively as (
  select distinct window_kind, as_of from looked_at l
  where exists (select from site_windows w where (w.ends_on, w.starts_on, w.campaign_id) = (l.ends_on, l.starts_on, ''))
), covered as (
  select l.window_kind, l.as_of, p.site_type, p.commune, p.district, p.province, 1 as sites,
    (n.site_id is not null)::integer as active_sites, (b.site_id is not null)::integer as once_active_sites,
    (b.site_id is not null and n.site_id is null)::integer as quiet_sites
  from lively l
  join site_places p on p.stands and l.as_of between p.valid_from and p.valid_to
  left join active n on n.now and (n.window_kind, n.as_of, n.site_id) = (l.window_kind, l.as_of, p.site_id)
  left join active b on not b.now and (b.window_kind, b.as_of, b.site_id) = (l.window_kind, l.as_of, p.site_id)
)"""

# A village's row has no fee kind and a fee kind's row no village; only the row over everything is told by type too.
SCOPED = f"""
parts as (
  select window_kind, as_of, a.starts_on, level, site_id, fee_kind, village, site_type, commune, district, province,
    {_zeros(COUNTERS, WINDOW_COUNTERS)}
  from asked a join site_windows w on (w.ends_on, w.starts_on) = (a.as_of, a.starts_on)
  where a.campaign_id is null and w.campaign_id = ''
  union all
  select window_kind, as_of, a.starts_on, 'every', null, 'all', 'all', c.site_type, c.commune, c.district, c.province,
    {_zeros(COUNTERS, SITE_COUNTERS)}
  from asked a join covered c using (window_kind, as_of) where campaign_id is null
), by_scope as (
  select s.level, s.code, s.site_type, fee_kind, window_kind, as_of, min(starts_on) as starts_on, {_sums(COUNTERS)}
  from parts p cross join lateral (
    select * from (values
      ('site', p.site_id, 'all', p.level in ('every', 'site') and village = 'all' and p.site_id is not null
        and (fee_kind = 'all' or window_kind = 'month')),
      ('village', village, 'all', p.level in ('every', 'site') and village <> 'all'),
      ('type', p.site_type, p.site_type, p.level in ('every', 'site') and village = 'all'),
      ('commune', commune, 'all', p.level in ('every', 'commune') and village = 'all'),
      ('commune', commune, p.site_type, p.level in ('every', 'commune') and village = 'all' and fee_kind = 'all'),
      ('district', district, 'all', p.level in ('every', 'district') and village = 'all'),
      ('district', district, p.site_type, p.level in ('every', 'district') and village = 'all' and fee_kind = 'all'),
      ('province', province, 'all', p.level in ('every', 'province') and village = 'all'),
      ('province', province, p.site_type, p.level in ('every', 'province') and village = 'all' and fee_kind = 'all')
    ) as v(level, code, site_type, counts) where counts
  ) s
  group by s.level, s.code, s.site_type, fee_kind, window_kind, as_of
), standing as (
  -- A unit has figures while it exists: on the last day, and of its last month.
  select level || ':' || code as scope, {CELL_KIND} as cell, site_type, fee_kind, window_kind, as_of, {", ".join(COUNTERS)}
  from by_scope b
  where level in ('site', 'type') or (code = 'unknown' and level in ('commune', 'province')) or exists (
    select from units u
    where u.unit_code = b.code and u.level = b.level and u.valid_from <= as_of
      and coalesce(u.valid_to, 'infinity') >= case window_kind when 'month' then starts_on else as_of end
  )
), by_campaign as (
  select w.level || ':' || a.campaign_id as scope, 'campaign' as cell, 'all' as site_type, 'all' as fee_kind, window_kind,
    as_of, {", ".join(f"sum({name})::bigint as {name}" if name in WINDOW_COUNTERS else f"0 as {name}" for name in COUNTERS)}
  from asked a join site_windows w
    on (w.ends_on, w.starts_on, w.campaign_id) = (a.as_of, a.starts_on, a.campaign_id)
  group by w.level, a.campaign_id, window_kind, as_of
), by_channel as (
  select channel as scope, 'channel' as cell, 'all' as site_type, 'all' as fee_kind, window_kind, as_of,
    {
    ", ".join(
        (
            f"case when asked.starts_on = as_of then sum({name}) else 0 end::bigint as {name}"
            if name.startswith("waiting_")
            else f"sum({name})::bigint as {name}"
        )
        if name in TRANSFER_COUNTERS
        else f"0::bigint as {name}"
        for name in COUNTERS
    )
}
  from asked join channel_days on day between asked.starts_on and as_of
  where campaign_id is null group by channel, window_kind, as_of, asked.starts_on
), computed as (
  select {CELL}, array[{", ".join(_where_told(each, each.numerator) for each in METRICS)}]::bigint[] as numerators,
    array[{", ".join(_where_told(each, each.denominator) for each in METRICS)}]::bigint[] as denominators
  from (select * from standing union all select * from by_campaign union all select * from by_channel) every
)"""

# What was published is 0 over 0 where nothing is left of it. By figures_by_day and the primary key of figures.
PUBLISH = f"""
with {ASKED}, {COVERAGE}, {SCOPED}, published as (
  select f.* from asked join figures f using (window_kind, as_of)
  where case when campaign_id is null then f.scope not like '{CAMPAIGN}:%' and f.scope not like '{ELSEWHERE}:%'
    else f.scope in ('{CAMPAIGN}:' || campaign_id, '{ELSEWHERE}:' || campaign_id) end
), compared as (
  select {CELL}, coalesce(p.versions, '{{}}') as old_versions,
    (
      select array_agg(coalesce(version, 0) + (was is distinct from becomes)::integer order by place)
      from unnest(p.versions, p.numerators, p.denominators, c.numerators, c.denominators) with ordinality
        as u(version, old_numerator, old_denominator, numerator, denominator, place)
      cross join lateral (
        select (coalesce(old_numerator, 0), coalesce(old_denominator, 0)) as was,
          (coalesce(numerator, 0), coalesce(denominator, 0)) as becomes
      ) pairs
    ) as versions,
    coalesce(c.numerators, array_fill(0::bigint, array[{len(METRICS)}])) as numerators,
    coalesce(c.denominators, array_fill(0::bigint, array[{len(METRICS)}])) as denominators
  from computed c full join published p using ({CELL})
  where (c.numerators, c.denominators) is distinct from (p.numerators, p.denominators)
), changed as materialized (
  select * from compared
  where exists (select from unnest(versions, old_versions) as v(new, old) where new > coalesce(old, 0))
), stored as (
  insert into figures ({CELL}, versions, numerators, denominators)
  select {CELL}, versions, numerators, denominators from changed order by {CELL}
  on conflict ({CELL}) do update set
    versions = excluded.versions, numerators = excluded.numerators, denominators = excluded.denominators
), sent as (
  insert into outbox (topic, key, partition_key, version, value, traceparent)
  select $7, key, key, version,
    convert_to('{{"version":' || version || ',"metric":"' || metric || '","scope":' || to_json(scope) || ',"site_type":'
      || to_json(site_type) || ',"fee_kind":' || to_json(fee_kind) || ',"window":"' || window_kind || '","as_of":"' || as_of
      || '","numerator":' || numerator || ',"denominator":' || denominator || '}}', 'UTF8'), $9
  from (
    select {CELL}, metric, v.new as version, numerator, denominator,
      concat_ws('/', metric, scope, site_type, fee_kind, window_kind, as_of::text) as key
    from changed
    cross join lateral unnest($8::text[], versions, old_versions, numerators, denominators)
      as v(metric, new, old, numerator, denominator)
    where v.new > coalesce(v.old, 0)
  ) events
  order by as_of desc, key
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


def asked_of(days: Range, today: date) -> list[Asked]:
    """The windows that a range is."""
    return [Asked(window, days.ends_on, days.starts_on) for window in windows_of(days, today)]


async def publish(connection: Connection, asked: Iterable[Asked], traceparent: str | None = None) -> int:
    """Publish what differs in these windows from what was published last; returns how many figures did."""
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
