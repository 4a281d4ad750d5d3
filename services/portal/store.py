"""What the topics write into the read model. Every upsert keeps the newest version (DESIGN §3 rule 2)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from services.portal.model import NO_SITE, state_of
from shared import clock
from shared.events import BankTransaction, Credit, Event, Notice, Site, Unit
from shared.runtime.postgres import Connection
from shared.vietnamese import search_key

DERIVED_TABLES = (
    "entities", "site_figures", "day_figures", "credits", "transactions", "notices", "units", "sites",
)  # fmt: skip
"""All that a replay empties: the portal's read model holds nothing else yet."""

# Each upsert goes by the primary key.
UPSERT_SITES = """
insert into sites as t (site_id, version, name, search_key, type, unit_code, sample)
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[])
on conflict (site_id) do update set
  version = excluded.version, name = excluded.name, search_key = excluded.search_key, type = excluded.type,
  unit_code = excluded.unit_code, sample = excluded.sample
where excluded.version > t.version
"""

UPSERT_UNITS = """
insert into units as t (unit_code, valid_from, version, name, level, parent_code, valid_to)
select * from unnest($1::text[], $2::date[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::date[])
on conflict (unit_code, valid_from) do update set
  version = excluded.version, name = excluded.name, level = excluded.level, parent_code = excluded.parent_code,
  valid_to = excluded.valid_to
where excluded.version > t.version
"""

UPSERT_NOTICES = """
insert into notices as t
  (notice_id, version, site_id, payer_name, payer_group, purpose, period, fee_kind, amount, status)
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
  $9::bigint[], $10::text[])
on conflict (notice_id) do update set
  version = excluded.version, site_id = excluded.site_id, payer_name = excluded.payer_name,
  payer_group = excluded.payer_group, purpose = excluded.purpose, period = excluded.period,
  fee_kind = excluded.fee_kind, amount = excluded.amount, status = excluded.status
where excluded.version > t.version
"""

UPSERT_TRANSACTIONS = """
insert into transactions as t (transaction_id, version, counter_name)
select * from unnest($1::text[], $2::bigint[], $3::text[])
on conflict (transaction_id) do update set version = excluded.version, counter_name = excluded.counter_name
where excluded.version > t.version
"""

# The credits of a transaction have its id: the primary key.
SITES_OF_CREDITS = "select distinct site_id from credits where credit_id = any($1::text[])"

# Where the credits stood before; locked, so that what is counted again below is what this transaction changed.
PLACES_BEFORE = """
select site_id, day from credits where credit_id = any($1::text[]) order by credit_id collate "C" for update
"""

UPSERT_CREDITS = """
insert into credits as t
  (credit_id, version, site_id, day, occurred_at, channel, direction, amount, suspense, state, entity)
select * from unnest(
  $1::text[], $2::bigint[], $3::text[], $4::date[], $5::timestamptz[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
  $10::text[], $11::jsonb[])
on conflict (credit_id) do update set
  version = excluded.version, site_id = excluded.site_id, day = excluded.day, occurred_at = excluded.occurred_at,
  channel = excluded.channel, direction = excluded.direction, amount = excluded.amount, suspense = excluded.suspense,
  state = excluded.state, entity = excluded.entity
where excluded.version > t.version
"""

UPSERT_ENTITIES = """
insert into entities as t (topic, key, version, site_id, entity)
select * from unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::jsonb[])
on conflict (topic, key) do update set
  version = excluded.version, site_id = excluded.site_id, entity = excluded.entity
where excluded.version > t.version
"""

# One writer of a site's figures at a time. A statement of its own: the next one must see what others committed meanwhile.
LOCK_SITE = "select pg_advisory_xact_lock(hashtextextended('portal/' || site, 0)) from unnest($1::text[]) as site"

# Counts the days that changed from their credits, by credits_of_day. A day that lost its last credit counts nothing.
COUNT_DAYS = """
insert into day_figures
select touched.site_id, touched.day,
  count(credit_id), coalesce(sum(amount), 0),
  count(*) filter (where state = 'matched'), coalesce(sum(amount - suspense), 0),
  count(*) filter (where state = 'review'), coalesce(sum(suspense) filter (where state = 'review'), 0),
  count(*) filter (where state = 'ignored'), coalesce(sum(suspense), 0),
  count(*) filter (where suspense < amount),
  count(*) filter (where suspense < amount and channel in ('bank', 'portal'))
from unnest($1::text[], $2::date[]) as touched(site_id, day)
left join credits on credits.site_id = touched.site_id and credits.day = touched.day and direction = 'in'
group by touched.site_id, touched.day
on conflict (site_id, day) do update set
  received_count = excluded.received_count, received_dong = excluded.received_dong,
  matched_count = excluded.matched_count, allocated_dong = excluded.allocated_dong,
  review_count = excluded.review_count, review_dong = excluded.review_dong,
  ignored_count = excluded.ignored_count, suspense_dong = excluded.suspense_dong,
  allocated_count = excluded.allocated_count, cashless_count = excluded.cashless_count
"""

