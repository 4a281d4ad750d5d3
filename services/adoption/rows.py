"""Facts → rows: what each allocation paid, what became of each notice, of each bank credit and of each report.

Every statement recomputes the rows of the touched facts and notes the days that they leave and reach.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from shared.runtime.postgres import Connection

LOCAL = "interval '7 hours'"
"""The offset of the business day (shared/clock.py)."""

# The notices of the bills of changed notices: a bill is opened once for all of its notices. By notices_of_bill.
NOTICES_OF_BILLS = """
select distinct mate.notice_id from notices n join notices mate using (bill_id) where n.notice_id = any($1::text[])
"""

# By allocations_of_notice.
CREDITS_OF_NOTICES = "select distinct credit_id from allocations where notice_id = any($1::text[])"

# By the primary key of allocations (its first column).
NOTICES_OF_CREDITS = "select distinct notice_id from allocations where credit_id = any($1::text[])"

TOUCH = "insert into touched_days (site_id, day) select distinct site_id, day from {} where day is not null on conflict do nothing"

# By the primary key (its first column).
DROP_PAYMENTS = f"""
with gone as (
  delete from payments where credit_id = any($1::text[]) returning site_id, day, payer, notice_id
), touched as ({TOUCH.format("gone")})
select distinct site_id, payer, notice_id from gone
"""

# In which village a fee was paid: the payer's, where the notice names one that then existed; where it names no unit at all,
# the site's own, where that lies in one.
VILLAGE = """
case
  when n.unit_code is null then coalesce(place.village, 'unknown')
  when exists (
    select from units u where u.unit_code = n.unit_code and u.level = 'village'
      and {day} >= u.valid_from and {day} <= coalesce(u.valid_to, 'infinity')
  ) then n.unit_code
  else 'unknown'
end
"""

# A payment counts at the notice's site; before the notice is known, at the credit's. Opening balances were no payments.
# By the primary keys.
ADD_PAYMENTS = f"""
with added as (
  insert into payments (
    credit_id, allocation_id, notice_id, site_id, day, fee_kind, village, payer, cashless, helped, amount, first_cashless_on
  )
  select a.credit_id, a.allocation_id, a.notice_id, coalesce(n.site_id, c.site_id, 'unknown'), c.day,
    coalesce(n.fee_kind, 'unknown'), {VILLAGE.format(day="c.day")}, coalesce(n.payer, 'notice/' || a.notice_id),
    c.channel in ('bank', 'portal'), c.channel in ('bank', 'portal') and a.paid_through in ('staff', 'helper'), a.amount,
    (
      select least(min(day), case when c.channel in ('bank', 'portal') then c.day end) from payments p
      where p.site_id = n.site_id and p.payer = n.payer and p.cashless
    )
  from credits c join allocations a using (credit_id) left join notices n using (notice_id)
  left join site_places place
    on place.site_id = coalesce(n.site_id, c.site_id) and c.day between place.valid_from and place.valid_to
  where c.credit_id = any($1::text[]) and a.undone_by is null and c.channel <> 'opening'
  returning site_id, day, payer
), touched as ({TOUCH.format("added")})
select distinct site_id, payer from added
"""

# Where a payer's first payment without cash moved, every day of this payer means something else. By payments_of_payer.
CORRECT_FIRSTS = f"""
with found as (
  select site_id, payer, min(day) filter (where cashless) as first_cashless_on
  from unnest($1::text[], $2::text[]) as a(site_id, payer) join payments using (site_id, payer) group by site_id, payer
), corrected as (
  update payments p set first_cashless_on = found.first_cashless_on from found
  where (p.site_id, p.payer) = (found.site_id, found.payer) and p.first_cashless_on is distinct from found.first_cashless_on
  returning p.site_id, p.day
)
{TOUCH.format("corrected")}
"""

# What is due tomorrow is nobody's figure yet.
SETTLEMENT_DAYS = """(
  select site_id, unnest(array[case when due_on <= $2 then due_on end, settled_on, opened_on]) as day from {}
)"""

# By the primary key.
DROP_SETTLEMENTS = f"""
with gone as (
  delete from settlements where notice_id = any($1::text[]) returning site_id, due_on, settled_on, opened_on
)
{TOUCH.format(SETTLEMENT_DAYS.format("gone") + " days")}
"""

# Settled on the day on which what was applied reached the amount; without cash where no part until then was anything else.
# By the primary key of notices, notices_of_bill and allocations_of_notice.
ADD_SETTLEMENTS = f"""
with added as (
  insert into settlements (
    notice_id, bill_id, site_id, fee_kind, village, payer, due_on, settled_on, settled_cashless, days_to_pay, opened_on,
    from_afar
  )
  select n.notice_id, n.bill_id, n.site_id, n.fee_kind, {VILLAGE.format(day="n.due_on")}, n.payer,
    case when n.is_due then n.due_on end, paid.settled_on, coalesce(paid.settled_on is not null and paid.settled_cashless, false),
    greatest(paid.settled_on - n.issued_on, 0), (bill.opened_at at time zone {LOCAL})::date,
    bill.opened_at is not null and coalesce(paid.last_cashless_at >= bill.opened_at or (bill.declared and paid.any_cashless), false)
  from notices n
  left join site_places place on place.site_id = n.site_id and n.due_on between place.valid_from and place.valid_to
  cross join lateral (
    select min(least(link_opened_at, helper_declared_at)) as opened_at, bool_or(helper_declared_at is not null) as declared
    from notices where bill_id = n.bill_id
  ) bill
  cross join lateral (
    select min(day) filter (where reached) as settled_on,
      bool_and(is_cashless) filter (where reached_before is not true) as settled_cashless,
      max(last_cashless_at) as last_cashless_at, bool_or(any_cashless) as any_cashless
    from (
      select day, running >= n.amount as reached, running - of_day >= n.amount as reached_before, is_cashless, any_cashless,
        last_cashless_at
      from (
        select c.day, sum(a.amount) as of_day, sum(sum(a.amount)) over (order by c.day) as running,
          bool_and(c.channel in ('bank', 'portal')) as is_cashless, bool_or(c.channel in ('bank', 'portal')) as any_cashless,
          max(c.occurred_at) filter (where c.channel in ('bank', 'portal')) as last_cashless_at
        from allocations a join credits c using (credit_id)
        where a.notice_id = n.notice_id and a.undone_by is null
        group by c.day
      ) by_day
    ) reaching
  ) paid
  where n.notice_id = any($1::text[]) and n.is_open
  returning site_id, due_on, settled_on, opened_on
)
{TOUCH.format(SETTLEMENT_DAYS.format("added") + " days")}
"""

# The days at whose end a credit waits, up to today ($2).
WAITING_DAYS = """
select site_id, waiting::date as day from {} cross join lateral
  generate_series(waits_from, least(coalesce(waits_until - 1, $2::date), $2::date), interval '1 day') as waiting
