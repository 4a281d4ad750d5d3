"""What the model's payers pay by a slip's code, the matcher settles, whoever sends it and however the bank writes it.

The year's figures are held against what payers meant: one plain payment in ten thousand left to a person makes them differ.
"""

from __future__ import annotations

from datetime import datetime
from random import Random

import pytest

from deploy.demo import banks, district
from deploy.demo.payers import Bill, OpenNotice, qr_memo
from deploy.demo.people import a_name
from deploy.demo.year.households import households_of
from deploy.demo.year.parameters import parameters
from deploy.demo.year.school_year import Issued, months, notices_of
from services.matching.evaluation import Evaluation, NoticeRow, Transfer
from shared.clock import LOCAL
from shared.reference import random_reference

MOMENT = datetime(2025, 12, 15, 9, tzinfo=LOCAL)


def a_row(notice: Issued, account: str, reference: str) -> NoticeRow:
    return NoticeRow(
        notice.notice_id, notice.site_id, account, notice.payer_code, notice.payer_name, notice.group, "", "", notice.purpose,
        notice.period, notice.amount, notice.issued_on, notice.due_on, False, None, reference, None, notice.fee_kind,
    )  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_every_plain_payment_of_a_month_is_settled(seed: int):
    numbers, rng = parameters(), Random(seed)
    month = months(numbers)[3]
    left = []
    for site in district.sites():
        slips = [
            (random_reference(rng), payer, issued)
            for payer in households_of(site, 7, numbers)
            if (issued := notices_of(payer, month, 7, numbers))
        ]
        evaluation = Evaluation([a_row(each, site.account, reference) for reference, _, issued in slips for each in issued])
        for reference, household, issued in slips:
            lines = tuple(OpenNotice(each.notice_id, each.amount, each.fee_kind) for each in issued)
            bill = Bill(reference, site.site_id, site.account, household.payer.name, household.payer.group, lines)
            transfer = banks.Transfer(
                qr_memo(bill, rng), a_name(rng), f"0{rng.randrange(10**12):012d}", site.account, site.account_name, MOMENT
            )
            told = banks.write(transfer, rng)
            names_sender = rng.random() < 0.5  # SePay tells of no counterparty
            decision = evaluation.decide(
                Transfer(
                    reference, site.account, None, bill.amount, MOMENT, told.content, told.counter_name if names_sender else "",
                    told.counter_account if names_sender else "", told.counter_bank, True,
                )
            )  # fmt: skip
            if {each.notice_id for each in decision.shares} != {each.notice_id for each in issued}:
                left.append((household.payer.name, told.content, decision.reason))
    assert left == []
