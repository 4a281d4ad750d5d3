"""A bill in words for whoever holds its link: a given name, the end of a code, sums; nothing more of a person. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.notices import words
from services.notices.bills.model import BillLine, BillView, Payment, Returned, class_words, code_tail, given_name
from services.notices.drawing.values import Slip
from shared import clock
from shared.money import format_dong

WAIT_MINUTES = 15
"""A bank's message takes seconds, on bad days minutes; beyond it something is wrong and a person should look."""
UNBROKEN = "\u00a0"
"""A space at which no line ends."""


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line as it is shown."""

    key: str
    text: str
    amount: str
    note: str
    """How the amount came about, or what was paid of it; empty where there is nothing to say."""
    is_voluntary: bool
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class Field:
    """What a transfer by hand is typed from."""

    name: str
    value: str
    hint: str = ""
    copied: str = ""
    """What a copy button puts on the clipboard; empty: it has none."""


@dataclass(frozen=True, slots=True)
class BillPage:
    """Everything that the page shows."""

    site: str
    phone: str | None
    round: str | None
    who: str
    state: str
    is_sample: bool
    amount_label: str
    amount: str
    left: str
    """What the QR asks; empty where that is nothing."""
    amount_parts: str
    """How much of the amount is owed and how much given freely; empty where it is one of them."""
    received: str
    due: str
    lines: tuple[LineRow, ...]
    offered: tuple[LineRow, ...]
    """What may still be given freely where all that is owed is paid."""
    can_untick: bool
    skipped: str
    """The keys of unticked lines as a part of an address."""
    fields: tuple[Field, ...]
    freshness: str
    is_fresh: bool
    wait: str
    proofs: tuple[str, ...]
    returned: tuple[str, ...]
    """What went back of what was paid."""
    reference: str
    is_helped: bool
    share: str


def page_of(view: BillView, skipped: Collection[str], link: str, now: datetime) -> BillPage:
    """The page of a bill; `skipped` are the keys of voluntary lines that the reader unticked."""
    today = clock.local_day(now)
    slip, left, state = view.slip(today, skipped), view.left(skipped), view.state
    fresh = view.is_fresh(now)
    who = given_name(view.first)
    group = class_words(view.group)
    shown = view.open_lines if state in {"waiting", "part"} else tuple(line for line in view.open_lines if line.paid)
    due = view.due_on
    return BillPage(
        site=view.site.name,
        phone=view.site.phone,
        round=view.round,
        who=", ".join(part for part in (who, group, words.CODE.format(tail=code_tail(view.first))) if part),
        state=state,
        is_sample=view.site.sample,
        amount_label=_label(view, skipped, fresh=fresh),
        amount=format_dong(view.paid if state == "paid" else left),
        left=format_dong(left) if left else "",
        amount_parts=_parts(view, skipped, fresh=fresh),
        received=format_dong(view.paid) if state == "part" else "",
        due="" if due is None or state == "paid" else f"{due:%d/%m/%Y}",
        lines=tuple(_row(view, line, skipped, paid=state == "paid") for line in shown),
        offered=tuple(
            _row(view, line, skipped, paid=False)
            for line in view.open_lines
            if state == "paid" and line.is_voluntary and line.left
        ),
        can_untick=any(line.is_voluntary and line.left for line in view.open_lines),
        skipped="&".join(f"skip={line.key}" for line in view.open_lines if line.is_voluntary and line.key in skipped),
        fields=() if slip is None else _fields(slip),
        freshness=_freshness(view.fresh_until, fresh=fresh),
        is_fresh=fresh,
        wait=_wait(view),
        proofs=_proofs(view.payments),
        returned=tuple(_returned(each) for each in view.returned),
        reference=view.reference,
        is_helped=any(line.notice.helper_declared_at is not None for line in view.open_lines),
        share=words.SHARE_TEXT.format(
            name=who,
            group=f" {group}" if group else "",
            amount=format_dong(left),
            site=view.site.name,
            due=_share_due(due, today),
            link=link,
        ),
    )


def _label(view: BillView, skipped: Collection[str], *, fresh: bool) -> str:
    kinds = {line.notice.obligation for line in view.unpaid_lines(skipped)}
    if kinds == {"voluntary"}:
        return words.AMOUNT_VOLUNTARY
    if kinds == {"deposit"}:
        return words.AMOUNT_DEPOSIT
    if "voluntary" in kinds:
        return words.AMOUNT_BOTH
    return words.TO_PAY if fresh else words.AMOUNT_ASKED


def _parts(view: BillView, skipped: Collection[str], *, fresh: bool) -> str:
    """What is given freely is never called owed, also where one QR carries both."""
    lines = view.unpaid_lines(skipped)
    voluntary = sum(line.left for line in lines if line.is_voluntary)
    owed = sum(line.left for line in lines) - voluntary
    if not (owed and voluntary):
        return ""
    label = (words.TO_PAY if fresh else words.AMOUNT_ASKED.removeprefix(words.AMOUNT)).strip().lower()
    return words.PARTS_OF_BOTH.format(owed=_dong(owed), owed_label=label, voluntary=_dong(voluntary))


def _row(view: BillView, line: BillLine, skipped: Collection[str], *, paid: bool) -> LineRow:
    purpose = " · ".join(part for part in (line.notice.purpose, view.period_of(line)) if part)
    return LineRow(
        key=line.key,
        text=purpose,
        amount=_dong(line.paid if paid else line.left) if paid or line.left else words.DONE,
        note=_note(line),
        is_voluntary=line.is_voluntary,
        is_ticked=line.key not in skipped,
    )


def _note(line: BillLine) -> str:
    """The amount's terms, each of them, and what was paid of it."""
    parts = []
    if line.terms is not None:
        terms = line.terms
        days = f"{terms.days} ngày × " if terms.days != 1 else ""
        parts.append(f"{days}{_dong(terms.price)}")
        if terms.absences:
            parts.append(f"nghỉ {terms.absences} ngày −{_dong(terms.absences * terms.price)}")
        for each in terms.deductions:
            decision = f" ({each.decision})" if each.decision else ""
            parts.append(f"{words.TAKEN_OFF[each.kind]} −{_dong(each.amount)}{decision}")
    if line.paid and line.left:
        parts.append(f"{words.RECEIVED.lower()} {_dong(line.paid)}")
    return " · ".join(parts)


