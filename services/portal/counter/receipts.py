"""Xác nhận đã nhận tiền: a page to print, and its public check, which says site, amount and day to whoever holds the code."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from services.portal import words
from services.portal.office import Office, OfficeHere
from services.portal.payment.loading import credits_by_id, load
from services.portal.payment.views import payer_rows, reader_of
from services.portal.people import audit
from services.portal.people.access import MayPayment
from services.portal.people.roles import Session
from services.portal.web.files import pdf
from services.portal.web.page_route import PageRoute
from services.portal.web.paper import Paper
from services.portal.web.refusals import Refusal
from services.portal.web.rendering import page
from services.portal.web.saying import day_words
from shared import clock
from shared.money import format_dong
from shared.paper import A5_LANDSCAPE
from shared.reference.code import ALPHABET
from shared.runtime.secrets import token_key

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET /receipts/{credit}; GET /verify, which needs no sign-in."""

SYMBOLS: Final = 8
CHECKS_PER_MINUTE: Final = 60
"""Of everybody together: one guess in 29⁸ is right, so guessing is hopeless long before this."""

# The same payments have the same code: where they were moved to other notices, these are what it covers from then on.
ADD = """
insert into receipts (code, credit_id, site_id, amount, received_on, made_by, made_at, notice_ids, credit_ids)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (code) do update set notice_ids = excluded.notice_ids
where receipts.notice_ids is distinct from excluded.notice_ids
"""
# A receipt of payments that changed since says so. By the primary keys and allocations_of_notice.
FIND = """
select r.amount, r.received_on, s.name as site_name, s.sample, case when r.notice_ids is null then c.amount - c.suspense else (
    select sum(a.amount) from allocations a where a.notice_id = any(r.notice_ids) and a.credit_id = any(r.credit_ids)
  ) end as allocated, c.entity ->> 'reversed_by' as reversed_by
from receipts r left join sites s using (site_id) left join credits c using (credit_id) where r.code = $1
"""
# All that pays some notices, the oldest first. By allocations_of_notice and the primary key.
PAYMENTS = """
select c.credit_id, c.occurred_at, c.channel, c.document_number, sum(a.amount)::bigint as amount
from allocations a join credits c using (credit_id) where a.notice_id = any($1::text[])
group by c.credit_id order by c.occurred_at, c.credit_id
"""


@dataclass(frozen=True, slots=True)
class Payment:
    """What one credit pays of what is confirmed."""

    credit_id: str
    day: date
    channel: str
    document_number: str | None
    amount: int


class Checks:
    """How many codes were tried in this minute, by this process."""

    def __init__(self) -> None:
        self._minute, self._count = 0, 0

    def may_check(self) -> bool:
        """Whether one more code may be tried now."""
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._count = minute, 0
        self._count += 1
        return self._count <= CHECKS_PER_MINUTE


_CHECKS: Final = Checks()


def check_code(secret_key: str, payments: Sequence[Payment]) -> str:
    """Eight symbols that only this installation can make for these payments: a confirmation with other facts is forged.

    Written in the alphabet of references, without look-alikes, as "7KQ4-92XD"; one guess in 29⁸ (5 × 10¹¹) is right.
    """
    key = hmac.digest(token_key(secret_key), b"receipt", hashlib.sha256)
    facts = "\n".join(f"{each.credit_id}\n{each.amount}\n{each.day.isoformat()}" for each in payments)
    number = int.from_bytes(hmac.digest(key, facts.encode(), hashlib.sha256))
    symbols = "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(SYMBOLS))
    return f"{symbols[:4]}-{symbols[4:]}"


def payment_words(payment: Payment, *, alone: bool) -> str:
    """How something was paid; where it is not all of it, how much on which day."""
    part = "" if alone else f"{format_dong(payment.amount)}, {day_words(payment.day)}, "
    document = f" · {words.queue.DOCUMENT} {payment.document_number}" if payment.document_number else ""
    return f"{part}{words.queue.CHANNELS[payment.channel]}{document}"


@router.get("/receipts/{credit_id}")
async def receipt(request: Request, office: OfficeHere, session: MayPayment, credit_id: str) -> Response:
    """The confirmation of a payment, and of what else was paid for the same notices.

    It is made when it is first looked at, and the same until a payment changes or another one comes.
    """
    confirmed = await confirmation(request, office, session, credit_id)
    return page(request, "counter/receipt.html", session, title=words.counter.RECEIPT_TITLE, **confirmed)


