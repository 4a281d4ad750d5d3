"""Days → windows: a site's counters over a range of days, by cell; each touched window is computed again whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from services.adoption.metrics import (
    CAMPAIGN_COUNTERS,
    PAYER_COUNTERS,
    PAYMENT_COUNTERS,
    TRANSFER_COUNTERS,
    WINDOW_COUNTERS,
)
from services.adoption.model import Range
from shared.runtime.postgres import Connection

NO_CAMPAIGN = ""
"""The campaign of an ordinary window."""


class Window(NamedTuple):
    """A site's range of days; of a campaign's stretch it knows what lay inside the campaign's unit."""

    site_id: str
    days: Range
    campaign_id: str = NO_CAMPAIGN


@dataclass(slots=True)
class Touched:
    """Whose windows were computed again: their ranges, of a campaign or of none, their sites and villages."""

    ranges: set[tuple[Range, str]] = field(default_factory=set)
    sites: set[str] = field(default_factory=set)
    villages: set[str] = field(default_factory=set)


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
  select distinct ends_on, starts_on from (
    select ends_on, starts_on from touched_windows where ends_on >= $2 order by ends_on desc, starts_on desc limit $1
  ) newest
)
returning site_id, starts_on, ends_on, campaign_id
"""

# By site_windows_of_range.
DROP_WINDOWS = """
delete from site_windows w
using unnest($1::text[], $2::date[], $3::date[], $4::text[]) as k(site_id, starts_on, ends_on, campaign_id)
where (w.ends_on, w.starts_on, w.site_id, w.campaign_id) = (k.ends_on, k.starts_on, k.site_id, k.campaign_id)
returning w.village
"""

RANGE = "site_id, starts_on, ends_on"

# What a statement removed or added: a village's sum holds windows of several sites.
VILLAGES_OF = "with done as ({}) select distinct village from done where village <> 'all'"

# What each payer did in a window, as bits: 1 paid, 2 without cash, 4 through a helper, 8 had a fee due, 16 settled such a one
# without cash. By payments_of_day and settlements_by_due_day.
ACTS = """
  select payer, fee_kind, village, day, first_cashless_on, credit_id, amount, cashless, helped,
    1 + 2 * cashless::integer + 4 * helped::integer as flags
  from payments p where p.site_id = k.site_id and p.day between k.starts_on and k.ends_on
  union all
  select payer, fee_kind, village, due_on, null, null, null, false, false, 8 + 16 * settled_cashless::integer
  from settlements s where s.site_id = k.site_id and s.due_on between k.starts_on and least(k.ends_on, {today})
"""
PAYERS = """
  count(*) filter (where flags & 1 > 0) as all_payers,
  count(*) filter (where flags & 2 > 0) as cashless_payers,
  count(*) filter (where flags & 4 > 0) as helped_payers,
  count(*) filter (where flags & 2 > 0 and first_cashless_on >= k.starts_on) as first_time_payers,
  count(*) filter (where flags & 1 > 0 and first_cashless_on < k.starts_on) as known_payers,
  count(*) filter (where flags & 2 > 0 and first_cashless_on < k.starts_on) as returning_payers,
  count(*) filter (where flags & 8 > 0) as due_payers,
  count(*) filter (where flags & 16 > 0) as adopted_payers
"""
EACH_PAYER = "payer, bit_or(flags) as flags, min(first_cashless_on) as first_cashless_on"
CELL = """
  case grouping(fee_kind) when 1 then 'all' else fee_kind end as fee_kind,
  case grouping(acts.village) when 1 then 'all' else acts.village end as village
