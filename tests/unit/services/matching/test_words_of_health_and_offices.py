"""Patients and applicants: departments beside a name, how grown-ups are called, and who pays for them; and accounts that are known."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from services.matching.evaluation import Evaluation, NoticeRow, Transfer
from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, decide
from services.matching.matcher.keys import class_keys
from services.matching.matcher.values import Share

SITE, ACCOUNT, DAY = "TTYT", "00991122", date(2026, 11, 10)
PATIENTS = {
    "BN2601": ("Trương Thị Khoát", "Khoa Nhi"), "BN2602": ("Lục Văn Bính", "Khoa Khám bệnh"), "BN2603": ("Ngô Thị Na", ""),
    "BN2604": ("Bàn Thị Xuyến", "Khoa Hồi sức"),
}  # fmt: skip
TESTS, JAB = 187_000, 265_000


def a_notice(code: str, kind: str, amount: int, purpose: str, site: str = SITE) -> OpenNotice:
    return OpenNotice(
        f"{code}/{kind}", site, f"{code}{kind}", None, kind, "due", date(2026, 11, 20), amount, False, 0, code, purpose, "",
        date(2026, 11, 1),
    )  # fmt: skip


def decided(memo: str, amount: int = TESTS, sender: str = "VI THI LEN", account: str = "") -> Decision:
    payers = [Payer(SITE, code, name, group) for code, (name, group) in PATIENTS.items()]
    notices = [a_notice(code, "tests", TESTS, "Xét nghiệm") for code in PATIENTS]
    notices += [a_notice(code, "jab", JAB, "Tiêm vắc xin dịch vụ") for code in PATIENTS]
    incoming = Incoming(
        "c1", SITE, amount, is_money_in=True, memo=memo, counter_name=sender, counter_account=account, occurred_on=DAY
    )
    return decide(incoming, Book(notices, payers), {})


def paid(decision: Decision) -> list[str]:
    return [share.notice_id for share in decision.shares]


@pytest.mark.parametrize(
    "memo",
    [
        "Truong Thi Khoat Khoa Nhi",
        "khoa nhi truong thi khoat tien xn",
        "xet nghiem ba Truong Thi Khoat khoa nhi",
        "benh nhan truong thi khoat thuoc xin cam on",
        "nop ho Truong Thi Khoat",
        "tra giup ba truong thi khoat k.ngoai",
        "cho vo Truong Thi Khoat",
        "nguoi nop truong thi khoat",
    ],
)
def test_a_department_ends_a_name_and_grown_ups_are_announced(memo: str) -> None:
    assert paid(decided(memo)) == ["BN2601/tests"]


@pytest.mark.parametrize(
    ("memo", "code"), [("Luc Van Binh k kham benh", "BN2602"), ("ban thi xuyen khoa hoi suc", "BN2604")]
)
def test_words_of_a_department_name_no_fee(memo: str, code: str) -> None:
    assert paid(decided(memo)) == [f"{code}/tests"]


@pytest.mark.parametrize("sender", ["LUC VAN BINH", ""])
@pytest.mark.parametrize("memo", ["Luc Van Binh, xet nghiem", "nop tien xn luc van binh", "LUC VAN BINH / XN"])
def test_who_is_named_beside_the_fee_pays_for_himself(memo: str, sender: str) -> None:
    assert paid(decided(memo, sender=sender)) == ["BN2602/tests"]


@pytest.mark.parametrize(
    ("memo", "amount"),
    [
        ("LUC VAN BINH chuyen tien", TESTS),
        ("LUC VAN BINH nop tien", TESTS),
        ("LUC VAN BINH tiem vac xin", TESTS),
        ("LUC VAN BINH xet nghiem", TESTS - 1000),
    ],
)
def test_a_senders_name_without_its_own_fee_is_a_question(memo: str, amount: int) -> None:
    assert decided(memo, amount, sender="LUC VAN BINH").status == "suggested"


def test_a_sender_who_names_another_patient_does_not_pay_for_himself() -> None:
    assert paid(decided("xet nghiem / ngo thi na. TU: LUC VAN BINH", sender="LUC VAN BINH")) == ["BN2603/tests"]


def test_a_department_is_no_class() -> None:
    assert (class_keys("Khoa Nhi"), class_keys("Phòng khám"), class_keys("Khoá 12A")) == ((), (), ("khoa12a", "12a"))


def test_thanks_name_no_vaccine() -> None:
    assert paid(decided("ngo thi na xin cam on")) == ["BN2603/tests"]


@pytest.mark.parametrize(
    "memo", ["ICB;00991122;LUC VAN BINH  bn2601; tai iPay", "ICB;00991122;lanh van tu  BN2601; tai iPay"]
)
def test_a_name_behind_the_senders_number_that_is_not_his_contradicts_a_code(memo: str) -> None:
    assert decided(memo, account="00991122").status == "suggested"
    assert paid(decided("ICB;00991122;VI THI LEN  bn2601; tai iPay", account="00991122")) == ["BN2601/tests"]


def by_account(memo: str, *, name: str = "VI THI LEN", account: str = ACCOUNT, bank: str = "MB") -> str:
    """What becomes of money from an account that has paid for a pupil."""
    notices = [a_notice("H1", "old", 1_000, "Nước uống", "TH"), a_notice("H1", "jab", JAB, "Tiền ăn", "TH")]
    book = Book(notices, [Payer("TH", "H1", "Vi Hải Long", "3A")])
    book.learn("TH", [account], [Share("H1/old", 1_000)], DAY)
    incoming = Incoming(
        "c1", "TH", JAB, is_money_in=True, memo=memo, counter_name=name, counter_account=account, sender=account, occurred_on=DAY,
        counter_bank=bank,
    )  # fmt: skip
    return decide(incoming, book, {}).status


@pytest.mark.parametrize(
    ("bank", "name", "expected"), [("ShopeePay", "", "suggested"), ("MB", "", "matched"), ("MoMo", "VI THI LEN", "matched")]
)
def test_a_wallets_account_pays_for_nobody_in_particular(bank: str, name: str, expected: str) -> None:
    assert by_account("nop tien", bank=bank, name=name) == expected


def by_wallet(name: str, *, taught_by: str) -> str:
    """How a wallet's memo from `name` is decided, where the same account paid for the pupil in the name of `taught_by` before."""
    memo, account = "VIETTELPAY 26091 ND: NOP TIEN CHO CON", "99MM24011"
    rows = [
        NoticeRow(
            f"H1/{month}", "TH", "0101", "H1", "Vi Hải Long", "3A", "", "", f"Tiền ăn tháng {month}", f"2026-{month}", JAB + month,
            DAY, DAY, False, None, "", None, "meals",
        )
        for month in (10, 11)
    ]  # fmt: skip
    evaluation = Evaluation(rows)

    def sent(memo: str, name: str, amount: int) -> str:
        return evaluation.decide(
            Transfer(
                "t", "0101", None, amount, datetime.combine(DAY, time(9), UTC), memo, name, account, "VCB", is_money_in=True
            )
        ).status

    assert sent(f"{memo} VI HAI LONG LOP 3A", taught_by, JAB + 10) == "matched"
    return sent(memo, name, JAB + 11)


