"""Credits as facts: what was decided about each movement, and every allocation."""

from __future__ import annotations

from collections.abc import Sequence

from shared.clock import local_day
from shared.events import Credit
from shared.runtime.consumer import Received
from shared.runtime.postgres import Connection

# Touches the day of the transaction that the credit decides, and the credit's own, now and before (the two may be stored at
# the same moment by two replicas, and neither sees the other). By the primary keys.
PUT_CREDITS = """
with incoming as (
  select * from unnest(
    $1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[], $8::timestamptz[], $9::bigint[],
    $10::bigint[], $11::bigint[], $12::text[], $13::text[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[],
    $18::bigint[], $19::text[], $20::text[], $21::text[], $22::text[]
  ) as i(credit_id, version, site_id, account, channel, direction, day, occurred_at, amount, allocated, suspense, status,
    reason, unidentified, balance, to_return, returned, not_a_fee, document_number, reverses, reversed_by, traceparent)
), before as (
  select c.credit_id, c.site_id, c.account, c.channel, c.day from credits c join incoming using (credit_id)
), changed as (
  insert into credits as c (
    credit_id, version, site_id, account, channel, direction, day, occurred_at, amount, allocated, suspense, status, reason,
    unidentified, balance, to_return, returned, not_a_fee, document_number, reverses, reversed_by)
  select credit_id, version, site_id, account, channel, direction, day, occurred_at, amount, allocated, suspense, status,
    reason, unidentified, balance, to_return, returned, not_a_fee, document_number, reverses, reversed_by
  from incoming order by credit_id
  on conflict (credit_id) do update set
    version = excluded.version, site_id = excluded.site_id, account = excluded.account, channel = excluded.channel,
    direction = excluded.direction, day = excluded.day, occurred_at = excluded.occurred_at, amount = excluded.amount,
    allocated = excluded.allocated, suspense = excluded.suspense, status = excluded.status, reason = excluded.reason,
    unidentified = excluded.unidentified, balance = excluded.balance, to_return = excluded.to_return,
    returned = excluded.returned, not_a_fee = excluded.not_a_fee, document_number = excluded.document_number,
    reverses = excluded.reverses, reversed_by = excluded.reversed_by
  where excluded.version > c.version
  returning c.credit_id, c.site_id, c.account, c.channel, c.day
), own as (
  select * from changed union select before.* from before join changed using (credit_id)
), touched as (
  select credit_id, site_id, case channel when 'bank' then account else channel end as account, day from own
  union
  select changed.credit_id, t.site_id, t.account, t.day
  from changed join transactions t on t.transaction_id = changed.credit_id
), noted as (
  insert into touched_days (site_id, account, day, traceparent)
  select touched.site_id, touched.account, touched.day, incoming.traceparent
  from touched join incoming using (credit_id)
  where touched.site_id is not null and touched.account is not null
)
select credit_id from changed
"""

# By the primary key (its first column).
DROP_ALLOCATIONS = "delete from allocations where credit_id = any($1::text[])"

ADD_ALLOCATIONS = """
insert into allocations (credit_id, allocation_id, notice_id, amount)
select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
"""


async def put_credits(connection: Connection, batch: Sequence[Received[Credit]]) -> list[Credit]:
    """Keep the decisions: how much of each credit is allocated, to what, and how much is in suspense. Returns the newer ones."""
    events = [received.value for received in batch]
    rows = await connection.fetch(
        PUT_CREDITS,
        [each.credit_id for each in events],
        [each.version for each in events],
        [each.site_id for each in events],
        [each.account for each in events],
        [each.channel for each in events],
        [each.direction for each in events],
        [local_day(each.occurred_at) for each in events],
        [each.occurred_at for each in events],
        [each.amount for each in events],
        [each.amount - each.suspense for each in events],
        [each.suspense for each in events],
        [each.status for each in events],
        [each.reason for each in events],
        [each.suspense_parts.unidentified for each in events],
        [each.suspense_parts.balance for each in events],
        [each.suspense_parts.to_return for each in events],
        [each.suspense_parts.returned for each in events],
        [each.suspense_parts.not_a_fee for each in events],
        [each.document_number for each in events],
        [each.reverses for each in events],
        [each.reversed_by for each in events],
        [received.traceparent for received in batch],
    )
    changed = {row["credit_id"] for row in rows}
    await connection.execute(DROP_ALLOCATIONS, sorted(changed))
    parts = [(each.credit_id, part) for each in events if each.credit_id in changed for part in each.allocations]
    await connection.execute(
        ADD_ALLOCATIONS,
        [credit_id for credit_id, _ in parts],
        [part.allocation_id for _, part in parts],
        [part.notice_id for _, part in parts],
        [part.amount for _, part in parts],
    )
    return [each for each in events if each.credit_id in changed]
