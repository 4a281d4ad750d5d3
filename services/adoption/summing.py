"""Windows → sums: the sites' windows added up over every scope, as SQL that publishing.py completes.

Types, communes, districts and provinces are summed from groups of sites that lie alike, so that a province of a thousand
sites costs little more than one of fifty. Sites and villages are looked at only where something of theirs was touched.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.adoption.metrics import COUNTERS, METRICS, SITE_COUNTERS, TRANSFER_COUNTERS, WINDOW_COUNTERS, Metric

CELL = "scope, site_type, fee_kind, window_kind, as_of"


def _only(counters: Sequence[str], form: str = "sum({})::bigint as {}") -> str:
    """These counters summed, all others 0."""
    return ", ".join(form.format(name, name) if name in counters else f"0::bigint as {name}" for name in COUNTERS)


def _where_told(metric: Metric, counted: str) -> str:
    """A count, in the cells of which the metric is told."""
    return f"case when cell in ({', '.join(repr(cell) for cell in metric.cells)}) then {counted} else 0 end"


# $1 … $6: the windows, a campaign's or (null) those of all other scopes, and where there is one the window before.
# $7, $8: the sites and villages that were touched; null: all.
ASKED = """
asked as materialized (
  select * from unnest($1::text[], $2::date[], $3::date[], $4::text[], $5::date[], $6::date[])
    as a(window_kind, starts_on, as_of, campaign_id, before_starts_on, before_ends_on)
)"""

# Which sites stood where on a range's last day, and in which of the two ranges they took money without cash. A range in and
# before which nothing happened anywhere has no coverage. By site_windows_of_range and the primary key of site_places.
COVERED = """
looked_at as (
  select window_kind, as_of, r.* from asked cross join lateral (
    values (as_of, starts_on, true), (before_ends_on, before_starts_on, false)
  ) as r(ends_on, starts_on, now)
  where campaign_id is null
), active as (
  select window_kind, as_of, site_id, bool_or(now) as now, bool_or(not now) as before
  from looked_at l join site_windows w using (ends_on, starts_on)
  where w.campaign_id = '' and fee_kind = 'all' and village = 'all' and cashless_count > 0
  group by window_kind, as_of, site_id
), lively as (
  select distinct window_kind, as_of from looked_at l
  where exists (select from site_windows w where (w.ends_on, w.starts_on, w.campaign_id) = (l.ends_on, l.starts_on, ''))
), covered as (
  select l.window_kind, l.as_of, p.site_type, p.commune, p.district, p.province, count(*) as sites,
    count(*) filter (where a.now) as active_sites, count(*) filter (where a.before) as once_active_sites,
    count(*) filter (where a.before and not a.now) as quiet_sites
  from lively l
  join site_places p on p.stands and l.as_of between p.valid_from and p.valid_to
  left join active a on (a.window_kind, a.as_of, a.site_id) = (l.window_kind, l.as_of, p.site_id)
  group by l.window_kind, l.as_of, p.site_type, p.commune, p.district, p.province
)"""

WINDOWS = "asked a join site_windows w on (w.ends_on, w.starts_on) = (a.as_of, a.starts_on)"
TRANSFERS = "asked a join transfer_windows w on (w.ends_on, w.starts_on) = (a.as_of, a.starts_on)"
ORDINARY = "a.campaign_id is null and w.campaign_id = ''"

# A village's row has no fee kind and a fee kind's row no village; only the row over everything is told by type too.
# By site_windows_of_range and transfer_windows_of_range.
BY_SCOPE = f"""
alike as (
  select window_kind, as_of, a.starts_on, level, fee_kind, site_type, commune, district, province, {_only(WINDOW_COUNTERS)}
  from {WINDOWS} where {ORDINARY} and village = 'all'
  group by window_kind, as_of, a.starts_on, level, fee_kind, site_type, commune, district, province
  union all
  select window_kind, as_of, a.starts_on, 'every', 'all', site_type, commune, district, province, {_only(TRANSFER_COUNTERS)}
  from {TRANSFERS} where campaign_id is null group by window_kind, as_of, a.starts_on, site_type, commune, district, province
  union all
  select window_kind, as_of, a.starts_on, 'every', 'all', c.site_type, c.commune, c.district, c.province,
    {_only(SITE_COUNTERS, "{} as {}")}
  from asked a join covered c using (window_kind, as_of) where campaign_id is null
), by_scope as (
  select s.level, s.code, s.site_type, fee_kind, window_kind, as_of, starts_on, {_only(COUNTERS)}
  from alike cross join lateral (
    select v.* from (values
      ('type', alike.site_type, alike.site_type, alike.level in ('every', 'site')),
      ('commune', commune, 'all', alike.level in ('every', 'commune')),
      ('commune', commune, alike.site_type, alike.level in ('every', 'commune') and fee_kind = 'all'),
      ('district', district, 'all', alike.level in ('every', 'district')),
      ('district', district, alike.site_type, alike.level in ('every', 'district') and fee_kind = 'all'),
      ('province', province, 'all', alike.level in ('every', 'province')),
      ('province', province, alike.site_type, alike.level in ('every', 'province') and fee_kind = 'all')
    ) as v(level, code, site_type, counts) where counts
  ) s
  group by s.level, s.code, s.site_type, fee_kind, window_kind, as_of, starts_on
  union all
  select 'site', site_id, 'all', fee_kind, window_kind, as_of, starts_on, {_only(COUNTERS)}
  from (
    select site_id, fee_kind, window_kind, as_of, a.starts_on, {_only(WINDOW_COUNTERS, "{} as {}")}
    from {WINDOWS}
    where {ORDINARY} and village = 'all' and level in ('every', 'site') and (fee_kind = 'all' or window_kind = 'month')
    union all
    select site_id, 'all', window_kind, as_of, a.starts_on, {_only(TRANSFER_COUNTERS, "{} as {}")}
    from {TRANSFERS} where campaign_id is null
  ) of_site
  where $7::text[] is null or site_id in (select unnest($7::text[]))
  group by site_id, fee_kind, window_kind, as_of, starts_on
  union all
  select 'village', village, 'all', 'all', window_kind, as_of, a.starts_on, {_only(WINDOW_COUNTERS)}
  from {WINDOWS}
  where {ORDINARY} and village <> 'all' and level in ('every', 'site')
    and ($8::text[] is null or village in (select unnest($8::text[])))
  group by village, window_kind, as_of, a.starts_on
), standing as (
  -- A unit has figures while it exists: on the last day, and of its last month.
  select level || ':' || code as scope,
    case when level = 'village' then 'village'
      when level = 'site' then case fee_kind when 'all' then 'site' else 'site_kind' end
      when fee_kind <> 'all' then 'kind' when level = 'type' then 'type' when site_type = 'all' then 'place' else 'typed'
    end as cell, site_type, fee_kind, window_kind, as_of, {", ".join(COUNTERS)}
  from by_scope b
  where level in ('site', 'type') or (code = 'unknown' and level in ('commune', 'province')) or exists (
    select from units u
    where u.unit_code = b.code and u.level = b.level and u.valid_from <= as_of
      and coalesce(u.valid_to, 'infinity') >= case window_kind when 'month' then starts_on else as_of end
  )
)"""

# The queue is a state: only a day has it. By site_windows_of_range and the primary key of channel_days.
OTHERS = f"""
by_campaign as (
  select w.level || ':' || a.campaign_id as scope, 'campaign' as cell, 'all' as site_type, 'all' as fee_kind, window_kind,
    as_of, {_only(WINDOW_COUNTERS)}
  from {WINDOWS} and w.campaign_id = a.campaign_id
  group by w.level, a.campaign_id, window_kind, as_of
), by_channel as (
  select channel as scope, 'channel' as cell, 'all' as site_type, 'all' as fee_kind, window_kind, as_of,
    {
    _only(TRANSFER_COUNTERS)
    .replace("sum(waiting_credits)", "sum(waiting_credits) filter (where starts_on = as_of)")
    .replace("sum(waiting_days)", "sum(waiting_days) filter (where starts_on = as_of)")
}
  from asked join channel_days on day between starts_on and as_of
  where campaign_id is null group by channel, window_kind, as_of
)"""

SUMS = f"""
{ASKED}, {COVERED}, {BY_SCOPE}, {OTHERS}, computed as (
  select {CELL}, array[{", ".join(_where_told(each, each.numerator) for each in METRICS)}]::bigint[] as numerators,
    array[{", ".join(_where_told(each, each.denominator) for each in METRICS)}]::bigint[] as denominators
  from (select * from standing union all select * from by_campaign union all select * from by_channel) every
)"""
