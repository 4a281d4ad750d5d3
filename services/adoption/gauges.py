"""The current windows as Prometheus gauges, exported by the one replica that refreshes, so that sum() does not double."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import structlog
from prometheus_client import Gauge
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector, CollectorRegistry

from services.adoption.model import month_end
from shared.events.adoption import Window
from shared.runtime.postgres import Connection

log = structlog.get_logger()

SERIES_MAX = 4_500
"""Most series of the share; with what every service exports it stays under 5,000 a replica."""
SERIES_LEFT_OUT = Gauge("khop_cashless_share_series_left_out", "Shares that did not fit under the limit of series.")
LEVELS = ("province", "district", "commune", "type", "village", "site")
"""From the fewest units to the most: where there are too many series, sites are left out first."""

# Shares over nothing are null, and a null is no series. By metrics_by_day.
CURRENT = """
select scope, metric, window_kind, numerator::float8 / denominator as share
from metrics join unnest($1::text[], $2::date[]) as k(window_kind, as_of) using (window_kind, as_of)
where denominator > 0 and fee_kind = 'all' and (site_type = 'all' or scope like 'type:%')
  and metric like 'cashless_share_%'
"""


@dataclass(frozen=True, slots=True)
class Share:
    """One current share."""

    level: str
    unit: str
    window: str
    by: str
    ratio: float


async def current_shares(connection: Connection, today: date) -> list[Share]:
    """The shares of today's 7 and 30 days and of the month."""
    windows: list[tuple[Window, date]] = [("7d", today), ("30d", today), ("month", month_end(today))]
    rows = await connection.fetch(CURRENT, [window for window, _ in windows], [as_of for _, as_of in windows])
    shares = []
    for row in rows:
        level, _, unit = row["scope"].partition(":")
        shares.append(Share(level, unit, row["window_kind"], row["metric"].removeprefix("cashless_share_"), row["share"]))
    return shares


def within_limit(shares: Iterable[Share], limit: int = SERIES_MAX) -> tuple[list[Share], int]:
    """The shares that may be exported, higher levels first, and how many are left out."""
    ordered = sorted(shares, key=lambda share: (LEVELS.index(share.level), share.unit, share.window, share.by))
    return ordered[:limit], max(0, len(ordered) - limit)


class ShareGauges(Collector):
    """Exports the shares that were set last; none while this replica does not lead."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._shares: Sequence[Share] = ()
        registry.register(self)

    def set(self, shares: Iterable[Share]) -> None:
        """Replace all shares at once, so that no scrape sees half of them."""
        self._shares, left_out = within_limit(shares)
        SERIES_LEFT_OUT.set(left_out)
        if left_out:
            log.warning("shares_left_out", series=left_out)

    def clear(self) -> None:
        """Export nothing: another replica leads."""
        self._shares = ()

    def collect(self) -> Iterator[Metric]:
        """What /metrics shows."""
        family = GaugeMetricFamily(
            "khop_cashless_share_ratio",
            "Cashless share of what was applied to fees, 0 to 1, over the current windows (docs/metrics.md).",
            labels=["level", "unit", "window", "by"],
        )
        for share in self._shares:
            family.add_metric([share.level, share.unit, share.window, share.by], share.ratio)
        yield family
