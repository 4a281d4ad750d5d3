"""A small made-up district with everything that makes figures hard, as events and, beside them, as the truth.

Units merge and one is divided, sites move, payers use several ways, webhooks come late, twice or never, matches are undone,
notices lowered and cancelled, credits corrected, clocks go wrong. Every entity has its history of versions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from deploy.demo import happened as told
from deploy.demo.happened import Drive, Fee, Money, Movement, Part, Price, Spot, Truth, UnitSpan
from shared.clock import LOCAL, local_day
from shared.events import BankTransaction, Campaign, Credit, Event, Notice, Site, Unit
from shared.events.bank import Sighting
from shared.events.payments import Allocation, SuspenseParts, UndoneAllocation
from tests.integration.payment_events import a_credit, a_notice, a_site, a_transaction, a_unit

MERGER = date(2025, 7, 1)
BEFORE, AFTER = date(2000, 1, 1), date(2025, 6, 30)
KINDS = ("meals", "water", "insurance")
PROVIDERS = ("sepay", "casso")
BANKS = ("BIDV", "ACB", None)
PRICES = (
    Price("BIDV", "*", date(2025, 1, 1), date.max, 0, 10**12, 0),
    Price("*", "*", date(2025, 6, 20), date.max, 0, 500_000, 1_100),
    Price("?", "*", date(2025, 1, 1), date.max, 0, 10**12, 5_000),
)


@dataclass
class World:
    """What happened in a district from a first day to a last, made from a seed."""

    seed: int
    first: date
    last: date
    today: date
    credits_count: int = 120
    events: dict[str, list[Event]] = field(default_factory=dict)
    """Every version of every entity, oldest first, by its key."""

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)
        self.units: list[Unit] = []
        self.sites: dict[str, Site] = {}
        self._make_units()
        self._make_sites()
        self._make_campaigns()
        self._make_notices()
        self._make_credits()
        self._make_strays()

    # Entities.

    def _put(self, event: Event) -> Event:
        versions = self.events.setdefault(f"{event.topic}/{event.key}", [])
        versions.append(event.model_copy(update={"version": len(versions) + 1}))
        return versions[-1]

    def newest(self, kind: type[Event]) -> list:
        return [versions[-1] for versions in self.events.values() if isinstance(versions[-1], kind)]

    def _make_units(self) -> None:
        old = {"valid_to": AFTER}
        made = [
            a_unit("24", "province", None, BEFORE, succeeded_by=("24",), **old),
            a_unit("24", "province", None, MERGER, name="Tỉnh mới"),
            a_unit("D", "district", "24", BEFORE, **old),
            a_unit("C1", "commune", "D", BEFORE, succeeded_by=("C9",), **old),
            a_unit("C2", "commune", "D", BEFORE, succeeded_by=("C9",), **old),
            a_unit("C3", "commune", "D", BEFORE, succeeded_by=("C8", "C9"), **old),
            a_unit("C4", "commune", "D", BEFORE, succeeded_by=("C4",), **old),
            a_unit("C4", "commune", "24", MERGER),
            a_unit("C8", "commune", "24", MERGER),
            a_unit("C9", "commune", "24", MERGER),
            a_unit("V1", "village", "C1", BEFORE, **old),
            a_unit("V1", "village", "C9", MERGER),
            a_unit("V2", "village", "C9", MERGER),
            a_unit("V4", "village", "C4", MERGER),
            # A ring, two parents at once, and one that ends before it starts.
            a_unit("R1", "commune", "R2", BEFORE), a_unit("R2", "district", "R1", BEFORE),
            a_unit("T", "commune", "24", BEFORE), a_unit("T", "commune", "D", date(2001, 1, 1)),
            a_unit("X", "commune", "24", date(2026, 1, 1), valid_to=date(2025, 1, 1)),
        ]  # fmt: skip
        self.units = [self._put(each) for each in made]  # type: ignore[misc]

    def _make_sites(self) -> None:
        homes = {
            "S1": {"C1": BEFORE, "C9": MERGER}, "S2": {"C2": BEFORE, "C9": MERGER}, "S3": {"C3": BEFORE, "C8": MERGER},
            "S4": {"C4": BEFORE}, "S5": {"C4": BEFORE, "V2": date(2025, 7, 10)}, "S6": {"C9": MERGER}, "S7": {"R1": BEFORE},
            "S8": {"T": BEFORE}, "S9": {"X": BEFORE}, "S10": {"nowhere": BEFORE}, "S11": {"V4": MERGER},
        }  # fmt: skip
        types = ("school", "school", "health", "office")
        for number, (site_id, units) in enumerate(homes.items()):
            self.sites[site_id] = self._put(a_site(site_id, units=units, type=types[number % 4]))  # type: ignore[assignment]

    def _make_campaigns(self) -> None:
        self._put(a_campaign("K1", "C9", MERGER + timedelta(days=4), MERGER + timedelta(days=20)))
        self._put(a_campaign("K2", "V1", MERGER + timedelta(days=10), MERGER + timedelta(days=11)))
        moved = a_campaign("K3", "24", MERGER, MERGER + timedelta(days=3))
        self._put(moved)
        self._put(moved.model_copy(update={"ends_on": MERGER + timedelta(days=40), "unit_code": "C4"}))

    def _make_notices(self) -> None:
        rng = self.rng
        for bill in range(60):
            site_id = rng.choice(list(self.sites))
            payer, village = f"HS{rng.randrange(12)}", rng.choice((None, "V1", "V2", "V4", "C9", "gone"))
            issued = self._day()
            for line in range(rng.choice((1, 1, 2, 3))):
                notice = a_notice(
                    f"N{bill}-{line}", payer, site_id=site_id, bill_id=f"B{bill}", fee_kind=rng.choice(KINDS),
                    amount=rng.choice((50_000, 80_000, 100_000)), issued_on=issued,
                    due_on=issued + timedelta(days=rng.randrange(-3, 40)), unit_code=village,
                    obligation=rng.choices(("due", "voluntary", "deposit"), (8, 1, 1))[0],
                    link_opened_at=self._at(issued) if rng.random() < 0.4 else None,
                    helper_declared_at=self._at(issued) if rng.random() < 0.15 else None,
                )  # fmt: skip
                self._put(notice)
                if rng.random() < 0.15:
                    self._put(notice.model_copy(update={"amount": notice.amount - 10_000, "fee_kind": rng.choice(KINDS)}))
                if rng.random() < 0.08:
                    self._put(notice.model_copy(update={"status": "cancelled", "cancelled_on": issued}))

    def _make_credits(self) -> None:
        for number in range(self.credits_count):
            self._make_credit(f"P{number}")

    def _make_credit(self, credit_id: str) -> None:
        rng = self.rng
        notices: Sequence[Notice] = self.newest(Notice)
        chosen = rng.choice(notices)
        pays = [each for each in notices if each.bill_id == chosen.bill_id and rng.random() < 0.8]
        occurred = self._at(self._day())
        channel = rng.choices(("bank", "cash", "portal", "opening"), (70, 20, 7, 3))[0]
        received = occurred + timedelta(seconds=rng.choice((-90, 0.4, 1, 3, 70, 400, 90_000, 400_000)))
        amounts = {each.notice_id: each.amount if rng.random() < 0.8 else each.amount // 2 for each in pays}
        total = sum(amounts.values()) or 20_000
        amount = total + rng.choice((0, 0, 0, 7_000)) if rng.random() < 0.9 or not pays else total
        if pays and rng.random() < 0.2:  # a fee was taken from it
            whole = sum(each.amount for each in notices if each.bill_id == chosen.bill_id and each.status == "open")
            amount = max(1_000, whole - rng.choice((1_100, 5_000)))
            amounts = {pays[0].notice_id: min(amount, pays[0].amount)}
        provider, bank = rng.choice(PROVIDERS), rng.choice(BANKS)
        common = {
            "site_id": chosen.site_id if rng.random() < 0.95 else None, "channel": channel, "occurred_at": occurred,
            "received_at": received, "provider": provider if channel == "bank" else None, "counter_bank": bank,
        }  # fmt: skip
        if channel == "bank":
            self._report(credit_id, amount, common)
        fate = rng.random()
        waiting = a_credit(credit_id, local_day(occurred), amount, status=rng.choice(("suggested", "unmatched")), **common)
        if fate < 0.1:
            self._put(waiting)
            return
        if fate < 0.16:
            reason = rng.choice(("not_income", "cash_deposit"))
            parts = SuspenseParts(not_a_fee=amount)
            self._put(waiting.model_copy(update={"reason": reason, "status": "unmatched", "suspense_parts": parts}))
            return
        if fate < 0.3:
            self._put(waiting)
        first = self._decided(waiting, amounts, "auto" if fate < 0.8 else "kt1")
        self._put(first)
        if fate > 0.9:
            taken_back = _undone(first, "kt1" if fate > 0.93 else "auto", rng)
            self._put(taken_back)
            if fate > 0.95:
                self._put(self._decided(taken_back, {chosen.notice_id: min(amount, chosen.amount)}, "kt2"))

    def _decided(self, credit: Credit, amounts: dict[str, int], by: str) -> Credit:
        rng = self.rng
        after_s = rng.choice((0.2, 1, 1.4, 5, 50, 3_000, 80_000, 500_000))
        decided_at = credit.received_at + timedelta(seconds=after_s)
        allocations = []
        left = credit.amount
        for notice_id, part in amounts.items():
            if left <= 0:
                break
            through = rng.choice(("self", "family", "staff", "helper", "unknown"))
            allocation_id = f"{credit.credit_id}/{by}/{len(credit.undone)}/{notice_id}"
            allocations.append(
                Allocation(
                    allocation_id=allocation_id, notice_id=notice_id, amount=min(part, left), paid_through=through,
                    decided_by=by, decided_at=decided_at,
                )
            )  # fmt: skip
            left -= allocations[-1].amount
        return credit.model_copy(
            update={
                "status": "matched", "reason": "reference", "allocations": tuple(allocations), "suspense": left,
                "suspense_parts": SuspenseParts(balance=left),
            }
        )  # fmt: skip

    def _report(self, transaction_id: str, amount: int, common: dict) -> None:
        rng = self.rng
        account = f"A{int(hashlib.md5(str(common['site_id']).encode()).hexdigest(), 16) % 5}"
        provider, received = common["provider"], common["received_at"]
        way = rng.choices(("webhook", "statement", "pull"), (85, 10, 5))[0]
        first = a_transaction(
            transaction_id, local_day(common["occurred_at"]), amount, account=account, site_id=common["site_id"],
            occurred_at=common["occurred_at"], received_at=received, provider=provider, seen_by=way,
            counter_bank=common["counter_bank"], sightings=(Sighting(provider=provider, seen_by=way, received_at=received),),
        )  # fmt: skip
        self._put(first)
        if rng.random() < 0.25:
            other = Sighting(
                provider=rng.choice(PROVIDERS), seen_by=rng.choice(("webhook", "statement")),
                received_at=received + timedelta(seconds=rng.choice((-30, 60, 86_400))),
            )  # fmt: skip
            first = self._put(first.model_copy(update={"sightings": (*first.sightings, other)}))  # type: ignore[assignment]
        if rng.random() < 0.06:
            self._put(first.model_copy(update={"status": "merged_into", "merged_into": "P0"}))

    def _make_strays(self) -> None:
        """A payment of 2019, one of tomorrow, one for a notice that nobody knows, and one at a site that nobody knows."""
        for credit_id, day, notice, site_id in (
            ("old", date(2019, 3, 4), "N1-0", "S1"), ("ahead", self.today + timedelta(days=1), "N2-0", "S2"),
            ("unknown-notice", self.last, "N-nobody", "S3"), ("unknown-site", self.last, "N-nowhere", "S-nobody"),
        ):  # fmt: skip
            self._put(a_credit(credit_id, day, 30_000, pays={notice: 30_000}, site_id=site_id, counter_bank="BIDV"))

    def _day(self) -> date:
        return self.first + timedelta(days=self.rng.randrange((self.last - self.first).days + 1))

    def _at(self, day: date) -> datetime:
        return datetime.combine(day, time(self.rng.randrange(24), self.rng.randrange(60)), LOCAL).astimezone(UTC)

    # The truth.

    def truth(self) -> Truth:
        """What all of it comes to, from each entity's newest version."""
        fees = [
            Fee(
                each.notice_id, each.bill_id, each.site_id, each.payer_code.reveal(), each.fee_kind, each.amount, each.issued_on,
                each.due_on, each.obligation == "due", each.status == "open", each.unit_code, each.link_opened_at,
                each.helper_declared_at,
            )
            for each in self.newest(Notice)
        ]  # fmt: skip
        return Truth(
            self.today, list(self.sites), self._spot,
            [
                UnitSpan(unit.level, unit.unit_code, unit.valid_from, unit.valid_to or date.max) for unit in self.units
                if unit.valid_to is None or unit.valid_to >= unit.valid_from
            ],
            fees, [_money(each) for each in self.newest(Credit)], [_movement(each) for each in self.newest(BankTransaction)],
            PRICES,
            [
                Drive("K1", "commune", frozenset({"C9", "C1", "C2"}), MERGER + timedelta(days=4), MERGER + timedelta(days=20)),
                Drive("K2", "village", frozenset({"V1"}), MERGER + timedelta(days=10), MERGER + timedelta(days=11)),
                Drive("K3", "commune", frozenset({"C4"}), MERGER, MERGER + timedelta(days=40)),
            ],
        )  # fmt: skip

    def _spot(self, site_id: str, day: date) -> Spot:
        """Written out by hand: where each site lay."""
        site = self.sites.get(site_id)
        if site is None:
            return Spot()
        merged = day >= MERGER
        homes: dict[str, tuple[str, str, str]] = {  # commune, district, province
            "S1": ("C9", "", "24") if merged else ("C1", "D", "24"),
            "S2": ("C9", "", "24") if merged else ("C2", "D", "24"),
            "S3": ("C8", "", "24") if merged else ("C3", "D", "24"),
            "S4": ("C4", "", "24") if merged else ("C4", "D", "24"),
            "S5": ("C9", "", "24") if day >= date(2025, 7, 10) else ("C4", "", "24") if merged else ("C4", "D", "24"),
            "S6": ("C9", "", "24"), "S7": ("R1", "R2", ""), "S8": ("T", "", ""), "S9": ("", "", ""), "S10": ("", "", ""),
            "S11": ("C4", "", "24"),
        }  # fmt: skip
        stands = day >= (MERGER if site_id in {"S6", "S11"} else BEFORE)
        if not stands:
            return Spot(site.type)
        if day < date(2001, 1, 1) and site_id == "S8":
            raise NotImplementedError
        village = {"S5": "V2" if day >= date(2025, 7, 10) else "", "S11": "V4"}.get(site_id, "")
        places = [place or told.UNKNOWN for place in (village, *homes[site_id])]
        return Spot(site.type, *places, stands=True)


