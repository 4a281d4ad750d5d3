"""How long an import of notices takes and how much memory it needs, as a user sees it: `khop import` against `khop up`.

`python -m bench.imports [ROWS …]`; 10,000 and 100,000 where none are given. All seven services run and consume meanwhile. Memory is
the notices process's, before and at its highest during the import: it must not grow with the file.
"""

from __future__ import annotations

import csv
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

KHOP = (sys.executable, "-m", "services")
SITE = "bench-school"
SITES = (
    "site_id,name,type,unit_code,bank_bin,account_number,account_name\n"
    f"{SITE},Trường mẫu,school,07615,999999,MAUBENCH1,MAU TRUONG\n"
)
HEADINGS = (
    "notice_id,site_id,payer_code,payer_name,group,guardian_name,guardian_phone,purpose,period,amount,issued_on,due_on,status,"
    "fee_kind,round,unit_code"
)
SAMPLE_EVERY_S = 0.05
READY_TIMEOUT_S = 120
PORTS = 7


def write_notices(file: Path, rows: int) -> None:
    """A school's list: three notices a payer, the whole of it under ids of its own."""
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(HEADINGS.split(","))
        for number in range(rows):
            payer = number // 3
            writer.writerow(
                (
                    f"B{rows}-{number}", SITE, f"HS{rows}-{payer}", "Nguyễn Thị Ánh Tuyết", f"{payer // 35 % 5 + 1}A",
                    "Trần Văn Đức", f"0912{payer % 10**6:06d}", "Tiền ăn bán trú", "2026-11", 150_000 + number % 1_000,
                    "2026-11-01", "30/11/2026", "open", "", "Tháng 11/2026", "07615",
                )
            )  # fmt: skip


def free_ports() -> int:
    """The first of as many neighbouring free ports as there are services."""
    for first in range(20_000, 30_000, PORTS):
        with ExitStack() as stack:
            try:
                for port in range(first, first + PORTS):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    sys.exit("no neighbouring ports are free")


@contextmanager
def khop_up(state: Path) -> Iterator[int]:
    """The whole system; yields the notices process's id."""
    command = [*KHOP, "up", "--state", str(state), "--port", str(free_ports()), "--json"]
    with (state.parent / "up.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line:
                sys.exit((state.parent / "up.log").read_text(encoding="utf-8"))
            yield json.loads(line)["pids"]["notices"]
        finally:
            process.terminate()
            process.wait(READY_TIMEOUT_S)


class Peak:
    """The highest resident memory of a process while it is watched, in bytes."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._ended = threading.Event()
        self.before = self.highest = self._process.memory_info().rss
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_EVERY_S):
            self.highest = max(self.highest, self._process.memory_info().rss)


def import_file(state: Path, kind: str, file: Path) -> dict[str, int]:
    """What `khop import` reports."""
    done = subprocess.run(
        [*KHOP, "import", kind, str(file), "--state", str(state)], check=True, capture_output=True, text=True
    )
    report: dict[str, int] = json.loads(done.stdout)
    return report


def main() -> None:
    sizes = [int(text) for text in sys.argv[1:]] or [10_000, 100_000]
    with tempfile.TemporaryDirectory(prefix="khop-bench-") as folder:
        state = Path(folder) / "state"
        state.mkdir(mode=0o711)
        Path(folder).chmod(0o711)  # PostgreSQL runs as another user where this is root
        with khop_up(state) as pid:
            sites = Path(folder) / "sites.csv"
            sites.write_text(SITES, encoding="utf-8")
            import_file(state, "sites", sites)
            print(f"{'rows':>8} {'what':<10} {'seconds':>8} {'rows/s':>8} {'MB before':>10} {'MB highest':>11}")
            for rows in sizes:
                file = Path(folder) / f"{rows}.csv"
                write_notices(file, rows)
                for what in ("new", "unchanged"):
                    peak = Peak(pid)
                    started = time.perf_counter()
                    report = import_file(state, "notices", file)
                    seconds = time.perf_counter() - started
                    peak.end()
                    assert report["accepted" if what == "new" else "unchanged"] == rows, report
                    print(
                        f"{rows:>8} {what:<10} {seconds:>8.1f} {rows / seconds:>8.0f} "
                        f"{peak.before / 2**20:>10.0f} {peak.highest / 2**20:>11.0f}"
                    )


if __name__ == "__main__":
    main()
