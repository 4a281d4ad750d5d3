"""Which column of a bank's table holds what: built in for five banks, learned for any other.

Built from public descriptions of the banks' exports (open-source readers of them, banks' help pages), not from the banks'
own specifications, which are not published: "verified" stands nowhere here. A heading matches where it is an alias or
begins or ends with one, so that the two languages of one cell ("Ghi có / Credit") are both found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from shared.runtime.tables import normal_heading

Field = Literal[
    "date", "time", "reference", "debit", "credit", "amount", "balance", "memo", "counter_name", "counter_account",
    "counter_bank", "direction",
]  # fmt: skip
FIELDS: tuple[Field, ...] = get_args(Field)


_ALONE = {"rut", "gui"}
"""Headings that mean something else in company: "Người gửi", "Ngân hàng gửi"."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A bank's table: for each field its headings, best first."""

    name: str
    headings: Mapping[Field, Sequence[str]]

    def columns(self, row: Sequence[str]) -> dict[Field, int]:
        """Where the fields stand in a row of headings. A cell is one field's, the one whose heading fits most of it."""
        normal = [normal_heading(cell) for cell in row]
        ranked = sorted(
            (
                (-fit, rank, place, field)
                for field, headings in self.headings.items()
                for rank, heading in enumerate(headings)
                for place, cell in enumerate(normal)
                if (fit := _fit(cell, normal_heading(heading)))
            ),
            key=lambda each: each[:3],
        )
        found: dict[Field, int] = {}
        taken: dict[int, Field] = {}
        # The longest fit claims a cell; of two cells for one field the heading that the layout prefers wins.
        for _, _, place, field in ranked:
            taken.setdefault(place, field)
        for field, headings in self.headings.items():
            own = [
                (rank, place)
                for rank, heading in enumerate(headings)
                for place, cell in enumerate(normal)
                if taken.get(place) == field and _fit(cell, normal_heading(heading))
            ]
            if own:
                found[field] = min(own)[1]
        return found


def _fit(cell: str, heading: str) -> int:
    """How many letters of a cell a heading accounts for; 0 where it does not fit."""
    if heading in _ALONE:
        return len(heading) if cell == heading else 0
    whole = cell == heading or cell.startswith(heading + " ") or cell.endswith(" " + heading)
    return len(heading) if whole else 0


def is_complete(columns: Iterable[Field]) -> bool:
    """Whether these columns can make a statement: a day, and what moved."""
    names = set(columns)
    return "date" in names and ("amount" in names or {"debit", "credit"} <= names)


_DATE = ("Ngày giao dịch", "Ngày GD", "Ngày TNX", "Transaction date", "Ngày phát sinh", "Ngày hạch toán", "Posting date",
         "Accounting date", "Ngày hiệu lực", "Effective date", "Value date", "Ngày", "Date")  # fmt: skip
_REFERENCE = ("Số tham chiếu", "Mã tham chiếu", "Reference number", "Reference no", "Reference", "Mã giao dịch",
              "Số giao dịch", "Transaction number", "Transaction no", "Transaction ID", "Số bút toán", "Số FT", "Số CT",
              "Số chứng từ", "Doc no", "Ref no", "Trace")  # fmt: skip
_DEBIT = ("Số tiền ghi nợ", "Phát sinh nợ", "Tiền ghi nợ", "Ghi nợ", "Số tiền rút ra", "Rút ra", "Debit amount", "Debit",
          "Tiền ra", "Nợ", "Withdrawals", "Withdrawal", "Số tiền rút", "Rút")  # fmt: skip
_CREDIT = ("Số tiền ghi có", "Phát sinh có", "Tiền ghi có", "Ghi có", "Số tiền gửi vào", "Gửi vào", "Credit amount",
           "Credit", "Tiền vào", "Có", "Deposits", "Deposit", "Số tiền gửi", "Gửi")  # fmt: skip
_BALANCE = ("Số dư sau giao dịch", "Số dư lũy kế", "Số dư tài khoản", "Số dư TK", "Số dư cuối", "Số dư", "Running balance",
            "Account balance", "Balance after", "Balance")  # fmt: skip
_MEMO = ("Nội dung giao dịch", "Nội dung chi tiết", "Mô tả giao dịch", "Nội dung", "Diễn giải", "Mô tả", "Chi tiết giao dịch",
         "Transactions in detail", "Transaction description", "Description", "Details", "Narrative", "Remark")  # fmt: skip
_COUNTER_NAME = ("Tên tài khoản đối ứng", "Tên TK đối ứng", "Tên đối ứng", "Đơn vị thụ hưởng/Đơn vị chuyển", "Người chuyển",
                 "Corresponsive name", "Counter account name", "Beneficiary name", "Payer name")  # fmt: skip
