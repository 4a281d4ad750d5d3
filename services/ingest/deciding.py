"""What becomes of a group of messages: which transactions are new, which were seen again, what needs a person. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from services.ingest.identity import (
    Source,
    Verdict,
    compare_under_reference,
    content_digest,
    nearest,
    reference_key,
    references_differ,
)
from services.ingest.model import Message, Reported, Transaction, new_transaction, see_again

Outcome = Literal["new", "duplicate", "conflict", "unrouted", "test", "unreadable"]
_TELLING: tuple[Outcome, ...] = ("conflict", "unrouted", "new", "duplicate")
"""Of a message with several transactions the vault notes the outcome that most needs an eye."""

ONE_MOVEMENT_WITHIN = timedelta(days=1)

Likes = tuple[str, int, str]
"""Account, amount, direction: only transactions that agree in these are ever compared."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known before a group: transactions by their names, and those that may be alike."""

    by_key: Mapping[str, Transaction] = field(default_factory=dict)
    alike: Iterable[Transaction] = ()


@dataclass(slots=True)
class Decision:
    """What to do with a group of messages."""

    outcomes: list[Outcome] = field(default_factory=list)
    """One a message, in their order."""
    transaction_ids: list[list[str]] = field(default_factory=list)
    """One list a message: the transactions that it tells of."""
    new: list[Transaction] = field(default_factory=list)
    changed: dict[str, Transaction] = field(default_factory=dict)
    """Transactions that stood before and were seen by another source, at their next version."""
    keys: dict[str, str] = field(default_factory=dict)
    """Names to store, each with the transaction that is known under it."""
    traces: dict[str, str | None] = field(default_factory=dict)
    """Transaction id → the trace of the message that made or changed it."""
    unrouted: list[tuple[Message, Reported]] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)
    """Transactions that these messages tell of and whose texts were erased: what tells of nothing else is kept without its text."""


def own_keys(message: Message, reported: Reported) -> tuple[str, str]:
    """The names that a provider's id gives to a transaction.

    The first holds the account, so that a connection can never occupy the ids of accounts that are not its own. The second
    holds the connection instead: the same id with another account is a contradiction, not another transaction.
    """
    return (
        f"{message.provider}/{reported.account}/{reported.provider_id}",
        f"message/{message.connection_id}/{reported.provider_id}",
    )


def contradiction_key(message: Message, reported: Reported) -> str:
    """The name of a transaction whose provider's id was told before with another content.

    It holds what was told, so that sent again it is the same.
    """
    return f"contradiction/{message.provider}/{reported.account}/{reported.provider_id}/{content_digest(reported)}"


def is_routed(message: Message, reported: Reported) -> bool:
    """Whether the connection may speak for this account."""
    return reported.account in message.accounts


def decide(messages: Sequence[Message], standing: Standing) -> Decision:
    """Sort out a group of messages, of which some may tell of the same transaction.

    A known id with another content is never merged silently: the first one stands, the later one is another transaction,
    marked as perhaps the first.
    """
    group = _Group(standing)
    for message in messages:
        group.take(message)
    return group.decision


