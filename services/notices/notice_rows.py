"""Notices as rows of a file tell them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from shared.privacy import PayerCode, PersonName, Phone
from shared.reference import normalize
from shared.runtime.cells import CellError, Cells, read_rows, reject_repeated
from shared.runtime.tables import Column, Rejected, Table

STATUSES = ("open", "cancelled")
_CITIZEN_ID = re.compile(r"\d{12}", re.ASCII)
_PHONE = re.compile(r"\+?\d{8,15}", re.ASCII)
_PHONE_PUNCTUATION = re.compile(r"[\s.()-]+")

COLUMNS = (
    Column("notice_id", ("mã khoản thu",), required=True),
    Column("site_id", ("mã đơn vị thu", "mã trường"), required=True),
    Column("payer_code", ("mã học sinh", "mã người học", "mã người bệnh", "mã bệnh nhân", "mã người nộp"), required=True),
    Column("payer_name", ("họ và tên", "họ tên", "họ tên học sinh"), required=True),
    Column("group", ("lớp",)),
    Column("guardian_name", ("phụ huynh", "họ tên phụ huynh")),
    Column("guardian_phone", ("điện thoại phụ huynh", "số điện thoại", "điện thoại")),
    Column("purpose", ("nội dung", "nội dung thu"), required=True),
    Column("period", ("kỳ", "kỳ thu")),
    Column("amount", ("số tiền",), required=True),
    Column("issued_on", ("ngày phát hành", "ngày lập")),
    Column("due_on", ("hạn nộp",), required=True),
    Column("status", ("trạng thái",)),
    Column("cancelled_on", ("ngày hủy",)),
    Column("reference", ("mã thanh toán",)),
    Column("virtual_account", ("tài khoản ảo", "tài khoản định danh")),
    Column("fee_kind", ("loại khoản thu",)),
    Column("round", ("đợt thu",)),
    Column("unit_code", ("mã đơn vị hành chính", "mã xã", "mã thôn")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice as one row of a file tells it; None: the cell is empty."""

    row: int
    notice_id: str
    site_id: str
    payer_code: PayerCode
    payer_name: PersonName
    group: str | None
    guardian_name: PersonName | None
    guardian_phone: Phone | None
    purpose: str
    period: str | None
    amount: int
    issued_on: date | None
    due_on: date
    status: str
    cancelled_on: date | None
    reference: str | None
    virtual_account: str | None
    fee_kind: str | None
    round: str | None
    unit_code: str | None


def columns_for(default_site: str | None) -> tuple[Column, ...]:
    """The columns of a file; with a default site none need stand in it."""
    if default_site is None:
        return COLUMNS
    return tuple(Column(each.name, each.aliases) if each.name == "site_id" else each for each in COLUMNS)


def parse_notices(table: Table, default_site: str | None) -> tuple[list[NoticeRow], list[Rejected]]:
    """The file's notices; the same notice twice is refused."""
    parsed, rejected = read_rows(table, lambda cells: _notice(cells, default_site))
    kept, repeated = reject_repeated(parsed, lambda each: each.notice_id, lambda each: each.row, "notice_id")
    return kept, rejected + repeated


def _notice(cells: Cells, default_site: str | None) -> NoticeRow:
    guardian_name = cells.optional_text("guardian_name", 200)
    status = cells.choice("status", STATUSES, default="open")
    cancelled_on = cells.optional_day("cancelled_on")
    if cancelled_on is not None and status == "open":
        raise CellError("cancelled_on", "is given, but the status is not cancelled")
    return NoticeRow(
        row=cells.row,
        notice_id=cells.id("notice_id", slash=True),
        site_id=cells.optional_id("site_id") or default_site or cells.id("site_id"),
        payer_code=_payer_code(cells),
        payer_name=PersonName(cells.text("payer_name", 200)),
        group=cells.optional_text("group", 100),
        guardian_name=None if guardian_name is None else PersonName(guardian_name),
        guardian_phone=_phone(cells),
        purpose=cells.text("purpose"),
        period=cells.optional_text("period", 100),
        amount=cells.dong("amount"),
        issued_on=cells.optional_day("issued_on"),
        due_on=cells.day("due_on"),
        status=status,
        cancelled_on=cancelled_on,
        reference=_reference(cells),
        virtual_account=cells.optional_id("virtual_account"),
        fee_kind=cells.optional_text("fee_kind", 100),
        round=cells.optional_text("round", 100),
        unit_code=cells.optional_id("unit_code"),
    )


def _payer_code(cells: Cells) -> PayerCode:
    code = cells.id("payer_code", slash=True)
    if _CITIZEN_ID.fullmatch(code):
        raise CellError("payer_code", "12 digits are a citizen's identity number; use the site's own code of the payer")
    return PayerCode(code)


def _phone(cells: Cells) -> Phone | None:
    text = cells.optional_text("guardian_phone", 50)
    if text is None:
        return None
    digits = _PHONE_PUNCTUATION.sub("", text)
    if not _PHONE.fullmatch(digits):
        raise CellError("guardian_phone", "not a telephone number")
    # A spreadsheet that took the number for a sum dropped its leading zero.
    return Phone(digits if digits.startswith(("0", "+", "84")) else f"0{digits}")


def _reference(cells: Cells) -> str | None:
    text = cells.optional_text("reference", 50)
    if text is None:
        return None
    reference = normalize(text)
    if reference is None:
        raise CellError("reference", "not a reference of Khớp; leave it empty, or draw one by khop reference new")
    return reference
