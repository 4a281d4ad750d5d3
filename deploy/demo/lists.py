"""How the sample sites issue their fees: schools by the lists that their accountants keep, others from their own systems.

Pure. A school keeps two lists a month: meals, day by day, and a column for each other fee. Both have titles, a sum below and who
signs, as such lists do.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from deploy.demo import district
from deploy.demo.district import SampleSite
from deploy.demo.fees import Round, SampleNotice

MEALS = "boarding_meals"
_WHO = ("STT", "Mã học sinh", "Họ và tên", "Lớp", "Phụ huynh", "Điện thoại phụ huynh", "Mã thôn")


@dataclass(frozen=True, slots=True)
class FeeList:
    """A list and what is said of it when it is dropped in."""

    content: bytes
    settings: dict[str, str]


def lists_of(site: SampleSite, month: Round, notices: Sequence[SampleNotice]) -> list[FeeList]:
    """A school's lists of a round."""
    said = {
        "round": month.name,
        "period": f"{month.first_day:%Y-%m}",
        "issued_on": min(notice.issued_on for notice in notices).isoformat(),
        "due_on": month.last_day.isoformat(),
    }
    meals = [notice for notice in notices if notice.fee_kind == MEALS]
    others = [notice for notice in notices if notice.fee_kind != MEALS]
    made = []
    if meals:
        made.append(FeeList(_meal_list(site, month, meals), {**said, "fee_kind": MEALS}))
    if others:
        made.append(FeeList(_fee_list(site, month, others), said))
    return made


def items_of(notices: Iterable[SampleNotice]) -> list[dict[str, Any]]:
    """Notices as a hospital's or an office's system posts them."""
    return [
        {
            "notice_id": notice.notice_id,
            "site_id": notice.site_id,
            "payer_code": notice.payer_code,
            "payer_name": notice.payer_name,
            "purpose": notice.purpose,
            "period": notice.period,
            "amount": notice.amount,
            "issued_on": notice.issued_on.isoformat(),
            "due_on": notice.due_on.isoformat(),
            "fee_kind": notice.fee_kind,
            "round": notice.round,
            "unit_code": notice.unit_code,
        }
        for notice in notices
    ]


def _meal_list(site: SampleSite, month: Round, notices: Sequence[SampleNotice]) -> bytes:
    rows: list[Sequence[object]] = [(*_WHO, "Số ngày ăn", "Đơn giá", "Thành tiền")]
    rows += [
        (*_who(number, notice), notice.days, _dong(notice.price or 0), _dong(notice.amount))
        for number, notice in enumerate(notices, start=1)
    ]
    rows.append(("", "", "Tổng cộng", *[""] * 6, _dong(sum(notice.amount for notice in notices))))
    return _written(site, f"Danh sách thu tiền ăn {month.name.lower()}", rows, month.first_day)


def _fee_list(site: SampleSite, month: Round, notices: Sequence[SampleNotice]) -> bytes:
    """A row a pupil, a column a fee, the sum at the end."""
    names = {row["fee_kind"]: row["name"] for row in district.rows("fee-kinds") if row["site_id"] in {"", site.site_id}}
    kinds = sorted({notice.fee_kind for notice in notices})
    by_payer: dict[str, dict[str, SampleNotice]] = {}
    for notice in notices:
        by_payer.setdefault(notice.payer_code, {})[notice.fee_kind] = notice
    rows: list[Sequence[object]] = [(*_WHO, *(names[kind] for kind in kinds), "Tổng cộng")]
    for number, asked in enumerate(by_payer.values(), start=1):
        amounts = [_dong(asked[kind].amount) if kind in asked else "" for kind in kinds]
        total = _dong(sum(notice.amount for notice in asked.values()))
        rows.append((*_who(number, next(iter(asked.values()))), *amounts, total))
    rows.append(("", "", "Tổng cộng", *[""] * (4 + len(kinds)), _dong(sum(notice.amount for notice in notices))))
    return _written(site, f"Danh sách các khoản thu {month.name.lower()}", rows, month.first_day)


def _who(number: int, notice: SampleNotice) -> tuple[object, ...]:
    return (
        number, notice.payer_code, notice.payer_name, notice.group, notice.guardian_name, notice.guardian_phone,
        notice.unit_code,
    )  # fmt: skip


def _written(site: SampleSite, title: str, rows: Iterable[Sequence[object]], day: date) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerows([[site.name.upper()], [title.upper()], []])
    writer.writerows(rows)
    writer.writerows([["", "", "", f"Ngày {day.day} tháng {day.month} năm {day.year}"], ["", "", "Người lập biểu"]])
    return text.getvalue().encode()


def _dong(amount: int) -> str:
    return f"{amount:,}".replace(",", ".")
