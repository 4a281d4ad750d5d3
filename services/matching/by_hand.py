"""What a person does with one credit: allocate, set aside, undo, move, give back (DESIGN §3 rule 11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.matching import acts, store
from services.matching.acts import IdempotencyKey, IfMatch
from services.matching.handlers import new_id
from services.matching.ledger import LedgerCredit
from services.matching.matcher import Share
from services.matching.model import Owed, paid_through
from services.matching.people import DECIDES, GIVES_BACK, require_role
from shared import clock
from shared.events.base import Id
from shared.events.payments import PaidThrough, SuspenseParts
from shared.money import PositiveDong
from shared.runtime.auth import Caller, CallerHere
from shared.runtime.postgres import Connection, Database
from shared.runtime.problems import Problem

Reason = Annotated[str, Field(min_length=1, max_length=200)]
OptionalKey = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]


class ShareByHand(BaseModel):
    """A part of the credit for one notice."""

    model_config = ConfigDict(extra="forbid")
    notice_id: Id
    amount: PositiveDong


class AllocateByHand(BaseModel):
    """What a person decided: shares, and what the rest of the credit is."""

    model_config = ConfigDict(extra="forbid")
    allocations: list[ShareByHand] = Field(max_length=100)
    suspense: SuspenseParts | None = None
    paid_through: PaidThrough | None = None
    """Who paid, where the payer or the person at the desk says so; it is remembered of the sending account."""
    reason: Literal["by_hand", "cash_deposit", "not_income"] = "by_hand"
    """Why nothing is allocated, where it is no fee: the day's cash carried to the bank, or interest and the like."""


class Move(BaseModel):
    """Whose money it is."""

    model_config = ConfigDict(extra="forbid")
    site_id: Id
    reason: Reason


class GiveBack(BaseModel):
    """Money that went back to who sent it."""

    model_config = ConfigDict(extra="forbid")
    amount: PositiveDong
    why: Reason
    returned_by: Id | None = None
    """The transaction that carried it; null: in cash."""
    returned_at: AwareDatetime | None = None
    """When it went; null: now."""
    document_number: Annotated[str, Field(max_length=100)] | None = None


def router(database: Database) -> APIRouter:
    """The commands on one credit."""
    routes = APIRouter(tags=["credits"])
    _allocate_route(routes, database)
    _undo_route(routes, database)
    _move_route(routes, database)
    _give_back_route(routes, database)
    return routes


def _allocate_route(routes: APIRouter, database: Database) -> None:
    @routes.post("/credits/{credit_id}/allocations")
    async def allocate(
        credit_id: str, body: AllocateByHand, caller: CallerHere, version: IfMatch, key: IdempotencyKey
    ) -> dict[str, Any]:
        """Allocate by hand, or say what a payment is that pays no fee; the automaton never touches the credit again."""
        require_role(caller, DECIDES)
        shares = _folded(body.allocations)
        if shares and body.reason != "by_hand":
            raise Problem(400, "invalid_request", "reason: what pays a fee is neither a cash deposit nor other income")

        async def act(connection: Connection) -> dict[str, Any]:
            credit, notices = await acts.load_one(connection, credit_id, caller, [share.notice_id for share in shares])
            acts.check_seen(credit, version)
            return await _allocate(connection, caller, credit, notices, shares, body)

        return await acts.run(database, caller, key, f"{credit_id}/{version}/{body.model_dump_json()}", act)


def _undo_route(routes: APIRouter, database: Database) -> None:
    @routes.delete("/allocations/{allocation_id}")
    async def undo(
        allocation_id: str,
        caller: CallerHere,
        version: IfMatch,
        reason: Annotated[str, Query(min_length=1, max_length=200)],
        key: OptionalKey = None,
    ) -> dict[str, Any]:
        """Take one allocation back, with a reason; its money waits for a person. Sent again, it answers what is."""
        require_role(caller, DECIDES)

        async def act(connection: Connection) -> dict[str, Any]:
            return await _undo(connection, caller, allocation_id, version, reason)

        if key is None:
            async with database.transaction() as connection:
                return await act(connection)
        return await acts.run(database, caller, key, f"undo/{allocation_id}/{version}/{reason}", act)


def _move_route(routes: APIRouter, database: Database) -> None:
    @routes.put("/credits/{credit_id}/site")
    async def move(credit_id: str, body: Move, caller: CallerHere, version: IfMatch, key: IdempotencyKey) -> dict[str, Any]:
        """Hand a payment to the site whose money it is; what it paid is taken back, and that site's people decide it."""
        require_role(caller, DECIDES)

        async def act(connection: Connection) -> dict[str, Any]:
            await store.lock_sites(connection, [body.site_id, *await store.sites_of_credits(connection, [credit_id])])
            credit, _ = await acts.load_one(connection, credit_id, caller)
            acts.check_seen(credit, version)
            if body.site_id not in await store.load_rules(connection, [body.site_id]):
                raise Problem(404, "unknown_site", "site_id: there is no such site")
            found, at = acts.before(credit), clock.now()
            acts.or_refuse(lambda: credit.move(body.site_id, caller.person, at, body.reason))
            return await _stored(connection, caller, credit, found, "moved", body.reason)

        return await acts.run(database, caller, key, f"move/{credit_id}/{version}/{body.model_dump_json()}", act)


