"""A simulated week of bad networks through ingest, matching and reconciliation: then the statements, and every day is closed.

5 % of the webhooks are lost, 10 % come twice, 20 % late and shuffled; a third of the accounts has statements only.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from datetime import date, timedelta
from random import Random
from typing import Any

import httpx

from shared.clock import local_day
from shared.events import Discrepancy, ReconciliationDay
from shared.events.directory import SiteAccount
from tests.integration.payment_events import a_site
from tests.integration.support import ADMIN, Stack, eventually, newest, publish, running_service
from tests.integration.test_ingest_webhooks import SECRET, connect, send
from tests.integration.test_ingest_week import DAYS, MONDAY, movements, statement, weather
from tests.unit.services.ingest.samples import casso_delivery

WEEK = [local_day(MONDAY) + timedelta(days=offset) for offset in range(DAYS)]
BLOCKING_IN_A_HEALED_WEEK = {
    "missing_on_statement",
    "amount_differs",
    "balance_break",
    "undecided_transaction",
    "duplicate_suspected",
}


def sums(truth: dict[str, list[dict[str, Any]]]) -> dict[tuple[str, date], tuple[int, int, int]]:
    """What moved on each day of each account: in, out, and the bank's balance at its end."""
    found: dict[tuple[str, date], tuple[int, int, int]] = {}
    for account, moved in truth.items():
        for each in moved:
            key = account, local_day(each["moment"])
            came, went, _ = found.get(key, (0, 0, 0))
            found[key] = came + max(each["amount"], 0), went - min(each["amount"], 0), each["balance"]
    return found


async def test_a_week_of_bad_networks_ends_with_every_day_closed_and_each_dong_once(stack: Stack) -> None:
    rng = Random(7)
    truth = dict(movements(rng))
    before_statements, after_statements = weather(truth, rng)
    accounts = tuple(
        SiteAccount(
            bank_bin="970436", account_number=account, account_name="TH1", valid_from=date(2020, 1, 1), valid_to=None
        )
        for account in truth
    )
    async with AsyncExitStack() as running:
        services = {}
        for name in ("ingest", "matching", "reconciliation"):
            services[name] = await running.enter_async_context(running_service(name, stack))
        await publish(stack.bootstrap, [a_site().model_copy(update={"accounts": accounts})])
        client = await running.enter_async_context(httpx.AsyncClient(base_url=services["ingest"].url, timeout=30))
        for provider in ("sepay", "casso"):
            await connect(client, f"week-{provider}", *truth, provider=provider)
        slots = asyncio.Semaphore(24)

        async def deliver(provider: str, _account: str, body: dict[str, Any]) -> None:
            async with slots:
                if provider == "sepay":
                    answer = await send(client, "week-sepay", body)
                else:
                    delivery = casso_delivery({"error": 0, "data": body}, SECRET, time.time())
                    answer = await client.post("/webhooks/casso/week-casso", content=delivery.body, headers=delivery.headers)
                assert answer.status_code == 200, answer.text

        await asyncio.gather(*(deliver(*message) for message in before_statements))
        for account, moved in truth.items():
            answer = await client.post(f"/statements/{account}", content=statement(moved), headers=ADMIN)
            assert answer.status_code == 200, answer.text
        await asyncio.gather(*(deliver(*message) for message in after_statements))

        async def is_all_closed() -> bool:
            days = [day for day in (await newest(stack.bootstrap, ReconciliationDay)).values() if day.date in WEEK]
            assert {day.state for day in days} == {"closed"}, sorted(day.key for day in days if day.state != "closed")[:5]
            return len(days) >= len(truth) * DAYS

        await eventually(is_all_closed, within_s=60)
        # Closed days and what was found late on other days are, together, each đồng of the banks once.
        days = (await newest(stack.bootstrap, ReconciliationDay)).values()
        expected = sums(truth)
        by_account: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for day in days:
            by_account[day.account][0] += day.credits
            by_account[day.account][1] += day.debits
        for account in truth:
            moved = [value for (owner, _), value in expected.items() if owner == account]
            assert by_account[account] == [sum(came for came, _, _ in moved), sum(went for _, went, _ in moved)], account
        with_statement = [day for day in days if day.date in WEEK and day.bank_credits is not None]
        assert with_statement, "statements spoke"
        for day in with_statement:
            came, went, balance = expected[day.account, day.date]
            assert (day.bank_credits, day.bank_debits, day.closing) == (came, went, balance), day.key
            assert day.credits == day.allocated + day.suspense
        open_ones = [each for each in (await newest(stack.bootstrap, Discrepancy)).values() if each.state == "open"]
        assert {each.kind for each in open_ones} & BLOCKING_IN_A_HEALED_WEEK == set(), open_ones[:3]
