"""A list of people with their roles: a row each role, several rows of one login. Pure.

People whom the file names are given exactly what it says; nobody else is changed, and nobody is removed by being left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.portal.people import grants
from services.portal.people.grants import GrantRow, GrantRowError
from services.portal.people.roles import ROLES, Grant, Person
from services.portal.people.welcome import LOGIN
from services.portal.places import Places
from services.portal.words import people as words
from shared.runtime.cells import CellError, Cells, read_rows
from shared.runtime.tables import Column, Rejected, Table
from shared.vietnamese import search_key

COLUMNS: Final = (
    Column("login", ("tên đăng nhập",), required=True),
    Column("name", ("họ và tên", "họ tên"), required=True),
    Column("role", ("vai",), required=True),
    Column("place", ("nơi làm việc", "đơn vị", "site_id", "unit_code")),
    Column("groups", ("lớp", "các lớp")),
)
_ROLES: Final[Mapping[str, str]] = {search_key(name): role for role, name in words.ROLES.items()} | {
    role: role for role in ROLES
}
PROBLEMS: Final[Mapping[str, tuple[str, str]]] = {
    "site": ("place", "this role needs one site, by its id or name"),
    "unit": ("place", "this role needs one administrative unit, by its code or name"),
    "groups": ("groups", "only a homeroom teacher has classes"),
    "teacher_without_class": ("groups", "a homeroom teacher needs a class"),
    "books_and_cash": ("role", "nobody is accountant and treasurer of one site"),
    "unknown_site": ("place", "there is no such site"),
    "unknown_unit": ("place", "there is no such administrative unit"),
}
"""By what grants call it: the column and what is wrong."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file."""

    number: int
    login: str
    name: str
    grant: GrantRow


@dataclass(frozen=True, slots=True)
class Wanted:
    """A person as the file wants them."""

    login: str
    name: str
    grants: tuple[Grant, ...]
    rows: int

    def is_as(self, person: Person) -> bool:
        """Whether a person is so already."""
        return person.name == self.name and set(person.grants) == set(self.grants)


def parse(table: Table) -> tuple[list[Row], list[Rejected]]:
    """The rows of the file."""
    return read_rows(table, _parse)


def _parse(cells: Cells) -> Row:
    login = cells.text("login", 40).lower()
    if not LOGIN.fullmatch(login):
        raise CellError("login", "must be 3 to 40 small letters, digits, dots or hyphens")
    role = _ROLES.get(search_key(cells.text("role", 60)))
    if role is None:
        raise CellError("role", f"must be one of {', '.join(ROLES)}, or its Vietnamese name")
    row = GrantRow(role, cells.optional_text("place", 300) or "", cells.optional_text("groups", 300) or "")
    return Row(cells.row, login, cells.text("name", 100), row)


def wanted(rows: Sequence[Row], sites: Places, units: Places) -> tuple[list[Wanted], list[Rejected]]:
    """The people of the file, each with all their rows; a person with a row that cannot be taken is refused whole."""
    people: dict[str, list[Row]] = {}
    for row in rows:
        people.setdefault(row.login, []).append(row)
    found: list[Wanted] = []
    rejected: list[Rejected] = []
    for login, own in people.items():
        names = {row.name for row in own}
        if len(names) > 1:
            rejected.append(Rejected(own[-1].number, "name", "differs from another row of this login"))
            continue
        try:
            granted = grants.read([row.grant for row in own], sites, units)
        except GrantRowError as error:
            column, problem = PROBLEMS[error.problem]
            rejected.append(Rejected(own[min(error.row, len(own)) - 1].number, column, problem))
            continue
        found.append(Wanted(login, own[0].name, tuple(granted), len(own)))
    return found, rejected
