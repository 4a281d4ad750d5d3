"""Credits put into words for a reader of a role. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from services.portal import words
from services.portal.model import NO_SITE, State, state_of
from services.portal.payment import evidence
from services.portal.payment.evidence import Fact
from services.portal.payment.loading import Loaded, NoticeSeen
from services.portal.payment.marking import Piece, marked
from services.portal.payment.proposals import Proposal, proposals_of, undecided
from services.portal.people.roles import SEES_MEMOS, Reach
from services.portal.web.saying import clock_words, fee_words, time_words, unbroken
from shared import clock
from shared.events import BankTransaction, Credit
from shared.money import format_dong
from shared.privacy import Personal
from shared.vietnamese import search_key

NOTICES_SHOWN: Final = 4
"""What a row has room for."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: what of persons they see whole."""

    sees_names: bool
    sees_memos: bool
    sees_senders: bool = False
    """Senders are strangers to most work; they are shown whole only where somebody asked to see one."""

    def say(self, text: Personal | None) -> str:
        """A payer's name or code, as this reader sees it."""
        return "" if text is None else text.reveal() if self.sees_names else str(text)

    def say_sender(self, text: Personal | None) -> str:
        """A sender's name or account, as this reader sees it."""
        return "" if text is None else text.reveal() if self.sees_senders else str(text)


def reader_of(reach: Reach, *, revealed: bool = False) -> Reader:
    """How a role reads; `revealed` where this reader asked to see it whole, and it was noted."""
    return Reader(reach.sees_names or revealed, reach.role in SEES_MEMOS or revealed, revealed)


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice beside a payment."""

    notice_id: str
    who: str
    """Such as "Trần Minh Long, 3B, HS310001"."""
    fee: str
    open: str
    purpose: str
    amount: str


@dataclass(frozen=True, slots=True)
class PayerRow:
    """A payer beside a payment, with what the payment pays or may pay of theirs."""

    who: str
    notices: Sequence[NoticeRow]


@dataclass(frozen=True, slots=True)
class CreditRow:
    """A payment as a line of the accountant's lists."""

    credit_id: str
    path: str
    version: int
    time: str
    moment: str
    waits_days: int
    amount: str
    amount_dong: int
    left: str
    """What of it still waits, where a part already has its place."""
    is_out: bool
    site: str
    sample: bool
    memo: Sequence[Piece]
    sender: str
    state: State
    state_words: str
    how: str
    badge: str
    payers: Sequence[PayerRow]
    more: str
    proposal: Proposal | None
    facts: Sequence[Fact]
    rest: Sequence[str]
    note: str

    @property
    def can_be_ticked(self) -> bool:
        """Whether its first suggestion can be taken with many others."""
        return self.proposal is not None and self.proposal.can_be_accepted and not self.proposal.place


def rows_of(loaded: Loaded, reader: Reader, now: datetime) -> list[CreditRow]:
    """The lines of these credits, in their order."""
    return [row_of(credit, loaded, reader, now) for credit in loaded.credits]


def row_of(credit: Credit, loaded: Loaded, reader: Reader, now: datetime) -> CreditRow:
    """The line of one credit."""
    state = state_of(credit)
    proposals = proposals_of(credit, loaded) if state == "review" else []
    first = proposals[0] if proposals else None
    transaction = loaded.transactions.get(credit.credit_id)
    named = _named(credit, loaded, first)
    named_here = _fitting(named)
    site = loaded.sites.get(credit.site_id or NO_SITE)
    notes = loaded.notes.get(credit.credit_id, ())
    return CreditRow(
        credit_id=credit.credit_id,
        path=path_of(credit.credit_id),
        version=credit.version,
        time=time_words(credit.occurred_at),
        moment=credit.occurred_at.isoformat(timespec="seconds"),
        waits_days=(clock.local_day(now) - clock.local_day(credit.occurred_at)).days,
        amount=signed(credit),
        amount_dong=credit.amount,
        left=_left_of(credit, state),
        is_out=credit.direction == "out",
        site=site.name if site else words.SITE_NONE if not credit.site_id else credit.site_id,
        sample=site.sample if site else False,
        memo=memo_of(transaction, named, reader),
        sender=sender_of(transaction, reader),
        state=state,
        state_words=state_words(credit, state),
        how=how_words(credit),
        badge=words.CHANNELS[credit.channel],
        payers=payer_rows(named_here, reader),
        more=words.queue.AND_MORE.format(count=len(named) - len(named_here)) if len(named) > len(named_here) else "",
        proposal=first,
        facts=evidence.shown(facts_of(credit, first, transaction)),
        rest=rest_of(credit, state),
        note=notes[-1].text if notes else "",
    )


