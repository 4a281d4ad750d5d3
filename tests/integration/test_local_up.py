"""`khop up` on real PostgreSQL and Kafka: what a person sees, and what survives a kill -9 of anybody.

One stack is started and then mistreated, test by test in this order, because each start costs seconds.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from deploy.local.state import PORTS, port_is_free
from deploy.local.status import Status, read_status
from tests.integration.local_stand_in import NAMES, TOPIC

ROOT = Path(__file__).parents[2]
START_LIMIT_S = 60
EVERYBODY = {"postgres", "kafka", *NAMES}


@dataclass
class Stack:
    """A state folder and the supervisor that runs on it."""

    state: Path
    port: int
    supervisor: subprocess.Popen[str] | None = None
    ready: dict = field(default_factory=dict)

    def command(self, port: int) -> list[str]:
        return [
            sys.executable,
            "-c",
            "from tests.integration.local_stand_in import main; main()",
            str(self.state),
            str(port),
        ]

    def start(self) -> None:
        command = self.command(self.port)
        with (self.state.parent / "up.stderr").open("w") as errors:
            self.supervisor = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True)
        self.ready = json.loads(self.supervisor.stdout.readline() or self.fail())

    def refused(self, port: int) -> str:
        """What another `khop up` says, which must not start."""
        done = subprocess.run(self.command(port), cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 1
        assert done.stdout == ""
        return done.stderr.strip()

    def fail(self) -> str:
        raise AssertionError(f"not ready: {self.said()}")

    def said(self) -> str:
        return (self.state.parent / "up.stderr").read_text()

    def status(self) -> Status:
        return read_status(self.state)

    def kill(self, name: str) -> int:
        """Kill -9 a child and return its former process id."""
        pid = self.status().pids[name]
        assert pid
        os.kill(pid, signal.SIGKILL)
        return pid

    def until(self, holds: Callable[[Status], bool], within_s: float = 20.0) -> Status:
        deadline = time.monotonic() + within_s
        while not holds(status := self.status()):
            assert time.monotonic() < deadline, f"{status} {self.said()}"
            time.sleep(0.05)
        return status

    def log(self, name: str) -> str:
        return (self.state / "logs" / f"{name}.log").read_text()


def free_ports() -> int:
    """A port with a free one behind it, out of the range that the embedded servers choose from."""
    return next(
        p for p in range(PORTS.stop + os.getpid() % 500, 32_767, 2) if all(port_is_free("127.0.0.1", p + n) for n in (0, 1))
    )


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    folder = Path(tempfile.mkdtemp(prefix="khop-up-"))
    folder.chmod(0o711)
    (folder / "state").mkdir()
    made = Stack(folder / "state", free_ports())
    made.start()
    yield made
    if made.supervisor.poll() is None:
        made.supervisor.terminate()
        made.supervisor.wait(20)
    shutil.rmtree(folder)


async def rows(dsn: str, query: str) -> list:
    connection = await asyncpg.connect(dsn)
    try:
        return [row[0] for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def send(bootstrap: str, *values: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        for value in values:
            await producer.send_and_wait(TOPIC, value, partition=0)


async def received(bootstrap: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(TOPIC, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    async with consumer:
        return [(await consumer.getone()).value for _ in range(count)]


async def once_it_answers(ask: Callable[..., Awaitable[list]], *arguments: object) -> list:
    """Ask a server that is coming back until it answers."""
    deadline = time.monotonic() + 15
    while True:
        try:
            return await ask(*arguments)
        except (OSError, asyncpg.PostgresError, KafkaError):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)


def test_says_where_everything_is(stack: Stack):
    assert stack.ready["ready"] is True
    assert stack.ready["portal"] == f"http://127.0.0.1:{stack.port}"
    assert stack.ready["directory"] == f"http://127.0.0.1:{stack.port + 1}"
    assert set(stack.ready["pids"]) == EVERYBODY
    assert urlopen(f"{stack.ready['portal']}/readyz").status == 200
    status = stack.status()
    assert (status.ready, status.pids) == (True, stack.ready["pids"])
    assert stack.supervisor.pid not in status.pids.values()
    assert stack.said() == ""


def test_closes_its_folder_to_others(stack: Stack):
    modes = {path.name: path.stat().st_mode & 0o777 for path in stack.state.iterdir()}
    assert stack.state.stat().st_mode & 0o777 == (0o711 if os.geteuid() == 0 else 0o700)
    assert {modes[name] for name in ("admin.token", "secret.key", "postgres.password", "status.json")} == {0o600}
    assert modes["logs"] == 0o700
    assert (stack.state / "postgres" / "data").stat().st_mode & 0o777 == 0o700
    assert len((stack.state / "admin.token").read_text().strip()) >= 32


def test_listens_on_loopback_only(stack: Stack):
    for name in ("postgres", "kafka"):
        process = psutil.Process(stack.status().pids[name])
        addresses = {c.laddr.ip for c in process.net_connections("tcp") if c.status == psutil.CONN_LISTEN}
        assert {ip.removeprefix("::ffff:") for ip in addresses} == {"127.0.0.1"}


def test_a_second_up_is_refused_in_one_line(stack: Stack):
    said = stack.refused(stack.port)
    assert f"{stack.state} is in use by process {stack.supervisor.pid}" in said
    assert "\n" not in said


def test_a_killed_service_is_back_at_once(stack: Stack):
    killed = stack.kill("directory")
    killed_at = time.monotonic()
    status = stack.until(lambda now: now.pids["directory"] not in (None, killed))
    assert time.monotonic() - killed_at < 1
    assert status.restarts["directory"] == 1
    assert "directory ended (SIGKILL); starting it again at once" in stack.said()
    stack.until(lambda now: now.ready)


def test_a_service_that_dies_again_waits(stack: Stack):
    stack.kill("directory")
    stack.until(lambda now: now.restarts["directory"] == 2 and now.ready)
    assert "directory ended (SIGKILL); starting it again in 0.5 s" in stack.said()


async def test_a_killed_postgres_keeps_what_was_committed(stack: Stack):
    dsn = stack.ready["database"]
    await rows(dsn, "create table kept as select generate_series(1, 100) as number")
    killed = stack.kill("postgres")
    stack.until(lambda now: now.pids["postgres"] not in (None, killed) and now.ready)
    assert await once_it_answers(rows, dsn, "select count(*) from kept") == [100]


async def test_a_killed_kafka_keeps_what_was_acknowledged(stack: Stack):
    await send(stack.ready["kafka"], b"1", b"2")
    cluster_id = stack.status().cluster_id
    killed = stack.kill("kafka")
    stack.until(lambda now: now.pids["kafka"] not in (None, killed))
    assert await once_it_answers(received, stack.ready["kafka"], 2) == [b"1", b"2"]
    assert stack.status().cluster_id == cluster_id
    assert stack.status().restarts["portal"] == 0


async def test_a_kafka_without_its_data_gets_topics_and_new_services(stack: Stack):
    before = stack.status()
    shutil.rmtree(stack.state / "kafka" / "data")
    stack.kill("kafka")
    after = stack.until(
        lambda now: now.cluster_id not in (None, before.cluster_id) and now.ready and now.restarts["portal"] > 0
    )
    assert all(after.pids[name] != before.pids[name] for name in NAMES)
    assert "portal ended" not in stack.said()
    await send(stack.ready["kafka"], b"3")
    assert await received(stack.ready["kafka"], 1) == [b"3"]


def test_a_killed_forkserver_is_replaced_with_its_services(stack: Stack):
    before = stack.status()
    [forkserver] = {psutil.Process(before.pids[name]).ppid() for name in NAMES}
    os.kill(forkserver, signal.SIGKILL)
    after = stack.until(lambda now: now.ready and all(now.pids[name] not in (None, before.pids[name]) for name in NAMES))
    assert {psutil.Process(after.pids[name]).ppid() for name in NAMES} != {forkserver}
    assert all(gone(before.pids[name]) for name in NAMES)


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def test_a_killed_supervisor_leaves_nothing_behind_and_the_next_goes_on(stack: Stack):
    before = stack.status()
    secrets = {name: (stack.state / name).read_text() for name in ("admin.token", "secret.key", "postgres.password")}
    addresses = {name: stack.ready[name] for name in ("database", "kafka", "portal")}
    stack.supervisor.kill()
    stack.supervisor.wait()
    assert stack.status().supervisor is None
    assert stack.status().ready is False

    stack.start()  # at once, while what is left is still ending

    assert all(gone(pid) for pid in before.pids.values())
    assert {name: stack.ready[name] for name in addresses} == addresses
    assert {name: (stack.state / name).read_text() for name in secrets} == secrets
    assert await rows(stack.ready["database"], "select count(*) from kept") == [100]
    assert await received(stack.ready["kafka"], 1) == [b"3"]


def test_children_of_a_killed_supervisor_end_by_themselves(stack: Stack):
    pids = stack.status().pids
    stack.supervisor.kill()
    stack.supervisor.wait()
    deadline = time.monotonic() + 10
    while not all(gone(pid) for pid in pids.values()):
        assert time.monotonic() < deadline, {name: gone(pid) for name, pid in pids.items()}
        time.sleep(0.05)
    assert f"portal drained {pids['portal']}" in stack.log("portal")
    assert "database system is shut down" in stack.log("postgres").splitlines()[-1]


def test_a_taken_port_is_named_before_anything_starts(stack: Stack):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", stack.port + 1))
        other.listen()
        said = stack.refused(stack.port)
    assert said == f"khop: port {stack.port + 1}, for directory, is in use by another program; choose another with --port"


def test_stops_everything_in_order_and_starts_again(stack: Stack):
    stack.start()
    pids = stack.ready["pids"]
    stack.supervisor.send_signal(signal.SIGTERM)
    assert stack.supervisor.wait(15) == 0
    assert all(gone(pid) for pid in pids.values())
    assert set(stack.status().pids.values()) == {None}
    assert f"portal drained {pids['portal']}" in stack.log("portal")
    assert stack.supervisor.stdout.read() == ""
    assert stack.said() == ""
