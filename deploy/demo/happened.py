"""What happened in a district, as plain records: fees, money, reports, and where everything lay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Fee:
    """A notice as it stands in the end."""

    notice_id: str
    bill_id: str
    site_id: str
    payer: str
    fee_kind: str
    amount: int
    issued_on: date
    due_on: date
    is_due: bool = True
    is_open: bool = True
    unit_code: str | None = None
    opened_at: datetime | None = None
    declared_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What of a credit was applied to a notice; `undone_by` says who took it back."""

    notice_id: str
    amount: int
    helped: bool = False
    decided_by: str = "auto"
    decided_at: datetime | None = None
    undone_by: str | None = None


@dataclass(frozen=True, slots=True)
class Money:
    """A credit as it stands in the end."""

    credit_id: str
    site_id: str | None
    channel: str
    occurred_at: datetime
    received_at: datetime
    amount: int
    parts: tuple[Part, ...] = ()
    provider: str = UNKNOWN
    bank: str = UNKNOWN
    is_income: bool = True
    is_waiting: bool = False


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement on an account, and word of it: (provider, way, moment), in the order in which it came."""

    transaction_id: str
    site_id: str | None
    account: str
    occurred_at: datetime
    sightings: tuple[tuple[str, str, datetime], ...]
    bank: str = UNKNOWN
    is_merged: bool = False


class Spot(NamedTuple):
    """Where a site lay on a day."""

    site_type: str = UNKNOWN
    village: str = UNKNOWN
    commune: str = UNKNOWN
    district: str = UNKNOWN
    province: str = UNKNOWN
    stands: bool = False


@dataclass(frozen=True, slots=True)
class UnitSpan:
    """A unit while it existed."""

    level: str
    code: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Price:
    """What a transfer costs its sender; "*": any bank or provider; bank "?": of some bank, nobody knows which."""

    bank: str
    provider: str
    first: date
    last: date
    least: int
    most: int
    fee: int


@dataclass(frozen=True, slots=True)
class Drive:
    """A campaign, under every code that its unit has or had."""

    campaign_id: str
    level: str
    codes: frozenset[str]
    starts_on: date
    ends_on: date


@dataclass(slots=True)
class Truth:
    """Everything that happened, and the date on which it is looked at."""

    today: date
    site_ids: Sequence[str]
    spot: Callable[[str, date], Spot]
    units: Sequence[UnitSpan]
    fees: Sequence[Fee] = ()
    money: Sequence[Money] = ()
    movements: Sequence[Movement] = ()
    prices: Sequence[Price] = ()
    drives: Sequence[Drive] = ()
