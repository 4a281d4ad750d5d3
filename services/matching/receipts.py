"""Money that did not come over a bank account: cash receipts, and payments that the public-service portal reports."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.matching import measures, store
from services.matching.api import IdempotencyKey, IfMatch, command, load_locked, store_changed
from services.matching.deciding import decide_all, load_book
from services.matching.handlers import new_id
from services.matching.ledger import LedgerCredit
from services.matching.matcher import Book
from shared import clock
from shared.events import Credit
from shared.events.base import Id
from shared.events.payments import SuspenseParts
from shared.money import PositiveDong
from shared.runtime.auth import CallerHere
from shared.runtime.postgres import Connection, Database
from shared.runtime.problems import Problem

RECEIPTS = uuid.UUID("5a4f7f3e-6c1a-5b0e-9a57-3f0d8f0c2b11")
"""The namespace of receipts' ids: the same Idempotency-Key at the same site is the same receipt."""

Document = Annotated[str, Field(min_length=1, max_length=100)]


class Receipt(BaseModel):
    """A receipt for one notice."""

    model_config = ConfigDict(extra="forbid")
    site_id: Id
    notice_id: Id
    amount: PositiveDong
    received_at: AwareDatetime
    channel: Literal["cash", "portal"] = "cash"
    document_number: Document | None = None
    """The number of the document that the unit's own system issued; it may follow later."""


class DocumentNumber(BaseModel):
    """The number of a document that was issued after its receipt."""

    model_config = ConfigDict(extra="forbid")
    document_number: Document


def receipts_router(database: Database) -> APIRouter:
    """The routes of receipts."""
    routes = APIRouter(tags=["receipts"])

    @routes.post("/cash-receipts")
    async def take_receipt(body: Receipt, caller: CallerHere, key: IdempotencyKey) -> dict[str, Any]:
        """Record money and settle its notice; a receipt for a notice not yet known waits for it (rule 7)."""
        caller.require_site(body.site_id)

        async def act(connection: Connection) -> Credit:
            await store.lock_sites(connection, [body.site_id])
            if body.site_id not in await store.load_rules(connection, [body.site_id]):
                raise Problem(400, "unknown_site", "site_id: there is no such site")
            credit = _new_credit(body, key)
            book = await load_book(connection, [credit])
            notice = book.get(body.notice_id)
            if notice is not None and notice.site_id != body.site_id:
                raise Problem(400, "other_site", "notice_id: this notice is of another site")
            if notice is None:
                credit.reason, credit.suspense = "awaiting_notice", SuspenseParts(unidentified=credit.amount)
                credit.evidence = ("the notice is not known yet",)
            else:
                await decide_all(connection, [credit], book, clock.now(), new_id)
            return await store_changed(connection, credit, book)

        return await command(database, f"receipt/{body.site_id}/{key}", body.model_dump_json(), act)

    @routes.put("/credits/{credit_id}/document-number")
    async def set_document(credit_id: str, body: DocumentNumber, caller: CallerHere, version: IfMatch) -> Credit:
        """Record the number of the document that was issued for a credit."""
        async with database.transaction() as connection:
            credit = await load_locked(connection, credit_id, caller, version, [])
            if credit.document_number == body.document_number:
                return credit.event()
            credit.document_number = body.document_number
            event = await store_changed(connection, credit, Book([]))
        measures.count([event])
        return event

    return routes


def _new_credit(receipt: Receipt, key: str) -> LedgerCredit:
    return LedgerCredit(
        credit_id=str(uuid.uuid5(RECEIPTS, f"{receipt.site_id}/{key}")),
        site_id=receipt.site_id,
        account=None,
        channel=receipt.channel,
        direction="in",
        occurred_at=receipt.received_at,
        received_at=clock.now(),
        provider=None,
        counter_bank=None,
        amount=receipt.amount,
        partition_origin=receipt.site_id,
        intended_notice_id=receipt.notice_id,
        document_number=receipt.document_number,
    )
