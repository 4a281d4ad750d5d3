"""Refunds on their way, and what a person says about money that left."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import uuid_utils
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.reconciliation.commanding import IdempotencyKey, IfMatch, Note, run_once
from services.reconciliation.days import store as day_store
from services.reconciliation.days.closing import require_complete
from services.reconciliation.model import DayKey
from services.reconciliation.money_back import links, refunds
from services.reconciliation.money_back.api import masked
from services.reconciliation.money_back.model import Match, RefundState, RefundWhy, Way, Why, may_step
from services.reconciliation.people import APPROVES, KEEPS_BOOKS, KEEPS_CASH, require_site
from shared import clock
from shared.events.base import Id
from shared.events.reconciliation import CASH_ACCOUNT
from shared.money import PositiveDong
from shared.runtime.auth import Caller, CallerHere
from shared.runtime.commands import check_version
from shared.runtime.postgres import Connection, Database
from shared.runtime.problems import Problem


class Propose(BaseModel):
    """Money of a credit that shall go back. To where is not asked: to the account that paid, or into the payer's hand."""

    model_config = ConfigDict(extra="forbid")
    credit_id: Id
    amount: PositiveDong
    why: RefundWhy
    way: Way = "transfer"


class Decide(BaseModel):
    """What the head, or who gives it up, says to it."""

    model_config = ConfigDict(extra="forbid")
    note: Note | None = None


class HandOver(BaseModel):
    """Cash that the payer has signed for."""

    model_config = ConfigDict(extra="forbid")
    document_number: Annotated[str, Field(min_length=1, max_length=100)]
    """Of the payment voucher with the signature."""


class MakeList(BaseModel):
    """Which site's approved transfers are paid now."""

    model_config = ConfigDict(extra="forbid")
    site_id: Id


class Confirm(BaseModel):
    """What money out was."""

    model_config = ConfigDict(extra="forbid")
    out_transaction_id: Id
    credit_id: Id
    why: Why
    refund_id: Id | None = None


class Refuse(BaseModel):
    """What money out was not."""

    model_config = ConfigDict(extra="forbid")
    out_transaction_id: Id
    credit_id: Id


def router(database: Database) -> APIRouter:
    """The commands about money that goes back."""
    routes = APIRouter(tags=["money back"])
    _deciding_routes(routes, database)
    _paying_routes(routes, database)
    _link_routes(routes, database)
    return routes


def _deciding_routes(routes: APIRouter, database: Database) -> None:
    @routes.post("/refunds")
    async def propose(body: Propose, caller: CallerHere, key: IdempotencyKey) -> dict[str, Any]:
        """Propose to return what of a credit stands in suspense."""

        async def act(connection: Connection) -> dict[str, Any]:
            return masked(await _propose(connection, body, caller, clock.now()))

        return await run_once(database, caller, key, body.model_dump_json(), act)

    @routes.post("/refunds/{refund_id}/approve")
    async def approve(
        refund_id: str, body: Decide, caller: CallerHere, version: IfMatch, key: IdempotencyKey
    ) -> dict[str, Any]:
        """The head approves; whoever proposed it cannot."""
        return await _decide(database, refund_id, "approved", body, caller, version, key)

    @routes.post("/refunds/{refund_id}/refuse")
    async def refuse(
        refund_id: str, body: Decide, caller: CallerHere, version: IfMatch, key: IdempotencyKey
    ) -> dict[str, Any]:
        """The head refuses."""
        return await _decide(database, refund_id, "refused", body, caller, version, key)

    @routes.post("/refunds/{refund_id}/withdraw")
    async def withdraw(
        refund_id: str, body: Decide, caller: CallerHere, version: IfMatch, key: IdempotencyKey
    ) -> dict[str, Any]:
        """Give a refund up as long as it was not paid."""

        async def act(connection: Connection) -> dict[str, Any]:
            await _load(connection, refund_id, caller, version, "withdrawn", KEEPS_BOOKS)
            return masked(await refunds.withdraw(connection, refund_id, body.note))

        return await run_once(database, caller, key, f"withdraw/{refund_id}/{version}/{body.model_dump_json()}", act)


