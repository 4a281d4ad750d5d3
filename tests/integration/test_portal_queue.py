"""The accountant's work, with the real matching service behind it: what waits, matching, undoing, two clerks on one row."""

from __future__ import annotations

import asyncio
import html
import random
import re
import signal

import httpx
import pytest

from services.portal import words
from shared.events import Credit
from shared.reference import random_reference
from tests.integration.portal_people import a_person, form_token, put_people, send, signed_in
from tests.integration.support import ADMIN, eventually, newest, publish, running_service
from tests.unit.services.portal.builders import SITE, a_notice, a_site, a_transaction, a_unit

OTHER = "TH-BO-HA"
REFERENCES = {}


def reference(name: str) -> str:
    return REFERENCES.setdefault(name, random_reference(random.Random(name)))


def a_bill(name: str, *, amount: int = 150_000, **changes):
    """One open notice under a reference of its own."""
    return a_notice(
        f"n-{name}", reference=reference(name), bill_id=f"b-{name}", payer_code=f"HS-{name}", amount=amount,
        payer_name=f"Lê <b>Bé</b> {name}", **changes,
    )  # fmt: skip


@pytest.fixture(scope="module")
async def matching(stack):
    async with running_service("matching", stack) as running:
        yield running


@pytest.fixture(scope="module")
async def office(stack, matching):
    async with running_service("portal", stack, KHOP_MATCHING_URL=matching.url) as portal:
        await publish(stack.bootstrap, [a_unit(), a_site(), a_site(OTHER, "Trường Mầm non Bồ Hạ")])
        await put_people(portal.url, [
            a_person("lan", "accountant", name="Lê Lan", site_id=SITE),
            a_person("minh", "accountant", name="Vi Minh", site_id=SITE),
            a_person("xa", "accountant", name="Ở Xa", site_id=OTHER),
            a_person("kiem", "auditor", name="Đỗ Kiểm"),
            {"login": "mau-hai", "name": "Hai Nơi", "grants": [
                {"role": "accountant", "site_id": SITE}, {"role": "accountant", "site_id": OTHER},
            ]},
        ])  # fmt: skip
        yield portal.url


@pytest.fixture
async def lan(office):
    async with signed_in(office, "lan") as client:
        yield client


@pytest.fixture
async def minh(office):
    async with signed_in(office, "minh") as client:
        yield client


async def arrive(stack, client: httpx.AsyncClient, name: str, *, amount: int, memo: str, notices=()) -> str:
    """A transfer that waits for a person; returns its id once the queue shows it."""
    await publish(stack.bootstrap, [*notices])
    await asyncio.sleep(0.3)
    transaction = a_transaction(f"t-{name}", counter_name="LE THI <HOA>").model_copy(
        update={"amount": amount, "memo": type(a_transaction().memo)(memo)}
    )
    await publish(stack.bootstrap, [transaction])

    async def listed():
        return f't-{name}"' in (await client.get("/queue?order=new")).text

    await eventually(listed)
    return f"t-{name}"


def row(page: str, credit_id: str) -> str:
    return re.search(rf'<tr id="{credit_id}".*?</tr>', page, re.DOTALL)[0]


async def suggested(stack, client, name: str) -> str:
    """A transfer of more than is owed by two references: matching suggests, a person decides."""
    return await arrive(
        stack, client, name, amount=150_000, memo=f"nop tien {reference(name)}",
        notices=[a_bill(name, amount=100_000), a_notice(
            f"m-{name}", reference=reference(name), bill_id=f"b-{name}", payer_code=f"HS-{name}", amount=80_000)],
    )  # fmt: skip


async def test_a_row_shows_what_an_accountant_looks_for(stack, lan):
    credit_id = await suggested(stack, lan, "row")
    text = row((await lan.get("/queue?order=new")).text, credit_id)
    assert f"<mark>{reference('row')}</mark>" in text
    assert "L. T. &lt;HOA&gt; · •••789" in text
    assert "Lê &lt;b&gt;Bé&lt;/b&gt; row, 3A, HS-row" in text
    assert "còn phải nộp 100.000" in text.replace("\u00a0", " ")
    assert re.search(r'class="yes">Mã KH\w+ đúng ✓', text)
    assert re.search(r'class="no">Số tiền khác số còn phải nộp ✗', text)


