"""Settlements over HTTP, once for the id that the hospital's system gives."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.notices import store as notice_store
from services.notices.commands.issue import act_of, run_once
from services.notices.health import HEALTH_PURPOSE
from services.notices.issuing import Issuer
from services.notices.model import Change, amendments
from services.notices.notice_rows import COLUMNS, NoticeParser, NoticeRow
from services.notices.payers.model import site_code
from services.notices.settlements import store
from services.notices.settlements.model import Settlement, settled_deposits
from services.notices.settlements.store import Settled
from services.notices.store import Act
from services.notices.terms import Terms
from shared import clock
from shared.events import Notice
from shared.money import Dong, PositiveDong
from shared.privacy import PayerCode, PersonName
from shared.runtime.auth import Caller, CallerHere
from shared.runtime.outbox import enqueue
from shared.runtime.problems import Problem

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection, Database

SHOWN_MAX = 500
Text = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w.:+@#/-]+$")]


class SettlementBody(BaseModel):
    """The sums of a treatment, and the deposits that were asked for it."""

    model_config = ConfigDict(extra="forbid")
    settlement_id: Text
    """The hospital's own id; what is still to be paid is a notice under it."""
    site_id: Text
    payer_code: Text
    payer_name: Annotated[str, Field(min_length=1, max_length=200)]
    total: PositiveDong
    insurance: Dong = 0
    deposit_notice_ids: list[Text] = Field([], max_length=50)
    fee_kind: Annotated[str, Field(max_length=100)] | None = None
    due_on: date | None = None


def router(database: Database, people_key: bytes) -> APIRouter:
    """POST and GET /settlements."""
    routes = APIRouter(tags=["settlements"])

    @routes.post("/settlements", status_code=201)
    async def post(body: SettlementBody, caller: CallerHere) -> dict[str, Any]:
        """Settle a treatment: sent again it answers the same. What goes back is taken off the deposits, the newest first."""
        caller.require_site(body.site_id)

        async def act(connection: Connection) -> dict[str, Any]:
            return await _settle(connection, body, caller, NoticeParser(body.site_id, people_key))

        key = f"settlement/{body.settlement_id}"
        return await run_once(database, caller, key, body.model_dump(mode="json"), act)

    @routes.get("/settlements")
    async def read(
        caller: CallerHere, site: str, to_return: bool = False, limit: Annotated[int, Query(ge=1, le=SHOWN_MAX)] = 100
    ) -> list[dict[str, Any]]:
        """The newest settlements; `to_return`: those only that give money back."""
        caller.require_site(site)
        async with database.reading() as connection:
            return await store.of_site(connection, site, to_return_only=to_return, limit=limit)

    return routes


async def _settle(connection: Connection, body: SettlementBody, caller: Caller, parser: NoticeParser) -> dict[str, Any]:
    if body.insurance > body.total:
        raise Problem(422, "refused", "insurance: is more than the total", column="insurance")
    await notice_store.lock_sites(connection, [body.site_id])
    payer_code = site_code(parser.identity_key, body.site_id, body.payer_code)
    if (standing := await store.one(connection, body.settlement_id)) is not None:
        return await _again(connection, body, payer_code, standing)
    deposits, terms = await _deposits(connection, body, payer_code)
    paid = await store.paid(connection, [notice.notice_id for notice in deposits])
    settlement = Settlement(body.total, body.insurance, sum(paid.values()))
    act = act_of(caller, "settle")
    await notice_store.add_act(connection, act)
    day = clock.local_day(act.at)
    after = settled_deposits(deposits, paid, settlement.to_return, caller.person, day)
    await _store_deposits(connection, deposits, after, terms, act)
    notice = await _ask_rest(connection, body, payer_code, settlement, act) if settlement.to_pay else None
    settled = Settled(
        settlement_id=body.settlement_id,
        site_id=body.site_id,
        payer_code=payer_code.reveal(),
        total=settlement.total,
        insurance=settlement.insurance,
        deposit=settlement.deposit,
        to_pay=settlement.to_pay,
        to_return=settlement.to_return,
        notice_id=None if notice is None else notice.notice_id,
        deposit_notice_ids=[each.notice_id for each in deposits],
        act_id=act.act_id,
        settled_at=act.at,
    )
    await store.add(connection, settled)
    return _told(settled, notice)


