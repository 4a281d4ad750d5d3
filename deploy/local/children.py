"""One child of the supervisor: what runs, how often it was restarted, and how long to wait before the next time."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from deploy.local.process import Running
from deploy.local.stopping import ProcessMark

POLL_S = 0.1  # a process's end is asked for, not told, alike on every system; ten children cost 0.2 % of a core
DELAY_FIRST_S = 0.5
DELAY_MAX_S = 10.0
STEADY_S = 30.0


class Backoff:
    """Delays before restarts: none at first, then 0.5 s doubling up to 10 s; none again after 30 s alive."""

    def __init__(self) -> None:
        """Start with no failure seen."""
        self._failures = 0

    def next_delay_s(self, alive_s: float) -> float:
        """The delay after one more end of a child that lived so long."""
        self._failures = 1 if alive_s >= STEADY_S else self._failures + 1
        return 0.0 if self._failures == 1 else min(DELAY_FIRST_S * 2 ** min(self._failures - 2, 10), DELAY_MAX_S)


@dataclass
class Child:
    """A child that is kept running. `start` starts it anew and may raise LocalStackError, OSError or EOFError."""

    name: str
    start: Callable[[], Awaitable[Running]]
    stop_signal: signal.Signals
    running: Running | None = None
    mark: ProcessMark | None = None
    restarts: int = 0
    restart_is_wanted: bool = False
    started_s: float = 0.0

    def __post_init__(self) -> None:
        """Each child has its own back-off."""
        self.backoff = Backoff()

    async def begin(self) -> None:
        """Start it and remember which process it is."""
        self.started_s = time.monotonic()
        self.running = await self.start()
        self.mark = ProcessMark.of(self.running.pid)

    async def ended(self) -> int:
        """Wait for its end; the exit code."""
        assert self.running is not None
        while (code := self.running.poll()) is None:
            await asyncio.sleep(POLL_S)
        return code

    def forget(self) -> None:
        """It runs no more."""
        self.running = self.mark = None


def describe_end(code: int) -> str:
    """An exit code in words: `exit code 1`, `SIGKILL`."""
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
