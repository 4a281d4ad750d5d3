"""Notices as rows of a file (or the items of a request) tell them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.notices.payers.model import citizen_id, site_code
from services.notices.terms import DEDUCTION_KINDS, Deduction, Terms
from shared.accounts import AccountError, normal_account
from shared.money import format_dong
from shared.privacy import PayerCode, PersonName, Phone
from shared.reference import normalize
from shared.runtime.cells import CellError, Cells, read_entries
from shared.runtime.tables import Column, Entry, Rejected
from shared.vietnamese import search_key

STATUSES = ("open", "cancelled")
_STATUS_WORDS: Final = {"mo": "open", "con phai nop": "open", "huy": "cancelled", "da huy": "cancelled"}
_NO_DIGIT = re.compile(r"\D+")
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
    Column("days", ("số ngày", "số ngày ăn", "số suất")),
    Column("price", ("đơn giá", "giá một ngày", "giá một suất")),
    Column("absences", ("số ngày nghỉ", "ngày nghỉ")),
    Column("exemption", ("miễn", "số tiền miễn")),
    Column("reduction", ("giảm", "số tiền giảm")),
    Column("support", ("hỗ trợ", "số tiền hỗ trợ")),
    Column("decision", ("số quyết định", "quyết định")),
)  # fmt: skip
TERM_COLUMNS = frozenset({"days", "price", "absences", *DEDUCTION_KINDS, "decision"})

_FOOTER: Final = re.compile(
    r"(?:tong|cong)(?: cong| so| tien| so tien)?(?:\s*[:(\d].*)?$"
    r"|(?:so tien )?bang chu\b|nguoi lap|ke toan|thu quy|hieu truong|thu truong|giao vien chu nhiem|.{0,30}\bngay \d+ thang \d"
)
"""How the rows below a list begin: sums, the date, who signs."""


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice as one row tells it; None: the cell is empty."""

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
    terms: Terms | None = None
    """How the amount came about, where the row says."""


def columns_for(default_site: str | None) -> tuple[Column, ...]:
    """The columns of a file; with a default site none need stand in it."""
    if default_site is None:
        return COLUMNS
    return tuple(Column(each.name, each.aliases) if each.name == "site_id" else each for each in COLUMNS)


class NoticeParser:
    """Reads rows of one file or request."""

    def __init__(self, default_site: str | None, identity_key: bytes) -> None:
        """`identity_key` makes the site's own codes for payers who are known by a citizen's identity number only."""
        self._default_site = default_site
        self.identity_key = identity_key

    def parse(self, entries: Iterable[Entry]) -> tuple[list[NoticeRow], list[Rejected]]:
        """The notices of some rows, and what is wrong; the sums and signatures below a list are passed over."""
        parsed, rejected = read_entries(entries, self._notice)
        return [row for row in parsed if row is not None], rejected

    def _notice(self, cells: Cells) -> NoticeRow | None:
        if is_footer(cells):
            return None
        guardian_name = cells.optional_text("guardian_name", 200)
        status = cells.choice("status", STATUSES, default="open", spellings=_STATUS_WORDS)
        cancelled_on = cells.optional_day("cancelled_on")
        if cancelled_on is not None and status == "open":
            raise CellError("cancelled_on", "is given, but the status is not cancelled")
        notice_id = cells.id("notice_id", slash=True)
        site_id = cells.optional_id("site_id") or self._default_site or cells.id("site_id")
        terms = _terms(cells)
        return NoticeRow(
            row=cells.row,
            notice_id=notice_id,
            site_id=site_id,
            payer_code=self._payer_code(cells, site_id, notice_id),
            payer_name=PersonName(cells.text("payer_name", 200)),
            group=cells.optional_text("group", 100),
            guardian_name=None if guardian_name is None else PersonName(guardian_name),
            guardian_phone=phone_of(cells),
            purpose=cells.text("purpose"),
            period=cells.optional_text("period", 100),
            amount=_amount(cells, terms),
            issued_on=cells.optional_day("issued_on"),
            due_on=cells.day("due_on"),
            status=status,
            cancelled_on=cancelled_on,
            reference=_reference(cells),
            virtual_account=_virtual_account(cells),
            fee_kind=cells.optional_text("fee_kind", 100),
            round=cells.optional_text("round", 100),
            unit_code=cells.optional_id("unit_code"),
            terms=terms,
        )

    def _payer_code(self, cells: Cells, site_id: str, notice_id: str) -> PayerCode:
        number = citizen_id(cells.raw("payer_code"))
        # Without its zeros too, and with marks between its digits.
        if number is not None and number.lstrip("0") in _NO_DIGIT.sub("", notice_id):
            raise CellError("notice_id", "holds the payer's citizen identity number; give the notice another id")
        return payer_code_of(cells, site_id, self.identity_key)


def payer_code_of(cells: Cells, site_id: str, identity_key: bytes) -> PayerCode:
    """The code by which the site knows the row's payer; raises CellError."""
    text = cells.raw("payer_code")
    # Written as people write it, an identity number need not have a code's form.
    code = text if citizen_id(text) is not None else cells.id("payer_code", slash=True)
    return site_code(identity_key, site_id, code)


def is_footer(cells: Cells) -> bool:
    """Whether a row stands below the list: it is nobody's, and says a sum, a date or who signs."""
    if any(cells.raw(column) for column in ("notice_id", "payer_code")):
        return False
    return any(_FOOTER.match(search_key(text)) for text in cells.texts())


def _terms(cells: Cells) -> Terms | None:
    decision = cells.optional_text("decision", 100)
    amounts = {kind: cells.optional_dong(kind) for kind in DEDUCTION_KINDS}
    deductions = tuple(Deduction(kind, amount, decision) for kind, amount in amounts.items() if amount is not None)
    price, days, absences = cells.optional_dong("price"), cells.optional_count("days"), cells.optional_count("absences")
    if price is None:
        if days is not None or absences is not None or deductions:
            raise CellError("price", "is needed where days, absences or deductions are given")
        return None
    days = 1 if days is None else days
    if (absences or 0) > days:
        raise CellError("absences", "are more than the days")
    return Terms(price, days, absences or 0, deductions)


def _amount(cells: Cells, terms: Terms | None) -> int:
    amount = cells.optional_dong("amount")
    if terms is None:
        return cells.dong("amount")
    if terms.amount <= 0:
        raise CellError("amount", "nothing is left to be paid after what is taken off; leave the row out")
    if amount is not None and amount != terms.amount:
        raise CellError("amount", f"is not what its terms make: {format_dong(terms.amount)}")
    return terms.amount


def phone_of(cells: Cells) -> Phone | None:
    """The guardian's telephone number, without the marks between its digits."""
    text = cells.optional_text("guardian_phone", 50)
    if text is None:
        return None
    digits = _PHONE_PUNCTUATION.sub("", text)
    if not _PHONE.fullmatch(digits):
        raise CellError("guardian_phone", "not a telephone number")
    # A spreadsheet that took the number for a sum dropped its leading zero.
    return Phone(digits if digits.startswith(("0", "+", "84")) else f"0{digits}")


def _virtual_account(cells: Cells) -> str | None:
    """In the form in which the bank's messages are read: they must meet."""
    text = cells.optional_text("virtual_account", 64)
    try:
        return None if text is None else normal_account(text)
    except AccountError as error:
        raise CellError("virtual_account", str(error)) from error


def _reference(cells: Cells) -> str | None:
    text = cells.optional_text("reference", 50)
    if text is None:
        return None
    reference = normalize(text)
    if reference is None:
        raise CellError("reference", "not a reference of Khớp; leave it empty, or draw one by khop reference new")
    return reference
