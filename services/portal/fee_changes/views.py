"""Proposed changes of fees, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.portal import words
from services.portal.fee_changes.store import FeeChange
from services.portal.payment.loading import NoticeSeen
from services.portal.payment.views import Reader, notice_row
from shared.money import format_dong


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A proposal as the head's list shows it."""

    change: FeeChange
    who: str
    fee: str
    what: str
    why: str
    paid: str
    """What was paid already and will be too much; empty where nothing will be."""


def may_change(notice: NoticeSeen) -> bool:
    """Whether something of a fee can be taken back: what is cancelled asks nothing, what a settlement counted stands."""
    return not notice.is_cancelled and not notice.is_settled


def what_of(change: FeeChange) -> str:
    """What a proposal would do, such as "hủy khoản 150.000 đ"."""
    kind = "exempt_all" if change.kind == "exempt" and change.amount == 0 else change.kind
    return words.fee_changes.WHAT[kind].format(before=format_dong(change.amount_before), after=format_dong(change.amount))


def why_of(change: FeeChange) -> str:
    """Why, in words of a short list or by the number of a decision."""
    if change.decision:
        return words.fee_changes.BY_DECISION.format(decision=change.decision)
    return words.fee_changes.REASONS.get(change.reason or "", "")


def rows_of(changes: Sequence[FeeChange], notices: Mapping[str, NoticeSeen], reader: Reader) -> list[ChangeRow]:
    """Proposals with whose fee it is, as this reader may see them."""
    return [_row(change, notices.get(change.notice_id), reader) for change in changes]


def _row(change: FeeChange, notice: NoticeSeen | None, reader: Reader) -> ChangeRow:
    told = notice_row(notice, reader) if notice else None
    too_much = notice is not None and notice.paid > change.amount
    return ChangeRow(
        change,
        told.who if told else words.PAYER_NONE,
        told.fee if told else words.NOTICE_UNKNOWN,
        what_of(change),
        why_of(change),
        words.fee_changes.PAID_HINT.format(paid=format_dong(notice.paid)) if notice and too_much else "",
    )
