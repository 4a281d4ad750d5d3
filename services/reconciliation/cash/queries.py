"""What is read of cash: deposits with what they clear, and what lies in the box."""

from __future__ import annotations

from datetime import date
from typing import Any

from shared.runtime.postgres import Connection

# By transactions_in_of_day and deposit_links' key.
DEPOSITS = """
select t.site_id, t.transaction_id, t.account, t.day, t.occurred_at, t.amount, linked.amount as cleared, linked.receipts
from transactions t
join credits c on c.credit_id = t.transaction_id and c.reason = 'cash_deposit'
cross join lateral (
  select coalesce(sum(l.amount), 0)::bigint as amount, count(*) as receipts
  from deposit_links l where l.deposit_id = t.transaction_id
) linked
where t.counts and t.direction = 'in' and ($1::text[] is null or t.site_id = any($1::text[])) and t.site_id is not null
  and t.day >= $2 and t.day <= $3 and (t.day, t.transaction_id) > ($4, $5)
order by t.day, t.transaction_id limit $6
"""

# By the primary keys.
CLEARED = """
select l.receipt_id as credit_id, c.occurred_at, c.document_number, c.amount, l.amount as cleared
from deposit_links l left join credits c on c.credit_id = l.receipt_id
where l.deposit_id = $1 order by c.occurred_at, l.receipt_id limit $2
"""

SITE_OF_DEPOSIT = """
select t.site_id from transactions t join credits c on c.credit_id = t.transaction_id and c.reason = 'cash_deposit'
where t.transaction_id = $1 and t.counts
"""

# The newest row of each box, and receipts that no deposit has brought to the bank yet. By days_of_account,
# credits_cash_of_day and deposit_links_of_receipt.
IN_HAND = """
select s.site_id, box.day as as_of, coalesce((box.entity ->> 'closing')::bigint, 0) as in_hand, waiting.receipts,
  waiting.oldest
from sites s
left join lateral (
  select d.day, d.entity from days d where d.site_id = s.site_id and d.account = 'cash' order by d.day desc limit 1
) box on true
cross join lateral (
  select count(*) as receipts, min(c.day) as oldest from credits c
  where c.channel = 'cash' and c.direction = 'in' and c.site_id = s.site_id
    and c.day >= coalesce((select max(receipt_day) from deposit_links where site_id = s.site_id), c.day)
    and c.amount > (select coalesce(sum(l.amount), 0) from deposit_links l where l.receipt_id = c.credit_id)
) waiting
where ($1::text[] is null or s.site_id = any($1::text[])) and box.day is not null and s.site_id > $2
order by s.site_id limit $3
"""


async def deposits(
    connection: Connection, sites: list[str] | None, first: date, last: date, after: tuple[date, str], limit: int
) -> list[dict[str, Any]]:
    """Deposits by day, with how much of each is explained by receipts."""
    return [dict(row) for row in await connection.fetch(DEPOSITS, sites, first, last, *after, limit)]


async def cleared_by(connection: Connection, deposit_id: str, limit: int) -> list[dict[str, Any]]:
    """The receipts that a deposit brought to the bank."""
    return [dict(row) for row in await connection.fetch(CLEARED, deposit_id, limit)]


async def site_of_deposit(connection: Connection, deposit_id: str) -> str | None:
    """Whose deposit it is; None where it is none."""
    site_id: str | None = await connection.fetchval(SITE_OF_DEPOSIT, deposit_id)
    return site_id


async def in_hand(connection: Connection, sites: list[str] | None, after: str, limit: int) -> list[dict[str, Any]]:
    """What must lie in each site's box, and since when it has not been brought to the bank."""
    return [dict(row) for row in await connection.fetch(IN_HAND, sites, after, limit)]
