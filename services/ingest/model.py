"""What a bank message is: which transaction, new or known, routed or not. Pure: no I/O, no clock."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from shared.clock import local_day
from shared.events.bank import BankTransaction, Direction, Sighting
from shared.privacy import AccountNumber, Memo, PersonName

NAMESPACE = uuid.UUID("6b686f70-0000-5000-8000-62616e6b7478")
"""Of transaction ids: "khop" and "banktx" in hexadecimal. Never to change, or every transaction would come anew."""

Outcome = Literal["new", "duplicate", "conflict", "unrouted", "test"]
_TELLING: tuple[Outcome, ...] = ("conflict", "unrouted", "new", "duplicate")
"""Of a message with several transactions the vault notes the outcome that most needs an eye."""

_DECORATION = re.compile(r"[\s.\-\u2010-\u2015\u200b\ufeff]+")
_ACCOUNT = re.compile(r"[0-9A-Z]{1,40}")


class AccountError(ValueError):
    """A text that cannot be a bank account number."""


def normal_account(text: str) -> str:
    """An account number in its one form: without spaces, dots and dashes, letters in capitals.

    "0123 499-999" and "0123.499.999" are 0123499999. Leading zeros belong to the number and stay. Anything else than
    ASCII letters and digits is refused, never dropped: two different accounts must not become one. Raises AccountError.
    """
    bare = _DECORATION.sub("", text).upper()
    if not _ACCOUNT.fullmatch(bare):
        raise AccountError("must be 1 to 40 letters and digits; spaces, dots and dashes between them do not count")
    return bare


@dataclass(frozen=True, slots=True)
class Reported:
    """One transaction as a provider reports it, in Khớp's terms."""

    provider_id: str
    """The provider's own id of it."""
    account: str
    """In its normal form."""
    virtual_account: str | None
    amount: int
    """In đồng, above 0."""
    direction: Direction
    occurred_at: datetime
    memo: str | None = None
    counter_name: str | None = None
    counter_account: str | None = None
    counter_bank: str | None = None
    bank_reference: str | None = None
    balance_after: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery that was verified and understood."""

    message_id: uuid.UUID
    received_at: datetime
    provider: str
    connection_id: str
    accounts: frozenset[str]
    """Those for which the connection speaks."""
    headers: Mapping[str, str]
    """Those that matter, without secrets."""
    body: bytes
    reported: tuple[Reported, ...]
    """Empty: a test call."""
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A stored transaction, as far as a re-sent message must agree with it."""

    transaction_id: str
    account: str
    amount: int
    direction: str

    def agrees_with(self, reported: Reported) -> bool:
        """Whether the report can be of this very transaction."""
        return (self.account, self.amount, self.direction) == (reported.account, reported.amount, reported.direction)


@dataclass(frozen=True, slots=True)
class SiteAccount:
    """An account of a site, from a day on, until a day."""

    account: str
    site_id: str
    valid_from: date
    valid_to: date | None


@dataclass(slots=True)
class Decision:
    """What to do with a group of messages."""

    outcomes: list[Outcome] = field(default_factory=list)
    """One a message, in their order."""
    transaction_ids: list[list[str]] = field(default_factory=list)
    """One list a message: the transactions that it tells of."""
    new: list[tuple[Message, Reported]] = field(default_factory=list)
    unrouted: list[tuple[Message, Reported]] = field(default_factory=list)
    owned_keys: set[str] = field(default_factory=set)
    """Identity keys that rightly point at a transaction after this group."""


@lru_cache(maxsize=4_096)  # asked for several times while a message is in hand
def transaction_id_of(provider: str, account: str, provider_id: str) -> str:
    """The same for every delivery of one transaction, in every process, for ever."""
    return str(uuid.uuid5(NAMESPACE, f"{provider}/{account}/{provider_id}"))


