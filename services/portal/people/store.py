"""The tables of people, their grants and their one-time links."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg
import uuid_utils.compat as uuid

from services.portal.people.roles import ROLES, Grant, Offered, Person, SiteKnown
from shared.runtime.postgres import Connection

ADMIN_LINK_HOLDS: Final = timedelta(days=1)
INVITATION_HOLDS: Final = timedelta(days=7)
SHOWN_MAX: Final = 500

GRANTS_OF = """
coalesce((
  select jsonb_agg(jsonb_build_object('role', g.role, 'site_id', g.site_id, 'unit_code', g.unit_code, 'groups', g.groups)
    order by g.role, g.site_id, g.unit_code)
  from grants g where g.person_id = p.person_id
), '[]'::jsonb) as grants
"""
_PERSON = f"p.person_id, p.version, p.login, p.name, p.password_hash, p.sample, p.is_disabled, {GRANTS_OF}"

# By the primary key, by people_by_login.
BY_ID = f"select {_PERSON} from people p where p.person_id = $1"
BY_LOGIN = f"select {_PERSON} from people p where p.login = $1"
# An administrator of the sample looks after the sample's people only.
ALL = f"""
select {_PERSON} from people p where p.sample = $1 and ($2 = '' or position($2 in lower(p.name) || ' ' || p.login) > 0)
order by p.is_disabled, p.name, p.person_id limit $3
"""
SAMPLE = f"""
select {_PERSON}, coalesce(
  (select min(s.name) from grants g join sites s using (site_id) where g.person_id = p.person_id),
  (select min(u.name) from grants g join units u using (unit_code) where g.person_id = p.person_id and u.valid_to is null)
) as place
from people p where p.sample and not p.is_disabled order by p.person_id limit 60
"""
NAMES = "select person_id, name from people where person_id = any($1::text[])"
ADD = """
insert into people (person_id, login, name, password_hash, sample, made_by) values ($1, $2, $3, $4, $5, $6)
on conflict (login) do nothing returning person_id
"""
CHANGE = """
update people set name = $3, is_disabled = $4, version = version + 1 where person_id = $1 and version = $2
returning version
"""
SET_PASSWORD = "update people set password_hash = $2, version = version + 1 where person_id = $1"  # noqa: S105 - SQL
DROP_GRANTS = "delete from grants where person_id = $1"
# Classes come as one text, joined by a character that no class bears: unnest knows no ragged arrays.
ADD_GRANTS = """
insert into grants (person_id, role, site_id, unit_code, groups)
select $1, t.role, t.site_id, t.unit_code, coalesce(string_to_array(nullif(t.groups, ''), chr(31)), '{}')
from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as t(role, site_id, unit_code, groups)
"""
ADMIN_EXISTS = """
select exists (
  select from people p join grants g using (person_id)
  where g.role = 'admin' and not p.sample and not p.is_disabled and p.password_hash is not null)
"""
DROP_ADMIN_LINKS = "delete from invitations where person_id is null and used_at is null"
DROP_LINKS_OF = "delete from invitations where person_id = $1 and used_at is null"
INVITE = "insert into invitations (token_hash, person_id, ends_at) values ($1, $2, $3)"
INVITED = """
select person_id from invitations where token_hash = $1 and used_at is null and ends_at > $2 for update
"""
USED = "update invitations set used_at = $2 where token_hash = $1"
SITES_KNOWN = "select site_id, unit_code, sample from sites where $1::text[] is null or site_id = any($1)"
# Units are few: the tree under the granted ones, with the sites that lie in it.
UNITS_UNDER = """
with recursive under as (
  select u.unit_code as top, u.unit_code, u.level from units u where u.unit_code = any($1::text[]) and u.valid_to is null
  union
  select under.top, u.unit_code, u.level from units u join under on u.parent_code = under.unit_code where u.valid_to is null
)
select top, unit_code, level,
  coalesce((select array_agg(s.site_id) from sites s where s.unit_code = under.unit_code), '{}') as sites
from under
"""


class LoginTakenError(Exception):
    """Somebody signs in by this name already."""


class PersonChangedError(Exception):
    """Somebody else changed this person meanwhile."""


def new_token() -> str:
    """A secret for a link or a cookie."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> bytes:
    """What is kept of a token: who reads the table cannot use it."""
    return hashlib.sha256(token.encode()).digest()


def person_from(row: asyncpg.Record | dict[str, Any]) -> Person:
    """A person of a row of the statements above."""
    return Person(
        row["person_id"],
        row["login"],
        row["name"],
        tuple(Grant(each["role"], each["site_id"], each["unit_code"], tuple(each["groups"])) for each in row["grants"]),
        row["sample"],
        row["is_disabled"],
        row["password_hash"] is not None,
        row["version"],
    )


