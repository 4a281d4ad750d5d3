"""Requests of those whom the data are about: taken in with a clock, answered, exported for one payer only, ended with what was done."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from services.portal import words
from services.portal.requests.deadlines import answer_by, finish_by
from shared.clock import local_day, now
from tests.integration.portal_people import a_person, form_token, put_people, signed_in
from tests.integration.support import ADMIN, connect_as, eventually, publish, running_service
from tests.unit.services.portal.builders import SITE, a_credit, a_notice, a_site, a_transaction, a_unit

OTHER = "TH-BO-HA"


ERASED = "HS-XOA"
DECIDED = """
insert into fee_changes (change_id, site_id, notice_id, kind, amount_before, amount, decision, state, proposed_by, proposed_at,
  decided_by, decided_at)
values ('f1', $1, 'x1', 'exempt', 20000, 0, '9/QĐ-XOA', 'refused', 'mau-lan', now(), 'mau-truong', now())
"""
"""A decision's number leads to whom it is about."""
HELD = {"balance": 0, "to_return": 0}
"""What matching says that stands for any payer."""


class Matching(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps(HELD).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def matching():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Matching)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
async def notices(stack):
    async with (
        running_service("notices", stack) as running,
        httpx.AsyncClient(base_url=running.url, headers=ADMIN, timeout=30) as client,
    ):
        yield client


@pytest.fixture(scope="module")
async def portal(stack, matching, notices):
    async with running_service(
        "portal", stack, KHOP_NOTICES_URL=str(notices.base_url).rstrip("/"), KHOP_MATCHING_URL=matching
    ) as running:
        await publish(stack.bootstrap, [
            a_unit(), a_site(), a_site(OTHER, "Trường Bồ Hạ"),
            a_notice("n1", guardian_phone="0912345678"), a_notice("n2", bill_id="b2", payer_code="HS002", payer_name="Lê Bình"),
            a_notice("o1", site_id=OTHER, bill_id="b3", payer_name="Vi Còn"),
            a_credit("c1", pays={"n1": 150_000}), a_transaction("c1"), a_credit("c2", pays={"n2": 10_000}),
        ])  # fmt: skip
        issued = await notices.post("/notices", json={"notices": [
            {"notice_id": "x1", "site_id": SITE, "payer_code": ERASED, "payer_name": "Hà Văn Xuyến", "purpose": "Tiền ăn",
             "guardian_phone": "0987654321", "amount": 20_000, "due_on": "2026-12-31"},
        ]})  # fmt: skip
        assert issued.json()["rejected"] == []
        await put_people(running.url, [
            a_person("truong", "head", name="Bế Trưởng", site_id=SITE), a_person("xa", "head", site_id=OTHER),
            a_person("quan", "admin"), a_person("kiem", "auditor"),
        ])  # fmt: skip
        async with signed_in(running.url, "truong") as client:

            async def known():
                found = [(await client.get(f"/search?q={code}")).text for code in ("HS001", ERASED)]
                return "Nguyễn Văn An" in found[0] and "Hà Văn Xuyến" in found[1]

            await eventually(known)
        yield running.url


@pytest.fixture
async def head(portal):
    async with signed_in(portal, "truong") as client:
        yield client


async def take(client: httpx.AsyncClient, **changes: str) -> httpx.Response:
    page = (await client.get("/requests")).text
    fields = {
        "form": form_token(page), "once": re.search(r'name="once" value="([^"]+)"', page)[1], "site_id": SITE, "payer_code": "HS001",
        "kind": "export", "asked_by": 'Mẹ cháu "An" <0912>', "said": "Xin bản sao", **changes,
    }  # fmt: skip
    return await client.post("/requests", data=fields)