def identity_keys(message: Message, reported: Reported) -> tuple[str, str]:
    """The names under which a reported transaction is known.

    The first holds the account, so that a connection can never occupy the ids of accounts that are not its own. The second
    holds the connection instead: the same id with another account is a contradiction, not another transaction.
    """
    return (
        f"{message.provider}/{reported.account}/{reported.provider_id}",
        f"message/{message.connection_id}/{reported.provider_id}",
    )


def is_routed(message: Message, reported: Reported) -> bool:
    """Whether the connection may speak for this account."""
    return reported.account in message.accounts


def claims(messages: Iterable[Message]) -> dict[str, str]:
    """Identity key → transaction id, for everything in a group that would be new if nothing were known."""
    claimed: dict[str, str] = {}
    for message in messages:
        for reported in message.reported:
            if is_routed(message, reported):
                transaction_id = transaction_id_of(message.provider, reported.account, reported.provider_id)
                for key in identity_keys(message, reported):
                    claimed.setdefault(key, transaction_id)
    return claimed


def decide(messages: Sequence[Message], known_before: Mapping[str, Known]) -> Decision:
    """Sort out a group of messages: what is new, what was known before or came twice within the group.

    A known id with another content is never merged silently: the first one stands, the later one is a conflict.
    """
    known = dict(known_before)
    decision = Decision()
    for message in messages:
        outcomes: set[Outcome] = set()
        ids: list[str] = []
        for reported in message.reported:
            if not is_routed(message, reported):
                decision.unrouted.append((message, reported))
                outcomes.add("unrouted")
                continue
            keys = identity_keys(message, reported)
            standing = known.get(keys[0]) or known.get(keys[1])
            if standing is None:
                transaction_id = transaction_id_of(message.provider, reported.account, reported.provider_id)
                standing = Known(transaction_id, reported.account, reported.amount, reported.direction)
                decision.new.append((message, reported))
                outcomes.add("new")
            elif standing.agrees_with(reported):
                outcomes.add("duplicate")
            else:
                ids.append(standing.transaction_id)
                outcomes.add("conflict")
                continue
            ids.append(standing.transaction_id)
            decision.owned_keys.update(keys)
            for key in keys:
                known.setdefault(key, standing)
        decision.outcomes.append(next((each for each in _TELLING if each in outcomes), "test"))
        decision.transaction_ids.append(ids)
    return decision


def transaction_of(message: Message, reported: Reported, site_id: str | None) -> BankTransaction:
    """A new transaction, as it is published first."""
    return BankTransaction(
        transaction_id=transaction_id_of(message.provider, reported.account, reported.provider_id),
        version=1,
        status="live",
        account=reported.account,
        site_id=site_id,
        virtual_account=reported.virtual_account,
        amount=reported.amount,
        direction=reported.direction,
        occurred_at=reported.occurred_at,
        received_at=message.received_at,
        memo=None if reported.memo is None else Memo(reported.memo),
        counter_name=None if reported.counter_name is None else PersonName(reported.counter_name),
        counter_account=None if reported.counter_account is None else AccountNumber(reported.counter_account),
        counter_bank=reported.counter_bank,
        bank_reference=reported.bank_reference,
        # Providers write 0 where the bank tells no balance: after money came in it cannot be 0.
        balance_after=None if reported.direction == "in" and reported.balance_after == 0 else reported.balance_after,
        provider=message.provider,
        seen_by="webhook",
        sightings=(Sighting(provider=message.provider, seen_by="webhook", received_at=message.received_at),),
    )


def site_at(candidates: Iterable[SiteAccount], account: str, moment: datetime) -> str | None:
    """The site that owned an account on the local day of a moment; of two, the one that got it later."""
    day = local_day(moment)
    owners = [
        (each.valid_from, each.site_id)
        for each in candidates
        if each.account == account and each.valid_from <= day and (each.valid_to is None or day <= each.valid_to)
    ]
    return max(owners)[1] if owners else None


def with_site(transaction: BankTransaction, site_id: str) -> BankTransaction:
    """The next version of a transaction whose site became known."""
    return transaction.model_copy(update={"site_id": site_id, "version": transaction.version + 1})
