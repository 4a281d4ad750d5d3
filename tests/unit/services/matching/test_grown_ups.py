"""Patients and applicants who pay for themselves, for several dossiers or for a newborn; and what their fees are called."""

from __future__ import annotations

from datetime import date

import pytest

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, decide

SITE, SHARE, COPY, MARRIAGE = "TTYT", 187_000, 14_000, 24_000
GROWN_UPS = {
    "BN26001": "Phùng Kim Hạnh", "BN26050": "Con bà Phùng Kim Hạnh", "BN26002": "Đàm Văn Duy", "H05.26-261102-0006": "Triệu Văn Sềnh",
    "H05.26-261102-0007": "Triệu Văn Sềnh", "H05.26-261102-0008": "Triệu Văn Sênh",
}  # fmt: skip
OWED = (
    ("BN26001", SHARE, "Đồng chi trả BHYT"), ("BN26050", 49_950, "Tiền giường bệnh"), ("BN26002", SHARE + 1, "Xét nghiệm"),
    ("H05.26-261102-0006", COPY, "Chứng thực bản sao"), ("H05.26-261102-0007", MARRIAGE, "Trích lục hộ tịch"),
    ("H05.26-261102-0008", COPY + 1, "Chứng thực bản sao"),
)  # fmt: skip


def decided(memo: str, amount: int = SHARE, *, sender: str = "LA THI LOAN", paid: int = 0) -> Decision:
    notices = [
        OpenNotice(
            f"{code}/{owed}", SITE, f"{code}{owed}", None, purpose, "due", date(2026, 11, 20), owed, False,
            owed if owed == paid else 0, code, purpose, "", date(2026, 11, 1),
        )
        for code, owed, purpose in OWED
    ]  # fmt: skip
    payers = [Payer(SITE, code, name, "Khoa Nhi" if code.startswith("BN") else "") for code, name in GROWN_UPS.items()]
    incoming = Incoming("c1", SITE, amount, is_money_in=True, memo=memo, counter_name=sender, occurred_on=date(2026, 11, 10))
    return decide(incoming, Book(notices, payers), {})


def ids(decision: Decision) -> list[str]:
    return [share.notice_id for share in decision.shares]


@pytest.mark.parametrize(
    "memo", ["ma BN26001. dong chi tra bhyt", "BN26001 tien cung chi tra", "bn26001 chi tra 20%", "BN26001 tu vien phi"]
)
def test_what_hospitals_call_a_share_is_nobodys_name(memo: str) -> None:
    assert ids(decided(memo)) == [f"BN26001/{SHARE}"]


@pytest.mark.parametrize("memo", ["PHUNG KIM HANH dong chi tra", "cho benh nhan phung kim hanh chi tra 20%"])
def test_nor_does_a_name_go_on_with_it(memo: str) -> None:
    assert ids(decided(memo)) == [f"BN26001/{SHARE}"]


@pytest.mark.parametrize(
    "memo",
    [
        "ho so cua Dam Van Duy",
        "ong Dam Van Duy phong 7, cccd 024069005034",
        "Dam Van Duy nop le phi",
        "BN DAM VAN DUY",
        "cho bo Dam Van Duy. huyen Son Dong",
    ],
)
@pytest.mark.parametrize("sender", ["DAM VAN DUY", "", "LA THI LOAN"])
def test_who_is_named_by_somebody_who_typed_pays_his_own_fee(memo: str, sender: str) -> None:
    assert ids(decided(memo, SHARE + 1, sender=sender)) == [f"BN26002/{SHARE + 1}"]


@pytest.mark.parametrize("memo", ["DAM VAN DUY chuyen tien", "DAM VAN DUY nop tien", "chuyen khoan"])
def test_an_applications_own_words_do_not_say_that(memo: str) -> None:
    assert decided(memo, SHARE + 1, sender="DAM VAN DUY").status == "suggested"


def test_his_own_fee_a_second_time_is_a_duplicate() -> None:
    assert decided("ho so cua Dam Van Duy", SHARE + 1, sender="DAM VAN DUY", paid=SHARE + 1).reason == "duplicate"


@pytest.mark.parametrize(
    "memo",
    ["con sp Phung Kim Hanh", "CB PHUNG KIM HANH tien giuong", "be con me phung kim hanh", "Con ba Phung Kim Hanh vien phi"],
)
@pytest.mark.parametrize("sender", ["LA THI LOAN", "PHUNG KIM HANH"])
def test_a_newborn_is_called_after_its_mother(memo: str, sender: str) -> None:
    assert ids(decided(f"{memo} nop phi", 49_950, sender=sender)) == ["BN26050/49950"]


@pytest.mark.parametrize("sender", ["LA THI LOAN", "TRIEU VAN SENH"])
def test_several_dossiers_of_one_name_are_one_persons(sender: str) -> None:
    paid = ids(decided("ho so ong Trieu Van Senh, tat ca cac khoan", COPY + MARRIAGE, sender=sender))
    assert paid == [f"H05.26-261102-0006/{COPY}", f"H05.26-261102-0007/{MARRIAGE}"]


def test_dossiers_of_two_names_that_marks_tell_apart_are_not() -> None:
    assert decided("ho so ong Trieu Van Senh, tat ca cac khoan", COPY + COPY + 1).status == "suggested"


def test_the_end_of_a_dossiers_code_suggests_it() -> None:
    decision = decided("HS 0007 ngay 2/11", MARRIAGE)
    assert (decision.status, decision.candidates[0].notice_ids) == ("suggested", (f"H05.26-261102-0007/{MARRIAGE}",))


def test_a_part_of_a_name_suggests_who_owes_the_sum() -> None:
    decision = decided("ba P K Hanh vien phi", SHARE)
    assert decision.candidates[0].notice_ids == (f"BN26001/{SHARE}",)
