"""The words of ingest: what a sender reports, what a message is, what a transaction is. Pure: no I/O, no clock."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from pydantic_core import to_json

from shared.clock import local_day
from shared.events.bank import BankTransaction, Direction, SeenBy

if TYPE_CHECKING:
    import uuid_utils

NAMESPACE = uuid.UUID("6b686f70-0000-5000-8000-62616e6b7478")
"""Of transaction ids: "khop" and "banktx" in hexadecimal. Never to change, or every transaction would come anew."""

AHEAD_MAX = timedelta(days=1)
_NAMESPACE_BYTES = NAMESPACE.bytes


class Reported(NamedTuple):
    """One transaction as a provider or a statement reports it, in Khớp's terms."""

    provider_id: str
    """The provider's own id of it."""
    account: str
    """In its normal form."""
    virtual_account: str | None
    amount: int
    """In đồng, above 0."""
    direction: Direction
    occurred_at: datetime | None
    """In UTC; None where the provider does not tell it."""
    memo: str | None = None
    counter_name: str | None = None
    counter_account: str | None = None
    counter_bank: str | None = None
    bank_reference: str | None = None
    balance_after: int | None = None
    payment_code: str | None = None
    """What the provider itself takes for the payment's code or order."""
    day_only: bool = False
    """Whether only the local day is known, of which `occurred_at` is the first moment."""


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery that was verified."""

    message_id: uuid.UUID | uuid_utils.UUID
    received_at: datetime
    provider: str
    connection_id: str
    accounts: frozenset[str]
    """Those for which the connection speaks."""
    headers: Mapping[str, str]
    """Those that matter, without secrets."""
    body: bytes
    reported: tuple[Reported, ...]
    """Empty: a test call, or one that cannot be read."""
    traceparent: str | None = None
    is_readable: bool = True


@dataclass(slots=True)
class Transaction:
    """A transaction as ingest keeps it: the fields of BankTransaction under their names, and what is not published.

    Plain and changeable, because a group of messages makes and changes many of them; `published` is the event.
    """

    transaction_id: str
    version: int
    account: str
    site_id: str | None
    virtual_account: str | None
    amount: int
    direction: Direction
    occurred_at: datetime
    received_at: datetime
    memo: str | None
    counter_name: str | None
    counter_account: str | None
    counter_bank: str | None
    bank_reference: str | None
    balance_after: int | None
    provider: str
    seen_by: SeenBy
    sightings: list[dict[str, Any]]
    status: Literal["live", "merged_into", "erased"] = "live"
    merged_into: str | None = None
    payment_code: str | None = None
    possible_duplicate_of: str | None = None
    corrections: list[dict[str, Any]] = field(default_factory=list)
    day_only: bool = field(default=False, kw_only=True)
    """Not published: whether only the day of `occurred_at` is known."""

    @property
    def sources(self) -> list[str]:
        """Who reported it: "provider/way", each once."""
        return list(dict.fromkeys(f"{each['provider']}/{each['seen_by']}" for each in self.sightings))

    def published(self) -> bytes:
        """The event's JSON, field by field as BankTransaction writes it (a test compares them)."""
        return to_json(
            {
                "version": self.version,
                "transaction_id": self.transaction_id,
                "status": self.status,
                "merged_into": self.merged_into,
                "account": self.account,
                "site_id": self.site_id,
                "virtual_account": self.virtual_account,
                "amount": self.amount,
                "direction": self.direction,
                "occurred_at": self.occurred_at,
                "received_at": self.received_at,
                "memo": self.memo,
                "counter_name": self.counter_name,
                "counter_account": self.counter_account,
                "counter_bank": self.counter_bank,
                "bank_reference": self.bank_reference,
                "balance_after": self.balance_after,
                "provider": self.provider,
                "seen_by": self.seen_by,
                "sightings": self.sightings,
                "payment_code": self.payment_code,
                "possible_duplicate_of": self.possible_duplicate_of,
                "corrections": self.corrections,
            }
        )

    @classmethod
    def of_entity(cls, entity: str | bytes, *, day_only: bool = False) -> Transaction:
        """A stored transaction again."""
        event = BankTransaction.model_validate_json(entity)
        # The texts inside are typed as personal data; here they are plain, and nothing here writes them to a log.
        fields: dict[str, Any] = {name: getattr(event, name) for name in BankTransaction.model_fields}
        for name in ("sightings", "corrections"):
            fields[name] = [each.model_dump() for each in fields[name]]
        for name in ("memo", "counter_name", "counter_account"):
            if fields[name] is not None:
                fields[name] = fields[name].reveal()
        return cls(**fields, day_only=day_only)


