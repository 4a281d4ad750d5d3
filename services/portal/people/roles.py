"""Roles, what each may open, and how far a person sees. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, get_args

Role = Literal[
    "accountant", "teacher", "cashier", "treasurer", "officer", "head", "viewer", "group_leader", "admin", "auditor"
]
"""As in the token that owners verify. `treasurer` is thủ quỹ, who keeps the cash and never the books of one site."""
ROLES: Final[tuple[Role, ...]] = get_args(Role)

AT_A_SITE: Final[frozenset[Role]] = frozenset({"accountant", "teacher", "cashier", "treasurer", "officer", "head"})
IN_A_UNIT: Final[frozenset[Role]] = frozenset({"viewer", "group_leader"})

Right = Literal[
    "overview", "queue", "decide", "payment", "search", "fees", "issue", "counter", "cash", "shifts", "own_class", "days",
    "close", "discrepancies", "approve", "refunds", "documents", "reports", "committee", "group", "people", "audit",
    "data_requests", "reveal", "remind", "treatments", "portal_report",
]  # fmt: skip
"""What a route asks for. `payment` is to look at one, `decide` to say what it pays."""

RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    "accountant": frozenset({
        "queue", "decide", "payment", "search", "fees", "issue", "days", "close", "discrepancies", "refunds", "documents",
        "reports", "reveal", "remind", "portal_report",
    }),
    "teacher": frozenset({"own_class", "remind"}),
    "cashier": frozenset({"counter", "cash", "shifts", "payment", "search", "reveal", "treatments"}),
    "treasurer": frozenset({"counter", "cash", "shifts", "payment", "days", "search"}),
    "officer": frozenset({"counter", "cash", "shifts", "payment", "search", "portal_report"}),
    "head": frozenset({
        "queue", "payment", "search", "fees", "days", "discrepancies", "approve", "refunds", "documents", "reports", "shifts",
        "data_requests", "reveal",
    }),
    "viewer": frozenset({"committee"}),
    "group_leader": frozenset({"group"}),
    "admin": frozenset({"overview", "payment", "people", "audit", "data_requests", "reveal"}),
    "auditor": frozenset({"overview", "queue", "payment", "days", "discrepancies", "reports", "audit", "reveal"}),
}  # fmt: skip

SEES_NAMES: Final[frozenset[Role]] = frozenset({"accountant", "teacher", "cashier", "treasurer", "officer", "head"})
"""Who cannot work without the payers' names. Everyone else sees initials, until they reveal one and it is noted."""
SEES_MEMOS: Final[frozenset[Role]] = frozenset({"accountant", "head", "cashier", "treasurer", "officer"})
SEES_MONEY: Final[frozenset[Role]] = frozenset({
    "accountant", "cashier", "treasurer", "officer", "head", "admin", "auditor"
})  # fmt: skip
SEES_NOTICES: Final[frozenset[Role]] = SEES_MONEY | {"teacher"}
AT_THE_COUNTER: Final[frozenset[Role]] = frozenset({"cashier", "treasurer", "officer"})
"""Whose screen stands where strangers pass: it locks when nobody touches it."""


class GrantError(ValueError):
    """A role that cannot be given so; the text names the rule."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role at a site, in a unit, or (both None) everywhere."""

    role: Role
    site_id: str | None = None
    unit_code: str | None = None
    groups: tuple[str, ...] = ()
    """The classes of a teacher."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in."""

    person_id: str
    login: str
    name: str
    grants: tuple[Grant, ...]
    sample: bool = False
    is_disabled: bool = False
    has_password: bool = False
    version: int = 1

    @property
    def roles(self) -> tuple[Role, ...]:
        """In the order of ROLES."""
        held = {grant.role for grant in self.grants}
        return tuple(role for role in ROLES if role in held)

    def in_role(self, role: Role) -> tuple[Grant, ...]:
        """What was granted under this role."""
        return tuple(grant for grant in self.grants if grant.role == role)


@dataclass(frozen=True, slots=True)
class Offered:
    """A person of the sample, as the sign-in page offers them."""

    person: Person
    place: str
    """Where they work."""


@dataclass(frozen=True, slots=True)
class SiteKnown:
    """What the portal knows of a site when it says who sees it."""

    site_id: str
    unit_code: str
    sample: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a person sees in one role; the database is told so in each transaction."""

    person_id: str
    role: Role
    sites: frozenset[str] | None
    """None: every site."""
    groups: frozenset[str] | None = None
    """Classes as "site_id/class"; None: all."""
    scopes: frozenset[str] = frozenset()
    """Scopes of adoption's figures, such as "commune:07615"."""
    unit_codes: frozenset[str] = frozenset()

    @property
    def sees_money(self) -> bool:
        """Whether credits, transactions and sums are shown at all."""
        return self.role in SEES_MONEY

    @property
    def sees_names(self) -> bool:
        """Whether payers' names are shown whole."""
        return self.role in SEES_NAMES

    def may(self, right: Right) -> bool:
        """Whether the role has this right."""
        return right in RIGHTS[self.role]

    def has_site(self, site_id: str) -> bool:
        """Whether this site is one of the person's."""
        return self.sites is None or site_id in self.sites


def check_grants(grants: Collection[Grant]) -> None:
    """Refuse what no person may be given; the database refuses it too. Raises GrantError."""
    for grant in grants:
        if (grant.role in AT_A_SITE) != (grant.site_id is not None) and not (grant.role == "auditor" and grant.site_id):
            raise GrantError("site")
        if (grant.role in IN_A_UNIT) != (grant.unit_code is not None):
            raise GrantError("unit")
        if grant.groups and grant.role != "teacher":
            raise GrantError("groups")
        if grant.role == "teacher" and not grant.groups:
            raise GrantError("teacher_without_class")
    books = {grant.site_id for grant in grants if grant.role == "accountant"}
    cash = {grant.site_id for grant in grants if grant.role == "treasurer"}
    if books & cash:
        raise GrantError("books_and_cash")


def reach_of(
    person: Person,
    role: Role,
    sites: Sequence[SiteKnown],
    scopes: Mapping[str, frozenset[str]],
    units: Mapping[str, frozenset[str]],
) -> Reach:
    """How far a person sees in a role. A person of the sample sees the sample only, whatever else was granted.

    `scopes` and `units` tell for each granted unit what lies in it: scopes of figures, and codes of units.
    """
    grants = person.in_role(role)
    if not grants:
        raise GrantError("role")
    everywhere = any(grant.site_id is None and grant.unit_code is None for grant in grants)
    if role in IN_A_UNIT:
        codes = [grant.unit_code for grant in grants if grant.unit_code]
        return Reach(
            person.person_id, role, frozenset(), None,
            frozenset().union(*(scopes.get(code, frozenset()) for code in codes)),
            frozenset().union(*(units.get(code, frozenset()) for code in codes)),
        )  # fmt: skip
    held = {grant.site_id for grant in grants if grant.site_id}
    if person.sample:
        samples = {site.site_id for site in sites if site.sample}
        return Reach(person.person_id, role, frozenset(samples if everywhere else held & samples), _groups(grants))
    return Reach(person.person_id, role, None if everywhere else frozenset(held), _groups(grants))


def _groups(grants: Sequence[Grant]) -> frozenset[str] | None:
    if not any(grant.role == "teacher" for grant in grants):
        return None
    return frozenset(f"{grant.site_id}/{group}" for grant in grants for group in grant.groups)


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in, with the role in which they work now."""

    token: str = field(repr=False)
    person: Person
    reach: Reach
    started_at: datetime
    ends_at: datetime
    is_locked: bool = False