async def confirmation(request: Request, office: Office, session: Session, credit_id: str) -> dict[str, Any]:
    """What a confirmation says; raises Refusal where nothing can be confirmed."""
    now = clock.now()
    async with office.bounded.reading(session.reach) as connection:
        credits = await credits_by_id(connection, [credit_id]) if "\0" not in credit_id else []
        loaded = await load(connection, credits)
        notice_ids = sorted({each.notice_id for credit in credits for each in credit.allocations})
        rows = await connection.fetch(PAYMENTS, notice_ids)
    if not credits:
        raise Refusal(404, "unknown_credit", words.queue.UNKNOWN_CREDIT)
    credit = credits[0]
    payments = [
        Payment(row["credit_id"], clock.local_day(row["occurred_at"]), row["channel"], row["document_number"], row["amount"])
        for row in rows
    ]
    amount = sum(each.amount for each in payments)
    if not amount or credit.direction != "in":
        raise Refusal(409, "nothing_confirmed", words.counter.RECEIPT_NOTHING, f"/payments/{credit_id}")
    code = check_code(office.settings.secret_key.get_secret_value(), payments)
    day = max(each.day for each in payments)
    covers = (notice_ids, [each.credit_id for each in payments]) if len(payments) > 1 else (None, None)
    async with office.database.transaction() as connection:
        made = await connection.execute(
            ADD, code, credit_id, credit.site_id or "", amount, day, session.person.person_id, now, *covers
        )
        # Payments that changed have another code; the old one says so to whoever checks it.
        if made.endswith("1"):
            await audit.note(connection, session, "receipt_made", now, site_id=credit.site_id, subject=credit_id)
    notices = [loaded.notices[each.notice_id] for each in credit.allocations if each.notice_id in loaded.notices]
    site = loaded.sites.get(credit.site_id or "")
    return {
        "code": code,
        "credit": credit,
        "amount": amount,
        "day": day,
        "site_name": site.name if site else credit.site_id,
        "sample": site.sample if site else False,
        "how": [payment_words(each, alone=len(payments) == 1) for each in payments],
        "payers": payer_rows(notices, reader_of(session.reach)),
        "check_at": f"{(office.settings.public_url or str(request.base_url)).rstrip('/')}/verify",
    }


@router.get("/receipts/{credit_id}/receipt.pdf")
async def receipt_pdf(request: Request, office: OfficeHere, session: MayPayment, credit_id: str) -> Response:
    """The same on a sheet of A5."""
    told = await confirmation(request, office, session, credit_id)
    paper = Paper(words.counter.RECEIPT_TITLE, A5_LANDSCAPE, sample=words.SAMPLE if told["sample"] else "")
    paper.text(words.counter.RECEIPT_TITLE.upper(), 17, bold=True)
    paper.text(told["site_name"], 12, gap=6)
    paper.pair(words.counter.RECEIPT_AMOUNT, format_dong(told["amount"]), 18, bold=True)
    paper.pair(words.counter.RECEIPT_ON, day_words(told["day"]))
    for how in told["how"]:
        paper.pair(words.counter.RECEIPT_HOW, how)
    for payer in told["payers"]:
        paper.pair(words.counter.RECEIPT_FROM, payer.who)
        for notice in payer.notices:
            paper.pair(words.counter.RECEIPT_FOR, notice.fee)
    paper.rule()
    paper.pair(words.counter.RECEIPT_CODE, told["code"], 15, bold=True)
    paper.text(words.counter.RECEIPT_CHECK.format(address=told["check_at"]), 10)
    paper.text(words.counter.RECEIPT_DISCLAIMER, 10, bold=True)
    return pdf(paper.finished(), "xac-nhan-da-nhan-tien.pdf")


@router.get("/verify")
async def verify(request: Request, office: OfficeHere, code: Annotated[str, Query(max_length=40)] = "") -> Response:
    """Whether a code belongs to a confirmation: site, amount and day, nothing of a person."""
    typed = "".join(letter for letter in code.upper() if letter.isalnum())
    found, problem = None, ""
    if typed:
        if not _CHECKS.may_check():
            problem = words.counter.VERIFY_BUSY
        else:
            async with office.database.reading() as connection:
                found = await connection.fetchrow(FIND, f"{typed[:4]}-{typed[4:]}")
            problem = "" if found else words.counter.VERIFY_UNKNOWN
    gone = found is not None and (found["reversed_by"] is not None or found["allocated"] != found["amount"])
    return page(
        request, "counter/verify.html", None, status=429 if problem == words.counter.VERIFY_BUSY else 200,
        title=words.counter.VERIFY_TITLE, code=code, found=found, gone=gone, problem=problem,
    )  # fmt: skip
