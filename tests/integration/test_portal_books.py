"""The accountant's books with the real reconciliation service: days, closes, fees, reports, and that their figures add up."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from typing import Any

import httpx
import openpyxl
import pytest

from services.portal import words
from shared.clock import local_day, now
from shared.events.payments import Candidate
from tests.integration import payment_events
from tests.integration.payment_events import ACCOUNT, a_credit, a_notice, a_site, a_statement, a_transaction, cash
from tests.integration.portal_people import a_person, form_token, put_people, signed_in
from tests.integration.support import connect_as, eventually, publish, running_service

SITE, OTHER = "TH1", "TH2"
TODAY = local_day(now())
YESTERDAY, BEFORE = TODAY - timedelta(days=1), TODAY - timedelta(days=2)
ROUND = "Tháng 11/2026"
FIRST = TODAY - timedelta(days=30)
PERIOD = f"site={SITE}&from={FIRST}&to={TODAY}"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def a_fee(name: str, group: str, amount: int = 100_000, **more: Any):
    told = {"payer_name": f"Vi Văn {name}", "purpose": "Tiền ăn", "round": ROUND, "bill_id": f"b-{name}"} | more
    return a_notice(f"n-{name}", f"HS-{name}", group=group, amount=amount, **told)


FEES = [
    a_fee("an", "3A"), a_fee("binh", "3A"), a_fee("cam", "3A", payer_name="=HYPERLINK(1)"), a_fee("dung", "3B", 200_000),
    a_fee("em", "10A", 50_000),
    a_notice(
        "n-quy", "HS-an", round=ROUND, group="3A", amount=30_000, bill_id="b-an", obligation="voluntary", payer_name="Vi Văn an",
        purpose="Quỹ lớp",
    ),
]  # fmt: skip
"""Owed: 550.000 đ in three classes; and 30.000 đ that nobody has to give."""
ON_IT = a_transaction("t1", YESTERDAY, 100_000), a_credit("t1", YESTERDAY, 100_000, pays={"n-an": 100_000})
NOT_ON_IT = a_transaction("t2", YESTERDAY, 5_000, memo="<b>không rõ</b>"), a_credit("t2", YESTERDAY, 5_000)
BALANCED = a_transaction("t3", BEFORE, 80_000), a_credit("t3", BEFORE, 80_000, pays={"n-dung": 80_000})
GIVEN = a_transaction("t4", BEFORE, 130_000), a_credit(
    "t4", BEFORE, 130_000, pays={"n-binh": 100_000, "n-quy": 30_000},
)  # fmt: skip
TOO_MUCH = a_transaction("t5", BEFORE, 70_000), a_credit(
    "t5", BEFORE, 70_000, pays={"n-em": 50_000}, suspense_parts={"balance": 5_000, "to_return": 15_000},
)  # fmt: skip
IN_CASH = cash("c1", BEFORE, 20_000, pays={"n-dung": 20_000}, document_number="PT-07")


@pytest.fixture(scope="module")
async def books(stack):
    away = {f"KHOP_{name}_URL": "http://127.0.0.1:9" for name in ("NOTICES", "INGEST", "MATCHING")}
    async with (
        running_service("reconciliation", stack) as reconciliation,
        running_service("portal", stack, KHOP_RECONCILIATION_URL=reconciliation.url, **away) as portal,
    ):
        account = {"accounts": (a_site().accounts[0].model_copy(update={"account_number": "ACC2"}),)}
        await publish(stack.bootstrap, [
            payment_events.a_unit("07615", "commune", "24"), a_site(sample=True), a_site(OTHER, sample=True, **account), *FEES,
            *ON_IT, *NOT_ON_IT, *BALANCED, *GIVEN, *TOO_MUCH, IN_CASH,
            a_statement("s1", YESTERDAY, YESTERDAY, [ON_IT[0]]),
            a_statement("s0", BEFORE, BEFORE, [BALANCED[0], GIVEN[0], TOO_MUCH[0]]),
        ])  # fmt: skip
        await put_people(portal.url, [
            a_person("lan", "accountant", name="Lê Lan", site_id=SITE), a_person("xa", "accountant", site_id=OTHER),
            a_person("kiem", "auditor"), a_person("co", "teacher", site_id=SITE, groups=["3A"]),
        ])  # fmt: skip
        async with signed_in(portal.url, "lan") as client:

            async def known():
                days = (await client.get("/days")).text
                return "chênh lệch</span>" in days and "Vi Văn" in (await client.get("/reports/paid?" + PERIOD)).text

            await eventually(known, within_s=40)
        yield portal.url


@pytest.fixture
async def lan(books):
    async with signed_in(books, "lan") as client:
        yield client


def plain(page: str) -> str:
    """What a reader reads, in one line."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page))).strip()


