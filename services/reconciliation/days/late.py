"""What was found after its day had closed, and what each closed day counted: acts that no replay touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from services.reconciliation.days.figures import columns_of
from services.reconciliation.days.items import COLUMNS, COUNTED, KEYS
from services.reconciliation.model import DayKey, Sums
from shared.runtime.postgres import Connection

_REST = ", ".join(f"coalesce(i.{name}, 0) - booked.{name}" for name in COLUMNS)
_NOTHING = ", ".join("0" for _ in COLUMNS)
_NAMES = ", ".join(COLUMNS)

# What of movements of closed days is not booked goes to the day on which it is found, or to the first day after it that is
# not closed either. Each lateral stands behind "offset 0", so that it is looked up by its indexes, day by day and movement by
# movement, and never joined with everything there is. By COUNTED's indexes, bookings_of_home and days_of_account.
PLACE = f"""
with candidates as (
  select distinct k.site_id, k.account, k.day as home_day, each.item_id
  from {KEYS} cross join lateral (
    select i.item_id from day_items i where i.site_id = k.site_id and i.account = k.account and i.day = k.day
    union all
    select b.item_id from bookings b where b.site_id = k.site_id and b.account = k.account and b.home_day = k.day
    offset 0
  ) each
)
insert into placements (item_id, site_id, account, day, home_day)
select c.item_id, c.site_id, c.account, greatest($4::date, (
    select max(d.day) + 1 from days d
    where d.site_id = c.site_id and d.account = c.account and d.day >= $4::date and d.state = 'closed')), min(c.home_day)
from candidates c
left join lateral (
  select * from day_items i where i.item_id = c.item_id and i.site_id = c.site_id and i.account = c.account offset 0
) i on true
cross join lateral (
  select {", ".join(f"coalesce(sum(b.{name}), 0)::bigint as {name}" for name in COLUMNS)}
  from bookings b where b.item_id = c.item_id and b.site_id = c.site_id and b.account = c.account
) booked
where ({_REST}) <> ({_NOTHING})
  and not exists (
    select from placements p
    where p.item_id = c.item_id and p.site_id = c.site_id and p.account = c.account and p.is_open offset 0)
  and (i.item_id is null or exists (
    select from days d
    where d.site_id = c.site_id and d.account = c.account and d.state = 'closed'
      and (d.day = i.day or (d.account = 'cash' and d.day >= i.day))))
group by c.item_id, c.site_id, c.account
on conflict do nothing
"""

# Where movements of these days were put last. By placements_of_home.
PLACED = f"""
select distinct p.site_id, p.account, p.day
from {KEYS} join placements p on p.site_id = k.site_id and p.account = k.account and p.home_day = k.day
where not exists (
  select from placements later
  where later.item_id = p.item_id and later.site_id = p.site_id and later.account = p.account and later.day > p.day)
"""

# Books what days count, and tells what that came to, in one snapshot. By COUNTED's indexes.
BOOK = f"""
with counted as ({COUNTED}), booked as (
  insert into bookings (item_id, site_id, account, day, home_day, {_NAMES})
  select item_id, site_id, account, day, home_day, {_NAMES} from counted where ({_NAMES}) <> ({_NOTHING})
)
select site_id, account, day, bool_or(is_undecided) as is_undecided,
  {", ".join(f"sum({name})::bigint as {name}" for name in COLUMNS)}
from counted group by site_id, account, day
"""

# By bookings_of_day.
UNBOOK = f"delete from bookings b using {KEYS} where (b.site_id, b.account, b.day) = (k.site_id, k.account, k.day)"

# By placements_of_day.
END_PLACEMENTS = f"""
update placements p set is_open = false
from {KEYS} where (p.site_id, p.account, p.day) = (k.site_id, k.account, k.day)
"""


async def place(connection: Connection, closed: Sequence[DayKey], as_of: date) -> None:
    """Put what closed days do not count on the day on which it is found."""
    await connection.execute(PLACE, *columns_of(closed), as_of)


async def placed_days(connection: Connection, keys: Sequence[DayKey]) -> set[DayKey]:
    """The days on which movements of these days count last."""
    rows = await connection.fetch(PLACED, *columns_of(keys))
    return {DayKey(row["site_id"], row["account"], row["day"]) for row in rows}


async def book(connection: Connection, totals: Mapping[DayKey, Sums]) -> set[DayKey]:
    """Book what these days count; returns those that were booked.

    Facts may have come in since the totals were taken: a day that counts something else by now is left for the next pass.
    """
    keys = sorted(totals)
    booked = {key: Sums() for key in keys}
    undecided = set()
    for row in await connection.fetch(BOOK, *columns_of(keys)):
        key = DayKey(row["site_id"], row["account"], row["day"])
        booked[key] = Sums(**{name: row[name] for name in COLUMNS})
        if row["is_undecided"]:
            undecided.add(key)
    changed = undecided | {key for key in keys if booked[key] != totals[key]}
    if changed:
        await connection.execute(UNBOOK, *columns_of(sorted(changed)))
    return set(keys) - changed


async def keep(connection: Connection, booked: set[DayKey], closed: set[DayKey]) -> None:
    """Of the days that were booked these close now, for ever; the others' bookings are taken back."""
    if booked - closed:
        await connection.execute(UNBOOK, *columns_of(sorted(booked - closed)))
    await connection.execute(END_PLACEMENTS, *columns_of(sorted(closed)))
