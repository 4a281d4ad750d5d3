"""Running balances: what is all there is one unbroken path; what is missing breaks it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.reconciliation.days.running import Movement, run_of

START = datetime(2026, 10, 5, 2, tzinfo=UTC)


def movements(amounts: list[int], opening: int = 1_000_000) -> list[Movement]:
    """A minute apart, each with the balance after it."""
    made, balance = [], opening
    for minute, signed in enumerate(amounts):
        balance += signed
        made.append(Movement(START + timedelta(minutes=minute), signed, balance))
    return made


AMOUNTS = st.lists(st.integers(-(10**9), 10**9).filter(bool), min_size=1, max_size=30)


@given(AMOUNTS, st.randoms())
def test_movements_that_are_all_there_are_whole_in_whatever_order_they_came(amounts, random):
    told = movements(amounts)
    random.shuffle(told)
    run = run_of(told)
    assert run is not None
    assert run.is_whole
    assert (run.opening, run.closing) == (1_000_000, 1_000_000 + sum(amounts))


@given(st.lists(st.integers(1, 10**9), min_size=3, max_size=30), st.data())
def test_a_movement_that_is_missing_in_between_is_told_with_its_amount(amounts, data):
    # Money in alone: where it comes and goes, balances may meet by chance, and then nothing is missing in sum.
    at = data.draw(st.integers(1, len(amounts) - 2))
    told = movements(amounts)
    run = run_of(told[:at] + told[at + 1 :])
    assert run is not None
    assert (run.breaks, run.missing) == (1, told[at].signed)


@given(AMOUNTS.filter(lambda amounts: len(amounts) >= 3), st.data())
def test_a_movement_whose_balance_is_not_told_breaks_nothing(amounts, data):
    at = data.draw(st.integers(1, len(amounts) - 2))
    told = movements(amounts)
    told[at] = Movement(told[at].occurred_at, told[at].signed, None)
    run = run_of(told)
    assert run is not None
    assert run.is_whole
    assert (run.opening, run.closing) == (1_000_000, 1_000_000 + sum(amounts))


def test_movements_of_one_second_need_no_order():
    told = [Movement(START, each.signed, each.after) for each in reversed(movements([5, 7, -3]))]
    run = run_of(told)
    assert run is not None
    assert (run.opening, run.closing, run.is_whole) == (1_000_000, 1_000_009, True)


def test_two_closed_circles_far_apart_are_a_break():
    told = movements([5, -5]) + movements([7, -7], opening=9_000_000)
    run = run_of(told)
    assert run is not None
    assert run.breaks == 1


def test_balances_that_never_follow_mean_nothing():
    told = [Movement(START + timedelta(minutes=minute), 1, 1_000 * minute) for minute in range(6)]
    run = run_of(told)
    assert run is not None
    assert not run.is_meant


def test_without_balances_there_is_no_run():
    assert run_of([Movement(START, 5, None)]) is None
    assert run_of([]) is None
