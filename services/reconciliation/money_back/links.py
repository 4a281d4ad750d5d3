"""Money out that returns a credit: what is certain is linked by itself, the rest is proposed to a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import uuid_utils

from services.reconciliation.days.figures import columns_of
from services.reconciliation.days.items import KEYS
from services.reconciliation.model import AUTOMATON, DayKey
from services.reconciliation.money_back.model import (
    RETURN_WITHIN,
    REVERSAL_WITHIN,
    ListedRefund,
    Match,
    MoneyOut,
    Returnable,
    matches,
)
from shared.runtime.postgres import Connection

CANDIDATES_MAX = 5

_OUT = """
t.transaction_id, t.site_id, t.account, t.day, t.amount, t.occurred_at, t.counter_account, t.counter_bank, t.memo_says
"""
_UNEXPLAINED = """
t.counts and t.direction = 'out'
  and not exists (select from returns r where r.out_transaction_id = t.transaction_id)
  and not exists (select from remittances m where m.transaction_id = t.transaction_id)
"""

# Money out of these days that nothing explains yet. By transactions_of_day and the keys of returns and remittances.
OUT_OF_DAYS = f"""
select {_OUT} from {KEYS}
join transactions t on t.site_id = k.site_id and t.account = k.account and t.day = k.day
where {_UNEXPLAINED}
"""

# By transactions_out.
OUT_OF_SITES = f"""
select {_OUT} from transactions t
where {_UNEXPLAINED} and ($1::text[] is null or t.site_id = any($1::text[])) and t.site_id is not null
  and t.occurred_at >= $2 and (t.occurred_at, t.transaction_id) > ($3, $4)
order by t.occurred_at, t.transaction_id limit $5
"""

# By the primary key.
ONE_OUT = f"select {_OUT} from transactions t where {_UNEXPLAINED} and t.transaction_id = $1"

# Credits that money out may undo: from the same account, or, where the memo speaks of money going back, of the same amount; the
# newest few. By transactions_of_counter, transactions_of_day and the keys of credits, returns and refusals.
CREDITS = f"""
select o.transaction_id as out_id, c.credit_id, t.counter_account, t.occurred_at,
  (c.amount - coalesce((select sum(r.amount) from returns r where r.credit_id = c.credit_id), 0))::bigint as amount
from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[], $6::date[], $7::text[], $8::text[])
  as o(transaction_id, site_id, account, amount, occurred_at, day, counter_account, memo_says)
cross join lateral (
  (
    select near.transaction_id from transactions near
    where near.account = o.account and near.counter_account = o.counter_account and near.counts
      and near.occurred_at <= o.occurred_at and near.occurred_at >= o.occurred_at - make_interval(days => {RETURN_WITHIN.days})
      and near.direction = 'in' and near.amount >= o.amount
    order by near.occurred_at desc limit {CANDIDATES_MAX}
  )
  union
  (
    select near.transaction_id from transactions near
    where o.memo_says in ('reversal', 'refund') and near.site_id = o.site_id and near.account = o.account
      and near.day between o.day - {REVERSAL_WITHIN.days} and o.day and near.counts and near.direction = 'in'
      and near.amount = o.amount and near.occurred_at <= o.occurred_at
    order by near.occurred_at desc limit {CANDIDATES_MAX}
  )
) candidate
join transactions t on t.transaction_id = candidate.transaction_id
join credits c on c.credit_id = t.transaction_id
where not exists (
  select from return_refusals f where f.out_transaction_id = o.transaction_id and f.credit_id = c.credit_id)
"""

# By refunds_listed and the keys of returns and refusals.
REFUNDS = """
select o.transaction_id as out_id, r.refund_id, r.credit_id, r.amount, r.to_account
from unnest($1::text[], $2::text[], $3::bigint[]) as o(transaction_id, site_id, amount)
join refunds r on r.site_id = o.site_id and r.amount = o.amount and r.state = 'listed'
where not exists (select from returns d where d.refund_id = r.refund_id)
  and not exists (
    select from return_refusals f where f.out_transaction_id = o.transaction_id and f.credit_id = r.credit_id)
