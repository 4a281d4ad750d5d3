"""POST /statements/{account} takes a file; beside it what was taken, and the headings that an account's tables bear."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import asdict
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from services.ingest import store as ingest_store
from services.ingest.model import site_at
from services.ingest.statements import store
from services.ingest.statements.layouts import FIELDS, is_complete
from services.ingest.statements.layouts import Field as LayoutField
from services.ingest.statements.model import StatementError
from services.ingest.statements.store import UploadedFile
from services.ingest.statements.taking import Taken, take_file
from shared import clock
from shared.accounts import AccountError, normal_account
from shared.runtime.auth import Caller, CallerHere
from shared.runtime.outbox import EventTooLargeError
from shared.runtime.postgres import Database
from shared.runtime.problems import Problem
from shared.runtime.uploads import uploaded_file

log = structlog.get_logger()

AccountPath = Annotated[str, Path(max_length=64)]
Balance = Annotated[int | None, Query(ge=-(10**15), le=10**15)]
FILE_TYPES = (
    "application/octet-stream", "text/csv", "application/xml", "text/plain",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)  # fmt: skip


class LayoutSettings(BaseModel):
    """For each field the heading of its column in the account's files."""

    model_config = ConfigDict(extra="forbid")

    headings: dict[LayoutField, Annotated[str, Field(min_length=1, max_length=200)]] = Field(min_length=2)


def router(database: Database) -> APIRouter:
    """The routes of statements."""
    routes = APIRouter(tags=["statements"])

    @routes.post(
        "/statements/{account}",
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {each: {"schema": {"type": "string", "format": "binary"}} for each in FILE_TYPES},
            }
        },
        response_model=None,
        responses={422: {"description": "The file cannot be taken; `rejected` names the places."}},
    )
    async def post_statement(
        account: AccountPath, request: Request, caller: CallerHere, opening: Balance = None, closing: Balance = None
    ) -> dict[str, Any]:
        """Take CSV, XLSX, MT940 or CAMT.053, as the body or as a form's file; the same file again changes nothing.

        `opening` and `closing` are needed only where a table names no balances at all.
        """
        number = await _own_account(database, caller, account)
        file = UploadedFile(await _content(request), caller.person, clock.now())
        try:
            taken = await take_file(database, number, file, opening=opening, closing=closing)
        except StatementError as error:
            log.warning("statement_refused", account=number, places=[f"{each.row}/{each.column}" for each in error.faults])
            first = error.faults[0]
            raise Problem(
                422,
                "statement_refused",
                f"row {first.row}, column {first.column}: {first.problem}",
                rejected=[asdict(each) for each in error.faults],
            ) from error
        except EventTooLargeError as error:
            raise Problem(422, "statement_too_long", "the statement has too many lines; export it in parts") from error
        log.info("statement_taken", account=number, lines=dict(taken.outcomes), unchanged=taken.unchanged)
        return _shown(taken)

    @routes.get("/statements/{account}")
    async def list_statements(
        account: AccountPath, caller: CallerHere, limit: Annotated[int, Query(ge=1, le=1_000)] = 100
    ) -> list[dict[str, Any]]:
        """The account's statements, newest first, with gaps and overlaps and without their lines."""
        number = await _own_account(database, caller, account)
        async with database.reading() as connection:
            return await store.of_account(connection, number, limit)

    @routes.get("/statements/{account}/layout")
    async def get_layout(account: AccountPath, caller: CallerHere) -> dict[str, Any]:
        """The headings that were learned for the account's tables; none before its first one."""
        number = await _own_account(database, caller, account)
        async with database.reading() as connection:
            return {"account": number, "headings": await store.layout_of(connection, number) or {}, "fields": FIELDS}

    @routes.put("/statements/{account}/layout")
    async def put_layout(account: AccountPath, settings: LayoutSettings, caller: CallerHere) -> dict[str, Any]:
        """Say once which heading of the account's tables is what."""
        number = await _own_account(database, caller, account)
        if not is_complete(settings.headings):
            raise Problem(400, "invalid_request", "headings: a date and either debit and credit or an amount are needed")
        headings: Mapping[LayoutField, str] = settings.headings
        async with database.transaction() as connection:
            await store.learn_layout(connection, number, headings)
        return {"account": number, "headings": headings, "fields": FIELDS}

    return routes


async def _own_account(database: Database, caller: Caller, account: str) -> str:
    """The account in its normal form; raises Problem where it cannot be one or belongs to another's site."""
    try:
        number = normal_account(account)
    except AccountError as error:
        raise Problem(400, "invalid_request", f"account: {error}") from error
    if caller.sites is not None:
        async with database.reading() as connection:
            owners = await ingest_store.sites_of(connection, {number})
        caller.require_site(site_at(owners, number, clock.now()))
    return number


async def _content(request: Request) -> bytes:
    """The file: the whole body, or the one file of a form. Limited before a form is taken apart."""
    content = await uploaded_file(request, or_form=True)
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return content

    async def whole() -> AsyncGenerator[bytes, None]:
        yield content

    try:
        form = await MultiPartParser(request.headers, whole(), max_files=1, max_fields=10).parse()
    except (MultiPartException, KeyError) as error:
        raise Problem(400, "invalid_request", "the form cannot be read") from error
    for value in form.values():
        if not isinstance(value, str):
            return await value.read()
    raise Problem(400, "invalid_request", "the form holds no file")


def _shown(taken: Taken) -> dict[str, Any]:
    return {
        "statements": [each.model_dump(mode="json") for each in taken.statements],
        "lines": sum(len(each.lines) for each in taken.statements),
        "new": taken.outcomes["new"] + taken.outcomes["doubtful"],
        "doubtful": taken.outcomes["doubtful"],
        "known": taken.outcomes["known"],
        "differs": taken.outcomes["differs"],
        "unchanged": taken.unchanged == len(taken.statements),
    }
