"""fees.notices.v1: fees issued to payers, published by notices."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from shared.events.base import Event, Id, Moment, Part
from shared.money import Dong, PositiveDong
from shared.privacy import PayerCode, PersonName, Phone

Obligation = Literal["due", "voluntary", "deposit"]
Nature = Literal["charge", "service", "collected_for", "voluntary", "deposit"]


class Settled(Part):
    """That a treatment was settled (quyết toán), seen from one of its deposits."""

    by: str
    """The person who settled it."""
    to_return: Dong
    """What of the deposit was not used and goes back to the payer (hoàn ứng), in đồng."""


class Notice(Event):
    """One fee issued to one payer. Open or cancelled, nothing more: what is paid follows from allocations (rule 9)."""

    topic: ClassVar[str] = "fees.notices.v1"

    notice_id: Id
    site_id: Id
    bill_id: Id
    round: str | None
    """The collecting round (đợt thu) that the bill belongs to."""
    payer_code: PayerCode | None
    payer_name: PersonName | None
    group: str | None
    """A pupil's class; null for patients and applicants."""
    guardian_name: PersonName | None
    guardian_phone: Phone | None
    fee_kind: str
    purpose: str | None
    period: str | None
    amount: PositiveDong
    issued_on: date
    due_on: date
    obligation: Obligation
    status: Literal["open", "cancelled"]
    cancelled_on: date | None
    reference: str
    """The bill's payment code; all notices of one bill carry the same."""
    virtual_account: str | None
    unit_code: str | None
    """The payer's village or commune, where known."""
    link_opened_at: Moment | None
    helper_declared_at: Moment | None
    nature: Nature | None = None
    """By what right its fee kind is collected; "collected_for" (thu hộ) is another body's money. Null: not told."""
    priority: int | None = None
    """Its place when a payment that is too small settles the bill: the lowest first; null: no rule."""
    settled: Settled | None = None
    """Of a deposit whose treatment was settled; `amount` is then what was used of it, cancelled where nothing was."""

    @property
    def key(self) -> str:
        return self.notice_id

    @property
    def partition_key(self) -> str:
        return self.site_id
