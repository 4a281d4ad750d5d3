"""The refresh: changed facts → payments → days → windows → metrics, each step only for what was touched.

Every step deletes what it holds about the touched keys and computes it again from the step before, so a duplicate, a late
fact, an undo and a correction need no case of their own. A fixed number of statements, in one transaction with the outbox.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from services.adoption.model import ROLLING_DAYS, window_start, windows_with
from services.adoption.places import replace_places
from shared.events import AdoptionMetric
from shared.events.adoption import ALL, Window
from shared.runtime.outbox import Outgoing, enqueue
from shared.runtime.postgres import Connection

CHANGES_MAX = 5_000
"""Most changes that one pass works off."""
DAYS_MAX = 1_000
"""Most (site, day) pairs that one pass computes: a late fact of one touches up to 39 windows."""
WINDOWS_MAX = 120
"""Most (window, date) pairs that are compared with the published metrics at once after a replay."""

# Two passes at once could publish an older value over a newer one.
ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtext('adoption/refresh'))"

# By the primary key, oldest first.
CLAIM_CHANGES = """
delete from changes where id in (select id from changes order by id limit $1) returning id, what, entity_id, traceparent
"""

# By allocations_of_notice.
CREDITS_OF_NOTICES = "select distinct credit_id from allocations where notice_id = any($1::text[])"

# By the primary key (its first column).
DROP_PAYMENTS = """
with gone as (delete from payments where credit_id = any($1::text[]) returning site_id, day)
insert into touched_days (site_id, day) select distinct site_id, day from gone on conflict do nothing
"""

# A payment counts at the notice's site; before the notice is known, at the credit's. Opening balances were no payments.
# By the primary keys.
ADD_PAYMENTS = """
with added as (
  insert into payments (credit_id, allocation_id, site_id, day, fee_kind, payer, cashless, amount)
  select a.credit_id, a.allocation_id, coalesce(n.site_id, c.site_id, 'unknown'), c.day, coalesce(n.fee_kind, 'unknown'),
    coalesce(n.payer, 'notice/' || a.notice_id), c.channel in ('bank', 'portal'), a.amount
  from credits c join allocations a using (credit_id) left join notices n using (notice_id)
  where c.credit_id = any($1::text[]) and c.channel <> 'opening'
  returning site_id, day
)
insert into touched_days (site_id, day) select distinct site_id, day from added on conflict do nothing
"""

# Newest days first: the current figures do not wait for history. By the primary key.
CLAIM_DAYS = """
delete from touched_days
where (day, site_id) in (select day, site_id from touched_days order by day desc, site_id limit $1)
returning site_id, day
"""

# By the primary key.
DROP_DAYS = """
delete from site_days d using unnest($1::text[], $2::date[]) as k(site_id, day) where (d.site_id, d.day) = (k.site_id, k.day)
"""

# By payments_of_day and the primary key of site_places.
ADD_DAYS = """
insert into site_days (
  site_id, day, fee_kind, site_type, village, commune, district, province,
  cashless_count, all_count, cashless_value, all_value
)
select f.site_id, f.day, f.fee_kind, coalesce(s.site_type, 'unknown'), coalesce(s.village, 'unknown'),
  coalesce(s.commune, 'unknown'), coalesce(s.district, 'unknown'), coalesce(s.province, 'unknown'),
  f.cashless_count, f.all_count, f.cashless_value, f.all_value
