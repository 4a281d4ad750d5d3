"""`python -m deploy.demo.year --state DIR [--pace batch|real|N]`: let the model's district live on a running installation.

batch: a school year in minutes, with the dates on which everything happened; N: so many simulated seconds a second (1440: a day
a minute); real: from the first of this month on, at the clock's own pace.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

import httpx

from deploy.demo import district
from deploy.demo.api import LIMITS, TIMEOUT, DemoError, Installation
from deploy.demo.books import FILE, Books
from deploy.demo.year.living import District, Pace
from deploy.demo.year.parameters import Parameters, parameters
from deploy.demo.year.school_year import Month, months
from deploy.local.errors import LocalStackError
from deploy.local.status import read_status
from shared.clock import local_day, now


async def live(
    addresses: dict[str, str], token: str, chosen: list[Month], pace: Pace, seed: int, numbers: Parameters, books: Books
) -> None:
    """Live these months; raises DemoError."""
    async with httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS) as client:
        lived = District(
            Installation(addresses, token, client), district.sites(), numbers, seed=seed, last_day=chosen[-1].last_day,
            books=books, pace=pace,
        )  # fmt: skip
        await lived.prepare()
        for month in chosen:
            await lived.live(month)
            sys.stdout.write(f"{month.first_day:%Y-%m} movements={len(lived.lived.acts)}\n")
            sys.stdout.flush()


def main() -> int:
    """Read what is wanted, and live it."""
    numbers = parameters()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=Path, required=True, help="the folder of a running `khop up`")
    parser.add_argument("--pace", default="batch", help="batch, real, or simulated seconds a second")
    parser.add_argument("--months", type=int, default=numbers.count("calendar", "months"))
    parser.add_argument("--seed", type=int, default=7, help="the same seed gives the same households and acts")
    options = parser.parse_args()
    try:
        pace = Pace(_rate(options.pace))
        chosen = months(numbers)[: options.months]
        if pace.rate == 1:
            chosen = [Month(local_day(now()).replace(day=1))]
        addresses = read_status(options.state).addresses
        token = Path(addresses["admin_token_file"]).read_text(encoding="utf-8").strip()
        asyncio.run(live(addresses, token, chosen, pace, options.seed, numbers, Books(options.state / FILE)))
    except (DemoError, LocalStackError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _rate(text: str) -> float | None:
    if text in {"batch", "real"}:
        return None if text == "batch" else 1.0
    try:
        rate = float(text)
    except ValueError:
        raise ValueError(f"--pace: batch, real or a number, not {text!r}") from None
    if rate <= 1:
        raise ValueError("--pace: more than 1 simulated second a second; real is the clock's own pace")
    return rate


if __name__ == "__main__":
    sys.exit(main())
