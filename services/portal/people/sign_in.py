"""Signing in, locking, unlocking, signing out, and working in another of one's roles."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request, Response

from services.portal import words
from services.portal.office import Office, OfficeHere
from services.portal.people import attempts, audit, sessions, store
from services.portal.people.access import TOKEN_FIELD, Anyone, AnyoneLocked, check_same_origin
from services.portal.people.roles import ROLES, Person, Role, Session
from services.portal.web.forms import Form, form_of, own_path
from services.portal.web.navigation import HOME
from services.portal.web.page_route import PageRoute, see_other
from services.portal.web.refusals import Kept, Refusal
from services.portal.web.rendering import page
from shared import clock

ADDRESS_LONGEST = 64
LOOPBACK = ("127.", "::1", "localhost", "[::1]")


router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET and POST /sign-in, /locked, /lock, /sign-out, /work-as."""


@router.get("/sign-in")
async def ask(request: Request, office: OfficeHere, next: str = "/", ended: str = "") -> Response:  # noqa: A002 - the address says so
    return await _form(office, request, own_path(next), problem=words.people.ENDED if ended else "")


@router.post("/sign-in")
async def sign_in(request: Request, office: OfficeHere) -> Response:
    check_same_origin(request)
    return await _try(office, request, await form_of(request, "/sign-in"))


@router.post("/sign-in/sample")
async def sign_in_as_sample(request: Request, office: OfficeHere) -> Response:
    """A person of the sample, who sees sample sites only, needs no password."""
    check_same_origin(request)
    form = await form_of(request, "/sign-in")
    async with office.database.reading() as connection:
        person = await store.by_id(connection, form.text("person"))
    if person is None or not person.sample or person.is_disabled:
        raise Refusal(404, "no_such_sample", words.people.NONE_FOUND, "/sign-in")
    return await _signed_in(office, request, person, person.roles[0], form)


@router.get("/locked")
async def locked(request: Request, session: AnyoneLocked, next: str = "/") -> Response:  # noqa: A002
    if not session.is_locked:
        return see_other(own_path(next))
    return _locked(request, session, own_path(next), None)


@router.post("/lock")
async def lock(office: OfficeHere, session: AnyoneLocked) -> Response:
    async with office.database.transaction() as connection:
        await sessions.lock(connection, session.token)
    return see_other("/locked")


@router.post("/unlock")
async def unlock(request: Request, office: OfficeHere, session: AnyoneLocked) -> Response:
    return await _unlock(office, request, session, await form_of(request, "/locked"))


@router.post("/sign-out")
async def sign_out(request: Request, office: OfficeHere, session: AnyoneLocked) -> Response:
    async with office.database.transaction() as connection:
        await sessions.end(connection, session.token)
        await audit.note(connection, session, "sign_out", clock.now())
    answer = see_other("/sign-in")
    sessions.drop_cookie(request, answer)
    # Not even the copies that the browser keeps of pages.
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@router.post("/work-as")
async def work_as(request: Request, office: OfficeHere, session: Anyone) -> Response:
    role = _role((await form_of(request)).text("role"))
    if role not in session.person.roles:
        raise Refusal(403, "not_your_role", words.NOT_YOUR_ROLE)
    async with office.database.transaction() as connection:
        await sessions.work_as(connection, session.token, role)
        await audit.note(connection, session, "role_changed", clock.now(), detail={"to": role})
    return see_other(HOME[role])


async def _try(office: Office, request: Request, form: Form) -> Response:
    """Sign in by name and password, as often as is reasonable."""
    login, password = form.text("login").lower(), form.raw("password", longest=10_000)
    address, now = address_of(request), clock.now()
    async with office.database.reading() as connection:
        if not await attempts.may_try(connection, login, address, now):
            return await _form(
                office, request, _next(form), problem=words.people.TOO_MANY, login=login, form=form, status=429
            )
        found = await store.by_login(connection, login)
    person, kept_hash = found or (None, None)
    fits = await office.passwords.fits(password, kept_hash)
    if person is None or not fits or person.is_disabled or not person.roles:
        async with office.database.transaction() as connection:
            await attempts.note_failure(connection, login, address, now)
            who = person.person_id if person else None
            await audit.note_of(connection, who, "", "sign_in_failed", now, {})
        return await _form(office, request, _next(form), problem=words.people.WRONG, login=login, form=form, status=401)
    async with office.database.transaction() as connection:
        await attempts.note_success(connection, login, address)
    return await _signed_in(office, request, person, person.roles[0], form)