def cells(page: str, caption: str) -> list[list[str]]:
    """The rows of the table of this caption."""
    (table,) = [each for each in page.split("<table")[1:] if f"<caption>{caption}</caption>" in each]
    rows = re.findall(r"<tr.*?</tr>", table.split("</table>")[0].split("<tbody>")[1], re.DOTALL)
    return [[plain(cell) for cell in re.findall(r"<t[dh].*?</t[dh]>", row, re.DOTALL)] for row in rows]


def number(text: str) -> int:
    digits = re.sub(r"[^\d-]", "", text.partition("đ")[0].replace("–", "0"))
    return int(digits or 0)


# --- days


async def test_a_day_is_green_at_nothing_only_and_says_what_each_side_says(lan):
    rows = {row[0]: row for row in cells((await lan.get("/days")).text, words.days.TITLE) if row[1] == ACCOUNT}
    differs, balanced = rows[f"{YESTERDAY:%d/%m/%Y}"], rows[f"{BEFORE:%d/%m/%Y}"]
    assert [number(cell) for cell in differs[2:7]] == [100_000, 105_000, 100_000, 5_000, -5_000]
    assert differs[7] == "chênh lệch"
    assert [number(cell) for cell in balanced[2:7]] == [280_000, 280_000, 260_000, 20_000, 0]
    page = (await lan.get(f"/days/{SITE}/{ACCOUNT}/{YESTERDAY}")).text
    assert '<b class="badge bad">-5.000 đ</b>' in page
    assert words.days.KINDS["missing_on_statement"] in page
    assert '<b class="badge ok">0 đ</b>' in (await lan.get(f"/days/{SITE}/{ACCOUNT}/{BEFORE}")).text


async def test_the_box_is_a_row_of_its_own(lan):
    (box,) = [row for row in cells((await lan.get("/days")).text, words.days.TITLE) if row[1] == words.days.CASH]
    assert (box[2], number(box[3]), number(box[4])) == ("–", 20_000, 20_000)


