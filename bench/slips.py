"""How fast slips are drawn, and in how much memory: `python -m bench.slips [--count N]`."""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import date

from services.notices.drawing.qr import qr_code
from services.notices.drawing.slips import Paper, write_slips
from services.notices.drawing.values import Line, Payee, Slip
from shared.reference import random_reference
from shared.vietqr import SAMPLE_BIN

PAYEE = Payee(
    "Trường Tiểu học An Châu", SAMPLE_BIN, "MAU260000018", "MAU TRUONG TIEU HOC AN CHAU", "0204 388 6001", sample=True
)
CLASS_SIZE = 40


def slips(rng: random.Random, count: int) -> Iterator[Slip]:
    """Bills of two fees, class by class."""
    for number in range(count):
        lines = (Line("Tiền ăn bán trú", "tháng 11", rng.randrange(1_000, 900_000)), Line("Nước uống", None, 15_000))
        reference, group = random_reference(rng), f"lớp {number // CLASS_SIZE}"
        yield Slip(PAYEE, reference, "Đợt 1", "An", group, f"{number % 1000:03}", lines, date(2026, 11, 30))


def memory_mb() -> float:
    """The most that this process has held until now."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    options = parser.parse_args()
    rng = random.Random(5)
    papers: tuple[Paper, ...] = ("A4", "A5")
    payloads = [slip.payload for slip in slips(rng, 500)]
    start = time.perf_counter()
    for payload in payloads:
        qr_code(payload)
    print(f"codes alone: {len(payloads) / (time.perf_counter() - start):,.0f} a second")
    for paper in papers:
        before = memory_mb()
        with tempfile.TemporaryFile() as out:
            start = time.perf_counter()
            write_slips(slips(rng, options.count), out, paper)
            seconds = time.perf_counter() - start
            size = out.tell()
        print(
            f"{paper}: {options.count / seconds:,.0f} slips a second, {size / options.count:,.0f} bytes a slip, memory"
            f" {before:,.0f} → {memory_mb():,.0f} MB"
        )


if __name__ == "__main__":
    main()
