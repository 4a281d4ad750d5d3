"""The ledger of what is collected for others, from allocations; and what was handed on, which people and certainty say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from services.reconciliation.collected_for.model import Held, Share, remits
from services.reconciliation.days.figures import columns_of
from services.reconciliation.model import AUTOMATON, DayKey
from services.reconciliation.money_back.links import OUT_OF_DAYS
from shared.runtime.postgres import Connection

# What was collected (allocated to notices of that nature), handed on and is still held, by fee kind; within the dates what moved
# in them, still held over all time. By notices_collected_for, allocations_of_notice and remittances_of_site.
LEDGER = """
with collected as (
  select n.site_id, n.fee_kind, sum(a.amount)::bigint as total,
    coalesce(sum(a.amount) filter (where c.day between $2 and $3), 0)::bigint as within
  from notices n join allocations a on a.notice_id = n.notice_id join credits c on c.credit_id = a.credit_id
  where n.nature = 'collected_for' and ($1::text[] is null or n.site_id = any($1::text[]))
  group by n.site_id, n.fee_kind
), remitted as (
  select m.site_id, m.fee_kind, sum(m.amount)::bigint as total,
    coalesce(sum(m.amount) filter (where m.day between $2 and $3), 0)::bigint as within
  from remittances m where $1::text[] is null or m.site_id = any($1::text[])
  group by m.site_id, m.fee_kind
)
select site_id, fee_kind, coalesce(b.body, '') as body, b.account, b.bank, b.version as body_version,
  coalesce(collected.within, 0) as collected, coalesce(remitted.within, 0) as remitted,
  coalesce(collected.total, 0) - coalesce(remitted.total, 0) as to_remit
from collected full join remitted using (site_id, fee_kind) left join bodies b using (site_id, fee_kind)
order by site_id, body, fee_kind
"""

# Two payments at once must not hand on the same money.
LOCK_SITE = "select pg_advisory_xact_lock(hashtextextended('collected-for/' || $1, 0))"

# By the primary key.
LOCK_BODY = "select version from bodies where site_id = $1 and fee_kind = $2 for update"
PUT_BODY = """
insert into bodies (site_id, fee_kind, version, body, account, bank, set_by, set_at) values ($1, $2, 1, $3, $4, $5, $6, $7)
on conflict (site_id, fee_kind) do update set version = bodies.version + 1, body = excluded.body, account = excluded.account,
  bank = excluded.bank, set_by = excluded.set_by, set_at = excluded.set_at
returning site_id, fee_kind, version, body, account, bank, set_by, set_at
"""

REMIT = """
insert into remittances (transaction_id, site_id, fee_kind, body, amount, day, decided_by, decided_at)
select $1, $2, i.fee_kind, coalesce(b.body, ''), i.amount, $3, $4, $5
from unnest($6::text[], $7::bigint[]) as i(fee_kind, amount)
left join bodies b on b.site_id = $2 and b.fee_kind = i.fee_kind
"""

# By remittances_of_site.
REMITTANCES = """
select transaction_id, site_id, fee_kind, body, amount, day, decided_by, decided_at from remittances
where ($1::text[] is null or site_id = any($1::text[])) and day >= $2 and day <= $3 and (day, transaction_id) > ($4, $5)
order by day, transaction_id, fee_kind limit $6
"""

# The automaton keeps away from it from then on. By the primary keys.
UNDO = """
with refused as (
  insert into remittance_refusals (transaction_id, refused_by, refused_at) values ($1, $2, $3) on conflict do nothing
)
delete from remittances where transaction_id = $1 returning site_id, fee_kind, amount
"""

REFUSED = "select transaction_id from remittance_refusals where transaction_id = any($1::text[])"

SITE_OF_REMITTANCE = "select site_id from remittances where transaction_id = $1 limit 1"

# Sites that collect for others and have told where it goes. By the primary key.
SITES_WITH_BODIES = "select distinct site_id from bodies where site_id = any($1::text[]) and account is not null"

EVER = (date(1900, 1, 1), date(2200, 1, 1))


async def lock(connection: Connection, site_id: str) -> None:
    """Be the only one to hand on a site's money until the transaction ends."""
    await connection.execute(LOCK_SITE, site_id)


async def ledger(connection: Connection, sites: list[str] | None, first: date, last: date) -> list[dict[str, Any]]:
    """Collected, handed on and still held, by site, body and fee kind."""
    return [dict(row) for row in await connection.fetch(LEDGER, sites, first, last)]


async def held_by(connection: Connection, sites: Sequence[str]) -> dict[str, list[Held]]:
    """What sites hold for others now."""
    held: dict[str, list[Held]] = defaultdict(list)
    for row in await ledger(connection, list(sites), *EVER):
        held[row["site_id"]].append(Held(row["fee_kind"], row["body"], row["account"], row["to_remit"]))
    return held


async def remit_certain(connection: Connection, touched: Collection[DayKey], at: datetime) -> None:
    """Keep what the money out of these days certainly hands on."""
    sites = [row["site_id"] for row in await connection.fetch(SITES_WITH_BODIES, sorted({key.site_id for key in touched}))]
    if not sites:
        return
    keys = sorted(key for key in touched if key.site_id in set(sites))
    for site in sites:
        await lock(connection, site)
    held = await held_by(connection, sites)
    outs = await connection.fetch(OUT_OF_DAYS, *columns_of(keys))
    refused = {row["transaction_id"] for row in await connection.fetch(REFUSED, [out["transaction_id"] for out in outs])}
    for out in outs:
        if out["transaction_id"] in refused:
            continue
        shares = remits(out["amount"], out["counter_account"], held[out["site_id"]])
        if shares:
            await remit(connection, dict(out), shares, AUTOMATON, at)
            held = await held_by(connection, sites)


async def remit(connection: Connection, out: dict[str, Any], shares: Sequence[Share], person: str, at: datetime) -> None:
    """Keep what money out hands on, by fee kind."""
    await connection.execute(
        REMIT, out["transaction_id"], out["site_id"], out["day"], person, at, [each.fee_kind for each in shares],
        [each.amount for each in shares],
    )  # fmt: skip


async def body_version(connection: Connection, site_id: str, fee_kind: str) -> int:
    """The version of what was declared about a fee kind's body; 0 where nothing was. Its row is locked."""
    return await connection.fetchval(LOCK_BODY, site_id, fee_kind) or 0


async def put_body(
    connection: Connection,
    site_id: str,
    fee_kind: str,
    body: str,
    account: str | None,
    bank: str | None,
    person: str,
    at: datetime,
) -> dict[str, Any]:
    """Declare for whom a fee kind is collected, and where it goes."""
    return dict(await connection.fetchrow(PUT_BODY, site_id, fee_kind, body, account, bank, person, at) or {})


async def remittances(
    connection: Connection, sites: list[str] | None, first: date, last: date, after: tuple[date, str], limit: int
) -> list[dict[str, Any]]:
    """What was handed on, by day."""
    return [dict(row) for row in await connection.fetch(REMITTANCES, sites, first, last, *after, limit)]


async def site_of_remittance(connection: Connection, transaction_id: str) -> str | None:
    """Whose remittance it is."""
    site_id: str | None = await connection.fetchval(SITE_OF_REMITTANCE, transaction_id)
    return site_id


async def undo(connection: Connection, transaction_id: str, person: str, at: datetime) -> list[dict[str, Any]]:
    """Take back that money out handed something on; what it was is a person's to say from then on."""
    return [dict(row) for row in await connection.fetch(UNDO, transaction_id, person, at)]