async def close(client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    page = (await client.get(path)).text
    version = re.search(r'name="version" value="(\d+)"', page)
    shown = {"form": form_token(page), "version": version[1] if version else "1"}
    return await client.post(f"{path}/close", data={**shown, **fields})


async def test_a_day_that_differs_is_closed_with_a_reason_and_once(lan, stack):
    path = f"/days/{SITE}/{ACCOUNT}/{YESTERDAY}"
    page = (await lan.get(path)).text
    settle, shown = re.search(
        r'action="(/discrepancies/[^"]+/settle)".*?name="version" value="(\d+)"', page, re.DOTALL
    ).groups()
    fields = {"form": form_token(page), "version": shown, "back": path}
    assert (await lan.post(settle, data={**fields, "reason": "counterfeit"})).status_code == 422
    refused = await close(lan, path)
    assert (refused.status_code, words.days.DAY_DIFFERS in html.unescape(refused.text)) == (409, True)
    assert (await close(lan, path, reason="because")).status_code == 422
    before = {
        "form": form_token(page),
        "version": re.search(r'/close">\s*.*?name="version" value="(\d+)"', page, re.DOTALL)[1],
    }
    closed = await lan.post(f"{path}/close", data={**before, "reason": "bank_corrects_later"})
    assert closed.status_code == 303
    assert "Lê Lan chốt lúc" in (await lan.get(path)).text
    again = await lan.post(f"{path}/close", data={**before, "reason": "bank_corrects_later"})
    assert again.status_code == 303, "the same form sent twice is one act"
    late = await lan.post(f"{path}/close", data={**before, "reason": "other"})
    assert (late.status_code, words.asking.CHANGED in html.unescape(late.text)) == (412, True)
    assert f'action="{path}/close"' not in (await lan.get(path)).text
    connection = await connect_as(stack, "portal")
    try:
        acts = await connection.fetch("select person_id, subject from audit where act = 'day_closed'")
    finally:
        await connection.close()
    assert {tuple(row) for row in acts} == {("mau-lan", f"{SITE}/{ACCOUNT}/{YESTERDAY}")}


async def test_another_schools_days_do_not_exist_here(books, lan):
    async with signed_in(books, "xa") as other:
        assert "105.000" not in (await other.get("/days")).text
        for path in (
            f"/days/{SITE}/{ACCOUNT}/{YESTERDAY}",
            f"/days?site={SITE}",
            f"/closes?site={SITE}",
            f"/reports?site={SITE}",
        ):
            assert (await other.get(path)).status_code == 404, path
        token = form_token((await other.get("/me")).text)
        answer = await other.post(f"/days/{SITE}/{ACCOUNT}/{BEFORE}/close", data={"form": token, "version": "1"})
        assert (answer.status_code, words.NOT_YOUR_ROLE in html.unescape(answer.text)) == (403, True)


async def test_a_round_is_signed_when_its_days_are_closed_and_what_was_read_is_what_is_signed(lan):
    for day, account in ((BEFORE, ACCOUNT), (YESTERDAY, ACCOUNT), (BEFORE, "cash")):
        await close(lan, f"/days/{SITE}/{account}/{day}", reason="counted_later")
    address = f"/closes?site={SITE}&kind=round&subject={ROUND}"
    page = (await lan.get(address)).text
    told = plain(page)
    assert words.days.CLOSE_SIGN in told, told
    (form,) = re.findall(r'<form method="post" action="/closes">.*?</form>', page, re.DOTALL)
    fields = {name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)}
    for name, figure in (
        ("Phải thu", "550.000 đ"),
        ("Đã thu", "350.000 đ"),
        ("Còn phải thu", "200.000 đ"),
        (words.days.CLOSE_FIGURES["given"], "30.000 đ"),
    ):
        assert f"{name} {figure}" in told, "as the pages of fees say"
    stale = await lan.post("/closes", data={**fields, "digest": "0" * 64})
    assert (stale.status_code, words.days.CLOSE_CHANGED in html.unescape(stale.text)) == (409, True)
    assert (await lan.post("/closes", data=fields)).status_code == 303
    assert "Lê Lan đã ký chốt lúc" in plain((await lan.get(address)).text)
    unknown = await lan.get(f"/closes?site={SITE}&kind=round&subject=Khong-co")
    assert (unknown.status_code, words.days.CLOSE_UNKNOWN in html.unescape(unknown.text)) == (404, True)
    not_over = await lan.get(f"/closes?site={SITE}&kind=month&subject={TODAY:%Y-%m}")
    assert (not_over.status_code, words.days.CLOSE_NOT_OVER in html.unescape(not_over.text)) == (409, True)


async def test_a_statement_cannot_be_handed_in_empty_or_while_its_reader_is_away(lan):
    token = form_token((await lan.get("/statements/upload")).text)
    empty = await lan.post("/statements/upload", data={"form": token, "account": ACCOUNT}, files={"x": b""})
    assert (empty.status_code, words.days.UPLOAD_NONE in html.unescape(empty.text)) == (422, True)
    answer = await lan.post(
        "/statements/upload", data={"form": token, "account": ACCOUNT}, files={"file": ("s.csv", b"a,b")}
    )
    assert (answer.status_code, words.queue.OWNER_AWAY in html.unescape(answer.text)) == (502, True)


