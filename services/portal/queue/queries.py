"""Pages of the accountant's lists: the newest or oldest of each site by its own index, then of all of them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import asyncpg

from services.portal.payment.loading import Loaded, load
from services.portal.queue.places import After, Order
from shared.events import Credit
from shared.runtime.postgres import Connection

ROWS_A_PAGE: Final = 25
ListName = Literal["review", "matched", "excess"]

_WHERE: Final[Mapping[ListName, str]] = {
    "review": "c.state = 'review'",
    "matched": "c.state = 'matched'",
    "excess": "c.is_excess",
}
_AFTER: Final[Mapping[Order, tuple[str, str]]] = {
    "old": ('(c.occurred_at, c.credit_id collate "C") > ($2, $4)', 'occurred_at, credit_id collate "C"'),
    "new": ('(c.occurred_at, c.credit_id collate "C") < ($2, $4)', 'occurred_at desc, credit_id collate "C" desc'),
    # Few rows wait at a site: they are sorted.
    "large": ('(-c.amount, c.credit_id collate "C") > (-$3::bigint, $4)', '-amount, credit_id collate "C"'),
}


def _page(name: ListName, order: Order) -> str:
    after, by = _AFTER[order]
    # $2, $3 and $4 are all named in every order, so that one call serves all.
    return f"""
    select entity from unnest($1::text[]) as wanted(site)
    cross join lateral (
      select c.entity, c.occurred_at, c.amount, c.credit_id from credits c
      where c.site_id = wanted.site and {_WHERE[name]} and {after}
        and $2::timestamptz is not null and $3::bigint is not null
      order by {by} limit $5
    ) each
    order by {by} limit $5
    """


# By credits_to_review, credits_in_excess, credits_of_site_and_state: a page of each site, never all of its credits.
PAGES: Final = {(name, order): _page(name, order) for name in _WHERE for order in _AFTER}

# By the primary key: a row a site.
FIGURES = """
select coalesce(sum(revision), 0)::bigint as revision, coalesce(sum(review_count), 0)::bigint as review_count,
  coalesce(sum(review_dong), 0)::bigint as review_dong, coalesce(sum(matched_count), 0)::bigint as matched_count,
  coalesce(sum(allocated_dong), 0)::bigint as allocated_dong, coalesce(sum(excess_count), 0)::bigint as excess_count,
  coalesce(sum(excess_dong), 0)::bigint as excess_dong
from site_figures where site_id = any($1::text[])
"""
# The sites in which a reader of every site finds something.
SITES_WITH_MONEY = "select site_id from site_figures where received_count > 0 order by site_id"
SITES = """
select s.site_id, s.name, s.sample, coalesce(f.review_count, 0) as review_count, coalesce(f.excess_count, 0) as excess_count
from sites s left join site_figures f using (site_id) where s.site_id = any($1::text[])
order by s.search_key collate "C", s.site_id
"""


async def sites_of(connection: Connection, seen: frozenset[str] | None) -> list[str]:
    """The sites whose lists a reader sees."""
    if seen is not None:
        return sorted(seen)
    return [row["site_id"] for row in await connection.fetch(SITES_WITH_MONEY)]


async def named(connection: Connection, sites: Sequence[str]) -> list[asyncpg.Record]:
    """These sites by name, with how much waits in each."""
    return await connection.fetch(SITES, sites)


async def figures(connection: Connection, sites: Sequence[str]) -> asyncpg.Record:
    """How much waits, is matched and is over at these sites."""
    row: asyncpg.Record = (await connection.fetch(FIGURES, sites))[0]
    return row


async def page_of(
    connection: Connection, name: ListName, sites: Sequence[str], order: Order, after: After
) -> tuple[Loaded, bool]:
    """A page of a list with all that it shows, and whether more follow."""
    rows = await connection.fetch(PAGES[name, order], sites, after.moment, after.amount, after.credit_id, ROWS_A_PAGE + 1)
    credits = [Credit.model_validate(row["entity"], strict=False) for row in rows[:ROWS_A_PAGE]]
    return await load(connection, credits), len(rows) > ROWS_A_PAGE
