"""Who may do what here: the portal's roles (issue 8), as they stand in a person's token."""

from __future__ import annotations

from typing import Final

from shared.runtime.auth import ADMIN, Caller
from shared.runtime.problems import Problem

RECONCILIATION: Final = "reconciliation"
"""The service that finds which money out gave a credit back."""

DECIDES: Final = frozenset({"accountant", ADMIN})
"""Who says what a payment pays."""
TAKES_MONEY: Final = frozenset({"cashier", "treasurer", "officer", ADMIN})
"""Who takes cash, or has seen the portal's payment: never the accountant, who keeps the books of it."""
NUMBERS: Final = DECIDES | TAKES_MONEY
"""Who records the number of a document."""
GIVES_BACK: Final = frozenset({RECONCILIATION, ADMIN})
READS: Final = frozenset({
    "accountant", "cashier", "treasurer", "officer", "head", "auditor", "sample_admin", RECONCILIATION, ADMIN,
})  # fmt: skip
"""Whoever works at a site, and auditors. Teachers and the committees' viewers see no money of persons."""


def require_role(caller: Caller, allowed: frozenset[str]) -> None:
    """Refuse a caller whose work it is not; raises Problem."""
    if caller.role not in allowed:
        raise Problem(403, "not_your_role", "this is not for your role")
