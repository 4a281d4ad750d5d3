"""The table of services/matching/matcher/certainty.py: what so many bits of evidence have been seen to mean.

python -m tests.corpus.calibrate [--seeds 101,102] [--transfers N]

Corpora of these seeds are decided with no threshold, so that weak marks settle too. For each number of bits the right decisions are
counted; isotonic regression (pool adjacent violators) makes the share rise with the bits. Where nothing was wrong among n, Laplace's
rule says (n + 1) / (n + 2): few cases never look certain.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from services.commands.evaluation_files import read_notices, read_transfers
from services.matching.evaluation import Evaluation
from services.matching.matcher import certainty
from tests.corpus.corpus import make

SEEDS = (101, 102, 103, 104, 105, 106, 107, 108)
TRANSFERS = 15_000
BITS_MAX = 16
"""More bits are no surer: then what was written is true, and what was meant is not what was written."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seeds", default=",".join(map(str, SEEDS)))
    arguments.add_argument("--transfers", type=int, default=TRANSFERS)
    given = arguments.parse_args()
    right: Counter[int] = Counter()
    total: Counter[int] = Counter()
    for seed in map(int, given.seeds.split(",")):
        for bits, is_right in decisions(seed, given.transfers):
            total[bits] += 1
            right[bits] += is_right
    for bits in sorted(total):
        print(f"{bits:4} bits: {right[bits]:,} of {total[bits]:,} right")
    print(isotonic({bits: (right[bits], total[bits]) for bits in total}))


def decisions(seed: int, transfers: int) -> Iterator[tuple[int, bool]]:
    """(bits, whether right) of what words, codes and habits settle where no threshold holds them back."""
    corpus = make(seed, transfers)
    measured = certainty.probability
    certainty.probability = float  # the score is then the bits themselves
    try:
        with tempfile.TemporaryDirectory(prefix="khop-calibrate-") as folder:
            corpus.write(Path(folder))
            evaluation = Evaluation(read_notices(Path(folder) / "notices.csv"), match_threshold=float("-inf"))
            for transfer in read_transfers(Path(folder) / "transfers.csv"):
                decision = evaluation.decide(transfer)
                is_certain = any(fact.code.startswith(("reference", "virtual")) for fact in decision.facts)
                if decision.status == "matched" and not is_certain:
                    paid = {share.notice_id: share.amount for share in decision.shares}
                    bits = min(round(decision.candidates[0].score), BITS_MAX)
                    yield bits, paid == corpus.truths[transfer.transfer_id].allocations
    finally:
        certainty.probability = measured


def isotonic(counts: Mapping[int, tuple[int, int]]) -> tuple[tuple[int, float], ...]:
    """(from so many bits on, probability), rising: neighbours that would fall are counted together."""
    pools: list[tuple[int, int, int]] = []
    for bits in sorted(counts):
        pools.append((bits, *counts[bits]))
        while len(pools) > 1 and _share(*pools[-2][1:]) >= _share(*pools[-1][1:]):
            _, right, total = pools.pop()
            start, more_right, more = pools.pop()
            pools.append((start, right + more_right, total + more))
    return tuple((bits, round(_share(right, total), 5)) for bits, right, total in pools)


def _share(right: int, total: int) -> float:
    return (right + 1) / (total + 2)


if __name__ == "__main__":
    main()
