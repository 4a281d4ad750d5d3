"""What reconciliation is made of."""

from __future__ import annotations

import asyncio

from services.reconciliation import api, queries
from services.reconciliation.handlers import handlers
from services.reconciliation.keeping import DayBook
from shared.events import Discrepancy, ReconciliationDay
from shared.runtime.derivation import Derivation
from shared.runtime.service import Parts, Runtime

FACTS = ("transactions", "credits", "statements", "statement_lines", "sites", "notices", "touched_days")
PAUSE_S = 0.05
"""Touches of one burst are derived together; a day is seen within a tenth of a second."""


def build(runtime: Runtime) -> Parts:
    """Wire the handlers to the day book that they wake."""
    database = runtime.database
    book = DayBook(database)
    woken = asyncio.Event()
    consumed = handlers(database, woken.set)
    derivation = Derivation(
        runtime.name,
        runtime.settings,
        database,
        topics=[event.topic for event in consumed],
        woken=woken,
        derive=book.derive_some,
        rebuild=book.look_at_all,
        pause_s=PAUSE_S,
    )
    return Parts(
        routers=[api.router(database)],
        handlers=consumed,
        loops=[derivation.run],
        published={ReconciliationDay: queries.page_of_days, Discrepancy: queries.page_of_discrepancies},
        derived_tables=FACTS,
    )
