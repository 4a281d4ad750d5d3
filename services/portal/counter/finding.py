"""What the counter's search shows of a payer: what is still asked, and what is not asked again, with how it was paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import asyncpg

from services.portal import words
from services.portal.asking import told
from services.portal.counter import exemptions, store
from services.portal.office import Office
from services.portal.payment import choosing
from services.portal.payment.loading import NoticeSeen, SiteSeen
from services.portal.payment.views import NoticeRow, Reader, notice_row
from services.portal.people import store as people
from services.portal.people.roles import Session
from services.portal.web.refusals import Refusal
from services.portal.web.saying import day_words
from services.portal.web.searches import squeezed
from shared import clock
from shared.money import format_dong
from shared.runtime.postgres import Connection

PAID_SHOWN: Final = 3
"""Of a payer, the newest: what somebody may just have paid."""

# By allocations_of_notice.
PAID_HOW = """
select notice_id, channel, sum(amount)::bigint as amount, max(occurred_at) as at from allocations
where notice_id = any($1::text[]) group by notice_id, channel order by max(occurred_at) desc, notice_id
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A payer at the counter."""

    who: str
    bills: Sequence[tuple[str, int, Sequence[NoticeRow]]] = ()
    """The open ones: reference, what is left in đồng, its notices."""
    settled: Sequence[str] = field(default=())
    """What is not asked again, and why."""


async def found(connection: Connection, site_id: str, text: str, reader: Reader) -> list[Found]:
    """Payers by what was typed; a dossier's code also without its dots and dashes."""
    payers = await choosing.found(connection, site_id, text)
    if not payers and (bare := squeezed(text)):
        payers = await choosing.found(connection, site_id, bare)
    notices = {notice.notice_id: notice for payer in payers for notice in payer.notices}
    paid = await connection.fetch(PAID_HOW, list(notices))
    return [_payer(payer, paid, reader) for payer in payers]


async def exempt(office: Office, session: Session, site_id: str, text: str, reader: Reader) -> list[Found]:
    """Who was noted to pay nothing, by what was typed."""
    async with office.bounded.reading(session.reach) as connection:
        noted = await exemptions.found(connection, [site_id], text)
        if not noted and (bare := squeezed(text)):
            noted = await exemptions.found(connection, [site_id], bare)
    async with office.database.reading() as connection:
        names = await people.names_of(connection, exemptions.people_of(noted))
    return [
        Found(f"{reader.say(each.payer_name)}, {reader.say(each.payer_code)}", settled=[each.said(names)]) for each in noted
    ]


async def paid_on_portal(office: Office, session: Session, site: SiteSeen, code: str) -> list[dict[str, Any]]:
    """What the public-service portal reported of a dossier that had no notice then; a counter works on where nobody answers."""
    if site.type != "office" or not squeezed(code):
        return []
    try:
        params = {"site": site.site_id, "dossier": code[:100]}
        payments: list[dict[str, Any]] = await told(office, session, "matching", "/portal-payments", params=params)
    except Refusal:
        return []
    return [each for each in payments if each["balance"]]


def of_portal(payments: Sequence[dict[str, Any]]) -> list[Found]:
    """Dossiers that were paid on the portal and have no notice."""
    told_of = []
    for each in payments:
        how = _how("portal", each["balance"], _day(datetime.fromisoformat(each["occurred_at"])))
        said = words.counter.PAID_NO_FEE.format(how=how, number=each["document_number"])
        told_of.append(Found(each["payer_code"], settled=[said]))
    return told_of


def _payer(payer: choosing.Payer, paid: Sequence[asyncpg.Record], reader: Reader) -> Found:
    own = {notice.notice_id: notice for notice in payer.notices}
    bills: dict[str, list[NoticeSeen]] = {}
    for notice in payer.notices:
        if notice.open:
            bills.setdefault(notice.reference, []).append(notice)
    return Found(
        notice_row(payer.first, reader).who,
        [
            (reference, store.owed(each), [notice_row(notice, reader) for notice in each])
            for reference, each in bills.items()
        ],
        [
            words.counter.PAID_FEE.format(
                how=_how(row["channel"], row["amount"], _day(row["at"])),
                fee=notice_row(own[row["notice_id"]], reader).fee,
            )
            for row in paid
            if row["notice_id"] in own
        ][:PAID_SHOWN],
    )


def _day(moment: datetime) -> str:
    return day_words(clock.local_day(moment))


def _how(channel: Any, amount: int, day: str) -> str:
    return words.counter.PAID_HOW[channel].format(amount=format_dong(amount), day=day)