from (
  select site_id, day, case grouping(fee_kind) when 1 then 'all' else fee_kind end as fee_kind,
    count(distinct credit_id) filter (where cashless) as cashless_count, count(distinct credit_id) as all_count,
    coalesce(sum(amount) filter (where cashless), 0)::bigint as cashless_value, sum(amount)::bigint as all_value
  from unnest($1::text[], $2::date[]) as k(site_id, day) join payments using (site_id, day)
  group by grouping sets ((site_id, day, fee_kind), (site_id, day))
) f
left join site_places s on s.site_id = f.site_id and f.day between s.valid_from and s.valid_to
"""

CARRIED_TO = "select carried_to from calendar"
CARRY = "insert into calendar (carried_to) values ($1) on conflict (only_row) do update set carried_to = excluded.carried_to"

# By site_days_by_day.
DAYS_SINCE = "select site_id, day from site_days where day > $1 and fee_kind = 'all'"

# By the primary key.
DROP_WINDOWS = """
delete from site_windows w using unnest($1::text[], $2::text[], $3::date[]) as k(site_id, window_kind, as_of)
where (w.site_id, w.window_kind, w.as_of) = (k.site_id, k.window_kind, k.as_of)
"""

# Payers are counted anew over the whole window: those of its days do not add up. By the primary key of site_days and
# payments_of_day.
ADD_WINDOWS = """
insert into site_windows (
  site_id, window_kind, as_of, site_type, village, commune, district, province,
  cashless_payers, all_payers, cashless_count, all_count, cashless_value, all_value
)
select k.site_id, k.window_kind, k.as_of, f.*
from unnest($1::text[], $2::text[], $3::date[], $4::date[]) as k(site_id, window_kind, as_of, starts_on)
cross join lateral (
  select site_type, village, commune, district, province, p.cashless_payers, p.all_payers,
    d.cashless_count, d.all_count, d.cashless_value, d.all_value
  from (
    select site_type, village, commune, district, province,
      sum(cashless_count)::bigint as cashless_count, sum(all_count)::bigint as all_count,
      sum(cashless_value)::bigint as cashless_value, sum(all_value)::bigint as all_value
    from site_days
    where site_id = k.site_id and fee_kind = 'all' and day between k.starts_on and k.as_of
    group by site_type, village, commune, district, province
  ) d join (
    select site_type, village, commune, district, province,
      count(distinct payer) filter (where cashless) as cashless_payers, count(distinct payer) as all_payers
    from site_days join payments using (site_id, day)
    where site_id = k.site_id and site_days.fee_kind = 'all' and day between k.starts_on and k.as_of
    group by site_type, village, commune, district, province
  ) p using (site_type, village, commune, district, province)
) f
"""

# Sums the sites' windows over every scope, and stores what differs from what was published, a version up; a scope that has
# nothing left becomes 0 over 0. By site_windows_by_day and metrics_by_day.
PUBLISH = """
with asked as (
  select * from unnest($1::text[], $2::date[]) as a(window_kind, as_of)
), scoped as (
  select w.window_kind, w.as_of, s.scope, s.site_type,
    sum(cashless_payers)::bigint as cashless_payers, sum(all_payers)::bigint as all_payers,
    sum(cashless_count)::bigint as cashless_count, sum(all_count)::bigint as all_count,
    sum(cashless_value)::bigint as cashless_value, sum(all_value)::bigint as all_value
  from asked join site_windows w using (window_kind, as_of)
  cross join lateral (values
    ('site:' || w.site_id, 'all'), ('type:' || w.site_type, w.site_type), ('village:' || w.village, 'all'),
    ('commune:' || w.commune, 'all'), ('commune:' || w.commune, w.site_type),
    ('district:' || w.district, 'all'), ('district:' || w.district, w.site_type),
    ('province:' || w.province, 'all'), ('province:' || w.province, w.site_type)
  ) as s(scope, site_type)
  where s.scope not in ('village:unknown', 'district:unknown')
  group by w.window_kind, w.as_of, s.scope, s.site_type
), figures as (
  select window_kind, as_of, scope, scoped.site_type, m.metric, m.numerator, m.denominator
  from scoped cross join lateral (values
    ('cashless_share_payers', cashless_payers, all_payers),
    ('cashless_share_count', cashless_count, all_count),
    ('cashless_share_value', cashless_value, all_value)
  ) as m(metric, numerator, denominator)
), published as (
  select metrics.* from asked join metrics using (window_kind, as_of)
), compared as (
  select metric, scope, site_type, window_kind, as_of,
    coalesce(f.numerator, 0) as numerator, coalesce(f.denominator, 0) as denominator
  from figures f full join published p using (metric, scope, site_type, window_kind, as_of)
  where (coalesce(f.numerator, 0), coalesce(f.denominator, 0)) is distinct from (p.numerator, p.denominator)
)
insert into metrics as m (key, version, metric, scope, site_type, fee_kind, window_kind, as_of, numerator, denominator)
select concat_ws('/', metric, scope, site_type, $3::text, window_kind, as_of::text), 1,
  metric, scope, site_type, $3::text, window_kind, as_of, numerator, denominator
