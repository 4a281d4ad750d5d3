"""Payer codes of long prefixes, names that a bank writes twice, and capitals that stand anywhere."""

from __future__ import annotations

from datetime import date

import pytest

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, decide
from services.matching.matcher.text import fold_memo

SITE, MEALS = "TH", 474_000
PUPILS = {"TTHTSN.26.0473": ("Bế Ngọc Oanh", "2C"), "TTHTSN.26.0511": ("Lý Văn Chiêu", "4A")}


def decided(memo: str, amount: int = MEALS, sender: str = "PHAN THI LUA") -> Decision:
    payers = [Payer(SITE, code, name, group) for code, (name, group) in PUPILS.items()]
    notices = [
        OpenNotice(
            code, SITE, f"R{code}", None, "meals", "due", date(2026, 11, 20), MEALS, False, 0, code, "Tiền ăn tháng 11", "2026-11",
            date(2026, 11, 1),
        )
        for code in PUPILS
    ]  # fmt: skip
    incoming = Incoming("c1", SITE, amount, is_money_in=True, memo=memo, counter_name=sender, occurred_on=date(2026, 11, 9))
    return decide(incoming, Book(notices, payers), {})


@pytest.mark.parametrize(
    "memo", ["TTHTSN.26.0473 tien an", "ma hs: tthtsn260473", "MHS TTHTSN 26 0473 Be Ngoc Oanh L2C", "hs ma tthtsn-26-0473"]
)
def test_a_code_may_begin_with_many_letters(memo: str) -> None:
    decision = decided(memo)
    assert (decision.reason, [share.notice_id for share in decision.shares]) == ("payer_code", ["TTHTSN.26.0473"])


@pytest.mark.parametrize("memo", ["ma hs TTHTSN.26.0473 Ly Van Chieu 4A", "Ly Van Chieu lop 4a mhs tthtsn260473"])
def test_it_contradicts_the_name_of_another(memo: str) -> None:
    assert decided(memo).status == "suggested"


def test_a_name_that_a_bank_writes_twice_may_be_the_senders() -> None:
    assert decided("ACB;LY VAN CHIEU;LY VAN CHIEU transfer GD 446646", sender="").status == "suggested"


@pytest.mark.parametrize(
    "memo",
    [
        "TIEN AN TTHTSN.26.0473.NHAN TU LUU THI CHI.311026",
        "CK den tu LUU THI CHI. Noi dung: be ngoc oanh",
        "tien_Be Ngoc Oanh",
        "ung ho vung lu be ngoc oanh 2c",
        "phu huynh Be Ngoc Oanh 2C nop tien quy khuyen hoc",
    ],
)
def test_who_sends_and_words_of_money_stand_apart(memo: str) -> None:
    assert [share.notice_id for share in decided(memo, sender="LUU THI CHI").shares] == ["TTHTSN.26.0473"]


def test_a_bank_that_is_said_to_send_is_nobody() -> None:
    assert decided("Chuyen tien den tu NAPAS Noi dung: IBFT Ly Van Chieu ck (ct8318)", sender="").status == "suggested"


@pytest.mark.parametrize(
    ("memo", "words"),
    [
        ("HoVanHien", "ho van hien"), ("NopHocPhi", "nop hoc phi"), ("CkTienAn", "ck tien an"), ("nguyenVanAn", "nguyen van an"),
        ("khAnh LOp", "khanh lop"), ("oNg nOi", "ong noi"), ("cHuYEN", "chuyen"), ("hoaNg qUoc", "hoang quoc"),
        ("1CTienAn", "1c tien an"),
    ],
)  # fmt: skip
def test_capitals_divide_only_where_they_begin_words(memo: str, words: str) -> None:
    assert " ".join(fold_memo(memo).split()) == words


@pytest.mark.parametrize(
    "memo", ["hoan lai giup", "thanh toan lai tien hoc", "nop lai do giao dich loi", "huy giao dich nop lai"]
)
def test_who_pays_again_or_asks_for_his_money_is_seen_by_a_person(memo: str) -> None:
    assert decided(memo).reason != "not_income"
