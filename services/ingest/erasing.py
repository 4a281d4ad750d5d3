"""Erasing what transactions say of people, once the law no longer has it kept.

A bank's message is an accounting document: its text is kept for ten years after the end of its year (`KHOP_RETENTION_YEARS`), and no
request takes it away before. After that the memo, the counterparty's name and account, the payer's virtual account and the
provider's payment code are nulled, and raw messages and statement files that tell of nothing younger are emptied.
Sums, moments, the site's account, the bank's reference and the names under which a transaction is known stay: the movement
happened, and told again it is still the same one, without its texts.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Annotated, Any, Final

import structlog
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from services.ingest import store
from services.ingest.model import TEXTS, Transaction
from services.ingest.taking import published
from shared import clock
from shared.events import BankTransaction
from shared.runtime.auth import ERASES, Caller, CallerHere
from shared.runtime.commands import idempotency_key, once
from shared.runtime.outbox import enqueue
from shared.runtime.postgres import Connection, Database
from shared.runtime.problems import Problem
from shared.runtime.tracing import current_traceparent

log = structlog.get_logger()

ERASED_MAX: Final = 500
"""Transactions of one command."""
Key = Annotated[str, Depends(idempotency_key)]
Id = Annotated[str, Field(min_length=1, max_length=200)]

# By transactions_merged: what was found to be one of these says the same.
MERGED_INTO = "select entity, day_only from transactions where merged_into = any($1::text[])"
NOTE = """
insert into erasures (transaction_id, erased_by, erased_at, reason)
select id, $2, $3, $4 from unnest($1::text[]) as id on conflict do nothing
"""
# By the vault's primary key and by vault_told_again. Kept is what tells of a transaction that is not erased, or waits for its account.
TOLD = """
select message_id, received_at, transaction_ids from vault
where received_at = any($1::timestamptz[]) and transaction_ids && $2::text[]
union
select message_id, received_at, transaction_ids from vault
where outcome in ('duplicate', 'conflict') and transaction_ids && $2::text[]
"""
EMPTY_MESSAGES = """
with told as (select * from unnest($1::uuid[], $2::timestamptz[]) as told (message_id, received_at)),
emptied as (
  update vault set headers = '{}', body = '' from told
  where vault.received_at = told.received_at and vault.message_id = told.message_id and not exists (
    select from unnest(vault.transaction_ids) id join transactions t on t.transaction_id = id
    where t.transaction_id not in (select transaction_id from erasures)
  ) and not exists (
    select from unrouted u where u.received_at = told.received_at and u.message_id = told.message_id)
  returning 1
)
select count(*) from emptied
"""
# By statements_account. A file is emptied where the law has no day of any of its statements kept.
EMPTY_FILES = """
update statement_files f set content = ''
where f.account = any($1::text[]) and f.content <> '' and exists (
  select from statements s join transactions t on t.account = s.account
  where s.account = f.account and s.file_digest = f.digest and t.transaction_id = any($2::text[])
    and (t.occurred_at at time zone 'Asia/Ho_Chi_Minh')::date between s.from_day and s.to_day
) and not exists (
  select from statements s where s.account = f.account and s.file_digest = f.digest and s.to_day > $3
)
"""
# Some rows at most: of commands by which people settled duplicates, whose remembered answers say what the two say.
FORGET_ANSWERS = """
delete from idempotency
where response #>> '{transaction,transaction_id}' = any($1::text[]) or response #>> '{of,transaction_id}' = any($1::text[])
"""
FORGET_REASONS = """
update duplicate_decisions set reason = null
where reason is not null and (transaction_id = any($1::text[]) or other_id = any($1::text[]))
"""


class Erasing(BaseModel):
    """Which transactions, and why: the number of the request, no name."""

    model_config = ConfigDict(extra="forbid")

    transaction_ids: list[Id] = Field(min_length=1, max_length=ERASED_MAX)
    reason: str = Field(min_length=1, max_length=200)


def kept_until(transaction: Transaction, years: int) -> date:
    """Until when the law has the bank's message of this transaction kept."""
    return clock.year_end_after(clock.local_day(transaction.occurred_at), years)


