"""Transactions that may be one: shown to people, merged or told apart by them. What they decided is kept as a row."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import structlog
from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from services.ingest import store
from services.ingest.merging import merge
from services.ingest.model import Transaction
from services.ingest.taking import published
from shared import clock
from shared.events import BankTransaction
from shared.runtime.auth import Caller, CallerHere
from shared.runtime.commands import check_version, expected_version, idempotency_key, once
from shared.runtime.outbox import enqueue
from shared.runtime.postgres import Connection, Database
from shared.runtime.problems import Problem
from shared.runtime.tracing import current_traceparent

log = structlog.get_logger()

TransactionId = Annotated[str, Path(min_length=1, max_length=200)]
Expected = Annotated[int, Depends(expected_version)]
Key = Annotated[str, Depends(idempotency_key)]
CHANGED = "Giao dịch đã được thay đổi sau khi bạn mở; hãy xem lại."


class Settlement(BaseModel):
    """What a person decides: the two are one movement (`merge`), or two (`distinct`)."""

    model_config = ConfigDict(extra="forbid")

    of: str = Field(min_length=1, max_length=200)
    """The other transaction, which stays when they are merged."""
    decision: Literal["merge", "distinct"]
    reason: str | None = Field(None, max_length=500)


def router(database: Database) -> APIRouter:
    """The routes of transactions, as far as people settle them."""
    routes = APIRouter(tags=["transactions"])

    @routes.get("/transactions/{transaction_id}")
    async def get_transaction(transaction_id: TransactionId, caller: CallerHere) -> dict[str, Any]:
        """A transaction as it is published."""
        async with database.reading() as connection:
            found = await store.transactions(connection, [transaction_id])
        return shown(own(found, transaction_id, caller))

    @routes.get("/duplicates")
    async def list_duplicates(
        caller: CallerHere,
        site: str | None = None,
        after: str = "",
        limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    ) -> dict[str, Any]:
        """Transactions that may be another one, each with it, in the order of their ids."""
        sites = caller.sites_within([] if site is None else [site])
        async with database.reading() as connection:
            doubtful = await store.doubtful_page(connection, sites, after, limit)
            others = await store.transactions(connection, {str(each.possible_duplicate_of) for each in doubtful})
        return {
            "duplicates": [
                {"transaction": shown(each), "of": shown(others[str(each.possible_duplicate_of)])} for each in doubtful
            ],
            "next": doubtful[-1].transaction_id if len(doubtful) == limit else None,
        }

    @routes.post("/transactions/{transaction_id}/duplicate")
    async def settle_duplicate(
        transaction_id: TransactionId, settlement: Settlement, caller: CallerHere, version: Expected, key: Key
    ) -> dict[str, Any]:
        """Merge a transaction into another one, or tell the two apart; answers with both as they will be published."""
        request = f"{transaction_id}\n{version}\n{settlement.model_dump_json()}".encode()
        async with database.transaction() as connection:
            return await once(
                connection,
                f"duplicate/{key}",
                request,
                lambda: _settle(connection, transaction_id, settlement, caller, version),
            )

    return routes


async def _settle(
    connection: Connection, transaction_id: str, settlement: Settlement, caller: Caller, version: int
) -> dict[str, Any]:
    accounts = await store.accounts_of(connection, [transaction_id, settlement.of])
    await store.lock_accounts(connection, accounts)
    found = await store.transactions(connection, [transaction_id, settlement.of])
    one, other = own(found, transaction_id, caller), own(found, settlement.of, caller)
    check_version(version, one.version, CHANGED)
    if one.transaction_id == other.transaction_id:
        raise Problem(422, "not_mergeable", "a transaction cannot be settled against itself")
    merges = settlement.decision == "merge"
    changed, events = await merge(connection, one, other) if merges else (_tell_apart(one, other), [])
    await store.update_transactions(connection, changed)
    decision = "merged" if merges else "distinct"
    await store.note_decision(
        connection, one.transaction_id, other.transaction_id, decision, caller.person, clock.now(), settlement.reason
    )
    await enqueue(connection, [*(published(each, current_traceparent.get()) for each in changed), *events])
    log.info("duplicate_settled", decision=settlement.decision, transaction=one.transaction_id, of=other.transaction_id)
    return {"transaction": shown(one), "of": shown(other)}


def _tell_apart(one: Transaction, other: Transaction) -> list[Transaction]:
    """The two are two; the mark between them goes, whichever bears it."""
    changed = []
    for each, marked_of in ((one, other), (other, one)):
        if each.possible_duplicate_of == marked_of.transaction_id:
            each.possible_duplicate_of = None
            each.version += 1
            changed.append(each)
    if not changed:
        raise Problem(409, "not_marked", "neither of the two is marked as a possible duplicate of the other")
    return changed


def own(found: dict[str, Transaction], transaction_id: str, caller: Caller) -> Transaction:
    """The transaction with this id, which the caller may touch; raises Problem."""
    transaction = found.get(transaction_id)
    if transaction is None:
        raise Problem(404, "unknown_transaction", "there is no such transaction")
    caller.require_site(transaction.site_id)
    return transaction


def shown(transaction: Transaction) -> dict[str, Any]:
    """A transaction as it is published."""
    return BankTransaction.model_validate_json(transaction.published()).model_dump(mode="json")
