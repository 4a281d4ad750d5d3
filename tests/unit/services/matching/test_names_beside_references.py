"""A pupil's name beside another pupil's reference: typed, it contradicts; written by an application as the sender's, it does not."""

from __future__ import annotations

import random
from datetime import date

import pytest

from services.matching.matcher import Book, Incoming, OpenNotice, Payer, decide
from shared.reference import random_reference

SITE, AMOUNT = "MN-HOA-LAN", 474_000
REFERENCE, OTHER = (random_reference(random.Random(seed)) for seed in (7, 8))
PAYERS = [
    Payer(SITE, "HS1", "Dương Tài Thành", "4A", ""), Payer(SITE, "HS2", "Đỗ Tài Tú", "4A", ""),
    Payer(SITE, "HS3", "Nông Thị Mai", "4B", ""),
]  # fmt: skip
BILLS = {"HS1": REFERENCE, "HS2": OTHER, "HS3": random_reference(random.Random(9))}


def decided(memo: str) -> str:
    notices = [
        OpenNotice(code, SITE, reference, None, "meals", "due", date(2026, 11, 20), AMOUNT, False, 0, code, "Tiền ăn")
        for code, reference in BILLS.items()
    ]  # fmt: skip
    incoming = Incoming("c1", SITE, AMOUNT, is_money_in=True, memo=memo, occurred_on=date(2026, 11, 10))
    decision = decide(incoming, Book(notices, PAYERS), {})
    return ",".join(share.notice_id for share in decision.shares) if decision.status == "matched" else decision.reason


@pytest.mark.parametrize(
    "memo",
    [
        f"CUSTOMER NONG THI MAI chuyen khoan {REFERENCE} - Ma giao dich/ Trace 784032",
        f"CUSTOMER NONG THI MAI chuyen  tien  {REFERENCE} - Ma giao dich/ Trace 187301",
        f"CUSTOMER NONG THI MAI chuyen khoa n {REFERENCE} - Ma giao dich/ Trace 711277",
        f"CUSTOMER NONG THI MAI chuyen kho an {REFERENCE} - Ma giao dich/ Trace 245807",
        f"CUSTOMER NONG THI MAI chu yen khoan {REFERENCE} - Ma giao dich/ Trace 245807",
        f"CUSTOMER NONG THI MAI chuyen khoan  {REFERENCE} NOP TIEN T11 - Ma giao dich/ Trace 237317",
        f"IBFT nong thi mai{REFERENCE}",
        f"CUSTOMER {REFERENCE}. TU: DO TAI TU",
        f"IBFT nong thi mai{REFERENCE} NOP TIEN T11",
        f"MBVCB.5889877835.{REFERENCE}.CT tu 0008773103411 DO TAI TU toi 0360000055 TRUONG MAM NON HOA LAN",
    ],
)
def test_the_senders_own_name_around_a_reference_contradicts_nothing(memo):
    assert decided(memo) == "HS1"


@pytest.mark.parametrize(
    "memo",
    [
        f"{REFERENCE} Nong Thi Mai",
        f"nong thi mai{REFERENCE}",
        f"IBFT nong thi mai {REFERENCE}",
        f"CUSTOMER nop cho Nong Thi Mai chuyen khoan {REFERENCE}",
        f"CUSTOMER {REFERENCE} Nong Thi Mai. TU: VI VAN LANG",
        f"Nong Thi Mai {REFERENCE}",
        f"{REFERENCE} Nong Thi Mai-CHUYEN TIEN-OQCH000OS4CQ-MOMO927235402709MOMO",
        f"Nong Thi Mai chuyen tien an {REFERENCE}",
        f"{REFERENCE} nop cho Nong Thi Mai chuyen khoan",
        f"MBVCB.5889877835.{REFERENCE} Nong Thi Mai.CT tu 0008773103411 DO TAI TU toi 0360000055 TRUONG MAM NON HOA LAN",
    ],
)
def test_a_typed_name_of_another_pupil_leaves_it_to_a_person(memo):
    assert decided(memo) == "ambiguous"
