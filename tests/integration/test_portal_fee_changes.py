"""Taking back what was issued, with the real notices and matching services: one proposes, another approves."""

from __future__ import annotations

import asyncio
import html
import re

import httpx
import pytest

from services.portal import words
from tests.integration.portal_people import a_person, form_token, put_people, signed_in
from tests.integration.support import ADMIN, connect_as, eventually, publish, running_service
from tests.unit.services.portal.builders import SITE, a_site, a_transaction, a_unit

OTHER = "TH-BO-HA"
UNPAID, PAID, LESS, ALL, MOVED, LEFT = "f/unpaid", "f-paid", "f-less", "f-all", "f-moved", "f-left"


def a_fee(notice_id: str) -> dict[str, object]:
    code = f"HS-{notice_id[2:].upper()}"
    return {
        "notice_id": notice_id, "site_id": SITE, "payer_code": code, "payer_name": f"Vi Văn {notice_id[2:]}", "group": "3A",
        "purpose": "Sách vở", "amount": 150_000, "due_on": "2026-12-31",
    }  # fmt: skip


@pytest.fixture(scope="module")
async def notices(stack):
    async with (
        running_service("notices", stack) as running,
        httpx.AsyncClient(base_url=running.url, headers=ADMIN, timeout=30) as client,
    ):
        yield client


@pytest.fixture(scope="module")
async def portal(stack, notices):
    away = {"KHOP_RECONCILIATION_URL": "http://127.0.0.1:9"}
    async with (
        running_service("matching", stack) as matching,
        running_service(
            "portal", stack, KHOP_NOTICES_URL=str(notices.base_url).rstrip("/"), KHOP_MATCHING_URL=matching.url, **away
        ) as running,
    ):
        await publish(stack.bootstrap, [a_unit(), a_site(), a_site(OTHER, "Trường Bồ Hạ")])

        async def issued():
            answer = await notices.post(
                "/notices", json={"notices": [a_fee(each) for each in (UNPAID, PAID, LESS, ALL, MOVED, LEFT)]}
            )
            return answer.json().get("rejected") == []

        await eventually(issued)
        reference = (await notices.get(f"/notices/{PAID}")).json()["reference"]
        made = a_transaction("t-paid")
        await publish(stack.bootstrap, [made.model_copy(update={"memo": type(made.memo)(f"CUSTOMER {reference} ck")})])
        await put_people(running.url, [
            a_person("lan", "accountant", name="Lê Lan", site_id=SITE), a_person("truong", "head", name="Bế Trưởng", site_id=SITE),
            a_person("xa", "accountant", site_id=OTHER), a_person("khac", "head", site_id=OTHER), a_person("kiem", "auditor"),
        ])  # fmt: skip
        async with signed_in(running.url, "lan") as client:

            async def known():
                page = (await client.get(f"/fee-changes?notice={PAID}")).text
                paid = (await notices.get(f"/notices/{PAID}")).json()["paid"]
                return words.fee_changes.PROPOSE in html.unescape(page) and "đã nộp 150.000 đ" in page and paid

            await eventually(known)
        yield running.url


@pytest.fixture
async def lan(portal):
    async with signed_in(portal, "lan") as client:
        yield client


@pytest.fixture
async def truong(portal):
    async with signed_in(portal, "truong") as client:
        yield client


def said(answer: httpx.Response) -> str:
    return html.unescape(answer.text)


async def ask(client: httpx.AsyncClient, notice_id: str, **fields: str) -> httpx.Response:
    token = form_token((await client.get("/me")).text)
    return await client.post("/fee-changes", data={"form": token, "notice": notice_id, **fields})


async def decide(client: httpx.AsyncClient, change_id: str, act: str) -> httpx.Response:
    token = form_token((await client.get("/me")).text)
    return await client.post(f"/fee-changes/{change_id}/{act}", data={"form": token})


async def change_of(lan: httpx.AsyncClient, notice_id: str) -> str:
    page = (await lan.get("/fee-changes", params={"notice": notice_id})).text
    return re.search(r'action="/fee-changes/([^"]+)/withdraw"', page)[1]


@pytest.fixture
async def approvals(portal, stack):
    """What waits for the head, by notice; their page, which shows refunds too, is tried in test_portal_cash.py."""

    async def waiting() -> dict[str, str]:
        connection = await connect_as(stack, "portal")
        try:
            rows = await connection.fetch("select notice_id, change_id from fee_changes where state = 'proposed'")
        finally:
            await connection.close()
        return {row["notice_id"]: row["change_id"] for row in rows}

    return waiting


async def test_what_nobody_paid_is_cancelled_at_once_with_a_reason(notices, lan):
    page = said(await lan.get(f"/payers/{SITE}/HS-UNPAID"))
    assert '/fee-changes?notice=f/unpaid"' in page
    refused = await ask(lan, UNPAID, kind="cancel")
    assert (refused.status_code, words.FIELDS["reason"] in said(refused)) == (422, True)
    first, second = await asyncio.gather(
        ask(lan, UNPAID, kind="cancel", reason="issued_twice"), ask(lan, UNPAID, kind="cancel", reason="issued_twice")
    )
    assert 303 in {first.status_code, second.status_code}
    done = said(await lan.get("/fee-changes", params={"notice": UNPAID, "said": "cancelled"}))
    assert words.fee_changes.SAID_CANCELLED in done
    assert words.fee_changes.NOT_CHANGEABLE in done
    assert words.searching.CANCELLED in said(await lan.get(f"/payers/{SITE}/HS-UNPAID"))
    history = (await notices.get("/notices/f%2Funpaid/history")).json()["versions"]
    assert history[-1]["reason"] == "Hủy: Lập trùng"


