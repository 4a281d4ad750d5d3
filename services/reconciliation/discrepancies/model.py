"""What each kind of discrepancy is: whose it is, by when it is due, how a person may settle it; and its versions. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from services.reconciliation.model import AUTOMATON, Finding
from shared.events import Discrepancy
from shared.events.reconciliation import DiscrepancyAbout, DiscrepancyKind

LISTED_MAX = 100
"""Most transactions that one discrepancy names."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How a kind is dealt with."""

    owner_role: str
    reasons: tuple[str, ...]
    """What a person may say when settling it; by itself it is settled when its cause is gone."""


STATEMENT_IS_RIGHT: Final = "statement_is_right"
"""The one reason that changes something: ingest corrects the transaction (docs/adr/0015)."""
_SEEN: Final = ("checked_with_bank", "other")
POLICIES: Final[Mapping[DiscrepancyKind, Policy]] = {
    "missing_webhook": Policy("admin", ("feed_repaired", "provider_informed", "other")),
    "missing_on_statement": Policy("accountant", ("bank_posts_later", "bank_reversed_it", *_SEEN)),
    # Not the first: pages offer the first where nobody chooses, and this one changes the ledger.
    "amount_differs": Policy("accountant", ("bank_fee", "message_is_right", STATEMENT_IS_RIGHT, *_SEEN)),
    "duplicate_suspected": Policy("accountant", ("two_payments", *_SEEN)),
    "unrouted_account": Policy("admin", ("not_ours", "account_closed", "other")),
    "suspense_old": Policy("accountant", ("payer_asked", "waits_for_payer", "not_a_fee", "other")),
    "balance_break": Policy("accountant", ("bank_fee", "statement_missing", "balances_unreliable", *_SEEN)),
    "silent_site": Policy("admin", ("no_collection_now", "feed_repaired", "account_changed", "other")),
    "undecided_transaction": Policy("admin", ("other",)),
    "cash_difference": Policy("head", ("change_error", "receipt_missing", "counterfeit", "made_good", "other")),
    "deposit_exceeds_cash": Policy("accountant", ("receipts_outside", "opening_cash", "other")),
}

DUE_WITHIN: Final = ((50_000_000, timedelta(days=1)), (5_000_000, timedelta(days=3)), (500_000, timedelta(days=7)))
"""The larger, the sooner: from so many đồng on, so soon."""
DUE_LATEST: Final = timedelta(days=14)
"""However small: after this the oldest small one stands before every new large one in a list by due date."""


def due_on(amount: int, found_on: date) -> date:
    """By when a discrepancy of this many đồng should be settled."""
    within = next((days for least, days in DUE_WITHIN if abs(amount) >= least), DUE_LATEST)
    return found_on + within


def next_discrepancies(
    published: Mapping[str, Discrepancy],
    scopes: Mapping[str, str],
    found: Iterable[Finding],
    looked_at: Collection[str],
    as_of: date,
    at: datetime,
) -> list[Discrepancy]:
    """New versions. What is found (again) is open, unless a person settled just this; what was open in a scope that was
    looked at and is found there no more is settled.

    `scopes` tells the scope of each published one.
    """
    changed = []
    findings = {each.discrepancy_id: each for each in found}
    for discrepancy_id, finding in findings.items():
        after = _found(discrepancy_id, finding, published.get(discrepancy_id), as_of)
        if after is not None:
            changed.append(after)
    for discrepancy_id, before in published.items():
        if discrepancy_id not in findings and before.state == "open" and scopes[discrepancy_id] in looked_at:
            changed.append(settled(before, AUTOMATON, at, None))
    return sorted(changed, key=lambda each: each.discrepancy_id)


def settled(before: Discrepancy, by: str, at: datetime, reason: str | None) -> Discrepancy:
    """The next version of one that has ended."""
    ended = {"state": "settled", "settled_by": by, "settled_at": at, "settled_reason": reason}
    return before.model_copy(update={"version": before.version + 1, **ended})


def stands(finding: Finding, published: Discrepancy | None) -> bool:
    """Whether it is a difference still: no person has settled just this one.

    Where a person had the transaction corrected, it is one until the correction arrives: no day closes on the wrong amount.
    """
    if published is None or published.settled_reason == STATEMENT_IS_RIGHT:
        return True
    return not _is_settled_by_person(published, finding)


def aged(before: Discrepancy, as_of: date) -> Discrepancy:
    """The next version of an open one on a new date."""
    return before.model_copy(update={"version": before.version + 1, "age_days": _age(before.found_on, as_of)})


def _is_settled_by_person(published: Discrepancy, finding: Finding) -> bool:
    by_person = published.state == "settled" and published.settled_by != AUTOMATON
    return by_person and published.amount == finding.amount


def _found(discrepancy_id: str, finding: Finding, before: Discrepancy | None, as_of: date) -> Discrepancy | None:
    if before is not None and _is_settled_by_person(before, finding):
        return None
    is_new = before is None or before.state == "settled"
    found_on = as_of if is_new or before is None else before.found_on
    after = Discrepancy(
        discrepancy_id=discrepancy_id,
        version=before.version if before else 1,
        site_id=finding.key.site_id or None,
        kind=finding.kind,
        amount=finding.amount,
        found_on=found_on,
        age_days=_age(found_on, as_of),
        state="open",
        about=DiscrepancyAbout(
            transaction_ids=finding.transaction_ids[:LISTED_MAX],
            credit_ids=finding.credit_ids[:LISTED_MAX],
            statement_id=finding.statement_id,
            account=finding.key.account,
            date=finding.about_date or finding.key.date,
        ),
        due_on=due_on(finding.amount, found_on),
        owner_role=POLICIES[finding.kind].owner_role,
        owner=before.owner if before else None,
    )
    if before is None:
        return after
    return None if after == before else after.model_copy(update={"version": before.version + 1})


def _age(found_on: date, as_of: date) -> int:
    return max(0, (as_of - found_on).days)
