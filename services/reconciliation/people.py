"""Who may do what here: the portal's roles (issue 8), as they stand in a person's token."""

from __future__ import annotations

from typing import Final

from shared.runtime.auth import ADMIN, Caller
from shared.runtime.problems import Problem

ACCOUNTANT: Final = "accountant"
CASHIER: Final = "cashier"
TREASURER: Final = "treasurer"
"""Thủ quỹ: keeps the cash, and may not be the site's accountant."""
OFFICER: Final = "officer"
HEAD: Final = "head"
AUDITOR: Final = "auditor"

KEEPS_BOOKS: Final = frozenset({ACCOUNTANT, HEAD, ADMIN})
KEEPS_CASH: Final = frozenset({CASHIER, TREASURER, OFFICER})
COUNTS_CASH: Final = frozenset({CASHIER, TREASURER, OFFICER, ACCOUNTANT, HEAD})
APPROVES: Final = frozenset({HEAD})
READS: Final = frozenset({ACCOUNTANT, CASHIER, TREASURER, OFFICER, HEAD, AUDITOR, ADMIN})
"""Whoever works at a site, and auditors. Teachers and the committees' viewers see no money of a site's days."""
SEES_ACCOUNTS: Final = frozenset({ACCOUNTANT, TREASURER, HEAD})
"""Who needs a payer's whole account number, to send money back to it."""
SEES_NAMES: Final = frozenset({ACCOUNTANT, CASHIER, TREASURER, OFFICER, HEAD})


def require_role(caller: Caller, allowed: frozenset[str]) -> None:
    """Refuse a caller whose work it is not; raises Problem."""
    if caller.role not in allowed:
        raise Problem(403, "not_your_role", "this is not for your role")


def require_site(caller: Caller, site_id: str, allowed: frozenset[str]) -> None:
    """Refuse a caller of another site or another role; raises Problem."""
    caller.require_site(site_id)
    require_role(caller, allowed)


def sites_of(caller: Caller, asked: list[str]) -> list[str] | None:
    """The sites whose rows are told: those asked for, or all of the caller's (None: every site). Raises Problem."""
    require_role(caller, READS)
    return caller.sites_within(asked)


def require_placeless(caller: Caller, site_id: str | None) -> None:
    """Money on an account of no site is for those who are bound to none; raises Problem."""
    if site_id is None and caller.sites is not None:
        raise Problem(403, "not_your_site", "this account belongs to no site of yours")