async def test_choosing_splits_a_payment_over_notices(stack, lan):
    credit_id = await suggested(stack, lan, "split")
    page = (await lan.get(f"/payments/{credit_id}/choose")).text
    assert 'value="n-split"' in page
    version = re.search(r"match\?v=(\d+)", page)[1]
    fields = {"notice": ["n-split", "m-split"], "amount.n-split": "100.000", "form": form_token(page)}
    answer = await lan.post(f"/payments/{credit_id}/match?v={version}", data=fields)
    assert answer.status_code == 303
    shown = (await lan.get(f"/payments/{credit_id}")).text
    assert shown.count('name="allocation"') == 2
    assert "Lê Lan khớp 50.000 đ vào" in shown
    assert credit_id not in (await lan.get("/queue")).text
    assert f'id="{credit_id}"' in (await lan.get("/matched")).text


async def test_paying_more_than_is_open_is_refused_in_a_sentence(stack, lan):
    credit_id = await suggested(stack, lan, "more")
    page = (await lan.get(f"/payments/{credit_id}/choose")).text
    version = re.search(r"match\?v=(\d+)", page)[1]
    fields = {"notice": ["m-more"], "amount.m-more": "120.000", "form": form_token(page)}
    answer = await lan.post(f"/payments/{credit_id}/match?v={version}", data=fields)
    assert (answer.status_code, words.queue.MORE_THAN_OPEN in answer.text) == (409, True)
    assert f'id="{credit_id}"' in (await lan.get("/queue?order=new")).text


async def choose_one(client, credit_id: str, notice_id: str) -> tuple[str, dict[str, str]]:
    """The address and the fields by which a person gives a payment to one notice."""
    page = (await client.get(f"/payments/{credit_id}/choose?q=")).text
    version = re.search(r"match\?v=(\d+)", page)[1]
    return f"/payments/{credit_id}/match?v={version}", {
        "notice": notice_id,
        "form": form_token(page),
        "back": "/queue?order=new",
    }


async def test_a_double_click_matches_once_and_a_second_clerk_is_told_who_was_faster(stack, lan, minh):
    credit_id = await suggested(stack, lan, "two")
    address, fields = await choose_one(lan, credit_id, "n-two")
    others_address, others_fields = await choose_one(minh, credit_id, "m-two")
    first, second = await asyncio.gather(lan.post(address, data=fields), lan.post(address, data=fields))
    assert first.status_code == second.status_code == 303
    assert f"did={credit_id}" in first.headers["location"]
    late = await minh.post(others_address, data=others_fields)
    assert f"told={credit_id}" in late.headers["location"]
    told = html.unescape((await minh.get(late.headers["location"])).text)
    assert re.search(r"Khoản 150\.000 đ đã được Lê Lan khớp lúc \d\d:\d\d\.", told)
    credit = (await newest(stack.bootstrap, Credit))[credit_id]
    assert [each.notice_id for each in credit.allocations] == ["n-two"]


async def test_undoing_needs_a_reason_and_brings_the_payment_back(stack, lan):
    credit_id = await suggested(stack, lan, "undo")
    address, fields = await choose_one(lan, credit_id, "n-undo")
    await lan.post(address, data=fields)
    page = (await lan.get(f"/payments/{credit_id}")).text
    version, allocation = re.search(r"undo\?v=(\d+)", page)[1], re.search(r'name="allocation" value="([^"]+)"', page)[1]
    told = {"allocation": allocation, "form": form_token(page)}
    assert (await lan.post(f"/payments/{credit_id}/undo?v={version}", data=told)).status_code == 422
    answer = await lan.post(f"/payments/{credit_id}/undo?v={version}", data={**told, "reason": "wrong_payer"})
    assert answer.status_code == 303
    shown = html.unescape((await lan.get(f"/payments/{credit_id}")).text)
    assert "Lê Lan gỡ khớp 100.000 đ" in shown
    assert words.queue.UNDO_REASONS["wrong_payer"] in shown
    assert f'id="{credit_id}"' in (await lan.get("/queue?order=new")).text


