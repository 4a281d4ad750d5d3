"""How decisions compare with what a careful accountant would do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.corpus.truth import Transfer, Truth

AUTOMATIC_MIN = 0.995
WRONG_MAX = 1 / 10_000
TOP_3_MIN = 0.97
REASON_MIN = 0.99


@dataclass(slots=True)
class Tally:
    """Counts of one kind of transfer, or of all."""

    transfers: int = 0
    decidable: int = 0
    decided_right: int = 0
    automatic: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    with_answer: int = 0
    answer_in_top_3: int = 0
    unanswered: list[str] = field(default_factory=list)
    refusals: int = 0
    refused_rightly: int = 0
    misnamed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Score:
    """The figures of `make evaluate`."""

    total: Tally = field(default_factory=Tally)
    by_kind: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    reasons: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    @property
    def automatic_rate(self) -> float:
        return _share(self.total.decided_right, self.total.decidable)

    @property
    def wrong_rate(self) -> float:
        return _share(len(self.total.wrong), self.total.automatic, empty=0.0)

    @property
    def top_3_rate(self) -> float:
        return _share(self.total.answer_in_top_3, self.total.with_answer)

    @property
    def reason_rate(self) -> float:
        return _share(self.total.refused_rightly, self.total.refusals)

    @property
    def meets_goals(self) -> bool:
        return (
            self.automatic_rate >= AUTOMATIC_MIN
            and self.wrong_rate <= WRONG_MAX
            and self.top_3_rate >= TOP_3_MIN
            and self.reason_rate >= REASON_MIN
        )

    def add(
        self, label: str, transfers: Sequence[Transfer], truths: Mapping[str, Truth], decisions: Sequence[Mapping[str, Any]]
    ) -> None:
        """Score a corpus; `label` stands before the ids of what went wrong."""
        assert [each.transfer_id for each in transfers] == [each["transfer_id"] for each in decisions], (
            "one line a transfer, in order"
        )
        paid: set[str] = set()
        for transfer, decision in zip(transfers, decisions, strict=True):
            _check_identity(transfer, decision)
            truth = as_it_came(truths[transfer.transfer_id], paid)
            paid |= {share["notice_id"] for share in decision["allocations"]}
            self.reasons[truth.kind, decision["status"], decision["reason"]] += 1
            for tally in (self.total, self.by_kind[truth.kind]):
                _count(tally, f"{label}/{transfer.transfer_id}", truth, decision)


def as_it_came(truth: Truth, paid: set[str]) -> Truth:
    """A second payment is none where the first was left to a person: it is decided like a first one then."""
    if "duplicate" not in truth.reasons or any(answer <= paid for answer in truth.answers):
        return truth
    return Truth(f"{truth.kind}_but_first", "person", truth.allocations or truth.first, truth.answers)


def _count(tally: Tally, name: str, truth: Truth, decision: Mapping[str, Any]) -> None:
    tally.transfers += 1
    paid = {share["notice_id"]: share["amount"] for share in decision["allocations"]}
    is_right = paid == truth.allocations
    if decision["status"] == "matched":
        tally.automatic += 1
        # In doubt the right one is no mistake: the other who could be meant may have paid before.
        if not is_right:
            tally.wrong.append(name)
    if truth.verdict == "decide":
        tally.decidable += 1
        tally.decided_right += is_right
        if not is_right:
            tally.missed.append(name)
    if truth.answers and decision["status"] != "matched":
        tally.with_answer += 1
        first = [frozenset(each["notice_ids"]) for each in decision["candidates"][:3]]
        found = any(answer in first for answer in truth.answers)
        tally.answer_in_top_3 += found
        if not found:
            tally.unanswered.append(name)
    if truth.reasons:
        tally.refusals += 1
        named = decision["status"] != "matched" and decision["reason"] in truth.reasons
        tally.refused_rightly += named
        if not named:
            tally.misnamed.append(name)


def _check_identity(transfer: Transfer, decision: Mapping[str, Any]) -> None:
    """amount = Σ allocations + suspense, and a match has allocations."""
    allocated = sum(share["amount"] for share in decision["allocations"])
    assert transfer.amount == allocated + decision["suspense"], f"{transfer.transfer_id} loses money"
    assert (decision["status"] == "matched") == bool(decision["allocations"]), transfer.transfer_id
    assert len(decision["candidates"]) <= 5, transfer.transfer_id


def report(score: Score) -> str:
    """The figures as text, by kind and in all."""
    lines = [f"{'kind':28} {'transfers':>9} {'automatic and right':>20} {'wrong':>6} {'top-3':>8} {'reason':>8}"]
    for kind, tally in sorted(score.by_kind.items()):
        lines.append(_line(kind, tally))
    lines += [
        _line("all", score.total),
        "",
        f"automatic and right, of what an accountant would decide: {score.automatic_rate:.3%} (goal {AUTOMATIC_MIN:.1%})",
        f"wrong automatic decisions: {len(score.total.wrong)} of {score.total.automatic:,} (goal at most 1 in 10,000)",
        f"right answer among the first three suggestions: {score.top_3_rate:.3%} (goal {TOP_3_MIN:.0%})",
        f"refusals that name the right reason: {score.reason_rate:.3%} (goal {REASON_MIN:.0%})",
    ]
    return "\n".join(lines)


def _line(kind: str, tally: Tally) -> str:
    right = f"{tally.decided_right:,} of {tally.decidable:,}" if tally.decidable else ""
    top_3 = f"{_share(tally.answer_in_top_3, tally.with_answer):.1%}" if tally.with_answer else ""
    reason = f"{_share(tally.refused_rightly, tally.refusals):.1%}" if tally.refusals else ""
    return f"{kind:28} {tally.transfers:9,} {right:>20} {len(tally.wrong):6} {top_3:>8} {reason:>8}"


def _share(part: int, whole: int, empty: float = 1.0) -> float:
    return part / whole if whole else empty
