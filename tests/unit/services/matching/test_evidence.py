"""Evidence is true: every fact of a decision is checked against the notices that it speaks of, over a simulated corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from services.commands.evaluation_files import read_notices, read_transfers
from services.matching.evaluation import Evaluation
from services.matching.matcher import Book, Decision, sentence
from services.matching.matcher.evidence import SENTENCES
from services.matching.matcher.text import fold, split
from tests.corpus.corpus import make

SEED, TRANSFERS = 77, 1_200


class State:
    """What was open when a decision was taken."""

    def __init__(self, book: Book, incoming_amount: int, memo: str, decision: Decision) -> None:
        self.amount, self.decision = incoming_amount, decision
        self.count = 0
        """What the fact says of how many."""
        self.letters = "".join(split(fold(memo))[0])
        self.notices = {notice.notice_id: notice for notice in book.notices()}
        self.payer_of = book.payer_of
        self.open = {notice_id: notice.open for notice_id, notice in self.notices.items()}

    def sums(self) -> list[int]:
        """What is open of each candidate."""
        return [sum(self.open[each] for each in candidate.notice_ids) for candidate in self.decision.candidates]

    def paid_in_full(self) -> bool:
        return all(share.amount == self.open[share.notice_id] for share in self.decision.shares)

    def payers(self, notice_ids: Iterable[str]) -> set[object]:
        return {self.notices[each].payer_code for each in notice_ids}

    @property
    def named(self) -> set[str]:
        """Everybody of the candidates, as folded letters of the name."""
        found = set()
        for candidate in self.decision.candidates:
            for each in candidate.notice_ids:
                payer = self.payer_of(self.notices[each])
                found.add("".join(payer.words))
        return found


def _ways(state: State) -> int:
    return sum(total == state.amount for total in state.sums())


TRUE: dict[str, Callable[[State], bool]] = {
    "amount_equal": lambda s: s.decision.allocated == s.amount and s.paid_in_full(),
    "amount_above": lambda s: 0 < s.decision.allocated < s.amount and s.paid_in_full(),
    "amount_part": lambda s: [share.amount for share in s.decision.shares] == [s.amount] and not s.paid_in_full(),
    "amount_one_line": lambda s: len(s.decision.shares) == 1 and s.decision.allocated == s.amount and s.paid_in_full(),
    "amount_obligatory": lambda s: s.decision.allocated == s.amount and s.paid_in_full(),
    "amount_in_order": lambda s: s.decision.allocated == s.amount,
    "amount_one_notice": lambda s: len(s.decision.candidates[0].notice_ids) == 1 and s.sums()[0] == s.amount,
    "amount_several_notices": lambda s: len(s.decision.candidates[0].notice_ids) == s.count > 1 and s.sums()[0] == s.amount,
    "amount_together": lambda s: s.sums()[0] == s.amount and len(s.decision.candidates[0].notice_ids) > 1,
    "amount_differs": lambda s: _ways(s) == 0,
    "amount_fits_several_ways": lambda s: s.count > 1 and _ways(s) >= min(s.count, 5),
    "amount_fits_lines": lambda s: _ways(s) == 1,
    "amount_fits_one": lambda s: any(
        total == s.amount and len(s.payers(each.notice_ids)) == 1
        for total, each in zip(s.sums(), s.decision.candidates, strict=True)
    ),
    "amount_fits_only": lambda s: s.decision.reason != "name" and all(total == s.amount for total in s.sums()),
    "one_of": lambda s: (
        s.count > 1 and len({frozenset(s.payers(each.notice_ids)) for each in s.decision.candidates}) >= min(2, s.count)
    ),
    "paid_already": lambda s: all(
        not s.notices[each].is_cancelled and not s.open[each] for each in s.decision.candidates[0].notice_ids
    ),
    "all_cancelled": lambda s: all(s.notices[each].is_cancelled for each in s.decision.candidates[0].notice_ids),
    "name_full": lambda s: any(name in s.letters or _telex(name, s) for name in s.named),
    "oldest_first": lambda s: s.decision.allocated == s.amount,
}


def _telex(name: str, state: State) -> bool:
    """The memo was typed with the keyboard's marks as letters, or with a slip that a bank made; only its letters can be compared."""
    rest = iter(state.letters)
    return all(letter in rest for letter in name)


def test_every_fact_of_a_corpus_is_true(tmp_path: Path):
    make(SEED, TRANSFERS).write(tmp_path)
    evaluation = Evaluation(read_notices(tmp_path / "notices.csv"))
    book = evaluation._book
    wrong, seen = [], set()
    for transfer in read_transfers(tmp_path / "transfers.csv"):
        open_before = {notice.notice_id: notice.open for notice in book.notices()}
        decision = evaluation.decide(transfer)
        state = State(book, transfer.amount, transfer.memo, decision)
        state.open = open_before
        for fact in decision.facts:
            seen.add(fact.code)
            assert "{" not in sentence(fact)
            state.count = int(fact.about) if fact.about.isdigit() else 0
            if (holds := TRUE.get(fact.code)) is not None and not holds(state):
                wrong.append((transfer.memo, decision))
    assert wrong == []
    assert len(seen) > len(SENTENCES) // 2
