"""The whole life of a payment, in the order in which it happened. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from services.portal import words
from services.portal.model import NO_SITE
from services.portal.payment.elsewhere import Elsewhere
from services.portal.payment.loading import Loaded
from services.portal.payment.views import Reader, notice_row
from services.portal.people.details import details_of
from services.portal.web.saying import time_words
from shared.events import Credit
from shared.money import format_dong

NOTHING: Final = Elsewhere()
LATE: Final = timedelta(minutes=10)
"""A bank's message takes seconds; from here on it is worth saying."""
_TOLD_ELSEWHERE: Final = frozenset({"matched", "undone", "noted"})
"""Acts of the audit that the payment itself tells better."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened to a payment."""

    at: datetime
    time: str
    text: str


def life_of(
    credit: Credit, loaded: Loaded, audit_rows: Sequence[Mapping[str, Any]], names: Mapping[str, str], reader: Reader,
    elsewhere: Elsewhere = NOTHING, sites: Mapping[str, str] | None = None,
) -> list[Moment]:  # fmt: skip
    """Message, transaction, decisions, notes, refunds, who looked and who changed what; `sites`: what the audit's sites are called."""
    found = _begins(credit, elsewhere, names)
    found += _seen(credit, loaded)
    found += [(step.at, step.text.format(who=_who(step.person_id, names))) for step in elsewhere.refunds]
    found += _corrected(credit, loaded, names)
    found += _decided(credit, loaded, names, reader)
    for note in loaded.notes.get(credit.credit_id, ()):
        found.append((note.written_at, words.queue.LIFE_NOTE.format(who=_who(note.person_id, names), text=note.text)))
    for row in audit_rows:
        if row["act"] not in _TOLD_ELSEWHERE:
            act = words.people.ACTS.get(row["act"], row["act"])
            details = " · ".join(details_of(row["act"], row["detail"], sites or {}))
            text = words.queue.LIFE_AUDIT.format(who=_who(row["person_id"], names), act=act)
            found.append((row["at"], f"{text}: {details}" if details else text))
    return [Moment(at, time_words(at), text) for at, text in sorted(found, key=lambda each: each[0])]


def _begins(credit: Credit, elsewhere: Elsewhere, names: Mapping[str, str]) -> list[tuple[datetime, str]]:
    """How the money came, and who took it where it came over no account."""
    if credit.direction == "out":
        return [(credit.occurred_at, words.queue.LIFE_OUT)]
    begins = (credit.occurred_at, words.queue.LIFE_BEGINS[credit.channel])
    if elsewhere.received_by is None or credit.channel == "bank":
        return [begins]
    text = words.queue.LIFE_RECEIVED[credit.channel].format(
        who=_who(elsewhere.received_by, names), number=credit.document_number or "–"
    )
    # What was paid on the portal is told here days later, by whoever handed in its report.
    return [begins, (credit.received_at, text)] if credit.channel == "portal" else [(credit.occurred_at, text)]


def _seen(credit: Credit, loaded: Loaded) -> list[tuple[datetime, str]]:
    transaction = loaded.transactions.get(credit.credit_id)
    if transaction is None:
        return []
    told = []
    for sighting in transaction.sightings:
        provider = words.queue.PROVIDERS.get(sighting.provider, sighting.provider)
        text = words.queue.LIFE_SEEN[sighting.seen_by].format(provider=provider)
        late = sighting.received_at - transaction.occurred_at
        if late >= LATE:
            text += f" ({words.queue.LIFE_LATE.format(minutes=late // timedelta(minutes=1))})"
        told.append((sighting.received_at, text))
    return told


def _corrected(credit: Credit, loaded: Loaded, names: Mapping[str, str]) -> list[tuple[datetime, str]]:
    transaction = loaded.transactions.get(credit.credit_id)
    if transaction is None or not transaction.corrections:
        return []
    corrections = transaction.corrections
    after = [*(each.amount for each in corrections[1:]), transaction.amount]
    return [
        (
            each.corrected_at,
            words.queue.LIFE_CORRECTED.format(
                wrong=format_dong(each.amount), right=format_dong(right), who=_who(each.corrected_by, names)
            ),
        )
        for each, right in zip(corrections, after, strict=True)
    ]


def _decided(credit: Credit, loaded: Loaded, names: Mapping[str, str], reader: Reader) -> list[tuple[datetime, str]]:
    told = []
    # Of a deposit that was used in part the part is told, and what goes back; not the whole and then the part again.
    kept = {(each.notice_id, each.decided_at) for each in credit.allocations}
    matched = [each for each in credit.undone if not each.settled or (each.notice_id, each.decided_at) not in kept]
    for each in (*credit.allocations, *matched):
        what = _what(each.notice_id, loaded, reader)
        amount = format_dong(each.amount)
        text = words.queue.LIFE_MATCHED.format(who=_who(each.decided_by, names), amount=amount, what=what)
        told.append((each.decided_at, text))
    for gone in credit.undone:
        reason = words.queue.UNDO_REASONS.get(gone.reason, gone.reason)
        what = _what(gone.notice_id, loaded, reader)
        amount = format_dong(gone.amount)
        if gone.settled is not None:
            back = format_dong(gone.settled.to_return)
            who = _who(gone.settled.by, names)
            told.append((gone.undone_at, words.queue.LIFE_SETTLED.format(who=who, amount=back, what=what)))
            continue
        text = words.queue.LIFE_UNDONE.format(who=_who(gone.undone_by, names), amount=amount, what=what, reason=reason)
        told.append((gone.undone_at, text))
    return told


def _what(notice_id: str, loaded: Loaded, reader: Reader) -> str:
    notice = loaded.notices.get(notice_id)
    if notice is None:
        return words.NOTICE_UNKNOWN
    row = notice_row(notice, reader)
    return f"{row.fee} ({row.who})"


def _who(person_id: str | None, names: Mapping[str, str]) -> str:
    if person_id in {"auto", NO_SITE, None}:
        return words.queue.SYSTEM[:1].upper() + words.queue.SYSTEM[1:]
    return names.get(str(person_id), str(person_id))
