"""The table of services/matching/matcher/certainty.py: what so many bits of evidence have been seen to mean.

python -m tests.corpus.calibrate [--seeds 101,102] [--transfers N]

Corpora of these seeds are decided; what is held back below the threshold counts as the decision that it would have been, and settles
nothing, so that one mistake does not make the next. For each number of bits the right ones are counted; isotonic regression (pool
adjacent violators) makes the share rise with the bits. Where nothing was wrong among n, Laplace's rule says (n + 1) / (n + 2): few
cases never look certain.
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
from tests.corpus.score import as_it_came

SEEDS = (101, 102, 103, 104, 105, 106, 107, 108)
TRANSFERS = 15_000
BITS_MAX = 16
"""More bits are no surer: then what was written is true, and what was meant is not what was written."""
CERTAIN = frozenset({"virtual_account", "reference_intact", "reference_corrected"})
"""Bills known by these have no bits."""
SETTLE_FROM = 8.0
"""So many bits settle while counting; what the table says in the end may differ."""


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
    """(bits, whether right) of what words, codes and habits settle, or would settle with a lower threshold."""
    corpus = make(seed, transfers)
    measured = certainty.probability
    certainty.probability = float  # the score is then the bits themselves
    paid: set[str] = set()
    try:
        with tempfile.TemporaryDirectory(prefix="khop-calibrate-") as folder:
            corpus.write(Path(folder))
            evaluation = Evaluation(read_notices(Path(folder) / "notices.csv"), match_threshold=SETTLE_FROM)
            for transfer in read_transfers(Path(folder) / "transfers.csv"):
                decision = evaluation.decide(transfer)
                truth = as_it_came(corpus.truths[transfer.transfer_id], paid)
                paid |= {share.notice_id for share in decision.shares}
                codes = {fact.code for fact in decision.facts}
                is_held_back = "below_threshold" in codes
                if (decision.status == "matched" and codes.isdisjoint(CERTAIN)) or is_held_back:
                    [chosen] = decision.candidates
                    yield min(round(chosen.score), BITS_MAX), set(chosen.notice_ids) == set(truth.allocations)
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
