"""Entities put into words for a reader. Names leave here masked: without sign-in nobody's role needs them whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from services.portal import words
from services.portal.model import State, state_of
from services.portal.overview.queries import NoticeSeen, Page
from services.portal.payment.views import how_words, state_words
from services.portal.web import addresses
from services.portal.web.saying import fee_words, share_words, time_words
from shared.events import Credit
from shared.money import format_dong


@dataclass(frozen=True, slots=True)
class Row:
    """A payment as a line of the list."""

    credit_id: str
    time: str
    """Such as "14:05 23/11/2026"."""
    moment: str
    """The same for machines."""
    amount: str
    payer: str
    payer_note: str
    """The pupil's class, or that it is only the sender's name."""
    fee: str
    more_fees: str
    state: State
    state_words: str
    how: str
    amount_words: str
    suspense: Sequence[str]
    badge: str


def rows_of(page: Page) -> list[Row]:
    """The lines of a page."""
    return [_row(credit, page) for credit in page.credits]


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site as a line of the overview."""

    name: str
    unit_name: str
    path: str
    sample: bool
    today: str
    today_count: int
    review_count: int
    review: str
    cashless: str


def site_row(site: asyncpg.Record) -> SiteRow:
    """The line of a site."""
    return SiteRow(
        name=site["name"],
        unit_name=site["unit_name"] or "",
        path=addresses.payments(site["site_id"]),
        sample=site["sample"],
        today=format_dong(site["today_dong"]),
        today_count=site["today_count"],
        review_count=site["review_count"],
        review=format_dong(site["review_dong"]),
        cashless=share_words(site["cashless_count"], site["allocated_count"]),
    )


def _row(credit: Credit, page: Page) -> Row:
    state = state_of(credit)
    known = [page.notices[each] for each in _notice_ids(credit) if each in page.notices]
    payer, payer_note = _payer(credit, known, page)
    fee, more_fees = _fee(credit, known)
    return Row(
        credit_id=credit.credit_id,
        time=time_words(credit.occurred_at),
        moment=credit.occurred_at.isoformat(timespec="seconds"),
        amount=("−" if credit.direction == "out" else "") + format_dong(credit.amount),
        payer=payer,
        payer_note=payer_note,
        fee=fee,
        more_fees=more_fees,
        state=state,
        state_words=state_words(credit, state),
        how=how_words(credit),
        amount_words=_amount_words(credit, page),
        suspense=_suspense(credit, state),
        badge=words.CHANNELS[credit.channel],
    )


def _notice_ids(credit: Credit) -> list[str]:
    """The notices it pays, else the one it was meant for."""
    paid = [allocation.notice_id for allocation in credit.allocations]
    return list(dict.fromkeys(paid)) or ([credit.intended_notice_id] if credit.intended_notice_id else [])


def _payer(credit: Credit, known: Sequence[NoticeSeen], page: Page) -> tuple[str, str]:
    for notice in known:
        if notice.payer_name:
            return str(notice.payer_name), notice.payer_group or ""
    sender = page.senders.get(credit.credit_id)
    # A sender is often not the payer: children and grandchildren pay from far away.
    if sender:
        return str(sender), words.SENDER
    return (words.NOT_ASKED if state_of(credit) == "ignored" else words.PAYER_NONE), ""


def _fee(credit: Credit, known: Sequence[NoticeSeen]) -> tuple[str, str]:
    asked = len(_notice_ids(credit))
    if not known:
        nothing = words.NOT_ASKED if state_of(credit) == "ignored" else words.NOTICE_NONE
        return (words.NOTICE_UNKNOWN if asked else nothing), ""
    first = fee_words(known[0].purpose, known[0].period) or words.NOTICE_UNKNOWN
    return first, words.MORE_NOTICES.format(count=asked - 1) if asked > 1 else ""


def _amount_words(credit: Credit, page: Page) -> str:
    """Whether what was paid is what was asked, where all notices that it pays are known."""
    if not credit.allocations:
        return ""
    notices = [page.notices.get(allocation.notice_id) for allocation in credit.allocations]
    if any(notice is None for notice in notices):
        return ""
    if credit.suspense:
        return words.AMOUNT_OVER
    short = any(
        notice is not None and allocation.amount < notice.amount
        for allocation, notice in zip(credit.allocations, notices, strict=True)
    )
    return words.AMOUNT_PART if short else words.AMOUNT_EQUAL


def _suspense(credit: Credit, state: State) -> list[str]:
    """Where the unallocated part stands; of what is no fee the state says enough."""
    if state == "ignored":
        return []
    parts = credit.suspense_parts.model_dump()
    return [f"{format_dong(amount)} {words.SUSPENSE_PARTS[part]}" for part, amount in parts.items() if amount]
