"""What an outsider's corpus of memos held against the matcher: classes of every kind of school, names of many peoples, names in another
order or with a slip, schools' and teachers' names beside them, fees that are paid already, and words of banks.
"""

from __future__ import annotations

from datetime import date

import pytest

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, Payment, decide
from services.matching.matcher.keys import class_keys

AMOUNT = 400_000
DAY = date(2026, 11, 10)
NURSERY, PRIMARY, HIGH = "MN-AN-LAC", "TH-VAN-SON", "THPT-SON-DONG"
PUPILS = {
    NURSERY: (
        ("M1", "Đào Phương Linh", "Lớp 5 tuổi A"),
        ("M2", "Nguyễn Bảo An", "Lá 2"),
        ("M3", "Trần Gia Bình", "Chồi B"),
        ("M4", "Lê Minh Anh", "Nhà trẻ"),
        ("M5", "Voòng Kim Thảo Trâm", "Lá 2"),
        ("M6", "Chíu A Nhì", "Chồi B"),
        ("M7", "Y Thị H'Lan", "MG Lớn 1"),
        ("M8", "Lỷ A Sáng", "Nhóm trẻ 24-36 tháng"),
        ("M9", "Hoàng Anh", "4TB"),
        ("M10", "Nguyễn Quốc Nam", "NT A"),
        ("M11", "Lục Thu Châu", "3 tuổi C"),
    ),
    PRIMARY: (
        ("H1", "Giáp Văn Nam", "2A"),
        ("H2", "Giáp Thị Lan", "5B"),
        ("H3", "Nguyễn Văn An", "3A"),
        ("H4", "Trần Văn Tài", "4C"),
        ("H5", "Hoàng Thị Linh", "5A"),
        ("H6", "Đào Thùy Linh", "5A"),
        ("H7", "Phạm Mạnh Hùng", "5A"),
        ("H8", "Đặng Thế Trường", "4D"),
        ("H9", "Lỷ An Đạt", "1A"),
        ("H10", "Lục Tuấn Đạt", "1A"),
        ("H11", "Vi Yến Hà", "3B"),
        ("H12", "Leo Bá Thắng", "3B"),
        ("H13", "Trần Bảo Ngọc", "1/2"),
        ("H14", "Lê Tuấn Nguyên", "1/2"),
        ("H15", "Trương Thanh Giang", "2B"),
        ("H16", "Tạ Thị Loan", "2B"),
        ("H17", "Đỗ Minh Lan", "3C"),
        ("H19", "Bế Tuấn Anh", "4E"),
        ("H20", "Lục Văn Tuấn", "4E"),
        ("H21", "An Văn Tùng", "5C"),
        ("H22", "Văn Hồng Tùng", "5C"),
        ("H23", "Trương Bá Tú", "5C"),
        ("H24", "Đặng Thu Hoa", "2C"),
        ("H25", "Đặng Thị Hoài", "2C"),
        ("H26", "Bàn An", "2C"),
        ("H27", "Hoàng Hồng Ân", "2C"),
        ("H28", "Đoàn Văn Tài", "1C"),
        ("H29", "Lê Ngọc Tiến", "3A"),
        ("H30", "Lê Thị Ngọc", "4E"),
        ("H31", "Lê Thị Ngọc Diễm", "4C"),
        ("H18", "Ninh Thu Lan Thu", "3C"),
    ),
    HIGH: (
        ("P1", "Nguyễn Ngọc Tiến Đức", "12A1"),
        ("P2", "Đỗ Minh Đức", "12A1"),
        ("P3", "Trần Quốc Bảo", "K12 ĐCN"),
        ("P4", "Cao Linh Lệ", "10A1"),
        ("P5", "Bùi Thị Tiến", "10A1"),
        ("P6", "Sằn A Sủi", "12B"),
    ),
}
"""Code, name, class."""
STRANGER = "TRAN THI KIEU"


def the_book(*more: OpenNotice) -> Book:
    pupils = [(site, *pupil) for site, pupils in PUPILS.items() for pupil in pupils]
    notices = [a_notice(code, code, site) for site, code, *_ in pupils]
    return Book([*notices, *more], [Payer(site, code, name, group) for site, code, name, group in pupils])


def a_notice(notice_id: str, code: str, site: str, **more) -> OpenNotice:
    fields = {
        "reference": f"R{notice_id}", "virtual_account": None, "fee_kind": "meals", "obligation": "due",
        "due_on": date(2026, 11, 20), "amount": AMOUNT, "is_cancelled": False, "purpose": "Tiền ăn tháng 11",
    }  # fmt: skip
    return OpenNotice(notice_id=notice_id, site_id=site, payer_code=code, **{**fields, **more})


