"""Passwords: argon2id with the parameters that RFC 9106 recommends for constrained memory, computed beside the event loop."""

from __future__ import annotations

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 10
LONGEST: Final = 200
"""Longer ones are refused unread: hashing must not be a way to keep the machine busy."""
AT_ONCE: Final = 2
"""Hashes computed at the same time; each takes 64 MiB."""

_COMMON: Final = frozenset({
    "1234567890", "0123456789", "12345678910", "1111111111", "0000000000", "qwertyuiop", "1q2w3e4r5t", "password123",
    "matkhau123", "matkhau1234", "anhyeuem123", "iloveyou123", "abc1234567", "abcd123456", "khop123456", "khopkhop123",
})  # fmt: skip
"""The shortest list that stops what people type first; a site that wants more brings OpenID Connect."""

_HASHER: Final = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
_NOBODYS: Final = _HASHER.hash("a password that nobody has")
"""Checked where there is no such person, so that the answer takes as long."""


class Passwords:
    """Hashes and checks, a few at a time."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(AT_ONCE)

    async def hashed(self, password: str) -> str:
        """The hash to keep, with its salt and parameters."""
        async with self._room:
            return await asyncio.to_thread(_HASHER.hash, password)

    async def fits(self, password: str, kept: str | None) -> bool:
        """Whether the password is the one that was hashed; takes as long where nothing was."""
        async with self._room:
            return await asyncio.to_thread(_fits, password, kept)


def is_weak(password: str, login: str) -> bool:
    """Whether a password is too easily guessed to be taken."""
    bare = password.strip().lower()
    repeated = len(set(bare)) < 4
    return not SHORTEST <= len(password) <= LONGEST or bare in _COMMON or repeated or (bool(login) and login.lower() in bare)


def _fits(password: str, kept: str | None) -> bool:
    if len(password) > LONGEST:
        return False
    try:
        _HASHER.verify(kept or _NOBODYS, password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None
