"""The current windows as Prometheus gauges, exported by the one replica that refreshes, so that sum() does not double.

Names and units are Prometheus's (https://prometheus.io/docs/practices/naming): base units, `_ratio` for shares from 0 to 1.
Labels hold units, sites, providers and banks, never a payer or an account.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import structlog
from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector, CollectorRegistry

from services.adoption.metrics import MATCHED_WITHIN_S, METRICS
from services.adoption.metrics import Metric as Definition
from services.adoption.model import month_end
from services.adoption.publishing import METRIC_NAMES
from shared.events.adoption import Window
from shared.runtime.postgres import Connection

log = structlog.get_logger()

SERIES_MAX = 4_300
"""Most series of the figures; with what every service exports it stays under 5,000 a replica."""
QUIET_SITES_MAX = 200
QUIET_AFTER_DAYS = 7
SERIES_LEFT_OUT = Gauge("khop_adoption_series_left_out", "Figures that did not fit under the limit of series.")
WAITING = Gauge("khop_adoption_waiting", "What waits to be derived, by step.", ["step"])
REFRESH_SECONDS = Histogram(
    "khop_adoption_refresh_seconds", "Time of one pass over what changed.", buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10)
)
PUBLISHED = Counter("khop_adoption_figures_published_total", "Figures published because they changed.")

LEVELS = ("province", "type", "district", "campaign", "elsewhere", "provider", "bank", "commune", "village", "site")
"""From the fewest to the most: where there are too many series, sites are left out first."""
SHARE = "khop_cashless_share_ratio"
HELPED = "khop_helped_share_ratio"
DENOMINATOR = "khop_figure_denominator"
TO_MATCHED = "khop_received_to_matched_seconds"
SECONDS_A_DAY = 86_400
SUFFIXES = {"ratio": "ratio", "days": "mean_seconds", "seconds": "mean_seconds", "dong": "mean_dong"}
BOUNDS_S = {f"matched_within_{counter.removeprefix('matched_')}": bound for counter, bound in MATCHED_WITHIN_S.items()}
HELP = {
    SHARE: "Cashless share of what was applied to fees, 0 to 1, over the current windows (docs/metrics.md).",
    HELPED: "The part of the cashless share that staff or helpers paid for others, 0 to 1.",
    DENOMINATOR: "What a figure of the last 30 days is a share or a mean of: payers, notices, credits, sites.",
    TO_MATCHED: "Time from the first word of a bank credit to its match, over the current windows.",
}
QUIET_SITE = "khop_site_quiet_seconds"
LAST_WEBHOOK = "khop_provider_last_webhook_timestamp_seconds"
OLDEST_REVIEW = "khop_review_oldest_timestamp_seconds"

# Over nothing a share is null, and a null is no series. Sites and villages have their shares alone; communes all figures
# of 30 days; what the queue holds is a figure of today. By figures_by_day.
CURRENT = """
select split_part(scope, ':', 1) as level, substr(scope, strpos(scope, ':') + 1) as unit, window_kind, metric, numerator,
  denominator
from figures join unnest($1::text[], $2::date[]) as k(window_kind, as_of) using (window_kind, as_of)
cross join lateral unnest($3::text[], numerators, denominators) as m(metric, numerator, denominator)
where denominator > 0 and fee_kind = 'all' and (site_type = 'all' or scope like 'type:%')
  and (metric like 'cashless_share_%' or (scope not like 'site:%' and scope not like 'village:%'))
  and (window_kind <> 'day' or metric = 'review_age_days')
  and (metric like 'cashless_share_%' or window_kind in ('30d', 'day') or scope not like 'commune:%')
"""

# A campaign's stretches stand with their last day: of those that are at most a year old. By the primary key of figures.
CAMPAIGNS = """
select split_part(scope, ':', 1) as level, substr(scope, strpos(scope, ':') + 1) as unit, window_kind,
  'cashless_share_payers' as metric, numerators[1] as numerator, denominators[1] as denominator
