"""What panels ask: Prometheus for how it is now, and the views of PostgreSQL's role `history` for how it came."""

from __future__ import annotations

from typing import Any

from grafana_foundation_sdk.builders import prometheus
from grafana_foundation_sdk.cog import builder as cogbuilder
from grafana_foundation_sdk.cog import variants as cogvariants
from grafana_foundation_sdk.models.dashboard import DataSourceRef
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

PROMETHEUS = DataSourceRef(type_val="prometheus", uid="prometheus")
HISTORY = DataSourceRef(type_val="grafana-postgresql-datasource", uid="history")

Target = cogbuilder.Builder[cogvariants.Dataquery]


def now(expr: str, legend: str = "") -> prometheus.Dataquery:
    """A question to Prometheus, drawn over time."""
    return prometheus.Dataquery().expr(expr).legend_format(legend or "__auto").datasource(PROMETHEUS)


def at_once(expr: str, legend: str = "") -> prometheus.Dataquery:
    """A question to Prometheus about this moment."""
    return now(expr, legend).instant()


def rows_now(expr: str) -> prometheus.Dataquery:
    """A question to Prometheus about this moment, whose labels become columns."""
    return at_once(expr).format(PromQueryFormat.TABLE)


class SqlQuery(cogvariants.Dataquery):
    """A question to PostgreSQL. The SDK has no builder for it; the fields are those that Grafana itself writes."""

    def __init__(self, sql: str, form: str) -> None:
        self.ref_id = ""
        self._sql, self._form = sql, form

    def to_json(self) -> dict[str, Any]:
        """As it stands in a dashboard."""
        return {
            "refId": self.ref_id,
            "datasource": HISTORY.to_json(),
            "editorMode": "code",
            "format": self._form,
            "rawQuery": True,
            "rawSql": self._sql,
        }


class SqlTarget(cogbuilder.Builder[cogvariants.Dataquery]):
    """Builds a SqlQuery, as the SDK's builders do."""

    def __init__(self, sql: str, form: str) -> None:
        self._query = SqlQuery(" ".join(sql.split()), form)

    def ref_id(self, ref_id: str) -> SqlTarget:
        """Give it the name by which a panel tells its questions apart."""
        self._query.ref_id = ref_id
        return self

    def build(self) -> cogvariants.Dataquery:
        """The question."""
        return self._query


def past(sql: str) -> SqlTarget:
    """A question to the views whose answer is drawn over `time`; a text column names the series."""
    return SqlTarget(sql, "time_series")


def rows(sql: str) -> SqlTarget:
    """A question to the views whose answer is a table."""
    return SqlTarget(sql, "table")


IN_TIME = "as_of between $__timeFrom()::date and $__timeTo()::date"
"""The days that the dashboard shows."""
NEWEST = "as_of = least(current_date, $__timeTo()::date)"
"""The last day that the dashboard shows, or today."""
