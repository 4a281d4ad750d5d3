"""Deposits: cash that was brought to the bank, and the receipts that it clears. It allocates nothing (matching says so)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from services.reconciliation.cash.model import Open, clear
from services.reconciliation.days.figures import columns_of
from services.reconciliation.days.items import KEYS
from services.reconciliation.model import DayKey
from shared.runtime.postgres import Connection

# A deposit that is none any more, as matching says now. By deposit_links_of_day and the primary keys.
UNLINK = f"""
delete from deposit_links l using {KEYS}
where l.site_id = k.site_id and l.deposit_day = k.day and not exists (
  select from transactions t join credits c on c.credit_id = t.transaction_id
  where t.transaction_id = l.deposit_id and t.counts and t.site_id = l.site_id and c.reason = 'cash_deposit')
"""

# Deposits since the first touched day of each site that bring more than is linked. By transactions_in_of_day and the primary
# keys.
OPEN_DEPOSITS = """
select d.site_id, t.transaction_id as id, t.occurred_at as at, t.day, t.amount - linked.amount as amount
from unnest($1::text[], $2::date[]) as d(site_id, since)
join transactions t on t.site_id = d.site_id and t.day >= d.since and t.counts and t.direction = 'in'
join credits c on c.credit_id = t.transaction_id and c.reason = 'cash_deposit'
cross join lateral (
  select coalesce(sum(l.amount), 0)::bigint as amount from deposit_links l where l.deposit_id = t.transaction_id
) linked
where t.amount > linked.amount
"""

# Receipts that no deposit has cleared: from the last cleared day on, or the first touched one where it is earlier. By
# credits_cash_of_day, deposit_links_cleared and deposit_links_of_receipt.
OPEN_RECEIPTS = """
select d.site_id, c.credit_id as id, c.occurred_at as at, c.day, c.amount - linked.amount as amount
from unnest($1::text[], $2::date[], $3::date[]) as d(site_id, since, until)
cross join lateral (
  select least(d.since, (select max(receipt_day) from deposit_links where site_id = d.site_id)) as day,
    exists (select from deposit_links where site_id = d.site_id) as is_begun
) cleared
join credits c on c.channel = 'cash' and c.direction = 'in' and c.site_id = d.site_id and c.day <= d.until
  and (not cleared.is_begun or c.day >= cleared.day)
cross join lateral (
  select coalesce(sum(l.amount), 0)::bigint as amount from deposit_links l where l.receipt_id = c.credit_id
) linked
where c.amount > linked.amount
"""

LINK = """
insert into deposit_links (deposit_id, receipt_id, site_id, deposit_day, receipt_day, amount)
select * from unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::date[], $6::bigint[])
on conflict (deposit_id, receipt_id) do update set amount = deposit_links.amount + excluded.amount
"""


async def link_deposits(connection: Connection, touched: Collection[DayKey]) -> None:
    """Let the deposits of these cash days clear the receipts that they brought to the bank."""
    if not touched:
        return
    await connection.execute(UNLINK, *columns_of(sorted(touched)))
    since: dict[str, date] = {}
    for key in touched:
        since[key.site_id] = min(key.date, since.get(key.site_id, key.date))
    sites = sorted(since)
    deposits = await _open(connection, OPEN_DEPOSITS, sites, [since[site] for site in sites])
    if not deposits:
        return
    sites = sorted(deposits)
    last = [max(row["day"] for row in deposits[site]) for site in sites]
    receipts = await _open(connection, OPEN_RECEIPTS, sites, [since[site] for site in sites], last)
    rows = []
    for site in sites:
        days = {row["id"]: row["day"] for row in (*deposits[site], *receipts[site])}
        links = clear(map(_as_open, deposits[site]), map(_as_open, receipts[site]))
        rows += [
            (each.deposit_id, each.receipt_id, site, days[each.deposit_id], days[each.receipt_id], each.amount)
            for each in links
        ]
    await connection.execute(LINK, *[[row[index] for row in rows] for index in range(6)])


async def _open(connection: Connection, query: str, *columns: list[Any]) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in await connection.fetch(query, *columns):
        found[row["site_id"]].append(row)
    return found


def _as_open(row: Any) -> Open:
    return Open(row["id"], row["at"], row["amount"])
