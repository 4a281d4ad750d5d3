"""The table of fee kinds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING

from services.notices.fees.model import FeeKind

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection

COLUMNS = tuple(field.name for field in fields(FeeKind))

# An import decides on what the one before stored.
LOCK = "select pg_advisory_xact_lock(hashtextextended('notices/fee-kinds', 0))"

# By the primary key; a few hundred rows a site.
OF_SITES = f"select {', '.join(COLUMNS)} from fee_kinds where site_id = any($1::text[])"
PUT = f"""
insert into fee_kinds ({", ".join(COLUMNS)})
select * from unnest(
  $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::date[], $8::date[], $9::int[], $10::text[],
  $11::text[], $12::text[], $13::text[], $14::text[]
)
on conflict (site_id, fee_kind, valid_from) do update set
  name = excluded.name, nature = excluded.nature, basis = excluded.basis, ceiling = excluded.ceiling,
  valid_to = excluded.valid_to, priority = excluded.priority, unit = excluded.unit,
  account_number = excluded.account_number, document = excluded.document, programme = excluded.programme,
  site_type = excluded.site_type
"""


async def lock(connection: Connection) -> None:
    """Let one import of fee kinds run at a time, until the transaction ends."""
    await connection.execute(LOCK)


async def of_sites(connection: Connection, site_ids: Iterable[str]) -> list[FeeKind]:
    """The fee kinds of these sites; those of all sites stand under the id ''."""
    return [FeeKind(**row) for row in await connection.fetch(OF_SITES, sorted(set(site_ids)))]


async def put(connection: Connection, kinds: Sequence[FeeKind]) -> None:
    """Store fee kinds."""
    await connection.execute(PUT, *([getattr(kind, column) for kind in kinds] for column in COLUMNS))