"""

# Nothing where another has linked this money, or this refund, at the same moment. By returns' unique keys.
LINK = """
insert into returns (return_id, site_id, credit_id, out_transaction_id, refund_id, amount, why, evidence, decided_by, decided_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing returning return_id
"""

# By the primary key.
PAID = """
update refunds set version = version + 1, state = 'paid', paid_by_transaction = $2, paid_on = $3, paid_at = $4
where refund_id = $1 and state = 'listed' returning refund_id
"""

UNLINK = "delete from returns where return_id = $1"

REFUSE = """
insert into return_refusals (out_transaction_id, credit_id, refused_by, refused_at) values ($1, $2, $3, $4)
on conflict do nothing
"""

# By returns_of_site.
PAGE = """
select return_id, site_id, credit_id, out_transaction_id, refund_id, amount, why, evidence, decided_by, decided_at, told_at,
  tried, last_error
from returns where ($1::text[] is null or site_id = any($1::text[])) and return_id > $2
  and ($3::boolean is null or (told_at is not null) = $3)
order by return_id limit $4
"""


async def link_certain(connection: Connection, touched: Collection[DayKey], at: datetime) -> None:
    """Link the money out of these days whose meaning is certain."""
    if not touched:
        return
    outs = [dict(row) for row in await connection.fetch(OUT_OF_DAYS, *columns_of(sorted(touched)))]
    found = await judge(connection, outs)
    taken: set[str] = set()
    for out in outs:
        certain = next((each for each in found[out["transaction_id"]] if each.is_certain), None)
        # Two movements of one pass cannot both pay one refund or undo one credit: the second is left to a person.
        if certain is None or (certain.refund_id or certain.credit_id) in taken:
            continue
        taken.add(certain.refund_id or certain.credit_id)
        await link(connection, out, certain, AUTOMATON, at)


async def judge(connection: Connection, outs: Sequence[dict[str, Any]]) -> dict[str, list[Match]]:
    """What each of these may be, by transaction; in a fixed number of statements."""
    if not outs:
        return {}
    names = ("transaction_id", "site_id", "account", "amount", "occurred_at", "day", "counter_account", "memo_says")
    credits: dict[str, list[Returnable]] = defaultdict(list)
    for row in await connection.fetch(CREDITS, *[[out[name] for out in outs] for name in names]):
        if row["amount"] > 0:
            credits[row["out_id"]].append(
                Returnable(row["credit_id"], row["amount"], row["occurred_at"], row["counter_account"])
            )
    refunds: dict[str, list[ListedRefund]] = defaultdict(list)
    for row in await connection.fetch(
        REFUNDS, *[[out[name] for out in outs] for name in ("transaction_id", "site_id", "amount")]
    ):
        refunds[row["out_id"]].append(ListedRefund(row["refund_id"], row["credit_id"], row["amount"], row["to_account"]))
    return {
        out["transaction_id"]: matches(_money_out(out), refunds[out["transaction_id"]], credits[out["transaction_id"]])
        for out in outs
    }


async def link(connection: Connection, out: dict[str, Any], match: Match, person: str, at: datetime) -> str | None:
    """Keep that this money out returns that credit; the refund that it pays is paid. None where it was settled meanwhile."""
    return_id: str | None = await connection.fetchval(
        LINK, str(uuid_utils.uuid7()), out["site_id"], match.credit_id, out["transaction_id"], match.refund_id, match.amount,
        match.why, list(match.evidence), person, at,
    )  # fmt: skip
    if return_id is None or match.refund_id is None:
        return return_id
    if await connection.fetchval(PAID, match.refund_id, out["transaction_id"], out["day"], at):
        return return_id
    await connection.execute(UNLINK, return_id)
    return None


async def link_cash(connection: Connection, refund: dict[str, Any], person: str, at: datetime) -> None:
    """Keep that a refund was handed out in cash."""
    await connection.execute(
        LINK, str(uuid_utils.uuid7()), refund["site_id"], refund["credit_id"], None, refund["refund_id"], refund["amount"],
        "refund", ["signed_for"], person, at,
    )  # fmt: skip


async def unexplained(
    connection: Connection, sites: list[str] | None, since: datetime, after: tuple[datetime, str], limit: int
) -> list[dict[str, Any]]:
    """Money out of sites that nothing explains, oldest first."""
    return [dict(row) for row in await connection.fetch(OUT_OF_SITES, sites, since, *after, limit)]


async def one_unexplained(connection: Connection, transaction_id: str) -> dict[str, Any] | None:
    """Money out, where nothing explains it yet."""
    row = await connection.fetchrow(ONE_OUT, transaction_id)
    return None if row is None else dict(row)


async def refuse(connection: Connection, out_id: str, credit_id: str, person: str, at: datetime) -> None:
    """Never propose this pair again."""
    await connection.execute(REFUSE, out_id, credit_id, person, at)


async def page(
    connection: Connection, sites: list[str] | None, after: str, limit: int, *, told: bool | None
) -> list[dict[str, Any]]:
    """Links in the order in which they were made, with whether matching has taken them."""
    return [dict(row) for row in await connection.fetch(PAGE, sites, after, told, limit)]


def _money_out(out: dict[str, Any]) -> MoneyOut:
    return MoneyOut(out["transaction_id"], out["amount"], out["occurred_at"], out["counter_account"], out["memo_says"])
