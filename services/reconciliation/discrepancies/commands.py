"""Discrepancies: settling one by hand, taking it or handing it over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from services.reconciliation.commanding import IdempotencyKey, IfMatch, Note, run_once
from services.reconciliation.days import store as day_store
from services.reconciliation.discrepancies import store
from services.reconciliation.discrepancies.correcting import Corrector, is_ended_by_itself, require_still_here
from services.reconciliation.discrepancies.model import POLICIES, STATEMENT_IS_RIGHT, settled
from services.reconciliation.model import DayKey
from services.reconciliation.people import HEAD, require_placeless, require_role
from shared import clock
from shared.events import Discrepancy
from shared.events.base import Id
from shared.runtime.auth import ADMIN, Caller, CallerHere
from shared.runtime.commands import check_version
from shared.runtime.outbox import enqueue
from shared.runtime.postgres import Connection, Database
from shared.runtime.problems import Problem


class Settle(BaseModel):
    """Why a discrepancy needs no more looking at."""

    model_config = ConfigDict(extra="forbid")
    reason: str
    """One of the kind's (GET /discrepancy-kinds)."""
    note: Note | None = None


class Hand(BaseModel):
    """Whose it is from now on."""

    model_config = ConfigDict(extra="forbid")
    owner: Id | None
    """A person's id; null: whoever has the role."""
    note: Note | None = None


def router(database: Database, corrector: Corrector) -> APIRouter:
    """The commands about discrepancies."""
    routes = APIRouter(tags=["discrepancies"])

    @routes.post("/discrepancies/{discrepancy_id}/settle")
    async def settle(
        discrepancy_id: str, body: Settle, caller: CallerHere, version: IfMatch, key: IdempotencyKey
    ) -> dict[str, Any]:
        """Settle one, with a reason of its kind; it stays settled until it is found with another amount.

        Where the statement is right, the transaction is corrected first; asked again, it is corrected once.
        """
        request = f"{discrepancy_id}/{version}/{body.model_dump_json()}"
        if body.reason == STATEMENT_IS_RIGHT:
            await _correct(database, corrector, caller, discrepancy_id, version, body.note)
            return await _command(
                database, caller, discrepancy_id, None, key, request, _settle_corrected(caller.person), body.note
            )

        async def act(connection: Connection, found: Discrepancy) -> tuple[Discrepancy, str]:
            if found.state != "open":
                raise Problem(409, "already_settled", "this discrepancy is settled already")
            _check_reason(body.reason, found)
            if found.about.account and found.about.date and found.site_id:
                await day_store.touch(connection, [DayKey(found.site_id, found.about.account, found.about.date)])
            return settled(found, caller.person, clock.now(), body.reason), "settle"

        return await _command(database, caller, discrepancy_id, version, key, request, act, body.note)

    @routes.put("/discrepancies/{discrepancy_id}/owner")
    async def hand(
        discrepancy_id: str, body: Hand, caller: CallerHere, version: IfMatch, key: IdempotencyKey
    ) -> dict[str, Any]:
        """Take one, hand it to a colleague, or give it back to whoever has the role."""

        async def act(_connection: Connection, found: Discrepancy) -> tuple[Discrepancy, str]:
            if found.state != "open":
                raise Problem(409, "already_settled", "this discrepancy is settled already")
            return found.model_copy(update={"owner": body.owner, "version": found.version + 1}), "hand"

        request = f"{discrepancy_id}/{version}/{body.model_dump_json()}"
        return await _command(database, caller, discrepancy_id, version, key, request, act, body.note)

    return routes


Act = Callable[[Connection, Discrepancy], Awaitable[tuple[Discrepancy, str]]]


def _settle_corrected(person: str) -> Act:
    """Settle one whose transaction was corrected, on whatever version: the correction itself may have changed it."""

    async def act(_connection: Connection, found: Discrepancy) -> tuple[Discrepancy, str]:
        if found.state != "open" and not is_ended_by_itself(found):
            raise Problem(409, "already_settled", "this discrepancy is settled already")
        return settled(found, person, clock.now(), STATEMENT_IS_RIGHT), "settle"

    return act


async def _correct(
    database: Database, corrector: Corrector, caller: Caller, discrepancy_id: str, version: int, note: str | None
) -> None:
    """Have the transaction corrected, outside of any database transaction; raises Problem."""
    async with database.transaction() as connection:
        found, _ = await _load(connection, caller, discrepancy_id)
        _check_reason(STATEMENT_IS_RIGHT, found)
        if found.state == "open":
            check_version(version, found.version, _what_happened(found))
            await require_still_here(connection, found)
        elif not is_ended_by_itself(found):
            return
    await corrector.correct(found, caller.person, note)


def _check_reason(reason: str, found: Discrepancy) -> None:
    reasons = POLICIES[found.kind].reasons
    if reason not in reasons:
        raise Problem(400, "invalid_request", f"reason: must be one of {', '.join(reasons)}")


async def _load(connection: Connection, caller: Caller, discrepancy_id: str) -> tuple[Discrepancy, str]:
    """The discrepancy, its row locked, and its scope, if the caller may deal with it; raises Problem."""
    known = await store.one(connection, discrepancy_id)
    if known is None:
        raise Problem(404, "unknown_discrepancy", "there is no such discrepancy")
    found, scope = known
    if found.site_id is not None:
        caller.require_site(found.site_id)
    require_placeless(caller, found.site_id)
    require_role(caller, frozenset({POLICIES[found.kind].owner_role, HEAD, ADMIN}))
    return found, scope


async def _command(
    database: Database,
    caller: Caller,
    discrepancy_id: str,
    version: int | None,
    key: str,
    request: str,
    act: Act,
    note: str | None,
) -> dict[str, Any]:
    """Change a discrepancy once for the key, note who did it, publish it and answer with it. No version: on any."""

    async def run(connection: Connection) -> dict[str, Any]:
        await day_store.lock(connection)
        found, scope = await _load(connection, caller, discrepancy_id)
        if version is not None:
            check_version(version, found.version, _what_happened(found))
        after, did = await act(connection, found)
        await store.put(connection, [after], {discrepancy_id: scope})
        await store.add_act(connection, after, did, caller.person, after.settled_reason, note, clock.now())
        await enqueue(connection, [after])
        return after.model_dump(mode="json")

    return await run_once(database, caller, key, request, run)


def _what_happened(found: Discrepancy) -> str:
    if found.settled_at is None:
        return "mục này vừa thay đổi, hãy tải lại"
    who = "hệ thống" if found.settled_by == "auto" else found.settled_by
    return f"đã được {who} xử lý lúc {found.settled_at.astimezone(clock.LOCAL):%H:%M %d/%m/%Y}"
