from __future__ import annotations

import pytest

from deploy.demo import district
from deploy.demo.year.parameters import parameters

ALL = [
    pytest.param(each, id=f"{section}.{name}")
    for section, named in parameters().sections.items()
    for name, each in named.items()
]


@pytest.mark.parametrize("parameter", ALL)
def test_every_parameter_says_where_it_comes_from_or_that_it_is_a_guess(parameter):
    assert (parameter.source is None) != (parameter.assumption is None)
    assert len(parameter.source or parameter.assumption) > 20


def test_shares_are_shares_and_ways_of_paying_leave_room_for_plain_ones():
    numbers = parameters()
    ways = ("in_parts", "too_much", "twice", "mistyped", "without_reference", "of_another_slip", "less_a_fee")
    assert sum(numbers.number("paying", way) for way in ways) < 0.5
    for section in ("households", "habit", "coverage", "network"):
        for name, each in numbers.sections[section].items():
            assert 0 <= float(each.value) <= 1, name


def test_every_kind_of_campaign_of_the_sample_has_its_lift():
    lifts = parameters().sections["campaigns"]
    assert {f"lift_{row['kind']}" for row in district.rows("campaigns")} <= lifts.keys()
    assert any(float(each.value) == 0 for name, each in lifts.items() if name.startswith("lift_"))


def test_a_belief_can_be_changed_without_touching_the_others():
    numbers = parameters()
    other = numbers.changed(paying__never=0.5)
    assert other.number("paying", "never") == 0.5
    assert numbers.number("paying", "never") != 0.5
    assert other.number("paying", "twice") == numbers.number("paying", "twice")
