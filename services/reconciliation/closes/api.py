"""Chốt đợt thu, chốt tháng: what one would say, what stands in its way, and signing it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import uuid_utils
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from services.reconciliation.closes import store
from services.reconciliation.closes.model import digest_of, month_figures, month_of
from services.reconciliation.commanding import IdempotencyKey, run_once
from services.reconciliation.days import store as day_store
from services.reconciliation.days.closing import require_complete
from services.reconciliation.paging import After, Limit, Page, Sites, page_of
from services.reconciliation.people import ACCOUNTANT, HEAD, READS, require_site, sites_of
from shared import clock
from shared.events.base import Id
from shared.runtime.auth import CallerHere
from shared.runtime.postgres import Connection, Database
from shared.runtime.problems import Problem

Kind = Literal["round", "month"]
Subject = Annotated[str, Query(min_length=1, max_length=200)]
NAMED_MAX = 50
SIGNS = frozenset({ACCOUNTANT, HEAD})


class Sign(BaseModel):
    """What is closed. The digest is that of the preview: what was read is what is signed."""

    model_config = ConfigDict(extra="forbid")
    site_id: Id
    kind: Kind
    subject: Annotated[str, Field(min_length=1, max_length=200)]
    """A round's name, or a month such as 2026-11."""
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Preview(BaseModel):
    """What a close would say, and what stands in its way (nothing: it may be signed)."""

    site_id: str
    kind: Kind
    subject: str
    first_day: date
    last_day: date
    figures: dict[str, Any]
    digest: str
    hindrances: dict[str, list[dict[str, Any]]]
    signed: dict[str, Any] | None


def router(database: Database) -> APIRouter:
    """The routes of closes."""
    routes = APIRouter(tags=["closes"])

    @routes.get("/closes")
    async def listed(
        caller: CallerHere, site: Sites, kind: Kind | None = None, after: After = "", limit: Limit = 50
    ) -> Page:
        """Signed closes in the order in which they were signed."""
        sites = sites_of(caller, site)
        async with database.reading() as connection:
            return page_of(await store.page(connection, sites, after, kind, limit + 1), limit, "close_id")

    @routes.get("/closes/preview")
    async def preview(
        caller: CallerHere, site: Annotated[str, Query(max_length=200)], kind: Kind, subject: Subject
    ) -> Preview:
        """What a close says now, and what was signed before, where it was."""
        require_site(caller, site, READS)
        async with database.reading() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            return await _preview(connection, site, kind, subject)

    @routes.post("/closes")
    async def sign(body: Sign, caller: CallerHere, key: IdempotencyKey) -> dict[str, Any]:
        """Sign a close, once; refused while a day under it is open or differs, which is named."""
        require_site(caller, body.site_id, SIGNS)

        async def act(connection: Connection) -> dict[str, Any]:
            await require_complete(connection)
            await day_store.lock(connection)
            found = await _preview(connection, body.site_id, body.kind, body.subject)
            if found.signed is not None:
                at = found.signed["signed_at"].astimezone(clock.LOCAL)
                raise Problem(412, "version_changed", f"đã được {found.signed['signed_by']} chốt lúc {at:%H:%M %d/%m/%Y}")
            if any(found.hindrances.values()):
                raise Problem(
                    409, "not_settled", _told(found.hindrances), days=found.hindrances["days"],
                    discrepancies=found.hindrances["discrepancies"],
                )  # fmt: skip
            if found.digest != body.digest:
                raise Problem(409, "figures_changed", "the figures are not those that were read any more; look at them again",
                              digest=found.digest)  # fmt: skip
            signed = await store.add(
                connection, str(uuid_utils.uuid7()), body.site_id, body.kind, body.subject, found.first_day, found.last_day,
                found.figures, found.digest, caller.person, clock.now(),
            )  # fmt: skip
            assert signed is not None, "the lock is held since it was looked for"
            return signed

        return await run_once(database, caller, key, body.model_dump_json(), act)

    return routes


async def _preview(connection: Connection, site_id: str, kind: Kind, subject: str) -> Preview:
    today = clock.local_day(clock.now())
    if kind == "month":
        try:
            first, last = month_of(subject)
        except ValueError as error:
            raise Problem(400, "invalid_request", f"subject: {error}") from error
        if last >= today:
            raise Problem(409, "not_over", "this month is not over")
        days = await store.days_of_month(connection, site_id, first, last)
        under = [(day["site_id"], day["account"], date.fromisoformat(day["date"])) for day in days]
        under = sorted({*under, *await store.expected_days(connection, site_id, first, last)})
        figures = month_figures(days)
    else:
        found = await store.round_figures(connection, site_id, subject)
        if not found.pop("of_any_kind"):
            raise Problem(404, "unknown_round", "no notice of this site belongs to such a round")
        under = await store.days_of_round(connection, site_id, subject)
        first, last = found.pop("first_day") or today, found.pop("last_day") or today
        figures = {**found, "outstanding": max(0, found["issued"] - found["collected"])}
    content = {"site_id": site_id, "kind": kind, "subject": subject, "figures": figures}
    return Preview(
        site_id=site_id, kind=kind, subject=subject, first_day=first, last_day=last, figures=figures,
        digest=digest_of(content), hindrances=await store.hindrances(connection, under, NAMED_MAX),
        signed=await store.one(connection, site_id, kind, subject),
    )  # fmt: skip


def _told(hindrances: dict[str, list[dict[str, Any]]]) -> str:
    days = [f"{each['date']} {each['account']} ({each['state']})" for each in hindrances["days"]]
    found = [f"{each['kind']} {each['date']}" for each in hindrances["discrepancies"]]
    return f"not settled: {'; '.join([*days, *found][:10])}"
