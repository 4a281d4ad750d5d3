"""What accountants do with what the automaton left or got wrong: they know their payers, and so the truth."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from deploy.demo.api import DemoError, Installation
from deploy.demo.year.plan import Act, Way

AT_ONCE = 8
DECIDED_WITHIN_S = 120.0
ROUNDS = 6
"""So often the clerks look again: what one takes back, the automaton may give to another."""
_LOOK_EVERY_S = 0.3


class Clerks:
    """The accountants of all sites."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    async def work_off(self, acts: Sequence[Act], leave_waiting: date) -> None:
        """Bring every credit to what its payer meant. Raises DemoError where that cannot be."""
        doubtful = [act for act in _doubtful(acts) if not (act.way is Way.WITHOUT_A_WORD and act.at.date() >= leave_waiting)]
        await self._each(acts, self._wait_for_decision)
        wrong: list[Act] = doubtful
        for _ in range(ROUNDS):
            # First what stands in the way, then what was meant: a fee must be open before it can be paid.
            await self._each(wrong, self._take_back)
            wrong = [act for act, done in zip(wrong, await self._each(wrong, self._apply), strict=True) if not done]
            if not wrong:
                return
        raise DemoError(f"{len(wrong)} credits could not be brought to what was meant, the first of {wrong[0].way}")

    async def _each(self, acts: Sequence[Act], work: Any) -> list[Any]:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(act: Act) -> Any:
            async with gate:
                return await work(act)

        return list(await asyncio.gather(*(one(act) for act in acts)))

    async def _wait_for_decision(self, act: Act) -> None:
        """Every movement of which a plain payment's fate depends is in the ledger before anybody decides by hand."""
        if act.channel != "bank":
            return
        deadline = time.monotonic() + DECIDED_WITHIN_S
        while await self._installation.credit(act.movement_id) is None:
            if time.monotonic() > deadline:
                raise DemoError(f"a movement ({act.way}, {act.fate}) is not in the ledger after {DECIDED_WITHIN_S:.0f} s")
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _take_back(self, act: Act) -> None:
        """Undo what the automaton applied to other fees than were meant, or in other parts."""
        credit = await self._known(act)
        for each in credit["allocations"]:
            if act.pays.get(each["notice_id"]) != each["amount"]:
                credit = await self._installation.undo(each["allocation_id"], credit["version"], "nộp nhầm phiếu")
                if each["decided_by"] == "auto":
                    act.taken_back.append((each["notice_id"], each["amount"]))

    async def _apply(self, act: Act) -> bool:
        """Apply what is missing, and say what the rest is; whether all is as it was meant."""
        credit = await self._known(act)
        held = {each["notice_id"]: each["amount"] for each in credit["allocations"]}
        missing = {notice_id: amount for notice_id, amount in act.pays.items() if notice_id not in held}
        rest = act.amount - sum(held.values()) - sum(missing.values())
        part = "not_a_fee" if not act.is_payment else "to_return"
        said = not missing and held == act.pays and (rest == 0 or credit["suspense_parts"][part] == rest)
        if said or act.direction == "out":
            return True
        body = {
            "allocations": [{"notice_id": notice_id, "amount": amount} for notice_id, amount in sorted(missing.items())],
            "suspense": {part: rest} if rest else None,
        }
        answer = await self._installation.allocate(act.movement_id, credit["version"], body, str(uuid.uuid4()))
        if answer is None:
            return False
        act.by_hand |= missing.keys()
        return True

    async def _known(self, act: Act) -> dict[str, Any]:
        credit = await self._installation.credit(act.movement_id)
        if credit is None:
            raise DemoError(f"a movement ({act.way}) left the ledger")
        return credit


def _doubtful(acts: Iterable[Act]) -> list[Act]:
    """Money that the automaton may have decided otherwise than was meant: all of bills with any departure, receipts too.

    A slip that somebody else's payment named is among them, since its own payment then came second.
    """
    acts = list(acts)
    touched = {act.site_id for act in acts if act.way is Way.OF_ANOTHER_SLIP}
    departing = {act.reference for act in acts if act.way is not Way.PLAIN}
    return [act for act in acts if act.way is not Way.PLAIN or act.reference in departing or act.site_id in touched]
