"""The SQL of corrections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.ingest.model import Transaction
from shared.events.bank import Correction
from shared.runtime.postgres import Connection

INSERT = """
insert into corrections (
  transaction_id, right_id, amount, right_amount, statement_id, line, corrected_by, corrected_at, note
) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""

# By the primary key.
OF = "select right_id, amount, right_amount, statement_id from corrections where transaction_id = $1"

# By the primary keys; there are few.
PAGE = """
select c.transaction_id, c.right_id, t.site_id, t.account, c.amount, c.right_amount, c.statement_id, c.line, c.corrected_by,
  c.corrected_at, c.note
from corrections c join transactions t using (transaction_id)
where c.transaction_id > $2 and ($1::text[] is null or t.site_id = any($1::text[]))
order by c.transaction_id limit $3
"""

# By the primary keys; what was merged into another is known as that other.
KNOWN_AS = """
select coalesce(target.entity, t.entity) as entity, coalesce(target.day_only, t.day_only) as day_only
from transaction_identities i
join transactions t using (transaction_id)
left join transactions target on target.transaction_id = t.merged_into
where i.identity_key = $1
"""


@dataclass(frozen=True, slots=True)
class Corrected:
    """What was made of a transaction that told a wrong amount."""

    right_id: str
    statement_id: str
    difference: int
    """In đồng, the right amount less the wrong one."""


async def insert(connection: Connection, correction: Correction, right: Transaction, note: str | None) -> None:
    """Keep what a person corrected."""
    await connection.execute(
        INSERT, correction.transaction_id, right.transaction_id, correction.amount, right.amount, correction.statement_id,
        correction.line, correction.corrected_by, correction.corrected_at, note,
    )  # fmt: skip


async def of(connection: Connection, transaction_id: str) -> Corrected | None:
    """The correction of a transaction, where there is one."""
    row = await connection.fetchrow(OF, transaction_id)
    return None if row is None else Corrected(row["right_id"], row["statement_id"], row["right_amount"] - row["amount"])


async def page(connection: Connection, sites: list[str] | None, after: str, limit: int) -> list[dict[str, Any]]:
    """Corrections after a transaction's id; of these sites, or of all."""
    return [dict(row) for row in await connection.fetch(PAGE, sites, after, limit)]


async def known_as(connection: Connection, identity_key: str) -> Transaction | None:
    """The transaction that is known under a name."""
    row = await connection.fetchrow(KNOWN_AS, identity_key)
    return None if row is None else Transaction.of_entity(row["entity"], day_only=row["day_only"])
