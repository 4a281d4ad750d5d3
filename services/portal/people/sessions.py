"""Who is signed in: a random token in a cookie, of which the database keeps the hash."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from fastapi import Request, Response

from services.portal.people import store
from services.portal.people.roles import AT_THE_COUNTER, IN_A_UNIT, Person, Reach, Role, Session, reach_of
from shared.runtime.postgres import Connection

LASTS: Final = timedelta(hours=12)
"""A working day: whoever comes back the next morning signs in again."""
IDLE_ENDS: Final = timedelta(hours=2)
IDLE_LOCKS: Final = timedelta(minutes=10)
"""At a counter, where strangers see the screen: then the password is asked again."""
SEEN_EVERY: Final = timedelta(minutes=1)
"""How often a session's last sign of life is written."""
REVEALED_FOR: Final = timedelta(minutes=10)

COOKIE: Final = "khop"
HOST_COOKIE: Final = "__Host-khop"
"""Its name over TLS: a browser takes it from this host alone, and only encrypted."""

# By the primary key.
FIND = f"""
select s.role, s.started_at, s.seen_at, s.ends_at, s.is_locked,
  p.person_id, p.version, p.login, p.name, p.password_hash, p.sample, p.is_disabled, {store.GRANTS_OF}
from sessions s join people p using (person_id)
where s.token_hash = $1
"""
BEGIN = """
insert into sessions (token_hash, person_id, role, started_at, seen_at, ends_at) values ($1, $2, $3, $4, $4, $5)
"""
SEE = "update sessions set seen_at = $2 where token_hash = $1"
LOCK = "update sessions set is_locked = true where token_hash = $1"
UNLOCK = "update sessions set is_locked = false, seen_at = $2 where token_hash = $1"
WORK_AS = "update sessions set role = $2 where token_hash = $1"
END = "delete from sessions where token_hash = $1"
END_OF_PERSON = "delete from sessions where person_id = $1 and token_hash <> $2"
# By sessions_ended.
DROP_ENDED = "delete from sessions where ends_at < $1"
REVEAL = """
insert into reveals (token_hash, subject, ends_at) values ($1, $2, $3)
on conflict (token_hash, subject) do update set ends_at = excluded.ends_at
"""
REVEALED = "select exists (select from reveals where token_hash = $1 and subject = $2 and ends_at > $3)"


@dataclass(frozen=True, slots=True)
class Gone:
    """Why nobody is signed in."""

    was_signed_in: bool


def is_encrypted(request: Request) -> bool:
    """Whether the reader's connection is encrypted; a proxy in front says so."""
    return request.headers.get("X-Forwarded-Proto", request.url.scheme) == "https"


def token_of(request: Request) -> str | None:
    """The token that the reader's cookie carries."""
    return request.cookies.get(HOST_COOKIE if is_encrypted(request) else COOKIE)


def set_cookie(request: Request, response: Response, token: str) -> None:
    """Let the browser keep the token until it closes: no script reads it, no other site's page sends it along."""
    secure = is_encrypted(request)
    response.set_cookie(HOST_COOKIE if secure else COOKIE, token, path="/", secure=secure, httponly=True, samesite="lax")


def drop_cookie(request: Request, response: Response) -> None:
    """Let the browser forget the token."""
    secure = is_encrypted(request)
    response.delete_cookie(HOST_COOKIE if secure else COOKIE, path="/", secure=secure, httponly=True, samesite="lax")


def form_token(session_token: str) -> str:
    """What every form of a session carries: another site's page cannot know it (CSRF)."""
    return base64.urlsafe_b64encode(hmac.digest(session_token.encode(), b"form", hashlib.sha256)[:18]).decode()


async def begin(connection: Connection, person: Person, role: Role, now: datetime) -> str:
    """Sign somebody in; returns the token for the cookie."""
    token = store.new_token()
    await connection.execute(DROP_ENDED, now)
    await connection.execute(BEGIN, store.hash_of(token), person.person_id, role, now, now + LASTS)
    return token


async def find(connection: Connection, token: str, now: datetime, *, passive: bool) -> Session | Gone:
    """The session of a token. A passive request (a page that refreshes itself) is no sign of life."""
    key = store.hash_of(token)
    row = await connection.fetchrow(FIND, key)
    if row is None or row["ends_at"] <= now or row["seen_at"] + IDLE_ENDS <= now or row["is_disabled"]:
        return Gone(was_signed_in=row is not None)
    person = store.person_from(row)
    role: Role = row["role"] if row["role"] in person.roles else person.roles[0] if person.roles else "viewer"
    if not person.roles:
        return Gone(was_signed_in=True)
    idle = now - row["seen_at"]
    locked = row["is_locked"] or (role in AT_THE_COUNTER and idle >= IDLE_LOCKS)
    if locked and not row["is_locked"]:
        await connection.execute(LOCK, key)
    elif not locked and not passive and idle >= SEEN_EVERY:
        await connection.execute(SEE, key, now)
    reach = await reach_in(connection, person, role)
    return Session(token, person, reach, row["started_at"], row["ends_at"], locked)


async def reach_in(connection: Connection, person: Person, role: Role) -> Reach:
    """How far a person sees in this role now."""
    sites = await store.sites_known(connection) if person.sample else []
    scopes: dict[str, frozenset[str]] = {}
    units: dict[str, frozenset[str]] = {}
    if role in IN_A_UNIT:
        codes = [grant.unit_code for grant in person.in_role(role) if grant.unit_code]
        scopes, units = await store.units_under(connection, codes)
    return reach_of(person, role, sites, scopes, units)


async def lock(connection: Connection, token: str) -> None:
    """Ask for the password before anything else is shown."""
    await connection.execute(LOCK, store.hash_of(token))


async def unlock(connection: Connection, token: str, now: datetime) -> None:
    """The password was given again."""
    await connection.execute(UNLOCK, store.hash_of(token), now)


async def work_as(connection: Connection, token: str, role: Role) -> None:
    """Work in another of one's roles."""
    await connection.execute(WORK_AS, store.hash_of(token), role)


async def end(connection: Connection, token: str) -> None:
    """Sign out."""
    await connection.execute(END, store.hash_of(token))


async def end_others(connection: Connection, person_id: str, but: str = "") -> None:
    """End a person's sessions, but one."""
    await connection.execute(END_OF_PERSON, person_id, store.hash_of(but))


async def reveal(connection: Connection, session: Session, subject: str, now: datetime) -> None:
    """Show one subject's data whole to this session for a while; whoever calls notes it in the audit."""
    await connection.execute(REVEAL, store.hash_of(session.token), subject, now + REVEALED_FOR)


async def is_revealed(connection: Connection, session: Session, subject: str, now: datetime) -> bool:
    """Whether this session asked to see a subject whole, a short while ago."""
    if not session.token:
        return False
    found: Any = await connection.fetchval(REVEALED, store.hash_of(session.token), subject, now)
    return bool(found)
