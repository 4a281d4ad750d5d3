"""What erasing a payer takes away and leaves, and what the portal itself forgets of them.

notices erases the payer (names, code, phone) and refuses while something is owed; matching says whether money still stands for
them; ingest erases the bank's messages that the law no longer has kept. What the books need (sums, days, classes, younger messages)
stays, and the request says until when.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import asyncpg

from services.portal import words
from services.portal.asking import BY_STATUS, ask
from services.portal.counter import exemptions
from services.portal.keeping.notices import keep_notices
from services.portal.office import Office
from services.portal.owners import OwnerAwayError, OwnerProblem, part
from services.portal.payment.acts import key_of
from services.portal.people.roles import Session
from services.portal.web.refusals import Refusal
from shared import clock
from shared.events import Notice
from shared.money import format_dong
from shared.runtime.postgres import Connection

# By notices_of_payer; by data_requests_of_site, of which few are open.
NOTICES = "select notice_id from notices where site_id = $1 and payer_code = $2"
OTHERS_OPEN = """
select exists (select from data_requests
  where site_id = $1 and payer_code = $2 and request_id <> $3 and state not in ('done', 'refused'))
"""
# By allocations_of_notice and the primary key: what came for these notices, and what of it has no end yet.
MONEY = """
select coalesce(sum(suspense - coalesce((entity -> 'suspense_parts' ->> 'returned')::bigint, 0)
    - coalesce((entity -> 'suspense_parts' ->> 'not_a_fee')::bigint, 0)), 0)::bigint as waiting,
  count(*) filter (where channel = 'bank' and day > $2) as messages, max(day) filter (where day > $2) as last_day
from credits where credit_id in (select credit_id from allocations where notice_id = any($1::text[]))
"""
# Bank transactions of these notices alone that the law no longer has kept.
NO_LONGER_KEPT = """
select credit_id from credits c
where channel = 'bank' and day <= $2 and credit_id in (select credit_id from allocations where notice_id = any($1::text[]))
  and not exists (select from allocations a where a.credit_id = c.credit_id and not a.notice_id = any($1::text[]))
order by credit_id
"""
# What people wrote beside the payer's money and at the counter. By allocations_of_notice and notes_of_credit; by waits_of_bill.
FORGET_NOTES = """
delete from notes where credit_id in (select credit_id from allocations where notice_id = any($1::text[]))
"""
# By fee_changes_of_notice.
FORGET_DECISIONS = "update fee_changes set decision = null where notice_id = any($1::text[]) and decision is not null"
FORGET_WAITS = "update waits set who = '' where bill_id = any($1::text[])"
FORGET_STEPS = """
update wait_steps set note = '' where wait_id in (select wait_id from waits where bill_id = any($1::text[])) and note <> ''
"""
# This request and those of the same payer that ended before: that they were answered, when and how stays. By data_requests_of_site.
FORGET_REQUESTS = """
update data_requests set payer_code = null, asked_by = null, said = null, erased_at = $3, version = version + 1
where site_id = $1 and payer_code = $2 and state in ('done', 'refused')
"""

MESSAGES_AT_ONCE: Final = 500
"""Of one command to ingest."""


@dataclass(frozen=True, slots=True)
class Money:
    """What came for a payer's notices."""

    waiting: int
    """What of it is a balance, is to be returned or is not decided yet, in đồng."""
    messages: int
    """Transactions of a bank whose messages the law has kept."""
    last_day: date | None
    """Of what the law has kept."""

    def kept_until(self, years: int) -> date | None:
        """Until when the books of it must be kept; None where nothing is."""
        return None if self.last_day is None else clock.year_end_after(self.last_day, years)


@dataclass(frozen=True, slots=True)
class Summary:
    """What an erasure would do."""

    why_not: str | None
    """In words; None: it can be done."""
    notices: int
    bills: int
    money: Money
    kept_until: date | None


async def summary(office: Office, session: Session, asked: asyncpg.Record) -> Summary:
    """What erasing this request's payer would do, or why it cannot be yet; raises Refusal where an owner is away."""
    why_not, money = await _own_reasons(office, session, asked)
    try:
        answer = await office.owners.ask(session, "notices", "GET", f"{path_of(asked)}/erasure")
        told = answer.json()
    except OwnerProblem as problem:
        if problem.status != 404:
            sentence = BY_STATUS.get(problem.status, words.asking.NOT_POSSIBLE)
            raise Refusal(409, f"notices_{problem.kind}", sentence, _back(asked)) from None
        # Erased already, by an answer that was lost: doing it again ends the request.
        told = {"refused": None, "left": 0, "notices": 0, "bills": 0}
    except OwnerAwayError:
        raise Refusal(502, "notices_away", words.asking.AWAY, _back(asked)) from None
    if told["refused"]:
        why_not = words.requests.WHY_NOT.get(told["refused"], words.asking.NOT_POSSIBLE)
        if told["left"]:
            why_not = words.requests.STILL_OWES.format(amount=format_dong(told["left"]))
    until = money.kept_until(office.settings.retention_years)
    return Summary(why_not, told["notices"], told["bills"], money, until)


