"""Tells open pages that something changed, as server-sent events.

A site's revision stands in the database, so this works alike for one process and for many: each replica looks once a second
at the sites whose pages are open at it, and at once when its own handlers stored something. Pages of everything are told at
most once a second: somewhere something always changes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import structlog
from prometheus_client import Gauge

from services.portal.overview import queries
from shared.runtime.logs import describe_error
from shared.runtime.postgres import PASSING_ERRORS, Database
from shared.runtime.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

log = structlog.get_logger()

SUBSCRIBERS_MAX = 500
"""Open live pages of one process; beyond it a page looks for changes by itself, every 10 s."""
POLL_S = 1.0
PAUSE_S = 0.2
"""At least so long between two looks: a flood of payments is told as few changes."""
HEARTBEAT_S = 15
EVERYTHING_EVERY_S = 1.0
EVERYTHING = None
"""What the page of all sites watches."""

SUBSCRIBERS = Gauge("khop_portal_live_pages", f"Pages that are told of changes now, of at most {SUBSCRIBERS_MAX}.")


class Subscriber:
    """One open page."""

    def __init__(self, sites: frozenset[str] | None) -> None:
        self.sites = sites
        self._revision: int | None = None
        self._changed = asyncio.Event()
        self._closed = False

    @property
    def was_told(self) -> bool:
        """Whether it knows any revision yet."""
        return self._revision is not None

    def tell(self, revision: int) -> None:
        """Note the revision that holds now."""
        if revision != self._revision:
            self._revision = revision
            self._changed.set()

    def close(self) -> None:
        """End its stream; the browser opens another one where the service is up again."""
        self._closed = True
        self._changed.set()

    async def changes(self) -> AsyncIterator[dict[str, str]]:
        """The revision as it is, then each later one; what changes while the page is slow is told once."""
        while True:
            await self._changed.wait()
            if self._closed:
                return
            self._changed.clear()
            yield {"event": "changed", "data": str(self._revision)}


class Watch:
    """Looks at revisions while any page is open."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._subscribers: set[Subscriber] = set()
        self._woken = asyncio.Event()
        self._everything_at = 0.0

    def wake(self) -> None:
        """Look now: something was stored, or a page was opened."""
        self._woken.set()

    @contextmanager
    def subscribed(self, sites: frozenset[str] | None) -> Iterator[Subscriber]:
        """A page about these sites (None: about everything) that is open while the block runs."""
        subscriber = Subscriber(sites)
        self._subscribers.add(subscriber)
        SUBSCRIBERS.set(len(self._subscribers))
        self.wake()
        try:
            yield subscriber
        finally:
            self._subscribers.discard(subscriber)
            SUBSCRIBERS.set(len(self._subscribers))

    def close(self) -> None:
        """End all streams."""
        for subscriber in self._subscribers:
            subscriber.close()

    def check_room(self) -> None:
        """Refuse before a stream begins: once it has begun there is no status to say it with. Raises Problem 503."""
        if len(self._subscribers) >= SUBSCRIBERS_MAX:
            raise Problem(503, "too_many_live_pages", "too many live pages are open", headers={"Retry-After": "10"})

    async def run(self) -> None:
        """Look for ever; where the database cannot be reached, look again later."""
        while True:
            # Another replica's handlers do not wake this one: it looks by itself then.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), POLL_S)
            self._woken.clear()
            if self._subscribers:
                try:
                    await self._look()
                except PASSING_ERRORS as error:
                    log.warning("live_pages_not_updated", error=describe_error(error))
                    await asyncio.sleep(POLL_S)
            await asyncio.sleep(PAUSE_S)

    async def _look(self) -> None:
        watching = list(self._subscribers)
        sites = frozenset[str]().union(*(subscriber.sites for subscriber in watching if subscriber.sites is not None))
        now = time.monotonic()
        new_to_all = any(subscriber.sites is EVERYTHING and not subscriber.was_told for subscriber in watching)
        look_at_all = new_to_all or (
            now - self._everything_at >= EVERYTHING_EVERY_S
            and any(subscriber.sites is EVERYTHING for subscriber in watching)
        )
        async with self._database.reading() as connection:
            revisions = await queries.revisions(connection, sites) if sites else {}
            of_all = await queries.revision_of_all(connection) if look_at_all else 0
        if look_at_all:
            self._everything_at = now
        for subscriber in watching:
            if subscriber.sites is not None:
                # Each site's revision only grows, and so does their sum.
                subscriber.tell(sum(revisions.get(site_id, 0) for site_id in subscriber.sites))
            elif look_at_all:
                subscriber.tell(of_all)
