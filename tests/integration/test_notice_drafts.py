"""An accountant's workbook over HTTP: dropped in, seen, put right, issued."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import date, timedelta

import httpx
import openpyxl
import pytest

from services.notices.drafts.store import drop_old
from shared import clock
from shared.runtime.auth import Caller, sign_token
from tests.integration.fee_support import a_notice, a_site, send
from tests.integration.support import ADMIN, SECRET_KEY, Stack, connect_as, publish, running_service

SCHOOL = "draft-school"
DUE = clock.local_day(clock.now()) + timedelta(days=20)


@pytest.fixture(scope="module")
async def notices(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    await publish(stack.bootstrap, [a_site(SCHOOL), a_site("draft-other")])
    kinds = "site_id,fee_kind,name,nature,ceiling\n,meals,Tiền ăn bán trú,service,900000\n,water,Nước uống,service,20000\n"
    async with (
        running_service("notices", stack) as running,
        httpx.AsyncClient(base_url=running.url, headers=ADMIN, timeout=60) as client,
    ):
        await send(client, kinds, "fee-kinds")
        yield client


def a_workbook(*, water: object = 12_000) -> bytes:
    """Two classes, each on its sheet, as a school keeps them."""
    book = openpyxl.Workbook()
    for name, pupils in (("4A", [("HS1", "Nguyễn Văn  An"), ("HS2", "Lê Thị Bé")]), ("4B", [("HS3", "Vi Văn Cường")])):
        sheet = book.create_sheet(name)
        sheet["A1"] = "TRƯỜNG TIỂU HỌC AN CHÂU"
        sheet.merge_cells("A1:F1")
        sheet["A2"] = f"DANH SÁCH THU TIỀN THÁNG 11 LỚP {name}"
        sheet.merge_cells("A2:F2")
        sheet.append([])
        sheet.append(["STT", "Mã HS", "Họ và tên", "Dân tộc", "Tiền ăn bán trú", "Nước uống", "Hạn nộp"])
        for number, (code, pupil) in enumerate(pupils, start=1):
            sheet.append([number, code, pupil, "Tày", "440.000", water, date(2026, 12, 5) if number == 1 else "05/12/2026"])
        sheet.append(["", "", "Tổng cộng", "", "=SUM(E5:E9)"])
        sheet.append(["", "", "", "", "Kế toán"])
    del book["Sheet"]
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def drop_in(client: httpx.AsyncClient, content: bytes, key: str, site: str = SCHOOL, **more: str) -> httpx.Response:
    settings = {"site": site, "round": "Tháng 11/2026", "due_on": DUE.isoformat(), **more}
    headers = {"Idempotency-Key": key, "X-Filename": "thu-thang-11.xlsx"}
    return await client.post("/imports/drafts", content=content, params=settings, headers=headers)


async def test_a_workbook_is_understood_before_anything_is_stored_and_then_issued(notices, stack):
    content = a_workbook()
    answer = await drop_in(notices, content, "d1")
    draft = answer.json()
    assert answer.status_code == 201
    assert [(each["name"], each["header_row"], each["group"]) for each in draft["sheets"]] == [
        ("4A", 4, "4A"),
        ("4B", 4, "4B"),
    ]
    assert draft["problems"] == []
    assert draft["totals"] == {"payers": 3, "notices": 6, "amount": 1_356_000, "new_or_changed": 6, "unchanged": 0}
    first = draft["notices"][0]
    assert (first["payer_name"], first["amount"], first["due_on"], first["cell"]) == (
        "Nguyễn Văn An",
        440_000,
        "2026-12-05",
        "E5",
    )
    assert (await notices.get(f"/notices/{first['notice_id']}")).status_code == 404
    assert (await drop_in(notices, content, "d1")).json()["draft_id"] == draft["draft_id"]
    assert (await drop_in(notices, content + b"\0", "d1")).status_code == 422

    kept = await connect_as(stack, "notices")
    assert "Tày" not in await kept.fetchval("select sheets::text from drafts")

    address = f"/drafts/{draft['draft_id']}/issue"
    assert (await notices.post(address)).status_code == 428
    issued = await notices.post(address, headers={"If-Match": "1"})
    assert (issued.status_code, issued.json()["accepted"], issued.json()["state"]) == (200, 6, "issued")
    notice = await a_notice(notices, first["notice_id"])
    assert (notice["group"], notice["fee_kind"], notice["round"]) == ("4A", "meals", "Tháng 11/2026")
    again = await notices.post(address, headers={"If-Match": "1"})
    assert {**again.json(), "version": 2} == issued.json()
    assert await kept.fetchval("select sheets::text from drafts where issued_at is not null") == "[]"
    await kept.close()
    same = (await drop_in(notices, content, "d2")).json()
    assert (same["totals"]["new_or_changed"], same["totals"]["unchanged"]) == (0, 6)
    versions = (await notices.get(f"/notices/{first['notice_id']}/history")).json()["versions"]
    assert (versions[0]["what"], versions[0]["reason"]) == ("draft", "thu-thang-11.xlsx")


async def test_named_cells_are_put_right_and_only_then_it_is_issued(notices):
    draft = (await drop_in(notices, a_workbook(water="120.000"), "d3", round="Đợt sửa")).json()
    assert [(each["sheet"], each["cell"], each["column"]) for each in draft["problems"]] == [
        ("4A", "F5", "amount"), ("4A", "F6", "amount"), ("4B", "F5", "amount"),
    ]  # fmt: skip
    assert draft["problems"][0]["words"] == "vượt mức trần của khoản thu, 20.000 đ"
    address = f"/drafts/{draft['draft_id']}"
    refused = await notices.post(f"{address}/issue", headers={"If-Match": "1"})
    assert (refused.status_code, len(refused.json()["problems"])) == (422, 3)
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert "F5" in refused.json()["detail"]
    corrections = {
        "cells": [{"sheet": "4A", "cell": "F5", "value": "12.000"}, {"sheet": "4A", "cell": "f6", "value": ""}],
        "rows": [{"sheet": "4B", "row": 5}],
    }
    right = await notices.patch(address, json=corrections, headers={"If-Match": "1"})
    assert (right.json()["version"], right.json()["problems"]) == (2, [])
    assert right.json()["totals"]["notices"] == 3
    assert (await notices.patch(address, json=corrections, headers={"If-Match": "1"})).status_code == 412
    for wrong in (
        {"cells": [{"sheet": "9Z", "cell": "A1", "value": ""}]},
        {"columns": [{"sheet": "4A", "column": "F", "means": "?"}]},
    ):
        assert (await notices.patch(address, json=wrong, headers={"If-Match": "2"})).status_code == 400
    assert (await notices.post(f"{address}/issue", headers={"If-Match": "2"})).json()["accepted"] == 3
    assert (await notices.patch(address, json=corrections, headers={"If-Match": "3"})).status_code == 409
    history = (await notices.get(f"/notices/{right.json()['notices'][0]['notice_id']}/history")).json()
    assert len(history["versions"]) == 1


async def test_a_list_in_csv_without_codes_asks_for_them_or_makes_them(notices):
    text = "DANH SÁCH THU LỚP 1C;;\nSTT;Họ và tên;Nước uống\n1;Bàn Văn Sính;12000\n2;Bàn Thị Mùi;12000\n"
    draft = (await drop_in(notices, text.encode(), "d4", round="Đợt tên")).json()
    assert [each["column"] for each in draft["problems"]] == ["payer_code", "payer_code"]
    settings = {"round": "Đợt tên", "due_on": DUE.isoformat(), "codes_by_name": True}
    address = f"/drafts/{draft['draft_id']}"
    # The school has classes by now, and this is none of them: a slip of the pen, or a new class.
    doubted = (await notices.patch(address, json={"settings": settings}, headers={"If-Match": "1"})).json()
    assert [each["column"] for each in doubted["problems"]] == ["group", "group"]
    assert doubted["problems"][0]["words"].startswith("lớp này chưa có trong danh sách")
    assert doubted["totals"]["amount"] == 0
    assert doubted["problems"][0]["group"] == "1C"
    right = (await notices.patch(address, json={"new_groups": ["lớp 1 c"]}, headers={"If-Match": "2"})).json()
    assert (right["problems"], right["totals"]["notices"], right["totals"]["amount"]) == ([], 2, 24_000)
    await notices.post(f"{address}/issue", headers={"If-Match": "3"})
    # Next time they are known.
    known = (await drop_in(notices, text.encode(), "d5", round="Đợt tên 2")).json()
    assert known["problems"] == []
    assert {each["payer_code"] for each in known["notices"]} == {each["payer_code"] for each in right["notices"]}


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"PK\x03\x04broken", 422),
        (bytes.fromhex("d0cf11e0a1b11ae1"), 422),
        (bytes(9 * 2**20), 422),
        (b"1,2\n3,4\n", 201),
    ],
    ids=["empty", "broken", "old", "large", "no list"],
)
async def test_what_is_no_list_is_said_clearly(notices, content, status):
    answer = await drop_in(notices, content, f"bad-{len(content)}")
    assert answer.status_code == status
    told = answer.json()
    assert told["detail"] if status == 422 else told["problems"][0]["column"] == "file"


async def test_drafts_belong_to_their_site_and_can_be_dropped(notices):
    draft = (await drop_in(notices, a_workbook(), "d6")).json()["draft_id"]
    token = sign_token(SECRET_KEY, Caller("p1", "accountant", frozenset({"draft-other"})))
    theirs = {"Authorization": f"Bearer {token}"}
    assert (await notices.get(f"/drafts/{draft}", headers=theirs)).status_code == 403
    assert (await notices.get("/drafts", params={"site": SCHOOL}, headers=theirs)).status_code == 403
    assert (await drop_in(notices, a_workbook(), "d7", site="no-site")).status_code == 404
    assert draft in {each["draft_id"] for each in (await notices.get("/drafts", params={"site": SCHOOL})).json()}
    assert (await notices.delete(f"/drafts/{draft}")).status_code == 204
    for gone in (draft, "not-an-id"):
        assert (await notices.get(f"/drafts/{gone}")).status_code == 404


async def test_drafts_are_forgotten_after_a_week(notices, stack):
    draft = (await drop_in(notices, a_workbook(), "d8")).json()["draft_id"]
    connection = await connect_as(stack, "notices")
    await connection.execute("update drafts set made_at = made_at - interval '8 days' where draft_id = $1", draft)
    assert await drop_old(connection, clock.now()) == 1
    await connection.close()
    assert (await notices.get(f"/drafts/{draft}")).status_code == 404
