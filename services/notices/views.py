"""What others tell (sites, payments, freshness) and what is read for showing: SQL of both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.events import Credit, Notice, Site

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection

PUT_SITES = """
insert into sites (site_id, version, entity)
select * from unnest($1::text[], $2::bigint[], $3::jsonb[])
on conflict (site_id) do update set version = excluded.version, entity = excluded.entity
where excluded.version > sites.version
"""

# Newer versions only; what is returned has its payments written anew.
PUT_CREDITS = """
insert into credits (credit_id, version)
select * from unnest($1::text[], $2::bigint[])
on conflict (credit_id) do update set version = excluded.version where excluded.version > credits.version
returning credit_id
"""
# By the primary key's first column.
DROP_PAYMENTS = "delete from payments where credit_id = any($1::text[])"
PUT_PAYMENTS = """
insert into payments (allocation_id, credit_id, notice_id, amount, occurred_at, channel)
select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[], $6::text[])
"""

DROP_RETURNED = "delete from returned where credit_id = any($1::text[])"
PUT_RETURNED = """
insert into returned (credit_id, notice_id, amount, paid_at, returned_at)
select * from unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::timestamptz[])
"""

PUT_FRESHNESS = """
insert into bank_freshness (site_id, fresh_until)
select * from unnest($1::text[], $2::timestamptz[])
on conflict (site_id) do update set fresh_until = greatest(bank_freshness.fresh_until, excluded.fresh_until)
"""

KNOWN_SITES = "select site_id from sites where site_id = any($1::text[])"
SITES = "select site_id, entity from sites where site_id = any($1::text[])"

_PAID = "coalesce((select sum(amount) from payments where payments.notice_id = notices.notice_id), 0)::bigint as paid"
# By notices_site, page by page of one site; what is paid by payments_notice.
LIST_OF_SITE = f"""
select entity::text as entity, {_PAID} from notices
where site_id = $1 and ($2::text is null or status = $2) and notice_id > $3 order by notice_id limit $4
"""
# By the primary key, where sites are not one.
LIST_NOTICES = f"""
select entity::text as entity, {_PAID} from notices
where ($1::text[] is null or site_id = any($1)) and ($2::text is null or status = $2) and notice_id > $3
order by notice_id limit $4
"""
ONE_NOTICE = f"select entity::text as entity, {_PAID} from notices where notice_id = $1"
# By the primary key's first column.
HISTORY = """
select version, acted_at as at, person, what, reason, coalesce(amended, '[]'::jsonb) as amended
from notice_versions join acts using (act_id) where notice_id = $1 order by version
"""


async def put_sites(connection: Connection, sites: Sequence[Site]) -> None:
    """Keep the newest version of sites, each given once."""
    await connection.execute(
        PUT_SITES,
        [site.site_id for site in sites],
        [site.version for site in sites],
        [site.model_dump(mode="json") for site in sites],
    )


async def put_credits(connection: Connection, newest: Sequence[Credit]) -> None:
    """Keep what the newest version of credits pays and what of them went back, each given once."""
    rows = await connection.fetch(
        PUT_CREDITS, [credit.credit_id for credit in newest], [credit.version for credit in newest]
    )
    newer = {row["credit_id"] for row in rows}
    paying = [(credit, each) for credit in newest if credit.credit_id in newer for each in credit.allocations]
    await connection.execute(DROP_PAYMENTS, sorted(newer))
    await connection.execute(
        PUT_PAYMENTS,
        [each.allocation_id for _, each in paying],
        [credit.credit_id for credit, _ in paying],
        [each.notice_id for _, each in paying],
        [each.amount for _, each in paying],
        [credit.occurred_at for credit, _ in paying],
        [credit.channel for credit, _ in paying],
    )
    back = [
        (credit, credit.returned_at, notice_id)
        for credit in newest
        if credit.credit_id in newer and credit.returned_at is not None and credit.suspense_parts.returned
        for notice_id in sorted(_meant_for(credit))
    ]
    await connection.execute(DROP_RETURNED, sorted(newer))
    await connection.execute(
        PUT_RETURNED,
        [credit.credit_id for credit, _, _ in back],
        [notice_id for _, _, notice_id in back],
        [credit.suspense_parts.returned for credit, _, _ in back],
        [credit.occurred_at for credit, _, _ in back],
        [returned_at for _, returned_at, _ in back],
    )


def _meant_for(credit: Credit) -> set[str]:
    """The notices that a credit pays, paid once, or was meant for (the second payment of a fee)."""
    meant = {credit.intended_notice_id} if credit.intended_notice_id else set()
    return meant | {each.notice_id for each in (*credit.allocations, *credit.undone)}


async def put_freshness(connection: Connection, fresh_until: Mapping[str, datetime]) -> None:
    """Keep the latest moment up to which each site's bank data are known."""
    site_ids = sorted(fresh_until)
    await connection.execute(PUT_FRESHNESS, site_ids, [fresh_until[site_id] for site_id in site_ids])


async def known_sites(connection: Connection, site_ids: Iterable[str]) -> set[str]:
    """Those of these sites that directory told of."""
    return {row["site_id"] for row in await connection.fetch(KNOWN_SITES, list(site_ids))}


async def sites(connection: Connection, site_ids: Iterable[str]) -> dict[str, Site]:
    """Those of these sites that directory told of."""
    rows = await connection.fetch(SITES, sorted(set(site_ids)))
    return {row["site_id"]: Site.model_validate(row["entity"]) for row in rows}


async def site(connection: Connection, site_id: str) -> Site | None:
    """A site, if directory told of it."""
    return (await sites(connection, [site_id])).get(site_id)


async def list_notices(
    connection: Connection, site_ids: Collection[str] | None, status: str | None, after: str, limit: int
) -> list[tuple[Notice, int]]:
    """The next notices by id with what is paid of each, in đồng; of all sites where none are named."""
    if site_ids is not None and len(site_ids) == 1:
        [site_id] = site_ids
        return [_with_paid(row) for row in await connection.fetch(LIST_OF_SITE, site_id, status, after, limit)]
    sites = None if site_ids is None else sorted(site_ids)
    return [_with_paid(row) for row in await connection.fetch(LIST_NOTICES, sites, status, after, limit)]


async def one_notice(connection: Connection, notice_id: str) -> tuple[Notice, int] | None:
    """A notice and what is paid of it, in đồng."""
    row = await connection.fetchrow(ONE_NOTICE, notice_id)
    return None if row is None else _with_paid(row)


async def history(connection: Connection, notice_id: str) -> list[dict[str, Any]]:
    """A notice's versions with the acts that made them, oldest first."""
    return [dict(row) for row in await connection.fetch(HISTORY, notice_id)]


def _with_paid(row: Any) -> tuple[Notice, int]:
    return Notice.model_validate_json(row["entity"]), row["paid"]
