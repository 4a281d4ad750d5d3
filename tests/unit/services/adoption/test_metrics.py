"""The definitions agree with themselves, with the database and with the gauges."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest

import services.adoption
from services.adoption import gauges
from services.adoption.gauges import SERIES_MAX, AdoptionGauges, Figure, family_of, samples_of
from services.adoption.metrics import (
    CAMPAIGN_COUNTERS,
    CELLS,
    COUNTERS,
    METRICS,
    PAYER_COUNTERS,
    PAYMENT_COUNTERS,
    TRANSFER_COUNTERS,
    WINDOW_COUNTERS,
)

MIGRATION = (Path(services.adoption.__file__).parent / "migrations/0002_adoption_metrics.sql").read_text(encoding="utf-8")
TABLES = {
    "site_days": PAYMENT_COUNTERS, "transfer_days": TRANSFER_COUNTERS, "channel_days": TRANSFER_COUNTERS,
    "site_windows": WINDOW_COUNTERS, "transfer_windows": TRANSFER_COUNTERS,
}  # fmt: skip


def test_every_metric_is_made_of_counters_that_are_counted():
    for metric in METRICS:
        for formula in (metric.numerator, metric.denominator):
            assert set(re.findall(r"[a-z]\w*", formula)) <= set(COUNTERS), metric.name
        assert set(metric.cells) <= set(CELLS)
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    assert set(CAMPAIGN_COUNTERS) <= set(WINDOW_COUNTERS)
    assert set(PAYER_COUNTERS) <= set(CAMPAIGN_COUNTERS)


def test_the_tables_hold_the_counters():
    applied = MIGRATION.partition("-- migrate: rollback")[0]
    for table, counters in TABLES.items():
        body = re.search(rf"create table {table} \((.*?)\n\);", applied, re.DOTALL)
        assert body, table
        assert tuple(re.findall(r"(\w+) bigint not null", body[1])) == counters, table


def test_the_first_places_are_those_of_the_first_release():
    """Figures are stored by the places of metrics: an inserted one would rename all after it."""
    assert [metric.name for metric in METRICS[:3]] == [
        "cashless_share_payers", "cashless_share_count", "cashless_share_value",
    ]  # fmt: skip


def a_figure(
    level: str = "commune", unit: str = "07615", window: str = "30d", metric: str = "cashless_share_payers"
) -> Figure:
    return Figure(level, unit, window, metric, 3, 4)


def test_names_of_gauges_say_their_unit():
    for metric in METRICS:
        assert re.fullmatch(r"khop_[a-z0-9_]+_(ratio|seconds|dong)", family_of(metric)), metric.name
    assert set(gauges.families()) >= {"khop_cashless_share_ratio", "khop_site_coverage_ratio", "khop_figure_denominator"}


def test_days_are_told_in_seconds():
    figure = Figure("province", "24", "30d", "issue_to_paid_days", 9, 3)
    samples, _ = samples_of([figure])
    assert samples[0].family == "khop_issue_to_paid_mean_seconds"
    assert samples[0].value == 3 * 86_400


def test_too_many_series_leave_sites_out_first_and_say_so():
    many = [a_figure("site", f"S{number}") for number in range(SERIES_MAX)] + [a_figure("province", "24")]
    samples, left_out = samples_of(many)
    assert len(samples) == SERIES_MAX
    assert samples[0].labels[:2] == ("province", "24")
    assert left_out == len(many) + 1 - SERIES_MAX  # the province's denominator stands beside it


def test_a_replica_that_does_not_lead_exports_nothing():
    registry = CollectorRegistry()
    shown = AdoptionGauges(registry)
    shown.set_figures([a_figure()])
    shown.set_facts(gauges.Facts([("sepay", 1.0)], 2.0, [("TH1", 9)]))
    text = generate_latest(registry).decode()
    assert 'khop_cashless_share_ratio{by="payers",level="commune",unit="07615",window="30d"} 0.75' in text
    assert 'khop_figure_denominator{level="commune",metric="cashless_share_payers",unit="07615",window="30d"} 4.0' in text
    assert 'khop_site_quiet_seconds{site="TH1"} 777600.0' in text
    shown.clear()
    assert not [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]


def test_the_time_to_a_match_is_a_histogram():
    registry = CollectorRegistry()
    shown = AdoptionGauges(registry)
    counts = {
        "matched_within_1s": 1,
        "matched_within_5s": 4,
        "matched_within_1m": 4,
        "matched_within_1h": 5,
        "matched_within_1d": 5,
    }
    figures = [Figure("province", "24", "7d", metric, count, 6) for metric, count in counts.items()]
    shown.set_figures([*figures, Figure("province", "24", "7d", "received_to_matched_seconds", 90, 6)])
    text = generate_latest(registry).decode()
    assert 'khop_received_to_matched_seconds_bucket{le="5.0",level="province",unit="24",window="7d"} 4.0' in text
    assert 'khop_received_to_matched_seconds_bucket{le="+Inf",level="province",unit="24",window="7d"} 6.0' in text


def test_the_database_names_metrics_as_the_code_does():
    views = (Path(services.adoption.__file__).parent / "migrations/0003_history_views.sql").read_text(encoding="utf-8")
    named = [(int(place), metric, unit) for place, metric, unit in re.findall(r"\((\d+), '(\w+)', '(\w+)'\)", views)]
    assert named == [(place, metric.name, metric.unit) for place, metric in enumerate(METRICS, start=1)]
