"""Wires the portal."""

from __future__ import annotations

from services.portal.api import ROUTERS
from services.portal.handlers import handlers
from services.portal.keeping import DERIVED_TABLES
from services.portal.live import Watch
from services.portal.office import Office
from services.portal.owners import Owners
from services.portal.people.access import Access
from services.portal.people.bounded import Bounded
from services.portal.people.passwords import Passwords
from shared.runtime.service import Parts, Runtime


def build(runtime: Runtime) -> Parts:
    """The portal's parts."""
    office = Office(
        settings=runtime.settings,
        database=runtime.database,
        bounded=Bounded(runtime.settings),
        access=Access(runtime.database),
        owners=Owners(runtime.settings),
        passwords=Passwords(),
        watch=Watch(runtime.database),
    )
    return Parts(
        routers=ROUTERS,
        handlers=handlers(runtime.database, office.watch.wake),
        loops=[office.watch.run],
        derived_tables=DERIVED_TABLES,
        resources=[office.bounded, office.owners],
        wrap=office.open_in,
        on_stop=office.watch.close,
    )
