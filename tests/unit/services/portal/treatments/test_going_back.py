"""A settlement's row says how far what goes back has come."""

from __future__ import annotations

import pytest

from services.portal.treatments.going_back import going_back

SETTLED = {"to_return": 350_000}


def a_refund(state: str, amount: int = 350_000, way: str = "cash") -> dict[str, object]:
    return {"state": state, "way": way, "amount": amount, "paid_on": "2026-11-24" if state in {"paid", "told"} else None}


def test_nothing_is_said_where_nothing_goes_back():
    assert going_back({"to_return": 0}, []) is None


@pytest.mark.parametrize(
    ("refunds", "steps", "is_done"),
    [
        ([], ["chưa có đề nghị hoàn trả"], False),
        ([a_refund("proposed")], ["chờ duyệt"], False),
        ([a_refund("approved")], ["đã duyệt, trả tiền mặt ở trang Ca thu"], False),
        ([a_refund("approved", way="transfer")], ["đã duyệt, chờ chuyển khoản"], False),
        ([a_refund("told")], ["đã trả ngày 24/11/2026"], True),
        ([a_refund("refused")], ["không duyệt"], False),
        ([a_refund("withdrawn", way="transfer"), a_refund("paid")], ["đã trả ngày 24/11/2026"], True),
        (
            [a_refund("told", 300_000), a_refund("proposed", 50_000)],
            ["300.000 đ: đã trả ngày 24/11/2026", "50.000 đ: chờ duyệt"],
            False,
        ),
        ([a_refund("told", 300_000)], ["300.000 đ: đã trả ngày 24/11/2026"], False),
    ],
)
def test_each_part_says_how_far_it_has_come(refunds, steps, is_done):
    told = going_back(SETTLED, refunds)
    assert told is not None
    assert (told.amount, list(told.steps), told.is_done) == ("350.000 đ", steps, is_done)
