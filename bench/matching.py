"""How fast the matching core decides, and in how much memory: `python -m bench.matching [--seed S]`.

The figures of issue 6 and docs/adr/0011-matching.md. Each world is built and decided in a process of its own, and they take turns: a
machine that slows down for a while slows them all. Rates are of the middle round and per second of the process's own time; the
ratios, of the middle round too, are what to compare. Where `make compile` has been run, the compiled core is measured, and once
beside its sources.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from statistics import median

import psutil

from services.matching import compiled
from services.matching.evaluation import Evaluation, NoticeRow, Transfer
from shared.heap import keep_what_is_made
from shared.reference import random_reference
from tests.corpus import people
from tests.corpus.corpus import Corpus, make
from tests.corpus.world import Notice

MIXED = 4_000
ROUNDS = 9
TRANSFERS_OF, NOTICES_OF = 2, 3
"""A simulated corpus of so many transfers holds so many notices, about."""
PAYERS_PER_SITE, NOTICES_PER_PAYER = 400, 3
REFERENCES = 20_000
FLAT_SITES_MAX, FLAT_WITHIN_MAX = 1.20, 1.25
REFERENCE_MIN, MIXED_MIN, WITHIN_MIN, MEMORY_MAX_GIB = 50_000, 20_000, 15_000, 2.0


LABELS = (
    "10,000 notices in the province", "1,000,000 notices in the province", "1,000 notices at each of two sites",
    "10,000 notices at each of two sites",
)  # fmt: skip


def a_row(notice: Notice) -> NoticeRow:
    payer = notice.payer
    return NoticeRow(
        notice.notice_id, payer.site.site_id, payer.site.account, payer.code, payer.name, payer.group, payer.guardian, payer.phone,
        notice.purpose, notice.period, notice.amount, notice.issued_on, notice.due_on, False, notice.cancelled_on, notice.reference,
        notice.virtual_account or None, notice.fee_kind,
    )  # fmt: skip


def transfers_of(corpus: Corpus) -> list[Transfer]:
    return [
        Transfer(
            each.transfer_id, each.account, each.virtual_account or None, each.amount, each.occurred_at, each.memo, each.counter_name,
            each.counter_account, each.counter_bank, each.direction == "in",
        )
        for each in corpus.transfers
    ]  # fmt: skip


def other_sites(rng: Random, count: int) -> Iterator[NoticeRow]:
    """So many notices of schools elsewhere in the province."""
    for number in range(count):
        payer, line = divmod(number, NOTICES_PER_PAYER)
        if line == 0:
            name, group = people.full_name(rng), f"{payer % 5 + 1}{'ABC'[payer % 3]}"
        site = payer // PAYERS_PER_SITE
        yield NoticeRow(
            f"F{number}", f"F{site}", f"999{site:07d}", f"HS{site:03d}{payer % PAYERS_PER_SITE:04d}", name, group, "", "",
            ("Tiền ăn tháng 11", "Nước uống T11", "BHYT học sinh")[line], "2026-11", (378_000, 12_000, 631_800)[line],
            date(2026, 11, 3), date(2026, 11, 20), False, None, random_reference(rng), None, ("meals", "water", "insurance")[line],
        )  # fmt: skip


def by_reference(rng: Random, rows: Sequence[NoticeRow]) -> list[Transfer]:
    """Credits that pay other sites' notices by the reference alone, each from an account of its own."""
    start = datetime(2026, 11, 21, 1, tzinfo=UTC)
    chosen = rng.sample(rows, min(REFERENCES, len(rows)))
    return [
        Transfer(
            f"r{number}", row.site_account, None, row.amount, start + timedelta(seconds=number), row.reference, "PHAM THI HOA",
            f"19{number:09d}", "MB", is_money_in=True,
        )
        for number, row in enumerate(chosen)
    ]  # fmt: skip


def rate(evaluation: Evaluation, transfers: Sequence[Transfer]) -> float:
    before = time.process_time()
    for transfer in transfers:
        evaluation.decide(transfer)
    return len(transfers) / (time.process_time() - before)


def province(seed: int, notices: int) -> None:
    """Mixed transfers at some twenty sites, and references at all others, among so many notices."""
    corpus = make(seed, MIXED)
    rows = [a_row(each) for each in corpus.notices]
    mixed = transfers_of(corpus)
    del corpus
    rng = Random(seed)
    others = list(other_sites(rng, max(0, notices - len(rows))))
    references = by_reference(rng, others)
    in_turns([*rows, *others], mixed, references)


