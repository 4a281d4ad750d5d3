"""Sites: several rows are one site's history and accounts."""

from __future__ import annotations

from datetime import date

from services.directory.model import Outcome, compare
from services.directory.sites import COLUMNS, parse_sites, want_sites
from shared.events import Site
from shared.runtime.tables import read_table

HEADER = "site_id,name,type,ownership,unit_code,bank_bin,account_number,account_name,valid_from,valid_to\n"


def a_line(
    site_id: str = "s1", *, unit: str = "U1", account: str = "001", bank: str = "970436", begins: str = "", ends: str = ""
) -> str:
    return f"{site_id},Trường,school,,{unit},{bank},{account},TRUONG,{begins},{ends}\n"


def an_import(text: str, known: dict[str, Site] | None = None) -> Outcome[Site]:
    rows, rejected = parse_sites(read_table((HEADER + text).encode(), COLUMNS))
    wanted, refused = want_sites(rows, known or {})
    return compare(wanted, known or {}, [*rejected, *refused], partial=False)


def stored(text: str) -> dict[str, Site]:
    return {site.key: site for site in an_import(text).changed}


def refused(outcome: Outcome[Site]) -> list[tuple[int, str]]:
    return [(each.row, each.column) for each in outcome.report.rejected]


def test_rows_of_one_site_are_its_units_in_time_and_its_further_accounts():
    moved, further = a_line(unit="U2", begins="2025-07-01"), a_line(unit="U2", account="002", begins="2025-07-01")
    (site,) = an_import(a_line(begins="2020-01-01") + moved + further).changed
    assert [(unit.unit_code, unit.valid_to) for unit in site.units] == [("U1", date(2025, 6, 30)), ("U2", None)]
    accounts = [(each.account_number, each.valid_from.year, each.valid_to) for each in site.accounts]
    assert accounts == [("001", 2020, None), ("002", 2025, None)]
    assert (site.unit_code, site.ownership, site.sample) == ("U2", "public", False)


def test_a_file_adds_to_what_is_known_and_the_same_file_changes_nothing():
    known = stored(a_line(begins="2020-01-01"))
    (site,) = an_import(a_line(account="002", begins="2025-01-01"), known).changed
    assert (site.version, [each.account_number for each in site.accounts]) == (2, ["001", "002"])
    again = an_import(a_line(begins="2020-01-01"), {"s1": site})
    assert (list(again.changed), again.report.unchanged) == ([], 1)


def test_an_account_of_two_sites_on_one_day_is_refused_whoever_stands_first_in_the_file():
    assert refused(an_import(a_line("s1") + a_line("s2"))) == [(3, "account_number")]
    known = stored(a_line("s2"))
    assert refused(an_import(a_line("s1") + a_line("s2"), known)) == [(2, "account_number")]


def test_an_account_that_ended_may_begin_elsewhere():
    outcome = an_import(a_line("s1", begins="2020-01-01", ends="2025-12-31") + a_line("s2", begins="2026-01-01"))
    assert refused(outcome) == []


def test_the_bin_that_no_bank_has_marks_a_sample():
    assert [site.sample for site in an_import(a_line(bank="999999")).changed] == [True]


def test_rows_that_contradict_each_other_are_refused():
    assert refused(an_import(a_line() + a_line(unit="U9", account="002"))) == [(3, "unit_code")]


def test_bad_banks_and_accounts_are_refused_and_a_site_may_have_none():
    assert refused(an_import(a_line(bank="12"))) == [(2, "bank_bin")]
    assert refused(an_import(a_line(account="1" * 20))) == [(2, "account_number")]
    assert refused(an_import(a_line(account=""))) == [(2, "account_number")]
    assert [site.accounts for site in an_import("s1,Trường,school,private,U1,,,,,\n").changed] == [()]


MORE = HEADER.strip() + ",phone,memo_prefix,memo_limit\n"


def test_phone_and_memo_are_kept_until_a_file_says_otherwise():
    def site_after(more: str, known: dict[str, Site] | None = None) -> Site:
        rows, rejected = parse_sites(read_table((MORE + a_line().strip() + more).encode(), COLUMNS))
        wanted, refused_too = want_sites(rows, known or {})
        assert (rejected, refused_too) == ([], [])
        return wanted[0].entity

    first = site_after(",0204 3886 123,SEVQR,19\n")
    assert (first.phone, first.accounts[0].memo_prefix, first.accounts[0].memo_limit) == ("0204 3886 123", "SEVQR", 19)
    told_nothing = site_after(",,,\n", {"s1": first})
    assert told_nothing == first
    changed = site_after(",,-,25\n", {"s1": first})
    assert (changed.phone, changed.accounts[0].memo_prefix, changed.accounts[0].memo_limit) == ("0204 3886 123", "", 25)


def test_a_memo_that_cannot_hold_a_reference_is_refused():
    rows, rejected = parse_sites(read_table((MORE + a_line().strip() + ",không,SE VQR,10\n").encode(), COLUMNS))
    assert (rows, [each.column for each in rejected]) == ([], ["phone"])


def test_a_prefix_that_leaves_no_room_for_a_reference_is_refused_with_its_site():
    def refused_of(*more: str, known: dict[str, Site] | None = None) -> list[tuple[int, str]]:
        text = MORE + "".join(a_line(account=f"00{number}").strip() + each for number, each in enumerate(more))
        wanted, rejected = want_sites(parse_sites(read_table(text.encode(), COLUMNS))[0], known or {})
        assert bool(rejected) != bool(wanted)
        return [(each.row, each.column) for each in rejected]

    assert refused_of(",,SEVQRAB,19\n") == []
    assert refused_of(",,SEVQRABC,19\n") == [(2, "memo_prefix")]
    assert refused_of(",,,\n", ",,SEVQRABCDE,19\n") == [(3, "memo_prefix"), (2, "site_id")]
    # The limit of one file may not fit the prefix of another.
    rows = parse_sites(read_table((MORE + a_line(account="000").strip() + ",,SEVQR,\n").encode(), COLUMNS))[0]
    known = {"s1": want_sites(rows, {})[0][0].entity}
    assert refused_of(",,,16\n", known=known) == [(2, "memo_limit")]
