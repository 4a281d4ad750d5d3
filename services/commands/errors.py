"""How a command fails: one clear line on stderr and an exit status (INTERFACES §1)."""

from __future__ import annotations

FAILED = 1
BAD_INPUT = 2
REFUSED_AS_THINGS_STAND = frozenset({409, 412, 429})
"""Statuses of commands that were well put: the same one can succeed when something else has happened."""


def exit_code_of(status: int) -> int:
    """The exit status for a service's refusal: bad input where the caller has to change what it asks."""
    return FAILED if status >= 500 or status in REFUSED_AS_THINGS_STAND else BAD_INPUT


class CommandError(Exception):
    """The command cannot do what was asked; its text is the one line that the user reads."""

    def __init__(self, message: str, exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code
