"""What reconciliation is made of."""

from __future__ import annotations

import asyncio

from services.reconciliation import api
from services.reconciliation.days.queries import page_of_days
from services.reconciliation.discrepancies import measures
from services.reconciliation.discrepancies.queries import page_of_discrepancies
from services.reconciliation.handlers import handlers
from services.reconciliation.keeping import DayBook
from services.reconciliation.money_back.telling import tell
from shared.events import Discrepancy, ReconciliationDay
from shared.runtime.derivation import EPOCH, Derivation, wait_until_read
from shared.runtime.service import Parts, Runtime

FACTS = (
    "transactions", "credits", "allocations", "statements", "statement_lines", "sites", "site_accounts", "notices",
    "touched_days",
)  # fmt: skip
PAUSE_S = 0.05
"""Touches of one burst are derived together; a day is seen within a tenth of a second."""


def build(runtime: Runtime) -> Parts:
    """Wire the handlers to the day book that they wake."""
    database = runtime.database
    woken = asyncio.Event()
    consumed = handlers(database, woken.set)
    topics = [event.topic for event in consumed]

    async def read_all() -> None:
        epoch: int = await database.pool.fetchval(EPOCH)
        group = f"khop.{runtime.name}" if epoch == 1 else f"khop.{runtime.name}.{epoch}"
        await wait_until_read(runtime.settings.kafka_bootstrap, group, topics)

    book = DayBook(database, read_all)
    derivation = Derivation(
        runtime.name,
        runtime.settings,
        database,
        topics=topics,
        woken=woken,
        derive=book.derive_some,
        rebuild=book.look_at_all,
        pause_s=PAUSE_S,
    )
    return Parts(
        routers=api.routers(database, runtime.settings),
        handlers=consumed,
        loops=[derivation.run, measures.watch(database), tell(database, runtime.settings)],
        published={ReconciliationDay: page_of_days, Discrepancy: page_of_discrepancies},
        derived_tables=FACTS,
    )
