"""The portal as a process: topics in, pages out."""

from __future__ import annotations

import asyncio
import html
import re
import time

import httpx
import pytest

from services.portal import words
from services.portal.overview import queries
from shared.runtime.http import STOP_WAIT_S
from tests.integration.support import ADMIN, connect_as, eventually, publish, running_service
from tests.unit.services.portal.builders import SITE, a_credit, a_notice, a_site, a_transaction, a_unit

OTHER = "TH-BO-HA"
PAGE = f"/sites/{SITE}/payments"
MATCHED = 30


def ids(text: str) -> list[str]:
    return re.findall(r'<tr id="([^"]+)"', text)


def link(text: str, name: str) -> str:
    (address,) = re.findall(rf'<a href="([^"]+)"[^>]*>(?:← )?{name}', text)
    return html.unescape(address)


@pytest.fixture(scope="module")
async def portal(stack):
    async with (
        running_service("portal", stack) as running,
        httpx.AsyncClient(base_url=running.url, timeout=10, headers=ADMIN) as client,
    ):
        yield client


@pytest.fixture(scope="module")
async def filled(stack, portal):
    """A site with 30 matched payments, one to review, one cash receipt, one movement out, and another site."""
    matched = [a_credit(f"c{index:02}", pays={"n1": 150_000}, minutes=index) for index in range(MATCHED)]
    await publish(
        stack.bootstrap,
        [
            # The credits come first: topics race.
            *matched,
            a_credit("c-review", amount=70_000, minutes=100),
            a_credit("c-cash", pays={"n2": 50_000}, minutes=101, channel="cash", account=None, reason="cash_receipt"),
            a_credit("c-out", direction="out", status="ignored", reason="not_income", part="not_a_fee", minutes=102),
            a_credit("d-1", pays={"n3": 10_000}, site_id=OTHER, account="ACC2", partition_origin=OTHER),
            a_transaction("c-review", counter_name="LE THI <HOA>"),
            a_notice("n1"),
            a_notice("n2", payer_name="Trần Đức", purpose="<i>Nước</i> & sữa", group=None),
            a_unit(),
            a_site(),
            a_site(OTHER, "Trường Mầm non Bồ Hạ"),
        ],
    )

    async def arrived():
        figures = (await portal.get("/summary")).json()
        return figures["received"] == MATCHED + 3 and "Bồ Hạ" in (await portal.get("/")).text

    await eventually(arrived)
    return portal


async def test_the_figures_add_up(filled):
    figures = (await filled.get("/summary")).json()
    assert figures["received"] == figures["matched"] + figures["review"] + figures["ignored"] == MATCHED + 3
    assert figures["received_dong"] == figures["allocated_dong"] + figures["suspense_dong"] == 30 * 150_000 + 130_000
    assert figures["suspense_dong"] == figures["review_dong"] == 70_000
    assert figures["cashless_share"] == round(31 / 32, 4)


async def test_the_page_shows_a_sites_payments_newest_first_and_masked(filled):
    text = (await filled.get(PAGE)).text
    assert ids(text)[:4] == ["c-out", "c-cash", "c-review", "c29"]
    assert len(ids(text)) == 25
    assert "Trường Tiểu học An Châu" in text
    assert words.SAMPLE in text
    assert "4.620.000 đ" in text  # received
    assert "T. Đức" in text
    assert "Nguyễn Văn An" not in text
    assert "L. T. &lt;HOA&gt;" in text
    assert "&lt;i&gt;Nước&lt;/i&gt; &amp; sữa" in text
    assert "Tiền mặt" in text
    assert "70.000 đ chưa xác định khoản thu" in text
    assert "14:34 23/11/2026" in text


async def test_paging_shows_every_payment_once(filled):
    first = (await filled.get(PAGE)).text
    second = (await filled.get(link(first, "Cũ hơn"))).text
    matched = [f"c{index:02}" for index in reversed(range(MATCHED))]
    assert ids(first) + ids(second) == ["c-out", "c-cash", "c-review", *matched]
    assert "Cũ hơn" not in second
    assert link(second, "Về mới nhất") == PAGE


@pytest.mark.parametrize(("name", "expected"), [("Cần xử lý", ["c-review"]), ("Không phải khoản thu", ["c-out"])])
async def test_filter_links_keep_one_state(filled, name, expected):
    first = (await filled.get(PAGE)).text
    text = (await filled.get(link(first, name))).text
    assert ids(text) == expected
    assert re.search(rf'aria-current="page">{name}', text)


@pytest.mark.parametrize(
    ("address", "status", "sentence"),
    [
        (f"{PAGE}?before=-1", 400, words.PLACE_TAMPERED),
        (f"{PAGE}?before=drop", 400, words.PLACE_TAMPERED),
        (f"{PAGE}?before=999999999999999999999-x", 400, words.PLACE_TAMPERED),
        (f"{PAGE}?before=1-%00", 400, words.PLACE_TAMPERED),
        (f"{PAGE}?state=paid", 400, words.FILTER_UNKNOWN),
        (f"{PAGE}?fragment=perhaps", 400, words.ADDRESS_WRONG),
        ("/?q=" + "a" * 10_000, 400, words.SEARCH_TOO_LONG.format(longest=100)),
        ("/?after=x", 400, words.PLACE_TAMPERED),
        ("/sites/nowhere/payments", 404, words.SITE_UNKNOWN),
        ("/sites/a%00b/payments", 404, words.SITE_UNKNOWN),
    ],
)
async def test_a_wrong_address_gets_a_sentence(filled, address, status, sentence):
    answer = await filled.get(address)
    assert answer.status_code == status
    assert html.escape(sentence) in answer.text
    assert answer.headers["content-type"].startswith("text/html")


async def test_sites_are_found_without_diacritics(filled):
    for query in ("bo ha", "BỒ HẠ", "mam non"):
        text = (await filled.get("/", params={"q": query})).text
        assert "Trường Mầm non Bồ Hạ" in text
        assert "An Châu" not in text
    nothing = (await filled.get("/", params={"q": '"><script>'})).text
    assert words.SITES_NOT_FOUND in nothing
    assert "<script>" not in nothing


async def test_the_overview_shows_what_each_site_has_to_review(filled):
    text = (await filled.get("/")).text
    assert "Xã Sơn Động" in text
    assert "70.000 đ" in text
    assert "96,8%" in text


async def test_an_unchanged_page_is_answered_304_with_security_headers(filled):
    answer = await filled.get(PAGE)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert (await filled.get(PAGE, headers={"If-None-Match": answer.headers["etag"]})).status_code == 304
    (script,) = re.findall(r'src="(/static/[^"]+)"', answer.text)
    assert "immutable" in (await filled.get(script)).headers["cache-control"]
    assert (await filled.get("/static/other.js")).status_code == 404


async def test_an_open_page_is_told_of_a_change(filled, stack):
    async with filled.stream("GET", f"/sites/{SITE}/events", timeout=10) as stream:
        lines = stream.aiter_lines()

        async def next_revision() -> int:
            async for line in lines:
                if line.startswith("data:"):
                    return int(line.removeprefix("data:"))
            raise AssertionError("the stream ended")

        before = await next_revision()
        await publish(stack.bootstrap, [a_credit("c-review", amount=70_000, minutes=100, version=2, reason="ambiguous")])
        async with asyncio.timeout(5):
            assert await next_revision() > before
    assert words.HOW_MATCHED["ambiguous"] in (await filled.get(PAGE)).text


async def test_an_open_page_does_not_hold_up_the_end_of_the_service(stack):
    async with (
        running_service("portal", stack) as running,
        httpx.AsyncClient(base_url=running.url, headers=ADMIN) as client,
        client.stream("GET", "/events", timeout=10) as stream,
    ):
        assert await anext(stream.aiter_lines())
        running.process.terminate()
        started = time.monotonic()
        await asyncio.to_thread(running.process.wait, 15)
    assert time.monotonic() - started < STOP_WAIT_S  # the server waits so long for answers that do not end


async def test_an_older_version_and_a_repetition_change_no_figure(filled, stack):
    before = (await filled.get("/summary")).json()
    await publish(stack.bootstrap, [
        a_credit("c-cash", pays={"n2": 50_000}, minutes=101, channel="cash", account=None, reason="cash_receipt"),
        a_credit("c-review", amount=999_000, minutes=100),
        a_credit("c-last", amount=1_000, minutes=103),
    ])  # fmt: skip

    async def came():
        return "c-last" in ids((await filled.get(PAGE)).text)

    await eventually(came)
    after = (await filled.get("/summary")).json()
    assert after == {
        **before, "received": before["received"] + 1, "review": before["review"] + 1,
        **{name: before[name] + 1_000 for name in ("received_dong", "suspense_dong", "review_dong")},
    }  # fmt: skip


async def test_money_that_moves_to_another_site_leaves_the_first(filled, stack):
    await publish(stack.bootstrap, [a_credit("c-moves", amount=5_000)])

    async def at(site: str) -> bool:
        return "c-moves" in (await filled.get(f"/sites/{site}/payments?state=review")).text

    await eventually(lambda: at(SITE))
    total = (await filled.get("/summary")).json()["received_dong"]
    await publish(stack.bootstrap, [a_credit("c-moves", amount=5_000, version=2, site_id=OTHER)])
    await eventually(lambda: at(OTHER))
    assert not await at(SITE)
    assert (await filled.get("/summary")).json()["received_dong"] == total


async def test_money_without_a_site_has_a_page(filled, stack):
    await publish(stack.bootstrap, [a_credit("c-homeless", amount=2_000, site_id=None)])

    async def shown():
        return words.SITE_NONE in (await filled.get("/")).text

    await eventually(shown)
    assert ids((await filled.get("/sites/-/payments")).text) == ["c-homeless"]


async def test_the_contracts_are_served(filled):
    document = (await filled.get("/asyncapi")).json()
    assert document["asyncapi"].startswith("3.")
    assert "payments.allocations.v1" in document["channels"]


async def test_queries_of_pages_use_their_indexes(filled, stack):
    connection = await connect_as(stack, "portal")
    try:
        await connection.execute("set enable_seqscan = off; set enable_sort = off")
        for sql, more in ((queries.CREDITS, ""), (queries.CREDITS_IN_STATE, "'review'")):
            filled_in = sql.replace("$1", "'x'").replace("$2", "now()").replace("$3", "'a'")
            plan = await connection.fetch("explain " + filled_in.replace("$4", "26").replace("$5", more))
            text = "\n".join(row[0] for row in plan)
            assert re.search(r"Index Cond: .*occurred_at", text), text
            assert "Sort" not in text
    finally:
        await connection.close()


async def test_a_replay_ends_in_the_same_pages(filled, stack):
    before = (await filled.get("/summary")).json(), ids((await filled.get(PAGE)).text)
    # Last of the module: the process ends and its supervisor would start it again.
    await filled.post("/operations/replay", headers=ADMIN)
    async with running_service("portal", stack) as again, httpx.AsyncClient(base_url=again.url, headers=ADMIN) as client:

        async def same():
            return ((await client.get("/summary")).json(), ids((await client.get(PAGE)).text)) == before

        await eventually(same)
