"""What the pages read. Personal data leaves here only as the types of shared.privacy, which mask themselves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import asyncpg

from services.portal.model import Place, State
from shared.events import Credit
from shared.privacy import PersonName
from shared.runtime.postgres import Connection
from shared.vietnamese import search_key

ROWS_A_PAGE = 25
NEWEST = Place(datetime(9999, 12, 31, tzinfo=UTC), "")
"""Before it comes everything: the first page's query is every other page's, so the index serves both alike."""

# By the primary keys of sites and site_figures. A site may have money before the directory tells its name.
SITE = """
select f.site_id, coalesce(s.name, f.site_id) as name, coalesce(s.sample, false) as sample, f.revision,
  f.received_count, f.received_dong, f.matched_count, f.allocated_dong, f.review_count, f.review_dong, f.ignored_count
from site_figures f left join sites s using (site_id) where f.site_id = $1
"""

# By credits_of_site; with a state by credits_of_site_and_state. Reads one row more than a page shows.
CREDITS = """
select entity from credits
where site_id = $1 and (occurred_at, credit_id collate "C") < ($2, $3)
order by occurred_at desc, credit_id collate "C" desc limit $4
"""
CREDITS_IN_STATE = CREDITS.replace("where site_id = $1", "where site_id = $1 and state = $5")

# By the primary key.
NOTICES = """
select notice_id, payer_name, payer_group, purpose, period, amount from notices where notice_id = any($1::text[])
"""

# By the primary key.
SENDERS = "select transaction_id, counter_name from transactions where transaction_id = any($1::text[])"

# Sites by name from sites_by_name, with figures by primary keys: a row a site. The unit is the one that stands now.
SITES = """
select s.site_id, s.name, s.sample, s.search_key, u.name as unit_name,
  coalesce(today.received_count, 0) as today_count, coalesce(today.received_dong, 0) as today_dong,
  coalesce(f.review_count, 0) as review_count, coalesce(f.review_dong, 0) as review_dong,
  coalesce(f.allocated_count, 0) as allocated_count, coalesce(f.cashless_count, 0) as cashless_count
from sites s
left join site_figures f using (site_id)
left join day_figures today on today.site_id = s.site_id and today.day = $1
left join lateral (
  select name from units where units.unit_code = s.unit_code order by valid_from desc limit 1
) u on true
where ($2 = '' or position($2 in s.search_key) > 0) and ($6::text[] is null or s.site_id = any($6))
  and (s.search_key collate "C", s.site_id collate "C") > ($3, $4)
order by s.search_key collate "C", s.site_id collate "C" limit $5
"""

# The one row that the writer keeps.
INSTALLATION = """
select revision, site_count, sample, received_count as received, matched_count as matched, review_count as review,
  ignored_count as ignored, received_dong, allocated_dong, suspense_dong, review_dong, allocated_count, cashless_count
from installation
"""

# By the primary keys: a row a site.
FIGURES_OF = """
select coalesce(sum(revision), 0)::bigint as revision, count(s.site_id) as site_count,
  coalesce(bool_or(s.sample), false) as sample,
  coalesce(sum(received_count), 0)::bigint as received, coalesce(sum(matched_count), 0)::bigint as matched,
  coalesce(sum(review_count), 0)::bigint as review, coalesce(sum(ignored_count), 0)::bigint as ignored,
  coalesce(sum(received_dong), 0)::bigint as received_dong, coalesce(sum(allocated_dong), 0)::bigint as allocated_dong,
  coalesce(sum(suspense_dong), 0)::bigint as suspense_dong, coalesce(sum(review_dong), 0)::bigint as review_dong,
  coalesce(sum(allocated_count), 0)::bigint as allocated_count, coalesce(sum(cashless_count), 0)::bigint as cashless_count
