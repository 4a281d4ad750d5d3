"""Whom words of a memo mean, where they could mean somebody else: who pays, a longer name, a classmate, a sibling, a fee's word."""

from __future__ import annotations

from datetime import date

import pytest

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, decide
from services.matching.matcher.values import Share

SITE, ACCOUNT, MEALS, WATER = "TH-AN-CHAU", "0b5f", 474_000, 36_000
PUPILS = {
    "HS0101": ("Lê Thị Khánh Huyền", "3A"), "HS0102": ("Nguyễn Thị Hà", "3A"), "HS0103": ("Lý Bảo Vinh", "3B"),
    "HS0104": ("Vi Văn Tươi", "3B"), "HS0105": ("Triệu Minh Hoa", "3B"), "HS0106": ("Nông Đức Đông", "4A"),
    "HS0107": ("Đặng Ngọc Chiến", "4A"), "HS0108": ("Đặng Ngọc Thúy", "4B"), "HS0109": ("Lục Ngọc Đạt", "4C"),
    "HS0110": ("Phùng Hồng Thu", "4C"),
}  # fmt: skip


def a_book() -> Book:
    payers = [Payer(SITE, code, name, group, "") for code, (name, group) in PUPILS.items()]
    notices = [
        OpenNotice(
            f"{code}/{kind}", SITE, f"{code}{kind}", None, kind, "due", date(2026, 11, 20), amount, False, 0, code, purpose,
            "2026-11", date(2026, 11, 1),
        )
        for code in PUPILS
        for kind, amount, purpose in (("meals", MEALS, "Tiền ăn bán trú tháng 11"), ("water", WATER, "Nước uống học kỳ 1"))
    ]  # fmt: skip
    return Book(notices, payers)


def decided(memo: str, amount: int = MEALS, *, sender: str = "", known: str = "") -> Decision:
    book = a_book()
    day = date(2026, 11, 10)
    if known:
        book.learn(SITE, [ACCOUNT], [Share(f"{known}/water", WATER)], day)
    incoming = Incoming(
        "c1",
        SITE,
        amount,
        is_money_in=True,
        memo=memo,
        counter_name=sender,
        sender=ACCOUNT if known else "",
        occurred_on=day,
    )
    return decide(incoming, book, {})


def paid(decision: Decision) -> list[str]:
    return [share.notice_id for share in decision.shares]


@pytest.mark.parametrize(
    "memo",
    [
        "me Le Thi Khanh Huyen nop bhyt cho con",
        "Le Thi Khanh Huyen nop tien an cho chau",
        "nguoi nop Le Thi Khanh Huyen",
        "co giao Le Thi Khanh Huyen nop ho hoc sinh",
        "ba Le Thi Khanh Huyen dong hp",
        "VNA-152552642-le thi khanh huyen chuyen tien cho con-LE THI KHANH HUYEN-NHNO",
    ],
)
def test_a_name_that_is_said_to_pay_is_no_pupils(memo: str) -> None:
    decision = decided(memo)
    assert (decision.status, decision.candidates[0].notice_ids) == ("suggested", ("HS0101/meals",))


@pytest.mark.parametrize(
    "memo",
    [
        "me nop bhyt cho con Le Thi Khanh Huyen",
        "cho me Le Thi Khanh Huyen tien an",
        "Le Thi Khanh Huyen 3A me nop cho con",
        "chau Le Thi Khanh Huyen tien an",
        "LE THI KHANH HUYEN / HO TICH",
        "hoc phi ngoai khoa Le Thi Khanh Huyen-trai nghiem",
    ],
)
def test_a_name_for_whom_is_paid_is_the_pupils(memo: str) -> None:
    assert paid(decided(memo)) == ["HS0101/meals"]


def test_a_name_that_goes_on_behind_is_anothers_though_the_class_is_right() -> None:
    assert decided("Nguyen Thi Ha Phuong 3A tien an t11").status == "suggested"
    assert paid(decided("be Sua Nguyen Thi Ha 3A tien an t11")) == ["HS0102/meals"]


