"""What happened, laid out by site and day: the rows that figures are counted from."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from deploy.demo.happened import UNKNOWN, Fee, Money, Part, Truth
from shared.clock import local_day

ONE_DAY = timedelta(days=1)
WITHIN_S = {"1s": 1, "5s": 5, "1m": 60, "1h": 3600, "1d": 86400}
LATE_S = 300


class Paid(NamedTuple):
    credit_id: str
    payer: tuple[str, str]
    fee_kind: str
    village: str
    cashless: bool
    helped: bool
    amount: int


class Settled(NamedTuple):
    fee: Fee
    village: str
    settled_on: date | None
    cashless: bool
    opened_on: date | None
    from_afar: bool


class Transfer(NamedTuple):
    channels: tuple[str, ...]
    counts: Mapping[str, int]


@dataclass(slots=True)
class Day:
    """What happened at one site on one day."""

    paid: list[Paid] = field(default_factory=list)
    due: list[Settled] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    opened: list[Settled] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    waiting: list[tuple[tuple[str, ...], int]] = field(default_factory=list)


class Days:
    """The truth by site and day."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self.days: dict[tuple[str, date], Day] = defaultdict(Day)
        self.first_cashless: dict[tuple[str, str], date] = {}
        """When each payer of a site first paid without cash."""
        self._fees = {each.notice_id: each for each in truth.fees}
        self._by_bill: dict[str, list[Fee]] = defaultdict(list)
        for each in truth.fees:
            self._by_bill[each.bill_id].append(each)
        self._lay_out_payments()
        self._lay_out_fees()
        self._lay_out_transfers()
        self._lay_out_reports()
        self.by_date: dict[date, list[str]] = defaultdict(list)
        """The sites at which anything happened."""
        for site_id, day in sorted(self.days):
            self.by_date[day].append(site_id)

    def _village(self, fee: Fee | None, site_id: str, day: date) -> str:
        if fee is None or fee.unit_code is None:
            return self.truth.spot(site_id, day).village
        return fee.unit_code if self.exists("village", fee.unit_code, day, day) else UNKNOWN

    def exists(self, level: str, code: str, first: date, last: date) -> bool:
        return any(
            unit.level == level and unit.code == code and unit.first <= last and unit.last >= first
            for unit in self.truth.units
        )

    def _lay_out_payments(self) -> None:
        for money in self.truth.money:
            if money.channel == "opening":
                continue
            day, cashless = local_day(money.occurred_at), money.channel in {"bank", "portal"}
            for part in money.parts:
                if part.undone_by is not None:
                    continue
                fee = self._fees.get(part.notice_id)
                site_id = fee.site_id if fee else money.site_id or UNKNOWN
                payer = (site_id, fee.payer if fee else f"notice/{part.notice_id}")
                self.days[site_id, day].paid.append(
                    Paid(
                        money.credit_id, payer, fee.fee_kind if fee else UNKNOWN, self._village(fee, site_id, day), cashless,
                        cashless and part.helped, part.amount,
                    )
                )  # fmt: skip
                if cashless:
                    self.first_cashless[payer] = min(day, self.first_cashless.get(payer, day))

    def _lay_out_fees(self) -> None:
        applied: dict[str, list[tuple[Money, Part]]] = defaultdict(list)
        for money in self.truth.money:
            for part in money.parts:
                if part.undone_by is None:
                    applied[part.notice_id].append((money, part))
        for fee in self.truth.fees:
            if not fee.is_open:
                continue
            signals = [
                at for mate in self._by_bill[fee.bill_id] for at in (mate.opened_at, mate.declared_at) if at is not None
            ]
            opened_at = min(signals, default=None)
            declared = any(mate.declared_at is not None for mate in self._by_bill[fee.bill_id])
            without_cash = [money.occurred_at for money, _ in applied[fee.notice_id] if money.channel in {"bank", "portal"}]
            from_afar = opened_at is not None and any(declared or at >= opened_at for at in without_cash)
            settled_on, cashless = _settlement(fee, applied[fee.notice_id])
            state = Settled(
                fee, self._village(fee, fee.site_id, fee.due_on), settled_on, cashless,
                None if opened_at is None else local_day(opened_at), from_afar,
            )  # fmt: skip
            if fee.is_due and fee.due_on <= self.truth.today:
                self.days[fee.site_id, fee.due_on].due.append(state)
            if settled_on is not None:
                self.days[fee.site_id, settled_on].settled.append(state)
            if state.opened_on is not None:
                self.days[fee.site_id, state.opened_on].opened.append(state)

    def _lay_out_transfers(self) -> None:
        for money in self.truth.money:
            if money.channel != "bank" or not money.is_income:
                continue
            site_id, day = money.site_id or UNKNOWN, local_day(money.occurred_at)
            channels = (f"provider:{money.provider}", f"bank:{money.bank}")
            self.days[site_id, day].transfers.append(Transfer(channels, self._transfer_counts(money, day)))
            came_on = local_day(money.received_at)
            decided = [part.decided_at for part in money.parts if part.undone_by is None and part.decided_at]
            until = self.truth.today + ONE_DAY if money.is_waiting else local_day(min(decided)) if decided else came_on
            while came_on < min(until, self.truth.today + ONE_DAY):
                age = (came_on - local_day(money.received_at)).days
                self.days[site_id, came_on].waiting.append((channels, age))
                came_on += ONE_DAY

    def _transfer_counts(self, money: Money, day: date) -> dict[str, int]:
        live = [part for part in money.parts if part.undone_by is None]
        taken_back = [part for part in money.parts if part.undone_by not in {None, "auto"}]
        counts = {
            "bank_credits": 1,
            "automatic_credits": int(bool(live) and not taken_back and all(part.decided_by == "auto" for part in live)),
            "ever_automatic_credits": int(any(part.decided_by == "auto" for part in money.parts)),
            "undone_credits": int(any(part.decided_by == "auto" for part in taken_back)),
        }
        if not live:
            return counts
        seconds = _seconds(money.received_at, min(part.decided_at or money.received_at for part in live))
        counts |= {"matched_credits": 1, "matched_seconds": seconds}
        counts |= {f"matched_{name}": int(seconds <= limit) for name, limit in WITHIN_S.items()}
        counts["transferred_notices"] = len({part.notice_id for part in live})
        prices = [
            price for price in self.truth.prices
            if price.provider in {money.provider, "*"} and price.first <= day <= price.last
            and price.least <= money.amount <= price.most
        ]  # fmt: skip
        own = [price for price in prices if price.bank in {money.bank, "*"}]
        if own:
            best = min(
                own, key=lambda price: (price.bank == "*", price.provider == "*", -price.first.toordinal(), price.fee)
            )
            counts |= {"priced_credits": 1, "cost_dong": best.fee}
        bills = {self._fees[part.notice_id].bill_id if part.notice_id in self._fees else None for part in live}
        if len(bills) == 1 and None not in bills:
            gap = sum(fee.amount for fee in self._by_bill[bills.pop() or ""] if fee.is_open) - money.amount
            if gap > 0 and any(price.fee == gap for price in prices if price.bank in {money.bank, "*", "?"}):
                counts |= {"short_credits": 1, "short_dong": gap}
        return counts

    def _lay_out_reports(self) -> None:
        newest: dict[str, tuple[datetime, str, datetime, str]] = {}
        for each in self.truth.movements:
            for provider, way, at in each.sightings:
                if way == "webhook":
                    told = (each.occurred_at, each.transaction_id, at, provider)
                    newest[each.account] = max(newest.get(each.account, told), told)
        for each in self.truth.movements:
            webhooks = sorted(
                (at, place, provider) for place, (provider, way, at) in enumerate(each.sightings) if way == "webhook"
            )
            rows: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
            for place, (at, _, provider) in enumerate(webhooks):
                rows[provider]["reports"] += 1
                if place or each.is_merged:
                    rows[provider]["duplicate_reports"] += 1
                else:
                    lateness = _seconds(each.occurred_at, at)
                    rows[provider] |= {
                        "webhook_transactions": 1, "watched_transactions": 1, "lateness_seconds": lateness,
                        "late_transactions": int(lateness > LATE_S),
                    }  # fmt: skip
            if not webhooks and not each.is_merged and each.account in newest:
                rows[newest[each.account][3]] |= {"watched_transactions": 1, "healed_transactions": 1}
            day = self.days[each.site_id or UNKNOWN, local_day(each.occurred_at)] if rows else None
            for provider, counts in rows.items():
                assert day is not None
                day.transfers.append(Transfer((f"provider:{provider}", f"bank:{each.bank}"), counts))


def _settlement(fee: Fee, applied: Iterable[tuple[Money, Part]]) -> tuple[date | None, bool]:
    """When what was applied reached the amount, and whether nothing until then was anything but bank or portal."""
    by_day: dict[date, list[tuple[Money, Part]]] = defaultdict(list)
    for money, part in applied:
        by_day[local_day(money.occurred_at)].append((money, part))
    sum_dong, cashless = 0, True
    for day in sorted(by_day):
        sum_dong += sum(part.amount for _, part in by_day[day])
        cashless = cashless and all(money.channel in {"bank", "portal"} for money, _ in by_day[day])
        if sum_dong >= fee.amount:
            return day, cashless
    return None, False


def _seconds(start: datetime, end: datetime) -> int:
    """Whole seconds, rounded up; a clock that goes ahead: 0."""
    return math.ceil(max((end - start) / timedelta(seconds=1), 0))
