"""What a signed close says and what it is signed with. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from shared.events.reconciliation import CASH_ACCOUNT

_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


def month_of(subject: str) -> tuple[date, date]:
    """The first and last day of a month such as 2026-11; raises ValueError."""
    found = _MONTH.fullmatch(subject)
    if found is None:
        raise ValueError("a month is written as 2026-11")
    first = date(int(found[1]), int(found[2]), 1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def month_figures(days: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a month's closed days come to, account by account; every đồng stands on one day."""
    accounts: dict[str, dict[str, Any]] = {}
    for day in sorted(days, key=lambda day: (str(day["account"]), str(day["date"]))):
        account = accounts.setdefault(
            day["account"],
            {"opening": day["opening"], "credits": 0, "debits": 0, "allocated": 0, "suspense": 0, "cash": 0, "deposits": 0},
        )
        for name in ("credits", "debits", "allocated", "suspense", "cash", "deposits"):
            account[name] += day[name]
        account["closing"] = day["closing"]
        account["days"] = account.get("days", 0) + 1
        account["closed_with_reason"] = account.get("closed_with_reason", 0) + (day["close_reason"] is not None)
    # What was brought to the bank came in as cash before: it is received once.
    received = sum(account["credits"] - account["deposits"] for name, account in accounts.items() if name != CASH_ACCOUNT)
    received += accounts[CASH_ACCOUNT]["cash"] if CASH_ACCOUNT in accounts else 0
    return {"accounts": accounts, "received": received, "allocated": sum(each["allocated"] for each in accounts.values())}


def digest_of(content: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON: whoever holds a printed close can show that nothing was changed."""
    return hashlib.sha256(
        json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()
