"""The report of the public-service portal: fees that were paid there come in by it, and are not asked for again.

All of a report is taken or none of it. A payment is told from others by the portal's own receipt number, so that a report
may be sent again. What is paid for a dossier that has no notice yet is the dossier's balance, which pays it when it is issued.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel

from services.matching import acts, owed, store
from services.matching.deciding import RECEIPT_REASONS
from services.matching.handlers import new_id
from services.matching.ledger import LedgerCredit
from services.matching.matcher import Decision, Share, pay_notice
from services.matching.matcher.evidence import Fact
from services.matching.model import Owed
from services.matching.people import NUMBERS, READS, require_role
from shared import clock
from shared.events.payments import SuspenseParts
from shared.runtime.auth import Caller, CallerHere
from shared.runtime.cells import CellError, Cells, read_rows, reject_repeated
from shared.runtime.postgres import Connection, Database
from shared.runtime.problems import Problem
from shared.runtime.tables import Column, ImportReport, Rejected, Table, TableError, read_table
from shared.runtime.uploads import report_response, uploaded_file

PAYMENTS: Final = uuid.UUID("0b8c1f0e-52d1-5c55-8f3e-6a2d7f9e4c70")
"""The namespace of their ids: the same receipt number at the same site is the same payment, for ever."""
SiteId = Annotated[str, Query(min_length=1, max_length=200)]

COLUMNS: Final = (
    Column("dossier", ("mã hồ sơ", "số hồ sơ", "mã số hồ sơ", "mã hồ sơ dvc", "mã hồ sơ tthc"), required=True),
    Column("amount", ("số tiền", "số tiền đã nộp", "số tiền thanh toán", "tổng tiền", "tổng số tiền"), required=True),
    Column("day", ("ngày nộp", "ngày thanh toán", "thời gian thanh toán", "ngày giao dịch", "ngày"), required=True),
    Column(
        "number",
        ("số biên lai", "mã biên lai", "số chứng từ", "mã giao dịch", "mã thanh toán", "số biên lai của cổng", "mã tham chiếu"),
        required=True,
    ),
)  # fmt: skip

# The notices of these dossiers, cancelled ones left out. By notices_change's first column: a site's, once a report.
OF_DOSSIERS = f"""
select dossier_key(n.payer_code) as dossier, {owed.NOTICE_COLUMNS} from notices n
where n.site_id = $1 and not n.is_cancelled and n.obligation = 'due' and dossier_key(n.payer_code) = any($2::text[])
order by n.due_on, n.notice_id
"""

# For which dossiers payments were reported or pay now; none where that was erased. By the primary keys, and allocations_credit.
TOLD_FOR = """
select c.credit_id, array_agg(dossier_key(told.code)) as dossiers
from credits c cross join lateral (
  select c.payer_code as code
  union all select n.payer_code from notices n where n.notice_id = c.intended_notice_id
  union all select n.payer_code from allocations a join notices n using (notice_id)
    where a.credit_id = c.credit_id and a.undone_by is null
) as told
where c.credit_id = any($1::text[]) and told.code is not null
group by c.credit_id
"""

KEYS = "select code, dossier_key(code) as dossier from unnest($1::text[]) as told (code)"

# By credits_dossier.
OF_DOSSIER = """
select credit_id, payer_code, amount, balance, occurred_at, document_number from credits
where site_id = $1 and channel = 'portal' and payer_code is not null and dossier_key(payer_code) = dossier_key($2)
order by occurred_at, credit_id collate "C" limit 20
"""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A payment as the portal reports it."""

    row: int
    dossier: str
    amount: int
    day: date
    number: str


class PortalPayment(BaseModel):
    """A payment for a dossier that had no notice when it was reported."""

    credit_id: str
    payer_code: str
    """The dossier's code, as its notice must bear it."""
    amount: int
    balance: int
    """What of it pays no notice yet, in đồng."""
    occurred_at: AwareDatetime
    document_number: str


def parse(table: Table) -> tuple[list[ReportRow], list[Rejected]]:
    """The rows of a report; a receipt number that stands there twice is refused."""
    rows, rejected = read_rows(table, _parse)
    rows, repeated = reject_repeated(rows, lambda row: row.number, lambda row: row.row, "number")
    return rows, [*rejected, *repeated]


def _parse(cells: Cells) -> ReportRow:
    row = ReportRow(
        row=cells.row,
        dossier=cells.id("dossier", slash=True),
        amount=cells.dong("amount"),
        day=cells.day("day"),
        number=cells.text("number", 100),
    )
    if row.dossier.isdecimal() and len(row.dossier) == 12:
        raise CellError("dossier", "is a citizen identity number; send the dossier's code")
    if row.day > clock.local_day(clock.now()):
        raise CellError("day", "lies in the future")
    return row


def decide(row: ReportRow, notices: Sequence[Owed]) -> tuple[str | None, Decision] | None:
    """What a payment pays of its dossier's notices: (the one it is meant for, the decision); None where there is no notice.

    A notice of just this sum goes first, then the oldest due. What was paid already is a question, as with any second payment.
    """
    if not notices:
        return None
    open_ones = sorted((each for each in notices if each.open), key=lambda each: each.open != row.amount)
    shares, left = [], row.amount
    for notice in open_ones:
        if left:
            shares.append(Share(notice.notice_id, min(left, notice.open)))
            left -= shares[-1].amount
    if len(shares) > 1:
        return None, Decision("matched", RECEIPT_REASONS["portal"], tuple(shares), (Fact("receipt"),))
    meant = open_ones[0] if open_ones else notices[-1]
    return meant.notice_id, pay_notice(row.amount, meant, RECEIPT_REASONS["portal"])