def _fields(slip: Slip) -> tuple[Field, ...]:
    payee, memo = slip.payee, slip.payee.memo(slip.reference)
    return (
        Field(words.BANK, payee.bank_name),
        Field(words.ACCOUNT_NAME, payee.account_name, words.ONLY_IF.format(name=payee.account_name)),
        Field(words.ACCOUNT, payee.account_number, copied=payee.account_number),
        Field(words.AMOUNT, format_dong(slip.amount), copied=str(slip.amount)),
        Field(words.MEMO, memo, words.MEMO_HINT, copied=memo),
    )


def _freshness(fresh_until: datetime | None, *, fresh: bool) -> str:
    if not fresh or fresh_until is None:
        return words.STALE
    return words.FRESH.format(moment=f"{fresh_until.astimezone(clock.LOCAL):%H:%M %d/%m/%Y}")


def _wait(view: BillView) -> str:
    ask = (
        words.DO_NOT_REPEAT.format(phone=view.site.phone.replace(" ", UNBROKEN))
        if view.site.phone
        else words.DO_NOT_REPEAT_SITE.format(site=view.site.name)
    )
    return f"{words.WAIT.format(minutes=WAIT_MINUTES)} {ask}"


def _proofs(payments: Sequence[Payment]) -> tuple[str, ...]:
    """What came, credit by credit: one transfer pays several notices."""
    credits: dict[str, list[Payment]] = {}
    for payment in payments:
        credits.setdefault(payment.credit_id, []).append(payment)
    return tuple(_proof(sum(each.amount for each in parts), parts[0]) for parts in credits.values())


def _proof(amount: int, payment: Payment) -> str:
    if payment.channel is None or payment.occurred_at is None:
        return _dong(amount)
    when = f"{payment.occurred_at.astimezone(clock.LOCAL):%H:%M %d/%m/%Y}"
    return words.PROOF_LINE.format(amount=_dong(amount), channel=words.CHANNELS[payment.channel], day=when)


def _returned(each: Returned) -> str:
    paid, went = (f"{moment.astimezone(clock.LOCAL):%d/%m/%Y}" for moment in (each.paid_at, each.returned_at))
    return words.RETURNED_LINE.format(amount=_dong(each.amount), day=went, paid=paid)


def _dong(amount: int) -> str:
    """An amount that does not break over two lines."""
    return format_dong(amount).replace(" ", UNBROKEN)


def _share_due(due: date | None, today: date) -> str:
    return f", hạn {due:%d/%m}" if due is not None and due >= today else ""