def decided(site: str, memo: str, sender: str = STRANGER, amount: int = AMOUNT, book: Book | None = None) -> Decision:
    incoming = Incoming("c1", site, amount, is_money_in=True, memo=memo, counter_name=sender, occurred_on=DAY)
    return decide(incoming, book or the_book(), {})


def paid(decision: Decision) -> list[str]:
    return sorted(share.notice_id for share in decision.shares)


SETTLED = (
    (NURSERY, "Nguyen Bao An lop la 2", "M2"),
    (NURSERY, "be An la2 tien an", "M2"),
    (NURSERY, "Tran Gia Binh lop Choi B", "M3"),
    (NURSERY, "Gia Binh choib nop tien an", "M3"),
    (NURSERY, "be Anh lop nha tre tien an t11", "M4"),
    (NURSERY, "Minh Anh nhatre", "M4"),
    (NURSERY, "Voong Kim Thao Tram", "M5"),
    (NURSERY, "voong kim thao tram la 2 tien an", "M5"),
    (NURSERY, "voongkimthaotram", "M5"),
    (NURSERY, "chau Chiu A Nhi choi B", "M6"),
    (NURSERY, "Y Thi H'Lan mg lon 1", "M7"),
    (NURSERY, "y thi hlan MGLon1", "M7"),
    (NURSERY, "Ly A Sang nhom tre 24-36 thang", "M8"),
    (NURSERY, "be Sang nhom tre 24 36 thang nop tien", "M8"),
    (NURSERY, "Dao Phuong Lin l5a", "M1"),
    (NURSERY, "dao lin 5 tuoi A", "M1"),
    (NURSERY, "Hoang Anh lop 4 tuoi B", "M9"),
    (NURSERY, "be Nam nta tien an", "M10"),
    (NURSERY, "LeMinhAnhNhaTre nop tien", "M4"),
    (NURSERY, "trangiabinhchoib", "M3"),
    (NURSERY, "Nguyen Quoc Nam nha tre A", "M10"),
    (PRIMARY, "Pham Man Hung 5A tien an", "H7"),
    (PRIMARY, "L5A Pham Mang Hung", "H7"),
    (PRIMARY, "dao lin l5a", "H6"),
    (PRIMARY, "ho ten: Ngoc, lop 1/2", "H13"),
    (PRIMARY, "hoc sinh: Bao Ngoc - 1.2", "H13"),
    (PRIMARY, "PHHS Nguyen Van An 3A", "H3"),
    (PRIMARY, "Nguyen Van An 3A GVCN Nguyen Thi Thuy", "H3"),
    (PRIMARY, "Vi Yen Ha tien ban tru 3B", "H11"),
    (PRIMARY, "Leo Ba Thang-3B-tien an", "H12"),
    (PRIMARY, "LeoBaThang3BTienAn", "H12"),
    (PRIMARY, "Giang, 2 b tai truong", "H15"),
    (PRIMARY, "con thang 3b an ban tru", "H12"),
    (PRIMARY, "GO6728037939/tien an cho hs Tai l.4c a", "H4"),
    (PRIMARY, "Leo Ba Thang 3-B da chuyen", "H12"),
    (PRIMARY, "bo chau Truong Ba Tu: tien an: T.11", "H23"),
    (PRIMARY, "chau Ta Loan 2B", "H16"),
    (PRIMARY, "Tran Van Tai 4C nop tien tai quay", "H4"),
    (PRIMARY, "Nguyen Van An mua dong phuc", "H3"),
    (PRIMARY, "Giap Van Nam truong tieu hoc Van Son", "H1"),
    (HIGH, "DUC NGUYEN NGOC TIEN lop 12A1", "P1"),
    (HIGH, "tien an DUC NGUYEN NGOC TIEN", "P1"),
    (HIGH, "Ngoc Tien Duc Nguyen 12A1", "P1"),
    (HIGH, "K12 DCN Tran Quoc Bao", "P3"),
    (HIGH, "Quoc Bao k12dcn", "P3"),
    (HIGH, "Bao lop 12 dcn", "P3"),
    (HIGH, "em Tien lop 10A1 nop tien an", "P5"),
)
ASKED = (
    (PRIMARY, "4D truong Tieu hoc Van Son"),
    (PRIMARY, "Nguyen Van Minh 4D truong Tieu hoc Van Son"),
    (PRIMARY, "nop tien tai quay 4C"),
    (PRIMARY, "TIEN AN DAT 1A"),
    (PRIMARY, "tien an 3a thang 11"),
    (PRIMARY, "em Lan Thu tien ban tru 3C"),
    (PRIMARY, "chau nguyen va 1/2"),
    (PRIMARY, "Nguyen Van Anh 3A"),
    (PRIMARY, "GVCN Nguyen Van An 3A"),
    (NURSERY, "chau Luc Thu Khoi 3TC"),
    (PRIMARY, "anh be tuan 4E"),
    (PRIMARY, "be diem le thi ngoc-dong tien tai truong"),
    (PRIMARY, "Ly Thi Hhan 2C"),
    (PRIMARY, "nop tien an lop 1C cho con; tai Napas"),
    (PRIMARY, "con Dang Thi Hoa 2C"),
    (PRIMARY, "tien an ban tru 2C"),
    (PRIMARY, "ho ten: Van Tung. tien an. 5C"),
    (HIGH, "Le Cao Linh tien an"),
    (HIGH, "12B san sui na qua app"),
    (HIGH, "Duc Nguyen Van Tien 12A1"),
)


