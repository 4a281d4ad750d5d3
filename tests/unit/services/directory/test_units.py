"""Units that cannot be true are refused with the reason."""

from __future__ import annotations

from services.directory.model import Outcome, compare
from services.directory.units import COLUMNS, parse_units, want_units
from shared.events import Unit
from shared.runtime.tables import read_table

HEADER = "unit_code,name,level,parent_code,valid_from,valid_to,succeeded_by\n"


def an_import(text: str, known: dict[str, Unit] | None = None, *, partial: bool = False) -> Outcome[Unit]:
    rows, rejected = parse_units(read_table((HEADER + text).encode(), COLUMNS))
    wanted, refused = want_units(rows, known or {})
    return compare(wanted, known or {}, [*rejected, *refused], partial=partial)


def stored(text: str) -> dict[str, Unit]:
    return {unit.key: unit for unit in an_import(text).changed}


def refused(outcome: Outcome[Unit]) -> list[tuple[int, str]]:
    return [(each.row, each.column) for each in outcome.report.rejected]


def test_a_merger_is_told_in_one_file():
    outcome = an_import("A,Cũ,commune,,2000-01-01,2025-06-30,A;B\nA,Mới,commune,,2025-07-01,,\n")
    assert refused(outcome) == []
    assert [unit.succeeded_by for unit in outcome.changed] == [("A", "B"), ()]


def test_a_unit_that_ends_before_it_starts_is_refused():
    assert refused(an_import("A,Cũ,commune,,2025-07-01,2025-06-30,\n")) == [(2, "valid_to")]


def test_two_open_rows_of_one_code_are_refused_in_a_file_and_against_what_is_known():
    text = "A,Cũ,commune,,2000-01-01,,\nA,Mới,commune,,2025-07-01,,\n"
    assert refused(an_import(text)) == [(3, "valid_from")]
    known = stored("A,Cũ,commune,,2000-01-01,,\n")
    assert refused(an_import("A,Mới,commune,,2025-07-01,,\n", known)) == [(2, "valid_from")]
    closing = an_import("A,Cũ,commune,,2000-01-01,2025-06-30,\nA,Mới,commune,,2025-07-01,,\n", known)
    assert [(unit.key, unit.version) for unit in closing.changed] == [("A/2000-01-01", 2), ("A/2025-07-01", 1)]


def test_overlapping_closed_rows_are_refused():
    text = "A,x,commune,,2000-01-01,2010-01-01,\nA,y,commune,,2010-01-01,2012-01-01,\n"
    assert refused(an_import(text)) == [(3, "valid_from")]


def test_a_ring_of_parents_is_refused_even_where_it_closes_over_known_units():
    assert refused(an_import("A,x,commune,A,2000-01-01,,\n")) == [(2, "parent_code")]
    ring = "A,x,commune,B,2000-01-01,,\nB,y,commune,C,2001-01-01,,\nC,z,commune,A,2002-01-01,,\n"
    assert {column for _, column in refused(an_import(ring))} == {"parent_code"}
    known = stored("A,x,commune,B,2000-01-01,,\n")
    assert refused(an_import("B,y,district,A,1990-01-01,,\n", known)) == [(2, "parent_code")]


def test_codes_that_were_above_each_other_at_different_times_are_no_ring():
    text = "A,x,commune,B,2000-01-01,2010-12-31,\nB,y,commune,,2000-01-01,2010-12-31,\n"
    text += "A,x,commune,,2011-01-01,,\nB,y,commune,A,2011-01-01,,\n"
    assert refused(an_import(text)) == []


def test_partial_keeps_the_sound_rows_and_all_or_nothing_keeps_none():
    text = "A,x,commune,,2000-01-01,,\nB,y,castle,,2000-01-01,,\n"
    whole, part = an_import(text), an_import(text, partial=True)
    assert (len(whole.changed), whole.report.accepted) == (0, 0)
    assert ([unit.unit_code for unit in part.changed], part.report.accepted) == (["A"], 1)


def test_the_same_file_changes_nothing():
    text = "A,x,commune,,2000-01-01,,\nB,y,village,A,2000-01-01,,\n"
    outcome = an_import(text, stored(text))
    assert (list(outcome.changed), outcome.report.unchanged) == ([], 2)