async def test_after_an_undo_the_row_suggests_what_is_still_open(stack, lan):
    """Two bills of the same sum: each may be meant. One is paid by another transfer while the first is matched by mistake."""
    bills = [a_bill(name, amount=90_000) for name in ("eka", "hai")]
    memo = f"{reference('eka')} {reference('hai')}"
    first = await arrive(stack, lan, "undone", amount=90_000, memo=memo, notices=bills)
    second = await arrive(stack, lan, "payer", amount=90_000, memo=memo)
    address, fields = await choose_one(lan, first, "n-hai")
    await lan.post(address, data=fields)
    address, fields = await choose_one(lan, second, "n-eka")
    await lan.post(address, data=fields)
    page = (await lan.get(f"/payments/{first}")).text
    version, allocation = re.search(r"undo\?v=(\d+)", page)[1], re.search(r'name="allocation" value="([^"]+)"', page)[1]
    told = {"allocation": allocation, "form": form_token(page), "reason": "other"}
    await lan.post(f"/payments/{first}/undo?v={version}", data=told)
    text = row((await lan.get("/queue?order=new")).text, first)
    assert "HS-hai" in text
    assert "HS-eka" not in text
    (match,) = re.findall(rf'formaction="(/payments/{first}/match[^"]+)"', text)
    answer = await lan.post(html.unescape(match), data={"form": form_token(page), "back": "/queue"})
    assert answer.headers["location"] == f"/queue?did={first}"
    credit = (await newest(stack.bootstrap, Credit))[first]
    assert [each.notice_id for each in credit.allocations] == ["n-hai"]


async def test_a_second_clerk_is_told_who_set_a_payment_aside(stack, lan, minh):
    credit_id = await suggested(stack, lan, "aside")
    page, others = (await lan.get(f"/payments/{credit_id}")).text, (await minh.get(f"/payments/{credit_id}")).text
    action = html.unescape(re.search(r'action="([^"]+/aside[^"]+)"', page)[1])
    match_address, match_fields = await choose_one(minh, credit_id, "n-aside")
    fields = {"as": "to_return", "form": form_token(page), "back": "/queue"}
    first, again = await asyncio.gather(lan.post(action, data=fields), lan.post(action, data=fields))
    assert {first.headers["location"], again.headers["location"]} == {f"/queue?did={credit_id}"}
    for address, told in (
        (action, {"as": "not_a_fee", "form": form_token(others), "back": "/queue"}),
        (match_address, match_fields),
    ):
        late = await minh.post(address, data=told)
        assert f"told={credit_id}" in late.headers["location"]
        said = html.unescape((await minh.get(late.headers["location"])).text)
        assert re.search(r"Khoản 150\.000 đ đã được Lê Lan để riêng lúc \d\d:\d\d\.", said), address
    credit = (await newest(stack.bootstrap, Credit))[credit_id]
    assert credit.suspense_parts.to_return == 150_000


