"""Fee kinds as data: which rows may hold, and which changed."""

from __future__ import annotations

from datetime import date

from services.notices.fees.model import FeeKindRow, decide_fee_kinds
from services.notices.fees.rows import COLUMNS, parse_fee_kinds
from shared.events import Site
from shared.events.directory import SiteAccount, SiteSettings
from shared.runtime.tables import Rejected, read_table

HEADER = "site_id,fee_kind,name,nature,ceiling,valid_from,valid_to\n"
MEALS = ",meals,Ăn,service,200000,2026-09-01,\n"


def rows(text: str, site: str | None = None) -> tuple[list[FeeKindRow], list[Rejected]]:
    return parse_fee_kinds(read_table((HEADER + text).encode(), COLUMNS), site)


def test_the_same_file_changes_nothing():
    parsed, rejected = rows(MEALS)
    changed, unchanged, refused = decide_fee_kinds(parsed, [], {})
    assert (len(changed), unchanged, rejected, refused) == (1, 0, [], [])
    assert decide_fee_kinds(parsed, changed, {}) == ([], 1, [])


def test_a_row_without_a_site_is_the_defaults_or_holds_for_all():
    assert [rows(MEALS, site)[0][0].kind.site_id for site in (None, "s1")] == ["", "s1"]


def test_of_one_kind_at_one_site_one_row_holds_on_a_day():
    parsed, _ = rows(MEALS + ",meals,Ăn,service,,2027-01-01,\ns2,meals,Ăn,service,,2027-01-01,\n")
    changed, _, refused = decide_fee_kinds(parsed, [], {})
    assert [(each.row, each.column) for each in refused] == [(3, "valid_from")]
    assert [kind.site_id for kind in changed] == ["", "s2"]


def test_bad_cells_are_named():
    _, rejected = rows(",a,A,tax,,,\n,b,B,service,12.5,,\n,c,C,service,,2026-02-01,2026-01-01\n" + MEALS + MEALS)
    places = [(each.row, each.column) for each in rejected]
    assert places == [(2, "nature"), (3, "ceiling"), (4, "valid_to"), (6, "fee_kind")]


MORE = "site_id,fee_kind,name,nature,unit,account_number,document,programme\n"


def more_rows(text: str) -> list[FeeKindRow]:
    parsed, rejected = parse_fee_kinds(read_table((MORE + text).encode(), COLUMNS), None)
    assert rejected == []
    return parsed


def a_school(ownership: str = "public") -> Site:
    account = SiteAccount(
        bank_bin="999999", account_number="0022", account_name="TRUONG", valid_from=date(2020, 1, 1), valid_to=None
    )
    return Site(
        version=1, site_id="s1", name="Trường", type="school", ownership=ownership, accounts=(account,), units=(),
        settings=SiteSettings(),
    )  # fmt: skip


def test_what_more_a_kind_says_is_read_in_vietnamese_too():
    (row,) = more_rows("s1,an,Ăn,Dịch vụ,ngày,0022,Phiếu thu,Phổ thông\n")
    kind = row.kind
    assert (kind.nature, kind.unit, kind.account_number, kind.document) == ("service", "day", "0022", "voucher")
    assert decide_fee_kinds([row], [], {"s1": a_school()})[0] == [kind]


def test_a_kind_is_collected_in_an_account_of_its_own_site_only():
    rows = more_rows("s1,an,Ăn,service,,0099,,\n,bh,BHYT,collected_for,,0022,,\n")
    _, _, refused = decide_fee_kinds(rows, [], {"s1": a_school()})
    assert [(each.row, each.column) for each in refused] == [(2, "account_number"), (3, "account_number")]


def test_tuition_is_no_kind_of_a_public_school_unless_of_another_programme():
    text = "s1,tuition,Học phí,charge,,,,{}\n"
    public, private = {"s1": a_school()}, {"s1": a_school("private")}
    (refused,) = decide_fee_kinds(more_rows(text.format("")), [], public)[2]
    assert (refused.row, refused.column, "238/2025" in refused.problem) == (2, "fee_kind", True)
    assert decide_fee_kinds(more_rows(text.format("vocational")), [], public)[2] == []
    assert decide_fee_kinds(more_rows(text.format("")), [], private)[2] == []
    named = more_rows("s1,m1,Thu tiền học phí,charge,,,,\n")
    assert len(decide_fee_kinds(named, [], public)[2]) == 1
