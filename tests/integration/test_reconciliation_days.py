"""The day book of a running reconciliation service, told only by the topics."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from shared.clock import local_day, now
from shared.events import Discrepancy, ReconciliationDay
from shared.runtime.auth import Caller, sign_token
from tests.integration.payment_events import (
    ACCOUNT,
    a_credit,
    a_notice,
    a_site,
    a_statement,
    a_transaction,
    at,
    cash,
    undone,
)
from tests.integration.support import (
    ADMIN,
    SECRET_KEY,
    Running,
    Stack,
    eventually,
    newest,
    publish,
    read_topic,
    running_service,
)

MONDAY = date(2026, 10, 5)


@pytest.fixture(scope="module")
async def service(stack: Stack) -> AsyncIterator[Running]:
    async with running_service("reconciliation", stack) as running:
        await publish(stack.bootstrap, [a_site(), a_notice("n1")])
        yield running


async def day_of(service: Running, day: date, account: str = ACCOUNT) -> dict[str, Any]:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{service.url}/days?site=TH1&from={day}&to={day}", headers=ADMIN)
    assert answer.status_code in {200, 404}, answer.text
    rows = answer.json() if answer.status_code == 200 else []
    return next((row for row in rows if row["account"] == account), {})


async def until(service: Running, day: date, account: str = ACCOUNT, **expected: object) -> dict[str, Any]:
    """Wait until a day says this."""

    async def says() -> dict[str, Any]:
        found = await day_of(service, day, account)
        assert {name: found.get(name) for name in expected} == expected
        return found

    return await eventually(says)  # type: ignore[return-value]


async def discrepancies(stack: Stack, day: date) -> set[tuple[str, str]]:
    """Kinds and states; of one kind there may be several: a decision that came after its transaction leaves a settled one behind."""
    found = await newest(stack.bootstrap, Discrepancy)
    return {(each.kind, each.state) for each in found.values() if each.about.date == day}


async def test_a_day_is_open_until_each_transaction_has_its_decision_and_then_balances(
    stack: Stack, service: Running
) -> None:
    first, second = a_transaction("b1", MONDAY), a_transaction("b2", MONDAY, 50_000)
    spent = a_transaction("b3", MONDAY, 30_000, direction="out")
    await publish(stack.bootstrap, [first, second, spent, a_credit("b1", MONDAY, pays={"n1": 100_000})])
    await until(service, MONDAY, state="open", credits=150_000, debits=30_000, allocated=100_000, suspense=0)
    assert ("undecided_transaction", "open") in await discrepancies(stack, MONDAY)

    ignored = a_credit("b3", MONDAY, 30_000, direction="out", status="ignored", reason="not_income")
    await publish(stack.bootstrap, [a_credit("b2", MONDAY, 50_000), ignored])
    day = await until(service, MONDAY, state="balanced", allocated=100_000, suspense=50_000)
    assert day["credits"] == day["allocated"] + day["suspense"]
    assert (day["opening"], day["closing"], day["deposits"]) == (None, None, 0)

    async def settled() -> bool:
        found = await discrepancies(stack, MONDAY)
        return {state for kind, state in found if kind == "undecided_transaction"} == {"settled"}

    await eventually(settled)


async def test_an_undo_lowers_what_is_allocated_and_an_old_version_changes_nothing(stack: Stack, service: Running) -> None:
    day = MONDAY + timedelta(days=1)
    credit = a_credit("u1", day, pays={"n1": 100_000})
    await publish(stack.bootstrap, [a_transaction("u1", day), credit])
    await until(service, day, state="balanced", allocated=100_000)
    await publish(stack.bootstrap, [undone(credit)])
    after = await until(service, day, allocated=0, suspense=100_000)
    await publish(stack.bootstrap, [credit, undone(credit), a_transaction("u1", day), a_transaction("u-last", day)])
    # The later transaction shows that the duplicates before it were read.
    last = await until(service, day, credits=200_000, allocated=0, suspense=100_000)
    assert last["version"] == after["version"] + 1


async def test_cash_stands_in_a_row_of_its_own(stack: Stack, service: Running) -> None:
    day = MONDAY + timedelta(days=2)
    await publish(stack.bootstrap, [cash("c1", day, 70_000, pays={"n1": 60_000}), a_transaction("c2", day)])
    await until(service, day, "cash", state="closed", cash=70_000, allocated=60_000, suspense=10_000, credits=0)
    await until(service, day, cash=0, credits=100_000)


async def test_a_late_transaction_restates_its_own_day_and_a_moved_one_leaves_the_old_day(
    stack: Stack, service: Running
) -> None:
    day, other = MONDAY + timedelta(days=3), MONDAY + timedelta(days=4)
    await publish(stack.bootstrap, [a_transaction("l1", day), a_transaction("l2", day, 20_000, received_at=now())])
    await until(service, day, credits=120_000)
    await publish(stack.bootstrap, [a_transaction("l2", day, 20_000, version=2, occurred_at=at(other))])
    await until(service, day, credits=100_000)
    await until(service, other, credits=20_000)
    await publish(stack.bootstrap, [a_transaction("l2", other, 20_000, version=3, status="merged_into", merged_into="l1")])
    await until(service, other, credits=0, state="balanced")


async def test_a_statement_of_two_days_gives_each_day_its_balances(stack: Stack, service: Running) -> None:
    first, second = MONDAY + timedelta(days=7), MONDAY + timedelta(days=8)
    lines = [a_transaction("s1", first, 40_000), a_transaction("s2", second, 10_000, direction="out")]
    decisions = [
        a_credit("s1", first, 40_000),
        a_credit("s2", second, 10_000, direction="out", status="ignored", reason="not_income"),
    ]
    await publish(stack.bootstrap, [a_statement("st1", first, second, lines)])
    # Topics race: lines whose transactions are not known yet keep their day open.
    await until(service, first, state="open", opening=1_000_000)
    await publish(stack.bootstrap, [*lines, *decisions])
    await until(service, first, state="closed", opening=1_000_000, closing=1_040_000, data_in="statement")
    await until(service, second, state="closed", opening=1_040_000, closing=1_030_000, closed_by="auto")


async def test_a_difference_makes_a_day_discrepant_and_tells_why(stack: Stack, service: Running) -> None:
    missing, differs, broken = (MONDAY + timedelta(days=offset) for offset in (9, 10, 11))
    on_it, not_on_it = a_transaction("m1", missing), a_transaction("m2", missing, 5_000)
    wrong = a_transaction("d1", differs)
    line = a_transaction("k1", broken)
    await publish(
        stack.bootstrap,
        [
            on_it, not_on_it, a_credit("m1", missing, pays={"n1": 100_000}), a_credit("m2", missing, 5_000, pays={"n1": 5_000}),
            a_statement("st2", missing, missing, [on_it]),
            wrong, a_credit("d1", differs, 90_000, pays={"n1": 90_000}),
            line, a_credit("k1", broken, pays={"n1": 100_000}), a_statement("st3", broken, broken, [line], closing=1_100_001),
        ],
    )  # fmt: skip
    for day, kind in ((missing, "missing_on_statement"), (differs, "amount_differs"), (broken, "balance_break")):
        await until(service, day, state="discrepant")

        async def told(day: date = day, kind: str = kind) -> bool:
            return {each for each, state in await discrepancies(stack, day) if state == "open"} == {kind}

        await eventually(told)


async def test_today_is_open_however_well_it_balances(stack: Stack, service: Running) -> None:
    today = local_day(now())
    await publish(stack.bootstrap, [a_transaction("t1", today), a_credit("t1", today)])
    await until(service, today, state="open", credits=100_000, suspense=100_000)


async def test_a_replay_ends_in_the_same_days_and_publishes_nothing(stack: Stack, service: Running) -> None:
    before = sorted((each.key, each.version) for each in await read_topic(stack.bootstrap, ReconciliationDay))
    assert before
    async with running_service("reconciliation", stack, KHOP_REPLICA="1") as other, httpx.AsyncClient() as client:
        answer = await client.post(f"{other.url}/operations/replay", headers=ADMIN)
        assert answer.status_code == 200
    # Both processes give up when the replay begins; the supervisor, here the test, starts a new one.
    async with running_service("reconciliation", stack) as again:
        day = MONDAY + timedelta(days=20)
        await publish(stack.bootstrap, [a_transaction("after-replay", day)])
        await until(again, day, credits=100_000)
        await until(again, MONDAY, state="closed", allocated=100_000, suspense=50_000)
    after = sorted((each.key, each.version) for each in await read_topic(stack.bootstrap, ReconciliationDay))
    assert [each for each in after if not each[0].endswith(day.isoformat())] == before


async def test_unknown_sites_foreign_sites_and_senseless_ranges_are_refused(stack: Stack) -> None:
    async with running_service("reconciliation", stack) as service, httpx.AsyncClient(base_url=service.url) as client:
        foreign = sign_token(SECRET_KEY, Caller("kt1", "accountant", frozenset({"TH2"})))
        assert (await client.get("/days?site=TH1")).status_code == 401
        assert (await client.get("/days?site=TH1", headers={"Authorization": f"Bearer {foreign}"})).status_code == 403
        assert (await client.get("/days?site=NOWHERE", headers=ADMIN)).status_code == 404
        upside_down = "from=2026-03-02&to=2026-03-01"
        for dates in ("from=2026-02-30", upside_down, "from=2020-01-01&to=2026-01-01", "to=0001-01-05", "to=9999-12-31"):
            assert (await client.get(f"/days?site=TH1&{dates}", headers=ADMIN)).status_code == 400, dates


async def test_the_command_line_closes_a_day_and_what_comes_later_counts_today(stack: Stack) -> None:
    today = local_day(now())
    day = today - timedelta(days=1)
    async with running_service("reconciliation", stack) as service:
        await publish(stack.bootstrap, [a_transaction("k-1", day), a_credit("k-1", day)])
        await until(service, day, state="balanced", credits=100_000)
        before = await day_of(service, today)

        def khop(*arguments: str) -> subprocess.CompletedProcess[str]:
            environment = stack.environment(KHOP_RECONCILIATION_URL=service.url)
            command = [sys.executable, "-m", "services", "day", "close", *arguments]
            return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})

        closed = await asyncio.to_thread(khop, "TH1", str(day))
        assert closed.returncode == 0, closed.stderr
        [row] = [each for each in json.loads(closed.stdout)["days"] if each["account"] == ACCOUNT]
        assert (row["state"], row["closed_by"], row["credits"]) == ("closed", "admin", 100_000)
        await publish(stack.bootstrap, [a_transaction("k-late", day, 7_000), a_credit("k-late", day, 7_000)])
        late = await until(service, today, credits=before["credits"] + 7_000)
        assert (late["late"]["items"], late["late"]["credits"]) == (1, 7_000)
        assert await day_of(service, day) == row
        differing = day - timedelta(days=1)
        undecided = a_transaction("k-2", differing)
        await publish(stack.bootstrap, [undecided])
        await until(service, differing, credits=100_000)
        for arguments, status, told in (
            (("TH1", "2026-02-30"), 2, "no date"),
            (("NOWHERE", str(day)), 2, "nothing is known of NOWHERE"),
            (("TH1", str(today + timedelta(days=1))), 2, "has not begun"),
            (("TH1", str(differing)), 1, "no decision yet"),
        ):
            refused = await asyncio.to_thread(khop, *arguments)
            assert refused.returncode == status
            assert told in refused.stderr
            assert len(refused.stderr.strip().splitlines()) == 1


async def test_what_is_different_and_what_closed_is_measured(stack: Stack) -> None:
    async with running_service("reconciliation", stack) as service, httpx.AsyncClient() as client:

        async def told() -> bool:
            text = (await client.get(f"{service.url}/metrics")).text
            return (
                'khop_discrepancies_open{kind="balance_break"} ' in text
                and 'khop_days_unclosed{state="' in text
                and 'khop_freshness_oldest_timestamp_seconds{known_by="statement"} 1.' in text
                and "khop_statements_overdue_accounts " in text
            )

        await eventually(told)
