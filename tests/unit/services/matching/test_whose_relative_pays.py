"""Words directly before a name that say whose it is: "bác của", "con tôi", "học sinh", "cô"; and the class behind it."""

from __future__ import annotations

from datetime import date

import pytest

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, decide

SITE, MEALS, WATER = "TH-AN-CHAU", 474_000, 36_000
PUPILS = {
    "HS0101": ("Trần Đức Chiến", "7D"), "HS0102": ("Lục Bảo Anh", "7C"), "HS0103": ("Lăng Gia Minh Thái", "6D"),
    "HS0104": ("Chíu Mùi Châu", "6D"), "HS0105": ("Đỗ Quỳnh Thư", "1B"), "HS0106": ("Vi Xuân Thắng", "6C"),
    "HS0107": ("Vi Xuân Thắng", "7B"), "HS0108": ("Tăng Thị Hồng Lan", "3 tuổi D"), "HS0109": ("Đàm Khánh Ly", "11A1"),
    "HS0110": ("Ma Thu Trà", "11A1"), "HS0111": ("Linh Ánh Mẩy", "1A"), "HS0112": ("Chíu Quốc Khôi", "3C"),
    "HS0113": ("Lăng Tiến Dũng", "2D"), "HS0114": ("Lâm Đình Quý", "11A2"),
    "HS0115": ("Chu Văn Dũng", "2C"), "HS0116": ("Ngô Đức Tiến", "2C"), "HS0117": ("Thân Kim Lan", "6A"),
}  # fmt: skip


def decided(memo: str, amount: int = MEALS, *, sender: str = "PHAM THI HOA") -> Decision:
    payers = [Payer(SITE, code, name, group) for code, (name, group) in PUPILS.items()]
    notices = [
        OpenNotice(
            f"{code}/{kind}", SITE, f"{code}{kind}", None, kind, "due", date(2026, 11, 20), amount, False, 0, code, purpose,
            "2026-11", date(2026, 11, 1),
        )
        for code in PUPILS
        for kind, amount, purpose in (("meals", MEALS, "Tiền ăn bán trú tháng 11"), ("water", WATER, "Nước uống học kỳ 1"))
    ]  # fmt: skip
    incoming = Incoming("c1", SITE, amount, is_money_in=True, memo=memo, counter_name=sender, occurred_on=date(2026, 11, 10))
    return decide(incoming, Book(notices, payers), {})


def paid(decision: Decision) -> list[str]:
    return [share.notice_id for share in decision.shares]


@pytest.mark.parametrize(
    ("memo", "code"),
    [
        ("BAN TRU 11/2026_THIM CUA DUC CHIEN_(7D)", "HS0101"),
        ("tien an - bac cua Chien - 7D", "HS0101"),
        ("7D mo cua chau chien", "HS0101"),
        ("7d co cua Chien", "HS0101"),
        ("ong ngoai cua Chien 7D", "HS0101"),
        ("THIM CUA T.D.CHIEN LOP7D", "HS0101"),
        ("con toi Chien (7D)", "HS0101"),
        ("CON TOI DUC CHIEN 7D TIEN TRUONG", "HS0101"),
        ("TIEN AN CUA CON CHAU NOI THAI 6D", "HS0103"),
        ("cu Chien lop 7D tien com", "HS0101"),
        ("1B-học sinh Thư-quần áo đồng phục", "HS0105"),
        ("hs Thu 1B nh 26-27", "HS0105"),
        ("11A1-Le Lan Tra ck cho con Dam Khanh Ly", "HS0109"),
        ("Con Trai Linh Ah May, Lop 1A", "HS0111"),
        ("3 C, Pham Thi Hoa ck Quoc Khoi", "HS0112"),
        ("HP T.11 - CHAU NOI DUNG - L2D", "HS0113"),
        ("thim cua Chien 7D dvbt", "HS0101"),
        ("7D thim cua Chien dvbt thang 11", "HS0101"),
        ("1A HOC SINH LINH ANH MAY PHI BAN TRU", "HS0111"),
        ("7D PHHS DUC CHIEN PHI BAN TRU", "HS0101"),
        ("gui tien cho em xuan thang_6.c_cham soc", "HS0106"),
        ("HS Lam Dinh Quy - 11/A2", "HS0114"),
        ("Luc Bao Anh_ph Pham Thi Hoa", "HS0102"),
        ("Pham Thi Hoa dong cho Thai - 6D", "HS0103"),
        ("6D tien an, Pham Thi Hoa nop cho Thai", "HS0103"),
        ("2C chu Dung nop ho chau Tien", "HS0116"),
        ("chú cháu Tiến, lop2C", "HS0116"),
        ("HOC SINH TIEN LOP2C TIEN AN", "HS0116"),
        ("nop cho con lan 6 a", "HS0117"),
    ],
)
def test_words_before_a_name_say_that_it_is_the_pupils(memo: str, code: str) -> None:
    assert paid(decided(memo)) == [f"{code}/meals"]


