"""What a person does with a payment: commands to matching, which owns it. The answer is shown at once (DESIGN §3 rule 11)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from services.portal import words
from services.portal.keeping.money import keep_credits
from services.portal.model import put_aside_of
from services.portal.office import Office
from services.portal.owners import OwnerAwayError, OwnerProblem, part
from services.portal.payment.proposals import Share
from services.portal.people import audit
from services.portal.people.roles import Session
from services.portal.web.refusals import Refusal
from shared import clock
from shared.events import Credit

Aside = Literal["not_a_fee", "cash_deposit", "to_return", "balance"]
ASIDES: Final[tuple[Aside, ...]] = get_args(Aside)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command: the credit as it is now, and whether this command made it so."""

    credit: Credit
    is_done: bool
    """False: somebody else was faster, and the credit is as they left it."""


async def match(office: Office, session: Session, credit: Credit, version: int, shares: Sequence[Share]) -> Outcome:
    """Give parts of a credit to notices; what is left over becomes the payer's balance."""
    body: dict[str, Any] = {"allocations": [{"notice_id": share.notice_id, "amount": share.amount} for share in shares]}
    detail = {"notices": [share.notice_id for share in shares], "amount": sum(share.amount for share in shares)}
    return await _allocate(office, session, credit, version, body, "matched", detail)


async def set_aside(office: Office, session: Session, credit: Credit, version: int, aside: Aside) -> Outcome:
    """Say that what is left of a credit pays no notice, and what it is."""
    parts = credit.suspense_parts.model_dump()
    rest = parts.pop("unidentified")
    name = "not_a_fee" if aside in {"not_a_fee", "cash_deposit"} else aside
    body: dict[str, Any] = {"allocations": [], "suspense": {**parts, name: parts[name] + rest}}
    if aside == "cash_deposit":
        # Known as such it clears the cash in hand, and is never counted as cashless.
        body["reason"] = aside
    return await _allocate(office, session, credit, version, body, "set_aside", {"as": aside, "amount": rest})


async def put_back(office: Office, session: Session, credit: Credit, version: int, reason: str) -> Outcome:
    """Let what a person set aside wait for a decision again, with a reason of the short list."""
    rest = credit.suspense_parts.unidentified + put_aside_of(credit)
    kept = {"not_a_fee": 0, "to_return": 0, "balance": 0, "unidentified": rest}
    body: dict[str, Any] = {"allocations": [], "suspense": credit.suspense_parts.model_dump() | kept}
    detail = {"amount": put_aside_of(credit), "reason": reason}
    return await _allocate(office, session, credit, version, body, "put_back", detail)


async def _allocate(
    office: Office,
    session: Session,
    credit: Credit,
    version: int,
    body: dict[str, Any],
    act: audit.Act,
    detail: dict[str, Any],
) -> Outcome:
    path = f"/credits/{part(credit.credit_id)}/allocations"
    key = key_of(credit.credit_id, version, body)
    try:
        answer = await office.owners.ask(session, "matching", "POST", path, body=body, version=version, key=key)
    except OwnerProblem as problem:
        return await _refused(office, session, credit, problem)
    except OwnerAwayError:
        raise _away(credit) from None
    return await _taken(office, session, answer.json(), act, detail)


async def move(office: Office, session: Session, credit: Credit, version: int, site_id: str, reason: str) -> Outcome:
    """Hand a credit to the site whose money it is; its people decide it from then on."""
    path, body = f"/credits/{part(credit.credit_id)}/site", {"site_id": site_id, "reason": reason}
    key = key_of(credit.credit_id, version, body)
    try:
        answer = await office.owners.ask(session, "matching", "PUT", path, body=body, version=version, key=key)
    except OwnerProblem as problem:
        return await _refused(office, session, credit, problem)
    except OwnerAwayError:
        raise _away(credit) from None
    return await _taken(office, session, answer.json(), "moved", {"to": site_id, "reason": reason})


async def undo(office: Office, session: Session, credit: Credit, version: int, allocation_id: str, reason: str) -> Outcome:
    """Take one allocation back, with a reason of the short list."""
    params = {"reason": reason}
    try:
        answer = await office.owners.ask(
            session, "matching", "DELETE", f"/allocations/{part(allocation_id)}", params=params, version=version
        )
    except OwnerProblem as problem:
        return await _refused(office, session, credit, problem)
    except OwnerAwayError:
        raise _away(credit) from None
    return await _taken(office, session, answer.json(), "undone", {"reason": reason})


async def set_document(office: Office, session: Session, credit: Credit, version: int, number: str) -> Outcome:
    """Record the number of the document that the unit's own system issued for money that was taken."""
    path = f"/credits/{part(credit.credit_id)}/document-number"
    try:
        answer = await office.owners.ask(session, "matching", "PUT", path, body={"document_number": number}, version=version)
    except OwnerProblem as problem:
        return await _refused(office, session, credit, problem)
    except OwnerAwayError:
        raise _away(credit) from None
    return await _taken(office, session, answer.json(), "document_set", {})


async def _taken(office: Office, session: Session, told: Any, act: audit.Act, detail: dict[str, Any]) -> Outcome:
    """Show what the owner answered before the topic brings it, and keep who did it."""
    credit = Credit.model_validate(told, strict=False)
    async with office.database.transaction() as connection:
        await keep_credits(connection, [credit])
        await audit.note(
            connection, session, act, clock.now(), site_id=credit.site_id, subject=credit.credit_id, detail=detail
        )
    office.watch.wake()
    return Outcome(credit, is_done=True)


async def _refused(office: Office, session: Session, credit: Credit, problem: OwnerProblem) -> Outcome:
    """Somebody was faster: the credit as they left it. Any other refusal is a sentence; raises Refusal."""
    if problem.status == 412:
        try:
            answer = await office.owners.ask(session, "matching", "GET", f"/credits/{part(credit.credit_id)}")
        except (OwnerProblem, OwnerAwayError):
            return Outcome(credit, is_done=False)
        now = Credit.model_validate(answer.json(), strict=False)
        async with office.database.transaction() as connection:
            await keep_credits(connection, [now])
        office.watch.wake()
        return Outcome(now, is_done=False)
    sentences = {
        "unknown_site": words.SITE_UNKNOWN,
        "more_than_open": words.queue.MORE_THAN_OPEN,
        "not_your_site": words.NOT_YOUR_SITE,
    }
    sentence = sentences.get(problem.kind, words.queue.NOT_POSSIBLE)
    raise Refusal(409, f"matching_{problem.kind}", sentence, f"/payments/{part(credit.credit_id)}")


def _away(credit: Credit) -> Refusal:
    return Refusal(502, "matching_away", words.queue.OWNER_AWAY, f"/payments/{part(credit.credit_id)}")


def key_of(credit_id: str, version: int, body: object) -> str:
    """The same act on the same version is the same command, however often it is sent: a double click matches once."""
    return hashlib.sha256(f"{credit_id}\n{version}\n{body}".encode()).hexdigest()