async def test_what_was_set_aside_is_put_back_with_a_reason(stack, lan):
    credit_id = await suggested(stack, lan, "put-again")
    page = (await lan.get(f"/payments/{credit_id}")).text
    assert "/put-back" not in page
    action = html.unescape(re.search(r'action="([^"]+/aside[^"]+)"', page)[1])
    await lan.post(action, data={"as": "not_a_fee", "form": form_token(page)})
    page = (await lan.get(f"/payments/{credit_id}")).text
    back = html.unescape(re.search(r'action="([^"]+/put-back[^"]+)"', page)[1])
    assert (await lan.post(back, data={"form": form_token(page), "reason": "mine"})).status_code == 422
    told = {"form": form_token(page), "reason": "wrong_kind"}
    answers = await asyncio.gather(lan.post(back, data=told), lan.post(back, data=told))
    assert {answer.status_code for answer in answers} == {303}
    shown = html.unescape((await lan.get(f"/payments/{credit_id}")).text).replace("\u00a0", " ")
    assert "Lê Lan: đưa khoản tiền trở lại Cần xử lý: 150.000 đ · Phân loại nhầm" in shown
    assert "/put-back" not in shown
    assert f'id="{credit_id}"' in (await lan.get("/queue?order=new")).text
    credit = (await newest(stack.bootstrap, Credit))[credit_id]
    assert (credit.suspense_parts.unidentified, credit.suspense_parts.not_a_fee) == (150_000, 0)
    address, fields = await choose_one(lan, credit_id, "n-put-again")
    await lan.post(address, data=fields)
    credit = (await newest(stack.bootstrap, Credit))[credit_id]
    assert [each.notice_id for each in credit.allocations] == ["n-put-again"]


async def test_the_site_is_the_first_column_of_who_serves_several(stack, lan, office):
    credit_id = await arrive(stack, lan, "column", amount=65_000, memo="khong ro")
    assert 'class="s"' not in (await lan.get("/queue")).text
    async with signed_in(office, "hai") as both:
        page = (await both.get("/queue?order=new")).text
        head = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', page)
        assert head[1:3] == [words.queue.SITE_COLUMN, words.queue.COLUMNS[0]]
        cells = re.findall(r'<td class="(\w+)', row(page, credit_id))
        assert cells[:3] == ["k", "s", "t"]
        assert 'class="s"' not in (await both.get(f"/queue?site={SITE}")).text


async def test_what_is_to_be_returned_stands_among_the_excess(stack, lan):
    credit_id = await arrive(stack, lan, "back", amount=70_000, memo="chuyen tien")
    page = (await lan.get(f"/payments/{credit_id}")).text
    version = re.search(r"aside\?v=(\d+)", page)[1]
    answer = await lan.post(f"/payments/{credit_id}/aside?v={version}", data={"as": "to_return", "form": form_token(page)})
    assert answer.status_code == 303
    assert "70.000 đ chờ hoàn trả" in row((await lan.get("/excess?order=new")).text, credit_id)
    assert f'id="{credit_id}"' not in (await lan.get("/queue")).text


async def test_ticks_survive_paging_and_sorting_and_are_matched_after_a_summary(stack, lan, minh):
    ids = [await suggested_exactly(stack, lan, f"bulk{number}") for number in range(3)]
    page = (await lan.get("/queue?order=new")).text
    numbers = [re.search(r'name="tick" value="(\d+)"', row(page, credit_id))[1] for credit_id in ids]
    shown = html.unescape(re.search(r'name="shown" value="([^"]+)"', page)[1])
    fields = {"tick": numbers, "shown": shown, "form": form_token(page), "go": "/queue?order=large"}
    answer = await lan.post("/ticks", data=fields)
    assert answer.headers["location"] == "/queue?order=large"
    sorted_page = (await lan.get("/queue?order=large")).text
    assert all(re.search(r'name="tick"[^>]*checked', row(sorted_page, credit_id)) for credit_id in ids)
    assert "Đã chọn 3 khoản, 270.000 đ." in sorted_page
    assert "checked" not in (await minh.get("/queue")).text
    # Somebody else matches one of them before the summary is confirmed.
    summary = (await lan.get("/queue/confirm")).text
    assert "3 khoản, 270.000 đ" in summary.replace("\u00a0", " ")
    address, others = await choose_one(minh, ids[0], "n-bulk0")
    assert (await minh.post(address, data=others)).status_code == 303
    confirmed = await lan.post("/queue/confirm", data={
        "shown": html.unescape(re.search(r'name="shown" value="([^"]+)"', summary)[1]), "form": form_token(summary),
    })  # fmt: skip
    assert confirmed.headers["location"] == "/queue?done=2&sum=180000&failed=1"
    after = (await lan.get(confirmed.headers["location"])).text
    assert "Đã khớp 2 khoản, 180.000 đ." in after
    assert not any(f'id="{credit_id}"' in after for credit_id in ids)


