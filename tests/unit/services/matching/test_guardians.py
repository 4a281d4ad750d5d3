"""Children whom a memo means by their guardian, or whose bill was paid before: never paid by itself, suggested first."""

from __future__ import annotations

import random
from datetime import date

import pytest

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, Share, decide
from shared.reference import random_reference

SITE = "TH-DUONG-HUU"
PAID, OTHER = (random_reference(random.Random(seed)) for seed in (31, 32))
CHILDREN = [
    ("HS301", "Hà Bảo Trâm", "3A", "Hà Văn Tiệp", "0912 345 678"),
    ("HS302", "Hà Quang Minh", "5B", "Hà Văn Tiệp", "0912 345 678"),
    ("HS303", "Bế Thị Ánh", "3A", "Bế Văn Sinh", "0987654321"),
    ("HS304", "Tô Minh Thư", "4C", "Tô Thị Vân"),
]


def a_notice(notice_id: str, code: str, amount: int, reference: str = "R", **more) -> OpenNotice:
    fields = {"fee_kind": "meals", "purpose": "Tiền ăn tháng 10", "issued_on": date(2026, 10, 2), "allocated": 0}
    return OpenNotice(
        notice_id=notice_id, site_id=SITE, reference=reference, virtual_account=None, obligation="due",
        due_on=date(2026, 10, 20), amount=amount, is_cancelled=False, payer_code=code, **{**fields, **more}
    )  # fmt: skip


def decided(memo: str, amount: int, sender: str = "", notices: list[OpenNotice] | None = None) -> Decision:
    owed = [
        a_notice("meals 301", "HS301", 440_000, OTHER), a_notice("meals 302", "HS302", 460_000),
        a_notice("meals 303", "HS303", 440_000), a_notice("meals 304", "HS304", 470_000),
        *[a_notice(f"more {place}", "HS304", 440_000) for place in range(4)],
    ]  # fmt: skip
    incoming = Incoming("c1", SITE, amount, is_money_in=True, memo=memo, counter_name=sender, occurred_on=date(2026, 11, 10))
    return decide(incoming, Book(notices or owed, [Payer(SITE, *child) for child in CHILDREN]), {})


def first(decision: Decision) -> tuple[str, ...]:
    assert decision.status == "suggested"
    return tuple(sorted(decision.candidates[0].notice_ids))


@pytest.mark.parametrize("memo", ["ph 0912345678 nop", "sdt 84912345678", "lien he 0912345678 tien an"])
def test_a_guardians_telephone_number_suggests_the_child(memo):
    assert first(decided(memo, 440_000)) == ("meals 301",)
    assert first(decided(memo, 900_000)) == ("meals 301", "meals 302")


@pytest.mark.parametrize(
    ("memo", "amount", "expected"),
    [
        ("con anh Ha Van Tiep lop 3A nop tien an", 440_000, ("meals 301",)), ("con ong Ha Van Tiep 5B", 460_000, ("meals 302",)),
        ("2 con cua Ha Van Tiep nop tien an", 900_000, ("meals 301", "meals 302")),
        ("HAI CHAU HA VAN TIEP L3A", 900_000, ("meals 301", "meals 302")), ("con anh Ha Van Tiep 3A", 600_000, ("meals 301",)),
    ],
)  # fmt: skip
def test_a_named_guardian_suggests_the_children(memo, amount, expected):
    decision = decided(memo, amount)
    assert first(decision) == expected
    assert "guardian_named" in [fact.code for fact in decision.facts]


def test_how_a_parent_is_addressed_is_no_childs_name():
    decision = decided("con anh Ha Van Tiep lop 3A", 440_000, sender="HA VAN TIEP")
    assert first(decision) == ("meals 301",)


def test_a_pupil_called_like_the_sender_is_suggested():
    decision = decided("", 470_000, sender="TO MINH THU")
    assert first(decision) == ("meals 304",)
    assert "name_of_sender" in [fact.code for fact in decision.facts]


def again(amount: int) -> Decision:
    notices = [
        a_notice("october", "HS301", 440_000, PAID, allocated=440_000),
        a_notice("november", "HS301", 440_000, OTHER, purpose="Tiền ăn tháng 11", issued_on=date(2026, 11, 2)),
        a_notice("december", "HS301", 440_000, "R12", purpose="Tiền ăn tháng 12", issued_on=date(2026, 12, 2)),
    ]
    return decided(PAID, amount, notices=notices)


def test_last_months_qr_used_again_suggests_this_months_fee_behind_the_paid_one():
    decision = again(440_000)
    assert (decision.status, decision.reason) == ("suggested", "duplicate")
    assert [each.notice_ids for each in decision.candidates] == [("october",), ("november",)]
    assert [each.notice_ids for each in again(200_000).candidates] == [("october",)]


@pytest.mark.parametrize("amount", [1, 10, 100, 999, 1_000, 2_000])
def test_so_little_that_it_tries_an_account_pays_no_part(amount):
    decision = decided(OTHER, amount)
    assert (decision.status, decision.reason, first(decision)) == ("suggested", "ambiguous", ("meals 301",))


def test_a_part_and_what_a_bank_deducted_are_paid():
    assert [share.amount for share in decided(OTHER, 10_000).shares] == [10_000]
    small = [a_notice("copy", "HS301", 2_000, OTHER)]
    assert [share.amount for share in decided(OTHER, 900, notices=small).shares] == [900]
    assert decided(OTHER, 100, notices=small).shares == ()


@pytest.mark.parametrize("memo", ["2 chi em Ha Bao Tram 3A", "HS301 cac con", "cho Ha Bao Tram va em"])
def test_a_sum_of_two_suggests_the_named_child_with_the_one_of_the_same_guardian(memo):
    decision = decided(memo, 900_000)
    assert first(decision) == ("meals 301", "meals 302")
    assert ("meals 301",) in [each.notice_ids for each in decision.candidates]


def test_next_months_fee_is_suggested_too_where_nothing_else_of_the_sum_is_open():
    notices = [
        a_notice("october", "HS301", 440_000, PAID, allocated=440_000),
        a_notice("december", "HS301", 440_000, "R12", purpose="Tiền ăn tháng 12", issued_on=date(2026, 12, 2)),
    ]
    assert [each.notice_ids for each in decided(PAID, 440_000, notices=notices).candidates] == [("october",), ("december",)]


def test_whom_an_account_of_many_paid_for_comes_behind_who_owes_the_sum():
    day = date(2026, 11, 10)
    codes = [f"HS40{place}" for place in range(5)]
    notices = [a_notice(code, code, 70_000) for code in codes] + [a_notice("meals", "HS300", 95_000)]
    book = Book(notices, [Payer(SITE, code, f"Vi Thị {name}", "4A") for code, name in zip(codes, "ABCDE", strict=True)])
    for code in codes:
        book.learn(SITE, ["account"], [Share(code, 1)], day)
    incoming = Incoming("c1", SITE, 95_000, is_money_in=True, memo="ck", sender="account", occurred_on=day)
    assert decide(incoming, book, {}).candidates[0].notice_ids == ("meals",)


def test_of_one_child_every_month_of_the_sum_is_suggested():
    months = [
        a_notice(f"{month}", "HS303", 440_000, f"R{month}", purpose=f"Tiền ăn tháng {month}", issued_on=date(2026, month, 2))
        for month in (9, 10, 11)
    ]
    decision = decided("ph Be Van Sinh lop 3A", 440_000, sender="BE VAN SINH", notices=months)
    assert sorted(each.notice_ids for each in decision.candidates) == [("10",), ("11",), ("9",)]
