"""The files of khop evaluate, read row by row: a fault names file, row and column in one line."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from sys import intern
from typing import Final, TypeVar

from services.commands.errors import BAD_INPUT, CommandError
from services.matching.evaluation import FeeKindFact, NoticeRow, Transfer
from services.notices import notice_rows
from services.notices.fees.rows import COLUMNS as FEE_KIND_COLUMNS
from shared import clock
from shared.events.fees import Obligation
from shared.reference import normalize
from shared.runtime.cells import CellError, Cells
from shared.runtime.tables import Column, Row, normal_heading

NOTICE_COLUMNS = (*notice_rows.COLUMNS, Column("site_account", ("số tài khoản", "tài khoản đơn vị thu")))
TRANSFER_COLUMNS = (
    Column("transfer_id", ("mã giao dịch",), required=True),
    Column("account", ("tài khoản nhận", "tài khoản"), required=True),
    Column("virtual_account", ("tài khoản ảo", "tài khoản định danh")),
    Column("amount", ("số tiền",), required=True),
    Column("occurred_at", ("thời gian", "ngày giao dịch"), required=True),
    Column("memo", ("nội dung", "diễn giải")),
    Column("counter_name", ("người chuyển", "tên đối ứng")),
    Column("counter_account", ("tài khoản chuyển", "tài khoản đối ứng")),
    Column("counter_bank", ("ngân hàng chuyển", "ngân hàng đối ứng")),
    Column("direction", ("chiều",)),
)
OBLIGATIONS: Final[Mapping[str, Obligation]] = {"voluntary": "voluntary", "deposit": "deposit"}
"""By the nature of a fee kind; all others are owed."""
MEMO_LENGTH_MAX = 20_000
CELL_LENGTH_MAX = 200_000

Parsed = TypeVar("Parsed")


def read_notices(file: Path) -> list[NoticeRow]:
    """The notices of a file, each once."""
    found: dict[str, NoticeRow] = {}
    rows: dict[str, int] = {}
    for number, row in _rows(file, NOTICE_COLUMNS, _notice):
        if row.notice_id in found:
            raise _fault(file, number, "notice_id", f"the same as in row {rows[row.notice_id]}")
        found[row.notice_id], rows[row.notice_id] = row, number
    return list(found.values())


def read_transfers(file: Path) -> list[Transfer]:
    """The transfers of a file, in its order."""
    return [transfer for _, transfer in _rows(file, TRANSFER_COLUMNS, _transfer)]


def read_fee_kinds(file: Path) -> list[FeeKindFact]:
    """What kinds of fee are owed, and in which order they are settled."""
    return [fact for _, fact in _rows(file, FEE_KIND_COLUMNS, _fee_kind)]


def _rows(
    file: Path, columns: Sequence[Column], parse: Callable[[Cells, Mapping[str, str]], Parsed]
) -> Iterator[tuple[int, Parsed]]:
    csv.field_size_limit(CELL_LENGTH_MAX)
    number = 1
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text, strict=True)
            header = next(reader, None)
            if not header:
                raise CommandError(f"{file}: the file is empty", BAD_INPUT)
            places = _places(file, header, columns)
            for record in reader:
                number += 1
                if not any(record):
                    continue
                if len(record) > len(header):
                    raise _fault(file, number, "file", "more cells than headings; quote texts that hold the separator")
                cells = {name: record[place] if place < len(record) else "" for name, place in places.items()}
                try:
                    yield number, parse(Cells(Row(number, cells)), cells)
                except CellError as error:
                    raise _fault(file, number, error.column, error.problem) from error
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}", BAD_INPUT) from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is not text in UTF-8", BAD_INPUT) from error
    except csv.Error as error:
        raise _fault(file, number + 1, "file", f"not CSV: {error}") from error


def _places(file: Path, header: Sequence[str], columns: Sequence[Column]) -> dict[str, int]:
    headings = {normal_heading(each): column.name for column in columns for each in (column.name, *column.aliases)}
    found: dict[str, int] = {}
    for place, cell in enumerate(header):
        name = headings.get(normal_heading(cell))
        if name is not None and found.setdefault(name, place) != place:
            raise _fault(file, 1, name, "the column stands twice")
    for column in columns:
        if column.required and column.name not in found:
            raise _fault(file, 1, column.name, "the column is missing")
    return found


def _notice(cells: Cells, _raw: Mapping[str, str]) -> NoticeRow:
    reference = cells.optional_text("reference")
    cancelled_on = cells.optional_day("cancelled_on")
    status = cells.choice("status", notice_rows.STATUSES, default="open")
    return NoticeRow(
        notice_id=cells.text("notice_id"),
        site_id=intern(cells.text("site_id")),
        site_account=intern(cells.optional_text("site_account") or ""),
        payer_code=cells.optional_text("payer_code") or "",
        payer_name=cells.optional_text("payer_name") or "",
        group=intern(cells.optional_text("group") or ""),
        guardian_name=cells.optional_text("guardian_name") or "",
        guardian_phone=cells.optional_text("guardian_phone") or "",
        purpose=intern(cells.optional_text("purpose") or ""),
        period=intern(cells.optional_text("period") or ""),
        amount=cells.dong("amount"),
        issued_on=cells.optional_day("issued_on"),
        due_on=cells.day("due_on"),
        is_cancelled=status == "cancelled" and cancelled_on is None,
        cancelled_on=cancelled_on,
        reference="" if reference is None else normalize(reference) or reference,
        virtual_account=cells.optional_text("virtual_account"),
        fee_kind=intern(cells.optional_text("fee_kind") or "other"),
    )


def _transfer(cells: Cells, raw: Mapping[str, str]) -> Transfer:
    # What a bank wrote is taken as it is: a memo may hold anything.
    return Transfer(
        transfer_id=cells.text("transfer_id"),
        account=cells.text("account"),
        virtual_account=cells.optional_text("virtual_account"),
        amount=cells.dong("amount"),
        occurred_at=_moment(cells),
        memo=raw.get("memo", "")[:MEMO_LENGTH_MAX],
        counter_name=raw.get("counter_name", ""),
        counter_account=raw.get("counter_account", "").strip(),
        counter_bank=raw.get("counter_bank", "").strip(),
        is_money_in=cells.choice("direction", ("in", "out"), default="in") == "in",
    )


def _moment(cells: Cells) -> datetime:
    text = cells.text("occurred_at")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CellError("occurred_at", "not a time such as 2026-11-24T09:30:00+07:00") from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=clock.LOCAL)


def _fee_kind(cells: Cells, _raw: Mapping[str, str]) -> FeeKindFact:
    return FeeKindFact(
        site_id=cells.optional_text("site_id") or "",
        fee_kind=cells.text("fee_kind"),
        obligation=OBLIGATIONS.get(cells.optional_text("nature") or "", "due"),
        priority=cells.optional_count("priority"),
    )


def _fault(file: Path, row: int, column: str, problem: str) -> CommandError:
    return CommandError(f"{file}: row {row}, column {column}: {problem}", BAD_INPUT)
