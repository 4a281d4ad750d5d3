"""Takes a group of messages into the database: load → decide → store + outbox, in one transaction.

The number of statements is the same whatever the size of the group.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from prometheus_client import Counter

from services.ingest import store
from services.ingest.deciding import Decision, decide
from services.ingest.model import Message, Transaction, site_at
from shared.events import BankTransaction
from shared.runtime.outbox import Ready, enqueue
from shared.runtime.postgres import Connection

log = structlog.get_logger()

MESSAGES = Counter(
    "khop_ingest_messages_total",
    "Messages stored, by what became of them; unreadable ones are refused all the same.",
    ["provider", "outcome"],
)


async def take(connection: Connection, messages: Sequence[Message]) -> Decision:
    """Store messages that came by webhook."""
    decision = await take_reported(connection, messages)
    await store.insert_messages(connection, messages, decision)
    return decision


async def take_reported(connection: Connection, messages: Sequence[Message]) -> Decision:
    """Store and publish what messages report; the vault is the caller's affair."""
    decision = decide(messages, await store.look_up(connection, messages))
    await put_on_sites(connection, decision.new)
    await store.insert_transactions(connection, decision.new)
    await store.update_transactions(connection, decision.changed.values())
    await store.insert_keys(connection, decision.keys)
    await enqueue(
        connection,
        [published(each, decision.traces[each.transaction_id]) for each in (*decision.new, *decision.changed.values())],
    )
    return decision


async def put_on_sites(connection: Connection, transactions: Sequence[Transaction]) -> None:
    """Give transactions the sites that own their accounts by now."""
    owners = await store.sites_of(connection, {each.account for each in transactions})
    if owners:
        for each in transactions:
            each.site_id = site_at(owners, each.account, each.occurred_at)


def published(transaction: Transaction, traceparent: str | None) -> Ready:
    """A transaction as it goes to its topic."""
    return Ready(
        BankTransaction.topic,
        transaction.transaction_id,
        transaction.account,
        transaction.version,
        transaction.published(),
        traceparent,
    )


def note(messages: Sequence[Message], decision: Decision) -> None:
    """Count what became of messages, after the commit; contradictions are logged for a person to look at."""
    for message, outcome in zip(messages, decision.outcomes, strict=True):
        MESSAGES.labels(message.provider, outcome).inc()
        if outcome in {"conflict", "unrouted", "unreadable"}:
            log.warning(
                "message_needs_a_person",
                outcome=outcome,
                provider=message.provider,
                connection=message.connection_id,
                message_id=str(message.message_id),
            )
