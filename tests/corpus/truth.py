"""What stands on an account, and what a careful accountant would do with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from tests.corpus.world import Notice, Payer

Verdict = Literal["decide", "person", "refuse", "nobody"]
"""decide: these allocations, without asking anyone. person: she would look, and one of the answers is right. refuse: she would
not settle anything, for this reason. nobody: nothing says whose money it is, or it is no fee."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A row of transfers.csv."""

    transfer_id: str
    account: str
    virtual_account: str
    amount: int
    occurred_at: datetime
    memo: str
    counter_name: str
    counter_account: str
    counter_bank: str
    direction: str = "in"


@dataclass(frozen=True, slots=True)
class Written:
    """That a payer was named by words alone, and how; whether anybody else could be meant is known only when all is issued."""

    payer: Payer
    form: str
    text: str
    with_group: bool


@dataclass(slots=True)
class Truth:
    """The verdict on one transfer."""

    kind: str
    verdict: Verdict
    allocations: Mapping[str, int] = field(default_factory=dict)
    answers: list[frozenset[str]] = field(default_factory=list)
    reasons: frozenset[str] = frozenset()
    written: tuple[Written, ...] = ()
    first: Mapping[str, int] = field(default_factory=dict)
    """What it would pay, were it not paid already."""


def pays(kind: str, shares: Mapping[Notice, int] | Iterable[Notice], *written: Written) -> Truth:
    """She decides: these notices, in full unless amounts are given."""
    amounts = dict(shares) if isinstance(shares, Mapping) else {notice: notice.amount for notice in shares}
    ids = {notice.notice_id: amount for notice, amount in amounts.items()}
    return Truth(kind, "decide", ids, [frozenset(ids)], written=tuple(written))


def asks(kind: str, *answers: Iterable[Notice]) -> Truth:
    """She looks, and one of these is right."""
    return Truth(kind, "person", answers=[frozenset(each.notice_id for each in answer) for answer in answers])


def refuses(kind: str, reason: str, *answers: Iterable[Notice]) -> Truth:
    """She settles nothing, for this reason; these are the notices that it is about."""
    return Truth(
        kind,
        "refuse",
        answers=[frozenset(each.notice_id for each in answer) for answer in answers],
        reasons=frozenset({reason}),
        first={notice.notice_id: notice.amount for answer in answers[:1] for notice in answer},
    )


def nobody(kind: str, *reasons: str) -> Truth:
    """Nothing to go by; with reasons, it is known to be no fee."""
    return Truth(kind, "nobody", reasons=frozenset(reasons))
