"""Waits with what the ledger says of their bills; today's totals; cash without a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import asyncpg
import uuid_utils.compat as uuid

from services.portal.counter.waiting import Step, Wait
from services.portal.payment.loading import NOTICE_COLUMNS, NoticeSeen, notice_from
from services.portal.queue.places import After
from shared.events import Credit
from shared.runtime.postgres import Connection

SHOWN_MAX: Final = 30
MISSING_SHOWN: Final = 10
"""Of the cash that waits for its document; all of it has a page of its own."""

# By waits_open or waits_shown; what is paid by notices_of_bill and allocations_of_notice.
_WAIT = """
select w.*, coalesce(p.paid, 0)::bigint as paid_now, p.last_credit_id, p.last_received_at,
  coalesce((
    select jsonb_agg(jsonb_build_object('at', s.at, 'step', s.step, 'note', s.note) order by s.at)
    from wait_steps s where s.wait_id = w.wait_id), '[]'::jsonb) as steps
from waits w
left join lateral (
  select sum(a.amount) as paid, (array_agg(a.credit_id order by a.decided_at desc))[1] as last_credit_id,
    max(a.decided_at) as last_received_at
  from notices n join allocations a using (notice_id)
  where n.bill_id = w.bill_id
) p on true
"""
OPEN = f"{_WAIT} where w.site_id = $1 and w.counter = $2 and w.ended_at is null order by w.opened_at desc limit {SHOWN_MAX}"
ONE = f"{_WAIT} where w.wait_id = $1"
ON_DISPLAY = f"{_WAIT} where w.site_id = $1 and w.counter = $2 and w.shown_at is not null order by w.shown_at desc limit 1"
ADD = """
insert into waits (wait_id, site_id, counter, person_id, reference, bill_id, who, asked, paid_before, opened_at, shown_at,
  ended_at, outcome)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
# One bill waits once at a counter: showing it again goes on with the same wait.
OPEN_OF_BILL = "select wait_id from waits where site_id = $1 and counter = $2 and bill_id = $3 and ended_at is null"
SHOW = "update waits set shown_at = $2 where wait_id = $1"
CLAIM = "update waits set claimed_at = coalesce(claimed_at, $2) where wait_id = $1"
END = "update waits set ended_at = $2, outcome = $3 where wait_id = $1 and ended_at is null"
STEP = "insert into wait_steps (wait_id, at, person_id, step, note) values ($1, $2, $3, $4, $5)"

# By notices_of_reference; by notices_of_payer.
BILL = f"select {NOTICE_COLUMNS} from notices n where n.reference = $1 and n.site_id = $2 order by n.due_on, n.notice_id"

# By credits_without_document: the newest, which a counter has just taken; how many there are; and from the oldest on.
_WITHOUT = "from credits where site_id = $1 and channel = 'cash' and document_number is null and direction = 'in'"
WITHOUT_DOCUMENT = f"select entity {_WITHOUT} order by occurred_at desc, credit_id limit {MISSING_SHOWN}"
WITHOUT_DOCUMENT_COUNT = f"select count(*) {_WITHOUT}"
WITHOUT_DOCUMENT_AFTER = f"""
select entity {_WITHOUT} and (occurred_at, credit_id collate "C") > ($2, $3)
order by occurred_at, credit_id collate "C" limit $4
"""
# By credits_of_day.
TODAY = """
select coalesce(sum(amount) filter (where channel = 'cash'), 0)::bigint as cash,
  count(*) filter (where channel = 'cash') as cash_count,
  coalesce(sum(amount - suspense) filter (where channel = 'bank'), 0)::bigint as bank,
  count(*) filter (where channel = 'bank' and suspense < amount) as bank_count,
  coalesce(sum(amount) filter (where channel = 'portal'), 0)::bigint as portal,
  count(*) filter (where channel = 'portal') as portal_count
from credits where site_id = $1 and day = $2 and direction = 'in'
"""


# By notices_by_day: of the newest, never of all.
KINDS_USED = """
select fee_kind from (select fee_kind from notices where site_id = $1 order by issued_on desc limit 300) newest
group by fee_kind order by count(*) desc, fee_kind
"""


# By the primary key.
SENT_FORM = "select at, planned, outcome from sent_forms where once = $1"
SEND_FORM = """
insert into sent_forms as f (once, at, planned) values ($1, $2, $3)
on conflict (once) do update set once = f.once returning at, planned, outcome
"""
FORM_DONE = "update sent_forms set outcome = $2 where once = $1 and outcome is null"
# By sent_forms_by_time: nobody sends a form again after so long.
DROP_OLD_FORMS = "delete from sent_forms where at < $1"
FORMS_KEPT: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class NewWait:
    """Somebody who is about to wait."""

    site_id: str
    counter: str
    person_id: str
    reference: str
    bill_id: str
    who: str
    asked: int
    paid_before: int


@dataclass(frozen=True, slots=True)
class SentForm:
    """A form that takes cash, as it was sent first."""

    at: datetime
    planned: Sequence[tuple[str, int]]
    """What is taken of which notice, in đồng."""
    outcome: str | None
    """What came of it; None: not known yet."""

    @property
    def amount(self) -> int:
        """What it takes in all, in đồng."""
        return sum(amount for _, amount in self.planned)


