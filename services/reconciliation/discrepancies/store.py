"""Discrepancies as published, with where each is looked for, and what people did to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from shared.events import Discrepancy
from shared.runtime.postgres import Connection

AGED_MAX = 5_000
"""Most discrepancies that grow a day older in one pass."""

# By the primary key and discrepancies_open_of_scope.
PUBLISHED = """
select scope, entity from discrepancies where discrepancy_id = any($1::text[])
union
select scope, entity from discrepancies where scope = any($2::text[]) and state = 'open'
"""

# By the primary key.
PUT = """
insert into discrepancies (discrepancy_id, site_id, account, day, version, state, entity, scope, kind, amount, found_on, due_on)
select * from unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::bigint[], $6::text[], $7::jsonb[], $8::text[],
  $9::text[], $10::bigint[], $11::date[], $12::date[])
on conflict (discrepancy_id) do update set
  site_id = excluded.site_id, account = excluded.account, day = excluded.day, version = excluded.version,
  state = excluded.state, entity = excluded.entity, scope = excluded.scope, kind = excluded.kind, amount = excluded.amount,
  found_on = excluded.found_on, due_on = excluded.due_on
"""

# Open ones whose age is of another date. By discrepancies_open_due.
OF_ANOTHER_AGE = """
select scope, entity from discrepancies
where state = 'open' and (entity ->> 'age_days')::integer <> greatest(0, $1::date - found_on)
order by due_on, discrepancy_id limit $2
"""

# By the primary key.
ONE = "select scope, entity from discrepancies where discrepancy_id = $1 for update"

ADD_ACT = """
insert into discrepancy_acts (discrepancy_id, version, act, person, reason, note, at) values ($1, $2, $3, $4, $5, $6, $7)
"""


async def published(
    connection: Connection, ids: Iterable[str], scopes: Iterable[str]
) -> tuple[dict[str, Discrepancy], dict[str, str]]:
    """These discrepancies, and the open ones of these scopes, as published last; and the scope of each."""
    found: dict[str, Discrepancy] = {}
    scope_of: dict[str, str] = {}
    for row in await connection.fetch(PUBLISHED, sorted(ids), sorted(scopes)):
        discrepancy = Discrepancy.model_validate(row["entity"])
        found[discrepancy.discrepancy_id] = discrepancy
        scope_of[discrepancy.discrepancy_id] = row["scope"]
    return found, scope_of


async def put(connection: Connection, discrepancies: Sequence[Discrepancy], scopes: Mapping[str, str]) -> None:
    """Store discrepancies as they are published; `scopes` tells where each is looked for."""
    await connection.execute(
        PUT,
        [each.discrepancy_id for each in discrepancies],
        [each.site_id for each in discrepancies],
        [each.about.account for each in discrepancies],
        [each.about.date for each in discrepancies],
        [each.version for each in discrepancies],
        [each.state for each in discrepancies],
        [each.model_dump(mode="json") for each in discrepancies],
        [scopes[each.discrepancy_id] for each in discrepancies],
        [each.kind for each in discrepancies],
        [each.amount for each in discrepancies],
        [each.found_on for each in discrepancies],
        [each.due_on or each.found_on for each in discrepancies],
    )


async def of_another_age(connection: Connection, as_of: date) -> tuple[list[Discrepancy], dict[str, str]]:
    """Some open ones that are older on this date than was published, and their scopes."""
    rows = await connection.fetch(OF_ANOTHER_AGE, as_of, AGED_MAX)
    found = [Discrepancy.model_validate(row["entity"]) for row in rows]
    return found, {each.discrepancy_id: row["scope"] for each, row in zip(found, rows, strict=True)}


async def one(connection: Connection, discrepancy_id: str) -> tuple[Discrepancy, str] | None:
    """A discrepancy and its scope, its row locked."""
    row = await connection.fetchrow(ONE, discrepancy_id)
    return None if row is None else (Discrepancy.model_validate(row["entity"]), row["scope"])


async def add_act(
    connection: Connection,
    discrepancy: Discrepancy,
    act: str,
    person: str,
    reason: str | None,
    note: str | None,
    at: datetime,
) -> None:
    """Note who did what to a discrepancy."""
    await connection.execute(ADD_ACT, discrepancy.discrepancy_id, discrepancy.version, act, person, reason, note, at)