def router(database: Database, retention_years: int) -> APIRouter:
    """POST /transactions/erase."""
    routes = APIRouter(tags=["transactions"])

    @routes.post("/transactions/erase")
    async def erase(body: Erasing, caller: CallerHere, key: Key) -> dict[str, Any]:
        """Erase what these transactions say of people: all of them, or none where one must still be kept."""
        caller.require_role(*ERASES)
        async with database.transaction() as connection:
            return await once(
                connection,
                f"erase/{caller.person}/{key}",
                body.model_dump_json().encode(),
                lambda: _erase(connection, body, caller, retention_years),
            )

    return routes


async def _erase(connection: Connection, body: Erasing, caller: Caller, years: int) -> dict[str, Any]:
    ids = sorted(set(body.transaction_ids))
    accounts = await store.accounts_of(connection, ids)
    await store.lock_accounts(connection, accounts)
    found = await store.transactions(connection, ids)
    _check(found, ids, caller, years)
    merged = [_read(row) for row in await connection.fetch(MERGED_INTO, ids)]
    changed = [each for each in (*found.values(), *merged) if _clear(each)]
    now, told_of = clock.now(), [each.transaction_id for each in (*found.values(), *merged)]
    await store.update_transactions(connection, changed)
    await connection.execute(NOTE, told_of, caller.person, now, body.reason)
    messages, kept = await _empty_messages(connection, [*found.values(), *merged])
    last_free_day = date(clock.local_day(now).year - years - 1, 12, 31)
    await connection.execute(EMPTY_FILES, accounts, told_of, last_free_day)
    await connection.execute(FORGET_ANSWERS, told_of)
    await connection.execute(FORGET_REASONS, told_of)
    await enqueue(connection, [published(each, current_traceparent.get()) for each in changed])
    log.info("transactions_erased", transactions=len(changed), messages=messages, messages_kept=kept)
    return {
        "transactions": [_shown(found[each]) for each in ids],
        "messages_emptied": messages,
        "messages_kept": kept,
    }


def _check(found: dict[str, Transaction], ids: Sequence[str], caller: Caller, years: int) -> None:
    """Raises Problem where one is unknown, another's, or kept by law."""
    if len(found) != len(ids):
        raise Problem(404, "unknown_transaction", "one of these transactions does not exist")
    for each in found.values():
        caller.require_site(each.site_id)
    if any(each.status == "merged_into" for each in found.values()):
        raise Problem(409, "not_live", "one of these was merged into another transaction; erase that one")
    until = max(kept_until(each, years) for each in found.values())
    if until >= clock.local_day(clock.now()):
        detail = f"the law has the bank's message of one of these kept until {until}"
        raise Problem(409, "kept_by_law", detail, until=until.isoformat())


def _clear(transaction: Transaction) -> bool:
    """Bring a transaction to its erased version; False where it is that already."""
    if transaction.status == "erased":
        return False
    for name in TEXTS:
        setattr(transaction, name, None)
    if transaction.status == "live":
        transaction.status, transaction.possible_duplicate_of = "erased", None
    transaction.version += 1
    return True


async def _empty_messages(connection: Connection, transactions: Collection[Transaction]) -> tuple[int, int]:
    """Empty the raw messages of these transactions; returns how many, and how many tell of others that are kept."""
    moments = {each["received_at"] for transaction in transactions for each in transaction.sightings}
    rows = await connection.fetch(TOLD, sorted(moments), [each.transaction_id for each in transactions])
    emptied: int = await connection.fetchval(
        EMPTY_MESSAGES, [row["message_id"] for row in rows], [row["received_at"] for row in rows]
    )
    return emptied, len(rows) - emptied


def _read(row: Any) -> Transaction:
    return Transaction.of_entity(row["entity"], day_only=row["day_only"])


def _shown(transaction: Transaction) -> dict[str, Any]:
    return BankTransaction.model_validate_json(transaction.published()).model_dump(mode="json")