# --- fees


async def test_a_rounds_sums_are_those_of_its_classes_and_of_its_bills(lan):
    (row,) = cells((await lan.get(f"/fees?site={SITE}")).text, words.fees.ROUNDS)
    assert [number(cell) for cell in row[3:6]] == [550_000, 350_000, 200_000]
    page = (await lan.get(f"/fees/{SITE}/round", params={"round": ROUND})).text
    tiles = [number(text) for text in re.findall(r"<dd>([\d.]+\xa0?\s?đ)</dd>", page)]
    assert tiles == [550_000, 350_000, 200_000]
    classes = cells(page, words.fees.CLASSES)
    assert [each[0] for each in classes] == ["3A", "3B", "10A"], "by grade, not by letter"
    assert sum(number(each[5]) for each in classes) == 200_000
    assert [number(cell) for cell in classes[0][1:6]] == [3, 2, 0, 1, 100_000]


@pytest.mark.parametrize(("state", "expected"), [("", 3), ("unpaid", 1), ("part", 0), ("paid", 2)])
async def test_a_class_list_is_filtered(lan, state, expected):
    page = (await lan.get(f"/fees/{SITE}/round", params={"round": ROUND, "group": "3A", "state": state})).text
    assert page.count('<th scope="row">') == expected
    assert words.fees.INTERNAL in page


async def test_a_class_list_for_excel_bears_its_mark_and_no_formula(lan):
    answer = await lan.get(f"/fees/{SITE}/round/list.csv", params={"round": ROUND, "group": "3A"})
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == [words.fees.INTERNAL]
    assert {row[1] for row in rows[2:]} == {"Vi Văn an", "Vi Văn binh", "'=HYPERLINK(1)"}
    assert sum(int(row[5]) for row in rows[2:]) == 100_000


async def test_a_teacher_sees_who_of_the_own_class_has_not_paid_and_no_other_money(books, lan):
    async with signed_in(books, "co") as teacher:
        page = (await teacher.get("/class")).text
        assert "=HYPERLINK(1)" in page
        assert "100.000 đ" in page
        for hidden in ("Vi Văn dung", "Vi Văn em", "Vi Văn an", "550.000", "3B"):
            assert hidden not in page
        for path in (f"/fees/{SITE}/round?round={ROUND}", f"/payers/{SITE}/HS-dung", "/days", f"/reports/paid?{PERIOD}"):
            assert (await teacher.get(path)).status_code == 403, path
        # The reminder of another class is not found, although its reference is known.
        assert (await teacher.get("/reminders/KHn-dung")).status_code == 404


# --- reports


async def money_of(stack, sql: str) -> int:
    connection = await connect_as(stack, "portal")
    try:
        return int(await connection.fetchval(sql, SITE))
    finally:
        await connection.close()


def sheet_rows(content: bytes, heads: tuple[str, ...]) -> list[list[Any]]:
    """The rows under a sheet's headings, up to its totals, which come last."""
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    rows = [[cell.value for cell in row[: len(heads)]] for row in sheet.iter_rows()]
    begin = next(number for number, row in enumerate(rows) if tuple(row) == heads)
    end = next(number for number, row in enumerate(rows[begin:], begin) if row[0] == words.reports.TOTAL)
    return rows[begin + 1 : end + 1]


