"""DESIGN §6.2 and §6.3 whatever happens in whatever order: notices, money, people, redelivery, and a crash at any statement.

Hypothesis drives one matching service on a real PostgreSQL. KHOP_STATEFUL_EXAMPLES=500 looks longer.
"""

from __future__ import annotations

import asyncio
import os
import threading
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import date, timedelta
from random import Random
from typing import Any, TypeVar

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from services.matching import store
from shared.events import BankTransaction, Credit, Event, Notice
from shared.reference import random_reference
from shared.runtime.postgres import Connection, Database
from tests.integration.matching_ledger import DAY, Ledger, fresh_ledger, newer
from tests.integration.payment_events import a_notice, a_site, a_transaction
from tests.integration.support import ADMIN

T = TypeVar("T")
SITES = ("TH1", "TH2")
PUPILS = (("HS0001", "Nguyễn Thị Hoài An", "3A"), ("HS0002", "Trần Quốc Bình", "3A"), ("HS0003", "Lò Thị Mai Hoa", "5B"))
ACCOUNTS = ("19031234567", "0711555666777", None)
TABLES = "acts, habits, texts, allocations, credits, notices, payers, name_words, site_erasures, outbox, idempotency"
AMOUNTS = (50_000, 100_000, 150_000)
DIES_IN = st.none() | st.integers(0, 26)
"""At which statement of what follows the process dies; a batch or an act takes some fifteen."""


class CrashError(Exception):
    """The process dies here."""


class CrashingConnection:
    """A connection that dies at a chosen statement."""

    def __init__(self, connection: Connection, database: CrashingDatabase) -> None:
        self._connection = connection
        self._database = database

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._connection, name)
        if name not in {"execute", "fetch", "fetchrow", "fetchval"}:
            return method

        async def counted(*arguments: Any) -> Any:
            self._database.step()
            return await method(*arguments)

        return counted


class CrashingDatabase(Database):
    """A database whose client dies at the statement `dies_in`; at the last one, just before the commit."""

    dies_in: int | None = None

    def step(self) -> None:
        if self.dies_in is not None:
            self.dies_in -= 1
            if self.dies_in < 0:
                raise CrashError

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        async with super().transaction() as connection:
            yield CrashingConnection(connection, self)  # type: ignore[misc]
            self.step()


