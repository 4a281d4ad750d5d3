"""A corpus: notices.csv, transfers.csv and truth.jsonl of one seed."""

from __future__ import annotations

import csv
import json
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from random import Random

from tests.corpus.scenarios import SCENARIOS, background
from tests.corpus.scenarios.desk import Desk
from tests.corpus.truth import Transfer, Truth, Written
from tests.corpus.world import Notice, Payer, World
from tests.corpus.writing import plain

SITES_MIN = 18
TRANSFERS_PER_SITE = 300
"""So that a school has some four hundred pupils and a class some thirty-five."""

NOTICE_COLUMNS = (
    "notice_id",
    "site_id",
    "site_account",
    "payer_code",
    "payer_name",
    "group",
    "guardian_name",
    "guardian_phone",
    "purpose",
    "period",
    "amount",
    "issued_on",
    "due_on",
    "status",
    "cancelled_on",
    "reference",
    "virtual_account",
    "fee_kind",
    "round",
    "unit_code",
)


@dataclass(frozen=True, slots=True)
class Corpus:
    """What happened, in the order in which it happened."""

    notices: list[Notice]
    transfers: list[Transfer]
    truths: dict[str, Truth]

    def write(self, folder: Path) -> None:
        """notices.csv, transfers.csv and truth.jsonl, the last for people."""
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "notices.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(NOTICE_COLUMNS)
            writer.writerows(_row(notice) for notice in self.notices)
        with (folder / "transfers.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([each.name for each in fields(Transfer)])
            writer.writerows(
                [each if not hasattr(each, "isoformat") else each.isoformat() for each in astuple(one)]
                for one in self.transfers
            )
        with (folder / "truth.jsonl").open("w") as file:
            for transfer in self.transfers:
                truth = self.truths[transfer.transfer_id]
                line = {
                    "transfer_id": transfer.transfer_id,
                    "kind": truth.kind,
                    "verdict": truth.verdict,
                    "allocations": dict(truth.allocations),
                    "answers": [sorted(each) for each in truth.answers],
                    "reasons": sorted(truth.reasons),
                }
                file.write(json.dumps(line, ensure_ascii=False) + "\n")


def make(seed: int, transfers: int, *, sites: int | None = None, idle: float = 0.35) -> Corpus:
    """A corpus of about so many transfers; `idle`: how many payers who pay nothing stand beside each of them."""
    rng = Random(seed)
    desk = Desk(World(rng, sites or max(SITES_MIN, transfers // TRANSFERS_PER_SITE)), [])
    scenarios, weights = [each[0] for each in SCENARIOS], [each[1] for each in SCENARIOS]
    background(desk, int(transfers * idle))
    while len(desk.transfers) < transfers:
        rng.choices(scenarios, weights)[0](desk)
    notices = desk.world.notices
    doubted = {transfer.transfer_id: _in_doubt(transfer, truth) for transfer, truth in desk.transfers}
    rng.shuffle(notices)
    ordered = sorted(desk.transfers, key=lambda each: (each[0].occurred_at, each[0].transfer_id))
    return Corpus(notices, [transfer for transfer, _ in ordered], doubted)


def _in_doubt(transfer: Transfer, truth: Truth) -> Truth:
    """Where words could mean somebody else who owes the same, she would not decide."""
    if truth.verdict == "decide" and any(_rivals(each, truth, transfer.amount) for each in truth.written):
        truth.verdict, truth.kind = "person", f"{truth.kind}_in_doubt"
    return truth


def _rivals(written: Written, truth: Truth, amount: int) -> list[Payer]:
    """Others whom the same words could mean, and who were asked for the same."""
    payer = written.payer
    if len(truth.written) > 1:
        amount = sum(part for notice in payer.notices if (part := truth.allocations.get(notice.notice_id, 0)))
    return [
        other
        for other in payer.site.payers
        if other is not payer
        and (not written.with_group or other.group == payer.group)
        and _could_be(written, other.name)
        and _owes(other, amount)
    ]


def _owes(payer: Payer, amount: int) -> bool:
    months: dict[int, int] = {}
    for notice in payer.notices:
        months[notice.month] = months.get(notice.month, 0) + notice.amount
    return amount in months.values() or any(notice.amount == amount for notice in payer.notices)


def _could_be(written: Written, name: str) -> bool:
    words, own = plain(name).lower().split(), plain(written.payer.name).lower().split()
    if written.form == "full":
        return words == own
    if written.form == "given":
        return words[-1] == own[-1]
    if written.form == "lost":
        return (words[0], words[-1]) == (own[0], own[-1])
    if written.form == "turned":
        return sorted(words) == sorted(own)
    if written.form == "short":
        return words[-1] == own[-1] and [each[0] for each in words] == [each[0] for each in own]
    return _distance(" ".join(words), plain(written.text).lower()) <= 1


def _distance(one: str, other: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        last, row[0] = row[0], place
        for at, against in enumerate(other, 1):
            last, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, last + (letter != against))
    return row[-1]


def _row(notice: Notice) -> tuple[object, ...]:
    payer = notice.payer
    return (
        notice.notice_id,
        payer.site.site_id,
        payer.site.account,
        payer.code,
        payer.name,
        payer.group,
        payer.guardian if payer.group else "",
        payer.phone if payer.group else "",
        notice.purpose,
        notice.period,
        notice.amount,
        notice.issued_on,
        notice.due_on,
        notice.status,
        notice.cancelled_on or "",
        notice.reference,
        notice.virtual_account,
        notice.fee_kind,
        notice.round,
        "",
    )
