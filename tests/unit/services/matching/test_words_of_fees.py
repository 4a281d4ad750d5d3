"""Which of a pupil's open notices a memo means: words that name a fee, months, and what is asked for together."""

from __future__ import annotations

from datetime import date

import pytest

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, SiteRules, decide

SITE = "TH-VAN-SON"
DAY = date(2026, 11, 10)


def a_notice(notice_id: str, purpose: str, amount: int, **more) -> OpenNotice:
    fields = {
        "reference": "R1", "virtual_account": None, "fee_kind": purpose.partition(" tháng")[0], "obligation": "due",
        "due_on": date(2026, 11, 20), "is_cancelled": False, "payer_code": "H1",
    }  # fmt: skip
    return OpenNotice(notice_id=notice_id, site_id=SITE, amount=amount, purpose=purpose, **{**fields, **more})


def decided(
    memo: str, amount: int, notices: list[OpenNotice], *pupils: Payer, day: date = DAY, rules: SiteRules | None = None
) -> Decision:
    incoming = Incoming("c1", SITE, amount, is_money_in=True, memo=memo, counter_name="TRAN THI KIEU", occurred_on=day)
    book = Book(notices, [Payer(SITE, "H1", "Đỗ Thùy Dung", "3A"), *pupils])
    return decide(incoming, book, {SITE: rules or SiteRules()})


def paid(decision: Decision) -> list[str]:
    return sorted(share.notice_id for share in decision.shares)


def of_one_sum(*purposes: str) -> list[OpenNotice]:
    return [a_notice(purpose, purpose, 180_000) for purpose in purposes]


@pytest.mark.parametrize(
    "memo",
    [
        "TKThe :94124101560442, tai Vietcombank. {}. CTLNHIDI976632603891344123-1/1-CRE-002",
        "Agribank ibanking {} tu TK 9245047722",
        "{} Ma GD TCDCECJ6ST0X",
        "VCB Digibank {} the 9704",
        "{} kenh dien tu",
        "{} thanh toan hoa don tai khoan the",
        "{} tin nhan",
        "TT GDNN-GDTX AN LAC {}",
        "NGUYEN THI HOA {}",
    ],
)
@pytest.mark.parametrize(
    "purposes",
    [
        ("Vệ sinh trường lớp", "Chăm sóc bán trú"),
        ("Sổ liên lạc điện tử", "Tài khoản học trực tuyến, thẻ"),
        ("Sổ liên lạc điện tử", "Dịch vụ đưa đón"),
        ("Giấy thi, đề thi", "Tin học"),
        ("Số thẻ", "Tiếng Anh"),
    ],
)
def test_a_banks_words_name_no_fee(memo, purposes):
    assert decided(memo.format("Do Thuy Dung 3A"), 180_000, of_one_sum(*purposes)).reason == "ambiguous"


@pytest.mark.parametrize(
    ("typed", "fee"),
    [
        ("ve sinh", "Vệ sinh trường lớp"), ("vs lop", "Vệ sinh trường lớp"), ("nop tien an", "Tiền ăn"), ("an trua", "Tiền ăn"),
        ("tien com", "Tiền ăn"), ("TA t11", "Tiền ăn"), ("tienanbantru", "Tiền ăn"), ("nuoc", "Nước uống"), ("xe", "Trông giữ xe"),
        ("quan ao dp", "Đồng phục"),
        ("bhyt", "Bảo hiểm y tế học sinh"), ("so lien lac", "Sổ liên lạc điện tử"), ("tieng anh", "Tiếng Anh liên kết"),
    ],
)  # fmt: skip
def test_a_person_names_a_fee_in_few_words(typed, fee):
    other = "Đồng phục" if fee != "Đồng phục" else "Tiền ăn"
    assert paid(decided(f"Do Thuy Dung 3A {typed}", 180_000, of_one_sum(fee, "Quỹ hội phụ huynh", other))) == [fee]


def test_a_class_is_no_fee():
    pupil = Payer(SITE, "H2", "Lã Bá Ngọc", "3TA")
    notices = [a_notice(purpose, purpose, 180_000, payer_code="H2") for purpose in ("Tiền ăn", "Nước uống")]
    assert decided("La Ba Ngoc 3TA", 180_000, notices, pupil).reason == "ambiguous"


