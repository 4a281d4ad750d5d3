"""Money and notices reach a running matching service by their topics; what each pays is told on payments.allocations.v1."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import date
from itertools import count
from random import Random

import httpx
import pytest

from shared.events import BankTransaction, Credit, Notice
from shared.reference import random_reference
from tests.integration.payment_events import a_notice, a_site, a_transaction
from tests.integration.support import (
    ADMIN,
    Running,
    Stack,
    connect_as,
    eventually,
    newest,
    publish,
    read_topic,
    running_service,
)

DAY = date(2026, 11, 24)
numbers = count(1)
chance = Random(6)


def a_fee(reference: str | None = None, amount: int = 150_000, **more: object) -> Notice:
    number = next(numbers)
    return a_notice(f"n{number}", amount=amount, reference=reference or random_reference(chance), **more)


def a_payment(memo: str | None, amount: int = 150_000, **more: object) -> BankTransaction:
    return a_transaction(f"t{next(numbers)}", DAY, amount, memo=memo, **more)


@pytest.fixture(scope="module")
async def service(stack: Stack) -> AsyncIterator[Running]:
    async with running_service("matching", stack) as running:
        await publish(stack.bootstrap, [a_site()])
        yield running


@pytest.fixture
async def client(service: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=service.url, headers=ADMIN) as made:
        yield made


async def decision(stack: Stack, credit_id: str, **expected: object) -> Credit:
    """Wait until the credit stands on its topic with these values."""

    async def says() -> Credit:
        found = (await newest(stack.bootstrap, Credit)).get(credit_id)
        assert isinstance(found, Credit), "no decision yet"
        assert {name: getattr(found, name) for name in expected} == expected
        return found

    return await eventually(says)  # type: ignore[return-value]


def paid(credit: Credit) -> dict[str, int]:
    return {each.notice_id: each.amount for each in credit.allocations}


async def receipt(client: httpx.AsyncClient, notice_id: str, amount: int, key: str, **more: object) -> httpx.Response:
    body = {
        "site_id": "TH1", "notice_id": notice_id, "amount": amount, "received_at": "2026-11-24T09:00:00+07:00", **more,
    }  # fmt: skip
    return await client.post("/cash-receipts", json=body, headers={"Idempotency-Key": key})


async def by_hand(
    client: httpx.AsyncClient, credit: Credit, shares: Mapping[str, int], key: str, version: int | None = None
) -> httpx.Response:
    body = {"allocations": [{"notice_id": notice_id, "amount": amount} for notice_id, amount in shares.items()]}
    headers = {"If-Match": f'"{version or credit.version}"', "Idempotency-Key": key}
    return await client.post(f"/credits/{credit.credit_id}/allocations", json=body, headers=headers)


async def test_the_exact_amount_under_a_reference_pays_the_notice(stack: Stack, service: Running) -> None:
    fee = a_fee()
    payment = a_payment(f"{fee.reference} tien an")
    await publish(stack.bootstrap, [fee, payment])
    credit = await decision(stack, payment.transaction_id, status="matched", reason="reference", suspense=0)
    assert paid(credit) == {fee.notice_id: 150_000}
    assert [each.decided_by for each in credit.allocations] == ["auto"]
    assert credit.evidence


async def test_less_is_a_part_and_the_rest_completes_it(stack: Stack, service: Running) -> None:
    fee = a_fee()
    first, second = a_payment(fee.reference, 100_000), a_payment(fee.reference, 50_000)
    await publish(stack.bootstrap, [fee, first])
    assert paid(await decision(stack, first.transaction_id, status="matched")) == {fee.notice_id: 100_000}
    await publish(stack.bootstrap, [second])
    assert paid(await decision(stack, second.transaction_id, status="matched")) == {fee.notice_id: 50_000}


async def test_more_pays_the_notice_and_the_rest_is_the_payers_balance(stack: Stack, service: Running) -> None:
    fee = a_fee()
    payment = a_payment(fee.reference, 200_000)
    await publish(stack.bootstrap, [fee, payment])
    credit = await decision(stack, payment.transaction_id, status="matched", suspense=50_000)
    assert (paid(credit), credit.suspense_parts.balance) == ({fee.notice_id: 150_000}, 50_000)


async def test_the_same_fee_twice_waits_for_a_person(stack: Stack, service: Running) -> None:
    fee = a_fee()
    payment, again = a_payment(fee.reference), a_payment(fee.reference)
    await publish(stack.bootstrap, [fee, payment])
    await decision(stack, payment.transaction_id, status="matched")
    await publish(stack.bootstrap, [again])
    credit = await decision(stack, again.transaction_id, status="suggested", reason="duplicate", suspense=150_000)
    assert [each.notice_ids for each in credit.candidates] == [(fee.notice_id,)]


async def test_money_out_is_told_and_pays_nothing(stack: Stack, service: Running) -> None:
    fee = a_fee()
    payment = a_payment(fee.reference, direction="out")
    await publish(stack.bootstrap, [fee, payment])
    credit = await decision(stack, payment.transaction_id, status="ignored", reason="not_income")
    assert credit.suspense_parts.not_a_fee == 150_000


async def test_a_payment_before_its_notice_settles_it_on_arrival(stack: Stack, service: Running) -> None:
    fee = a_fee()
    payment = a_payment(fee.reference)
    await publish(stack.bootstrap, [payment])
    await decision(stack, payment.transaction_id, reason="none", suspense=150_000)
    await publish(stack.bootstrap, [fee])
    credit = await decision(stack, payment.transaction_id, status="matched", suspense=0)
    assert paid(credit) == {fee.notice_id: 150_000}


async def test_a_lowered_notice_gives_the_excess_back_and_a_cancelled_one_leaves_all_to_a_person(
    stack: Stack, service: Running
) -> None:
    fee = a_fee()
    payment = a_payment(fee.reference)
    await publish(stack.bootstrap, [fee, payment])
    await decision(stack, payment.transaction_id, status="matched", suspense=0)
    await publish(stack.bootstrap, [fee.model_copy(update={"version": 2, "amount": 120_000})])
    lowered = await decision(stack, payment.transaction_id, status="matched", suspense=30_000)
    assert (paid(lowered), lowered.suspense_parts.balance) == ({fee.notice_id: 120_000}, 30_000)
    cancelled = {"version": 3, "amount": 120_000, "status": "cancelled", "cancelled_on": DAY}
    await publish(stack.bootstrap, [fee.model_copy(update=cancelled)])
    credit = await decision(stack, payment.transaction_id, status="suggested", reason="cancelled", suspense=150_000)
    assert (paid(credit), len(credit.undone)) == ({}, 2)


async def test_a_cancelled_notice_is_never_paid(stack: Stack, service: Running) -> None:
    fee = a_fee(status="cancelled", cancelled_on=date(2026, 11, 1))
    payment = a_payment(fee.reference)
    await publish(stack.bootstrap, [fee, payment])
    await decision(stack, payment.transaction_id, status="suggested", reason="cancelled", suspense=150_000)


async def test_a_cash_receipt_settles_its_notice_once(stack: Stack, service: Running, client: httpx.AsyncClient) -> None:
    fee = a_fee()
    await publish(stack.bootstrap, [fee, known := a_payment(fee.reference, 10_000)])
    await decision(stack, known.transaction_id, status="matched")
    first = await receipt(client, fee.notice_id, 140_000, "cash-1", document_number="PT-0001")
    again = await receipt(client, fee.notice_id, 140_000, "cash-1", document_number="PT-0001")
    assert (first.status_code, again.json()) == (200, first.json())
    credit = await decision(stack, first.json()["credit_id"], status="matched", reason="cash_receipt", channel="cash")
    assert (paid(credit), credit.document_number) == ({fee.notice_id: 140_000}, "PT-0001")
    other = await receipt(client, fee.notice_id, 1, "cash-1")
    assert (other.status_code, other.headers["content-type"]) == (422, "application/problem+json")
    # What was paid in cash is not paid again by bank.
    await publish(stack.bootstrap, [payment := a_payment(fee.reference)])
    await decision(stack, payment.transaction_id, status="suggested", reason="duplicate")


async def test_a_receipt_for_an_unknown_notice_waits_for_it(
    stack: Stack, service: Running, client: httpx.AsyncClient
) -> None:
    fee = a_fee()
    answer = await receipt(client, fee.notice_id, 150_000, "cash-early")
    credit_id = answer.json()["credit_id"]
    waiting = await decision(stack, credit_id, reason="awaiting_notice", suspense=150_000)
    assert waiting.intended_notice_id == fee.notice_id
    await publish(stack.bootstrap, [fee])
    assert paid(await decision(stack, credit_id, status="matched", suspense=0)) == {fee.notice_id: 150_000}


async def test_a_person_matches_and_undoes_and_the_automaton_keeps_away(
    stack: Stack, service: Running, client: httpx.AsyncClient
) -> None:
    fee, late = a_fee(), a_fee()
    payment = a_payment(late.reference)
    await publish(stack.bootstrap, [fee, payment])
    credit = await decision(stack, payment.transaction_id, reason="none")

    answer = await by_hand(client, credit, {fee.notice_id: 150_000}, "hand-1")
    assert answer.status_code == 200, answer.text
    matched = await decision(stack, credit.credit_id, status="matched", reason="by_hand")
    assert [each.decided_by for each in matched.allocations] == ["admin"]
    assert (await by_hand(client, credit, {fee.notice_id: 150_000}, "hand-1")).json() == answer.json()

    allocation = matched.allocations[0].allocation_id
    stale = await client.delete(f"/allocations/{allocation}?reason=nhầm", headers={"If-Match": str(credit.version)})
    assert stale.status_code == 412
    assert "đã được admin khớp lúc" in stale.json()["detail"]
    undone = await client.delete(f"/allocations/{allocation}?reason=nhầm", headers={"If-Match": str(matched.version)})
    assert undone.status_code == 200, undone.text
    left = await decision(stack, credit.credit_id, status="unmatched", suspense=150_000)
    assert [each.reason for each in left.undone] == ["nhầm"]

    # The notice that the memo names arrives now; a person has decided, so it stays as it is.
    await publish(stack.bootstrap, [late, probe := a_payment(late.reference)])
    assert paid(await decision(stack, probe.transaction_id, status="matched")) == {late.notice_id: 150_000}
    assert (await newest(stack.bootstrap, Credit))[credit.credit_id] == left


async def test_what_does_not_fit_is_refused_and_changes_nothing(
    stack: Stack, service: Running, client: httpx.AsyncClient
) -> None:
    fee = a_fee(amount=100_000)
    await publish(stack.bootstrap, [fee, payment := a_payment(None)])
    credit = await decision(stack, payment.transaction_id, reason="none")
    assert (await by_hand(client, credit, {fee.notice_id: 150_000}, "too-much")).status_code == 409
    assert (await by_hand(client, credit, {"nowhere": 1}, "unknown")).status_code == 404
    assert (await client.get("/credits/nowhere")).status_code == 404
    without = await client.post(f"/credits/{credit.credit_id}/allocations", json={"allocations": []})
    assert without.status_code == 428
    assert (await client.get(f"/credits/{credit.credit_id}")).json()["version"] == credit.version


async def test_the_same_events_again_change_nothing(stack: Stack, service: Running) -> None:
    fee = a_fee()
    payment = a_payment(fee.reference)
    await publish(stack.bootstrap, [fee, payment])
    before = await decision(stack, payment.transaction_id, status="matched")
    newer = payment.model_copy(update={"version": 2})
    await publish(stack.bootstrap, [fee, payment, payment, newer, newer, probe := a_payment(fee.reference)])
    await decision(stack, probe.transaction_id, reason="duplicate")
    versions = [each for each in await read_topic(stack.bootstrap, Credit) if each.key == payment.transaction_id]
    assert versions == [before]


async def test_many_payments_at_once_never_pay_a_notice_twice(stack: Stack, service: Running) -> None:
    async with running_service("matching", stack, KHOP_REPLICA="1"):
        fees = [a_fee(amount=30_000) for _ in range(20)]
        accounts = [f"07110001234{number:02}" for number in range(8)]
        payments = [a_payment(fee.reference, 20_000, account=account) for fee in fees for account in accounts[:3]]
        await asyncio.gather(publish(stack.bootstrap, fees), publish(stack.bootstrap, payments))

        async def settled() -> bool:
            credits = await newest(stack.bootstrap, Credit)
            mine = [credits.get(each.transaction_id) for each in payments]
            return all(credit is not None and credit.reason != "none" for credit in mine)

        await eventually(settled)
        connection = await connect_as(stack, "matching")
        try:
            totals = await connection.fetch(
                "select notice_id, sum(amount) as paid from allocations where undone_by is null"
                " and notice_id = any($1::text[]) group by notice_id",
                [fee.notice_id for fee in fees],
            )
        finally:
            await connection.close()
        assert {row["notice_id"]: row["paid"] for row in totals} == {fee.notice_id: 30_000 for fee in fees}
