"""Rows → days: the counters of a site's day, and of a provider's or bank's; each touched day is computed again whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from services.adoption.metrics import LATE_AFTER_S, MATCHED_WITHIN_S, PAYMENT_COUNTERS, TRANSFER_COUNTERS
from shared.runtime.postgres import Connection

# By the primary key.
DROP_DAYS = """
delete from site_days d using unnest($1::text[], $2::date[]) as k(site_id, day) where (d.site_id, d.day) = (k.site_id, k.day)
"""
DROP_TRANSFER_DAYS = DROP_DAYS.replace("site_days", "transfer_days")
DROP_CHANNEL_DAYS = "delete from channel_days where day = any($1::date[])"

ASKED = "asked as (select * from unnest($1::text[], $2::date[]) as k(site_id, day))"

CELL = """
  case grouping(fee_kind) when 1 then 'all' else fee_kind end as fee_kind,
  case grouping(village) when 1 then 'all' else village end as village
"""
CELLS = "grouping sets ((site_id, day), (site_id, day, fee_kind), (site_id, day, village))"

TRANSFER_COUNTS = f"""
  count(*) as bank_credits,
  count(*) filter (where automatic) as automatic_credits,
  count(*) filter (where ever_automatic) as ever_automatic_credits,
  count(*) filter (where undone) as undone_credits,
  count(matched_seconds) as matched_credits,
  coalesce(sum(matched_seconds), 0) as matched_seconds,
  {", ".join(f"count(*) filter (where matched_seconds <= {limit}) as {name}" for name, limit in MATCHED_WITHIN_S.items())},
  sum(notices) as transferred_notices,
  count(cost_dong) as priced_credits,
  coalesce(sum(cost_dong), 0) as cost_dong,
  count(short_dong) as short_credits,
  coalesce(sum(short_dong), 0) as short_dong
"""
DELIVERY_COUNTS = f"""
  count(lateness_seconds) as webhook_transactions,
  count(*) filter (where lateness_seconds > {LATE_AFTER_S}) as late_transactions,
  coalesce(sum(lateness_seconds), 0) as lateness_seconds,
  count(*) filter (where watched) as watched_transactions,
  count(*) filter (where healed) as healed_transactions,
  sum(reports) as reports,
  sum(duplicate_reports) as duplicate_reports
"""
TRANSFERRED = TRANSFER_COUNTERS[: TRANSFER_COUNTERS.index("waiting_credits")]
WAITING = ("waiting_credits", "waiting_days")
DELIVERED = TRANSFER_COUNTERS[TRANSFER_COUNTERS.index("webhook_transactions") :]


def _part(source: str, keys: Sequence[str], counters: Sequence[str], has: Sequence[str]) -> str:
    """One branch of a union: the source's own counters, and 0 for the others."""
    columns = [*keys, *(name if name in has else f"0 as {name}" for name in counters)]
    return f"select {', '.join(columns)} from {source}"


def _sums(counters: Sequence[str]) -> str:
    return ", ".join(f"sum({name})::bigint as {name}" for name in counters)


KEYS = ("site_id", "day", "fee_kind", "village")
DAY_PARTS = {
    "paid": ("all_count", "cashless_count", "helped_count", "all_value", "cashless_value", "helped_value"),
    "due": ("due_notices", "on_time_notices"),
    "settled": ("settled_notices", "issue_to_paid_days"),
    "opened": ("opened_bills", "from_afar_bills"),
    "transferred": (),
}

