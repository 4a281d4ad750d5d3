"""Lists as accountants keep them: what is understood, and what is said not to be."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notices import words
from services.notices.drafts.headings import Layout, layout_of
from services.notices.drafts.lines import DraftSettings, Reader, Understood
from services.notices.drafts.sheets import Sheet, cell_of, column_of, letters_of, place_of
from services.notices.fees.model import FeeKind
from services.notices.notice_rows import NoticeParser
from services.notices.payers.model import Payer
from shared.privacy import PayerCode, PersonName
from tests.unit.shared.runtime import old_text

KINDS = tuple(
    FeeKind("", code, name, "service", None, None, date(2020, 1, 1), None, None)
    for code, name in (("meals", "Tiền ăn bán trú"), ("water", "Nước uống"), ("bhyt", "Bảo hiểm y tế học sinh"))
)
SETTINGS = DraftSettings("Đợt 1", date(2026, 11, 30))


def a_sheet(*rows: list[str], name: str = "") -> Sheet:
    return Sheet(name, [list(row) for row in rows])


def understood(
    *sheets: Sheet, settings: DraftSettings = SETTINGS, payers: tuple[Payer, ...] = (), told: dict | None = None
) -> Understood:
    reader = Reader("s1", settings, KINDS, payers, NoticeParser("s1", b"key"))
    for sheet in sheets:
        layout = layout_of(sheet, KINDS, told or {})
        assert layout is not None
        reader.read(sheet, layout, ())
    return reader.understood


def asked(found: Understood) -> list[tuple[str, str | None, str | None, str, int]]:
    return [
        (line.asked.payer_code.reveal(), line.asked.group, line.asked.fee_kind, line.asked.purpose, line.asked.amount)
        for line in found.lines
    ]


WIDE = (
    ["", "TRƯỜNG TIỂU HỌC AN CHÂU"],
    ["DANH SÁCH THU TIỀN THÁNG 11 LỚP 4B"],
    [],
    ["STT", "Mã HS", "Họ và tên", "Ngày sinh", "Các khoản thu", "", "", "Tổng cộng", "Ghi chú"],
    ["", "", "", "", "Tiền ăn", "Nước uống", "Quỹ lớp", "", ""],
    ["1", "HS1", " Nguyễn  Văn An ", "01/02/2017", "440.000", "12.000", "", "452.000", ""],
    ["2", "HS2", "Lê Thị Bé", "03/04/2017", "396.000 đ", "-", "20000", "416.000", "nghỉ 2 buổi"],
    ["3", "HS3", "Vi Văn Cường", "", "", "", "", "", "miễn"],
    ["", "", "Tổng cộng", "", "836.000", "12.000", "20.000", "868.000", ""],
    ["", "", "", "", "Sơn Động, ngày 5 tháng 11 năm 2026"],
    ["", "", "Người lập biểu", "", "", "", "", "Hiệu trưởng"],
)


def test_a_list_with_a_column_for_each_fee_two_heading_rows_and_sums_below():
    found = understood(a_sheet(*WIDE))
    assert found.troubles == []
    assert asked(found) == [
        ("HS1", "4B", "meals", "Tiền ăn bán trú", 440_000), ("HS1", "4B", "water", "Nước uống", 12_000),
        ("HS2", "4B", "meals", "Tiền ăn bán trú", 396_000), ("HS2", "4B", None, "Quỹ lớp", 20_000),
    ]  # fmt: skip
    assert [line.cell for line in found.lines] == ["E6", "F6", "E7", "G7"]
    assert found.lines[0].asked.notice_id == "s1-dot-1-meals-HS1"
    assert found.lines[0].asked.payer_name == "Nguyễn Văn An"


def test_what_is_nobodys_business_is_not_even_kept():
    sheet = a_sheet(*WIDE)
    layout = layout_of(sheet, KINDS, {})
    assert layout is not None
    kept = str(sheet.without(layout.ignored, layout.header_row))
    assert "01/02/2017" not in kept
    assert "nghỉ 2 buổi" not in kept
    assert "440.000" in kept


def test_a_sum_that_is_not_the_sum_of_its_fees_is_told():
    rows = [list(row) for row in WIDE]
    rows[5][7] = "453.000"
    (trouble,) = understood(a_sheet(*rows)).troubles
    assert (trouble.cell, trouble.column) == ("H6", "total")
    assert "452.000 đ" in words.problem(trouble.problem)


def test_a_long_list_with_meals_by_their_terms():
    sheet = a_sheet(
        ["Mã học sinh", "Họ đệm", "Tên", "Lớp", "Số ngày ăn", "Đơn giá", "Nghỉ", "Hỗ trợ", "Số quyết định", "Thành tiền"],
        ["HS1", "Nguyễn Văn", "An", "1A", "20", "22.000", "2", "96.000", "12/QĐ", "300.000"],
        ["HS2", "Lê Thị", "Bé", "1A", "20", "22.000", "", "", "", ""],
        ["HS3", "Vi Văn", "Cường", "1A", "20", "22.000", "", "", "", "430.000"],
    )  # fmt: skip
    found = understood(sheet, settings=DraftSettings("Đợt 1", date(2026, 11, 30), fee_kind="meals"))
    assert asked(found) == [
        ("HS1", "1A", "meals", "Tiền ăn bán trú", 300_000),
        ("HS2", "1A", "meals", "Tiền ăn bán trú", 440_000),
    ]
    assert found.lines[0].asked.payer_name == "Nguyễn Văn An"
    (trouble,) = found.troubles
    assert (trouble.cell, trouble.column) == ("J4", "amount")


def test_sheets_by_class_and_classes_one_below_the_other():
    first = a_sheet(["Mã HS", "Họ và tên", "Nước uống"], ["HS1", "An", "12000"], name="2C")
    second = a_sheet(
        ["Mã HS", "Họ và tên", "Nước uống"], ["Lớp 3A"], ["HS2", "Bé", "12000"], ["Lớp: 3B"], ["HS3", "Cường", "12000"],
        ["Mã HS", "Họ và tên", "Nước uống"], ["HS4", "Dũng", "12000"],
        name="Khối 3",
    )  # fmt: skip
    assert [(code, group) for code, group, *_ in asked(understood(first, second))] == [
        ("HS1", "2C"), ("HS2", "3A"), ("HS3", "3B"), ("HS4", "3B"),
    ]  # fmt: skip


def test_names_without_codes_are_found_by_class_or_said_to_be_unknown():
    known = tuple(
        Payer("s1", PayerCode(code), PersonName(name), group)
        for code, name, group in (("HS1", "Nguyễn Văn An", "1A"), ("HS2", "Lê Bé", "1A"), ("HS3", "Lê Bé", "1A"))
    )
    sheet = a_sheet(
        ["STT", "Họ và tên", "Lớp", "Nước uống"], ["1", "NGUYỄN VĂN AN", "1 A", "1000"], ["2", "Lê Bé", "1A", "1000"],
        ["3", "Vi Cường", "1A", "1000"],
    )  # fmt: skip
    found = understood(sheet, payers=known)
    assert [line.asked.payer_code for line in found.lines] == ["HS1"]
    assert [(each.row, each.column) for each in found.troubles] == [(3, "payer_code"), (4, "payer_code")]
    named = understood(sheet, payers=known, settings=DraftSettings("Đợt 1", date(2026, 11, 30), codes_by_name=True))
    assert [line.asked.payer_code.reveal()[:2] for line in named.lines] == ["HS", "NN"]


def test_a_pupil_named_like_a_sum_is_a_pupil():
    sheet = a_sheet(["Họ và tên", "Lớp", "Nước uống"], ["Tống Thị Cộng", "1A", "1000"], ["Công Văn Tổng", "1A", "1000"],
                    ["Tổng cộng:", "", "2000"], ["Cộng", "", "2000"], ["Tổng số: 2 em", "", "2000"])  # fmt: skip
    settings = DraftSettings("Đợt 1", date(2026, 11, 30), codes_by_name=True)
    found = understood(sheet, settings=settings)
    assert [line.asked.payer_name for line in found.lines] == ["Tống Thị Cộng", "Công Văn Tổng"]
    assert found.troubles == []


def test_a_bad_cell_is_named_as_the_spreadsheet_names_it():
    rows = [list(row) for row in WIDE]
    rows[5][4], rows[6][5], rows[6][4] = "12,5", "#REF!", "-5"
    found = understood(a_sheet(*rows))
    assert [(each.cell, each.column) for each in found.troubles] == [("E6", "fee"), ("E7", "fee"), ("F7", "fee")]


def test_a_person_may_say_what_a_column_is():
    sheet = a_sheet(["Mã HS", "Họ và tên", "Tháng 11"], ["HS1", "An", "12000"])
    assert asked(understood(sheet)) == [("HS1", None, None, "Tháng 11", 12_000)]
    assert asked(understood(sheet, told={2: ("fee", "water")})) == [("HS1", None, "water", "Nước uống", 12_000)]
    assert asked(understood(sheet, told={2: ("ignored", None)})) == []


@pytest.mark.parametrize("encode", [old_text.tcvn3, old_text.vni])
def test_a_list_in_an_old_font_is_read(encode):
    names = ("Nguyễn Văn Đức", "Trần Thị Bưởi", "Lường Văn Quỳnh")
    rows = [["Mã HS", "Họ và tên", "Nước uống"], *([f"HS{number}", name, "1000"] for number, name in enumerate(names))]
    old = a_sheet(*([encode(text).decode("latin-1") for text in row] for row in rows))
    assert [line.asked.payer_name for line in understood(old).lines] == list(names)


def test_a_sheet_that_is_no_list_is_none():
    assert layout_of(a_sheet(["Hướng dẫn"], ["1. Mở tệp"]), KINDS, {}) is None
    assert layout_of(a_sheet(), KINDS, {}) is None


@given(st.integers(0, 701))
def test_columns_have_letters(column):
    assert column_of(letters_of(column)) == column
    assert cell_of(place_of(7, column)) == (7, column)


CELL = st.sampled_from(
    ["", "Mã HS", "Họ và tên", "Lớp", "Số tiền", "Nước uống", "Tổng cộng", "HS1", "An", "12000", "1.5", "-", "Lớp 3A", "#REF!",
     "Người lập biểu", "05/11/2026", "Đơn giá", "Số ngày ăn"]
)  # fmt: skip


@given(st.lists(st.lists(CELL, max_size=8), max_size=12))
def test_any_sheet_is_understood_or_told_and_each_cell_asks_once(rows):
    sheet = a_sheet(*rows)
    layout = layout_of(sheet, KINDS, {})
    if layout is None:
        return
    assert isinstance(layout, Layout)
    reader = Reader("s1", SETTINGS, KINDS, (), NoticeParser("s1", b"key"))
    reader.read(sheet, layout, ())
    lines = reader.understood.lines
    assert len({line.asked.notice_id for line in lines}) == len(lines)
    assert len({line.cell for line in lines}) == len(lines)
    assert all(line.asked.amount > 0 and line.row > layout.header_row for line in lines)


@pytest.mark.parametrize("text", ["is empty", "is above the ceiling of this fee kind, 5 đ", "nobody knows this one"])
def test_problems_have_words(text):
    assert words.problem(text)


def test_a_list_of_identity_numbers_is_issued_under_the_site_s_own_codes():
    rows = (["Mã học sinh", "Họ và tên", "Lớp", "Nước uống"], ["001201012345", "Lê Văn Căn", "1A", "10000"],
            ["CCCD 001201012346", "Lê Văn Cước", "1A", "10000"])  # fmt: skip
    found = understood(a_sheet(*rows))
    assert found.troubles == []
    for line in found.lines:
        code = line.asked.payer_code.reveal()
        assert (code[:2], line.asked.notice_id) == ("NN", f"s1-dot-1-water-{code}")
    assert "số định danh" in words.problem("holds the payer's citizen identity number; give the notice another id")
