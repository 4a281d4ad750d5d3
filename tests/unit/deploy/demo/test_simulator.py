"""The simulator as a client: what it sends, what it remembers, how it ends. The installation here only counts."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from urllib.parse import parse_qs

import httpx
import pytest

from deploy.demo import district, fees
from deploy.demo.api import DemoError
from deploy.demo.chance import seeded
from deploy.demo.network import CALM, Weather
from deploy.demo.simulator import Simulator
from deploy.demo.truth import Kind
from shared.reference import random_reference

ADDRESSES = {
    name: f"http://{name}.test"
    for name in ("portal", "ingest", "directory", "notices", "matching", "reconciliation", "adoption")
}
SITES = district.sites()[:2]
ROUGH = Weather(late_share=0.3, late_s=0.05, lost_share=0.1, answer_lost_share=0.1, twice_share=0, minute_s=0.01)


class Counting(httpx.AsyncBaseTransport):
    """Takes notices from the sample and counts the money that arrives, once for each id."""

    def __init__(self, *, page: int = 50, status: int = 200) -> None:
        self.page, self.status = page, status
        self.movements: dict[str, tuple[str, int]] = {}
        self.requests: Counter[str] = Counter()
        self.issued = {site.site_id: self._issue(site, 0) for site in SITES}

    def _issue(self, site: district.SampleSite, number: int) -> list[dict[str, object]]:
        found = []
        for notice in fees.notices_of(site, fees.Round(number)):
            reference = random_reference(seeded(number, site.site_id, notice.payer_code))
            found.append({
                "notice_id": notice.notice_id, "reference": reference, "payer_name": notice.payer_name,
                "group": notice.group, "amount": notice.amount, "fee_kind": notice.fee_kind, "paid": 0,
            })  # fmt: skip
        return found

    def issue_more(self, number: int) -> None:
        for site in SITES:
            self.issued[site.site_id] += self._issue(site, number)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        self.requests[f"{request.method} {request.url.host}"] += 1
        if request.url.path == "/notices":
            return self._notices(parse_qs(request.url.query.decode()))
        if self.status == 200:
            self._take(request)
        return httpx.Response(self.status, json={})

    def _notices(self, query: dict[str, list[str]]) -> httpx.Response:
        notices = self.issued[query["site"][0]]
        start = int(query.get("after", ["0"])[0])
        end = start + self.page
        return httpx.Response(200, json={"notices": notices[start:end], "next": str(end) if end < len(notices) else None})

    def _take(self, request: httpx.Request) -> None:
        body = json.loads(request.content)
        if request.url.path == "/cash-receipts":
            self.movements[request.headers["Idempotency-Key"]] = ("in", body["amount"])
        elif "data" in body:
            self.movements[request.headers["webhook-id"]] = (body["data"]["direction"], body["data"]["amount"])
        else:
            self.movements[str(body["id"])] = (body["transferType"], body["transferAmount"])

    def sum(self, direction: str) -> int:
        return sum(amount for each, amount in self.movements.values() if each == direction)


def a_simulator(installation: Counting, weather: Weather = CALM, seed: int = 7, **options: object) -> Simulator:
    return Simulator(
        ADDRESSES, "token", seed=seed, sites=SITES, weather=weather, transport=installation, drain_s=20, **options
    )


async def test_what_it_says_it_sent_is_what_arrived_whatever_the_network_does() -> None:
    installation = Counting()
    simulator = a_simulator(installation, ROUGH)
    truth = await simulator.run(400, 0.6, asyncio.Event())
    totals = truth.totals()
    assert totals.sent == totals.acknowledged == len(installation.movements) > 50
    assert totals.received_dong == installation.sum("in")
    assert totals.out_dong == installation.sum("out")
    assert truth.answers["lost"]
    assert truth.answers["unanswered"]
    assert truth.attempts > totals.sent


async def test_the_same_seed_and_slips_give_the_same_payments() -> None:
    first, second = a_simulator(Counting()), a_simulator(Counting())
    stop = asyncio.Event()
    one = await first.run(2_000, None, stop)
    other = await second.run(2_000, None, stop)

    def paid(truth):
        return sorted((each.kind, each.amount, each.reference or "") for each in truth.movements if each.reference)

    # Later payments of a bill may be cut off by the end; all that began at once is equal.
    drop = {Kind.DUPLICATE, Kind.PARTIAL, Kind.SHORT}
    assert [each for each in paid(one) if each[0] not in drop] == [each for each in paid(other) if each[0] not in drop]


async def test_a_cashier_finishes_a_slip_that_was_begun_whenever_the_run_ends() -> None:
    truth = await a_simulator(Counting()).run(5_000, None, asyncio.Event())
    receipts: Counter[str] = Counter()
    for movement in truth.movements:
        if movement.kind is Kind.CASH:
            receipts[str(movement.reference)] += movement.amount
    assert len(receipts) > 5
    assert {reference: truth.bills[reference] for reference in receipts} == receipts


async def test_it_pays_every_bill_and_ends_where_nobody_issues_more() -> None:
    installation = Counting()
    simulator = a_simulator(installation)
    truth = await simulator.run(5_000, None, asyncio.Event())
    references = {str(notice["reference"]) for notices in installation.issued.values() for notice in notices}
    assert set(truth.bills) == references


async def test_it_has_more_notices_issued_when_few_bills_are_left() -> None:
    installation = Counting()
    rounds = iter(range(1, 100))

    async def issue_more() -> Sequence[str]:
        installation.issue_more(next(rounds))
        return [site.site_id for site in SITES]

    stop = asyncio.Event()
    simulator = a_simulator(installation, issue_more=issue_more)
    running = asyncio.create_task(simulator.run(2_000, None, stop))
    while len(simulator.truth.bills) < 300:
        await asyncio.sleep(0.01)
    stop.set()
    truth = await running
    assert truth.totals().sent == truth.totals().acknowledged


async def test_it_stops_when_told_and_does_not_wait_for_ever() -> None:
    installation = Counting(status=503)
    simulator = Simulator(ADDRESSES, "token", sites=SITES, weather=CALM, transport=installation, drain_s=0.2)
    stop = asyncio.Event()
    running = asyncio.create_task(simulator.run(100, None, stop))
    await asyncio.sleep(0.2)
    stop.set()
    truth = await asyncio.wait_for(running, 5)
    assert truth.totals().acknowledged == 0
    assert truth.totals().sent > 0
    assert set(truth.answers) == {"503"}


async def test_it_keeps_to_its_rate() -> None:
    installation = Counting()
    truth = await a_simulator(installation).run(50, 1.0, asyncio.Event())
    assert 35 <= len(truth.movements) <= 60


async def test_a_refusal_to_show_the_slips_is_told_in_one_line() -> None:
    class Refusing(httpx.AsyncBaseTransport):
        async def handle_async_request(self, _request: httpx.Request) -> httpx.Response:
            return httpx.Response(401, json={"detail": "send Authorization"})

    simulator = Simulator(ADDRESSES, "token", sites=SITES, transport=Refusing())
    with pytest.raises(DemoError, match=r"/notices: 401"):
        await simulator.run(10, 1, asyncio.Event())
