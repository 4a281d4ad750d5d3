"""Shares and periods in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.portal.web.saying import fee_words, period_words, share_tenths, share_words


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 0, "–"), (0, 5, "0%"), (5, 5, "100%"), (2, 41, "4,9%"), (1, 2, "50%"), (1, 3, "33,3%"), (2, 3, "66,7%"),
        (9_999, 10_000, "99,9%"), (1, 10_000, "0,1%"),
    ],
)  # fmt: skip
def test_a_share_is_rounded_to_a_tenth_but_all_and_nothing_are_told_only_where_they_are(part, whole, words):
    assert share_words(part, whole) == words


@given(st.integers(1, 10**12).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_a_share_lies_within_half_a_tenth_or_at_an_edge(share):
    part, whole = share
    tenths = share_tenths(part, whole)
    assert tenths is not None
    assert (tenths == 1000) == (part == whole)
    assert (tenths == 0) == (part == 0)
    assert abs(tenths * whole - part * 1000) * 2 <= whole or tenths in {1, 999}


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("2026-11", "tháng 11/2026"),
        ("2026-01", "tháng 1/2026"),
        ("2026-2027", "năm học 2026–2027"),
        ("Kỳ I", "Kỳ I"),
        ("", ""),
    ],
)
def test_a_period_is_said_as_people_say_it(period, words):
    assert period_words(period) == words


@pytest.mark.parametrize(
    ("purpose", "period", "words"),
    [
        ("Tiền ăn", "2026-11", "Tiền ăn · tháng 11/2026"), ("Tiền ăn tháng 11/2026", "2026-11", "Tiền ăn tháng 11/2026"),
        ("Tiền ăn 11/2026", "2026-11", "Tiền ăn 11/2026"), ("Tiền ăn", None, "Tiền ăn"), (None, "2026-11", "tháng 11/2026"),
        ("Nước năm học 2026–2027", "2026-2027", "Nước năm học 2026–2027"), (None, None, ""),
    ],
)  # fmt: skip
def test_a_fee_does_not_repeat_its_period(purpose, period, words):
    assert fee_words(purpose, period) == words
