"""The counter, with the real matching service: a payer waits, the bank's message comes, cash is taken, a receipt is checked."""

from __future__ import annotations

import asyncio
import html
import random
import re
import time
from datetime import timedelta

import httpx
import pytest

from services.portal import words
from shared.clock import local_day, now
from shared.events import Credit
from shared.reference import random_reference
from tests.integration import payment_events
from tests.integration.portal_people import a_person, form_token, put_people, send, signed_in
from tests.integration.support import connect_as, eventually, newest, publish, running_service
from tests.unit.services.portal.builders import SITE, a_notice, a_site, a_transaction, a_unit

RNG = random.Random(5)
BILLS = {name: random_reference(RNG) for name in ("an", "binh", "cuong", "dung", "em", "tien", "hso")}
OFFICE = "MC-SON-DONG"


def a_bill(name: str, amount: int = 150_000, **changes):
    return a_notice(
        f"n-{name}", reference=BILLS[name], bill_id=f"b-{name}", payer_code=f"H02.31-250701-{name}", payer_name=f"Bế Văn {name}",
        amount=amount, purpose="Viện phí", period=None, group=None, **changes,
    )  # fmt: skip


def a_payment(name: str, amount: int, memo: str = ""):
    made = a_transaction(f"t-{name}")
    return made.model_copy(update={"amount": amount, "memo": type(made.memo)(memo or f"CUSTOMER {BILLS[name]} ck")})


@pytest.fixture(scope="module")
async def portal(stack):
    async with (
        running_service("matching", stack) as matching,
        running_service("portal", stack, KHOP_MATCHING_URL=matching.url, KHOP_NOTICES_URL="http://127.0.0.1:9") as running,
    ):
        await publish(stack.bootstrap, [
            a_unit(), a_site(name="Trung tâm Y tế"), a_site("TH-BO-HA", "Trường Bồ Hạ"),
            a_site(OFFICE, "Một cửa Sơn Động", type="office"),
            a_notice("n-hso", site_id=OFFICE, reference=BILLS["hso"], bill_id="b-hso", payer_code="H02.31-251120-0007",
                     payer_name="Vi Văn Hồ", purpose="Lệ phí hộ tịch", period=None, group=None, amount=50_000),
            *(a_bill(name) for name in BILLS if name not in {"tien", "hso"}),
            a_notice("m-dung", reference=BILLS["dung"], bill_id="b-dung", payer_code="H02.31-250701-dung", amount=50_000),
        ])  # fmt: skip
        await put_people(running.url, [
            a_person("yen", "cashier", name="Ninh Yến", site_id=SITE), a_person("xa", "cashier", site_id="TH-BO-HA"),
            a_person("kt", "accountant", site_id=SITE), a_person("mc", "officer", name="Lò Mốt", site_id=OFFICE),
        ])  # fmt: skip
        yield running.url


@pytest.fixture
async def yen(portal):
    async with signed_in(portal, "yen") as client:

        async def known():
            return "cuong" in (await client.get("/counter", params={"q": "bế văn"})).text

        await eventually(known)
        yield client


async def wait_for(client: httpx.AsyncClient, name: str) -> str:
    """Let a payer wait; returns the wait's id."""
    answer = await send(client, "/counter/show", {"reference": BILLS[name], "site": SITE, "counter": "1"})
    assert answer.status_code == 303, answer.text
    text = (await client.get("/counter")).text
    return re.search(rf'<section id="([^"]+)" class="card wait[^>]*>(?:(?!</section>).)*{BILLS[name]}', text, re.DOTALL)[1]


async def card(client: httpx.AsyncClient, wait_id: str) -> str:
    return re.search(rf'<section id="{wait_id}".*?</section>', (await client.get("/counter?fragment=1")).text, re.DOTALL)[0]


@pytest.mark.parametrize("typed", ["H02.31-250701-binh", "H02 31 250701 binh", "h0231250701BINH", "Bế Văn binh", "binh bế"])
async def test_a_payer_is_found_with_or_without_dots_and_dashes(yen, typed):
    assert BILLS["binh"] in (await yen.get("/counter", params={"q": typed})).text


async def test_it_turns_to_received_within_a_second_of_the_banks_message(stack, yen):
    wait_id = await wait_for(yen, "an")
    other = await wait_for(yen, "binh")
    assert "Chưa nhận" in await card(yen, wait_id)
    await publish(stack.bootstrap, [a_payment("an", 150_000)])
    started = time.monotonic()

    async def received():
        return "ĐÃ NHẬN 150.000 đ" in await card(yen, wait_id)

    await eventually(received, pause_s=0.02)
    assert time.monotonic() - started < 3  # a second where the machine is not busy with other tests
    assert "Chưa nhận" in await card(yen, other)


