"""`make chaos`: payers pay for some minutes while processes are killed at random, several at once too; then all is counted.

    python -m tests.simulation.chaos [MINUTES] [SEED]

Ends with status 1 where any place of the system disagrees with what was really paid.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import httpx

from deploy.demo import district
from deploy.demo.api import LIMITS, TIMEOUT, Installation
from deploy.demo.load import load_sample
from deploy.demo.simulator import Simulator
from tests.simulation.books import disagreements, read_books
from tests.simulation.conftest import Up, running_up
from tests.simulation.killing import PROCESSES

RATE_PER_S = 10.0
SETTLE_S = 120.0
MINUTES_MAX = 60.0
SITES = district.sites()


async def kill_at_random(stack: Up, rng: Random, until: float) -> int:
    """Kill one to three processes every few seconds; whoever is down already is passed over. Returns the number of kills."""
    kills = 0
    while time.monotonic() < until:
        await asyncio.sleep(rng.uniform(1, 8))
        pids = stack.ps().pids
        for name in rng.sample(PROCESSES, rng.choice((1, 1, 1, 2, 3))):
            if pids[name] is not None:
                os.kill(pids[name], signal.SIGKILL)
                kills += 1
    return kills


async def run(stack: Up, minutes: float, seed: int) -> int:
    async with httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS) as client:
        await load_sample(stack.addresses, stack.admin_token)
        installation = Installation(stack.addresses, stack.admin_token, client)
        simulator = Simulator(stack.addresses, stack.admin_token, seed=seed, drain_s=SETTLE_S)
        stop = asyncio.Event()
        try:
            paying = asyncio.create_task(simulator.run(RATE_PER_S, None, stop))
            kills = await kill_at_random(stack, Random(seed), time.monotonic() + minutes * 60)
            stop.set()
            paid = await paying
        finally:
            await simulator.close()
        unconfirmed = sum(not each.acknowledged for each in paid.movements)
        deadline = time.monotonic() + SETTLE_S
        while wrong := disagreements(await read_books(stack.addresses["database"], installation), paid.totals()):
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(1)
    totals = paid.totals()
    sys.stdout.write(
        f"{kills} kills in {minutes:g} min, seed {seed}; {totals.sent} movements in {paid.attempts} requests, "
        f"{unconfirmed} never confirmed; {totals.received_dong} đồng received\n"
    )
    sys.stdout.write(f"differences: {wrong or 'none'}\n")
    return 1 if wrong or unconfirmed else 0


def main() -> int:
    minutes = min(float(sys.argv[1]) if len(sys.argv) > 1 else 3.0, MINUTES_MAX)
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    state = Path(tempfile.mkdtemp(prefix="khop-chaos-"))
    try:
        with running_up(state) as stack:
            return asyncio.run(run(stack, minutes, seed))
    finally:
        shutil.rmtree(state, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
