"""The confirmation of money received: what it says, and what it says that it is not."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from services.notices.drawing.receipt import check_code, write_receipt
from services.notices.drawing.values import SAMPLE_MARK, Receipt
from tests.unit.services.notices.drawing.pictures import a_line, texts

DAY = date(2026, 11, 5)
FACTS: dict[str, Any] = {"credit_id": "c1", "reference": "KHC3J9M2X8N", "amount": 450_000, "received_on": DAY}


def a_receipt(**changes: Any) -> Receipt:
    values: dict[str, Any] = {
        "site_name": "Trường Tiểu học An Châu", "phone": "0204 388 6001", "given_name": "An", "group": "lớp 4A",
        "code_tail": "123", "reference": "KHC3J9M2X8N", "lines": (a_line(),), "received_on": DAY, "channel": "chuyển khoản",
        "check_code": "7KQ4-92XD",
    }  # fmt: skip
    return Receipt(**values | changes)


def drawn(receipt: Receipt) -> str:
    out = io.BytesIO()
    write_receipt(receipt, out)
    [text] = texts(out.getvalue())
    return text


def test_a_confirmation_says() -> None:
    assert drawn(a_receipt()) == (
        "XÁC NHẬN ĐÃ NHẬN TIỀN Trường Tiểu học An Châu An, lớp 4A, …123"
        " Nhận ngày 05/11/2026, chuyển khoản, mã thanh toán KHC3J9M2X8N Tiền ăn bán trú tháng 11 450.000 đ"
        " Đã nhận 450.000 đ Mã kiểm tra 7KQ4-92XD 0204 388 6001"
        " Không phải chứng từ kế toán; không thay thế phiếu thu, biên lai, hóa đơn."
    )


def test_many_fees_are_summed_up() -> None:
    text = drawn(a_receipt(lines=tuple(a_line(amount=1_000 * (place + 1)) for place in range(9))))
    assert "3 khoản khác 24.000 đ" in text
    assert "Đã nhận 45.000 đ" in text


def test_samples_say_so() -> None:
    assert SAMPLE_MARK in drawn(a_receipt(sample=True))


def test_a_check_code_holds_for_these_facts_and_this_key_only() -> None:
    code = check_code(b"key", **FACTS)
    assert len(code) == 9
    assert code == check_code(b"key", **FACTS)
    others = [
        check_code(b"key", **FACTS | change) for change in ({"amount": 450_001}, {"credit_id": "c2"}, {"reference": "KH"})
    ]
    assert code not in [*others, check_code(b"another", **FACTS)]
