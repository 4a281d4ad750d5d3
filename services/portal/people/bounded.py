"""PostgreSQL in a person's name: a role of its own, and row-level security that shows it that person's rows (DESIGN §5).

Whom a transaction speaks for is set inside it and gone at its end, so a connection that is used again remembers nobody.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Final, Self

from services.portal.people.roles import Reach
from shared.runtime.postgres import Connection, Database, open_database
from shared.runtime.settings import Settings

ROLE: Final = "portal_pages"

SPEAK_FOR = """
select set_config('khop.person', $1, true), set_config('khop.sites', $2::text[]::text, true),
  set_config('khop.every_site', $3, true), set_config('khop.groups', $4, true), set_config('khop.money', $5, true),
  set_config('khop.scopes', $6::text[]::text, true)
"""


class Bounded:
    """The second pool of the portal, open while the service runs."""

    def __init__(self, settings: Settings) -> None:
        self._opening = open_database(settings, "portal", role=ROLE)
        self._database: Database | None = None

    async def __aenter__(self) -> Self:
        self._database = await self._opening.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database = None
        await self._opening.__aexit__(kind, error, trace)

    @asynccontextmanager
    async def reading(self, reach: Reach) -> AsyncIterator[Connection]:
        """A transaction that reads what this person may see."""
        assert self._database is not None
        async with self._database.pool.acquire() as connection, connection.transaction(readonly=True):
            await speak_for(connection, reach)
            yield connection

    @asynccontextmanager
    async def writing(self, reach: Reach) -> AsyncIterator[Connection]:
        """A transaction that writes what is this person's own (ticks, what waits at a counter)."""
        assert self._database is not None
        async with self._database.pool.acquire() as connection, connection.transaction():
            await speak_for(connection, reach)
            yield connection


async def speak_for(connection: Connection, reach: Reach) -> None:
    """Say for whom this transaction reads; `set_config(…, true)` ends with it."""
    await connection.execute(
        SPEAK_FOR,
        reach.person_id,
        sorted(reach.sites or ()),
        "yes" if reach.sites is None else "",
        "" if reach.groups is None else _array(reach.groups),
        "yes" if reach.sees_money else "",
        sorted(reach.scopes),
    )


def _array(texts: Collection[str]) -> str:
    """An array as PostgreSQL writes it; an empty one still is one, and shows nothing."""
    quoted = ",".join('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in sorted(texts))
    return "{" + quoted + "}"
