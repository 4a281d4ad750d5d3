"""Fee kinds as data: which rows may hold, and which changed."""

from __future__ import annotations

from services.notices.fee_kinds import COLUMNS, FeeKindRow, decide_fee_kinds, parse_fee_kinds
from shared.runtime.tables import Rejected, read_table

HEADER = "site_id,fee_kind,name,nature,ceiling,valid_from,valid_to\n"
MEALS = ",meals,Ăn,service,200000,2026-09-01,\n"


def rows(text: str, site: str | None = None) -> tuple[list[FeeKindRow], list[Rejected]]:
    return parse_fee_kinds(read_table((HEADER + text).encode(), COLUMNS), site)


def test_the_same_file_changes_nothing():
    parsed, rejected = rows(MEALS)
    changed, unchanged, refused = decide_fee_kinds(parsed, [])
    assert (len(changed), unchanged, rejected, refused) == (1, 0, [], [])
    assert decide_fee_kinds(parsed, changed) == ([], 1, [])


def test_a_row_without_a_site_is_the_defaults_or_holds_for_all():
    assert [rows(MEALS, site)[0][0].kind.site_id for site in (None, "s1")] == ["", "s1"]


def test_of_one_kind_at_one_site_one_row_holds_on_a_day():
    parsed, _ = rows(MEALS + ",meals,Ăn,service,,2027-01-01,\ns2,meals,Ăn,service,,2027-01-01,\n")
    changed, _, refused = decide_fee_kinds(parsed, [])
    assert [(each.row, each.column) for each in refused] == [(3, "valid_from")]
    assert [kind.site_id for kind in changed] == ["", "s2"]


def test_bad_cells_are_named():
    _, rejected = rows(",a,A,tax,,,\n,b,B,service,12.5,,\n,c,C,service,,2026-02-01,2026-01-01\n" + MEALS + MEALS)
    places = [(each.row, each.column) for each in rejected]
    assert places == [(2, "nature"), (3, "ceiling"), (4, "valid_to"), (6, "fee_kind")]
