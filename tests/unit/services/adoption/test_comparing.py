from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adoption.comparing import (
    PAYERS_MIN,
    STRETCH_DAYS_MAX,
    STRETCH_DAYS_MIN,
    STRETCHES,
    difference,
    stretch_of,
    verdict,
    wilson,
)

counts = st.integers(1, 5_000).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials)))


def test_wilsons_interval_is_the_published_one():
    """81 of 263: 0.2553 to 0.3662 (Newcombe 1998, Statistics in Medicine 17:857, method 3)."""
    found = wilson(81, 263)
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)


def test_the_difference_of_two_shares_is_the_published_one():
    """56 of 70 less 48 of 80: 0.0524 to 0.3339 (Newcombe 1998, Statistics in Medicine 17:873, method 10)."""
    found = difference((48, 80), (56, 70))
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)


@given(counts)
def test_an_interval_holds_its_share_and_stays_within_all_shares(count):
    found = wilson(*count)
    assert 0 <= found.low <= count[0] / count[1] <= found.high <= 1


@given(counts, counts)
def test_an_interval_of_a_difference_holds_it(before, after):
    found = difference(before, after)
    gap = after[0] / after[1] - before[0] / before[1]
    assert -1 - 1e-9 <= found.low <= gap + 1e-9
    assert gap - 1e-9 <= found.high <= 1 + 1e-9


def test_over_nothing_there_is_no_interval():
    assert wilson(0, 0) is None
    assert difference((0, 0), (1, 2)) is None


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ((0, 0), (50, 60), "too_little_data"),
        ((0, PAYERS_MIN - 1), (60, 60), "too_little_data"),
        ((30, 60), (33, 60), "no_clear_difference"),
        ((20, 60), (50, 60), "higher"),
        ((50, 60), (20, 60), "lower"),
    ],
)
def test_what_may_be_said(before, after, said):
    assert verdict(before, after) == said


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 400))
def test_stretches_follow_each_other_and_are_long_enough_for_a_round(starts_on, length):
    ends_on = starts_on + timedelta(days=length)
    before, during, after = (stretch_of(stretch, starts_on, ends_on) for stretch in STRETCHES)
    assert (during.starts_on, during.ends_on) == (starts_on, ends_on)
    assert during.starts_on - before.ends_on == after.starts_on - during.ends_on == timedelta(days=1)
    for each in (before, after):
        assert STRETCH_DAYS_MIN <= (each.ends_on - each.starts_on).days + 1 <= STRETCH_DAYS_MAX
