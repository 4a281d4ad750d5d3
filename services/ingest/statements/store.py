"""The SQL of statements."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from services.ingest.identity import REFERENCE_HOLDS_FOR
from services.ingest.model import Transaction
from services.ingest.statements.gaps import Stretch
from services.ingest.statements.layouts import Field
from services.ingest.statements.model import Statement
from shared.clock import day_start
from shared.events import BankStatement
from shared.runtime.postgres import Connection

# The same locks as look_up takes for messages, so that a message and a statement never compare at the same time.
LOCK_ACCOUNT = """
select pg_advisory_xact_lock_shared(hashtext('ingest/sites')),
  pg_advisory_xact_lock(hashtextextended('ingest/account/' || $1, 0))
"""

# By transactions_by_time. Money moves for a bank on the next day, or was told to us the day before.
AROUND = """
select entity, day_only from transactions
where account = $1 and occurred_at >= $2 and occurred_at < $3 and merged_into is null
"""

# By the primary key.
KEYS_TAKEN = "select identity_key from transaction_identities where identity_key = any($1::text[])"

# By the primary key.
KNOWN = "select entity from statements where statement_id = any($1::text[])"

# By statements_account.
OF_ACCOUNT = """
select statement_id, from_day, to_day, opening, closing,
  coalesce((select jsonb_object_agg(d.day, d.moved) from statement_days d where d.statement_id = s.statement_id), '{}')
    as moved
from statements s where account = $1 order by from_day, to_day, statement_id
"""

# By statements_account.
ENTITIES_OF_ACCOUNT = """
select entity from statements where account = $1 order by from_day desc, to_day desc, statement_id limit $2
"""

INSERT = """
insert into statements (
  statement_id, version, account, site_id, from_day, to_day, opening, credits, debits, closing, entity, file_digest
) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""

INSERT_DAYS = "insert into statement_days (statement_id, day, moved) select $1, * from unnest($2::date[], $3::bigint[])"

# By the primary key.
UPDATE = """
update statements set version = row.version, site_id = row.site_id, to_day = row.to_day, entity = row.entity
from unnest($1::text[], $2::bigint[], $3::text[], $4::date[], $5::text[])
  as row (statement_id, version, site_id, to_day, entity)
where statements.statement_id = row.statement_id
"""

INSERT_FILE = """
insert into statement_files (account, digest, received_at, uploaded_by, content) values ($1, $2, $3, $4, $5)
on conflict do nothing returning true
"""

LAYOUT = "select headings from statement_layouts where account = $1"

PUT_LAYOUT = """
insert into statement_layouts (account, headings) values ($1, $2)
on conflict (account) do update set headings = excluded.headings, learned_at = now()
where statement_layouts.headings <> excluded.headings
"""

# By the few statements of an account; locked, so that two replicas do not make one version twice.
WITHOUT_SITE = "select entity from statements where site_id is null and account = any($1::text[]) for update"

# By statements_account; the days around, within which a line may be a transaction.
AROUND_DAYS = "select entity from statements where account = $1 and from_day <= $3 and to_day >= $2 order by statement_id"

# By the primary key, in its order.
PUBLISHED_PAGE = "select entity from statements where statement_id > $1 order by statement_id limit $2 for share"


MARGIN = REFERENCE_HOLDS_FOR + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file as it came."""

    content: bytes
    uploaded_by: str
    received_at: datetime

    @property
    def digest(self) -> bytes:
        """Its SHA-256."""
        return hashlib.sha256(self.content).digest()


async def lock_account(connection: Connection, account: str) -> None:
    """Keep an account's transactions and statements, and all sites, as they are until this transaction ends."""
    await connection.fetch(LOCK_ACCOUNT, account)


async def transactions_around(connection: Connection, account: str, first: date, last: date) -> list[Transaction]:
    """The account's transactions of a period and of ten days around it, in which a reference still holds."""
    rows = await connection.fetch(AROUND, account, day_start(first - MARGIN), day_start(last + MARGIN))
    # In a thread: a busy account's year is many thousand entities, and webhooks go on meanwhile.
    return await asyncio.to_thread(lambda: [Transaction.of_entity(row["entity"], day_only=row["day_only"]) for row in rows])


