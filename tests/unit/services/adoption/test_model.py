from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adoption.model import (
    UNKNOWN,
    Place,
    Range,
    Stay,
    UnitFact,
    Units,
    as_of_after,
    bank_name,
    month_end,
    payer_key,
    pseudonym,
    range_before,
    ranges_with,
    window_range,
    windows_of,
)

MERGER = date(2025, 7, 1)
EVER = date(2000, 1, 1)
TODAY = date(2026, 11, 24)
days = st.dates(date(2019, 1, 1), date(2030, 12, 31))


def unit(code: str, level: str, parent: str | None, first: date = EVER, last: date | None = None, *into: str) -> UnitFact:
    return UnitFact(code, level, parent, first, last, into)


DISTRICT = Units(
    [
        unit("24", "province", None, EVER, MERGER - timedelta(days=1), "24"),
        unit("24", "province", None, MERGER),
        unit("SD", "district", "24", EVER, MERGER - timedelta(days=1)),
        unit("AC", "commune", "SD", EVER, MERGER - timedelta(days=1), "07615"),
        unit("AB", "commune", "SD", EVER, MERGER - timedelta(days=1), "07615"),
        unit("CH", "commune", "SD", EVER, MERGER - timedelta(days=1), "07615", "07616"),
        unit("07663", "commune", "SD", EVER, MERGER - timedelta(days=1), "07663"),
        unit("07663", "commune", "24", MERGER),
        unit("07615", "commune", "24", MERGER),
        unit("07616", "commune", "24", MERGER),
        unit("V", "village", "07615", MERGER),
    ]
)


def test_a_site_lies_in_the_units_of_the_day():
    before = DISTRICT.place_of("AC", MERGER - timedelta(days=1))
    assert before == Place(commune="AC", district="SD", province="24")
    assert DISTRICT.place_of("V", MERGER) == Place(village="V", commune="07615", province="24")
    assert DISTRICT.place_of("AC", MERGER) == Place()


def test_a_unit_that_ends_before_it_starts_is_nowhere():
    units = Units([unit("X", "commune", "24", date(2026, 1, 1), date(2025, 1, 1)), unit("24", "province", None)])
    for day in (date(2025, 6, 1), date(2026, 6, 1)):
        assert units.place_of("X", day) == Place()


def test_of_two_parents_neither_is_told_but_the_unit_itself_is():
    units = Units([unit("T", "commune", "A"), unit("T", "commune", "B", date(2001, 1, 1)), unit("A", "district", None)])
    assert units.place_of("T", TODAY) == Place(commune="T")
    assert units.place_of("T", EVER) == Place(commune="T", district="A")


def test_a_ring_of_units_ends():
    units = Units([unit("R1", "commune", "R2"), unit("R2", "district", "R1")])
    assert units.place_of("R1", TODAY) == Place(commune="R1", district="R2")


def test_a_site_that_moved_to_two_places_at_once_is_in_neither():
    first, second = Stay("07615", MERGER, None), Stay("07616", MERGER, None)
    placed = DISTRICT.places_of([first, second])
    assert [each.place for each in placed if each.valid_from <= TODAY <= each.valid_to] == [Place()]


@given(st.lists(st.tuples(st.sampled_from(["AC", "07615", "V", "gone"]), days, st.none() | days), max_size=4))
def test_the_stretches_of_a_site_cover_all_days_once(stays):
    placed = DISTRICT.places_of([Stay(*stay) for stay in stays])
    if not stays:
        assert placed == []
        return
    assert (placed[0].valid_from, placed[-1].valid_to) == (date.min, date.max)
    for before, after in pairwise(placed):
        assert after.valid_from - before.valid_to == timedelta(days=1)


def test_a_series_takes_in_the_units_that_became_part_of_it_and_names_those_that_were_divided():
    carried = DISTRICT.carried("07615")
    assert {code for code, _ in carried.parts} == {"07615", "AC", "AB"}
    assert carried.divided == ("CH",)
    assert ("AC", Range(EVER, MERGER - timedelta(days=1))) in carried.parts