def test_a_wallets_account_may_be_many_peoples_and_is_known_by_account_and_name() -> None:
    assert by_wallet("VI THI LEN", taught_by="VI THI LEN") == "matched"
    assert by_wallet("LA VAN TAM", taught_by="VI THI LEN") != "matched"
    assert by_wallet("", taught_by="VI THI LEN") != "matched"
    assert by_wallet("VI THI LEN", taught_by="") != "matched"


@pytest.mark.parametrize(
    ("memo", "name"),
    [
        ("NT:VI THI LEN ND:CHUYEN TIEN TAI CN YEN DUNG", "VI THI LEN"),
        ("Tfr Ac: 0099112233 to 1150453338 tien hoc; 17/10/2026", "VI THI LEN"),
        ("VI VAN XOONG chuyen tien", "VI VAN XOONG"),
        ("LIENVIET24H 8877 . GUI KH CHUYEN", "VI THI LEN"),
    ],
)
def test_what_banks_write_around_names_nobody_else(memo: str, name: str) -> None:
    assert by_account(memo, name=name) == "matched"


@pytest.mark.parametrize(
    ("guardian", "phone", "sum_of_other", "expected"),
    [
        ("Hà Thị Đào", "", JAB, "suggested"),
        ("Hà Thị Đào", "0912000111", JAB, "suggested"),
        ("Hà Thị Đào", "0912999888", JAB, "matched"),
        ("Hà Thị Mận", "", JAB, "matched"),
        ("Hà Thị Đào", "", TESTS, "matched"),
    ],
)
def test_an_account_that_paid_for_one_child_does_not_say_which_of_two(
    guardian: str, phone: str, sum_of_other: int, expected: str
) -> None:
    payers = [
        Payer("TH", "H1", "Vi Hải Long", "3A", "Hà Thị Đào", "0912000111"),
        Payer("TH", "H2", "Vi Hải Lộc", "1A", guardian, phone),
    ]
    notices = [a_notice("H1", "jab", JAB, "Tiền ăn", "TH"), a_notice("H2", "jab", sum_of_other, "Tiền ăn", "TH")]
    book = Book([*notices, a_notice("H1", "old", 1_000, "Nước uống", "TH")], payers)
    book.learn("TH", [ACCOUNT], [Share("H1/old", 1_000)], DAY)
    incoming = Incoming("c1", "TH", JAB, is_money_in=True, memo="nop tien", sender=ACCOUNT, occurred_on=DAY)
    decision = decide(incoming, book, {})
    assert decision.status == expected
    if expected == "suggested":
        assert [each.notice_ids for each in decision.candidates] == [("H1/jab",), ("H2/jab",)]
