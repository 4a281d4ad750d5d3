"""Drafts over HTTP: drop a list in, see what was understood, put named cells right, issue."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import uuid_utils.compat as uuid
from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from services.notices.commands.issue import act_of
from services.notices.drafts import store
from services.notices.drafts.headings import MEANINGS
from services.notices.drafts.running import Preview, read_sheets, run, without_what_is_nobodys_business
from services.notices.drafts.sheets import cell_of
from services.notices.drafts.store import Corrections, Draft
from services.notices.notice_rows import NoticeParser
from services.notices.sites import UNKNOWN_SITE, await_sites
from services.notices.store import Act, lock_sites
from shared import clock
from shared.runtime.auth import Caller, CallerHere
from shared.runtime.commands import check_version, expected_version, idempotency_key, once
from shared.runtime.problems import Problem
from shared.runtime.tables import TableError
from shared.runtime.uploads import file_on_disk

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection, Database

CORRECTIONS_MAX = 2_000
LISTED_MAX = 100
Text = Annotated[str, Field(min_length=1, max_length=200)]
IfMatch = Annotated[int, Depends(expected_version)]
IdempotencyKey = Annotated[str, Depends(idempotency_key)]
FileName = Annotated[str | None, Header(alias="X-Filename", max_length=200)]
CHANGED_SINCE = "bản nháp đã được sửa từ khi bạn mở; xin xem lại rồi phát hành"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SettingsBody(_Body):
    """What is said once for the whole list."""

    round: Text
    due_on: date
    period: Text | None = None
    issued_on: date | None = None
    fee_kind: Text | None = None
    purpose: Text | None = None
    codes_by_name: bool = False
    new_groups: list[Text] = Field([], max_length=500)
    """Classes that no payer of the school is in yet, and that are no slip."""


class NewDraft(SettingsBody):
    """The same, and for which site: all that an address says beside the file."""

    site: Text

    def settings(self) -> SettingsBody:
        """Without the site."""
        return SettingsBody(**self.model_dump(exclude={"site"}))


class CellBody(_Body):
    """Another text for one cell, named as the spreadsheet names it."""

    sheet: str = Field("", max_length=100)
    cell: str = Field(pattern=r"^[A-Za-z]{1,2}[1-9]\d{0,4}$")
    value: str = Field(max_length=500)


class RowBody(_Body):
    """A row that asks nothing, or that asks again."""

    sheet: str = Field("", max_length=100)
    row: Annotated[int, Field(ge=1, le=100_000)]
    left_out: bool = True


class ColumnBody(_Body):
    """What a column is."""

    sheet: str = Field("", max_length=100)
    column: str = Field(pattern=r"^[A-Z]{1,2}$")
    means: str = Field(max_length=50)
    fee_kind: Text | None = None


class CorrectionBody(_Body):
    """What a person puts right."""

    settings: SettingsBody | None = None
    cells: list[CellBody] = Field([], max_length=CORRECTIONS_MAX)
    rows: list[RowBody] = Field([], max_length=CORRECTIONS_MAX)
    columns: list[ColumnBody] = Field([], max_length=CORRECTIONS_MAX)
    new_groups: list[Text] = Field([], max_length=500)
    """Classes that are new, besides those that the settings name."""


class _NotKeptError(Exception):
    """Ends a transaction of which nothing shall remain."""


class Drafts:
    """The life of a draft, apart from HTTP."""

    def __init__(self, database: Database, people_key: bytes) -> None:
        self.database = database
        self._people_key = people_key

    async def add(self, file: Path, site_id: str, settings: SettingsBody, caller: Caller, key: str, name: str | None) -> str:
        """Keep a list; returns its draft's id, the same for the same key. Raises Problem."""
        if site_id not in await await_sites(self.database, {site_id}):
            raise Problem(404, "unknown_site", UNKNOWN_SITE)
        with tempfile.TemporaryDirectory(prefix="khop-draft-") as folder:
            try:
                sheets = await asyncio.to_thread(read_sheets, file, Path(folder))
            except TableError as error:
                first = error.rejected[0]
                raise Problem(422, "unreadable", first.problem, row=first.row, column=first.column) from error
        kept = await asyncio.to_thread(without_what_is_nobodys_business, sheets)
        content = await asyncio.to_thread(file.read_bytes)
        draft = Draft(
            draft_id=str(uuid.uuid7()), version=1, site_id=site_id, person=caller.person, made_at=clock.now(),
            file_name=name, settings=settings.model_dump(mode="json"), sheets=kept, corrections=Corrections(),
        )  # fmt: skip

        async with self.database.transaction() as connection:

            async def act() -> dict[str, Any]:
                await store.add(connection, draft)
                return {"draft_id": draft.draft_id}

            request = f"{site_id}/{settings.model_dump_json()}/".encode() + content
            answer = await once(connection, f"{caller.person}/{key}", request, act)
        return str(answer["draft_id"])

    async def load(self, connection: Connection, draft_id: str, caller: Caller, *, lock: bool = False) -> Draft:
        """A draft of one of the caller's sites; raises Problem."""
        try:
            uuid.UUID(draft_id)
        except ValueError:
            raise Problem(404, "not_found", "no draft has this id") from None
        draft = await store.one(connection, draft_id, lock=lock)
        if draft is None:
            raise Problem(404, "not_found", "no draft has this id; one is kept for a week")
        caller.require_site(draft.site_id)
        return draft

    async def preview(self, draft_id: str, caller: Caller) -> dict[str, Any]:
        """The draft with what issuing it would do."""
        found: tuple[Draft, Preview] | None = None
        try:
            async with self.database.transaction() as connection:
                draft = await self.load(connection, draft_id, caller)
                if draft.issued_at is not None:
                    return _issued(draft)
                found = draft, await self._run(connection, draft, act_of(caller, "draft"))
                raise _NotKeptError  # noqa: TRY301 - the way to roll back
        except _NotKeptError:
            assert found is not None
            draft, preview = found
            return {**_head(draft), **preview.to_json()}

    async def correct(self, draft_id: str, version: int, body: CorrectionBody, caller: Caller) -> None:
        """Take up what a person put right. Raises Problem."""
        async with self.database.transaction() as connection:
            draft = await self.load(connection, draft_id, caller, lock=True)
            _require_open(draft, version)
            settings = dict(draft.settings if body.settings is None else body.settings.model_dump(mode="json"))
            settings["new_groups"] = sorted({*settings.get("new_groups", ()), *body.new_groups})
            await store.correct(connection, draft_id, settings, _merged(draft, body))

    async def issue(self, draft_id: str, version: int, caller: Caller, *, partial: bool) -> dict[str, Any]:
        """Issue a draft; once it is issued the answer stays the same. Raises Problem, which tells what the draft's preview does."""
        refused: dict[str, Any] | None = None
        try:
            async with self.database.transaction() as connection:
                draft = await self.load(connection, draft_id, caller, lock=True)
                if draft.issued_at is not None:
                    return _issued(draft)
                _require_open(draft, version)
                preview = await self._run(connection, draft, act_of(caller, "draft", draft.file_name))
                if preview.troubles and not partial:
                    refused = {**_head(draft), **preview.to_json()}
                    raise _NotKeptError  # noqa: TRY301 - the way to roll back
                answer = {
                    "accepted": preview.report.accepted,
                    **preview.to_json()["totals"],
                    "amount_issued": preview.amount,
                }
                await store.issued(connection, draft_id, clock.now(), answer)
        except _NotKeptError:
            assert refused is not None
            first = refused["problems"][0]
            detail = f"{first['sheet'] or 'row'} {first['cell']}, {first['column']}: {first['problem']}"
            raise Problem(422, "rows_rejected", detail, **refused) from None
        return {"draft_id": draft_id, "state": "issued", "version": draft.version + 1, **answer}

    async def drop(self, draft_id: str, caller: Caller) -> None:
        """Forget a draft."""
        async with self.database.transaction() as connection:
            draft = await self.load(connection, draft_id, caller, lock=True)
            await store.drop(connection, draft.draft_id)

    async def _run(self, connection: Connection, draft: Draft, act: Act) -> Preview:
        await lock_sites(connection, [draft.site_id])
        return await run(connection, draft, act, NoticeParser(draft.site_id, self._people_key))