class World:
    """One database and one event loop for all examples; a service that is made anew for each."""

    def __init__(self, admin_dsn: str) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._context = fresh_ledger(admin_dsn)
        self.ledger: Ledger = self.run(self._context.__aenter__())
        self.database = CrashingDatabase(self.ledger.database.pool, lambda: None)
        self.ledger.database = self.database
        self.ledger.__post_init__()
        transport = httpx.ASGITransport(app=self.ledger.app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://matching", headers=ADMIN)
        self.run(self.ledger.take(*(a_site(each) for each in SITES)))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def clear(self) -> None:
        async def truncate() -> None:
            async with self.database.transaction() as connection:
                await connection.execute(f"truncate {TABLES}")

        self.database.dies_in = None
        self.run(truncate())
        self.ledger.restart()

    def close(self) -> None:
        self.run(self.http.aclose())
        self.run(self._context.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)


class Matching(RuleBasedStateMachine):
    """What may happen to a ledger, and what must hold after each of it."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.chance = Random(0)
        self.notices: dict[str, Notice] = {}
        self.transactions: dict[str, BankTransaction] = {}
        self.pending: dict[str, list[Event]] = defaultdict(list)
        """By partition, in order."""
        self.delivered: list[Event] = []
        self.published: dict[str, Credit] = {}
        self.merged: set[str] = set()
        """Transactions that turned out to be others, and those others."""
        self.by_person: set[str] = set()
        """Credits whose decision is a person's."""
        self.receipts = 0
        self.is_automatic = False
        """Whether what is published now comes from the topics."""

    @initialize()
    def begin(self) -> None:
        self.world.clear()

    # What happens outside.

    @rule(pupil=st.sampled_from(PUPILS), site=st.sampled_from(SITES), amount=st.sampled_from(AMOUNTS), joins=st.booleans(),
          month=st.integers(9, 12), virtual=st.sampled_from((None, None, "VA1", "VA2")))  # fmt: skip
    def issue(self, pupil, site, amount, joins, month, virtual) -> None:
        code, name, group = pupil
        mine = [each for each in self.notices.values() if (each.payer_code.reveal(), each.site_id) == (code, site)]
        reference = mine[-1].reference if joins and mine else random_reference(self.chance)
        self._tell(a_notice(
            f"n{len(self.notices)}", code, payer_name=name, group=group, site_id=site, amount=amount, reference=reference,
            purpose=f"Tiền ăn tháng {month}", due_on=date(2026, month, 28), issued_on=DAY - timedelta(days=month),
            virtual_account=virtual,
        ))  # fmt: skip

    @precondition(lambda self: self.notices)
    @rule(data=st.data(), what=st.sampled_from(
        ("lower", "raise", "cancel", "reference", "virtual", "rename", "reopen", "settle", "settle_unused")
    ))  # fmt: skip
    def change_notice(self, data, what) -> None:
        notice = data.draw(st.sampled_from(sorted(self.notices.values(), key=lambda each: each.notice_id)))
        if what.startswith("settle") and notice.settled is not None:
            return  # a deposit is counted in one settlement
        changes = {
            "lower": {"amount": max(1, notice.amount - 30_000)},
            "raise": {"amount": notice.amount + 30_000},
            "cancel": {"status": "cancelled", "cancelled_on": DAY},
            "reopen": {"status": "open", "cancelled_on": None},
            "reference": {"reference": random_reference(self.chance)},
            "virtual": {"virtual_account": "VA1"},
            "rename": {"payer_name": "Đỗ Văn Cường"},
            "settle": {"amount": max(1, notice.amount - 30_000), "settled": {"by": "tn1", "to_return": 30_000}},
            "settle_unused": {
                "status": "cancelled",
                "cancelled_on": DAY,
                "settled": {"by": "tn1", "to_return": notice.amount},
            },
        }[what]
        self._tell(newer(notice, **changes))

    @rule(
        data=st.data(),
        kind=st.sampled_from(("reference", "reference", "two", "name", "code", "virtual", "nothing", "out")),
        account=st.sampled_from(ACCOUNTS),
        factor=st.sampled_from((1, 1, 1, 0.5, 1.5)),
        strays=st.sampled_from((0, 0, 0, 0, 0, 0, 1, 2)),
    )
    def pay(self, data, kind, account, factor, strays) -> None:
        """Mostly what somebody owes, on the account of the site where they owe it."""
        known = sorted(self.notices.values(), key=lambda each: each.notice_id)
        meant = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=2)) if known else []
        amount = int(sum(each.amount for each in meant[: 2 if kind == "two" else 1]) * factor) or 100_000
        own = meant[0].site_id if meant else "TH1"
        site = (own, "TH2" if own == "TH1" else "TH1", None)[strays]
        pupil = next((each for each in PUPILS if meant and each[0] == meant[0].payer_code.reveal()), PUPILS[0])
        memo = {
            "reference": meant[0].reference if meant else "khong ro",
            "two": " va ".join(each.reference for each in meant) or "khong ro",
            "name": f"{pupil[1]} {pupil[2]} nop tien an",
            "code": f"{pupil[0]} tien an",
        }.get(kind, "chuyen tien")
        self._tell(a_transaction(
            f"t{len(self.transactions)}", DAY, amount, memo=memo, site_id=site, account=f"0711{site}", counter_account=account,
            virtual_account="VA1" if kind == "virtual" else None, direction="out" if kind == "out" else "in",
        ))  # fmt: skip

    @precondition(lambda self: self.transactions)
    @rule(data=st.data(), what=st.sampled_from(("again", "site", "erased", "merged")))
    def change_transaction(self, data, what) -> None:
        known = sorted(self.transactions.values(), key=lambda each: each.transaction_id)
        one, other = data.draw(st.sampled_from(known)), data.draw(st.sampled_from(known))
        if one.status != "live":
            return
        if what == "merged":
            alike = (one.account, one.direction) == (other.account, other.direction)
            if other.status != "live" or one is other or not alike:
                return
            self.merged |= {one.transaction_id, other.transaction_id}
            changes: dict[str, Any] = {"status": "merged_into", "merged_into": other.transaction_id}
        else:
            changes = {
                "again": {},
                "site": {"site_id": one.site_id or "TH1"},
                "erased": {"status": "erased", "memo": None, "counter_account": None},
            }[what]
        self._tell(newer(one, **changes))

    def _tell(self, event: Event) -> None:
        known: dict[str, Any] = self.notices if isinstance(event, Notice) else self.transactions  # type: ignore[assignment]
        known[event.key] = event
        self.pending[f"{event.topic}/{event.partition_key}"].append(event)

    # What the service does.

    @precondition(lambda self: any(self.pending.values()))
    @rule(data=st.data(), dies_in=DIES_IN, is_acknowledged=st.booleans())
    def deliver(self, data, dies_in, is_acknowledged) -> None:
        partition = data.draw(st.sampled_from(sorted(name for name, events in self.pending.items() if events)))
        events = self.pending[partition][: data.draw(st.integers(1, 6))]
        if self._take(events, dies_in) and is_acknowledged:
            del self.pending[partition][: len(events)]
        self.delivered += events

    @precondition(lambda self: any(self.pending.values()))
    @rule(dies_in=DIES_IN)
    def deliver_everything(self, dies_in) -> None:
        for partition in sorted(self.pending, key=lambda name: "bank" in name):
            events = self.pending[partition]
            if events and self._take(events, dies_in):
                self.delivered += events
                self.pending[partition] = []

    @precondition(lambda self: self.delivered)
    @rule(data=st.data(), dies_in=DIES_IN)
    def deliver_again(self, data, dies_in) -> None:
        start = data.draw(st.integers(0, len(self.delivered) - 1))
        self._take(self.delivered[start : start + 8], dies_in)

    @rule()
    def restart(self) -> None:
        self.world.ledger.restart()

    def _take(self, events: list[Event], dies_in: int | None) -> bool:
        self.world.database.dies_in = dies_in
        self.is_automatic = True
        try:
            self.world.run(self.world.ledger.take(*events))
        except CrashError:
            # Sometimes the process dies with it, sometimes the batch is only tried again.
            if self.chance.random() < 0.5:
                self.world.ledger.restart()
            return False
        finally:
            self.world.database.dies_in = None
        return True

    # What people do.

    @precondition(lambda self: self.published)
    @rule(data=st.data(), act=st.sampled_from(("allocate", "undo", "aside", "move", "return", "accept", "document")),
          dies_in=DIES_IN, is_stale=st.booleans())  # fmt: skip
    def act(self, data, act, dies_in, is_stale) -> None:
        credit = self.published[data.draw(st.sampled_from(sorted(self.published)))]
        notice_id = data.draw(st.sampled_from(sorted(self.notices))) if self.notices else "none"
        amount = data.draw(st.sampled_from((1, 50_000, credit.suspense_parts.unidentified or 1)))
        version = credit.version - (1 if is_stale and credit.version > 1 else 0)
        path, method, body = f"/credits/{credit.credit_id}", "POST", {}
        if act == "allocate":
            path, body = f"{path}/allocations", {"allocations": [{"notice_id": notice_id, "amount": amount}]}
        elif act == "aside":
            rest = credit.suspense_parts.model_dump()
            rest["to_return"] += rest.pop("unidentified")
            path, body = f"{path}/allocations", {"allocations": [], "suspense": rest}
        elif act == "move":
            path, method, body = f"{path}/site", "PUT", {"site_id": data.draw(st.sampled_from(SITES)), "reason": "nhầm"}
        elif act == "return":
            path, body = f"{path}/returns", {"amount": amount, "why": "nhầm"}
        elif act == "document":
            path, method, body = f"{path}/document-number", "PUT", {"document_number": "PT1"}
        elif act == "accept" and credit.candidates:
            chosen = {"credit_id": credit.credit_id, "version": version, "notice_ids": credit.candidates[0].notice_ids}
            path, body = "/suggestions/accept", {"suggestions": [chosen]}
        elif act == "undo" and credit.allocations:
            path, method = f"/allocations/{credit.allocations[0].allocation_id}?reason=nhầm", "DELETE"
        else:
            return
        headers = {"If-Match": str(version), "Idempotency-Key": uuid.uuid4().hex}
        self._send(method, path, body or None, headers, dies_in)

    @precondition(lambda self: self.notices)
    @rule(data=st.data(), amount=st.sampled_from(AMOUNTS), opens=st.booleans(), dies_in=DIES_IN)
    def receive(self, data, amount, opens, dies_in) -> None:
        """A receipt for a notice, or an opening balance of its payer."""
        notice = self.notices[data.draw(st.sampled_from(sorted(self.notices)))]
        body = {
            "site_id": notice.site_id, "amount": amount, "received_at": "2026-11-24T09:00:00+07:00",
            **({"channel": "opening", "payer_code": notice.payer_code.reveal()} if opens else {"notice_id": notice.notice_id}),
        }  # fmt: skip
        # A receipt's id follows from its key, and what is drawn next from the order of ids: so that an example can be repeated.
        self.receipts += 1
        self._send("POST", "/cash-receipts", body, {"Idempotency-Key": f"r{self.receipts}"}, dies_in)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str], dies_in: int | None) -> None:
        """Send a command; one whose answer was lost is sent again under its key, and the answer is the first one then."""
        self.world.database.dies_in = dies_in
        first = self.world.run(self._ask(method, path, body, headers))
        self.world.database.dies_in = None
        again = self.world.run(self._ask(method, path, body, headers))
        assert again.status_code < 500, again.text
        if first.is_success:
            assert again.json() == first.json()

    async def _ask(self, method: str, path: str, body: Any, headers: dict[str, str]) -> httpx.Response:
        return await self.world.http.request(method, path, json=body, headers=headers)

    # What must hold.

    @invariant()
    def all_holds(self) -> None:
        self.world.run(self._check())

    async def _check(self) -> None:
        ledger = self.world.ledger
        was_automatic, self.is_automatic = self.is_automatic, False
        events = await ledger.sent()
        for event in events:
            before = self.published.get(event.credit_id)
            assert event.version == (before.version + 1 if before else 1), "each version is published, each once"
            self._check_change(before, event)
            went_apart = set_apart(event) - (set_apart(before) if before else 0)
            if was_automatic and went_apart:
                assert before is not None
                now, then = event.suspense_parts.to_return, before.suspense_parts.to_return
                assert now - then == went_apart, "what a settlement leaves waits to go back"
            elif was_automatic and event.credit_id in self.by_person - self.merged:
                assert before is not None
                assert decided_by_hand(event) == decided_by_hand(before), (
                    "a person's decision stands; the balance alone is used"
                )
            elif not was_automatic and event.reason in {"by_hand", "cash_deposit"}:
                self.by_person.add(event.credit_id)
            self.published[event.credit_id] = event
        async with ledger.database.reading() as connection:
            stored = await store.load_credits(connection, list(self.published), lock=False)
            count = await connection.fetchval("select count(*) from credits")
            notices = await connection.fetch(NOTICES)
        for site_id, book in ledger.handlers[Notice].__self__._books._sites.items():  # type: ignore[attr-defined]
            for row in notices:
                if row["site_id"] == site_id and row["change"] <= book.change:
                    known = book.get(row["notice_id"])
                    assert (known.allocated, known.due) == (row["allocated"], row["due"]), (
                        "what is remembered is what is stored"
                    )
        assert count == len(self.published), "every credit is published"
        self._check_what_goes_back()
        assert {each: credit.event() for each, credit in stored.items()} == self.published
        for row in notices:
            assert row["allocated"] == row["live"], "what is paid of a notice is the sum of its allocations"
            if row["live"] > row["due"]:
                assert row["is_over_allocated"], "only a person pays more than is due"
                assert row["by_hand"] == row["live"], "and then nothing of it is the automaton's"

    def _check_what_goes_back(self) -> None:
        left: dict[str, int] = defaultdict(int)
        for credit in self.published.values():
            assert (credit.returned_at is not None) == (credit.suspense_parts.returned > 0)
            for gone in credit.undone:
                left[gone.notice_id] += gone.settled.to_return if gone.settled else 0
        for notice_id, amount in left.items():
            settled = self.notices[notice_id].settled
            assert amount <= (settled.to_return if settled else 0), "nothing goes back twice"

    def _check_change(self, before: Credit | None, now: Credit) -> None:
        assert now.amount == sum(each.amount for each in now.allocations) + now.suspense
        if now.direction == "out":
            assert not now.allocations
        if before is None:
            return
        assert now.suspense_parts.returned >= before.suspense_parts.returned, "money that is gone stays gone"
        gone = {each.allocation_id for each in before.undone}
        for each in now.undone:
            if each.allocation_id not in gone and each.decided_by != "auto" and now.credit_id not in self.merged:
                assert each.undone_by != "auto", "a person's decision is never undone by the automaton"

    def teardown(self) -> None:
        """At the end everything is delivered, then everything once more: every transaction has its decision, and nothing changes."""
        if not hasattr(self, "world"):
            return
        for events in self.pending.values():
            self._take(events, None)
            self.delivered += events
        self.all_holds()
        assert set(self.transactions) <= set(self.published), "every transaction gets a decision"
        stood = dict(self.published)
        again = list(self.delivered)
        self.chance.shuffle(again)
        self._take(again, None)
        self.all_holds()
        assert self.published == stood, "what is published again changes nothing"