async def erase(office: Office, session: Session, asked: asyncpg.Record) -> tuple[list[Notice], int]:
    """Have the owner erase the payer, once for this request; the notices as they are now, and how many bills. Raises Refusal."""
    why_not, _ = await _own_reasons(office, session, asked)
    if why_not:
        raise Refusal(409, "erasure_not_possible", why_not, _back(asked))
    key = key_of(asked["request_id"], 1, "erase")
    reason = words.requests.REASON.format(number=asked["request_id"][:8])
    answer = await ask(
        office, session, "notices", "POST", f"{path_of(asked)}/erase", body={"reason": reason}, key=key, back=_back(asked),
        sentences=words.requests.WHY_NOT,
    )  # fmt: skip
    told = answer.json()
    await _erase_messages(office, session, asked, [notice["notice_id"] for notice in told["notices"]])
    return [Notice.model_validate(each, strict=False) for each in told["notices"]], told["bills"]


def outcome(notices: int, bills: int, money: Money, years: int) -> str:
    """What was done and what is kept, as the request says it from then on; nobody is named."""
    told = words.requests.DONE_ERASED.format(notices=notices, bills=bills)
    if until := money.kept_until(years):
        told += " " + words.requests.DONE_KEPT.format(until=f"{until:%d/%m/%Y}", messages=money.messages)
    return told


def last_free_day(today: date, years: int) -> date:
    """The last day of whose books the law has nothing kept any more."""
    return date(today.year - years - 1, 12, 31)


async def forget(connection: Connection, asked: asyncpg.Record, notices: Collection[Notice], now: datetime) -> None:
    """Forget the payer here too; the request must have ended."""
    notice_ids = [notice.notice_id for notice in notices]
    bill_ids = sorted({notice.bill_id for notice in notices})
    await keep_notices(connection, list(notices))
    await connection.execute(FORGET_NOTES, notice_ids)
    await connection.execute(FORGET_DECISIONS, notice_ids)
    await connection.execute(FORGET_STEPS, bill_ids)
    await connection.execute(FORGET_WAITS, bill_ids)
    await exemptions.forget(connection, asked["site_id"], asked["payer_code"])
    await connection.execute(FORGET_REQUESTS, asked["site_id"], asked["payer_code"], now)


async def money_of(connection: Connection, notice_ids: Collection[str], years: int) -> Money:
    """What came for these notices, and what of it is kept for so many years."""
    row = (await connection.fetch(MONEY, list(notice_ids), last_free_day(clock.local_day(clock.now()), years)))[0]
    return Money(row["waiting"], row["messages"], row["last_day"])


async def _own_reasons(office: Office, session: Session, asked: asyncpg.Record) -> tuple[str | None, Money]:
    """What keeps the payer from being erased, apart from what notices knows; in words."""
    site_id, code = asked["site_id"], asked["payer_code"]
    async with office.bounded.reading(session.reach) as connection:
        ids = [row["notice_id"] for row in await connection.fetch(NOTICES, site_id, code)]
        money = await money_of(connection, ids, office.settings.retention_years)
        is_asked_more = await connection.fetchval(OTHERS_OPEN, site_id, code, asked["request_id"])
    answer = await ask(
        office, session, "matching", "GET", "/balances", params={"site": site_id, "payer": code}, back=_back(asked)
    )
    waiting = max(money.waiting, sum(answer.json().values()))
    if waiting:
        return words.requests.MONEY_WAITS.format(amount=format_dong(waiting)), money
    return (words.requests.OTHERS_OPEN if is_asked_more else None), money


async def _erase_messages(office: Office, session: Session, asked: asyncpg.Record, notice_ids: list[str]) -> None:
    """Have ingest erase what bank messages say of these notices' payer, where the law no longer has them kept."""
    free = last_free_day(clock.local_day(clock.now()), office.settings.retention_years)
    async with office.bounded.reading(session.reach) as connection:
        ids = [row["credit_id"] for row in await connection.fetch(NO_LONGER_KEPT, notice_ids, free)]
    reason = words.requests.REASON.format(number=asked["request_id"][:8])
    for start in range(0, len(ids), MESSAGES_AT_ONCE):
        some = ids[start : start + MESSAGES_AT_ONCE]
        await ask(
            office, session, "ingest", "POST", "/transactions/erase", body={"transaction_ids": some, "reason": reason},
            key=key_of(asked["request_id"], 1, some), back=_back(asked),
        )  # fmt: skip


def path_of(asked: asyncpg.Record) -> str:
    """Where the owner of payers has the one of this request."""
    return f"/payers/{part(asked['site_id'])}/{part(asked['payer_code'])}"


def _back(asked: asyncpg.Record) -> str:
    return f"/requests/{asked['request_id']}"
