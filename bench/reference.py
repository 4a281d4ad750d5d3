"""The figures of docs/adr/0005-reference-code.md: `python -m bench.reference [--memos N] [--seed S]`.

Repair, false finds, wrong repairs at a million open references, and speed, on the made-up memos of bench/memos.py.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable

from bench.memos import cut, dressed, insert, lose, memo_with, memo_without, slip, swap
from shared.reference import DATA_COUNT, find_references, new_reference, random_reference

OPEN_COUNT = 1_000_000
ACCOUNT_COUNT = 600
"""A million open bills stand at these many accounts: a province's sites, some with 6,000 bills, most with fewer."""

SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def at_most(count: int, trials: int) -> float:
    """The upper end of the 95 % interval of a rate seen `count` times (Poisson, normal above nine; three where none was)."""
    return (3.0 if count == 0 else count + 1.96 * math.sqrt(count) + 2) / trials


def measure_issued(rng: random.Random, draws: int = 200_000) -> float:
    """The share of all data whose reference is issued."""
    issued = 0
    for _ in range(draws):
        try:
            new_reference(rng.randrange(DATA_COUNT))
        except ValueError:
            continue
        issued += 1
    print(f"issued: {issued / draws:.1%} of {DATA_COUNT:,} = {issued / draws * DATA_COUNT / 1e6:.0f} million references")
    return issued / draws


def measure_repair(rng: random.Random, references: int) -> None:
    """Every single wrong character, swap and cut of many references, alone and in a memo: is the right one named, and first?"""
    for label, place_in in (("alone", lambda _, text: text), ("in a memo", memo_with)):
        tried: Counter[str] = Counter()
        right: Counter[str] = Counter()
        first: Counter[str] = Counter()
        for _ in range(references):
            reference = random_reference(rng)
            for kind, text in damaged(reference, rng):
                found = find_references(place_in(rng, text))
                tried[kind] += 1
                right[kind] += any(one.reference == reference for one in found)
                first[kind] += bool(found) and found[0].reference == reference
        print(f"repair, {label}:")
        for kind, count in tried.items():
            print(
                f"  {kind:24} {right[kind]:>9,} of {count:>9,} = {right[kind] / count:9.4%}, first {first[kind] / count:9.4%}"
            )


def damaged(reference: str, rng: random.Random) -> Iterable[tuple[str, str]]:
    """Every slip that must be repaired, and samples of those that need not."""
    yield "intact", reference
    yield "intact, dressed up", dressed(rng, reference)
    yield "last cut off", cut(reference)
    for place, right in enumerate(reference):
        kind = "wrong letter of prefix" if place < 2 else "wrong symbol"
        for wrong in SYMBOLS.replace(right, ""):
            yield kind, reference[:place] + wrong + reference[place + 1 :]
    for place in range(len(reference) - 1):
        yield "swap", reference[:place] + reference[place + 1] + reference[place] + reference[place + 2 :]
    for _ in range(5):
        yield "one lost (a bonus)", lose(rng, reference)
        yield "one too many (a bonus)", insert(rng, reference)
    yield "prefix lost (a bonus)", reference[2:]


def measure_false_finds(rng: random.Random, memos: int) -> float:
    """Memos without a reference: how often is one found? Returns the upper bound of the rate of corrected ones."""
    counts: Counter[str] = Counter()
    for _ in range(memos):
        memo = memo_without(rng)
        counts['memos that hold "KH"'] += "KH" in memo.upper().replace(" ", "")
        found = find_references(memo)
        counts["exact"] += any(one.exact for one in found)
        counts["corrected"] += any(not one.exact for one in found)
        counts.update(f"  corrected, {one.edits} edits" for one in found if not one.exact)
    print(f"memos without a reference: {memos:,}")
    for kind, count in sorted(counts.items()):
        print(
            f"  {kind:24} {count:>8,} = 1 in {memos / count if count else math.inf:>12,.0f} (at most 1 in"
            f" {1 / at_most(count, memos):,.0f})"
        )
    return at_most(counts["corrected"], memos)


