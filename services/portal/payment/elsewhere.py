"""What of a payment's life its owners alone know: who received cash, and how money of it goes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from services.portal import words
from services.portal.asking import told
from services.portal.model import excess_of
from services.portal.office import Office
from services.portal.owners import part
from services.portal.people.roles import Session
from services.portal.web.refusals import Refusal
from services.portal.web.saying import day_words
from shared import clock
from shared.events import Credit
from shared.money import format_dong

# By audit_of_subject: reconciliation keeps that a refund was withdrawn, and not when.
WITHDRAWN = """
select subject, at, person_id from audit where subject = any($1::text[]) and act = 'refund' and detail ->> 'act' = 'withdraw'
"""


ON_ITS_WAY: Final = frozenset({"proposed", "approved", "listed"})
FORBIDDEN: Final = 403
"""An owner tells some roles (the administrator) less: that is no gap in what they may see."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a payment's life: when, by whom (None: nobody's), and its words, which name that person as `who`."""

    at: datetime
    person_id: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What the owners told."""

    received_by: str | None = None
    """Who took the cash, or handed in the report; None: not known, or no receipt."""
    refunds: Sequence[Step] = ()
    promised: int = 0
    """What of it is on its way back to the payer, in đồng: proposed or approved, and not paid out yet."""
    is_whole: bool = True
    """False: an owner did not answer, and steps may be missing."""

    @property
    def people(self) -> set[str]:
        """Who is named in it."""
        return {person for person in (self.received_by, *(step.person_id for step in self.refunds)) if person}


async def told_elsewhere(office: Office, session: Session, credit: Credit) -> Elsewhere:
    """Ask the owners, only where there is something to know: a page of a plain transfer asks nobody."""
    received_by, steps, promised, is_whole = None, list[Step](), 0, True
    try:
        if credit.channel != "bank":
            acts = await told(office, session, "matching", f"/credits/{part(credit.credit_id)}/acts")
            received_by = next((act["person"] for act in acts if act["act"] == "received"), None)
    except Refusal as refusal:
        is_whole = refusal.status == FORBIDDEN
    try:
        if excess_of(credit) or credit.suspense_parts.returned or credit.reversed_by:
            asked = {"credit": credit.credit_id, "site": [credit.site_id] if credit.site_id else []}
            found = (await told(office, session, "reconciliation", "/refunds", params=asked))["items"]
            async with office.bounded.reading(session.reach) as connection:
                withdrawn = await connection.fetch(WITHDRAWN, [each["refund_id"] for each in found])
            steps = [step for each in found for step in steps_of(each, withdrawn)]
            promised = sum(each["amount"] for each in found if each["state"] in ON_ITS_WAY)
    except Refusal as refusal:
        is_whole = is_whole and refusal.status == FORBIDDEN
    return Elsewhere(received_by, steps, promised, is_whole)


def steps_of(refund: Mapping[str, Any], withdrawn: Sequence[Mapping[str, Any]] = ()) -> list[Step]:
    """The steps of one refund as reconciliation tells it. Pure."""
    told_of = {
        "amount": format_dong(refund["amount"]), "why": words.cash.WHY.get(refund["why"], refund["why"]),
        "number": refund["document_number"] or "–",
        "day": day_words(date.fromisoformat(refund["paid_on"])) if refund["paid_on"] else "",
    }  # fmt: skip

    def step(at: datetime, person_id: str | None, name: str) -> Step:
        return Step(at, person_id, words.queue.LIFE_REFUND[name].format(who="{who}", **told_of))

    steps = [step(_moment(refund["proposed_at"]), refund["proposed_by"], "proposed")]
    if refund["decided_at"]:
        name = "refused" if refund["state"] == "refused" else "approved"
        steps.append(step(_moment(refund["decided_at"]), refund["decided_by"], name))
    if refund["listed_at"]:
        steps.append(step(_moment(refund["listed_at"]), refund["listed_by"], "listed"))
    if refund["paid_on"]:
        at = _moment(refund["paid_at"]) if refund["paid_at"] else clock.day_start(date.fromisoformat(refund["paid_on"]))
        steps.append(step(at, refund["handed_by"], refund["way"]))
    steps += [step(row["at"], row["person_id"], "withdrawn") for row in withdrawn if row["subject"] == refund["refund_id"]]
    return steps


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
