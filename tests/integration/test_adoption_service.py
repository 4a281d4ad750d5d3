"""The adoption service as a process: told by the topics, asked over HTTP, read from its topic and its gauges."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from services.adoption.gauges import QUEUES
from shared.clock import local_day, now
from shared.events import AdoptionMetric
from shared.runtime.auth import Caller, sign_token
from tests.integration.adoption_world import a_campaign
from tests.integration.payment_events import a_credit, a_notice, a_site, a_transaction, a_unit, cash, undone
from tests.integration.support import (
    ADMIN,
    SECRET_KEY,
    Running,
    Stack,
    connect_as,
    eventually,
    newest,
    publish,
    read_topic,
    running_service,
)

MERGER = date(2025, 7, 1)
BEFORE = date(2000, 1, 1)
TODAY = local_day(now())
OCTOBER = date(2026, 10, 5)

UNITS = [
    a_unit("24", "province", None, BEFORE, valid_to=MERGER - timedelta(days=1), succeeded_by=("24",)),
    a_unit("24", "province", None, MERGER, name="Tỉnh Bắc Ninh"),
    a_unit("SD", "district", "24", BEFORE, valid_to=MERGER - timedelta(days=1), name="Huyện Sơn Động"),
    a_unit("AC", "commune", "SD", BEFORE, valid_to=MERGER - timedelta(days=1), succeeded_by=("07615",)),
    a_unit("AB", "commune", "SD", BEFORE, valid_to=MERGER - timedelta(days=1), succeeded_by=("07615",)),
    a_unit("07615", "commune", "24", MERGER, name="Xã Sơn Động", population=2_000, group_members=9),
    a_unit("07616", "commune", "24", MERGER, name="Xã Tây Yên Tử"),
    a_unit("V1", "village", "07615", MERGER, name="Thôn Một"),
]  # fmt: skip
SITES = [
    a_site("TH1", units={"AC": BEFORE, "07615": MERGER}),
    a_site("TH2", units={"AB": BEFORE, "07616": date(2026, 9, 1)}),
    a_site("YT1", units={"07615": MERGER}, type="health"),
]


@pytest.fixture(scope="module")
async def service(stack: Stack) -> AsyncIterator[Running]:
    async with running_service("adoption", stack) as running:
        await publish(stack.bootstrap, [*UNITS, *SITES])
        yield running


async def get(service: Running, path: str, headers: dict[str, str] = ADMIN, **params: object) -> Any:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{service.url}{path}", params=params, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def shares(service: Running, by: str, first: date, last: date, headers: dict[str, str] = ADMIN) -> dict[str, Any]:
    found = await get(service, "/shares", headers, by=by, **{"from": first, "to": last})
    return {each["scope"]: each for each in found}


async def until_share(service: Running, by: str, scope: str, first: date, last: date, **expected: object) -> dict[str, Any]:
    async def says() -> dict[str, Any]:
        found = (await shares(service, by, first, last)).get(scope, {})
        assert {name: found.get(name) for name in expected} == expected
        return found

    return await eventually(says)  # type: ignore[return-value]


def token(role: str, *sites: str) -> dict[str, str]:
    caller = Caller("p1", role, frozenset(sites) if sites else None)
    return {"Authorization": f"Bearer {sign_token(SECRET_KEY, caller)}"}


async def test_shares_count_credits_money_and_payers_by_every_level(stack: Stack, service: Running) -> None:
    day = OCTOBER
    await publish(stack.bootstrap, [
        a_notice("s1", "HS1", unit_code="V1"), a_notice("s2", "HS1", fee_kind="water", amount=50_000), a_notice("s3", "HS2"),
        a_credit("s1", day, 150_000, pays={"s1": 100_000, "s2": 50_000}), cash("s2", day, pays={"s3": 100_000}),
        a_credit("s3", day, 70_000),  # in suspense: counts nowhere
        a_credit("s4", day, 30_000, direction="out", status="ignored", reason="not_income"),
    ])  # fmt: skip
    expected = {
        "cashless_count": 1, "all_count": 2, "cashless_value": 150_000, "all_value": 250_000, "cashless_payers": 1,
        "all_payers": 2, "share_count": 0.5, "share_value": 0.6, "share_payers": 0.5,
    }  # fmt: skip
    for by, scope in (("commune", "07615"), ("site", "TH1"), ("type", "school"), ("province", "24")):
        await until_share(service, by, scope, day, day, **expected)
    village = await until_share(service, "village", "V1", day, day, cashless_count=1, all_count=1, cashless_value=100_000)
    assert village["name"] == "Thôn Một"
    assert (await shares(service, "district", day, day)).keys() == {"unknown"}
    every_day = (await shares(service, "site", date(2000, 1, 1), date(2199, 12, 31)))["TH1"]
    assert every_day["all_value"] >= 250_000, "INTERFACES names no longest range"
    nothing = (await shares(service, "commune", day + timedelta(days=1), day + timedelta(days=1)))["07615"]
    assert nothing["share_count"] is None
    assert (nothing["cashless_count"], nothing["all_count"]) == (0, 0)


async def test_an_undo_a_correction_and_a_late_fact_restate_the_days_that_they_belong_to(
    stack: Stack, service: Running
) -> None:
    day = OCTOBER + timedelta(days=1)
    credit = a_credit("u1", day, pays={"u1": 100_000})
    await publish(stack.bootstrap, [a_notice("u1", "HS-u1"), credit])
    await until_share(service, "site", "TH1", day, day, all_count=1)

    async def told() -> bool:
        return f"cashless_share_count/site:TH1/all/all/day/{day}" in await newest(stack.bootstrap, AdoptionMetric)

    await eventually(told)
    await publish(stack.bootstrap, [undone(credit)])
    await until_share(service, "site", "TH1", day, day, all_count=0, share_count=None)
    moved = a_credit("u1", day - timedelta(days=30), pays={"u1": 100_000}, version=3)
    await publish(stack.bootstrap, [moved])
    await until_share(service, "site", "TH1", day - timedelta(days=30), day - timedelta(days=30), all_count=1)

    async def restated() -> bool:
        figures = await newest(stack.bootstrap, AdoptionMetric)
        gone = figures.get(f"cashless_share_count/site:TH1/all/all/day/{day}")
        now_there = figures.get(f"cashless_share_count/site:TH1/all/all/day/{day - timedelta(days=30)}")
        assert gone is not None
        assert now_there is not None
        assert (gone.version, gone.numerator, gone.denominator) == (2, 0, 0)
        assert (now_there.numerator, now_there.denominator) == (1, 1)
        return True

    await eventually(restated)


async def told_at_rest(stack: Stack) -> list[AdoptionMetric]:
    """The whole topic, once nothing waits to be derived or sent and nothing was added for three seconds."""
    connection = await connect_as(stack, "adoption")
    try:
        length = -1
        while True:
            await asyncio.sleep(3)
            waits = any(await connection.fetchrow(QUEUES)) or await connection.fetchval("select exists (select from outbox)")
            found = await read_topic(stack.bootstrap, AdoptionMetric)
            if not waits and len(found) == length:
                return found
            length = len(found)
    finally:
        await connection.close()


async def test_a_repeated_topic_publishes_nothing_and_versions_count_up(stack: Stack, service: Running) -> None:
    day = OCTOBER + timedelta(days=2)
    credit = a_credit("r1", day, pays={"r1": 100_000})
    await publish(stack.bootstrap, [a_notice("r1", "HS-r1"), credit])
    await until_share(service, "site", "TH1", day, day, all_count=1)
    before = await told_at_rest(stack)
    await publish(stack.bootstrap, [credit, a_notice("r1", "HS-r1"), *UNITS, *SITES])
    after = await told_at_rest(stack)
    assert len(after) == len(before)
    versions: dict[str, list[int]] = {}
    for each in after:
        versions.setdefault(each.key, []).append(each.version)
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())


async def test_before_the_merger_figures_speak_of_the_district_and_after_it_of_the_new_communes(
    stack: Stack, service: Running
) -> None:
    before, after = MERGER - timedelta(days=1), MERGER
    await publish(stack.bootstrap, [
        a_notice("m1", "HS-m1"), a_notice("m2", "HS-m2", site_id="TH2"), a_notice("m3", "HS-m1"),
        a_credit("m1", before, pays={"m1": 100_000}), cash("m2", before, site_id="TH2", pays={"m2": 100_000}),
        a_credit("m3", after, pays={"m3": 100_000}),
    ])  # fmt: skip
    district = await until_share(service, "district", "SD", before, before, all_count=2, cashless_count=1)
    assert district["name"] == "Huyện Sơn Động"
    assert "SD" not in await shares(service, "district", after, after)
    assert {"AC", "AB"} <= (await shares(service, "commune", before, before)).keys()
    await until_share(service, "commune", "07615", after, after, all_count=1)
    # One payer of the province, though of two communes.
    await until_share(service, "province", "24", before, after, all_payers=2, all_count=3)

    async def series(**more: object) -> list[Any]:
        found = await get(
            service, "/metrics-series", metric="cashless_share_count", by="commune", window="day", scope="07615", **more,
            **{"from": before, "to": after},
        )  # fmt: skip
        assert found["series"], found
        return found["series"][0]["points"]

    async def carried() -> list[Any]:
        points = await series(carried=True)
        assert [(each["as_of"], each["numerator"], each["denominator"]) for each in points] == [
            (str(before), 1, 2), (str(after), 1, 1),
        ]  # fmt: skip
        return points

    await eventually(carried)
    assert [each["as_of"] for each in await series()] == [str(after)]
    # Of 30 days the new commune had but one: its window says so.
    found = await get(
        service, "/metrics-series", metric="cashless_share_count", by="commune", window="30d", scope="07615",
        **{"from": after, "to": after},
    )  # fmt: skip
    assert [point["partial"] for point in found["series"][0]["points"]] == [True]


async def test_what_has_no_sure_place_is_unknown_and_nothing_is_put_under_a_wrong_one(
    stack: Stack, service: Running
) -> None:
    day = OCTOBER + timedelta(days=3)
    await publish(stack.bootstrap, [
        a_unit("R1", "commune", "R2", BEFORE), a_unit("R2", "district", "R1", BEFORE),
        a_unit("T", "commune", "24", BEFORE), a_unit("T", "commune", "SD", date(2001, 1, 1)),
        a_unit("X", "commune", "24", date(2026, 1, 1), valid_to=date(2025, 1, 1)),
        a_site("RING", units={"R1": BEFORE}), a_site("TWO", units={"T": BEFORE}), a_site("NEVER", units={"X": BEFORE}),
        *(a_notice(f"b-{site}", f"HS-{site}", site_id=site) for site in ("RING", "TWO", "NEVER", "NOBODY")),
        *(a_credit(f"b-{site}", day, pays={f"b-{site}": 100_000}, site_id=site) for site in ("RING", "TWO", "NEVER", "NOBODY")),
        a_credit("b-2019", date(2019, 3, 4), pays={"b-TWO": 1_000}, site_id="TWO"),
        a_credit("b-ahead", TODAY + timedelta(days=1), pays={"b-RING": 1_000}, site_id="RING"),
    ])  # fmt: skip
    await until_share(service, "commune", "unknown", day, day, all_count=2)
    communes = await shares(service, "commune", day, day)
    assert (communes["R1"]["all_count"], communes["T"]["all_count"]) == (1, 1)
    assert communes["07615"]["all_count"] == 0
    provinces = await shares(service, "province", day, day)
    assert (provinces["unknown"]["all_count"], provinces["24"]["all_count"]) == (4, 0)
    await until_share(service, "site", "TWO", date(2019, 3, 4), date(2019, 3, 4), all_count=1)
    await until_share(service, "site", "RING", TODAY + timedelta(days=1), TODAY + timedelta(days=1), all_count=1)


async def test_a_viewer_is_shown_no_small_group_and_others_are(stack: Stack, service: Running) -> None:
    day = OCTOBER + timedelta(days=4)
    payers = range(5)
    await publish(stack.bootstrap, [
        *(a_notice(f"v{number}", f"HS-v{number}") for number in payers),
        *(a_credit(f"v{number}", day, pays={f"v{number}": 100_000}) for number in payers),
        a_notice("v-few", "HS-few", site_id="YT1", fee_kind="hospital_fee"),
        a_credit("v-few", day, pays={"v-few": 100_000}, site_id="YT1"),
    ])  # fmt: skip
    await until_share(service, "site", "TH1", day, day, all_payers=5)
    await until_share(service, "site", "YT1", day, day, all_payers=1)
    seen = await shares(service, "site", day, day, token("viewer"))
    assert seen["TH1"]["share_payers"] == 1
    assert seen["YT1"] == {
        **dict.fromkeys(seen["TH1"]), "scope": "YT1", "name": "Trường YT1", "withheld": True,
    }  # fmt: skip
    assert (await shares(service, "site", day, day, token("accountant")))["YT1"]["share_payers"] == 1

    async def withheld() -> Any:
        answer = await get(
            service, "/metrics-series", token("viewer"), metric="cashless_share_value", by="site", window="day",
            **{"from": day, "to": day},
        )  # fmt: skip
        points = {each["scope"]: each["points"] for each in answer["series"]}
        assert {"TH1", "YT1"} <= points.keys()
        return points

    points = await eventually(withheld)
    assert points["TH1"][0]["value"] == 1  # type: ignore[index]
    assert points["YT1"] == [  # type: ignore[index]
        {"as_of": str(day), "numerator": None, "denominator": None, "value": None, "withheld": True}
    ]


async def test_a_caller_of_some_sites_sees_those_alone(stack: Stack, service: Running) -> None:
    day = OCTOBER
    own = token("accountant", "TH2")
    assert (await shares(service, "site", day, day, own)).keys() == {"TH2"}
    async with httpx.AsyncClient() as client:
        for path in ("/campaigns", "/context", f"/metrics-series?metric=site_coverage&by=province&from={day}&to={day}"):
            assert (await client.get(f"{service.url}{path}", headers=own)).status_code == 403
        assert (await client.get(f"{service.url}/campaigns")).status_code == 401


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("metric=nonsense&by=site&from=2026-10-01&to=2026-10-02", "metric"),
        ("metric=site_coverage&by=nonsense&from=2026-10-01&to=2026-10-02", "by"),
        ("metric=site_coverage&by=commune&from=2026-10-02&to=2026-10-01", "from must not be after to"),
        ("metric=site_coverage&by=commune&from=1999-12-31&to=2026-10-01", "dates must lie between"),
        ("metric=site_coverage&by=commune&from=2026-10-02", "to"),
    ],
)
async def test_a_bad_question_is_refused_with_the_place(service: Running, query: str, says: str) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{service.url}/metrics-series?{query}", headers=ADMIN)
    assert answer.status_code in {400, 422}
    assert says in answer.text


async def test_a_campaign_is_told_before_during_and_after_with_intervals_and_no_cause(
    stack: Stack, service: Running
) -> None:
    starts, ends = date(2026, 3, 2), date(2026, 3, 29)
    events: list[Any] = [a_campaign("QR", "07615", starts, ends)]
    for number in range(40):
        for stretch, day, by_bank in (
            ("before", starts - timedelta(days=5), number < 10), ("during", starts + timedelta(days=5), number < 35),
        ):  # fmt: skip
            name = f"k-{stretch}-{number}"
            pay = a_credit if by_bank else cash
            events += [a_notice(name, f"HS-k{number}"), pay(name, day, pays={name: 100_000})]
    await publish(stack.bootstrap, events)

    async def told() -> Any:
        campaign = next((each for each in await get(service, "/campaigns") if each["campaign_id"] == "QR"), None)
        assert campaign, "not told yet"
        assert campaign["stretches"]["before"]["there"]["all_payers"] == 40
        assert campaign["stretches"]["during"]["there"]["all_payers"] == 40
        return campaign

    campaign: Any = await eventually(told)
    before, during = (campaign["stretches"][each]["there"] for each in ("before", "during"))
    assert (before["cashless_payers"], during["cashless_payers"]) == (10, 35)
    assert before["low"] < 0.25 < before["high"]
    assert campaign["change_of_share_payers"]["during"]["verdict"] == "higher"
    assert campaign["change_of_share_payers"]["after"]["verdict"] == "too_little_data"
    assert campaign["stretches"]["after"]["there"]["share_payers"] is None
    assert "không khẳng định nguyên nhân" in campaign["claim"]
    assert campaign["stretches"]["before"] | {"to": None} != {}
    assert (campaign["stretches"]["before"]["from"], campaign["stretches"]["before"]["to"]) == ("2026-02-02", "2026-03-01")


async def test_tables_are_imported_once_and_a_fee_prices_the_transfers_of_its_days(stack: Stack, service: Running) -> None:
    day = OCTOBER + timedelta(days=7)
    await publish(stack.bootstrap, [
        a_notice("f1", "HS-f1", amount=105_500), a_transaction("f1", day), a_credit("f1", day, pays={"f1": 100_000}),
    ])  # fmt: skip
    await until_share(service, "site", "TH1", day, day, all_count=1)
    fees = "bank,provider,valid_from,fee,source,assumed\n?,*,2026-01-01,5500,Biểu phí,no\n*,*,2026-01-01,1100,Biểu phí,yes\n"
    context = "unit_code,measure,as_of,value,source\n24,smartphones_per_100,2022-12-31,85,Báo cáo\n"
    context += "07615,network,2023-01-01,3G,Báo cáo\n"
    async with httpx.AsyncClient(headers=ADMIN) as client:
        for kind, content in (("transfer-fees", fees), ("context", context)):
            first = await client.post(f"{service.url}/imports/{kind}", content=content.encode())
            assert first.json() == {"accepted": 2, "unchanged": 0, "rejected": []}
            again = await client.post(f"{service.url}/imports/{kind}", content=content.encode())
            assert again.json() == {"accepted": 0, "unchanged": 2, "rejected": []}
        bad = await client.post(f"{service.url}/imports/transfer-fees", content=fees.replace("5500", "nhiều").encode())
        assert bad.status_code == 422
        assert bad.json()["rejected"][0]["column"] == "fee"
        refused = await client.post(f"{service.url}/imports/context", content=context.encode(), headers=token("accountant"))
        assert refused.status_code == 403

    async def priced() -> bool:
        figures = await newest(stack.bootstrap, AdoptionMetric)
        cost = figures.get(f"transfer_cost_dong/site:TH1/all/all/day/{day}")
        short = figures.get(f"short_by_fee_dong/site:TH1/all/all/day/{day}")
        assert cost is not None
        assert short is not None
        assert (cost.numerator, cost.denominator) == (1_100, 1)
        assert (short.numerator, short.denominator) == (5_500, 1)
        return True

    await eventually(priced)
    [commune] = [each for each in await get(service, "/context", on=str(day)) if each["unit_code"] == "07615"]
    assert commune["group_members_per_1000"] == 4.5
    assert commune["smartphones_per_100"]["value"] == 85
    assert commune["smartphones_per_100"]["told_of"] == "24"
    assert (commune["network"]["value"], commune["network"]["told_of"]) == ("3g", None)
    assert commune["accounts_per_100_15_plus"] is None
    fee_rows = await get(service, "/transfer-fees")
    assert {row["source"] for row in fee_rows} == {"Biểu phí"}


async def test_one_replica_leads_and_its_gauges_are_within_their_limit(stack: Stack, service: Running) -> None:
    await publish(stack.bootstrap, [
        a_notice("g1", "HS-g1", due_on=TODAY, issued_on=TODAY), a_transaction("g1", TODAY),
        a_credit("g1", TODAY, pays={"g1": 100_000}), a_credit("g2", TODAY),
    ])  # fmt: skip

    async def scraped(url: str) -> list[str]:
        async with httpx.AsyncClient() as client:
            text = (await client.get(f"{url}/metrics")).text
        return [line for line in text.splitlines() if line and not line.startswith("#")]

    async def shown() -> list[str]:
        lines = await scraped(service.url)
        assert 'khop_cashless_share_ratio{by="payers",level="site",unit="TH1",window="7d"} 1.0' in lines
        assert any(line.startswith("khop_provider_last_webhook_timestamp_seconds") for line in lines)
        assert any(line.startswith("khop_review_oldest_timestamp_seconds") for line in lines)
        return lines

    lines: Any = await eventually(shown, within_s=40)
    assert len(lines) <= 5_000
    assert not [line for line in lines if "HS-" in line or "0711000123456" in line]
    async with running_service("adoption", stack, KHOP_REPLICA="1") as second:
        await asyncio.sleep(2)
        assert not [line for line in await scraped(second.url) if line.startswith("khop_cashless_share_ratio")]