from compared order by 1
on conflict (key) do update set
  version = m.version + 1, numerator = excluded.numerator, denominator = excluded.denominator
returning version, metric, scope, site_type, fee_kind, window_kind, as_of, numerator, denominator
"""

ALL_WINDOWS = """
select window_kind, as_of from site_windows union select window_kind, as_of from metrics order by as_of, window_kind
"""


async def refresh(connection: Connection, today: date, *, publishing: bool = True) -> bool:
    """Bring the figures up to date in the caller's transaction; returns whether more changes wait.

    `publishing` is off while a replay is worked off: half of the facts are no change of a figure.
    """
    await connection.execute(ONE_AT_A_TIME)
    changes = await connection.fetch(CLAIM_CHANGES, CHANGES_MAX)
    await _derive_payments(connection, changes)
    if any(row["what"] == "place" for row in changes):
        await replace_places(connection)
    days = [(row["site_id"], row["day"]) for row in await connection.fetch(CLAIM_DAYS, DAYS_MAX)]
    await connection.execute(DROP_DAYS, *_columns(days, 2))
    await connection.execute(ADD_DAYS, *_columns(days, 2))
    windows = {(site_id, *window) for site_id, day in days for window in windows_with(day, today)}
    windows |= await _carried(connection, today)
    if windows:
        await _derive_windows(connection, sorted(windows))
        if publishing:
            newest = max(changes, key=lambda row: int(row["id"]), default=None)
            await publish(connection, {window[1:] for window in windows}, newest["traceparent"] if newest else None)
    return len(changes) == CHANGES_MAX or len(days) == DAYS_MAX


async def publish(connection: Connection, windows: Iterable[tuple[Window, date]], traceparent: str | None = None) -> int:
    """Publish what differs in these windows from what was published last; returns how many figures did."""
    rows = await connection.fetch(PUBLISH, *_columns(sorted(windows), 2), ALL)
    await enqueue(connection, [Outgoing(metric_of(row), traceparent) for row in rows])
    return len(rows)


async def all_windows(connection: Connection) -> list[list[tuple[Window, date]]]:
    """Every window that holds or held a figure, in portions for `publish`."""
    windows = [(row["window_kind"], row["as_of"]) for row in await connection.fetch(ALL_WINDOWS)]
    return [windows[start : start + WINDOWS_MAX] for start in range(0, len(windows), WINDOWS_MAX)]


def metric_of(row: Any) -> AdoptionMetric:
    """The event of a row of `metrics`."""
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


async def _derive_payments(connection: Connection, changes: Sequence[Any]) -> None:
    notices = [row["entity_id"] for row in changes if row["what"] == "notice"]
    credits = {row["entity_id"] for row in changes if row["what"] == "credit"}
    credits |= {row["credit_id"] for row in await connection.fetch(CREDITS_OF_NOTICES, notices)}
    await connection.execute(DROP_PAYMENTS, sorted(credits))
    await connection.execute(ADD_PAYMENTS, sorted(credits))


async def _derive_windows(connection: Connection, windows: Sequence[tuple[str, Window, date]]) -> None:
    columns = _columns(windows, 3)
    await connection.execute(DROP_WINDOWS, *columns)
    await connection.execute(ADD_WINDOWS, *columns, [window_start(window, as_of) for _, window, as_of in windows])


async def _carried(connection: Connection, today: date) -> set[tuple[str, Window, date]]:
    """The rolling windows that a new date adds without any new payment."""
    carried_to: date | None = await connection.fetchval(CARRIED_TO)
    if carried_to is not None and carried_to >= today:
        return set()
    await connection.execute(CARRY, today)
    if carried_to is None:
        return set()
    since = carried_to - timedelta(days=max(ROLLING_DAYS.values()))
    rows = await connection.fetch(DAYS_SINCE, since)
    return {(row["site_id"], *window) for row in rows for window in windows_with(row["day"], today, carried_to)}


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[row[index] for row in rows] for index in range(width)]
