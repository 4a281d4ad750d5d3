"""Topics are copies: with the broker's data deleted, republishing brings every topic and every derived service back."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import Any

import asyncpg
import httpx
import pytest

from deploy.demo import district
from deploy.demo.api import LIMITS, TIMEOUT, Installation
from deploy.demo.load import load_sample
from deploy.demo.simulator import Simulator
from services.topology import SERVICES, TOPICS
from tests.integration.support import newest
from tests.simulation.books import disagreements, read_books
from tests.simulation.conftest import Up

SITES = (*district.sites()[:4], *(site for site in district.sites() if site.type != "school"))
SETTLE_S = 60.0
OWNERS = [service.name for service in SERVICES if service.publishes]
DERIVED = [service.name for service in SERVICES if service.replayable]
EVENTS = [topic.event for topic in TOPICS if topic.event is not None]

# Everything that a derived service keeps. A site's revision only counts how often its pages changed.
TABLES = """
select tablename from pg_tables where schemaname = $1
  and tablename not in ('outbox', 'idempotency', 'replay_epoch', 'rebuilt', 'changes', 'touched_days')
order by tablename
"""
CONTENT = """
select coalesce(md5(string_agg(row, chr(10) order by row)), '')
from (select (to_jsonb(t) - 'revision')::text as row from {} t) rows
"""

pytestmark = pytest.mark.timeout(600)


async def topics(stack: Up) -> dict[str, dict[str, Any]]:
    """The newest version of every entity of every topic."""
    bootstrap = stack.addresses["kafka"]
    return {event.topic: await newest(bootstrap, event) for event in EVENTS}


async def derived(stack: Up) -> dict[str, str]:
    """A fingerprint of every table of every derived service."""
    connection = await asyncpg.connect(stack.addresses["database"])
    try:
        found = {}
        for service in DERIVED:
            for row in await connection.fetch(TABLES, service):
                table = f"{service}.{row['tablename']}"
                found[table] = await connection.fetchval(CONTENT.format(table))
        return found
    finally:
        await connection.close()


def khop(stack: Up, *arguments: str) -> str:
    command = [sys.executable, "-m", "services", *arguments, "--state", str(stack.state)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


async def settled(read: Any, wanted: Any) -> Any:
    """Read again and again until it is as wanted; the last reading, where it never is."""
    deadline = time.monotonic() + SETTLE_S
    while (now := await read()) != wanted and time.monotonic() < deadline:
        await asyncio.sleep(0.5)
    return now


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What differs, few enough to read."""
    differing = [key for key in sorted(before.keys() | after.keys()) if before.get(key) != after.get(key)]
    return {key: (before.get(key), after.get(key)) for key in differing[:3]}


@pytest.fixture(scope="module")
async def before(stack: Up) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Every topic and every derived table after a while of paying, when nothing is under way any more."""
    async with httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS) as client:
        await load_sample(stack.addresses, stack.admin_token, sites=SITES)
        simulator = Simulator(stack.addresses, stack.admin_token, seed=31, sites=SITES)
        try:
            paid = await simulator.run(30.0, 6.0, asyncio.Event())
        finally:
            await simulator.close()
        installation = Installation(stack.addresses, stack.admin_token, client)
        deadline = time.monotonic() + SETTLE_S
        while wrong := disagreements(await read_books(stack.addresses["database"], installation), paid.totals()):
            assert time.monotonic() < deadline, wrong
            await asyncio.sleep(0.5)
    last = None
    # On a busy machine adoption may be computing for longer than two looks are apart: what it still has to do is stored.
    while (now := (await topics(stack), await derived(stack))) != last or now[1]["adoption.touched_windows"]:
        last = now
        await asyncio.sleep(2)
    return now


async def test_republishing_after_the_brokers_data_are_gone_brings_everything_back(stack: Up, before: Any) -> None:
    topics_before, derived_before = before
    broker = stack.ps().pids["kafka"]
    assert broker is not None
    os.kill(broker, signal.SIGSTOP)  # else it makes a file while its folder is being deleted
    shutil.rmtree(stack.state / "kafka" / "data")
    os.kill(broker, signal.SIGKILL)
    deadline = time.monotonic() + SETTLE_S
    while not ((now := stack.ps()).ready and now.pids["kafka"] not in (None, broker) and now.restarts["portal"]):
        assert time.monotonic() < deadline, now
        await asyncio.sleep(0.2)

    for owner in OWNERS:
        khop(stack, "republish", owner)

    after = await settled(lambda: topics(stack), topics_before)
    for topic, entities in topics_before.items():
        assert difference(entities, after[topic]) == {}, topic
    assert difference(derived_before, await settled(lambda: derived(stack), derived_before)) == {}


@pytest.mark.parametrize("service", DERIVED)
async def test_a_replay_rebuilds_a_derived_service_as_it_was(stack: Up, before: Any, service: str) -> None:
    topics_before, derived_before = before
    pid = stack.ps().pids[service]

    khop(stack, "replay", service)

    deadline = time.monotonic() + SETTLE_S
    while not ((now := stack.ps()).ready and now.pids[service] not in (None, pid)):
        assert time.monotonic() < deadline, now
        await asyncio.sleep(0.2)
    assert difference(derived_before, await settled(lambda: derived(stack), derived_before)) == {}
    after = await topics(stack)
    for topic, entities in topics_before.items():
        assert difference(entities, after[topic]) == {}, topic
