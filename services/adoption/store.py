"""The facts: every entity at its newest version, and a note of what changed, for the refresh."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic_core import to_json

from services.adoption.model import pseudonym
from shared.clock import local_day
from shared.events import BankTransaction, Campaign, Credit, Notice, Site, Unit
from shared.runtime.consumer import Received
from shared.runtime.postgres import Connection

# By the primary key.
PUT_UNITS = """
with changed as (
  insert into units as u
  select i.unit_code, i.valid_from, i.version, i.name, i.level, i.parent_code, i.valid_to, string_to_array(i.successors, ';')
  from unnest($1::text[], $2::date[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::date[], $8::text[])
    as i(unit_code, valid_from, version, name, level, parent_code, valid_to, successors)
  order by i.unit_code, i.valid_from
  on conflict (unit_code, valid_from) do update set
    version = excluded.version, name = excluded.name, level = excluded.level, parent_code = excluded.parent_code,
    valid_to = excluded.valid_to, succeeded_by = excluded.succeeded_by
  where excluded.version > u.version
  returning u.unit_code
)
insert into changes (what, entity_id) select 'place', unit_code from changed
"""

# By the primary key.
PUT_SITES = """
with changed as (
  insert into sites as s
  select site_id, version, name, type, units::jsonb
  from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[]) as i(site_id, version, name, type, units)
  order by site_id
  on conflict (site_id) do update set
    version = excluded.version, name = excluded.name, type = excluded.type, units = excluded.units
  where excluded.version > s.version
  returning s.site_id
)
insert into changes (what, entity_id) select 'place', site_id from changed
"""

# By the primary key.
PUT_CAMPAIGNS = """
insert into campaigns as c
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::date[], $6::date[], $7::text[])
  as i(campaign_id, version, name, unit_code, starts_on, ends_on, kind)
order by campaign_id
on conflict (campaign_id) do update set
  version = excluded.version, name = excluded.name, unit_code = excluded.unit_code, starts_on = excluded.starts_on,
  ends_on = excluded.ends_on, kind = excluded.kind
where excluded.version > c.version
"""

# By the primary key.
PUT_NOTICES = """
with incoming as (
  select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[])
    as i(notice_id, version, site_id, fee_kind, payer, traceparent)
), changed as (
  insert into notices as n select notice_id, version, site_id, fee_kind, payer from incoming order by notice_id
  on conflict (notice_id) do update set
    version = excluded.version, site_id = excluded.site_id, fee_kind = excluded.fee_kind, payer = excluded.payer
  where excluded.version > n.version
  returning n.notice_id
)
insert into changes (what, entity_id, traceparent)
select 'notice', notice_id, traceparent from changed join incoming using (notice_id)
"""

# By the primary key.
PUT_TRANSACTIONS = """
insert into transactions as t
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::date[], $5::text[], $6::text[])
  as i(transaction_id, version, site_id, day, provider, seen_by)
order by transaction_id
on conflict (transaction_id) do update set
  version = excluded.version, site_id = excluded.site_id, day = excluded.day, provider = excluded.provider,
  seen_by = excluded.seen_by
where excluded.version > t.version
"""

# By the primary key.
PUT_CREDITS = """
with incoming as (
  select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::date[], $6::text[])
    as i(credit_id, version, site_id, channel, day, traceparent)
), changed as (
  insert into credits as c select credit_id, version, site_id, channel, day from incoming order by credit_id
  on conflict (credit_id) do update set
    version = excluded.version, site_id = excluded.site_id, channel = excluded.channel, day = excluded.day
  where excluded.version > c.version
  returning c.credit_id
), noted as (
  insert into changes (what, entity_id, traceparent)
  select 'credit', credit_id, traceparent from changed join incoming using (credit_id)
)
select credit_id from changed
"""

# By the primary key (its first column).
DROP_ALLOCATIONS = "delete from allocations where credit_id = any($1::text[])"

ADD_ALLOCATIONS = """
insert into allocations (credit_id, allocation_id, notice_id, amount)
select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
"""


async def put_units(connection: Connection, batch: Sequence[Received[Unit]]) -> None:
    """Keep units while they existed."""
    rows = [
        (
            each.value.unit_code, each.value.valid_from, each.value.version, each.value.name, each.value.level,
            each.value.parent_code, each.value.valid_to, ";".join(each.value.succeeded_by),
        )
        for each in batch
    ]  # fmt: skip
    await connection.execute(PUT_UNITS, *_columns(rows, 8))


async def put_sites(connection: Connection, batch: Sequence[Received[Site]]) -> None:
    """Keep sites with the units in which they lay."""
    rows = [
        (
            each.value.site_id, each.value.version, each.value.name, each.value.type,
            to_json(each.value.units).decode(),  # a list inside an array parameter would become a second dimension
        )
        for each in batch
    ]  # fmt: skip
    await connection.execute(PUT_SITES, *_columns(rows, 5))


async def put_campaigns(connection: Connection, batch: Sequence[Received[Campaign]]) -> None:
    """Keep campaigns."""
    rows = [
        (
            each.value.campaign_id, each.value.version, each.value.name, each.value.unit_code, each.value.starts_on,
            each.value.ends_on, each.value.kind,
        )
        for each in batch
    ]  # fmt: skip
    await connection.execute(PUT_CAMPAIGNS, *_columns(rows, 7))


async def put_notices(connection: Connection, batch: Sequence[Received[Notice]], payer_key: bytes) -> None:
    """Keep what fee of which payer a notice is; of the payer only a pseudonym under this key."""
    rows = []
    for each in batch:
        notice = each.value
        code = notice.payer_code.reveal() if notice.payer_code else None
        payer = pseudonym(payer_key, notice.site_id, code, notice.bill_id)
        rows.append((notice.notice_id, notice.version, notice.site_id, notice.fee_kind, payer, each.traceparent))
    await connection.execute(PUT_NOTICES, *_columns(rows, 6))


async def put_transactions(connection: Connection, batch: Sequence[Received[BankTransaction]]) -> None:
    """Keep by which provider and way a bank's message came: what the quality of delivery is told by."""
    rows = [
        (
            each.value.transaction_id, each.value.version, each.value.site_id, local_day(each.value.occurred_at),
            each.value.provider, each.value.seen_by,
        )
        for each in batch
    ]  # fmt: skip
    await connection.execute(PUT_TRANSACTIONS, *_columns(rows, 6))


async def put_credits(connection: Connection, batch: Sequence[Received[Credit]]) -> None:
    """Keep credits with the allocations that hold; what was undone is no fact of payment."""
    by_id: Mapping[str, Credit] = {each.value.credit_id: each.value for each in batch}
    rows = [
        (
            each.value.credit_id, each.value.version, each.value.site_id, each.value.channel,
            local_day(each.value.occurred_at), each.traceparent,
        )
        for each in batch
    ]  # fmt: skip
    changed = [row["credit_id"] for row in await connection.fetch(PUT_CREDITS, *_columns(rows, 6))]
    await connection.execute(DROP_ALLOCATIONS, changed)
    allocations = [
        (credit_id, each.allocation_id, each.notice_id, each.amount)
        for credit_id in sorted(changed)
        for each in by_id[credit_id].allocations
    ]
    await connection.execute(ADD_ALLOCATIONS, *_columns(allocations, 4))


def _columns(rows: Iterable[tuple[object, ...]], width: int) -> list[list[object]]:
    columns: list[list[object]] = [[] for _ in range(width)]
    for row in rows:
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    return columns
