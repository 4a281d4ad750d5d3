from __future__ import annotations

from typing import get_args

import pytest

from services.portal import words
from services.portal.overview.queries import NoticeSeen, Page
from services.portal.overview.views import rows_of
from services.portal.web.saying import count_words, share_words, time_words
from shared.events.payments import Channel, Reason, SuspenseParts
from shared.privacy import PersonName
from tests.unit.services.portal.builders import NOON, a_credit

AN = NoticeSeen(PersonName("Nguyễn Văn An"), "3A", "Tiền ăn bán trú", "tháng 11/2026", 150_000)


def row_of(credit, notices=None, senders=None):
    (row,) = rows_of(Page([credit], {"n1": AN} if notices is None else notices, senders or {}, more=False))
    return row


def test_a_payment_is_told_in_words():
    row = row_of(a_credit(pays={"n1": 150_000}))
    assert (row.time, row.amount, row.payer, row.payer_note) == ("14:05 23/11/2026", "150.000 đ", "N. V. An", "3A")
    assert row.fee == "Tiền ăn bán trú · tháng 11/2026"
    assert (row.how, row.amount_words) == ("Mã thanh toán đúng", "Nộp đúng số tiền")
    assert row.state_words == "Đã khớp"
    assert not row.suspense


def test_paying_less_or_more_than_asked_is_said():
    assert row_of(a_credit(pays={"n1": 100_000})).amount_words == "Nộp một phần"
    over = row_of(a_credit(pays={"n1": 150_000}, amount=200_000, part="balance"))
    assert over.amount_words == "Nộp thừa"
    assert over.suspense == ["50.000 đ số dư chuyển kỳ sau"]


def test_a_payment_without_a_notice_shows_its_sender_masked():
    row = row_of(a_credit(), senders={"c1": PersonName("LE THI HOA")})
    assert (row.payer, row.payer_note, row.fee) == ("L. T. HOA", "người chuyển", "Chưa xác định")
    assert row.suspense == ["150.000 đ chưa xác định khoản thu"]


def test_a_payment_that_came_before_its_notice_says_so():
    row = row_of(a_credit(pays={"n1": 150_000}), notices={})
    assert row.fee == "Khoản thu đang cập nhật"
    assert row.amount_words == ""


def test_several_notices_of_one_payment_are_counted():
    assert row_of(a_credit(pays={"n1": 150_000, "n2": 50_000})).more_fees == "và 1 khoản khác"


def test_cash_has_its_badge_and_money_out_its_sign():
    assert row_of(a_credit(pays={"n1": 150_000}, channel="cash", reason="cash_receipt")).badge == "Tiền mặt"
    out = row_of(a_credit(direction="out", status="ignored", reason="not_income", part="not_a_fee"))
    assert (out.amount, out.how, out.suspense) == ("−150.000 đ", "Tiền ra", [])


def test_every_reason_channel_and_part_has_words():
    assert set(words.HOW_MATCHED) == set(get_args(Reason))
    assert set(words.CHANNELS) == set(get_args(Channel))
    assert set(words.SUSPENSE_PARTS) == set(SuspenseParts.model_fields)


@pytest.mark.parametrize(("part", "whole", "told"), [(0, 0, "–"), (3, 4, "75%"), (9_999, 10_000, "99,9%"), (5, 5, "100%")])
def test_a_share_is_never_rounded_up_to_all(part, whole, told):
    assert share_words(part, whole) == told


def test_numbers_and_times_are_written_as_in_vietnam():
    assert count_words(1250) == "1.250"
    assert time_words(NOON) == "14:05 23/11/2026"
