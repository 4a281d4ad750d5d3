"""Takes a list in, shows what was understood of it, and issues it: the preview and the issue are the same run."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from services.notices import words
from services.notices.drafts import store
from services.notices.drafts.headings import FEE, UNKNOWN, Layout, layout_of
from services.notices.drafts.lines import DraftLine, DraftSettings, Reader, Trouble, troubles_of
from services.notices.drafts.sheets import Sheet, column_of, letters_of
from services.notices.drafts.store import Draft
from services.notices.fees import store as fee_store
from services.notices.fees.model import ALL_SITES
from services.notices.issuing import ROWS_AT_ONCE, Issuer
from services.notices.notice_rows import COLUMNS, NoticeParser
from services.notices.reports import NoticeReport
from services.notices.rounds import store as round_store
from services.notices.store import Act
from shared import clock
from shared.runtime.postgres import PASSING_ERRORS
from shared.runtime.tables import TableError, broken_file, text_records
from shared.runtime.workbooks import WorkbookError, is_workbook, unpack_workbook

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection, Database

log = structlog.get_logger()

BYTES_MAX = 8 * 1024 * 1024
SHEETS_MAX = 60
"""Classes of one school."""
ROWS_MAX = 6_000
COLUMNS_MAX = 60
SHOWN_MAX = 200
FORGETTING_EVERY_S = 3600
_GIVEN = frozenset(column.name for column in COLUMNS) - {"status", "cancelled_on", "reference", "virtual_account"}


@dataclass(slots=True)
class Preview:
    """What was understood, and what issuing it would do."""

    report: NoticeReport = field(default_factory=NoticeReport)
    sheets: list[dict[str, Any]] = field(default_factory=list)
    lines: list[DraftLine] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    amount: int = 0
    refused: set[int] = field(default_factory=set)
    """The numbers of lines that cannot be issued as they are."""

    @property
    def sound(self) -> list[DraftLine]:
        """The lines that can be issued."""
        return [line for line in self.lines if line.asked.row not in self.refused]

    def to_json(self) -> dict[str, Any]:
        """For the accountant's eyes."""
        return {
            "sheets": self.sheets,
            "problems": [
                {
                    "sheet": each.sheet,
                    "row": each.row,
                    "cell": each.cell,
                    "column": each.column,
                    "problem": each.problem,
                    "words": words.problem(each.problem),
                    "group": each.group,
                }
                for each in self.troubles
            ],
            "totals": {
                "payers": len({line.asked.payer_code for line in self.sound}),
                "notices": len(self.sound),
                "amount": sum(line.asked.amount for line in self.sound),
                "new_or_changed": self.report.accepted,
                "unchanged": self.report.unchanged,
            },
            "changed": [
                {"notice_id": each.notice_id, "columns": list(each.columns)} for each in self.report.changed[:SHOWN_MAX]
            ],
            "notices": [_shown(line) for line in self.lines[:SHOWN_MAX]],
        }


async def forget_old_drafts(database: Database) -> None:
    """Every hour, for ever: drafts hold names, and a week is long enough."""
    while True:
        try:
            async with database.transaction() as connection:
                forgotten = await store.drop_old(connection, clock.now())
            if forgotten:
                log.info("drafts_forgotten", drafts=forgotten)
        except PASSING_ERRORS as error:
            log.warning("drafts_not_forgotten", error=type(error).__name__)
        await asyncio.sleep(FORGETTING_EVERY_S)


def read_sheets(file: Path, folder: Path) -> list[Sheet]:
    """A file's visible sheets as text; in a thread. Raises TableError."""
    if file.stat().st_size > BYTES_MAX:
        raise broken_file(f"the file is larger than {BYTES_MAX // 2**20} MiB; send a class at a time")
    with file.open("rb") as stream:
        start = stream.read(8)
    if not is_workbook(start):
        return [_bounded(Sheet("", [record for _, record in text_records(file)]))]
    try:
        sheets = unpack_workbook(file, folder, rows_max=ROWS_MAX, sheets_max=SHEETS_MAX)
    except WorkbookError as error:
        raise broken_file(str(error)) from error
    found = []
    for each in sheets:
        with each.path.open(encoding="utf-8", newline="") as text:
            found.append(_bounded(Sheet(each.name, list(csv.reader(text)))))
    if sum(len(sheet.rows) for sheet in found) > ROWS_MAX:
        raise broken_file(f"the sheets have more than {ROWS_MAX} rows; send a class at a time")
    return found


