"""Lists of who has paid, and reminders."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notices.bills.model import BillView
from services.notices.lists import reminders
from services.notices.lists.model import counts, row_of, rows_of
from tests.unit.services.notices.bill_builders import NOW, TODAY, a_bill, a_line, a_site

LINK = "https://khop.bacninh.gov.vn/b/7Q7bZTvWXBBy15shOGfiMg"


def state(bill: BillView) -> str:
    return row_of(bill, NOW, TODAY).state


def test_states_and_what_is_never_missing():
    voluntary, deposit = a_line("v", obligation="voluntary"), a_line("d", obligation="deposit")
    assert state(a_bill()) == "unpaid"
    assert state(a_bill(fresh=False)) == "not_updated"
    assert state(a_bill(a_line(paid=1), voluntary)) == "part"
    assert state(a_bill(a_line(paid=150_000), voluntary)) == "paid"
    assert state(a_bill(voluntary)) == "voluntary"
    assert state(a_bill(deposit, voluntary)) == "deposit"
    assert state(a_bill(replace(voluntary, paid=150_000))) == "paid"
    assert state(a_bill(a_line(status="cancelled"))) == "cancelled"
    row = row_of(a_bill(a_line(), voluntary, deposit), NOW, TODAY)
    assert (row.owed, row.left, row.voluntary) == (150_000, 150_000, 150_000)


def test_only_what_is_owed_can_be_overdue():
    late = date(2026, 11, 23)
    assert row_of(a_bill(a_line(due_on=late)), NOW, TODAY).is_overdue
    assert not row_of(a_bill(a_line(due_on=TODAY)), NOW, TODAY).is_overdue
    assert not row_of(a_bill(a_line(due_on=late, obligation="voluntary")), NOW, TODAY).is_overdue
    assert not row_of(a_bill(a_line(due_on=late, paid=150_000)), NOW, TODAY).is_overdue


def test_the_list_is_in_the_order_of_a_class_list_and_its_sums_agree():
    bills = [
        a_bill(a_line(name=name, group=group, paid=paid))
        for name, group, paid in (("Trần Văn Đức", "10A", 0), ("Lê An", "2A", 150_000), ("Vi Dũng", "10A", 50_000))
    ]
    rows = rows_of(bills, NOW, TODAY)
    assert [row.payer_name for row in rows] == ["Lê An", "Vi Dũng", "Trần Văn Đức"]
    assert counts(rows) == {
        "paid": 1,
        "part": 1,
        "unpaid": 1,
        "owed_dong": 450_000,
        "paid_dong": 200_000,
        "left_dong": 250_000,
    }


LONGEST = "Trường Phổ thông dân tộc bán trú Tiểu học và Trung học cơ sở Sơn Động số 2 xã Tây Yên Tử"


@given(
    st.sampled_from(["Trường Tiểu học An Châu", LONGEST, "Trạm Y tế xã Dương Hưu"]),
    st.sampled_from(["Nguyễn Thị Ánh Tuyết", "H'Blŭk Niê", "Trần Thượngthượngthượngthượngthượngthượng"]),
    st.sampled_from([None, "1A", "Mẫu giáo 5 tuổi A"]),
    st.integers(1, 10**10),
    st.sampled_from([LINK, None]),
    st.dates(date(2026, 1, 1), date(2027, 1, 1)),
)
def test_an_sms_is_one_message_with_the_sum_and_the_code_and_no_diacritics(site, name, group, amount, link, due):
    bill = a_bill(a_line(amount=amount, name=name, group=group, due_on=due), site=a_site(site))
    text = reminders.sms(bill, link, TODAY)
    assert len(text) <= 160
    assert text.replace("ŭ", "").isascii()
    assert f"{amount:,}d".replace(",", ".") in text
    assert "KHC3A4B5C6D" in text
    assert "bo qua" in text


def test_the_usual_sms_holds_the_link_and_reads_like_a_sentence():
    text = reminders.sms(a_bill(), LINK, TODAY)
    assert text == (
        f"TH An Chau: Tuyet 1A con phai nop 150.000d, han 30/11. Ma KHC3A4B5C6D. {LINK} Da nop thi bo qua tin nay"
    )


def test_zalo_names_each_fee_that_is_owed_and_nothing_more_of_the_person():
    bill = a_bill(a_line(period="2026-11"), a_line("v", 50_000, obligation="voluntary", purpose="Ủng hộ"))
    text = reminders.zalo(bill, LINK, date(2026, 12, 1))
    assert "Tuyết lớp 1A còn phải nộp 150.000 đ, hạn 30/11 đã qua." in text
    assert "- Tiền ăn bán trú tháng 11/2026: 150.000 đ" in text
    assert LINK in text
    for hidden in ("Nguyễn", "HS4321", "Ủng hộ"):
        assert hidden not in text


@pytest.mark.parametrize("obligation", ["voluntary", "deposit"])
def test_there_is_nothing_to_remind_of_where_nothing_is_owed(obligation):
    assert row_of(a_bill(a_line(obligation=obligation)), NOW, TODAY).left == 0