def set_apart(credit: Credit) -> int:
    """What settlements left of the deposits that the credit paid."""
    return sum(each.settled.to_return for each in credit.undone if each.settled)


def decided_by_hand(credit: Credit) -> tuple[object, ...]:
    """What a person decided of a credit: all but what becomes of the balance."""
    parts = credit.suspense_parts.model_dump(exclude={"balance"})
    allocated = sum(each.amount for each in credit.allocations) + credit.suspense_parts.balance
    by_person = [each for each in credit.allocations if each.decided_by != "auto"]
    return credit.status, credit.reason, credit.site_id, parts, allocated, by_person


NOTICES = """
select n.notice_id, n.site_id, n.change, n.allocated, n.is_over_allocated, case when n.is_cancelled then 0 else n.amount end as due,
  coalesce(sum(a.amount), 0) as live,
  coalesce(sum(a.amount) filter (
    where not a.from_balance and (a.decided_by <> 'auto' or c.is_decided_by_person)), 0) as by_hand
from notices n left join (allocations a join credits c using (credit_id)) on a.notice_id = n.notice_id and a.undone_by is null
group by n.notice_id
"""


@pytest.mark.timeout(600)
def test_the_ledger_holds_whatever_happens(postgres_dsn: str) -> None:
    world = World(postgres_dsn)
    try:
        machine = type("BoundMatching", (Matching,), {"world": world})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=int(os.environ.get("KHOP_STATEFUL_EXAMPLES", "8")),
                stateful_step_count=40,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                print_blob=True,
            ),
        )
    finally:
        world.close()
