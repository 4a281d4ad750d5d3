"""Wires the portal."""

from __future__ import annotations

from services.portal.api import pages_router, program_router
from services.portal.handlers import handlers
from services.portal.live import Watch
from services.portal.store import DERIVED_TABLES
from shared.runtime.service import Parts, Runtime


def build(runtime: Runtime) -> Parts:
    """The portal's parts."""
    watch = Watch(runtime.database)
    return Parts(
        routers=[pages_router(runtime.database), program_router(runtime.database, watch)],
        handlers=handlers(runtime.database, watch.wake),
        loops=[watch.run],
        derived_tables=DERIVED_TABLES,
        on_stop=watch.close,
    )
