"""What matching measures about itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from prometheus_client import Counter, Gauge

from services.matching import store
from shared.events import Credit
from shared.runtime.postgres import PASSING_ERRORS, Database

DECISIONS = Counter("khop_decisions_total", "Credits decided or changed, by outcome.", ["status", "reason"])
REVIEW_CREDITS = Gauge("khop_review_credits", "Credits that wait for a person.")
REVIEW_DONG = Gauge("khop_review_dong", "Money of the credits that wait for a person, in đồng.")
SUSPENSE_DONG = Gauge(
    "khop_suspense_dong", "Money that somebody still has to place, in đồng, by part of suspense.", ["part"]
)
QUEUE_PERIOD_S = 15


def count(credits: Iterable[Credit]) -> None:
    """Count what was decided."""
    for credit in credits:
        DECISIONS.labels(credit.status, credit.reason).inc()


def watch_queue(database: Database) -> Callable[[], Awaitable[None]]:
    """A loop that keeps the gauges of the review queue and of suspense."""

    async def watch() -> None:
        while True:
            try:
                async with database.reading() as connection:
                    credits, dong = await store.queue_size(connection)
                    parts = await store.open_suspense(connection)
                REVIEW_CREDITS.set(credits)
                REVIEW_DONG.set(dong)
                for part, amount in parts.items():
                    SUSPENSE_DONG.labels(part).set(amount)
            except PASSING_ERRORS:
                pass  # the gauges keep their last value until the database is back; readiness tells of it
            await asyncio.sleep(QUEUE_PERIOD_S)

    return watch
