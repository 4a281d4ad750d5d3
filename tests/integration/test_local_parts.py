"""The parts of the local stack one by one: what they refuse, in which words, and what they remember."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.local import kafka_files, state
from deploy.local.children import Backoff
from deploy.local.errors import LocalStackError
from deploy.local.kafka_files import PINS, kafka_jars
from deploy.local.ports import ServicePorts
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.process import started
from deploy.local.state import kept_text, open_state, remembered_port
from deploy.local.status import read_status
from deploy.local.stopping import ProcessMark

NAMES = ("directory", "notices", "ingest", "matching", "reconciliation", "adoption", "portal")


@pytest.fixture
def folder() -> Iterator[Path]:
    made = open_state(Path(tempfile.mkdtemp(prefix="khop-parts-")))
    yield made
    shutil.rmtree(made)


def test_a_folder_that_cannot_be_written_is_one_line():
    with pytest.raises(LocalStackError, match="cannot write to /dev/null/state: Not a directory; choose another folder"):
        open_state(Path("/dev/null/state"))


def test_a_full_disk_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(state, "FREE_BYTES_MIN", 1 << 60)
    with pytest.raises(LocalStackError, match=r"only \d+ MB are free on the disk of .*; free some space, or choose another"):
        open_state(folder)


def test_the_mode_of_somebody_elses_folder_is_left_alone(tmp_path: Path):
    (tmp_path / "a file").touch()
    tmp_path.chmod(0o755)
    open_state(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_port_is_remembered_while_it_is_free(folder: Path):
    port = remembered_port(folder, "kafka")
    assert remembered_port(folder, "kafka") == port
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        chosen = remembered_port(folder, "kafka")
    assert chosen != port
    assert remembered_port(folder, "kafka") == chosen


def test_a_port_that_others_of_the_stack_will_take_is_left_to_them(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("deploy.local.state.PORTS", range(20_000, 20_100))
    taken = [port for port in range(20_000, 20_100) if port != 20_050]
    assert remembered_port(folder, "kafka", taken) == 20_050
    assert remembered_port(folder, "kafka", range(20_050, 20_057)) not in range(20_050, 20_057)


def test_a_secret_is_made_once(folder: Path):
    assert kept_text(folder / "secret", lambda: "first") == kept_text(folder / "secret", lambda: "second") == "first"
    assert (folder / "secret").stat().st_mode & 0o777 == 0o600


def test_the_portal_has_the_first_port():
    ports = ServicePorts("0.0.0.0", 8080, NAMES)
    assert ports.by_name["portal"] == 8080
    assert sorted(ports.by_name.values()) == list(range(8080, 8087))
    assert ports.urls()["portal"] == "http://127.0.0.1:8080"


def test_restarts_wait_longer_and_longer_until_one_lives():
    backoff = Backoff()
    assert [backoff.next_delay_s(alive_s=0) for _ in range(8)] == [0, 0.5, 1, 2, 4, 8, 10, 10]
    assert backoff.next_delay_s(alive_s=31) == 0
    assert backoff.next_delay_s(alive_s=0) == 0.5


def test_a_process_id_used_again_is_somebody_else():
    mark = ProcessMark.of(os.getpid())
    assert mark.process() is not None
    assert ProcessMark(mark.pid, mark.created - 60).process() is None


def test_ps_of_a_folder_where_nothing_ever_ran(folder: Path):
    with pytest.raises(LocalStackError, match="is not the state folder of a khop up"):
        read_status(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_a_parent_folder_closed_to_postgres_is_named(tmp_path: Path):
    tmp_path.chmod(0o700)
    with pytest.raises(
        LocalStackError, match=r"cannot pass /.*; choose another folder with --state, or open that one: chmod o\+x /"
    ):
        EmbeddedPostgres(open_state(tmp_path / "state")).prepare()


async def test_postgres_wants_its_password_and_outlives_a_stale_pid_file(folder: Path):
    postgres = EmbeddedPostgres(folder)
    with started(postgres):
        stranger = postgres.dsn.replace(kept_text(folder / "postgres.password", str), "guess")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(stranger)
    # A crash of the machine leaves the file, and the process id goes to somebody else: here, to this test.
    (folder / "postgres" / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    with started(postgres):
        connection = await asyncpg.connect(postgres.dsn)
        assert await connection.fetchval("show fsync") == "on"
        await connection.close()


def test_without_maven_the_way_out_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KHOP_CACHE", str(tmp_path))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with pytest.raises(LocalStackError, match=r"cannot fetch Apache Kafka .*KHOP_KAFKA_BOOTSTRAP"):
        kafka_jars()


def test_a_jar_that_differs_is_refused_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    cached = kafka_jars()[0]
    monkeypatch.setenv("KHOP_CACHE", str(tmp_path / "cache"))
    pins = tmp_path / "pins"
    path = PINS.read_text().splitlines()[0].split()[1]
    pins.write_text(f"{'0' * 64}  {path}\n")
    monkeypatch.setattr(kafka_files, "PINS", pins)
    monkeypatch.setattr("jgo.maven.PythonResolver.download", lambda _, artifact: copy(cached, artifact.cached_path))
    with pytest.raises(LocalStackError, match="is not the file that this version"):
        kafka_jars()
    assert not list((tmp_path / "cache").rglob("*.jar"))


def copy(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True)
    return Path(shutil.copy(source, target))