def _paying_routes(routes: APIRouter, database: Database) -> None:
    @routes.post("/refunds/{refund_id}/hand-over")
    async def hand_over(
        refund_id: str, body: HandOver, caller: CallerHere, version: IfMatch, key: IdempotencyKey
    ) -> dict[str, Any]:
        """The payer has the cash and has signed: it leaves the box, and matching is told."""

        async def act(connection: Connection) -> dict[str, Any]:
            at = clock.now()
            refund = await _load(connection, refund_id, caller, version, "paid", KEEPS_CASH)
            if refund["way"] != "cash":
                raise Problem(409, "not_possible", "this refund goes to the account that paid; its transfer pays it")
            day = clock.local_day(at)
            paid = await refunds.hand_over(connection, refund_id, caller.person, body.document_number, day, at)
            await links.link_cash(connection, paid, caller.person, at)
            await day_store.touch(connection, [DayKey(refund["site_id"], CASH_ACCOUNT, day)])
            return masked(paid)

        return await run_once(database, caller, key, f"hand-over/{refund_id}/{version}/{body.model_dump_json()}", act)

    @routes.post("/payment-lists")
    async def make_list(body: MakeList, caller: CallerHere, key: IdempotencyKey) -> dict[str, Any]:
        """Put a site's approved transfers into a list that is entered at the bank."""
        require_site(caller, body.site_id, KEEPS_BOOKS)

        async def act(connection: Connection) -> dict[str, Any]:
            list_id = str(uuid_utils.uuid7())
            rows = await refunds.make_list(connection, list_id, body.site_id, caller.person, clock.now())
            if not rows:
                raise Problem(409, "nothing_approved", "no approved refund of this site waits for a transfer")
            return {"list_id": list_id, "site_id": body.site_id, "refunds": [masked(row) for row in rows]}

        return await run_once(database, caller, key, body.model_dump_json(), act)


def _link_routes(routes: APIRouter, database: Database) -> None:
    @routes.post("/returns")
    async def confirm(body: Confirm, caller: CallerHere, key: IdempotencyKey) -> dict[str, Any]:
        """Say that money out returned a credit; matching is told, and releases what the credit paid."""

        async def act(connection: Connection) -> dict[str, Any]:
            await require_complete(connection)
            out = await _load_out(connection, body.out_transaction_id, caller)
            found = (await links.judge(connection, [out]))[body.out_transaction_id]
            match = next(
                (each for each in found if (each.credit_id, each.refund_id) == (body.credit_id, body.refund_id)), None
            )
            if match is None:
                raise Problem(
                    409, "not_proposed", "nothing speaks for this: neither the account nor the amount, or it was settled"
                )
            chosen = Match(
                match.out_transaction_id, match.credit_id, match.amount, body.why, match.evidence, False, match.refund_id
            )
            return_id = await links.link(connection, out, chosen, caller.person, clock.now())
            if return_id is None:
                raise Problem(409, "settled_meanwhile", "this money, or this refund, was settled at this moment")
            return {"return_id": return_id, **body.model_dump(), "amount": match.amount, "evidence": list(match.evidence)}

        return await run_once(database, caller, key, body.model_dump_json(), act)

    @routes.post("/returns/refuse")
    async def refuse_proposal(body: Refuse, caller: CallerHere, key: IdempotencyKey) -> dict[str, Any]:
        """Say that money out did not return this credit; the pair is not proposed again."""

        async def act(connection: Connection) -> dict[str, Any]:
            await _load_out(connection, body.out_transaction_id, caller)
            await links.refuse(connection, body.out_transaction_id, body.credit_id, caller.person, clock.now())
            return {**body.model_dump(), "refused_by": caller.person}

        return await run_once(database, caller, key, f"refuse/{body.model_dump_json()}", act)


