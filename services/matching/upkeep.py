"""What is thrown away when it has served."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from services.matching import acts
from shared import clock
from shared.runtime.postgres import PASSING_ERRORS, Database

PERIOD_S = 60


def forget_keys(database: Database) -> Callable[[], Awaitable[None]]:
    """A loop that forgets keys of commands that nobody sends again, some at a time."""

    async def run() -> None:
        while True:
            try:
                async with database.transaction() as connection:
                    await acts.forget_keys(connection, clock.now())
            except PASSING_ERRORS:
                pass  # they are forgotten a minute later; readiness tells of the database
            await asyncio.sleep(PERIOD_S)

    return run
