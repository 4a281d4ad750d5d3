"""Rounds over HTTP. A rule that is sent again changes only what differs; with `check` it only says what it would do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from services.notices.commands.issue import act_of, run_once
from services.notices.rounds import store
from services.notices.rounds.next_round import NextRound
from services.notices.rounds.rule import Adjustment, FeeRule
from services.notices.rounds.running import RuleReport, Whom, run_next_round, run_rule
from services.notices.rounds.school_year import moves
from services.notices.store import lock_sites
from services.notices.terms import DEDUCTION_KINDS, Deduction
from shared.money import Dong, PositiveDong
from shared.runtime.auth import Caller, CallerHere
from shared.runtime.commands import idempotency_key
from shared.runtime.uploads import report_response

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection, Database

PAYERS_MAX = 5_000
Text = Annotated[str, Field(min_length=1, max_length=200)]
Days = Annotated[int, Field(ge=0, le=366)]
IdempotencyKey = Annotated[str, Depends(idempotency_key)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AdjustmentBody(_Body):
    """What is particular to one payer: amounts and the number of the decision, never a reason."""

    payer_code: Text
    days: Days | None = None
    absences: Days = 0
    exemption: Dong = 0
    reduction: Dong = 0
    support: Dong = 0
    decision: Annotated[str, Field(max_length=100)] | None = None
    left_out: bool = False

    def adjustment(self, row: int) -> Adjustment:
        """As a plain value."""
        deductions = tuple(
            Deduction(kind, getattr(self, kind), self.decision) for kind in DEDUCTION_KINDS if getattr(self, kind)
        )
        return Adjustment(row, self.payer_code, self.days, self.absences, deductions, self.left_out)


class FeeBody(_Body):
    """One fee for classes, grades, single payers or, where none is named, the whole site."""

    site_id: Text
    round: Text
    fee_kind: Text
    purpose: Text
    price: PositiveDong
    """Of a day where `days` are given, else of the whole."""
    days: Annotated[int, Field(ge=1, le=366)] = 1
    due_on: date
    issued_on: date | None = None
    period: Text | None = None
    groups: list[Text] = Field([], max_length=500)
    grades: list[Text] = Field([], max_length=50)
    payer_codes: list[Text] = Field([], max_length=PAYERS_MAX)
    adjustments: list[AdjustmentBody] = Field([], max_length=PAYERS_MAX)
    carry_arrears: bool = True
    """Whether the notice joins the payer's bill on which something is still owed, so that one code pays both."""
    reason: Annotated[str, Field(max_length=200)] | None = None


class NextRoundBody(_Body):
    """The next round from the last."""

    site_id: Text
    last_round: Text
    round: Text
    due_on: date
    issued_on: date | None = None
    period: Text | None = None
    days: dict[str, Days] = Field({}, max_length=100)
    purposes: dict[str, Text] = Field({}, max_length=100)
    left_out: list[Text] = Field([], max_length=100)
    carry_arrears: bool = True
    reason: Annotated[str, Field(max_length=200)] | None = None


class SchoolYearBody(_Body):
    """A new school year: who is in the last grade leaves, the others move up."""

    site_id: Text
    last_grade: Annotated[int, Field(ge=1, le=20)]
    named: dict[str, Text | None] = Field({}, max_length=500)
    """Classes whose new name a rule cannot tell; null: they leave."""


class _RolledBackError(Exception):
    pass


def router(database: Database) -> APIRouter:
    """POST /fees, /rounds/next and /school-years, GET /rounds/exempt."""
    routes = APIRouter(tags=["rounds"])

    @routes.post("/fees")
    async def post_fee(body: FeeBody, caller: CallerHere, check: bool = False, partial: bool = False) -> Response:
        rule = FeeRule(
            site_id=body.site_id, round=body.round, fee_kind=body.fee_kind, purpose=body.purpose, price=body.price,
            days=body.days, due_on=body.due_on, issued_on=body.issued_on, period=body.period,
        )  # fmt: skip
        whom = Whom(body.groups, body.grades, body.payer_codes)
        adjustments = [each.adjustment(number) for number, each in enumerate(body.adjustments, start=1)]
        act = act_of(caller, "fee", body.reason)
        return await _run(
            database, caller, body.site_id, check, partial,
            lambda connection: run_rule(connection, rule, whom, adjustments, act, carry_arrears=body.carry_arrears),
        )  # fmt: skip

    @routes.post("/rounds/next")
    async def post_next(body: NextRoundBody, caller: CallerHere, check: bool = False, partial: bool = False) -> Response:
        wanted = NextRound(
            site_id=body.site_id, round=body.round, due_on=body.due_on, period=body.period, issued_on=body.issued_on,
            days=body.days, purposes=body.purposes, left_out=frozenset(body.left_out),
        )  # fmt: skip
        act = act_of(caller, "next_round", body.reason)
        return await _run(
            database, caller, body.site_id, check, partial,
            lambda connection: run_next_round(
                connection, body.last_round, wanted, act, carry_arrears=body.carry_arrears
            ),
        )  # fmt: skip

    @routes.get("/rounds/exempt")
    async def exempt(caller: CallerHere, site: str, round_: Annotated[str, Query(alias="round")]) -> list[dict[str, Any]]:
        """Of whom a round asked nothing."""
        caller.require_site(site)
        async with database.reading() as connection:
            return await store.exempt_of_round(connection, site, round_)

    @routes.post("/school-years")
    async def post_school_year(
        body: SchoolYearBody, caller: CallerHere, key: IdempotencyKey, check: bool = False
    ) -> dict[str, Any]:
        """Move classes up, once for the key; `check` says how they would be called."""
        caller.require_site(body.site_id)

        async def act(connection: Connection) -> dict[str, Any]:
            await lock_sites(connection, [body.site_id])
            payers = await store.active_payers(connection, body.site_id)
            planned = moves(sorted({payer.group for payer in payers if payer.group}), body.last_grade, body.named)
            moved = 0 if check else await store.move_up(connection, body.site_id, planned)
            return {"moves": planned, "payers": moved}

        if check:
            async with database.transaction() as connection:
                return await act(connection)
        return await run_once(database, caller, key, body.model_dump(mode="json"), act)

    return routes


async def _run(
    database: Database,
    caller: Caller,
    site_id: str,
    check: bool,
    partial: bool,
    run: Callable[[Connection], Awaitable[RuleReport]],
) -> Response:
    caller.require_site(site_id)
    report = RuleReport()
    try:
        async with database.transaction() as connection:
            report = await run(connection)
            if check or (report.notices.rejected and not partial):
                raise _RolledBackError  # noqa: TRY301 - the way to roll back
    except _RolledBackError:
        if report.notices.rejected and not partial:
            report.notices.nothing_kept()
    return report_response("notices", report, partial=partial)
