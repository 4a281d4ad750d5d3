"""Rules, next rounds and school years as plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notices.payers.model import Payer
from services.notices.rounds.next_round import NextRound, continue_round
from services.notices.rounds.rule import Adjustment, FeeRule, apply_rule, grade_of, notice_id_of, slug
from services.notices.rounds.school_year import moves
from services.notices.terms import Deduction, Terms
from shared.privacy import PayerCode, PersonName
from tests.unit.services.notices.bill_builders import a_line

RULE = FeeRule("s1", "Tháng 11/2026", "meals", "Tiền ăn", 20_000, date(2026, 11, 30), days=20)


def a_payer(code: str = "HS1", group: str | None = "1A", **more: object) -> Payer:
    return Payer("s1", PayerCode(code), PersonName("Nguyễn Văn An"), group, **more)


PAYERS = [a_payer(f"HS{number}") for number in range(6)]


@given(
    st.dictionaries(
        st.integers(0, 5),
        st.tuples(
            st.none() | st.integers(0, 30), st.integers(0, 30), st.lists(st.integers(1, 500_000), max_size=3), st.booleans()
        ),
    )
)
def test_every_payer_is_asked_what_the_terms_make_or_is_exempt_or_left_out_or_refused(told):
    adjustments = [
        Adjustment(number, f"HS{number}", days, absences, tuple(Deduction("support", each) for each in amounts), out)
        for number, (days, absences, amounts, out) in told.items()
    ]
    made = apply_rule(RULE, PAYERS, adjustments, {})
    asked = {row.payer_code.reveal(): row for row in made.rows}
    exempt = {each.payer_code for each in made.exempt}
    refused = {f"HS{each.row}" for each in made.rejected}
    out = {f"HS{number}" for number, each in told.items() if each[3]}
    parts = [set(asked), exempt, refused, out]
    assert set().union(*parts) == {payer.payer_code.reveal() for payer in PAYERS}
    assert sum(map(len, parts)) == len(PAYERS)
    for number, (days, absences, amounts, _) in told.items():
        if row := asked.get(f"HS{number}"):
            count = 20 if days is None else days
            assert row.amount == (count - absences) * 20_000 - sum(amounts) > 0
            if row.terms is None:
                assert (count, absences, amounts) == (1, 0, [])  # the plain price says itself
            else:
                assert row.terms.amount == row.amount


def test_a_plain_price_needs_no_terms_and_ids_are_always_the_same():
    (row,) = apply_rule(replace(RULE, days=1), [a_payer()], [], {"HS1": "KHC3A4B5C6D"}).rows
    assert (row.terms, row.amount, row.reference) == (None, 20_000, "KHC3A4B5C6D")
    assert row.notice_id == notice_id_of("s1", "Tháng 11/2026", "meals", "HS1") == "s1-thang-11-2026-meals-HS1"
    assert slug("  Đợt 2: Học kỳ I ") == "dot-2-hoc-ky-i"


@pytest.mark.parametrize(
    ("group", "grade"), [("1A", "1"), ("10A1", "10"), ("Lớp 3B", "3"), ("Mẫu giáo 5 tuổi B", "5"), ("Nhà trẻ", "Nhà trẻ")]
)
def test_grades(group, grade):
    assert grade_of(group) == grade


def a_notice(**more: object):
    return a_line(**more).notice.model_copy(update={"round": "Tháng 11/2026"})


def test_the_next_round_keeps_what_is_decided_and_begins_absences_anew():
    last = a_notice(purpose="Tiền ăn bán trú tháng 11/2026", code="HS1")
    terms = Terms(20_000, 22, 3, (Deduction("support", 96_000, "12/QĐ"),))
    wanted = NextRound("s1", "Tháng 12/2026", date(2026, 12, 31), days={"meals": 18})
    (row,) = continue_round([(last, terms)], {"HS1": a_payer(group="2A")}, wanted, {}).rows
    assert (row.purpose, row.group, row.amount) == ("Tiền ăn bán trú tháng 12/2026", "2A", 18 * 20_000 - 96_000)
    assert row.terms == Terms(20_000, 18, 0, terms.deductions)


def test_who_has_left_and_what_is_left_out_is_not_asked_again():
    last = [(a_notice(code=code), None) for code in ("HS1", "HS2", "HS3")]
    payers = {"HS1": a_payer("HS1"), "HS2": a_payer("HS2", is_active=False)}
    wanted = NextRound("s1", "T12", date(2026, 12, 31))
    assert [row.payer_code for row in continue_round(last, payers, wanted, {}).rows] == ["HS1"]
    assert continue_round(last, payers, replace(wanted, left_out=frozenset({"meals"})), {}).rows == []


def test_two_notices_of_one_kind_stay_two():
    last = [(a_notice(code="HS1", amount=amount), None) for amount in (1_000, 2_000)]
    rows = continue_round(last, {"HS1": a_payer()}, NextRound("s1", "T12", date(2026, 12, 31)), {}).rows
    assert [(row.notice_id, row.amount) for row in rows] == [("s1-t12-meals-HS1", 1_000), ("s1-t12-meals-HS1-2", 2_000)]


def test_classes_move_up_and_the_last_grade_leaves():
    named = {"Ghép 1-2": "Ghép 2-3", "9C": "9D"}
    groups = ["1A", "10A1", "9C", "Lớp 8B", "Mẫu giáo 4 tuổi", "Nhà trẻ", "Ghép 1-2"]
    assert moves(groups, 9, named) == {
        "1A": "2A", "10A1": None, "9C": "9D", "Lớp 8B": "Lớp 9B", "Mẫu giáo 4 tuổi": "Mẫu giáo 5 tuổi", "Nhà trẻ": "Nhà trẻ",
        "Ghép 1-2": "Ghép 2-3",
    }  # fmt: skip
