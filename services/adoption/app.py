"""What adoption is made of."""

from __future__ import annotations

import asyncio

from services.adoption import api, queries
from services.adoption.gauges import AdoptionGauges
from services.adoption.handlers import handlers
from services.adoption.keeping import Figures
from services.adoption.model import payer_key
from shared.events import AdoptionMetric
from shared.runtime.derivation import Derivation
from shared.runtime.service import Parts, Runtime

FACTS = ("units", "sites", "campaigns", "notices", "transactions", "credits", "allocations", "changes")
FIGURES = (
    "touched_days", "touched_windows", "touched_ranges", "site_places", "payments", "settlements", "transfers",
    "deliveries", "account_providers", "site_days", "transfer_days", "channel_days", "site_windows", "transfer_windows",
    "calendar",
)  # fmt: skip
PAUSE_S = 1.0
"""Figures are refreshed at most once a second; they follow an allocation within 5 s."""


def build(runtime: Runtime) -> Parts:
    """Wire the handlers to the refresh that they wake."""
    database = runtime.database
    woken = asyncio.Event()
    gauges = AdoptionGauges()
    figures = Figures(database, gauges)
    consumed = handlers(database, payer_key(runtime.settings.secret_key.get_secret_value()), woken.set)
    derivation = Derivation(
        runtime.name,
        runtime.settings,
        database,
        topics=[event.topic for event in consumed],
        woken=woken,
        derive=figures.refresh_some,
        rebuild=figures.rebuild,
        pause_s=PAUSE_S,
        on_leadership_lost=figures.forget,
    )
    return Parts(
        routers=[api.router(database), api.tables_router(database)],
        handlers=consumed,
        loops=[derivation.run],
        published={AdoptionMetric: queries.page_of_metrics},
        derived_tables=(*FACTS, *FIGURES),
    )
