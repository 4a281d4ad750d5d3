"""POST /imports/people: `khop import people` sends a list of people with their roles."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from services.portal.office import OfficeHere
from services.portal.people import audit, importing, sessions, store
from services.portal.people.access import BY_COMMAND
from services.portal.people.importing import Wanted
from services.portal.places import Places
from shared import clock
from shared.runtime.auth import AdminHere
from shared.runtime.postgres import Connection
from shared.runtime.tables import ImportReport, Rejected, TableError, read_table
from shared.runtime.uploads import report_response, uploaded_file

router = APIRouter(tags=["people"])
"""POST /imports/people."""

SITES: Final = "select site_id, name from sites"
UNITS: Final = "select unit_code, name from units where valid_to is null"


class _NotKeptError(Exception):
    """Rolls back what was only tried."""


@dataclass(slots=True)
class PeopleReport:
    """What an import of people did, with the one-time links by which new people choose their passwords."""

    rejected: list[Rejected]
    accepted: int = 0
    unchanged: int = 0
    invitations: list[dict[str, str]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """As INTERFACES §1 shows it, and the links."""
        return {**ImportReport(self.accepted, self.unchanged, self.rejected).to_json(), "invitations": self.invitations}


@router.post("/imports/people")
async def import_people(
    request: Request, office: OfficeHere, _caller: AdminHere, check: bool = False, partial: bool = False
) -> Response:
    """Add people and give them what the file says; new ones get a link, told here only. The same file again changes nothing."""
    try:
        # In a thread: a large file must not keep the process from answering.
        table = await asyncio.to_thread(read_table, await uploaded_file(request), importing.COLUMNS)
    except TableError as error:
        return report_response("people", ImportReport(0, 0, error.rejected), partial=False)
    rows, rejected = importing.parse(table)
    report = PeopleReport(list(rejected))
    base_url = (office.settings.public_url or str(request.base_url)).rstrip("/")
    try:
        async with office.database.transaction() as connection:
            people, refused = importing.wanted(rows, await _places(connection, SITES), await _places(connection, UNITS))
            report.rejected.extend(refused)
            for person in people:
                await _keep(connection, person, report, base_url)
            if check or (report.rejected and not partial):
                raise _NotKeptError  # noqa: TRY301 - the way to roll back
    except _NotKeptError:
        report.invitations = []
        if report.rejected and not partial:
            report.accepted = 0
    return report_response("people", report, partial=partial)


async def _places(connection: Connection, sql: str) -> Places:
    return Places({row[0]: row[1] for row in await connection.fetch(sql)})


async def _keep(connection: Connection, person: Wanted, report: PeopleReport, base_url: str) -> None:
    """Add or change one person. People are few and each is some statements: a file of a district is a hundred."""
    now = clock.now()
    known = await store.by_login(connection, person.login)
    if known is None:
        person_id = await store.add(
            connection, person.login, person.name, person.grants, made_by=BY_COMMAND.person.person_id
        )
        token = await store.invite(connection, person_id, now)
        report.invitations.append({"login": person.login, "link": f"{base_url}/welcome/{token}"})
        await audit.note(connection, BY_COMMAND, "person_added", now, subject=person_id)
        report.accepted += person.rows
        return
    found, _ = known
    if found.sample:
        report.rejected.append(Rejected(1, "login", f"{person.login} is a person of the sample"))
    elif person.is_as(found):
        report.unchanged += person.rows
    else:
        await store.change(connection, found, person.name, person.grants, is_disabled=found.is_disabled)
        # What a person may see changes at once, also where they are signed in.
        await sessions.end_others(connection, found.person_id)
        await audit.note(connection, BY_COMMAND, "person_changed", now, subject=found.person_id)
        report.accepted += person.rows
