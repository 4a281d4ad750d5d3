"""Days → windows: a site's counters over a range of days, by cell; each touched window is computed again whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from services.adoption.metrics import CAMPAIGN_COUNTERS, DAY_COUNTERS, PAYER_COUNTERS, WINDOW_COUNTERS
from services.adoption.model import Range
from shared.runtime.postgres import Connection

NO_CAMPAIGN = ""
"""The campaign of an ordinary window."""


class Window(NamedTuple):
    """A site's range of days; of a campaign's stretch it knows what lay inside the campaign's unit."""

    site_id: str
    days: Range
    campaign_id: str = NO_CAMPAIGN


class CampaignUnit(NamedTuple):
    """A unit in which a campaign was, under each code that it has or had."""

    campaign_id: str
    level: str
    code: str


# Several payments of one site touch the same windows: each waits once. By the primary key.
TOUCH_WINDOWS = """
insert into touched_windows (site_id, starts_on, ends_on, campaign_id)
select * from unnest($1::text[], $2::date[], $3::date[], $4::text[]) order by 3, 2, 4, 1 on conflict do nothing
"""

# Every site that has a day in a stretch. By site_days_by_day.
TOUCH_STRETCHES = """
insert into touched_windows (site_id, starts_on, ends_on, campaign_id)
select distinct site_id, r.starts_on, r.ends_on, r.campaign_id
from unnest($1::date[], $2::date[], $3::text[]) as r(starts_on, ends_on, campaign_id)
join site_days on day between r.starts_on and r.ends_on
where fee_kind = 'all' and village = 'all'
on conflict do nothing
"""

# Newest ranges first, each with all of its sites: a sum over them is published once. By the primary key.
CLAIM_WINDOWS = """
delete from touched_windows where (ends_on, starts_on) in (
  select distinct ends_on, starts_on
  from (select ends_on, starts_on from touched_windows order by ends_on desc, starts_on desc limit $1) newest
)
returning site_id, starts_on, ends_on, campaign_id
"""

# By site_windows_of_range.
DROP_WINDOWS = """
delete from site_windows w
using unnest($1::text[], $2::date[], $3::date[], $4::text[]) as k(site_id, starts_on, ends_on, campaign_id)
where (w.ends_on, w.starts_on, w.site_id, w.campaign_id) = (k.ends_on, k.starts_on, k.site_id, k.campaign_id)
"""

RANGE = "site_id, starts_on, ends_on"
ACTS = """
acts as (
  select asked.*, day, fee_kind, village, payer, credit_id, amount, cashless, helped, true as paid, false as due,
    false as adopted
  from asked join payments using (site_id) where day between starts_on and ends_on
  union all
  select asked.*, due_on, fee_kind, village, payer, null, null, false, false, false, true, settled_cashless
  from asked join settlements using (site_id) where due_on between starts_on and least(ends_on, {today})
)"""
FLAGS = ", ".join(f"bool_or({flag}) as {flag}" for flag in ("paid", "cashless", "helped", "due", "adopted"))
PAYERS = """
  count(*) filter (where paid) as all_payers,
  count(*) filter (where cashless) as cashless_payers,
  count(*) filter (where helped) as helped_payers,
  count(*) filter (where cashless and first_cashless_on >= starts_on) as first_time_payers,
  count(*) filter (where paid and first_cashless_on < starts_on) as known_payers,
  count(*) filter (where cashless and first_cashless_on < starts_on) as returning_payers,
  count(*) filter (where due) as due_payers,
  count(*) filter (where adopted) as adopted_payers
"""
PLACED = "left join site_places place on place.site_id = k.site_id and k.day between place.valid_from and place.valid_to"
KEYS = f"{RANGE}, fee_kind, village, level, site_type, commune, district, province"

