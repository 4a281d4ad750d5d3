"""The matching core over a world of files: what is owed and what arrived, decided in the order in which it happened.

A notice is cancelled from 00:00 of its day on; a settled notice is settled for the next transfer; what one match taught is used
by the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, Reading, SiteRules, decide_read
from services.matching.matcher.accounts import accounts_of, sender_of, senders_of
from services.matching.matcher.text import fold
from services.matching.matcher.vocabulary import VOLUNTARY
from shared import clock
from shared.events.fees import Obligation


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice as a row of notices.csv tells it."""

    notice_id: str
    site_id: str
    site_account: str
    payer_code: str
    payer_name: str
    group: str
    guardian_name: str
    guardian_phone: str
    purpose: str
    period: str
    amount: int
    issued_on: date | None
    due_on: date
    is_cancelled: bool
    """Whether it was never anything else; `cancelled_on` says from when on otherwise."""
    cancelled_on: date | None
    reference: str
    virtual_account: str | None
    fee_kind: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """A movement as a row of transfers.csv tells it."""

    transfer_id: str
    account: str
    virtual_account: str | None
    amount: int
    occurred_at: datetime
    memo: str
    counter_name: str
    counter_account: str
    counter_bank: str
    is_money_in: bool


@dataclass(frozen=True, slots=True)
class FeeKindFact:
    """What a list of fee kinds says that matters to settling; an empty site means all."""

    site_id: str
    fee_kind: str
    obligation: Obligation
    priority: int | None


class Evaluation:
    """What is owed, as it changes while transfers are decided one after the other."""

    def __init__(
        self,
        rows: Sequence[NoticeRow],
        fee_kinds: Sequence[FeeKindFact] | None = None,
        *,
        as_of: date | None = None,
        match_threshold: float | None = None,
    ) -> None:
        known = [row for row in rows if as_of is None or row.issued_on is None or row.issued_on <= as_of]
        self._sites = {row.site_account: row.site_id for row in reversed(known) if row.site_account}
        self._rules = _rules({row.site_id for row in known}, fee_kinds or (), match_threshold)
        obligations = {(fact.site_id, fact.fee_kind): fact.obligation for fact in fee_kinds or ()}
        self._book = Book((_notice(row, obligations, listed=fee_kinds is not None) for row in known), _payers(known))
        self._cancellations = sorted(
            (
                (row.cancelled_on, row.notice_id)
                for row in known
                if row.cancelled_on and (as_of is None or row.cancelled_on <= as_of)
            ),
            reverse=True,
        )

    def decide(self, transfer: Transfer) -> Decision:
        """What a transfer pays; transfers must come in the order in which they happened."""
        day = clock.local_day(transfer.occurred_at)
        while self._cancellations and self._cancellations[-1][0] <= day:
            self._book.cancel(self._cancellations.pop()[1])
        memo_and_bank = f"{transfer.memo} {transfer.counter_bank}"
        accounts = accounts_of(transfer.counter_account, transfer.counter_name, memo_and_bank, sender_of)
        incoming = Incoming(
            transfer.transfer_id, self._sites.get(transfer.account), transfer.amount, transfer.is_money_in, transfer.memo,
            transfer.virtual_account, transfer.counter_name, transfer.counter_account, next(iter(accounts.known), None), day,
            transfer.counter_bank, accounts.known[1:], accounts.remembered,
        )  # fmt: skip
        reading = Reading(incoming, self._book.name_words)
        decision = decide_read(reading, self._book, self._rules)
        if decision.shares and incoming.site_id is not None:
            self._book.pay(decision.shares)
            self._book.learn(incoming.site_id, senders_of(reading), decision.shares, day)
        return decision


def _notice(row: NoticeRow, obligations: dict[tuple[str, str], Obligation], *, listed: bool) -> OpenNotice:
    if listed:
        obligation = obligations.get((row.site_id, row.fee_kind)) or obligations.get(("", row.fee_kind), "due")
    else:
        name = fold(f"{row.fee_kind} {row.purpose}").replace("_", " ").replace("-", " ")
        obligation = "voluntary" if any(words in name for words in VOLUNTARY) else "due"
    return OpenNotice(
        row.notice_id, row.site_id, row.reference, row.virtual_account, row.fee_kind, obligation, row.due_on, row.amount,
        row.is_cancelled, 0, row.payer_code or None, row.purpose, row.period, row.issued_on,
    )  # fmt: skip


def _payers(rows: Iterable[NoticeRow]) -> list[Payer]:
    """Each payer once, as the newest notice says."""
    newest: dict[tuple[str, str], NoticeRow] = {}
    for row in rows:
        key = row.site_id, row.payer_code
        if row.payer_code and (key not in newest or _age(row) > _age(newest[key])):
            newest[key] = row
    return [
        Payer(row.site_id, row.payer_code, row.payer_name, row.group, row.guardian_name, row.guardian_phone)
        for row in newest.values()
    ]


def _age(row: NoticeRow) -> tuple[date, str]:
    return row.issued_on or row.due_on, row.notice_id


def _rules(sites: Iterable[str], fee_kinds: Sequence[FeeKindFact], match_threshold: float | None) -> dict[str, SiteRules]:
    """The order of settling by the list's priorities, a site's own before those of all."""
    common = SiteRules() if match_threshold is None else SiteRules(match_threshold=match_threshold)
    rules = {}
    for site in sites:
        ranks = {
            fact.fee_kind: fact.priority
            for own in ("", site)
            for fact in fee_kinds
            if fact.site_id == own and fact.priority is not None
        }
        priority = tuple(sorted(ranks, key=lambda kind: (ranks[kind], kind)))
        rules[site] = replace(common, settle_priority=priority) if priority else common
    return rules