@pytest.mark.parametrize(("site", "memo", "pupil"), SETTLED)
def test_what_can_mean_one_pupil_settles_the_fee(site, memo, pupil):
    assert paid(decided(site, memo)) == [pupil]


@pytest.mark.parametrize(("site", "memo"), ASKED)
def test_what_could_mean_another_is_a_question(site, memo):
    assert decided(site, memo).shares == ()


@pytest.mark.parametrize(
    "memo",
    [
        "tien an t11 Giap Van Nam 2a va Giap Thi Lan 5b",
        "tien an t11, 2a Giap Van Nam, 5b Giap Thi Lan",
        "Nam 2a va Lan 5b tien an",
        "lop 2A Nam va lop 5B Lan",
        "GIAP VAN NAM GIAP THI LAN",
        "hai chau Giap Van Nam lop 2A Giap Thi Lan lop 5B thang 11",
    ],
)
def test_two_of_a_family_are_paid_together_where_both_sums_are_meant(memo):
    assert paid(decided(PRIMARY, memo, amount=2 * AMOUNT)) == ["H1", "H2"]
    assert decided(PRIMARY, memo, amount=2 * AMOUNT - 50_000).shares == ()


@pytest.mark.parametrize(
    "memo",
    [
        "hs tien com - thao - lop 3A",
        "be 3A-dong tien hoc-tien a",
        "dong cho chau nguyentuonghoaimgbe3 hp",
        "con Minh",
        "hoc sinh: Quyen nop tien an",
    ],
)
def test_a_known_account_does_not_pay_for_another_who_is_named(memo):
    book = the_book()
    incoming = Incoming("c1", PRIMARY, AMOUNT, is_money_in=True, memo=memo, sender="account", occurred_on=DAY)
    book.habits.learn(PRIMARY, "account", Payment(date(2026, 10, 5), ("H3",)))
    assert decide(incoming, book, {}).shares == ()


def test_a_code_beside_a_strangers_name_is_a_question():
    assert decided(PRIMARY, "H3 Chảo Trung Tâm", sender="").shares == ()


def test_names_of_several_pupils_need_no_sender():
    assert paid(decided(PRIMARY, "Giap Van Nam + Giap Thi Lan", sender="", amount=2 * AMOUNT)) == ["H1", "H2"]


def test_an_applications_own_text_with_a_bare_name_is_a_question():
    assert decided(PRIMARY, "GIAP VAN NAM chuyen tien Ma GD A0CJVS46WS", sender="").shares == ()


def test_a_known_account_pays_for_the_child_that_the_memo_names():
    for memo, expected in (("tien an t11", ["H3"]), ("Giap Van Nam 2A", ["H1"]), ("chau Nam 2A tien an", ["H1"])):
        book = the_book()
        incoming = Incoming("c1", PRIMARY, AMOUNT, is_money_in=True, memo=memo, sender="account", occurred_on=DAY)
        book.habits.learn(PRIMARY, "account", Payment(date(2026, 10, 5), ("H3",)))
        assert paid(decide(incoming, book, {})) == expected