def without_what_is_nobodys_business(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The sheets without birthdays, ethnicity and the like, which are not even kept."""
    kept = []
    for sheet in sheets:
        layout = layout_of(sheet, (), {})
        kept.append(sheet if layout is None else sheet.without(layout.ignored, layout.header_row))
    return kept


async def run(connection: Connection, draft: Draft, act: Act, parser: NoticeParser) -> Preview:
    """Understand a draft and issue it in the transaction of its connection; who only wants to see it rolls back."""
    kinds = await fee_store.of_sites(connection, [ALL_SITES, draft.site_id])
    payers = await round_store.active_payers(connection, draft.site_id)
    reader = Reader(draft.site_id, settings_of(draft), kinds, payers, parser)
    preview = Preview()
    for sheet in draft.sheets:
        corrected = sheet.corrected(draft.corrections.cells.get(sheet.name, {}))
        told = {column_of(letters): means for letters, means in draft.corrections.meanings.get(sheet.name, {}).items()}
        layout = layout_of(corrected, kinds, told)
        preview.sheets.append(_sheet_shown(sheet.name, layout))
        if layout is not None:
            reader.read(corrected, layout, draft.corrections.left_out.get(sheet.name, ()))
    preview.lines, preview.troubles = reader.understood.lines, reader.understood.troubles
    if not any(sheet["header_row"] for sheet in preview.sheets):
        preview.troubles.append(Trouble("", 1, "A1", "file", "no row of headings was found that names who pays"))
    issuer = Issuer(connection, act, new_groups=settings_of(draft).new_groups)
    for start in range(0, len(preview.lines), ROWS_AT_ONCE):
        lines = preview.lines[start : start + ROWS_AT_ONCE]
        plan = await issuer.issue([line.asked for line in lines], _GIVEN)
        preview.report.add(plan)
        preview.amount += sum(change.notice.amount for change in plan.changes)
        preview.refused |= {each.row for each in plan.rejected}
        preview.troubles += troubles_of(plan.rejected, lines)
    preview.troubles.sort(key=lambda each: (each.sheet, each.row, each.cell))
    return preview


def settings_of(draft: Draft) -> DraftSettings:
    """A draft's settings as values."""
    told = dict(draft.settings)
    for name in ("due_on", "issued_on"):
        if told.get(name):
            told[name] = date.fromisoformat(told[name])
    return DraftSettings(**told)


def _bounded(sheet: Sheet) -> Sheet:
    if len(sheet.rows) > ROWS_MAX:
        raise broken_file(f"the file has more than {ROWS_MAX} rows; send a class at a time", ROWS_MAX + 1)
    if any(len(row) > COLUMNS_MAX and any(row[COLUMNS_MAX:]) for row in sheet.rows):
        raise broken_file(f"a row has more than {COLUMNS_MAX} columns; leave out what is not needed")
    # Empty rows below the list say nothing, but rows keep their numbers.
    rows = [list(row[:COLUMNS_MAX]) for row in sheet.rows]
    while rows and not any(rows[-1]):
        rows.pop()
    return Sheet(sheet.name, rows)


def _sheet_shown(name: str, layout: Layout | None) -> dict[str, Any]:
    if layout is None:
        return {"name": name, "header_row": None, "group": None, "columns": [], "not_understood": []}
    return {
        "name": name,
        "header_row": layout.header_row,
        "group": layout.group,
        "columns": [
            {
                "place": letters_of(each.column),
                "heading": each.heading,
                "means": each.means,
                **({"fee_kind": each.fee_kind} if each.means == FEE else {}),
            }
            for each in layout.meanings
            if each.means != UNKNOWN
        ],
        "not_understood": [
            {"place": letters_of(each.column), "heading": each.heading} for each in layout.meanings if each.means == UNKNOWN
        ],
    }


def _shown(line: DraftLine) -> dict[str, Any]:
    asked = line.asked
    return {
        "sheet": line.sheet,
        "row": line.row,
        "cell": line.cell,
        "notice_id": asked.notice_id,
        "payer_code": asked.payer_code.reveal(),
        "payer_name": asked.payer_name.reveal(),
        "group": asked.group,
        "purpose": asked.purpose,
        "fee_kind": asked.fee_kind,
        "amount": asked.amount,
        "due_on": asked.due_on.isoformat(),
        "terms": None if asked.terms is None else asked.terms.to_json(),
    }


__all__ = ["Preview", "TableError", "read_sheets", "run", "settings_of", "without_what_is_nobodys_business"]
