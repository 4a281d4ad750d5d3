"""The algorithm: a list of stages from certain to weak. Each decides what it knows for sure, or passes the credit on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from services.matching.matcher.bill import (
    CANDIDATES_MAX,
    SCORE_FITS,
    SCORE_POSSIBLE,
    OpenLine,
    in_settling_order,
    settle,
    suggestions,
)
from services.matching.matcher.book import Book
from services.matching.matcher.values import CreditToDecide, Decision, KnownNotice, Share
from shared.events.payments import Candidate, Reason, SuspenseParts

Stage = Callable[[CreditToDecide, Book], Decision | None]


def decide(credit: CreditToDecide, book: Book) -> Decision:
    """What a credit pays, by the first stage that knows. Changes nothing: enter the decision in the book before the next."""
    for stage in STAGES:
        decision = stage(credit, book)
        if decision is not None:
            return decision
    return _open_question(credit, "unmatched", "none", ("nothing names a notice",))


def money_out(credit: CreditToDecide, _book: Book) -> Decision | None:
    """Money that went out pays no fee."""
    if credit.money_in:
        return None
    return Decision("ignored", "not_income", SuspenseParts(not_a_fee=credit.amount), evidence=("money went out",))


def site_unknown(credit: CreditToDecide, _book: Book) -> Decision | None:
    """Nothing can be said before it is known whose account it is."""
    if credit.site_id is not None:
        return None
    return _open_question(credit, "unmatched", "none", ("the account belongs to no site yet",))


def intended_notice(credit: CreditToDecide, book: Book) -> Decision | None:
    """A receipt names its notice."""
    if credit.intended_notice_id is None:
        return None
    notice = book.notice(credit.intended_notice_id)
    if notice is None:
        return _open_question(credit, "unmatched", "awaiting_notice", ("the notice of the receipt is not known yet",))
    if notice.site_id != credit.site_id:
        return _suggest(credit, "wrong_account", [notice], "the notice is another site's")
    reason: Reason = "portal_report" if credit.channel == "portal" else "cash_receipt"
    return _settle(credit, book, [notice], reason, "the receipt names the notice")


def virtual_account(credit: CreditToDecide, book: Book) -> Decision | None:
    """A virtual account points at its notices, unless a reference beside it says something else."""
    if credit.virtual_account is None or credit.site_id is None:
        return None
    notices = book.of_virtual_account(credit.site_id, credit.virtual_account)
    if not notices:
        return None
    named = [notice for reference in credit.references for notice in book.of_reference(reference)]
    if named:
        if all(notice in notices for notice in named):
            return None  # the reference is narrower
        return _suggest(credit, "ambiguous", [*notices, *named], "virtual account and reference name different bills")
    return _settle(credit, book, notices, "virtual_account", "virtual account of the notices")


def reference(credit: CreditToDecide, book: Book) -> Decision | None:
    """One intact reference names a bill; several must add up."""
    bills = {name: notices for name in credit.references if (notices := book.of_reference(name))}
    if not bills:
        return None
    notices = [notice for bill in bills.values() for notice in bill]
    here = [notice for notice in notices if notice.site_id == credit.site_id]
    evidence = f"reference {', '.join(bills)} intact"
    if not here:
        return _suggest(credit, "wrong_account", notices, f"{evidence}, of another site")
    if len(here) < len(notices):
        return _suggest(credit, "several", notices, f"{evidence}, of different sites")
    if len(credit.references) == 1:
        return _settle(credit, book, here, "reference", evidence)
    return _several(credit, book, bills, evidence)


STAGES: Sequence[Stage] = (money_out, site_unknown, intended_notice, virtual_account, reference)


def _several(credit: CreditToDecide, book: Book, bills: dict[str, Sequence[KnownNotice]], evidence: str) -> Decision:
    """References beside each other: exactly the sum of what is open, or a person decides."""
    notices = [notice for bill in bills.values() for notice in bill]
    lines = _open_lines(book, notices)
    if not lines:
        return _settle(credit, book, notices, "several", evidence)
    if sum(line.open_amount for line in lines) != credit.amount:
        wholes = [tuple(line.notice.notice_id for line in _open_lines(book, bill)) for bill in bills.values()]
        both = tuple(line.notice.notice_id for line in lines)
        ids = list(dict.fromkeys(each for each in (both, *wholes) if each))[:CANDIDATES_MAX]
        candidates = tuple(Candidate(notice_ids=each, score=SCORE_POSSIBLE) for each in ids)
        return _open_question(
            credit, "suggested", "several", (evidence, "amount differs from the open sum of the bills"), candidates
        )
    # A reference that no notice bears may be a bill that is still to come; the sum says that it is not meant.
    reason: Reason = "several" if len(bills) > 1 else "reference"
    return _settle(credit, book, notices, reason, evidence)


def _settle(credit: CreditToDecide, book: Book, notices: Sequence[KnownNotice], reason: Reason, evidence: str) -> Decision:
    """Settle notices that the credit surely names: all at its own site."""
    live = [notice for notice in notices if not notice.cancelled]
    if not live:
        return _suggest(credit, "cancelled", notices, f"{evidence}, cancelled")
    lines = _open_lines(book, live)
    if not lines:
        return _suggest(credit, "duplicate", live, f"{evidence}, settled already")
    rules = book.rules(credit.site_id)
    settlement = settle(credit.amount, lines, rules)
    if settlement is None:
        candidates = suggestions(credit.amount, in_settling_order(lines, rules))
        return _open_question(credit, "suggested", "ambiguous", (evidence, "amount fits no one way of settling"), candidates)
    return Decision(
        "matched",
        reason,
        SuspenseParts(balance=settlement.excess),
        tuple(Share(*share) for share in settlement.shares),
        (evidence, settlement.evidence),
        (Candidate(notice_ids=tuple(share.notice_id for share in settlement.shares), score=1.0),),
    )


def _open_lines(book: Book, notices: Iterable[KnownNotice]) -> list[OpenLine]:
    lines = (OpenLine(notice, book.open_amount(notice)) for notice in notices)
    return [line for line in lines if line.open_amount > 0]


def _suggest(credit: CreditToDecide, reason: Reason, notices: Iterable[KnownNotice], evidence: str) -> Decision:
    """Leave it to a person, with the notices in question, those of just this amount first."""
    by_id = {notice.notice_id: notice for notice in notices}
    ranked = sorted(by_id.values(), key=lambda notice: (notice.amount != credit.amount, notice.due_on, notice.notice_id))
    candidates = tuple(
        Candidate(notice_ids=(each.notice_id,), score=SCORE_FITS if each.amount == credit.amount else SCORE_POSSIBLE)
        for each in ranked[:CANDIDATES_MAX]
    )
    return _open_question(credit, "suggested", reason, (evidence,), candidates)


def _open_question(
    credit: CreditToDecide,
    status: Literal["suggested", "unmatched"],
    reason: Reason,
    evidence: tuple[str, ...],
    candidates: tuple[Candidate, ...] = (),
) -> Decision:
    suspense = SuspenseParts(unidentified=credit.amount)
    return Decision(status, reason, suspense, evidence=evidence, candidates=candidates)
