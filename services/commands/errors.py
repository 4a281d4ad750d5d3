"""How a command fails: one clear line on stderr and an exit status (INTERFACES §1)."""

from __future__ import annotations

FAILED = 1
BAD_INPUT = 2


class CommandError(Exception):
    """The command cannot do what was asked; its text is the one line that the user reads."""

    def __init__(self, message: str, exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code
