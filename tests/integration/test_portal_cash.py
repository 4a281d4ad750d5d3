"""Shifts and money that goes back, with the real reconciliation service.

Whoever takes cash does not close; whoever proposes does not approve.
"""

from __future__ import annotations

import asyncio
import html
import io
import json
import re
from datetime import timedelta
from typing import Any

import httpx
import openpyxl
import pytest

from services.portal import words
from shared.clock import local_day, now
from tests.integration import payment_events
from tests.integration.payment_events import ACCOUNT, a_credit, a_notice, a_site, a_transaction, cash
from tests.integration.portal_people import a_person, form_token, put_people, signed_in
from tests.integration.support import ADMIN, connect_as, eventually, publish, running_service

SITE, OTHER = "TH1", "TH2"
TODAY = local_day(now())
YESTERDAY = TODAY - timedelta(days=1)
SENDER = "1900123456789"


def a_payment(name: str, amount: int) -> list[Any]:
    """Money that came twice: all of it is to be returned."""
    return [
        a_transaction(name, YESTERDAY, amount, counter_account=SENDER, counter_name="Trần Thị Lan"),
        a_credit(name, YESTERDAY, amount, pays={"n1": 1_000}, suspense_parts={"to_return": amount - 1_000}),
    ]


@pytest.fixture(scope="module")
async def desk(stack):
    away = {f"KHOP_{name}_URL": "http://127.0.0.1:9" for name in ("NOTICES", "INGEST", "MATCHING")}
    async with (
        running_service("reconciliation", stack) as reconciliation,
        running_service("portal", stack, KHOP_RECONCILIATION_URL=reconciliation.url, **away) as portal,
    ):
        account = {"accounts": (a_site().accounts[0].model_copy(update={"account_number": "ACC2"}),)}
        await publish(stack.bootstrap, [
            payment_events.a_unit("07615", "commune", "24"), a_site(sample=True), a_site(OTHER, sample=True, **account),
            a_notice("n1", amount=1_000_000, payer_name="Vi Văn Lâm", group="3B"),
            *a_payment("t1", 61_000), *a_payment("t2", 41_000), *a_payment("t3", 21_000),
            cash("c0", YESTERDAY, 31_000, pays={"n1": 1_000}, suspense_parts={"to_return": 30_000}),
        ])  # fmt: skip
        await put_people(portal.url, [
            a_person("thu", "cashier", name="Hoàng Thu", site_id=SITE), a_person("quy", "treasurer", name="Đỗ Quỹ", site_id=SITE),
            a_person("lan", "accountant", name="Lê Lan", site_id=SITE), a_person("truong", "head", name="Bế Trưởng", site_id=SITE),
            a_person("xa", "cashier", site_id=OTHER), a_person("kiem", "auditor"),
        ])  # fmt: skip
        async with httpx.AsyncClient(base_url=portal.url, headers=ADMIN) as client:

            async def arrived():
                return (await client.get("/summary")).json()["received"] == 4

            await eventually(arrived)
        yield portal.url


@pytest.fixture
async def people(desk):
    async with (
        signed_in(desk, "thu") as thu, signed_in(desk, "quy") as quy, signed_in(desk, "lan") as lan,
        signed_in(desk, "truong") as truong,
    ):  # fmt: skip
        yield {"thu": thu, "quy": quy, "lan": lan, "truong": truong}


def fields_of(page: str, action: str) -> dict[str, str]:
    """What the form of this action carries by itself."""
    (form,) = re.findall(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)[:1]
    return {name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="([\w.]+)" value="([^"]*)"', form)}


def said(answer: httpx.Response) -> str:
    return html.unescape(answer.text)


async def open_shift(client: httpx.AsyncClient, counter: str, opening: str = "50.000") -> str:
    fields = fields_of((await client.get("/shifts")).text, "/shifts")
    answer = await client.post("/shifts", data={**fields, "counter": counter, "opening": opening})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


# --- shifts


async def test_a_double_click_opens_one_shift_and_a_counter_has_one(people):
    thu = people["thu"]
    fields = {**fields_of((await thu.get("/shifts")).text, "/shifts"), "counter": "9", "opening": "0"}
    first, second = await asyncio.gather(thu.post("/shifts", data=fields), thu.post("/shifts", data=fields))
    assert (first.status_code, first.headers["location"]) == (second.status_code, second.headers["location"])
    again = await thu.post("/shifts", data={**fields, "once": "another"})
    assert (again.status_code, words.cash.SHIFT_OPEN in said(again)) == (409, True)


