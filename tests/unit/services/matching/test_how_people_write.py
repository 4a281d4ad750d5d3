"""What people write as they speak, and what a bank or a keyboard leaves of it: courtesy, habits, sounds, lost letters, cut ends."""

from __future__ import annotations

from datetime import date

import pytest

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, decide
from services.matching.matcher.keys import class_keys
from services.matching.matcher.text import fold_memo, is_slip
from services.matching.matcher.values import Share

SITE, SUM = "TH-AN-LAC", 474_000
PAYERS = (
    ("TH.02.0173", "Trần Thảo Nhung", "1B"),
    ("TH.02.0174", "Chu Văn Phúc", "Lá 2"),
    ("TH.02.0175", "Vũ Đình Minh", "10A2"),
    ("TH.02.0176", "Bùi Hữu Chiến", "2B"),
    ("TH.02.0177", "Bùi Hữu Tuấn", "3B"),
    ("TH.02.0178", "Bùi Hữu Tuân", "3B"),
    ("TH.02.0179", "Phan Quang Gia Trí", "2B"),
    ("TH.02.0180", "Chu Tiến Phong", "10A2"),
    ("TH.02.0181", "Mông Ngọc Giang", "6B"),
    ("TH.02.0182", "Đặng Văn Đông", "3 tuổi A"),
    ("TH.02.0183", "Vi Ngọc Thư", "5C"),
    ("TH.02.0184", "Hà Tuấn Dung", "5C"),
    ("BN26017024", "Trương Hà Trâm", "Ngoại"),
)  # fmt: skip
"""Code, name, class or department."""


def a_book() -> Book:
    notices = [
        OpenNotice(
            f"{code}/{month}", SITE, f"R{code}{month}", None, "meals", "due", date(2026, month, 20), SUM + month, False, 0, code,
            f"Tiền ăn tháng {month}", f"2026-{month}", date(2026, month, 1),
        )
        for code, *_ in PAYERS
        for month in (10, 11)
    ]  # fmt: skip
    return Book(notices, [Payer(SITE, code, name, group) for code, name, group in PAYERS])


def decided(memo: str, *, sender: str = "PHUNG THI NHU", account: str | None = None, amount: int = SUM + 11) -> Decision:
    book = a_book()
    if account is not None:
        book.learn(SITE, [account], [Share("TH.02.0173/10", SUM + 10)], date(2026, 10, 12))
    incoming = Incoming(
        "c1", SITE, amount, is_money_in=True, memo=memo, counter_name=sender, sender=account, occurred_on=date(2026, 11, 10)
    )
    return decide(incoming, book, {})


def paid(decision: Decision) -> list[str]:
    return [share.notice_id for share in decision.shares]


@pytest.mark.parametrize(
    "memo",
    [
        "nhu moi lan",
        "CUSTOMER nhu thang truoc. TU: PHUNG THI NHU",
        "CK TIEN CHO CO",
        "gui tien T11/2026 kem anh",
        "GUI TIEN CHAU HOC; tai Napas",
        "Chao co a",
    ],
)
def test_what_people_say_beside_a_payment_names_nobody(memo: str) -> None:
    assert paid(decided(memo, account="19034567890")) == ["TH.02.0173/11"]
    assert decided(memo).shares == ()


@pytest.mark.parametrize("memo", ["nop cho Mit 4B", "cho be Quyet 5A nhu thang truoc"])
def test_another_child_named_beside_them_is_asked_for(memo: str) -> None:
    assert decided(memo, account="19034567890").shares == ()


@pytest.mark.parametrize(
    ("memo", "code"),
    [
        ("be Chan Thao Nhung lop 1B tien an t11", "TH.02.0173"),
        ("chau Chu Van Fuc lop la 2 tien an", "TH.02.0174"),
        ("con vu giinh minh l.10-a2 tien an thang 11", "TH.02.0175"),
    ],
)
def test_a_name_written_as_it_is_heard_is_a_slip(memo: str, code: str) -> None:
    assert paid(decided(memo)) == [f"{code}/11"]