"""
CELLS = "payer, grouping sets ((), (fee_kind), (acts.village))"
DAYS = ", ".join(f"sum({name})::bigint as {name}" for name in PAYMENT_COUNTERS)
PLACE = "site_type, commune, district, province"
PLACED = "left join site_places place on place.site_id = k.site_id and acts.day between place.valid_from and place.valid_to"
ASKED = f"unnest($1::text[], $2::date[], $3::date[]) as k({RANGE})"
IS_SPLIT = """exists (
  select from site_places p where p.site_id = k.site_id and p.valid_from > k.starts_on and p.valid_from <= k.ends_on
)"""


def _counters(given: Sequence[str]) -> str:
    """Every counter of a window, 0 for those that a statement does not count."""
    return ", ".join(f"coalesce(c.{name}, 0)" if name in given else "0" for name in WINDOW_COUNTERS)


UNITS = ", ".join(
    f"case when l.level in ('every', '{level}') then coalesce(l.{level}, 'unknown') end"
    for level in ("commune", "district", "province")
)
INSERT = f"""
insert into site_windows (campaign_id, {RANGE}, fee_kind, village, level, {PLACE}, {", ".join(WINDOW_COUNTERS)})
select '{NO_CAMPAIGN}', k.site_id, k.starts_on, k.ends_on, c.fee_kind, c.village, l.level,
  coalesce(l.site_type, 'unknown'), {UNITS}
