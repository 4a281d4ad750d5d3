"""Takes a group of messages into the database: load → decide → store + outbox, in one transaction.

The number of statements is the same whatever the size of the group.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from prometheus_client import Counter

from services.ingest import store
from services.ingest.model import Decision, Message, claims, decide, site_at, transaction_of
from shared.runtime.outbox import Outgoing, enqueue
from shared.runtime.postgres import Connection

log = structlog.get_logger()

MESSAGES = Counter("khop_ingest_messages_total", "Messages answered 2xx, by what became of them.", ["provider", "outcome"])


async def take(connection: Connection, messages: Sequence[Message]) -> Decision:
    """Store messages that came by webhook."""
    decision = await take_reported(connection, messages)
    await store.insert_messages(connection, messages, decision)
    return decision


async def take_reported(connection: Connection, messages: Sequence[Message]) -> Decision:
    """Store and publish what messages report; the vault is the caller's affair."""
    claimed = claims(messages)
    if not claimed:
        return decide(messages, {})
    await store.share_sites(connection)
    taken = await store.claim(connection, claimed)
    decision = decide(messages, await store.known(connection, claimed.keys() - taken))
    await store.release(connection, taken - decision.owned_keys)
    owners = await store.sites_of(connection, {reported.account for _, reported in decision.new})
    transactions = [
        (transaction_of(message, reported, site_at(owners, reported.account, reported.occurred_at)), message.traceparent)
        for message, reported in decision.new
    ]
    await store.insert_transactions(connection, [transaction for transaction, _ in transactions])
    await enqueue(connection, [Outgoing(transaction, traceparent) for transaction, traceparent in transactions])
    return decision


def note(messages: Sequence[Message], decision: Decision) -> None:
    """Count what became of messages, after the commit; contradictions are logged for a person to look at."""
    for message, outcome in zip(messages, decision.outcomes, strict=True):
        MESSAGES.labels(message.provider, outcome).inc()
        if outcome in {"conflict", "unrouted"}:
            log.warning(
                "message_needs_a_person",
                outcome=outcome,
                provider=message.provider,
                connection=message.connection_id,
                message_id=str(message.message_id),
            )
