"""What a memo says beside a pupil's name: months with slips, care and meals, several fees, a part; and what only looks like a fee."""

from __future__ import annotations

from datetime import date

import pytest

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, SiteRules, decide

SITE = "TH-AN-BA"
DAY = date(2026, 11, 12)
OCTOBER = {"reference": "R0", "due_on": date(2026, 10, 20), "issued_on": date(2026, 10, 2)}
SEPTEMBER = {"reference": "R9", "due_on": date(2026, 9, 20), "issued_on": date(2026, 9, 4)}
DECEMBER = {"reference": "R2", "due_on": date(2026, 12, 20), "issued_on": date(2026, 12, 1)}


def a_notice(notice_id: str, purpose: str, amount: int, **more) -> OpenNotice:
    fields = {
        "reference": "R1", "virtual_account": None, "fee_kind": purpose.partition(" tháng")[0], "obligation": "due",
        "due_on": date(2026, 11, 20), "is_cancelled": False, "payer_code": "H1", "issued_on": date(2026, 11, 2),
    }  # fmt: skip
    return OpenNotice(notice_id=notice_id, site_id=SITE, amount=amount, purpose=purpose, **{**fields, **more})


def decided(memo: str, amount: int, notices: list[OpenNotice], day: date = DAY) -> Decision:
    incoming = Incoming("c1", SITE, amount, is_money_in=True, memo=memo, counter_name="HOANG THI MEN", occurred_on=day)
    return decide(
        incoming,
        Book(notices, [Payer(SITE, "H1", "Lưu Khánh Ngân", "3A"), Payer(SITE, "H2", "Lưu Gia Bách", "5B")]),
        {SITE: SiteRules()},
    )


def paid(decision: Decision) -> list[str]:
    return sorted(share.notice_id for share in decision.shares)


def of_two_months() -> list[OpenNotice]:
    return [
        a_notice("10", "Tiền ăn bán trú tháng 10", 420_000, **OCTOBER), a_notice("11", "Tiền ăn bán trú tháng 11", 420_000),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "memo",
    [
        "tien an thag 10 Luu Khanh Ngan 3A", "Luu Khanh Ngan 3A an trua thnag10", "thanng 10 tien com Luu Khanh Ngan lop 3A",
        "NOP BAN TRUT10 LUU KHANH NGAN 3A", "luu khanh ngan 3a hpt10", "Luu Khanh Ngan 3A ck tien an trua T10",
        "Luu Khanh Ngan 3A tien an cho cont10 nhe co", "nop hphit.10 Luu Khanh Ngan 3A", "Luu Khanh Ngan 3A com trath10",
        "NopTienAnT10ChoLuuKhanhNgan3A", "NopTienAnThg10PhLuuKhanhNgan3A", "tien an cho cont 10 Luu Khanh Ngan 3A",
        "Luu Khanh Ngan 3A tien an 10 2026", "tien truat10 Luu Khanh Ngan 3A",
    ],
)  # fmt: skip
def test_a_month_is_read_with_a_slip_and_glued_to_the_word_before(memo):
    assert paid(decided(memo, 420_000, of_two_months())) == ["10"]


@pytest.mark.parametrize(
    "memo",
    [
        "Luu Khanh Ngan 3A thagn 9a",
        "Luu Khanh Ngan 3A MAT10-0132",
        "xet nghiem 10 Luu Khanh Ngan 3A",
        "Luu Khanh Ngan lop 3A ky 10 2026",
    ],
)
def test_what_only_looks_like_a_glued_month_is_none(memo):
    assert decided(memo, 420_000, of_two_months()).reason == "ambiguous"


@pytest.mark.parametrize(
    "memo",
    ["phi trong trua", "nop tien trong trua", "ngu trua", "tien cham soc trua", "di lam xa gui ve", "mhs H1", "tien truong"],
)
def test_care_at_noon_is_no_meal_and_vague_words_name_no_fee(memo):
    notices = [
        a_notice("care", "Dịch vụ bán trú tháng 11", 130_000), a_notice("meals", "Tiền ăn bán trú tháng 11", 420_000),
        a_notice("cleaning", "Vệ sinh lớp học học kỳ I", 25_000, **OCTOBER),
        a_notice("fund", "Quỹ ban đại diện cha mẹ học sinh", 90_000, **OCTOBER),
    ]  # fmt: skip
    assert paid(decided(f"Luu Khanh Ngan 3A {memo}", 130_000, notices)) == ["care"]