@pytest.mark.parametrize(
    ("typed", "meant", "is_one"),
    [
        ("chan", "tran", True), ("giinh", "dinh", True), ("fuong", "phuong", True), ("wynh", "quynh", True),
        ("chi", "tri", True), ("chan", "trang", False), ("tran", "tran", False), ("fu", "hu", True), ("hoa", "loa", True),
        ("anh", "tranh", False),
    ],
)  # fmt: skip
def test_beginnings_that_sound_alike_are_one_slip(typed: str, meant: str, is_one: bool) -> None:
    assert is_slip(typed, meant) is is_one


def test_letters_lost_to_question_marks_name_who_is_called_so_but_for_them() -> None:
    assert paid(decided("B?I H?U CHI?N 2B n?p ti?n ?n")) == ["TH.02.0176/11"]
    assert paid(decided("??NG V?N ??NG l?p 3 tu?i A")) == ["TH.02.0182/11"]
    assert decided("b?i h?u tu?n 3B ti?n ?n").shares == ()  # Tuấn and Tuân
    assert decided("B?I H?U CHI?NG 2B").shares == ()
    assert decided("B?I H?U CHI?N TH??NG 2B").shares == ()  # a longer name is another's
    assert decided("B?i H?u Chi?n Linh 2B").shares == ()
    assert decided("B?I H?U CHI?N").shares == ()  # of no class


def test_a_given_name_cut_to_a_letter_by_the_end_is_that_of_the_class() -> None:
    assert paid(decided("hs lop 2B chau Phan Quang Gia T")) == ["TH.02.0179/11"]
    assert decided("hs lop 2B chau Phan Quang Gia T tien an").shares == ()  # it does not end there
    assert decided("chau Phan Quang Gia T").shares == ()


def test_who_is_called_so_but_for_one_word_is_suggested_first() -> None:
    doubtful = decided("tien an lop 5C em Ha Tuan Thu")
    assert doubtful.shares == ()
    assert doubtful.candidates[0].notice_ids == ("TH.02.0184/11",)


@pytest.mark.parametrize(
    "memo", ["CO CHU NHIEM NOP HO EM TOM (CHU TIEN PHONG) - 10-A2", "co giao nop giup chau Chu Tien Phong lop 10A2"]
)
def test_a_teacher_may_pay_for_one_child(memo: str) -> None:
    assert paid(decided(memo)) == ["TH.02.0180/11"]


def test_a_teacher_who_collects_is_asked_for() -> None:
    assert decided("GVCN Chu Tien Phong thu ho hs lop 10A2").shares == ()


@pytest.mark.parametrize(
    "memo", ["CHAU CHAO CO, BA GUI TIEN AN CHO NGOC GIANG LOP 6-B NHE", "em chao co, cho Ngoc Giang 6B"]
)
def test_a_greeting_names_no_other_pupil(memo: str) -> None:
    assert paid(decided(memo, sender="")) == ["TH.02.0181/11"]


def test_a_bare_department_is_no_class_so_that_titles_announce_the_patient() -> None:
    assert class_keys("Ngoại") == class_keys("Khoa Nội") == class_keys("YHCT") == ()
    assert class_keys("Lá 2") == ("la2",)
    assert paid(decided("NOP HO ONG TRUONG HA TRAM vien phi")) == ["BN26017024/11"]


def test_a_code_with_full_stops_is_no_month() -> None:
    both = decided("TH.02.0173 DONG TAT CA CAC KHOAN", amount=2 * SUM + 21)
    assert paid(both) == ["TH.02.0173/10", "TH.02.0173/11"]


