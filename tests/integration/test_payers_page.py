"""The payer's page over HTTP: what it shows, what it keeps to itself, and what payers tell by it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest

from shared import clock
from shared.events import Notice, ReconciliationDay
from shared.events.payments import SuspenseParts
from shared.runtime.auth import Caller, sign_token
from shared.vietqr import decode
from tests.integration.fee_support import MOMENT, a_credit, a_notice, a_site, send
from tests.integration.support import ADMIN, SECRET_KEY, Stack, connect_as, eventually, newest, publish, running_service

PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 8.1) Chrome/120 Mobile"}
REAL = "real-school"
SAMPLE = "sample-school"
HEADER = (
    "notice_id,site_id,payer_code,payer_name,group,guardian_phone,purpose,period,days,price,absences,support,decision,amount,"
    "issued_on,due_on,fee_kind,round\n"
)


def a_row(
    notice_id: str, payer: str = "HS4321", *, kind: str = "", amount: str = "150000", days_ago: int = 0, site: str = REAL,
    purpose: str = "Tiền ăn bán trú", terms: str = ",,,,",
) -> str:  # fmt: skip
    due = clock.local_day(clock.now()) - timedelta(days=days_ago)
    return (
        f"{notice_id},{site},{payer},Nguyễn Thị Ánh Tuyết,1A,0912345678,{purpose},,{terms},{amount},"
        f"{due - timedelta(days=20)},{due + timedelta(days=20) if days_ago == 0 else due},{kind},Đợt 1\n"
    )


@pytest.fixture(scope="module")
async def notices(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    await publish(stack.bootstrap, [a_site(REAL, bank_bin="970418", phone="0204 3886 123"), a_site(SAMPLE)])
    async with (
        running_service("notices", stack) as running,
        httpx.AsyncClient(base_url=running.url, headers=ADMIN, timeout=30) as client,
    ):
        kinds = "site_id,fee_kind,name,nature\n,gift,Ủng hộ,voluntary\n,meals,Ăn,service\n"
        assert (await send(client, kinds, "fee-kinds")).status_code == 200
        yield client


@pytest.fixture(scope="module")
async def payer(notices: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with a phone and a link, and no rights at all."""
    async with httpx.AsyncClient(base_url=notices.base_url, headers=PHONE, timeout=30) as client:
        yield client


async def a_link(notices: httpx.AsyncClient, *rows: str) -> str:
    report = (await send(notices, HEADER + "".join(rows))).json()
    assert report["rejected"] == []
    bill = await a_bill(notices, rows[0])
    return urlsplit(bill["link"]).path


async def a_bill(notices: httpx.AsyncClient, row: str) -> dict[str, object]:
    notice = await a_notice(notices, row.partition(",")[0])
    return (await notices.get(f"/bills/{notice['reference']}")).json()


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())  # and unbroken spaces are spaces


async def test_the_page_shows_what_is_to_be_paid_and_how(notices, payer):
    path = await a_link(notices, a_row("p1"), a_row("p2", amount="50000", kind="gift", purpose="Ủng hộ thư viện"))
    page = await payer.get(path)
    text = plain(page.text)
    for words in (
        "Trường Tiểu học An Châu", "Đợt 1", "Tuyết, lớp 1A, mã …321", "200.000 đ", "BIDV", "TRUONG TH AN CHAU",
        "Chỉ chuyển khi ứng dụng hiện đúng tên TRUONG TH AN CHAU", "0204 3886 123", "đừng chuyển lại", "Lưu ảnh QR",
        "không bao giờ hỏi số tài khoản, mã OTP", "Tôi nộp giúp", "Gửi cho con cháu nộp giúp", "tự nguyện",
    ):  # fmt: skip
        assert words in text, words
    for hidden in ("Nguyễn", "Ánh", "HS4321", "0912345678", "chưa nộp", "MẪU"):
        assert hidden not in text, hidden
    assert len(page.content) < 15_000
    assert int(page.headers["Content-Length"]) < 8_000


async def test_the_page_is_private_and_bound_to_itself(notices, payer):
    page = await payer.get(await a_link(notices, a_row("h1", "H1")))
    assert page.headers["X-Robots-Tag"].startswith("noindex")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert 'name="robots" content="noindex' in page.text
    again = await payer.get(page.url, headers={"If-None-Match": page.headers["ETag"]})
    assert again.status_code == 304
    script = re.search(r'src="(/b/static/[^"]+)"', page.text)
    assert (await payer.get(script[1])).headers["Cache-Control"].endswith("immutable")


