"""The administrator's pages: who there is, in which role and where; and the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.office import Office, OfficeHere
from services.portal.people import audit, grants, sessions, store
from services.portal.people.access import MayAudit, MayPeople
from services.portal.people.details import details_of, places_of
from services.portal.people.grants import GrantRow
from services.portal.people.roles import Grant, Person, Session
from services.portal.people.welcome import LOGIN
from services.portal.places import Places
from services.portal.web import addresses
from services.portal.web.forms import Form, form_of
from services.portal.web.page_route import PageRoute, see_other
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from shared import clock
from shared.runtime.postgres import Connection

# The places that a role may be given at: names of places are nobody's secret.
SITES_NAMED = "select site_id, name from sites where sample or not $1 order by search_key, site_id"
UNITS_NAMED = "select unit_code, name from units where valid_to is null order by level, name, unit_code"
SITE_NAMES = "select site_id, name from sites where site_id = any($1::text[])"
UNIT_NAMES = "select unit_code, name from units where valid_to is null and unit_code = any($1::text[])"
BEGINNING = 2**62
PLACES_OFFERED_MAX = 400
"""Of each kind; in a larger province the others are typed by code or name."""
ROWS_FREE = 3
"""Empty rows under those that are filled."""


router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET and POST /people, /people/{id}, /people/{id}/invitation; GET /audit."""


@router.get("/people")
async def everybody(request: Request, office: OfficeHere, session: MayPeople, q: str = "") -> Response:
    query = addresses.search(q)
    async with office.database.reading() as connection:
        people = await store.listed(connection, query, sample=session.person.sample)
        granted = [grant for person in people for grant in person.grants]
        places = await _named(connection, granted)
    return page(
        request, "people/list.html", session, title=words.people.TITLE, people=people, query=query,
        grant_words=lambda grant: grant_words(grant, places),
    )  # fmt: skip


@router.get("/people/new")
async def ask_new(request: Request, office: OfficeHere, session: MayPeople) -> Response:
    return _form(request, session, await _places(office, session), None, "", "", [])


@router.post("/people")
async def add(request: Request, office: OfficeHere, session: MayPeople) -> Response:
    form, now = await form_of(request, "/people/new"), clock.now()
    login, name = form.text("login").lower(), form.text("name")
    problem = "" if name else words.people.NAME_NEEDED
    problem = problem or ("" if LOGIN.fullmatch(login) else words.people.LOGIN_NEEDED)
    places, typed = await _places(office, session), _typed(form)
    granted, grant_problem = _granted(typed, places)
    problem = problem or grant_problem
    if problem:
        return _form(request, session, places, None, login, name, typed, problem, 422)
    try:
        async with office.database.transaction() as connection:
            person_id = await store.add(
                connection, login, name, granted, made_by=session.person.person_id, sample=session.person.sample
            )
            await audit.note(
                connection, session, "person_added", now, subject=person_id, detail={"roles": grants.codes_of(granted)}
            )
            token = await store.invite(connection, person_id, now)
            await audit.note(connection, session, "invited", now, subject=person_id)
    except store.LoginTakenError:
        return _form(request, session, places, None, login, name, typed, words.people.LOGIN_TAKEN, 422)
    return _invited(request, session, name, token)


@router.get("/people/{person_id}")
async def ask(request: Request, office: OfficeHere, person_id: str, session: MayPeople) -> Response:
    person = await _person(office, session, person_id)
    places = await _places(office, session)
    return _form(
        request,
        session,
        places,
        person,
        person.login,
        person.name,
        grants.rows_of(person.grants, places.sites, places.units),
    )


@router.post("/people/{person_id}")
async def change(request: Request, office: OfficeHere, person_id: str, session: MayPeople) -> Response:
    form, person = await form_of(request, f"/people/{person_id}"), await _person(office, session, person_id)
    name, typed = form.text("name") or person.name, _typed(form)
    is_disabled, places = form.is_ticked("is_disabled"), await _places(office, session)
    granted, problem = _granted(typed, places)
    is_oneself = person_id == session.person.person_id
    if not problem and is_oneself and (is_disabled or not any(grant.role == "admin" for grant in granted)):
        problem = words.people.NOT_YOURSELF
    if not problem and form.number("version") != person.version:
        problem = words.people.CHANGED_MEANWHILE
    if problem:
        return _form(request, session, places, person, person.login, name, typed, problem, 422)
    try:
        async with office.database.transaction() as connection:
            await store.change(connection, person, name, granted, is_disabled=is_disabled)
            if is_disabled or granted != list(person.grants):
                # What a person may see changes at once, also where they are signed in.
                await sessions.end_others(connection, person_id, session.token)
            detail = {"roles": grants.codes_of(granted), "disabled": is_disabled}
            await audit.note(connection, session, "person_changed", clock.now(), subject=person_id, detail=detail)
    except store.PersonChangedError:
        return _form(request, session, places, person, person.login, name, typed, words.people.CHANGED_MEANWHILE, 412)
    return see_other("/people")


