"""The tables of notices and bills, in batches; what other services tell stands in views.py."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import uuid_utils.compat as uuid
from pydantic_core import to_json

from services.notices.model import Bill, Change
from services.notices.terms import Terms
from shared.events import Notice

if TYPE_CHECKING:
    from shared.runtime.postgres import Connection

LINK_BYTES = 16
"""Of chance in the address of a bill's public page: 128 bits cannot be guessed."""

# An issue decides on what the one before stored.
LOCK_SITES = "select pg_advisory_xact_lock(hashtextextended('notices/import/' || site, 0)) from unnest($1::text[]) site"

# By the primary key.
NOTICES_BY_ID = "select entity::text as entity, terms from notices where notice_id = any($1::text[])"
NOTICES_AFTER = """
select entity::text as entity from notices where notice_id > $1 order by notice_id limit $2 for share
"""
# By the primary key, and by the unique reference.
BILLS_BY_ID = "select bill_id, site_id, payer_code, reference, account_number from bills where bill_id = any($1::text[])"
BILLS_BY_REFERENCE = """
select bill_id, site_id, payer_code, reference, account_number from bills where reference = any($1::text[])
"""

# By notices_bill.
OPEN_SUMS = """
select bill_id, sum((entity->>'amount')::bigint)::bigint as amount from notices
where bill_id = any($1::text[]) and status = 'open' and not notice_id = any($2::text[]) group by bill_id
"""

# What collides with a reference that is taken is left out; the caller sees it by what is returned.
ADD_BILLS = """
insert into bills (bill_id, site_id, payer_code, reference, account_number, link_token)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
on conflict do nothing
returning bill_id, reference
"""

# Only over the version that was decided on: an import of another site under the same id has come between otherwise.
PUT_NOTICES = """
with put as (
  insert into notices (notice_id, version, site_id, bill_id, status, entity, terms)
  select notice_id, version, site_id, bill_id, status, entity::jsonb, terms::jsonb
  from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    as new (notice_id, version, site_id, bill_id, status, entity, terms)
  on conflict (notice_id) do update set
    version = excluded.version, bill_id = excluded.bill_id, status = excluded.status, entity = excluded.entity,
    terms = excluded.terms
  where notices.version = excluded.version - 1 and notices.site_id = excluded.site_id
  returning 1
)
select count(*) from put
"""

ADD_ACT = "insert into acts (act_id, acted_at, person, what, reason) values ($1, $2, $3, $4, $5)"
ADD_VERSIONS = """
insert into notice_versions (notice_id, version, act_id, amended)
select notice_id, version, $3, amended::jsonb
from unnest($1::text[], $2::bigint[], $4::text[]) as new (notice_id, version, amended)
"""


@dataclass(frozen=True, slots=True)
class Act:
    """Who changed notices, how, and why: stands beside every version that it made."""

    act_id: str
    at: datetime
    person: str
    what: str
    """The command, such as "import" or "cancel"."""
    reason: str | None = None


def new_act(person: str, what: str, at: datetime, reason: str | None = None) -> Act:
    """An act about to happen."""
    return Act(str(uuid.uuid7()), at, person, what, reason)


async def lock_sites(connection: Connection, site_ids: Iterable[str]) -> None:
    """Let one command a site issue at a time, until the transaction ends."""
    await connection.execute(LOCK_SITES, sorted(set(site_ids)))


async def notices_by_id(connection: Connection, notice_ids: Sequence[str]) -> tuple[dict[str, Notice], dict[str, Terms]]:
    """Those of these notices that stand, and the terms of those that have any."""
    notices: dict[str, Notice] = {}
    terms: dict[str, Terms] = {}
    for row in await connection.fetch(NOTICES_BY_ID, notice_ids):
        notice = Notice.model_validate_json(row["entity"])
        notices[notice.notice_id] = notice
        if row["terms"] is not None:
            terms[notice.notice_id] = Terms.from_json(row["terms"])
    return notices, terms


async def page_of_notices(connection: Connection, after: str, limit: int) -> list[Notice]:
    """The next notices by id."""
    return [Notice.model_validate_json(row["entity"]) for row in await connection.fetch(NOTICES_AFTER, after, limit)]


async def bills_by_id(connection: Connection, bill_ids: Iterable[str]) -> dict[str, Bill]:
    """Those of these bills that stand."""
    return {row["bill_id"]: Bill(**row) for row in await connection.fetch(BILLS_BY_ID, sorted(set(bill_ids)))}


async def bills_by_reference(connection: Connection, references: Iterable[str]) -> dict[str, Bill]:
    """The bills that bear one of these references."""
    return {row["reference"]: Bill(**row) for row in await connection.fetch(BILLS_BY_REFERENCE, sorted(set(references)))}


async def open_sums(connection: Connection, bill_ids: Iterable[str], but: Iterable[str]) -> dict[str, int]:
    """What bills ask without some of their notices, in đồng."""
    rows = await connection.fetch(OPEN_SUMS, sorted(set(bill_ids)), sorted(set(but)))
    return {row["bill_id"]: row["amount"] for row in rows}


async def add_bills(connection: Connection, bills: Sequence[Bill]) -> dict[str, str]:
    """Store new bills, each with its reference; returns those that were stored, bill id → reference."""
    rows = await connection.fetch(
        ADD_BILLS,
        [bill.bill_id for bill in bills],
        [bill.site_id for bill in bills],
        [bill.payer_code for bill in bills],
        [bill.reference for bill in bills],
        [bill.account_number for bill in bills],
        [new_link_token() for _ in bills],
    )
    return {row["bill_id"]: row["reference"] for row in rows}


def new_link_token() -> str:
    """An address that nobody can guess."""
    return secrets.token_urlsafe(LINK_BYTES)


async def add_act(connection: Connection, act: Act) -> None:
    """Store who acts and why, before the versions that the act makes."""
    await connection.execute(ADD_ACT, act.act_id, act.at, act.person, act.what, act.reason)


async def put_changes(connection: Connection, changes: Sequence[Change], act: Act) -> int:
    """Store notices at their new versions; returns how many were stored over what was decided on."""
    notices = [change.notice for change in changes]
    stored: int = await connection.fetchval(
        PUT_NOTICES,
        [notice.notice_id for notice in notices],
        [notice.version for notice in notices],
        [notice.site_id for notice in notices],
        [notice.bill_id for notice in notices],
        [notice.status for notice in notices],
        [notice.model_dump_json() for notice in notices],
        [None if change.terms is None else to_json(change.terms.to_json()).decode() for change in changes],
    )
    await connection.execute(
        ADD_VERSIONS,
        [notice.notice_id for notice in notices],
        [notice.version for notice in notices],
        act.act_id,
        [to_json(change.amended).decode() if change.amended else None for change in changes],
    )
    return stored
