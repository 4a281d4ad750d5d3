"""The banks' books: the running balance of every account, kept in a file so that a later run goes on from it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

OPENING_DONG = 20_000_000
"""What stands on an account before its first movement."""
FILE = "banks.jsonl"


class Books:
    """Balances by account. With a file each is written down before it is told to anybody, one line a movement."""

    def __init__(self, path: Path | None = None) -> None:
        self._balances: dict[str, int] = {}
        self._path = path
        if path is not None and path.exists():
            self._balances = dict(_read(path.read_text(encoding="utf-8").splitlines()))
            # The last line of each account is all that is needed of the past.
            text = "".join(_line(account, balance) for account, balance in self._balances.items())
            path.write_text(text, encoding="utf-8")

    def balance(self, account: str) -> int:
        """What stands on an account now, in đồng."""
        return self._balances.get(account, OPENING_DONG)

    def move(self, account: str, amount: int) -> int:
        """Move a signed amount; returns the balance after it."""
        self._balances[account] = self.balance(account) + amount
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(_line(account, self._balances[account]))
        return self._balances[account]


def _line(account: str, balance: int) -> str:
    return json.dumps([account, balance]) + "\n"


def _read(lines: Iterable[str]) -> Iterable[tuple[str, int]]:
    """Every whole line; a run that was killed may have left half of one."""
    for line in lines:
        try:
            account, balance = json.loads(line)
        except ValueError:
            continue
        yield account, balance
