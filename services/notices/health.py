"""What may be told of a patient's fee: that it is one. Pure.

Names of services never enter Khớp, and neither a ward ("Khoa Ung bướu"), nor a round named after a treatment ("Chạy thận"), nor a
case's number may leave the site: they stand on slips, on a page that relatives open, and on topics.
"""

from __future__ import annotations

import re
from typing import Any, Final

from shared.events import Site
from shared.vietnamese import search_key

HEALTH_PURPOSE: Final = "Viện phí"
"""All that is ever told of what a patient pays for."""
_TIME_WORD: Final = re.compile(r"thang|quy|nam|ngay|tuan|dot|ky")
_TIME_PART: Final = re.compile(r"t?\d+|[ivx]+|thang|quy|nam|ngay|tuan|dot|ky|tu|den")


def is_discreet(site: Site | None) -> bool:
    """Whether what this site's notices are for is nobody's business."""
    return site is not None and site.type == "health"


def discreet(round_: str | None, period: str | None) -> dict[str, Any]:
    """A patient's notice without what tells of an illness; a round and a period that name a time only stay."""
    return {
        "purpose": HEALTH_PURPOSE,
        "group": None,
        "round": round_ if is_time(round_) and _TIME_WORD.search(search_key(round_ or "")) else None,
        "period": period if is_time(period) else None,
    }


def is_time(text: str | None) -> bool:
    """Whether a text names a time and nothing else: "Tháng 11/2026", "2026-11"."""
    parts = re.findall(r"\w+", search_key(text or ""))
    return bool(parts) and all(_TIME_PART.fullmatch(part) for part in parts)
