"""Notices from a file's bytes to bills, payments and the topic."""

from __future__ import annotations

import asyncio
import io
import json
import random
import time
from collections.abc import AsyncIterator
from datetime import date, datetime

import httpx
import openpyxl
import pytest

from shared.events import Notice, ReconciliationDay
from shared.reference import is_reference, random_reference
from shared.runtime.auth import Caller, sign_token
from tests.integration.fee_support import HEADER, MOMENT, SCHOOL, a_credit, a_line, a_notice, a_site, send
from tests.integration.support import ADMIN, SECRET_KEY, Stack, connect_as, eventually, newest, publish, running_service


@pytest.fixture(scope="module")
async def notices(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    await publish(stack.bootstrap, [a_site()])
    async with (
        running_service("notices", stack) as running,
        httpx.AsyncClient(base_url=running.url, headers=ADMIN, timeout=90) as client,
    ):
        yield client


async def test_notices_of_one_payer_and_period_share_one_bill_and_are_published(notices, stack):
    text = HEADER + a_line("b1", fee_kind="") + a_line("b2", amount="1.250.000") + a_line("b3", payer="HS002")
    assert (await send(notices, text)).json() == {"accepted": 3, "unchanged": 0, "rejected": []}
    first, second, third = [await a_notice(notices, each) for each in ("b1", "b2", "b3")]
    assert first["reference"] == second["reference"] != third["reference"]
    assert is_reference(str(first["reference"]))
    assert (first["fee_kind"], first["obligation"], first["paid"], first["version"]) == ("other", "due", 0, 1)
    bill = (await notices.get(f"/bills/{str(first['reference']).lower()}")).json()
    assert (bill["amount"], bill["paid"], len(bill["notices"])) == (1_400_000, 0, 2)
    assert bill["account"] == {"bank_bin": "999999", "account_number": "0011", "account_name": "TRUONG TH AN CHAU"}

    async def published() -> bool:
        return {"b1", "b2", "b3"} <= (await newest(stack.bootstrap, Notice)).keys()

    await eventually(published)


async def test_the_same_file_changes_nothing_and_a_corrected_one_only_what_differs(notices, stack):
    rows = [a_line(f"c{number}", payer=f"HS1{number}") for number in range(5)]
    await send(notices, HEADER + "".join(rows))
    assert (await send(notices, HEADER + "".join(rows))).json() == {"accepted": 0, "unchanged": 5, "rejected": []}
    before = await a_notice(notices, "c3")
    rows[3] = a_line("c3", payer="HS13", amount="160000")
    assert (await send(notices, HEADER + "".join(rows), reason="sai giá")).json() == {
        "accepted": 1, "unchanged": 4, "rejected": [], "changed": [{"row": 5, "notice_id": "c3", "columns": ["amount"]}],
    }  # fmt: skip
    after = await a_notice(notices, "c3")
    assert after == {**before, "amount": 160_000, "left": 160_000, "version": 2}
    # Without the column nothing is said about the class.
    fewer = "notice_id,site_id,payer_code,payer_name,purpose,amount,due_on\n"
    fewer += f"c3,{SCHOOL},HS13,Nguyễn Văn An,Tiền ăn bán trú,160000,2026-11-30\n"
    assert (await send(notices, fewer)).json() == {"accepted": 0, "unchanged": 1, "rejected": []}


async def test_a_cancelled_notice_keeps_its_day_and_may_be_opened_again(notices):
    await send(notices, HEADER + a_line("d1"))
    await send(notices, HEADER + a_line("d1", status="cancelled"))
    cancelled = await a_notice(notices, "d1")
    assert (cancelled["status"], cancelled["version"]) == ("cancelled", 2)
    assert cancelled["cancelled_on"] is not None
    assert (await send(notices, HEADER + a_line("d1", status="cancelled"))).json()["unchanged"] == 1
    await send(notices, HEADER + a_line("d1", status="open"))
    assert (await a_notice(notices, "d1"))["cancelled_on"] is None
    listed = (await notices.get("/notices", params={"site": SCHOOL, "status": "cancelled"})).json()["notices"]
    assert "d1" not in {each["notice_id"] for each in listed}


async def test_a_reference_in_the_file_joins_rows_of_one_payer_only(notices):
    reference = random_reference(random.Random(4))
    text = HEADER + a_line("e1", period="T9", reference=reference) + a_line("e2", period="T10", reference=reference.lower())
    assert (await send(notices, text)).json()["accepted"] == 2
    assert (await a_notice(notices, "e1"))["bill_id"] == (await a_notice(notices, "e2"))["bill_id"]
    other = await send(notices, HEADER + a_line("e3", payer="HS777", reference=reference))
    assert [(each["row"], each["column"]) for each in other.json()["rejected"]] == [(2, "reference")]
    both = random_reference(random.Random(5))
    twice = HEADER + a_line("e4", payer="A1", reference=both) + a_line("e5", payer="A2", reference=both)
    assert [each["row"] for each in (await send(notices, twice)).json()["rejected"]] == [3]


async def test_each_bad_cell_is_named_and_nothing_is_stored(notices):
    text = (
        HEADER + a_line("f1", amount="12,5") + a_line("f2").replace("30/11/2026", "31/11/2026")
        + a_line("f001085012345", payer="001085012345") + a_line("f4", amount="-5") + a_line("f5", reference="KH123")
        + a_line("f6") + a_line("f6")
    )  # fmt: skip
    answer = await send(notices, text)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert answer.json()["type"] == "urn:khop:problem:rows_rejected"
    assert [(each["row"], each["column"]) for each in answer.json()["rejected"]] == [
        (2, "amount"), (3, "due_on"), (4, "notice_id"), (5, "amount"), (6, "reference"), (8, "notice_id"),
    ]  # fmt: skip
    assert "001085012345" not in answer.text
    assert (await notices.get("/notices/f6")).status_code == 404


async def test_a_notice_waits_for_its_site_and_is_rejected_when_it_does_not_come(notices, stack):
    waiting = asyncio.create_task(send(notices, HEADER + a_line("g1", site="late-site")))
    await asyncio.sleep(0.5)
    await publish(stack.bootstrap, [a_site("late-site")])
    assert (await waiting).json()["accepted"] == 1
    started = time.monotonic()
    rejected = (await send(notices, HEADER + a_line("g2", site="no-site") + a_line("g3"))).json()["rejected"]
    assert [(each["row"], each["column"]) for each in rejected] == [(2, "site_id")]
    assert 4.5 < time.monotonic() - started < 8
    moved = (await send(notices, HEADER + a_line("g1"))).json()["rejected"]
    assert moved[0]["column"] == "notice_id"


async def test_fee_kinds_set_ceilings_dates_and_obligations(notices, stack):
    await publish(stack.bootstrap, [a_site("kinds-site")])
    kinds = (
        "site_id,fee_kind,name,nature,ceiling,valid_from,valid_to\n"
        "kinds-site,meals,Tiền ăn,service,200000,2026-09-01,\nkinds-site,gift,Ủng hộ,voluntary,,,\n"
        "kinds-site,old,Cũ,service,,2020-01-01,2025-12-31\n"
    )
    assert (await send(notices, kinds, "fee-kinds")).json() == {"accepted": 3, "unchanged": 0, "rejected": []}
    assert (await send(notices, kinds, "fee-kinds")).json()["unchanged"] == 3
    site = "kinds-site"
    text = HEADER + "".join([
        a_line("h1", site=site, fee_kind="meals"), a_line("h2", site=site, fee_kind="gift"), a_line("h3", site=site),
        a_line("h4", site=site, fee_kind="meals", amount="200001"), a_line("h5", site=site, fee_kind="old"),
        a_line("h6", site=site, fee_kind="tuition"),
    ])  # fmt: skip
    report = (await send(notices, text, partial="true")).json()
    assert report["accepted"] == 3
    assert [(each["row"], each["column"]) for each in report["rejected"]] == [
        (5, "amount"),
        (6, "fee_kind"),
        (7, "fee_kind"),
    ]
    assert "200.000 đ" in report["rejected"][0]["problem"]
    assert (await a_notice(notices, "h2"))["obligation"] == "voluntary"


async def test_what_is_paid_follows_the_newest_version_of_each_credit(notices, stack):
    await send(notices, HEADER + a_line("i1", payer="PAID1"))
    await publish(stack.bootstrap, [a_credit("k1", "i1", 100_000), a_credit("k2", "i1", 50_000)])

    async def paid(wanted: int) -> bool:
        return (await a_notice(notices, "i1"))["paid"] == wanted

    await eventually(lambda: paid(150_000))
    await publish(stack.bootstrap, [a_credit("k1", "i1", 100_000, version=2, allocated=0), a_credit("k2", "i1", 50_000)])
    await eventually(lambda: paid(50_000))


async def test_freshness_is_the_latest_moment_told_and_stands_on_the_bill(notices, stack):
    await send(notices, HEADER + a_line("j1", payer="FRESH"))

    def a_day(hour: int, version: int) -> ReconciliationDay:
        return ReconciliationDay(
            version=version, site_id=SCHOOL, account="0011", date=MOMENT.date(), state="open", opening=None,
            credits=0, debits=0, closing=None, allocated=0, suspense=0, cash=0, deposits=0, fresh_until=MOMENT.replace(hour=hour),
        )  # fmt: skip

    await publish(stack.bootstrap, [a_day(9, 1), a_day(7, 2)])
    reference = (await a_notice(notices, "j1"))["reference"]

    async def fresh() -> bool:
        moment = (await notices.get(f"/bills/{reference}")).json()["fresh_until"]
        return moment is not None and datetime.fromisoformat(moment) == MOMENT.replace(hour=9)

    await eventually(fresh)


async def test_an_accountants_workbook_with_a_title_and_vietnamese_headings_is_understood(notices):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["DANH SÁCH THU THÁNG 11"])
    sheet.append([])
    sheet.append(["STT", "Mã khoản  thu", "MÃ HỌC SINH", "Họ và tên", "Lớp", "Nội dung", "Kỳ", "Số tiền", "Hạn nộp"])
    sheet.append([1, "x1", "HS900", "  Trần  Thị Bé ", "2B", "Nước uống", "T11", 45000, date(2026, 11, 30)])
    sheet.append([2, "x2", "HS901", "Lò Văn Ún", "2B", "Nước uống", "T11", 45000.5, "30/11/2026"])
    file = io.BytesIO()
    book.save(file)
    report = (await send(notices, file.getvalue(), partial="true", site=SCHOOL)).json()
    assert report["accepted"] == 1
    assert [(each["row"], each["column"]) for each in report["rejected"]] == [(5, "amount")]
    notice = await a_notice(notices, "x1")
    assert (notice["payer_name"], notice["amount"], notice["due_on"]) == ("Trần Thị Bé", 45_000, "2026-11-30")