def test_a_unit_that_went_on_unchanged_keeps_its_days():
    assert DISTRICT.carried("07663").parts == (
        ("07663", Range(EVER, MERGER - timedelta(days=1))),
        ("07663", Range(MERGER, date.max)),
    )
    assert DISTRICT.carried("nobody").parts == ()


def test_mergers_follow_each_other():
    units = Units(
        [
            unit("A", "commune", None, EVER, date(2010, 12, 31), "B"),
            unit("B", "commune", None, date(2011, 1, 1), date(2019, 12, 31), "C"),
            unit("C", "commune", None, date(2020, 1, 1)),
        ]
    )
    assert [code for code, _ in units.carried("C").parts] == ["A", "B", "C"]


@given(days, st.sampled_from(["day", "7d", "30d", "month"]))
def test_a_range_is_the_window_that_it_was_made_of(as_of, window):
    as_of = month_end(as_of) if window == "month" else as_of
    found = window_range(window, as_of)
    assert found.ends_on == as_of
    assert window in windows_of(found, as_of)


def test_a_month_of_thirty_days_is_both_a_month_and_thirty_days():
    november = Range(date(2026, 11, 1), date(2026, 11, 30))
    assert windows_of(november, date(2026, 11, 30)) == ["30d", "month"]
    assert windows_of(november, TODAY) == ["month"]  # rolling windows do not reach into the future


@given(days, days)
def test_the_windows_with_a_day_all_hold_it(day, today):
    for found in ranges_with(day, today):
        assert found.starts_on <= day <= found.ends_on
        assert windows_of(found, today)


@given(days, days, days)
def test_what_time_adds_and_what_was_there_are_all_windows(day, carried_to, today):
    carried_to, today = sorted((carried_to, today))
    before, added = set(ranges_with(day, carried_to)), set(ranges_with(day, today, carried_to))
    assert before | added == set(ranges_with(day, today))
    assert all(carried_to < each.ends_on <= today for each in added)


@given(days, st.sampled_from(["7d", "30d", "month"]))
def test_the_window_after_the_window_before_is_the_window(as_of, window):
    as_of = month_end(as_of) if window == "month" else as_of
    assert as_of_after(window, range_before(window, as_of).ends_on) == as_of


@pytest.mark.parametrize("day", [date.min, date.min + timedelta(days=3), date.max])
def test_days_at_the_ends_of_time_break_nothing(day):
    assert ranges_with(day, TODAY)[0] == Range(day, day)
    assert range_before("30d", day).starts_on <= day


@given(st.text(max_size=60) | st.none())
def test_a_bank_has_one_spelling_and_a_bounded_one(text):
    name = bank_name(text)
    assert name == UNKNOWN or (name.isascii() and name.isalnum() and len(name) <= 20 and name == name.upper())
    assert bank_name(name) == (name if name != UNKNOWN else UNKNOWN.upper())


def test_spellings_of_a_bank_are_one():
    assert bank_name("VietcomBank") == bank_name("Vietcom bank") == "VIETCOMBANK"


def test_a_pseudonym_is_one_payers_of_one_site_and_needs_the_key():
    key, other = payer_key("one secret"), payer_key("another")
    assert pseudonym(key, "TH1", "HS1", "B1") == pseudonym(key, "TH1", "HS1", "B2")
    assert pseudonym(key, "TH1", "HS1", "B1") != pseudonym(key, "TH2", "HS1", "B1")
    assert pseudonym(key, "TH1", "HS1", "B1") != pseudonym(other, "TH1", "HS1", "B1")
    assert pseudonym(key, "TH1", None, "B1") != pseudonym(key, "TH1", None, "B2")
    assert "HS1" not in pseudonym(key, "TH1", "HS1", "B1")