def test_the_fee_of_which_more_is_said_is_meant():
    fees = of_one_sum("Tiền ăn bán trú", "Chăm sóc bán trú", "Nước uống")
    assert paid(decided("Do Thuy Dung 3A cham soc ban tru", 180_000, fees)) == ["Chăm sóc bán trú"]
    assert decided("Do Thuy Dung 3A ban tru", 180_000, fees).reason == "ambiguous"


def test_one_word_does_not_choose_a_mixture_of_bills():
    notices = [
        a_notice("meals", "Tiền ăn tháng 11", 600_000),
        a_notice("english", "Tiếng Anh tháng 11", 100_000),
        a_notice("sport", "Bóng rổ tháng 11", 60_000),
        a_notice("water", "Nước uống học kỳ 1", 40_000, reference="R2"),
        a_notice("bicycle", "Trông giữ xe học kỳ 1", 60_000, reference="R2"),
        a_notice("cleaning", "Vệ sinh lớp", 60_000, reference="R2"),
    ]
    decision = decided("Do Thuy Dung 3A nuoc tinh khiet", 700_000, notices)
    assert decision.reason == "ambiguous"
    assert paid(decided("Do Thuy Dung 3A tien an, tieng anh", 700_000, notices)) == ["english", "meals"]


def test_words_that_every_notice_has_are_all_that_do_not_decide():
    pupil = Payer(SITE, "H2", "Ngô Thị Hằng", "3A")
    notices = [
        a_notice(f"{fee} {code}", fee, amount, payer_code=code)
        for code in ("H1", "H2")
        for fee, amount in (("Chăm sóc bán trú", 120_000), ("Sổ liên lạc điện tử", 60_000))
    ]
    decision = decided("tien cham soc ban tru Do Thuy Dung 3A, Ngo Thi Hang 3A", 240_000, notices, pupil)
    assert paid(decision) == ["Chăm sóc bán trú H1", "Chăm sóc bán trú H2"]


def two_bills(*, sport: int = 60_000) -> list[OpenNotice]:
    """A month's bill of 760,000, as is the meals' sum with all of the half-year's bill but the sport."""
    half_year = {"reference": "R2", "period": "HK1"}
    return [
        a_notice("english", "Tiếng Anh tháng 11", 160_000),
        a_notice("meals", "Tiền ăn tháng 11", 600_000),
        a_notice("water", "Nước uống học kỳ 1", 40_000, **half_year),
        a_notice("bicycle", "Trông giữ xe học kỳ 1", 60_000, **half_year),
        a_notice("contact", "Sổ liên lạc điện tử", 60_000, **half_year),
        a_notice("sport", "Bóng rổ", sport, **half_year),
    ]


def test_a_whole_bill_is_meant_rather_than_a_mixture_of_two():
    assert paid(decided("Do Thuy Dung 3A", 760_000, two_bills())) == ["english", "meals"]
    assert paid(decided("Do Thuy Dung 3A cac khoan", 760_000, two_bills())) == ["english", "meals"]
    assert paid(decided("Do Thuy Dung 3A tieng anh", 760_000, two_bills())) == ["english", "meals"]


@pytest.mark.parametrize("memo", ["nuoc", "t10", "ve sinh"])
def test_a_whole_bill_is_a_question_where_the_memo_says_otherwise(memo):
    notices = [*two_bills(), a_notice("cleaning", "Vệ sinh trường lớp", 10_000, reference="R3")]
    assert decided(f"Do Thuy Dung 3A {memo}", 760_000, notices).reason == "ambiguous"


def test_of_two_whole_bills_none_is_chosen():
    assert decided("Do Thuy Dung 3A", 760_000, two_bills(sport=600_000)).reason == "ambiguous"


OCTOBER = {"due_on": date(2026, 10, 20)}


@pytest.mark.parametrize(
    "month",
    [
        "t10", "t.10", "T1 0", "thang 10", "thang muoi", "10/2026", "10 /2026", "hp10.2026", "thang 10/26", "10/2026-4711",
        "t hang 10", "tha ng 10/26",
        "mahs SD11.2019.198 t10", "ma SD11.2026.198, 10.2026",
    ],
)  # fmt: skip
def test_a_month_is_read_in_every_form(month):
    notices = [
        a_notice("october", "Tiền ăn tháng 10", 180_000, **OCTOBER),
        a_notice("november", "Tiền ăn tháng 11", 180_000),
    ]
    assert paid(decided(f"Do Thuy Dung 3A tien an {month}", 180_000, notices)) == ["october"]