async def test_whoever_takes_cash_cannot_close_and_whoever_counts_writes_the_denominations(stack, people):
    thu, quy = people["thu"], people["quy"]
    path = await open_shift(thu, "1")
    shift_id = path.rsplit("/", 1)[1]
    # Another counter is open too (the test above): receipts of two counters are told apart by hand, so this one holds its opening.
    await publish(stack.bootstrap, [cash("c-now", TODAY, 120_000, occurred_at=now(), received_at=now())])
    page = (await thu.get(path)).text
    assert words.cash.TOOK_CASH in said(await thu.get(path))
    assert f"{path}/close" not in page, "no form is offered"
    counted = {"note20000": "2", "left_in_till": "0"}
    token = form_token(page)
    refused = await thu.post(f"{path}/close", data={"form": token, "version": "1", **counted})
    assert (refused.status_code, words.cash.TOOK_CASH in said(refused)) == (409, True)

    fields = fields_of((await quy.get(path)).text, f"{path}/close")
    differs = await quy.post(f"{path}/close", data={**fields, **counted})
    assert differs.status_code == 409
    assert "Đếm được 40.000 đ, sổ tính 50.000 đ, chênh 10.000 đ (thiếu)." in said(differs)
    assert re.search(r'name="note20000" value="2"', differs.text), "what was counted is not counted again"
    for wrong, sentence in (
        ({"note20000": "-2"}, words.cash.COUNT_WRONG.format(note="20.000", typed="-2")),
        ({"note20000": "<x>"}, words.cash.COUNT_WRONG.format(note="20.000", typed="<x>")),
        ({"left_in_till": "nhiều"}, words.AMOUNT_WRONG.format(typed="nhiều")),
        ({"left_in_till": "41.501"}, words.cash.LEFT_TOO_MUCH),
        ({"note20000": "", "note500": ""}, words.cash.NOTHING_COUNTED),
        ({"version": "7"}, words.asking.CHANGED),
    ):
        typed = {**fields, **counted, "note500": "3", "reason": "other", **wrong}
        answer = await quy.post(f"{path}/close", data=typed)
        assert answer.status_code == (412 if "version" in wrong else 422), wrong
        assert sentence in said(answer), wrong
        for name in ("note20000", "note500", "left_in_till"):
            assert f'name="{name}" value="{html.escape(typed[name])}"' in answer.text, wrong
        assert '<option value="other" selected>' in answer.text
    closed = await quy.post(f"{path}/close", data={**fields, "note20000": "2", "note10000": "1", "left_in_till": "0"})
    assert closed.status_code == 303
    told = said(await quy.get(path))
    assert words.cash.CLOSED.split("{")[0] in told
    assert "phải có 50.000 đ, kiểm đếm 50.000 đ, bàn giao 50.000 đ" in told
    late = await people["lan"].get("/shifts")
    assert late.status_code == 403, "the accountant keeps the books, not the till"
    journal = said(await quy.get("/shifts"))
    assert words.cash.JOURNAL in journal
    for form in ("", ".csv"):
        report = said(await people["truong"].get(f"/reports/hand_over{form}?site={SITE}&from={TODAY}&to={TODAY}"))
        assert "Hoàng Thu" in report, "the people of a report are called by their names"
        assert "Đỗ Quỹ" in report
        assert "mau-thu" not in report
    connection = await connect_as(stack, "portal")
    try:
        kept = await connection.fetch(
            "select person_id, detail from audit where act = 'shift' and subject = $1 order by id", shift_id
        )
    finally:
        await connection.close()
    assert [(row["person_id"], json.loads(row["detail"])["act"]) for row in kept] == [
        ("mau-thu", "open"),
        ("mau-quy", "close"),
    ]


async def test_a_shift_of_another_site_is_not_shown_nor_closed(desk, people):
    path = await open_shift(people["thu"], "7", "0")
    async with signed_in(desk, "xa") as other:
        assert path not in (await other.get("/shifts")).text
        assert (await other.get(path)).status_code in {403, 404}
        token = form_token((await other.get("/me")).text)
        answer = await other.post(
            f"{path}/close", data={"form": token, "version": "1", "note1000": "1", "left_in_till": "0"}
        )
        assert answer.status_code in {403, 404}
        opened = await other.post(
            "/shifts", data={"form": token, "once": "x", "site_id": SITE, "counter": "8", "opening": "0"}
        )
        assert opened.status_code == 403


