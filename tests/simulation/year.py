"""`make year`: a whole school year of all sites, in batch, and every published figure held against what was done.

    python -m tests.simulation.year [MONTHS] [SEED]

Ends with status 1 where any figure differs from the truth.
"""

# ruff: noqa: T201 - a command: what it prints is its product

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from deploy.demo import district
from deploy.demo.year.parameters import parameters
from deploy.demo.year.school_year import months
from tests.simulation.adoption_year import live, published, settled
from tests.simulation.conftest import Up, running_up

SETTLE_S = 3_600.0


async def run(stack: Up, month_count: int, seed: int) -> int:
    numbers = parameters()
    chosen = months(numbers)[:month_count]
    year = await live(
        stack.addresses, stack.admin_token, district.sites(), chosen, numbers, last_day=chosen[-1].last_day, seed=seed,
        say=lambda line: print(line, flush=True),
    )  # fmt: skip
    acts = year.district.lived.acts
    print(f"{len(district.sites())} sites, {len(year.district.lived.notices):,} notices, {len(acts):,} movements "
          f"in {year.seconds:.0f} s")  # fmt: skip
    print(f"  ways: {dict(Counter(act.way.value for act in acts))}")
    print(f"  fates: {dict(Counter(act.fate.value for act in acts if act.channel == 'bank'))}")
    begun = time.monotonic()
    wrong = await settled(stack.addresses["kafka"], year.figures, SETTLE_S)
    found = await published(stack.addresses["kafka"])
    print(
        f"{len(found):,} figures published, {len(year.figures):,} in the truth, after {time.monotonic() - begun:.0f} s more"
    )
    if wrong:
        print(f"DIFFERENT: {wrong}")
        return 1
    print("every published figure equals the truth")
    return 0


def main() -> int:
    month_count = int(sys.argv[1]) if len(sys.argv) > 1 else parameters().count("calendar", "months")
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    state = Path(tempfile.mkdtemp(prefix="khop-year-"))
    try:
        with running_up(state) as stack:
            return asyncio.run(run(stack, month_count, seed))
    finally:
        shutil.rmtree(state, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
