"""Each thing that the pages ask of another service, asked of the real one: files, statements, closes, refunds, fees, shifts."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime, timedelta
from urllib.parse import quote

import openpyxl
import pytest

from services.portal import words
from shared import clock
from shared.money import format_dong
from tests.e2e.clerks import at_work, words_of
from tests.e2e.district import CLINIC, SCHOOL, SECOND_SCHOOL, site_of
from tests.integration.support import eventually

HEAD_OF_SCHOOL = "mau-hieu-truong"
ROUND = "Tháng 11/2026"


@pytest.fixture
async def accountant(district):
    async with at_work(district, "mau-ke-toan") as clerk:
        yield clerk


@pytest.fixture
async def head(district):
    async with at_work(district, HEAD_OF_SCHOOL) as clerk:
        yield clerk


def sheet(content: bytes) -> list[list[object]]:
    """The first sheet's filled rows."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    rows = [[cell for cell in row if cell is not None] for row in book.worksheets[0].iter_rows(values_only=True)]
    return [row for row in rows if row]


async def test_slips_and_reminders_come_from_notices(district, accountant):
    group = (await district.bills(SCHOOL, 1))[0].group
    slips = await accountant.file(f"/fees/{SCHOOL}/round/slips.pdf?round={quote(ROUND)}&group={quote(group)}")
    assert slips.content.startswith(b"%PDF-")
    (bill,) = await district.bills(SCHOOL, 1)
    page = await accountant.page(f"/reminders/{bill.reference}")
    assert bill.reference in page
    assert re.search(r"\d{1,3}(\.\d{3})+ đ", page.replace("\u00a0", " "))  # what is not voluntary of it


async def test_a_list_is_read_put_right_and_issued(district, accountant):
    lines = ["Mã học sinh,Họ và tên,Lớp,Số tiền", "HS900001,Vi Thị Thử,1A,12.000", "HS900002,Nông Văn Thử,1A,mười nghìn"]
    fields = {
        "site_id": SCHOOL, "round": "Đợt thử", "due_on": "31/12/2026", "period": "2026-12", "fee_kind": "drinking_water",
        "purpose": "Nước uống tháng 12/2026",
    }  # fmt: skip
    page = await accountant.does(
        "/imports/list", fields, seen=f"/issue?site={SCHOOL}", files={"file": ("ds.csv", "\n".join(lines).encode())}
    )
    assert words.fees.DRAFT_PROBLEMS.format(count=1) in page
    (path,) = set(re.findall(r'action="(/drafts/[^"]+)"', page))
    (cell,) = re.findall(r'name="(cell:[^"]+)"', page)
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    page = await accountant.does(path, {"version": version, "act": "fix", cell: "8.000"}, seen=path)
    assert words.fees.DRAFT_ISSUE.format(count=2) in page
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    page = await accountant.does(path, {"version": version, "act": "issue"}, seen=path)
    assert words.fees.DRAFT_ISSUED.format(count=2, amount=format_dong(20_000)) in page
    await accountant.sees(f"/fees/{SCHOOL}/round?round={quote('Đợt thử')}", format_dong(20_000))


async def test_a_draft_can_be_dropped(accountant):
    fields = {"site_id": SCHOOL, "round": "Đợt bỏ", "due_on": "31/12/2026", "fee_kind": "drinking_water", "purpose": "Nước"}
    page = await accountant.does(
        "/imports/list", fields, seen=f"/issue?site={SCHOOL}",
        files={"file": ("ds.csv", "Mã học sinh,Họ và tên,Lớp,Số tiền\nHS900003,Vi Bỏ,1A,5.000".encode())},
    )  # fmt: skip
    (path,) = set(re.findall(r'action="(/drafts/[^"]+)"', page))
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    assert words.fees.ISSUE in await accountant.does(path, {"version": version, "act": "drop"}, seen=path)
    assert (await accountant.client.get(path)).status_code == 404


