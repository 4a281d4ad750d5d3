"""Counter shifts: opening one, putting receipts into it, counting and closing it. Whoever takes cash cannot close it."""

from __future__ import annotations

from typing import Annotated, Any

import asyncpg
import uuid_utils
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.reconciliation.cash import shifts
from services.reconciliation.cash.model import DIFFERENCE_REASONS, CountError, counted
from services.reconciliation.commanding import IdempotencyKey, IfMatch, run_once
from services.reconciliation.days import store as day_store
from services.reconciliation.days.closing import require_complete
from services.reconciliation.model import DayKey
from services.reconciliation.people import COUNTS_CASH, KEEPS_CASH, require_site
from shared import clock
from shared.events.base import Id
from shared.events.reconciliation import CASH_ACCOUNT
from shared.money import Dong
from shared.runtime.auth import Caller, CallerHere
from shared.runtime.commands import check_version
from shared.runtime.postgres import Connection, Database
from shared.runtime.problems import Problem


class OpenShift(BaseModel):
    """A counter that begins to take cash."""

    model_config = ConfigDict(extra="forbid")
    site_id: Id
    counter: Annotated[str, Field(min_length=1, max_length=50)] = "1"
    cashiers: Annotated[list[Id], Field(max_length=10)] = []
    """Who takes cash in it; whoever opens it is always one of them."""
    opening: Dong = 0
    """What lies in the till already, in đồng."""


class PutReceipt(BaseModel):
    """A cash receipt that was taken in this shift."""

    model_config = ConfigDict(extra="forbid")
    credit_id: Id


class CloseShift(BaseModel):
    """What was counted, and where it went."""

    model_config = ConfigDict(extra="forbid")
    denominations: Annotated[dict[int, int], Field(max_length=20)]
    """How many of each note; what is handed over is counted with it."""
    left_in_till: Dong = 0
    """What stays for the next shift; the rest is handed over to whoever closes."""
    reason: str | None = None
    """Why it differs from what was expected."""


def router(database: Database) -> APIRouter:
    """The commands about shifts."""
    routes = APIRouter(tags=["cash"])

    @routes.post("/shifts")
    async def open_shift(body: OpenShift, caller: CallerHere, key: IdempotencyKey) -> dict[str, Any]:
        """Open a shift at a counter where none is open."""
        require_site(caller, body.site_id, KEEPS_CASH)
        cashiers = sorted({caller.person, *body.cashiers})

        async def act(connection: Connection) -> dict[str, Any]:
            at = clock.now()
            try:
                shift = await shifts.open_shift(
                    connection, str(uuid_utils.uuid7()), body.site_id, body.counter, cashiers, at, body.opening
                )
            except asyncpg.UniqueViolationError as error:
                raise Problem(409, "shift_open", "a shift is open at this counter; close it first") from error
            await _touch(connection, shift)
            return shift

        return await run_once(database, caller, key, body.model_dump_json(), act)

    @routes.post("/shifts/{shift_id}/receipts")
    async def put_receipt(shift_id: str, body: PutReceipt, caller: CallerHere, key: IdempotencyKey) -> dict[str, Any]:
        """Say in which of several open shifts a receipt was taken."""

        async def act(connection: Connection) -> dict[str, Any]:
            shift = await _load_open(connection, shift_id, caller, KEEPS_CASH)
            if not await shifts.put_receipt(connection, body.credit_id, shift, caller.person, clock.now()):
                raise Problem(409, "receipt_elsewhere", "no such cash receipt of this site, or it is in another shift")
            return shift

        return await run_once(database, caller, key, f"{shift_id}/{body.model_dump_json()}", act)

    @routes.post("/shifts/{shift_id}/close")
    async def close_shift(
        shift_id: str, body: CloseShift, caller: CallerHere, version: IfMatch, key: IdempotencyKey
    ) -> dict[str, Any]:
        """Count a till and close its shift; a difference needs a reason and stays open as a discrepancy."""

        async def act(connection: Connection) -> dict[str, Any]:
            return await _close(connection, shift_id, body, caller, version)

        return await run_once(database, caller, key, f"{shift_id}/{version}/{body.model_dump_json()}", act)

    return routes


async def _close(connection: Connection, shift_id: str, body: CloseShift, caller: Caller, version: int) -> dict[str, Any]:
    await require_complete(connection)
    shift = await _load_open(connection, shift_id, caller, COUNTS_CASH)
    check_version(version, shift["version"], "ca này vừa thay đổi, hãy tải lại")
    if caller.person in shift["cashiers"]:
        raise Problem(409, "took_cash", "whoever takes cash in a shift cannot close it")
    at = clock.now()
    try:
        total = counted(body.denominations)
    except CountError as error:
        raise Problem(400, "invalid_request", f"denominations: {error}") from error
    if body.left_in_till > total:
        raise Problem(400, "invalid_request", "left_in_till: more than was counted")
    expected = (await shifts.till(connection, shift, at)).expected
    if total != expected and body.reason not in DIFFERENCE_REASONS:
        raise Problem(
            409, "count_differs", f"{total - expected} đồng against what is expected; give a reason: "
            f"{', '.join(DIFFERENCE_REASONS)}", expected=expected, counted=total,
        )  # fmt: skip
    closed = await shifts.close_shift(
        connection, shift_id, closed_by=caller.person, closed_at=at, closed_on=clock.local_day(at),
        denominations={str(note): count for note, count in body.denominations.items() if count},
        counted=total, expected=expected, handed_over=total - body.left_in_till, left_in_till=body.left_in_till,
        reason=body.reason if total != expected else None,
    )  # fmt: skip
    await _touch(connection, closed)
    return closed


async def _load_open(connection: Connection, shift_id: str, caller: Caller, roles: frozenset[str]) -> dict[str, Any]:
    shift = await shifts.load(connection, shift_id, lock=True)
    if shift is None:
        raise Problem(404, "unknown_shift", "there is no such shift")
    require_site(caller, shift["site_id"], roles)
    if shift["closed_by"] is not None:
        at = shift["closed_at"].astimezone(clock.LOCAL)
        raise Problem(412, "version_changed", f"đã được {shift['closed_by']} chốt lúc {at:%H:%M %d/%m/%Y}",
                      current_version=shift["version"])  # fmt: skip
    return shift


async def _touch(connection: Connection, shift: dict[str, Any]) -> None:
    """The cash day stays open with its shift, and differs with its count."""
    days = {clock.local_day(shift["opened_at"]), shift["closed_on"] or clock.local_day(shift["opened_at"])}
    await day_store.touch(connection, [DayKey(shift["site_id"], CASH_ACCOUNT, day) for day in days])