def a_campaign(campaign_id: str, unit_code: str, starts_on: date, ends_on: date) -> Campaign:
    return Campaign(
        campaign_id=campaign_id, version=1, name="Vận động", unit_code=unit_code, starts_on=starts_on, ends_on=ends_on,
        kind="visit",
    )  # fmt: skip


def _undone(credit: Credit, by: str, rng: Random) -> Credit:
    gone = tuple(
        UndoneAllocation(**each.model_dump(), undone_by=by, undone_at=each.decided_at + timedelta(hours=2), reason="nhầm")
        for each in credit.allocations
    )
    return credit.model_copy(
        update={
            "allocations": (), "undone": (*credit.undone, *gone), "suspense": credit.amount,
            "suspense_parts": SuspenseParts(unidentified=credit.amount), "status": "unmatched", "reason": "none",
        }
    )  # fmt: skip


def _money(credit: Credit) -> Money:
    parts = [
        Part(
            each.notice_id, each.amount, each.paid_through in {"staff", "helper"}, each.decided_by, each.decided_at,
            getattr(each, "undone_by", None),
        )
        for each in (*credit.allocations, *credit.undone)
    ]  # fmt: skip
    is_income = credit.reason not in {"not_income", "cash_deposit"} and credit.suspense_parts.not_a_fee < credit.amount
    return Money(
        credit.credit_id, credit.site_id, credit.channel, credit.occurred_at, credit.received_at, credit.amount, tuple(parts),
        credit.provider or told.UNKNOWN, credit.counter_bank or told.UNKNOWN, is_income,
        is_income and credit.status in {"suggested", "unmatched"} and credit.suspense_parts.unidentified > 0,
    )  # fmt: skip


def _movement(each: BankTransaction) -> Movement:
    return Movement(
        each.transaction_id, each.site_id, each.account, each.occurred_at,
        tuple((sighting.provider, sighting.seen_by, sighting.received_at) for sighting in each.sightings),
        each.counter_bank or told.UNKNOWN, each.status == "merged_into",
    )  # fmt: skip