def router(database: Database) -> APIRouter:
    """The routes of the portal's report."""
    routes = APIRouter(tags=["receipts"])

    @routes.post("/imports/portal-report")
    async def import_report(request: Request, caller: CallerHere, site: SiteId, check: bool = False) -> Response:
        """Take the public-service portal's report (CSV or XLSX) of fees that were paid there; all of it or nothing."""
        require_role(caller, NUMBERS)
        caller.require_site(site)
        report = await _import(database, await uploaded_file(request), site, caller, check=check)
        return report_response("portal_report", report, partial=False)

    @routes.get("/portal-payments")
    async def of_dossier(
        caller: CallerHere, site: SiteId, dossier: Annotated[str, Query(min_length=1, max_length=100)]
    ) -> list[PortalPayment]:
        """What was paid on the portal for a dossier that had no notice then, the oldest first; dots and dashes do not count."""
        require_role(caller, READS)
        caller.require_site(site)
        async with database.reading() as connection:
            rows = await connection.fetch(OF_DOSSIER, site, dossier)
        return [PortalPayment(**row) for row in rows]

    return routes


async def _import(database: Database, content: bytes, site: str, caller: Caller, *, check: bool) -> ImportReport:
    try:
        # In a thread: a large file must not keep the process from answering.
        rows, rejected = await asyncio.to_thread(lambda: parse(read_table(content, COLUMNS)))
    except TableError as error:
        return ImportReport(0, 0, error.rejected)
    async with database.transaction() as connection:
        await store.lock_sites(connection, [site])
        if site not in await store.load_rules(connection, [site]):
            raise Problem(404, "unknown_site", "no site has this id")
        keys = await _keys(connection, [row.dossier for row in rows])
        known = await store.load_credits(connection, [_id_of(site, row) for row in rows])
        told_for = {row["credit_id"]: row["dossiers"] for row in await connection.fetch(TOLD_FOR, list(known))}
        fresh, refused = _told_before(rows, site, known, told_for, keys)
        rejected = sorted([*rejected, *refused], key=lambda each: (each.row, each.column))
        if rejected:
            return ImportReport(0, 0, rejected)
        if fresh and not check:
            await _take(connection, site, caller, fresh, keys)
    return ImportReport(len(fresh), len(rows) - len(fresh), [])


def _told_before(
    rows: Iterable[ReportRow],
    site: str,
    known: Mapping[str, LedgerCredit],
    told_for: Mapping[str, Sequence[str]],
    keys: Mapping[str, str],
) -> tuple[list[ReportRow], list[Rejected]]:
    """The rows that are new, and those that bear the number of another payment."""
    fresh, refused = [], []
    for row in rows:
        before = known.get(_id_of(site, row))
        if before is None:
            fresh.append(row)
        elif (before.amount, clock.local_day(before.occurred_at)) != (row.amount, row.day):
            refused.append(Rejected(row.row, "number", "was reported before with another amount or day"))
        elif keys[row.dossier] not in told_for.get(before.credit_id, [keys[row.dossier]]):
            # Its money is another's until a person allocates it anew; then the row is as the ledger has it.
            refused.append(Rejected(row.row, "dossier", "this number was reported for another dossier"))
    return fresh, refused


async def _take(
    connection: Connection, site: str, caller: Caller, rows: Sequence[ReportRow], keys: Mapping[str, str]
) -> None:
    """Keep new payments and let them pay; each sees what those above it paid."""
    notices: dict[str, list[Owed]] = {}
    for found in await connection.fetch(OF_DOSSIERS, site, sorted({keys[row.dossier] for row in rows})):
        told = dict(found)
        notices.setdefault(told.pop("dossier"), []).append(Owed(**told))
    at = clock.now()
    changed: list[tuple[LedgerCredit, acts.Before, acts.Act, str | None]] = []
    for row in rows:
        of_dossier = notices.get(keys[row.dossier], [])
        credit = _new_credit(site, row)
        found_before = acts.before(credit)
        decided = decide(row, of_dossier)
        if decided is None:
            credit.status, credit.reason = "matched", RECEIPT_REASONS["portal"]
            credit.suspense, credit.payer_code = SuspenseParts(balance=credit.amount), row.dossier
        else:
            credit.intended_notice_id, decision = decided
            credit.payer_code = None if decided[0] else of_dossier[0].payer_code
            credit.apply(decision, at, new_id)
            for notice in of_dossier:
                notice.allocated += credit.paid.get(notice.notice_id, 0)
        changed.append((credit, found_before, "received", None))
    await acts.store_acts(connection, caller, at, changed)


async def _keys(connection: Connection, codes: Sequence[str]) -> dict[str, str]:
    """The codes without what people leave out."""
    return {row["code"]: row["dossier"] for row in await connection.fetch(KEYS, sorted(set(codes)))}


def _id_of(site: str, row: ReportRow) -> str:
    return str(uuid.uuid5(PAYMENTS, f"{site}/{row.number}"))


def _new_credit(site: str, row: ReportRow) -> LedgerCredit:
    return LedgerCredit(
        credit_id=_id_of(site, row),
        site_id=site,
        account=None,
        channel="portal",
        direction="in",
        occurred_at=clock.day_start(row.day),
        received_at=clock.now(),
        provider=None,
        counter_bank=None,
        amount=row.amount,
        partition_origin=site,
        document_number=row.number,
    )
