"""Published figures over time, by scope, and carried across mergers where that is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from services.adoption.metrics import METRICS, POSITIONS
from services.adoption.model import UNKNOWN, Range, Units, window_range
from services.adoption.places import all_units
from services.adoption.queries import SMALL_GROUP, TYPE_NAMES, UNKNOWN_NAME, names_of
from shared.events.adoption import ALL, Window
from shared.runtime.postgres import Connection

By = Literal[
    "province", "district", "commune", "village", "site", "type", "provider", "bank", "campaign", "elsewhere"
]  # fmt: skip
UNITS = frozenset({"province", "district", "commune", "village"})
POINTS_MAX = 50_000
"""A limit on what one answer may hold."""
DEFINITIONS = {metric.name: metric for metric in METRICS}

# Of a cell the payers stand beside, by which a small group is known. By figures_by_day; with a scope by the primary key.
FIGURES = """
select scope, site_type, as_of, numerators[$8] as numerator, denominators[$8] as denominator,
  greatest(denominators[$9], denominators[$10]) as payers
from figures
where window_kind = $1 and as_of between $2 and $3 and fee_kind = $4 and scope like $5 and denominators[$8] > 0
  and ($6::text[] is null or scope = any($6::text[])) and (site_type = $7 or scope like 'type:%')
order by scope, as_of limit $11
"""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the figures."""

    metric: str
    by: By
    days: Range
    window: Window
    code: str | None = None
    site_type: str = ALL
    fee_kind: str = ALL
    carried: bool = False
    sites: Sequence[str] | None = None
    """The sites to which the caller is bound."""
    withhold_small: bool = False


@dataclass(slots=True)
class Series:
    """One scope's figures, oldest first. A point is `partial` where its unit was younger than its window: just after a merger
    a window of 30 days holds fewer, in a carried series too, since payers of two units do not add up.
    """

    code: str
    name: str
    points: list[dict[str, Any]] = field(default_factory=list)
    carried_from: list[str] = field(default_factory=list)
    """Units of before a merger whose days it takes in."""
    divided: list[str] = field(default_factory=list)
    """Units of before that it cannot take in, because they were divided among several."""

    def as_json(self) -> dict[str, Any]:
        """As the API tells it."""
        return {
            "scope": self.code, "name": self.name, "points": self.points, "carried_from": self.carried_from,
            "divided": self.divided,
        }  # fmt: skip


class TooMuchError(Exception):
    """The answer would hold more points than one may."""


async def read_series(connection: Connection, question: Question) -> list[Series]:
    """The figures that were asked for; raises TooMuchError."""
    units = await all_units(connection) if question.by in UNITS else None
    wanted = _wanted(question, units)
    rows = await connection.fetch(
        FIGURES, question.window, question.days.starts_on, question.days.ends_on, question.fee_kind, f"{question.by}:%",
        wanted, question.site_type, POSITIONS[question.metric] + 1, POSITIONS["cashless_share_payers"] + 1,
        POSITIONS["payer_adoption"] + 1, POINTS_MAX + 1,
    )  # fmt: skip
    if len(rows) > POINTS_MAX:
        raise TooMuchError
    names = await _names(connection, question)
    points: dict[str, dict[date, dict[str, Any]]] = {}
    for row in rows:
        code = row["scope"].partition(":")[2]
        point = _point(row, question)
        if units is not None and not units.stands(code, window_range(question.window, row["as_of"]).starts_on):
            point["partial"] = True
        points.setdefault(code, {})[row["as_of"]] = point
    if units is None or not question.carried:
        return [Series(code, _name(code, names), [*found.values()]) for code, found in sorted(points.items())]
    return _carried(question, units, points, names)


def _wanted(question: Question, units: Units | None) -> list[str] | None:
    """The scopes to read; None: all of the level."""
    if question.by == "site" and question.sites is not None:
        codes = [each for each in question.sites if question.code in {None, each}]
    elif question.code is not None:
        codes = [question.code]
        if units is not None and question.carried:
            codes += [code for code, _ in units.carried(question.code).parts]
    else:
        return None
    return [f"{question.by}:{code}" for code in codes]


def _carried(
    question: Question,
    units: Units,
    points: Mapping[str, Mapping[date, dict[str, Any]]],
    names: Mapping[str, str],
) -> list[Series]:
    """Each unit that stands at the end, with the days of those that became part of it added up."""
    found = []
    standing = [question.code] if question.code else [code for code in points if units.stands(code, question.days.ends_on)]
    for code in sorted(standing):
        carried = units.carried(code)
        by_day: dict[date, list[dict[str, Any]]] = {}
        sources = set()
        for part, days in carried.parts:
            for as_of, point in points.get(part, {}).items():
                if days.starts_on <= as_of <= days.ends_on:
                    by_day.setdefault(as_of, []).append(point)
                    sources.add(part)
        merged = [_merged(as_of, each) for as_of, each in sorted(by_day.items())]
        found.append(Series(code, _name(code, names), merged, sorted(sources - {code}), list(carried.divided)))
    return found


def _merged(as_of: date, points: Sequence[dict[str, Any]]) -> dict[str, Any]:
    if len(points) == 1:
        return points[0]
    if any(each.get("withheld") for each in points):
        return _withheld(as_of)
    merged = _told(as_of, sum(each["numerator"] for each in points), sum(each["denominator"] for each in points))
    return {**merged, "partial": True} if any(each.get("partial") for each in points) else merged


def _point(row: Mapping[str, Any], question: Question) -> dict[str, Any]:
    of_sites = DEFINITIONS[question.metric].name in {"site_coverage", "sites_gone_quiet"}
    if question.withhold_small and not of_sites and question.by not in {"provider", "bank"} and row["payers"] < SMALL_GROUP:
        return _withheld(row["as_of"])
    return _told(row["as_of"], row["numerator"], row["denominator"])


def _told(as_of: date, numerator: int, denominator: int) -> dict[str, Any]:
    value = numerator / denominator if denominator else None
    return {"as_of": as_of, "numerator": numerator, "denominator": denominator, "value": value}


def _withheld(as_of: date) -> dict[str, Any]:
    return {"as_of": as_of, "numerator": None, "denominator": None, "value": None, "withheld": True}


async def _names(connection: Connection, question: Question) -> Mapping[str, str]:
    if question.by == "type":
        return TYPE_NAMES
    if question.by == "site" or question.by in UNITS:
        return await names_of(connection, question.by, question.days, question.sites)
    if question.by in {"campaign", "elsewhere"}:
        return {row["campaign_id"]: row["name"] for row in await connection.fetch("select campaign_id, name from campaigns")}
    return {}


def _name(code: str, names: Mapping[str, str]) -> str:
    return names.get(code, UNKNOWN_NAME if code == UNKNOWN else code)
