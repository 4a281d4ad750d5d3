"""A stretch of the model's district on a running installation, and every published figure held against what was done."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import httpx

from deploy.demo.api import LIMITS, TIMEOUT, Installation
from deploy.demo.district import SampleSite
from deploy.demo.figures import figures
from deploy.demo.happened import Drive, Truth
from deploy.demo.year.living import District
from deploy.demo.year.parameters import Parameters
from deploy.demo.year.school_year import Month
from deploy.demo.year.told import Moments, truth
from shared.clock import LOCAL, local_day, now
from shared.events import AdoptionMetric, BankTransaction, Credit
from tests.integration.support import ReadOn, eventually, newest

SETTLE_S = 300.0
Figures = dict[str, tuple[int, int]]
"""(numerator, denominator) of each figure."""
Published = dict[str, tuple[int, int, int]]
"""(version, numerator, denominator) of each figure."""


@dataclass
class Year:
    """What was lived, and what it comes to."""

    district: District
    truth: Truth
    figures: Figures
    seconds: float


async def live(
    addresses: dict[str, str],
    admin_token: str,
    sites: Sequence[SampleSite],
    months: Sequence[Month],
    parameters: Parameters,
    *,
    last_day: date,
    seed: int = 7,
    broken_codes: Mapping[str, date] | None = None,
    more_drives: Sequence[Drive] = (),
    say: Callable[[str], None] = lambda _: None,
) -> Year:
    """Let some sites of the district live these months; returns when the ledger holds what was meant.

    `more_drives` are campaigns beside those of the sample, which take place but help nobody.
    """
    begun = time.monotonic()
    async with httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS) as client:
        installation = Installation(addresses, admin_token, client)
        district = District(installation, sites, parameters, seed=seed, last_day=last_day, broken_codes=broken_codes)
        await district.prepare()
        if more_drives:
            await installation.import_file("directory", "campaigns", _campaigns(more_drives))
        for month in months:
            await district.live(month)
            say(f"{month.name}: {len(district.lived.acts):,} movements, {time.monotonic() - begun:.0f} s")
        # A minute ago at most: were it yesterday, its second could be another movement's.
        await district.leave_unexplained(sites[0], now().astimezone(LOCAL).replace(microsecond=0))
    lived_s = time.monotonic() - begun
    told = await eventually(lambda: _told(district, addresses["kafka"]), within_s=SETTLE_S, pause_s=1)
    told.drives = [*told.drives, *more_drives]
    return Year(district, told, figures(told), lived_s)


async def _told(district: District, bootstrap: str) -> Truth:
    """The truth, once the topics have told the last of what the ledger holds."""
    recorded = await moments(bootstrap)
    assert recorded.keys() >= {act.movement_id for act in district.lived.acts}
    return truth(district, recorded, local_day(now()))


def _campaigns(more: Sequence[Drive]) -> bytes:
    rows = [f"{each.campaign_id},Thử nghiệm,{min(each.codes)},{each.starts_on},{each.ends_on},market_day" for each in more]
    return "\n".join(["campaign_id,name,unit_code,starts_on,ends_on,kind", *rows]).encode()


async def moments(bootstrap: str) -> dict[str, Moments]:
    """When the installation received and decided each movement, from its own topics."""
    credits = await newest(bootstrap, Credit)
    transactions = await newest(bootstrap, BankTransaction)
    found = {}
    for credit_id, credit in credits.items():
        assert isinstance(credit, Credit)
        transaction = transactions.get(credit_id)
        assert transaction is None or isinstance(transaction, BankTransaction)
        found[credit_id] = Moments(
            credit.received_at,
            {each.notice_id: each.decided_at for each in credit.allocations},
            frozenset(each.notice_id for each in credit.allocations if each.paid_through in {"staff", "helper"}),
            () if transaction is None else tuple(
                (each.provider, each.seen_by, each.received_at) for each in transaction.sightings
            ),
        )  # fmt: skip
    return found


async def published(bootstrap: str) -> Figures:
    """Every figure on adoption.metrics.v1 that is over something."""
    async with ReadOn(bootstrap, AdoptionMetric.topic) as reading:
        found: Published = {}
        _read_on(found, await reading.values())
    return _figures(found)


async def settled(bootstrap: str, wanted: Figures, within_s: float = SETTLE_S) -> dict[str, object]:
    """Wait until the published figures are these; returns how they differ, where they never are."""
    deadline = time.monotonic() + within_s
    found: Published = {}
    async with ReadOn(bootstrap, AdoptionMetric.topic) as reading:
        while True:
            _read_on(found, await reading.values())
            if (figures := _figures(found)) == wanted or time.monotonic() > deadline:
                return differences(figures, wanted)
            await asyncio.sleep(2)


def _read_on(found: Published, values: list[bytes]) -> None:
    for value in values:
        each = AdoptionMetric.model_validate_json(value)
        key = each.key
        if key not in found or each.version > found[key][0]:
            found[key] = (each.version, each.numerator, each.denominator)


def _figures(found: Published) -> Figures:
    return {key: (numerator, denominator) for key, (_, numerator, denominator) in found.items() if denominator}


def differences(found: Figures, wanted: Figures) -> dict[str, object]:
    """A few of the figures that differ, and of how many metrics."""
    wrong = [key for key in sorted(found.keys() | wanted.keys()) if found.get(key) != wanted.get(key)]
    if not wrong:
        return {}
    counts = Counter(key.partition("/")[0] for key in wrong)
    return {"counts": counts, **{key: {"published": found.get(key), "truth": wanted.get(key)} for key in wrong[:6]}}