# --- money that goes back


async def propose(client: httpx.AsyncClient, credit_id: str, **changes: str) -> httpx.Response:
    page = (await client.get(f"/payments/{credit_id}")).text
    fields = {**fields_of(page, "/refunds"), "amount": "20.000", "why": "paid_twice", "way": "transfer", **changes}
    return await client.post("/refunds", data=fields)


def row_of(page: str, credit_id: str) -> str:
    (row,) = [each for each in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if f'href="/payments/{credit_id}"' in each]
    return html.unescape(row)


async def test_a_refund_is_proposed_by_one_and_approved_by_another_and_listed_for_the_bank(desk, people):
    lan, truong = people["lan"], people["truong"]
    more = await propose(lan, "t1", amount="60.001")
    assert (more.status_code, words.cash.PROBLEMS["more_than_free"] in said(more)) == (409, True)
    for wrong in ({"why": "because"}, {"way": "by post"}, {"amount": ""}, {"amount": "hai mươi"}):
        assert (await propose(lan, "t1", **wrong)).status_code == 422, wrong
    first, second = await asyncio.gather(propose(lan, "t1", once="one form"), propose(lan, "t1", once="one form"))
    assert (first.status_code, second.status_code) == (303, 303)
    page = (await lan.get("/refunds")).text
    withdraw = re.search(r'action="(/refunds/[^"]+/withdraw)"', row_of(page, "t1"))[1]
    assert (await lan.post(withdraw, data=fields_of(page, withdraw))).status_code == 303
    assert (await propose(lan, "t1")).status_code == 303, "what was withdrawn may be proposed again as it was"

    promised = words.queue.PROMISED.format(amount="20.000 đ")
    assert promised in said(await lan.get("/payments/t1")), "a colleague sees that the money is promised"
    page = (await lan.get("/refunds?state=proposed")).text
    row = row_of(page, "t1")
    assert words.cash.STATES["proposed"] in row
    assert words.cash.APPROVE not in row
    waiting = (await truong.get("/approvals")).text
    assert waiting.count('href="/payments/t1"') == 1, "a double click proposed once"
    assert "Vi Văn Lâm, 3B" in row_of(waiting, "t1"), "the head sees whose money goes back"
    approve = re.search(r'action="(/refunds/[^"]+/approve)"', row_of(waiting, "t1"))[1]
    fields = fields_of(waiting, approve)
    forged = await lan.post(approve, data={**fields, "form": form_token((await lan.get("/me")).text)})
    assert (forged.status_code, words.NOT_YOUR_ROLE in said(forged)) == (403, True)
    assert (await truong.post(approve, data=fields)).status_code == 303
    assert words.cash.APPROVALS_EMPTY in said(await truong.get("/approvals"))
    late = await truong.post(approve.replace("/approve", "/refuse"), data=fields)
    assert (late.status_code, words.asking.CHANGED in said(late)) == (412, True)

    page = (await lan.get("/refunds")).text
    assert words.cash.STATES["approved"] in row_of((await lan.get("/refunds?state=approved")).text, "t1")
    assert (await lan.post("/payment-lists", data=fields_of(page, "/payment-lists"))).status_code == 303
    again = await lan.post("/payment-lists", data={**fields_of(page, "/payment-lists"), "once": "another"})
    assert (again.status_code, words.cash.PROBLEMS["nothing_approved"] in said(again)) == (409, True)
    page = (await lan.get("/refunds")).text
    listed = re.search(r'href="(/payment-lists/[^"]+\.xlsx)"', page)[1]
    assert "1 khoản, 20.000 đ" in said(await lan.get("/refunds"))
    sheet = openpyxl.load_workbook(io.BytesIO((await lan.get(listed)).content)).active
    assert SENDER in {cell.value for each in sheet.iter_rows() for cell in each}
    life = said(await lan.get("/payments/t1"))
    steps = [
        f"Lê Lan đề nghị hoàn trả 20.000 đ: {words.cash.WHY['paid_twice']}", "Lê Lan rút đề nghị hoàn trả 20.000 đ",
        "Bế Trưởng duyệt hoàn trả 20.000 đ", "Lê Lan đưa 20.000 đ vào bảng kê chi",
    ]  # fmt: skip
    places = [life.find(step) for step in steps]
    assert -1 not in places
    assert places == sorted(places)
    async with signed_in(desk, "kiem") as auditor:
        assert (await auditor.get(listed)).status_code == 403
        audited = said(await auditor.get("/audit?act=refund"))
        assert f"{words.people.ACTS['refund']}: duyệt · 20.000 đ" in audited
        assert '"amount"' not in audited


