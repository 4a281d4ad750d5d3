"""What the payers of a month's bills do: who pays when, how, with which words and slips. Pure; chance comes in as an argument."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import Literal

from deploy.demo import payers
from deploy.demo.chance import seeded
from deploy.demo.payers import Bill
from deploy.demo.year.households import Drive, Household, chance_without_cash, open_accounts
from deploy.demo.year.parameters import Parameters
from deploy.demo.year.school_year import is_tet
from shared.clock import LOCAL

Channel = Literal["bank", "cash", "portal"]


class Way(StrEnum):
    """How a payment departs from a plain one, and so what somebody may have to do about it."""

    PLAIN = "plain"
    IN_PARTS = "in_parts"
    TOO_MUCH = "too_much"
    TWICE = "twice"
    MISTYPED = "mistyped"
    WITHOUT_REFERENCE = "without_reference"
    OF_ANOTHER_SLIP = "of_another_slip"
    LESS_A_FEE = "less_a_fee"
    WITHOUT_A_WORD = "without_a_word"
    """Nothing that could tell whose it is; nobody has asked yet: it waits."""
    INTEREST = "interest"
    MONEY_OUT = "money_out"


class Fate(StrEnum):
    """What the network does to a webhook."""

    ARRIVES = "arrives"
    LATE = "late"
    LOST_ONCE = "lost_once"
    TWICE = "twice"
    LOST = "lost"
    """Only a statement can tell of it."""


@dataclass(slots=True)
class Act:
    """One movement of money."""

    at: datetime
    site_id: str
    account: str
    channel: Channel
    amount: int
    way: Way
    reference: str | None = None
    """The bill that is meant, whatever the memo says."""
    memo: str = ""
    notice_id: str | None = None
    """Of a receipt."""
    fate: Fate = Fate.ARRIVES
    balance_after: int = 0
    number: int = 0
    movement_id: str = ""
    """The ledger's id of it, once it was sent."""
    on_statement: bool = False
    """Whether a statement was imported that lists it."""
    pays: dict[str, int] = field(default_factory=dict)
    """What it shall pay in the end, by notice."""
    by_hand: set[str] = field(default_factory=set)
    """Notices that a clerk applied it to."""
    taken_back: list[tuple[str, int]] = field(default_factory=list)
    """What a clerk took back of what the automaton had applied: notice and amount."""

    @property
    def direction(self) -> Literal["in", "out"]:
        return "out" if self.way is Way.MONEY_OUT else "in"

    @property
    def is_payment(self) -> bool:
        """Whether it is meant to pay a fee."""
        return self.way not in {Way.INTEREST, Way.MONEY_OUT}


@dataclass(slots=True)
class Payable:
    """A bill with the household that owes it and the day of its issue."""

    bill: Bill
    household: Household
    issued_on: date


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a month's payers live under."""

    seed: int
    parameters: Parameters
    last_day: date
    """Nothing happens after it: the simulation looks at the world as it is then."""
    drives: Sequence[Drive] = ()
    statements_heal: bool = True
    """Whether a webhook may be lost for good, because statements can be imported."""
    broken_codes: Mapping[str, date] = field(default_factory=dict)
    """Sites whose QR cannot be read from a day on: everybody pays in cash there."""


def acts_of_month(payables: Sequence[Payable], circumstances: Circumstances) -> list[Act]:
    """Everything that moves for these bills, in order of time; no two movements of an account at the same second."""
    acts: list[Act] = []
    for place, payable in enumerate(payables):
        rng = seeded(circumstances.seed, "acts", payable.bill.site_id, payable.bill.notices[0].notice_id)
        other = payables[(place + 1) % len(payables)]
        acts += _acts_of_bill(payable, other, rng, circumstances)
    return _apart(acts)


def other_movements(site_id: str, account: str, first: date, circumstances: Circumstances) -> list[Act]:
    """What moves on a site's account in a month besides payments."""
    rng = seeded(circumstances.seed, "others", site_id, first)
    numbers = circumstances.parameters
    ways = [Way.INTEREST] * numbers.count("paying", "interest_a_month")
    ways += [Way.MONEY_OUT] * numbers.count("paying", "money_out_a_month")
    acts = []
    for way in ways:
        day = first + timedelta(days=rng.randrange(28))
        interest = way is Way.INTEREST
        memo = "TRA LAI TIEN GUI KKH" if interest else rng.choice(("Tra tien thuc pham", "Phi SMS BANKING"))
        amount = rng.randrange(1_000, 90_000) if interest else rng.randrange(100, 900) * 1_000
        if day <= circumstances.last_day:
            acts.append(Act(_moment(day, rng), site_id, account, "bank", amount, way, memo=memo))
    return acts


def settle(payables: Sequence[Payable], acts: Sequence[Act], leave_waiting: date) -> None:
    """Say what each act shall pay in the end: the open fees of its bill, in their order, as far as it reaches.

    What comes without a word on `leave_waiting` or later pays nothing yet.
    """
    open_dong = {
        payable.bill.reference: {each.notice_id: each.amount for each in payable.bill.notices} for payable in payables
    }
    for act in acts:
        if act.way is Way.WITHOUT_A_WORD and act.at.date() >= leave_waiting:
            continue
        left = act.amount if act.is_payment else 0
        owed = open_dong.get(act.reference or "", {})
        for notice_id in [act.notice_id] if act.notice_id else list(owed):
            paid = min(left, owed.get(notice_id, 0))
            if paid:
                act.pays[notice_id] = paid
                owed[notice_id] -= paid
                left -= paid