async def keys_taken(connection: Connection, keys: Collection[str]) -> set[str]:
    """Those of the names under which some transaction is known already."""
    return {row["identity_key"] for row in await connection.fetch(KEYS_TAKEN, list(keys))}


async def known(connection: Connection, statement_ids: Sequence[str]) -> dict[str, BankStatement]:
    """Those of the statements that are stored."""
    rows = await connection.fetch(KNOWN, list(statement_ids))
    found = (BankStatement.model_validate_json(row["entity"]) for row in rows)
    return {each.statement_id: each for each in found}


async def stretches(connection: Connection, account: str) -> list[Stretch]:
    """All statements of an account, without their lines."""
    return [
        Stretch(
            row["statement_id"],
            row["from_day"],
            row["to_day"],
            row["opening"],
            row["closing"],
            {date.fromisoformat(day): moved for day, moved in row["moved"].items()},
        )
        for row in await connection.fetch(OF_ACCOUNT, account)
    ]


async def insert(connection: Connection, statement: Statement, entity: BankStatement, file: UploadedFile) -> None:
    """Store a new statement."""
    await connection.execute(
        INSERT,
        entity.statement_id,
        entity.version,
        entity.account,
        entity.site_id,
        entity.from_date,
        entity.to_date,
        entity.opening,
        entity.credits,
        entity.debits,
        entity.closing,
        entity.model_dump_json(),
        file.digest,
    )
    moved: defaultdict[date, int] = defaultdict(int)
    for line in statement.lines:
        moved[line.day] += line.signed
    await connection.execute(INSERT_DAYS, entity.statement_id, list(moved), list(moved.values()))


async def update(connection: Connection, statements: Sequence[BankStatement]) -> None:
    """Store the next versions of statements."""
    if statements:
        await connection.execute(
            UPDATE,
            [each.statement_id for each in statements],
            [each.version for each in statements],
            [each.site_id for each in statements],
            [each.to_date for each in statements],
            [each.model_dump_json() for each in statements],
        )


async def keep_file(connection: Connection, account: str, file: UploadedFile) -> bool:
    """Keep a file; returns whether it is another one than those that are kept already."""
    return bool(
        await connection.fetchval(INSERT_FILE, account, file.digest, file.received_at, file.uploaded_by, file.content)
    )


async def layout_of(connection: Connection, account: str) -> Mapping[Field, str] | None:
    """The headings that the account's tables bear, as far as they were learned."""
    headings: Mapping[Field, str] | None = await connection.fetchval(LAYOUT, account)
    return headings


async def learn_layout(connection: Connection, account: str, headings: Mapping[Field, str]) -> None:
    """Keep the headings of an account's tables."""
    await connection.execute(PUT_LAYOUT, account, dict(headings))


async def without_site(connection: Connection, accounts: Collection[str]) -> list[BankStatement]:
    """Statements of these accounts whose site is unknown."""
    rows = await connection.fetch(WITHOUT_SITE, sorted(accounts))
    return [BankStatement.model_validate_json(row["entity"]) for row in rows]


async def around(connection: Connection, account: str, first: date, last: date) -> list[BankStatement]:
    """The statements that may list a movement of these days."""
    rows = await connection.fetch(AROUND_DAYS, account, first - MARGIN, last + MARGIN)
    return [BankStatement.model_validate_json(row["entity"]) for row in rows]


async def of_account(connection: Connection, account: str, limit: int) -> list[dict[str, Any]]:
    """The newest statements of an account, without their lines."""
    shown = []
    for row in await connection.fetch(ENTITIES_OF_ACCOUNT, account, limit):
        entity = BankStatement.model_validate_json(row["entity"])
        shown.append({**entity.model_dump(mode="json", exclude={"lines"}), "lines": len(entity.lines)})
    return shown


async def published_statements(connection: Connection, after: str, limit: int) -> list[BankStatement]:
    """The statements after a key, as published."""
    rows = await connection.fetch(PUBLISHED_PAGE, after, limit)
    return [BankStatement.model_validate_json(row["entity"]) for row in rows]
