"""What a person has ticked, kept on the server: paging, sorting and a lost connection lose none of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from shared.runtime.postgres import Connection

MOST: Final = 500
"""Ticks of one person; beyond it the oldest stay and new ones are not taken."""

# All by the primary key; row-level security keeps everybody to their own.
OF_PERSON = """
select t.credit_id, t.version, c.version as version_now, c.state, c.amount
from ticks t left join credits c using (credit_id) where t.person_id = $1 order by t.ticked_at, t.credit_id
"""
ADD = """
insert into ticks (person_id, credit_id, version)
select $1, * from unnest($2::text[], $3::bigint[])
on conflict (person_id, credit_id) do update set version = excluded.version
"""
DROP = "delete from ticks where person_id = $1 and credit_id = any($2::text[])"
CLEAR = "delete from ticks where person_id = $1"


@dataclass(frozen=True, slots=True)
class Tick:
    """A ticked credit, and whether it is still what was ticked."""

    credit_id: str
    version: int
    waits: bool
    """Whether it still waits for a person, in this reader's sites."""
    is_changed: bool
    amount: int


async def of_person(connection: Connection, person_id: str) -> list[Tick]:
    """What a person has ticked, in that order."""
    rows = await connection.fetch(OF_PERSON, person_id)
    return [
        Tick(
            row["credit_id"],
            row["version"],
            row["state"] == "review",
            row["version"] != row["version_now"],
            row["amount"] or 0,
        )
        for row in rows
    ]


async def put(connection: Connection, person_id: str, ticked: Mapping[str, int], unticked: Collection[str]) -> None:
    """Keep what is ticked on a page (credit to version), and drop what is not."""
    await connection.execute(DROP, person_id, sorted(unticked))
    taken = sorted(ticked.items())[:MOST]
    await connection.execute(ADD, person_id, [credit_id for credit_id, _ in taken], [version for _, version in taken])


async def drop(connection: Connection, person_id: str, credit_ids: Collection[str]) -> None:
    """Forget ticks of credits that are settled now."""
    await connection.execute(DROP, person_id, sorted(credit_ids))


async def clear(connection: Connection, person_id: str) -> None:
    """Forget all ticks of a person."""
    await connection.execute(CLEAR, person_id)