def router(database: Database, people_key: bytes) -> APIRouter:
    """POST /imports/drafts with a file's bytes; GET, PATCH and DELETE /drafts/{draft_id}, POST /drafts/{draft_id}/issue."""
    routes = APIRouter(tags=["drafts"])
    drafts = Drafts(database, people_key)

    @routes.post("/imports/drafts", status_code=201)
    async def post(
        request: Request, caller: CallerHere, key: IdempotencyKey, asked: Annotated[NewDraft, Query()], name: FileName = None
    ) -> dict[str, Any]:
        """A file's bytes in, what was understood out; nothing is issued yet."""
        caller.require_site(asked.site)
        async with file_on_disk(request) as file:
            draft_id = await drafts.add(file, asked.site, asked.settings(), caller, key, name)
        return await drafts.preview(draft_id, caller)

    @routes.get("/drafts")
    async def listed(caller: CallerHere, site: str) -> list[dict[str, Any]]:
        """The newest drafts of a site."""
        caller.require_site(site)
        async with database.reading() as connection:
            return await store.of_site(connection, site, clock.now() - store.KEPT_FOR, LISTED_MAX)

    @routes.get("/drafts/{draft_id}")
    async def read(draft_id: str, caller: CallerHere) -> dict[str, Any]:
        return await drafts.preview(draft_id, caller)

    @routes.patch("/drafts/{draft_id}")
    async def patch(draft_id: str, body: CorrectionBody, caller: CallerHere, version: IfMatch) -> dict[str, Any]:
        """Put cells, rows, columns or settings right; answers with what is understood now."""
        await drafts.correct(draft_id, version, body, caller)
        return await drafts.preview(draft_id, caller)

    @routes.post("/drafts/{draft_id}/issue")
    async def issue(draft_id: str, caller: CallerHere, version: IfMatch, partial: bool = False) -> dict[str, Any]:
        """Issue it: all or, unless `partial`, nothing."""
        return await drafts.issue(draft_id, version, caller, partial=partial)

    @routes.delete("/drafts/{draft_id}", status_code=204)
    async def delete(draft_id: str, caller: CallerHere) -> None:
        await drafts.drop(draft_id, caller)

    return routes