async def test_a_fee_for_a_class_and_the_next_round_are_shown_before_they_are_issued(district, accountant):
    (bill,) = await district.bills(SCHOOL, 1)
    fields = {
        "site_id": SCHOOL, "round": "Quỹ lớp thử", "fee_kind": "drinking_water", "purpose": "Nước uống thử", "price": "7.000",
        "due_on": "31/12/2026", "groups": bill.group, "grades": "", "days": "", "period": "",
    }  # fmt: skip
    page = await accountant.does("/fees/new", fields, seen=f"/issue?site={SCHOOL}")
    assert words.fees.FEE_ISSUE in page
    page = await accountant.does("/fees/new", {**fields, "confirmed": "1"}, seen=f"/issue?site={SCHOOL}")
    assert "Đã phát hành" in page
    await accountant.sees(f"/fees?site={SCHOOL}", "Quỹ lớp thử")
    await accountant.page(f"/fees/{SCHOOL}/round?round={quote('Quỹ lớp thử')}")
    following = {
        "site_id": SCHOOL, "last_round": "Quỹ lớp thử", "round": "Quỹ lớp thử 2", "due_on": "31/01/2027", "period": "",
    }  # fmt: skip
    page = await accountant.does("/fees/next", following, seen=f"/issue?site={SCHOOL}")
    assert words.fees.FEE_ISSUE in page
    await accountant.does("/fees/next", {**following, "confirmed": "1"}, seen=f"/issue?site={SCHOOL}")
    await accountant.sees(f"/fees?site={SCHOOL}", "Quỹ lớp thử 2")


async def test_a_statement_is_taken_and_the_day_is_reconciled_and_closed(district, accountant):
    account = site_of(SECOND_SCHOOL).account
    today = clock.local_day(datetime.now(clock.LOCAL))
    yesterday = today - timedelta(days=1)
    told = f"Ngày giao dịch,Số tham chiếu,Ghi nợ,Ghi có,Số dư,Nội dung\n{yesterday:%d/%m/%Y},FT999000111,,35.000,1.035.000,tien gi do\n"
    files = {"file": ("sao-ke.csv", told.encode())}
    page = await accountant.does("/statements/upload", {"account": account}, seen="/statements/upload", files=files)
    assert words.days.UPLOADED.format(lines=1, new=1) in page
    again = await accountant.does("/statements/upload", {"account": account}, seen="/statements/upload", files=files)
    assert words.days.UPLOADED_AGAIN in again
    spoilt = await accountant.send(
        "/statements/upload", {"account": account}, seen="/statements/upload", files={"file": ("x.csv", b"\x00\x01hello")}
    )
    assert spoilt.status_code == 422
    assert words.days.UPLOAD_REFUSED.format(problem=words.files.place(1, "file", "the file holds zero bytes")) in spoilt.text

    path = f"/days/{SECOND_SCHOOL}/{account}/{yesterday}"

    async def there():
        answer = await accountant.client.get(path)
        return answer.text if answer.status_code == 200 and "35.000" in answer.text else None

    await eventually(there, within_s=30)

    async def agrees():
        # It is balanced at once; after a while it closes by itself.
        page = await accountant.page(path)
        states = {f'<span class="badge ok">{words.days.STATES[state]}</span>' for state in ("balanced", "closed")}
        return (any(state in page for state in states) and "35.000" in page) or None

    await eventually(agrees, within_s=30)

    # Today is closed by hand: nothing of it hinders.
    path = f"/days/{SECOND_SCHOOL}/{account}/{today}"
    page = await accountant.sees(path, words.days.CLOSE)
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    late = await accountant.send(f"{path}/close", {"version": "999"}, seen=path)
    assert late.status_code == 412
    page = await accountant.does(f"{path}/close", {"version": version}, seen=path)
    assert words.days.CLOSED_BY.split("{time}")[0].format(who="Vi Thị Lan") in page


