"""Which bill a notice belongs to, and what a file changes of what stands."""

from __future__ import annotations

import random
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.notices.fee_kinds import FeeKind, FeeList
from services.notices.model import Bill, Known, Plan, plan_import, with_references
from services.notices.notice_rows import columns_for, parse_notices
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


def a_plan(text: str, known: Known = NOTHING, kinds: tuple[FeeKind, ...] = (), today: date = TODAY) -> Plan:
    table = read_table((HEADER + text).encode(), columns_for(None))
    rows, rejected = parse_notices(table, None)
    assert rejected == []
    return plan_import(rows, table.columns, known, FeeList(kinds), today)


def after(plan: Plan, before: Known = NOTHING) -> Known:
    """What stands once a plan was stored."""
    chance = random.Random(len(before.bills_by_id))
    issued = {
        key: Bill(bill.bill_id, bill.site_id, bill.payer_code, bill.reference or random_reference(chance))
        for key, bill in plan.new_bills.items()
    }
    references = {key: bill.reference or "" for key, bill in issued.items()}
    notices = {notice.notice_id: notice for notice in with_references(plan.changed, references)}
    bills = dict(before.bills_by_id) | issued
    return Known(dict(before.notices) | notices, bills, {bill.reference or "": bill for bill in bills.values()})


def bills(plan: Plan) -> list[str]:
    return [notice.bill_id for notice in plan.changed]


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
    assert plan.changed[0].reference == known.notices["n1"].reference


def test_a_corrected_period_keeps_the_reference_that_the_payer_may_hold_on_paper():
    known = after(a_plan(a_line("n1", period="T10")))
    (notice,) = a_plan(a_line("n1", period="T11"), known).changed
    assert (notice.version, notice.reference) == (2, known.notices["n1"].reference)


def test_another_payer_gets_another_bill():
    known = after(a_plan(a_line("n1", "HS1")))
    (notice,) = a_plan(a_line("n1", "HS2"), known).changed
    assert notice.bill_id != known.notices["n1"].bill_id


def test_a_reference_in_the_file_moves_the_notice_to_its_bill_and_is_one_payers():
    reference = random_reference(random.Random(3))
    known = after(a_plan(a_line("n1", period="T10") + a_line("n2", period="T9", reference=reference)))
    (notice,) = a_plan(a_line("n1", period="T10", reference=reference), known).changed
    assert (notice.reference, notice.bill_id) == (reference, known.notices["n2"].bill_id)
    refused = a_plan(a_line("n3", "HS2", reference=reference), known).rejected
    assert [(each.row, each.column) for each in refused] == [(2, "reference")]


def test_a_cancelled_notice_keeps_its_day():
    known = after(a_plan(a_line(status="cancelled")))
    assert known.notices["n1"].cancelled_on == TODAY
    assert a_plan(a_line(status="cancelled"), known, today=date(2026, 12, 1)).unchanged == 1
    (opened,) = a_plan(a_line(), known).changed
    assert (opened.status, opened.cancelled_on, opened.issued_on) == ("open", None, TODAY)


def test_columns_that_the_file_lacks_stay_as_they_are():
    known = after(a_plan(a_line(period="T11", kind="meals", status="cancelled")))
    text = "notice_id,site_id,payer_code,payer_name,purpose,amount,due_on\nn1,s1,HS1,An,Tiền ăn,150000,2026-11-30\n"
    table = read_table(text.encode(), columns_for(None))
    rows, _ = parse_notices(table, None)
    assert plan_import(rows, table.columns, known, FeeList(()), TODAY).unchanged == 1


def test_a_fee_kind_decides_the_obligation_and_its_list_is_kept_where_there_is_one():
    kinds = tuple(
        FeeKind("s1" if nature != "deposit" else "", nature, "Tên", nature, None, 200_000, date(2026, 9, 1), None, None)
        for nature in ("service", "voluntary", "deposit")
    )
    text = "".join(a_line(f"n{index}", kind=kind) for index, kind in enumerate(("service", "voluntary", "deposit", "")))
    assert [notice.obligation for notice in a_plan(text, kinds=kinds).changed] == ["due", "voluntary", "deposit", "due"]
    assert a_plan(a_line(kind="unheard"), kinds=kinds).rejected[0].column == "fee_kind"
    assert a_plan(a_line(kind="unheard")).changed[0].obligation == "due"
    assert a_plan(a_line(kind="service", amount=200_001), kinds=kinds).rejected[0].column == "amount"
    assert a_plan(a_line(kind="service"), kinds=kinds, today=date(2026, 8, 31)).rejected[0].column == "fee_kind"


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
        assert (again.changed, again.new_bills, again.unchanged) == ([], {}, len(rows))
    payers: dict[str, set[str | None]] = {}
    references: dict[str, set[str]] = {}
    for notice in known.notices.values():
        payers.setdefault(notice.bill_id, set()).add(notice.payer_code)
        references.setdefault(notice.bill_id, set()).add(notice.reference)
    assert all(len(each) == 1 for each in (*payers.values(), *references.values()))
