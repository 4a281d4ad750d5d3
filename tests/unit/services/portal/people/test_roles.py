from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.portal.people.grants import GrantRow, GrantRowError, read, rows_of
from services.portal.people.roles import (
    AT_A_SITE,
    IN_A_UNIT,
    RIGHTS,
    ROLES,
    Grant,
    GrantError,
    Person,
    SiteKnown,
    check_grants,
    reach_of,
)  # fmt: skip
from services.portal.places import Places
from services.portal.web.navigation import HOME, ITEMS, menu_of
from services.portal.words import people as words

SITES = Places({"A": "Trường Tiểu học Sơn Động", "B": "Trạm Y tế xã An Lạc"})
UNITS = Places({"07615": "Xã Sơn Động", "01": "Thôn Đồng", "02": "Thôn Đồng"})


def a_person(*grants: Grant, sample: bool = False) -> Person:
    return Person("p1", "lan", "Lê Lan", grants, sample)


def a_grant(role: str) -> Grant:
    return Grant(
        role,
        "A" if role in AT_A_SITE else None,
        "07615" if role in IN_A_UNIT else None,
        ("3A",) if role == "teacher" else (),
    )


def test_every_role_has_rights_words_and_a_page_to_begin_with():
    assert set(RIGHTS) == set(words.ROLES) == set(HOME) == set(ROLES)
    beginnings = {item.path: item.right for item in ITEMS}
    assert all(beginnings[HOME[role]] in RIGHTS[role] for role in ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_at_its_place_can_be_granted_and_anywhere_else_not(role):
    check_grants([a_grant(role)])
    elsewhere = Grant(role, None, "07615") if role in AT_A_SITE else Grant(role, "A", None)
    if role != "auditor":
        with pytest.raises(GrantError):
            check_grants([elsewhere])


def test_books_and_cash_are_two_peoples_at_one_site_only():
    with pytest.raises(GrantError, match="books_and_cash"):
        check_grants([Grant("accountant", "A"), Grant("treasurer", "A")])
    check_grants([Grant("accountant", "A"), Grant("treasurer", "B")])


def test_a_person_reaches_the_sites_of_the_role_they_work_in():
    person = a_person(Grant("accountant", "A"), Grant("cashier", "B"))
    assert reach_of(person, "accountant", [], {}, {}).sites == {"A"}
    assert reach_of(person, "cashier", [], {}, {}).sites == {"B"}
    with pytest.raises(GrantError):
        reach_of(person, "admin", [], {}, {})


def test_a_person_of_the_sample_reaches_sample_sites_only_whatever_was_granted():
    known = [SiteKnown("A", "07615", sample=True), SiteKnown("B", "07615", sample=False)]
    everywhere = a_person(Grant("admin"), sample=True)
    both = a_person(Grant("accountant", "A"), Grant("accountant", "B"), sample=True)
    assert reach_of(everywhere, "admin", known, {}, {}).sites == {"A"}
    assert reach_of(both, "accountant", known, {}, {}).sites == {"A"}


def test_a_teacher_reaches_classes_of_one_school_and_a_viewer_no_site():
    teacher = reach_of(a_person(Grant("teacher", "A", groups=("3A", "3B"))), "teacher", [], {}, {})
    assert teacher.groups == {"A/3A", "A/3B"}
    assert not teacher.sees_money
    viewer = reach_of(a_person(Grant("viewer", unit_code="1")), "viewer", [], {"1": frozenset({"commune:1"})}, {})
    assert (viewer.sites, viewer.scopes) == (frozenset(), {"commune:1"})


def test_nobody_signed_in_has_no_menu():
    assert menu_of(None, "/") == []


@given(st.lists(st.sampled_from([a_grant(role) for role in ROLES if role != "treasurer"]), min_size=1, unique=True))
def test_grants_are_read_as_the_form_shows_them(grants):
    assert read(rows_of(grants, SITES, UNITS), SITES, UNITS) == grants


@pytest.mark.parametrize("typed", ["A", "trường tiểu học sơn động", "Truong Tieu hoc Son Dong "])
def test_a_place_is_known_by_its_code_and_by_its_name_with_or_without_diacritics(typed):
    assert read([GrantRow("accountant", typed, "")], SITES, UNITS) == [Grant("accountant", "A")]


def test_places_of_one_name_are_told_apart_by_their_codes():
    shown = rows_of([Grant("viewer", unit_code="02")], SITES, UNITS)
    assert shown == [GrantRow("viewer", "Thôn Đồng (02)", "")]
    assert read(shown, SITES, UNITS) == [Grant("viewer", unit_code="02")]


@pytest.mark.parametrize(
    ("rows", "row", "problem"),
    [
        ([], 1, "none"), ([("", "", "")], 1, "none"), ([("boss", "A", "")], 1, "role"), ([("", "A", "")], 1, "role"),
        ([("accountant", "A", ""), ("accountant", "C", "")], 2, "unknown_site"), ([("accountant", "", "")], 1, "site"),
        ([("viewer", "99", "")], 1, "unknown_unit"), ([("viewer", "Thôn Đồng", "")], 1, "unknown_unit"),
        ([("teacher", "A", "")], 1, "teacher_without_class"), ([("cashier", "A", "3A")], 1, "groups"),
        ([("admin", "A", "")], 1, "site"),
    ],
)  # fmt: skip
def test_a_grant_that_cannot_be_given_names_its_row(rows, row, problem):
    with pytest.raises(GrantRowError) as refused:
        read([GrantRow(*each) for each in rows], SITES, UNITS)
    assert (refused.value.row, refused.value.problem) == (row, problem)
    assert problem in words.GRANT_PROBLEMS
