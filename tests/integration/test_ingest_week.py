"""A simulated week: webhooks lost, repeated, late and shuffled, from two providers; a third of the sites by statement only.

Then the statements come. Each movement of the banks must be exactly one transaction, and nothing may be in doubt.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import httpx
import pytest

from shared.clock import LOCAL
from shared.events import BankStatement, BankTransaction
from tests.integration.support import ADMIN, Running, Stack, eventually, newest, running_service
from tests.integration.test_ingest_webhooks import SECRET, connect, send
from tests.unit.services.ingest.samples import casso_data, casso_delivery, sepay_body
from tests.unit.services.ingest.statements.files import as_csv

ACCOUNTS = [f"52{number:08}" for number in range(9)]
"""Every third has statements only; of the others half report over two providers."""
MONDAY = datetime(2026, 11, 2, tzinfo=LOCAL)
DAYS, A_DAY = 7, 8


def movements(rng: Random) -> dict[str, list[dict[str, Any]]]:
    """What really moved, in the banks' own order. Fees are equal, so are many minutes; some banks give no reference."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    number = 0
    for account in ACCOUNTS:
        balance = 1_000_000
        for day in range(DAYS):
            minutes = sorted(rng.choices(range(7 * 60, 20 * 60, 10), k=A_DAY))
            for minute in minutes:
                number += 1
                amount = rng.choice((150_000, 150_000, 150_000, 200_000, -11_000))
                balance += amount
                found[account].append({
                    "number": number, "amount": amount, "balance": balance,
                    "moment": MONDAY + timedelta(days=day, minutes=minute, seconds=number % 60),
                    "memo": f"KH{number:05}A nop tien an" if amount > 0 else "Phi dich vu SMS",
                    "reference": f"FT26{306 + day}{number:09}" if account[-1] in "01234" else f"{number % 9000}",
                })  # fmt: skip
    return found


def sepay(account: str, each: dict[str, Any]) -> dict[str, Any]:
    return sepay_body(
        id=each["number"], accountNumber=account, transferAmount=abs(each["amount"]), content=each["memo"],
        transferType="in" if each["amount"] > 0 else "out", accumulated=each["balance"], referenceCode=each["reference"],
        transactionDate=f"{each['moment']:%Y-%m-%d %H:%M:%S}",
    )  # fmt: skip


def casso(account: str, each: dict[str, Any]) -> dict[str, Any]:
    return casso_data(
        id=100_000 + each["number"], accountNumber=account, amount=each["amount"], runningBalance=each["balance"],
        description=f"CT tu 001.{each['memo']}", reference=each["reference"] + ("BNK" if each["reference"] > "F" else ""),
        transactionDateTime=f"{each['moment']:%Y-%m-%d %H:%M:%S}",
    )  # fmt: skip


def statement(found: list[dict[str, Any]]) -> bytes:
    rows: list[list[Any]] = [["Ngày giao dịch", "Số tham chiếu", "Ghi nợ", "Ghi có", "Số dư", "Nội dung"]]
    rows += [
        [f"{each['moment']:%d/%m/%Y %H:%M:%S}", each["reference"], -min(each["amount"], 0), max(each["amount"], 0),
         each["balance"], each["memo"]]
        for each in found
    ]  # fmt: skip
    return as_csv(rows)


def is_as_in_truth(found: list[BankTransaction], moved: list[dict[str, Any]]) -> bool:
    expected = sorted((each["moment"], each["amount"]) for each in moved)
    assert sorted((each.occurred_at, each.amount if each.direction == "in" else -each.amount) for each in found) == expected
    assert [each for each in found if each.possible_duplicate_of or each.status != "live"] == []
    return all("statement" in {seen.seen_by for seen in each.sightings} for each in found)


Message = tuple[str, str, dict[str, Any]]


def weather(truth: dict[str, list[dict[str, Any]]], rng: Random) -> tuple[list[Message], list[Message]]:
    """What arrives of the webhooks, before the statements come and after: 5 % are lost, 10 % come twice, 20 % late."""
    messages: list[Message] = []
    for index, (account, moved) in enumerate(truth.items()):
        for provider in ((), ("sepay",), ("sepay", "casso"))[index % 3]:
            for each in moved:
                if rng.random() >= 0.05:
                    body = sepay(account, each) if provider == "sepay" else casso(account, each)
                    messages += [(provider, account, body)] * (2 if rng.random() < 0.1 else 1)
    late = {index for index in range(len(messages)) if rng.random() < 0.2}
    shuffled = [messages[index] for index in sorted(late)]
    rng.shuffle(shuffled)
    on_time = [message for index, message in enumerate(messages) if index not in late]
    return on_time + shuffled[::2], shuffled[1::2]


@pytest.fixture(scope="module")
async def ingest(stack: Stack) -> AsyncIterator[Running]:
    async with running_service("ingest", stack) as running:
        yield running


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_movement_is_exactly_one_transaction(stack: Stack, ingest: Running, seed: int):
    rng = Random(seed)
    truth = {f"{account}{seed}": moved for account, moved in movements(rng).items()}
    before_statements, after_statements = weather(truth, rng)

    async with httpx.AsyncClient(base_url=ingest.url, timeout=30) as client:
        for provider in ("sepay", "casso"):
            await connect(client, f"week-{provider}-{seed}", *truth, provider=provider)
        slots = asyncio.Semaphore(24)

        async def deliver(provider: str, _account: str, body: dict[str, Any]) -> None:
            async with slots:
                if provider == "sepay":
                    answer = await send(client, f"week-sepay-{seed}", body)
                else:
                    delivery = casso_delivery({"error": 0, "data": body}, SECRET, time.time())
                    answer = await client.post(
                        f"/webhooks/casso/week-casso-{seed}", content=delivery.body, headers=delivery.headers
                    )
                assert answer.status_code == 200, answer.text

        await asyncio.gather(*(deliver(*message) for message in before_statements))
        for account, moved in truth.items():
            answer = await client.post(f"/statements/{account}", content=statement(moved), headers=ADMIN)
            assert answer.status_code == 200, answer.text
        await asyncio.gather(*(deliver(*message) for message in after_statements))

        for account, moved in truth.items():
            again = (await client.post(f"/statements/{account}", content=statement(moved), headers=ADMIN)).json()
            assert again["unchanged"] is True

    async def as_in_truth() -> bool:
        by_account: dict[str, list[BankTransaction]] = defaultdict(list)
        for each in (await newest(stack.bootstrap, BankTransaction)).values():
            by_account[each.account].append(each)
        return all(is_as_in_truth(by_account[account], moved) for account, moved in truth.items())

    await eventually(as_in_truth)
    statements = [each for each in (await newest(stack.bootstrap, BankStatement)).values() if each.account in truth]
    assert {each.account: len(each.lines) for each in statements} == dict.fromkeys(truth, DAYS * A_DAY)
    assert all(each.opening + each.credits - each.debits == each.closing for each in statements)
