"""More money than a bill owes, and something else beside its reference: whose the rest is, a person decides."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, Share, decide
from shared.reference import random_reference

SITE = "TH-YEN-DINH"
FIRST, SECOND, THIRD, PAID = (random_reference(random.Random(seed)) for seed in (11, 12, 13, 14))
PAYERS = [
    Payer(SITE, "HS0101", "Vi Đức Khang", "3A"), Payer(SITE, "HS0102", "Vi Thị Phong", "5A"),
    Payer(SITE, "HS0103", "Trần Hải Yến", "5B"), Payer(SITE, "HS0104", "Vi Đức", "5B"),
]  # fmt: skip


def a_notice(code: str, reference: str, amount: int, allocated: int = 0) -> OpenNotice:
    return OpenNotice(
        f"{code}-{amount}", SITE, reference, f"VA{code}", "meals", "due", date(2026, 11, 20), amount, False, allocated, code, "Ăn"
    )  # fmt: skip


def decided(memo: str, amount: int, virtual_account: str | None = None) -> Decision:
    notices = [
        a_notice("HS0101", FIRST, 616_000), a_notice("HS0102", SECOND, 165_000), a_notice("HS0103", THIRD, 90_000),
        a_notice("HS0103", PAID, 70_000, 70_000), a_notice("HS0104", "R4", 165_000),
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


def test_another_child_may_be_called_by_a_word_of_the_payers_name_that_is_not_the_given_one():
    assert decided(f"{FIRST} VA VA EM DUC", 781_000).candidates[0].notice_ids == ("HS0101-616000", "HS0104-165000")


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
        FIRST, f"{FIRST} nop tien an", f"{FIRST} Khang lop 3A",
        f"{FIRST} VI VAN HAI HS lop 3A", f"{FIRST} me va Khang", f"IBFT VI VAN LONG {FIRST} KHTT khach hang chuyen khoan",
        f"{FIRST} gia dinh chau Khang", f"{FIRST} lop 2 con Khang", f"{FIRST} t11 {FIRST[:8]}", f"{FIRST} tien an va tien nuoc",
    ],
)  # fmt: skip
def test_a_lone_reference_keeps_what_is_over_as_the_payers_balance(memo):
    decision = decided(memo, 781_000)
    assert (decision.status, [share.notice_id for share in decision.shares]) == ("matched", ["HS0101-616000"])


def test_a_payer_without_a_name_has_no_siblings():
    book = Book([a_notice("P1", FIRST, 100_000)], [Payer(SITE, "P1", "…", "3A")])
    assert decide(Incoming("c1", SITE, 150_000, True, f"{FIRST} va em Phong"), book, {}).reason == "several"


def test_beside_a_virtual_account_too():
    decision = decided("Khang 3A va Phong 5A", 781_000, "VAHS0101")
    assert (decision.reason, decision.candidates[0].notice_ids) == ("several", BOTH)
    assert decided("Khang 3A", 781_000, "VAHS0101").status == "matched"


def by_account(memo: str, amount: int) -> Decision:
    """Decided where that account paid for Khang before."""
    payers = [replace(each, notices=[]) for each in PAYERS]
    notices = [a_notice("HS0101", FIRST, 165_000), a_notice("HS0102", SECOND, 165_000)]
    book = Book(notices, payers)
    book.learn(SITE, ["account"], [Share("HS0101-165000", 1)], date(2026, 10, 10))
    incoming = Incoming("c1", SITE, amount, True, memo, None, "LY THI HOA", "0123", "account", date(2026, 11, 10))
    return decide(incoming, book, {})


def test_a_reference_that_was_cut_off_is_suggested_and_keeps_the_account_from_deciding_for_another():
    decision = by_account(f"CT DEN {SECOND[:8]}", 165_000)
    assert (decision.status, decision.candidates[0].notice_ids) == ("suggested", ("HS0102-165000",))
    assert by_account(f"CT DEN {FIRST[:8]}", 165_000).reason == "learned_payer"
    assert by_account(f"CT DEN {SECOND[:6]}", 165_000).reason == "learned_payer"  # four symbols are too few
    other_sum = by_account(f"CT DEN {SECOND[:8]}", 100_000)
    assert (other_sum.status, other_sum.candidates[0].notice_ids) == ("suggested", ("HS0102-165000",))


def a_school(guardian: str, *children: str) -> Decision:
    """Decided of 200 pupils who owe one sum each, where some children's guardian sends it and writes nothing."""
    payers = [Payer(SITE, f"P{n}", f"Trần Văn {n}", "1A", guardian if f"P{n}" in children else "") for n in range(200)]
    book = Book([a_notice(payer.code, f"R{payer.code}", 165_000) for payer in payers], payers)
    amount = 165_000 * min(2, len(children))
    return decide(
        Incoming("c1", SITE, amount, True, "nop tien", None, "LY THI HOA", "0123", "account", date(2026, 11, 10)), book, {}
    )


def test_the_children_of_the_guardian_who_sends_are_suggested_however_many_owe_that_sum():
    assert [each.notice_ids for each in a_school("Lý Thị Hoa", "P7").candidates] == [("P7-165000",)]
    assert a_school("Lý Thị Hoa", "P7", "P8").candidates[0].notice_ids == ("P7-165000", "P8-165000")
    assert a_school("Lý Thị Hoa", "P1", "P2", "P3", "P4").status == "unmatched"  # several guardians are called so
    assert a_school("Lê Thị Hoa", "P7").status == "unmatched"
