"""What is found about days from the stored facts: movement by movement, credit by credit, account by account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.reconciliation.days.figures import columns_of
from services.reconciliation.days.items import KEYS
from services.reconciliation.discrepancies.silence import LOOKED_BACK, silence_of
from services.reconciliation.model import DayKey, Finding
from shared.runtime.postgres import Connection

SUSPENSE_DAYS_MAX = 7
"""Longer than this no money should wait for its fee, or to be returned."""
FEED_DAYS = 14
"""An account that heard of money by webhook within so many days has a feed, in which a message can be missing."""

# Movements by the day that counts them last: without a decision, with another amount in their decision or on a statement,
# not on a statement that saw their moment, maybe the same as another (unless the bank lists both), or told by a statement
# alone although the account has a feed which has been silent since. By transactions_of_day, placements_of_day, the primary keys,
# statements_of_account and statement_lines_of_transaction.
MOVEMENTS = f"""
with counted as (
  select k.site_id, k.account, k.day, t.transaction_id
  from {KEYS} join transactions t on t.site_id = k.site_id and t.account = k.account and t.day = k.day and t.counts
  where not exists (
    select from placements p where p.item_id = t.transaction_id and p.site_id = t.site_id and p.account = t.account)
  union all
  select k.site_id, k.account, k.day, p.item_id
  from {KEYS} join placements p on p.site_id = k.site_id and p.account = k.account and p.day = k.day
  where not exists (
    select from placements later
    where later.item_id = p.item_id and later.site_id = p.site_id and later.account = p.account and later.day > p.day)
), judged as (
  select counted.site_id, counted.account, counted.day, t.transaction_id, t.amount, t.day as home_day, c.credit_id,
    line.statement_id, c.credit_id is null as is_undecided,
    coalesce(c.amount <> t.amount or c.direction <> t.direction, false)
      or coalesce(line.amount <> t.amount or line.direction <> t.direction, false) as differs,
    coalesce(nullif(c.amount, t.amount), nullif(line.amount, t.amount), t.amount) as other_amount,
    line.statement_id is null and seen.statement_id is not null as is_missing, seen.statement_id as seen_by,
    twin.transaction_id as twin_id,
    t.is_on_statement and not t.is_on_webhook and exists (
      select from transactions heard
      where heard.site_id = t.site_id and heard.account = t.account and heard.counts and heard.is_on_webhook
        and heard.day between t.day - {FEED_DAYS} and t.day
    ) and not exists (
      select from transactions heard
      where heard.site_id = t.site_id and heard.account = t.account and heard.counts and heard.is_on_webhook
        and heard.day >= t.day and heard.occurred_at > t.occurred_at
    ) as is_unheard
  from counted
  join transactions t on t.transaction_id = counted.transaction_id and t.counts
    and t.site_id = counted.site_id and t.account = counted.account
  left join credits c on c.credit_id = t.transaction_id
  left join lateral (
    select statement_id, amount, direction from statement_lines where transaction_id = t.transaction_id
    order by amount <> t.amount, statement_id limit 1
  ) line on true
  left join lateral (
    select s.statement_id from statements s
    cross join lateral (
      select count(*) as lines, max(occurred_at) as last_at from statement_lines where statement_id = s.statement_id
    ) l
    where s.account = t.account and s.site_id = t.site_id and s.to_date >= t.day and s.from_date <= t.day
      and (l.lines > 0 or s.credits + s.debits = 0)
      and (s.to_date > t.day or s.received_at is null or (s.received_at at time zone interval '7 hours')::date > t.day
        or t.occurred_at <= l.last_at)
    order by s.statement_id limit 1
  ) seen on line.statement_id is null
  left join transactions twin on twin.transaction_id = t.possible_duplicate_of and twin.counts and not (
    line.statement_id is not null
    and exists (select from statement_lines l where l.transaction_id = twin.transaction_id))
)
select * from judged where is_undecided or differs or is_missing or twin_id is not null or is_unheard order by transaction_id
"""

# Money that waits too long for its fee or its way back, by its own day. By credits_of_site.
SUSPENSE = f"""
select k.site_id, k.account, k.day, c.credit_id, c.unidentified + c.to_return as amount
from {KEYS}
join credits c on c.site_id = k.site_id and c.day = k.day and case c.channel when 'bank' then c.account else c.channel end = k.account
where c.direction = 'in' and c.unidentified + c.to_return > 0 and c.day < $4::date - {SUSPENSE_DAYS_MAX}
order by c.credit_id
"""

# By shifts_differing.
SHIFTS = f"""
select k.site_id, k.account, k.day, s.shift_id, s.counted - s.expected as amount
from {KEYS} join shifts s on s.site_id = k.site_id and s.closed_on = k.day and s.counted <> s.expected
where k.account = 'cash' order by s.shift_id
"""

# By transactions_unrouted.
UNROUTED = """
select account, min(day) as day, sum(amount)::bigint as amount,
  (array_agg(transaction_id order by transaction_id))[:100] as transaction_ids
