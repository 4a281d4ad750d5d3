"""What every page works with, and how a route gets it: `office: OfficeHere`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, FastAPI, Request

from services.portal.live import Watch
from services.portal.owners import Owners
from services.portal.people.access import Access
from services.portal.people.bounded import Bounded
from services.portal.people.passwords import Passwords
from shared.runtime.postgres import Database
from shared.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Office:
    """The parts that pages share; app.py makes it."""

    settings: Settings
    database: Database
    """As the service itself: people, sessions, the audit, and what a command answered."""
    bounded: Bounded
    """As the person who reads: everything that is shown."""
    access: Access
    owners: Owners
    passwords: Passwords
    watch: Watch

    def open_in(self, app: FastAPI) -> FastAPI:
        """Let the app's routes find this office."""
        app.state.office = self
        return app


def office_of(request: Request) -> Office:
    """The office of the app that answers this request."""
    office: Office = request.app.state.office
    return office


OfficeHere = Annotated[Office, Depends(office_of)]
