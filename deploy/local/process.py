"""Starting, waiting for and stopping child processes, whatever started them."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deploy.local.errors import LocalStackError
from deploy.local.state import last_line

PR_SET_PDEATHSIG = 1  # linux/prctl.h
READY_LIMIT_S = 60.0


@dataclass(frozen=True)
class Running:
    """A child that was started. `poll` gives None while it runs, then its exit code (negative: the signal that ended it)."""

    pid: int
    poll: Callable[[], int | None]


class Program(Protocol):
    """An embedded server: PostgreSQL or Kafka."""

    name: str
    stop_signal: signal.Signals

    def prepare(self) -> None:
        """Make everything ready that a start needs; doing it again changes nothing. May take seconds."""

    def spawn(self) -> Running:
        """Start it. Call it from the main thread: the child is told to stop when the thread that started it ends."""

    def answers(self) -> bool:
        """Say whether it serves clients now; takes at most two seconds."""

    @property
    def log(self) -> Path:
        """Where it writes."""


@dataclass(frozen=True)
class Account:
    """The system user as which a program runs."""

    uid: int
    gid: int


def spawn_program(
    command: Sequence[str | Path],
    *,
    log: Path,
    stop_signal: signal.Signals,
    environment: dict[str, str],
    account: Account | None = None,
) -> Running:
    """Start a server in a session of its own, so that Ctrl-C reaches only the supervisor, which stops things in order.

    On Linux the kernel sends the child its stop signal when the supervisor is gone for good (kill -9): it shuts down cleanly
    and nothing is left behind. Elsewhere it runs on until the next `khop up` on the same folder stops it.
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def stop_with_the_supervisor() -> None:
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, stop_signal)

    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - the command is made here, of no input
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",  # the caller's folder may be closed to the program's user
            env=environment,
            start_new_session=True,
            preexec_fn=stop_with_the_supervisor,  # noqa: PLW1509 - one system call, bound before the fork; after setuid, which resets it
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    return Running(process.pid, process.poll)


def send_signal(running: Running, number: signal.Signals) -> None:
    """Signal a child unless it has ended."""
    if running.poll() is None:
        try:
            os.kill(running.pid, number)
        except ProcessLookupError:
            return


def wait_until_ended(running: Running, limit_s: float) -> bool:
    """Wait for the end; False where the limit came first."""
    deadline = time.monotonic() + limit_s
    while running.poll() is None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def stop(running: Running, stop_signal: signal.Signals, limit_s: float) -> None:
    """Ask a child to end; kill it where it has not within the limit."""
    send_signal(running, stop_signal)
    if not wait_until_ended(running, limit_s):
        send_signal(running, signal.SIGKILL)
        wait_until_ended(running, 2.0)


def wait_until_ready(program: Program, running: Running, limit_s: float = READY_LIMIT_S) -> None:
    """Return when the program serves clients.

    Raises:
        LocalStackError: it ended, or the limit passed; names its last words and its log.
    """
    deadline = time.monotonic() + limit_s
    while not program.answers():
        if running.poll() is not None:
            raise LocalStackError(f"{program.name} did not start: {last_line(program.log)} ({program.log})")
        if time.monotonic() > deadline:
            raise LocalStackError(f"{program.name} does not answer after {limit_s:g} s; see {program.log}")
        time.sleep(0.05)


@contextmanager
def started(program: Program, stop_limit_s: float = 5.0) -> Iterator[None]:
    """Prepare and run one program for the length of a block: for tests and tools."""
    program.prepare()
    running = program.spawn()
    try:
        wait_until_ready(program, running)
        yield
    finally:
        stop(running, program.stop_signal, stop_limit_s)