async def suggested_exactly(stack, client, name: str) -> str:
    """A transfer whose first suggestion fits to the đồng: a bill of another site's account is not meant; the sum is of one."""
    return await arrive(
        stack, client, name, amount=90_000, memo=f"{reference(name)} {reference('gone')}",
        notices=[a_bill(name, amount=90_000), a_bill("gone", amount=90_000, status="cancelled", cancelled_on="2026-11-02")],
    )  # fmt: skip


async def test_a_note_stays_with_the_payment(stack, lan, minh):
    credit_id = await arrive(stack, lan, "note", amount=60_000, memo="khong ro")
    await send(
        lan, f"/payments/{credit_id}/note", {"note": "Đã gọi <phụ huynh>, chờ trả lời"}, seen=f"/payments/{credit_id}"
    )
    assert "✎ Đã gọi &lt;phụ huynh&gt;" in row((await minh.get("/queue?order=new")).text, credit_id)
    assert "Lê Lan ghi chú: Đã gọi &lt;phụ huynh&gt;" in (await minh.get(f"/payments/{credit_id}")).text


async def test_seeing_a_sender_whole_is_an_act_that_is_kept(stack, lan, office):
    credit_id = await arrive(stack, lan, "reveal", amount=61_000, memo="khong ro")
    before = (await lan.get(f"/payments/{credit_id}")).text
    assert "LE THI &lt;HOA&gt;" not in before
    await send(lan, f"/payments/{credit_id}/reveal", {}, seen=f"/payments/{credit_id}")
    after = (await lan.get(f"/payments/{credit_id}")).text
    assert "LE THI &lt;HOA&gt; · 0123456789" in after
    assert f"Lê Lan: {words.people.ACTS['revealed']}" in after
    async with signed_in(office, "kiem") as auditor:
        assert words.people.ACTS["revealed"] in (await auditor.get(f"/audit?subject={credit_id}")).text
        assert "HOA" in (await auditor.get(f"/payments/{credit_id}")).text
        assert "LE THI" not in (await auditor.get(f"/payments/{credit_id}")).text


async def test_another_schools_accountant_sees_nothing_of_it(stack, lan, office):
    credit_id = await arrive(stack, lan, "mine", amount=62_000, memo="khong ro")
    async with signed_in(office, "xa") as other:
        assert credit_id not in (await other.get("/queue")).text
        assert (await other.get(f"/payments/{credit_id}")).status_code == 404
        token = form_token((await other.get("/me")).text)
        for path, fields in (
            (f"/payments/{credit_id}/match?v=1&pick=0", {}),
            (f"/payments/{credit_id}/note", {"note": "x"}),
        ):
            assert (await other.post(path, data={"form": token, **fields})).status_code == 404
        assert (await other.get(f"/queue?site={SITE}")).status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/queue?after=-1", 400), ("/queue?after=99999999999999999999-x", 400), ("/queue?order=up", 400),
        ("/queue?site=nowhere", 404), ("/queue?order=large&after=99999999999999999-x", 400), ("/payments/nothing", 404),
        ("/payments/a%00b", 404), ("/queue?done=-1", 400), ("/payments/x/choose?q=" + "a" * 10_000, 400),
    ],
)  # fmt: skip
async def test_a_tampered_address_gets_a_sentence(lan, path, status):
    answer = await lan.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