def _require_open(draft: Draft, version: int) -> None:
    if draft.issued_at is not None:
        raise Problem(409, "issued", "this draft was issued; amend its notices instead")
    check_version(version, draft.version, CHANGED_SINCE)


def _merged(draft: Draft, body: CorrectionBody) -> Corrections:
    """The corrections so far with new ones over them; raises Problem."""
    cells = {sheet: dict(told) for sheet, told in draft.corrections.cells.items()}
    for cell in body.cells:
        cell_of(cell.cell)
        cells.setdefault(cell.sheet, {})[cell.cell.upper()] = cell.value
    left_out = {sheet: set(rows) for sheet, rows in draft.corrections.left_out.items()}
    for row in body.rows:
        rows = left_out.setdefault(row.sheet, set())
        rows.add(row.row) if row.left_out else rows.discard(row.row)
    meanings = {sheet: dict(told) for sheet, told in draft.corrections.meanings.items()}
    for column in body.columns:
        if column.means not in MEANINGS:
            raise Problem(400, "unknown_meaning", f"means must be one of {', '.join(sorted(MEANINGS))}")
        meanings.setdefault(column.sheet, {})[column.column] = (column.means, column.fee_kind)
    unknown = ({*cells, *left_out, *meanings}) - {sheet.name for sheet in draft.sheets}
    if unknown:
        raise Problem(400, "unknown_sheet", "no sheet of this draft has that name")
    merged = Corrections(cells, {sheet: sorted(rows) for sheet, rows in left_out.items()}, meanings)
    if sum(map(len, merged.cells.values())) > CORRECTIONS_MAX:
        raise Problem(
            413, "too_many_corrections", "so many cells are wrong that the list is better corrected and sent again"
        )
    return merged


def _head(draft: Draft) -> dict[str, Any]:
    return {
        "draft_id": draft.draft_id,
        "version": draft.version,
        "state": "open",
        "site_id": draft.site_id,
        "file_name": draft.file_name,
        "settings": dict(draft.settings),
        "expires_at": (draft.made_at + store.KEPT_FOR).isoformat(),
    }


def _issued(draft: Draft) -> dict[str, Any]:
    answer: Mapping[str, Any] = draft.answer or {}
    return {"draft_id": draft.draft_id, "state": "issued", "version": draft.version, **answer}
