"""What a suggestion would do if it were accepted. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from services.portal.payment.loading import Loaded, NoticeSeen
from shared.events import Credit

Kind = Literal["exact", "part", "over", "unclear", "nothing"]
"""Exact: the open sum. Part: less, of one notice. Over: more; the rest becomes the payer's balance. Unclear: less than what
several notices owe, so that a person says which. Nothing: no notice here is open."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a credit for one notice, in đồng."""

    notice_id: str
    amount: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """Notices that a credit may pay, and what accepting them would do."""

    notices: Sequence[NoticeSeen]
    shares: Sequence[Share]
    kind: Kind
    over: int = 0
    place: int = 0
    """Its number among the suggestions as matching gave them: by it a form names it, whatever was paid or heard of meanwhile."""

    @property
    def can_be_accepted(self) -> bool:
        """Whether one click suffices."""
        return self.kind in {"exact", "part", "over"}

    @property
    def references(self) -> str:
        """The codes of its bills, to look for all of them."""
        return " ".join(dict.fromkeys(notice.reference for notice in self.notices))

    @property
    def allocated(self) -> int:
        """What the notices would get, in đồng."""
        return sum(share.amount for share in self.shares)


def undecided(credit: Credit) -> int:
    """What of a credit waits to be given to notices, in đồng."""
    return credit.suspense_parts.unidentified


def proposals_of(credit: Credit, loaded: Loaded) -> list[Proposal]:
    """The suggestions, best first and those that are paid meanwhile last; one whose notices are not all known is not shown.

    Where a memo names several bills, paying all of them is what its writer meant: that comes before each of them alone.
    """
    are_several = credit.reason == "several" and len(credit.candidates) > 1
    found = []
    for place, candidate in enumerate(credit.candidates, int(are_several)):
        notices = [loaded.notices[notice_id] for notice_id in candidate.notice_ids if notice_id in loaded.notices]
        if notices and len(notices) == len(candidate.notice_ids):
            found.append(replace(propose(undecided(credit), notices), place=place))
    if are_several and len(found) > 1:
        together = {notice.notice_id: notice for each in found for notice in each.notices}
        found.insert(0, propose(undecided(credit), list(together.values())))
    return sorted(found, key=lambda each: each.kind == "nothing")


def propose(rest: int, notices: Sequence[NoticeSeen]) -> Proposal:
    """What giving `rest` đồng to these notices would do, to those of them that are open where any is."""
    opened = [notice for notice in notices if notice.open]
    owed = sum(notice.open for notice in opened)
    if not opened or not rest:
        return Proposal(notices, (), "nothing", rest)
    if rest >= owed:
        shares = tuple(Share(notice.notice_id, notice.open) for notice in opened)
        return Proposal(opened, shares, "exact" if rest == owed else "over", rest - owed)
    if len(opened) == 1:
        return Proposal(opened, (Share(opened[0].notice_id, rest),), "part")
    return Proposal(opened, (), "unclear")
