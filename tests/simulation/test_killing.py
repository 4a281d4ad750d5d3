"""Any one process of `khop up` is killed with -9 while payers pay: nothing is lost, nothing is doubled, all comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from deploy.demo import district
from deploy.demo.api import LIMITS, TIMEOUT, Installation
from deploy.demo.load import load_sample
from deploy.demo.simulator import Simulator
from deploy.demo.truth import Truth
from services.topology import SERVICE_NAMES
from tests.simulation.books import disagreements, read_books
from tests.simulation.conftest import Up
from tests.simulation.killing import PROCESSES, kill

RATE_PER_S = 15.0
SETTLE_S = 60.0
BETWEEN_KILLS_S = 2.0
SITES = (*district.sites()[:10], *(site for site in district.sites() if site.type != "school"))

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
async def installation(stack: Up) -> AsyncIterator[Installation]:
    async with httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS) as client:
        await load_sample(stack.addresses, stack.admin_token, sites=SITES)
        yield Installation(stack.addresses, stack.admin_token, client)


async def kill_each(stack: Up) -> dict[str, float]:
    """Kill one process after the other; returns how long each took to come back, in seconds."""
    took_s: dict[str, float] = {}
    for name in PROCESSES:
        took_s[name] = await kill(stack, name)
        await asyncio.sleep(BETWEEN_KILLS_S)
    return took_s


@pytest.fixture(scope="module")
async def truth(stack: Up, installation: Installation) -> Truth:
    """What was paid while every process was killed once; all of it confirmed in the end."""
    simulator = Simulator(stack.addresses, stack.admin_token, seed=23, sites=SITES)
    stop = asyncio.Event()
    try:
        paying = asyncio.create_task(simulator.run(RATE_PER_S, None, stop))
        await asyncio.sleep(1)
        took_s = await kill_each(stack)
        stop.set()
        paid = await paying
    finally:
        await simulator.close()
    print(f"back after a kill -9, in seconds: {took_s}; answers: {dict(paid.answers)}")  # noqa: T201 - pytest -s shows it
    unconfirmed = [each.kind for each in paid.movements if not each.acknowledged]
    assert not unconfirmed, f"never confirmed: {unconfirmed[:5]}, answers {paid.answers}"
    return paid


async def test_sent_is_received_is_allocated_plus_suspense_in_every_place(
    stack: Up, installation: Installation, truth: Truth
) -> None:
    deadline = time.monotonic() + SETTLE_S
    while wrong := disagreements(await read_books(stack.addresses["database"], installation), truth.totals()):
        assert time.monotonic() < deadline, wrong
        await asyncio.sleep(0.5)
    assert truth.totals().received > 100


async def test_every_process_was_killed_and_is_back(stack: Up, truth: Truth) -> None:
    status = stack.ps()
    assert status.ready
    assert all(status.restarts[name] >= 1 for name in PROCESSES)


async def test_nothing_was_set_aside(stack: Up, truth: Truth) -> None:
    async with httpx.AsyncClient() as client:
        for name in SERVICE_NAMES:
            metrics = (await client.get(f"{stack.addresses[name]}/metrics")).text
            assert "khop_dead_letters_total{" not in metrics, name