async def _propose(connection: Connection, body: Propose, caller: Caller, at: datetime) -> dict[str, Any]:
    await require_complete(connection)
    credit = await refunds.credit_for_refund(connection, body.credit_id)
    if credit is None or credit["direction"] != "in" or credit["site_id"] is None:
        raise Problem(404, "unknown_credit", "there is no such money in")
    require_site(caller, credit["site_id"], KEEPS_BOOKS)
    free = credit["free"] - credit["promised"]
    if body.amount > free:
        raise Problem(409, "more_than_free", f"only {free} đồng of this credit are not a fee's and not promised", free=free)
    if body.way == "transfer" and credit["counter_account"] is None:
        raise Problem(
            409, "no_account", "the account that paid is not known: this money goes back in cash against signature"
        )
    notice_id = await refunds.deposit_left(connection, body.credit_id) if body.why == "deposit_left" else None
    if body.why == "deposit_left" and notice_id is None:
        raise Problem(409, "no_deposit_left", "no settlement of a treatment left anything of this credit")
    transfer = body.way == "transfer"
    return await refunds.propose(
        connection, refund_id=str(uuid_utils.uuid7()), site_id=credit["site_id"], credit_id=body.credit_id,
        credit_amount=credit["amount"], amount=body.amount, why=body.why, way=body.way,
        to_account=credit["counter_account"] if transfer else None, to_bank=credit["counter_bank"] if transfer else None,
        to_name=credit["counter_name"] if transfer else None, proposed_by=caller.person, proposed_at=at,
        notice_id=notice_id,
    )  # fmt: skip


async def _decide(
    database: Database, refund_id: str, state: RefundState, body: Decide, caller: Caller, version: int, key: str
) -> dict[str, Any]:
    async def act(connection: Connection) -> dict[str, Any]:
        refund = await _load(connection, refund_id, caller, version, state, APPROVES)
        if state == "approved" and refund["proposed_by"] == caller.person:
            raise Problem(409, "own_proposal", "whoever proposes a refund does not approve it")
        return masked(await refunds.decide(connection, refund_id, state, caller.person, clock.now(), body.note))

    return await run_once(database, caller, key, f"{state}/{refund_id}/{version}/{body.model_dump_json()}", act)


async def _load(
    connection: Connection, refund_id: str, caller: Caller, version: int, after: RefundState, roles: frozenset[str]
) -> dict[str, Any]:
    """The refund, its row locked, if it may go to this state; raises Problem."""
    refund = await refunds.load(connection, refund_id, lock=True)
    if refund is None:
        raise Problem(404, "unknown_refund", "there is no such refund")
    require_site(caller, refund["site_id"], roles)
    check_version(version, refund["version"], _what_happened(refund))
    if not may_step(refund["state"], after, refund["way"]):
        raise Problem(409, "not_possible", f"a refund that is {refund['state']} cannot become {after}")
    return refund


async def _load_out(connection: Connection, transaction_id: str, caller: Caller) -> dict[str, Any]:
    out = await links.one_unexplained(connection, transaction_id)
    if out is None or out["site_id"] is None:
        raise Problem(404, "unknown_money_out", "no such money left, or what it was is settled")
    require_site(caller, out["site_id"], KEEPS_BOOKS)
    return out


def _what_happened(refund: dict[str, Any]) -> str:
    if refund["decided_at"] is None:
        return "đề nghị hoàn trả này vừa thay đổi, hãy tải lại"
    words = {"approved": "duyệt", "refused": "từ chối"}
    did = words.get(refund["state"], "xử lý")
    return f"đã được {refund['decided_by']} {did} lúc {refund['decided_at'].astimezone(clock.LOCAL):%H:%M %d/%m/%Y}"