async def by_id(connection: Connection, person_id: str) -> Person | None:
    """A person."""
    row = await connection.fetchrow(BY_ID, person_id)
    return None if row is None else person_from(row)


async def by_login(connection: Connection, login: str) -> tuple[Person, str | None] | None:
    """A person with the hash of their password."""
    row = await connection.fetchrow(BY_LOGIN, login)
    return None if row is None else (person_from(row), row["password_hash"])


async def listed(connection: Connection, query: str, *, sample: bool) -> list[Person]:
    """People whose name or sign-in name holds the query."""
    return [person_from(row) for row in await connection.fetch(ALL, sample, query.lower(), SHOWN_MAX)]


async def sample_people(connection: Connection) -> list[Offered]:
    """The sample's people, role by role; none where no sample was loaded."""
    found = [Offered(person_from(row), row["place"] or "") for row in await connection.fetch(SAMPLE)]
    return sorted((each for each in found if each.person.roles), key=lambda each: ROLES.index(each.person.roles[0]))


async def names_of(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """How people are called."""
    return {row["person_id"]: row["name"] for row in await connection.fetch(NAMES, sorted(ids))} if ids else {}


async def add(
    connection: Connection, login: str, name: str, grants: Sequence[Grant], *, made_by: str, sample: bool = False,
    person_id: str | None = None,
) -> str:  # fmt: skip
    """Add a person without a password; returns the id. Raises LoginTakenError."""
    wanted = person_id or str(uuid.uuid7())
    if await connection.fetchval(ADD, wanted, login.lower(), name, None, sample, made_by) is None:
        raise LoginTakenError
    await put_grants(connection, wanted, grants)
    return wanted


async def change(connection: Connection, person: Person, name: str, grants: Sequence[Grant], *, is_disabled: bool) -> None:
    """Change a person at the version that was seen. Raises PersonChangedError."""
    if await connection.fetchval(CHANGE, person.person_id, person.version, name, is_disabled) is None:
        raise PersonChangedError
    await put_grants(connection, person.person_id, grants)


async def put_grants(connection: Connection, person_id: str, grants: Sequence[Grant]) -> None:
    """Replace what a person was granted."""
    await connection.execute(DROP_GRANTS, person_id)
    await connection.execute(
        ADD_GRANTS,
        person_id,
        [grant.role for grant in grants],
        [grant.site_id for grant in grants],
        [grant.unit_code for grant in grants],
        ["\x1f".join(grant.groups) for grant in grants],
    )


async def set_password(connection: Connection, person_id: str, password_hash: str) -> None:
    """Keep the hash of a person's password."""
    await connection.execute(SET_PASSWORD, person_id, password_hash)


async def admin_link(connection: Connection, now: datetime) -> str | None:
    """A one-time token by which the first administrator is made; None where there is one. Earlier ones hold no more."""
    if await connection.fetchval(ADMIN_EXISTS):
        return None
    await connection.execute(DROP_ADMIN_LINKS)
    token = new_token()
    await connection.execute(INVITE, hash_of(token), None, now + ADMIN_LINK_HOLDS)
    return token


async def invite(connection: Connection, person_id: str, now: datetime) -> str:
    """A one-time token by which a person chooses a password; earlier ones hold no more."""
    await connection.execute(DROP_LINKS_OF, person_id)
    token = new_token()
    await connection.execute(INVITE, hash_of(token), person_id, now + INVITATION_HOLDS)
    return token


async def invited(connection: Connection, token: str, now: datetime) -> tuple[bool, str | None]:
    """Whether a link still holds, and for whom (None: for the first administrator)."""
    row = await connection.fetchrow(INVITED, hash_of(token), now)
    return (False, None) if row is None else (True, row["person_id"])


async def use_invitation(connection: Connection, token: str, now: datetime) -> None:
    """A link holds once."""
    await connection.execute(USED, hash_of(token), now)


async def sites_known(connection: Connection, site_ids: Sequence[str] | None = None) -> list[SiteKnown]:
    """These sites, or all."""
    rows = await connection.fetch(SITES_KNOWN, site_ids)
    return [SiteKnown(row["site_id"], row["unit_code"], row["sample"]) for row in rows]


async def units_under(
    connection: Connection, codes: Sequence[str]
) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """For each granted unit the scopes of figures that lie in it, and the codes of units."""
    scopes: dict[str, set[str]] = {}
    units: dict[str, set[str]] = {}
    for row in await connection.fetch(UNITS_UNDER, codes):
        told = scopes.setdefault(row["top"], set())
        told.add(f"{row['level']}:{row['unit_code']}")
        told.update(f"site:{site_id}" for site_id in row["sites"])
        units.setdefault(row["top"], set()).add(row["unit_code"])
    return {top: frozenset(each) for top, each in scopes.items()}, {top: frozenset(each) for top, each in units.items()}
