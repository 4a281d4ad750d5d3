"""The service decides as `khop evaluate` does: the figures of make evaluate are those of the product."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date
from itertools import groupby
from pathlib import Path

from services.commands.evaluation_files import read_notices, read_transfers
from services.matching.evaluation import Evaluation, NoticeRow, Transfer, _notice
from shared import clock
from shared.events import BankTransaction, Notice
from shared.events.bank import Sighting
from tests.corpus.corpus import make
from tests.integration.matching_ledger import fresh_ledger
from tests.integration.payment_events import a_site

SEED = 4_711
TRANSFERS = 1_500


def an_event(row: NoticeRow, *, version: int = 1, cancelled_on: date | None = None) -> Notice:
    is_cancelled = row.is_cancelled or cancelled_on is not None
    return Notice.model_validate({
        "notice_id": row.notice_id, "version": version, "site_id": row.site_id, "bill_id": row.reference, "round": None,
        "payer_code": row.payer_code, "payer_name": row.payer_name, "group": row.group, "guardian_name": row.guardian_name,
        "guardian_phone": row.guardian_phone, "fee_kind": row.fee_kind, "purpose": row.purpose, "period": row.period,
        "amount": row.amount, "issued_on": row.issued_on or date(2026, 1, 1), "due_on": row.due_on,
        "obligation": _notice(row, {}, listed=False).obligation, "status": "cancelled" if is_cancelled else "open",
        "cancelled_on": cancelled_on, "reference": row.reference, "virtual_account": row.virtual_account, "unit_code": None,
        "link_opened_at": None, "helper_declared_at": None,
    })  # fmt: skip


def a_transaction(transfer: Transfer, site_id: str | None) -> BankTransaction:
    moment = transfer.occurred_at.astimezone(UTC)
    return BankTransaction.model_validate({
        "transaction_id": transfer.transfer_id, "version": 1, "status": "live", "account": transfer.account, "site_id": site_id,
        "virtual_account": transfer.virtual_account, "amount": transfer.amount,
        "direction": "in" if transfer.is_money_in else "out", "occurred_at": moment, "received_at": moment,
        "memo": transfer.memo, "counter_name": transfer.counter_name, "counter_account": transfer.counter_account,
        "counter_bank": transfer.counter_bank, "bank_reference": None, "balance_after": None, "provider": "sepay",
        "seen_by": "webhook", "sightings": (Sighting(provider="sepay", seen_by="webhook", received_at=moment),),
    })  # fmt: skip


def day_by_day(transfers: list[Transfer]) -> Iterator[tuple[date, list[Transfer]]]:
    for day, found in groupby(transfers, key=lambda each: clock.local_day(each.occurred_at)):
        yield day, list(found)


async def test_the_service_decides_as_evaluate_does(postgres_dsn: str, tmp_path: Path) -> None:
    make(SEED, TRANSFERS).write(tmp_path)
    rows, transfers = read_notices(tmp_path / "notices.csv"), read_transfers(tmp_path / "transfers.csv")
    evaluation = Evaluation(rows)
    expected = {each.transfer_id: evaluation.decide(each) for each in transfers}
    sites = {row.site_account: row.site_id for row in reversed(rows)}
    cancellations = sorted((row for row in rows if row.cancelled_on), key=lambda row: row.cancelled_on or date.max)

    async with fresh_ledger(postgres_dsn, batch_records_max=500) as ledger:
        await ledger.take(*(a_site(each) for each in sorted({row.site_id for row in rows})))
        await ledger.take(*(an_event(row) for row in rows))
        for day, found in day_by_day(transfers):
            due = [row for row in cancellations if (row.cancelled_on or date.max) <= day]
            await ledger.take(*(an_event(row, version=2, cancelled_on=row.cancelled_on) for row in due))
            cancellations = cancellations[len(due) :]
            await ledger.take(*(a_transaction(each, sites.get(each.account)) for each in found))
        credits = {each.credit_id: each for each in await ledger.credits([each.transfer_id for each in transfers])}

    different = {}
    for transfer_id, decision in expected.items():
        credit = credits[transfer_id]
        # A later cancellation gives money back, and another decision may follow: what was decided then is compared.
        then = {each.notice_id: each.amount for each in (*credit.allocations, *credit.undone)}
        was = (decision.status, decision.reason, {share.notice_id: share.amount for share in decision.shares})
        now = (credit.status, credit.reason, then)
        if was != now and not credit.undone:
            different[transfer_id] = (was, now, credit.evidence)
    assert different == {}
