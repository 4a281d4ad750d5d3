"""What pages show of credits: the credits, their transactions, the notices that they pay or may pay, notes, names.

A fixed number of statements, however many rows. Personal data leaves here only as the types of shared.privacy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import asyncpg

from services.portal.model import NO_SITE
from shared.events import BankTransaction, Credit
from shared.privacy import PayerCode, PersonName
from shared.runtime.postgres import Connection
from shared.vietnamese import sort_key

# By the primary keys.
TRANSACTIONS = "select entity from transactions where transaction_id = any($1::text[])"
CREDITS = "select entity from credits where credit_id = any($1::text[])"
SITES = "select site_id, name, sample, type from sites where site_id = any($1::text[])"

# A notice and how much of it is paid: by the primary key, and by allocations_of_notice.
_PAID = "coalesce((select sum(a.amount) from allocations a where a.notice_id = n.notice_id), 0)::bigint as paid"
NOTICE_COLUMNS = f"""
n.notice_id, n.site_id, n.bill_id, n.reference, n.round, n.payer_code, n.payer_name, n.payer_group, n.purpose, n.period,
n.fee_kind, n.amount, n.obligation, n.issued_on, n.due_on, n.status, n.is_settled,
{_PAID}
"""
NOTICES = f"select {NOTICE_COLUMNS} from notices n where n.notice_id = any($1::text[])"

# By notes_of_credit.
NOTES = """
select credit_id, person_id, written_at, text from notes where credit_id = any($1::text[]) order by written_at, note_id
"""


@dataclass(frozen=True, slots=True)
class NoticeSeen:
    """A notice, and what is paid of it, as pages show it."""

    notice_id: str
    site_id: str
    bill_id: str
    reference: str
    round: str | None
    payer_code: PayerCode | None
    payer_name: PersonName | None
    group: str | None
    purpose: str | None
    period: str | None
    fee_kind: str
    amount: int
    obligation: str
    issued_on: date
    due_on: date
    is_cancelled: bool
    paid: int
    is_settled: bool = False
    """Of a deposit: whether a settlement has counted it."""

    @property
    def open(self) -> int:
        """What is still to be paid, in đồng."""
        return 0 if self.is_cancelled else max(0, self.amount - self.paid)


@dataclass(frozen=True, slots=True)
class NoteSeen:
    """What a colleague wrote beside a payment."""

    person_id: str
    written_at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class SiteSeen:
    """A site as pages name it."""

    site_id: str
    name: str
    sample: bool
    type: str = ""
    """"school", "health" or "office"."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Some credits with all that they are shown with."""

    credits: Sequence[Credit]
    transactions: Mapping[str, BankTransaction]
    notices: Mapping[str, NoticeSeen]
    sites: Mapping[str, SiteSeen]
    notes: Mapping[str, Sequence[NoteSeen]] = field(default_factory=dict)


async def load(connection: Connection, credits: Sequence[Credit]) -> Loaded:
    """What these credits are shown with."""
    ids = [credit.credit_id for credit in credits]
    rows = await connection.fetch(TRANSACTIONS, ids)
    transactions = [BankTransaction.model_validate(row["entity"], strict=False) for row in rows]
    wanted = {allocation.notice_id for credit in credits for allocation in (*credit.allocations, *credit.undone)}
    wanted |= {notice_id for credit in credits for candidate in credit.candidates for notice_id in candidate.notice_ids}
    wanted |= {credit.intended_notice_id for credit in credits if credit.intended_notice_id}
    notes: dict[str, list[NoteSeen]] = {}
    for row in await connection.fetch(NOTES, ids):
        notes.setdefault(row["credit_id"], []).append(NoteSeen(row["person_id"], row["written_at"], row["text"]))
    return Loaded(
        credits,
        {transaction.transaction_id: transaction for transaction in transactions},
        await notices_by_id(connection, wanted),
        await sites_by_id(connection, {credit.site_id or NO_SITE for credit in credits}),
        notes,
    )


async def credits_by_id(connection: Connection, ids: Collection[str]) -> list[Credit]:
    """These credits, in the order of their ids; those that the reader may not see are not among them."""
    rows = await connection.fetch(CREDITS, sorted(ids))
    return sorted((Credit.model_validate(row["entity"], strict=False) for row in rows), key=lambda credit: credit.credit_id)


async def notices_by_id(connection: Connection, ids: Collection[str]) -> dict[str, NoticeSeen]:
    """These notices, with what is paid of each."""
    if not ids:
        return {}
    return {row["notice_id"]: notice_from(row) for row in await connection.fetch(NOTICES, sorted(ids))}


async def sites_by_id(connection: Connection, ids: Collection[str]) -> dict[str, SiteSeen]:
    """How these sites are called."""
    if not ids:
        return {}
    return {
        row["site_id"]: SiteSeen(row["site_id"], row["name"], row["sample"], row["type"])
        for row in await connection.fetch(SITES, sorted(ids))
    }


def by_name(sites: Iterable[SiteSeen]) -> list[SiteSeen]:
    """Sites as a list shows them."""
    return sorted(sites, key=lambda site: sort_key(site.name))


def notice_from(row: asyncpg.Record) -> NoticeSeen:
    """A notice of a row of NOTICE_COLUMNS."""
    told: dict[str, Any] = dict(row)
    code, name, group, status = (told.pop(key) for key in ("payer_code", "payer_name", "payer_group", "status"))
    return NoticeSeen(
        payer_code=PayerCode(code) if code else None,
        payer_name=PersonName(name) if name else None,
        group=group,
        is_cancelled=status == "cancelled",
        **told,
    )
