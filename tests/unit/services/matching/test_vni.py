"""Names typed in VNI where no input method took the keystrokes: digits that are marks, and digits that are a class or a number."""

from __future__ import annotations

from datetime import date

import pytest

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, decide
from services.matching.matcher.text import fold_memo
from services.matching.matcher.vni import without_vni
from services.matching.matcher.vocabulary import NAME_WORDS

SITE, AMOUNT = "TH-AN-LAC", 400_000
PUPILS = (
    ("HS001", "Lâm Thu Hằng", "2C"),
    ("HS002", "Đỗ Đình Tài", "1C"),
    ("HS003", "Hứa Văn Đức", "7D"),
    ("HS004", "Hứa Văn Đức", "7A"),
    ("HS005", "Lã Thùy Giang", "9D"),
    ("HS006", "Vi Khánh Nga", "10A2"),
    ("HS007", "Vũ Khánh Tú", "5B"),
    ("HS008", "Nguyễn Đức Tú", "7A"),
    ("HS009", "Trần Gia Lộc", "6C"),
    ("HS010", "Trần Gia Lô", "6C"),
    ("HS011", "Lê Hoàng Kiên", "12A3"),
    ("HS012", "Ngô Minh Nam", "12A2"),
    ("HS013", "Bùi Đình Anh", "5 tuổi B"),
    ("HS014", "Thân Minh Thiện", "Lá 3"),
)
"""Code, name, class."""


def decided(memo: str) -> Decision:
    notices = [
        OpenNotice(code, SITE, f"R{code}", None, "meals", "due", date(2026, 11, 20), AMOUNT, False, 0, code, "Tiền ăn tháng 11")
        for code, *_ in PUPILS
    ]  # fmt: skip
    book = Book(notices, [Payer(SITE, code, name, group) for code, name, group in PUPILS])
    incoming = Incoming("c1", SITE, AMOUNT, is_money_in=True, memo=memo, counter_name="", occurred_on=date(2026, 11, 10))
    return decide(incoming, book, {})


@pytest.mark.parametrize(
    ("memo", "code"),
    [
        ("tien an cho chau LA6M THU HA8NG2-2.C", "HS001"),
        ("nop tien cho chau d9o64 d9inh2 tai2. tien nuoc", "HS002"),
        ("PH em Hu7a1 Va8n D9u7c1, 7D, tiền học", "HS003"),
        ("ph em Hu7a1 Va8n D9u7c1_L7A_hp", "HS004"),
        ("BE LA4 THUY2 GIANG LOP 9 D THE BHYT", "HS005"),
        ("ME CHAU VI KHANH1 NGA L10A2 NOP TIEN", "HS006"),
        ("AN BAN TRU_VU4 KHANH1 TU1", "HS007"),
        ("hoc phi Nguye6n4 D9u7c1 Tu1 7A", "HS008"),
        ("hoc phi con Tra6n2 Gia Lo6c5, lop 6C", "HS009"),
        ("dong cho con le6 hoang2 kie6n-nop tien", "HS011"),
        ("TIEN TRUONG CHAU NGO6 MINH NAM L12A2 DA NOP", "HS012"),
        ("DONG TIEN 5 TUOI B PHU HUYNH BE BUI2 D9INH2 ANH", "HS013"),
        ("tien an Than Minh Thie6n5 La3", "HS014"),
    ],
)
def test_digits_that_are_marks_are_undone(memo, code):
    decision = decided(memo)
    assert decision.status == "matched"
    assert [share.notice_id for share in decision.shares] == [code]


@pytest.mark.parametrize(
    "memo",
    [
        "lop 6A Nguyen Van An",
        "La4 An",
        "Nguyen Duc Lan La4",
        "Than Thanh Thien La3 Bui Thi Hong Chau L.Mam 4",
        "Nguyen Van Le6 dong tien",
        "Mam 1 Hoa Hong 1 Choi2",
        "tien an Hoa Hong1 Nguyen Van An",
        "3TB T11 th10 11A3 L4C",
        "Nguyen Duc Tu7A",
        "Tran Gia Lo6C5",
        "An1 Binh2",
        "Nguyen Van An1 Binh2",
        "Tran Gia Loc1/2 Phuong1a & Thang lop7C",
        "TRUONG TIEU HOC AN LAC SO2 lop 3A ky1 lan2 nam2",
        "MBVCB.623 FT26321 HS0101 TH12.0095 H05.21-261102-0301",
    ],
)
def test_digits_that_are_a_class_or_a_number_stand(memo):
    folded = fold_memo(memo)
    assert without_vni(folded, NAME_WORDS) == folded
