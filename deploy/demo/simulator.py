"""Payers, banks and cashiers at work: a real client of the installation, which it knows only by its HTTP interface.

It reads the open notices as a payer reads a slip, pays them through signed webhooks of the sites' providers or at the
cashier's, and remembers in `truth` what it really paid.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Literal

import httpx

from deploy.demo import banks, district, providers
from deploy.demo.api import LIMITS, TIMEOUT, Installation
from deploy.demo.book import bills_of
from deploy.demo.books import Books
from deploy.demo.chance import seeded
from deploy.demo.district import SampleSite
from deploy.demo.network import Delivery, Weather, unix_now
from deploy.demo.payers import Bill, Intent, decide
from deploy.demo.people import a_name
from deploy.demo.providers import Connection, Report, connection_of
from deploy.demo.truth import Kind, Movement, Truth
from shared.clock import LOCAL

IN_FLIGHT_MAX = 5_000
"""Movements that are not confirmed yet; beyond them the payers wait."""
BILLS_LEAST = 50
"""With fewer open bills left, the next round is issued, where somebody can."""
_OTHER_SHARE = 0.02
"""Movements that are no payments: interest, and money that leaves the account."""

IssueMore = Callable[[], Awaitable[Sequence[str]]]
"""Issues new notices and says at which sites."""


class Simulator:
    """Payers of the sample sites.

    The same seed and the same slips give the same payments. Movements are numbered from the clock, so that a second run on
    one installation is no repetition of the first; with the same books balances go on from the first's.
    """

    def __init__(
        self,
        addresses: Mapping[str, str],
        admin_token: str,
        *,
        seed: int = 1,
        sites: Sequence[SampleSite] | None = None,
        weather: Weather | None = None,
        issue_more: IssueMore | None = None,
        drain_s: float = 60.0,
        transport: httpx.AsyncBaseTransport | None = None,
        books: Books | None = None,
    ) -> None:
        """`drain_s`: how long the end waits for messages that are under way; `issue_more` issues new notices to `sites`.

        `transport` carries the requests; None: the real network.
        """
        self.truth = Truth()
        self._addresses, self._admin_token, self._seed = addresses, admin_token, seed
        self._sites = {site.site_id: site for site in (district.sites() if sites is None else sites)}
        self._connections = {each: connection_of(site, admin_token) for each, site in self._sites.items()}
        self._weather = weather or Weather()
        self._issue_more = issue_more
        self._drain_s = drain_s
        self._client = httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS, transport=transport)
        self._installation = Installation(addresses, admin_token, self._client)
        self._rng = seeded(seed, "payers")
        self._bills: list[Bill] = []
        self._known: set[str] = set()
        self._books = books or Books()
        self._next_number = int(time.time()) * 10_000
        self._tasks: set[asyncio.Task[None]] = set()
        self._ending = asyncio.Event()
        self._issuing: asyncio.Task[None] | None = None

    async def learn(self, site_ids: Sequence[str]) -> int:
        """Read the slips of these sites; says how many bills nobody has paid anything of. Raises DemoError."""
        for site_id in site_ids:
            for bill in bills_of(self._sites[site_id], await self._installation.open_notices(site_id)):
                if bill.reference not in self._known:
                    self._known.add(bill.reference)
                    self._bills.append(bill)
        self._rng.shuffle(self._bills)
        return len(self._bills)

    async def run(self, rate_per_s: float, duration_s: float | None, stop: asyncio.Event) -> Truth:
        """Let payers pay at this rate until `stop`, the end of `duration_s`, or the last bill.

        Then wait for what is under way, at most `drain_s`. Where no slip was learned yet, those of all sites are read
        first. Raises DemoError where they cannot be read.
        """
        self._ending.clear()
        if not self._known:
            await self.learn(list(self._sites))
        loop = asyncio.get_running_loop()
        ends_at = None if duration_s is None else loop.time() + duration_s
        due_at = loop.time()
        while not stop.is_set() and (ends_at is None or max(due_at, loop.time()) < ends_at):
            if len(self._bills) < BILLS_LEAST:
                self._see_to_more_bills()
            if not self._bills:
                if self._issuing is None:
                    break
                await asyncio.sleep(0.05)
                continue
            await _sleep_until(due_at, stop)
            if stop.is_set():
                break
            acts = self._act()
            # A machine that cannot keep up pays later; it does not catch up with a burst.
            due_at = max(due_at + acts / rate_per_s, loop.time() - 1)
            while len(self._tasks) >= IN_FLIGHT_MAX and not stop.is_set():
                await asyncio.sleep(0.01)
        await self._drain()
        return self.truth

    async def close(self) -> None:
        """End all connections."""
        await self._client.aclose()

    def _see_to_more_bills(self) -> None:
        """Have new notices issued in the background, unless that is going on already."""
        if self._issuing is not None and self._issuing.done():
            self._issuing.result()  # what could not be issued must be seen
            self._issuing = None
        if self._issuing is None and self._issue_more is not None:
            self._issuing = asyncio.create_task(self._issue(self._issue_more))

    async def _issue(self, issue_more: IssueMore) -> None:
        await self.learn(await issue_more())

    def _act(self) -> int:
        """One payer pays, or money moves for another reason; says how many movements that makes."""
        if self._rng.random() < _OTHER_SHARE:
            site = self._rng.choice(list(self._sites.values()))
            self._start(self._other(site, self._rng.choice((Kind.INTEREST, Kind.MONEY_OUT))))
            return 1
        bill = self._bills.pop()
        intents = decide(bill, self._rng)
        self.truth.bills[bill.reference] = bill.amount
        for place, intent in enumerate(intents):
            self._start(self._pay(bill, intent, seeded(self._seed, bill.reference, place)))
        return len(intents)

    async def _pay(self, bill: Bill, intent: Intent, rng: Random) -> None:
        ended = intent.after_s > 0 and await self._ended_within(intent.after_s)
        # Who would have paid later has not; but a cashier who has begun a slip writes all its receipts.
        if ended and intent.kind is not Kind.CASH:
            return
        site = self._sites[bill.site_id]
        number = self._number()
        movement = self.truth.add(
            Movement(str(number), intent.kind, bill.site_id, bill.account, intent.amount, bill.reference, intent.notice_id)
        )
        if intent.kind is Kind.CASH:
            await self._deliver(movement, rng, self._cash_receipt(movement, number))
            return
        moment = _local_second()
        transfer = banks.Transfer(
            intent.memo, a_name(rng), f"0{rng.randrange(10**12):012d}", site.account, site.account_name, moment
        )
        written = banks.write(transfer, rng)
        report = Report(
            number, site.account, intent.amount, "in", moment, written.content, written.counter_name,
            written.counter_account, written.counter_bank, banks.bank_reference(number, moment, rng),
            self._books.move(site.account, intent.amount),
        )  # fmt: skip
        await self._deliver(movement, rng, self._webhook(self._connections[site.site_id], report))

    async def _other(self, site: SampleSite, kind: Kind) -> None:
        number = self._number()
        rng = seeded(self._seed, "other", len(self.truth.movements))
        moment = _local_second()
        amount = rng.randrange(1_000, 90_000) if kind is Kind.INTEREST else rng.randrange(100, 3_000) * 1_000
        direction: Literal["in", "out"] = "in" if kind is Kind.INTEREST else "out"
        movement = self.truth.add(Movement(str(number), kind, site.site_id, site.account, amount, None))
        memo = "TRA LAI TIEN GUI KKH" if kind is Kind.INTEREST else rng.choice(("Tra tien thuc pham", "Phi SMS BANKING"))
        report = Report(
            number, site.account, amount, direction, moment, memo, None, None, None,
            banks.bank_reference(number, moment, rng), self._books.move(site.account, amount if direction == "in" else -amount),
        )  # fmt: skip
        await self._deliver(movement, rng, self._webhook(self._connections[site.site_id], report))

    async def _deliver(self, movement: Movement, rng: Random, send: Callable[[], Awaitable[httpx.Response]]) -> None:
        def confirmed() -> None:
            movement.acknowledged = True

        weather = self._weather
        if movement.kind is Kind.CASH:  # the cashier sits at the counter and presses once
            weather = replace(weather, late_share=0, twice_share=0)
        await Delivery(send, weather, rng, self.truth.answers).until_confirmed(confirmed)

    def _webhook(self, connection: Connection, report: Report) -> Callable[[], Awaitable[httpx.Response]]:
        raw = providers.body(connection, report)
        url = self._addresses["ingest"] + connection.path

        def send() -> Awaitable[httpx.Response]:
            self.truth.attempts += 1
            return self._client.post(url, content=raw, headers=providers.headers(connection, report, raw, unix_now()))

        return send

    def _cash_receipt(self, movement: Movement, number: int) -> Callable[[], Awaitable[httpx.Response]]:
        document = {
            "site_id": movement.site_id,
            "notice_id": movement.notice_id,
            "amount": movement.amount,
            "received_at": _local_second().isoformat(),
            "channel": "cash",
            "document_number": f"PT{number}",
        }
        headers = {**self._installation.authorization, "Idempotency-Key": f"sample-cash-{number}"}

        def send() -> Awaitable[httpx.Response]:
            self.truth.attempts += 1
            return self._client.post(f"{self._addresses['matching']}/cash-receipts", json=document, headers=headers)

        return send

    def _number(self) -> int:
        self._next_number += 1
        return self._next_number

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ended_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._ending.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def _drain(self) -> None:
        self._ending.set()
        if self._issuing is not None:
            self._issuing.cancel()
            await asyncio.gather(self._issuing, return_exceptions=True)
            self._issuing = None
        if not self._tasks:
            return
        done, late = await asyncio.wait(self._tasks, timeout=self._drain_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for task in done:
            task.result()  # a fault of the simulator itself must be seen


def _local_second() -> datetime:
    return datetime.now(LOCAL).replace(microsecond=0)


async def _sleep_until(due_at: float, stop: asyncio.Event) -> None:
    wait_s = due_at - asyncio.get_running_loop().time()
    if wait_s <= 0:
        await asyncio.sleep(0)
        return
    try:
        await asyncio.wait_for(stop.wait(), wait_s)
    except TimeoutError:
        return