def test_a_fee_that_is_paid_is_no_other_fee_of_its_sum():
    uniform = a_notice("uniform", "H3", PRIMARY, fee_kind="uniform", purpose="Đồng phục")
    for memo, expected in (
        ("tien an t11", []),
        ("dong tien an t11 truong tieu hoc Phuc Son", []),
        ("dong phuc", ["uniform"]),
        ("nop tien", ["uniform"]),
    ):
        book = the_book(uniform)
        book.pay(decided(PRIMARY, "Nguyen Van An 3A tien an", book=book).shares)
        decision = decided(PRIMARY, f"Nguyen Van An 3A {memo}", book=book)
        assert paid(decision) == expected, memo
        assert expected or decision.reason == "duplicate"
        book.release("H3", AMOUNT)


def test_a_name_says_nothing_of_the_fee():
    uniform = a_notice("uniform", "H3", PRIMARY, fee_kind="uniform", purpose="Đồng phục")
    assert decided(PRIMARY, "Nguyen Van An 3A nop tien", book=the_book(uniform)).reason == "ambiguous"


@pytest.mark.parametrize("memo", ["t10-11", "t10+11", "thang 10 va 11", "thang 10, 11 a"])
def test_months_that_follow_each_other_are_both_paid(memo):
    october = a_notice("october", "H12", PRIMARY, purpose="Tiền ăn tháng 10", due_on=date(2026, 10, 20))
    decision = decided(PRIMARY, f"Leo Ba Thang 3B tien an {memo}", amount=2 * AMOUNT, book=the_book(october))
    assert paid(decision) == ["H12", "october"]


def test_a_code_stands_in_a_banks_broken_words():
    memo = "MBVCB.123.h3 - Ma gia o dich/ Trace 553.CT tu 9811003344 DAM MANH THINH"
    pupils = [Payer(PRIMARY, "HS00046", "Nguyễn Văn An", "3A")]
    book = Book([a_notice("n1", "HS00046", PRIMARY)], pupils)
    assert paid(decided(PRIMARY, memo.replace("h3", "hs00046"), book=book)) == ["n1"]


@pytest.mark.parametrize(
    "memo",
    [
        "TRA LAI SO DU TREN TAI KHOAN", "Lai nhap von", "lai tien gui", "tra lai tien gui KKH", "TRA LAI TGKKH", "LAI TKTT",
        "INT CREDIT 11/26", "Lai phat sinh t11", "nhap lai vao goc", "hoan phi dich vu SMS", "Ngan hang tra lai tien gui",
        "ACCR INT SEP 2026", "BHXH huyen thanh toan chi phi KCB BHYT quy 3", "BHXH co so chuyen CSSKBD", "Cap KP chi thuong xuyen",
        "Luong vien chuc t11", "Tro cap thai san", "Hoan lai giao dich loi tra soat", "dieu chuyen von noi bo",
        "REVERSAL FT26312498765", "Rev FT26312498765", "PAYMENT RETURNED 0312 account closed", "CHARGEBACK 3318820",
    ],
)  # fmt: skip
def test_interest_and_refunds_are_no_fee(memo):
    assert decided(PRIMARY, memo, sender="", amount=1_234).reason == "not_income"


@pytest.mark.parametrize("memo", ["NOP TIEN MAT", "THU QUY NOP TM", "NOP TM VAO TK", "Nop tien mat tai quay"])
def test_cash_carried_to_the_bank_is_no_fee(memo):
    assert decided(PRIMARY, memo, sender="", amount=12_300_000).reason == "cash_deposit"


@pytest.mark.parametrize(
    ("group", "written"),
    [
        ("Lớp 5 tuổi A", "5a"), ("5TA", "5tuoia"), ("NT A", "nhatrea"), ("Nhà trẻ 1", "nt1"), ("K12 ĐCN", "12dcn"),
        ("Nhóm trẻ 24-36 tháng", "24/36thang"), ("5 tuổi 1", "5/1"), ("MG Lớn 1", "lon1"),
    ],
)  # fmt: skip
def test_a_class_is_known_in_every_form(group, written):
    assert written in class_keys(group)


def test_a_class_of_that_name_goes_before_another_ones_short_form():
    pupils = [Payer(NURSERY, "A", "Trần An", "5 tuổi A"), Payer(NURSERY, "B", "Lê Bình", "5A")]
    book = Book([a_notice("a", "A", NURSERY), a_notice("b", "B", NURSERY)], pupils)
    assert decided(NURSERY, "An 5a", book=book).shares == ()
    assert paid(decided(NURSERY, "Binh 5a", book=book)) == ["b"]
    assert paid(decided(NURSERY, "An 5ta", book=book)) == ["a"]