from figures join unnest($1::text[]) as k(scope) using (scope)
where denominators[1] > 0 and window_kind in ('before', 'during', 'after')
"""
CAMPAIGN_SCOPES = """
select level || ':' || campaign_id from campaigns cross join (values ('campaign'), ('elsewhere')) as l(level)
where ends_on > $1::date - 366 order by ends_on desc, campaign_id limit 100
"""

# By deliveries_of_provider, the newest of each provider that sends an account's webhooks.
NEWEST_WEBHOOKS = """
select provider, extract(epoch from (
  select max(first_at) from deliveries d where d.provider = p.provider
))::float8 as at
from (select distinct provider from account_providers) p
"""
# By transfers_waiting: what waits is little.
OLDEST_WAITING = """
select extract(epoch from min(c.received_at))::float8 from transfers t join credits c using (credit_id)
where t.waits_until is null
"""
# Sites that took money without cash in the last 60 days, none in the last week, and have fees open that fell or fall due
# within 30 days of today: in the holidays nobody owes anything. By site_days_by_day and settlements_by_due_day.
QUIET_SITES = """
select site_id, $1::date - max(day) as days
from site_days where day > $1::date - 60 and day <= $1 and fee_kind = 'all' and village = 'all' and cashless_count > 0
group by site_id
having max(day) <= $1::date - $2::integer and exists (
  select from settlements s where s.site_id = site_days.site_id and s.settled_on is null
    and s.due_on between $1::date - 30 and $1::date + 30
)
order by days desc, site_id limit $3
"""
# By the primary keys; all three are short but after an import.
QUEUES = """
select (select count(*) from changes) as changes, (select count(*) from touched_days) as days,
  (select count(*) from touched_windows) as windows
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a current window."""

    level: str
    unit: str
    window: str
    metric: str
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands beside the figures: silence and waiting, which alerts look at."""

    newest_webhooks: Sequence[tuple[str, float]] = ()
    oldest_waiting: float | None = None
    quiet_sites: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One series."""

    family: str
    labels: tuple[str, ...]
    value: float


async def current_figures(connection: Connection, today: date) -> list[Figure]:
    """The figures of today, of its 7 and 30 days, of the month, and of the campaigns."""
    windows: list[tuple[Window, date]] = [("7d", today), ("30d", today), ("month", month_end(today)), ("day", today)]
    rows = await connection.fetch(CURRENT, [window for window, _ in windows], [as_of for _, as_of in windows], METRIC_NAMES)
    scopes = [row[0] for row in await connection.fetch(CAMPAIGN_SCOPES, today)]
    return [Figure(*row) for row in (*rows, *await connection.fetch(CAMPAIGNS, scopes))]


async def current_facts(connection: Connection, today: date) -> Facts:
    """Silence and waiting as they are now."""
    return Facts(
        [(row["provider"], row["at"]) for row in await connection.fetch(NEWEST_WEBHOOKS) if row["at"] is not None],
        await connection.fetchval(OLDEST_WAITING),
        [tuple(row) for row in await connection.fetch(QUIET_SITES, today, QUIET_AFTER_DAYS, QUIET_SITES_MAX)],
    )


async def observe_queues(connection: Connection) -> None:
    """Say how much waits at each step."""
    row = await connection.fetchrow(QUEUES)
    assert row is not None
    for step, count in row.items():
        WAITING.labels(step).set(count)


def family_of(metric: Definition) -> str:
    """The name of a metric's gauge: base units, and what kind of number it is."""
    stem = metric.name.removesuffix("_share").removesuffix("_days").removesuffix("_seconds").removesuffix("_dong")
    return f"khop_{stem}_{SUFFIXES[metric.unit]}"


def families() -> dict[str, str]:
    """Every gauge of a figure with its meaning."""
    others = {
        family_of(metric): f"{metric.says.split(' (')[0].capitalize()}, over: {metric.over.split(' (')[0]}."
        for metric in METRICS
        if metric.name not in BOUNDS_S and not metric.name.startswith(("cashless_share_", "helped_share_"))
    }
    return {**HELP, **others}