async def test_voluntary_lines_may_be_unticked_without_a_script(notices, payer):
    rows = (a_row("v1", "V1"), a_row("v2", "V1", amount="50000", kind="gift"), a_row("v3", "V1", amount="7000", kind="gift"))
    path = await a_link(notices, *rows)
    keys = {line["notice_id"]: line["key"] for line in (await a_bill(notices, rows[0]))["notices"]}
    page = await payer.get(f"{path}/chosen", params={"keep": keys["v3"]}, follow_redirects=True)
    assert "157.000 đ" in plain(page.text)
    assert f"{path}/qr.png?skip={keys['v2']}" in page.text
    refused = await payer.get(path, params={"skip": keys["v1"]})
    assert "207.000 đ" in plain(refused.text), "what is owed cannot be unticked"
    bill = (await notices.get(f"/bills/{(await a_notice(notices, 'v1'))['reference']}", params={"skip": keys["v2"]})).json()
    assert (bill["left"], decode(bill["payload"]).amount) == (157_000, 157_000)


async def test_the_picture_is_a_png(notices, payer):
    picture = await payer.get(f"{await a_link(notices, a_row('q1', 'Q1'))}/qr.png")
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/png")
    assert picture.content.startswith(b"\x89PNG")


async def test_opening_and_helping_are_told_once_by_new_versions(notices, payer, stack):
    path = await a_link(notices, a_row("o1", "O1"), a_row("o2", "O1", amount="9000"))
    await payer.get(path, headers={"User-Agent": "facebookexternalhit/1.1"})
    await payer.get(path, headers={"Sec-Purpose": "prefetch;prerender"})
    assert (await a_notice(notices, "o1"))["version"] == 1
    for _ in range(2):
        await payer.get(path)

    async def opened() -> bool:
        both = [await a_notice(notices, each) for each in ("o1", "o2")]
        return all(each["link_opened_at"] and each["version"] == 2 for each in both)

    await eventually(opened)
    thanked = await payer.post(f"{path}/helper", follow_redirects=True)
    assert "có người nộp giúp" in plain(thanked.text)
    await payer.post(f"{path}/helper")

    async def helped() -> bool:
        told = (await newest(stack.bootstrap, Notice)).get("o1")
        return told is not None and told.helper_declared_at is not None and told.version == 3

    await eventually(helped)
    versions = (await notices.get("/notices/o1/history")).json()["versions"]
    assert [(each["version"], each["person"]) for each in versions] == [(1, "admin"), (2, "payer"), (3, "payer")]
    assert [each["column"] for each in versions[2]["amended"]] == ["helper_declared_at"]


async def test_money_that_came_is_shown_as_proof(notices, payer, stack):
    path = await a_link(notices, a_row("m1", "M1"), a_row("m2", "M1", amount="50000"))
    await publish(stack.bootstrap, [a_credit("cm1", "m1", 100_000)])

    async def text() -> str:
        return plain((await payer.get(path)).text)

    async def part() -> bool:
        return "Đã nhận 100.000 đ" in await text()

    await eventually(part, pause_s=1)
    assert "100.000 đ" in await text()  # what is left
    await publish(stack.bootstrap, [a_credit("cm2", "m1", 50_000), a_credit("cm3", "m2", 50_000)])

    async def paid() -> bool:
        return "ĐÃ NHẬN ĐỦ 200.000 đ" in await text()

    await eventually(paid, pause_s=1)
    page = await payer.get(path)
    assert "chuyển khoản" in page.text
    assert "không thay thế phiếu thu, biên lai, hóa đơn" in page.text
    assert "Lưu ảnh QR" not in page.text
    assert (await payer.get(f"{path}/qr.png")).status_code == 404


async def test_money_that_went_back_is_shown_to_whoever_paid_it_alone(notices, payer, stack):
    path = await a_link(notices, a_row("r1", "R1"))
    other = await a_link(notices, a_row("r2", "R2"))
    went = {
        "suspense_parts": SuspenseParts(returned=40_000),
        "returned_at": clock.now(),
        "suspense": 40_000,
        "allocations": (),
    }
    twice = a_credit("cr1", "r1", 40_000).model_copy(update={**went, "intended_notice_id": "r1"})
    lump = a_credit("cr2", "r1", 150_000)
    both = (*lump.allocations, lump.allocations[0].model_copy(update={"allocation_id": "cr2/r2", "notice_id": "r2"}))
    of_several = {
        "amount": 330_000, "allocations": both, "suspense": 30_000, "suspense_parts": SuspenseParts(returned=30_000),
    }  # fmt: skip
    await publish(stack.bootstrap, [twice, lump.model_copy(update={**went, **of_several})])

    async def told() -> bool:
        return "ĐÃ NHẬN ĐỦ" in plain((await payer.get(path)).text) + plain((await payer.get(other)).text)

    await eventually(told, pause_s=1)
    paid, went_on = (f"{clock.local_day(moment):%d/%m/%Y}" for moment in (MOMENT, clock.now()))
    assert f"Đã hoàn trả 40.000 đ, ngày {went_on}, trong khoản nộp ngày {paid}" in plain((await payer.get(path)).text)
    assert "30.000 đ, ngày" not in (await payer.get(path)).text
    assert "Đã hoàn trả" not in (await payer.get(other)).text