def _acts_of_bill(payable: Payable, other: Payable, rng: Random, circumstances: Circumstances) -> Iterator[Act]:
    numbers, household, bill = circumstances.parameters, payable.household, payable.bill
    if rng.random() < numbers.number("paying", "never"):
        return
    soon = rng.random() < numbers.number("paying", "within_a_week")
    day = payable.issued_on + timedelta(days=rng.randrange(7) if soon else rng.randrange(7, 36))
    while is_tet(day, numbers):
        day += timedelta(days=1)
    if day > circumstances.last_day:
        return
    drives = list(circumstances.drives)
    open_accounts(household, day, drives, rng, numbers)
    without_cash = rng.random() < chance_without_cash(household, day, drives, numbers)
    by_staff = not household.can_pay_without_cash and household.helped_by_staff and rng.random() < 0.5
    if without_cash:
        household.habit = min(0.98, household.habit + numbers.number("habit", "learns_each_time"))
    broken_from = circumstances.broken_codes.get(bill.site_id)
    if not (without_cash or by_staff) or (broken_from is not None and day >= broken_from):
        yield from _receipts(bill, "cash", day, rng)
    elif household.site.type == "office" and rng.random() < numbers.number("habit", "at_offices_by_portal"):
        yield from _receipts(bill, "portal", day, rng)
    else:
        for act in _transfers(bill, other.bill, day, rng, circumstances):
            if act.at.date() <= circumstances.last_day:
                act.fate = _fate(rng, circumstances)
                yield act


def _receipts(bill: Bill, channel: Channel, day: date, rng: Random) -> Iterator[Act]:
    """One of each fee, as a cashier writes them, one after the other."""
    at = datetime.combine(day, time(rng.randrange(8, 16), rng.randrange(60)), LOCAL)
    for place, notice in enumerate(bill.notices):
        yield Act(
            at + timedelta(seconds=40 * place), bill.site_id, bill.account, channel, notice.amount, Way.PLAIN, bill.reference,
            notice_id=notice.notice_id,
        )  # fmt: skip


def _transfers(bill: Bill, other: Bill, day: date, rng: Random, circumstances: Circumstances) -> Iterator[Act]:
    numbers = circumstances.parameters
    at, amount, memo = _moment(day, rng), bill.amount, payers.qr_memo(bill, rng)

    def act(way: Way, dong: int, words: str | None, after: timedelta = timedelta()) -> Act:
        return Act(at + after, bill.site_id, bill.account, "bank", dong, way, bill.reference, memo=words or "")

    way = _drawn(rng, {each: numbers.number("paying", each.value) for each in _DEPARTURES})
    fee = numbers.count("paying", "fee_dong")
    match way:
        case Way.IN_PARTS if amount >= 2_000:
            first = max(1_000, amount // 2 // 1_000 * 1_000)
            yield act(way, first, memo)
            yield act(way, amount - first, memo, timedelta(days=rng.randrange(1, 9), seconds=rng.randrange(3_600)))
        case Way.TOO_MUCH:
            yield act(way, amount + (-amount % 50_000 or 50_000), memo)
        case Way.TWICE:
            yield act(way, amount, memo)
            yield act(way, amount, memo, timedelta(hours=rng.randrange(1, 30), seconds=rng.randrange(3_600)))
        case Way.MISTYPED:
            yield act(way, amount, payers.mistyped_memo(bill, rng))
        case Way.WITHOUT_REFERENCE:
            words = payers.free_text(bill, rng)
            yield act(way if words else Way.WITHOUT_A_WORD, amount, words)
        case Way.OF_ANOTHER_SLIP if other.site_id == bill.site_id and other.reference != bill.reference:
            yield act(way, amount, payers.qr_memo(other, rng))
        case Way.LESS_A_FEE if amount > fee:
            yield act(way, amount - fee, memo)
        case _:
            yield act(Way.PLAIN, amount, memo)


_DEPARTURES = (
    Way.IN_PARTS, Way.TOO_MUCH, Way.TWICE, Way.MISTYPED, Way.WITHOUT_REFERENCE, Way.OF_ANOTHER_SLIP, Way.LESS_A_FEE,
)  # fmt: skip


def _drawn(rng: Random, shares: Mapping[Way, float]) -> Way:
    lot = rng.random()
    for way, share in shares.items():
        lot -= share
        if lot < 0:
            return way
    return Way.PLAIN


def _fate(rng: Random, circumstances: Circumstances) -> Fate:
    numbers = circumstances.parameters
    lot = rng.random()
    for fate, name in _FATES:
        lot -= numbers.number("network", name)
        if lot < 0:
            return Fate.LOST_ONCE if fate is Fate.LOST and not circumstances.statements_heal else fate
    return Fate.ARRIVES


_FATES = (
    (Fate.LATE, "webhook_late"), (Fate.LOST_ONCE, "webhook_lost_once"), (Fate.TWICE, "webhook_twice"),
    (Fate.LOST, "webhook_lost_for_good"),
)  # fmt: skip


def _moment(day: date, rng: Random) -> datetime:
    return datetime.combine(day, time(rng.randrange(6, 22), rng.randrange(60), rng.randrange(60)), LOCAL)


def _apart(acts: Sequence[Act]) -> list[Act]:
    """In order of time, each account's movements a second apart at least: a clerk can tell them by their moment."""
    newest: dict[str, datetime] = {}
    ordered = sorted(acts, key=lambda act: (act.at, act.site_id, act.reference or "", act.notice_id or ""))
    for act in ordered:
        if act.account in newest and act.at <= newest[act.account]:
            act.at = newest[act.account] + timedelta(seconds=1)
        newest[act.account] = act.at
    return sorted(ordered, key=lambda act: act.at)
