"""Waiting for sites: topics race, so a file may name a site of which directory's event is still under way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from services.notices import views

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection, Database

WAIT_S = 5.0
"""How long a notice waits for its site (DESIGN §3 rule 7)."""
POLL_S = 0.1
UNKNOWN_SITE = "the site is unknown; import it to the directory first"


async def await_sites(database: Database, wanted: Iterable[str]) -> set[str]:
    """Those of these sites that are known, or become known within the wait."""
    async with database.reading() as connection:
        return await Waiting().for_sites(connection, set(wanted))


class Waiting:
    """The wait of one command: however many sites it names, it waits WAIT_S in all."""

    def __init__(self) -> None:
        self._until: float | None = None

    async def for_sites(self, connection: Connection, wanted: set[str]) -> set[str]:
        """Those of these sites that are known, or become known before the wait ends."""
        while True:
            known = await views.known_sites(connection, wanted)
            if known == wanted:
                return known
            self._until = self._until or time.monotonic() + WAIT_S
            if time.monotonic() >= self._until:
                return known
            await asyncio.sleep(POLL_S)