@pytest.mark.parametrize(
    "memo",
    [
        "tien an 3B: Vinh, Tuoi, Hoa",
        "lop 3B gui co Hoa be Bi",
        "LOP 4A DONG HP BUI MAI ANH",
        "3B hai thang chau Mit",
        "gui co Hoa lop 3B con Sua",
        "L? Thu Hoa? 3B",
    ],
)
def test_a_word_beside_the_class_is_no_given_name_where_another_is_named(memo: str) -> None:
    assert decided(memo, sender="LE ANH TAI").shares == ()


@pytest.mark.parametrize("memo", ["Vinh 3B tien an", "chau Vinh 3B, Tuoi 3B"])
def test_a_given_name_beside_its_class_is_one(memo: str) -> None:
    amount = MEALS if "Tuoi" not in memo else 2 * MEALS
    assert "HS0103/meals" in paid(decided(memo, amount, sender="LE ANH TAI"))


@pytest.mark.parametrize(
    "memo", ["cho Thuy", "Ngoc Thuy", "Dang Ngoc Thu", "THUY HOC PHI", "be Nghi", "Vi Thanh Ngh", "cho An", "??NG NG?C TH?Y"]
)
def test_a_known_account_pays_nothing_for_its_child_where_another_is_spoken_of(memo: str) -> None:
    assert decided(memo, sender="PHAM THI LAN", known="HS0107").shares == ()


@pytest.mark.parametrize(
    "memo",
    [
        "", "tien an t11", "chuyen tien", "con Chien", "me cun", "EBANK:LY46J4G3|nop tien t11|VPB|15/11/2026",
        "0200970405.65739.595257.Vietcombank:90302925015267 095579",
    ],
)  # fmt: skip
def test_a_known_account_pays_for_its_child_where_nobody_else_is_spoken_of(memo: str) -> None:
    for sender in ("", "PHAM THI LAN"):
        assert paid(decided(memo, sender=sender, known="HS0107")) == ["HS0107/meals"]


@pytest.mark.parametrize("memo", ["HS0101 le phi ho tich", "HS0101 phi tham dinh", "HS0101 bao hiem than the"])
def test_words_of_a_fee_beside_a_code_are_nobodys_name(memo: str) -> None:
    assert paid(decided(memo)) == ["HS0101/meals"]


def test_a_strangers_name_beside_a_code_is_a_question() -> None:
    assert decided("HS0101 chau Tran Gia Bao").status == "suggested"
    assert paid(decided("NGUOI CHUYEN TRAN GIA BAO NOI DUNG HS0101")) == ["HS0101/meals"]


@pytest.mark.parametrize("memo", ["LucNgocDatlop4C tien an", "LucNgocDat4C", "4C con PhH Thu", "4C PhH.Thu"])
def test_names_glued_to_their_class_and_initials_of_two_letters_are_read(memo: str) -> None:
    assert paid(decided(memo, sender="NGO TUAN HOC"))[0] in {"HS0109/meals", "HS0110/meals"}


@pytest.mark.parametrize("memo", ["Hoan lai tien an t11 chau Le Thi Khanh Huyen 3A", "Le Thi Khanh Huyen 3A do chuyen nham"])
def test_money_that_comes_back_pays_nobodys_fee(memo: str) -> None:
    decision = decided(memo)
    assert (decision.status, decision.reason) == ("suggested", "ambiguous")
    assert decision.candidates[0].notice_ids == ("HS0101/meals",)


def test_a_fee_that_is_named_and_open_goes_before_another_of_that_sum() -> None:
    decision = decided("Le Thi Khanh Huyen 3A tien an ban tru", WATER)
    assert (decision.status, decision.reason) == ("suggested", "ambiguous")
    assert [each.notice_ids for each in decision.candidates] == [("HS0101/water",), ("HS0101/meals",)]
    assert paid(decided("Le Thi Khanh Huyen 3A hoc phi", WATER)) == ["HS0101/water"]
