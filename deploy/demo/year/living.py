"""Lets the model's district live against a running installation: month by month, in batch or at a pace.

Fees are issued as files, payments told by signed webhooks with the dates on which they happened, cash and the portal's payments
by receipts; what the network loses for good a statement tells at the month's end. Then the clerks work off what is left.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import httpx

from deploy.demo import banks, providers
from deploy.demo.api import DemoError, Installation
from deploy.demo.book import bills_of
from deploy.demo.books import Books
from deploy.demo.chance import seeded
from deploy.demo.district import SampleSite
from deploy.demo.load import Loader
from deploy.demo.network import unix_now
from deploy.demo.people import a_name
from deploy.demo.providers import Report, connection_of
from deploy.demo.year import clerks, plan
from deploy.demo.year.households import Household, drives, households_of
from deploy.demo.year.parameters import Parameters
from deploy.demo.year.plan import Act, Circumstances, Fate, Payable
from deploy.demo.year.school_year import Issued, Month, as_csv, notices_of
from deploy.demo.year.statements import statement_csv
from shared.clock import now

AT_ONCE = 24
"""Messages in flight."""
IMPORTS_AT_ONCE = 4
TRIES = 10
LATE_AT_MOST = timedelta(days=3)
TRANSACTION_IDS = uuid.UUID("6b686f70-0000-5000-8000-62616e6b7478")
"""Ingest's own namespace: a movement's id follows from provider, account and the provider's id, for ever."""


@dataclass(slots=True)
class Lived:
    """What happened so far: the truth, to be told by told.py."""

    notices: list[Issued] = field(default_factory=list)
    bills: dict[str, str] = field(default_factory=dict)
    """The bill of each notice, by its reference."""
    acts: list[Act] = field(default_factory=list)
    webhooks: dict[str, int] = field(default_factory=dict)
    """How often each movement's webhook was confirmed beyond the first time."""


@dataclass(slots=True)
class Pace:
    """How fast simulated time goes: in batch (no rate) as fast as it can, else so many simulated seconds a second.

    With rate 1 simulated time is the clock's: what lies in the past happens at once, and the future is waited for.
    """

    rate: float | None = None
    began: float = field(default_factory=time.monotonic)
    since: datetime | None = None

    @property
    def is_batch(self) -> bool:
        """Whether nothing is waited for."""
        return self.rate is None

    async def reach(self, moment: datetime) -> None:
        """Wait until simulated time has come to a moment."""
        if self.rate is None:
            return
        if self.since is None:
            self.since = now() if self.rate == 1 else moment
        wait_s = (moment - self.since).total_seconds() / self.rate - (time.monotonic() - self.began)
        if wait_s > 0:
            await asyncio.sleep(wait_s)


