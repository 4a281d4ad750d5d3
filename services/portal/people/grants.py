"""Grants as an administrator fills them in: a row each of role, place, classes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from services.portal.people.roles import AT_A_SITE, IN_A_UNIT, ROLES, Grant, GrantError, check_grants
from services.portal.places import Places

ROWS_MAX: Final = 200


class GrantRow(NamedTuple):
    """What stands in one row of the form, as it was typed."""

    role: str
    place: str
    groups: str


class GrantRowError(ValueError):
    """A row that names no role that could be given; says which row and why (a key of words.people.GRANT_PROBLEMS)."""

    def __init__(self, row: int, problem: str) -> None:
        super().__init__(problem)
        self.row = row
        self.problem = problem


def rows_of(grants: Sequence[Grant], sites: Places, units: Places) -> list[GrantRow]:
    """Grants as the form shows them."""
    return [
        GrantRow(
            grant.role,
            sites.called(grant.site_id) if grant.site_id else units.called(grant.unit_code) if grant.unit_code else "",
            ", ".join(grant.groups),
        )
        for grant in grants
    ]


def codes_of(grants: Sequence[Grant]) -> list[str]:
    """Grants as the audit keeps them, such as "teacher th-an-chau 3A"."""
    return [
        " ".join(part for part in (grant.role, grant.site_id or grant.unit_code or "", *grant.groups) if part)
        for grant in grants
    ]


def read(rows: Sequence[GrantRow], sites: Places, units: Places) -> list[Grant]:
    """Read the form's rows against the places that are known; empty rows are none. Raises GrantRowError."""
    found: list[Grant] = []
    for number, row in enumerate(rows[:ROWS_MAX], start=1):
        if any(text.strip() for text in row):
            grant = _read(row, number, sites, units)
            if grant not in found:
                found.append(grant)
    if not found:
        raise GrantRowError(1, "none")
    try:
        check_grants(found)
    except GrantError as error:
        raise GrantRowError(len(found), str(error)) from None
    return found


def _read(row: GrantRow, number: int, sites: Places, units: Places) -> Grant:
    for role in ROLES:
        if role == row.role:
            break
    else:
        raise GrantRowError(number, "role")
    typed, groups = row.place.strip(), tuple(row.groups.replace(",", " ").replace(";", " ").split())
    place = None
    if typed:
        place = (units if role in IN_A_UNIT else sites).code_of(typed)
        if place is None:
            raise GrantRowError(number, _unknown(role))
    grant = Grant(role, None if role in IN_A_UNIT else place, place if role in IN_A_UNIT else None, groups)
    try:
        check_grants([grant])
    except GrantError as error:
        raise GrantRowError(number, str(error)) from None
    return grant


def _unknown(role: str) -> str:
    if role in IN_A_UNIT:
        return "unknown_unit"
    return "unknown_site" if role in AT_A_SITE or role == "auditor" else "site"