@router.post("/people/{person_id}/invitation")
async def invite(request: Request, office: OfficeHere, person_id: str, session: MayPeople) -> Response:
    person, now = await _person(office, session, person_id), clock.now()
    async with office.database.transaction() as connection:
        token = await store.invite(connection, person_id, now)
        await audit.note(connection, session, "invited", now, subject=person_id)
    return _invited(request, session, person.name, token)


@router.get("/audit")
async def kept(
    request: Request,
    office: OfficeHere,
    session: MayAudit,
    before: Annotated[int, Query(ge=0, le=BEGINNING)] = BEGINNING,
    person: Annotated[str, Query(max_length=100)] = "",
    act: Annotated[str, Query(max_length=50)] = "",
    subject: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    async with office.bounded.reading(session.reach) as connection:
        rows = await audit.page_of(connection, before, person, act, subject)
    shown = rows[: audit.PAGE]
    places = {place for row in shown for place in places_of(row["detail"])} | {
        row["site_id"] for row in shown if row["site_id"]
    }
    async with office.database.reading() as connection:
        names = await store.names_of(connection, {row[key] for row in shown for key in ("person_id", "subject") if row[key]})
        sites = {row["site_id"]: row["name"] for row in await connection.fetch(SITE_NAMES, sorted(places))}
    details = {row["id"]: " · ".join(details_of(row["act"], row["detail"], sites)) for row in shown}
    kept_filter = {"person": person, "act": act, "subject": subject}
    older = (
        addresses.with_query("/audit", {**kept_filter, "before": str(shown[-1]["id"])}) if len(rows) > len(shown) else None
    )
    return page(
        request, "people/audit.html", session, title=words.people.AUDIT_TITLE, rows=shown, names=names, sites=sites, details=details,
        older=older, newest=addresses.with_query("/audit", kept_filter) if before != BEGINNING else None, filter=kept_filter,
    )  # fmt: skip


async def _person(office: Office, session: Session, person_id: str) -> Person:
    """A person whom this administrator looks after; raises Refusal."""
    async with office.database.reading() as connection:
        person = await store.by_id(connection, person_id)
    if person is None or person.sample != session.person.sample:
        raise Refusal(404, "unknown_person", words.people.NONE_FOUND, "/people")
    return person


@dataclass(frozen=True, slots=True)
class GrantPlaces:
    """Where this administrator may give roles."""

    sites: Places
    units: Places


async def _places(office: Office, session: Session) -> GrantPlaces:
    async with office.database.reading() as connection:
        sites = await connection.fetch(SITES_NAMED, session.person.sample)
        units = await connection.fetch(UNITS_NAMED)
    return GrantPlaces(
        Places({row["site_id"]: row["name"] for row in sites}), Places({row["unit_code"]: row["name"] for row in units})
    )


async def _named(connection: Connection, granted: Sequence[Grant]) -> dict[str, str]:
    """How the places of these grants are called, by code."""
    sites = await connection.fetch(SITE_NAMES, sorted({grant.site_id for grant in granted if grant.site_id}))
    units = await connection.fetch(UNIT_NAMES, sorted({grant.unit_code for grant in granted if grant.unit_code}))
    return {row["site_id"]: row["name"] for row in sites} | {row["unit_code"]: row["name"] for row in units}


def _typed(form: Form) -> list[GrantRow]:
    return [GrantRow(*row) for row in form.rows("role", "place", "groups", most=grants.ROWS_MAX)]


def _granted(typed: Sequence[GrantRow], places: GrantPlaces) -> tuple[list[Grant], str]:
    """The grants that were typed, or what is wrong with them."""
    try:
        return grants.read(typed, places.sites, places.units), ""
    except grants.GrantRowError as error:
        problem = words.people.GRANT_PROBLEMS[error.problem]
        return [], words.people.GRANT_PROBLEM.format(row=error.row, problem=problem)


def grant_words(grant: Grant, names: Mapping[str, str]) -> str:
    """A grant for a reader."""
    code = grant.site_id or grant.unit_code
    place = names.get(code, code) if code else words.people.EVERYWHERE
    groups = f" ({', '.join(grant.groups)})" if grant.groups else ""
    return f"{words.people.ROLES[grant.role]}: {place}{groups}"


def _form(
    request: Request, session: Session, places: GrantPlaces, person: Person | None, login: str, name: str,
    typed: Sequence[GrantRow], problem: str = "", status: int = 200,
) -> Response:  # fmt: skip
    filled = [row for row in typed if any(row)]
    return page(
        request, "people/person.html", session, status=status, title=person.name if person else words.people.ADD_TITLE,
        person=person, login=login, name=name, rows=[*filled, *[GrantRow("", "", "")] * ROWS_FREE], problem=problem,
        offered=[each.called(code) for each in (places.sites, places.units) for code in list(each.names)[:PLACES_OFFERED_MAX]],
    )  # fmt: skip


def _invited(request: Request, session: Session, name: str, token: str) -> Response:
    answer = page(
        request, "people/invited.html", session, title=words.people.INVITED_TITLE, name=name,
        link=f"{str(request.base_url).rstrip('/')}/welcome/{token}",
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer
