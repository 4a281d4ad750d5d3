"""The table of payers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.notices.payers.model import Payer
from shared.privacy import PayerCode, PersonName, Phone

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection

_COLUMNS = "site_id, payer_code, name, group_name, guardian_name, guardian_phone, unit_code, is_active"
# By the primary key.
BY_CODE = f"""
select {_COLUMNS} from payers
where (site_id, payer_code) in (select * from unnest($1::text[], $2::text[]))
"""
# By the primary key.
PAGE = f"""
select {_COLUMNS} from payers
where site_id = $1 and ($2::text is null or group_name = $2) and payer_code > $3 order by payer_code limit $4
"""
# By payers_group.
GROUPS = """
select distinct site_id, group_name from payers where site_id = any($1::text[]) and is_active and group_name is not null
"""
# Only what differs is written: most files tell of the same people again.
PUT = f"""
insert into payers ({_COLUMNS})
select * from unnest(
  $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[]
)
on conflict (site_id, payer_code) do update set
  name = excluded.name, group_name = excluded.group_name, guardian_name = excluded.guardian_name,
  guardian_phone = excluded.guardian_phone, unit_code = excluded.unit_code, is_active = excluded.is_active,
  changed_at = now()
where (payers.name, payers.group_name, payers.guardian_name, payers.guardian_phone, payers.unit_code, payers.is_active)
  is distinct from (excluded.name, excluded.group_name, excluded.guardian_name, excluded.guardian_phone, excluded.unit_code,
    excluded.is_active)
"""

# By the primary key.
RESTRICT = """
update payers set restricted_at = case when $3 then coalesce(restricted_at, $4) end where site_id = $1 and payer_code = $2
returning payer_code
"""


async def by_code(connection: Connection, codes: Iterable[tuple[str, PayerCode]]) -> dict[tuple[str, PayerCode], Payer]:
    """Those of these payers, (site, code), that are known."""
    wanted = sorted({(site_id, code.reveal()) for site_id, code in codes})
    rows = await connection.fetch(BY_CODE, [site_id for site_id, _ in wanted], [code for _, code in wanted])
    payers = [payer_of(row) for row in rows]
    return {(payer.site_id, payer.payer_code): payer for payer in payers}


async def page(connection: Connection, site_id: str, group: str | None, after: str, limit: int) -> list[Payer]:
    """The next payers by code."""
    return [payer_of(row) for row in await connection.fetch(PAGE, site_id, group, after, limit)]


async def restrict(
    connection: Connection, site_id: str, payer_code: PayerCode, *, is_restricted: bool, at: datetime
) -> bool:
    """Stop, or start again, reminding a payer and printing them with a class; returns whether they are known."""
    row = await connection.fetchrow(RESTRICT, site_id, payer_code.reveal(), is_restricted, at)
    return row is not None


async def groups(connection: Connection, site_ids: Iterable[str]) -> dict[str, set[str]]:
    """The classes in which sites have payers, by site; a site without any is left out."""
    found: dict[str, set[str]] = {}
    for row in await connection.fetch(GROUPS, sorted(set(site_ids))):
        found.setdefault(row["site_id"], set()).add(row["group_name"])
    return found


async def put(connection: Connection, payers: Sequence[Payer]) -> None:
    """Store payers, each given once."""
    ordered = sorted(payers, key=lambda payer: (payer.site_id, payer.payer_code.reveal()))
    await connection.execute(
        PUT,
        [payer.site_id for payer in ordered],
        [payer.payer_code for payer in ordered],
        [payer.name for payer in ordered],
        [payer.group for payer in ordered],
        [payer.guardian_name for payer in ordered],
        [payer.guardian_phone for payer in ordered],
        [payer.unit_code for payer in ordered],
        [payer.is_active for payer in ordered],
    )


def payer_of(row: Any) -> Payer:
    """A payer from a row of the table."""
    name, guardian, phone = row["name"], row["guardian_name"], row["guardian_phone"]
    return Payer(
        site_id=row["site_id"],
        payer_code=PayerCode(row["payer_code"]),
        name=None if name is None else PersonName(name),
        group=row["group_name"],
        guardian_name=None if guardian is None else PersonName(guardian),
        guardian_phone=None if phone is None else Phone(phone),
        unit_code=row["unit_code"],
        is_active=row["is_active"],
    )