@pytest.mark.parametrize(
    ("memo", "expected"),
    [
        ("phi trong trua", "Dịch vụ bán trú"), ("cham soc ban tru", "Dịch vụ bán trú"), ("an trua", "Tiền ăn"),
        ("suat an", "Tiền ăn"), ("quy phu huynh", "Quỹ hội cha mẹ học sinh"), ("hoi phu huynh", "Quỹ hội cha mẹ học sinh"),
        ("nap nc uong", "Nước uống"), ("phi vsinh", "Vệ sinh lớp"), ("bhyt", "Bảo hiểm y tế"), ("nap ghe", "Ghế ngồi"),
        ("tien bao hiem than the", "Bảo hiểm thân thể"), ("so ll dien tu", "Sổ liên lạc điện tử"),
    ],
)  # fmt: skip
def test_a_fee_is_known_by_what_parents_call_it(memo, expected):
    purposes = [
        "Dịch vụ bán trú", "Tiền ăn", "Quỹ hội cha mẹ học sinh", "Nước uống", "Vệ sinh lớp", "Bảo hiểm y tế", "Ghế ngồi",
        "Bảo hiểm thân thể", "Sổ liên lạc điện tử",
    ]  # fmt: skip
    notices = [a_notice(purpose, purpose, 130_000) for purpose in purposes]
    assert paid(decided(f"Luu Khanh Ngan 3A {memo}", 130_000, notices)) == [expected]


def of_two_fees() -> list[OpenNotice]:
    return [
        a_notice("insurance", "Bảo hiểm y tế 12 tháng", 600_000, **SEPTEMBER), a_notice("bicycle", "Trông giữ xe tháng 11", 20_000),
        a_notice("meals", "Tiền ăn tháng 9", 390_000, **SEPTEMBER),
    ]  # fmt: skip


@pytest.mark.parametrize("memo", ["gui xe t11, bhyt", "nop BAO HIEM Y TE va gui xe dap th 11", "tien xe thang 11 + bh y te"])
def test_a_month_belongs_to_the_fee_that_has_months(memo):
    assert paid(decided(f"Luu Khanh Ngan 3A {memo}", 620_000, of_two_fees())) == ["bicycle", "insurance"]


def test_a_month_that_neither_fee_is_of_is_a_question():
    assert decided("Luu Khanh Ngan 3A gui xe t10, bhyt", 620_000, of_two_fees()).reason == "ambiguous"
    assert decided("Luu Khanh Ngan 3A gui xe t11, tien an", 410_000, of_two_fees()).reason == "ambiguous"


def test_a_fee_that_is_named_is_not_passed_over_for_a_sum():
    notices = [
        a_notice("meals", "Tiền ăn bán trú tháng 11", 400_000), a_notice("care", "Dịch vụ bán trú tháng 11", 120_000),
        a_notice("fund", "Quỹ hội cha mẹ học sinh", 150_000), a_notice("uniform", "Đồng phục", 90_000, **OCTOBER),
    ]  # fmt: skip
    decision = decided("Luu Khanh Ngan 3A nop ban tru thg 11, quy phu huynh", 520_000, notices)
    assert (decision.status, decision.facts[-1].code) == ("suggested", "purpose_differs")
    assert paid(decided("Luu Khanh Ngan 3A nop ban tru thg 11", 520_000, notices)) == ["care", "meals"]


def test_a_fee_issued_later_is_meant_only_where_it_is_of_the_sum():
    water = a_notice("water", "Nước uống học kỳ I", 45_000)
    memo = "Luu Khanh Ngan 3A dong tien an"
    assert paid(decided(memo, 45_000, [water, a_notice("meals", "Tiền ăn tháng 12", 390_000, **DECEMBER)])) == ["water"]
    both = [water, a_notice("meals", "Tiền ăn tháng 12", 45_000, **DECEMBER)]
    assert decided(memo, 45_000, both).reason == "ambiguous"


@pytest.mark.parametrize("memo", ["nop 1 nua", "dong truoc mot phan", "gui mot it", "nop nua tien"])
def test_a_part_is_no_combination(memo):
    notices = [
        a_notice("meals", "Tiền ăn tháng 11", 360_000), a_notice("water", "Nước uống tháng 11", 15_000),
        a_notice("insurance", "Bảo hiểm thân thể", 165_000, **OCTOBER),
    ]  # fmt: skip
    decision = decided(f"Luu Khanh Ngan 3A {memo}", 180_000, notices)
    assert decision.status == "suggested"
    assert decision.candidates[0].notice_ids == ("meals",)
    assert paid(decided("Luu Khanh Ngan 3A", 180_000, notices)) == ["insurance", "water"]


def of_siblings() -> list[OpenNotice]:
    return [
        a_notice("meals 1", "Tiền ăn tháng 11", 420_000), a_notice("fund 1", "Quỹ hội cha mẹ học sinh", 150_000),
        a_notice("water 1", "Nước uống tháng 11", 15_000), a_notice("bicycle 1", "Trông giữ xe", 30_000),
        a_notice("meals 2", "Tiền ăn tháng 11", 420_000, payer_code="H2"),
        a_notice("fund 2", "Quỹ hội cha mẹ học sinh", 150_000, payer_code="H2"),
        a_notice("water 2", "Nước uống tháng 11", 15_000, payer_code="H2"),
    ]  # fmt: skip