@pytest.mark.parametrize(
    ("name", "column", "sql"),
    [
        ("paid", 6, "select sum(amount) from allocations where site_id = $1"),
        (
            "collected", 4,
            "select sum(a.amount) from allocations a join notices n using (notice_id) where a.site_id = $1 and n.obligation = 'due'",
        ),
        ("overpaid", 3, "select sum((entity -> 'suspense_parts' ->> 'to_return')::bigint) from credits where site_id = $1"),
        ("by_day", 5, "select sum(amount - suspense) from credits where site_id = $1 and direction = 'in'"),
    ],
)  # fmt: skip
async def test_a_reports_rows_add_up_to_its_total_and_to_the_books_in_each_of_its_forms(lan, stack, name, column, sql):
    heads, expected = words.reports.HEADS[name], await money_of(stack, sql)
    period = f"site={SITE}&from={FIRST}&to=2026-12-31" if name == "collected" else PERIOD
    table = await lan.get(f"/reports/{name}.csv?{period}")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert (tuple(rows[0]), rows[-1][0]) == (heads, words.reports.TOTAL)
    assert sum(int(row[column]) for row in rows[1:-1]) == int(rows[-1][column]) == expected

    book = await lan.get(f"/reports/{name}.xlsx?{period}")
    assert book.headers["content-type"] == XLSX
    sheet = sheet_rows(book.content, heads)
    assert [row[column] for row in sheet] == [int(row[column]) for row in rows[1:]]
    assert isinstance(sheet[0][column], int), "an amount is a number, not a text"
    for signer in words.reports.SIGNERS:
        assert signer in {
            cell.value for row in openpyxl.load_workbook(io.BytesIO(book.content)).active.iter_rows() for cell in row
        }

    page = (await lan.get(f"/reports/{name}?{period}")).text
    assert f"{expected:,}".replace(",", ".") in page.split("<tfoot>")[1]
    assert words.reports.NOT_A_DOCUMENT in html.unescape(page)
    assert words.SAMPLE in page


async def test_what_was_paid_twice_stands_in_the_report_of_what_is_over_with_its_payer(lan, stack):
    twice = a_credit(
        "t-twice", YESTERDAY, 77_000, status="suggested", reason="duplicate",
        candidates=(Candidate(notice_ids=("n-cam",), score=0.9),),
    )  # fmt: skip
    await publish(stack.bootstrap, [twice])

    async def told():
        rows = csv.reader(io.StringIO((await lan.get(f"/reports/overpaid.csv?{PERIOD}")).content.decode("utf-8-sig")))
        return next((row for row in rows if row[1] == "77000"), None)

    row = await eventually(told)
    assert row[2:5] == ["0", "0", "77000"]
    assert all(row[5:7]), "it is known whose it is"


async def test_a_formula_in_a_name_is_a_text_in_every_file(lan, stack):
    await publish(stack.bootstrap, [a_credit("t9", YESTERDAY, 1_000, pays={"n-cam": 1_000})])

    async def counted():
        return "HYPERLINK" in (await lan.get(f"/reports/paid.csv?{PERIOD}")).text

    await eventually(counted)
    assert "'=HYPERLINK(1)" in (await lan.get(f"/reports/paid.csv?{PERIOD}")).text
    sheet = openpyxl.load_workbook(io.BytesIO((await lan.get(f"/reports/paid.xlsx?{PERIOD}")).content)).active
    (cell,) = [cell for row in sheet.iter_rows() for cell in row if cell.value == "=HYPERLINK(1)"]
    assert cell.data_type == "s"


