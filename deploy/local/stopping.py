"""Stopping processes whoever's children they are: one's own, and those that a killed supervisor left."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import psutil

SAME_START_S = 5.0  # the clock may be set after a start; no process id comes round again within so short a time
# With MEANWHILE_ENDS_S of the supervisor together under the 15 s in which `khop up` ends.
DRAIN_LIMIT_S = 7.0
KAFKA_LIMIT_S = 3.0
POSTGRES_LIMIT_S = 2.5
KILLED_LIMIT_S = 1.0


@dataclass(frozen=True)
class ProcessMark:
    """A process that cannot be mistaken for a later one with the same id."""

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> ProcessMark | None:
        """The mark of a process that runs now; None where it has ended."""
        try:
            return cls(pid, psutil.Process(pid).create_time())
        except psutil.NoSuchProcess:
            return None

    def process(self) -> psutil.Process | None:
        """The process, where it still runs."""
        try:
            process = psutil.Process(self.pid)
            alive = abs(process.create_time() - self.created) < SAME_START_S and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return process if alive else None


def stop_in_order(marks: Mapping[str, ProcessMark | None]) -> None:
    """Stop services, then Kafka, then PostgreSQL: nobody loses what it still needs."""
    kafka, postgres = marks.get("kafka"), marks.get("postgres")
    services = [mark for name, mark in marks.items() if mark and name not in ("kafka", "postgres")]
    stop_processes(services, signal.SIGTERM, DRAIN_LIMIT_S)
    stop_processes([kafka] if kafka else [], signal.SIGTERM, KAFKA_LIMIT_S)
    stop_processes([postgres] if postgres else [], signal.SIGINT, POSTGRES_LIMIT_S)


def stop_processes(marks: Sequence[ProcessMark], stop_signal: signal.Signals, limit_s: float) -> None:
    """Ask processes to end; kill those that have not within the limit."""
    for number, patience_s in ((stop_signal, limit_s), (signal.SIGKILL, KILLED_LIMIT_S)):
        deadline = time.monotonic() + patience_s
        for process in _alive(marks):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        while _alive(marks) and time.monotonic() < deadline:
            time.sleep(0.05)


def _alive(marks: Sequence[ProcessMark]) -> list[psutil.Process]:
    return [process for process in (mark.process() for mark in marks) if process]
