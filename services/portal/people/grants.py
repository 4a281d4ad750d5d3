"""Grants as an administrator types them, one a line: role, place, classes. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from services.portal.people.roles import AT_A_SITE, IN_A_UNIT, ROLES, Grant, GrantError, check_grants

LINES_MAX = 200


class GrantLineError(ValueError):
    """A line that names no role that could be given; says which line and why (a key of words.people.GRANT_PROBLEMS)."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line
        self.problem = problem


def written(grants: Sequence[Grant]) -> str:
    """Grants as lines."""
    return "\n".join(
        " ".join(part for part in (grant.role, grant.site_id or grant.unit_code or "", *grant.groups) if part)
        for grant in grants
    )


def read(text: str, sites: Collection[str], units: Collection[str]) -> list[Grant]:
    """Read such lines against the places that are known. Raises GrantLineError."""
    found: list[Grant] = []
    number = 0
    for number, line in enumerate(text.splitlines()[:LINES_MAX], start=1):
        parts = line.replace(",", " ").replace(";", " ").split()
        if parts:
            grant = _read(parts, number, sites, units)
            if grant not in found:
                found.append(grant)
    if not found:
        raise GrantLineError(max(1, number), "none")
    try:
        check_grants(found)
    except GrantError as error:
        raise GrantLineError(number, str(error)) from None
    return found


def _read(parts: list[str], number: int, sites: Collection[str], units: Collection[str]) -> Grant:
    name, place, groups = parts[0], parts[1] if len(parts) > 1 else None, tuple(parts[2:])
    for role in ROLES:
        if role == name:
            break
    else:
        raise GrantLineError(number, "role")
    in_unit = role in IN_A_UNIT
    grant = Grant(role, None if in_unit else place, place if in_unit else None, groups)
    try:
        check_grants([grant])
    except GrantError as error:
        raise GrantLineError(number, str(error)) from None
    if place and in_unit and place not in units:
        raise GrantLineError(number, "unknown_unit")
    if place and not in_unit and place not in sites:
        raise GrantLineError(number, "unknown_site" if role in AT_A_SITE or role == "auditor" else "site")
    return grant
