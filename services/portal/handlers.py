"""The topics that feed the read model. Topics race: a credit may come before its notice (DESIGN §3 rule 7)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from services.portal.keeping import entities, money, notices, places
from shared.events import (
    AdoptionMetric,
    BankStatement,
    BankTransaction,
    Campaign,
    Credit,
    Discrepancy,
    Event,
    Notice,
    ReconciliationDay,
    Site,
    Unit,
)
from shared.runtime.consumer import Handler, Received
from shared.runtime.folding import newest_values
from shared.runtime.postgres import Connection, Database

Keep = Callable[[Connection, Sequence[Any]], Awaitable[None]]

KEPT_BY: Mapping[type[Event], Keep] = {
    Unit: places.keep_units,
    Site: places.keep_sites,
    Campaign: entities.keep_entities,
    Notice: notices.keep_notices,
    BankTransaction: money.keep_transactions,
    BankStatement: entities.keep_entities,
    Credit: money.keep_credits,
    ReconciliationDay: entities.keep_entities,
    Discrepancy: entities.keep_entities,
    AdoptionMetric: entities.keep_metrics,
}
"""In the order in which a batch's topics are taken: what a row is named by comes before the row."""


def handlers(database: Database, changed: Callable[[], None]) -> dict[type[Event], Handler]:
    """A handler for each topic; `changed` is told after each commit."""
    return {event: _handler(database, keep, changed) for event, keep in KEPT_BY.items()}


def _handler(database: Database, keep: Keep, changed: Callable[[], None]) -> Handler:
    async def on_batch(batch: Sequence[Received[Any]]) -> None:
        events = newest_values(batch)
        async with database.transaction() as connection:
            await keep(connection, events)
        changed()

    return on_batch
