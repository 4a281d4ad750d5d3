"""The logs of a running stack do not grow without end."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from deploy.local import state as states


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(states, "LOG_BYTES_MAX", 100)
    (tmp_path / "logs").mkdir()
    return states.log_file(tmp_path, "ingest")


def test_a_log_that_grew_too_long_is_moved_while_its_writer_goes_on(log: Path) -> None:
    with log.open("ab") as writer:
        writer.write(b"old\n" * 30)
        writer.flush()
        states.shorten_logs(log.parents[1])
        writer.write(b"new\n")

    moved = log.with_name("ingest.log.1")
    assert log.read_bytes() == b"new\n"
    assert moved.read_bytes() == b"old\n" * 30
    assert stat.S_IMODE(moved.stat().st_mode) == 0o600


def test_a_short_log_stays(log: Path) -> None:
    log.write_bytes(b"old\n")

    states.shorten_logs(log.parents[1])

    assert log.read_bytes() == b"old\n"
    assert not log.with_name("ingest.log.1").exists()
