"""Money that did not come over a bank account: cash receipts, and payments that the public-service portal reports."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.matching import acts, owed, store
from services.matching.acts import IdempotencyKey, IfMatch
from services.matching.deciding import pay_intended
from services.matching.handlers import new_id
from services.matching.ledger import LedgerCredit
from services.matching.matcher import Book
from services.matching.model import may_be_received, paid_through
from services.matching.people import NUMBERS, TAKES_MONEY, require_role
from shared import clock
from shared.events.base import Id
from shared.events.payments import PaidThrough, SuspenseParts
from shared.money import PositiveDong
from shared.runtime.auth import Caller, CallerHere
from shared.runtime.commands import once
from shared.runtime.postgres import Connection, Database
from shared.runtime.problems import Problem

RECEIPTS = uuid.UUID("5a4f7f3e-6c1a-5b0e-9a57-3f0d8f0c2b11")
"""The namespace of receipts' ids: the same Idempotency-Key at the same site is the same receipt, for ever."""

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
    paid_through: PaidThrough | None = None
    """Who paid, where they say so."""


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
        require_role(caller, TAKES_MONEY)
        caller.require_site(body.site_id)
        if not may_be_received(body.received_at, clock.now()):
            raise Problem(422, "impossible_time", "received_at: must lie between 2000-01-01 and tomorrow")

        async def act(connection: Connection) -> dict[str, Any]:
            return await _take(connection, caller, body, key)

        async with database.transaction() as connection:
            request = body.model_dump_json(exclude_none=True).encode()
            return await once(connection, f"receipt/{body.site_id}/{key}", request, lambda: act(connection))

    @routes.put("/credits/{credit_id}/document-number")
    async def set_document(credit_id: str, body: DocumentNumber, caller: CallerHere, version: IfMatch) -> dict[str, Any]:
        """Record the number of the document that was issued for a credit. Sent again, it answers what is."""
        require_role(caller, NUMBERS)
        async with database.transaction() as connection:
            credit, _ = await acts.load_one(connection, credit_id, caller)
            if credit.document_number == body.document_number:
                return credit.event().model_dump(mode="json")
            if version != credit.version:
                raise acts.stale(credit)
            found = acts.before(credit)
            credit.document_number = body.document_number
            [event] = await acts.store_acts(connection, caller, clock.now(), [(credit, found, "document_set", None)])
            return event.model_dump(mode="json")

    return routes


async def _take(connection: Connection, caller: Caller, body: Receipt, key: str) -> dict[str, Any]:
    # All at once, in one order: two receipts cannot wait for each other's sites.
    await store.lock_sites(connection, [body.site_id, *await owed.sites_of_notices(connection, [body.notice_id])])
    if body.site_id not in await store.load_rules(connection, [body.site_id]):
        raise Problem(400, "unknown_site", "site_id: there is no such site")
    credit = _new_credit(body, key)
    known = await store.load_credits(connection, [credit.credit_id])
    if credit.credit_id in known:
        # The key is forgotten by now, the receipt is not.
        return _again(known[credit.credit_id], credit)
    notice = next(iter(await owed.named(connection, [body.notice_id])), None)
    if notice is not None and notice.site_id != body.site_id:
        raise Problem(400, "other_site", "notice_id: this notice is of another site")
    at = clock.now()
    decision = pay_intended(credit, Book([notice] if notice is not None else []))
    if decision is None:
        credit.reason, credit.suspense = "awaiting_notice", SuspenseParts(unidentified=credit.amount)
        credit.evidence = ("the notice is not known yet",)
    else:
        through = body.paid_through or paid_through(notice, credit.occurred_at, {})
        credit.apply(decision, at, new_id, through=lambda _: through)
    found = acts.before(credit)
    [event] = await acts.store_acts(connection, caller, at, [(credit, found, "received", None)])
    return event.model_dump(mode="json")


def _again(known: LedgerCredit, told: LedgerCredit) -> dict[str, Any]:
    """A receipt that was sent long ago; raises Problem where another one is sent under its key."""
    same = ("site_id", "channel", "occurred_at", "amount", "intended_notice_id")
    if any(getattr(known, name) != getattr(told, name) for name in same):
        raise Problem(422, "idempotency_key_reused", "this Idempotency-Key was used for another request")
    return known.event().model_dump(mode="json")


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