async def test_a_tampered_form_changes_nothing(stack, lan):
    credit_id = await suggested(stack, lan, "tamper")
    page = (await lan.get(f"/payments/{credit_id}")).text
    token, version = form_token(page), re.search(r"aside\?v=(\d+)", page)[1]
    here = f"/payments/{credit_id}"
    for path, fields, status in (
        (f"{here}/match?v=x", {}, 400),
        (f"{here}/match?v={version}&pick=7", {}, 422),
        (f"{here}/match?v={version}", {}, 422),
        (f"{here}/match?v={version}", {"notice": "no-such"}, 422),
        (f"{here}/match?v={version}", {"notice": "n-tamper", "amount.n-tamper": "12,5"}, 422),
        (f"{here}/match?v={int(version) + 1}", {"notice": "n-tamper"}, 303),
        (f"{here}/aside?v={version}", {"as": "mine"}, 422),
        (f"{here}/undo?v={version}", {"reason": "wrong_payer"}, 422),
        (f"{here}/note", {"note": "x" * 1_001}, 422),
        ("/ticks", {"shown": "a b c~d ~1 x~99999999999", "tick": ["-1", "99", "x"]}, 303),
        ("/ticks", {"shown": "x" * 20_000}, 422),
        ("/queue/confirm", {"shown": f"{credit_id}~1"}, 303),
    ):
        answer = await lan.post(path, data={"form": token, **fields})
        assert answer.status_code == status, (path, fields, answer.status_code)
    credit = (await newest(stack.bootstrap, Credit))[credit_id]
    assert not credit.allocations
    assert f'id="{credit_id}"' in (await lan.get("/queue?order=new")).text


async def test_a_connection_lost_at_submit_is_said_and_sending_again_acts_once(stack, lan, matching):
    credit_id = await arrive(stack, lan, "away", amount=63_000, memo="khong ro")
    page = (await lan.get(f"/payments/{credit_id}")).text
    address = html.unescape(re.search(r'action="([^"]+/aside[^"]+)"', page)[1])
    fields = {"as": "to_return", "form": form_token(page)}
    matching.process.send_signal(signal.SIGSTOP)
    try:
        answer = await lan.post(address, data=fields, timeout=30)
    finally:
        matching.process.send_signal(signal.SIGCONT)
    assert answer.status_code == 502
    assert words.queue.OWNER_AWAY in answer.text
    assert (await lan.post(address, data=fields)).status_code == 303
    assert "63.000 đ chờ hoàn trả" in (await lan.get(f"/payments/{credit_id}")).text
    credit = (await newest(stack.bootstrap, Credit))[credit_id]
    assert (credit.version, credit.suspense_parts.to_return) == (2, 63_000)


async def test_the_admin_token_reads_the_overview(office):
    async with httpx.AsyncClient(base_url=office, headers=ADMIN) as client:
        assert (await client.get("/")).status_code == 200


@pytest.mark.parametrize("typed", ["bé row", "HS-row", "BE ROW", "3a row"])
async def test_a_payer_is_found_by_any_part(stack, lan, office, typed):
    if "t-row" not in (await lan.get("/queue?order=new")).text:
        await suggested(stack, lan, "row")
    text = (await lan.get("/search", params={"q": typed})).text
    assert "Lê &lt;b&gt;Bé&lt;/b&gt; row" in text
    assert f'href="/payers/{SITE}/HS-row"' in text
    page = (await lan.get(f"/payers/{SITE}/HS-row")).text
    assert reference("row") in page
    async with signed_in(office, "xa") as other:
        assert words.searching.NOTHING in (await other.get("/search", params={"q": typed})).text
        assert (await other.get(f"/payers/{SITE}/HS-row")).status_code == 404


@pytest.mark.parametrize("typed", ["64.000", "64000 đ", "tien dien thang", "hoa dien"])
async def test_a_payment_is_found_by_amount_memo_or_sender(stack, lan, typed):
    if "t-find" not in (await lan.get("/queue?order=new")).text:
        await arrive(stack, lan, "find", amount=64_000, memo="Tiền điện tháng 11")
    assert "/payments/t-find" in (await lan.get("/search", params={"q": typed})).text


@pytest.mark.parametrize("typed", ["%", "\\", "_", "'", '"><script>', "🙂"])
async def test_a_strange_search_finds_nothing_and_breaks_nothing(lan, typed):
    answer = await lan.get("/search", params={"q": typed + " zzzz"})
    assert answer.status_code == 200
    assert "<script>" not in answer.text.split("</head>")[1].replace("<script src=", "")