async def test_callers_see_their_own_sites_only(notices):
    token = sign_token(SECRET_KEY, Caller("p1", "accountant", frozenset({"late-site"})))
    theirs = {"Authorization": f"Bearer {token}"}
    listed = (await notices.get("/notices", headers=theirs)).json()["notices"]
    assert {each["site_id"] for each in listed} == {"late-site"}
    assert (await notices.get("/notices", params={"site": SCHOOL}, headers=theirs)).status_code == 403
    assert (await notices.get("/notices/b1", headers=theirs)).status_code == 403
    assert (await send(notices, HEADER, site=SCHOOL)).status_code == 200


async def test_pages_of_notices_follow_each_other(notices):
    seen, after = [], ""
    while after is not None:
        page = (await notices.get("/notices", params={"site": SCHOOL, "limit": 3, "after": after})).json()
        seen += [each["notice_id"] for each in page["notices"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) > 6


async def test_a_citizens_number_is_replaced_by_the_sites_own_code(notices, stack):
    text = HEADER + a_line("q1", payer="001085012345") + a_line("q2", payer="001085012345", period="T12")
    assert (await send(notices, text)).json()["accepted"] == 2
    codes = {(await a_notice(notices, each))["payer_code"] for each in ("q1", "q2")}
    assert len(codes) == 1
    assert not codes & {"001085012345"}
    assert (await send(notices, text)).json()["unchanged"] == 2
    kept = await connect_as(stack, "notices")
    tables = await kept.fetch("select tablename from pg_tables where schemaname = 'notices'")
    for table in tables:
        rows = await kept.fetch(f"select x::text as text from notices.{table['tablename']} x")
        assert not [row for row in rows if "001085012345" in row["text"]]
    await kept.close()


async def test_a_check_and_a_refused_file_leave_nothing_behind(notices, stack):
    before = (await notices.post("/operations/republish")).json()["fees.notices.v1"]
    reference = random_reference(random.Random(6))
    sound = HEADER + a_line("r1", reference=reference) + a_line("r2", payer="R2")
    assert (await send(notices, sound, check="true")).json() == {"accepted": 2, "unchanged": 0, "rejected": []}
    bad = await send(notices, sound + a_line("r3", amount="x"))
    assert (bad.status_code, bad.json()["accepted"], len(bad.json()["rejected"])) == (422, 0, 1)
    assert (await notices.get("/notices/r1")).status_code == 404
    assert (await notices.get(f"/bills/{reference}")).status_code == 404
    assert (await notices.post("/operations/republish")).json()["fees.notices.v1"] == before
    partial = await send(notices, sound + a_line("r3", amount="x"), partial="true")
    assert (partial.status_code, partial.json()["accepted"]) == (200, 2)


async def test_the_same_id_far_apart_in_a_file_is_refused(notices):
    lines = [a_line(f"s{number}", payer=f"S{number}") for number in range(4_100)]
    report = (await send(notices, HEADER + "".join(lines) + a_line("s7", payer="S7") + a_line("s4099", payer="S9"))).json()
    assert [(each["row"], each["column"], each["problem"]) for each in report["rejected"]] == [
        (4102, "notice_id", "the same as in row 9"), (4103, "notice_id", "the same as in row 4101"),
    ]  # fmt: skip


async def test_a_reference_binds_to_its_payer_across_the_chunks_of_a_file(notices):
    reference = random_reference(random.Random(7))
    lines = [a_line(f"t{number}", payer=f"T{number}") for number in range(2_000)]
    text = HEADER + a_line("t-first", payer="T-A", reference=reference) + "".join(lines)
    text += a_line("t-same", payer="T-A", reference=reference) + a_line("t-other", payer="T-B", reference=reference)
    report = (await send(notices, text, partial="true")).json()
    assert report["accepted"] == 2_002
    assert [(each["row"], each["column"]) for each in report["rejected"]] == [(2004, "reference")]


async def test_progress_is_told_line_by_line_where_it_is_asked_for(notices):
    text = HEADER + "".join(a_line(f"u{number}", payer=f"U{number}") for number in range(4_500))
    answer = await notices.post("/imports/notices", content=text.encode(), headers={"Accept": "application/x-ndjson"})
    *progress, last = [json.loads(line) for line in answer.text.splitlines()]
    assert last == {"report": {"accepted": 4_500, "unchanged": 0, "rejected": []}}
    assert [each["rows"] for each in progress] == sorted(each["rows"] for each in progress)
    assert {each["of"] for each in progress} == {4_500}


async def test_many_problems_are_listed_up_to_a_limit(notices):
    text = HEADER + "".join(a_line(f"v{number}", amount="0") for number in range(10_500))
    rejected = (await send(notices, text)).json()["rejected"]
    assert len(rejected) == 10_001
    assert rejected[-1]["column"] == "file"


async def test_a_file_above_the_limit_is_one_clear_problem(notices):
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(66):
            yield bytes(2**20)

    answer = await notices.post("/imports/notices", content=parts())
    assert (answer.status_code, answer.json()["title"]) == (413, "file too large")


async def test_two_files_of_the_same_sites_at_once_are_both_stored(notices, stack):
    await publish(stack.bootstrap, [a_site("two-a"), a_site("two-b")])
    first = HEADER + "".join(a_line(f"w{number}", site=("two-a", "two-b")[number > 1_000]) for number in range(2_500))
    second = HEADER + "".join(a_line(f"x-{number}", site=("two-b", "two-a")[number > 1_000]) for number in range(2_500))
    answers = await asyncio.gather(*(send(notices, text) for text in (first, second)))
    assert [answer.json()["accepted"] for answer in answers] == [2_500, 2_500]


async def test_public_schools_take_no_tuition(notices):
    report = (await send(notices, HEADER + a_line("y1", fee_kind="tuition"), partial="true")).json()
    assert [(each["row"], each["column"]) for each in report["rejected"]] == [(2, "fee_kind")]
    assert "238/2025" in report["rejected"][0]["problem"]
    kinds = f"site_id,fee_kind,name,nature\n{SCHOOL},hp,Học phí,charge\n"
    refused = (await send(notices, kinds, "fee-kinds")).json()["rejected"]
    assert [(each["row"], each["column"]) for each in refused] == [(2, "fee_kind")]


async def test_twenty_thousand_notices_import_in_seconds_and_again_change_nothing(notices, stack):
    text = HEADER + "".join(a_line(f"m{number}", payer=f"P{number // 2}") for number in range(20_000))
    started = time.monotonic()
    assert (await send(notices, text)).json() == {"accepted": 20_000, "unchanged": 0, "rejected": []}
    # 100,000 may take 60 s; a fifth of it in a third of that leaves room for a busy machine.
    assert time.monotonic() - started < 20
    assert (await send(notices, text)).json() == {"accepted": 0, "unchanged": 20_000, "rejected": []}
    assert (await notices.post("/operations/republish")).json()["fees.notices.v1"] >= 20_000


async def test_a_virtual_account_is_kept_in_the_form_in_which_the_banks_messages_are_read(notices):
    header = HEADER.rstrip("\n") + ",virtual_account\n"
    rows = [a_line(f"va{number}").rstrip("\n") + f",{account}\n" for number, account in enumerate(("96 24-abc.01", "9624ắ"))]
    report = (await send(notices, header + "".join(rows), partial="true")).json()
    assert [(each["row"], each["column"]) for each in report["rejected"]] == [(3, "virtual_account")]
    assert (await a_notice(notices, "va0"))["virtual_account"] == "9624ABC01"


async def test_a_form_that_holds_the_file_is_refused(notices):
    answer = await notices.post("/imports/notices", files={"file": ("n.csv", HEADER.encode())})
    assert (answer.status_code, answer.json()["type"]) == (415, "urn:khop:problem:no_form")


async def test_a_class_that_the_school_has_not_is_taken_and_warned_of_once(notices, stack):
    await publish(stack.bootstrap, [a_site("class-site")])
    first = HEADER + a_line("k1", "K1", site="class-site")
    assert (await send(notices, first)).json() == {"accepted": 1, "unchanged": 0, "rejected": []}
    typed = "".join(a_line(f"k{number}", f"K{number}", site="class-site").replace(",1A,", ",1Q,") for number in (2, 3))
    report = (await send(notices, HEADER + typed + a_line("k4", site="class-site"))).json()
    assert report["accepted"] == 3
    assert [(each["row"], each["column"]) for each in report["warnings"]] == [(2, "group")]
    assert "warnings" not in (await send(notices, HEADER + typed.replace("1Q", "lớp 1q"))).json()
