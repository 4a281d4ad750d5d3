"""Which fee kinds a payment to a body hands on. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.reconciliation.money_back.model import same_account


@dataclass(frozen=True, slots=True)
class Held:
    """What a site holds of one fee kind for one body, in đồng."""

    fee_kind: str
    body: str
    account: str | None
    """Where the body takes it, as far as it was declared."""
    to_remit: int


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a payment, for one fee kind."""

    fee_kind: str
    amount: int


def remits(amount: int, counter_account: str | None, held: Sequence[Held]) -> tuple[Share, ...]:
    """What a payment to this account certainly hands on.

    All that is held of one fee kind for the body there, or of all of them together; nothing where it is neither.
    """
    there = [each for each in held if each.to_remit > 0 and same_account(each.account, counter_account)]
    exact = [each for each in there if each.to_remit == amount]
    if len(exact) == 1:
        return (Share(exact[0].fee_kind, amount),)
    if there and sum(each.to_remit for each in there) == amount:
        return tuple(Share(each.fee_kind, each.to_remit) for each in sorted(there, key=lambda each: each.fee_kind))
    return ()


def may_remit(counter_account: str | None, memo_says: str | None, held: Sequence[Held]) -> bool:
    """Whether it is worth asking a person: it goes to a body's account, or speaks of one."""
    owing = [each for each in held if each.to_remit > 0]
    return any(same_account(each.account, counter_account) for each in owing) or (memo_says == "remittance" and bool(owing))
