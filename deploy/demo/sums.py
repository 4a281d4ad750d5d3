"""What the rows of one cell add up to over a window, and the figures that follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from deploy.demo.happened_by_day import WITHIN_S, Day, Paid, Settled

Figure = tuple[int, int]
"""Numerator and denominator."""
Figures = dict[str, Figure]

_GROUPS = {
    "site": ("shares", "adoption", "payers", "notices", "transfers"),
    "village": ("shares", "adoption", "payers", "notices"),
    "kind": ("shares", "adoption", "payers", "notices"),
    "site_kind": ("shares", "adoption", "notices"),
    "type": ("shares", "adoption", "payers", "notices", "transfers", "times"),
    "place": ("shares", "adoption", "payers", "notices", "transfers", "times"),
    "typed": ("shares", "adoption"),
    "channel": ("transfers", "times"),
    "campaign": ("shares", "adoption", "payers"),
}
"""Which figures each kind of cell has."""


class Sums:
    """What a cell adds up to over a window that begins on `first`."""

    def __init__(self, first_cashless: Mapping[tuple[str, str], date], first: date) -> None:
        self._first_cashless, self._first = first_cashless, first
        self._credits: dict[str, list[bool]] = {}
        self._dong = [0, 0, 0]
        self._payers: dict[tuple[str, str], list[bool]] = {}
        self._due: list[Settled] = []
        self._settled: list[Settled] = []
        self._opened: list[Settled] = []
        self._transfers: dict[str, int] = defaultdict(int)
        self._waiting: list[int] = []

    def add(self, day: Day, *, fee_kind: str | None = None, village: str | None = None) -> None:
        """Add a site's day, or what of it is of a fee kind or a village."""

        def narrowed(states: Iterable[Settled]) -> list[Settled]:
            return [each for each in states if fee_kind in {None, each.fee.fee_kind} and village in {None, each.village}]

        for paid in day.paid:
            if fee_kind in {None, paid.fee_kind} and village in {None, paid.village}:
                self._add_payment(paid)
        self._due += narrowed(day.due)
        self._settled += narrowed(day.settled)
        self._opened += narrowed(day.opened)
        if fee_kind is None and village is None:
            for transfer in day.transfers:
                self._add_counts(transfer.counts)
            self._waiting += [age for _, age in day.waiting]

    def add_channel(self, day: Day, channel: str) -> None:
        """Add what of a site's day came over a provider or from a bank."""
        for transfer in day.transfers:
            if channel in transfer.channels:
                self._add_counts(transfer.counts)
        self._waiting += [age for channels, age in day.waiting if channel in channels]

    def figures(self, kind: str, window: str) -> Figures:
        """The figures of this kind of cell; the queue is told of a day only."""
        groups = {
            "shares": self._shares, "adoption": self._adoption, "payers": self._of_payers, "notices": self._of_notices,
            "transfers": self._of_transfers, "times": self._times,
        }  # fmt: skip
        found: Figures = {}
        for group in _GROUPS[kind]:
            found |= groups[group]()
        if window != "day":
            found.pop("review_age_days", None)
        return found

    def _add_payment(self, paid: Paid) -> None:
        credit = self._credits.setdefault(paid.credit_id, [False] * 2)
        payer = self._payers.setdefault(paid.payer, [False] * 2)
        for seen in (credit, payer):
            seen[0] |= paid.cashless
            seen[1] |= paid.helped
        self._dong[0] += paid.amount
        self._dong[1] += paid.amount * paid.cashless
        self._dong[2] += paid.amount * paid.helped

    def _add_counts(self, counts: Mapping[str, int]) -> None:
        for name, count in counts.items():
            self._transfers[name] += count

    def _shares(self) -> Figures:
        return {
            "cashless_share_payers": (sum(seen[0] for seen in self._payers.values()), len(self._payers)),
            "cashless_share_count": (sum(seen[0] for seen in self._credits.values()), len(self._credits)),
            "cashless_share_value": (self._dong[1], self._dong[0]),
        }

    def _adoption(self) -> Figures:
        due = {(state.fee.site_id, state.fee.payer) for state in self._due}
        adopted = {(state.fee.site_id, state.fee.payer) for state in self._due if state.cashless}
        return {"payer_adoption": (len(adopted), len(due))}

    def _of_payers(self) -> Figures:
        payers = self._payers
        cashless = [payer for payer, seen in payers.items() if seen[0]]
        known = [payer for payer in payers if self._first_cashless.get(payer, date.max) < self._first]
        again = [payer for payer in known if payers[payer][0]]
        return {
            "helped_share_payers": (sum(seen[1] for seen in payers.values()), len(payers)),
            "helped_share_count": (sum(seen[1] for seen in self._credits.values()), len(self._credits)),
            "helped_share_value": (self._dong[2], self._dong[0]),
            "first_time_payers": (sum(self._first_cashless[payer] >= self._first for payer in cashless), len(cashless)),
            "returning_payers": (len(again), len(known)),
            "back_to_cash_payers": (len(known) - len(again), len(known)),
        }

    def _of_notices(self) -> Figures:
        opened = {state.fee.bill_id for state in self._opened}
        from_afar = {state.fee.bill_id for state in self._opened if state.from_afar}
        return {
            "paid_from_afar_bills": (len(from_afar), len(opened)),
            "issue_to_paid_days": (sum(_days_to_pay(state) for state in self._settled), len(self._settled)),
            "paid_on_time": (sum(_on_time(state) for state in self._due), len(self._due)),
        }

    def _of_transfers(self) -> Figures:
        n = self._transfers
        return {
            "automatic_share": (n["automatic_credits"], n["bank_credits"]),
            "automatic_undone_share": (n["undone_credits"], n["ever_automatic_credits"]),
            "review_age_days": (sum(self._waiting), len(self._waiting)),
            "transfer_cost_dong": (n["cost_dong"], n["priced_credits"]),
            "short_by_fee_share": (n["short_credits"], n["matched_credits"]),
            "short_by_fee_dong": (n["short_dong"], n["short_credits"]),
            "bundled_transfers_saved": (n["transferred_notices"] - n["matched_credits"], n["transferred_notices"]),
            "webhook_late_share": (n["late_transactions"], n["webhook_transactions"]),
            "webhook_lateness_seconds": (n["lateness_seconds"], n["webhook_transactions"]),
            "healed_by_statement_share": (n["healed_transactions"], n["watched_transactions"]),
            "duplicate_reports_share": (n["duplicate_reports"], n["reports"]),
        }

    def _times(self) -> Figures:
        n = self._transfers
        return {
            "received_to_matched_seconds": (n["matched_seconds"], n["matched_credits"]),
            **{f"matched_within_{name}": (n[f"matched_{name}"], n["matched_credits"]) for name in WITHIN_S},
        }


def _days_to_pay(state: Settled) -> int:
    assert state.settled_on is not None
    return max((state.settled_on - state.fee.issued_on).days, 0)


def _on_time(state: Settled) -> bool:
    return state.settled_on is not None and state.settled_on <= state.fee.due_on