async def test_what_was_paid_is_cancelled_by_the_head_and_the_money_waits_again(notices, lan, truong, approvals):
    assert (await ask(lan, PAID, kind="cancel", reason="wrong_payer")).status_code == 303
    again = await ask(lan, PAID, kind="cancel", reason="wrong_payer")
    assert (again.status_code, words.fee_changes.WAITS_ALREADY in said(again)) == (409, True)
    assert (await notices.get(f"/notices/{PAID}")).json()["status"] == "open", "nothing is done before it is approved"
    assert words.fee_changes.WAITS_BADGE in said(await lan.get(f"/payers/{SITE}/HS-PAID"))
    change_id = (await approvals())[PAID]
    forged = await decide(lan, change_id, "approve")
    assert (forged.status_code, words.NOT_YOUR_ROLE in said(forged)) == (403, True)
    answers = await asyncio.gather(decide(truong, change_id, "approve"), decide(truong, change_id, "approve"))
    assert sorted(answer.status_code for answer in answers) == [303, 409], "of two words at once one holds"
    assert (await notices.get(f"/notices/{PAID}")).json()["status"] == "cancelled"

    async def waits_again():
        return "t-paid" in (await lan.get("/queue")).text

    await eventually(waits_again)


async def test_an_exemption_always_needs_the_head_and_names_a_decision(notices, lan, truong, approvals):
    for wrong, sentence in (
        ({"left": "150.000", "decision": "12/QĐ"}, words.fee_changes.LEFT_WRONG.format(amount="150.000 đ")),
        ({"left": "", "decision": "12/QĐ"}, words.fee_changes.LEFT_WRONG.format(amount="150.000 đ")),
        ({"left": "50.000", "decision": ""}, words.fee_changes.DECISION),
        ({"left": "nhiều", "decision": "12/QĐ"}, words.AMOUNT_WRONG.format(typed="nhiều")),
    ):
        answer = await ask(lan, LESS, kind="exempt", **wrong)
        assert (answer.status_code, sentence in said(answer)) == (422, True), wrong
        assert f'name="decision" value="{wrong["decision"]}"' in said(answer), "what was typed is kept"
    assert (await ask(lan, LESS, kind="exempt", left="50.000", decision="12/QĐ")).status_code == 303
    assert (await ask(lan, ALL, kind="exempt", left="0", decision="13/QĐ")).status_code == 303
    waiting = await approvals()
    assert (await decide(truong, waiting[LESS], "approve")).status_code == 303
    assert (await decide(truong, waiting[ALL], "approve")).status_code == 303
    less, nothing = [(await notices.get(f"/notices/{each}")).json() for each in (LESS, ALL)]
    assert (less["amount"], less["status"], nothing["status"]) == (50_000, "open", "cancelled")
    assert words.fee_changes.EXEMPTED_BADGE in said(await lan.get(f"/payers/{SITE}/HS-ALL"))
    history = str((await notices.get(f"/notices/{LESS}/history")).json())
    assert "QĐ" not in history, "whose decision it is stays with the proposal, which an erasure clears"


async def test_a_proposal_can_be_withdrawn_and_refused_and_does_not_outlive_a_change(notices, lan, truong, approvals):
    assert (await ask(lan, MOVED, kind="exempt", left="20.000", decision="14/QĐ")).status_code == 303
    assert (await decide(lan, (await approvals())[MOVED], "withdraw")).status_code == 303
    assert (await ask(lan, MOVED, kind="exempt", left="20.000", decision="14/QĐ")).status_code == 303
    change_id = await change_of(lan, MOVED)
    version = (await notices.get(f"/notices/{MOVED}")).json()["version"]
    amended = await notices.patch(
        f"/notices/{MOVED}", json={"changes": {"amount": 120_000}, "reason": "sửa"}, headers={"If-Match": f'"{version}"'}
    )
    assert amended.status_code == 200, amended.text
    late = await decide(truong, change_id, "approve")
    assert (late.status_code, words.fee_changes.CHANGED_SINCE in said(late)) == (409, True)
    assert (await decide(truong, change_id, "refuse")).status_code == 303
    assert (await decide(truong, change_id, "approve")).status_code == 409
    assert (await notices.get(f"/notices/{MOVED}")).json()["amount"] == 120_000
    assert "Không duyệt lúc" in said(await lan.get("/fee-changes", params={"notice": MOVED}))


async def test_another_site_sees_and_decides_nothing_and_the_audit_tells_it_all(portal, lan, approvals):
    assert (await ask(lan, MOVED, kind="cancel", reason="other")).status_code == 303
    async with signed_in(portal, "xa") as other:
        assert (await other.get("/fee-changes", params={"notice": PAID})).status_code == 404
        assert (await ask(other, PAID, kind="cancel", reason="other")).status_code == 404
    assert (await ask(lan, LEFT, kind="exempt", left="0", decision="15/QĐ")).status_code == 303
    change_id = (await approvals())[LEFT]
    async with signed_in(portal, "khac") as other:
        assert (await decide(other, change_id, "approve")).status_code == 404
    async with signed_in(portal, "kiem") as auditor:
        text = said(await auditor.get("/audit?act=fee_changed"))
        assert "hủy, miễn giảm khoản thu: duyệt · 150.000 đ · miễn, giảm" in text
        assert "QĐ" not in text
