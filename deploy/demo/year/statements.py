"""An account's statement as a bank's table: every movement with its balance, in order. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from deploy.demo.providers import Report

HEADINGS = ("Ngày giao dịch", "Giờ giao dịch", "Số tham chiếu", "Ghi nợ", "Ghi có", "Số dư", "Nội dung", "Ngân hàng đối ứng")


def statement_csv(reports: Sequence[Report]) -> tuple[bytes, int, int]:
    """The file, and the balances before its first and after its last movement, in đồng."""
    ordered = sorted(reports, key=lambda report: report.occurred_at)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADINGS)
    for each in ordered:
        out, into = (each.amount, "") if each.direction == "out" else ("", each.amount)
        writer.writerow((
            f"{each.occurred_at:%d/%m/%Y}", f"{each.occurred_at:%H:%M:%S}", each.bank_reference, out, into, each.balance_after,
            each.memo, each.counter_bank or "",
        ))  # fmt: skip
    first = ordered[0]
    moved = first.amount if first.direction == "in" else -first.amount
    return text.getvalue().encode(), first.balance_after - moved, ordered[-1].balance_after
