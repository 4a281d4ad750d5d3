"""Days in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from services.portal import words
from services.portal.web.saying import time_words
from shared.events.reconciliation import CASH_ACCOUNT


@dataclass(frozen=True, slots=True)
class DayRow:
    """A site's business day on one account."""

    path: str
    day: date
    site_id: str
    account: str
    account_name: str
    is_cash: bool
    bank: int | None
    """What the bank says came in, in đồng; None without a statement."""
    heard: int
    matched: int
    suspense: int
    difference: int | None
    """The bank's figure less ours; a difference of either sign is one."""
    state: str
    state_words: str
    kind: str
    closed: str
    version: int
    entity: Mapping[str, Any]

    @property
    def is_green(self) -> bool:
        """Whether nothing is left: green at 0 only, of both signs."""
        return self.state in {"balanced", "closed"} and not self.difference


def day_row(entity: Mapping[str, Any], names: Mapping[str, str]) -> DayRow:
    """The line of a day."""
    is_cash = entity["account"] == CASH_ACCOUNT
    bank = entity.get("bank_credits")
    heard = entity["cash"] if is_cash else entity["credits"]
    return DayRow(
        path=path_of(entity["site_id"], entity["account"], entity["date"]),
        day=date.fromisoformat(entity["date"]),
        site_id=entity["site_id"],
        account=entity["account"],
        account_name=words.days.CASH if is_cash else entity["account"],
        is_cash=is_cash,
        bank=bank,
        heard=heard,
        matched=entity["allocated"],
        suspense=entity["suspense"],
        difference=None if bank is None else bank - entity["credits"],
        state=entity["state"],
        state_words=words.days.STATES[entity["state"]],
        kind=words.days.STATE_KINDS[entity["state"]],
        closed=_closed(entity, names),
        version=entity["version"],
        entity=entity,
    )


def path_of(site_id: str, account: str, day: str) -> str:
    """The page of a day."""
    return f"/days/{quote(site_id, safe='')}/{quote(account, safe='')}/{day}"


def _closed(entity: Mapping[str, Any], names: Mapping[str, str]) -> str:
    at, by = entity.get("closed_at"), str(entity.get("closed_by"))
    if not at:
        return ""
    time = time_words(datetime.fromisoformat(at))
    if by == "auto":
        return words.days.CLOSED_AUTO.format(time=time)
    return words.days.CLOSED_BY.format(who=names.get(by, by), time=time)


@dataclass(frozen=True, slots=True)
class DiscrepancyRow:
    """A difference as a line of the list of work."""

    discrepancy_id: str
    path: str
    version: int
    kind: str
    amount: int
    found_on: date
    due_on: date | None
    is_due: bool
    is_open: bool
    site_id: str
    day_path: str
    about: str
    reasons: Mapping[str, str]


def discrepancy_row(entity: Mapping[str, Any], today: date) -> DiscrepancyRow:
    """The line of a difference."""
    about, due = entity["about"], entity.get("due_on")
    account, day, site_id = about.get("account"), about.get("date"), entity["site_id"] or ""
    due_on = date.fromisoformat(due) if due else None
    reasons = words.days.REASONS_OF.get(entity["kind"], ("other",))
    return DiscrepancyRow(
        discrepancy_id=entity["discrepancy_id"],
        path=f"/discrepancies/{quote(entity['discrepancy_id'], safe='')}",
        version=entity["version"],
        kind=words.days.KINDS.get(entity["kind"], entity["kind"]),
        amount=entity["amount"],
        found_on=date.fromisoformat(entity["found_on"]),
        due_on=due_on,
        is_due=due_on is not None and due_on < today,
        is_open=entity["state"] == "open",
        site_id=site_id,
        day_path=path_of(site_id, account, day) if account and day and site_id else "",
        about=" · ".join(part for part in (account if account != CASH_ACCOUNT else words.days.CASH, _day(day)) if part),
        reasons={key: words.days.REASONS[key] for key in reasons},
    )


def _day(text: str | None) -> str:
    return f"{date.fromisoformat(text):%d/%m/%Y}" if text else ""