async def test_nobody_approves_what_they_proposed(people):
    truong = people["truong"]
    page = (await truong.get("/payments/t2")).text
    token = form_token(page)
    body = {"form": token, "credit_id": "t2", "once": "head/t2", "amount": "10.000", "why": "other", "way": "transfer"}
    assert (await truong.post("/refunds", data=body)).status_code == 303
    row = row_of((await truong.get("/refunds")).text, "t2")
    assert words.cash.APPROVE not in row
    refund_id = re.search(r"/refunds/([\w-]+)/", row)
    connection_id = refund_id[1] if refund_id else await refund_of(people, "t2")
    answer = await truong.post(f"/refunds/{connection_id}/approve", data={"form": token, "version": "1"})
    assert (answer.status_code, words.cash.PROBLEMS["own_proposal"] in said(answer)) == (409, True)


async def test_fees_to_be_taken_back_wait_beside_the_refunds_with_their_payers(people):
    lan, truong = people["lan"], people["truong"]
    token = form_token((await lan.get("/me")).text)
    asked = {"form": token, "notice": "n1", "kind": "exempt", "left": "1.000", "decision": "12/QĐ"}
    assert (await lan.post("/fee-changes", data=asked)).status_code == 303
    page = (await truong.get("/approvals")).text
    (row,) = [html.unescape(each) for each in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if "/fee-changes/" in each]
    for told in (
        "Vi Văn Lâm, 3B",
        "giảm từ 1.000.000 đ còn 1.000 đ",
        "quyết định 12/QĐ",
        "Lê Lan",
        "mục Nộp thừa, trùng hoặc Cần xử lý",
    ):
        assert told in row, told
    assert words.fee_changes.WAITS_BADGE in said(await lan.get(f"/payers/{SITE}/HS-n1"))
    refuse = re.search(r'formaction="(/fee-changes/[^"]+/refuse)"', row)[1]
    assert (await truong.post(refuse, data={"form": form_token(page)})).status_code == 303
    assert "/fee-changes/" not in (await truong.get("/approvals")).text


async def refund_of(people, credit_id: str) -> str:
    """The refund's id as the accountant's page has it, who may withdraw it."""
    return re.search(r"/refunds/([\w-]+)/withdraw", row_of((await people["lan"].get("/refunds")).text, credit_id))[1]


async def test_cash_goes_back_in_cash_only(people):
    refused = await propose(people["lan"], "c0", amount="30.000")
    assert (refused.status_code, words.cash.PROBLEMS["no_account"] in said(refused)) == (409, True)
    assert (await propose(people["lan"], "c0", amount="30.000", way="cash")).status_code == 303


async def test_a_refund_of_money_that_is_no_payment_of_this_site_is_not_found(desk, people):
    token = form_token((await people["lan"].get("/me")).text)
    body = {"form": token, "credit_id": "nothing", "once": "x", "amount": "1.000", "why": "other", "way": "transfer"}
    answer = await people["lan"].post("/refunds", data=body)
    assert answer.status_code == 404
    assert ACCOUNT not in answer.text


# --- money out that a person explains


async def shown(client: httpx.AsyncClient, *texts: str, path: str = "/money-out") -> str:
    """The page, once it says all of this."""

    async def says_so() -> bool:
        told = said(await client.get(path))
        assert all(text in told for text in texts), re.sub(r"<[^>]*>|\s+", " ", told)
        return True

    await eventually(says_so)
    return (await client.get(path)).text


