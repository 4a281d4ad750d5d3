"""Sites with their accounts, and notices: what days, ledgers and exports are told by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from shared.events import Notice, Site
from shared.runtime.postgres import Connection

# By the primary key.
PUT_SITES = """
with changed as (
  insert into sites as s (site_id, version, name, is_sample)
  select * from unnest($1::text[], $2::bigint[], $3::text[], $4::boolean[]) as i(id, version, name, is_sample) order by id
  on conflict (site_id) do update set version = excluded.version, name = excluded.name, is_sample = excluded.is_sample
  where excluded.version > s.version
  returning s.site_id
)
select site_id from changed
"""

# By the primary key (its first column).
DROP_ACCOUNTS = "delete from site_accounts where site_id = any($1::text[])"

ADD_ACCOUNTS = """
insert into site_accounts (site_id, account, valid_from, valid_to)
select * from unnest($1::text[], $2::text[], $3::date[], $4::date[]) on conflict do nothing
"""

# From the day on which an account is first known here its days are expected; before it only those that facts speak of. The
# row stays through replays, and with it which days exist. By the primary key.
WATCH_ACCOUNTS = """
with watched as (
  insert into watched_accounts (site_id, account, since, opened_to)
  select distinct i.site_id, i.account, $3::date, $3::date from unnest($1::text[], $2::text[]) as i(site_id, account)
  on conflict do nothing returning site_id, account, since
)
insert into touched_days (site_id, account, day) select site_id, account, since from watched
"""

# By the primary key. Names are kept because lists that an accountant signs say whom they are about.
PUT_NOTICES = """
insert into notices as n (
  notice_id, version, site_id, fee_kind, round, bill_id, reference, payer_code, payer_name, group_name, purpose, period,
  amount, issued_on, due_on, is_cancelled, nature, obligation)
select * from unnest(
  $1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
  $11::text[], $12::text[], $13::bigint[], $14::date[], $15::date[], $16::boolean[], $17::text[], $18::text[]
) as i(notice_id) order by notice_id
on conflict (notice_id) do update set
  version = excluded.version, site_id = excluded.site_id, fee_kind = excluded.fee_kind, round = excluded.round,
  bill_id = excluded.bill_id, reference = excluded.reference, payer_code = excluded.payer_code,
  payer_name = excluded.payer_name, group_name = excluded.group_name, purpose = excluded.purpose, period = excluded.period,
  amount = excluded.amount, issued_on = excluded.issued_on, due_on = excluded.due_on,
  is_cancelled = excluded.is_cancelled, nature = excluded.nature, obligation = excluded.obligation
where excluded.version > n.version
"""


async def put_sites(connection: Connection, sites: Sequence[Site], today: date) -> None:
    """Keep which sites there are, and which accounts they have."""
    rows = await connection.fetch(
        PUT_SITES,
        [each.site_id for each in sites],
        [each.version for each in sites],
        [each.name for each in sites],
        [each.sample for each in sites],
    )
    changed = {row["site_id"] for row in rows}
    await connection.execute(DROP_ACCOUNTS, sorted(changed))
    accounts = sorted(
        {(site.site_id, each.account_number, each.valid_from, each.valid_to) for site in sites for each in site.accounts
         if site.site_id in changed},
        key=lambda account: account[:3],
    )  # fmt: skip
    await connection.execute(
        ADD_ACCOUNTS,
        [site_id for site_id, *_ in accounts],
        [account for _, account, *_ in accounts],
        [valid_from for _, _, valid_from, _ in accounts],
        [valid_to for *_, valid_to in accounts],
    )
    await connection.execute(
        WATCH_ACCOUNTS, [site_id for site_id, *_ in accounts], [account for _, account, *_ in accounts], today
    )


async def put_notices(connection: Connection, notices: Sequence[Notice]) -> None:
    """Keep notices: whose they are, for what, and how much."""
    await connection.execute(
        PUT_NOTICES,
        [each.notice_id for each in notices],
        [each.version for each in notices],
        [each.site_id for each in notices],
        [each.fee_kind for each in notices],
        [each.round for each in notices],
        [each.bill_id for each in notices],
        [each.reference for each in notices],
        [each.payer_code.reveal() if each.payer_code else None for each in notices],
        [each.payer_name.reveal() if each.payer_name else None for each in notices],
        [each.group for each in notices],
        [each.purpose for each in notices],
        [each.period for each in notices],
        [each.amount for each in notices],
        [each.issued_on for each in notices],
        [each.due_on for each in notices],
        [each.status == "cancelled" for each in notices],
        [each.nature for each in notices],
        [each.obligation for each in notices],
    )
