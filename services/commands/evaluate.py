"""khop evaluate: run the matching core over files, without Kafka and PostgreSQL."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from services.commands.errors import BAD_INPUT, FAILED, CommandError
from services.commands.evaluation_files import read_fee_kinds, read_notices, read_transfers
from services.matching.evaluation import Evaluation, Transfer
from services.matching.matcher import Decision, sentence
from shared.heap import keep_what_is_made

DayOption = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Know nothing that was issued or cancelled after this day.")
]
PROGRESS_EVERY = 5_000


def evaluate(
    notices: Annotated[Path, typer.Option(help="notices.csv, as for khop import, with site_account and cancelled_on.")],
    transfers: Annotated[Path, typer.Option(help="transfers.csv: what arrived on the accounts.")],
    out: Annotated[Path, typer.Option(help="Where the decisions go, one JSON object a line, in the transfers' order.")],
    as_of: DayOption = None,
    fee_kinds: Annotated[
        Path | None, typer.Option(help="fee-kinds.csv, as for khop import: what is voluntary, and which first.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The last line of stdout is JSON.")] = False,
) -> None:
    """Decide every transfer of a file by the very code that the matching service runs, in the order in which they happened."""
    evaluation = Evaluation(
        read_notices(notices),
        None if fee_kinds is None else read_fee_kinds(fee_kinds),
        as_of=None if as_of is None else _day(as_of),
    )
    arrived = read_transfers(transfers)
    keep_what_is_made()
    started = time.perf_counter()
    decisions = _decide(evaluation, arrived)
    seconds = time.perf_counter() - started
    _write(out, arrived, decisions)
    statuses = Counter(decision.status for decision in decisions)
    summary = {
        "transfers": len(arrived),
        **{status: statuses[status] for status in ("matched", "suggested", "unmatched", "ignored")},
        "seconds": round(seconds, 3),
    }
    typer.echo(json.dumps(summary) if as_json else ", ".join(f"{name} {value}" for name, value in summary.items()))


def _decide(evaluation: Evaluation, arrived: list[Transfer]) -> list[Decision]:
    """In the order in which they happened; the file's order where two happened at once."""
    decisions: list[Decision | None] = [None] * len(arrived)
    for place in _with_progress(sorted(range(len(arrived)), key=lambda each: arrived[each].occurred_at)):
        decisions[place] = evaluation.decide(arrived[place])
    return [decision for decision in decisions if decision is not None]


def _with_progress(places: list[int]) -> Iterator[int]:
    is_shown = sys.stderr.isatty()
    for number, place in enumerate(places, 1):
        yield place
        if is_shown and number % PROGRESS_EVERY == 0:
            sys.stderr.write(f"\r{number} of {len(places)} decided")
    if is_shown:
        sys.stderr.write("\r\033[K")


def _write(out: Path, arrived: list[Transfer], decisions: list[Decision]) -> None:
    try:
        with out.open("w", encoding="utf-8") as file:
            for transfer, decision in zip(arrived, decisions, strict=True):
                _write_line(file, transfer, decision)
    except OSError as error:
        raise CommandError(f"{out} cannot be written: {error.strerror}", FAILED) from error


def _write_line(file: IO[str], transfer: Transfer, decision: Decision) -> None:
    line: dict[str, Any] = {
        "transfer_id": transfer.transfer_id,
        "status": decision.status,
        "allocations": [{"notice_id": share.notice_id, "amount": share.amount} for share in decision.shares],
        "suspense": transfer.amount - decision.allocated,
        "candidates": [{"notice_ids": list(each.notice_ids), "score": each.score} for each in decision.candidates],
        "reason": decision.reason,
        "evidence": [sentence(fact) for fact in decision.facts],
    }
    file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--as-of: {text!r} is not a date such as 2026-11-24", BAD_INPUT) from error