async def _again(connection: Connection, body: SettlementBody, payer_code: PayerCode, standing: Settled) -> dict[str, Any]:
    """The answer to a settlement that stands, whoever sends it again; raises Problem where it says otherwise."""
    asked = (body.site_id, payer_code.reveal(), body.total, body.insurance, sorted(set(body.deposit_notice_ids)))
    if asked != (standing.site_id, standing.payer_code, standing.total, standing.insurance, standing.deposit_notice_ids):
        raise Problem(409, "settled_otherwise", "a settlement with this id stands already, and says otherwise")
    known, _ = await notice_store.notices_by_id(connection, [standing.notice_id] if standing.notice_id else [])
    return _told(standing, known.get(standing.notice_id or ""))


def _told(settled: Settled, notice: Notice | None) -> dict[str, Any]:
    told = {**asdict(settled), "settled_at": settled.settled_at.isoformat()}
    return {**told, "notice": None if notice is None else notice.model_dump(mode="json")}


async def _deposits(
    connection: Connection, body: SettlementBody, payer_code: PayerCode
) -> tuple[list[Notice], dict[str, Terms]]:
    """The deposits, each this payer's own and in no other settlement, with the terms of those that have any; raises Problem."""
    known, terms = await notice_store.notices_by_id(connection, body.deposit_notice_ids)
    for notice_id in body.deposit_notice_ids:
        notice = known.get(notice_id)
        is_theirs = notice is not None and (notice.site_id, notice.payer_code) == (body.site_id, payer_code)
        if notice is None or not is_theirs or notice.obligation != "deposit":
            raise Problem(422, "refused", "deposit_notice_ids: one is no deposit of this payer", column="deposit_notice_ids")
    counted = await store.settled_before(connection, body.deposit_notice_ids)
    if counted:
        notice_id, settlement_id = next(iter(counted.items()))
        problem = f"deposit_notice_ids: {notice_id} is counted in settlement {settlement_id} already"
        raise Problem(409, "deposit_settled", problem, column="deposit_notice_ids", settlement_id=settlement_id)
    return [known[notice_id] for notice_id in sorted(set(body.deposit_notice_ids))], terms


async def _store_deposits(
    connection: Connection, deposits: list[Notice], after: list[Notice], terms: dict[str, Terms], act: Act
) -> None:
    """Store and publish the deposits as the settlement leaves them."""
    before = {notice.notice_id: notice for notice in deposits}
    changes = []
    for notice in after:
        was, had = before[notice.notice_id], terms.get(notice.notice_id)
        kept = had if notice.amount == was.amount else None
        changes.append(Change(0, notice, kept, amendments(was, notice, had, kept)))
    stored = await notice_store.put_changes(connection, changes, act)
    assert stored == len(changes), "the site's lock keeps others away"
    await enqueue(connection, after)


async def _ask_rest(
    connection: Connection, body: SettlementBody, payer_code: PayerCode, settlement: Settlement, act: Act
) -> Notice:
    """A notice of what is still to be paid."""
    row = NoticeRow(
        row=1,
        notice_id=body.settlement_id,
        site_id=body.site_id,
        payer_code=payer_code,
        payer_name=PersonName(" ".join(body.payer_name.split())),
        group=None,
        guardian_name=None,
        guardian_phone=None,
        purpose=HEALTH_PURPOSE,
        period=None,
        amount=settlement.to_pay,
        issued_on=None,
        due_on=body.due_on or clock.local_day(clock.now()),
        status="open",
        cancelled_on=None,
        reference=None,
        virtual_account=None,
        fee_kind=body.fee_kind,
        round=body.settlement_id,  # a bill of its own; the notice does not tell it
        unit_code=None,
        terms=settlement.terms,
    )
    issuer = Issuer(connection, act, is_noted=True)
    plan = await issuer.issue([row], frozenset(column.name for column in COLUMNS))
    if plan.rejected:
        first = plan.rejected[0]
        raise Problem(422, "refused", f"{first.column}: {first.problem}", column=first.column)
    if not plan.changes:
        raise Problem(409, "known", "a notice with this id stands already, and says the same")
    return plan.changes[0].notice
