"""The sample district's payers pay into a running installation: in đồng, sent = received = allocated + suspense."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from deploy.demo import district
from deploy.demo.api import LIMITS, TIMEOUT, Installation
from deploy.demo.load import load_sample
from deploy.demo.simulator import Simulator
from deploy.demo.truth import Totals, Truth

RATE_PER_S = 40.0
DURATION_S = 10.0
SETTLE_S = 30.0
"""How long the last figures may take to come through all services."""
SITES = (*district.sites()[:8], *(site for site in district.sites() if site.type != "school"))
"""A few schools and all others: enough for every kind of payer."""

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
async def installation(stack: Any) -> AsyncIterator[Installation]:
    async with httpx.AsyncClient(timeout=TIMEOUT, limits=LIMITS) as client:
        yield Installation(stack.addresses, stack.admin_token, client)


@pytest.fixture(scope="module")
async def before(stack: Any, installation: Installation) -> dict[str, Any]:
    """The portal's totals once the district is loaded and before anyone pays."""
    await load_sample(stack.addresses, stack.admin_token, sites=SITES)
    return await installation.summary()


@pytest.fixture(scope="module")
async def truth(stack: Any, before: dict[str, Any]) -> Truth:
    """What was really paid, all of it confirmed by the installation."""
    simulator = Simulator(stack.addresses, stack.admin_token, seed=11, sites=SITES)
    try:
        paid = await simulator.run(RATE_PER_S, DURATION_S, asyncio.Event())
    finally:
        await simulator.close()
    unconfirmed = [each.kind for each in paid.movements if not each.acknowledged]
    assert not unconfirmed, f"never confirmed: {unconfirmed[:5]}, answers {paid.answers}"
    return paid


@pytest.fixture(scope="module")
def totals(truth: Truth) -> Totals:
    return truth.totals()


async def settled(
    installation: Installation, before: dict[str, Any], is_there: Callable[[dict[str, int]], bool]
) -> dict[str, int]:
    """The portal's totals since `before`, as soon as they are as expected, or at the latest after SETTLE_S."""
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + SETTLE_S
    while True:
        now = await installation.summary()
        since = {name: now[name] - (before[name] or 0) for name in before if name != "cashless_share"}
        if is_there(since) or loop.time() > ends_at:
            return since
        await asyncio.sleep(0.5)


async def test_loading_the_district_again_changes_nothing(stack: Any, before: dict[str, Any]) -> None:
    report = await load_sample(stack.addresses, stack.admin_token, sites=SITES)
    assert report.accepted == 0
    assert report.unchanged > 0


async def test_sent_is_received_is_allocated_plus_suspense(
    installation: Installation, before: dict[str, Any], totals: Totals
) -> None:
    since = await settled(installation, before, lambda since: since["received_dong"] == totals.received_dong)
    assert since["received_dong"] == totals.received_dong
    assert since["received"] == totals.received
    assert since["allocated_dong"] + since["suspense_dong"] == since["received_dong"]


async def test_every_intact_reference_and_cash_receipt_is_allocated_and_nothing_beyond_its_bill(
    installation: Installation, before: dict[str, Any], totals: Totals
) -> None:
    since = await settled(
        installation, before, lambda since: since["allocated_dong"] >= totals.allocated_at_least_dong
    )  # fmt: skip
    assert totals.allocated_at_least_dong <= since["allocated_dong"] <= totals.allocated_at_most_dong


async def test_every_bill_is_paid_what_its_payers_paid(
    installation: Installation, before: dict[str, Any], truth: Truth, totals: Totals
) -> None:
    """The notices service hears of every allocation; asked bill by bill."""
    expected = truth.bill_allocated_at_least()
    for _ in range(int(SETTLE_S)):
        paid = await paid_by_reference(installation)
        missing = {
            reference: (amount, paid.get(reference, 0))
            for reference, amount in expected.items()
            if paid.get(reference, 0) != amount
        }
        if not missing:
            break
        await asyncio.sleep(1)
    assert not missing, f"{len(missing)} of {len(expected)} bills, (paid, shown): {list(missing.items())[:5]}"


async def test_the_cashless_share_lies_where_the_payers_put_it(
    installation: Installation, before: dict[str, Any], totals: Totals
) -> None:
    share = (await installation.summary())["cashless_share"]
    assert share is not None
    assert 0.5 < share < 0.95


async def paid_by_reference(installation: Installation) -> dict[str, int]:
    paid: dict[str, int] = {}
    for site in SITES:
        for notice in await installation.open_notices(site.site_id):
            paid[notice["reference"]] = paid.get(notice["reference"], 0) + notice["paid"]
    return paid