async def test_a_strangers_payment_of_the_same_sum_never_shows_as_this_ones(stack, yen):
    wait_id = await wait_for(yen, "cuong")
    await publish(stack.bootstrap, [a_payment("em", 150_000), a_payment("tien", 150_000, "chuyen tien vien phi")])

    async def matched():
        return any(
            each.credit_id == "t-em" and each.allocations for each in (await newest(stack.bootstrap, Credit)).values()
        )

    await eventually(matched)
    await asyncio.sleep(0.5)
    assert "Chưa nhận" in await card(yen, wait_id)


async def test_the_display_shows_the_sum_and_then_that_it_came_and_nobodys_name(stack, yen):
    wait_id = await wait_for(yen, "dung")
    shown = (await yen.get("/display")).text
    assert "200.000 đ" in shown
    assert BILLS["dung"] in shown
    assert "Bế" not in shown
    await publish(stack.bootstrap, [a_payment("dung", 200_000)])

    async def thanks():
        return "ĐÃ NHẬN 200.000 đ" in (await yen.get("/display?fragment=1")).text

    await eventually(thanks)
    assert "ĐÃ NHẬN" in await card(yen, wait_id)


async def test_the_payers_word_starts_a_clock_and_is_no_proof(yen):
    wait_id = await wait_for(yen, "cuong")
    await send(yen, f"/counter/waits/{wait_id}/claim", {})
    text = await card(yen, wait_id)
    assert "Khách báo đã chuyển lúc" in text
    assert words.counter.CLAIM_HINT in text
    assert 'class="timer"' in text
    assert words.counter.NOT_YET in text
    answer = await send(yen, f"/counter/waits/{wait_id}/step", {"step": "bank_seen", "note": "<chưa thấy>"})
    assert answer.status_code == 303
    assert "&lt;chưa thấy&gt;" in await card(yen, wait_id)
    assert (await send(yen, f"/counter/waits/{wait_id}/step", {"step": "nothing"})).status_code == 422


async def cash_form(client, wait_id: str) -> dict[str, str]:
    text = await card(client, wait_id)
    return {name: re.search(rf'name="{name}" value="([^"]+)"', text)[1] for name in ("once",)} | {"form": form_token(text)}


async def test_cash_is_recorded_once_and_waits_for_its_document(stack, yen):
    wait_id = await wait_for(yen, "binh")
    fields = {**await cash_form(yen, wait_id), "amount": "150.000 đ"}
    path = f"/counter/cash/{wait_id}"
    assert (await yen.post(path, data={**fields, "amount": "150.001"})).status_code == 409
    answers = await asyncio.gather(*(yen.post(path, data=fields) for _ in range(4)))
    assert {(answer.status_code, answer.headers.get("location")) for answer in answers} == {
        (303, f"/counter?site={SITE}&counter=1&cash=150000")
    }

    async def booked():
        found = [each for each in (await newest(stack.bootstrap, Credit)).values() if each.channel == "cash"]
        return [(each.amount, each.document_number) for each in found] == [(150_000, None)]

    await eventually(booked)
    connection = await connect_as(stack, "portal")
    # As if the process had ended after matching took the money: who sends the form again learns what it did.
    await connection.execute("update sent_forms set outcome = null where once like $1", f"cash/{wait_id}/%")
    again = await yen.post(path, data=fields)
    assert (again.status_code, again.headers["location"]) == (303, answers[0].headers["location"])
    await connection.execute("update sent_forms set outcome = null where once like $1", f"cash/{wait_id}/%")
    other = await yen.post(path, data={**fields, "amount": "100.000"})
    assert (other.status_code, "150.000 đ" in other.text) == (409, True)
    noted = await connection.fetchval("select count(*) from audit where act = 'cash_taken' and subject = $1", BILLS["binh"])
    await connection.close()
    assert noted == 2, "once for the twins, once for who came back"
    await eventually(booked)
    page = (await yen.get("/counter")).text
    assert words.counter.WAITING_DOCUMENTS in page
    ((whose, credit_path),) = re.findall(r'<td>([^<]+) <a href="(/payments/[^"]+)">Ghi số chứng từ', page)
    assert (await yen.get("/counter/documents")).text.count(f"{whose} <a") == 1, "both lists say whose cash it is"
    detail = (await yen.get(credit_path)).text
    assert "Ninh Yến thu tiền mặt" in detail
    version = re.search(r"document\?v=(\d+)", detail)[1]
    answer = await yen.post(
        f"{credit_path}/document?v={version}", data={"document_number": "PT-0012", "form": form_token(detail)}
    )
    assert answer.status_code == 303
    assert "PT-0012" in (await yen.get(credit_path)).text
    assert words.counter.WAITING_DOCUMENTS not in (await yen.get("/counter")).text


