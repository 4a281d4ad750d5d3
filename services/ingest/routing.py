"""Messages that were unrouted when they came, after their connection was given the account.

The provider had its 2xx and never sends them again, so they are taken out of the vault.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import structlog
from prometheus_client import Gauge

from services.ingest import store
from services.ingest.model import Message, believable
from services.ingest.providers import PROVIDERS
from services.ingest.providers.base import Delivery, MalformedError
from services.ingest.store import UnroutedMessage
from services.ingest.taking import note, take_reported
from shared import clock
from shared.runtime.logs import describe_error
from shared.runtime.postgres import PASSING_ERRORS, Database

log = structlog.get_logger()
BATCH = 200
LOOK_EVERY_S = 60.0
UNROUTED_COUNT_MAX = 10_000

UNROUTED = Gauge(
    "khop_ingest_unrouted_messages",
    f"Genuine messages about accounts that their connection does not name, counted up to {UNROUTED_COUNT_MAX}.",
)
UNROUTED_AGE = Gauge("khop_ingest_unrouted_oldest_age_seconds", "Age of the oldest of them; 0 where there is none.")


async def route_left_behind(database: Database) -> None:
    """Route, for ever, what was taken by a process that did not know its connection's new account yet; tell what waits."""
    while True:
        try:
            async with database.reading() as connection:
                left_behind = await store.left_behind(connection)
            for connection_id, accounts in left_behind.items():
                await route_again(database, connection_id, accounts)
            await measure(database)
        except PASSING_ERRORS as error:
            log.warning("messages_not_routed_again", error=describe_error(error))
        await asyncio.sleep(LOOK_EVERY_S)


async def measure(database: Database) -> None:
    """Set the gauges of what waits for its account."""
    async with database.reading() as connection:
        messages, oldest = await store.unrouted_waiting(connection, UNROUTED_COUNT_MAX)
    UNROUTED.set(messages)
    UNROUTED_AGE.set(0 if oldest is None else (clock.now() - oldest).total_seconds())


async def route_again(database: Database, connection_id: str, accounts: Collection[str]) -> int:
    """Publish the stored messages about accounts that the connection names by now; returns how many."""
    routed, after = 0, ""
    while True:
        async with database.transaction() as connection:
            waiting = await store.routable(connection, connection_id, accounts, after, BATCH)
            if not waiting:
                return routed
            read = [(each, _read(each, connection_id, accounts)) for each in waiting]
            keys = [stored.identity_key for stored, message in read if message is not None]
            messages = [message for _, message in read if message is not None]
            decision = await take_reported(connection, messages)
            await store.note_routed(connection, connection_id, keys, messages, decision)
        note(messages, decision)
        routed += len(messages)
        after = waiting[-1].identity_key


def _read(stored: UnroutedMessage, connection_id: str, accounts: Collection[str]) -> Message | None:
    """The message as it came; None where it cannot be read any more, so that it stays listed."""
    try:
        reported = PROVIDERS[stored.provider].parse(Delivery(stored.headers, stored.body))
    except MalformedError:
        # It was readable when it came: a reader that became stricter must not stop the rest.
        log.exception("stored_message_unreadable", message_id=str(stored.message_id))
        return None
    return Message(
        stored.message_id,
        stored.received_at,
        stored.provider,
        connection_id,
        frozenset(accounts),
        stored.headers,
        stored.body,
        # Of a message with several transactions the other ones were taken when it came, or still wait for their account.
        tuple(believable(each, stored.received_at) for each in reported if each.account == stored.account),
    )