"""

# By the primary key.
DROP_TRANSFERS = f"""
with gone as (
  delete from transfers where credit_id = any($1::text[]) returning site_id, day, waits_from, waits_until
), days as (select site_id, day from gone union {WAITING_DAYS.format("gone")})
{TOUCH.format("days")}
"""

# A fee of the table that applies to a credit: of the payer's bank before that of any bank, of its provider before any.
FEES = """
from transfer_fees f
where f.provider in (c.provider, '*') and c.day >= f.valid_from and c.day <= coalesce(f.valid_to, 'infinity')
  and c.amount >= f.amount_from and c.amount <= coalesce(f.amount_to, c.amount)
"""

# By the primary keys and notices_of_bill.
ADD_TRANSFERS = f"""
with added as (
  insert into transfers (
    credit_id, site_id, day, provider, bank, automatic, ever_automatic, undone, matched_seconds, notices, cost_dong,
    short_dong, waits_from, waits_until
  )
  select c.credit_id, coalesce(c.site_id, 'unknown'), c.day, c.provider, c.bank,
    coalesce(a.live > 0 and a.all_automatic and not a.taken_back, false), coalesce(a.ever_automatic, false),
    coalesce(a.undone, false),
    case when a.live > 0 then ceil(greatest(extract(epoch from a.decided_at - c.received_at), 0))::bigint end,
    coalesce(a.notices, 0), case when a.live > 0 then cost.fee end,
    case when a.bills = 1 then short.fee end,
    (c.received_at at time zone {LOCAL})::date,
    case when c.is_waiting then null
      when a.live > 0 then (a.decided_at at time zone {LOCAL})::date
      else (c.received_at at time zone {LOCAL})::date end
  from credits c
  left join lateral (
    select count(*) filter (where undone_by is null) as live,
      count(distinct a.notice_id) filter (where undone_by is null) as notices,
      bool_and(decided_by = 'auto') filter (where undone_by is null) as all_automatic,
      bool_or(decided_by = 'auto') as ever_automatic,
      bool_or(undone_by <> 'auto') filter (where undone_by is not null) is true as taken_back,
      bool_or(undone_by <> 'auto' and decided_by = 'auto') filter (where undone_by is not null) as undone,
      min(decided_at) filter (where undone_by is null) as decided_at,
      count(distinct coalesce(n.bill_id, 'notice/' || a.notice_id)) filter (where undone_by is null) as bills,
      min(n.bill_id) filter (where undone_by is null) as bill_id
    from allocations a left join notices n using (notice_id) where a.credit_id = c.credit_id
  ) a on true
  left join lateral (
    select f.fee {FEES} and f.bank in (c.bank, '*')
    order by f.bank = '*', f.provider = '*', f.valid_from desc, f.fee limit 1
  ) cost on true
  left join lateral (
    select f.fee {FEES} and f.bank in (c.bank, '*', '?') and f.fee > 0
      and f.fee = (select sum(amount) from notices where bill_id = a.bill_id and is_open) - c.amount
    limit 1
  ) short on true
  where c.credit_id = any($1::text[]) and c.channel = 'bank' and c.is_income
  returning site_id, day, waits_from, waits_until
), days as (select site_id, day from added union {WAITING_DAYS.format("added")})
{TOUCH.format("days")}
"""

# Where the newest webhook of an account is of another provider than before, what only statements told of it is another's.
# By transactions_of_account and the primary keys.
PUT_ACCOUNT_PROVIDERS = """
with found as (
  select account, newest.provider
  from (select distinct account from transactions where transaction_id = any($1::text[])) asked
  cross join lateral (
    select s.value ->> 0 as provider from transactions t, jsonb_array_elements(t.sightings) s
    where t.account = asked.account and s.value ->> 1 = 'webhook'
    order by t.occurred_at desc, t.transaction_id desc, s.value ->> 2 desc limit 1
  ) newest
), changed as (
  insert into account_providers as p select * from found
  on conflict (account) do update set provider = excluded.provider where p.provider <> excluded.provider
  returning account
)
select transaction_id from changed join transactions t using (account)
where not exists (select from jsonb_array_elements(t.sightings) s where s.value ->> 1 = 'webhook')
"""

# By the primary key (its first column).
DROP_DELIVERIES = f"""
with gone as (delete from deliveries where transaction_id = any($1::text[]) returning site_id, day)
{TOUCH.format("gone")}
"""

# A transaction counts once, with the provider of its first webhook, or, where none came, with the one that sends the
# account's webhooks; each report counts with its own. By the primary keys.
ADD_DELIVERIES = f"""
with webhooks as (
  select t.transaction_id, s.value ->> 0 as provider, (s.value ->> 2)::timestamptz as received_at,
    row_number() over (partition by t.transaction_id order by (s.value ->> 2)::timestamptz, s.ordinality) as place
  from transactions t, jsonb_array_elements(t.sightings) with ordinality s
  where t.transaction_id = any($1::text[]) and s.value ->> 1 = 'webhook'
), told as (
  select transaction_id, provider, count(*) as reports, bool_or(place = 1) as is_first,
    min(received_at) as first_at
  from webhooks group by transaction_id, provider
  union all
  select t.transaction_id, p.provider, 0, false, null
  from transactions t join account_providers p using (account)
  where t.transaction_id = any($1::text[]) and t.status <> 'merged_into'
    and not exists (select from webhooks w where w.transaction_id = t.transaction_id)
), added as (
  insert into deliveries (
    transaction_id, provider, bank, site_id, day, first_at, lateness_seconds, watched, healed, reports, duplicate_reports
  )
  select t.transaction_id, told.provider, t.bank, coalesce(t.site_id, 'unknown'), t.day, told.first_at,
    case when told.is_first and t.status <> 'merged_into'
      then ceil(greatest(extract(epoch from told.first_at - t.occurred_at), 0))::bigint end,
    t.status <> 'merged_into' and (told.is_first or told.reports = 0), told.reports = 0, told.reports,
    told.reports - (told.is_first and t.status <> 'merged_into')::integer
  from told join transactions t using (transaction_id)
  returning site_id, day
)
{TOUCH.format("added")}
"""


async def derive(
    connection: Connection, credits: Collection[str], notices: Collection[str], transactions: Collection[str], today: date
) -> None:
    """Recompute the rows of these changed facts, and of the facts that they speak of."""
    changed_notices = {*notices, *await _ids(connection, NOTICES_OF_BILLS, notices)}
    changed_credits = sorted({*credits, *await _ids(connection, CREDITS_OF_NOTICES, changed_notices)})
    changed_notices |= set(await _ids(connection, NOTICES_OF_CREDITS, changed_credits))
    if changed_credits:
        payers: set[tuple[str, str]] = set()
        for row in await connection.fetch(DROP_PAYMENTS, changed_credits):
            payers.add((row["site_id"], row["payer"]))
            changed_notices.add(row["notice_id"])
        rows = await connection.fetch(ADD_PAYMENTS, changed_credits)
        payers |= {(row["site_id"], row["payer"]) for row in rows}
        ordered = sorted(payers)
        await connection.execute(CORRECT_FIRSTS, [site_id for site_id, _ in ordered], [payer for _, payer in ordered])
        await connection.execute(DROP_TRANSFERS, changed_credits, today)
        await connection.execute(ADD_TRANSFERS, changed_credits, today)
    if changed_notices:
        await connection.execute(DROP_SETTLEMENTS, sorted(changed_notices), today)
        await connection.execute(ADD_SETTLEMENTS, sorted(changed_notices), today)
    if transactions:
        healed = await connection.fetch(PUT_ACCOUNT_PROVIDERS, sorted(transactions))
        changed = sorted({*transactions, *(row["transaction_id"] for row in healed)})
        await connection.execute(DROP_DELIVERIES, changed)
        await connection.execute(ADD_DELIVERIES, changed)


async def _ids(connection: Connection, query: str, ids: Iterable[str]) -> list[Any]:
    asked = sorted(ids)
    return [row[0] for row in await connection.fetch(query, asked)] if asked else []