@pytest.mark.parametrize("code", ["SD10.2026.198", "SD10.2026", "05.10.2026", "1.10/2026/5"])
def test_no_month_is_read_in_a_code_or_a_day(code):
    notices = [
        a_notice("october", "Tiền ăn tháng 10", 180_000, **OCTOBER),
        a_notice("november", "Tiền ăn tháng 11", 180_000),
    ]
    assert decided(f"Do Thuy Dung 3A tien an {code}", 180_000, notices).reason == "ambiguous"


EARLY = date(2026, 10, 23)


def with_november() -> list[OpenNotice]:
    november = {"reference": "R2", "period": "11", "issued_on": date(2026, 11, 1)}
    return [
        a_notice("october", "Tiền ăn tháng 10", 660_000, **OCTOBER),
        a_notice("meals", "Tiền ăn tháng 11", 640_000, **november),
        a_notice("water", "Nước uống tháng 11", 30_000, **november),
        a_notice("bicycle", "Trông giữ xe", 50_000, reference="R3", issued_on=date(2026, 11, 1)),
    ]


@pytest.mark.parametrize(
    ("memo", "amount", "expected"),
    [
        ("tien an t11", 640_000, ["meals"]), ("t11", 670_000, ["meals", "water"]), ("gui xe", 50_000, ["bicycle"]),
        ("tien an t.10", 670_000, []), ("tien an t10", 640_000, []), ("t11", 690_000, []), ("tien an", 640_000, []),
        ("", 640_000, []),
    ],
)  # fmt: skip
def test_what_is_not_yet_issued_is_paid_where_the_memo_means_it(memo, amount, expected):
    assert paid(decided(f"Do Thuy Dung 3A {memo}", amount, with_november(), day=EARLY)) == expected


def test_what_is_not_yet_issued_is_paid_where_nothing_else_is_open():
    assert paid(decided("Do Thuy Dung 3A", 640_000, with_november()[1:], day=EARLY)) == ["meals"]
    assert paid(decided("Do Thuy Dung 3A", 690_000, with_november()[1:], day=EARLY)) == []


def test_a_month_that_is_open_is_not_paid_again_by_the_sum_of_another():
    september = {"reference": "R0", "due_on": date(2026, 9, 20), "period": "9"}
    notices = [
        a_notice("meals 9", "Tiền ăn tháng 9", 550_000, **september, allocated=550_000),
        a_notice("water 9", "Nước uống tháng 9", 10_000, **september, allocated=10_000),
        a_notice("meals 10", "Tiền ăn tháng 10", 540_000, **OCTOBER),
    ]
    decision = decided("tien an t.10 Do Thuy Dung 3A", 560_000, notices)
    assert decision.reason == "name"
    assert decision.candidates[0].notice_ids == ("meals 10",)
    assert decided("tien an t9 Do Thuy Dung 3A", 560_000, notices).reason == "duplicate"
    assert decided("tien an Do Thuy Dung 3A", 560_000, notices).reason == "duplicate"


def candidates(decision: Decision) -> list[list[str]]:
    return [sorted(each.notice_ids) for each in decision.candidates]


@pytest.mark.parametrize(
    ("memo", "amount", "best"),
    [
        ("cham soc ban tru thang 11", 123_000, ["care"]), ("tien an", 300_000, ["meals"]), ("", 511_100, ["meals"]),
        ("", 499_000, ["meals"]), ("tat ca", 645_000, ["care", "meals", "water"]), ("nuoc", 20_000, ["water"]),
        ("", 100_000, ["care"]), ("t11", 640_000, ["care", "meals", "water"]),
    ],
)  # fmt: skip
def test_what_memo_and_sum_come_nearest_to_is_suggested_first(memo, amount, best):
    notices = [
        a_notice("meals", "Tiền ăn bán trú tháng 11", 510_000),
        a_notice("care", "Chăm sóc bán trú tháng 11", 120_000),
        a_notice("water", "Nước uống tháng 11", 12_000),
        a_notice("december", "Tiền ăn bán trú tháng 12", 640_000, issued_on=date(2026, 12, 1)),
    ]
    assert candidates(decided(f"Do Thuy Dung 3A {memo}", amount, notices))[0] == best


