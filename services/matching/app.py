"""What the matching service is made of."""

from __future__ import annotations

from services.matching import measures, store
from services.matching.api import router
from services.matching.handlers import Handlers
from services.matching.receipts import receipts_router
from shared.events import BankTransaction, Credit, Notice, Site
from shared.runtime.service import Parts, Runtime


def build(runtime: Runtime) -> Parts:
    """Wire the service."""
    handlers = Handlers(runtime.database)
    return Parts(
        routers=[router(runtime.database), receipts_router(runtime.database)],
        handlers={
            Site: handlers.on_sites,
            Notice: handlers.on_notices,
            BankTransaction: handlers.on_transactions,
        },
        loops=[measures.watch_queue(runtime.database)],
        published={Credit: store.page},
    )
