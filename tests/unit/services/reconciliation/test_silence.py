"""Silence is learned from an account's own past by weekday, and never told of one quiet day."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.reconciliation.discrepancies.silence import silence_of

MONDAY = date(2026, 9, 7)


def weeks(count: int, on: set[int], brings: int = 200_000) -> dict[date, int]:
    """Money on these weekdays (Monday is 0) for so many weeks."""
    days = [MONDAY + timedelta(days=offset) for offset in range(7 * count)]
    return {day: brings if day.weekday() in on else 0 for day in days}


def test_two_quiet_weekdays_are_strange_where_every_weekday_brought_money():
    money = weeks(9, {0, 1, 2, 3, 4})
    after = MONDAY + timedelta(weeks=9)
    assert silence_of(money, after) is None
    money |= {after: 0}
    assert silence_of(money, after + timedelta(days=1)) is None, "one quiet day is never told"
    money |= {after + timedelta(days=1): 0}
    found = silence_of(money, after + timedelta(days=2))
    assert found is not None
    # The weekend was quiet before it, as it always was: it belongs to the quiet without making it strange.
    assert found.since == after - timedelta(days=2)
    assert found.usual == 200_000


def test_where_money_comes_now_and_then_quiet_must_last_longer():
    money = {MONDAY + timedelta(days=offset): 50_000 if offset % 2 else 0 for offset in range(63)}
    end = MONDAY + timedelta(days=63)
    strange = [
        silence_of(money | {end + timedelta(days=each): 0 for each in range(quiet)}, end + timedelta(days=quiet))
        for quiet in range(1, 15)
    ]
    first = next(index for index, found in enumerate(strange, start=1) if found)
    assert first > 2


def test_a_day_that_is_not_known_is_not_quiet():
    money = weeks(9, {0, 1, 2, 3, 4})
    assert silence_of(money, MONDAY + timedelta(weeks=11)) is None


def test_nothing_is_learned_from_a_short_past_or_none():
    assert silence_of({}, MONDAY) is None
    short = weeks(3, {0, 1, 2, 3, 4}) | {MONDAY + timedelta(weeks=3, days=each): 0 for each in range(5)}
    assert silence_of(short, MONDAY + timedelta(weeks=4)) is None


def test_money_ends_it():
    quiet = {MONDAY + timedelta(weeks=9, days=each): 0 for each in range(4)}
    money = weeks(9, {0, 1, 2, 3, 4}) | quiet
    assert silence_of(money, MONDAY + timedelta(weeks=9, days=4))
    money[MONDAY + timedelta(weeks=9, days=4)] = 1_000
    assert silence_of(money, MONDAY + timedelta(weeks=9, days=5)) is None


@given(
    st.dictionaries(st.dates(MONDAY, MONDAY + timedelta(days=120)), st.integers(0, 10**9)),
    st.dates(MONDAY, date(2027, 3, 1)),
)
def test_whatever_the_past_one_quiet_day_is_never_told(money, as_of):
    found = silence_of(money, as_of)
    if found is not None:
        assert found.since < as_of
        quiet = [day for day in money if found.since <= day < as_of]
        assert len(quiet) >= 2
        assert all(money[day] == 0 for day in quiet)
        assert found.usual > 0