def of_two_months(code: str) -> list[OpenNotice]:
    return [
        a_notice(f"{code} 10", "Tiền ăn tháng 10", 180_000, payer_code=code, **OCTOBER),
        a_notice(f"{code} 11", "Tiền ăn tháng 11", 180_000, payer_code=code),
    ]


def test_payers_take_turns_among_what_is_suggested():
    notices = [*of_two_months("H1"), *of_two_months("H2")]
    namesake = Payer(SITE, "H2", "Đỗ Thùy Dung", "3A")
    decision = decided("Do Thuy Dung 3A", 180_000, notices, namesake)
    assert candidates(decision) == [["H1 10"], ["H2 10"], ["H1 11"], ["H2 11"]]
    notices = [*of_two_months("H1"), *of_two_months("HS00046")]
    decision = decided("HS00046 Do Thuy Dung 3A", 180_000, notices, Payer(SITE, "HS00046", "Ngô Thị Hằng", "3B"))
    assert candidates(decision) == [["HS00046 10"], ["H1 10"], ["HS00046 11"], ["H1 11"]]


def test_each_of_nine_months_is_known():
    months = [9, 10, 11, 12, 1, 2, 3, 4, 5]
    notices = [a_notice(f"meals {month}", f"Tiền ăn tháng {month}", 180_000) for month in months]
    assert paid(decided("Do Thuy Dung 3A tien an t5", 180_000, notices)) == ["meals 5"]


def test_two_who_are_named_pay_the_month_that_is_named():
    pupil = Payer(SITE, "H2", "Ngô Thị Hằng", "3A")
    notices = [*of_two_months("H1"), *of_two_months("H2")]
    assert paid(decided("Do Thuy Dung 3A, Ngo Thi Hang 3A t10", 360_000, notices, pupil)) == ["H1 10", "H2 10"]
    assert decided("Do Thuy Dung 3A, Ngo Thi Hang 3A", 360_000, notices, pupil).reason == "ambiguous"
    assert decided("Do Thuy Dung 3A, Ngo Thi Hang 3A t10 t11", 360_000, notices, pupil).reason == "ambiguous"


def test_a_mixture_is_a_question_where_another_open_fee_is_named():
    fees = (("Trông giữ xe", 60_000), ("Sổ liên lạc điện tử", 40_000), ("Nước uống", 50_000), ("Vệ sinh trường lớp", 90_000))
    notices = [a_notice(fee, fee, amount) for fee, amount in fees]
    assert decided("Do Thuy Dung 3A nuoc", 100_000, notices).reason == "ambiguous"
    committee = a_notice("Kinh phí ban đại diện", "Kinh phí ban đại diện", 150_000)
    assert paid(decided("Do Thuy Dung 3A ban tru", 100_000, [*notices, committee])) == [
        "Sổ liên lạc điện tử",
        "Trông giữ xe",
    ]
    assert paid(decided("Do Thuy Dung 3A gui xe", 100_000, notices)) == ["Sổ liên lạc điện tử", "Trông giữ xe"]
    assert paid(decided("Do Thuy Dung 3A", 100_000, notices)) == ["Sổ liên lạc điện tử", "Trông giữ xe"]


def test_the_oldest_is_paid_first_where_no_other_month_is_named():
    rules = SiteRules(oldest_first=True)
    assert paid(decided("Do Thuy Dung 3A", 180_000, of_two_months("H1"), rules=rules)) == ["H1 10"]
    assert decided("Do Thuy Dung 3A t12", 180_000, of_two_months("H1"), rules=rules).reason == "ambiguous"


@pytest.mark.parametrize(
    ("memo", "expected"), [("do thuy dung 3A & lop: 4b huu.NH", "suggested"), ("do thuy dung 3A nop cac khoan", "matched")]
)
def test_a_second_class_may_be_a_second_childs_whose_fee_two_notices_hide(memo: str, expected: str) -> None:
    notices = [a_notice("meals", "Tiền ăn tháng 11", 378_000), a_notice("care", "Dịch vụ bán trú tháng 11", 100_000)]
    other = Payer(SITE, "H9", "Vi Hữu Cầu", "4B")
    assert decided(memo, 478_000, notices, other).status == expected