async def test_money_out_without_an_account_is_linked_to_its_refund_by_hand(stack, desk, people):
    lan, truong = people["lan"], people["truong"]
    assert (await propose(lan, "t3", amount="7.000", once="t3")).status_code == 303
    waiting = (await truong.get("/approvals")).text
    approve = re.search(r'action="(/refunds/[^"]+/approve)"', row_of(waiting, "t3"))[1]
    assert (await truong.post(approve, data=fields_of(waiting, approve))).status_code == 303
    page = (await lan.get("/refunds")).text
    assert (await lan.post("/payment-lists", data=fields_of(page, "/payment-lists"))).status_code == 303
    await publish(stack.bootstrap, [
        a_transaction("o-refund", TODAY, 7_000, direction="out", memo="CHI TRA"),
        a_transaction("o-rent", TODAY, 900_000, direction="out", counter_account="777", memo="TIEN DIEN"),
    ])  # fmt: skip

    page = await shown(lan, "7.000 đ", words.outgoing.ACCOUNT_UNTOLD, words.outgoing.EVIDENCE["in_payment_list"])
    assert "900.000 đ" not in page, "what nothing speaks for waits for nobody"
    told_apart = r'href="/payments/t3">khoản đã thu [\d.]+\s?đ, \d\d:\d\d \d\d/\d\d/\d{4}</a>'
    assert re.search(told_apart, page), "two of one sum"
    act = "/money-out/o-refund/returned"
    fields = fields_of(page, act)
    assert (await lan.post(act, data={**fields, "why": "because"})).status_code == 422
    assert (await lan.post(act, data={**fields, "credit_id": "t2", "once": "x"})).status_code == 409
    for site_id, status in (("", 422), ("TH-XA", 404)):
        assert (await lan.post(act, data={**fields, "site_id": site_id, "once": "y"})).status_code == status
    assert "o-refund" in (await lan.get("/money-out")).text, "what the audit cannot tell of is not done"
    first, second = await asyncio.gather(lan.post(act, data=fields), lan.post(act, data=fields))
    assert (first.status_code, second.status_code) == (303, 303), "a double click says it once"
    assert "o-refund" not in (await lan.get("/money-out")).text
    assert words.cash.STATES["paid"] in row_of((await lan.get("/refunds")).text, "t3")
    for stranger in ("thu", "quy"):
        assert (await people[stranger].get("/money-out")).status_code == 403
    async with signed_in(desk, "kiem") as auditor:
        assert words.people.ACTS["money_out"] in said(await auditor.get("/audit?act=money_out"))


async def test_what_is_collected_for_others_is_declared_handed_on_and_taken_back(stack, people):
    lan = people["lan"]
    insurance = {"fee_kind": "bhyt", "nature": "collected_for", "amount": 900_000}
    await publish(stack.bootstrap, [
        a_notice("b1", **insurance), a_transaction("p1", TODAY, 900_000), a_credit("p1", TODAY, 900_000, pays={"b1": 900_000}),
        a_transaction("o-bhyt", TODAY, 500_000, direction="out", memo="CHUYEN TIEN BHYT HOC SINH"),
    ])  # fmt: skip
    page = await shown(lan, words.outgoing.BODY_UNTOLD, words.outgoing.HANDED_ON)
    fields = fields_of(page, "/money-out/bodies")
    declared = await lan.post("/money-out/bodies", data={**fields, "body": "BHXH Sơn Động", "account": "3741.0.1234567"})
    assert declared.status_code == 303, said(declared)
    again = await lan.post("/money-out/bodies", data={**fields, "body": "Ai khác"})
    assert (again.status_code, words.asking.CHANGED in said(again)) == (412, True)
    assert "BHXH Sơn Động" in said(await lan.get("/money-out"))

    act = "/money-out/o-bhyt/remitted"
    fields = fields_of((await lan.get("/money-out")).text, act)
    for amount, status in (("", 422), ("năm trăm", 422), ("500.001", 409)):
        assert (await lan.post(act, data={**fields, "share.bhyt": amount, "once": amount})).status_code == status, amount
    assert (await lan.post(act, data={**fields, "share.bhyt": "500.000"})).status_code == 303
    page = await shown(lan, words.outgoing.DONE, "Lê Lan", "400.000 đ")
    assert act not in page
    undo = "/money-out/o-bhyt/undo"
    assert (await lan.post(undo, data=fields_of(page, undo))).status_code == 303
    assert act in (await lan.get("/money-out")).text, "it waits for a person again"
