"""More money than a bill owes, and something else beside its reference: whose the rest is, a person decides."""

from __future__ import annotations

import random
from datetime import date

import pytest

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, decide
from shared.reference import random_reference

SITE = "TH-YEN-DINH"
FIRST, SECOND, THIRD, PAID = (random_reference(random.Random(seed)) for seed in (11, 12, 13, 14))
PAYERS = [
    Payer(SITE, "HS0101", "Vi Đức Khang", "3A"), Payer(SITE, "HS0102", "Vi Thị Phong", "5A"),
    Payer(SITE, "HS0103", "Trần Hải Yến", "5B"),
]  # fmt: skip


def a_notice(code: str, reference: str, amount: int, allocated: int = 0) -> OpenNotice:
    return OpenNotice(
        f"{code}-{amount}", SITE, reference, f"VA{code}", "meals", "due", date(2026, 11, 20), amount, False, allocated, code, "Ăn"
    )  # fmt: skip


def decided(memo: str, amount: int, virtual_account: str | None = None) -> Decision:
    notices = [
        a_notice("HS0101", FIRST, 616_000), a_notice("HS0102", SECOND, 165_000), a_notice("HS0103", THIRD, 90_000),
        a_notice("HS0103", PAID, 70_000, 70_000),
    ]  # fmt: skip
    incoming = Incoming(
        "c1", SITE, amount, is_money_in=True, memo=memo, virtual_account=virtual_account, counter_name="VI VAN LONG",
        occurred_on=date(2026, 11, 10),
    )  # fmt: skip
    return decide(incoming, Book(notices, PAYERS), {})


BOTH = ("HS0101-616000", "HS0102-165000")


@pytest.mark.parametrize(
    "memo",
    [
        f"{FIRST}, {SECOND[:8]}",
        f"MBVCB.123.{FIRST}+{SECOND[:6]}.CT tu 0123",
        f"{FIRST} {SECOND[:5]}YY{SECOND[7:]}",
        f"{FIRST} va em Phong",
        f"{FIRST}, VA VA EM PHONG-CHUYEN TIEN-OQCHT1KRNA4C",
        f"{FIRST} + Phong",
        f"{FIRST}, Phong 5A",
        f"nop tien {FIRST} va HS0102",
        f"{FIRST} va Vi Thi Phong",
        f"{FIRST} nop cho 2 con Khang, Phong",
    ],
)
def test_the_rest_may_be_for_another_who_is_named_and_owes_just_that(memo):
    decision = decided(memo, 781_000)
    assert (decision.status, decision.reason, decision.candidates[0].notice_ids) == ("suggested", "several", BOTH)


@pytest.mark.parametrize(
    "memo",
    [
        f"{FIRST} {SECOND[:5]}", f"{FIRST} {PAID[:7]}", f"{FIRST} KHTT34TT340", f"{FIRST} va Yen 5B", f"{FIRST} hai chau",
        f"{FIRST} HS0103", f"{FIRST} + em Thao",
    ],
)  # fmt: skip
def test_another_who_is_named_and_owes_something_else_is_asked_for_with_the_bill_first(memo):
    decision = decided(memo, 700_000)
    assert (decision.status, decision.reason, decision.candidates[0].notice_ids) == (
        "suggested",
        "several",
        ("HS0101-616000",),
    )


@pytest.mark.parametrize(
    "memo",
    [
        FIRST, f"{FIRST} nop tien an", f"{FIRST} Khang lop 3A", f"IBFT VI VAN LONG {FIRST} KHTT khach hang chuyen khoan",
        f"{FIRST} gia dinh chau Khang", f"{FIRST} lop 2 con Khang", f"{FIRST} t11 {FIRST[:8]}", f"{FIRST} tien an va tien nuoc",
    ],
)  # fmt: skip
def test_a_lone_reference_keeps_what_is_over_as_the_payers_balance(memo):
    decision = decided(memo, 781_000)
    assert (decision.status, [share.notice_id for share in decision.shares]) == ("matched", ["HS0101-616000"])


def test_beside_a_virtual_account_too():
    decision = decided("Khang 3A va Phong 5A", 781_000, "VAHS0101")
    assert (decision.reason, decision.candidates[0].notice_ids) == ("several", BOTH)
    assert decided("Khang 3A", 781_000, "VAHS0101").status == "matched"