from transactions where counts and site_id is null and account = any($1::text[]) group by account
"""

# What came in on each known day of accounts. By days_of_account.
MONEY = """
select k.site_id, k.account, d.day, d.moved_in as credits, d.entity ->> 'data_in' as data_in
from unnest($1::text[], $2::text[]) as k(site_id, account)
join days d on d.site_id = k.site_id and d.account = k.account and d.day >= $3::date and d.day <= $4::date
"""


async def findings_of(connection: Connection, keys: Sequence[DayKey], as_of: date) -> dict[DayKey, list[Finding]]:
    """What is found about each of these days, closed ones too."""
    found: dict[DayKey, list[Finding]] = defaultdict(list)
    unheard: dict[DayKey, list[Any]] = defaultdict(list)
    for row in await connection.fetch(MOVEMENTS, *columns_of([key for key in keys if not key.is_cash])):
        key = _key(row)
        found[key] += _movement(key, row)
        if row["is_unheard"]:
            unheard[key].append(row)
    for key, rows in unheard.items():
        amount = sum(row["amount"] for row in rows)
        found[key].append(
            Finding("missing_webhook", key, amount, transaction_ids=tuple(row["transaction_id"] for row in rows))
        )
    for row in await connection.fetch(SUSPENSE, *columns_of(keys), as_of):
        key, credit_id = _key(row), row["credit_id"]
        found[key].append(Finding("suspense_old", key, row["amount"], credit_id, credit_ids=(credit_id,)))
    for row in await connection.fetch(SHIFTS, *columns_of([key for key in keys if key.is_cash])):
        found[_key(row)].append(Finding("cash_difference", _key(row), row["amount"], row["shift_id"]))
    return found


def _movement(key: DayKey, row: Any) -> list[Finding]:
    transaction_id, day = row["transaction_id"], row["home_day"]
    about_date = day if day != key.date else None
    found = []
    if row["is_undecided"]:
        found.append(
            Finding("undecided_transaction", key, row["amount"], transaction_id, (transaction_id,), about_date=about_date)
        )
    if row["differs"]:
        credit_ids = (row["credit_id"],) if row["credit_id"] else ()
        difference = row["other_amount"] - row["amount"]
        found.append(
            Finding(
                "amount_differs", key, difference, transaction_id, (transaction_id,), credit_ids, row["statement_id"],
                about_date,
            )
        )  # fmt: skip
    if row["is_missing"]:
        found.append(
            Finding(
                "missing_on_statement", key, row["amount"], transaction_id, (transaction_id,),
                statement_id=row["seen_by"], about_date=about_date,
            )
        )  # fmt: skip
    if row["twin_id"]:
        found.append(
            Finding(
                "duplicate_suspected", key, row["amount"], transaction_id, (transaction_id, row["twin_id"]),
                about_date=about_date,
            )
        )  # fmt: skip
    return found


def unrouted_scope(account: str) -> str:
    """The scope of money on an account that belongs to no site."""
    return f"unrouted:{account}"


async def unrouted_of(connection: Connection, accounts: Sequence[str]) -> list[Finding]:
    """Money that moved on accounts of no site, one finding an account."""
    rows = await connection.fetch(UNROUTED, accounts)
    return [
        Finding(
            "unrouted_account", DayKey("", row["account"], row["day"]), row["amount"], row["account"],
            tuple(row["transaction_ids"]), scope=unrouted_scope(row["account"]),
        )
        for row in rows
    ]  # fmt: skip


def silence_scope(site_id: str, account: str) -> str:
    """The scope of an account's silence."""
    return f"silence:{site_id}/{account}"


async def silences_of(
    connection: Connection, accounts: Sequence[tuple[str, str]], now: Mapping[DayKey, int], as_of: date
) -> list[Finding]:
    """Accounts (of sites) that are strangely quiet; `now` is what came in on days that are not stored yet."""
    rows = await connection.fetch(
        MONEY, [site for site, _ in accounts], [account for _, account in accounts], as_of - LOOKED_BACK, as_of
    )
    days: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows:
        days[row["site_id"], row["account"]].append(row)
    found = []
    for (site_id, account), known in days.items():
        # Where statements tell, a day that none covers yet is not quiet but unknown.
        by_statement = any(row["data_in"] == "statement" for row in known)
        money = {row["day"]: row["credits"] for row in known if row["data_in"] or row["credits"] or not by_statement}
        money |= {key.date: dong for key, dong in now.items() if (key.site_id, key.account) == (site_id, account) and dong}
        silence = silence_of(money, as_of)
        if silence is not None:
            key = DayKey(site_id, account, silence.since)
            scope = silence_scope(site_id, account)
            found.append(Finding("silent_site", key, silence.usual, f"{scope}/{silence.since}", scope=scope))
    return found


def _key(row: Any) -> DayKey:
    return DayKey(row["site_id"], row["account"], row["day"])
