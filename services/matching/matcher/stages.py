"""The stages of evidence, from certain to weak; each is one function that decides or passes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from services.matching.matcher.book import Book
from services.matching.matcher.settling import settle
from services.matching.matcher.values import Decision, Incoming, OpenNotice, SiteRules
from shared.events.payments import Reason

MAX_CANDIDATES = 5

Stage = Callable[[Incoming, Book, SiteRules], Decision | None]


def decide(incoming: Incoming, book: Book, rules: Mapping[str, SiteRules]) -> Decision:
    """What a movement pays, given the notices that it could pay. `rules` by site; a site without any has the defaults."""
    site_rules = rules.get(incoming.site_id or "", SiteRules())
    for stage in STAGES:
        decision = stage(incoming, book, site_rules)
        if decision is not None:
            return decision
    return Decision("unmatched", "none")


def money_out(incoming: Incoming, _book: Book, _rules: SiteRules) -> Decision | None:
    """Money that leaves pays no fee."""
    return None if incoming.is_money_in else Decision("ignored", "not_income")


def by_virtual_account(incoming: Incoming, book: Book, rules: SiteRules) -> Decision | None:
    """A virtual account that was given to one bill says whose money it is, whatever the memo says."""
    if not incoming.virtual_account:
        return None
    notices = _at(incoming.site_id, book.of_virtual_account(incoming.virtual_account))
    if not notices:
        return None
    return _decide_bill(incoming.amount, notices, rules, "virtual_account", "virtual account of the bill")


def by_reference(incoming: Incoming, book: Book, rules: SiteRules) -> Decision | None:
    """Intact references of the memo: one bill, several, or one that lies at another site."""
    named = {reference: book.of_reference(reference) for reference in incoming.references}
    here = {reference: notices for reference, found in named.items() if (notices := _at(incoming.site_id, found))}
    if len(here) > 1:
        return _several(incoming.amount, here)
    if here:
        reference, notices = next(iter(here.items()))
        return _decide_bill(incoming.amount, notices, rules, "reference", f"reference {reference} intact")
    elsewhere = {reference: found for reference, found in named.items() if found}
    if elsewhere and incoming.site_id is not None:
        evidence = tuple(f"reference {reference} is of another site" for reference in elsewhere)
        return Decision("suggested", "wrong_account", evidence=evidence, candidates=_candidates(elsewhere.values()))
    return None


STAGES: tuple[Stage, ...] = (money_out, by_virtual_account, by_reference)


def pay_notice(amount: int, notice: OpenNotice, reason: Reason) -> Decision:
    """What a receipt for one named notice pays (cash, or reported by the public-service portal)."""
    return _decide_bill(amount, [notice], SiteRules(), reason, "receipt names the notice")


def _decide_bill(amount: int, notices: Sequence[OpenNotice], rules: SiteRules, reason: Reason, named_by: str) -> Decision:
    candidates = _candidates([notices])
    if all(notice.is_cancelled for notice in notices):
        return Decision("suggested", "cancelled", evidence=(named_by, "every notice is cancelled"), candidates=candidates)
    if all(notice.open == 0 for notice in notices):
        return Decision("suggested", "duplicate", evidence=(named_by, "already paid in full"), candidates=candidates)
    settlement = settle(amount, notices, rules)
    if settlement is None:
        unpaid = [notice for notice in notices if notice.open > 0]
        evidence = (named_by, "amount fits no choice of the bill's open notices")
        return Decision("suggested", "ambiguous", evidence=evidence, candidates=_candidates([unpaid]))
    return Decision("matched", reason, settlement.shares, (named_by, settlement.evidence))


def _several(amount: int, bills: Mapping[str, Sequence[OpenNotice]]) -> Decision:
    """Two references or more are settled only where their open sums add up exactly."""
    unpaid = [notice for notices in bills.values() for notice in notices if notice.open > 0]
    evidence = tuple(f"reference {reference} intact" for reference in bills)
    everyone_owes = all(any(notice.open > 0 for notice in notices) for notices in bills.values())
    if everyone_owes and sum(notice.open for notice in unpaid) == amount:
        settlement = settle(amount, unpaid, SiteRules())
        assert settlement is not None
        return Decision("matched", "several", settlement.shares, (*evidence, "amount equal to the bills together"))
    evidence = (*evidence, "amount differs from the bills together")
    return Decision("suggested", "several", evidence=evidence, candidates=_candidates(bills.values()))


def _at(site_id: str | None, notices: Sequence[OpenNotice]) -> list[OpenNotice]:
    return [notice for notice in notices if notice.site_id == site_id]


def _candidates(groups: Iterable[Sequence[OpenNotice]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(notice.notice_id for notice in group) for group in groups)[:MAX_CANDIDATES]