async def test_a_month_and_a_round_are_looked_at_before_they_are_signed(accountant):
    last_month = (datetime.now(clock.LOCAL).replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    page = await accountant.page(f"/closes?site={SCHOOL}&kind=month&subject={last_month}")
    assert words.days.CLOSE_FIGURES["received"] in page
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', page)
    assert digest, words_of(page)
    fields = {"site_id": SCHOOL, "kind": "month", "subject": last_month, "digest": digest[1]}
    seen = f"/closes?site={SCHOOL}&kind=month&subject={last_month}"
    page = await accountant.does("/closes", fields, seen=seen)
    assert "đã ký chốt" in page
    page = await accountant.page(f"/closes?site={SCHOOL}&kind=round&subject={quote(ROUND)}")
    assert words.days.CLOSE_FIGURES["issued"] in page
    unknown = await accountant.client.get(f"/closes?site={SCHOOL}&kind=round&subject=nothing")
    assert unknown.status_code == 404
    assert words.days.CLOSE_UNKNOWN in unknown.text


async def test_money_goes_back_by_two_people_and_a_list_for_the_bank(district, accountant, head):
    # Only a statement tells this school from which account money came: there it can go back to.
    yesterday = clock.local_day(datetime.now(clock.LOCAL)) - timedelta(days=1)
    heads = "Ngày giao dịch,Số tham chiếu,Ghi nợ,Ghi có,Số dư,Nội dung,Tài khoản đối ứng,Tên đối ứng"
    line = f"{yesterday:%d/%m/%Y},FT777000222,,45.000,9.045.000,tra lai giup,0123456789,VI VAN LANG"
    await accountant.does(
        "/statements/upload", {"account": site_of(SCHOOL).account}, seen="/statements/upload",
        files={"file": ("sao-ke.csv", f"{heads}\n{line}\n".encode())},
    )  # fmt: skip
    page = await accountant.sees("/queue?order=new", "tra lai giup")
    credit = next(row.split('"')[0] for row in page.split('<tr id="')[1:] if "tra lai giup" in row)
    version = re.search(r"/aside\?v=(\d+)", await accountant.page(f"/payments/{credit}"))[1]
    await accountant.does(f"/payments/{credit}/aside?v={version}", {"as": "to_return"}, seen=f"/payments/{credit}")
    page = await accountant.page(f"/payments/{credit}")
    once = re.search(r'name="once" value="([^"]+)"', page)[1]
    fields = {"credit_id": credit, "once": once, "amount": "45.000 đ", "why": "paid_too_much", "way": "transfer"}

    async def proposed():
        # Reconciliation hears of the credit by its topic.
        answer = await accountant.send("/refunds", fields, seen=f"/payments/{credit}")
        return answer if answer.status_code == 200 else None

    page = (await eventually(proposed, within_s=20)).text
    assert words.cash.STATES["proposed"] in page
    page = await head.page("/approvals")
    refund = re.search(r"/refunds/([^/\"]+)/approve", page)[1]
    version = re.search(rf'/refunds/{refund}/approve".*?name="version" value="(\d+)"', page, re.DOTALL)[1]
    await head.does(f"/refunds/{refund}/approve", {"version": version}, seen="/approvals")
    page = await accountant.page("/refunds?state=approved")
    assert format_dong(45_000) in page
    page = await accountant.does("/payment-lists", {"site_id": SCHOOL, "once": "list-1"}, seen="/refunds")
    list_path = re.search(r'href="(/payment-lists/[^"]+\.xlsx)"', page)[1]
    rows = sheet((await accountant.file(list_path)).content)
    assert any(45_000 in row for row in rows), rows
    again = await accountant.send("/payment-lists", {"site_id": SCHOOL, "once": "list-2"}, seen="/refunds")
    assert (again.status_code, words.cash.PROBLEMS["nothing_approved"] in again.text) == (409, True)


async def test_money_of_an_unknown_account_goes_back_in_cash_against_a_signature(district, accountant, head):
    await district.pay(SCHOOL, 46_000, "hoan lai giup", "VI VAN LANG")
    page = await accountant.sees("/queue?order=new", "hoan lai giup")
    credit = next(row.split('"')[0] for row in page.split('<tr id="')[1:] if "hoan lai giup" in row)
    version = re.search(r"/aside\?v=(\d+)", await accountant.page(f"/payments/{credit}"))[1]
    page = await accountant.does(f"/payments/{credit}/aside?v={version}", {"as": "to_return"}, seen=f"/payments/{credit}")
    assert words.cash.WAYS["transfer"] not in page
    fields = {"credit_id": credit, "once": f"cash-{credit}", "amount": "46.000", "why": "paid_too_much", "way": "cash"}

    async def proposed():
        answer = await accountant.send("/refunds", fields, seen=f"/payments/{credit}")
        return answer if answer.status_code == 200 else None

    await eventually(proposed, within_s=20)
    page = await head.page("/approvals")
    refund = re.search(r"46\.000 đ.*?/refunds/([^/\"]+)/approve", page, re.DOTALL)[1]
    version = re.search(rf'/refunds/{refund}/approve".*?name="version" value="(\d+)"', page, re.DOTALL)[1]
    await head.does(f"/refunds/{refund}/approve", {"version": version}, seen="/approvals")
    async with at_work(district, "mau-thu-quy") as treasurer:
        page = await treasurer.sees("/shifts", words.cash.HAND_OVERS)
        version = re.search(rf'/refunds/{refund}/hand-over".*?name="version" value="(\d+)"', page, re.DOTALL)[1]
        await treasurer.does(
            f"/refunds/{refund}/hand-over", {"version": version, "document_number": "PC 0007"}, seen="/shifts"
        )
    assert words.cash.STATES["paid"] in await accountant.page("/refunds")


async def test_a_fee_that_was_paid_is_cancelled_by_two_people(district, accountant, head):
    (bill,) = await district.bills(SCHOOL, 1)
    await district.pay(SCHOOL, bill.amount, bill.reference)

    async def paid():
        notices = [each for each in await district.notices(SCHOOL) if each["reference"] == bill.reference]
        return next((each["notice_id"] for each in notices if each["paid"]), None)

    notice_id = await eventually(paid)
    seen = f"/fee-changes?notice={notice_id}"
    page = await accountant.sees(seen, words.fee_changes.PROPOSE)
    fields = {"notice": notice_id, "kind": "cancel", "reason": "wrong_payer"}
    page = await accountant.does("/fee-changes", fields, seen=seen)
    assert words.fee_changes.SAID_PROPOSED in page
    rows = re.findall(r"<tr.*?</tr>", await head.page("/approvals"), re.DOTALL)
    (row,) = [each for each in rows if "/fee-changes/" in each and bill.payer_code in each]
    change = re.search(r'action="(/fee-changes/[^"]+/approve)"', row)[1]
    await head.does(change, {}, seen="/approvals")
    assert notice_id not in {each["notice_id"] for each in await district.notices(SCHOOL)}, "of open ones"
    await accountant.sees(seen, words.fee_changes.NOT_CHANGEABLE)


@pytest.mark.parametrize("name", ["paid", "collected", "overpaid", "by_day", "remit", "hand_over", "documents", "day_book"])
async def test_every_report_is_a_page_a_table_and_a_workbook(accountant, name):
    assert name in words.reports.REPORTS
    answer = await accountant.file(f"/reports/{name}.xlsx?site={SCHOOL}&from=2026-11-01&to=2026-11-30")
    assert sheet(answer.content)
    text = (await accountant.file(f"/reports/{name}.csv?site={SCHOOL}&from=2026-11-01&to=2026-11-30")).content
    assert text.startswith(b"\xef\xbb\xbf")
    if name in words.reports.HEADS:
        assert next(csv.reader(io.StringIO(text.decode("utf-8-sig")))) == list(words.reports.HEADS[name])
    await accountant.page(f"/reports/{name}?site={SCHOOL}&from=2026-11-01&to=2026-11-30")


async def test_documents_are_laid_to_notices_all_or_none(district, accountant):
    (bill,) = await district.bills(SCHOOL, 1)
    await district.pay(SCHOOL, bill.amount, bill.reference)

    async def paid():
        return next((each for each in await district.notices(SCHOOL) if each["paid"] == each["amount"]), None)

    notice = await eventually(paid)
    good = f"mã khoản thu,ký hiệu,số,ngày\n{notice['notice_id']},1C26TSD,0000012,24/11/2026\n"
    seen = f"/imports/documents?site={SCHOOL}"
    page = await accountant.does(
        "/imports/documents", {"site": SCHOOL}, seen=seen, files={"file": ("ct.csv", good.encode())}
    )
    assert words.reports.UPLOADED.format(accepted=1, unchanged=0) in page
    bad = "mã khoản thu,ký hiệu,số,ngày\nkhong-co,1C26TSD,0000013,24/11/2026\n"
    refused = await accountant.send(
        "/imports/documents", {"site": SCHOOL}, seen=seen, files={"file": ("ct.csv", bad.encode())}
    )
    assert refused.status_code == 422
    assert words.files.place(2, "notice_id", "no paid notice of this site fits") in refused.text


async def test_cash_is_taken_in_a_shift_that_another_counts_and_closes(district):
    (bill,) = await district.bills(CLINIC, 1)
    async with at_work(district, "mau-thu-ngan") as cashier, at_work(district, "mau-thu-quy-y-te") as treasurer:
        page = await cashier.page("/shifts")
        once = re.search(r'name="once" value="([^"]+)"', page)[1]
        page = await cashier.does(
            "/shifts", {"site_id": CLINIC, "counter": "1", "opening": "200.000", "once": once}, seen="/shifts"
        )
        assert words.cash.TOOK_CASH in page
        await cashier.does(
            "/counter/show", {"site": CLINIC, "counter": "1", "reference": bill.reference}, seen=f"/counter?site={CLINIC}"
        )
        page = await cashier.page(f"/counter?site={CLINIC}")
        path = next(each for each in re.findall(r'action="(/counter/cash/[^"]+)"', page))
        once = re.search(r'name="once" value="([^"]+)"', page.split(path)[1])[1]
        fields = {"once": once, "amount": format_dong(bill.amount), "document_number": ""}
        page = await cashier.does(path, fields, seen=f"/counter?site={CLINIC}")
        assert words.counter.CASH_DONE.format(amount=format_dong(bill.amount)) in page
        assert words.counter.WAITING_DOCUMENTS in page
        # Sent twice it is taken once, and said the same.
        again = await cashier.does(path, fields, seen=f"/counter?site={CLINIC}")
        assert words.counter.CASH_DONE.format(amount=format_dong(bill.amount)) in again

        expected = 200_000 + bill.amount
        shift = re.search(r'href="(/shifts/[^"]+)"', await treasurer.page("/shifts"))[1]
        page = await treasurer.sees(shift, format_dong(expected))
        version = re.search(r'name="version" value="(\d+)"', page)[1]
        short = await treasurer.send(
            f"{shift}/close", {"version": version, "note100000": "1", "left_in_till": "0"}, seen=shift
        )
        assert short.status_code == 409
        counts, left = {}, expected
        for note in words.cash.NOTES:
            counts[f"note{note}"], left = str(left // note), left % note
        # What no note makes up is a difference, and wants its reason.
        reason = {"reason": "change_error"} if left else {}
        page = await treasurer.does(
            f"{shift}/close", {"version": version, **counts, "left_in_till": "100.000", **reason}, seen=shift
        )
        assert format_dong(expected) in page
        assert words.cash.CLOSE not in page or "đóng" in page
        journal = await treasurer.page("/shifts")
        assert format_dong(expected - left - 100_000) in journal
        own = await cashier.send(f"{shift}/close", {"version": version, "note1000": "1"}, seen="/shifts")
        assert own.status_code in {409, 412}


async def test_a_payment_is_handed_to_the_site_whose_money_it_is(district, accountant):
    """Khớp's own people of the right site go on with it; whoever gave it away sees it no more."""
    await district.pay(SCHOOL, 47_000, "tien cua nha tre", "VI VAN LANG")
    page = await accountant.sees("/queue?order=new", "tien cua nha tre")
    credit = next(row.split('"')[0] for row in page.split('<tr id="')[1:] if "tien cua nha tre" in row)
    seen = f"/payments/{credit}"
    version = re.search(r"/move\?v=(\d+)", await accountant.page(seen))[1]
    nowhere = await accountant.send(f"{seen}/move?v={version}", {"site_id": "Trường nào đó", "reason": "other"}, seen=seen)
    assert (nowhere.status_code, words.people.GRANT_PROBLEMS["unknown_site"] in nowhere.text) == (422, True)
    # By its name, with or without diacritics; it is one of this accountant's other schools.
    fields = {"site_id": "truong mam non an lac", "reason": "wrong_account"}
    await accountant.does(f"{seen}/move?v={version}", fields, seen=seen)
    assert "Trường Mầm non An Lạc" in await accountant.page(seen)
    async with at_work(district, "mau-ke-toan-hai") as other:
        assert (await other.client.get(seen)).status_code == 404


async def deposited(district, cashier, payer_code: str, payer_name: str, amount: int) -> str:
    """A deposit that was asked at the counter and has been paid by a transfer; returns its notice."""
    seen = f"/counter?site={CLINIC}"
    once = re.search(r'action="/counter/issue".*?name="once" value="([^"]+)"', await cashier.page(seen), re.DOTALL)[1]
    fields = {
        "site": CLINIC, "counter": "2", "once": once, "payer_name": payer_name, "payer_code": payer_code,
        "fee_kind": "treatment_deposit", "amount": format_dong(amount), "decision": "",
    }  # fmt: skip
    page = await cashier.does("/counter/issue", fields, seen=seen)
    reference = re.search(r"KH[0-9A-Z]{9}", page.split(payer_name)[1])[0]
    await district.pay(CLINIC, amount, reference)
    paid = words.treatments.DEPOSITS.format(paid=format_dong(amount), asked=format_dong(amount))
    page = await cashier.sees(f"/treatments?q={payer_code}", paid)
    (notice_id,) = re.findall(r'name="deposit" value="([^"]+)"', page)

    async def heard():
        return any(each["paid"] == amount for each in await district.notices(CLINIC) if each["payer_code"] == payer_code)

    await eventually(heard)
    return notice_id


async def test_a_treatment_is_settled_against_its_deposit(district):
    """Deposit 300.000, cost 500.000, insurance 120.000: 80.000 more are asked. Of 500.000 for 150.000 the rest goes back in cash."""
    kinds = f"site_id,fee_kind,name,nature\n{CLINIC},treatment_deposit,Tạm ứng viện phí,deposit\n"
    await district.installation.import_file("notices", "fee-kinds", kinds.encode())
    async with at_work(district, "mau-thu-ngan") as cashier, at_work(district, "mau-giam-doc") as director:
        deposit = await deposited(district, cashier, "BN990001", "Lục Thị Ứng", 300_000)
        asked = {
            "site_id": CLINIC, "payer_code": "BN990001", "payer_name": "Lục Thị Ứng", "deposit": deposit,
            "settlement_id": "DT-0001", "total": "500.000", "insurance": "120.000",
        }  # fmt: skip
        page = await cashier.does("/treatments", asked, seen="/treatments")
        assert words.treatments.DONE_PAY.format(number="DT-0001", amount=format_dong(80_000)) in page
        again = await cashier.does("/treatments", asked, seen="/treatments")
        assert words.treatments.DONE_PAY.format(number="DT-0001", amount=format_dong(80_000)) in again
        found = f"/counter?site={CLINIC}&q=BN990001"
        assert format_dong(80_000) in await cashier.sees(found, format_dong(80_000))
        much = await cashier.send(
            "/treatments", {**asked, "settlement_id": "DT-2", "insurance": "900.000"}, seen="/treatments"
        )
        assert (much.status_code, words.treatments.PROBLEMS["refused"] in much.text) == (422, True)

        deposit = await deposited(district, cashier, "BN990002", "Lý Văn Hoàn", 500_000)
        asked |= {"payer_code": "BN990002", "payer_name": "Lý Văn Hoàn", "deposit": deposit, "settlement_id": "DT-0003"}
        page = await cashier.does("/treatments", {**asked, "total": "270.000"}, seen="/treatments")
        assert words.treatments.DONE_RETURN.format(number="DT-0003", amount=format_dong(350_000)) in page
        await cashier.sees("/treatments", words.treatments.GOING_BACK["proposed"])
        assert words.treatments.NO_DEPOSIT in await cashier.sees("/treatments?q=BN990002", words.treatments.NO_DEPOSIT)
        page = await director.page("/approvals")
        assert "Lý Văn Hoàn" in page
        assert words.cash.WHY["deposit_left"] in page
        refund = re.search(r"350\.000 đ.*?/refunds/([^/\"]+)/approve", page, re.DOTALL)[1]
        await director.does(f"/refunds/{refund}/approve", {"version": "1"}, seen="/approvals")
        assert words.treatments.GOING_BACK["approved_cash"] in await cashier.page("/treatments")
        page = await cashier.page("/shifts")
        assert "Lý Văn Hoàn" in page
        once = re.search(r'name="once" value="([^"]+)"', page)[1]
        opening = {"site_id": CLINIC, "counter": "9", "opening": "500.000", "once": once}
        await cashier.does("/shifts", opening, seen="/shifts")
        await cashier.does(f"/refunds/{refund}/hand-over", {"version": "2", "document_number": "PC 21"}, seen="/shifts")
        shift = re.search(r'href="(/shifts/[^"]+)"><b>[^<]* 9<', await cashier.page("/shifts"))[1]
        page = await cashier.page(shift)
        assert words.cash.PAID_OUT.format(amount=format_dong(350_000)) in page
        assert format_dong(150_000) in page
        today = clock.local_day(datetime.now(clock.LOCAL))
        await cashier.sees("/treatments", words.treatments.GOING_BACK["told"].format(day=f"{today:%d/%m/%Y}"))
        assert words.cash.STATES["told"] in await director.page("/refunds")
