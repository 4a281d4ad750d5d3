"""What is left of a payer's notices when the payer is erased, and when that must wait."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.notices.erasing.model import Held, erased, refused
from services.notices.terms import Deduction, Terms
from tests.unit.services.portal.builders import a_notice

TODAY = date(2026, 11, 30)
GONE = ("payer_code", "payer_name", "guardian_name", "guardian_phone", "virtual_account")


def held(paid: int = 150_000, *, terms: Terms | None = None, settled: bool = False, **changes: Any) -> Held:
    return Held(a_notice(**changes), terms, paid, settled)


@pytest.mark.parametrize(
    ("notices", "why"),
    [
        ([], None),
        ([held()], None),
        ([held(), held(149_999)], "still_owes"),
        ([held(0, status="cancelled", cancelled_on=TODAY)], None),
        ([held(0, obligation="voluntary")], None),
        ([held(0, obligation="deposit")], "deposit_not_settled"),
        ([held(obligation="deposit")], "deposit_not_settled"),
        ([held(obligation="deposit", settled=True)], None),
        ([held(0, obligation="deposit", status="cancelled", cancelled_on=TODAY)], None),
        ([held(obligation="deposit"), held(0)], "still_owes"),
    ],
)
def test_who_still_owes_or_left_a_deposit_is_kept(notices, why):
    assert refused(notices) == why


def test_an_erased_notice_names_nobody_and_keeps_what_the_books_need():
    before = held(
        guardian_name="Nguyễn Thị Bưởi", guardian_phone="0912345678", virtual_account="M789HS001", unit_code="07615",
        round="Đợt 1",
        terms=Terms(300_000, deductions=(Deduction("support", 150_000, "12/QĐ-UBND"),)),
    )  # fmt: skip
    change = erased(before, TODAY)
    after = change.notice
    assert [getattr(after, name) for name in GONE] == [None] * 5
    assert after.version == before.notice.version + 1
    kept = set(type(after).model_fields) - {*GONE, "version"}
    assert {name: getattr(after, name) for name in kept} == {name: getattr(before.notice, name) for name in kept}
    assert change.terms == Terms(300_000, deductions=(Deduction("support", 150_000),))
    assert [(each.column, each.before, each.after) for each in change.amended] == [
        (column, None, None) for column in (*GONE, "terms")
    ]


@pytest.mark.parametrize(
    ("purpose", "kept"),
    [
        ("Tiền ăn bán trú", True),
        ("Tiền ăn của NGUYỄN VĂN AN (3A)", False),
        ("Lệ phí hồ sơ HS-001", True),
        ("Lệ phí hồ sơ hs001.", False),
        ("Mẹ: Nguyen Thi Buoi", False),
        ("An ninh, quốc phòng", True),
    ],
)
def test_a_purpose_that_names_the_payer_goes_too(purpose, kept):
    notice = erased(held(purpose=purpose, guardian_name="Nguyễn Thị Bưởi"), TODAY).notice
    assert notice.purpose == (purpose if kept else None)


def test_a_short_code_and_a_given_name_alone_are_words_like_any_other():
    notice = erased(held(purpose="Tiền ăn tháng 11", payer_code="11", payer_name="An"), TODAY).notice
    assert notice.purpose == "Tiền ăn tháng 11"


def test_what_could_still_be_given_freely_is_asked_of_nobody():
    unpaid = erased(held(0, obligation="voluntary"), TODAY).notice
    assert (unpaid.status, unpaid.cancelled_on, unpaid.amount) == ("cancelled", TODAY, 150_000)
    part = erased(held(50_000, obligation="voluntary", terms=Terms(150_000)), TODAY)
    assert (part.notice.status, part.notice.amount, part.terms) == ("open", 50_000, None)
    paid = erased(held(obligation="voluntary"), TODAY).notice
    assert (paid.status, paid.amount) == ("open", 150_000)