class District:
    """The sample district, or some of its sites, from one month to another."""

    def __init__(
        self,
        installation: Installation,
        sites: Sequence[SampleSite],
        parameters: Parameters,
        *,
        seed: int,
        last_day: date,
        books: Books | None = None,
        pace: Pace | None = None,
        leave_waiting_days: int = 3,
        broken_codes: Mapping[str, date] | None = None,
    ) -> None:
        """`last_day`: nothing happens after it. What came without a word in its last `leave_waiting_days` still waits."""
        self.lived = Lived()
        self._installation, self._sites, self._parameters = installation, sites, parameters
        self._seed, self._last_day = seed, last_day
        self.leave_waiting = last_day - timedelta(days=leave_waiting_days - 1)
        self._books = books or Books()
        self._pace = pace or Pace()
        self._broken_codes = broken_codes or {}
        self._households = {site.site_id: households_of(site, seed, parameters) for site in sites}
        self._connections = {site.site_id: connection_of(site, installation.admin_token) for site in sites}
        self._clerks = clerks.Clerks(installation)
        self._statements_heal = False
        self._next_number = int(time.time()) * 1_000_000

    async def prepare(self) -> None:
        """The directory, the tables and the connections. Raises DemoError."""
        loader = Loader(self._installation)
        await loader.load_directory()
        await loader.load_connections(self._sites)
        self._statements_heal = await self._installation.takes_statements(self._sites[0].account)

    async def live(self, month: Month) -> None:
        """One month, to the end of what its bills' payers do. Raises DemoError."""
        payables = await self._issue(month)
        circumstances = Circumstances(
            self._seed, self._parameters, self._last_day, drives(), statements_heal=self._statements_heal,
            broken_codes=self._broken_codes,
        )  # fmt: skip
        acts = plan.acts_of_month(payables, circumstances)
        for site in self._sites:
            acts += plan.other_movements(site.site_id, site.account, month.first_day, circumstances)
        acts.sort(key=lambda act: act.at)
        plan.settle(payables, acts, self.leave_waiting)
        for act in acts:
            self._number(act)
        await self._tell(acts)
        await self._heal(acts)
        self.lived.acts += acts
        # Whatever a paced day's clerks have seen they look at again: a statement may have told of more.
        await self._clerks.work_off(acts, self.leave_waiting)

    async def leave_unexplained(self, site: SampleSite, at: datetime) -> None:
        """Money comes of which nobody has said yet what it is for."""
        act = Act(at, site.site_id, site.account, "bank", 70_000, plan.Way.WITHOUT_A_WORD)
        self._number(act)
        await self._tell([act])
        self.lived.acts.append(act)

    async def _issue(self, month: Month) -> list[Payable]:
        """Issue the month's fees, and read the slips."""
        by_site: dict[str, list[tuple[Household, list[Issued]]]] = {}
        for site in self._sites:
            by_site[site.site_id] = [
                (household, issued)
                for household in self._households[site.site_id]
                if (issued := notices_of(household, month, self._seed, self._parameters))
                and issued[0].issued_on <= self._last_day
            ]
        payables: list[Payable] = []

        async def issue(site: SampleSite) -> None:
            fees = [notice for _, issued in by_site[site.site_id] for notice in issued]
            await self._installation.import_file("notices", "notices", as_csv(fees), site.site_id)
            wanted = {notice.notice_id for notice in fees}
            shown = [each for each in await self._installation.open_notices(site.site_id) if each["notice_id"] in wanted]
            bills = {bill.notices[0].notice_id: bill for bill in bills_of(site, shown)}
            self.lived.notices += fees
            self.lived.bills |= {each["notice_id"]: each["reference"] for each in shown}
            for household, issued in by_site[site.site_id]:
                bill = next(bills[each.notice_id] for each in issued if each.notice_id in bills)
                payables.append(Payable(bill, household, issued[0].issued_on))

        await _in_portions(self._sites, issue, IMPORTS_AT_ONCE)
        return sorted(payables, key=lambda each: (each.bill.site_id, each.bill.notices[0].notice_id))

    def _number(self, act: Act) -> None:
        """Give a movement its numbers, in the order in which the bank books it."""
        self._next_number += 1
        act.number = self._next_number
        if act.channel == "bank":
            act.balance_after = self._books.move(act.account, act.amount if act.direction == "in" else -act.amount)
            provider = self._connections[act.site_id].provider
            provider_id = str(act.number) if provider == "sepay" else f"msg_{act.number}"
            act.movement_id = str(uuid.uuid5(TRANSACTION_IDS, f"{provider}/{act.account}/{provider_id}"))

    async def _tell(self, acts: Iterable[Act]) -> None:
        """Send every message, some late, some twice, in the order in which they come."""
        rng = seeded(self._seed, "network", len(self.lived.acts))
        told: list[tuple[datetime, int, Act, bool]] = []
        for act in acts:
            if act.fate is Fate.LOST:
                continue
            delay = rng.uniform(0, LATE_AT_MOST.total_seconds()) if act.fate is Fate.LATE else 0.0
            delay += 60.0 if act.fate is Fate.LOST_ONCE else 0.0
            told.append((act.at + timedelta(seconds=delay), act.number, act, False))
            if act.fate is Fate.TWICE:
                told.append((act.at + timedelta(seconds=rng.uniform(60, 7_200)), act.number, act, True))
        told.sort(key=lambda each: each[:2])
        gate = asyncio.Semaphore(AT_ONCE)

        async def send(act: Act, *, again: bool) -> None:
            async with gate:
                await self._send(act, again=again)

        day: date | None = None
        today: list[Act] = []
        async with asyncio.TaskGroup() as group:
            running: set[asyncio.Task[None]] = set()
            for moment, _, act, again in told:
                if not self._pace.is_batch and day != moment.date():
                    # The clerks' evening: they work off the day that is over.
                    if running:
                        await asyncio.wait(running)
                    await self._clerks.work_off(today, self.leave_waiting)
                    day, today = moment.date(), []
                await self._pace.reach(moment)
                if not again:
                    today.append(act)
                task = group.create_task(send(act, again=again))
                running.add(task)
                task.add_done_callback(running.discard)
                while len(running) > 4 * AT_ONCE:
                    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)

    async def _send(self, act: Act, *, again: bool) -> None:
        if act.channel != "bank":
            act.movement_id = str((await self._receipt(act))["credit_id"])
            return
        connection = self._connections[act.site_id]
        raw = providers.body(connection, self._report(act))
        url = f"{self._installation.addresses['ingest']}{connection.path}"
        for attempt in range(TRIES):
            headers = providers.headers(connection, self._report(act), raw, unix_now())
            try:
                answer = await self._installation.client.post(url, content=raw, headers=headers)
            except httpx.TransportError:
                await asyncio.sleep(0.2 * (attempt + 1))
                continue
            if answer.is_success:
                if again:
                    self.lived.webhooks[act.movement_id] = self.lived.webhooks.get(act.movement_id, 0) + 1
                return
            await asyncio.sleep(0.2 * (attempt + 1))
        raise DemoError(f"{url}: a webhook was never confirmed")

    def _report(self, act: Act) -> Report:
        """The movement as its bank writes it; the same at every attempt."""
        rng: Random = seeded(self._seed, "bank", act.number)
        site = next(each for each in self._sites if each.site_id == act.site_id)
        reference = banks.bank_reference(act.number, act.at, rng)
        if not act.is_payment or not act.memo:
            memo = act.memo or f"Thanh toan QR-{act.at:%d%m%y}-{act.at:%H:%M:%S}"
            bank, name, account = None, None, None
        else:
            transfer = banks.Transfer(
                act.memo, a_name(rng), f"0{rng.randrange(10**12):012d}", site.account, site.account_name, act.at
            )
            written = banks.write(transfer, rng)
            memo, bank, name, account = written.content, written.counter_bank, written.counter_name, written.counter_account
        return Report(
            act.number,
            act.account,
            act.amount,
            act.direction,
            act.at,
            memo,
            name,
            account,
            bank,
            reference,
            act.balance_after,
        )

    def bank_of(self, act: Act) -> str | None:
        """The payer's bank as the provider or the statement tells it; SePay does not."""
        tells = act.on_statement or self._connections[act.site_id].provider == "standard"
        return self._report(act).counter_bank if tells else None

    def provider_of(self, act: Act) -> str:
        """Who told of a movement first."""
        return "statement" if act.fate is Fate.LOST else self._connections[act.site_id].provider

    async def _receipt(self, act: Act) -> dict[str, Any]:
        document = {
            "site_id": act.site_id, "notice_id": act.notice_id, "amount": act.amount, "received_at": act.at.isoformat(),
            "channel": act.channel, "document_number": f"PT{act.number}",
        }  # fmt: skip
        headers = {"Idempotency-Key": f"nam-{act.notice_id}-{act.number}"}
        return await self._installation.post("matching", "/cash-receipts", document, headers)

    async def _heal(self, acts: Sequence[Act]) -> None:
        """Import a statement of every account on which a webhook was lost for good."""
        by_account: dict[str, list[Act]] = {}
        for act in acts:
            if act.channel == "bank":
                by_account.setdefault(act.account, []).append(act)
        for account, moved in by_account.items():
            if any(act.fate is Fate.LOST for act in moved):
                reports: Mapping[int, Report] = {act.number: self._report(act) for act in moved}
                known = await self._installation.import_statement(account, statement_csv(list(reports.values())))
                for act in moved:
                    act.on_statement = True
                    if act.fate is Fate.LOST:
                        act.movement_id = known[reports[act.number].bank_reference]


async def _in_portions(sites: Sequence[SampleSite], work: Callable[[SampleSite], Awaitable[None]], at_once: int) -> None:
    for start in range(0, len(sites), at_once):
        await asyncio.gather(*(work(site) for site in sites[start : start + at_once]))
