"""What a search reads. Only the reader's sites: each by its own index, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg

from services.portal.payment.loading import NOTICE_COLUMNS, NoticeSeen, notice_from
from services.portal.web.searches import patterns
from shared.events import Credit
from shared.money import AmountError, parse_dong
from shared.reference import find_references
from shared.runtime.postgres import Connection

PAYERS_MAX: Final = 25
CREDITS_MAX: Final = 25

# By the primary key's first column: a row a payer, hundreds a site.
PAYERS = f"""
select p.site_id, p.payer_code, p.payer_name, p.payer_group, s.name as site_name,
  coalesce((
    select sum(greatest(0, n.amount - coalesce((select sum(a.amount) from allocations a where a.notice_id = n.notice_id), 0)))
    from notices n where n.site_id = p.site_id and n.payer_code = p.payer_code and n.status = 'open' and n.obligation = 'due'
  ), 0)::bigint as open_dong
from payers p left join sites s using (site_id)
where p.site_id = any($1::text[]) and p.search_key like all($2::text[])
order by p.payer_group, p.search_key, p.site_id limit {PAYERS_MAX}
"""
# By notices_of_reference.
PAYERS_OF_REFERENCES = """
select distinct site_id, payer_code from notices
where reference = any($1::text[]) and site_id = any($2::text[]) and payer_code is not null
"""
# By transactions_of_site, newest first, until enough are found.
CREDITS_OF_MEMO = f"""
select c.entity from unnest($1::text[]) as wanted(site)
cross join lateral (
  select transaction_id, occurred_at from transactions t
  where t.site_id = wanted.site and t.search_key like all($2::text[])
  order by t.occurred_at desc, t.transaction_id collate "C" desc limit {CREDITS_MAX}
) found
join credits c on c.credit_id = found.transaction_id
order by found.occurred_at desc limit {CREDITS_MAX}
"""
# By credits_of_amount.
CREDITS_OF_AMOUNT = f"""
select c.entity from unnest($1::text[]) as wanted(site)
cross join lateral (
  select entity, occurred_at from credits where site_id = wanted.site and amount = $2 order by occurred_at desc limit {CREDITS_MAX}
) c
order by c.occurred_at desc limit {CREDITS_MAX}
"""
# By the primary key, by notices_of_payer, by allocations_of_notice.
PAYER = """
select p.*, s.name as site_name, s.sample from payers p left join sites s using (site_id)
where p.site_id = $1 and p.payer_code = $2
"""
NOTICES_OF_PAYER = f"""
select {NOTICE_COLUMNS} from notices n where n.site_id = $1 and n.payer_code = $2
order by n.due_on desc, n.notice_id limit 200
"""
CREDITS_OF_NOTICES = """
select c.entity from credits c where c.credit_id in (select credit_id from allocations where notice_id = any($1::text[]))
order by c.occurred_at desc limit 100
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for."""

    patterns: Sequence[str]
    """For LIKE: every word must stand somewhere."""
    amount: int | None
    references: Sequence[str]


def wanted(text: str) -> Wanted:
    """Read what was typed: words without diacritics, and where it is one, an amount or a reference."""
    try:
        amount: int | None = parse_dong(text)
    except AmountError:
        amount = None
    return Wanted(patterns(text), amount, [each.reference for each in find_references(text)])


async def payers(connection: Connection, sites: Sequence[str], look: Wanted) -> list[asyncpg.Record]:
    """Payers whose name, class, code, guardian or phone holds every word, or whose bill's reference was typed."""
    found = await connection.fetch(PAYERS, sites, look.patterns) if look.patterns else []
    if found or not look.references:
        return found
    keys = await connection.fetch(PAYERS_OF_REFERENCES, look.references, sites)
    named = [await connection.fetch(PAYERS, [key["site_id"]], patterns(key["payer_code"])) for key in keys[:3]]
    return [row for rows in named for row in rows]


async def credits(connection: Connection, sites: Sequence[str], look: Wanted) -> list[Credit]:
    """Credits of this amount, and those whose memo or sender holds every word."""
    rows: list[asyncpg.Record] = []
    if look.amount is not None:
        rows += await connection.fetch(CREDITS_OF_AMOUNT, sites, look.amount)
    if look.patterns and len(rows) < CREDITS_MAX:
        rows += await connection.fetch(CREDITS_OF_MEMO, sites, look.patterns)
    found = {row["entity"]["credit_id"]: row["entity"] for row in rows}
    return [Credit.model_validate(entity, strict=False) for entity in list(found.values())[:CREDITS_MAX]]


async def payer(connection: Connection, site_id: str, code: str) -> asyncpg.Record | None:
    """A payer of a site."""
    return await connection.fetchrow(PAYER, site_id, code)


async def notices_of(connection: Connection, site_id: str, code: str) -> list[NoticeSeen]:
    """A payer's notices, the latest due first."""
    return [notice_from(row) for row in await connection.fetch(NOTICES_OF_PAYER, site_id, code)]


async def credits_of(connection: Connection, notices: Sequence[NoticeSeen]) -> list[Credit]:
    """What was paid on these notices."""
    rows = await connection.fetch(CREDITS_OF_NOTICES, [notice.notice_id for notice in notices])
    return [Credit.model_validate(row["entity"], strict=False) for row in rows]