async def test_all_cash_without_a_document_is_listed_page_by_page_the_oldest_first(stack, portal, yen):
    moments = [now() - timedelta(days=30, minutes=minute) for minute in range(60)]
    await publish(stack.bootstrap, [
        payment_events.cash(f"cash-{place:02}", local_day(moment), 1_000 + place, site_id=OFFICE, occurred_at=moment)
        for place, moment in enumerate(moments)
    ])  # fmt: skip
    async with signed_in(portal, "mc") as officer:

        async def counted():
            return 'class="badge todo">60<' in (await officer.get("/counter")).text

        await eventually(counted)
        first = (await officer.get("/counter/documents")).text
        (on,) = re.findall(r'href="([^"]+)" rel="next"', first)
        second = (await officer.get(html.unescape(on))).text
        amounts = [re.findall(r'class="n amount">([^<]+) đ<', page) for page in (first, second)]
        assert [len(each) for each in amounts] == [50, 10]
        assert [*amounts[0], *amounts[1]] == [f"1.{place:03}" for place in reversed(range(60))]
        assert (await officer.get("/counter/documents?after=x")).status_code == 400
    assert words.counter.WAITING_DOCUMENTS_NONE in (await yen.get("/counter/documents")).text


async def test_a_confirmation_can_be_checked_by_anyone_and_says_nothing_of_a_person(portal, yen):
    page = (await yen.get("/receipts/t-an")).text
    assert words.counter.RECEIPT_DISCLAIMER in page
    assert "phiếu thu" not in page.replace(words.counter.RECEIPT_DISCLAIMER, "").lower()
    code = re.search(r'class="big">([0-9A-Z]{4}-[0-9A-Z]{4})<', page)[1]
    async with httpx.AsyncClient(base_url=portal) as stranger:
        for typed in (code, code.lower().replace("-", " ")):
            told = html.unescape((await stranger.get("/verify", params={"code": typed})).text)
            assert words.counter.VERIFY_FOUND in told
            assert "150.000 đ" in told
            assert "Trung tâm Y tế" in told
            assert "Bế Văn" not in told
            assert BILLS["an"] not in told
        for wrong in ("AAAA-AAAA", "<script>", "0" * 40, code[:-1]):
            told = (await stranger.get("/verify", params={"code": wrong})).text
            assert words.counter.VERIFY_UNKNOWN in told


async def test_a_confirmation_covers_its_notice_whole_however_often_it_was_paid_for(stack, portal, yen):
    today = local_day(now())

    async def paid(name: str, amount: int) -> None:
        await publish(stack.bootstrap, [
            payment_events.a_credit(name, today, amount, pays={"n-cuong": amount}, site_id=SITE, account=f"ACC{SITE}")
        ])  # fmt: skip

        async def seen():
            return (await yen.get(f"/receipts/{name}")).status_code == 200

        await eventually(seen)

    def code_of(page: str) -> str:
        return re.search(r'class="big">([0-9A-Z]{4}-[0-9A-Z]{4})<', page)[1]

    await paid("half-1", 100_000)
    alone = (await yen.get("/receipts/half-1")).text
    assert '<dd class="big">100.000 đ</dd>' in alone
    await paid("half-2", 50_000)
    whole, same = [(await yen.get(f"/receipts/{name}")).text for name in ("half-1", "half-2")]
    for page in (whole, same):
        assert '<dd class="big">150.000 đ</dd>' in page
        for part in ("100.000 đ", "50.000 đ"):
            assert f"{part}, {today:%d/%m/%Y}, chuyển khoản" in page
    assert code_of(whole) == code_of(same) != code_of(alone)
    assert (await yen.get("/receipts/half-1/receipt.pdf")).content.startswith(b"%PDF")
    async with httpx.AsyncClient(base_url=portal) as stranger:

        async def told(code: str) -> str:
            return html.unescape((await stranger.get("/verify", params={"code": code})).text)

        assert words.counter.VERIFY_FOUND in await told(code_of(alone))
        assert "150.000 đ" in await told(code_of(whole))
        assert "chuyển khoản" not in await told(code_of(whole))
        gone = payment_events.undone(
            payment_events.a_credit("half-2", today, 50_000, pays={"n-cuong": 50_000}, site_id=SITE, account=f"ACC{SITE}")
        )
        await publish(stack.bootstrap, [gone])

        async def changed():
            return words.counter.VERIFY_GONE in await told(code_of(whole))

        await eventually(changed)
        assert words.counter.VERIFY_FOUND in await told(code_of(alone))


