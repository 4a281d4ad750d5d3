"""Lists of who has paid, and reminders."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notices.bills.model import BillView
from services.notices.lists import reminders
from services.notices.lists.model import counts, row_of, rows_of
from shared.vietnamese import strip_diacritics
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
    st.sampled_from([NOW, NOW - timedelta(days=40), None]),
)
def test_an_sms_is_one_message_with_the_sum_and_the_code_and_no_diacritics(
    site, name, group, amount, link, due, fresh_until
):
    bill = a_bill(a_line(amount=amount, name=name, group=group, due_on=due), site=a_site(site))
    text = reminders.sms(replace(bill, fresh_until=fresh_until), link, NOW)
    assert len(text) <= 160
    assert text.replace("ŭ", "").isascii()
    assert f"{amount:,}d".replace(",", ".") in text
    assert "KHC3A4B5C6D" in text
    assert "bo qua" in text


def test_the_usual_sms_holds_the_link_and_reads_like_a_sentence():
    text = reminders.sms(a_bill(), LINK, NOW)
    assert text == (
        f"TH An Chau: Tuyet 1A con phai nop 150.000d, han 30/11. Ma KHC3A4B5C6D. {LINK} Da nop thi bo qua tin nay"
    )


def test_zalo_names_each_fee_that_is_owed_and_nothing_more_of_the_person():
    december = NOW + timedelta(days=7)
    bill = a_bill(a_line(period="2026-11"), a_line("v", 50_000, obligation="voluntary", purpose="Ủng hộ"))
    text = reminders.zalo(replace(bill, fresh_until=december), LINK, december)
    assert "Tuyết lớp 1A còn phải nộp 150.000 đ, hạn 30/11 đã qua." in text
    assert "- Tiền ăn bán trú tháng 11/2026: 150.000 đ" in text
    assert LINK in text
    for hidden in ("Nguyễn", "HS4321", "Ủng hộ"):
        assert hidden not in text


@pytest.mark.parametrize("obligation", ["voluntary", "deposit"])
def test_there_is_nothing_to_remind_of_where_nothing_is_owed(obligation):
    assert row_of(a_bill(a_line(obligation=obligation)), NOW, TODAY).left == 0


def test_a_reminder_says_how_far_the_bank_s_data_reach():
    bill = a_bill()
    old = replace(bill, fresh_until=NOW - timedelta(days=3))
    assert "Tuyet 1A theo so lieu den 21/11 con phai nop 150.000d" in reminders.sms(old, LINK, NOW)
    assert "theo số liệu đến 21/11 còn phải nộp 150.000 đ" in reminders.zalo(old, LINK, NOW)
    for text in (reminders.sms(a_bill(fresh=False), LINK, NOW), reminders.zalo(a_bill(fresh=False), LINK, NOW)):
        assert "theo so lieu hien co con phai nop" in strip_diacritics(text)


def test_lines_of_one_name_are_told_apart_by_period_round_or_day():
    def told(*changes: dict[str, object], **more: object) -> list[str | None]:
        lines = [a_line(f"n{number}", **more) for number in range(len(changes))]
        made = [replace(line, notice=line.notice.model_copy(update=each)) for line, each in zip(lines, changes, strict=True)]
        bill = a_bill(*made)
        slip = bill.slip(TODAY)
        assert slip is not None
        assert [line.period for line in slip.lines] == [bill.period_of(line) for line in bill.lines]
        return [bill.period_of(line) for line in bill.lines]

    assert told({}) == [None]
    assert told({"round": "Đợt 1"}, {"round": "Đợt 2"}) == ["Đợt 1", "Đợt 2"]
    rounds = ({"round": "Tháng 10/2026", "period": "2026-10"}, {"round": "Tháng 11/2026", "period": "2026-11"})
    assert told(*rounds) == ["tháng 10/2026", "tháng 11/2026"]
    days = ({"due_on": date(2026, 11, 5)}, {"due_on": date(2026, 12, 5)})
    assert told(*days) == ["hạn 05/11/2026", "hạn 05/12/2026"]
    assert told({}, {"purpose": "Nước"}) == [None, None]
