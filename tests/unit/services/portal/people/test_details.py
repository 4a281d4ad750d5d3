"""What the audit page says of an act: words for all that is kept, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import services.portal
from services.portal import words
from services.portal.people.details import details_of, places_of

SITES = {"TH1": "Trường Tiểu học An Châu"}
PORTAL = Path(services.portal.__file__).parent
SAID_OTHERWISE = {"month", "roles", "to", "as"}
NOT_SAID = {"digest"}
"""What only a program compares."""


@pytest.mark.parametrize(
    ("act", "detail", "told"),
    [
        ("matched", {"amount": 150_000, "notices": ["n1", "n2"]}, ["150.000 đ", "2 khoản thu"]),
        ("refund", {"act": "approve", "amount": 20_000}, ["duyệt", "20.000 đ"]),
        ("cash_taken", {"amount": 5_000, "document": False}, ["5.000 đ", "chưa có số chứng từ"]),
        ("moved", {"to": "TH1", "reason": "other"}, ["lý do khác", "sang Trường Tiểu học An Châu"]),
        ("person_changed", {"roles": ["teacher TH1 3A", "auditor"], "disabled": False},
         ["đang dùng", "giáo viên chủ nhiệm Trường Tiểu học An Châu 3A; kiểm tra, kiểm toán"]),
        ("exported", {"report": "all/refunds"}, ["Tất cả dữ liệu của đơn vị (CSV): Hoàn trả"]),
        ("imported", {"kind": "portal_report"}, ["báo cáo của Cổng Dịch vụ công"]),
        ("exported", {"report": "month", "month": "2026-11"}, ["tháng 11/2026", "Báo cáo tháng"]),
        ("day_closed", {"reason": None}, []),
        ("data_erased", {"state": "done", "notices": 3, "bills": 2}, ["2 thông báo thu", "3 khoản thu", "đã xong"]),
    ],
)  # fmt: skip
def test_a_detail_is_said_in_words(act, detail, told):
    assert [each.casefold() for each in details_of(act, detail, SITES)] == [each.casefold() for each in told]


def test_what_has_no_words_is_not_shown():
    assert details_of("noted", {"note": "Vi Thị Hoa 0912345678"}, SITES) == []
    assert details_of("undone", {"reason": "Vi Thị Hoa"}, SITES) == []
    assert details_of("closed", {"kind": "month", "digest": "ab12"}, SITES) == ["tháng"]


def test_the_sites_of_a_detail_are_known_before_it_is_said():
    assert places_of({"roles": ["teacher TH1 3A", "auditor"], "disabled": False}) == {"TH1"}
    assert places_of({"to": "TH2", "reason": "other"}) == {"TH2"}


def test_whatever_pages_keep_has_words():
    kept = {
        name
        for path in PORTAL.rglob("*.py")
        for detail in re.findall(r"\bdetail ?= ?\{([^}]*)\}", path.read_text(encoding="utf-8"))
        for name in re.findall(r'"(\w+)":', detail)
    }
    assert {"amount", "roles", "reason", "report"} <= kept
    of_acts = {name for _, name in words.audit.VALUES}
    known = of_acts | {*words.audit.AMOUNTS, *words.audit.COUNTS, *words.audit.TICKS} | SAID_OTHERWISE | NOT_SAID
    assert kept <= known