# Adds up a site's days, by the primary key of day_figures: a row a day.
COUNT_SITES = """
insert into site_figures as t
select site_id, 1, sum(received_count), sum(received_dong), sum(matched_count), sum(allocated_dong), sum(review_count),
  sum(review_dong), sum(ignored_count), sum(suspense_dong), sum(allocated_count), sum(cashless_count)
from day_figures where site_id = any($1::text[]) group by site_id
on conflict (site_id) do update set
  revision = t.revision + 1,
  received_count = excluded.received_count, received_dong = excluded.received_dong,
  matched_count = excluded.matched_count, allocated_dong = excluded.allocated_dong,
  review_count = excluded.review_count, review_dong = excluded.review_dong,
  ignored_count = excluded.ignored_count, suspense_dong = excluded.suspense_dong,
  allocated_count = excluded.allocated_count, cashless_count = excluded.cashless_count
"""

# A site without a row yet gets one: its pages may be open already.
REVISE = """
insert into site_figures as t (site_id, revision) select site, 1 from unnest($1::text[]) as site
on conflict (site_id) do update set revision = t.revision + 1
"""


async def keep_sites(connection: Connection, sites: Sequence[Site]) -> None:
    """Keep the sites, and tell their pages."""
    await connection.execute(
        UPSERT_SITES,
        [site.site_id for site in sites],
        [site.version for site in sites],
        [site.name for site in sites],
        [search_key(site.name) for site in sites],
        [site.type for site in sites],
        [site.unit_code for site in sites],
        [site.sample for site in sites],
    )
    await revise(connection, {site.site_id for site in sites})


async def keep_units(connection: Connection, units: Sequence[Unit]) -> None:
    """Keep the administrative units."""
    await connection.execute(
        UPSERT_UNITS,
        [unit.unit_code for unit in units],
        [unit.valid_from for unit in units],
        [unit.version for unit in units],
        [unit.name for unit in units],
        [unit.level for unit in units],
        [unit.parent_code for unit in units],
        [unit.valid_to for unit in units],
    )


async def keep_notices(connection: Connection, notices: Sequence[Notice]) -> None:
    """Keep the notices, and tell the pages of their sites: a payment may have come before its notice."""
    await connection.execute(
        UPSERT_NOTICES,
        [notice.notice_id for notice in notices],
        [notice.version for notice in notices],
        [notice.site_id for notice in notices],
        [notice.payer_name for notice in notices],
        [notice.group for notice in notices],
        [notice.purpose for notice in notices],
        [notice.period for notice in notices],
        [notice.fee_kind for notice in notices],
        [notice.amount for notice in notices],
        [notice.status for notice in notices],
    )
    await revise(connection, {notice.site_id for notice in notices})


async def keep_transactions(connection: Connection, transactions: Sequence[BankTransaction]) -> None:
    """Keep who sent the money, and tell the pages on which its credit already stands."""
    ids = [transaction.transaction_id for transaction in transactions]
    await connection.execute(
        UPSERT_TRANSACTIONS,
        ids,
        [transaction.version for transaction in transactions],
        [transaction.counter_name for transaction in transactions],
    )
    await revise(connection, {row["site_id"] for row in await connection.fetch(SITES_OF_CREDITS, ids)})


async def keep_credits(connection: Connection, decided: Sequence[Credit]) -> None:
    """Keep the credits, count their days and sites again, and tell their pages."""
    ids = [credit.credit_id for credit in decided]
    before = {(row["site_id"], row["day"]) for row in await connection.fetch(PLACES_BEFORE, ids)}
    places = [(credit.site_id or NO_SITE, clock.local_day(credit.occurred_at)) for credit in decided]
    await connection.execute(
        UPSERT_CREDITS,
        ids,
        [credit.version for credit in decided],
        [site_id for site_id, _ in places],
        [day for _, day in places],
        [credit.occurred_at for credit in decided],
        [credit.channel for credit in decided],
        [credit.direction for credit in decided],
        [credit.amount for credit in decided],
        [credit.suspense for credit in decided],
        [state_of(credit) for credit in decided],
        [credit.model_dump(mode="json") for credit in decided],
    )
    touched = sorted(before.union(places))
    sites = sorted({site_id for site_id, _ in touched})
    await connection.execute(LOCK_SITE, sites)
    await connection.execute(COUNT_DAYS, [site_id for site_id, _ in touched], [day for _, day in touched])
    await connection.execute(COUNT_SITES, sites)


async def keep_entities(connection: Connection, entities: Sequence[Event]) -> None:
    """Keep entities as they came."""
    await connection.execute(
        UPSERT_ENTITIES,
        [entity.topic for entity in entities],
        [entity.key for entity in entities],
        [entity.version for entity in entities],
        [getattr(entity, "site_id", None) for entity in entities],
        [entity.model_dump(mode="json") for entity in entities],
    )


async def revise(connection: Connection, sites: Collection[str]) -> None:
    """Note that pages of these sites show something else now."""
    if sites:
        ordered = sorted(sites)
        await connection.execute(LOCK_SITE, ordered)
        await connection.execute(REVISE, ordered)
