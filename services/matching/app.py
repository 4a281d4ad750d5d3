"""What the matching service is made of."""

from __future__ import annotations

from collections.abc import Mapping

from services.matching import by_hand, measures, portal_report, store, suggestions, upkeep
from services.matching.api import router
from services.matching.handlers import Handlers
from services.matching.receipts import receipts_router
from services.matching.senders import Senders
from shared.events import BankTransaction, Credit, Event, Notice, Site
from shared.runtime.consumer import Handler
from shared.runtime.secrets import sender_key
from shared.runtime.service import Parts, Runtime


def build(runtime: Runtime) -> Parts:
    """Wire the service."""
    database = runtime.database
    return Parts(
        routers=[
            router(database),
            by_hand.router(database),
            suggestions.router(database),
            receipts_router(database),
            portal_report.router(database),
        ],
        handlers=consuming(runtime),
        loops=[measures.watch_queue(database), upkeep.forget_keys(database)],
        published={Credit: store.page},
    )


def consuming(runtime: Runtime) -> Mapping[type[Event], Handler]:
    """What it does with the topics, and all that it holds in memory."""
    handlers = Handlers(runtime.database, Senders(sender_key(runtime.settings.secret_key.get_secret_value())))
    return {Site: handlers.on_sites, Notice: handlers.on_notices, BankTransaction: handlers.on_transactions}