@pytest.mark.parametrize("memo", ["con cua anh Duc Chien 7D", "co Chien 7D", "me Chien 7D, chau Nam"])
def test_who_is_no_relative_of_the_name_is_not_said_to_be(memo: str) -> None:
    assert decided(memo).status != "matched"


def test_a_senders_name_announces_nobody() -> None:
    memo = "quỳnh thư, hs lớp 1b ph hứa thị châu -CTLNHIDI0000251"
    assert paid(decided(memo, sender="HUA THI CHAU")) == ["HS0105/meals"]


def test_a_sibling_nearer_to_the_class_may_be_meant_too() -> None:
    assert decided("cho con Dam Khanh Ly - Tra 11A1").status == "suggested"


@pytest.mark.parametrize("sender", ["", "PHAM THI HOA"])
def test_the_name_behind_a_relatives_of_is_no_senders(sender: str) -> None:
    assert paid(decided("bác của Lục Bảo Anh FT21545689960949", sender=sender)) == ["HS0102/meals"]


@pytest.mark.parametrize("memo", ["con toi Luc Bao Anh", "tien hoc PHHS Luc Bao Anh tu PHAM THI HOA STK 2347309433644"])
def test_words_that_no_bank_writes_show_that_the_name_was_typed(memo: str) -> None:
    assert paid(decided(memo, sender="")) == ["HS0102/meals"]


@pytest.mark.parametrize(
    "memo",
    [
        "CO LUC BAO ANH",
        "bac Luc Bao Anh tien an",
        "chú Lục Bảo Anh",
        "co Luc Bao Anh - nop tien hoc",
        "me Luc Bao Anh tien an",
        "bố lục bảo anh/nộp tiền học",
        "PH Luc Bao Anh - thang 11 tien an",
    ],
)
def test_a_pupils_whole_name_behind_a_relatives_title_is_not_hers(memo: str) -> None:
    assert paid(decided(memo)) == ["HS0102/meals"]


@pytest.mark.parametrize(
    ("memo", "sender"),
    [
        ("CO LUC BAO ANH", ""),
        ("CO LUC BAO ANH", "LUC THI ANH"),
        ("CO LUC BAO ANH", "CTCP ZION"),
        ("co Luc Bao Anh nop tien", "PHAM THI HOA"),
        ("co giao Luc Bao Anh", "PHAM THI HOA"),
        ("me Luc Bao Anh tien an", ""),
        ("me Luc Bao Anh tien an", "LUC THI ANH"),
        ("me Luc Bao Anh nop tien", "PHAM THI HOA"),
        ("thay Luc Bao Anh tien an", "PHAM THI HOA"),
    ],
)
def test_it_may_be_who_pays_where_nobody_else_is_known_to(memo: str, sender: str) -> None:
    assert decided(memo, sender=sender).status == "suggested"


@pytest.mark.parametrize("memo", ["ong noi chau Vi Xuan Thang. 6 C", "Vi Xuan Thang 6C", "Vi Xuan Thang (6 C)"])
def test_a_class_behind_a_full_stop_belongs_to_the_name(memo: str) -> None:
    assert paid(decided(memo)) == ["HS0106/meals"]