"""

# Payers are counted anew over the whole range: those of its days do not add up. A payer is a site's, so the payers of sites
# do. One lateral query a window, each over a few rows of one site. By the primary keys of site_days and site_places.
ADD_WINDOWS = f"""
{INSERT}, {_counters(WINDOW_COUNTERS)}
from {ASKED}
cross join lateral (
  select * from (
    select fee_kind, village, {PAYERS}
    from (select {CELL}, {EACH_PAYER} from ({ACTS.format(today="$4")}) acts group by {CELLS}) each_payer
    group by fee_kind, village
  ) p full join (
    select fee_kind, village, {DAYS} from site_days d
    where d.site_id = k.site_id and d.day between k.starts_on and k.ends_on group by fee_kind, village
  ) d using (fee_kind, village)
) c
left join site_places place on place.site_id = k.site_id and k.ends_on between place.valid_from and place.valid_to
cross join lateral (select 'every' as level, place.site_type, place.commune, place.district, place.province) l
where not {IS_SPLIT}
returning village
"""

# Where a site lay in two places within the range, each level has payers of its own: who paid before and after a merger is
# one payer of the province, and one of each of the two communes.
ADD_SPLIT_PAYERS = f"""
{INSERT}, {_counters(PAYER_COUNTERS)}
from {ASKED}
cross join lateral (
  select fee_kind, village, level, {PLACE}, {PAYERS}
  from (
    select {CELL}, l.*, {EACH_PAYER}
    from ({ACTS.format(today="$4")}) acts {PLACED}
    cross join lateral (values
      ('site', place.site_type, null, null, null), ('commune', place.site_type, place.commune, null, null),
      ('district', place.site_type, null, place.district, null), ('province', place.site_type, null, null, place.province)
    ) as l(level, {PLACE})
    group by l.level, l.site_type, l.commune, l.district, l.province, {CELLS}
  ) each_payer
  group by fee_kind, village, level, {PLACE}
) c
cross join lateral (select c.level, c.site_type, c.commune, c.district, c.province) l
where {IS_SPLIT}
returning village
"""
ADD_SPLIT_DAYS = f"""
{INSERT}, {_counters(PAYMENT_COUNTERS)}
from {ASKED}
cross join lateral (
  select fee_kind, acts.village, {PLACE}, {DAYS}
  from (select * from site_days d where d.site_id = k.site_id and d.day between k.starts_on and k.ends_on) acts {PLACED}
  group by fee_kind, acts.village, {PLACE}
) c
cross join lateral (select 'every' as level, c.site_type, c.commune, c.district, c.province) l
where {IS_SPLIT}
returning village
"""

# Transfers add up, so places are simply told apart; a site that nobody knows lies nowhere. The queue is a state: only a day
# has it. By the primary keys of transfer_days and site_places.
DROP_TRANSFER_WINDOWS = """
delete from transfer_windows w using unnest($1::text[], $2::date[], $3::date[]) as k(site_id, starts_on, ends_on)
where (w.ends_on, w.starts_on, w.site_id) = (k.ends_on, k.starts_on, k.site_id)
"""
ADD_TRANSFER_WINDOWS = f"""
insert into transfer_windows ({RANGE}, {PLACE}, {", ".join(TRANSFER_COUNTERS)})
select k.site_id, k.starts_on, k.ends_on, place.site_type, place.commune, place.district, place.province,
  {
    ", ".join(
        f"case when k.starts_on = k.ends_on then c.{name} else 0 end" if name.startswith("waiting_") else f"c.{name}"
        for name in TRANSFER_COUNTERS
    )
}
from {ASKED}
cross join lateral (
  select valid_from, valid_to, site_type, commune, district, province from site_places p
  where p.site_id = k.site_id and p.valid_from <= k.ends_on and p.valid_to >= k.starts_on
  union all
  select '-infinity', 'infinity', 'unknown', 'unknown', 'unknown', 'unknown'
  where not exists (select from site_places p where p.site_id = k.site_id)
) place
cross join lateral (
  select count(*) as days, {", ".join(f"sum({name})::bigint as {name}" for name in TRANSFER_COUNTERS)} from transfer_days d
  where d.site_id = k.site_id and d.day between greatest(k.starts_on, place.valid_from) and least(k.ends_on, place.valid_to)
) c
where c.days > 0
"""

# A stretch may span a merger, and its unit have had several codes: what lay inside is told before it is counted.
ADD_STRETCHES = f"""
insert into site_windows (campaign_id, {RANGE}, fee_kind, village, level, site_type, {", ".join(WINDOW_COUNTERS)})
select k.campaign_id, k.site_id, k.starts_on, k.ends_on, 'all', 'all', c.level, 'unknown', {_counters(CAMPAIGN_COUNTERS)}
from unnest($1::text[], $2::date[], $3::date[], $4::text[]) as k({RANGE}, campaign_id)
cross join lateral (
  with told as materialized (
    select acts.*, case when exists (
      select from unnest($6::text[], $7::text[], $8::text[]) as u(campaign_id, level, code)
      where u.campaign_id = k.campaign_id and u.code = case u.level when 'village' then acts.village
        when 'commune' then place.commune when 'district' then place.district else place.province end
    ) then 'campaign' else 'elsewhere' end as level
    from ({ACTS.format(today="$5")}) acts {PLACED}
  )
  select * from (
    select level, {PAYERS} from (select level, {EACH_PAYER} from told group by level, payer) each_payer group by level
  ) p join (
    select level, count(distinct credit_id) as all_count,
      count(distinct credit_id) filter (where cashless) as cashless_count,
      count(distinct credit_id) filter (where helped) as helped_count,
      coalesce(sum(amount), 0)::bigint as all_value,
      coalesce(sum(amount) filter (where cashless), 0)::bigint as cashless_value,
      coalesce(sum(amount) filter (where helped), 0)::bigint as helped_value
    from told group by level
  ) d using (level)
) c
returning village
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
    connection: Connection, today: date, since: date, limit: int, units: Sequence[CampaignUnit]
) -> tuple[Touched, bool]:
    """Compute about `limit` of the touched windows that end on `since` or later; returns whose they are, and whether more
    of them may wait.
    """
    claimed = [tuple(row) for row in await connection.fetch(CLAIM_WINDOWS, limit, since)]
    touched = Touched({(Range(row[1], row[2]), row[3]) for row in claimed}, {row[0] for row in claimed})
    if not claimed:
        return touched, False
    ordinary = [row[:3] for row in claimed if row[3] == NO_CAMPAIGN]
    stretches = [row for row in claimed if row[3] != NO_CAMPAIGN]
    statements: list[tuple[str, tuple[Any, ...]]] = [(DROP_WINDOWS, (*_columns(claimed),))]
    if ordinary:
        columns = _columns(ordinary)
        await connection.execute(DROP_TRANSFER_WINDOWS, *columns)
        await connection.execute(ADD_TRANSFER_WINDOWS, *columns)
        statements += [
            (ADD_WINDOWS, (*columns, today)),
            (ADD_SPLIT_PAYERS, (*columns, today)),
            (ADD_SPLIT_DAYS, (*columns,)),
        ]
    if stretches:
        told = ([each[place] for each in units] for place in range(3))
        statements.append((ADD_STRETCHES, (*_columns(stretches), today, *told)))
    for statement, arguments in statements:
        touched.villages |= {row["village"] for row in await connection.fetch(VILLAGES_OF.format(statement), *arguments)}
    return touched, len(claimed) >= limit


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