async def _unlock(office: Office, request: Request, session: Session, form: Form) -> Response:
    """Go on after the password was given again."""
    now, address = clock.now(), address_of(request)
    login = session.person.login
    async with office.database.reading() as connection:
        if not await attempts.may_try(connection, login, address, now):
            return _locked(request, session, _next(form), words.people.TOO_MANY, 429)
        found = await store.by_login(connection, login)
    kept_hash = found[1] if found else None
    if not session.person.sample and not await office.passwords.fits(form.raw("password", longest=10_000), kept_hash):
        async with office.database.transaction() as connection:
            await attempts.note_failure(connection, login, address, now)
        return _locked(request, session, _next(form), words.people.WRONG, 401)
    async with office.database.transaction() as connection:
        await attempts.note_success(connection, login, address)
        await sessions.unlock(connection, session.token, now)
        await audit.note(connection, session, "unlock", now)
    return see_other(_next(form))


async def _signed_in(office: Office, request: Request, person: Person, role: Role, form: Form) -> Response:
    """Begin a session; a form that was kept is shown once more, to be sent by its writer."""
    now = clock.now()
    async with office.database.transaction() as connection:
        old = sessions.token_of(request)
        if old:
            await sessions.end(connection, old)
        token = await sessions.begin(connection, person, role, now)
        session = Session(token, person, await sessions.reach_in(connection, person, role), now, now + sessions.LASTS)
        await audit.note(connection, session, "sign_in", now)
    kept = _kept(form)
    answer: Response
    if kept is None or not kept.fields:
        after = _next(form)
        answer = see_other(HOME[role] if after == "/" else after)
    else:
        typed = [(words.FIELDS[name], value) for name, value in kept.fields if name in words.FIELDS and value.strip()]
        answer = page(
            request, "people/resume.html", session, title=words.people.RESUME_TITLE, kept=kept, typed=typed, next=_next(form)
        )
        answer.headers["Cache-Control"] = "no-store"
    sessions.set_cookie(request, answer, token)
    return answer


async def _form(
    office: Office,
    request: Request,
    after: str,
    *,
    problem: str = "",
    login: str = "",
    form: Form | None = None,
    status: int = 200,
) -> Response:
    async with office.database.reading() as connection:
        people = await store.sample_people(connection)
    host = request.headers.get("Host", "")
    return page(
        request,
        "people/sign_in.html",
        None,
        status=status,
        title=words.people.SIGN_IN,
        next=after,
        kept=_kept(form) if form else None,
        problem=problem,
        login=login,
        sample_people=people,
        is_encrypted=sessions.is_encrypted(request) or host.startswith(LOOPBACK),
    )


def _locked(request: Request, session: Session, after: str, problem: str | None, status: int = 200) -> Response:
    return page(
        request, "people/locked.html", session, status=status, title=words.people.LOCKED_TITLE, next=after, problem=problem
    )


def _kept(form: Form) -> Kept | None:
    """The form that was typed when a session had ended, carried by the sign-in form."""
    text = form.raw("kept", longest=200_000)
    if not text:
        return None
    try:
        told = json.loads(text)
        path, fields = own_path(str(told["path"])), tuple((str(name), str(value)) for name, value in told["fields"])
    except (ValueError, KeyError, TypeError):
        return None
    return Kept(path, tuple((name, value) for name, value in fields if name != TOKEN_FIELD))


def _next(form: Form) -> str:
    return own_path(form.text("next", longest=2_000) or "/")


def _role(text: str) -> Role:
    for role in ROLES:
        if role == text:
            return role
    raise Refusal(422, "form_wrong", words.FORM_WRONG)


def address_of(request: Request) -> str:
    """Where a request comes from; behind a proxy on this machine what the proxy says."""
    peer = request.client.host if request.client else ""
    forwarded = request.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip()
    return (forwarded if forwarded and peer.startswith(LOOPBACK) else peer)[:ADDRESS_LONGEST]