def measure_wrong_names(rng: random.Random, memos: int) -> dict[str, float]:
    """Memos with damaged references, a million open: how often is another open one named? Upper bounds a kind of damage."""
    opened: set[str] = set()
    while len(opened) < OPEN_COUNT:
        opened.add(random_reference(rng))
    references = rng.sample(sorted(opened), 100_000)
    damages: dict[str, Callable[[str], str]] = {
        "one slip": lambda text: slip(rng, text),
        "a swap": lambda text: swap(rng, text),
        "two slips": lambda text: slip(rng, slip(rng, text)),
        "a slip and a swap": lambda text: swap(rng, slip(rng, text)),
        "one lost": lambda text: lose(rng, text),
        "three slips": lambda text: slip(rng, slip(rng, slip(rng, text))),
        "two lost": lambda text: lose(rng, lose(rng, text)),
    }
    bounds: dict[str, float] = {}
    print(f"another open reference named, {OPEN_COUNT:,} open, {memos:,} memos each:")
    for kind, damage in damages.items():
        wrong = other = 0
        for _ in range(memos):
            reference = rng.choice(references)
            found = find_references(damage(reference) + " " + "NGUYEN VAN AN 7A")
            strangers = [one.reference for one in found if one.reference != reference]
            other += bool(strangers)
            wrong += any(stranger in opened for stranger in strangers)
        bounds[kind] = at_most(wrong, memos)
        print(f"  {kind:20} open: {wrong:>4} (at most {bounds[kind] * 1e6:6.1f} in a million); any: {other / memos:.4%}")
    return bounds


def measure_equal_bills(rng: random.Random, pairs: int = 2_000_000) -> float:
    """How often two bills drawn at random share account and sum.

    The sums at one account are few: a round of fees has a price list, meals vary by days. Twelve usual sums hold four fifths of
    the bills, two hundred hold the rest.
    """

    def a_bill() -> tuple[int, int]:
        account = min(int(rng.paretovariate(1.16)) - 1, ACCOUNT_COUNT - 1)  # a fifth of the accounts has most of the bills
        account = rng.randrange(ACCOUNT_COUNT) if rng.random() < 0.98 else account
        return account, rng.randrange(12) if rng.random() < 0.8 else rng.randrange(12, 212)

    equal = same_account = 0
    for _ in range(pairs):
        one, other = a_bill(), a_bill()
        equal += one == other
        same_account += one[0] == other[0]
    print(f"two bills share account and sum: {equal} of {pairs:,} pairs (at most {at_most(equal, pairs):.2e})")
    print(f"  the account, whatever the sums: {same_account:,} (at most {at_most(same_account, pairs):.2e})")
    return at_most(equal, pairs)


def measure_speed(rng: random.Random, memos: int) -> None:
    """Memos a second on one core, the best of three runs."""
    print("speed, memos a second on one core:")
    plain = [memo_without(rng) for _ in range(memos)]
    exact = [memo_with(rng, random_reference(rng)) for _ in range(memos)]
    slipped = [memo_with(rng, slip(rng, random_reference(rng))) for _ in range(memos)]
    accented = [memo.replace("NGUYEN", "NGUYỄN").replace("tien", "tiền") + " đóng" for memo in plain]
    day = plain[: memos * 3 // 10] + exact[: memos * 6 // 10] + slipped[: memos // 10]
    lots = {"without a reference": plain, "with one": exact, "with a damaged one": slipped, "with diacritics": accented}
    for label, lot in (lots | {"a day: 30 % / 60 % / 10 %": day}).items():
        print(f"  {label:28} {len(lot) / best_s(lot):>9,.0f} (mean {sum(map(len, lot)) / len(lot):.0f} characters)")
    print("long memos, milliseconds for 5,000 and 10,000 characters:")
    for label, unit in (("KHC3", "KHC3"), ("K", "K"), ("H", "H"), ("KHC3J9 ", "KHC3J9 "), ("references", "")):
        times_ms = [
            best_s([(unit or random_reference(rng)) * (length // (len(unit) or 11))]) * 1000 for length in (5_000, 10_000)
        ]
        print(f"  {label:28} {times_ms[0]:6.1f} {times_ms[1]:6.1f}")


def best_s(lot: list[str]) -> float:
    """Seconds to search all memos of the lot, the best of three."""
    runs: list[float] = []
    for _ in range(3):
        start = time.perf_counter()
        for memo in lot:
            find_references(memo)
        runs.append(time.perf_counter() - start)
    return min(runs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memos", type=int, default=1_000_000)
    parser.add_argument("--references", type=int, default=1_000, help="references damaged in every way")
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    issued = measure_issued(rng)
    measure_repair(rng, options.references)
    corrected = measure_false_finds(rng, options.memos)
    bounds = measure_wrong_names(rng, options.memos)
    equal = measure_equal_bills(rng)
    # Too rare to be seen directly: the product of what was measured. Chance makes all issued references equally likely.
    named = corrected * OPEN_COUNT / (issued * DATA_COUNT)
    print("a wrong repair names an open bill at the same account with the same sum (product of upper bounds):")
    print(f"  memo without a reference: {named:.1e} × {equal:.1e} = 1 in {1 / (named * equal):,.0f} memos")
    for kind, bound in bounds.items():
        print(f"  {kind:24}: {bound:.1e} × {equal:.1e} = 1 in {1 / (bound * equal):,.0f} such memos")
    measure_speed(rng, min(options.memos, 50_000))


if __name__ == "__main__":
    main()
