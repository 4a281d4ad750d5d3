"""Transactions, credits, and what credits pay."""

from __future__ import annotations

from collections.abc import Sequence

from services.portal.keeping.figures import count_days, count_installation, revise
from services.portal.model import NO_SITE, excess_of, is_excess, state_of
from shared import clock
from shared.events import BankTransaction, Credit
from shared.runtime.postgres import Connection
from shared.vietnamese import search_key

UPSERT_TRANSACTIONS = """
insert into transactions as t
  (transaction_id, version, site_id, account, occurred_at, counter_name, memo, search_key, entity)
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::text[],
  $9::jsonb[])
on conflict (transaction_id) do update set
  version = excluded.version, site_id = excluded.site_id, account = excluded.account, occurred_at = excluded.occurred_at,
  counter_name = excluded.counter_name, memo = excluded.memo, search_key = excluded.search_key, entity = excluded.entity
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
  (credit_id, version, site_id, day, occurred_at, channel, direction, amount, suspense, state, reason, excess, is_excess,
   document_number, entity)
select * from unnest(
  $1::text[], $2::bigint[], $3::text[], $4::date[], $5::timestamptz[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
  $10::text[], $11::text[], $12::bigint[], $13::boolean[], $14::text[], $15::jsonb[])
on conflict (credit_id) do update set
  version = excluded.version, site_id = excluded.site_id, day = excluded.day, occurred_at = excluded.occurred_at,
  channel = excluded.channel, direction = excluded.direction, amount = excluded.amount, suspense = excluded.suspense,
  state = excluded.state, reason = excluded.reason, excess = excluded.excess, is_excess = excluded.is_excess,
  document_number = excluded.document_number, entity = excluded.entity
where excluded.version > t.version
returning credit_id
"""

# By the primary key's first column.
DROP_ALLOCATIONS = "delete from allocations where credit_id = any($1::text[])"

ADD_ALLOCATIONS = """
insert into allocations (credit_id, allocation_id, notice_id, site_id, amount, occurred_at, decided_at, channel)
select * from unnest(
  $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[], $7::timestamptz[], $8::text[])
"""


async def keep_transactions(connection: Connection, transactions: Sequence[BankTransaction]) -> None:
    """Keep who sent the money and what was written, and tell the pages on which its credit already stands."""
    ids = [transaction.transaction_id for transaction in transactions]
    await connection.execute(
        UPSERT_TRANSACTIONS,
        ids,
        [transaction.version for transaction in transactions],
        [transaction.site_id or NO_SITE for transaction in transactions],
        [transaction.account for transaction in transactions],
        [transaction.occurred_at for transaction in transactions],
        [transaction.counter_name for transaction in transactions],
        [transaction.memo for transaction in transactions],
        [_words_of(transaction) for transaction in transactions],
        [transaction.model_dump(mode="json") for transaction in transactions],
    )
    await revise(connection, {row["site_id"] for row in await connection.fetch(SITES_OF_CREDITS, ids)})
    await count_installation(connection)


async def keep_credits(connection: Connection, decided: Sequence[Credit]) -> None:
    """Keep the credits and what they pay, count their days and sites again, and tell their pages."""
    ids = [credit.credit_id for credit in decided]
    before = {(row["site_id"], row["day"]) for row in await connection.fetch(PLACES_BEFORE, ids)}
    places = [(credit.site_id or NO_SITE, clock.local_day(credit.occurred_at)) for credit in decided]
    kept = await connection.fetch(
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
        [credit.reason for credit in decided],
        [excess_of(credit) for credit in decided],
        [is_excess(credit) for credit in decided],
        [credit.document_number for credit in decided],
        [credit.model_dump(mode="json") for credit in decided],
    )
    newer = {row["credit_id"] for row in kept}
    await _keep_allocations(connection, [credit for credit in decided if credit.credit_id in newer])
    await count_days(connection, before.union(places))
    await count_installation(connection)


async def _keep_allocations(connection: Connection, newer: Sequence[Credit]) -> None:
    paying = [(credit, allocation) for credit in newer for allocation in credit.allocations]
    await connection.execute(DROP_ALLOCATIONS, [credit.credit_id for credit in newer])
    await connection.execute(
        ADD_ALLOCATIONS,
        [credit.credit_id for credit, _ in paying],
        [allocation.allocation_id for _, allocation in paying],
        [allocation.notice_id for _, allocation in paying],
        [credit.site_id or NO_SITE for credit, _ in paying],
        [allocation.amount for _, allocation in paying],
        [credit.occurred_at for credit, _ in paying],
        [allocation.decided_at for _, allocation in paying],
        [credit.channel for credit, _ in paying],
    )


def _words_of(transaction: BankTransaction) -> str:
    """What a transfer is found by: what was written, who sent it, the bank's own reference."""
    parts = (transaction.memo, transaction.counter_name, transaction.bank_reference)
    return search_key(" ".join(str.__str__(part) for part in parts if part))
