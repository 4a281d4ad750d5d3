"""The menu of each role: the few pages that its work needs, the most used first. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.portal.people.roles import Right, Role, Session
from services.portal.words import menu as words


@dataclass(frozen=True, slots=True)
class Item:
    """A page of the menu."""

    path: str
    name: str
    right: Right
    roles: frozenset[Role] | None = None
    """Whose menu it stands in; None: of everybody with the right."""


ITEMS: Final = (
    Item("/", words.OVERVIEW, "overview"),
    Item("/queue", words.QUEUE, "queue"),
    Item("/matched", words.MATCHED, "queue"),
    Item("/excess", words.EXCESS, "queue"),
    Item("/counter", words.COUNTER, "counter"),
    Item("/imports/portal-report", words.PORTAL_REPORT, "portal_report", frozenset({"officer"})),
    Item("/treatments", words.TREATMENTS, "treatments"),
    Item("/class", words.OWN_CLASS, "own_class"),
    Item("/days", words.DAYS, "days"),
    Item("/fees", words.FEES, "fees"),
    Item("/shifts", words.SHIFTS, "shifts"),
    Item("/approvals", words.APPROVALS, "approve"),
    Item("/refunds", words.REFUNDS, "refunds", frozenset({"accountant"})),
    Item("/money-out", words.MONEY_OUT, "refunds", frozenset({"accountant"})),
    Item("/reports", words.REPORTS, "reports"),
    Item("/month", words.MONTH, "committee"),
    Item("/group", words.GROUP, "group"),
    Item("/people", words.PEOPLE, "people"),
    Item("/requests", words.REQUESTS, "data_requests"),
    Item("/audit", words.AUDIT, "audit"),
)
HOME: Final[dict[Role, str]] = {
    "accountant": "/queue",
    "teacher": "/class",
    "cashier": "/counter",
    "treasurer": "/shifts",
    "officer": "/counter",
    "head": "/approvals",
    "viewer": "/month",
    "group_leader": "/group",
    "admin": "/",
    "auditor": "/",
}
"""Where each role begins."""


@dataclass(frozen=True, slots=True)
class Link:
    """An item as it is shown."""

    path: str
    name: str
    is_here: bool


def menu_of(session: Session | None, path: str) -> list[Link]:
    """The menu of whoever is signed in."""
    if session is None or session.is_locked:
        return []
    role = session.reach.role
    shown = [item for item in ITEMS if session.reach.may(item.right) and (item.roles is None or role in item.roles)]
    return [Link(item.path, item.name, _is_under(path, item.path)) for item in shown]


def _is_under(path: str, item: str) -> bool:
    return path == item or (item != "/" and path.startswith(f"{item}/"))
