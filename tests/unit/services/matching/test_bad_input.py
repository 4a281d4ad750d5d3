"""What people, banks and attackers write at worst: no exception, no quadratic time, no wrong automatic match (issue 6, "Bad input")."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, decide
from shared.reference import random_reference

SITE, OTHER_SITE = "TH-AN-LAC", "TH-HOA-SON"
AMOUNT = 378_000
REFERENCES = [random_reference(random.Random(seed)) for seed in range(4)]
PUPILS = (
    ("HS0001", "Nguyễn Văn An", "3A"), ("HS0002", "Trần Thị Bích", "3A"), ("HS0003", "Lê Hoàng Nam", "3B"), ("HS0004", "Hà An", "4A"),
)  # fmt: skip


def a_book(
    pupils: Iterable[tuple[str, str, str]] = PUPILS, references: Iterable[str] = REFERENCES, site: str = SITE
) -> Book:
    pupils = list(pupils)
    return Book(
        [
            OpenNotice(f"n{code}", site, reference, None, "meals", "due", date(2026, 11, 20), AMOUNT, False, 0, code, "Tiền ăn T11")
            for (code, _, _), reference in zip(pupils, references, strict=True)
        ],
        [Payer(site, code, name, group) for code, name, group in pupils],
    )  # fmt: skip


def decided(memo: str, book: Book | None = None, *, amount: int = AMOUNT, sender: str = "PHAM THI HOA") -> Decision:
    incoming = Incoming("c1", SITE, amount, is_money_in=True, memo=memo, counter_name=sender, occurred_on=date(2026, 11, 21))
    return decide(incoming, book or a_book(), {})


def paid(decision: Decision) -> dict[str, int]:
    return {share.notice_id: share.amount for share in decision.shares}


def steps(work: Callable[[], object]) -> int:
    """How many lines of Python a piece of work runs: what time measures, without the clock."""
    count = 0

    def trace(_frame: object, event: str, _argument: object) -> object:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(
    "memo",
    [
        "",
        " ",
        "\x00",
        ".",
        "|||",
        "\u200b\u200d\ufeff",
        "💸🎒",
        "👨‍👩‍👧 ck 🙏",
        "\ud800",
        "٣أ نغوين",
        "中文转账",
        "%s%n{}{0}",
        "'; drop table notices;--",
    ],
)
def test_what_says_nothing_pays_nothing(memo):
    assert decided(memo).status != "matched"


@pytest.mark.parametrize(
    "memo",
    [
        "Nguyễn\u200b Văn\u200d An 3A", "\u202eNguyễn Văn An 3A\u202c", "Nguyễn Văn An 💸 3A", "NGUYỄN\u00a0VĂN\u00a0AN 3A",
        "Nguyen Vаn An 3А",  # Cyrillic а and А
        "Ｎｇｕｙｅｎ Ｖａｎ Ａｎ ３Ａ",
    ],
)  # fmt: skip
def test_what_only_looks_different_is_read(memo):
    assert paid(decided(memo)) == {"nHS0001": AMOUNT}


@pytest.mark.parametrize(
    "spelling", [str.lower, "\u200b".join, lambda code: code.replace("A", "А"), lambda code: f"💸{code}🎒"]
)
def test_a_reference_is_read_through_invisible_and_foreign_signs(spelling):
    decision = decided(spelling(REFERENCES[0]))
    assert paid(decision) in ({"nHS0001": AMOUNT}, {})
    assert decision.candidates


def test_one_dong_with_a_right_reference_pays_nothing_by_itself():
    decision = decided(REFERENCES[0], amount=1)
    assert (paid(decision), decision.candidates[0].notice_ids) == ({}, ("nHS0001",))


def test_one_dong_with_a_name_pays_nothing():
    assert paid(decided("Nguyen Van An 3A", amount=1)) == {}


def test_a_memo_that_holds_everybodys_reference_pays_nobody():
    decision = decided(" ".join(REFERENCES))
    assert (decision.status, decision.reason) == ("suggested", "several")


def test_a_reference_beside_anothers_name_and_class_pays_neither():
    assert paid(decided(f"{REFERENCES[0]} Tran Thi Bich 3A")) == {}


@pytest.mark.parametrize("place", range(2, len(REFERENCES[0])))
def test_a_reference_that_was_altered_pays_nobody_elses_bill(place):
    for sign in "0A7Z":
        memo = REFERENCES[0][:place] + sign + REFERENCES[0][place + 1 :]
        assert paid(decided(memo)).keys() <= {"nHS0001"}


def test_another_sites_reference_is_not_settled_whatever_stands_beside_it():
    book = a_book()
    for notice in a_book(
        references=[random_reference(random.Random(9))], pupils=[("X1", "Vũ Thị Tâm", "1A")], site=OTHER_SITE
    ).notices():
        book.add(notice)
    assert decided(random_reference(random.Random(9)), book).reason == "wrong_account"


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_no_text_is_too_strange(memo):
    decision = decided(memo)
    assert sum(paid(decision).values()) <= AMOUNT


@given(st.text("nguyevathbic HS0123K3AB4.-_/|\u200b", max_size=60), st.integers(1, 2 * AMOUNT))
@settings(max_examples=300, deadline=None)
def test_what_resembles_names_and_codes_never_pays_more_than_is_due(memo, amount):
    book = a_book()
    decision = decided(memo, book, amount=amount)
    assert all(share.amount <= book.get(share.notice_id).open for share in decision.shares)


@given(
    st.permutations(range(len(PUPILS))),
    st.sampled_from(["An 3A", "Nguyen Van An", "Lan 3A", "", REFERENCES[1], "HS0003", "Bich, Nam"]),
)
def test_the_order_of_notices_and_payers_changes_no_decision(order, memo):
    shuffled = a_book([PUPILS[place] for place in order], [REFERENCES[place] for place in order])
    assert decided(memo, shuffled) == decided(memo)


WORDS = ("Nguyen Van An 3A ", "KH0A", "a ", "1", "26-", "lop 3A/", "hp t11 ", "H S ", "An va ", "💸", "ế")


@pytest.mark.parametrize("word", WORDS)
def test_a_long_memo_costs_no_more_than_its_length(word):
    book = a_book()
    decided("", book)
    short, long = (steps(lambda length=length: decided((word * length)[:length], book)) for length in (1_000, 10_000))
    assert long < 12 * short + 5_000


@cache
def thousands(count: int, name: str) -> Book:
    """So many pupils of one name (of names of their own where it is empty), who owe the same."""
    return a_book(
        [(f"HS{number:05d}", name or f"Trần Văn {number}", f"{number % 5 + 1}A") for number in range(count)],
        [random_reference(random.Random(number + 100)) for number in range(count)],
    )


@pytest.mark.parametrize(("name", "memo"), [
    ("", "tien an"), ("", "cho con"), ("", "NGUYEN VAN AN nop tien"),
    ("Nguyễn Văn An", "Nguyen Van An 3A"), ("Nguyễn Văn An", "An 3A tien an"), ("Nguyễn Văn An", "Nguyen Van An"),
    ("Nguyễn Văn An", "Nguyen An"), ("Nguyễn Văn An", "Nguyen Van Am 3A"), ("Nguyễn Văn An", "An va An 3A"),
    ("Nguyễn Văn An", "lop 3A"),
])  # fmt: skip
def test_equal_notices_and_equal_names_pay_nobody_and_cost_nothing(name, memo):
    few, many = thousands(500, name), thousands(5_000 if name else 50_000, name)
    assert decided(memo, many).status != "matched"
    assert steps(lambda: decided(memo, many)) < 3 * steps(lambda: decided(memo, few)) + 2_000


def test_among_five_thousand_of_one_name_a_reference_and_a_code_still_decide():
    book = thousands(5_000, "Nguyễn Văn An")
    assert paid(decided("HS00042", book)) == {"nHS00042": AMOUNT}
    assert paid(decided(random_reference(random.Random(142)), book)) == {"nHS00042": AMOUNT}


@pytest.mark.parametrize("name", ["", ".", "-", "🎒"])
@pytest.mark.parametrize("memo", ["nop tien an lop 3A", "Nguyen Van Am lop 3A nop tien", "me be nop tien hoc lop 3a T11"])
def test_a_pupil_without_a_name_is_no_obstacle(name: str, memo: str) -> None:
    others = PUPILS[:3]
    expected = decided(memo, a_book(others, REFERENCES[:3]))
    found = decided(memo, a_book((*others, ("HS0009", name, "3A"))))
    assert paid(found) == paid(expected)