async def sent_form(connection: Connection, once: str) -> SentForm | None:
    """A form that was sent before."""
    row = await connection.fetchrow(SENT_FORM, once)
    return None if row is None else _sent(row)


async def send_form(connection: Connection, once: str, now: datetime, planned: Sequence[tuple[str, int]]) -> SentForm:
    """Keep what a form will do before it is done; where its twin was faster, what that one keeps."""
    await connection.execute(DROP_OLD_FORMS, now - FORMS_KEPT)
    return _sent((await connection.fetch(SEND_FORM, once, now, [list(each) for each in planned]))[0])


async def form_done(connection: Connection, once: str, outcome: str) -> bool:
    """Keep what came of a form; returns whether this was the first to say so."""
    done: str = await connection.execute(FORM_DONE, once, outcome)
    return done.endswith("1")


async def kinds_used(connection: Connection, site_id: str) -> list[str]:
    """What a site asked for lately, the most often first."""
    return [row["fee_kind"] for row in await connection.fetch(KINDS_USED, site_id)]


async def open_waits(connection: Connection, site_id: str, counter: str) -> list[Wait]:
    """Who waits at a counter, the newest first."""
    return [_wait(row) for row in await connection.fetch(OPEN, site_id, counter)]


async def one(connection: Connection, wait_id: str) -> Wait | None:
    """A wait of the reader's sites."""
    row = await connection.fetchrow(ONE, wait_id)
    return None if row is None else _wait(row)


async def on_display(connection: Connection, site_id: str, counter: str) -> Wait | None:
    """What was last put on a counter's display."""
    row = await connection.fetchrow(ON_DISPLAY, site_id, counter)
    return None if row is None else _wait(row)


async def begin(connection: Connection, new: NewWait, now: datetime) -> str:
    """Let somebody wait and show them their QR; who waits for that bill already goes on waiting. Returns the wait's id."""
    known: str | None = await connection.fetchval(OPEN_OF_BILL, new.site_id, new.counter, new.bill_id)
    if known is not None:
        await connection.execute(SHOW, known, now)
        return known
    wait_id = str(uuid.uuid7())
    await connection.execute(
        ADD, wait_id, new.site_id, new.counter, new.person_id, new.reference, new.bill_id, new.who, new.asked,
        new.paid_before, now, now, None, None,
    )  # fmt: skip
    return wait_id


async def show(connection: Connection, wait_id: str, now: datetime) -> None:
    """Put a wait on the display again."""
    await connection.execute(SHOW, wait_id, now)


async def claim(connection: Connection, wait_id: str, now: datetime) -> None:
    """The payer says to have transferred."""
    await connection.execute(CLAIM, wait_id, now)


async def step(connection: Connection, wait_id: str, person_id: str, now: datetime, name: str, note: str) -> None:
    """Write down what was done."""
    await connection.execute(STEP, wait_id, now, person_id, name, note)


async def end(connection: Connection, wait_id: str, now: datetime, outcome: str) -> None:
    """Nobody waits for it any more."""
    await connection.execute(END, wait_id, now, outcome)


async def bill(connection: Connection, site_id: str, reference: str) -> list[NoticeSeen]:
    """The notices of a bill."""
    return [notice_from(row) for row in await connection.fetch(BILL, reference, site_id)]


async def without_document(connection: Connection, site_id: str) -> tuple[list[Credit], int]:
    """Cash that was taken and has no document's number yet: the newest, and how many there are."""
    rows = await connection.fetch(WITHOUT_DOCUMENT, site_id)
    count: int = await connection.fetchval(WITHOUT_DOCUMENT_COUNT, site_id)
    return [Credit.model_validate(row["entity"], strict=False) for row in rows], count


async def without_document_after(connection: Connection, site_id: str, after: After, limit: int) -> list[Credit]:
    """The same from a place on, the oldest first."""
    rows = await connection.fetch(WITHOUT_DOCUMENT_AFTER, site_id, after.moment, after.credit_id, limit)
    return [Credit.model_validate(row["entity"], strict=False) for row in rows]


async def today(connection: Connection, site_id: str, day: date) -> asyncpg.Record:
    """What came in today, in cash, by bank and on the public-service portal."""
    row: asyncpg.Record = (await connection.fetch(TODAY, site_id, day))[0]
    return row


def owed(notices: Sequence[NoticeSeen]) -> int:
    """What is still to be paid of a bill: what is due, and what was asked as a deposit; gifts are never asked at a counter."""
    return sum(notice.open for notice in notices if notice.obligation != "voluntary")


def paid(notices: Sequence[NoticeSeen]) -> int:
    """What is paid of a bill."""
    return sum(notice.paid for notice in notices)


def _sent(row: asyncpg.Record) -> SentForm:
    return SentForm(row["at"], [(notice_id, amount) for notice_id, amount in row["planned"]], row["outcome"])


def _wait(row: asyncpg.Record) -> Wait:
    told = {name: row[name] for name in Wait.__slots__ if name != "steps"}
    steps = tuple(Step(datetime.fromisoformat(each["at"]), each["step"], each["note"]) for each in row["steps"])
    return Wait(**told, steps=steps)