def samples_of(figures: Iterable[Figure], limit: int = SERIES_MAX) -> tuple[list[Sample], int]:
    """The series that may be exported, higher levels first, and how many are left out."""
    definitions = {metric.name: metric for metric in METRICS}
    ordered = sorted(figures, key=lambda each: (LEVELS.index(each.level), each.unit, each.window, each.metric))
    samples: list[Sample] = []
    for each in ordered:
        place = (each.level, each.unit, each.window)
        value = each.numerator / each.denominator
        name, _, by = each.metric.partition("_share_")
        if by in {"payers", "count", "value"}:
            samples.append(Sample(SHARE if name == "cashless" else HELPED, (*place, by), value))
        elif each.metric not in BOUNDS_S:
            metric = definitions[each.metric]
            samples.append(Sample(family_of(metric), place, value * (SECONDS_A_DAY if metric.unit == "days" else 1)))
        if each.window in {"30d", "before", "during", "after"} and each.metric not in BOUNDS_S and each.level not in {
            "village", "site",
        }:  # fmt: skip
            samples.append(Sample(DENOMINATOR, (*place, each.metric), each.denominator))
    return samples[:limit], max(0, len(samples) - limit)


class AdoptionGauges(Collector):
    """Exports the figures that were set last; none while this replica does not lead."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._figures: Sequence[Figure] = ()
        self._samples: Sequence[Sample] = ()
        self._facts = Facts()
        self._left_out = 0
        registry.register(self)

    def set_figures(self, figures: Sequence[Figure]) -> None:
        """Replace all figures at once, so that no scrape sees half of them."""
        if figures == self._figures:
            return
        self._figures = figures
        self._samples, left_out = samples_of(figures)
        SERIES_LEFT_OUT.set(left_out)
        if left_out and not self._left_out:  # once; how many at each moment is a gauge
            log.warning("figures_left_out", series=left_out)
        self._left_out = left_out

    def set_facts(self, facts: Facts) -> None:
        """Replace what stands beside the figures."""
        self._facts = facts

    def clear(self) -> None:
        """Export nothing: another replica leads."""
        self._figures, self._samples, self._facts = (), (), Facts()

    def collect(self) -> Iterator[Metric]:
        """What /metrics shows."""
        by_family: dict[str, list[Sample]] = {}
        for sample in self._samples:
            by_family.setdefault(sample.family, []).append(sample)
        for name, says in families().items():
            if name == TO_MATCHED:
                continue
            labels = ["level", "unit", "window"]
            labels += {SHARE: ["by"], HELPED: ["by"], DENOMINATOR: ["metric"]}.get(name, [])
            family = GaugeMetricFamily(name, says, labels=labels)
            for sample in by_family.get(name, ()):
                family.add_metric(sample.labels, sample.value)
            yield family
        yield self._matching_times()
        yield from self._silence()

    def _matching_times(self) -> Metric:
        """Of the whole province, of each provider and each bank, as a histogram of the window."""
        family = GaugeHistogramMetricFamily(TO_MATCHED, HELP[TO_MATCHED], labels=["level", "unit", "window"])
        values: dict[tuple[str, str, str], dict[str, int]] = {}
        for each in self._figures:
            if each.level in {"province", "provider", "bank"} and each.window != "day":
                found = values.setdefault((each.level, each.unit, each.window), {})
                if each.metric in BOUNDS_S:
                    found[each.metric] = each.numerator
                elif each.metric == "received_to_matched_seconds":
                    found["sum"], found["count"] = each.numerator, each.denominator
        for place, found in sorted(values.items()):
            if "count" in found:
                buckets = [(f"{float(bound)}", float(found.get(metric, 0))) for metric, bound in BOUNDS_S.items()]
                family.add_metric(place, [*buckets, ("+Inf", float(found["count"]))], float(found["sum"]))
        return family

    def _silence(self) -> Iterator[Metric]:
        webhooks = GaugeMetricFamily(LAST_WEBHOOK, "When a provider last told of a movement.", labels=["provider"])
        for provider, at in self._facts.newest_webhooks:
            webhooks.add_metric([provider], at)
        yield webhooks
        oldest = GaugeMetricFamily(OLDEST_REVIEW, "When the oldest credit that waits for a person came; absent: none waits.")
        if self._facts.oldest_waiting is not None:
            oldest.add_metric([], self._facts.oldest_waiting)
        yield oldest
        quiet = GaugeMetricFamily(
            QUIET_SITE,
            "Time since the last day with money without cash, of sites that had some, have none for a week, and have fees open.",
            labels=["site"],
        )
        for site_id, days in self._facts.quiet_sites:
            quiet.add_metric([site_id], float(days * SECONDS_A_DAY))
        yield quiet