async def test_a_confirmation_stays_true_where_its_payments_were_moved_to_another_notice_of_the_same_sum(stack, portal, yen):
    today = local_day(now())

    async def paid(notice_id: str, version: int) -> str:
        """The code of the confirmation, once both payments pay this notice."""
        await publish(stack.bootstrap, [
            payment_events.a_credit(name, today, amount, pays={notice_id: amount}, site_id=SITE, account=f"ACC{SITE}",
                                    version=version)
            for name, amount in (("moved-1", 90_000), ("moved-2", 60_000))
        ])  # fmt: skip
        found = ""

        async def confirmed():
            nonlocal found
            page = (await yen.get("/receipts/moved-2")).text
            seen = re.search(r'class="big">([0-9A-Z]{4}-[0-9A-Z]{4})<', page)
            found = seen[1] if seen and "150.000 đ" in page and purposes[notice_id] in page else ""
            return found

        await eventually(confirmed)
        return found

    purposes = {"n-wrong": "Giường bệnh", "n-right": "Xét nghiệm"}
    await publish(stack.bootstrap, [
        a_notice(notice_id, bill_id=f"b-{notice_id}", payer_code=notice_id, amount=150_000, purpose=purpose)
        for notice_id, purpose in purposes.items()
    ])  # fmt: skip
    before, after = await paid("n-wrong", 1), await paid("n-right", 2)
    async with httpx.AsyncClient(base_url=portal) as stranger:
        for code in {before, after}:
            told = html.unescape((await stranger.get("/verify", params={"code": code})).text)
            assert words.counter.VERIFY_FOUND in told
            assert words.counter.VERIFY_GONE not in told


async def test_who_need_not_pay_is_noted_once_with_the_ground_and_found_again(stack, portal, yen):
    text = (await yen.get("/counter")).text
    fields = {
        "form": form_token(text), "site": SITE, "counter": "1", "once": "exempt-1", "payer_name": "Vi Thị Miễn",
        "payer_code": "HSO-07-MIEN", "fee_kind": "admin", "amount": "0 đ", "decision": "QĐ 12",
    }  # fmt: skip
    refused = await yen.post("/counter/issue", data={**fields, "decision": ""})
    assert (refused.status_code, words.counter.EXEMPT_NEEDED in refused.text) == (422, True)
    answers = await asyncio.gather(*(yen.post("/counter/issue", data=fields) for _ in range(2)))
    assert [answer.status_code for answer in answers] == [303, 303]
    connection = await connect_as(stack, "portal")
    noted = await connection.fetch("select state, reason from exemptions where payer_code = 'HSO-07-MIEN'")
    audited = await connection.fetch("select person_id from audit where act = 'exempt_noted'")
    await connection.close()
    assert [tuple(row) for row in noted] == [("exempt", "QĐ 12")]
    assert [tuple(row) for row in audited] == [("mau-yen",)]
    free = {
        **fields,
        "once": "free-1",
        "payer_code": "HSO-KHONG",
        "payer_name": "Vi Văn Không",
        "zero": "free",
        "decision": "",
    }
    done = await yen.post("/counter/issue", data=free)
    assert words.counter.EXEMPT_STATES["free"] in (await yen.get(done.headers["location"])).text
    for path, said in (
        ("/counter?q=hso.07.mien", "Miễn: admin, QĐ 12 (Ninh Yến ghi lúc"),
        ("/counter?q=vi+van+khong", "0 đ, không phải nộp: admin (Ninh Yến ghi lúc"),
        (f"/payers/{SITE}/HSO-07-MIEN", "Miễn: admin, QĐ 12 (Ninh Yến ghi lúc"),
        ("/search?q=HSO-07-MIEN", f'href="/payers/{SITE}/HSO-07-MIEN"'),
    ):
        page = (await yen.get(path)).text
        assert said in page, path
        assert words.counter.FIND_EMPTY not in page
    async with signed_in(portal, "xa") as other:
        assert "Vi Thị Miễn" not in (await other.get("/search?q=HSO-07-MIEN")).text
        assert (await other.get(f"/payers/{SITE}/HSO-07-MIEN")).status_code == 404