def two_sites(seed: int, notices: int) -> None:
    """Two schools with so many notices each: one alone would know no wrong account."""
    corpus = make(seed, 2 * notices * TRANSFERS_OF // NOTICES_OF, sites=2)
    in_turns([a_row(each) for each in corpus.notices], transfers_of(corpus), [])


def in_turns(rows: list[NoticeRow], mixed: list[Transfer], references: list[Transfer]) -> None:
    """Tell what stands in memory, then decide one round for each line that comes in, and tell its rates."""
    evaluation = Evaluation(rows)
    count = len(rows)
    rows.clear()
    keep_what_is_made()  # as `khop evaluate` and the service do
    tell({"notices": count, "resident_gib": psutil.Process().memory_info().rss / 2**30})
    for number in range(ROUNDS):
        sys.stdin.readline()
        found = {"mixed": rate(evaluation, share(mixed, number))}
        tell(found | ({"reference": rate(evaluation, share(references, number))} if references else {}))


def share(transfers: Sequence[Transfer], number: int) -> Sequence[Transfer]:
    """Which of the transfers a round decides."""
    return transfers[len(transfers) * number // ROUNDS : len(transfers) * (number + 1) // ROUNDS]


def tell(figures: dict[str, float]) -> None:
    print(json.dumps(figures), flush=True)


class World:
    """A world in a process of its own, with the rates of each round."""

    def __init__(self, what: str, seed: int, notices: int, **environment: str) -> None:
        command = [sys.executable, "-m", "bench.matching", "--world", what, "--seed", str(seed), "--notices", str(notices)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env={**os.environ, **environment})
        built = self._told()
        self.notices, self.resident_gib = int(built["notices"]), built["resident_gib"]
        self.rounds: list[dict[str, float]] = []

    def decide_round(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        self.rounds.append(self._told())

    def _told(self) -> dict[str, float]:
        assert self._process.stdout is not None
        found: dict[str, float] = json.loads(self._process.stdout.readline())
        return found

    def close(self) -> None:
        """End the process, which has told all its rounds."""
        self._process.communicate()

    def rate(self, path: str) -> float:
        return median(each[path] for each in self.rounds)

    def times(self, other: World, path: str = "mixed") -> float:
        """How many times as fast as another."""
        return median(mine[path] / its[path] for mine, its in zip(self.rounds, other.rounds, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--world", choices=("province", "site"), help=argparse.SUPPRESS)
    parser.add_argument("--notices", type=int, default=10_000, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.world:
        (province if given.world == "province" else two_sites)(given.seed, given.notices)
        return
    few, many = (World("province", given.seed, count) for count in (10_000, 1_000_000))
    small, large = (World("site", given.seed, count) for count in (1_000, 10_000))
    plain = World("province", given.seed, 10_000, **{compiled.SWITCH: "no"}) if compiled.build_path().is_dir() else None
    for _ in range(ROUNDS):
        for world in (few, many, small, large, plain):
            if world is not None:
                world.decide_round()
    for world in (few, many, small, large, plain):
        if world is not None:
            world.close()
    for label, world in zip(LABELS, (few, many, small, large), strict=True):
        reference = f"reference path {world.rate('reference'):9,.0f}/s, " if world in {few, many} else ""
        print(f"{label:36} {world.notices:9,}: {reference}mixed {world.rate('mixed'):7,.0f}/s, {world.resident_gib:.2f} GiB")
    print(f"reference path at 1,000,000: {many.rate('reference'):,.0f}/s (goal {REFERENCE_MIN:,})")
    print(f"mixed at 1,000,000: {many.rate('mixed'):,.0f}/s (goal {MIXED_MIN:,})")
    print(f"time a credit, 1,000,000 to 10,000 notices: {few.times(many):.2f} (goal at most {FLAT_SITES_MAX})")
    print(f"time a credit at one site, 10,000 to 1,000: {small.times(large):.2f} (goal at most {FLAT_WITHIN_MAX})")
    print(f"mixed at a site of 10,000: {large.rate('mixed'):,.0f}/s (goal {WITHIN_MIN:,})")
    if plain is not None:
        print(
            f"compiled, to the sources' {plain.rate('reference'):,.0f}/s and mixed {plain.rate('mixed'):,.0f}/s at 10,000: "
            f"{few.times(plain, 'reference'):.2f} and {few.times(plain):.2f} times"
        )
    else:
        print("of the sources: `make compile` about doubles the mixed rate")
    print(f"memory at 1,000,000: {many.resident_gib:.2f} GiB (goal below {MEMORY_MAX_GIB})")


if __name__ == "__main__":
    main()
