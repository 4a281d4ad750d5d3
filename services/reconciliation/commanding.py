"""What every command here takes: the version that the caller saw, a key that makes it run once, and one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends
from pydantic import Field

from shared.runtime.auth import Caller
from shared.runtime.commands import expected_version, idempotency_key, once
from shared.runtime.postgres import Connection, Database

IfMatch = Annotated[int, Depends(expected_version)]
IdempotencyKey = Annotated[str, Depends(idempotency_key)]
Note = Annotated[str, Field(max_length=500)]


async def run_once(
    database: Database, caller: Caller, key: str, request: str, act: Callable[[Connection], Awaitable[dict[str, Any]]]
) -> dict[str, Any]:
    """Run a command in one transaction, once for this person's key; the same key again gets the first answer."""
    async with database.transaction() as connection:
        return await once(connection, f"{caller.person}/{key}", request.encode(), lambda: act(connection))
