"""What every command shares: the expected version (If-Match) and once-only execution (Idempotency-Key)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Header

from shared.runtime.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from shared.runtime.postgres import Connection

# Waits for a concurrent command under the same key, which is what makes a double click run once.
CLAIM_KEY = "select pg_advisory_xact_lock(hashtextextended('idempotency/' || $1, 0))"
REMEMBERED = "select request_hash, response from idempotency where key = $1"
REMEMBER = "insert into idempotency (key, request_hash, response) values ($1, $2, $3)"


def expected_version(if_match: Annotated[str | None, Header()] = None) -> int:
    """The version that the caller saw, from If-Match; raises Problem where it is missing or no number."""
    if if_match is None:
        raise Problem(428, "version_required", "send If-Match with the version that you saw")
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isdecimal():
        raise Problem(400, "invalid_version", "If-Match must hold the version as a number")
    return int(text)


def check_version(expected: int, current: int, changed: str) -> None:
    """Refuse a command that was decided on an older version; `changed` says in Vietnamese what happened since."""
    if expected != current:
        raise Problem(412, "version_changed", changed, current_version=current)


def idempotency_key(idempotency_key: Annotated[str | None, Header(max_length=200)] = None) -> str:
    """The caller's Idempotency-Key; raises Problem where it is missing."""
    if not idempotency_key:
        raise Problem(400, "idempotency_key_required", "send an Idempotency-Key, the same when you try again")
    return idempotency_key


async def once(
    connection: Connection, key: str, request: bytes, act: Callable[[], Awaitable[dict[str, Any]]]
) -> dict[str, Any]:
    """Run a command once for its key, inside the caller's transaction; later calls get the first answer.

    Raises Problem 422 where the key comes back with another request.
    """
    await connection.execute(CLAIM_KEY, key)
    fingerprint = hashlib.sha256(request).digest()
    known = await connection.fetchrow(REMEMBERED, key)
    if known is not None:
        if known["request_hash"] != fingerprint:
            raise Problem(422, "idempotency_key_reused", "this Idempotency-Key was used for another request")
        response: dict[str, Any] = known["response"]
        return response
    answer = await act()
    await connection.execute(REMEMBER, key, fingerprint, answer)
    return answer
