"""A webhook told a wrong amount and a person says that the statement is right: ingest, matching and reconciliation as processes."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Any

import httpx
import pytest

from shared.clock import local_day, now
from shared.events.directory import SiteAccount
from shared.reference import random_reference
from shared.runtime.auth import Caller, sign_token
from tests.integration.payment_events import a_notice, a_site
from tests.integration.support import SECRET_KEY, Running, Stack, connect_as, eventually, publish, running_service
from tests.integration.test_ingest_webhooks import connect, send
from tests.unit.services.ingest.samples import sepay_body
from tests.unit.services.ingest.statements.files import as_csv

SITE = "TH1"
DAY = local_day(now()) - timedelta(days=2)
TOLD, RIGHT = 150_000, 100_000
ACCOUNTS = tuple(f"07110000000{number:02}" for number in range(10))
numbers = count(0)
chance = Random(15)


@dataclass(frozen=True)
class Services:
    """Their HTTP clients."""

    ingest: httpx.AsyncClient
    matching: httpx.AsyncClient
    reconciliation: httpx.AsyncClient


@dataclass
class Case:
    """One payment of TOLD that its statement knows as RIGHT, on an account of its own, paying a notice of TOLD."""

    account: str
    notice_id: str
    webhook: dict[str, Any]
    difference: dict[str, Any]

    @property
    def wrong_id(self) -> str:
        return self.difference["about"]["transaction_ids"][0]


@pytest.fixture(scope="module")
async def services(stack: Stack) -> AsyncIterator[Services]:
    async with AsyncExitStack() as open_ones:

        async def start(name: str, **environment: str) -> Running:
            return await open_ones.enter_async_context(running_service(name, stack, **environment))

        matching, ingest = await asyncio.gather(start("matching"), start("ingest"))
        reconciliation = await start("reconciliation", KHOP_INGEST_URL=ingest.url)
        accounts = tuple(
            SiteAccount(
                bank_bin="970436", account_number=each, account_name=SITE, valid_from=date(2020, 1, 1), valid_to=None
            )
            for each in ACCOUNTS
        )
        await publish(stack.bootstrap, [a_site(SITE, accounts=accounts)])
        urls = [each.url for each in (ingest, matching, reconciliation)]
        yield Services(*[await open_ones.enter_async_context(httpx.AsyncClient(base_url=url, timeout=15)) for url in urls])


def as_person(person: str = "kt1", role: str = "accountant", site: str = SITE) -> dict[str, str]:
    return {"Authorization": f"Bearer {sign_token(SECRET_KEY, Caller(person, role, frozenset({site})))}"}


async def get(client: httpx.AsyncClient, path: str, **parameters: Any) -> Any:
    answer = await client.get(path, params=parameters, headers=as_person())
    assert answer.status_code == 200, answer.text
    return answer.json()


async def told_wrongly(stack: Stack, services: Services, *, memo: str | None = None) -> Case:
    """A webhook, then the statement that contradicts it, until the difference is found."""
    number = next(numbers)
    account, notice_id, reference = ACCOUNTS[number], f"n{number}", random_reference(chance)
    bank_reference = f"FT26330{number:07}"
    await publish(stack.bootstrap, [a_notice(notice_id, amount=TOLD, reference=reference)])
    await connect(services.ingest, f"c{number}", account)
    webhook = sepay_body(
        id=number + 1, accountNumber=account, transferAmount=TOLD, referenceCode=bank_reference, accumulated=0,
        content=memo or f"{reference} nop tien", transactionDate=f"{DAY} 08:15:00",
    )  # fmt: skip
    assert (await send(services.ingest, f"c{number}", webhook)).status_code == 200
    statement = as_csv([
        ["Ngày", "Số tham chiếu", "Ghi nợ", "Ghi có", "Số dư", "Nội dung"],
        [f"{DAY:%d/%m/%Y}", bank_reference, "", str(RIGHT), str(1_000_000 + RIGHT), webhook["content"]],
    ])  # fmt: skip
    answer = await services.ingest.post(f"/statements/{account}", content=statement, headers=as_person())
    assert (answer.status_code, answer.json().get("differs")) == (200, 1), answer.text

    async def found() -> dict[str, Any] | None:
        page = await get(services.reconciliation, "/discrepancies", kind="amount_differs", limit=100)
        own = [each for each in page["items"] if each["about"]["account"] == account]
        if not own or own[0]["amount"] != RIGHT - TOLD:
            return None
        credit = await services.matching.get(f"/credits/{own[0]['about']['transaction_ids'][0]}", headers=as_person())
        return own[0] if credit.status_code == 200 else None

    return Case(account, notice_id, webhook, await eventually(found))  # type: ignore[arg-type]


async def settle(
    services: Services, case: Case, person: dict[str, str] | None = None, key: str | None = None
) -> httpx.Response:
    path, who = f"/discrepancies/{case.difference['discrepancy_id']}", person or as_person()

    async def once(version: int) -> httpx.Response:
        body = {"reason": "statement_is_right", "note": "đã xem sao kê giấy"}
        told = {"If-Match": str(version), "Idempotency-Key": key or uuid.uuid4().hex}
        return await services.reconciliation.post(f"{path}/settle", json=body, headers={**who, **told})

    answer = await once(case.difference["version"])
    if answer.status_code == 412:  # something was found out about it meanwhile: a person looks again
        answer = await once(answer.json()["current_version"])
    return answer


async def corrected(services: Services, case: Case) -> dict[str, Any]:
    """The right transaction, once the wrong one is merged into it."""
    wrong = await get(services.ingest, f"/transactions/{case.wrong_id}")
    assert wrong["status"] == "merged_into", wrong
    return await get(services.ingest, f"/transactions/{wrong['merged_into']}")


async def matched_anew(services: Services, case: Case, right: dict[str, Any]) -> None:
    """Wait until the right transaction pays the notice, and the wrong one nothing."""

    async def is_paid() -> bool:
        wrong = await get(services.matching, f"/credits/{case.wrong_id}")
        credit = await get(services.matching, f"/credits/{right['transaction_id']}")
        return not wrong["allocations"] and [(each["notice_id"], each["amount"]) for each in credit["allocations"]] == [
            (case.notice_id, RIGHT)
        ]

    await eventually(is_paid)


async def day_is(services: Services, case: Case, **expected: Any) -> None:
    async def says() -> bool:
        day = (await get(services.reconciliation, f"/days/{SITE}/{case.account}/{DAY}"))["day"]
        assert {name: day[name] for name in expected} == expected
        return True

    await eventually(says)


async def test_the_right_amount_is_matched_anew_and_the_day_balances(stack: Stack, services: Services) -> None:
    case = await told_wrongly(stack, services)
    await day_is(services, case, state="discrepant", credits=TOLD, bank_credits=RIGHT)
    answer = await settle(services, case)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["settled_by"]) == ("settled", "kt1")
    assert answer.json()["settled_reason"] == "statement_is_right"
    right = await corrected(services, case)
    assert (right["amount"], right["possible_duplicate_of"], right["bank_reference"]) == (
        RIGHT, None, case.webhook["referenceCode"],
    )  # fmt: skip
    [correction] = right["corrections"]
    assert (correction["transaction_id"], correction["amount"], correction["corrected_by"]) == (case.wrong_id, TOLD, "kt1")
    assert [each["seen_by"] for each in right["sightings"]] == ["statement", "webhook"]

    await matched_anew(services, case, right)
    # Whether the match stands on this day or on the one on which it was found depends on whether the day had closed before it.
    await day_is(services, case, state="closed", credits=RIGHT, bank_credits=RIGHT)
    # The provider tells the wrong amount again: it is the same movement still.
    assert (await send(services.ingest, f"c{ACCOUNTS.index(case.account)}", case.webhook)).status_code == 200
    rows = (await get(services.ingest, "/corrections", site=SITE))["corrections"]
    assert [(each["right_id"], each["note"]) for each in rows if each["transaction_id"] == case.wrong_id] == [
        (right["transaction_id"], "đã xem sao kê giấy")
    ]
    connection = await connect_as(stack, "ingest")
    assert await connection.fetchval("select count(*) from transactions where account = $1", case.account) == 2
    await connection.close()


async def test_what_is_asked_twice_is_done_once(stack: Stack, services: Services) -> None:
    case = await told_wrongly(stack, services)
    answers = await asyncio.gather(*[settle(services, case, key="one-click") for _ in range(3)])
    assert [answer.status_code for answer in answers] == [200] * 3, [answer.text for answer in answers]
    assert answers[0].json() == answers[1].json() == answers[2].json()
    right = await corrected(services, case)
    assert len(right["corrections"]) == 1
    again = await settle(services, case)
    assert (again.status_code, again.json()["type"]) == (409, "urn:khop:problem:already_settled")


async def test_only_its_own_site_and_its_own_role_may_and_only_through_reconciliation(
    stack: Stack, services: Services
) -> None:
    case = await told_wrongly(stack, services)
    assert (await settle(services, case, as_person(site="TH2"))).status_code == 403
    assert (await settle(services, case, as_person(role="cashier"))).status_code == 403
    path = f"/transactions/{case.wrong_id}/correction"
    body = {"statement_id": case.difference["about"]["statement_id"], "difference": RIGHT - TOLD}
    for person, more, status in (
        (as_person(), {}, 403),
        (as_person(role="reconciliation", site="TH2"), {}, 403),
        (as_person(role="reconciliation"), {"difference": 1}, 409),
        (as_person(role="reconciliation"), {"statement_id": "another"}, 409),
    ):
        answer = await services.ingest.post(path, json=body | more, headers=person)
        assert answer.status_code == status, answer.text
    assert (await get(services.ingest, f"/transactions/{case.wrong_id}"))["status"] == "live"


async def test_money_that_went_on_is_not_corrected_under_it(stack: Stack, services: Services) -> None:
    case = await told_wrongly(stack, services, memo="nop tien")
    body = {"credit_id": case.wrong_id, "amount": 10_000, "why": "paid_too_much", "way": "cash"}

    async def proposed() -> dict[str, Any] | None:
        answer = await services.reconciliation.post(
            "/refunds", json=body, headers={**as_person(), "Idempotency-Key": uuid.uuid4().hex}
        )
        return answer.json() if answer.status_code == 200 else None

    refund: Any = await eventually(proposed)
    refused = await settle(services, case)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:khop:problem:money_went_on")
    assert (await get(services.ingest, f"/transactions/{case.wrong_id}"))["status"] == "live"
    withdrawn = await services.reconciliation.post(
        f"/refunds/{refund['refund_id']}/withdraw", json={},
        headers={**as_person(), "If-Match": str(refund["version"]), "Idempotency-Key": uuid.uuid4().hex},
    )  # fmt: skip
    assert withdrawn.status_code == 200, withdrawn.text
    assert (await settle(services, case)).status_code == 200
    assert (await corrected(services, case))["amount"] == RIGHT


async def test_a_crash_between_the_correction_and_the_settling_ends_right(stack: Stack, services: Services) -> None:
    case = await told_wrongly(stack, services)
    # What reconciliation had asked when it ended: ingest corrected, nobody settled.
    body = {"statement_id": case.difference["about"]["statement_id"], "difference": RIGHT - TOLD, "note": None}
    asked = await services.ingest.post(
        f"/transactions/{case.wrong_id}/correction", json=body, headers=as_person(role="reconciliation")
    )
    assert asked.status_code == 200, asked.text
    path = f"/discrepancies/{case.difference['discrepancy_id']}"

    async def settled_by_itself() -> bool:
        found = (await get(services.reconciliation, path))["discrepancy"]
        return (found["state"], found["settled_by"]) == ("settled", "auto")

    await eventually(settled_by_itself)
    await day_is(services, case, state="closed", credits=RIGHT)
    answer = await settle(services, case)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["settled_by"], answer.json()["settled_reason"]) == ("kt1", "statement_is_right")
    assert len((await corrected(services, case))["corrections"]) == 1


async def test_a_movement_that_is_told_rightly_already_takes_the_wrong_one_in(stack: Stack, services: Services) -> None:
    case = await told_wrongly(stack, services)
    # The provider's second message, under the same id, after the statement was taken.
    second = case.webhook | {"transferAmount": RIGHT}
    assert (await send(services.ingest, f"c{ACCOUNTS.index(case.account)}", second)).status_code == 200

    async def doubted() -> list[Any]:
        page = await get(services.reconciliation, "/discrepancies", kind="duplicate_suspected", limit=100)
        return [each for each in page["items"] if each["about"]["account"] == case.account]

    [doubt] = await eventually(doubted)  # type: ignore[misc]
    second_id = next(each for each in doubt["about"]["transaction_ids"] if each != case.wrong_id)
    assert (await settle(services, case)).status_code == 200
    right = await corrected(services, case)
    assert (right["transaction_id"], right["amount"], right["possible_duplicate_of"]) == (second_id, RIGHT, None)
    await matched_anew(services, case, right)
    await day_is(services, case, state="closed", credits=RIGHT)
