"""Names with a slip of the finger, or cut short, and what stands beside them that only looks like a part of one."""

from __future__ import annotations

from datetime import date

import pytest

from services.matching.matcher import Book, Incoming, OpenNotice, Payer, decide

SITE, AMOUNT = "TH-AN-LAC", 400_000
PUPILS = (
    ("HS001", "Bế Gia Bằng", "4C"),
    ("HS002", "Bế Văn Luân", "6A"),
    ("HS003", "Nguyễn Văn Luân", "6B"),
    ("HS004", "Bế Văn Luân", "6B"),
    ("HS005", "Từ Hà Phượng", "7B"),
    ("HS006", "Tống Văn Hưng", "7B"),
    ("HS007", "Nguyễn Việt Tú", "5C"),
    ("HS008", "Lương Công Ngọc Hiệp", "9B"),
    ("HS009", "Thân Thị Hồng Huyền", "12A4"),
    ("HS010", "Phoóng Gia An", "4 tuổi A"),
    ("HS011", "Vi Tiến Tuấn", "3 tuổi C"),
)
"""Code, name, class."""


def paid(memo: str) -> list[str]:
    notices = [
        OpenNotice(code, SITE, f"R{code}", None, "meals", "due", date(2026, 11, 20), AMOUNT, False, 0, code, "Tiền ăn tháng 11")
        for code, *_ in PUPILS
    ]  # fmt: skip
    book = Book(notices, [Payer(SITE, code, name, group) for code, name, group in PUPILS])
    incoming = Incoming(
        "c1", SITE, AMOUNT, is_money_in=True, memo=memo, counter_name="LY THI NET", occurred_on=date(2026, 11, 10)
    )
    return [share.notice_id for share in decide(incoming, book, {}).shares]


@pytest.mark.parametrize(
    ("memo", "code"),
    [
        ("tien an / be gia bsng - 4c", "HS001"),
        ("Be Van Luuan l.6A, tien an", "HS002"),
        ("nop tien an chau Be Van Lunan 6A", "HS002"),
    ],
)
def test_a_family_called_as_children_are_may_begin_a_name_with_a_slip(memo: str, code: str) -> None:
    assert paid(memo) == [code]


def test_a_child_behind_such_a_word_may_be_of_another_family() -> None:
    assert paid("be Van Luuan l.6B, tien an") == []
    assert paid("chau Be Van Luan 6B tien an") == ["HS004"]


@pytest.mark.parametrize(
    ("memo", "code"),
    [
        ("PHU HUYNH LY THI NET - DONG - TU HA PHUNOG - 7B", "HS005"),
        ("DONG - TONG HUNG - HS LOP 7B", "HS006"),
    ],
)
def test_a_verb_of_paying_between_signs_begins_no_name(memo: str, code: str) -> None:
    assert paid(memo) == [code]


def test_a_verb_of_paying_that_ends_a_name_is_a_part_of_it() -> None:
    assert paid("Van Dong - Tong Hung 7B") == []


@pytest.mark.parametrize(
    ("memo", "code"),
    [
        ("Cho con Nguyen. V. Tu. Lop 5C", "HS007"),
        ("tien com luong. c. n. hiep / 9b", "HS008"),
        ("lop 12A4 phu huynh be Than T. H. Huyen dv ban tru thang 11", "HS009"),
    ],
)
def test_a_full_stop_behind_every_word_ends_no_name(memo: str, code: str) -> None:
    assert paid(memo) == [code]


def test_a_full_stop_behind_a_word_ends_a_sentence_else() -> None:
    assert paid("tien an Nguyen. Viet Tu Anh 5C") == []


@pytest.mark.parametrize(
    ("memo", "code"),
    [
        ("lop 4TA me Mui nop cho con Phoong G An phi ve sinh", "HS010"),
        ("5C cho con Nguyen V. Tu phi dv ban tru", "HS007"),
        ("lop 9B Luong C. N. Hiep DVBT T11", "HS008"),
    ],
)
def test_behind_a_name_of_which_every_word_stands_there_a_fee_is_a_fee(memo: str, code: str) -> None:
    assert paid(memo) == [code]


def test_behind_such_a_name_a_given_name_is_still_anothers() -> None:
    assert paid("lop 4TA cho con Phoong G An Binh") == []


@pytest.mark.parametrize("memo", ["NOP CHO CON V T TUAN-3TC-TIEN XE THANG 11/2026", "nop tien an hs tuan - 3tc"])
def test_a_name_that_counts_weeks_too_stands_before_a_class_by_age(memo: str) -> None:
    assert paid(memo) == ["HS011"]
