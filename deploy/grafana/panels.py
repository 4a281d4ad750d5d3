"""The few kinds of panel that the dashboards are made of; each has a title, a description and a unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_uppercase
from typing import Any

from grafana_foundation_sdk.builders import bargauge, common, dashboard, stat, table, text, timeseries
from grafana_foundation_sdk.cog import builder as cogbuilder
from grafana_foundation_sdk.models.common import BarGaugeDisplayMode, LegendDisplayMode, LegendPlacement, VizOrientation
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DynamicConfigValue, Panel
from grafana_foundation_sdk.models.text import TextMode

from deploy.grafana.queries import HISTORY, PROMETHEUS, SqlTarget, Target

SHARE, DONG, SECONDS, COUNT, PER_SECOND = "percentunit", "currencyVND", "s", "short", "reqps"
WIDTH = 24

PanelBuilder = cogbuilder.Builder[Panel]


def number(title: str, says: str, unit: str, *targets: Target, width: int = 4) -> PanelBuilder:
    """One number now."""
    panel = stat.Panel().unit(unit).height(4).span(width).no_value("chưa có dữ liệu")
    return _with(panel, title, says, targets)


def over_time(title: str, says: str, unit: str, *targets: Target, width: int = 12) -> PanelBuilder:
    """Lines over time."""
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.TABLE).placement(LegendPlacement.RIGHT)
    legend = legend.show_legend(True).calcs(["lastNotNull"])
    panel = timeseries.Panel().unit(unit).height(9).span(width).legend(legend).span_nulls(True)
    if unit == SHARE:
        panel = panel.min(0).max(1)
    return _with(panel, title, says, targets)


def ranking(title: str, says: str, unit: str, *targets: Target, width: int = 12) -> PanelBuilder:
    """Bars, the longest first: a ranking that needs no map."""
    panel = bargauge.Panel().unit(unit).height(9).span(width).orientation(VizOrientation.HORIZONTAL)
    panel = panel.display_mode(BarGaugeDisplayMode.GRADIENT)
    if unit == SHARE:
        panel = panel.min(0).max(1)
    return _with(panel, title, says, targets)


def listing(
    title: str, says: str, unit: str, *targets: Target, units: Mapping[str, str] | None = None, width: int = WIDTH
) -> PanelBuilder:
    """A table; `units` are those of columns whose unit is another than the panel's."""
    panel = table.Panel().unit(unit).height(10).span(width)
    for column, other in (units or {}).items():
        panel = panel.override_by_name(column, [DynamicConfigValue(id_val="unit", value=other)])
    return _with(panel, title, says, targets)


def words(title: str, says: str, *, height: int = 4, width: int = WIDTH) -> PanelBuilder:
    """A few sentences."""
    panel = text.Panel().title(title).description(says).mode(TextMode.MARKDOWN).content(says).unit("none")
    return panel.height(height).span(width)


def _with(panel: Any, title: str, says: str, targets: Sequence[Target]) -> PanelBuilder:
    panel = panel.title(title).description(says)
    panel = panel.datasource(HISTORY if isinstance(targets[0], SqlTarget) else PROMETHEUS)
    for letter, target in zip(ascii_uppercase, targets, strict=False):
        named: Any = target
        panel = panel.with_target(named.ref_id(letter))
    built: PanelBuilder = panel
    return built


def a_dashboard(uid: str, title: str, says: str, tag: str, *, since: str, refresh: str = "30s") -> dashboard.Dashboard:
    """An empty dashboard, in the time of the district."""
    return (
        dashboard.Dashboard(title)
        .uid(uid)
        .description(says)
        .tags(["khop", tag])
        .timezone("Asia/Ho_Chi_Minh")
        .time(since, "now")
        .refresh(refresh)
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .readonly()
    )


def a_choice(name: str, label: str, says: str, sql: str) -> dashboard.QueryVariable:
    """A list to choose one from, whose rows are (__text, __value)."""
    return dashboard.QueryVariable(name).label(label).description(says).datasource(HISTORY).query(" ".join(sql.split()))


def a_row(title: str) -> dashboard.Row:
    """A heading."""
    return dashboard.Row(title)
