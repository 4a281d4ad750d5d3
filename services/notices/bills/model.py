"""What a bill asks on a day: its lines, what is left of each, the account that takes it. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from services.notices.drawing.values import Line, Payee, Slip
from services.notices.health import discreet, is_discreet
from services.notices.terms import Terms
from shared.events import Notice, Site
from shared.events.directory import SiteAccount
from shared.events.payments import Channel
from shared.privacy import VISIBLE_TAIL
from shared.vietnamese import search_key
from shared.vietqr import SAMPLE_BIN

FRESH_FOR: Final = timedelta(days=1)
"""Bank data that are older say nothing about who has paid."""
CLOSES_AFTER: Final = timedelta(days=90)
"""How long a bill's public page stays after the last day on which something was due, was paid or went back."""

_MONTH: Final = re.compile(r"(\d{4})-(\d{2})", re.ASCII)

BillState = Literal["waiting", "part", "paid", "cancelled"]


@dataclass(frozen=True, slots=True)
class Payment:
    """A part of a credit that pays a notice."""

    credit_id: str
    notice_id: str
    amount: int
    occurred_at: datetime | None
    channel: Channel | None


@dataclass(frozen=True, slots=True)
class Returned:
    """What of a credit went back to who had paid it."""

    credit_id: str
    amount: int
    """All that went back of it, in đồng."""
    paid_at: datetime
    returned_at: datetime


@dataclass(frozen=True, slots=True)
class BillLine:
    """A notice on a bill."""

    notice: Notice
    paid: int
    terms: Terms | None

    @property
    def key(self) -> str:
        """What an address names the line by: ids of notices may hold codes of payers."""
        return hashlib.blake2s(self.notice.notice_id.encode(), digest_size=3).hexdigest()

    @property
    def left(self) -> int:
        """What is still to be paid, in đồng."""
        return max(0, self.notice.amount - self.paid) if self.notice.status == "open" else 0

    @property
    def is_voluntary(self) -> bool:
        """Whether it is given freely: never owed, never overdue, never reminded of."""
        return self.notice.obligation == "voluntary"

    @property
    def whole_period(self) -> str | None:
        """Its period in words."""
        month = _MONTH.fullmatch(self.notice.period or "")
        return f"tháng {int(month[2])}/{month[1]}" if month else self.notice.period

    @property
    def period(self) -> str | None:
        """Its period in words, unless its purpose or its round says it already."""
        period = self.whole_period
        if period is None:
            return None
        said = f"{self.notice.purpose or ''} {self.notice.round or ''}"
        return None if search_key(period) in search_key(said) else period


