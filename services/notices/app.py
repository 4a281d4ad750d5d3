"""The composition root of notices."""

from __future__ import annotations

from services.notices.api import router
from services.notices.handlers import Handlers
from services.notices.store import page_of_notices
from shared.events import Credit, Notice, ReconciliationDay, Site
from shared.runtime.service import Parts, Runtime


def build(runtime: Runtime) -> Parts:
    """Wire the routes and what is consumed."""
    handlers = Handlers(runtime.database)
    return Parts(
        routers=[router(runtime.database)],
        handlers={Site: handlers.on_sites, Credit: handlers.on_credits, ReconciliationDay: handlers.on_days},
        published={Notice: page_of_notices},
    )