def _give_back_route(routes: APIRouter, database: Database) -> None:
    @routes.post("/credits/{credit_id}/returns")
    async def give_back(
        credit_id: str, body: GiveBack, caller: CallerHere, version: IfMatch, key: IdempotencyKey
    ) -> dict[str, Any]:
        """Note that money of a credit went back; it pays nothing any more, and is never allocated again."""
        require_role(caller, GIVES_BACK)

        async def act(connection: Connection) -> dict[str, Any]:
            return await _give_back(connection, caller, credit_id, version, body)

        return await acts.run(database, caller, key, f"return/{credit_id}/{body.model_dump_json()}", act)


async def _undo(connection: Connection, caller: Caller, allocation_id: str, version: int, reason: str) -> dict[str, Any]:
    credit_id = await store.credit_of_allocation(connection, allocation_id)
    if credit_id is None:
        raise Problem(404, "unknown_allocation", "there is no such allocation")
    credit, _ = await acts.load_one(connection, credit_id, caller)
    gone = next((each for each in credit.undone if each.allocation_id == allocation_id), None)
    if gone is not None and (gone.undone_by, gone.reason) == (caller.person, reason):
        return credit.event().model_dump(mode="json")
    acts.check_seen(credit, version)
    found, at = acts.before(credit), clock.now()
    acts.or_refuse(lambda: credit.undo_by_hand(allocation_id, caller.person, at, reason))
    return await _stored(connection, caller, credit, found, "undone", reason)


async def _give_back(connection: Connection, caller: Caller, credit_id: str, version: int, body: GiveBack) -> dict[str, Any]:
    credits, _ = await acts.load_locked(connection, [credit_id, *([body.returned_by] if body.returned_by else [])], caller)
    credit = credits.get(credit_id)
    if credit is None:
        raise Problem(404, "unknown_credit", "there is no such credit")
    if body.returned_by is not None and credit.reversed_by == body.returned_by:
        return credit.event().model_dump(mode="json")
    acts.check_seen(credit, version)
    found, at = acts.before(credit), clock.now()
    acts.or_refuse(
        lambda: credit.give_back(
            body.amount, body.returned_by, caller.person, at, body.why, new_id, went_at=body.returned_at
        )
    )
    beside = []
    if body.returned_by is not None and body.returned_by in credits:
        money_out = credits[body.returned_by]
        if money_out.direction != "out":
            raise Problem(409, "not_money_out", "returned_by: this transaction is no money out")
        money_out.reverses = credit_id
        beside.append(money_out)
    told = f"{body.why} ({body.document_number})" if body.document_number else body.why
    events = await acts.store_acts(connection, caller, at, [(credit, found, "returned", told)], beside=beside)
    return next(each for each in events if each.credit_id == credit_id).model_dump(mode="json")


async def _allocate(
    connection: Connection,
    caller: Caller,
    credit: LedgerCredit,
    notices: Mapping[str, Owed],
    shares: Sequence[Share],
    body: AllocateByHand,
) -> dict[str, Any]:
    found, at = acts.before(credit), clock.now()
    if credit.site_id is None and shares:
        credit.site_id = next((notices[each.notice_id].site_id for each in shares if each.notice_id in notices), None)
    for share in shares:
        require_open(notices.get(share.notice_id), share, credit)

    def through(notice_id: str) -> PaidThrough:
        return body.paid_through or paid_through(notices.get(notice_id), credit.occurred_at, {})

    acts.or_refuse(
        lambda: credit.allocate_by_hand(
            shares, body.suspense, caller.person, at, new_id, through=through, reason=body.reason
        )
    )
    return await _stored(connection, caller, credit, found, "allocated" if shares else "set_aside", None)


async def _stored(
    connection: Connection, caller: Caller, credit: LedgerCredit, found: acts.Before, act: acts.Act, reason: str | None
) -> dict[str, Any]:
    [event] = await acts.store_acts(connection, caller, clock.now(), [(credit, found, act, reason)])
    return event.model_dump(mode="json")


def require_open(notice: Owed | None, share: Share, credit: LedgerCredit) -> None:
    """Refuse to pay what is not owed here; raises Problem."""
    if notice is None:
        raise Problem(404, "unknown_notice", "there is no such notice")
    if notice.site_id != credit.site_id:
        raise Problem(409, "other_site", "the notice is of another site than the credit; move the credit there first")
    if share.amount > notice.open:
        raise Problem(409, "more_than_open", f"only {notice.open} đồng of this notice are open", open=notice.open)


def _folded(shares: Sequence[ShareByHand]) -> list[Share]:
    """The shares, each notice once."""
    amounts: dict[str, int] = {}
    for each in shares:
        amounts[each.notice_id] = amounts.get(each.notice_id, 0) + each.amount
    return [Share(notice_id, amount) for notice_id, amount in amounts.items()]
