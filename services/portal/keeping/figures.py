"""How much of a day, of a site, of the installation. Counted again from what changed, never added to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from shared.runtime.postgres import Connection

FIGURES = (
    "received_count", "received_dong", "matched_count", "allocated_dong", "review_count", "review_dong", "ignored_count",
    "suspense_dong", "allocated_count", "cashless_count", "excess_count", "excess_dong",
)  # fmt: skip
_NAMES = ", ".join(FIGURES)
_SUMS = ", ".join(f"coalesce(sum({name}), 0)::bigint" for name in FIGURES)
_NEW = ", ".join(f"{name} = excluded.{name}" for name in FIGURES)

# One writer of a site's figures at a time. A statement of its own: the next one must see what others committed meanwhile.
LOCK_SITES = """
select pg_advisory_xact_lock(hashtextextended('portal/' || site, 0)) from unnest($1::text[]) as site
"""

# Counts the days that changed from their credits, by credits_of_day. A day that lost its last credit counts nothing.
COUNT_DAYS = f"""
insert into day_figures (site_id, day, {_NAMES})
select touched.site_id, touched.day,
  count(credit_id), coalesce(sum(amount), 0),
  count(*) filter (where state = 'matched'), coalesce(sum(amount - suspense), 0),
  count(*) filter (where state = 'review'), coalesce(sum(suspense) filter (where state = 'review'), 0),
  count(*) filter (where state = 'ignored'), coalesce(sum(suspense), 0),
  count(*) filter (where suspense < amount),
  count(*) filter (where suspense < amount and channel in ('bank', 'portal')),
  count(*) filter (where is_excess), coalesce(sum(excess), 0)
from unnest($1::text[], $2::date[]) as touched(site_id, day)
left join credits on credits.site_id = touched.site_id and credits.day = touched.day and direction = 'in'
  and channel <> 'opening'  -- money that came before Khớp did
group by touched.site_id, touched.day
on conflict (site_id, day) do update set {_NEW}
"""

# Adds up a site's days, by the primary key of day_figures: a row a day.
COUNT_SITES = f"""
insert into site_figures as t (site_id, revision, {_NAMES})
select site_id, 1, {_SUMS} from day_figures where site_id = any($1::text[]) group by site_id
on conflict (site_id) do update set revision = t.revision + 1, {_NEW}
"""

# A site without a row yet gets one: its pages may be open already.
REVISE = """
insert into site_figures as t (site_id, revision) select site, 1 from unnest($1::text[]) as site
on conflict (site_id) do update set revision = t.revision + 1
"""

# Taken last and held to the commit, in a statement of its own for the same reason as LOCK_SITES.
LOCK_INSTALLATION = "select pg_advisory_xact_lock(hashtext('portal/installation'))"

# A row a site, never a row a payment.
COUNT_INSTALLATION = f"""
insert into installation as t (revision, site_count, sample, {_NAMES})
select 1, s.site_count, s.sample, f.*
from (select count(*) as site_count, coalesce(bool_or(sample), false) as sample from sites) s
cross join (select {_SUMS} from site_figures) f
on conflict (only_row) do update set
  revision = t.revision + 1, site_count = excluded.site_count, sample = excluded.sample, {_NEW}
"""


async def count_days(connection: Connection, days: Collection[tuple[str, date]]) -> None:
    """Count these sites' days again, and with them the sites."""
    touched = sorted(days)
    sites = sorted({site_id for site_id, _ in touched})
    await connection.execute(LOCK_SITES, sites)
    await connection.execute(COUNT_DAYS, [site_id for site_id, _ in touched], [day for _, day in touched])
    await connection.execute(COUNT_SITES, sites)


async def revise(connection: Connection, sites: Collection[str]) -> None:
    """Note that pages of these sites show something else now."""
    if sites:
        ordered = sorted(sites)
        await connection.execute(LOCK_SITES, ordered)
        await connection.execute(REVISE, ordered)


async def count_installation(connection: Connection) -> None:
    """Bring the one row of the whole installation up to date; the last step of a transaction."""
    await connection.execute(LOCK_INSTALLATION)
    await connection.execute(COUNT_INSTALLATION)
