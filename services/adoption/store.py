"""The facts: every entity at its newest version, and a note of what changed, for the refresh."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic_core import to_json

from services.adoption.model import UNKNOWN, bank_name, pseudonym
from shared.clock import local_day
from shared.events import BankTransaction, Campaign, Credit, Notice, Site, Unit
from shared.events.payments import UndoneAllocation
from shared.runtime.consumer import Received
from shared.runtime.postgres import Connection

NO_FEE = frozenset({"not_income", "cash_deposit"})
"""Reasons of credits that could not pay a fee: interest and the like, and the day's cash brought to the bank. A person may
say so too, by putting all of it under `not_a_fee`."""

# By the primary key.
PUT_UNITS = """
with changed as (
  insert into units as u (
    unit_code, valid_from, version, name, level, parent_code, valid_to, succeeded_by,
    population, people_15_plus, households, group_members
  )
  select unit_code, valid_from, version, name, level, parent_code, valid_to, string_to_array(successors, ';'),
    population, people_15_plus, households, group_members
  from unnest(
    $1::text[], $2::date[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::date[], $8::text[], $9::bigint[],
    $10::bigint[], $11::bigint[], $12::bigint[]
  ) as i(
    unit_code, valid_from, version, name, level, parent_code, valid_to, successors,
    population, people_15_plus, households, group_members
  )
  order by unit_code, valid_from
  on conflict (unit_code, valid_from) do update set
    version = excluded.version, name = excluded.name, level = excluded.level, parent_code = excluded.parent_code,
    valid_to = excluded.valid_to, succeeded_by = excluded.succeeded_by, population = excluded.population,
    people_15_plus = excluded.people_15_plus, households = excluded.households, group_members = excluded.group_members
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
with changed as (
  insert into campaigns as c
  select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::date[], $6::date[], $7::text[])
    as i(campaign_id, version, name, unit_code, starts_on, ends_on, kind)
  order by campaign_id
  on conflict (campaign_id) do update set
    version = excluded.version, name = excluded.name, unit_code = excluded.unit_code, starts_on = excluded.starts_on,
    ends_on = excluded.ends_on, kind = excluded.kind
  where excluded.version > c.version
  returning c.campaign_id
)
insert into changes (what, entity_id) select 'campaign', campaign_id from changed
"""

# By the primary key.
PUT_NOTICES = """
with incoming as (
  select * from unnest(
    $1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::date[], $9::date[],
    $10::boolean[], $11::boolean[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::text[]
  ) as i(
    notice_id, version, site_id, fee_kind, payer, bill_id, amount, issued_on, due_on, is_due, is_open, unit_code,
    link_opened_at, helper_declared_at, traceparent
  )
), changed as (
  insert into notices as n (
    notice_id, version, site_id, fee_kind, payer, bill_id, amount, issued_on, due_on, is_due, is_open, unit_code,
    link_opened_at, helper_declared_at
  )
  select notice_id, version, site_id, fee_kind, payer, bill_id, amount, issued_on, due_on, is_due, is_open, unit_code,
    link_opened_at, helper_declared_at
  from incoming order by notice_id
  on conflict (notice_id) do update set
    version = excluded.version, site_id = excluded.site_id, fee_kind = excluded.fee_kind, payer = excluded.payer,
    bill_id = excluded.bill_id, amount = excluded.amount, issued_on = excluded.issued_on, due_on = excluded.due_on,
    is_due = excluded.is_due, is_open = excluded.is_open, unit_code = excluded.unit_code,
    link_opened_at = excluded.link_opened_at, helper_declared_at = excluded.helper_declared_at
  where excluded.version > n.version
  returning n.notice_id
)
insert into changes (what, entity_id, traceparent)
select 'notice', notice_id, traceparent from changed join incoming using (notice_id)
"""

# By the primary key.
PUT_TRANSACTIONS = """
with incoming as (
  select * from unnest(
    $1::text[], $2::bigint[], $3::text[], $4::date[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[],
    $10::text[], $11::text[]
  ) as i(transaction_id, version, site_id, day, provider, status, account, bank, occurred_at, sightings, traceparent)
), changed as (
  insert into transactions as t (
    transaction_id, version, site_id, day, provider, status, account, bank, occurred_at, sightings
  )
  select transaction_id, version, site_id, day, provider, status, account, bank, occurred_at, sightings::jsonb
  from incoming order by transaction_id
  on conflict (transaction_id) do update set
    version = excluded.version, site_id = excluded.site_id, day = excluded.day, provider = excluded.provider,
    status = excluded.status, account = excluded.account, bank = excluded.bank, occurred_at = excluded.occurred_at,
    sightings = excluded.sightings
  where excluded.version > t.version
  returning t.transaction_id
)
insert into changes (what, entity_id, traceparent)
select 'transaction', transaction_id, traceparent from changed join incoming using (transaction_id)
"""

# By the primary key.
PUT_CREDITS = """
with incoming as (
  select * from unnest(
    $1::text[], $2::bigint[], $3::text[], $4::text[], $5::date[], $6::boolean[], $7::timestamptz[], $8::timestamptz[],
    $9::text[], $10::text[], $11::bigint[], $12::boolean[], $13::text[]
  ) as i(
    credit_id, version, site_id, channel, day, is_income, occurred_at, received_at, provider, bank, amount, is_waiting,
    traceparent
  )
), changed as (
  insert into credits as c (
    credit_id, version, site_id, channel, day, is_income, occurred_at, received_at, provider, bank, amount, is_waiting
  )
  select credit_id, version, site_id, channel, day, is_income, occurred_at, received_at, provider, bank, amount, is_waiting
  from incoming order by credit_id
  on conflict (credit_id) do update set
    version = excluded.version, site_id = excluded.site_id, channel = excluded.channel, day = excluded.day,
    is_income = excluded.is_income, occurred_at = excluded.occurred_at, received_at = excluded.received_at,
    provider = excluded.provider, bank = excluded.bank, amount = excluded.amount, is_waiting = excluded.is_waiting
  where excluded.version > c.version
  returning c.credit_id, c.xmax <> 0 as was_known  -- a row that was inserted has no xmax
), noted as (
  insert into changes (what, entity_id, traceparent)
  select 'credit', credit_id, traceparent from changed join incoming using (credit_id)
)
select credit_id, was_known from changed
"""

# By the primary key (its first column).
DROP_ALLOCATIONS = "delete from allocations where credit_id = any($1::text[])"

ADD_ALLOCATIONS = """
insert into allocations (credit_id, allocation_id, notice_id, amount, paid_through, decided_by, decided_at, undone_by)
select * from unnest(
  $1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::timestamptz[], $8::text[]
)
"""


async def put_units(connection: Connection, batch: Sequence[Received[Unit]]) -> None:
    """Keep units while they existed."""
    rows = [
        (
            each.value.unit_code, each.value.valid_from, each.value.version, each.value.name, each.value.level,
            each.value.parent_code, each.value.valid_to, ";".join(each.value.succeeded_by), each.value.population,
            each.value.people_15_plus, each.value.households, each.value.group_members,
        )
        for each in batch
    ]  # fmt: skip
    await connection.execute(PUT_UNITS, *_columns(rows))


async def put_sites(connection: Connection, batch: Sequence[Received[Site]]) -> None:
    """Keep sites with the units in which they lay."""
    rows = [
        (
            each.value.site_id, each.value.version, each.value.name, each.value.type,
            to_json(each.value.units).decode(),  # a list inside an array parameter would become a second dimension
        )
        for each in batch
    ]  # fmt: skip
    await connection.execute(PUT_SITES, *_columns(rows))


async def put_campaigns(connection: Connection, batch: Sequence[Received[Campaign]]) -> None:
    """Keep campaigns."""
    rows = [
        (
            each.value.campaign_id, each.value.version, each.value.name, each.value.unit_code, each.value.starts_on,
            each.value.ends_on, each.value.kind,
        )
        for each in batch
    ]  # fmt: skip
    await connection.execute(PUT_CAMPAIGNS, *_columns(rows))


async def put_notices(connection: Connection, batch: Sequence[Received[Notice]], payer_key: bytes) -> None:
    """Keep what fee of which payer a notice is; of the payer only a pseudonym under this key."""
    rows = []
    for received in batch:
        each = received.value
        code = each.payer_code.reveal() if each.payer_code else None
        payer = pseudonym(payer_key, each.site_id, code, each.bill_id)
        rows.append((
            each.notice_id, each.version, each.site_id, each.fee_kind, payer, each.bill_id, each.amount, each.issued_on,
            each.due_on, each.obligation == "due", each.status == "open", each.unit_code, each.link_opened_at,
            each.helper_declared_at, received.traceparent,
        ))  # fmt: skip
    await connection.execute(PUT_NOTICES, *_columns(rows))


async def put_transactions(connection: Connection, batch: Sequence[Received[BankTransaction]]) -> None:
    """Keep by which providers and ways word of a movement came: what the quality of delivery is told by."""
    rows = []
    for received in batch:
        each = received.value
        sightings = [(sighting.provider, sighting.seen_by, sighting.received_at) for sighting in each.sightings]
        rows.append((
            each.transaction_id, each.version, each.site_id, local_day(each.occurred_at), each.provider, each.status,
            each.account, bank_name(each.counter_bank), each.occurred_at, to_json(sightings).decode(), received.traceparent,
        ))  # fmt: skip
    await connection.execute(PUT_TRANSACTIONS, *_columns(rows))


async def put_credits(connection: Connection, batch: Sequence[Received[Credit]]) -> None:
    """Keep credits with their allocations, also those that were taken back."""
    by_id: Mapping[str, Credit] = {received.value.credit_id: received.value for received in batch}
    rows = []
    for received in batch:
        each = received.value
        is_no_fee = each.status == "ignored" or each.reason in NO_FEE or each.suspense_parts.not_a_fee == each.amount
        is_income = each.direction == "in" and not is_no_fee
        is_waiting = is_income and each.status in {"suggested", "unmatched"} and each.suspense_parts.unidentified > 0
        rows.append((
            each.credit_id, each.version, each.site_id, each.channel, local_day(each.occurred_at), is_income,
            each.occurred_at, each.received_at, each.provider or UNKNOWN, bank_name(each.counter_bank), each.amount,
            is_waiting, received.traceparent,
        ))  # fmt: skip
    found = await connection.fetch(PUT_CREDITS, *_columns(rows))
    changed = sorted(row["credit_id"] for row in found)
    if known := sorted(row["credit_id"] for row in found if row["was_known"]):
        await connection.execute(DROP_ALLOCATIONS, known)
    allocations = [
        (
            credit_id, each.allocation_id, each.notice_id, each.amount, each.paid_through, each.decided_by, each.decided_at,
            each.undone_by if isinstance(each, UndoneAllocation) else None,
        )
        for credit_id in changed
        # Were one listed in both lists, it would hold.
        for each in {one.allocation_id: one for one in (*by_id[credit_id].undone, *by_id[credit_id].allocations)}.values()
    ]  # fmt: skip
    if allocations:
        await connection.execute(ADD_ALLOCATIONS, *_columns(allocations))


def _columns(rows: Iterable[tuple[object, ...]]) -> list[list[object]]:
    """Of at least one row."""
    return [list(column) for column in zip(*rows, strict=True)]
