"""What stands beside a bill's reference, and what else a family owes: whom the money over is for, and whether less is a part."""

from __future__ import annotations

from datetime import date

import pytest

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, decide

SITE = "TH-AN-CHAU"
BINH, CHI, NHI, TUAN = "KHJ4HRVMK74", "KHQYM1P3MMM", "KHMR8R3AU50", "KHXQNA84NFW"
MEALS, WATER, UNIFORM = 396_000, 15_000, 245_000
PUPILS = (
    ("TH260603X", "Lê Thùy Bình", "4B", "Lê Văn Hoạt"),
    ("TH260604X", "Lê Seo Chi", "2A", "Lê Văn Hoạt"),
    ("TH260605X", "Tô Mai Nhi", "2A", "Tô Thị Lụa"),
    ("TH260606X", "Nguyễn Hương Thảo", "4B", "Nguyễn Văn Tuất"),
)
NOTICES = (
    ("N1", BINH, "TH260603X", "meals", MEALS, False),
    ("N2", CHI, "TH260604X", "water", WATER, False),
    ("N3", NHI, "TH260605X", "uniform", UNIFORM, False),
    ("N4", "R4", "TH260605X", "meals", MEALS, False),
    ("N5", TUAN, "TH260606X", "meals", MEALS + 4_000, True),
    ("N6", "R6", "TH260606X", "meals", MEALS, False),
)
"""Of each its id, reference, payer, fee, sum, and whether it was cancelled."""


def decided(memo: str, amount: int) -> Decision:
    notices = [
        OpenNotice(
            notice, SITE, reference, None, kind, "due", date(2026, 11, 20), owed, is_cancelled, 0, code, kind, "2026-11",
            date(2026, 11, 1),
        )
        for notice, reference, code, kind, owed, is_cancelled in NOTICES
    ]  # fmt: skip
    payers = [Payer(SITE, code, name, group, guardian) for code, name, group, guardian in PUPILS]
    incoming = Incoming("c1", SITE, amount, is_money_in=True, memo=memo, occurred_on=date(2026, 11, 10))
    return decide(incoming, Book(notices, payers), {})


def paid(decision: Decision) -> list[str]:
    return [share.notice_id for share in decision.shares]


@pytest.mark.parametrize("memo", ["TH260605X", "ma hs th260605x nop tien", "th 260605x", "TH.260605X"])
def test_a_code_may_end_in_a_letter(memo: str) -> None:
    assert paid(decided(memo, UNIFORM)) == ["N3"]


def test_another_letter_at_its_end_is_another_code() -> None:
    assert decided("TH260605Y", UNIFORM).status != "matched"


@pytest.mark.parametrize("memo", [f"{BINH} va TH260605X", f"IBFT {BINH}, TH260605X", f"TH260605X + {BINH}"])
def test_a_code_beside_a_reference_is_paid_with_it_where_both_make_the_sum(memo: str) -> None:
    decision = decided(memo, MEALS + UNIFORM)
    assert (decision.reason, paid(decision)) == ("several", ["N1", "N3"])


@pytest.mark.parametrize(
    ("memo", "amount"),
    [
        (f"{BINH} va TH260605X", MEALS + UNIFORM + 1_000),  # nothing makes the rest
        (f"{BINH} va To Mai Nhi", MEALS + UNIFORM),  # a name is no code
        (f"{BINH} va TH260605X, Nguyen Huong Thao 4B", MEALS + UNIFORM),  # and somebody else
    ],
)
def test_it_is_a_question_where_that_is_not_certain(memo: str, amount: int) -> None:
    assert decided(memo, amount).status == "suggested"


def test_the_sum_that_a_sibling_owes_is_no_part_of_a_bill() -> None:
    decision = decided(f"{BINH} nop tien", WATER)
    assert (decision.status, decision.reason) == ("suggested", "ambiguous")
    assert [each.notice_ids for each in decision.candidates] == [("N1",), ("N2",)]


def test_the_sum_of_another_bill_of_the_payer_is_no_part_of_this_one() -> None:
    assert paid(decided("R4", MEALS)) == []  # no reference at all
    assert decided(f"{NHI}", UNIFORM).status == "matched"
    assert paid(decided(BINH, WATER + 1_000)) == ["N1"]  # a part


def test_behind_a_cancelled_notice_stands_the_one_that_took_its_place() -> None:
    decision = decided(TUAN, MEALS)
    assert (decision.status, decision.reason) == ("suggested", "cancelled")
    assert [each.notice_ids for each in decision.candidates] == [("N5",), ("N6",)]


def test_of_a_short_beginning_of_a_reference_the_bill_of_this_sum_is_suggested() -> None:
    decision = decided(f"CUSTOMER {NHI[:6]}", UNIFORM)
    assert (decision.status, decision.candidates[0].notice_ids) == ("suggested", ("N3",))


@pytest.mark.parametrize("memo", ["LE THUY BINH 4B + NHI 2A", "lê thùy bình 4b và nhi 2a"])
def test_a_second_child_with_a_class_keeps_the_sum_of_one_from_being_settled(memo: str) -> None:
    assert decided(memo, MEALS).status == "suggested"


def test_the_sum_of_another_bill_is_no_sum_over_this_one() -> None:
    decision = decided(f"PGD CHU - {NHI}", MEALS)
    assert (decision.status, decision.reason) == ("suggested", "ambiguous")
    assert [each.notice_ids for each in decision.candidates] == [("N3",), ("N4",)]
