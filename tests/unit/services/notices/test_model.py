"""Which bill a notice belongs to, and what a file changes of what stands."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notices.fees.model import FeeKind, FeeList
from services.notices.model import (
    Amendment,
    Bill,
    Known,
    Plan,
    Rules,
    plan_issue,
    with_references,
    without_sums_too_large,
)
from services.notices.notice_rows import NoticeParser, columns_for
from services.notices.payers.model import citizen_id
from services.notices.terms import Deduction, Terms
from shared.events import Notice, Site
from shared.events.directory import SiteSettings
from shared.money import MAX_DONG
from shared.privacy import PayerCode
from shared.reference import random_reference
from shared.runtime.tables import read_table

HEADER = (
    "notice_id,site_id,payer_code,payer_name,purpose,period,round,amount,due_on,status,reference,fee_kind,virtual_account\n"
)
TODAY = date(2026, 11, 5)
NOTHING = Known({}, {}, {})


def a_line(
    notice_id: str = "n1", payer: str = "HS1", *, period: str = "", round_: str = "", amount: int = 150_000,
    due_on: str = "2026-11-30", status: str = "", reference: str = "", kind: str = "", account: str = "",
) -> str:  # fmt: skip
    return f"{notice_id},s1,{payer},An,Tiền ăn,{period},{round_},{amount},{due_on},{status},{reference},{kind},{account}\n"


def a_plan(
    text: str, known: Known = NOTHING, kinds: tuple[FeeKind, ...] = (), today: date = TODAY, site: Site | None = None,
    header: str = HEADER,
) -> Plan:  # fmt: skip
    table = read_table((header + text).encode(), columns_for(None))
    rows, rejected = NoticeParser(None, b"key").parse(table.rows)
    assert rejected == []
    sites = {} if site is None else {site.site_id: site}
    return plan_issue(rows, table.columns, known, Rules(FeeList(kinds, sites), sites), today)


def after(plan: Plan, before: Known = NOTHING) -> Known:
    """What stands once a plan was stored."""
    chance = random.Random(len(before.bills_by_id))
    issued = {
        key: Bill(bill.bill_id, bill.site_id, bill.payer_code, bill.reference or random_reference(chance))
        for key, bill in plan.new_bills.items()
    }
    references = {key: bill.reference or "" for key, bill in issued.items()}
    changes = {change.notice.notice_id: change for change in with_references(plan.changes, references)}
    bills = dict(before.bills_by_id) | issued
    return Known(
        dict(before.notices) | {key: change.notice for key, change in changes.items()},
        bills,
        {bill.reference or "": bill for bill in bills.values()},
        dict(before.payers) | plan.payers,
        dict(before.terms) | {key: change.terms for key, change in changes.items() if change.terms},
    )


def notices(plan: Plan) -> list[Notice]:
    return [change.notice for change in plan.changes]


def bills(plan: Plan) -> list[str]:
    return [notice.bill_id for notice in notices(plan)]


def test_one_payer_one_round_one_account_is_one_bill():
    one = bills(a_plan(a_line("n1", round_="D1", period="T10") + a_line("n2", round_="D1", period="T11")))
    assert one[0] == one[1]
    for other in (a_line("n2", round_="D2"), a_line("n2", "HS2", round_="D1"), a_line("n2", round_="D1", account="VA1")):
        assert len(set(bills(a_plan(a_line("n1", round_="D1") + other)))) == 2


def test_without_a_round_the_period_joins_and_without_both_the_due_day():
    assert len(set(bills(a_plan(a_line("n1", period="T11") + a_line("n2", period="T11"))))) == 1
    assert len(set(bills(a_plan(a_line("n1") + a_line("n2"))))) == 1
    assert len(set(bills(a_plan(a_line("n1") + a_line("n2", due_on="2026-12-31"))))) == 2


def test_a_later_file_finds_the_bill_of_the_same_round():
    known = after(a_plan(a_line("n1", round_="D1")))
    plan = a_plan(a_line("n2", round_="D1"), known)
    assert plan.new_bills == {}
    assert notices(plan)[0].reference == known.notices["n1"].reference


def test_a_corrected_period_keeps_the_reference_that_the_payer_may_hold_on_paper():
    known = after(a_plan(a_line("n1", period="T10")))
    (notice,) = notices(a_plan(a_line("n1", period="T11"), known))
    assert (notice.version, notice.reference) == (2, known.notices["n1"].reference)


def test_another_payer_gets_another_bill():
    known = after(a_plan(a_line("n1", "HS1")))
    (notice,) = notices(a_plan(a_line("n1", "HS2"), known))
    assert notice.bill_id != known.notices["n1"].bill_id


def test_a_reference_in_the_file_moves_the_notice_to_its_bill_and_is_one_payers():
    reference = random_reference(random.Random(3))
    known = after(a_plan(a_line("n1", period="T10") + a_line("n2", period="T9", reference=reference)))
    (notice,) = notices(a_plan(a_line("n1", period="T10", reference=reference), known))
    assert (notice.reference, notice.bill_id) == (reference, known.notices["n2"].bill_id)
    refused = a_plan(a_line("n3", "HS2", reference=reference), known).rejected
    assert [(each.row, each.column) for each in refused] == [(2, "reference")]


def test_a_reference_that_khop_issued_joins_a_later_notice_to_its_bill():
    known = after(a_plan(a_line("n1", round_="D1")))
    told = Known(known.notices, {}, known.bills_by_reference)
    reference = known.notices["n1"].reference
    plan = a_plan(a_line("n2", round_="D2", reference=reference), told)
    assert (plan.new_bills, notices(plan)[0].bill_id) == ({}, known.notices["n1"].bill_id)


def test_a_cancelled_notice_keeps_its_day():
    known = after(a_plan(a_line(status="cancelled")))
    assert known.notices["n1"].cancelled_on == TODAY
    assert a_plan(a_line(status="cancelled"), known, today=date(2026, 12, 1)).unchanged == 1
    (opened,) = notices(a_plan(a_line(), known))
    assert (opened.status, opened.cancelled_on, opened.issued_on) == ("open", None, TODAY)


def test_columns_that_the_file_lacks_stay_as_they_are():
    known = after(a_plan(a_line(period="T11", kind="meals", status="cancelled")))
    header = "notice_id,site_id,payer_code,payer_name,purpose,amount,due_on\n"
    assert a_plan("n1,s1,HS1,An,Tiền ăn,150000,2026-11-30\n", known, header=header).unchanged == 1


def test_a_fee_kind_decides_the_obligation_and_its_list_is_kept_where_there_is_one():
    kinds = tuple(
        FeeKind("s1" if nature != "deposit" else "", nature, "Tên", nature, None, 200_000, date(2026, 9, 1), None, None)
        for nature in ("service", "voluntary", "deposit")
    )
    text = "".join(a_line(f"n{index}", kind=kind) for index, kind in enumerate(("service", "voluntary", "deposit", "")))
    assert [notice.obligation for notice in notices(a_plan(text, kinds=kinds))] == ["due", "voluntary", "deposit", "due"]
    assert a_plan(a_line(kind="unheard"), kinds=kinds).rejected[0].column == "fee_kind"
    assert notices(a_plan(a_line(kind="unheard")))[0].obligation == "due"
    assert a_plan(a_line(kind="service", amount=200_001), kinds=kinds).rejected[0].column == "amount"
    assert a_plan(a_line(kind="service"), kinds=kinds, today=date(2026, 8, 31)).rejected[0].column == "fee_kind"


def a_site(type_: str = "school", ownership: str = "public") -> Site:
    return Site(
        version=1,
        site_id="s1",
        name="Trường",
        type=type_,
        ownership=ownership,
        accounts=(),
        units=(),
        settings=SiteSettings(),
    )


def test_a_fee_kind_of_all_sites_may_be_for_one_type_of_them():
    kinds = (FeeKind("", "bed", "Tạm ứng", "deposit", None, None, date(2020, 1, 1), None, None, site_type="health"),)
    assert notices(a_plan(a_line(kind="bed"), kinds=kinds, site=a_site("health")))[0].obligation == "deposit"
    (refused,) = a_plan(a_line(kind="bed"), kinds=kinds, site=a_site()).rejected
    assert (refused.column, refused.problem.split(";")[0]) == ("fee_kind", "is not in the site's list of fee kinds")


TUITION = FeeKind("", "tuition", "Học phí", "charge", None, None, date(2020, 1, 1), None, None)


def test_tuition_is_refused_at_public_schools_however_it_is_called():
    for text, column in (
        (a_line(kind="tuition"), "fee_kind"),
        (a_line(kind="hoc_phi"), "fee_kind"),
        (a_line(kind="m1"), "fee_kind"),
        (a_line().replace("Tiền ăn", "HỌC PHÍ tháng 11"), "purpose"),
        (a_line(kind="other").replace("Tiền ăn", "Thu học phí"), "purpose"),
        (a_line().replace("Tiền ăn", "Đóng học phí tháng 11"), "purpose"),
        (a_line().replace("Tiền ăn", "Thanh toán học phí"), "purpose"),
        (a_line().replace("Tiền ăn", "Bán trú và học phí"), "purpose"),
        (a_line().replace("Tiền ăn", "HP tháng 11"), "purpose"),
        (a_line().replace("Tiền ăn", "Tiền HP"), "purpose"),
        (a_line(kind="tuition_fee"), "fee_kind"),
    ):
        kinds = (
            TUITION,
            replace(TUITION, fee_kind="tuition_fee", name="x"),
            replace(TUITION, fee_kind="m1", name="Tiền học phí"),
            replace(TUITION, fee_kind="hoc_phi", name="x"),
        )
        (refused,) = a_plan(text, kinds=kinds, site=a_site()).rejected
        assert (refused.row, refused.column) == (2, column)
        assert "Decree 238/2025" in refused.problem
        for other in (a_site(ownership="private"), a_site("office"), None):
            assert a_plan(text, kinds=kinds, site=other).rejected == []


def test_the_law_is_told_before_the_list():
    meals = replace(TUITION, fee_kind="meals", name="Ăn")
    (refused,) = a_plan(a_line(kind="tuition"), kinds=(meals,), site=a_site()).rejected
    assert (refused.column, "Decree 238/2025" in refused.problem) == ("fee_kind", True)


def test_old_debts_and_other_programmes_are_no_tuition_that_the_law_forbids():
    assert a_plan(a_line(kind="tuition", due_on="2025-05-31"), kinds=(TUITION,), site=a_site()).rejected == []
    vocational = replace(TUITION, programme="vocational")
    text = a_line(kind="tuition").replace("Tiền ăn", "Học phí nghề")
    assert a_plan(text, kinds=(vocational,), site=a_site()).rejected == []
    for purpose in ("Hỗ trợ chi phí học tập", "Tiền ăn (không phải học phí)", "Bán trú", "Mực máy in HP"):
        assert a_plan(a_line().replace("Tiền ăn", purpose), site=a_site()).rejected == []


def test_of_a_patients_fee_no_service_is_named():
    text = a_line().replace("Tiền ăn", "Xét nghiệm HIV")
    assert [notice.purpose for notice in notices(a_plan(text, site=a_site("health")))] == ["Viện phí"]


def test_of_a_patient_neither_ward_nor_treatment_nor_case_leaves_the_site():
    header = HEADER.replace("payer_name", "payer_name,group")
    line = "{},s1,BN1,An,Khoa Ung bướu,Hóa trị,{},{},150000,2026-11-30,,,,\n"
    text = line.format("n1", "Hóa trị đợt 2", "Chạy thận") + line.format("n2", "2026-11", "Tháng 11/2026")
    text += line.format("n3", "", "20261234")
    plan = a_plan(text, site=a_site("health"), header=header)
    told = [(each.purpose, each.group, each.period, each.round) for each in notices(plan)]
    assert told == [
        ("Viện phí", None, None, None),
        ("Viện phí", None, "2026-11", "Tháng 11/2026"),
        ("Viện phí", None, None, None),
    ]
    # What is not told still tells bills apart, and the site knows its own patients.
    assert len(set(bills(plan))) == 3
    assert plan.payers["s1", PayerCode("BN1")].group == "Khoa Ung bướu"
    assert a_plan(text, after(plan), site=a_site("health"), header=header).unchanged == 3


TERMS = "notice_id,site_id,payer_code,payer_name,purpose,days,price,absences,support,decision,amount,due_on,fee_kind\n"


def test_an_amount_may_be_given_by_its_terms_and_each_is_kept():
    text = "n1,s1,HS1,An,Ăn,20,22.000,2,96000,12/QĐ,,2026-11-30,\nn2,s1,HS2,Bé,Ăn,20,22000,,,,440.000,2026-11-30,\n"
    plan = a_plan(text, header=TERMS)
    assert [notice.amount for notice in notices(plan)] == [300_000, 440_000]
    assert plan.changes[0].terms == Terms(22_000, 20, 2, (Deduction("support", 96_000, "12/QĐ"),))
    known = after(plan)
    assert a_plan(text, known, header=TERMS).unchanged == 2
    (change,) = a_plan(text.replace("20,22.000,2", "19,22.000,1"), known, header=TERMS).changes
    assert ([each.column for each in change.amended], change.notice.version) == (["terms"], 2)
    # A file without terms says nothing about them; another amount makes them wrong.
    assert a_plan(a_line().replace("150000", "300000").replace("Tiền ăn", "Ăn"), known).unchanged == 1
    assert a_plan(a_line().replace("150000", "299000").replace("Tiền ăn", "Ăn"), known).changes[0].terms is None


def test_an_erased_notice_takes_no_name_again_and_its_bill_takes_no_other_notice():
    known = after(a_plan(a_line(round_="Đợt 1")))
    notice, (bill,) = known.notices["n1"], known.bills_by_id.values()
    gone = replace(
        known,
        notices={"n1": notice.model_copy(update={"payer_code": None, "payer_name": None, "version": 2})},
        bills_by_id={bill.bill_id: replace(bill, payer_code=None)},
        bills_by_reference={bill.reference: replace(bill, payer_code=None)},
    )
    for text, column in (
        (a_line(round_="Đợt 1"), "notice_id"),
        (a_line(status="cancelled"), "notice_id"),
        (a_line("n2", round_="Đợt 1"), "round"),
        (a_line("n2", round_="Đợt 2", reference=bill.reference or ""), "reference"),
    ):
        plan = a_plan(text, gone)
        assert ([each.column for each in plan.rejected], plan.changes, plan.payers) == ([column], [], {})
    assert notices(a_plan(a_line("n2", round_="Đợt 2"), gone))[0].payer_code == "HS1"


def test_no_bill_asks_more_than_a_qr_carries():
    whole = MAX_DONG
    (refused,) = a_plan("n1,s1,HS1,An,Ăn,30,999999999999,,,,,2026-11-30,\n", header=TERMS).rejected
    assert (refused.column, "QR" in refused.problem) == ("amount", True)
    plan = a_plan(a_line("n1", round_="D1", amount=whole) + a_line("n2", "HS2", amount=7))
    bill = notices(plan)[0].bill_id
    without_sums_too_large(plan, {bill: 1})
    assert [(each.row, each.column) for each in plan.rejected] == [(2, "amount")]
    assert ([each.notice_id for each in notices(plan)], bill in plan.new_bills) == (["n2"], False)
    together = a_plan(a_line("n1", round_="D1", amount=whole) + a_line("n2", round_="D1", amount=1))
    without_sums_too_large(together, {})
    assert [(each.row, each.column) for each in together.rejected] == [(3, "amount")]


def test_the_ceiling_of_a_day_bounds_the_price_of_each_day():
    kind = replace(TUITION, fee_kind="meals", name="Ăn", ceiling=22_000, unit="day")
    line = "n1,s1,HS1,An,Ăn,20,{},,,,,2026-11-30,meals\n"
    assert a_plan(line.format(22_000), kinds=(kind,), header=TERMS).rejected == []
    (refused,) = a_plan(line.format(22_001), kinds=(kind,), header=TERMS).rejected
    assert (refused.column, "440.000 đ (22.000 đ a day)" in refused.problem) == ("amount", True)


def test_what_was_issued_by_its_days_is_moved_lowered_and_cancelled_without_them():
    kind = replace(TUITION, fee_kind="meals", name="Tiền ăn", ceiling=22_000, unit="day")
    line = "n1,s1,HS1,An,Tiền ăn,20,22000,,,,,2026-11-30,meals\n"
    known = after(a_plan(line, kinds=(kind,), header=TERMS))
    later = a_plan(a_line(amount=440_000, due_on="2026-12-31", kind="meals"), known, kinds=(kind,))
    assert later.changes[0].terms == Terms(22_000, 20)
    lower = after(a_plan(a_line(amount=300_000, kind="meals"), known, kinds=(kind,)), known)
    assert lower.notices["n1"].amount == 300_000
    (notice,) = notices(a_plan(a_line(amount=300_000, kind="meals", status="cancelled"), lower, kinds=(kind,)))
    assert (notice.status, notice.obligation) == ("cancelled", "due")
    (cancelled,) = a_plan(a_line(amount=440_000, kind="meals", status="cancelled"), known, kinds=(kind,)).changes
    assert cancelled.terms == Terms(22_000, 20)
    for more in (a_line(amount=440_001, kind="meals"), a_line("n2", amount=22_001, kind="meals")):
        assert [each.column for each in a_plan(more, known, kinds=(kind,)).rejected] == ["amount"]


def test_what_no_list_or_law_allows_any_more_is_still_cancelled():
    known = after(a_plan(a_line(kind="old") + a_line("n2").replace("Tiền ăn", "Học phí")))
    ended = (replace(TUITION, fee_kind="gift", name="Ủng hộ"),)
    text = a_line(kind="old", status="cancelled") + a_line("n2", status="cancelled").replace("Tiền ăn", "Học phí")
    plan = a_plan(text, known, kinds=ended, site=a_site())
    assert (plan.rejected, [notice.status for notice in notices(plan)]) == ([], ["cancelled", "cancelled"])


def test_kinds_that_are_collected_in_their_own_account_are_a_bill_of_their_own():
    kinds = (
        replace(TUITION, fee_kind="bhyt", name="BHYT", account_number="0022"),
        replace(TUITION, fee_kind="an", name="Ăn"),
    )
    text = (
        a_line("n1", round_="D1", kind="bhyt")
        + a_line("n2", round_="D1", kind="an")
        + a_line("n3", round_="D1", kind="bhyt")
    )
    plan = a_plan(text, kinds=kinds)
    first, second, third = bills(plan)
    assert first == third != second
    assert plan.new_bills[first].account_number == "0022"
    reference = random_reference(random.Random(8))
    both = a_line("n4", kind="bhyt", reference=reference) + a_line("n5", kind="an", reference=reference)
    assert [(each.row, each.column) for each in a_plan(both, kinds=kinds).rejected] == [(3, "reference")]


def test_priority_and_nature_of_the_kind_stand_on_the_notice():
    kinds = (replace(TUITION, fee_kind="bh", name="BHYT", nature="collected_for", priority=2),)
    told = notices(a_plan(a_line(kind="bh") + a_line("n2"), kinds=kinds))
    assert [(notice.priority, notice.nature) for notice in told] == [(2, "collected_for"), (None, None)]


def test_payers_are_kept_as_told_and_an_old_list_does_not_move_them_back():
    header = HEADER.replace("payer_name", "payer_name,group,guardian_phone")
    line = "{},s1,HS1,Nguyễn An,{},{},Ăn,,D{},100000,2026-11-30,,,,\n"
    known = after(a_plan(line.format("n1", "1A", "0912345678", 1), header=header))
    payer = known.payers["s1", PayerCode("HS1")]
    assert (payer.group, payer.guardian_phone) == ("1A", "0912345678")
    moved = after(a_plan(line.format("n2", "2A", "0912345678", 2), known, header=header), known)
    assert moved.payers["s1", PayerCode("HS1")].group == "2A"
    assert a_plan(line.format("n1", "1A", "0912345678", 1), moved, header=header).payers == {}
    # A list without the column leaves the class as it is known, also on the notice.
    (notice,) = notices(a_plan(a_line("n3"), moved))
    assert (notice.group, notice.guardian_phone) == ("2A", "0912345678")


def test_what_differs_is_named_and_of_personal_texts_only_the_field():
    known = after(a_plan(a_line()))
    (change,) = a_plan(a_line(amount=160_000).replace(",An,", ",Ân,"), known).changes
    assert set(change.amended) == {Amendment("payer_name"), Amendment("amount", 150_000, 160_000)}


def test_a_citizen_s_number_becomes_the_site_s_own_code_and_stays_nowhere():
    first, again = (a_plan(a_line(payer="001085012345")) for _ in range(2))
    (notice,) = notices(first)
    assert notice.payer_code == notices(again)[0].payer_code
    assert (notice.payer_code or "").startswith("NN")
    assert "001085012345" not in notice.model_dump_json()
    with pytest.raises(AssertionError, match="notice_id"):
        a_plan(a_line("T11-001085012345", payer="001085012345"))


@pytest.mark.parametrize(
    "written",
    [
        "24085012345",
        "CCCD024085012345",
        "024.085.012345",
        "024085012345.0",
        "24085012345.0",
        "024 085 012 345",
        "HS-024085012345",
    ],
)
def test_a_citizen_s_number_is_known_however_a_list_writes_it(written):
    (whole,), (other,) = (notices(a_plan(a_line(payer=each))) for each in ("024085012345", written))
    assert other.payer_code == whole.payer_code
    assert "24085012345" not in other.model_dump_json()
    with pytest.raises(AssertionError, match="notice_id"):
        a_plan(a_line("T11-24085012345", payer=written))


@pytest.mark.parametrize(
    "code", ["HS001", "2400000001", "2026-0001-2345", "12945678901", "99912345678", "BN-2026000123", "H60.07615-261105-0001"]
)
def test_other_codes_stay_as_they_are(code):
    assert citizen_id(code) is None
    assert notices(a_plan(a_line(payer=code)))[0].payer_code == code


def test_sums_and_signatures_below_the_list_are_passed_over():
    footer = ',,,Tổng cộng,,,,300000,,,,,\n,,,,Người lập biểu,,,,,,,,\n,,,"Sơn Động, ngày 5 tháng 11",,,,,,,,,\n'
    assert len(a_plan(a_line() + footer.replace('"Sơn Động, ngày', '"Ngày')).changes) == 1


ROWS = st.lists(
    st.tuples(
        st.integers(0, 9), st.sampled_from(["HS1", "HS2"]), st.sampled_from(["", "T10", "T11"]), st.sampled_from(["", "D1"]),
        st.integers(1, 10**9), st.sampled_from(["open", "cancelled"]),
    ),
    min_size=1, max_size=10, unique_by=lambda row: row[0],
)  # fmt: skip


@given(ROWS, ROWS)
def test_any_file_after_any_other_stores_once_and_every_bill_is_one_payers(first, second):
    def text(rows: list[tuple[int, str, str, str, int, str]]) -> str:
        return "".join(
            a_line(f"n{number}", payer, period=period, round_=round_, amount=amount, status=status)
            for number, payer, period, round_, amount, status in rows
        )

    known = NOTHING
    for rows in (first, second):
        known = after(a_plan(text(rows), known), known)
        again = a_plan(text(rows), known)
        assert (again.changes, again.new_bills, again.unchanged) == ([], {}, len(rows))
    payers: dict[str, set[str | None]] = {}
    references: dict[str, set[str]] = {}
    for notice in known.notices.values():
        payers.setdefault(notice.bill_id, set()).add(notice.payer_code)
        references.setdefault(notice.bill_id, set()).add(notice.reference)
    assert all(len(each) == 1 for each in (*payers.values(), *references.values()))
