"""A simulated month with lost, late and doubled webhooks: every published figure equals what the payers did."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from deploy.demo import district
from deploy.demo.year.parameters import parameters
from deploy.demo.year.plan import Fate, Way
from deploy.demo.year.school_year import Month
from shared.clock import local_day, now
from tests.simulation.adoption_year import Year, differences, live, published, settled
from tests.simulation.conftest import Up

TODAY = local_day(now())
OTHERS = [site for site in district.sites() if site.type != "school"]
SITES = (*district.sites()[:6], *OTHERS[:3], *OTHERS[-2:])
"""Schools of two providers, health sites and offices: enough for every way of paying."""

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
    return await live(stack.addresses, stack.admin_token, SITES, months, numbers, last_day=TODAY)


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


async def test_a_rebuild_gives_identical_figures(stack: Up, year: Year) -> None:
    before = await published(stack.addresses["kafka"])
    pid = stack.ps()["pids"]["adoption"]
    khop(stack, "replay", "adoption")
    deadline = time.monotonic() + 60
    while not ((status := stack.ps())["ready"] and status["pids"]["adoption"] not in (None, pid)):
        assert time.monotonic() < deadline, status
        await asyncio.sleep(0.2)
    assert await settled(stack.addresses["kafka"], year.figures) == {}
    assert differences(await published(stack.addresses["kafka"]), before) == {}