async def hand_in(client: httpx.AsyncClient, *rows: str) -> httpx.Response:
    token = form_token((await client.get("/imports/portal-report")).text)
    content = "\n".join(["Mã hồ sơ;Số tiền;Ngày nộp;Số biên lai", *rows])
    return await client.post(
        "/imports/portal-report", data={"form": token, "site": OFFICE}, files={"file": ("cong.csv", content.encode())}
    )


async def test_what_was_paid_on_the_public_service_portal_is_said_and_not_asked_again(portal, yen):
    assert (await yen.get("/imports/portal-report")).status_code == 403
    today = f"{local_day(now()):%d/%m/%Y}"
    async with signed_in(portal, "mc") as officer:

        async def asked():
            return BILLS["hso"] in (await officer.get("/counter?q=H0231-251120-0007")).text

        await eventually(asked)
        rows = f"H02312511200007;50.000;{today};DVC-1", f"H02.31-251120-0009;30.000;{today};DVC-2"
        refused = await hand_in(officer, *rows, "H02.31-251120-0010;ba mươi;24/11/2026;DVC-3")
        assert (refused.status_code, "dòng 4, số tiền: số tiền không đúng" in html.unescape(refused.text)) == (422, True)
        assert BILLS["hso"] in (await officer.get("/counter?q=H0231-251120-0007")).text
        done = await hand_in(officer, *rows)
        assert words.counter.REPORT_DONE.format(accepted=2, unchanged=0) in html.unescape(done.text)
        again = await hand_in(officer, *rows)
        assert words.counter.REPORT_DONE.format(accepted=0, unchanged=2) in html.unescape(again.text)

        async def told():
            return "Đã nộp trên Cổng Dịch vụ công 50.000 đ" in (await officer.get("/counter?q=h02.31.251120.0007")).text

        await eventually(told)
        page = (await officer.get("/counter?q=h02.31.251120.0007")).text
        assert words.counter.SHOW not in page
        tiles = html.unescape(re.search(r'<dl class="tiles">.*?</dl>', page, re.DOTALL)[0])
        assert [re.search(rf"{name}</dt><dd>([^<]+)</dd>", tiles)[1] for name in ("Chuyển khoản", "Cổng Dịch vụ công")] == [
            "0 đ", "80.000 đ",
        ]  # fmt: skip
        unknown = html.unescape((await officer.get("/counter?q=H0231 251120 0009")).text)
        assert "Đã nộp trên Cổng Dịch vụ công 30.000 đ" in unknown
        assert "DVC-2" in unknown


async def test_the_life_of_a_payment_on_the_portal_says_where_it_was_paid(stack, portal):
    found = [each for each in (await newest(stack.bootstrap, Credit)).values() if each.document_number == "DVC-1"]
    async with signed_in(portal, "mc") as officer:
        life = re.search(
            r'<ol class="life">.*?</ol>', (await officer.get(f"/payments/{found[0].credit_id}")).text, re.DOTALL
        )[0]
    assert "Nộp trên Cổng Dịch vụ công" in life
    assert "Lò Mốt nộp báo cáo của Cổng Dịch vụ công (biên lai DVC-1)" in life
    assert "tài khoản" not in life


async def test_another_sites_cashier_sees_no_wait_and_takes_no_cash(portal, yen):
    wait_id = await wait_for(yen, "cuong")
    async with signed_in(portal, "xa") as other:
        assert wait_id not in (await other.get("/counter")).text
        assert (await other.get(f"/counter?site={SITE}")).status_code == 404
        assert (await other.get("/receipts/t-an")).status_code == 404
        token = form_token((await other.get("/me")).text)
        for path in (f"/counter/waits/{wait_id}/end", f"/counter/cash/{wait_id}", f"/counter/waits/{wait_id}/claim"):
            assert (await other.post(path, data={"form": token, "amount": "1000"})).status_code == 404


async def test_without_the_owner_of_codes_the_counter_works_on(yen):
    assert (await yen.get(f"/counter/qr/{BILLS['an']}.svg")).status_code == 502
    page = await yen.get("/counter")
    assert page.status_code == 200
    assert words.counter.NO_KINDS in page.text
