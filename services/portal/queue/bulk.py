"""Matching what is ticked, after a summary: each as its first suggestion says, at the version that was seen."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from services.portal import words
from services.portal.office import Office
from services.portal.payment import acts
from services.portal.payment.loading import Loaded, credits_by_id, load
from services.portal.payment.proposals import Proposal, proposals_of, propose, undecided
from services.portal.people.roles import Session
from services.portal.queue import ticks
from services.portal.web.refusals import Refusal
from shared.events import Credit
from shared.runtime.postgres import Connection

MOST: Final = 100
"""What one summary shows and one click matches: more than that nobody reads."""
AT_ONCE: Final = 8
"""Commands under way at the same time."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A ticked credit with the suggestion that will be taken."""

    credit: Credit
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Other:
    """A ticked credit that has to be looked at, and why."""

    credit: Credit
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What matching all that is ticked would do."""

    loaded: Loaded
    ready: Sequence[Ready] = ()
    others: Sequence[Other] = ()
    waits_for_next: int = 0
    """Ticked ones beyond MOST."""

    @property
    def amount(self) -> int:
        """The sum of the credits that would be matched, in đồng."""
        return sum(each.credit.amount for each in self.ready)

    @property
    def shown(self) -> str:
        """What the summary shows, for the form that confirms it."""
        return written_shown([(each.credit.credit_id, each.credit.version) for each in self.ready])


@dataclass(slots=True)
class Result:
    """What became of a plan."""

    settled: list[str] = field(default_factory=list)
    count: int = 0
    amount: int = 0
    failed: int = 0


async def plan_of(connection: Connection, person_id: str) -> Plan:
    """The plan for what a person has ticked."""
    ticked = [tick for tick in await ticks.of_person(connection, person_id) if tick.waits]
    chosen = {tick.credit_id: tick for tick in ticked[:MOST]}
    loaded = await load(connection, await credits_by_id(connection, chosen))
    ready: list[Ready] = []
    others: list[Other] = []
    left: dict[str, int] = {}
    for credit in loaded.credits:
        proposals = proposals_of(credit, loaded)
        if chosen[credit.credit_id].is_changed:
            others.append(Other(credit, words.queue.BULK_CHANGED))
        elif not proposals or proposals[0].place or not _still_fits(credit, proposals[0], left):
            others.append(Other(credit, words.queue.BULK_UNCLEAR))
        else:
            ready.append(Ready(credit, proposals[0]))
    return Plan(loaded, ready, others, max(0, len(ticked) - MOST))


def _still_fits(credit: Credit, proposal: Proposal, left: dict[str, int]) -> bool:
    """Whether the suggestion stands beside those before it in the same plan: two credits must not pay one notice twice."""
    if not proposal.can_be_accepted:
        return False
    opened = {notice.notice_id: left.get(notice.notice_id, notice.open) for notice in proposal.notices}
    if any(opened[share.notice_id] < share.amount for share in proposal.shares):
        return False
    for share in proposal.shares:
        left[share.notice_id] = opened[share.notice_id] - share.amount
    return propose(undecided(credit), proposal.notices).kind == proposal.kind


async def carry_out(office: Office, session: Session, plan: Plan, seen: Mapping[str, int]) -> Result:
    """Match what was seen in the summary and still is so."""
    result = Result()
    room = asyncio.Semaphore(AT_ONCE)

    async def one(ready: Ready) -> None:
        credit = ready.credit
        if seen.get(credit.credit_id) != credit.version:
            return
        async with room:
            try:
                outcome = await acts.match(office, session, credit, credit.version, ready.proposal.shares)
            except Refusal:
                result.failed += 1
                return
        if outcome.is_done:
            result.settled.append(credit.credit_id)
            result.count += 1
            result.amount += credit.amount
        else:
            result.failed += 1

    async with asyncio.TaskGroup() as group:
        for ready in plan.ready:
            group.create_task(one(ready))
    missing = set(seen) - {ready.credit.credit_id for ready in plan.ready}
    async with office.bounded.reading(session.reach) as connection:
        others = {credit.credit_id: credit for credit in await credits_by_id(connection, missing)}
    for credit_id in missing:
        other = others.get(credit_id)
        if other is not None and _is_own_act(other, seen[credit_id], session):
            result.count += 1
            result.amount += other.amount
        else:
            result.failed += 1
    result.settled += missing
    return result


def _is_own_act(credit: Credit, seen: int, session: Session) -> bool:
    """Whether this very person matched the credit just after it was seen: the form was sent twice."""
    own = {each.decided_by for each in credit.allocations} == {session.person.person_id}
    return own and credit.version == seen + 1


def written_shown(shown: Sequence[tuple[str, int]]) -> str:
    """Credits and versions as a form carries them."""
    return " ".join(f"{credit_id}~{version}" for credit_id, version in shown)


def read_shown(text: str) -> list[tuple[str, int]]:
    """Read what `written_shown` wrote; what is no such thing is passed over."""
    found = []
    for word in text.split()[: 2 * MOST]:
        credit_id, _, version = word.rpartition("~")
        if credit_id and version.isascii() and version.isdecimal() and len(version) < 10:
            found.append((credit_id, int(version)))
    return found