# Payers are counted anew over the whole range: those of its days do not add up. A payer is a site's, so the payers of sites
# do. Where a site lay in two places within the range, each level has payers of its own: who paid before and after a merger
# is one payer of the province. The queue is a state: only a day has it. By payments_of_day, settlements_by_due_day, and the
# primary keys of site_days, payers and site_places.
ADD_WINDOWS = f"""
with asked as materialized (
  select a.*, exists (
    select from site_places p where p.site_id = a.site_id and p.valid_from > a.starts_on and p.valid_from <= a.ends_on
  ) as is_split
  from unnest($1::text[], $2::date[], $3::date[]) as a({RANGE})
), {ACTS.format(today="$4")}, each_payer as (
  select k.site_id, starts_on, ends_on, l.level, l.site_type, l.commune, l.district, l.province,
    case grouping(fee_kind) when 1 then 'all' else fee_kind end as fee_kind,
    case grouping(k.village) when 1 then 'all' else k.village end as village,
    payer, {FLAGS}
  from acts k {PLACED}
  cross join lateral (
    select 'every' as level, place.site_type, place.commune, place.district, place.province where not is_split
    union all
    select v.* from (values
      ('site', place.site_type, null, null, null), ('commune', place.site_type, place.commune, null, null),
      ('district', place.site_type, null, place.district, null), ('province', place.site_type, null, null, place.province)
    ) as v(level, site_type, commune, district, province) where is_split
  ) l
  group by k.site_id, starts_on, ends_on, l.level, l.site_type, l.commune, l.district, l.province, payer,
    grouping sets ((), (fee_kind), (k.village))
), parts as (
  select {KEYS}, {PAYERS}, {", ".join(f"0 as {name}" for name in DAY_COUNTERS)}
  from each_payer left join payers using (site_id, payer) group by {KEYS}
  union all
  select k.site_id, starts_on, ends_on, fee_kind, k.village, 'every', place.site_type, place.commune, place.district,
    place.province, {", ".join("0" for _ in PAYER_COUNTERS)},
    {
    ", ".join(
        f"case when starts_on = ends_on then sum({name}) else 0 end" if name.startswith("waiting_") else f"sum({name})"
        for name in DAY_COUNTERS
    )
}
  from (select * from asked join site_days using (site_id) where day between starts_on and ends_on) k {PLACED}
  group by k.site_id, starts_on, ends_on, fee_kind, k.village, place.site_type, place.commune, place.district, place.province
)
insert into site_windows (campaign_id, {KEYS}, {", ".join(WINDOW_COUNTERS)})
select '{NO_CAMPAIGN}', {RANGE}, fee_kind, village, level, coalesce(site_type, 'unknown'),
  {
    ", ".join(
        f"case when level in ('every', '{place}') then coalesce({place}, 'unknown') end"
        for place in ("commune", "district", "province")
    )
},
  {", ".join(f"sum({name})::bigint" for name in WINDOW_COUNTERS)}
from parts group by {KEYS}
"""

# A stretch may span a merger, and its unit have had several codes: what lay inside is told before it is counted.
# Otherwise as above. By payments_of_day, settlements_by_due_day, and the primary keys of payers and site_places.
ADD_STRETCHES = f"""
with asked as materialized (
  select * from unnest($1::text[], $2::date[], $3::date[], $4::text[]) as a({RANGE}, campaign_id)
), {ACTS.format(today="$5")}, told as (
  select k.*, case when exists (
    select from unnest($6::text[], $7::text[], $8::text[]) as u(campaign_id, level, code)
    where u.campaign_id = k.campaign_id and u.code = case u.level when 'village' then k.village
      when 'commune' then place.commune when 'district' then place.district else place.province end
  ) then 'campaign' else 'elsewhere' end as level
  from acts k {PLACED}
), each_payer as (
  select {RANGE}, campaign_id, level, payer, {FLAGS} from told group by {RANGE}, campaign_id, level, payer
), payer_counts as (
  select {RANGE}, campaign_id, level, {PAYERS}
  from each_payer left join payers using (site_id, payer) group by {RANGE}, campaign_id, level
), credit_counts as (
  select {RANGE}, campaign_id, level, count(distinct credit_id) as all_count,
    count(distinct credit_id) filter (where cashless) as cashless_count,
    count(distinct credit_id) filter (where helped) as helped_count,
    coalesce(sum(amount), 0)::bigint as all_value,
    coalesce(sum(amount) filter (where cashless), 0)::bigint as cashless_value,
    coalesce(sum(amount) filter (where helped), 0)::bigint as helped_value
  from told group by {RANGE}, campaign_id, level
)
insert into site_windows ({RANGE}, campaign_id, level, fee_kind, village, site_type, {", ".join(WINDOW_COUNTERS)})
select {RANGE}, campaign_id, level, 'all', 'all', 'unknown',
  {", ".join(name if name in CAMPAIGN_COUNTERS else "0" for name in WINDOW_COUNTERS)}
from payer_counts join credit_counts using ({RANGE}, campaign_id, level)
"""


async def touch(connection: Connection, windows: Iterable[Window]) -> None:
    """Have these windows of sites computed again."""
    rows = [(each.site_id, *each.days, each.campaign_id) for each in windows]
    if rows:
        await connection.execute(TOUCH_WINDOWS, *_columns(rows))


async def touch_stretches(connection: Connection, stretches: Sequence[tuple[Range, str]]) -> None:
    """Have these stretches of campaigns computed again for every site that has a day in them."""
    if stretches:
        await connection.execute(TOUCH_STRETCHES, *_columns([(*days, campaign_id) for days, campaign_id in stretches]))


async def derive_some(
    connection: Connection, today: date, limit: int, units: Sequence[CampaignUnit]
) -> tuple[set[tuple[Range, str]], bool]:
    """Compute about `limit` of the touched windows; returns whose ranges they are, and whether more may wait."""
    claimed = [tuple(row) for row in await connection.fetch(CLAIM_WINDOWS, limit)]
    if not claimed:
        return set(), False
    await connection.execute(DROP_WINDOWS, *_columns(claimed))
    ordinary = [row[:3] for row in claimed if row[3] == NO_CAMPAIGN]
    if ordinary:
        await connection.execute(ADD_WINDOWS, *_columns(ordinary), today)
    stretches = [row for row in claimed if row[3] != NO_CAMPAIGN]
    if stretches:
        await connection.execute(
            ADD_STRETCHES, *_columns(stretches), today,
            [each.campaign_id for each in units], [each.level for each in units], [each.code for each in units],
        )  # fmt: skip
    return {(Range(row[1], row[2]), row[3]) for row in claimed}, len(claimed) >= limit


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
