"""One-time links: the first administrator is made, or a person who was invited chooses a password. And one's own password."""

from __future__ import annotations

import re
from typing import Final

from fastapi import APIRouter, Request, Response

from services.portal import words
from services.portal.office import Office, OfficeHere
from services.portal.people import audit, sessions, store
from services.portal.people.access import Anyone, check_same_origin
from services.portal.people.passwords import SHORTEST, is_weak
from services.portal.people.roles import Grant, Person, Session
from services.portal.web.forms import Form, form_of
from services.portal.web.navigation import HOME
from services.portal.web.page_route import PageRoute, see_other
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from shared import clock
from shared.runtime.auth import AdminHere
from shared.runtime.postgres import Connection

LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9.-]{2,39}", re.ASCII)


router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET and POST /welcome/{token}, /me."""


@router.get("/welcome/{token}")
async def ask(request: Request, office: OfficeHere, token: str) -> Response:
    async with office.database.transaction() as connection:
        holds, person_id = await store.invited(connection, token, clock.now())
        person = await store.by_id(connection, person_id) if person_id else None
    if not holds:
        raise Refusal(404, "link_spent", words.people.LINK_SPENT, "/sign-in")
    return _form(request, person.name if person else None, person.login if person else "", "", "")


@router.post("/welcome/{token}")
async def choose(request: Request, office: OfficeHere, token: str) -> Response:
    check_same_origin(request)
    return await _choose(office, request, token, await form_of(request, f"/welcome/{token}"))


@router.get("/me")
async def me(request: Request, session: Anyone) -> Response:
    return _me(request, session, "", "")


@router.post("/me/password")
async def change_password(request: Request, office: OfficeHere, session: Anyone) -> Response:
    return await _change_password(office, request, session, await form_of(request, "/me"))


commands = APIRouter(tags=["people"])


@commands.post("/people/admin-link")
async def admin_link(request: Request, office: OfficeHere, _caller: AdminHere) -> dict[str, str | None]:
    """A one-time link by which the first administrator is made; null where there is one."""
    async with office.database.transaction() as connection:
        token = await store.admin_link(connection, clock.now())
    base = str(request.base_url).rstrip("/")
    return {"admin_link": f"{base}/welcome/{token}" if token else None}


async def _choose(office: Office, request: Request, token: str, form: Form) -> Response:
    """Take the password that was chosen under a link."""
    now = clock.now()
    async with office.database.transaction() as connection:
        holds, person_id = await store.invited(connection, token, now)
        person = await store.by_id(connection, person_id) if person_id else None
    if not holds:
        raise Refusal(404, "link_spent", words.people.LINK_SPENT, "/sign-in")
    login, name = (person.login, person.name) if person else (form.text("login").lower(), form.text("name"))
    invited = person.name if person else None
    problem = ("" if person else _name_problem(login, name)) or _password_problem(form, login)
    if problem:
        return _form(request, invited, login, name, problem, 422)
    hashed = await office.passwords.hashed(form.raw("password", longest=10_000))
    try:
        async with office.database.transaction() as connection:
            chosen, started = await _take(connection, token, person_id, login, name, hashed)
    except store.LoginTakenError:
        return _form(request, None, login, name, words.people.LOGIN_TAKEN, 422)
    if started is None:
        return see_other("/sign-in")
    answer = see_other(HOME[chosen.roles[0]])
    sessions.set_cookie(request, answer, started)
    return answer


async def _take(
    connection: Connection, token: str, person_id: str | None, login: str, name: str, hashed: str
) -> tuple[Person, str | None]:
    """Spend the link; returns whose it was and their new session. Raises Refusal, LoginTakenError."""
    now = clock.now()
    # Once more, under its lock: of two who hold the link the first one wins.
    holds, _ = await store.invited(connection, token, now)
    if not holds:
        raise Refusal(404, "link_spent", words.people.LINK_SPENT, "/sign-in")
    wanted = person_id or await store.add(connection, login, name, [Grant("admin")], made_by="khop up")
    await store.set_password(connection, wanted, hashed)
    await store.use_invitation(connection, token, now)
    await sessions.end_others(connection, wanted)
    person = await store.by_id(connection, wanted)
    assert person is not None
    role = person.roles[0] if person.roles else None
    await audit.note_of(connection, wanted, role or "", "password_set" if person_id else "admin_made", now, {})
    return person, None if role is None else await sessions.begin(connection, person, role, now)


async def _change_password(office: Office, request: Request, session: Session, form: Form) -> Response:
    """Take another password of one's own."""
    async with office.database.reading() as connection:
        found = await store.by_login(connection, session.person.login)
    if session.person.sample or found is None:
        raise Refusal(403, "sample", words.people.SAMPLE_HINT, "/me")
    if not await office.passwords.fits(form.raw("old", longest=10_000), found[1]):
        return _me(request, session, words.people.WRONG, "", 422)
    problem = _password_problem(form, session.person.login)
    if problem:
        return _me(request, session, problem, "", 422)
    hashed = await office.passwords.hashed(form.raw("password", longest=10_000))
    async with office.database.transaction() as connection:
        await store.set_password(connection, session.person.person_id, hashed)
        await sessions.end_others(connection, session.person.person_id, session.token)
        await audit.note(connection, session, "password_set", clock.now())
    return _me(request, session, "", words.people.PASSWORD_CHANGED)


def _name_problem(login: str, name: str) -> str:
    if not name:
        return words.people.NAME_NEEDED
    return "" if LOGIN.fullmatch(login) else words.people.LOGIN_NEEDED


def _password_problem(form: Form, login: str) -> str:
    password = form.raw("password", longest=10_000)
    if password != form.raw("again", longest=10_000):
        return words.people.DIFFERENT
    return words.people.WEAK.format(shortest=SHORTEST) if is_weak(password, login) else ""


def _form(request: Request, invited: str | None, login: str, name: str, problem: str, status: int = 200) -> Response:
    """The page of a link; `invited` is who was invited, None where the first administrator is to be made."""
    answer = page(
        request,
        "people/welcome.html",
        None,
        status=status,
        title=words.people.WELCOME_TITLE if invited else words.people.FIRST_TITLE,
        invited=invited,
        login=login,
        name=name,
        problem=problem,
        shortest=SHORTEST,
    )
    # The address holds the secret: it goes to nobody.
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _me(request: Request, session: Session, problem: str, done: str, status: int = 200) -> Response:
    return page(
        request, "people/me.html", session, status=status, title=words.people.MY_ACCOUNT, problem=problem, done=done,
        shortest=SHORTEST,
    )  # fmt: skip
