"""Codes that look like months, namesakes who could pay the sum otherwise, pupils in a list, and who sends through a wallet."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, decide
from services.matching.matcher.months import months_in
from services.matching.matcher.text import fold_memo, split
from services.matching.matcher.values import Share
from shared.reference import random_reference

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


def test_an_account_pays_the_only_month_that_is_open_behind_a_paid_one():
    notices = [
        a_notice("H6", "Tiền ăn tháng 10", 550_000, 10),
        a_notice("H6", "Tiền ăn tháng 11", 550_000, allocated=550_000),
    ]
    assert paid(decided("tien an thang 10", 550_000, notices, known="H6/Tiền ăn tháng 10")) == ["H6/Tiền ăn tháng 10"]
    assert paid(decided("nop tien", 550_000, notices, known="H6/Tiền ăn tháng 10")) == ["H6/Tiền ăn tháng 10"]


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


REFERENCE = random_reference(random.Random(7))


def test_a_reference_whose_last_symbol_stands_there_twice_is_a_slip():
    notices = [a_notice("H6", "Tiền ăn tháng 11", 550_000, reference=REFERENCE)]
    assert decided(f"{REFERENCE}{REFERENCE[-1]} nop tien", 500_000, notices).status == "suggested"
    assert decided(f"{REFERENCE}{REFERENCE[-1]} nop tien", 550_000, notices).status == "matched"
    assert decided(f"{REFERENCE} nop tien", 500_000, notices).status == "matched"


CODES = [
    replace(PAYERS[0], code="HS04.1456"), replace(PAYERS[1], code="TH00219"), replace(PAYERS[3], code="H05.20-261102-0049"),
    replace(PAYERS[4], code="SD010441"), replace(PAYERS[5], code="BN001066"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("memo", "code"),
    [
        ("MA SO HSO4.1456 NOP HP", "HS04.1456"), ("ma hs tho0219 4 b", "TH00219"), ("ma HS SDo1o441-L.Choi 3", "SD010441"),
        ("LE PHI MA HO5.2O-2611O2-OO49", "H05.20-261102-0049"), ("Ho5.20 2611o2 oo49 phi trich luc", "H05.20-261102-0049"),
        ("ma BNoo1o66_tien kham", "BN001066"), ("ID HSO4.I456 7A", "HS04.1456"),
    ],
)  # fmt: skip
def test_letters_in_a_code_are_read_as_the_digits_that_they_look_like(memo, code):
    book = Book([a_notice(each.code, "Khoản thu", 75_000) for each in CODES], [replace(each, notices=[]) for each in CODES])
    decision = decide(Incoming("c1", SITE, 75_000, True, memo, occurred_on=DAY), book, {})
    assert (decision.reason, paid(decision)) == ("payer_code", [f"{code}/Khoản thu"])


@pytest.mark.parametrize(
    ("memo", "amount", "expected"),
    [
        ("KHOAN THU THANG 9", 625_000, ["H6/Bán trú tháng 9", "H6/Tiền ăn tháng 9"]),
        ("hoc phi thang 10", 150_000, ["H6/Bán trú tháng 10"]),
        ("nop tien", 150_000, []), ("nop tien", 625_000, []), ("thang 8", 150_000, []),
    ],
)  # fmt: skip
def test_under_a_virtual_account_the_named_month_is_paid(memo, amount, expected):
    notices = [
        a_notice("H6", f"{fee} tháng {month}", price, month, virtual_account="VA6")
        for month in (9, 10, 11)
        for fee, price in (("Tiền ăn", 475_000), ("Bán trú", 150_000))
    ]
    assert paid(decided(memo, amount, notices, virtual_account="VA6")) == expected


def test_all_that_is_owed_is_paid_in_the_month_that_is_named():
    notices = [
        a_notice("H6", "Nước uống", 36_000, 9), a_notice("H6", "Tiền ăn tháng 10", 450_000, 10), a_notice("H6", "Quỹ lớp", 100_000, 10),
    ]  # fmt: skip
    assert len(paid(decided("cac khoan thang 10 Ninh A Sang 5A", 586_000, notices))) == 3
    assert decided("cac khoan thang 10 Ninh A Sang 5A", 486_000, notices).status == "suggested"


def test_a_parent_who_is_named_is_no_parents_fund_and_a_cut_word_no_meal():
    notices = [
        a_notice("H6", "Quỹ phụ huynh", 100_000),
        a_notice("H6", "Trông xe", 150_000),
        a_notice("H6", "Tiền ăn", 450_000),
    ]
    assert paid(decided("phu huynh Ngo Thi May - nop - Ninh A Sang 5A", 150_000, notices)) == ["H6/Trông xe"]
    assert paid(decided("ND:CT DEN:443918122136 ICB;834878803313;DONG HOC CHAU NINH A SANG 5A; ta", 150_000, notices)) == [
        "H6/Trông xe"
    ]
    assert decided("Ninh A Sang 5A quy phu huynh", 150_000, notices).status == "suggested"


def slipped(reference: str) -> str:
    """With one symbol that looks like none of its own."""
    return reference[:5] + ("7" if reference[5] != "7" else "4") + reference[6:]


def test_two_references_with_a_slip_each_are_paid_where_they_make_the_sum():
    first, second = REFERENCE, random_reference(random.Random(8))
    notices = [
        a_notice("H6", "Tiền ăn tháng 11", 550_000, reference=first), a_notice("H7", "Bán trú tháng 11", 150_000, reference=second),
    ]  # fmt: skip
    memo = f"{slipped(first)}, {slipped(second)} tien com"
    assert paid(decided(memo, 700_000, notices)) == ["H6/Tiền ăn tháng 11", "H7/Bán trú tháng 11"]
    assert decided(memo, 690_000, notices).status == "suggested"


def test_a_code_of_another_site_keeps_a_known_account_from_deciding():
    elsewhere = Payer("OTHER", "TH12.0126", "Bùi Thị Ngát", "2A")
    theirs = replace(a_notice("H6", "Bảo hiểm", 100_000), site_id="OTHER", payer_code="TH12.0126", notice_id="theirs")
    book = Book(
        [a_notice("H6", "Tiền ăn tháng 11", 100_000), theirs], [replace(each, notices=[]) for each in (*PAYERS, elsewhere)]
    )
    book.learn(SITE, ["account"], [Share("H6/Tiền ăn tháng 11", 1)], date(2026, 10, 5))
    incoming = Incoming("c1", SITE, 100_000, True, "TH12.0126 bao hiem", sender="account", occurred_on=DAY)
    decision = decide(incoming, book, {})
    assert (decision.reason, decision.candidates[0].notice_ids) == ("wrong_account", ("theirs",))


@pytest.mark.parametrize(
    "memo",
    [
        "cho cao van tan hoc 2b chuyen tien an", "CHO BE CAO VAN TAN HOC (2B) NOP HP", "cho con la cao van tan hoc 2b",
        "Chau Cao Van Tan Hoc L 2B Ck Ban Tru", "GUI NOP TIEN CHO CON LA TAN 2B",
    ],
)  # fmt: skip
def test_who_a_child_is_and_where_it_attends_are_no_parts_of_its_name(memo):
    assert paid(decided(memo, 450_000, [a_notice("H3", "Tiền ăn tháng 11", 450_000)])) == ["H3/Tiền ăn tháng 11"]


def test_one_who_is_called_as_attending_sounds_is_still_found():
    book = Book([a_notice("H9", "Tiền ăn tháng 11", 450_000)], [Payer(SITE, "H9", "Ninh Văn Học", "2B")])
    assert (
        decide(Incoming("c1", SITE, 450_000, True, "Ninh Van Hoc 2B tien an", occurred_on=DAY), book, {}).status == "matched"
    )


def test_boarding_means_meals_or_care_as_the_sum_tells():
    notices = [a_notice("H3", "Tiền ăn tháng 11", 342_000), a_notice("H3", "Chăm sóc bán trú tháng 11", 80_000)]
    assert paid(decided("Cao Van Tan 2B ban tru thang 11", 342_000, notices)) == ["H3/Tiền ăn tháng 11"]
    assert paid(decided("Cao Van Tan 2B ban tru thang 11", 80_000, notices)) == ["H3/Chăm sóc bán trú tháng 11"]
    assert decided("Cao Van Tan 2B cham soc ban tru thang 11", 342_000, notices).status == "suggested"


def test_letters_before_a_given_name_are_those_of_another_name():
    notices = [a_notice("H5", "Tiền ăn tháng 11", 450_000)]
    assert paid(decided("be Ve 3A tien an", 450_000, notices)) == ["H5/Tiền ăn tháng 11"]
    assert paid(decided("C T Ve 3A tien an", 450_000, notices)) == ["H5/Tiền ăn tháng 11"]
    assert decided("B K Ve 3A tien an", 450_000, notices).status == "suggested"


def test_letters_of_a_month_name_no_fee():
    notices = [a_notice("H3", "Tiền ăn trưa T10/2026", 266_000, 10), a_notice("H3", "Tiền ăn trưa tháng 11", 266_000)]
    assert decided("PH EM CAO VAN TAN LOP 2B TIEN AN TRUA T HCS", 266_000, notices).reason == "ambiguous"
