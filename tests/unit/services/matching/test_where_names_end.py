"""Where a name in a memo ends, and which words beside it are none: of class, fee, courtesy, kinship, banks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, decide
from services.matching.matcher.values import Share

SITE, MEALS, WATER, SEAT = "TH-AN-LAC", 474_000, 36_000, 60_000
PUPILS = {
    "P00301": ("Hứa Ngọc Bình", "3A", "Hứa Văn Pảo"), "P00302": ("Giáp Minh Chi", "3A", "Giáp Thị Lả"),
    "P00303": ("Ninh Hoài Anh", "3A", "Ninh Văn Sự"), "P00304": ("Bàn Đức Đông", "4B", "Bàn Thị Mến"),
    "P00305": ("Lê Văn Học", "4B", "Lê Văn Tư"), "P00306": ("Chu Yên", "4B", "Chu Thị Hoa"),
    "P00307": ("Trác Mạnh Lợi", "5C", "Trác Văn Hùng"), "P00308": ("Thân Thảo Linh", "5C", "Thân Thị Mùi"),
    "P00309": ("Vi Thế Bằng", "5C", "Vi Văn Chiến"), "P00310": ("Mông Gia Vi", "5C", "Mông Văn Tài"),
    "P00311": ("Lương Thị Sen", "5C", "Lương Văn Bảy"), "P00312": ("Dương Khánh Bích", "5C", "Dương Văn Đài"),
}  # fmt: skip
FEES = (("meals", MEALS, "Tiền ăn bán trú tháng 11"), ("water", WATER, "Nước uống học kỳ 1"), ("seat", SEAT, "Ghế ngồi"))


def a_book() -> Book:
    payers = [Payer(SITE, code, name, group, guardian) for code, (name, group, guardian) in PUPILS.items()]
    notices = [
        OpenNotice(
            f"{code}/{kind}", SITE, f"KH{code}{kind}", None, kind, "due", date(2026, 11, 20), amount, False, 0, code, purpose,
            "2026-11", date(2026, 11, 1),
        )
        for code in PUPILS
        for kind, amount, purpose in FEES
    ]  # fmt: skip
    return Book(notices, payers)


def decided(memo: str, amount: int = MEALS, *, sender: str = "PHUNG THI NHUNG", account: str = "") -> Decision:
    day = date(2026, 11, 10)
    incoming = Incoming(
        "c1", SITE, amount, is_money_in=True, memo=memo, counter_name=sender, counter_account=account, occurred_on=day
    )
    return decide(incoming, a_book(), {})


def paid(decision: Decision) -> list[str]:
    return [share.notice_id for share in decision.shares]


@pytest.mark.parametrize(
    "memo",
    [
        "hoc sinh Hua Ngoc Binh hoc lop 3A",
        "Hua Ngoc Binh dang hoc lop 3A",
        "chau Hua Ngoc Binh hoc lp 3A an trua",
        "cho con Hua Ngoc Binh toan bo",
        "chau Hua Ngoc Binh_cj gui",
        "em Hua Ngoc Binh chuyen muon",
        "Hua Ngoc Binh nha co 3A",
        "kon Hua Ngoc Binh co nhan giup em",
        "Hua Ngoc Binh the bhyt",
        "con Hua Ngoc Binh TAN THANG 11",
        "LOP 3A HUA N BINH_DONG DV BAN TRU",
        "e lop 3A Hua N. Binh co nhan giup em",
        "con lp 3A Hua Binh so ll dien tu",
    ],
)
def test_a_verb_a_fee_or_courtesy_ends_a_name(memo: str) -> None:
    assert paid(decided(memo)) == ["P00301/meals"]


def test_a_fee_in_short_ends_a_name() -> None:
    water = next(amount for kind, amount, _ in FEES if kind == "water")
    assert paid(decided("cho con Hua Ngoc Binh dong nc uong", water)) == ["P00301/water"]


@pytest.mark.parametrize(
    "memo",
    [
        "Binh hoc lop 3A tien an",
        "Hoc lop 3A Binh tien an",
        "Binh lp 3A nop an",
        "NGO VAN TY gui: Binh lop 3A",
        "VNPT MONEY. BINH . l 3A . tien an",
        "SEVQR BINH - L3A",
        "lop 3A Binh me la Phung Thi Nhung",
        "LOP 3A HO TEN BINH T.AN",
        "BINH 3A NOP TIEN CHO CHAU KH CHUYEN",
        "BINH T.AN LOP 3A",
        "DONG T.AN BINH 3-A",
        "em gui/Binh/3A",
        "ck tien Binh 3A",
        "lop 3A Binh tjen com",
        "765C.binh 3A tien an",
        "chau lp 3A Binh tu PHUNG THI NHUNG 234296 VPB",
        "CK tu NGO THI NGA - Hua Binh lop 3A",
    ],
)
def test_a_given_name_beside_its_class_ends_before_such_words(memo: str) -> None:
    assert paid(decided(memo)) == ["P00301/meals"]


def test_who_is_called_hoc_is_not_taken_for_the_verb() -> None:
    assert paid(decided("Le Van Hoc lop 4B tien an")) == ["P00305/meals"]
    assert decided("em hoc lop 4B tien an").shares == ()


def test_a_longer_name_is_still_anothers() -> None:
    assert decided("Hua Ngoc Binh Nhi 3A tien an").shares == ()
    assert decided("con Binh T.An 3A").shares != decided("con Binh 3A", WATER).shares
    assert decided("Binh Minh lop 3A tien an").shares == ()


@pytest.mark.parametrize(
    ("memo", "sender"),
    [
        ("con chi Giap Thi La lop 3A nop tien an", "GIAP THI LA"),
        ("con chi Giap Thi La lop 3A nop tien an", "LY VAN SAY"),
        ("CON ANH NINH VAN SU 3A CHUYEN TIEN AN", "NINH VAN SU"),
        ("con anh Ninh Van Su hoc lop 3A tien an", "NINH VAN SU"),
        ("PH BAN THI MEN 4B DONG BAO HIEM", "BAN THI MEN"),
        ("BA NGOAI CHAU VI TH? ?O?N, L5C tien an", "TO THI NET"),
    ],
)
def test_a_word_of_kinship_or_paying_before_a_parents_name_is_no_pupil(memo: str, sender: str) -> None:
    assert decided(memo, sender=sender).shares == ()


def test_a_word_of_money_is_no_name_written_in_one() -> None:
    assert decided("PHUNG THI NHUNG chuyen khoan").shares == ()
    assert paid(decided("con Chu Yen lop 4B")) == ["P00306/meals"]


@pytest.mark.parametrize(
    "memo",
    [
        "P00301 cac khoan con thieu",
        "ma ho so P00301",
        "ma hs P00301 tin an",
        "MSHS: P00301",
        "LIENVIET24H 4994861571 P00301 KH CHUYEN",
        "MHS P00301 TAI CN LUC NGAN",
        "P00301 bien dong dat",
        "dong tan th11 ma hs P00301",
    ],
)
def test_everyday_words_beside_a_code_name_nobody(memo: str) -> None:
    assert decided(memo).shares != ()


def test_a_code_and_anothers_name_are_no_two_children_unless_they_are_listed() -> None:
    assert decided("ma P00301 Than Thao Linh lop 5C tien an", 2 * MEALS).shares == ()
    assert decided("ma P00301 Than Thao Linh 5C gui ghe va the hs", MEALS + SEAT).shares == ()
    assert paid(decided("P00301 va Than Thao Linh lop 5C tien an", 2 * MEALS)) == ["P00301/meals", "P00308/meals"]


def test_what_stands_behind_the_senders_account_is_typed_where_the_bank_names_him() -> None:
    memo = "ND:CT DEN:688816666285 ICB;4425532143390;THAN THAO LINH P00301; tai iPay"
    assert decided(memo, sender="PHAM VAN SU", account="4425532143390").shares == ()


def test_the_senders_name_keeps_its_spelling() -> None:
    memo = "CT nhanh 247 den: 15962478 tu VI VAN CHOONG nop ho P00301 cac khoan dau nam"
    assert paid(decided(memo, sender="VI VAN CHOONG")) == ["P00301/meals"]


def test_a_name_that_the_memos_end_cut_is_no_senders_behind_what_he_typed() -> None:
    book = a_book()
    book.learn(SITE, ["0b5f"], [Share("P00307/seat", SEAT)], date(2026, 11, 2))
    incoming = Incoming(
        "c1", SITE, MEALS, is_money_in=True, memo="gui bhyt Le Van", counter_name="LE VAN TOAN", sender="0b5f",
        occurred_on=date(2026, 11, 10),
    )  # fmt: skip
    assert decide(incoming, book, {}).shares == ()
    assert paid(decide(replace(incoming, memo="CT tu 0123456789 LE VAN"), book, {})) == ["P00307/meals"]


def test_a_family_name_may_be_a_letter_where_the_rest_is_whole() -> None:
    assert paid(decided("nop tien T Manh Loi")) == ["P00307/meals"]
    assert decided("nop tien b Manh Loi").shares == ()
    assert paid(decided("nop tien L Thi Sen")) == ["P00311/meals"]  # the only one here who is called so, and owes just this


def test_a_word_that_a_banks_wrap_broke_is_put_together() -> None:
    assert paid(decided("con lop 5C Than Th ao Linh tien an")) == ["P00308/meals"]


def test_two_pupils_are_children_though_the_last_of_them_pays_for_a_child() -> None:
    both = decided("Than Thao Linh va Luong Thi Sen nop tien an cho con", 2 * MEALS)
    assert paid(both) == ["P00308/meals", "P00311/meals"]
    assert decided("nguoi nop Than Thao Linh, Luong Thi Sen tien an cho con", 2 * MEALS).shares == ()


def test_a_pupil_added_to_another_is_not_the_sender() -> None:
    both = decided("BINH L 3A & LINH LOP 5C TIEN COM", 2 * MEALS, sender="NGO THAO LINH")
    assert paid(both) == ["P00301/meals", "P00308/meals"]
    assert decided("me Linh 5C tien an", sender="NGO THAO LINH").shares == ()
    assert paid(decided("Thao Linh 5C tien an", sender="NGO THI LINH")) == ["P00308/meals"]


def test_letters_of_something_else_are_initials_of_an_announced_pupil() -> None:
    assert paid(decided("chau LT Sen lop 5C tien an", sender="TO THI SEN")) == ["P00311/meals"]
    assert decided("tt Sen lop 5C tien an", sender="TO THI SEN").shares == ()


def test_a_sender_headed_nt_is_no_stranger_beside_a_code() -> None:
    assert paid(decided("NT:PHAM VAN KHOA ND:DONG T NUOC P00301 TAI CN KCN SONG KHE", WATER, sender="")) == ["P00301/water"]
    assert paid(decided("NGUYEN MANH HAI chuyen FT2630347355354 ma hs P00301", sender="")) == ["P00301/meals"]
    assert paid(decided("NGUYEN MANH HAI gui: P00301, tien an", sender="")) == ["P00301/meals"]
    assert decided("ma hs P00301 Nguyen Manh Hai chuyen tien an", sender="").shares == ()


@pytest.mark.parametrize(
    ("memo", "code"),
    [
        ("tien an lop 5C chau Than Thao Li", "P00308"),
        ("TIEN AN 5/C ME CHAU DUONG KHANH BI", "P00312"),
        ("tiền ăn cháu thân thảo li", "P00308"),
        ("tien an lop 5C Vi The Ba", "P00309"),  # a name too, but nobody's of this class
    ],
)
def test_a_given_name_that_the_memos_end_cut_is_whose_it_begins(memo: str, code: str) -> None:
    assert paid(decided(memo)) == [f"{code}/meals"]


def test_a_given_name_that_the_memos_end_cut_is_a_question_where_it_may_be_anothers() -> None:
    assert decided("tien an chau Vi The Ba").shares == ()  # Ba is a name
    assert decided("tien an lop 5C Than Li").shares == ()
    assert decided("lop 5C Than Thao Li tien an").shares == ()
    book = a_book()
    book.add_payer(Payer(SITE, "P00313", "Thân Thảo Liên", "5C"))
    book.add(
        OpenNotice("P00313/meals", SITE, "KHP00313", None, "meals", "due", date(2026, 11, 20), MEALS, False, 0, "P00313")
    )
    incoming = Incoming("c1", SITE, MEALS, is_money_in=True, memo="5C Than Thao Li", occurred_on=date(2026, 11, 10))
    assert decide(incoming, book, {}).shares == ()