def test_siblings_fees_are_not_put_together_by_chance():
    both = "Luu Khanh Ngan 3A va Luu Gia Bach 5B"
    assert paid(decided(f"{both} tien an", 840_000, of_siblings())) == ["meals 1", "meals 2"]
    assert paid(decided(both, 840_000, of_siblings())) == ["meals 1", "meals 2"]
    assert paid(decided(f"{both} quy phu huynh", 600_000, of_siblings())) == []
    mixed = [each for each in of_siblings() if each.notice_id in {"bicycle 1", "fund 2", "water 1", "water 2"}]
    assert paid(decided(both, 180_000, mixed)) == []
    assert paid(decided(both, 180_000, mixed[:-1])) == ["bicycle 1", "fund 2"]
    small = [a_notice("card 1", "Thẻ học sinh", 10_000), a_notice("papers 1", "Giấy thi", 5_000)]
    assert paid(decided(both, 180_000, [*mixed[:-1], *small])) == []  # 30,000 is 15,000, 10,000 and 5,000 too


def test_siblings_fees_of_the_month_that_is_named():
    notices = [
        a_notice(f"{code} {month}", f"Tiền ăn tháng {month}", 420_000, payer_code=code, due_on=date(2026, month, 20))
        for code in ("H1", "H2")
        for month in (8, 9, 10, 11)
    ]
    assert paid(decided("Luu Khanh Ngan va Luu Gia Bach tien an t11", 840_000, notices)) == ["H1 11", "H2 11"]


def test_vs_between_two_pupils_is_with():
    notices = [
        *of_siblings(), a_notice("cleaning", "Vệ sinh lớp", 25_000), a_notice("clean 2", "Vệ sinh lớp", 25_000, payer_code="H2"),
    ]  # fmt: skip
    assert paid(decided("Luu Khanh Ngan 3A vs em Luu Gia Bach 5B", 840_000, notices)) == ["meals 1", "meals 2"]


@pytest.mark.parametrize(
    "memo", ["H102 cac khoan con thieu", "ma ho so H102", "ma so hs H102 nop tien thuc an", "H102 nop du"]
)
def test_what_stands_beside_a_code_is_no_stranger(memo):
    notices = [a_notice("meals", "Tiền ăn tháng 11", 420_000, payer_code="H102")]
    incoming = Incoming("c1", SITE, 420_000, is_money_in=True, memo=memo, counter_name="HOANG THI MEN", occurred_on=DAY)
    assert paid(decide(incoming, Book(notices, [Payer(SITE, "H102", "Vi Ngọc Lan", "2B")]), {})) == ["meals"]


def test_what_a_payer_owes_alone_is_not_meant_by_the_fee_that_is_named_of_two():
    notices = [
        a_notice("water 1", "Nước uống", 40_000), a_notice("care 1", "Dịch vụ bán trú tháng 11", 80_000),
        a_notice("water 2", "Nước uống", 40_000, payer_code="H2"),
    ]  # fmt: skip
    both = "Luu Khanh Ngan 3A va Luu Gia Bach 5B"
    assert paid(decided(f"{both} tien nuoc", 80_000, notices)) == ["water 1", "water 2"]
    assert paid(decided(both, 80_000, notices)) == ["water 1", "water 2"]  # whose class is named is not named by the way


@pytest.mark.parametrize(
    "memo",
    [
        "k.kham benh Vi Ngoc Lan", "Vi Ngoc Lan xin cam on", "tt vien phi Vi Ngoc Lan", "BN00107 k ngoai",
        "khoa hoi suc Vi Ngoc Lan", "ho so Vi Ngoc Lan",
    ],
)  # fmt: skip
def test_where_a_patient_lies_and_courtesy_name_no_fee(memo):
    notices = [
        a_notice("test", "Xét nghiệm", 150_000, payer_code="BN00107"),
        a_notice("visit", "Khám bệnh ngoại trú", 210_000, payer_code="BN00107"),
        a_notice("stay", "Viện phí điều trị nội trú", 900_000, payer_code="BN00107"),
        a_notice("vaccine", "Tiêm vắc xin dịch vụ", 300_000, payer_code="BN00107"),
        a_notice("check", "Phí thẩm định hồ sơ", 310_000, payer_code="BN00107"),
    ]
    incoming = Incoming("c1", SITE, 150_000, is_money_in=True, memo=memo, counter_name="HOANG THI MEN", occurred_on=DAY)
    assert paid(decide(incoming, Book(notices, [Payer(SITE, "BN00107", "Vi Ngọc Lan", "")]), {})) == ["test"]


def test_where_the_month_that_is_named_is_paid_the_open_one_stands_behind_it():
    notices = [
        a_notice("10", "Tiền ăn tháng 10", 420_000, allocated=420_000, **OCTOBER), a_notice("11", "Tiền ăn tháng 11", 420_000),
    ]  # fmt: skip
    decision = decided("Luu Khanh Ngan 3A tien an t10", 420_000, notices)
    assert (decision.status, decision.reason) == ("suggested", "duplicate")
    assert [each.notice_ids for each in decision.candidates] == [("10",), ("11",)]
