"""The whole system, started as a user starts it: `khop up` in a folder of its own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.local.status import Status, read_status

READY_TIMEOUT_S = 120
STOP_TIMEOUT_S = 20
PORTS_NEEDED = 7


@dataclass
class Up:
    """A running `khop up`."""

    addresses: dict[str, Any]
    admin_token: str
    state: Path
    process: subprocess.Popen[str]

    def ps(self) -> Status:
        """What `khop ps` prints; tests/integration/test_local_up.py runs the command itself, and its start costs a second each time."""
        return read_status(self.state)


@pytest.fixture(scope="module")
def stack() -> Iterator[Up]:
    # Right under /tmp: PostgreSQL runs as another user when the tests run as root.
    state = Path(tempfile.mkdtemp(prefix="khop-up-"))
    try:
        with running_up(state) as up:
            yield up
    finally:
        shutil.rmtree(state, ignore_errors=True)


@contextlib.contextmanager
def running_up(state: Path) -> Iterator[Up]:
    """Start `khop up` on a folder and stop it as Ctrl-C does."""
    command = [sys.executable, "-m", "services", "up", "--state", str(state), "--port", str(free_ports()), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, f"khop up ended with status {process.wait(STOP_TIMEOUT_S)}"
        addresses = json.loads(line)
        assert addresses["ready"]
        yield Up(addresses, Path(addresses["admin_token_file"]).read_text().strip(), state, process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def free_ports() -> int:
    """The first of seven neighbouring free ports; tests that run beside each other begin to look at different places."""
    begin = 20_000 + os.getpid() % 1_000 * PORTS_NEEDED
    for first in range(begin, 30_000, PORTS_NEEDED):
        with contextlib.ExitStack() as stack:
            try:
                for port in range(first, first + PORTS_NEEDED):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    pytest.fail("no seven neighbouring ports are free")
