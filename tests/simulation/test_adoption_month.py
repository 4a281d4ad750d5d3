"""A simulated month with lost, late and doubled webhooks: every published figure equals what the payers did."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import httpx
import pytest

from deploy.demo import district
from deploy.demo.happened import Drive
from deploy.demo.year.parameters import parameters
from deploy.demo.year.plan import Fate, Way
from deploy.demo.year.school_year import Month
from shared.clock import local_day, now
from shared.runtime.settings import role_dsn
from tests.simulation.adoption_year import Year, differences, live, published, settled
from tests.simulation.conftest import Up
from tests.simulation.prometheus import Prometheus, as_grafana_sends_it, break_a_record, questions, running_prometheus
from tests.unit.deploy.test_dashboards import RULES, exported, named

TODAY = local_day(now())
OTHERS = [site for site in district.sites() if site.type != "school"]
SITES = (*district.sites()[:6], *OTHERS[:3], *OTHERS[-2:])
"""Schools of two providers, health sites and offices: enough for every way of paying."""
BROKEN = SITES[1].site_id
"""A school whose QR cannot be read any more."""
RATE = "30s"
DEAD_LETTERS = "KhopDeadLetters"
SCRAPED_S = 60.0
"""Two scrapes make a rate, and silence is looked for every 15 s; a loaded machine takes longer."""

pytestmark = pytest.mark.timeout(900)


def khop(stack: Up, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "services", *arguments, "--state", str(stack.state)], check=True, capture_output=True
    )


@pytest.fixture(scope="module")
async def year(stack: Up) -> Year:
    """The month up to today, so that the current windows hold it; departures oftener than in life, for there are few bills."""
    numbers = parameters().changed(
        sites__payers_a_school=16, sites__payers_a_health_site=8, sites__payers_an_office=8, paying__twice=0.05,
        paying__of_another_slip=0.05, paying__less_a_fee=0.06, paying__in_parts=0.06, paying__without_reference=0.1,
        network__webhook_lost_for_good=0.05,
    )  # fmt: skip
    first = (TODAY - timedelta(days=31)).replace(day=1)
    months = [Month(first)]
    while months[-1].last_day < TODAY:
        months.append(months[-1].next())
    fair = Drive("thu-cho-phien", "commune", frozenset({"07615"}), TODAY - timedelta(days=25), TODAY - timedelta(days=10))
    return await live(
        stack.addresses, stack.admin_token, SITES, months, numbers, last_day=TODAY, more_drives=[fair],
        broken_codes={BROKEN: TODAY - timedelta(days=12)},
    )  # fmt: skip


async def test_every_published_figure_equals_the_truth(stack: Up, year: Year) -> None:
    assert {act.way for act in year.district.lived.acts} >= set(Way) - {Way.WITHOUT_A_WORD}
    assert {act.fate for act in year.district.lived.acts} >= {Fate.LATE, Fate.LOST_ONCE, Fate.TWICE}
    assert await settled(stack.addresses["kafka"], year.figures) == {}
    named = {key.partition("/")[0] for key in year.figures}
    assert named >= {
        "cashless_share_payers",
        "site_coverage",
        "automatic_undone_share",
        "short_by_fee_dong",
        "webhook_late_share",
    }


@pytest.fixture(scope="module")
async def prometheus(stack: Up, year: Year, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Prometheus]:
    """A real Prometheus that has scraped every service for a while, with the rules that are deployed."""
    assert await settled(stack.addresses["kafka"], year.figures) == {}
    await break_a_record(stack.addresses["kafka"])
    async with running_prometheus(stack.addresses, tmp_path_factory.mktemp("prometheus")) as running:
        deadline = time.monotonic() + SCRAPED_S
        while (await unanswered(running) or DEAD_LETTERS not in await firing(running)) and time.monotonic() < deadline:
            await asyncio.sleep(2)
        yield running


async def firing(prometheus: Prometheus) -> set[str]:
    """The alerts that fire."""
    return {rule["name"] for rule in await prometheus.rules() if rule["state"] == "firing"}


async def unanswered(prometheus: Prometheus) -> list[tuple[str, str]]:
    """The dashboards' questions to which Prometheus has no data."""
    return [
        (title, expr)
        for title, expr in questions("expr")
        if not await prometheus.query(expr.replace("$__rate_interval", RATE))
    ]


async def test_every_question_of_the_dashboards_to_prometheus_returns_data(prometheus: Prometheus) -> None:
    for title, expr in questions("expr"):
        assert named(expr) <= exported(), title
    assert await unanswered(prometheus) == []


async def test_every_question_of_the_dashboards_to_the_history_returns_data(stack: Up, year: Year) -> None:
    assert await settled(stack.addresses["kafka"], year.figures) == {}
    secret = (stack.state / "secret.key").read_text(encoding="utf-8").strip()
    connection = await asyncpg.connect(role_dsn(stack.addresses["database"], "history", secret))
    empty = []
    try:
        for title, sql in questions("rawSql"):
            if not await connection.fetch(as_grafana_sends_it(sql)):
                empty.append((title, sql))
    finally:
        await connection.close()
    assert empty == []


async def test_every_alert_is_evaluated_without_error_and_what_it_looks_at_is_there(prometheus: Prometheus) -> None:
    rules = await prometheus.rules()
    assert {rule["name"] for rule in rules} == {rule["alert"] for rule in RULES}
    for rule in rules:
        assert rule["health"] == "ok", rule
        for name in named(rule["query"]) & exported():
            assert await prometheus.query(f"count({name})"), f"{rule['name']}: nothing tells {name}"
    fire = await firing(prometheus)
    assert DEAD_LETTERS in fire
    assert not fire & {"KhopServiceDown", "KhopOutboxAge", "KhopConsumerLag"}


async def test_a_replica_exports_few_series_and_none_of_a_person(stack: Up, year: Year) -> None:
    async with httpx.AsyncClient() as client:
        text = (await client.get(f"{stack.addresses['adoption']}/metrics")).text
    series = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert 500 < len(series) <= 5_000
    told = {notice.payer_code for notice in year.district.lived.notices} | {site.account for site in SITES}
    assert not [line for line in series if any(f'"{each}"' in line for each in told)]
    assert f'khop_site_quiet_seconds{{site="{BROKEN}"}}' in text


async def test_a_rebuild_gives_identical_figures(stack: Up, year: Year) -> None:
    before = await published(stack.addresses["kafka"])
    pid = stack.ps().pids["adoption"]
    khop(stack, "replay", "adoption")
    deadline = time.monotonic() + 60
    while not ((status := stack.ps()).ready and status.pids["adoption"] not in (None, pid)):
        assert time.monotonic() < deadline, status
        await asyncio.sleep(0.2)
    assert await settled(stack.addresses["kafka"], year.figures) == {}
    assert differences(await published(stack.addresses["kafka"]), before) == {}
