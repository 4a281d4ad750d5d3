"""The administrator's pages: who there is, in which role and where; and the audit."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.office import Office, OfficeHere
from services.portal.people import audit, grants, sessions, store
from services.portal.people.access import MayAudit, MayPeople
from services.portal.people.roles import Grant, Person, Session
from services.portal.people.welcome import LOGIN
from services.portal.web import addresses
from services.portal.web.forms import Form, form_of
from services.portal.web.page_route import PageRoute, see_other
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from shared import clock
from shared.runtime.postgres import Connection

UNITS_NOW = "select distinct unit_code from units where valid_to is null"
BEGINNING = 2**62


router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET and POST /people, /people/{id}, /people/{id}/invitation; GET /audit."""


@router.get("/people")
async def everybody(request: Request, office: OfficeHere, session: MayPeople, q: str = "") -> Response:
    query = addresses.search(q)
    async with office.database.reading() as connection:
        people = await store.listed(connection, query, sample=session.person.sample)
    return page(
        request, "people/list.html", session, title=words.people.TITLE, people=people, query=query,
        grant_words=grant_words,
    )  # fmt: skip


@router.get("/people/new")
async def ask_new(request: Request, session: MayPeople) -> Response:
    return _form(request, session, None, "", "", "")


@router.post("/people")
async def add(request: Request, office: OfficeHere, session: MayPeople) -> Response:
    form, now = await form_of(request, "/people/new"), clock.now()
    login, name = form.text("login").lower(), form.text("name")
    problem = "" if name else words.people.NAME_NEEDED
    problem = problem or ("" if LOGIN.fullmatch(login) else words.people.LOGIN_NEEDED)
    async with office.database.reading() as connection:
        granted, grant_problem = await _granted(connection, session, form)
    problem = problem or grant_problem
    if problem:
        return _form(request, session, None, login, name, form.text("grants", longest=20_000), problem, 422)
    try:
        async with office.database.transaction() as connection:
            person_id = await store.add(
                connection, login, name, granted, made_by=session.person.person_id, sample=session.person.sample
            )
            await audit.note(connection, session, "person_added", now, subject=person_id, detail={"roles": _told(granted)})
            token = await store.invite(connection, person_id, now)
            await audit.note(connection, session, "invited", now, subject=person_id)
    except store.LoginTakenError:
        typed = form.text("grants", longest=20_000)
        return _form(request, session, None, login, name, typed, words.people.LOGIN_TAKEN, 422)
    return _invited(request, session, name, token)


@router.get("/people/{person_id}")
async def ask(request: Request, office: OfficeHere, person_id: str, session: MayPeople) -> Response:
    person = await _person(office, session, person_id)
    return _form(request, session, person, person.login, person.name, grants.written(person.grants))


@router.post("/people/{person_id}")
async def change(request: Request, office: OfficeHere, person_id: str, session: MayPeople) -> Response:
    form, person = await form_of(request, f"/people/{person_id}"), await _person(office, session, person_id)
    name, typed = form.text("name") or person.name, form.text("grants", longest=20_000)
    is_disabled = form.is_ticked("is_disabled")
    async with office.database.reading() as connection:
        granted, problem = await _granted(connection, session, form)
    is_oneself = person_id == session.person.person_id
    if not problem and is_oneself and (is_disabled or not any(grant.role == "admin" for grant in granted)):
        problem = words.people.NOT_YOURSELF
    if not problem and form.number("version") != person.version:
        problem = words.people.CHANGED_MEANWHILE
    if problem:
        return _form(request, session, person, person.login, name, typed, problem, 422)
    try:
        async with office.database.transaction() as connection:
            await store.change(connection, person, name, granted, is_disabled=is_disabled)
            if is_disabled or granted != list(person.grants):
                # What a person may see changes at once, also where they are signed in.
                await sessions.end_others(connection, person_id, session.token)
            detail = {"roles": _told(granted), "disabled": is_disabled}
            await audit.note(connection, session, "person_changed", clock.now(), subject=person_id, detail=detail)
    except store.PersonChangedError:
        return _form(request, session, person, person.login, name, typed, words.people.CHANGED_MEANWHILE, 412)
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
    async with office.database.reading() as connection:
        names = await store.names_of(connection, {row["person_id"] for row in shown if row["person_id"]})
    kept_filter = {"person": person, "act": act, "subject": subject}
    older = (
        addresses.with_query("/audit", {**kept_filter, "before": str(shown[-1]["id"])}) if len(rows) > len(shown) else None
    )
    return page(
        request, "people/audit.html", session, title=words.people.AUDIT_TITLE, rows=shown, names=names, older=older,
        newest=addresses.with_query("/audit", kept_filter) if before != BEGINNING else None, filter=kept_filter,
    )  # fmt: skip


async def _person(office: Office, session: Session, person_id: str) -> Person:
    """A person whom this administrator looks after; raises Refusal."""
    async with office.database.reading() as connection:
        person = await store.by_id(connection, person_id)
    if person is None or person.sample != session.person.sample:
        raise Refusal(404, "unknown_person", words.people.NONE_FOUND, "/people")
    return person


async def _granted(connection: Connection, session: Session, form: Form) -> tuple[list[Grant], str]:
    """The grants that were typed, or what is wrong with them."""
    known = await store.sites_known(connection)
    sites = {site.site_id for site in known if site.sample or not session.person.sample}
    units = {row["unit_code"] for row in await connection.fetch(UNITS_NOW)}
    try:
        return grants.read(form.text("grants", longest=20_000), sites, units), ""
    except grants.GrantLineError as error:
        problem = words.people.GRANT_PROBLEMS[error.problem]
        return [], words.people.GRANT_PROBLEM.format(line=error.line, problem=problem)


def grant_words(grant: Grant) -> str:
    """A grant for a reader."""
    place = grant.site_id or grant.unit_code or words.people.EVERYWHERE
    groups = f" ({', '.join(grant.groups)})" if grant.groups else ""
    return f"{words.people.ROLES[grant.role]}: {place}{groups}"


def _told(granted: list[Grant]) -> list[str]:
    return grants.written(granted).splitlines()


def _form(
    request: Request, session: Session, person: Person | None, login: str, name: str, typed: str, problem: str = "",
    status: int = 200,
) -> Response:  # fmt: skip
    return page(
        request, "people/person.html", session, status=status, title=person.name if person else words.people.ADD_TITLE,
        person=person, login=login, name=name, typed=typed, problem=problem,
    )  # fmt: skip


def _invited(request: Request, session: Session, name: str, token: str) -> Response:
    answer = page(
        request, "people/invited.html", session, title=words.people.INVITED_TITLE, name=name,
        link=f"{str(request.base_url).rstrip('/')}/welcome/{token}",
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer
