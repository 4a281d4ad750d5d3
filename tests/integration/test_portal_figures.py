"""Sums that people sign: they add up, count what they say, and tell from when on they are."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import quote

import httpx
import pytest

from services.portal import words
from shared.money import format_dong
from tests.integration.portal_people import a_person, put_people, signed_in
from tests.integration.support import ADMIN, eventually, publish, running_service
from tests.unit.services.portal.builders import SITE, a_credit, a_notice, a_site, a_unit

ROUND = "Tháng 11/2026"


def events():
    """Two pupils of 3A: one paid all and gave too; one paid a part. Then an excess, a question, and money that is no fee."""
    yield a_unit()
    yield a_site(name="Trường Tiểu học Đại Sơn")
    yield a_site("B", "Trường Mầm non Dương Hưu")
    for name, payer in (("a", "Đinh Văn Đạt"), ("b", "Dương Thị Lan"), ("c", "Vi Thị Ân")):
        bill = {"round": ROUND, "bill_id": f"b-{name}", "payer_code": f"HS-{name}", "payer_name": payer, "group": "3A"}
        yield a_notice(f"{name}-meals", amount=200_000, period="2026-11", **bill)
        yield a_notice(f"{name}-gift", amount=50_000, obligation="voluntary", purpose="Ủng hộ thư viện", **bill)
    yield a_credit("c1", pays={"a-meals": 200_000, "a-gift": 50_000}, amount=280_000, part="balance")
    yield a_credit("c2", pays={"b-meals": 120_000})
    yield a_credit("c3", pays={"b-gift": 50_000})
    yield a_credit("c4", amount=70_000)
    yield a_credit("c5", amount=40_000, status="ignored", reason="not_income", part="not_a_fee")
    yield a_credit("c6", amount=999_000, direction="out", status="ignored", reason="not_income", part="not_a_fee")


@pytest.fixture(scope="module")
async def portal(stack):
    async with running_service("portal", stack) as running:
        await publish(stack.bootstrap, events())
        await put_people(running.url, [
            a_person("lan", "accountant", site_id=SITE), a_person("hai", "accountant", site_id="B"),
            {"login": "mau-ca-hai", "name": "Cả Hai",
             "grants": [{"role": "accountant", "site_id": SITE}, {"role": "accountant", "site_id": "B"}]},
        ])  # fmt: skip

        async def arrived():
            async with httpx.AsyncClient(base_url=running.url, headers=ADMIN) as client:
                return (await client.get("/summary")).json()["received"] == 5

        await eventually(arrived)
        yield running.url


@pytest.fixture
async def lan(portal):
    async with signed_in(portal, "lan") as client:
        yield client


def tiles(page: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page))


async def dong(client: httpx.AsyncClient, path: str) -> dict[str, int]:
    page = await client.get(path)
    assert page.status_code == 200, page.text
    amounts = {name: value for name, value in tiles(page.text).items() if value.endswith(" đ")}
    return {name: int(value.removesuffix(" đ").replace(".", "")) for name, value in amounts.items()}


@pytest.mark.parametrize("path", ["/", f"/sites/{SITE}/payments"])
async def test_what_was_received_is_matched_or_to_review_or_kept(portal, path):
    async with httpx.AsyncClient(base_url=portal, headers=ADMIN) as client:
        told = await dong(client, path)
        assert told == {words.RECEIVED: 560_000, words.MATCHED: 420_000, words.REVIEW: 70_000, words.OTHERS: 70_000}
        assert told[words.RECEIVED] == told[words.MATCHED] + told[words.REVIEW] + told[words.OTHERS]
        assert words.SINCE.format(day="23/11/2026") in (await client.get(path)).text


async def test_what_was_collected_of_a_round_holds_no_gift(lan):
    asked, paid, left = words.fees.ROUND_COLUMNS[3:]
    path = f"/fees/{SITE}/round?round={quote(ROUND)}"
    for page in (path, f"{path}&group=3A"):
        assert await dong(lan, page) == {asked: 600_000, paid: 320_000, left: 280_000}
    rounds = (await lan.get(f"/fees?site={SITE}")).text
    assert all(format_dong(amount) in rounds for amount in (600_000, 320_000, 280_000))


async def test_a_class_is_listed_by_given_name_with_what_is_missing_of_each(lan):
    page = (await lan.get(f"/fees/{SITE}/round?round={quote(ROUND)}&group=3A")).text
    rows = re.findall(r'<th scope="row">.*?</tr>', page, re.DOTALL)
    names = [re.sub("<[^>]+>", "", row.split("</th>")[0]).strip() for row in rows]
    # Ân stands before Đạt, and Đạt before Lan: Đ is no D and no Z.
    assert names == ["Vi Thị Ân", "Đinh Văn Đạt", "Dương Thị Lan"]
    assert [re.findall(r"(\d[\d.]*) đ", row) for row in rows] == [
        ["200.000", "0", "200.000"], ["200.000", "200.000"], ["200.000", "120.000", "80.000"],
    ]  # fmt: skip
    assert words.fees.STATES["paid"] in rows[1]
    assert words.fees.STATES["part"] in rows[2]


@pytest.mark.parametrize("query", ["lan", "Lan", "thi lan", "duong lan", "DƯƠNG THỊ", "Dươ", "HS-b", "3a lan"])
async def test_any_part_of_a_name_finds_with_and_without_diacritics(lan, query):
    page = (await lan.get(f"/search?q={quote(query)}")).text
    assert "Dương Thị Lan" in page
    assert "Vi Thị Ân" not in page


async def test_sites_are_listed_in_the_order_of_the_alphabet(portal):
    async with signed_in(portal, "ca-hai") as client:
        page = (await client.get("/fees")).text
    assert page.index("Trường Mầm non Dương Hưu") < page.index("Trường Tiểu học Đại Sơn")


async def test_periods_are_said_not_shown_raw(lan):
    page = (await lan.get(f"/reports/paid?site={SITE}&from={date(2026, 11, 1)}&to={date(2026, 11, 30)}")).text
    assert "tháng 11/2026" in page
    assert "2026-11<" not in page
    assert '<td class="t">23/11/2026</td>' in page