@dataclass(frozen=True, slots=True)
class BillView:
    """A bill with everything that is known of it."""

    bill_id: str
    reference: str
    account_number: str | None
    link_token: str | None
    site: Site
    lines: tuple[BillLine, ...]
    payments: tuple[Payment, ...]
    fresh_until: datetime | None
    """Up to when the site's bank data are known."""
    returned: tuple[Returned, ...] = ()
    """What went back of credits that were meant for this bill alone, in the order in which it was paid."""

    @property
    def open_lines(self) -> tuple[BillLine, ...]:
        """The lines that stand, paid or not."""
        return tuple(line for line in self.lines if line.notice.status == "open")

    @property
    def asked(self) -> int:
        """All that the open lines ask, in đồng."""
        return sum(line.notice.amount for line in self.open_lines)

    @property
    def paid(self) -> int:
        """What was paid of the open lines, in đồng."""
        return sum(line.paid for line in self.open_lines)

    @property
    def first(self) -> Notice:
        """A notice that tells who the payer is."""
        return self.lines[0].notice

    @property
    def round(self) -> str | None:
        """Its round, as it may be told to whoever holds the bill."""
        return self._round_of(self.lines[0])

    @property
    def group(self) -> str | None:
        """The payer's class; a patient's ward is nobody's business."""
        return None if is_discreet(self.site) else self.first.group

    def period_of(self, line: BillLine) -> str | None:
        """The period that stands behind a line's name; of lines that would read alike, what tells them apart."""
        told = (line.notice.purpose, line.period)
        alike = [each for each in self.open_lines if (each.notice.purpose, each.period) == told]
        for tells in (_whole_period, self._round_of, _due_day):
            if len({tells(each) for each in alike}) == len(alike) > 1:
                return tells(line)
        return line.period

    def _round_of(self, line: BillLine) -> str | None:
        round_ = line.notice.round
        return discreet(round_, None)["round"] if is_discreet(self.site) else round_

    def unpaid_lines(self, skipped: Collection[str] = ()) -> tuple[BillLine, ...]:
        """The lines of which something is left, without the voluntary ones whose keys are skipped."""
        return tuple(line for line in self.open_lines if line.left and not (line.is_voluntary and line.key in skipped))

    def left(self, skipped: Collection[str] = ()) -> int:
        """What the QR asks, in đồng."""
        return sum(line.left for line in self.unpaid_lines(skipped))

    @property
    def state(self) -> BillState:
        """How far the bill is paid; of what is voluntary nothing is missing."""
        if not self.open_lines:
            return "cancelled"
        if self.paid and not any(line.left for line in self.open_lines if not line.is_voluntary):
            return "paid"
        return "part" if self.paid else "waiting"

    def account(self, today: date) -> SiteAccount | None:
        """The account to pay to on this day: the one that the fee kinds name, else the newest of those that are open."""
        held = [each for each in self.site.accounts if _is_open(each, today)]
        named = [each for each in held if each.account_number == self.account_number]
        return max(named or held, key=lambda each: (each.valid_from, each.account_number), default=None)

    def payee(self, today: date) -> Payee | None:
        """Whom the QR names; None where the site has no open account."""
        account = self.account(today)
        if account is None:
            return None
        return Payee(
            site_name=self.site.name,
            bank_bin=account.bank_bin,
            account_number=account.account_number,
            account_name=account.account_name,
            phone=self.site.phone,
            memo_prefix=account.memo_prefix,
            memo_limit=account.memo_limit,
            sample=self.site.sample or account.bank_bin == SAMPLE_BIN,
        )

    def slip(self, today: date, skipped: Collection[str] = ()) -> Slip | None:
        """The bill as it is drawn; None where nothing is left, no account takes it, or no QR can carry it."""
        payee, lines = self.payee(today), self.unpaid_lines(skipped)
        if payee is None or not lines:
            return None
        slip = Slip(
            payee=payee,
            reference=self.reference,
            round=self.round,
            given_name=given_name(self.first),
            group=class_words(self.group),
            code_tail=code_tail(self.first),
            lines=tuple(
                Line(line.notice.purpose or "", self.period_of(line), line.left, line.is_voluntary) for line in lines
            ),
            due_on=self.due_on,
        )
        return slip if slip.is_payable else None

    @property
    def due_on(self) -> date | None:
        """The first day by which something that is owed is due; None where nothing is."""
        days = [line.notice.due_on for line in self.open_lines if line.left and line.notice.obligation == "due"]
        return min(days, default=None)

    def is_fresh(self, now: datetime) -> bool:
        """Whether the bank's data are recent enough to say what has arrived."""
        return self.fresh_until is not None and now - self.fresh_until <= FRESH_FOR

    def closes_on(self) -> date:
        """The last day on which the public page shows the bill."""
        days = [line.notice.due_on for line in self.lines] + [line.notice.issued_on for line in self.lines]
        days += [each.occurred_at.date() for each in self.payments if each.occurred_at is not None]
        days += [each.returned_at.date() for each in self.returned]
        return max(days) + CLOSES_AFTER


def _whole_period(line: BillLine) -> str | None:
    return line.whole_period


def _due_day(line: BillLine) -> str:
    return f"hạn {line.notice.due_on:%d/%m/%Y}"


def given_name(notice: Notice) -> str:
    """The payer's given name, which a Vietnamese name ends with."""
    return notice.payer_name.reveal().split()[-1] if notice.payer_name else ""


def code_tail(notice: Notice) -> str:
    """The last characters of the payer's code: enough to tell two of one name apart."""
    return notice.payer_code.reveal()[-VISIBLE_TAIL:] if notice.payer_code else ""


def class_words(group: str | None) -> str | None:
    """A class as it is read: "lớp 4A"."""
    if not group:
        return None
    return f"lớp {group}" if group[0].isdigit() else group


def paid_by_notice(payments: Sequence[Payment]) -> dict[str, int]:
    """What is paid of each notice, in đồng."""
    paid: dict[str, int] = {}
    for payment in payments:
        paid[payment.notice_id] = paid.get(payment.notice_id, 0) + payment.amount
    return paid


def _is_open(account: SiteAccount, day: date) -> bool:
    return account.valid_from <= day and (account.valid_to is None or account.valid_to >= day)
