"""Lists, slips and reminders over HTTP, for whoever is bound to the site."""

from __future__ import annotations

import asyncio
import csv
import io
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from services.notices import words
from services.notices.bills import store as bill_store
from services.notices.bills.api import Desk, link_of
from services.notices.bills.model import BillView
from services.notices.drawing.slips import write_slips
from services.notices.drawing.values import Slip
from services.notices.lists import reminders, store
from services.notices.lists.model import ListRow, counts, in_order, row_of, rows_of
from shared import clock
from shared.runtime.auth import Caller, CallerHere
from shared.runtime.problems import Problem

if TYPE_CHECKING:
    from shared.runtime.postgres import Database

BILLS_MAX = 5_000
"""Of one list: the largest school of the country has fewer pupils."""
RoundName = Annotated[str | None, Query(alias="round")]
Paper = Annotated[Literal["A4", "A5"], Query()]
Skip = Annotated[list[str], Query(max_length=100)]


def router(database: Database, public_url: str | None) -> APIRouter:
    """GET /lists/payments, /slips.pdf, /bills/{reference}/slip.pdf and /bills/{reference}/reminder."""
    routes = APIRouter(tags=["lists"])
    desk = Desk(database, public_url)

    @routes.get("/lists/payments")
    async def payments(caller: CallerHere, site: str, round_: RoundName = None, group: str | None = None) -> dict[str, Any]:
        """Who has paid, partly, not: for the site's people only, and it says so."""
        bills = await _bills(database, caller, site, round_, group)
        rows = _rows(bills)
        return {
            "mark": words.INTERNAL,
            "fresh_until": max((bill.fresh_until for bill in bills if bill.fresh_until), default=None),
            "totals": counts(rows),
            "rows": [{**asdict(row), "state_words": words.LIST_STATES[row.state]} for row in rows],
        }

    @routes.get("/lists/payments.csv")
    async def payments_csv(caller: CallerHere, site: str, round_: RoundName = None, group: str | None = None) -> Response:
        """The same for a spreadsheet."""
        rows = _rows(await _bills(database, caller, site, round_, group))
        name = f"thu-{clock.local_day(clock.now())}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(_csv(rows), media_type="text/csv; charset=utf-8", headers=headers)

    @routes.get("/slips.pdf")
    async def slips_of_round(
        caller: CallerHere, site: str, round_: RoundName = None, group: str | None = None, paper: Paper = "A4",
        voluntary: bool = True,
    ) -> Response:  # fmt: skip
        """The slips of a round, by class and in the order of the class list; bills that are paid need none.

        A bill of which something is left that no slip can ask (its site has no open account, no QR can carry it) does not keep
        the others from being drawn, nor does one whose payer asks not to be printed with others: the header X-Slips-Left-Out says
        how many there are.
        `voluntary`: whether what is given freely stands on them; nobody can untick a line on paper.
        """
        bills = in_order(await _bills(database, caller, site, round_, group))
        async with database.reading() as connection:
            restricted = await bill_store.restricted(connection, [bill.bill_id for bill in bills])
        today = clock.local_day(clock.now())
        asked = {bill.reference: () if voluntary else _voluntary(bill) for bill in bills}
        slips = {
            bill.reference: None if bill.bill_id in restricted else bill.slip(today, asked[bill.reference]) for bill in bills
        }
        left_out = [bill for bill in bills if bill.left(asked[bill.reference]) and slips[bill.reference] is None]
        return await _pdf([slip for slip in slips.values() if slip is not None], paper, len(left_out))

    @routes.get("/bills/{reference}/slip.pdf")
    async def one_slip(reference: str, caller: CallerHere, skip: Skip = [], paper: Paper = "A5") -> Response:  # noqa: B006
        return await _pdf([await desk.slip(reference, caller, skip)], paper)

    @routes.get("/bills/{reference}/reminder")
    async def reminder(request: Request, reference: str, caller: CallerHere) -> dict[str, Any]:
        """Texts to remind one payer of one bill, ready to be copied."""
        now = clock.now()
        today = clock.local_day(now)
        async with database.reading() as connection:
            bill = await desk.bill(connection, reference, caller)
            restricted = await bill_store.restricted(connection, [bill.bill_id])
        if restricted:
            raise Problem(409, "restricted", "this payer asked not to be reminded")
        row = row_of(bill, now, today)
        if not row.left:
            raise Problem(409, "nothing_owed", "nothing is owed of this bill; what is voluntary is never reminded of")
        link = link_of(bill.link_token, desk.base_url(request))
        return {
            "sms": reminders.sms(bill, link, now),
            "zalo": reminders.zalo(bill, link, now),
            "is_fresh": bill.is_fresh(now),
        }

    return routes


async def _bills(database: Database, caller: Caller, site: str, round_: str | None, group: str | None) -> list[BillView]:
    caller.require_site(site)
    async with database.reading() as connection:
        bills = await store.bills_of_round(connection, site, round_, group, BILLS_MAX + 1)
    if len(bills) > BILLS_MAX:
        raise Problem(413, "too_many_bills", f"more than {BILLS_MAX} bills; name a round or a class")
    return bills


def _voluntary(bill: BillView) -> list[str]:
    return [line.key for line in bill.open_lines if line.is_voluntary]


def _rows(bills: list[BillView]) -> list[ListRow]:
    now = clock.now()
    return rows_of(bills, now, clock.local_day(now))


async def _pdf(slips: list[Slip], paper: Literal["A4", "A5"], left_out: int = 0) -> Response:
    if not slips:
        raise Problem(409, "nothing_to_pay", "nothing is left to be paid of these bills")
    out = io.BytesIO()
    # In a thread: a school's slips take seconds.
    await asyncio.to_thread(write_slips, slips, out, paper)
    headers = {"Cache-Control": "no-store", **({"X-Slips-Left-Out": str(left_out)} if left_out else {})}
    return Response(out.getvalue(), media_type="application/pdf", headers=headers)


def _csv(rows: list[ListRow]) -> bytes:
    """With a byte-order mark, by which Excel knows UTF-8; the mark of an internal list comes first."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([words.INTERNAL])
    names = [field.name for field in fields(ListRow)]
    writer.writerow([words.LIST_COLUMNS[name] for name in names])
    for row in rows:
        told = asdict(row) | {"state": words.LIST_STATES[row.state], "is_overdue": words.YES if row.is_overdue else ""}
        writer.writerow([_cell(told[name]) for name in names])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")) else value