def _left_of(credit: Credit, state: State) -> str:
    left = undecided(credit)
    return (
        words.queue.LEFT.format(amount=unbroken(format_dong(left))) if state == "review" and 0 < left < credit.amount else ""
    )


def _fitting(notices: Sequence[NoticeSeen]) -> list[NoticeSeen]:
    """What a row has room for: something of each payer before all of one."""
    payers: dict[str, list[NoticeSeen]] = {}
    for notice in notices:
        payers.setdefault(notice.bill_id, []).append(notice)
    each = max(1, NOTICES_SHOWN // max(1, len(payers)))
    return [notice for some in payers.values() for notice in some[:each]][:NOTICES_SHOWN]


def state_words(credit: Credit, state: State) -> str:
    """A credit's state for a reader: money that pays nothing is not called matched."""
    if state == "review" and credit.status == "suggested":
        return words.SUGGESTED
    return words.SET_ASIDE if state == "matched" and not credit.allocations else words.STATES[state]


def how_words(credit: Credit) -> str:
    """By which sign, or by whom, a credit came to where it stands."""
    if credit.direction == "out":
        return words.MONEY_OUT
    return words.BY_PERSON if credit.reason == "by_hand" and not credit.allocations else words.HOW_MATCHED[credit.reason]


def payer_rows(notices: Sequence[NoticeSeen], reader: Reader) -> list[PayerRow]:
    """The notices payer by payer, in their order."""
    rows: dict[str, list[NoticeRow]] = {}
    for notice in notices:
        row = notice_row(notice, reader)
        rows.setdefault(row.who, []).append(row)
    return [PayerRow(who, each) for who, each in rows.items()]


def path_of(credit_id: str) -> str:
    """The page of a payment."""
    return f"/payments/{quote(credit_id, safe='')}"


def signed(credit: Credit) -> str:
    """The amount, with a minus where money left."""
    return ("−" if credit.direction == "out" else "") + format_dong(credit.amount)


def _named(credit: Credit, loaded: Loaded, proposal: Proposal | None) -> list[NoticeSeen]:
    """The notices that it pays, else those of the first suggestion, else the one it was meant for."""
    paid = [loaded.notices[each.notice_id] for each in credit.allocations if each.notice_id in loaded.notices]
    if paid:
        return paid
    if proposal:
        return list(proposal.notices)
    meant = loaded.notices.get(credit.intended_notice_id or "")
    return [meant] if meant else []


def notice_row(notice: NoticeSeen, reader: Reader) -> NoticeRow:
    """A notice in words."""
    who = ", ".join(part for part in (reader.say(notice.payer_name), notice.group, reader.say(notice.payer_code)) if part)
    fee = fee_words(notice.purpose, notice.period)
    return NoticeRow(
        notice.notice_id,
        who or words.PAYER_NONE,
        fee or words.NOTICE_UNKNOWN,
        words.queue.OPEN_OF.format(amount=unbroken(format_dong(notice.open))) if notice.open else words.queue.CHOOSE_PAID,
        notice.purpose or "",
        format_dong(notice.amount),
    )


def memo_of(transaction: BankTransaction | None, notices: Sequence[NoticeSeen], reader: Reader) -> Sequence[Piece]:
    """The memo in pieces, masked for whoever need not read it."""
    if transaction is None or not transaction.memo:
        return ()
    if not reader.sees_memos:
        return (Piece(str(transaction.memo), is_marked=False),)
    return marked(
        transaction.memo.reveal(),
        [notice.reference for notice in notices],
        [notice.payer_code.reveal() for notice in notices if notice.payer_code],
        [notice.payer_name.reveal() for notice in notices if notice.payer_name],
    )


def sender_of(transaction: BankTransaction | None, reader: Reader) -> str:
    """Who sent it, and the end of the account."""
    if transaction is None:
        return ""
    parts = (
        reader.say_sender(transaction.counter_name),
        reader.say_sender(transaction.counter_account),
        transaction.counter_bank,
    )
    return " · ".join(part for part in parts if part)


def facts_of(credit: Credit, proposal: Proposal | None, transaction: BankTransaction | None) -> list[Fact]:
    """Why: what matching found, and what is seen when the payment is set beside its first suggestion."""
    found = evidence.facts_of(credit.evidence)
    if proposal is None:
        return found
    codes = {fact.code for fact in found}
    if not any(code.startswith("amount_") for code in codes):
        found.append(_amount_fact(proposal))
    if "guardian" not in codes and "account_known" not in codes and _sender_differs(proposal, transaction):
        found.append(Fact("sender_differs", words.evidence.SENDER_DIFFERS, holds=False))
    return sorted(found, key=lambda fact: not fact.holds)


def _amount_fact(proposal: Proposal) -> Fact:
    owed = sum(notice.open for notice in proposal.notices)
    if proposal.kind == "exact":
        return Fact("amount_seen", words.evidence.OPEN_EQUAL, holds=True)
    if proposal.kind == "over":
        return Fact("amount_seen", words.evidence.OPEN_MORE.format(over=format_dong(proposal.over)), holds=False)
    if proposal.kind == "nothing":
        return Fact("amount_seen", words.evidence.OPEN_NOTHING, holds=False)
    left = format_dong(max(0, owed - proposal.allocated))
    return Fact("amount_seen", words.evidence.OPEN_LESS.format(left=left), holds=False)


def _sender_differs(proposal: Proposal, transaction: BankTransaction | None) -> bool:
    """Whether the sender bears another name than the payer, as relatives do."""
    name = proposal.notices[0].payer_name if proposal.notices else None
    sender = transaction.counter_name if transaction else None
    if not name or not sender:
        return False
    return search_key(name.reveal()) != search_key(sender.reveal())


def rest_of(credit: Credit, state: State) -> list[str]:
    """Where the unallocated part stands; of what is no fee the state says enough."""
    if state == "ignored":
        return []
    parts = credit.suspense_parts.model_dump()
    said = {part: f"{format_dong(amount)} {words.SUSPENSE_PARTS[part]}" for part, amount in parts.items() if amount}
    if credit.returned_at is not None and "returned" in said:
        said["returned"] += f" ({time_words(credit.returned_at)})"
    return list(said.values())


def who_last(
    credit: Credit, names: Mapping[str, str], kept: Sequence[Mapping[str, Any]]
) -> tuple[str, str, datetime] | None:
    """Who changed a credit last, what they did and when; None where neither an allocation nor the audit tells."""
    acts = [(each.decided_at, each.decided_by, words.queue.ACT_MATCHED) for each in credit.allocations]
    acts += [(each.undone_at, each.undone_by, words.queue.ACT_UNDONE) for each in credit.undone]
    acts += [
        (row["at"], row["person_id"], words.queue.ACTS_KEPT[row["act"]])
        for row in kept
        if row["act"] in words.queue.ACTS_KEPT
    ]
    if not acts:
        return None
    at, by, act = max(acts)
    return words.queue.SYSTEM if by == "auto" else names.get(by, by), act, at


def done_words(credit: Credit, loaded: Loaded, reader: Reader) -> str:
    """What a person's own act made of a credit."""
    amount = signed(credit)
    if credit.allocations:
        last = max(credit.allocations, key=lambda each: each.decided_at)
        notice = loaded.notices.get(last.notice_id)
        who = notice_row(notice, reader).who if notice else words.NOTICE_UNKNOWN
        return words.queue.DONE_MATCHED.format(amount=amount, who=who)
    if credit.suspense_parts.unidentified:
        return words.queue.DONE_UNDONE.format(amount=amount)
    parts = [words.SUSPENSE_PARTS[part] for part, dong in credit.suspense_parts.model_dump().items() if dong]
    return words.queue.DONE_SET_ASIDE.format(amount=amount, what=", ".join(parts))


def faster_words(credit: Credit, names: Mapping[str, str], kept: Sequence[Mapping[str, Any]]) -> str:
    """What somebody else made of a credit meanwhile. `kept`: the audit's acts on it, for what no allocation tells."""
    last = who_last(credit, names, kept)
    if last is None:
        return words.queue.JUST_CHANGED.format(amount=signed(credit))
    who, act, at = last
    return words.queue.SOMEBODY_ELSE.format(amount=signed(credit), who=who, act=act, time=clock_words(at))
