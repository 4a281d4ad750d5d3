from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.portal.model import CursorError, Place, read_place, state_of
from tests.unit.services.portal.builders import a_credit


def test_a_credit_that_pays_a_notice_is_settled():
    assert state_of(a_credit(pays={"n1": 150_000})) == "matched"


def test_an_excess_beside_a_paid_notice_leaves_the_credit_settled():
    assert state_of(a_credit(pays={"n1": 150_000}, amount=200_000, part="balance")) == "matched"


@pytest.mark.parametrize("status", ["unmatched", "suggested"])
def test_what_the_automaton_could_not_place_waits_for_a_person(status):
    assert state_of(a_credit(status=status, reason="ambiguous")) == "review"


@pytest.mark.parametrize(
    "changes",
    [
        {"direction": "out", "status": "ignored", "reason": "not_income", "part": "not_a_fee"},
        {"reason": "not_income"},
        {"reason": "cash_deposit"},
        {"part": "not_a_fee"},
    ],
)
def test_what_is_no_fee_is_not_to_be_reviewed(changes):
    assert state_of(a_credit(**changes)) == "ignored"


@given(
    st.integers(0, 2**52).map(lambda seconds: datetime.fromtimestamp(seconds / 10**6, UTC)),
    st.text(min_size=1, max_size=200).filter(lambda text: "\0" not in text),
)
def test_a_place_is_read_as_it_was_written(moment, credit_id):
    assert read_place(str(Place(moment, credit_id))) == Place(moment, credit_id)


@given(st.text())
def test_any_other_place_is_refused_and_never_breaks(text):
    try:
        read_place(text)
    except CursorError:
        return
    assert str(read_place(text)).partition("-")[2] == text.partition("-")[2]


@pytest.mark.parametrize("text", ["-1", "1", "x-c1", "999999999999999999-c1", "1-", "1-\0", "٣-c1x" * 60])
def test_a_tampered_place_is_refused(text):
    with pytest.raises(CursorError):
        read_place(text)
