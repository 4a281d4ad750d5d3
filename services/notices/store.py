"""The tables of notices and bills, in batches; what other services tell stands in views.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from services.notices.fee_kinds import FeeKind
from services.notices.model import Bill
from shared.events import Notice

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection

T = TypeVar("T")
BATCH_ROWS = 5_000
"""Rows of one statement: far below its time limit, and few enough to keep memory small."""

# An import decides on what the one before stored. Taken in sorted order, so two imports of the same sites never deadlock.
LOCK_SITES = "select pg_advisory_xact_lock(hashtextextended('notices/import/' || site, 0)) from unnest($1::text[]) site"
LOCK_FEE_KINDS = "select pg_advisory_xact_lock(hashtextextended('notices/fee-kinds', 0))"

# By the primary key.
NOTICES_BY_ID = "select entity::text as entity from notices where notice_id = any($1::text[])"
NOTICES_AFTER = """
select entity::text as entity from notices where notice_id > $1 order by notice_id limit $2 for share
"""
# By the primary key, and by the unique reference.
BILLS_BY_ID = "select bill_id, site_id, payer_code, reference from bills where bill_id = any($1::text[])"
BILLS_BY_REFERENCE = "select bill_id, site_id, payer_code, reference from bills where reference = any($1::text[])"

# What collides with a reference that is taken is left out; the caller sees it by what is returned.
ADD_BILLS = """
insert into bills (bill_id, site_id, payer_code, reference)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])
on conflict do nothing
returning bill_id, reference
"""

# Only over the version that was decided on: an import of another site under the same id has come between otherwise.
PUT_NOTICES = """
with put as (
  insert into notices (notice_id, version, site_id, bill_id, status, entity)
  select notice_id, version, site_id, bill_id, status, entity::jsonb
  from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[])
    as new (notice_id, version, site_id, bill_id, status, entity)
  on conflict (notice_id) do update set
    version = excluded.version, bill_id = excluded.bill_id, status = excluded.status, entity = excluded.entity
  where notices.version = excluded.version - 1 and notices.site_id = excluded.site_id
  returning 1
)
select count(*) from put
"""

# By the primary key; a few hundred rows a site.
FEE_KINDS_OF = """
select site_id, fee_kind, name, nature, basis, ceiling, valid_from, valid_to, priority
from fee_kinds where site_id = any($1::text[])
"""
PUT_FEE_KINDS = """
insert into fee_kinds (site_id, fee_kind, name, nature, basis, ceiling, valid_from, valid_to, priority)
select * from unnest(
  $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::date[], $8::date[], $9::int[]
)
on conflict (site_id, fee_kind, valid_from) do update set
  name = excluded.name, nature = excluded.nature, basis = excluded.basis, ceiling = excluded.ceiling,
  valid_to = excluded.valid_to, priority = excluded.priority
"""


def batches(items: Sequence[T]) -> Iterable[Sequence[T]]:
    """The items in pieces of one statement each."""
    return (items[start : start + BATCH_ROWS] for start in range(0, len(items), BATCH_ROWS))


async def lock_sites(connection: Connection, site_ids: Iterable[str]) -> None:
    """Let one import a site run at a time, until the transaction ends."""
    await connection.execute(LOCK_SITES, sorted(set(site_ids)))


async def lock_fee_kinds(connection: Connection) -> None:
    """Let one import of fee kinds run at a time, until the transaction ends."""
    await connection.execute(LOCK_FEE_KINDS)


async def notices_by_id(connection: Connection, notice_ids: Sequence[str]) -> dict[str, Notice]:
    """Those of these notices that stand."""
    found: dict[str, Notice] = {}
    for batch in batches(notice_ids):
        for row in await connection.fetch(NOTICES_BY_ID, batch):
            notice = Notice.model_validate_json(row["entity"])
            found[notice.notice_id] = notice
    return found


async def page_of_notices(connection: Connection, after: str, limit: int) -> list[Notice]:
    """The next notices by id."""
    return [Notice.model_validate_json(row["entity"]) for row in await connection.fetch(NOTICES_AFTER, after, limit)]


async def bills_by_id(connection: Connection, bill_ids: Iterable[str]) -> dict[str, Bill]:
    """Those of these bills that stand."""
    found: dict[str, Bill] = {}
    for batch in batches(sorted(set(bill_ids))):
        found |= {row["bill_id"]: Bill(**row) for row in await connection.fetch(BILLS_BY_ID, batch)}
    return found


async def bills_by_reference(connection: Connection, references: Iterable[str]) -> dict[str, Bill]:
    """The bills that bear one of these references."""
    found: dict[str, Bill] = {}
    for batch in batches(sorted(set(references))):
        found |= {row["reference"]: Bill(**row) for row in await connection.fetch(BILLS_BY_REFERENCE, batch)}
    return found


async def add_bills(connection: Connection, bills: Sequence[Bill]) -> dict[str, str]:
    """Store new bills, each with its reference; returns those that were stored, bill id → reference."""
    stored: dict[str, str] = {}
    for batch in batches(bills):
        rows = await connection.fetch(
            ADD_BILLS,
            [bill.bill_id for bill in batch],
            [bill.site_id for bill in batch],
            [bill.payer_code for bill in batch],
            [bill.reference for bill in batch],
        )
        stored |= {row["bill_id"]: row["reference"] for row in rows}
    return stored


async def put_notices(connection: Connection, notices: Sequence[Notice]) -> int:
    """Store one batch of notices at their new versions; returns how many were stored over what was decided on."""
    stored: int = await connection.fetchval(
        PUT_NOTICES,
        [notice.notice_id for notice in notices],
        [notice.version for notice in notices],
        [notice.site_id for notice in notices],
        [notice.bill_id for notice in notices],
        [notice.status for notice in notices],
        [notice.model_dump_json() for notice in notices],
    )
    return stored


async def fee_kinds_of(connection: Connection, site_ids: Iterable[str]) -> list[FeeKind]:
    """The fee kinds of these sites; those of all sites stand under the id ''."""
    return [FeeKind(**row) for row in await connection.fetch(FEE_KINDS_OF, sorted(set(site_ids)))]


async def put_fee_kinds(connection: Connection, kinds: Sequence[FeeKind]) -> None:
    """Store fee kinds."""
    await connection.execute(
        PUT_FEE_KINDS,
        [kind.site_id for kind in kinds],
        [kind.fee_kind for kind in kinds],
        [kind.name for kind in kinds],
        [kind.nature for kind in kinds],
        [kind.basis for kind in kinds],
        [kind.ceiling for kind in kinds],
        [kind.valid_from for kind in kinds],
        [kind.valid_to for kind in kinds],
        [kind.priority for kind in kinds],
    )
