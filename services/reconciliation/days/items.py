"""Which movements count on a day, in SQL that figures, bookings and late items share.

A movement counts on its home day, the day on which the bank says that it moved. Once that day is closed, what of it is not
booked counts on the day on which it was found: there stands a placement. A view (`day_items`, migration 0004) lists
movements by their home day.
"""

from __future__ import annotations

KEYS = "unnest($1::text[], $2::text[], $3::date[]) as k(site_id, account, day)"
"""The days that a statement is about."""

COLUMNS = ("credits", "debits", "allocated", "suspense", "cash", "deposits")
"""The sums of a movement, as the view and the bookings name them."""

ITEM = "select * from day_items i where i.item_id = p.item_id and i.site_id = p.site_id and i.account = p.account offset 0"
"""The movement of a placement `p`. Behind "offset 0" the view's parts are each looked up by the item; joined with the view they would
be read whole for every placement. By the primary keys of transactions, credits and refunds."""

# What is not booked yet of each movement that counts on these (open) days. By transactions_of_day, credits_cash_of_day,
# refunds_in_cash, placements_of_day, and the primary keys of placements, bookings, credits and transactions.
COUNTED = f"""
select k.site_id, k.account, k.day, each.item_id, each.home_day, each.is_late, each.is_undecided,
  {", ".join(f"each.{name} - booked.{name} as {name}" for name in COLUMNS)}
from {KEYS}
cross join lateral (
  select i.item_id, i.day as home_day, false as is_late, i.is_undecided, {", ".join(f"i.{name}" for name in COLUMNS)}
  from day_items i
  where i.site_id = k.site_id and i.account = k.account and i.day = k.day and not exists (
    select from placements p
    where p.item_id = i.item_id and p.site_id = i.site_id and p.account = i.account and p.is_open)
  union all
  select p.item_id, p.home_day, true, coalesce(i.is_undecided, false),
    {", ".join(f"coalesce(i.{name}, 0)" for name in COLUMNS)}
  from placements p
  left join lateral ({ITEM}) i on true
  where p.site_id = k.site_id and p.account = k.account and p.day = k.day and p.is_open
) each
cross join lateral (
  select {", ".join(f"coalesce(sum(b.{name}), 0)::bigint as {name}" for name in COLUMNS)}
  from bookings b where b.item_id = each.item_id and b.site_id = k.site_id and b.account = k.account
) booked
"""