async def end(client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    page = (await client.get(path)).text
    version = re.search(r'name="version" value="(\d+)"', page)
    return await client.post(path, data={"form": form_token(page), "version": version[1] if version else "1", **fields})


async def test_a_request_has_a_clock_from_the_moment_it_is_taken_in(head):
    answer = await take(head)
    assert answer.status_code == 303
    page = (await head.get(answer.headers["location"])).text
    today = local_day(now())
    assert f"{answer_by(today):%d/%m/%Y}" in page
    assert f"{finish_by(today):%d/%m/%Y}" in page
    assert "Mẹ cháu &#34;An&#34; &lt;0912&gt;" in page
    listed = (await head.get("/requests")).text
    assert answer.headers["location"] in listed
    assert words.requests.STATES["asked"] in listed


async def test_a_request_that_is_late_says_so(head, stack):
    path = (await take(head, said="Trễ")).headers["location"]
    connection = await connect_as(stack, "portal")
    try:
        await connection.execute(
            "update data_requests set answer_by = current_date - 1, finish_by = current_date - 1 where request_id = $1",
            path.rsplit("/", 1)[1],
        )
    finally:
        await connection.close()
    assert words.requests.LATE in (await head.get(path)).text
    assert words.requests.LATE in (await head.get("/requests")).text


async def test_the_copy_of_the_data_is_of_this_payer_alone_and_taking_it_is_kept(portal, head):
    path = (await take(head, said="Bản sao")).headers["location"]
    answer = await head.get(f"{path}/data.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    text = answer.content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert "Nguyễn Văn An" in text
    assert "0912345678" in text
    assert "LE THI HOA" in text
    assert "Lê Bình" not in text
    assert "n2" not in {cell for row in rows for cell in row}
    async with signed_in(portal, "kiem") as auditor:
        assert words.people.ACTS["exported"] in (await auditor.get("/audit?act=exported")).text


async def test_a_request_ends_once_and_says_what_was_done(head):
    path = (await take(head, kind="correct", said="Xin sửa")).headers["location"]
    nothing_said = await end(head, path, state="done")
    assert (nothing_said.status_code, "kết quả" in html.unescape(nothing_said.text)) == (422, True)
    assert (await end(head, path, state="forgotten", outcome="x")).status_code == 422
    page = (await head.get(path)).text
    fields = {"form": form_token(page), "version": re.search(r'name="version" value="(\d+)"', page)[1]}
    assert (await head.post(path, data={**fields, "state": "answered"})).status_code == 303
    late = await head.post(path, data={**fields, "state": "refused", "outcome": "Trùng"})
    assert (late.status_code, words.asking.CHANGED in html.unescape(late.text)) == (412, True)
    assert (await end(head, path, state="done", outcome="Đã sửa tên <và> lớp")).status_code == 303
    told = (await head.get(path)).text
    assert "Đã sửa tên &lt;và&gt; lớp (Bế Trưởng)" in told
    assert words.requests.STATES["done"] in told
    assert 'name="outcome"' not in told, "an ended request has no form"
    assert (await end(head, path, state="refused", outcome="Lại")).status_code == 412


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"payer_code": "HS999"}, 422), ({"payer_code": ""}, 422), ({"kind": "sell"}, 422), ({"asked_by": ""}, 422),
        ({"said": " "}, 422),
        ({"site_id": "nowhere"}, 422), ({"site_id": OTHER}, 422), ({"said": "x" * 2_001}, 422), ({"once": ""}, 422),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_a_request_is_said_and_nothing_is_taken_in(head, stack, changes, status):
    before = await count(stack)
    assert (await take(head, **changes)).status_code == status
    assert await count(stack) == before


async def test_what_was_typed_stays_where_the_payer_is_not_known(head):
    answer = await take(head, payer_code="HS999", said='Nội dung "dài" <b>')
    assert words.requests.UNKNOWN_PAYER in html.unescape(answer.text)
    assert "Nội dung &#34;dài&#34; &lt;b&gt;" in answer.text


async def test_another_schools_head_does_not_see_a_request_and_the_administrator_does(portal, head):
    path = (await take(head, said="Chỉ trường này")).headers["location"]
    async with signed_in(portal, "xa") as other, signed_in(portal, "quan") as admin:
        assert path not in (await other.get("/requests")).text
        for asked in (path, f"{path}/data.csv"):
            assert (await other.get(asked)).status_code == 404
        forged = {"form": form_token((await other.get("/me")).text), "version": "1", "state": "done", "outcome": "x"}
        assert (await other.post(path, data=forged)).status_code == 404
        assert path in (await admin.get("/requests")).text


