"""Transactions as facts: what moved, how it was heard of, and whom it came from or went to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.reconciliation.facts.memos import memo_says
from shared.clock import local_day
from shared.events import BankTransaction
from shared.runtime.consumer import Received
from shared.runtime.postgres import Connection

HEARD = frozenset({"webhook", "pull"})
"""Ways in which the bank tells of money by itself; a statement is brought by a person."""

# Touches the day on which a transaction stands now, the one on which it stood before, and those of transactions that may be
# the same one; an older version touches nothing. An account without a site has the site "". By the primary key and
# transactions_suspected.
PUT_TRANSACTIONS = """
with incoming as (
  select * from unnest(
    $1::text[], $2::bigint[], $3::text[], $4::text[], $5::date[], $6::text[], $7::bigint[], $8::boolean[],
    $9::timestamptz[], $10::timestamptz[], $11::boolean[], $12::boolean[], $13::bigint[], $14::text[], $15::text[],
    $16::text[], $17::text[], $18::text[], $19::text[]
  ) as i(transaction_id, version, site_id, account, day, direction, amount, counts, occurred_at, heard_at, is_on_webhook,
    is_on_statement, balance_after, possible_duplicate_of, counter_account, counter_name, counter_bank, memo_says, traceparent)
), before as (
  select t.transaction_id, t.site_id, t.account, t.day from transactions t join incoming using (transaction_id)
), changed as (
  insert into transactions as t (
    transaction_id, version, site_id, account, day, direction, amount, counts, occurred_at, heard_at, is_on_webhook,
    is_on_statement, balance_after, possible_duplicate_of, counter_account, counter_name, counter_bank, memo_says)
  select transaction_id, version, site_id, account, day, direction, amount, counts, occurred_at, heard_at, is_on_webhook,
    is_on_statement, balance_after, possible_duplicate_of, counter_account, counter_name, counter_bank, memo_says
  from incoming order by transaction_id
  on conflict (transaction_id) do update set
    version = excluded.version, site_id = excluded.site_id, account = excluded.account, day = excluded.day,
    direction = excluded.direction, amount = excluded.amount, counts = excluded.counts, occurred_at = excluded.occurred_at,
    heard_at = excluded.heard_at, is_on_webhook = excluded.is_on_webhook, is_on_statement = excluded.is_on_statement,
    balance_after = excluded.balance_after, possible_duplicate_of = excluded.possible_duplicate_of,
    counter_account = excluded.counter_account, counter_name = excluded.counter_name,
    counter_bank = excluded.counter_bank, memo_says = excluded.memo_says
  where excluded.version > t.version
  returning t.transaction_id, t.site_id, t.account, t.day
), touched as (
  select * from changed
  union
  select before.* from before join changed using (transaction_id)
  union
  select changed.transaction_id, t.site_id, t.account, t.day
  from changed join transactions t on t.possible_duplicate_of = changed.transaction_id and t.counts
)
insert into touched_days (site_id, account, day, traceparent)
select coalesce(touched.site_id, ''), touched.account, touched.day, incoming.traceparent
from touched join incoming using (transaction_id)
"""


async def put_transactions(connection: Connection, batch: Sequence[Received[BankTransaction]]) -> None:
    """Keep transactions. A merged one counts no more; an erased one does: its money moved all the same."""
    events = [received.value for received in batch]
    await connection.execute(
        PUT_TRANSACTIONS,
        [each.transaction_id for each in events],
        [each.version for each in events],
        [each.site_id for each in events],
        [each.account for each in events],
        [local_day(each.occurred_at) for each in events],
        [each.direction for each in events],
        [each.amount for each in events],
        [each.status != "merged_into" for each in events],
        [each.occurred_at for each in events],
        [_heard_at(each) for each in events],
        [_heard_at(each) is not None for each in events],
        [any(sighting.seen_by == "statement" for sighting in each.sightings) for each in events],
        [each.balance_after for each in events],
        [each.possible_duplicate_of for each in events],
        # Plain text from here on: the database keeps it because a refund goes to the account that paid.
        [each.counter_account.reveal() if each.counter_account else None for each in events],
        [each.counter_name.reveal() if each.counter_name else None for each in events],
        [each.counter_bank for each in events],
        [memo_says(each.memo.reveal()) if each.memo else None for each in events],
        [received.traceparent for received in batch],
    )


def _heard_at(transaction: BankTransaction) -> datetime | None:
    """When the bank last told of it by itself."""
    heard = [each.received_at for each in transaction.sightings if each.seen_by in HEARD]
    return max(heard, default=None)
