"""A message told a wrong amount, and a person says that the bank's statement is right (docs/adr/0015).

The amount is a part of what a transaction is, so none is ever edited: another transaction bears the statement's amount, and the
wrong one is merged into it. Only the reconciliation service asks, for it knows whether the money went on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.ingest import correction_store, store
from services.ingest.duplicates import TransactionId, own, shown
from services.ingest.identity import REFERENCE_HOLDS_FOR, reference_key
from services.ingest.merging import merge
from services.ingest.model import Reported, Transaction, transaction_id_of
from services.ingest.statements import store as statement_store
from services.ingest.statements.model import PROVIDER
from services.ingest.statements.taking import SOURCE
from services.ingest.taking import published
from shared import clock
from shared.clock import local_day
from shared.events import BankStatement
from shared.events.bank import Correction, StatementLine
from shared.events.base import Id
from shared.money import SignedDong
from shared.runtime.auth import Caller, CallerHere
from shared.runtime.outbox import Ready, enqueue
from shared.runtime.postgres import Connection, Database
from shared.runtime.problems import Problem
from shared.runtime.tracing import current_traceparent

log = structlog.get_logger()

RECONCILIATION = "reconciliation"
"""The role in the token of the service that may ask; the person stands in it by name."""


class Correct(BaseModel):
    """By which statement, and by how much, as the person saw it."""

    model_config = ConfigDict(extra="forbid")

    statement_id: Id
    difference: SignedDong
    """What the statement says less what the transaction says, in đồng."""
    note: str | None = Field(None, max_length=500)


def router(database: Database) -> APIRouter:
    """The routes of corrections."""
    routes = APIRouter(tags=["transactions"])

    @routes.post("/transactions/{transaction_id}/correction")
    async def correct(transaction_id: TransactionId, body: Correct, caller: CallerHere) -> dict[str, Any]:
        """Put the statement's amount in the place of a wrong one. Asked again, it answers what was done."""
        caller.require_role(RECONCILIATION)
        async with database.transaction() as connection:
            return await _correct(connection, transaction_id, body, caller)

    @routes.get("/corrections")
    async def list_corrections(
        caller: CallerHere,
        site: str | None = None,
        after: str = "",
        limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    ) -> dict[str, Any]:
        """What was told, what is right, who said so and why, in the order of the wrong transactions' ids."""
        sites = caller.sites_within([] if site is None else [site])
        async with database.reading() as connection:
            found = await correction_store.page(connection, sites, after, limit)
        return {"corrections": found, "next": found[-1]["transaction_id"] if len(found) == limit else None}

    return routes


async def _correct(connection: Connection, transaction_id: str, body: Correct, caller: Caller) -> dict[str, Any]:
    for account in await store.accounts_of(connection, [transaction_id]):
        await statement_store.lock_account(connection, account)
    wrong = own(await store.transactions(connection, [transaction_id]), transaction_id, caller)
    done = await correction_store.of(connection, transaction_id)
    if done is not None:
        if (done.statement_id, done.difference) != (body.statement_id, body.difference):
            raise Problem(409, "nothing_to_correct", "this transaction was corrected already, in another way")
        made = (await store.transactions(connection, [done.right_id]))[done.right_id]
        return {"transaction": shown(made), "wrong": shown(wrong)}
    statement = (await statement_store.known(connection, [body.statement_id])).get(body.statement_id)
    line = contradicting_line(wrong, statement, body.difference) if statement else None
    if statement is None or line is None:
        raise Problem(409, "nothing_to_correct", "the statement does not contradict this transaction, or not by so much")
    trace, at = current_traceparent.get(), clock.now()
    correction = Correction(
        transaction_id=transaction_id, amount=wrong.amount, statement_id=statement.statement_id, line=line.line,
        corrected_by=caller.person, corrected_at=at,
    )  # fmt: skip
    name = _name(wrong, line)
    right = await _told_rightly(connection, wrong, name) if name else None
    first: list[Ready] = []
    if right is None:
        mark, right = wrong.possible_duplicate_of, right_transaction(wrong, statement, line)
        await _insert(connection, right, name)
        first = [published(right, trace)]
        changed, statements = await merge(connection, wrong, right)
        # What the wrong one may be once more, the right one may be too.
        right.possible_duplicate_of = mark
    else:
        changed, statements = await merge(connection, wrong, right)
        see_on_statement(right, statement)
    right.corrections.append(correction.model_dump())
    await store.update_transactions(connection, changed)
    await correction_store.insert(connection, correction, right, body.note)
    await enqueue(connection, [*first, *(published(each, trace) for each in changed), *statements])
    log.info("amount_corrected", transaction=transaction_id, right=right.transaction_id, is_new=bool(first))
    return {"transaction": shown(right), "wrong": shown(wrong)}


def contradicting_line(wrong: Transaction, statement: BankStatement, difference: int) -> StatementLine | None:
    """The statement's line that is this transaction and says so much more (or less) than it."""
    fitting = (
        line
        for line in statement.lines
        if line.transaction_id == wrong.transaction_id
        and line.direction == wrong.direction
        and line.amount - wrong.amount == difference != 0
    )
    return next(fitting, None) if wrong.status == "live" else None


def right_transaction(wrong: Transaction, statement: BankStatement, line: StatementLine) -> Transaction:
    """A transaction with the statement's amount and all else as it was told; an id of its own, the same for ever.

    Marked as perhaps the wrong one until that is merged: whoever reads the two in different moments pays nothing twice.
    """
    made = replace(
        wrong,
        transaction_id=transaction_id_of("correction", wrong.account, wrong.transaction_id),
        version=1,
        amount=line.amount,
        bank_reference=wrong.bank_reference or line.bank_reference,
        sightings=[],
        corrections=[],
        possible_duplicate_of=wrong.transaction_id,
    )
    see_on_statement(made, statement)
    return made


def see_on_statement(transaction: Transaction, statement: BankStatement) -> None:
    """Note that a statement lists it, unless one was noted before."""
    if SOURCE not in transaction.sources:
        received_at = statement.received_at or clock.day_start(statement.to_date)
        transaction.sightings.append({"provider": PROVIDER, "seen_by": "statement", "received_at": received_at})


async def _told_rightly(connection: Connection, wrong: Transaction, name: str) -> Transaction | None:
    """The transaction that tells of this movement with the right amount already: another provider's, or the same one's
    second message. It bears the bank's reference, and no statement lists it, else it would be another movement.
    """
    found = await correction_store.known_as(connection, name)
    if found is None or found.status != "live" or abs(found.occurred_at - wrong.occurred_at) > REFERENCE_HOLDS_FOR:
        return None
    day = local_day(found.occurred_at)
    listed = (
        each.transaction_id
        for statement in await statement_store.around(connection, wrong.account, day, day)
        for each in statement.lines
    )
    return None if found.transaction_id in listed else found


async def _insert(connection: Connection, right: Transaction, name: str | None) -> None:
    """Store it, known by the bank's reference with its own amount, where nothing else is."""
    await store.insert_transactions(connection, [right])
    if name and not await statement_store.keys_taken(connection, [name]):
        await store.insert_keys(connection, {name: right.transaction_id})


def _name(wrong: Transaction, line: StatementLine) -> str | None:
    return reference_key(
        Reported(
            wrong.transaction_id, wrong.account, None, line.amount, line.direction, line.occurred_at,
            bank_reference=line.bank_reference or wrong.bank_reference,
        )
    )  # fmt: skip
