"""Where statements do not follow each other."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.statements.gaps import Stretch, follows_within_a_day, gaps_before, overlapping
from services.ingest.statements.model import Line, Statement
from shared.clock import day_start
from shared.events import BankStatement


def a_stretch(name: str, first: int, last: int, opening: int, closing: int, **moved: int) -> Stretch:
    """Days of November 2026; `d5=100` moved 100 on the fifth."""
    days = {date(2026, 11, int(day[1:])): amount for day, amount in moved.items()}
    return Stretch(name, date(2026, 11, first), date(2026, 11, last), opening, closing, days)


A = a_stretch("a", 1, 5, 100, 150, d2=20, d5=30)

CASES: list[Any] = [
    pytest.param(a_stretch("b", 6, 7, 150, 160), None, id="follows"),
    pytest.param(a_stretch("b", 6, 7, 155, 160), 5, id="the balance jumps"),
    pytest.param(a_stretch("b", 8, 9, 150, 160), 0, id="days that none covers, though nothing is missing"),
    pytest.param(a_stretch("b", 8, 9, 140, 160), -10, id="days that none covers, and money"),
    pytest.param(a_stretch("b", 4, 7, 120, 160), None, id="overlaps, and agrees"),
    pytest.param(a_stretch("b", 4, 7, 121, 160), 1, id="overlaps, and does not agree"),
    pytest.param(a_stretch("b", 5, 5, 150, 160), None, id="the rest of a day"),
]


@pytest.mark.parametrize(("later", "difference"), CASES)
def test_a_statement_after_another(later: Stretch, difference: int | None):
    gaps = gaps_before(later, [A, later])
    assert [each.difference for each in gaps] == ([] if difference is None else [difference])


def test_a_gap_is_told_with_its_days():
    (gap,) = gaps_before(a_stretch("b", 8, 9, 140, 160), [A])
    assert (gap.after, gap.before) == (day_start(date(2026, 11, 6)), day_start(date(2026, 11, 8)))


def test_the_first_statement_has_no_gap():
    assert gaps_before(A, [A, a_stretch("b", 6, 7, 0, 0)]) == ()


def test_what_fills_a_gap_closes_it():
    later = a_stretch("c", 8, 9, 170, 180)
    between = a_stretch("b", 6, 7, 150, 170)
    assert gaps_before(later, [A, later]) != ()
    assert gaps_before(later, [A, between, later]) == gaps_before(between, [A, between, later]) == ()


def test_statements_that_share_days_overlap():
    assert overlapping(A, [A, a_stretch("b", 5, 6, 0, 0), a_stretch("c", 6, 7, 0, 0)]) == ("b",)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-50, 50)), min_size=1, max_size=10))
def test_statements_cut_from_one_account_follow_each_other(parts: list[tuple[int, int]]):
    stretches, day, balance = [], date(2026, 1, 1), 1_000
    for number, (length, moved) in enumerate(parts):
        last = day + timedelta(days=length)
        stretches.append(Stretch(str(number), day, last, balance, balance + moved, {last: moved}))
        day, balance = last + timedelta(days=1), balance + moved
    assert all(gaps_before(each, stretches) == () for each in stretches)


def drawn(opening: int, *signed: int) -> Statement:
    """A statement of the fifth with these movements."""
    day = date(2026, 11, 5)
    lines = tuple(Line(1, abs(each), "in" if each > 0 else "out", day_start(day), day_only=True) for each in signed)
    return Statement("1", "mt940", day, day, opening, opening + sum(signed), lines)


def as_published(statement: Statement) -> BankStatement:
    return BankStatement.model_validate({
        "statement_id": "s", "version": 1, "account": "1", "site_id": None, "from": statement.from_day, "to": statement.to_day,
        "opening": statement.opening, "credits": statement.credits, "debits": statement.debits, "closing": statement.closing,
        "gaps": [], "source": "mt940",
        "lines": [
            {"line": 1, "transaction_id": "t", "amount": each.amount, "direction": each.direction,
             "occurred_at": each.occurred_at, "bank_reference": None} for each in statement.lines
        ],
    })  # fmt: skip


@pytest.mark.parametrize(
    ("morning", "evening", "follows"),
    [
        (drawn(0, 66), drawn(66, 66), True),
        (drawn(0, 66), drawn(66, 66, -66), True),
        (drawn(0, 66), drawn(0, 66), False),
        (drawn(0, 66, -66), drawn(0, 66, -66), False),
        (drawn(0, 66), drawn(70, 66), False),
    ],
)  # fmt: skip
def test_two_statements_of_a_day_follow_where_their_balances_do(morning: Statement, evening: Statement, follows: bool):
    assert follows_within_a_day(as_published(morning), evening) is follows
    assert follows_within_a_day(as_published(evening), morning) is follows
