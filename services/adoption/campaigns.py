"""What is told of campaigns: the share of payers before, during and after, there and elsewhere, with how sure it is."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.adoption.comparing import STRETCHES, difference, stretch_of, verdict, wilson
from services.adoption.queries import SMALL_GROUP
from shared.runtime.postgres import Connection

CLAIM = (
    "Chỉ so sánh các khoảng thời gian; không khẳng định nguyên nhân: vài xã không đủ để tách tác động của đợt vận động với mùa "
    "vụ hay đợt thu."
)

ALL_CAMPAIGNS = """
select c.*, (
  select name from units u where u.unit_code = c.unit_code order by valid_from desc limit 1
) as unit_name
from campaigns c order by starts_on desc, campaign_id limit 500
"""
# The first metric is the share of payers. By the primary key of figures.
FIGURES = """
select scope, window_kind, as_of, numerators[1] as cashless_payers, denominators[1] as all_payers
from figures where scope = any($1::text[])
"""


async def campaigns(connection: Connection, today: date, *, withhold_small: bool) -> list[dict[str, Any]]:
    """Every campaign, newest first."""
    rows = await connection.fetch(ALL_CAMPAIGNS)
    scopes = [f"{level}:{row['campaign_id']}" for row in rows for level in ("campaign", "elsewhere")]
    found = {
        (each["scope"], each["window_kind"], each["as_of"]): (each["cashless_payers"], each["all_payers"])
        for each in await connection.fetch(FIGURES, scopes)
    }
    return [_campaign(row, found, today, withhold_small=withhold_small) for row in rows]


def _campaign(
    row: Any, found: dict[tuple[str, str, date], tuple[int, int]], today: date, *, withhold_small: bool
) -> dict[str, Any]:
    counts: dict[str, dict[str, tuple[int, int]]] = {}
    told: dict[str, Any] = {}
    for place, level in (("there", "campaign"), ("elsewhere", "elsewhere")):
        counts[place] = {}
        for stretch in STRETCHES:
            days = stretch_of(stretch, row["starts_on"], row["ends_on"])
            count = found.get((f"{level}:{row['campaign_id']}", stretch, days.ends_on), (0, 0))
            counts[place][stretch] = count
            told.setdefault(stretch, {"from": days.starts_on, "to": days.ends_on, "is_over": days.ends_on < today})
            told[stretch][place] = _share(*count, withhold_small=withhold_small)
    there = counts["there"]
    changes = {}
    for stretch in ("during", "after"):
        between = difference(there["before"], there[stretch])
        small = withhold_small and min(there["before"][1], there[stretch][1]) < SMALL_GROUP
        changes[stretch] = {
            "verdict": verdict(there["before"], there[stretch]),
            "low": None if between is None or small else between.low,
            "high": None if between is None or small else between.high,
        }
    return {
        **{name: row[name] for name in ("campaign_id", "name", "kind", "unit_code", "unit_name", "starts_on", "ends_on")},
        "stretches": told,
        "change_of_share_payers": changes,
        "claim": CLAIM,
    }


def _share(cashless_payers: int, all_payers: int, *, withhold_small: bool) -> dict[str, Any]:
    if withhold_small and all_payers < SMALL_GROUP:
        return {
            "cashless_payers": None,
            "all_payers": None,
            "share_payers": None,
            "low": None,
            "high": None,
            "withheld": True,
        }
    interval = wilson(cashless_payers, all_payers)
    return {
        "cashless_payers": cashless_payers,
        "all_payers": all_payers,
        "share_payers": cashless_payers / all_payers if all_payers else None,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
    }
