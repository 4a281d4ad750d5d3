"""Killing one process of a running `khop up` and waiting until all is as before."""

from __future__ import annotations

import asyncio
import os
import signal
import time

from services.topology import SERVICE_NAMES
from tests.simulation.conftest import Up

PROCESSES = ("postgres", "kafka", *SERVICE_NAMES)
BACK_LIMIT_S = 60.0


async def kill(stack: Up, name: str) -> float:
    """Kill -9 a process; returns after how many seconds another one ran in its place and everything was ready."""
    killed = stack.ps().pids[name]
    started = time.monotonic()
    if killed is not None:  # else it is still on its way back from a kill before
        os.kill(killed, signal.SIGKILL)
    while True:
        status = stack.ps()
        took_s = time.monotonic() - started
        if status.ready and status.pids[name] not in (None, killed):
            return round(took_s, 1)
        assert took_s < BACK_LIMIT_S, f"{name} is not back after {BACK_LIMIT_S} s: {status}"
        await asyncio.sleep(0.1)
