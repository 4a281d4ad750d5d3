"""Proposed changes of fees as they are kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import asyncpg
import uuid_utils.compat as uuid

from shared.runtime.postgres import Connection

Kind = Literal["cancel", "exempt"]
State = Literal["proposed", "approved", "refused", "withdrawn"]
WAITING_MAX: Final = 200

COLUMNS: Final = (
    "change_id, site_id, notice_id, kind, amount_before, amount, reason, decision, state, proposed_by, proposed_at, decided_by,"
    " decided_at"
)
# By one_proposed_change_a_notice: of two proposals at once the first stands.
PROPOSE = """
insert into fee_changes (change_id, site_id, notice_id, kind, amount_before, amount, reason, decision, state, proposed_by,
  proposed_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, 'proposed', $9, $10)
on conflict (notice_id) where state = 'proposed' do nothing returning change_id
"""
# By the primary key.
ONE = f"select {COLUMNS} from fee_changes where change_id = $1"
LOCK = f"{ONE} for update"
# By fee_changes_of_notice: the last of each notice.
LAST_OF = f"""
select distinct on (notice_id) {COLUMNS} from fee_changes where notice_id = any($1::text[])
order by notice_id, change_id desc
"""
# By fee_changes_of_site, the oldest first.
WAITING = f"""
select {COLUMNS} from fee_changes where site_id = any($1::text[]) and state = 'proposed' order by change_id limit {WAITING_MAX}
"""
DECIDE = "update fee_changes set state = $2, decided_by = $3, decided_at = $4 where change_id = $1"


@dataclass(frozen=True, slots=True)
class FeeChange:
    """What somebody proposed of a fee, amounts in đồng, and what was decided."""

    change_id: str
    site_id: str
    notice_id: str
    kind: Kind
    amount_before: int
    amount: int
    """What is asked from then on; 0: nothing."""
    reason: str | None
    decision: str | None
    """The number of the decision by which somebody is exempted."""
    state: State
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None


async def propose(
    connection: Connection, site_id: str, notice_id: str, kind: Kind, amounts: tuple[int, int], *, reason: str | None,
    decision: str | None, by: str, at: datetime,
) -> str | None:  # fmt: skip
    """Keep a proposal (`amounts`: before and after); None where one of this notice waits already."""
    change_id: str | None = await connection.fetchval(
        PROPOSE, str(uuid.uuid7()), site_id, notice_id, kind, *amounts, reason, decision, by, at
    )
    return change_id


async def one(connection: Connection, change_id: str, *, lock: bool = False) -> FeeChange | None:
    """A proposal; locked, nobody else decides it meanwhile."""
    row = await connection.fetchrow(LOCK if lock else ONE, change_id)
    return None if row is None else _from(row)


async def last_of(connection: Connection, notice_ids: Collection[str]) -> dict[str, FeeChange]:
    """The last proposal of each of these notices."""
    return {row["notice_id"]: _from(row) for row in await connection.fetch(LAST_OF, sorted(notice_ids))}


async def waiting(connection: Connection, sites: Collection[str]) -> Sequence[FeeChange]:
    """What waits for the head's word at these sites."""
    return [_from(row) for row in await connection.fetch(WAITING, sorted(sites))]


async def decide(connection: Connection, change_id: str, state: State, by: str, at: datetime) -> None:
    """Say what became of a proposal, under its lock."""
    await connection.execute(DECIDE, change_id, state, by, at)


def _from(row: asyncpg.Record) -> FeeChange:
    told: dict[str, Any] = dict(row)
    return FeeChange(**told)