@pytest.mark.parametrize("memo", ["me Quyen nop cho con Lan 3TD", "hs Lan - 3td"])
def test_a_class_by_age_is_no_count(memo: str) -> None:
    assert paid(decided(memo)) == ["HS0108/meals"]


@pytest.mark.parametrize("memo", ["7D Tran. D. Chien tien an", "cho con TRAN. D. CHIEN lop 7D"])
def test_full_stops_behind_every_word_of_a_shortened_name_end_none(memo: str) -> None:
    assert paid(decided(memo)) == ["HS0101/meals"]


@pytest.mark.parametrize(
    "memo", ["LUC BAO ANH DONG", "lục bảo anh đóng|4472291211", "7C Luc Bao Anh dong - Ma giao dich 4472291211"]
)
def test_who_paid_is_said_last(memo: str) -> None:
    assert paid(decided(memo)) == ["HS0102/meals"]


@pytest.mark.parametrize("memo", ["LUC BAO ANH DONG 7A", "Luc Bao Anh Dong Ha", "Bao Anh Dong 7A"])
def test_a_name_that_goes_on_is_anothers(memo: str) -> None:
    assert decided(memo).status != "matched"


@pytest.mark.parametrize(
    ("sender", "expected"),
    [("VI VAN SENH", "matched"), ("LUC BAO ANH", "suggested"), ("CTCP ZION", "suggested"), ("", "suggested")],
)
def test_a_person_whom_the_bank_names_behind_a_wallet_is_the_sender(sender: str, expected: str) -> None:
    assert decided("ZALOPAY-luc bao anh-GCEA4LFHKN1G-ORDER202656251076301392", sender=sender).status == expected


@pytest.mark.parametrize("memo", ["chau Dam Khanh Ly", "ND: be Dam Khanh Ly", "con Luc Bao Anh FT267353669985"])
def test_a_word_for_a_child_before_a_family_name_was_typed(memo: str) -> None:
    assert decided(memo, sender="").status == "matched"


@pytest.mark.parametrize(
    "memo",
    [
        "514594050405-LUC BAO ANH OK-CHUYEN TIEN-OQCH08Z6H4N6-MOMO084759377902MOMO",
        "0338903092-LUC BAO ANH-CHUYEN TIEN-OQCH16043509-MOMO0338903092MOMO",
    ],
)
def test_what_stands_between_momos_number_and_its_tail_was_typed(memo: str) -> None:
    assert paid(decided(memo, sender="CTCP DV DI DONG TRUC TUYEN")) == ["HS0102/meals"]


@pytest.mark.parametrize("moved", ["chuyen tien qua MoMo", "ck"])
def test_momo_itself_writes_who_sent_the_money(moved: str) -> None:
    memo = f"787000000014-LUC BAO ANH {moved}-CHUYEN TIEN-OQCH56930575-MOMO78700000001MOMO"
    assert decided(memo, sender="CTCP DV DI DONG TRUC TUYEN").status == "suggested"


@pytest.mark.parametrize(
    ("memo", "sender"),
    [
        ("CK den tu LPB PHAM THI HOA - HS0102", ""),
        ("IBPS1447893435/PHAM THI HOA/dong dang ky kinh doanh HS0102/", "PHAM THI HOA"),
    ],
)
def test_a_senders_name_does_not_contradict_a_code(memo: str, sender: str) -> None:
    assert paid(decided(memo, sender=sender)) == ["HS0102/meals"]


def test_two_spaces_end_no_name() -> None:
    assert paid(decided("luc bao anh dong  tien an")) == ["HS0102/meals"]


def test_a_customer_without_a_name_tells_nobody() -> None:
    memo = "MBVCB.7584347886.LUC BAO ANH chuyen tien.CT tu 545853305815 KHACH HANG toi 088348034196 TRUONG THCS AN CHAU"
    assert decided(memo, sender="").status == "suggested"
    assert decided(memo.replace("KHACH HANG", "PHAM THI HOA"), sender="").status == "matched"
