"""How a refund goes its way, and which credit money that left undoes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from services.reconciliation.facts.memos import MemoWord

RefundState = Literal["proposed", "approved", "refused", "withdrawn", "listed", "paid", "told"]
Way = Literal["transfer", "cash"]
RefundWhy = Literal[
    "paid_twice", "paid_too_much", "fee_cancelled", "wrong_account", "left_the_site", "deposit_left", "other"
]
Why = Literal["reversal", "refund"]

STEPS: Final[Mapping[RefundState, frozenset[RefundState]]] = {
    "proposed": frozenset({"approved", "refused", "withdrawn"}),
    "approved": frozenset({"listed", "paid", "withdrawn"}),
    "listed": frozenset({"paid", "withdrawn"}),
    "paid": frozenset({"told"}),
    "told": frozenset(),
    "refused": frozenset(),
    "withdrawn": frozenset(),
}
"""From proposed over the head's approval and the payment list to paid; told once the payer's page can show it."""
LIVE: Final[frozenset[RefundState]] = frozenset({"proposed", "approved", "listed", "paid"})
"""Refunds whose money still stands in the credit's suspense."""

REVERSAL_WITHIN = timedelta(days=30)
RETURN_WITHIN = timedelta(days=180)


def may_step(before: RefundState, after: RefundState, way: Way) -> bool:
    """Whether a refund may go from one state to another; only a transfer goes through a payment list."""
    if way == "cash" and after == "listed":
        return False
    if way == "transfer" and (before, after) == ("approved", "paid"):
        return False
    return after in STEPS[before]


@dataclass(frozen=True, slots=True)
class MoneyOut:
    """Money that left an account."""

    transaction_id: str
    amount: int
    occurred_at: datetime
    counter_account: str | None
    memo_says: MemoWord | None


@dataclass(frozen=True, slots=True)
class Returnable:
    """A credit that money out may undo."""

    credit_id: str
    amount: int
    """What of it has not gone back yet."""
    occurred_at: datetime
    counter_account: str | None


@dataclass(frozen=True, slots=True)
class ListedRefund:
    """A refund that waits for its money to leave."""

    refund_id: str
    credit_id: str
    amount: int
    to_account: str


@dataclass(frozen=True, slots=True)
class Match:
    """What money out may be, and what speaks for it."""

    out_transaction_id: str
    credit_id: str
    amount: int
    why: Why
    evidence: tuple[str, ...]
    is_certain: bool
    refund_id: str | None = None


def same_account(one: str | None, other: str | None) -> bool:
    """Whether two spellings name one account: separators and leading zeros do not count."""
    return one is not None and other is not None and _digits(one) == _digits(other) != ""


def _digits(account: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", account.upper()).lstrip("0")


def matches(out: MoneyOut, refunds: Sequence[ListedRefund], credits: Iterable[Returnable]) -> list[Match]:
    """What money out may be, the likeliest first; the first is taken without a person only where it is certain.

    Certain is a refund of the payment list to the account and of the amount that left (of several equal ones the oldest),
    and what the bank itself calls a reversal, where one credit alone has that account and amount. Where the bank does not
    tell to which account money went, a listed refund of the amount is proposed.
    """
    equal = sorted((each for each in refunds if each.amount == out.amount), key=lambda refund: refund.refund_id)
    listed = [refund for refund in equal if same_account(refund.to_account, out.counter_account)]
    found = [
        Match(out.transaction_id, refund.credit_id, out.amount, "refund",
              ("in_payment_list", "same_account", "amount_equal"), place == 0, refund.refund_id)
        for place, refund in enumerate(listed)
    ]  # fmt: skip
    if out.counter_account is None:
        found += [
            Match(out.transaction_id, refund.credit_id, out.amount, "refund", ("in_payment_list", "amount_equal"), False,
                  refund.refund_id)
            for refund in equal
        ]  # fmt: skip
    judged = sorted(
        ((_evidence(out, credit), credit) for credit in credits),
        key=lambda pair: (-len(pair[0]), -pair[1].occurred_at.timestamp(), pair[1].credit_id),
    )
    whole = [credit for evidence, credit in judged if {"same_account", "amount_equal"} <= set(evidence)]
    for evidence, credit in judged:
        if "same_account" not in evidence and not {"amount_equal", f"memo_{out.memo_says}"} <= set(evidence):
            continue
        is_soon = out.occurred_at - credit.occurred_at <= REVERSAL_WITHIN
        certain = not listed and out.memo_says == "reversal" and whole == [credit] and is_soon
        why: Why = "reversal" if out.memo_says == "reversal" else "refund"
        found.append(Match(out.transaction_id, credit.credit_id, out.amount, why, evidence, certain))
    return found


def _evidence(out: MoneyOut, credit: Returnable) -> tuple[str, ...]:
    evidence = []
    if credit.amount < out.amount or credit.occurred_at > out.occurred_at:
        return ()
    if same_account(credit.counter_account, out.counter_account):
        evidence.append("same_account")
    if credit.amount == out.amount:
        evidence.append("amount_equal")
    if out.memo_says in {"reversal", "refund"}:
        evidence.append(f"memo_{out.memo_says}")
    return tuple(evidence)