_COUNTER_ACCOUNT = ("Số tài khoản đối ứng", "Tài khoản đối ứng", "TK đối ứng", "Corresponsive account", "Counter account",
                    "Beneficiary account")  # fmt: skip
_COUNTER_BANK = ("Ngân hàng đối ứng", "Ngân hàng đối tác", "Corresponsive bank", "Counter bank", "Beneficiary bank")
_AMOUNT = ("Số tiền giao dịch", "Số tiền", "Transaction amount", "Amount")
_DIRECTION = ("Loại giao dịch", "Nợ/Có", "Ghi nợ/Ghi có", "C/D", "D/C", "Debit/Credit", "Dr/Cr", "Direction")
_TIME = ("Giờ giao dịch", "Giờ", "Transaction time", "Time")

GENERAL = Layout(
    "general",
    {
        "date": (*_DATE, "Thời gian giao dịch", "Thời gian"), "time": _TIME, "reference": _REFERENCE, "debit": _DEBIT,
        "credit": _CREDIT, "amount": _AMOUNT, "balance": _BALANCE, "memo": _MEMO, "counter_name": _COUNTER_NAME,
        "counter_account": _COUNTER_ACCOUNT, "counter_bank": _COUNTER_BANK, "direction": _DIRECTION,
    },
)  # fmt: skip
"""The words that Vietnamese banks have in common; tried where no bank is recognised."""


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A bank's layout and the words, anywhere above its table, by which the bank is known."""

    layout: Layout
    marks: tuple[str, ...]


def _bank(name: str, marks: tuple[str, ...], **own: tuple[str, ...]) -> BuiltIn:
    """A layout that prefers the bank's own headings to the general ones."""
    headings = {field: (*own.get(field, ()), *GENERAL.headings[field]) for field in FIELDS}
    return BuiltIn(Layout(name, headings), tuple(normal_heading(mark) for mark in marks))


BUILT_IN: tuple[BuiltIn, ...] = (
    # "NGÀY TNX / SỐ CT" puts the day and the teller's number into one cell; the reader takes both out of it.
    _bank("vietcombank", ("Vietcombank", "VCB", "Ngân hàng TMCP Ngoại thương Việt Nam"),
          date=("Ngày giao dịch", "Ngày TNX", "Ngày hiệu lực"), reference=("Số tham chiếu", "Số CT"),
          debit=("Số tiền ghi nợ",), credit=("Số tiền ghi có",), memo=("Mô tả", "Nội dung chi tiết")),
    _bank("bidv", ("BIDV", "Ngân hàng TMCP Đầu tư và Phát triển Việt Nam"),
          date=("Ngày giao dịch", "Ngày hiệu lực"), debit=("Ghi nợ",), credit=("Ghi có",), memo=("Mô tả",)),
    _bank("agribank", ("Agribank", "Ngân hàng Nông nghiệp và Phát triển Nông thôn Việt Nam", "NHNo PTNT"),
          date=("Ngày giao dịch",), reference=("Số bút toán", "Mã giao dịch"), debit=("Phát sinh nợ", "Ghi nợ"),
          credit=("Phát sinh có", "Ghi có"), memo=("Diễn giải", "Nội dung")),
    _bank("vietinbank", ("VietinBank", "Ngân hàng TMCP Công thương Việt Nam"),
          date=("Ngày phát sinh", "Transaction date", "Ngày hạch toán"), reference=("Số giao dịch", "Transaction number"),
          balance=("Số dư TK", "Account balance"), memo=("Mô tả giao dịch", "Transaction description")),
    _bank("mb", ("MBBank", "MB Bank", "Ngân hàng TMCP Quân đội"),
          date=("Ngày giao dịch", "Ngày hạch toán"), reference=("Số bút toán", "Mã giao dịch"), debit=("Phát sinh nợ",),
          credit=("Phát sinh có",), memo=("Nội dung", "Diễn giải")),
)  # fmt: skip


def recognised(above: str) -> BuiltIn | None:
    """The bank whose name stands above a table (in the form of `normal_heading`), the longest name first."""
    padded = f" {above} "
    found = [(len(mark), each) for each in BUILT_IN for mark in each.marks if f" {mark} " in padded]
    return max(found, key=lambda each: each[0])[1] if found else None


def learned(headings: Mapping[Field, str]) -> Layout:
    """The layout that a person taught or an earlier file showed: one heading for each field."""
    return Layout("learned", {field: (heading,) for field, heading in headings.items()})