# A credit that pays two notices counts once in each cell; what is not due yet is not late either. A day on which only
# transfers came has a row too, of zeros. By payments_of_day, settlements_by_due_day, _by_settled_day and _by_opened_day.
ADD_DAYS = f"""
with {ASKED}, paid as (
  select site_id, day, {CELL},
    count(distinct credit_id) as all_count,
    count(distinct credit_id) filter (where cashless) as cashless_count,
    count(distinct credit_id) filter (where helped) as helped_count,
    sum(amount) as all_value,
    coalesce(sum(amount) filter (where cashless), 0) as cashless_value,
    coalesce(sum(amount) filter (where helped), 0) as helped_value
  from asked join payments using (site_id, day) group by {CELLS}
), due as (
  select site_id, day, {CELL}, count(*) as due_notices, count(*) filter (where settled_on <= due_on) as on_time_notices
  from asked join settlements using (site_id) where due_on = day and day <= $3 group by {CELLS}
), settled as (
  select site_id, day, {CELL}, count(*) as settled_notices, sum(days_to_pay) as issue_to_paid_days
  from asked join settlements using (site_id) where settled_on = day group by {CELLS}
), opened as (
  select site_id, day, {CELL}, count(distinct bill_id) as opened_bills,
    count(distinct bill_id) filter (where from_afar) as from_afar_bills
  from asked join settlements using (site_id) where opened_on = day group by {CELLS}
), transferred as (
  select site_id, day, 'all' as fee_kind, 'all' as village from asked join transfer_days using (site_id, day)
)
insert into site_days ({", ".join((*KEYS, *PAYMENT_COUNTERS))})
select {", ".join(KEYS)}, {_sums(PAYMENT_COUNTERS)}
from ({" union all ".join(_part(name, KEYS, PAYMENT_COUNTERS, has) for name, has in DAY_PARTS.items())}) parts
group by {", ".join(KEYS)}
"""

TRANSFER_PARTS = {"transferred": TRANSFERRED, "waiting": WAITING, "delivered": DELIVERED}


def _transfer_days(table: str, whose: str, asked: str, using: str, spread: str, today: str) -> str:
    """The transfers of days, by site or by provider and bank."""
    keys = (whose, "day")
    parts = " union all ".join(_part(name, keys, TRANSFER_COUNTERS, has) for name, has in TRANSFER_PARTS.items())
    also = f"using ({using})" if "site_id" in using else "on true"
    return f"""
with {asked}, transferred as (
  select {whose}, day, {TRANSFER_COUNTS} from asked join transfers using ({using}) {spread} group by {whose}, day
), waiting as (
  select {whose}, asked.day, count(*) as waiting_credits, sum(asked.day - waits_from) as waiting_days
  from asked join transfers {also.replace(", day", "")} {spread}
  where (waits_until is null or waits_until > waits_from)
    and waits_from <= asked.day and (waits_until is null or waits_until > asked.day) and asked.day <= {today}
  group by {whose}, asked.day
), delivered as (
  select {whose}, day, {DELIVERY_COUNTS} from asked join deliveries using ({using}) {spread} group by {whose}, day
)
insert into {table} ({", ".join((*keys, *TRANSFER_COUNTERS))})
select {", ".join(keys)}, {_sums(TRANSFER_COUNTERS)} from ({parts}) parts group by {", ".join(keys)}
"""


# By transfers_of_day, transfers_waiting and deliveries_of_day.
ADD_TRANSFER_DAYS = _transfer_days("transfer_days", "site_id", ASKED, "site_id, day", "", "$3")

# By transfers_by_day, transfers_waiting (whole: what waits is little) and deliveries_by_day.
ADD_CHANNEL_DAYS = _transfer_days(
    "channel_days", "channel", "asked as (select * from unnest($1::date[]) as k(day))", "day",
    "cross join lateral (values ('provider:' || provider), ('bank:' || bank)) as v(channel)", "$2",
)  # fmt: skip


async def derive(connection: Connection, days: Sequence[tuple[str, date]], today: date) -> None:
    """Compute these (site, day) pairs, and the days of every provider and bank on these dates."""
    if not days:
        return
    columns = [[site_id for site_id, _ in days], [day for _, day in days]]
    dates = sorted({day for _, day in days})
    await connection.execute(DROP_TRANSFER_DAYS, *columns)
    await connection.execute(ADD_TRANSFER_DAYS, *columns, today)
    await connection.execute(DROP_DAYS, *columns)
    await connection.execute(ADD_DAYS, *columns, today)
    await connection.execute(DROP_CHANNEL_DAYS, dates)
    await connection.execute(ADD_CHANNEL_DAYS, dates, today)
