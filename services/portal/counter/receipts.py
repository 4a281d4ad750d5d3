"""Xác nhận đã nhận tiền: a page to print, and its public check, which says site, amount and day to whoever holds the code."""

from __future__ import annotations

import hashlib
import hmac
import time
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
from shared.events import Credit
from shared.money import format_dong
from shared.paper import A5_LANDSCAPE
from shared.reference.code import ALPHABET
from shared.runtime.secrets import token_key

router = APIRouter(route_class=PageRoute, include_in_schema=False)
"""GET /receipts/{credit}; GET /verify, which needs no sign-in."""

SYMBOLS: Final = 8
CHECKS_PER_MINUTE: Final = 60
"""Of everybody together: one guess in 29⁸ is right, so guessing is hopeless long before this."""

ADD = """
insert into receipts (code, credit_id, site_id, amount, received_on, made_by, made_at) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (code) do nothing
"""
# A receipt of a credit that changed since says so.
FIND = """
select r.amount, r.received_on, s.name as site_name, s.sample, c.amount - c.suspense as allocated,
  c.entity ->> 'reversed_by' as reversed_by
from receipts r left join sites s using (site_id) left join credits c using (credit_id) where r.code = $1
"""


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


def check_code(secret_key: str, credit: Credit) -> str:
    """Eight symbols that only this installation can make for this payment: a confirmation with other facts is forged.

    Written in the alphabet of references, without look-alikes, as "7KQ4-92XD"; one guess in 29⁸ (5 × 10¹¹) is right.
    """
    key = hmac.digest(token_key(secret_key), b"receipt", hashlib.sha256)
    facts = "\n".join([credit.credit_id, str(allocated_of(credit)), clock.local_day(credit.occurred_at).isoformat()])
    number = int.from_bytes(hmac.digest(key, facts.encode(), hashlib.sha256))
    symbols = "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(SYMBOLS))
    return f"{symbols[:4]}-{symbols[4:]}"


def allocated_of(credit: Credit) -> int:
    """What of a credit pays notices: what is confirmed, in đồng."""
    return sum(allocation.amount for allocation in credit.allocations)


@router.get("/receipts/{credit_id}")
async def receipt(request: Request, office: OfficeHere, session: MayPayment, credit_id: str) -> Response:
    """The confirmation of one payment; made when it is first looked at, and the same until the payment changes."""
    confirmed = await confirmation(request, office, session, credit_id)
    return page(request, "counter/receipt.html", session, title=words.counter.RECEIPT_TITLE, **confirmed)


async def confirmation(request: Request, office: Office, session: Session, credit_id: str) -> dict[str, Any]:
    """What a confirmation says; raises Refusal where nothing can be confirmed."""
    now = clock.now()
    async with office.bounded.reading(session.reach) as connection:
        credits = await credits_by_id(connection, [credit_id]) if "\0" not in credit_id else []
        loaded = await load(connection, credits)
    if not credits:
        raise Refusal(404, "unknown_credit", words.queue.UNKNOWN_CREDIT)
    credit, amount = credits[0], allocated_of(credits[0])
    if not amount or credit.direction != "in":
        raise Refusal(409, "nothing_confirmed", words.counter.RECEIPT_NOTHING, f"/payments/{credit_id}")
    code = check_code(office.settings.secret_key.get_secret_value(), credit)
    day = clock.local_day(credit.occurred_at)
    async with office.database.transaction() as connection:
        made = await connection.execute(
            ADD, code, credit_id, credit.site_id or "", amount, day, session.person.person_id, now
        )
        # A payment that changed has another code; the old one says so to whoever checks it.
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
    paper.pair(words.counter.RECEIPT_HOW, words.queue.CHANNELS[told["credit"].channel])
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