@pytest.mark.parametrize(
    ("typed", "folded"), [("hP Dang ThAnh Nhung", "hp dang thanh nhung"), ("TranThiHue", "tran thi hue")]
)
def test_a_random_capital_does_not_cut_a_sound_in_two(typed: str, folded: str) -> None:
    assert fold_memo(typed) == folded


@pytest.mark.parametrize("memo", ["lop 1B chau Tran Thao Nhu", "1B Tran Thao Nhug", "Tran Thao Nhun lop 1B tien an"])
def test_a_slip_may_make_another_name_where_class_and_middle_name_are_right(memo: str) -> None:
    assert paid(decided(memo)) == ["TH.02.0173/11"]


@pytest.mark.parametrize("memo", ["Chu Van Phu la 2 tien an", "Chu Van Phuoc la 2"])
def test_a_middle_name_that_half_the_country_bears_tells_too_little_for_that(memo: str) -> None:
    assert decided(memo).status != "matched"


@pytest.mark.parametrize(
    ("memo", "folded"),
    [
        ("BN LuOng Bao Hien - THaNH ToaN keM", "bn luong bao hien - thanh toan kem"),
        ("ck sO liEN lac HoAng PhuonG My", "ck so lien lac hoang phuong my"),
        ("NguyenVanAn-HocPhi lop5A", "nguyen van an-hoc phi lop5a"),
        ("LuOng Bao Hien toaN", "lu ong bao hien toan"),  # one such word may be a slip
    ],
)
def test_capitals_that_stand_anywhere_begin_no_words(memo: str, folded: str) -> None:
    assert fold_memo(memo) == folded


@pytest.mark.parametrize("memo", ["Phan Quang Gia Tri 2B tien an thang 12", "2b phan quang gia tri TA T12/2026"])
def test_a_month_that_is_not_asked_for_yet_is_a_question(memo: str) -> None:
    assert decided(memo).status == "suggested"


def test_an_age_behind_a_name_counts_no_months() -> None:
    assert paid(decided("DANG VAN DONG THANG 11 3 tuoi A")) == ["TH.02.0182/11"]
    assert decided("Thang 4 tuoi B").status != "matched"


@pytest.mark.parametrize("memo", ["GVCN nop tien an t11 Bui Huu Chien, Mong Ngoc Giang, Vi Ngoc Thu"])
def test_a_list_of_whole_names_is_the_pupils_whoever_wrote_it(memo: str) -> None:
    assert len(paid(decided(memo, amount=3 * (SUM + 11)))) == 3


@pytest.mark.parametrize(
    "memo",
    [
        "em nop muon co thong cam",
        "xin loi co em quen",
        "goi co tien cua con",
        "bo no nop",
        "nop tien hoc CN BAC GIANG 172792",
        "PGD CHU - nop tien",
        "[11/11 21:19] Co Huong GVCN: nop tien",
    ],
)
def test_courtesies_branches_and_chats_name_no_other_child(memo: str) -> None:
    assert paid(decided(memo, account="19034567890")) == ["TH.02.0173/11"]


@pytest.mark.parametrize("memo", ["CN Tran Thao Nhung 1B tien an", "PGD tran thao nhung 1B"])
def test_what_stands_behind_a_branch_may_be_a_name(memo: str) -> None:
    assert paid(decided(memo)) == ["TH.02.0173/11"]


@pytest.mark.parametrize("memo", ["tien nuoc cua Mong Giang lop 6B", "[26/12 10:38] Co Huong GVCN: MONG NGOC GIANG 6-B"])
def test_of_whom_a_fee_is_and_who_said_so_are_no_parts_of_a_name(memo: str) -> None:
    assert paid(decided(memo)) == ["TH.02.0181/11"]


@pytest.mark.parametrize("memo", ["lop 2B PHAN G TRI tien an", "phan g. tri 2b"])
def test_a_letter_of_one_middle_name_says_more_than_none(memo: str) -> None:
    assert paid(decided(memo)) == ["TH.02.0179/11"]
