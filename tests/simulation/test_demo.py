"""`khop demo` as a user starts it: the address first, money that arrives and is matched, a clean end."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.simulation.conftest import STOP_TIMEOUT_S, free_ports

LINE = re.compile(r"received=(\d+) matched=(\d+) review=(\d+) cashless=(-|\d\.\d\d)")
MATCHED_LIMIT_S = 120

pytestmark = pytest.mark.timeout(200)


@pytest.fixture
def demo() -> Iterator[tuple[subprocess.Popen[str], int]]:
    state = Path(tempfile.mkdtemp(prefix="khop-thử-"))
    port = free_ports()
    command = [sys.executable, "-m", "services", "demo", "--state", str(state), "--port", str(port), "--rate", "10"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield process, port
    if process.poll() is None:
        process.kill()
        process.wait()
    shutil.rmtree(state, ignore_errors=True)


def test_prints_the_address_first_and_then_how_much_is_matched_until_ctrl_c(demo: tuple[subprocess.Popen[str], int]) -> None:
    process, port = demo
    assert process.stdout is not None
    assert process.stdout.readline() == f"http://127.0.0.1:{port}\n"
    deadline = time.monotonic() + MATCHED_LIMIT_S
    matched = 0
    while not matched:
        found = LINE.fullmatch(process.stdout.readline().strip())
        assert found, "every further line is a summary"
        matched = int(found[2])
        assert time.monotonic() < deadline
    children = psutil.Process(process.pid).children(recursive=True)

    process.send_signal(signal.SIGINT)

    assert process.wait(STOP_TIMEOUT_S) == 0
    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert psutil.wait_procs(children, timeout=3)[1] == []
