"""What may be asked of the figures: shares of any range, every figure over time, campaigns, and the tables beside them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from services.adoption import campaigns as told_campaigns
from services.adoption import context as told_context
from services.adoption import queries, series, table_store
from services.adoption.metrics import METRICS
from services.adoption.model import Range
from shared import clock
from shared.events.adoption import ALL, Window
from shared.runtime.auth import AdminHere, Caller, CallerHere
from shared.runtime.postgres import Database
from shared.runtime.problems import Problem
from shared.runtime.uploads import report_response, uploaded_file

EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
"""No day outside these is a day of any figure; a question about one is a slip of the pen."""
VIEWER = "viewer"
"""The role that is shown no figure of fewer than five payers."""

FromDay = Annotated[date, Query(alias="from")]


def router(database: Database) -> APIRouter:
    """The routes of figures."""
    routes = APIRouter(tags=["figures"])

    @routes.get("/shares")
    async def shares(caller: CallerHere, by: queries.By, from_: FromDay, to: date) -> list[dict[str, Any]]:
        """Shares by count, value and payers, both days included; null where nothing was applied to a fee."""
        days = _checked(from_, to)
        async with database.reading() as connection:
            found = await queries.shares_between(connection, by, days.starts_on, days.ends_on, caller.sites_within())
        return [queries.withheld(each) for each in found] if _withholds_small(caller) else found

    @routes.get("/metrics-series")
    async def metrics_series(
        caller: CallerHere,
        metric: str,
        by: series.By,
        from_: FromDay,
        to: date,
        window: Window = "30d",
        scope: str | None = None,
        site_type: str = ALL,
        fee_kind: str = ALL,
        carried: bool = False,
    ) -> dict[str, Any]:
        """A figure over time, by the windows' last days; `scope` narrows to one code, `carried` joins units across mergers."""
        definition = series.DEFINITIONS.get(metric)
        if definition is None:
            known = ", ".join(each.name for each in METRICS)
            raise Problem(400, "invalid_request", f"metric: must be one of {known}")
        if caller.sites is not None and by != "site":
            raise Problem(403, "not_your_site", "a caller who is bound to sites may ask by site only")
        question = series.Question(
            metric=metric, by=by, days=_checked(from_, to), window=window, code=scope, site_type=site_type, fee_kind=fee_kind,
            carried=carried, sites=caller.sites_within(), withhold_small=_withholds_small(caller),
        )  # fmt: skip
        async with database.reading() as connection:
            try:
                found = await series.read_series(connection, question)
            except series.TooMuchError:
                raise Problem(400, "invalid_request", "too many points at once; ask for fewer days or one scope") from None
        return {
            "metric": metric, "unit": definition.unit, "by": by, "window": window,
            "numerator": definition.says, "denominator": definition.over, "series": [each.as_json() for each in found],
        }  # fmt: skip

    @routes.get("/campaigns")
    async def campaigns(caller: CallerHere) -> list[dict[str, Any]]:
        """Every campaign: shares before, during and after, there and elsewhere, with intervals and what may be said of them."""
        _require_all_sites(caller)
        async with database.reading() as connection:
            return await told_campaigns.campaigns(connection, _today(), withhold_small=_withholds_small(caller))

    @routes.get("/context")
    async def context(
        caller: CallerHere, by: Literal["province", "district", "commune"] = "commune", on: date | None = None
    ) -> list[dict[str, Any]]:
        """Accounts, smartphones, digital groups and networks beside the share, with the source of each."""
        _require_all_sites(caller)
        async with database.reading() as connection:
            return await told_context.context(connection, by, on or _today(), withhold_small=_withholds_small(caller))

    return routes


def tables_router(database: Database) -> APIRouter:
    """The routes of the tables that no event tells."""
    routes = APIRouter(tags=["tables"])

    @routes.get("/transfer-fees")
    async def transfer_fees(_caller: CallerHere) -> list[dict[str, Any]]:
        """The dated table of what a transfer costs its sender, with the source of each row."""
        async with database.reading() as connection:
            rows = await table_store.transfer_fees(connection)
        return [{name: getattr(row, name) for name in row.__slots__} for row in rows]

    @routes.post("/imports/transfer-fees")
    async def import_transfer_fees(
        request: Request, _caller: AdminHere, check: bool = False, partial: bool = False
    ) -> Response:
        content = await uploaded_file(request)
        report = await table_store.run_import(database, table_store.FEES, content, check=check, partial=partial)
        return report_response("transfer-fees", report, partial=partial)

    @routes.post("/imports/context")
    async def import_context(request: Request, _caller: AdminHere, check: bool = False, partial: bool = False) -> Response:
        content = await uploaded_file(request)
        report = await table_store.run_import(database, table_store.TOLD, content, check=check, partial=partial)
        return report_response("context", report, partial=partial)

    return routes


def _checked(first: date, last: date) -> Range:
    if first > last:
        raise Problem(400, "invalid_request", "from must not be after to")
    if first < EARLIEST or last > LATEST:
        raise Problem(400, "invalid_request", f"dates must lie between {EARLIEST} and {LATEST}")
    return Range(first, last)


def _withholds_small(caller: Caller) -> bool:
    return caller.role == VIEWER


def _require_all_sites(caller: Caller) -> None:
    """What is told of whole units is not told to who is bound to some sites in them."""
    if caller.sites is not None:
        raise Problem(403, "not_your_site", "a caller who is bound to sites may not ask for whole units")


def _today() -> date:
    return clock.local_day(clock.now())
