"""Reminder texts, one bill at a time, for a person to read over and send: SMS without diacritics, and Zalo. Pure.

Never for what is voluntary. A text names the given name only, and asks whoever has paid to let it be: banks' news may be late.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from services.notices import words
from services.notices.bills.model import BillView, class_words, given_name
from shared import clock
from shared.money import format_dong
from shared.vietnamese import strip_diacritics

SMS_CHARACTERS_MAX = 160
"""One SMS of the GSM alphabet (3GPP TS 23.038); a longer one is charged, and sometimes delivered, in parts."""

_SHORTER = (
    ("Pho thong dan toc ban tru", "PTDTBT"), ("Pho thong dan toc noi tru", "PTDTNT"), ("Trung hoc co so", "THCS"),
    ("Trung hoc pho thong", "THPT"), ("Tieu hoc", "TH"), ("Mam non", "MN"), ("Trung tam Y te", "TTYT"), ("Tram Y te", "TYT"),
    ("Trung tam Phuc vu hanh chinh cong", "TTHCC"), ("Truong ", ""),
)  # fmt: skip


def sms(bill: BillView, link: str | None, now: datetime) -> str:
    """A reminder as one SMS: the site's name is shortened, then the link left out, rather than the sum or the code."""
    amount = strip_diacritics(format_dong(_owed(bill))).replace(" ", "")
    who = " ".join(part for part in (given_name(bill.first), bill.group) if part)
    site = _short_site(bill.site.name)
    for name, address, longest in ((site, link, 30), (site, None, 30), (site[:40], None, 30), (site[:18], None, 18)):
        text = strip_diacritics(
            words.REMINDER_SMS.format(
                site=name,
                amount=amount,
                who=who[:longest],
                owes=_owes(bill, now),
                due=_due(bill, clock.local_day(now)),
                reference=bill.reference,
                link=f" {address}" if address else "",
            )
        )
        if len(text) <= SMS_CHARACTERS_MAX:
            return text
    return text[:SMS_CHARACTERS_MAX]


def zalo(bill: BillView, link: str | None, now: datetime) -> str:
    """A reminder with diacritics, as long as it needs to be."""
    group = class_words(bill.group)
    lines = [
        f"- {' '.join(part for part in (line.notice.purpose, bill.period_of(line)) if part)}: {format_dong(line.left)}"
        for line in bill.unpaid_lines()
        if line.notice.obligation == "due"
    ]
    return words.REMINDER_ZALO.format(
        site=bill.site.name,
        who=" ".join(part for part in (given_name(bill.first), group) if part),
        amount=format_dong(_owed(bill)),
        owes=_owes(bill, now),
        due=_due(bill, clock.local_day(now)),
        lines="\n".join(lines),
        reference=bill.reference,
        link=link or "",
    ).strip()


def _owed(bill: BillView) -> int:
    return sum(line.left for line in bill.open_lines if line.notice.obligation == "due")


def _owes(bill: BillView, now: datetime) -> str:
    """That it is still owed, as far as the bank's data reach: what came since they know nothing of."""
    if bill.is_fresh(now):
        return words.OWES
    if bill.fresh_until is None:
        return words.OWES_ASKED
    return words.OWES_UNTIL.format(day=f"{bill.fresh_until.astimezone(clock.LOCAL):%d/%m}")


def _due(bill: BillView, today: date) -> str:
    due = bill.due_on
    if due is None:
        return ""
    return (words.WAS_DUE if due < today else words.IS_DUE).format(day=f"{due:%d/%m}")


def _short_site(name: str) -> str:
    plain = strip_diacritics(name)
    for long, short in _SHORTER:
        plain = re.sub(re.escape(long), short, plain, flags=re.IGNORECASE)
    return " ".join(plain.split())
