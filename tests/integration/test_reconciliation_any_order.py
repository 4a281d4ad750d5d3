"""Whatever comes in whatever order, on whatever day: no đồng is lost or counted twice, and a closed day never changes."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from services.reconciliation.days.closing import close_days
from shared.events import BankTransaction, Credit, Event
from shared.runtime.problems import Problem
from tests.integration.payment_events import ACCOUNT, a_credit, a_notice, a_site, a_statement, a_transaction, at, cash
from tests.integration.reconciliation_book import Book, days_from, fresh_book

MONDAY = date(2026, 10, 5)
DAYS = days_from(MONDAY, 9)
OTHER = "0500111222333"
SUMS = ("credits", "debits", "allocated", "suspense", "cash", "deposits")


class World:
    """Money that moves, and everything that is told of it, each told as often and as late as chance will."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.told: dict[date, list[Event]] = {day: [] for day in DAYS}
        self.newest: dict[tuple[type[Event], str], Event] = {}
        for number in range(30):
            self._movement(f"t{number}")
        for number in range(6):
            self._receipt(f"c{number}")
        for account in (ACCOUNT, OTHER):
            self._statements(account)

    def _movement(self, name: str) -> None:
        day, account = self.chance.choice(DAYS[:-1]), self.chance.choice([ACCOUNT, OTHER])
        amount, is_in = self.chance.randint(1, 9) * 10_000, self.chance.random() < 0.8
        transaction = a_transaction(
            name,
            day,
            amount,
            account=account,
            direction="in" if is_in else "out",
            occurred_at=at(day, self.chance.randint(0, 23)),
        )
        versions = [transaction]
        if self.chance.random() < 0.15:
            versions.append(transaction.model_copy(update={"version": 2, "status": "merged_into", "merged_into": "t0"}))
        elif self.chance.random() < 0.15:
            moved = self.chance.choice(DAYS[:-1])
            versions.append(transaction.model_copy(update={"version": 2, "occurred_at": at(moved)}))
        elif self.chance.random() < 0.1:
            versions.append(
                transaction.model_copy(update={"version": 2, "account": OTHER if account == ACCOUNT else ACCOUNT})
            )
        decisions: list[Event] = []
        if not is_in:
            decisions.append(
                a_credit(name, day, amount, account=account, direction="out", status="ignored", reason="not_income")
            )
        elif self.chance.random() < 0.2:
            deposit = {"status": "ignored", "reason": "cash_deposit", "suspense_parts": {"not_a_fee": amount}}
            decisions.append(a_credit(name, day, amount, account=account, **deposit))
        else:
            for version in range(1, self.chance.randint(2, 4)):
                part = self.chance.choice([0, amount, amount // 2])
                pays = {"n1": part} if part else None
                decisions.append(a_credit(name, day, amount, account=account, version=version, pays=pays))
        self._tell(day, versions)
        self._tell(day, decisions)

    def _receipt(self, name: str) -> None:
        day, amount = self.chance.choice(DAYS[:-1]), self.chance.randint(1, 9) * 10_000
        versions = [cash(name, day, amount), cash(name, day, amount, version=2, pays={"n1": amount})]
        self._tell(day, versions[: self.chance.randint(1, 2)])

    def _statements(self, account: str) -> None:
        if self.chance.random() < 0.7:
            first = self.chance.choice(DAYS[:4])
            last = first + timedelta(days=self.chance.randint(0, 3))
            lines = [
                each for kind, each in self.newest.items()
                if kind[0] is BankTransaction and each.account == account and first <= at_day(each) <= last
                and each.status == "live" and self.chance.random() < 0.9
            ]  # fmt: skip
            self._tell(last, [a_statement(f"s-{account}", first, last, lines, account=account)])

    def _tell(self, day: date, versions: list[Any]) -> None:
        for event in versions:
            late = self.chance.choice([0, 0, 0, 1, 2, 5])
            self.told[min(day + timedelta(days=late), DAYS[-1])].append(event)
            if self.chance.random() < 0.2:
                self.told[DAYS[-1]].append(event)
            self.newest[type(event), event.key] = event

    def totals(self) -> Counter[str]:
        """What all money comes to, from the newest of everything."""
        sums: Counter[str] = Counter()
        for (kind, name), event in self.newest.items():
            if kind is BankTransaction and event.status == "live":
                credit = self.newest[Credit, name]
                sums["credits" if event.direction == "in" else "debits"] += event.amount
                if event.direction == "in":
                    sums["suspense"] += credit.suspense
                    sums["allocated"] += credit.amount - credit.suspense
                    if credit.reason == "cash_deposit":
                        sums["deposits"] += 2 * event.amount  # into the bank, and out of the box
            if kind is Credit and event.channel == "cash":
                sums["cash"] += event.amount
                sums["suspense"] += event.suspense
                sums["allocated"] += event.amount - event.suspense
        return sums


def at_day(transaction: BankTransaction) -> date:
    return (transaction.occurred_at + timedelta(hours=7)).date()


async def close_something(book: Book, chance: random.Random, today: date) -> None:
    """A person closes some day, with a reason; refused where a movement has no decision."""
    with contextlib.suppress(Problem):
        async with book.database.transaction() as connection:
            await close_days(
                connection, "TH1", today - timedelta(days=chance.randint(0, 3)), account=None, version=None, reason="other",
                person="kt1", at=at(today, 17),
            )  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
async def test_no_money_is_lost_and_no_closed_day_changes(postgres_dsn: str, seed: int) -> None:
    world = World(seed)
    chance = random.Random(seed + 1_000)
    site = a_site()
    both = site.accounts[0].model_copy(update={"account_number": OTHER})
    known = [site.model_copy(update={"accounts": (*site.accounts, both)}), a_notice("n1")]
    closed: dict[str, Any] = {}
    async with fresh_book(postgres_dsn) as book:
        await book.take(*known, today=MONDAY)
        for place, today in enumerate(DAYS):
            await book.wake_on(today, DAYS[place - 1] if place else None)
            events = world.told[today]
            chance.shuffle(events)
            for start in range(0, len(events), 5):
                await book.take(*events[start : start + 5])
                if chance.random() < 0.6:
                    await book.derive(today)
                if chance.random() < 0.3:
                    await close_something(book, chance, today)
                now = await book.days()
                assert {key: now[key] for key in closed} == closed, "a closed day changed"
                closed = {key: day for key, day in now.items() if day.state == "closed"}
        await book.wake_on(DAYS[-1] + timedelta(days=7))
        days = list((await book.days()).values())
        assert {name: sum(getattr(day, name) for day in days) for name in SUMS} == {
            name: world.totals()[name] for name in SUMS
        }
        for day in days:
            if day.account != "cash":
                assert day.credits == day.allocated + day.suspense
            else:
                assert (day.cash, day.closing) == (
                    day.allocated + day.suspense,
                    day.opening + day.cash - day.debits - day.deposits,
                )
        boxes = sorted((day for day in days if day.account == "cash"), key=lambda day: day.date)
        for earlier, later in pairwise(boxes):
            assert later.opening == earlier.closing, "the box runs on"
            assert earlier.state == "closed" or later.state != "closed", "it closes day after day"
        booked = await book.rows("select day, account, sum(credits)::bigint as credits from bookings group by 1, 2")
        frozen = {(day.date, day.account): day.credits for day in days if day.state == "closed" and day.credits}
        assert {(row["day"], row["account"]): row["credits"] for row in booked if row["credits"]} == frozen
        before = await book.everything()
        everything = [event for events in world.told.values() for event in events] + known
        chance.shuffle(everything)
        await book.replay(everything, DAYS[-1] + timedelta(days=7))
        after = await book.everything()
        assert {table: rows for table, rows in after.items() if rows != before[table]} == {}
