"""A day's state, its differences, and the versions of what is published."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reconciliation.discrepancies.model import (
    DUE_LATEST,
    POLICIES,
    STATEMENT_IS_RIGHT,
    aged,
    due_on,
    next_discrepancies,
    settled,
    stands,
)
from services.reconciliation.model import (
    BLOCKING,
    Close,
    DayKey,
    Figures,
    Finding,
    Sums,
    day_scope,
    differences,
    next_day,
    state_of,
)
from shared.events.reconciliation import DiscrepancyKind

MONDAY = date(2026, 10, 5)
TUESDAY = MONDAY + timedelta(days=1)
KEY = DayKey("TH1", "0123", MONDAY)
CASH = DayKey("TH1", "cash", MONDAY)
AT = datetime(2026, 10, 6, 1, tzinfo=UTC)


def figures(key: DayKey = KEY, **more: object) -> Figures:
    values: dict[str, object] = {
        "key": key, "is_expected": True, "has_facts": True, "total": Sums(), "late": Sums(), "late_items": 0, "undecided": 0,
        "waiting": 0, "opening": None, "closing": None,
    }  # fmt: skip
    return Figures(**(values | more))  # type: ignore[arg-type]


def finding(kind: DiscrepancyKind = "missing_on_statement", amount: int = 5_000, subject: str = "t1") -> Finding:
    return Finding(kind, KEY, amount, subject, (subject,))


# --- states


def test_a_day_is_open_until_it_is_over_and_everything_has_its_decision():
    assert state_of(figures(), [], MONDAY) == "open"
    assert state_of(figures(undecided=1), [], TUESDAY) == "open"
    assert state_of(figures(waiting=1), [], TUESDAY) == "open"
    assert state_of(figures(), [], TUESDAY) == "balanced"


@pytest.mark.parametrize("kind", sorted(POLICIES))
def test_only_what_concerns_its_sum_keeps_a_day_from_balance(kind):
    assert state_of(figures(), [kind], TUESDAY) == ("discrepant" if kind in BLOCKING else "balanced")


def test_every_kind_says_whose_it_is_and_how_a_person_settles_it():
    assert set(POLICIES) == set(DiscrepancyKind.__args__)
    assert all(each.reasons and each.owner_role for each in POLICIES.values())


def test_a_day_does_not_close_on_an_amount_that_a_person_has_corrected_until_the_correction_arrives():
    found = Finding("amount_differs", KEY, -5, "t1", ("t1",), statement_id="s1")
    [opened] = next_discrepancies({}, {}, [found], [found.scope], TUESDAY, AT)
    explained, corrected = (settled(opened, "kt1", AT, reason) for reason in ("bank_fee", STATEMENT_IS_RIGHT))
    assert not stands(found, explained)
    assert stands(found, corrected)
    known = {opened.discrepancy_id: corrected}
    scopes = {opened.discrepancy_id: found.scope}
    assert next_discrepancies(known, scopes, [found], [found.scope], TUESDAY, AT) == [], "nobody is asked again"


# --- differences


def test_nothing_but_what_the_evening_cannot_explain_is_held_against_a_day_that_is_not_over():
    kinds = [finding(kind) for kind in ("missing_on_statement", "cash_difference", "duplicate_suspected", "amount_differs")]
    assert {each.kind for each in differences(figures(), kinds, MONDAY)} == {"cash_difference", "duplicate_suspected"}


def test_a_statement_that_does_not_follow_breaks_the_balance_unless_one_transaction_explains_it():
    broken = figures(opening=100, closing=170, total=Sums(credits=50), statement_id="s1")
    [found] = differences(broken, [], TUESDAY)
    assert (found.kind, found.amount, found.statement_id) == ("balance_break", 20, "s1")
    assert differences(broken, [finding()], TUESDAY) == (finding(),)
    assert (
        differences(figures(opening=100, closing=170, total=Sums(credits=50), statement_id="s1", undecided=1), [], TUESDAY)
        == ()
    )


def test_what_was_found_late_is_no_part_of_the_statement_of_the_day_on_which_it_was_found():
    late = Sums(credits=1_000)
    day = figures(opening=100, closing=150, total=Sums(credits=1_050), late=late, late_items=1, statement_id="s1")
    assert differences(day, [], TUESDAY) == ()


def test_running_balances_are_asked_only_where_no_statement_speaks():
    assert [each.amount for each in differences(figures(balance_missing=30), [], TUESDAY)] == [30]
    spoken = figures(balance_missing=30, statement_id="s1", opening=0, closing=0)
    assert differences(spoken, [], TUESDAY) == ()


def test_a_cash_box_cannot_hold_less_than_nothing():
    [found] = differences(figures(CASH, opening=10, closing=-40), [], TUESDAY)
    assert (found.kind, found.amount) == ("deposit_exceeds_cash", 40)


# --- versions


def test_a_day_is_told_again_only_when_it_says_something_else():
    first = next_day(None, figures(), "open")
    assert first is not None
    assert first.version == 1
    assert next_day(first, figures(), "open") is None
    second = next_day(first, figures(total=Sums(credits=5, suspense=5)), "open")
    assert second is not None
    assert second.version == 2


def test_a_day_without_anything_is_told_only_where_the_account_is_watched():
    nothing = figures(has_facts=False, is_expected=False)
    assert next_day(None, nothing, "open") is None
    assert next_day(None, figures(has_facts=False), "open") is not None


def test_a_closed_day_says_when_by_whom_and_why():
    day = next_day(None, figures(), "discrepant", Close(AT, "kt1", "bank_fee"))
    assert day is not None
    assert (day.state, day.closed_at, day.closed_by, day.close_reason) == ("closed", AT, "kt1", "bank_fee")


# --- discrepancies


def told(found: list[Finding], known: dict | None = None, scopes: dict | None = None, as_of: date = TUESDAY) -> list:
    known = known or {}
    return next_discrepancies(known, scopes or {key: day_scope(KEY) for key in known}, found, {day_scope(KEY)}, as_of, AT)


def test_what_is_found_no_more_is_settled_by_itself_and_found_again_is_open_again():
    [first] = told([finding()])
    assert (first.state, first.version, first.owner_role) == ("open", 1, "accountant")
    assert told([finding()], {first.discrepancy_id: first}) == []
    [gone] = told([], {first.discrepancy_id: first})
    assert (gone.state, gone.settled_by, gone.version) == ("settled", "auto", 2)
    [again] = told([finding()], {first.discrepancy_id: gone}, as_of=TUESDAY + timedelta(days=3))
    assert (again.state, again.version, again.settled_by, again.found_on) == ("open", 3, None, TUESDAY + timedelta(days=3))


def test_what_a_person_settled_stays_settled_until_it_is_found_with_another_amount():
    [first] = told([finding()])
    ended = settled(first, "kt1", AT, "bank_posts_later")
    assert told([finding()], {first.discrepancy_id: ended}) == []
    assert not stands(finding(), ended)
    [other] = told([finding(amount=6_000)], {first.discrepancy_id: ended})
    assert (other.state, other.amount, other.version) == ("open", 6_000, 3)
    assert stands(finding(amount=6_000), ended)


def test_what_is_open_elsewhere_is_left_alone():
    [first] = told([finding()])
    assert told([], {first.discrepancy_id: first}, {first.discrepancy_id: "day:TH1/0123/2026-10-09"}) == []


def test_age_grows_with_the_date():
    [first] = told([finding()])
    older = aged(first, TUESDAY + timedelta(days=9))
    assert (older.age_days, older.version) == (9, 2)


@given(st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12))
def test_the_larger_is_due_no_later_and_every_small_one_is_due_some_day(one, other):
    if abs(one) >= abs(other):
        assert due_on(one, MONDAY) <= due_on(other, MONDAY)
    assert MONDAY < due_on(one, MONDAY) <= MONDAY + DUE_LATEST
