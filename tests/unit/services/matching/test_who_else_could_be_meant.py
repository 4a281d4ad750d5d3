"""Codes that look like months, namesakes who could pay the sum otherwise, pupils in a list, and who sends through a wallet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, decide
from services.matching.matcher.months import months_in
from services.matching.matcher.text import fold_memo, split
from services.matching.matcher.values import Share

SITE, DAY = "TH-BEN-DA", date(2026, 11, 12)
PAYERS = [
    Payer(SITE, "TH12.0095", "Phún Hữu Hoàng", "7A"), Payer(SITE, "H1", "Lục Anh Toàn", "4B"), Payer(SITE, "H2", "Lục Anh Toán", "4B"),
    Payer(SITE, "H3", "Cao Văn Tân", "2B"), Payer(SITE, "H4", "Cao Xuân Dương", "1C"), Payer(SITE, "H5", "Cao Thị Vẻ", "3A"),
    Payer(SITE, "H6", "Nịnh A Sáng", "5A"), Payer(SITE, "H7", "Bế Thị Nhài", "5B"),
]  # fmt: skip


def a_notice(code: str, purpose: str, amount: int, month: int = 11, **more) -> OpenNotice:
    made = OpenNotice(
        f"{code}/{purpose}", SITE, f"{code}-{month}", None, purpose.partition(" tháng")[0], "due", date(2026, month, 20), amount,
        False, 0, code, purpose, f"2026-{month:02}", date(2026, month, 1),
    )  # fmt: skip
    return replace(made, **more)


def decided(
    memo: str, amount: int, notices: list[OpenNotice], sender: str = "NGO THI MAY", known: str = "", **more
) -> Decision:
    book = Book(notices, [replace(payer, notices=[]) for payer in PAYERS])
    if known:
        book.learn(SITE, ["account"], [Share(known, 1)], date(2026, 10, 5))
    incoming = Incoming(
        "c1", SITE, amount, is_money_in=True, memo=memo, counter_name=sender, counter_account="0451000123", sender="account",
        occurred_on=DAY, **more,
    )  # fmt: skip
    return decide(incoming, book, {})


def paid(decision: Decision) -> list[str]:
    return sorted(share.notice_id for share in decision.shares)


@pytest.mark.parametrize(
    ("memo", "months"),
    [
        ("TH12.0095", set()), ("th12 0095 hoc phi", set()), ("TH12_0095", set()), ("TH12/0095", set()), ("TH12.0095 TH11", {11}),
        ("TH11.2026", {11}), ("t11 0965495080", {11}), ("t11. 350k", {11}), ("thang 9 045", {9}),
    ],
)  # fmt: skip
def test_a_number_of_a_code_is_no_month(memo, months):
    assert months_in(*split(fold_memo(memo))) == months


def test_a_code_like_a_month_names_none():
    notices = [a_notice("TH12.0095", "Tiền ăn tháng 9", 418_000, 9), a_notice("TH12.0095", "Nước uống", 36_000, 9)]
    assert decided("TH12.0095", 454_000, notices).status == "matched"


def test_of_two_namesakes_one_could_pay_the_sum_with_so_many_notices_that_they_are_not_listed():
    months = [a_notice("H1", f"Tiền ăn tháng {month}", 400_000 + month, month) for month in (7, 8, 9, 10, 11)]
    all_of_one = [a_notice("H2", "Tiền ăn tháng 11", 400_007 + 400_008 + 400_009 + 400_010 + 400_011)]
    amount = all_of_one[0].amount
    decision = decided("tt cac khoan Luc Anh Toan lop 4B", amount, [*months, a_notice("H1", "Đồng phục", 1), *all_of_one])
    assert (decision.status, decision.reason) == ("suggested", "ambiguous")
    assert paid(decided("tt cac khoan Luc Anh Toan lop 4B", amount, [*months[1:], *all_of_one])) == ["H2/Tiền ăn tháng 11"]


def test_a_namesake_who_paid_a_part_of_the_same_fee_is_asked_for():
    notices = [a_notice("H1", "Vệ sinh", 40_000), a_notice("H2", "Vệ sinh", 40_000, allocated=34_500)]
    assert decided("ve sinh Luc Anh Toan 4B", 40_000, notices).reason == "ambiguous"


SIBLINGS = [
    a_notice("H3", "Vệ sinh", 70_000), a_notice("H3", "Sổ liên lạc", 55_000), a_notice("H4", "Trông xe", 15_000),
    a_notice("H4", "Tiền ăn tháng 11", 660_000),
]  # fmt: skip


@pytest.mark.parametrize(
    "memo", ["2 CHAU CAO VAN TAN LOP 2A CAO XUAN DUONG LOP 1C", "Tan 2B, Duong lop 1c", "cho Cao Van Tan va Cao Xuan Duong"]
)
def test_of_several_in_a_list_nobody_is_paid_for_alone(memo):
    memo = memo.replace("LOP 2A", "LOP 2B")
    assert paid(decided(memo, 70_000, SIBLINGS)) == ["H3/Sổ liên lạc", "H4/Trông xe"]


def test_up_to_six_who_are_named_are_paid_for_with_the_fee_that_is_named():
    notices = [a_notice(payer.code, "Bảo hiểm y tế", 631_800) for payer in PAYERS] + [
        a_notice(payer.code, f"Khoản {number}", 100_000 + number) for payer in PAYERS for number in range(5)
    ]
    names = "CAO VAN TAN 2B VA CAO XUAN DUONG 1C VA CAO THI VE 3A VA NINH A SANG 5A VA BE THI NHAI 5B"
    assert len(paid(decided(f"BHYT CHO {names}", 5 * 631_800, notices))) == 5


def test_an_account_alone_does_not_choose_a_whole_bill_before_a_mixture_of_two():
    notices = [
        a_notice("H6", "Tiền ăn tháng 10", 550_000, 10), a_notice("H6", "Bán trú tháng 10", 150_000, 10),
        a_notice("H6", "Tiền ăn tháng 11", 450_000), a_notice("H6", "Bán trú tháng 11", 150_000),
    ]  # fmt: skip
    assert decided("nop tien", 600_000, notices, known="H6/Tiền ăn tháng 11").reason == "ambiguous"
    assert decided("nop tien Ninh A Sang 5A", 600_000, notices).status == "matched"


def test_an_account_pays_the_month_that_is_named_behind_a_paid_one():
    notices = [
        a_notice("H6", "Tiền ăn tháng 10", 550_000, 10),
        a_notice("H6", "Tiền ăn tháng 11", 550_000, allocated=550_000),
    ]
    assert paid(decided("tien an thang 10", 550_000, notices, known="H6/Tiền ăn tháng 10")) == ["H6/Tiền ăn tháng 10"]
    assert decided("nop tien", 550_000, notices, known="H6/Tiền ăn tháng 10").reason == "duplicate"


@pytest.mark.parametrize(
    ("memo", "sender"),
    [
        ("627754920966-LUONG THANH LINH chuyen tien qua MoMo-CHUYEN TIEN-OQCH99A13S49-MOMO627754920966MOMO", "LUONG THANH LINH"),
        ("IBFT hoc phi cho con tu LUONG THI PHUONG STK 0451000123", "LUONG THI PHUONG"),
        ("IBFT tien hoc tu LUONG THI PHUONG STK 0451000123", ""),
        ("4963822255000711WVI213114.56476.020615.Vietcombank:891271462561:PHAM K", "PHAM KHANH DUYEN"),
        ("4963822255000711WVI213114.56476.020615.Vietcombank:891271462561:PHA", "PHAM KHANH DUYEN"),
        ("TIEN AO QUAN CHO CON", "PHAM KHANH DUYEN"), ("tien nuoc loc cho con", "PHAM KHANH DUYEN"),
    ],
)  # fmt: skip
def test_the_senders_own_name_and_a_wallets_keep_no_account_from_deciding(memo, sender):
    notices = [a_notice("H6", "Tiền ăn tháng 11", 550_000)]
    assert decided(memo, 550_000, notices, sender, known="H6/Tiền ăn tháng 11").status == "matched"