async def test_where_the_bank_s_data_are_old_nobody_is_said_to_owe(notices, payer, stack):
    path = await a_link(notices, a_row("s1", "S1"))
    text = plain((await payer.get(path)).text)
    assert "chưa cập nhật" in text
    assert "Còn phải nộp" not in text
    day = ReconciliationDay(
        version=1, site_id=REAL, account="0011", date=clock.local_day(clock.now()), state="open", opening=None, credits=0,
        debits=0, closing=None, allocated=0, suspense=0, cash=0, deposits=0, fresh_until=clock.now(),
    )  # fmt: skip
    await publish(stack.bootstrap, [day])

    async def fresh() -> bool:
        now = plain((await payer.get(path)).text)
        return "Còn phải nộp" in now and "Số liệu ngân hàng cập nhật đến" in now and "chưa cập nhật" not in now

    await eventually(fresh, pause_s=1)


async def test_a_link_is_revoked_or_replaced(notices, payer):
    path = await a_link(notices, a_row("r1", "R1"))
    reference = (await a_notice(notices, "r1"))["reference"]
    replaced = urlsplit((await notices.post(f"/bills/{reference}/link")).json()["link"]).path
    assert replaced != path
    gone = await payer.get(path)
    assert (gone.status_code, "Đừng chuyển tiền" in gone.text) == (404, True)
    assert (await payer.get(replaced)).status_code == 200
    assert (await notices.delete(f"/bills/{reference}/link")).json() == {"link": None}
    assert (await payer.get(replaced)).status_code == 404
    assert (await notices.get(f"/bills/{reference}")).json()["link"] is None


async def test_the_page_closes_ninety_days_after_the_last_due_day(notices, payer):
    assert (await payer.get(await a_link(notices, a_row("c1", "C1", days_ago=90)))).status_code == 200
    closed = await payer.get(await a_link(notices, a_row("c2", "C2", days_ago=91)))
    assert (closed.status_code, "đã đóng" in closed.text) == (410, True)


async def test_a_link_that_is_asked_for_too_often_is_slowed_down(notices, payer):
    path = await a_link(notices, a_row("l1", "L1"))
    answers = [(await payer.get(path)).status_code for _ in range(40)]
    assert set(answers) == {200, 429}
    assert answers[:25] == [200] * 25
    assert (await payer.get(await a_link(notices, a_row("l2", "L2")))).status_code == 200
    guesses = [(await payer.get(f"/b/guess-{number}")).status_code for number in range(100)]
    assert set(guesses) == {404, 429}


async def test_sample_pages_cannot_be_mistaken(notices, payer):
    path = await a_link(notices, a_row("x1", "X1", site=SAMPLE))
    page = await payer.get(path)
    assert plain(page.text).count("MẪU, KHÔNG CHUYỂN TIỀN") >= 2
    assert "dl.vietqr.io" not in page.text
    assert len(page.content) < 15_000


async def test_terms_are_shown_one_by_one(notices, payer):
    path = await a_link(notices, a_row("t1", "T1", amount="", terms="20,22000,2,96000,12/QĐ-UBND"))
    text = plain((await payer.get(path)).text)
    assert "20 ngày × 22.000 đ · nghỉ 2 ngày −44.000 đ · hỗ trợ −96.000 đ (12/QĐ-UBND)" in text
    assert "300.000 đ" in text


async def test_a_cancelled_bill_asks_for_nothing(notices, payer):
    row = a_row("k1", "K1")
    path = await a_link(notices, row)
    header = HEADER.replace("round\n", "round,status\n")
    await send(notices, header + row.strip() + ",cancelled\n")
    text = plain((await payer.get(path)).text)
    assert "đã hủy" in text
    assert "Lưu ảnh QR" not in text


def acting(role: str, site: str = REAL) -> dict[str, str]:
    token = sign_token(SECRET_KEY, Caller("p1", role, frozenset({site})))
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": "erase-1"}


async def tables_that_tell(stack: Stack, *texts: str) -> set[str]:
    """The tables of notices in which one of these texts stands anywhere."""
    connection = await connect_as(stack, "notices")
    try:
        names = await connection.fetch(
            "select tablename from pg_tables where schemaname = 'notices' and tablename <> 'outbox'"
        )
        like = [f"%{text}%" for text in texts]
        told = {name: f'select exists (select from "{name}" t where t::text like any($1::text[]))' for (name,) in names}
        return {name for name, question in told.items() if await connection.fetchval(question, like)}
    finally:
        await connection.close()


