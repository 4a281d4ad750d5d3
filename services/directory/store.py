"""The directory's tables: every entity as it is published, with the columns that queries and constraints need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from shared.events import Campaign, Event, Site, Unit

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection

BATCH_ROWS = 5_000
"""Events that are enqueued by one statement; the entities themselves are few enough for one."""

# Imports run one after another, so each one decides on what the one before stored.
LOCK_IMPORTS = "select pg_advisory_xact_lock(hashtextextended('directory/imports', 0))"

# Whole tables: a country has some ten thousand units and sites. Pages are read by the primary keys.
PAGE_OF: Final = {
    Unit: "select entity from units where key > $1 order by key limit $2 for share",
    Site: "select entity from sites where site_id > $1 order by site_id limit $2 for share",
    Campaign: "select entity from campaigns where campaign_id > $1 order by campaign_id limit $2 for share",
}
ALL_OF: Final = {
    Unit: "select entity from units order by key",
    Site: "select entity from sites order by site_id",
    Campaign: "select entity from campaigns order by campaign_id",
}

PUT_UNITS = """
insert into units (key, version, unit_code, valid_from, valid_to, entity)
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::date[], $5::date[], $6::jsonb[])
on conflict (key) do update set version = excluded.version, valid_to = excluded.valid_to, entity = excluded.entity
where excluded.version > units.version
"""

PUT_SITES = """
insert into sites (site_id, version, entity)
select * from unnest($1::text[], $2::bigint[], $3::jsonb[])
on conflict (site_id) do update set version = excluded.version, entity = excluded.entity
where excluded.version > sites.version
"""

# The accounts of the sites in hand are written anew; the unique index refuses one open account of two sites.
DROP_ACCOUNTS = "delete from site_accounts where site_id = any($1::text[])"
PUT_ACCOUNTS = """
insert into site_accounts (account_number, site_id, valid_from, valid_to)
select * from unnest($1::text[], $2::text[], $3::date[], $4::date[])
"""

PUT_CAMPAIGNS = """
insert into campaigns (campaign_id, version, entity)
select * from unnest($1::text[], $2::bigint[], $3::jsonb[])
on conflict (campaign_id) do update set version = excluded.version, entity = excluded.entity
where excluded.version > campaigns.version
"""


async def lock_imports(connection: Connection) -> None:
    """Let one import run at a time, until the transaction ends."""
    await connection.execute(LOCK_IMPORTS)


async def all_units(connection: Connection) -> list[Unit]:
    """Every unit, in key order."""
    return [Unit.model_validate(row["entity"]) for row in await connection.fetch(ALL_OF[Unit])]


async def all_sites(connection: Connection) -> list[Site]:
    """Every site, in key order."""
    return [Site.model_validate(row["entity"]) for row in await connection.fetch(ALL_OF[Site])]


async def all_campaigns(connection: Connection) -> list[Campaign]:
    """Every campaign, in key order."""
    return [Campaign.model_validate(row["entity"]) for row in await connection.fetch(ALL_OF[Campaign])]


async def page_of_units(connection: Connection, after: str, limit: int) -> Sequence[Event]:
    """The next units by key."""
    return [Unit.model_validate(row["entity"]) for row in await connection.fetch(PAGE_OF[Unit], after, limit)]


async def page_of_sites(connection: Connection, after: str, limit: int) -> Sequence[Event]:
    """The next sites by key."""
    return [Site.model_validate(row["entity"]) for row in await connection.fetch(PAGE_OF[Site], after, limit)]


async def page_of_campaigns(connection: Connection, after: str, limit: int) -> Sequence[Event]:
    """The next campaigns by key."""
    return [Campaign.model_validate(row["entity"]) for row in await connection.fetch(PAGE_OF[Campaign], after, limit)]


async def put_units(connection: Connection, units: Sequence[Unit]) -> None:
    """Store units at their new versions; in key order, so that a code's earlier row is closed before a later one opens."""
    await connection.execute(
        PUT_UNITS,
        [unit.key for unit in units],
        [unit.version for unit in units],
        [unit.unit_code for unit in units],
        [unit.valid_from for unit in units],
        [unit.valid_to for unit in units],
        [unit.model_dump(mode="json") for unit in units],
    )


async def put_sites(connection: Connection, sites: Sequence[Site]) -> None:
    """Store sites at their new versions, with the periods of their accounts."""
    ids = [site.site_id for site in sites]
    await connection.execute(
        PUT_SITES, ids, [site.version for site in sites], [site.model_dump(mode="json") for site in sites]
    )
    held = [(account, site.site_id) for site in sites for account in site.accounts]
    await connection.execute(DROP_ACCOUNTS, ids)
    await connection.execute(
        PUT_ACCOUNTS,
        [account.account_number for account, _ in held],
        [site_id for _, site_id in held],
        [account.valid_from for account, _ in held],
        [account.valid_to for account, _ in held],
    )


async def put_campaigns(connection: Connection, campaigns: Sequence[Campaign]) -> None:
    """Store campaigns at their new versions."""
    await connection.execute(
        PUT_CAMPAIGNS,
        [campaign.campaign_id for campaign in campaigns],
        [campaign.version for campaign in campaigns],
        [campaign.model_dump(mode="json") for campaign in campaigns],
    )