class _Group:
    """A group while it is decided: what stood before and what it adds itself."""

    def __init__(self, standing: Standing) -> None:
        self.decision = Decision()
        self._by_key = dict(standing.by_key)
        self._alike: defaultdict[Likes, list[Transaction]] = defaultdict(list)
        self._before: set[str] = {each.transaction_id for each in self._by_key.values()}
        for each in standing.alike:
            self._before.add(each.transaction_id)
            self._alike[each.account, each.amount, each.direction].append(each)

    def take(self, message: Message) -> None:
        nothing: Outcome = "test" if message.is_readable else "unreadable"
        outcomes: list[Outcome] = []
        ids: list[str] = []
        for reported in message.reported:
            if reported.account not in message.accounts:
                self.decision.unrouted.append((message, reported))
                outcomes.append("unrouted")
            else:
                outcome, transaction_id = self._take_reported(message, reported)
                outcomes.append(outcome)
                ids.append(transaction_id)
        self.decision.outcomes.append(
            outcomes[0] if len(outcomes) == 1 else next((each for each in _TELLING if each in outcomes), nothing)
        )
        self.decision.transaction_ids.append(ids)

    def _take_reported(self, message: Message, reported: Reported) -> tuple[Outcome, str]:
        keys = own_keys(message, reported)
        known = self._by_key.get(keys[0]) or self._by_key.get(keys[1])
        if known is not None:
            if not _agree(known, reported):
                return self._take_contradiction(message, reported, known)
            self._name(known, keys)
            self._note_erased(known)
            return "duplicate", known.transaction_id
        source = Source(message.provider, "webhook", message.received_at)
        reference = reference_key(reported)
        names = keys if reference is None else (*keys, reference)
        same, doubtful = self._find(reported, source, reference)
        if same is not None:
            return "duplicate", self._see_again(message, reported, same, names)
        return "new", self._make(message, reported, names, doubtful)

    def _take_contradiction(self, message: Message, reported: Reported, known: Transaction) -> tuple[Outcome, str]:
        """Another content under a known id: a provider that counts anew, or one of the two is wrong. Both are published.

        The names that the id gives stay with the first, or free for the account's own connection.
        """
        name = contradiction_key(message, reported)
        told = self._by_key.get(name)
        if told is not None:
            self._note_erased(told)
            return "duplicate", told.transaction_id
        reference = reference_key(reported)
        names = (name,) if reference is None else (name, reference)
        same, _ = self._find(reported, Source(message.provider, "webhook", message.received_at), reference)
        if same is not None and same is not known:
            return "conflict", self._see_again(message, reported, same, names)
        own_id = reported._replace(provider_id=f"{reported.provider_id}/{name}")
        return "conflict", self._make(message, own_id, names, known.transaction_id)

    def _see_again(self, message: Message, reported: Reported, same: Transaction, names: Iterable[str]) -> str:
        see_again(same, reported, provider=message.provider, seen_by="webhook", received_at=message.received_at)
        self._name(same, names)
        self._note_erased(same)
        if same.transaction_id in self._before and same.transaction_id not in self.decision.changed:
            same.version += 1
            self.decision.changed[same.transaction_id] = same
            self.decision.traces[same.transaction_id] = message.traceparent
        return same.transaction_id

    def _make(self, message: Message, reported: Reported, names: Iterable[str], doubtful: str | None) -> str:
        made = new_transaction(reported, provider=message.provider, seen_by="webhook", received_at=message.received_at)
        made.possible_duplicate_of = doubtful
        self._name(made, names)
        self._alike[made.account, made.amount, made.direction].append(made)
        self.decision.new.append(made)
        self.decision.traces[made.transaction_id] = message.traceparent
        return made.transaction_id

    def _find(self, reported: Reported, source: Source, reference: str | None) -> tuple[Transaction | None, str | None]:
        """The transaction that this report is, or the one that it might be."""
        named = None if reference is None else self._by_key.get(reference)
        if named is not None and compare_under_reference(reported, source, named) is Verdict.SAME:
            return named, None
        candidates = self._alike.get((reported.account, reported.amount, reported.direction), ())
        verdict, transaction = nearest(reported, source, candidates)
        if verdict is Verdict.SAME:
            return transaction, None
        doubtful = named or transaction
        return None, None if doubtful is None else doubtful.transaction_id

    def _note_erased(self, transaction: Transaction) -> None:
        if transaction.status == "erased":
            self.decision.erased.add(transaction.transaction_id)

    def _name(self, transaction: Transaction, names: Iterable[str]) -> None:
        """Let a transaction be known under these names, where nothing else is."""
        for name in names:
            if name not in self._by_key:
                self._by_key[name] = transaction
                self.decision.keys[name] = transaction.transaction_id


def _agree(known: Transaction, reported: Reported) -> bool:
    """Whether one id tells of one movement; an offset clock that was put right explains some hours, not days.

    An amount that a person corrected since is the known one, told again.
    """
    amounts = {known.amount, *(each["amount"] for each in known.corrections)}
    return (
        (known.account, known.direction) == (reported.account, reported.direction)
        and reported.amount in amounts
        and not references_differ(known.bank_reference, reported.bank_reference)
        and (reported.occurred_at is None or abs(reported.occurred_at - known.occurred_at) <= ONE_MOVEMENT_WITHIN)
    )


def keys_of(messages: Iterable[Message]) -> list[str]:
    """Every name under which what a group reports may be known."""
    keys: list[str] = []
    for message in messages:
        for reported in message.reported:
            if is_routed(message, reported):
                keys += (*own_keys(message, reported), contradiction_key(message, reported))
                reference = reference_key(reported)
                if reference is not None:
                    keys.append(reference)
    return keys