@pytest.mark.parametrize(
    ("name", "column", "least"), [("remit", 2, 0), ("hand_over", 8, 0), ("documents", 6, 280_000), ("day_book", 6, 360_000)]
)  # fmt: skip
async def test_reports_of_reconciliation_have_a_page_a_table_and_a_workbook_to_sign(lan, name, column, least):
    # What has no document is asked for by the day on which it was issued.
    period = f"site={SITE}&from=2026-01-01&to=2026-01-31" if name == "documents" else PERIOD
    table = await lan.get(f"/reports/{name}.csv?{period}")
    assert table.content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    tables = [line for line in lines if len(line) == 1]
    head = 1 if tables else 0
    end = next(number for number, line in enumerate(lines) if line[0] == words.reports.TOTAL)
    heads, rows = tuple(lines[head]), lines[head + 1 : end]
    total = int(lines[end][column])
    assert sum(int(row[column]) for row in rows) == total >= least

    answer = await lan.get(f"/reports/{name}.xlsx?{period}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX), plain(answer.text[-1500:])
    assert [row[column] for row in sheet_rows(answer.content, heads)] == [int(row[column]) for row in [*rows, lines[end]]]
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    texts = {str(cell.value) for row in book.active.iter_rows() for cell in row}
    assert f"{words.reports.SITE}: Trường {SITE}" in texts
    assert any(text.startswith("Bằng chữ: ") and text.endswith("đồng.") for text in texts)
    assert {"Thủ quỹ", "Thủ trưởng đơn vị"} <= texts

    page = html.unescape((await lan.get(f"/reports/{name}?{period}")).text)
    if rows:
        assert f"{total:,}".replace(",", ".") in page.split("<tfoot>")[1]
        assert "Bằng chữ: " in page
    assert "<b>Thủ quỹ</b>" in page
    assert words.reports.NOT_A_DOCUMENT in page
    assert len(book.sheetnames) == max(1, len(tables))


async def test_everything_that_a_site_owns_can_be_taken_any_day_by_who_may_see_names(books, lan, stack):
    for table in ("notices", "payments", "allocations", "fee_changes"):
        answer = await lan.get(f"/reports/all/{table}.csv?site={SITE}")
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        sql = {"payments": "credits"}.get(table, table)
        assert len(rows) - 1 == await money_of(stack, f"select count(*) from {sql} where site_id = $1")
    for table in ("days", "discrepancies", "shifts", "refunds", "remittances", "documents", "closes"):
        answer = await lan.get(f"/reports/all/{table}.csv?site={SITE}")
        assert answer.status_code == 200, table
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert rows[0][0] == "key", "an empty table has its heads too"
        if table in {"days", "discrepancies"}:
            connection = await connect_as(stack, "reconciliation")
            try:
                kept = await connection.fetchval(f"select count(*) from {table} where site_id = $1", SITE)
            finally:
                await connection.close()
            assert len(rows) - 1 == kept > 0
    assert html.unescape((await lan.get(f"/reports?site={SITE}")).text).count("/reports/all/") == 11
    async with signed_in(books, "kiem") as auditor:
        assert (await auditor.get(f"/reports/all/payments.csv?site={SITE}")).status_code == 403
        page = (await auditor.get(f"/reports/paid?{PERIOD}")).text
        assert "V. V." in page
        assert "Vi Văn" not in page
        assert "Vi Văn" not in (await auditor.get(f"/reports/paid.csv?{PERIOD}")).text
        assert words.people.ACTS["exported"] in (await auditor.get("/audit?act=exported")).text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=2026-12-31&to=2026-01-01", 400), ("from=1900-01-01&to=2026-01-01", 400), ("from=hôm qua", 422), ("from=31/02/2026", 422),
        ("from=01/11/2026&to=30/11/2026", 200), ("from=2026-11-01", 200),
    ],
)  # fmt: skip
async def test_a_period_is_two_days_in_order(lan, query, status):
    for path in ("/reports", "/reports/paid", "/days"):
        assert (await lan.get(f"{path}?site={SITE}&{query}")).status_code == status, path


async def test_every_page_of_the_sample_bears_its_mark_once(books, lan):
    async with signed_in(books, "kiem") as auditor:
        pages = [
            (lan, path) for path in ("/imports/documents", "/statements/upload", "/me", "/search?q=vi", "/reports", "/days")
        ]
        for client, path in [*pages, (auditor, "/audit"), (auditor, "/days")]:
            main = (await client.get(path)).text.split('<main id="main">')[1]
            assert main.count(f'class="badge sample" title="{words.SAMPLE_SENTENCE}"') == 1, path


async def test_presets_are_the_periods_that_accountants_ask_for(lan):
    told = html.unescape((await lan.get(f"/reports?site={SITE}")).text)
    for period in ("Tháng", "Quý", "Năm học"):
        assert period in told
