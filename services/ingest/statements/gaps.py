"""Where the statements of an account do not follow each other: days that none covers, balances that jump. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from services.ingest.statements.model import Statement
from shared.clock import day_start, local_day
from shared.events.bank import BankStatement, StatementGap


@dataclass(frozen=True, slots=True)
class Stretch:
    """A statement as its neighbours see it."""

    statement_id: str
    from_day: date
    to_day: date
    opening: int
    closing: int
    moved_by_day: Mapping[date, int] = field(default_factory=dict)
    """What its lines add to the balance on each day."""

    def balance_before(self, day: date) -> int:
        """Its balance when a day begins that it covers."""
        return self.opening + sum(moved for each, moved in self.moved_by_day.items() if each < day)


def gaps_before(stretch: Stretch, others: Sequence[Stretch]) -> tuple[StatementGap, ...]:
    """The gap between a statement and the one before it; none where the balance goes on.

    The one before is, of those that begin earlier (or on the same day and end earlier), the one that reaches furthest.
    """
    earlier = [
        each
        for each in others
        if each.statement_id != stretch.statement_id and (each.from_day, each.to_day) < (stretch.from_day, stretch.to_day)
    ]
    if not earlier:
        return ()
    before = max(earlier, key=lambda each: (each.to_day, each.from_day))
    if before.to_day < stretch.from_day:
        expected = before.closing
        uncovered = before.to_day + timedelta(days=1) < stretch.from_day
        after = before.to_day + timedelta(days=1)
    else:
        # They overlap: part of a day may be in the first and the rest in the second.
        going_on = stretch.from_day == before.to_day and stretch.opening == before.closing
        expected = before.closing if going_on else before.balance_before(stretch.from_day)
        uncovered = False
        after = stretch.from_day
    if stretch.opening == expected and not uncovered:
        return ()
    return (StatementGap(after=day_start(after), before=day_start(stretch.from_day), difference=stretch.opening - expected),)


def follows_within_a_day(one: BankStatement, other: Statement) -> bool:
    """Whether one of the two goes on in the middle of a day where the other one ends: banks draw several a day.

    Their balances say so, but where the earlier one's movements of the day come to nothing: then both may list the same ones.
    """
    if one.to_date == other.from_day and one.closing == other.opening:
        of_the_day = [each for each in one.lines if local_day(each.occurred_at) == one.to_date]
        return sum(each.amount if each.direction == "in" else -each.amount for each in of_the_day) != 0
    if other.to_day == one.from_date and other.closing == one.opening:
        return sum(each.signed for each in other.lines if each.day == other.to_day) != 0
    return False


def overlapping(stretch: Stretch, others: Sequence[Stretch]) -> tuple[str, ...]:
    """The statements that cover some of the same days."""
    return tuple(
        sorted(
            each.statement_id
            for each in others
            if each.statement_id != stretch.statement_id
            and each.from_day <= stretch.to_day
            and stretch.from_day <= each.to_day
        )
    )