async def test_a_restricted_payer_is_reminded_no_more_until_that_is_lifted(portal, head, notices):
    unknown = (await take(head, kind="restrict", said="Xin hạn chế")).headers["location"]
    nobody = await end(head, unknown, state="done", outcome="Đã ngừng nhắc")
    assert (nobody.status_code, words.requests.WHY_NOT["unknown_payer"] in html.unescape(nobody.text)) == (404, True)
    path = (await take(head, payer_code=ERASED, kind="restrict", said="Đừng nhắc")).headers["location"]
    reminder = f"/bills/{(await notices.get('/notices/x1')).json()['reference']}/reminder"
    assert (await notices.get(reminder)).status_code == 200
    assert (await end(head, path, state="done", outcome="Đã ngừng nhắc")).status_code == 303
    refused = await notices.get(reminder)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:khop:problem:restricted")
    lifting = {"form": form_token((await head.get(path)).text)}
    for _ in range(2):
        assert (await head.post(f"{path}/lift", data=lifting)).status_code == 303
    assert (await notices.get(reminder)).status_code == 200
    page = html.unescape((await head.get(path)).text)
    assert words.requests.LIFTED in page
    assert words.requests.LIFT + "<" not in page


async def test_erasing_is_done_where_the_data_are_before_it_is_called_done(portal, head, stack):
    path = (await take(head, payer_code=ERASED, kind="erase", said="Xin xóa cháu Xuyến")).headers["location"]
    form = {"form": form_token((await head.get(path)).text), "version": "1"}
    said = await head.post(path, data={**form, "state": "done", "outcome": "Đã xóa"})
    assert (said.status_code, words.requests.ERASE_HERE_ONLY in html.unescape(said.text)) == (422, True)
    asked = f"{path}/erasure"
    owing = html.unescape((await head.get(asked)).text)
    assert words.requests.STILL_OWES.format(amount="20.000 đ") in owing
    assert words.requests.ERASE not in owing
    refused = await head.post(asked, data=form)
    assert (refused.status_code, words.requests.WHY_NOT["still_owes"] in html.unescape(refused.text)) == (409, True)

    await publish(stack.bootstrap, [a_credit("cx", pays={"x1": 20_000})])

    async def can_be_erased():
        page = html.unescape((await head.get(asked)).text)
        return words.requests.ERASE in page and "ở 1 khoản thu" in page and "đến 31/12/2036" in page

    await eventually(can_be_erased)
    HELD["balance"] = 5_000
    for answer in (await head.get(asked), await head.post(asked, data=form)):
        assert words.requests.MONEY_WAITS.format(amount="5.000 đ") in html.unescape(answer.text)
    HELD["balance"] = 0
    other = (await take(head, payer_code=ERASED, said="Bản sao")).headers["location"]
    assert words.requests.OTHERS_OPEN in html.unescape((await head.get(asked)).text)
    await end(head, other, state="done", outcome="Đã trao bản sao")
    assert (await head.post(asked, data={**form, "version": "7"})).status_code == 412
    async with signed_in(portal, "xa") as elsewhere:
        token = form_token((await elsewhere.get("/me")).text)
        assert (await elsewhere.post(asked, data={**form, "form": token})).status_code == 404

    connection = await connect_as(stack, "portal")
    try:
        await connection.execute(DECIDED, SITE)
    finally:
        await connection.close()
    assert (await head.post(asked, data=form)).status_code == 303
    page = html.unescape((await head.get(path)).text)
    assert words.requests.STATES["done"] in page
    assert words.requests.DONE_ERASED.format(notices=1, bills=1) in page
    assert words.requests.DONE_KEPT.format(until="31/12/2036", messages=1) in page
    assert words.requests.ERASED in page
    assert (await head.post(asked, data=form)).status_code == 409
    assert (await head.get(f"{path}/data.csv")).status_code == 404
    assert "Hà Văn Xuyến" not in (await head.get(f"/search?q={ERASED}")).text
    assert (await head.get(f"/payers/{SITE}/{ERASED}")).status_code == 404
    assert (
        await count(stack, "payers", "notices", "waits", "fee_changes", "data_requests", "audit", of="XOA|Xuyến|0987654321")
        == 0
    )
    async with signed_in(portal, "kiem") as auditor:
        assert words.people.ACTS["data_erased"] in (await auditor.get("/audit?act=data_erased")).text


async def count(stack, *tables: str, of: str = "") -> int:
    """The rows in which a pattern stands."""
    connection = await connect_as(stack, "portal")
    try:
        questions = [f"select count(*) from {table} t where t::text ~ $1" for table in tables or ("data_requests",)]
        return sum([await connection.fetchval(question, of) for question in questions])
    finally:
        await connection.close()
