"""The directory's composition root."""

from __future__ import annotations

from services.directory import store
from services.directory.api import router
from shared.events import Campaign, Site, Unit
from shared.runtime.service import Parts, Runtime


def build(runtime: Runtime) -> Parts:
    """Wire the directory's routes; it consumes nothing."""
    return Parts(
        routers=[router(runtime.database)],
        published={Unit: store.page_of_units, Site: store.page_of_sites, Campaign: store.page_of_campaigns},
    )