async def slips_left_out(notices: httpx.AsyncClient) -> int:
    """How many bills of the round get no slip though something is left of them."""
    slips = await notices.get("/slips.pdf", params={"site": REAL, "round": "Đợt 1", "voluntary": "false"})
    assert slips.status_code == 200
    return int(slips.headers.get("X-Slips-Left-Out", 0))


async def test_an_erased_payer_stands_nowhere_and_nothing_brings_them_back(notices, payer, stack):
    row = a_row("e1", "XOA-77", terms="2,100000,0,50000,12/QĐ-XOA")
    path = await a_link(notices, row, a_row("e2", "XOA-77", amount="5000", kind="gift"))
    change = {"virtual_account": "M789XOA77", "purpose": "Tiền ăn của Nguyễn Thị Ánh Tuyết"}
    await notices.patch("/notices/e1", json={"changes": change, "reason": "Mẹ XOA-77 xin"}, headers={"If-Match": "1"})
    item = {"payer_code": "XOA-77", "payer_name": "Nguyễn Thị Ánh Tuyết", "amount": 1_000, "purpose": "Nước"}
    one = (await notices.post(f"/sites/{REAL}/notices", json=item, headers={"Idempotency-Key": "once"})).json()
    fee = {"site_id": REAL, "round": "Đợt 9", "fee_kind": "meals", "purpose": "Ăn", "price": 9, "due_on": "2026-12-31"}
    rule = {"payer_codes": ["XOA-77"], "adjustments": [{"payer_code": "XOA-77", "exemption": 9, "decision": "13/QĐ-XOA"}]}
    await notices.post("/fees", json={**fee, **rule})
    here, reason = f"/payers/{REAL}/XOA-77", {"reason": "yêu cầu 7"}
    for role, site, status in (("accountant", REAL, 403), ("head", SAMPLE, 403), ("head", REAL, 409)):
        assert (await notices.post(f"{here}/erase", json=reason, headers=acting(role, site))).status_code == status
    assert await slips_left_out(notices) == 0
    assert (await notices.put(f"{here}/restriction", json=reason, headers=acting("cashier"))).status_code == 403
    for method, left_out in (("PUT", 1), ("DELETE", 0)):
        body = reason if method == "PUT" else None
        assert (await notices.request(method, f"{here}/restriction", json=body, headers=acting("head"))).status_code == 200
        assert await slips_left_out(notices) == left_out
    told = (await notices.get(f"{here}/erasure")).json()
    assert told == {"refused": "still_owes", "left": 151_000, "notices": 3, "bills": 2}
    await publish(stack.bootstrap, [a_credit("ce1", "e1", 150_000), a_credit("ce2", one["notice_id"], 1_000)])

    async def paid() -> bool:
        return (await notices.get(f"{here}/erasure")).json()["refused"] is None

    await eventually(paid)
    done = await notices.post(f"{here}/erase", json=reason, headers=acting("head"))
    assert (done.status_code, done.json()["bills"], len(done.json()["notices"])) == (200, 2, 3)
    assert (await notices.post(f"{here}/erase", json=reason, headers=acting("head"))).json() == done.json()
    assert await tables_that_tell(stack, "XOA") == set()

    async def published() -> bool:
        known = await newest(stack.bootstrap, Notice)
        return {known[each].payer_code for each in ("e1", "e2")} == {None}

    await eventually(published)
    after = await a_notice(notices, "e1")
    assert (after["payer_name"], after["guardian_phone"], after["virtual_account"], after["purpose"]) == (None,) * 4
    assert (after["version"], after["amount"], after["paid"], after["group"]) == (3, 150_000, 150_000, "1A")
    assert (await a_notice(notices, "e2"))["status"] == "cancelled"
    assert (await payer.get(path)).status_code == 404
    assert (await notices.post(f"/bills/{after['reference']}/link")).status_code == 409
    assert (await notices.get(f"/bills/{after['reference']}")).json()["link"] is None
    listed = (await notices.get("/lists/payments", params={"site": REAL, "round": "Đợt 1"})).json()["rows"]
    assert ("", "", "paid") in {(each["payer_code"], each["payer_name"], each["state"]) for each in listed}
    # Neither the same file, nor a further notice of the round, nor an amendment, nor the key of before names them again.
    again = (await send(notices, HEADER + row + a_row("e3", "XOA-77"))).json()["rejected"]
    assert [(each["row"], each["column"]) for each in again] == [(2, "notice_id"), (3, "round")]
    amendment = {"changes": {"payer_name": "Tuyết"}, "reason": "?"}
    assert (await notices.patch("/notices/e1", json=amendment, headers={"If-Match": "3"})).status_code == 409
    key = {"Idempotency-Key": "once"}
    assert (await notices.post(f"/sites/{REAL}/notices", json=item, headers=key)).status_code == 422
    assert (await notices.get(f"{here}/erasure")).status_code == 404
