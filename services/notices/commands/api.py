"""Commands on notices: a batch by another system, one by a cashier or officer, an amendment with its reason."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from services.notices import views
from services.notices.bills.api import link_of
from services.notices.commands.issue import act_of, amend, bill_of_change, issue_items, run_once
from services.notices.fees import store as fee_store
from services.notices.fees.model import ALL_SITES
from services.notices.health import HEALTH_PURPOSE
from services.notices.notice_rows import NoticeParser
from services.notices.reports import NoticeReport
from shared import clock
from shared.runtime.auth import CallerHere
from shared.runtime.commands import expected_version, idempotency_key
from shared.runtime.problems import Problem
from shared.runtime.uploads import report_response

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection, Database

ITEMS_MAX = 2_000
"""Of one request, whose body is limited; more come in further requests, or in a file."""
_IDS: Final = uuid.UUID("0d0c2a6e-9c1f-5b57-8f0a-4b484f503032")
"""Under it a notice without an id of its own gets one from its command's Idempotency-Key: asked again it is the same notice."""

IfMatch = Annotated[int, Depends(expected_version)]
IdempotencyKey = Annotated[str, Depends(idempotency_key)]


class Batch(BaseModel):
    """Notices of another system, with its own ids; each item has the columns of a file."""

    model_config = ConfigDict(extra="forbid")
    notices: list[dict[str, Any]] = Field(min_length=1, max_length=ITEMS_MAX)
    reason: str | None = Field(None, max_length=200)


class Amendment(BaseModel):
    """What shall be different in a notice, by column, and why."""

    model_config = ConfigDict(extra="forbid")
    changes: dict[str, Any] = Field(min_length=1, max_length=30)
    reason: str = Field(min_length=1, max_length=200)


class _RefusedError(Exception):
    """Rolls a batch back: one of its items was refused."""


def router(database: Database, people_key: bytes, public_url: str | None) -> APIRouter:
    """POST /notices, POST /sites/{site_id}/notices, PATCH /notices/{notice_id}."""
    routes = APIRouter(tags=["commands"])

    @routes.post("/notices")
    async def post_batch(
        body: Batch, caller: CallerHere, site: str | None = None, check: bool = False, partial: bool = False
    ) -> Response:
        """Issue or correct notices: all or, unless `partial`, none. Sent again it changes nothing: ids are the sender's."""
        act = act_of(caller, "post", body.reason)
        report = NoticeReport()
        try:
            async with database.transaction() as connection:
                report, _ = await issue_items(connection, body.notices, caller, act, NoticeParser(site, people_key))
                if check or (report.rejected and not partial):
                    raise _RefusedError  # noqa: TRY301 - the way to roll back
        except _RefusedError:
            if report.rejected and not partial:
                report.nothing_kept()
        return report_response("notices", report, partial=partial)

    @routes.post("/sites/{site_id}/notices", status_code=201)
    async def post_one(
        request: Request, site_id: str, item: dict[str, Any], caller: CallerHere, key: IdempotencyKey
    ) -> dict[str, Any]:
        """One notice in one line: payer_code, payer_name, amount and fee_kind are enough. Answers with its bill to show."""
        caller.require_site(site_id)
        base_url = public_url or str(request.base_url)

        async def act(connection: Connection) -> dict[str, Any]:
            told = await _with_defaults(connection, site_id, item, f"{caller.person}/{key}")
            parser = NoticeParser(site_id, people_key)
            report, changes = await issue_items(connection, [told], caller, act_of(caller, "issue"), parser)
            if report.rejected:
                first = report.rejected[0]
                raise Problem(422, "refused", f"{first.column}: {first.problem}", column=first.column)
            if not changes:
                raise Problem(409, "known", "a notice with this id stands already, and says the same")
            bill = await bill_of_change(connection, changes[0])
            assert bill is not None
            slip = bill.slip(clock.local_day(clock.now()))
            return {
                **changes[0].notice.model_dump(mode="json"),
                "bill": {
                    "reference": bill.reference,
                    "left": bill.left(),
                    "memo": None if slip is None else slip.payee.memo(slip.reference),
                    "payload": None if slip is None else slip.payload,
                    "link": link_of(bill.link_token, base_url),
                },
            }

        return await run_once(database, caller, key, {"site": site_id, **item}, act)

    @routes.patch("/notices/{notice_id:path}")
    async def patch(notice_id: str, body: Amendment, caller: CallerHere, version: IfMatch) -> dict[str, Any]:
        """Amend a notice: a new version, kept with who and why."""
        async with database.transaction() as connection:
            act = act_of(caller, "amend", body.reason)
            parser = NoticeParser(None, people_key)
            await amend(connection, notice_id, version, body.changes, caller, act, parser)
            found = await views.one_notice(connection, notice_id)
        assert found is not None
        return {**found[0].model_dump(mode="json"), "paid": found[1]}

    return routes


async def _with_defaults(connection: Connection, site_id: str, item: dict[str, Any], key: str) -> dict[str, Any]:
    """What a cashier need not type: an id, the day, and what the fee kind or the site already says."""
    today = clock.local_day(clock.now())
    told = {"notice_id": str(uuid.uuid5(_IDS, f"{site_id}/{key}")), "due_on": today.isoformat(), **item, "site_id": site_id}
    if told.get("purpose"):
        return told
    site = (await views.sites(connection, [site_id])).get(site_id)
    if site is not None and site.type == "health":
        return {**told, "purpose": HEALTH_PURPOSE}
    kinds = await fee_store.of_sites(connection, [ALL_SITES, site_id])
    named = [kind for kind in kinds if kind.fee_kind == told.get("fee_kind") and kind.holds_on(today)]
    own = sorted(named, key=lambda kind: kind.site_id == ALL_SITES)
    return {**told, "purpose": own[0].name} if own else told
