"""What a payer may ask for, over HTTP: to be erased (what it would do, and the act), to be left alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from services.notices import store as notice_store
from services.notices.commands.issue import act_of
from services.notices.drafts.store import KEPT_FOR
from services.notices.erasing import store
from services.notices.erasing.model import Held, erased, refused
from services.notices.payers import store as payer_store
from shared import clock
from shared.privacy import PayerCode
from shared.runtime.auth import ERASES, Caller, CallerHere
from shared.runtime.commands import idempotency_key, once
from shared.runtime.outbox import enqueue
from shared.runtime.problems import Problem

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection, Database

UNKNOWN: Final = "this site knows no payer by this code"
WHY_NOT: Final = {
    "still_owes": "something that must be paid is not paid in full; what is needed is kept",
    "deposit_not_settled": "a deposit is open and no settlement counted it; what is needed is kept",
    "in_draft": "a list that is not yet issued names this payer; issue it, or drop it, first",
}
IdempotencyKey = Annotated[str, Depends(idempotency_key)]


class Asked(BaseModel):
    """Why it is done: the number of the request, no name."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=1, max_length=200)


def router(database: Database) -> APIRouter:
    """Under /payers/{site_id}/{payer_code}: GET /erasure, POST /erase, PUT and DELETE /restriction."""
    routes = APIRouter(prefix="/payers", tags=["erasing"])

    @routes.get("/{site_id}/{payer_code:path}/erasure")
    async def preview(site_id: str, payer_code: str, caller: CallerHere) -> dict[str, Any]:
        """What erasing would do, or why it cannot be yet (`refused`)."""
        _check(caller, site_id)
        async with database.reading() as connection:
            found = await _find(connection, site_id, PayerCode(payer_code))
            bills = await store.count_bills(connection, site_id, PayerCode(payer_code))
        return {"refused": found.refused, "left": found.left, "notices": len(found.held), "bills": bills}

    @routes.post("/{site_id}/{payer_code:path}/erase")
    async def erase(site_id: str, payer_code: str, body: Asked, caller: CallerHere, key: IdempotencyKey) -> dict[str, Any]:
        """Erase a payer: each notice at its next version, which names nobody; their bills' pages are closed for ever."""
        _check(caller, site_id)

        async def act(connection: Connection) -> dict[str, Any]:
            return await _erase(connection, site_id, PayerCode(payer_code), caller, body.reason)

        # Whoever sends it again gets the first answer, and neither it nor the key holds the code.
        async with database.transaction() as connection:
            return await once(connection, f"erase/{site_id}/{key}", to_json(body), lambda: act(connection))

    @routes.put("/{site_id}/{payer_code:path}/restriction")
    async def restrict(site_id: str, payer_code: str, body: Asked, caller: CallerHere) -> dict[str, bool]:
        """Remind this payer no more, and print them with no class; what they owe, and can pay, stays."""
        return await _restrict(database, site_id, PayerCode(payer_code), caller, "restrict", body.reason)

    @routes.delete("/{site_id}/{payer_code:path}/restriction")
    async def unrestrict(site_id: str, payer_code: str, caller: CallerHere) -> dict[str, bool]:
        """Treat this payer as all others again."""
        return await _restrict(database, site_id, PayerCode(payer_code), caller, "unrestrict", None)

    return routes


async def _restrict(
    database: Database, site_id: str, payer_code: PayerCode, caller: Caller, what: Literal["restrict", "unrestrict"],
    reason: str | None,
) -> dict[str, bool]:  # fmt: skip
    _check(caller, site_id)
    is_restricted = what == "restrict"
    async with database.transaction() as connection:
        await notice_store.lock_sites(connection, [site_id])
        act = act_of(caller, what, reason)
        if not await payer_store.restrict(connection, site_id, payer_code, is_restricted=is_restricted, at=act.at):
            raise Problem(404, "unknown_payer", UNKNOWN)
        await notice_store.add_act(connection, act)
    return {"restricted": is_restricted}


def _check(caller: Caller, site_id: str) -> None:
    caller.require_role(*ERASES)
    caller.require_site(site_id)


@dataclass(frozen=True, slots=True)
class _Found:
    """What is held of a payer, and why they cannot be erased yet."""

    held: list[Held]
    refused: str | None

    @property
    def left(self) -> int:
        """What must still be paid, in đồng."""
        return sum(each.left for each in self.held)


async def _find(connection: Connection, site_id: str, payer_code: PayerCode) -> _Found:
    """Raises Problem where nobody is known by this code."""
    held = await store.held(connection, site_id, payer_code)
    payer = (await payer_store.by_code(connection, [(site_id, payer_code)])).get((site_id, payer_code))
    if not held and payer is None:
        raise Problem(404, "unknown_payer", UNKNOWN)
    if why := refused(held):
        return _Found(held, why)
    names = [each.notice.payer_name for each in held] + [payer.name if payer else None]
    texts = {payer_code.reveal(), *(name.reveal() for name in names if name)}
    is_asked = await store.is_in_draft(connection, site_id, sorted(texts), clock.now() - KEPT_FOR)
    return _Found(held, "in_draft" if is_asked else None)


async def _erase(connection: Connection, site_id: str, payer_code: PayerCode, caller: Caller, reason: str) -> dict[str, Any]:
    # Nobody issues anything to the payer, and no page's signal is taken up, until this is done.
    await notice_store.lock_sites(connection, [site_id])
    found = await _find(connection, site_id, payer_code)
    if found.refused:
        raise Problem(409, found.refused, WHY_NOT[found.refused], left=found.left)
    act = act_of(caller, "erase", reason)
    today = clock.local_day(act.at)
    changes = [erased(each, today) for each in found.held]
    notices = [change.notice for change in changes]
    await notice_store.add_act(connection, act)
    bills = await store.forget(connection, site_id, payer_code, [notice.notice_id for notice in notices], act.at)
    stored = await notice_store.put_changes(connection, changes, act)
    assert stored == len(changes), "the site's lock keeps others away"
    await enqueue(connection, notices)
    return {"site_id": site_id, "bills": bills, "notices": [notice.model_dump(mode="json") for notice in notices]}
