"""Accepting many suggestions at once: each stands or falls by itself, all under one lock and in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.matching import acts
from services.matching.acts import Act, Before, IdempotencyKey
from services.matching.handlers import new_id
from services.matching.ledger import LedgerCredit
from services.matching.matcher import Share
from services.matching.model import Owed, paid_through
from services.matching.people import DECIDES, require_role
from shared import clock
from shared.events.base import Id, Version
from shared.runtime.auth import Caller, CallerHere
from shared.runtime.postgres import Connection, Database
from shared.runtime.problems import Problem

ACCEPTED_AT_ONCE = 200


class Suggested(BaseModel):
    """A suggestion as a person saw it."""

    model_config = ConfigDict(extra="forbid")
    credit_id: Id
    version: Version
    notice_ids: list[Id] = Field(min_length=1, max_length=20)
    """Which one: the notices that the credit would pay."""


class Accept(BaseModel):
    """Suggestions that are right."""

    model_config = ConfigDict(extra="forbid")
    suggestions: list[Suggested] = Field(min_length=1, max_length=ACCEPTED_AT_ONCE)


def router(database: Database) -> APIRouter:
    """The one route."""
    routes = APIRouter(tags=["credits"])

    @routes.post("/suggestions/accept")
    async def accept(body: Accept, caller: CallerHere, key: IdempotencyKey) -> dict[str, Any]:
        """Accept suggestions: `accepted` are the credits as they are now, `refused` says of each other one why, and how it is."""
        require_role(caller, DECIDES)

        async def act(connection: Connection) -> dict[str, Any]:
            return await _accept(connection, caller, body)

        return await acts.run(database, caller, key, f"accept/{body.model_dump_json()}", act)

    return routes


async def _accept(connection: Connection, caller: Caller, body: Accept) -> dict[str, Any]:
    wanted = {each.credit_id: each for each in body.suggestions}
    named = {notice_id for each in wanted.values() for notice_id in each.notice_ids}
    credits, notices = await acts.load_locked(connection, list(wanted), caller, named)
    at = clock.now()
    changed: list[tuple[LedgerCredit, Before, Act, str | None]] = []
    refused = []
    for credit_id, suggested in wanted.items():
        credit = credits.get(credit_id)
        if credit is None:
            refused.append(_refused(credit_id, Problem(404, "unknown_credit", "there is no such credit"), None))
            continue
        found = acts.before(credit)
        try:
            acts.check_seen(credit, suggested.version)
            _take(credit, suggested, notices, caller, at)
        except Problem as problem:
            refused.append(_refused(credit_id, problem, credit))
        else:
            changed.append((credit, found, "accepted", None))
    events = await acts.store_acts(connection, caller, at, changed) if changed else []
    return {"accepted": [event.model_dump(mode="json") for event in events], "refused": refused}


def _refused(credit_id: str, problem: Problem, credit: LedgerCredit | None) -> dict[str, Any]:
    return {
        "credit_id": credit_id,
        "status": problem.status,
        "problem": problem.kind,
        "detail": problem.detail,
        "current": None if credit is None else credit.event().model_dump(mode="json"),
    }


def _take(credit: LedgerCredit, suggested: Suggested, notices: Mapping[str, Owed], caller: Caller, at: Any) -> None:
    """Pay what is open of the suggested notices, and note it there for the suggestions behind. Raises Problem."""
    if tuple(suggested.notice_ids) not in {candidate.notice_ids for candidate in credit.candidates}:
        raise Problem(409, "not_suggested", "this is none of the credit's suggestions")
    chosen = [notices[each] for each in suggested.notice_ids if each in notices]
    if len(chosen) < len(suggested.notice_ids) or any(each.site_id != credit.site_id for each in chosen):
        raise Problem(409, "other_site", "the notice is of another site than the credit; move the credit there first")
    opened = [notice for notice in chosen if notice.open]
    owing, free = sum(notice.open for notice in opened), credit.suspense.unidentified
    if not opened or not free:
        raise Problem(409, "nothing_open", "nothing of these notices, or of this credit, is open")
    if free < owing and len(opened) > 1:
        raise Problem(409, "unclear", "the credit is less than these notices owe: say which it pays")
    shares = [Share(notice.notice_id, min(free, notice.open)) for notice in opened]

    def through(notice_id: str) -> Any:
        return paid_through(notices.get(notice_id), credit.occurred_at, {})

    acts.or_refuse(lambda: credit.allocate_by_hand(shares, None, caller.person, at, new_id, through=through))
    for share in shares:
        notices[share.notice_id].allocated += share.amount