@dataclass(frozen=True, slots=True)
class SiteAccount:
    """An account of a site, from a day on, until a day."""

    account: str
    site_id: str
    valid_from: date
    valid_to: date | None


def transaction_id_of(provider: str, account: str, provider_id: str) -> str:
    """The same for every delivery of one transaction, in every process, for ever."""
    # As uuid.uuid5, which is made of SHA-1 too, in a third of the time.
    digest = hashlib.sha1(
        _NAMESPACE_BYTES + f"{provider}/{account}/{provider_id}".encode(), usedforsecurity=False
    ).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


def new_transaction(
    reported: Reported, *, provider: str, seen_by: SeenBy, received_at: datetime, site_id: str | None = None
) -> Transaction:
    """A transaction as it is published first."""
    return Transaction(
        transaction_id=transaction_id_of(provider, reported.account, reported.provider_id),
        version=1,
        account=reported.account,
        site_id=site_id,
        virtual_account=reported.virtual_account,
        amount=reported.amount,
        direction=reported.direction,
        occurred_at=reported.occurred_at or received_at,
        received_at=received_at,
        memo=reported.memo,
        counter_name=reported.counter_name,
        counter_account=reported.counter_account,
        counter_bank=reported.counter_bank,
        bank_reference=reported.bank_reference,
        balance_after=known_balance(reported),
        provider=provider,
        seen_by=seen_by,
        sightings=[{"provider": provider, "seen_by": seen_by, "received_at": received_at}],
        payment_code=reported.payment_code,
        day_only=reported.day_only,
    )


def believable(reported: Reported, received_at: datetime) -> Reported:
    """Without its moment where that lies more than a day ahead of the arrival: nothing moved in the future.

    The day of arrival counts then. A clock of another zone is hours ahead, never so much.
    """
    if reported.occurred_at is None or reported.occurred_at - received_at <= AHEAD_MAX:
        return reported
    return reported._replace(occurred_at=None, day_only=False)


def known_balance(reported: Reported) -> int | None:
    """The running balance; providers write 0 where the bank tells none: after money came in it cannot be 0."""
    return None if reported.direction == "in" and reported.balance_after == 0 else reported.balance_after


TEXTS: Final = ("virtual_account", "memo", "counter_name", "counter_account", "payment_code")
"""What may tell of a person; gone, and gone for ever, where a transaction was erased."""
_FILLED_LATER = (*TEXTS, "counter_bank", "bank_reference")


def see_again(
    transaction: Transaction, reported: Reported, *, provider: str, seen_by: SeenBy, received_at: datetime
) -> None:
    """Add a sighting, and what this report knows and the ones before did not. What was published is never overwritten.

    Told again, an erased transaction gets none of its texts back.
    """
    transaction.sightings.append({"provider": provider, "seen_by": seen_by, "received_at": received_at})
    for name in _FILLED_LATER:
        if getattr(transaction, name) is None and not (name in TEXTS and transaction.status == "erased"):
            setattr(transaction, name, getattr(reported, name))
    if transaction.balance_after is None:
        transaction.balance_after = known_balance(reported)
    if transaction.day_only and not reported.day_only and reported.occurred_at is not None:
        transaction.occurred_at, transaction.day_only = reported.occurred_at, False


def site_at(candidates: Iterable[SiteAccount], account: str, moment: datetime) -> str | None:
    """The site that owned an account on the local day of a moment; of two, the one that got it later."""
    day = local_day(moment)
    owners = [
        (each.valid_from, each.site_id)
        for each in candidates
        if each.account == account and each.valid_from <= day and (each.valid_to is None or day <= each.valid_to)
    ]
    return max(owners)[1] if owners else None