from sites s left join site_figures f using (site_id) where s.site_id = any($1::text[])
"""

# The first day of each of these sites, by the primary key of day_figures: one probe a site.
SINCE = """
select min(first.day) from unnest($1::text[]) as wanted(site)
cross join lateral (
  select day from day_figures where site_id = wanted.site and received_count > 0 order by day limit 1
) first
"""
SINCE_OF_ALL = SINCE.replace("unnest($1::text[]) as wanted(site)", "(select site_id from site_figures) as wanted(site)")

REVISIONS = "select site_id, revision from site_figures where site_id = any($1::text[])"

REVISION_OF_ALL = "select revision from installation"


@dataclass(frozen=True, slots=True)
class NoticeSeen:
    """What a list shows of a notice."""

    payer_name: PersonName | None
    payer_group: str | None
    purpose: str | None
    period: str | None
    amount: int


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a site's payments, with what they are named by."""

    credits: Sequence[Credit]
    notices: dict[str, NoticeSeen]
    senders: dict[str, PersonName]
    more: bool


async def site_here(connection: Connection, site_id: str) -> asyncpg.Record | None:
    """A site with its figures; None where neither the directory nor any payment knows it."""
    return await connection.fetchrow(SITE, site_id)


async def payments(connection: Connection, site_id: str, state: State | None, before: Place | None) -> Page:
    """A page of a site's payments, newest first: three statements, however long the page."""
    sql, more_arguments = (CREDITS, ()) if state is None else (CREDITS_IN_STATE, (state,))
    place = before or NEWEST
    rows = await connection.fetch(sql, site_id, place.occurred_at, place.credit_id, ROWS_A_PAGE + 1, *more_arguments)
    shown = [Credit.model_validate(row["entity"], strict=False) for row in rows[:ROWS_A_PAGE]]
    wanted = {allocation.notice_id for credit in shown for allocation in credit.allocations}
    wanted |= {credit.intended_notice_id for credit in shown if credit.intended_notice_id}
    return Page(
        shown,
        await _notices(connection, wanted),
        await _senders(connection, [credit.credit_id for credit in shown]),
        len(rows) > ROWS_A_PAGE,
    )


async def _notices(connection: Connection, ids: Collection[str]) -> dict[str, NoticeSeen]:
    rows = await connection.fetch(NOTICES, list(ids))
    return {
        row["notice_id"]: NoticeSeen(
            _name(row["payer_name"]), row["payer_group"], row["purpose"], row["period"], row["amount"]
        )
        for row in rows
    }


async def _senders(connection: Connection, ids: Collection[str]) -> dict[str, PersonName]:
    rows = await connection.fetch(SENDERS, list(ids))
    return {row["transaction_id"]: PersonName(row["counter_name"]) for row in rows if row["counter_name"]}


def _name(text: str | None) -> PersonName | None:
    return PersonName(text) if text else None


async def sites(
    connection: Connection, today: date, query: str, after: tuple[str, str], limit: int, seen: Sequence[str] | None
) -> list[asyncpg.Record]:
    """Sites by name, those whose name holds the query (without diacritics), after a name and id; one more than the limit."""
    return await connection.fetch(SITES, today, search_key(query), *after, limit + 1, seen)


async def figures_of(connection: Connection, seen: Sequence[str]) -> asyncpg.Record:
    """The same figures as of the installation, of some sites."""
    row: asyncpg.Record = (await connection.fetch(FIGURES_OF, seen))[0]
    return row


async def installation(connection: Connection) -> asyncpg.Record | None:
    """The whole installation's figures of money in; None before the first site, and for whoever does not see every site."""
    return await connection.fetchrow(INSTALLATION)


async def since(connection: Connection, seen: Sequence[str] | None) -> date | None:
    """The day of the first money of these sites (None: of every site): from when on totals are."""
    if seen is None:
        first: date | None = await connection.fetchval(SINCE_OF_ALL)
    else:
        first = await connection.fetchval(SINCE, seen)
    return first


async def revisions(connection: Connection, sites_asked: Collection[str]) -> dict[str, int]:
    """The revision of each site that has one."""
    return {row["site_id"]: row["revision"] for row in await connection.fetch(REVISIONS, list(sites_asked))}


async def revision_of_all(connection: Connection) -> int:
    """A number that grows whenever any page of the installation shows something else."""
    return await connection.fetchval(REVISION_OF_ALL) or 0
