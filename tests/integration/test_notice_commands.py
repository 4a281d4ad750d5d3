"""Issuing and amending over HTTP: batches, one line, rules, rounds, school years; lists, slips and reminders."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pypdfium2
import pytest
import zxingcpp

from shared import clock
from shared.runtime.auth import Caller, sign_token
from shared.vietqr import decode
from tests.integration.fee_support import a_credit, a_notice, a_site, send
from tests.integration.support import ADMIN, SECRET_KEY, Stack, eventually, publish, running_service

SCHOOL, CLINIC, YEAR = "cmd-school", "cmd-clinic", "cmd-year"
DUE = (clock.local_day(clock.now()) + timedelta(days=20)).isoformat()
KINDS = (
    "site_id,fee_kind,name,nature,ceiling,unit,loại đơn vị\n,meals,Tiền ăn bán trú,service,25000,day,trường học\n"
    ",water,Nước uống,service,,,\n,gift,Ủng hộ,voluntary,,,\n,hospital,Viện phí,charge,,,y tế\n,advance,Tạm ứng,deposit,,,health\n"
)
PAYERS = "site_id,mã học sinh,họ và tên,lớp\n" + "".join(
    f"{SCHOOL},{code},{name},{group}\n"
    for code, name, group in (
        ("HS1", "Nguyễn Văn An", "1A"), ("HS2", "Lê Thị Bé", "1A"), ("HS3", "Vi Văn Cường", "1B"),
        ("HS4", "Hà Văn Dũng", "2A"), ("HS5", "Lò Thị Én", "10A1"),
    )
)  # fmt: skip


@pytest.fixture(scope="module")
async def notices(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    await publish(stack.bootstrap, [a_site(SCHOOL), a_site(CLINIC, type_="health"), a_site(YEAR)])
    async with (
        running_service("notices", stack) as running,
        httpx.AsyncClient(base_url=running.url, headers=ADMIN, timeout=60) as client,
    ):
        assert (await send(client, KINDS, "fee-kinds")).json()["rejected"] == []
        assert (await send(client, PAYERS, "payers")).json() == {"accepted": 5, "unchanged": 0, "rejected": []}
        yield client


def an_item(notice_id: str, payer: str = "BN1", **more: object) -> dict[str, object]:
    return {
        "notice_id": notice_id, "site_id": SCHOOL, "payer_code": payer, "payer_name": "Lý Thị Mùi", "purpose": "Nước uống",
        "amount": 12_000, "due_on": DUE, **more,
    }  # fmt: skip


def a_fee(**more: object) -> dict[str, object]:
    return {
        "site_id": SCHOOL, "round": "Đợt 1", "fee_kind": "water", "purpose": "Nước uống", "price": 12_000, "due_on": DUE, **more,
    }  # fmt: skip


async def test_another_system_posts_a_batch_with_its_own_ids(notices):
    batch = {"notices": [an_item("his/1"), an_item("his/2", "BN2", amount="1.250.000", group="K")]}
    report = (await notices.post("/notices", json=batch)).json()
    assert (report["accepted"], report["unchanged"], report["rejected"]) == (2, 0, [])
    # The school has a list, and nobody in it is in this class: it is taken, and told.
    assert [(each["row"], each["column"]) for each in report["warnings"]] == [(2, "group")]
    assert (await notices.post("/notices", json=batch)).json()["unchanged"] == 2
    # What an item omits stays as it is.
    batch["notices"][1] = an_item("his/2", "BN2", amount=1_250_000)
    assert (await notices.post("/notices", json=batch)).json()["unchanged"] == 2
    assert (await a_notice(notices, "his/2"))["group"] == "K"


async def test_a_batch_is_all_or_nothing_and_names_item_and_column(notices):
    batch = {
        "notices": [
            an_item("b/1"), an_item("b/2", amount=-5), an_item("b/3", amount=1.5), an_item("b/4", amout=5), an_item("b/1"),
            an_item("b/5", due_on=None), an_item("b/6", fee_kind="unheard"),
        ]
    }  # fmt: skip
    answer = await notices.post("/notices", json=batch)
    places = [(each["row"], each["column"]) for each in answer.json()["rejected"]]
    assert answer.status_code == 422
    assert sorted(places) == [(2, "amount"), (3, "amount"), (4, "amout"), (5, "notice_id"), (6, "due_on"), (7, "fee_kind")]
    assert (await notices.get("/notices/b/1")).status_code == 404
    assert (await notices.post("/notices", json=batch, params={"partial": "true"})).json()["accepted"] == 1


async def test_payers_and_fee_kinds_can_be_read_page_by_page(notices):
    first = (await notices.get("/payers", params={"site": SCHOOL, "group": "1A", "limit": 1})).json()
    assert [(each["payer_code"], each["name"], each["group"]) for each in first["payers"]] == [
        ("HS1", "Nguyễn Văn An", "1A")
    ]
    rest = (await notices.get("/payers", params={"site": SCHOOL, "group": "1A", "after": first["next"]})).json()
    assert ([each["payer_code"] for each in rest["payers"]], rest["next"]) == (["HS2"], None)
    kinds = (await notices.get("/fee-kinds", params={"site": SCHOOL})).json()
    assert [(each["fee_kind"], each["ceiling"], each["unit"]) for each in kinds if each["ceiling"]] == [
        ("meals", 25_000, "day")
    ]
    assert {each["fee_kind"] for each in kinds} == {"meals", "water", "gift"}
    of_clinic = (await notices.get("/fee-kinds", params={"site": CLINIC})).json()
    assert {each["fee_kind"] for each in of_clinic} == {"water", "gift", "hospital", "advance"}


async def test_callers_issue_for_their_own_site_only(notices):
    token = sign_token(SECRET_KEY, Caller("p1", "cashier", frozenset({CLINIC})))
    theirs = {"Authorization": f"Bearer {token}", "Idempotency-Key": "x"}
    assert (await notices.post("/notices", json={"notices": [an_item("o/1")]}, headers=theirs)).status_code == 403
    assert (await notices.post(f"/sites/{SCHOOL}/notices", json={}, headers=theirs)).status_code == 403
    assert (await notices.post("/fees", json=a_fee(), headers=theirs)).status_code == 403
    for address in ("/lists/payments", "/slips.pdf"):
        assert (await notices.get(address, params={"site": SCHOOL}, headers=theirs)).status_code == 403


async def test_a_cashier_issues_one_notice_in_one_line_once(notices):
    item = {
        "payer_code": "BN77",
        "payer_name": "Bàn Văn Sinh",
        "amount": 150_000,
        "fee_kind": "hospital",
        "purpose": "Siêu âm",
    }
    first = await notices.post(f"/sites/{CLINIC}/notices", json=item, headers={"Idempotency-Key": "counter-1/17"})
    assert first.status_code == 201
    made = first.json()
    assert (made["purpose"], made["due_on"], made["bill"]["left"]) == (
        "Viện phí",
        str(clock.local_day(clock.now())),
        150_000,
    )
    assert decode(made["bill"]["payload"]).amount == 150_000
    again = await notices.post(f"/sites/{CLINIC}/notices", json=item, headers={"Idempotency-Key": "counter-1/17"})
    assert again.json() == made
    other = {**item, "amount": 1}
    refused = await notices.post(f"/sites/{CLINIC}/notices", json=other, headers={"Idempotency-Key": "counter-1/17"})
    assert refused.status_code == 422
    bad = await notices.post(f"/sites/{CLINIC}/notices", json={**item, "amount": "0"}, headers={"Idempotency-Key": "2"})
    assert (bad.status_code, bad.json()["column"]) == (422, "amount")


async def test_a_notice_is_amended_by_a_new_version_with_who_and_why(notices):
    await notices.post("/notices", json={"notices": [an_item("am/1", "AM1", group="K")]})
    change = {"changes": {"amount": 13_000, "payer_name": "Lý Thị Mười"}, "reason": "sai giá nước"}
    assert (await notices.patch("/notices/am/1", json=change)).status_code == 428
    stale = await notices.patch("/notices/am/1", json=change, headers={"If-Match": "7"})
    assert (stale.status_code, stale.json()["current_version"]) == (412, 1)
    amended = await notices.patch("/notices/am/1", json=change, headers={"If-Match": "1"})
    assert (amended.json()["version"], amended.json()["amount"], amended.json()["group"]) == (2, 13_000, "K")
    versions = (await notices.get("/notices/am/1/history")).json()["versions"]
    assert (versions[1]["person"], versions[1]["what"], versions[1]["reason"]) == ("admin", "amend", "sai giá nước")
    assert {"column": "amount", "before": 12_000, "after": 13_000} in versions[1]["amended"]
    assert {"column": "payer_name", "before": None, "after": None} in versions[1]["amended"]
    cancel = {"changes": {"status": "cancelled"}, "reason": "học sinh chuyển trường"}
    cancelled = await notices.patch("/notices/am/1", json=cancel, headers={"If-Match": "2"})
    assert (cancelled.json()["status"], cancelled.json()["cancelled_on"]) == ("cancelled", str(clock.local_day(clock.now())))
    assert (await notices.patch("/notices/am/1", json=cancel, headers={"If-Match": "3"})).json()["version"] == 3
    for wrong in ({"payer_code": "X"}, {"amount": 0}, {"colour": "red"}):
        answer = await notices.patch("/notices/am/1", json={"changes": wrong, "reason": "?"}, headers={"If-Match": "3"})
        assert answer.status_code in {400, 422}


async def test_one_fee_for_classes_grades_and_payers_with_what_is_particular(notices):
    body = a_fee(
        round="Tháng 11/2026", fee_kind="meals", purpose="Tiền ăn bán trú tháng 11/2026", price=22_000, days=20,
        groups=["1A"], grades=["2"], payer_codes=["HS5"],
        adjustments=[
            {"payer_code": "HS1", "absences": 2, "support": 96_000, "decision": "12/QĐ"},
            {"payer_code": "HS2", "exemption": 440_000, "decision": "7/QĐ"},
            {"payer_code": "HS5", "left_out": True},
        ],
    )  # fmt: skip
    preview = (await notices.post("/fees", json=body, params={"check": "true"})).json()
    assert (preview["accepted"], preview["payers"], preview["amount"], preview["exempt"]) == (2, 4, 740_000, ["HS2"])
    assert (await notices.get(f"/notices/{preview['notices'][0]['notice_id']}")).status_code == 404
    assert (await notices.post("/fees", json=body)).json() == preview
    again = (await notices.post("/fees", json=body)).json()
    assert (again["accepted"], again["unchanged"]) == (0, 2)
    first = await a_notice(notices, f"{SCHOOL}-thang-11-2026-meals-HS1")
    assert (first["amount"], first["payer_name"], first["group"], first["obligation"]) == (
        300_000,
        "Nguyễn Văn An",
        "1A",
        "due",
    )
    terms = (await notices.get(f"/bills/{first['reference']}")).json()["notices"][0]["terms"]
    assert terms["deductions"] == [{"kind": "support", "amount": 96_000, "decision": "12/QĐ"}]
    # What days made is moved, and cancelled, without saying the days again.
    third = f"/notices/{SCHOOL}-doc-meals-HS4"
    await notices.post("/fees", json={**body, "round": "Đọc", "payer_codes": ["HS4"], "groups": [], "adjustments": []})
    later = {"changes": {"due_on": str(clock.local_day(clock.now()))}, "reason": "gia hạn"}
    assert (await notices.patch(third, json=later, headers={"If-Match": "1"})).json()["version"] == 2
    cancel = {"changes": {"status": "cancelled"}, "reason": "nhầm"}
    assert (await notices.patch(third, json=cancel, headers={"If-Match": "2"})).json()["status"] == "cancelled"
    exempt = (await notices.get("/rounds/exempt", params={"site": SCHOOL, "round": "Tháng 11/2026"})).json()
    assert [(each["payer_code"], each["terms"]["price"]) for each in exempt] == [("HS2", 22_000)]


@pytest.mark.parametrize(
    ("wrong", "column"),
    [
        ({"groups": ["9Z"]}, "groups"), ({"grades": ["12"]}, "grades"), ({"payer_codes": ["nobody"]}, "payer_codes"),
        ({"adjustments": [{"payer_code": "nobody"}]}, "payer_code"), ({"fee_kind": "unheard"}, "fee_kind"),
        ({"groups": ["1A"], "adjustments": [{"payer_code": "HS1", "absences": 5}]}, "absences"),
        ({"fee_kind": "meals", "price": 26_000, "days": 2}, "amount"), ({"purpose": "Học phí"}, "purpose"),
    ],
)  # fmt: skip
async def test_a_rule_that_cannot_hold_is_refused_whole(notices, wrong, column):
    answer = await notices.post("/fees", json=a_fee(round="Đợt sai", **wrong))
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert answer.json()["type"] == "urn:khop:problem:rows_rejected"
    assert column in {each["column"] for each in answer.json()["rejected"]}
    listed = await notices.get("/lists/payments", params={"site": SCHOOL, "round": "Đợt sai"})
    assert listed.json()["rows"] == []


async def test_arrears_stand_on_the_same_bill_and_a_known_notice_keeps_its_own(notices):
    await notices.post("/fees", json=a_fee(round="Đợt A", payer_codes=["HS3"]))
    first = await a_notice(notices, f"{SCHOOL}-dot-a-water-HS3")
    joined = (await notices.post("/fees", json=a_fee(round="Đợt B", payer_codes=["HS3"], price=9_000))).json()
    assert joined["notices"][0]["joins"] == first["reference"]
    bill = (await notices.get(f"/bills/{first['reference']}")).json()
    assert (bill["left"], len(bill["notices"])) == (21_000, 2)
    apart = a_fee(round="Đợt C", payer_codes=["HS3"], carry_arrears=False)
    assert (await notices.post("/fees", json=apart)).json()["notices"][0]["joins"] is None
    third = await a_notice(notices, f"{SCHOOL}-dot-c-water-HS3")
    assert third["reference"] != first["reference"]
    again = (await notices.post("/fees", json={**apart, "carry_arrears": True})).json()
    assert (again["accepted"], again["unchanged"]) == (0, 1)


async def test_the_next_round_from_the_last(notices):
    body = {
        "site_id": SCHOOL, "last_round": "Tháng 11/2026", "round": "Tháng 12/2026", "due_on": DUE, "days": {"meals": 18},
        "carry_arrears": False,
    }  # fmt: skip
    report = (await notices.post("/rounds/next", json=body)).json()
    assert (report["accepted"], report["rejected"]) == (2, [])
    made = await a_notice(notices, f"{SCHOOL}-thang-12-2026-meals-HS1")
    assert (made["purpose"], made["amount"]) == ("Tiền ăn bán trú tháng 12/2026", 18 * 22_000 - 96_000)
    assert (await notices.post("/rounds/next", json=body)).json()["unchanged"] == 2
    assert (await notices.post("/rounds/next", json={**body, "last_round": "?"})).status_code == 404
    too_long = await notices.post("/rounds/next", json={**body, "round": "R", "purposes": {"meals": "Học phí"}})
    assert (too_long.status_code, too_long.headers["Content-Type"]) == (422, "application/problem+json")
    assert {each["column"] for each in too_long.json()["rejected"]} == {"purpose"}


async def test_a_new_school_year_moves_classes_up_once_and_keeps_codes(notices):
    classes = ("1A", "2A", "5B", "Mẫu giáo 4 tuổi", "Ghép")
    rows = "".join(f"{YEAR},Y{number},Tên {number},{group}\n" for number, group in enumerate(classes))
    await send(notices, "site_id,payer_code,payer_name,group\n" + rows, "payers")
    body = {"site_id": YEAR, "last_grade": 5, "named": {"Ghép": "Ghép 2"}}
    key = {"Idempotency-Key": "year-2027"}
    moves = {"1A": "2A", "2A": "3A", "5B": None, "Ghép": "Ghép 2", "Mẫu giáo 4 tuổi": "Mẫu giáo 5 tuổi"}
    assert (await notices.post("/school-years", json=body, headers=key, params={"check": "true"})).json()["moves"] == moves
    for _ in range(2):
        assert (await notices.post("/school-years", json=body, headers=key)).json() == {"moves": moves, "payers": 5}
    fee = a_fee(site_id=YEAR, round="Năm mới", groups=["2A", "3A", "Ghép 2"])
    report = (await notices.post("/fees", json=fee)).json()
    assert {(each["payer_code"], each["group"]) for each in report["notices"]} == {
        ("Y0", "2A"),
        ("Y1", "3A"),
        ("Y4", "Ghép 2"),
    }


async def test_lists_slips_and_reminders_of_a_round(notices, stack):
    for fee_kind, price in (("water", 12_000), ("gift", 50_000)):
        await notices.post(
            "/fees", json=a_fee(round="Đợt L", fee_kind=fee_kind, price=price, grades=["1", "2", "10"], carry_arrears=False)
        )
    await publish(stack.bootstrap, [a_credit("cl1", f"{SCHOOL}-dot-l-water-HS1", 12_000)])
    await publish(stack.bootstrap, [a_credit("cl2", f"{SCHOOL}-dot-l-water-HS2", 2_000)])

    async def listed() -> dict[str, object]:
        return (await notices.get("/lists/payments", params={"site": SCHOOL, "round": "Đợt L"})).json()

    async def known() -> bool:
        return [each["state"] for each in (await listed())["rows"]] == ["paid", "part", *["not_updated"] * 3]

    await eventually(known)
    told = await listed()
    assert told["mark"] == "Nội bộ, không niêm yết, không gửi nhóm lớp"
    assert [each["group"] for each in told["rows"]] == ["1A", "1A", "1B", "2A", "10A1"]
    assert [each["left"] for each in told["rows"]] == [0, 10_000, 12_000, 12_000, 12_000]
    table = await notices.get("/lists/payments.csv", params={"site": SCHOOL, "round": "Đợt L"})
    assert table.content.startswith(b"\xef\xbb\xbf\x22N\xe1\xbb\x99i b\xe1\xbb\x99")
    assert "chưa cập nhật" in table.text

    pdf = pypdfium2.PdfDocument(
        (await notices.get("/slips.pdf", params={"site": SCHOOL, "round": "Đợt L", "group": "1A"})).content
    )
    codes = [each.text for page in pdf for each in zxingcpp.read_barcodes(page.render(scale=3).to_pil())]
    # Who has paid what is owed may still give: the slip asks only for what is left.
    assert sorted(decode(each).amount for each in codes) == [50_000, 60_000]
    params = {"site": SCHOOL, "round": "Đợt L", "group": "1A", "voluntary": "false"}
    owed = pypdfium2.PdfDocument((await notices.get("/slips.pdf", params=params)).content)
    codes = [each.text for page in owed for each in zxingcpp.read_barcodes(page.render(scale=3).to_pil())]
    assert [decode(each).amount for each in codes] == [10_000]
    one = pypdfium2.PdfDocument((await notices.get(f"/bills/{told['rows'][2]['reference']}/slip.pdf")).content)
    assert len(one) == 1
    assert "MẪU" in one[0].get_textpage().get_text_bounded()
    svg = await notices.get(f"/bills/{told['rows'][2]['reference']}/qr.svg")
    assert (svg.headers["Content-Type"], svg.text[:4]) == ("image/svg+xml", "<svg")
    png = await notices.get(f"/bills/{told['rows'][2]['reference']}/qr.png")
    assert png.content.startswith(b"\x89PNG")

    reminder = (await notices.get(f"/bills/{told['rows'][1]['reference']}/reminder")).json()
    assert len(reminder["sms"]) <= 160
    assert reminder["sms"].isascii()
    assert "10.000" in reminder["sms"]
    assert "Ủng hộ" not in reminder["zalo"]
    assert (await notices.get(f"/bills/{told['rows'][0]['reference']}/reminder")).status_code == 409


async def test_a_bill_that_no_qr_can_carry_is_shown_without_one(notices, stack):
    await publish(stack.bootstrap, [a_site("cmd-long", memo_prefix="SEVQRABCDEFGHIJ")])
    items = [an_item("long/1", site_id="cmd-long"), an_item("long/2", "BN2", site_id="cmd-long", amount=10**13)]
    refused = await notices.post("/notices", json={"notices": items})
    assert [(each["row"], each["column"]) for each in refused.json()["rejected"]] == [(2, "amount")]
    huge = {**items[1], "amount": 10**13 - 1}
    assert (await notices.post("/notices", json={"notices": [items[0], huge]})).json()["accepted"] == 2
    more = {**huge, "notice_id": "long/3", "amount": 1}
    assert (await notices.post("/notices", json={"notices": [more]})).json()["rejected"][0]["column"] == "amount"
    bill = await notices.get(f"/bills/{(await a_notice(notices, 'long/1'))['reference']}")
    assert (bill.status_code, bill.json()["left"], bill.json()["payload"], bill.json()["memo"]) == (200, 12_000, None, None)
    assert (await notices.get(bill.json()["link"])).status_code == 200
    for address in (f"/bills/{bill.json()['reference']}/qr.svg", "/slips.pdf?site=cmd-long"):
        assert (await notices.get(address)).status_code == 409


async def a_deposit(notices, notice_id: str, amount: int, payer: str = "BN9", *, unchanged: bool = False) -> None:
    item = an_item(notice_id, payer, site_id=CLINIC, amount=amount, fee_kind="advance", purpose="Tạm ứng mổ")
    report = (await notices.post("/notices", json={"notices": [item]})).json()
    assert (report["accepted"], report["unchanged"]) == ((0, 1) if unchanged else (1, 0))


def a_settlement(settlement_id: str, **more: object) -> dict[str, object]:
    return {
        "settlement_id": settlement_id, "site_id": CLINIC, "payer_code": "BN9", "payer_name": "Lý Thị Mùi", "total": 3_000_000,
        "insurance": 2_400_000, **more,
    }  # fmt: skip


async def test_a_settlement_asks_what_insurance_and_deposit_leave_and_drops_unpaid_deposits(notices, stack):
    for notice_id, amount in (("dep/1", 300_000), ("dep/2", 200_000), ("dep/3", 100_000)):
        await a_deposit(notices, notice_id, amount)
    deposit = await a_notice(notices, "dep/1")
    assert (deposit["obligation"], deposit["purpose"]) == ("deposit", "Viện phí")
    credits = [a_credit("cd1", "dep/1", 300_000), a_credit("cd2", "dep/2", 50_000)]
    await publish(stack.bootstrap, credits)

    async def paid() -> bool:
        return (await a_notice(notices, "dep/2"))["paid"] == 50_000

    await eventually(paid)
    body = a_settlement("QT-1", deposit_notice_ids=["dep/1", "dep/2", "dep/3"])
    settled = (await notices.post("/settlements", json=body)).json()
    assert (settled["deposit"], settled["to_pay"], settled["to_return"]) == (350_000, 250_000, 0)
    assert (settled["notice"]["notice_id"], settled["notice"]["amount"], settled["notice"]["purpose"]) == (
        "QT-1",
        250_000,
        "Viện phí",
    )
    assert settled["notice"]["round"] is None
    assert (await notices.post("/settlements", json=body)).json() == settled
    assert (await a_notice(notices, "dep/2"))["amount"] == 50_000
    assert (await a_notice(notices, "dep/3"))["status"] == "cancelled"
    other = await notices.post("/settlements", json={**body, "total": 1})
    assert other.status_code == 422


def of_clinic(person: str) -> dict[str, str]:
    token = sign_token(SECRET_KEY, Caller(person, "accountant", frozenset({CLINIC})))
    return {"Authorization": f"Bearer {token}"}


async def test_a_settlement_gives_back_what_is_over(notices, stack):
    await a_deposit(notices, "dep/4", 900_000)
    await publish(stack.bootstrap, [a_credit("cd4", "dep/4", 900_000)])

    async def paid() -> bool:
        return (await a_notice(notices, "dep/4"))["paid"] == 900_000

    await eventually(paid)
    settled = (await notices.post("/settlements", json=a_settlement("QT-2", deposit_notice_ids=["dep/4"]))).json()
    assert (settled["to_pay"], settled["to_return"], settled["notice"]) == (0, 300_000, None)
    listed = (await notices.get("/settlements", params={"site": CLINIC, "to_return": "true"})).json()
    assert [(each["settlement_id"], each["to_return"]) for each in listed] == [("QT-2", 300_000)]
    deposit = await a_notice(notices, "dep/4")
    assert (deposit["amount"], deposit["status"], deposit["settled"]) == (
        600_000,
        "open",
        {"by": "admin", "to_return": 300_000},
    )
    # The list of before that is sent again asks for nothing anew.
    await a_deposit(notices, "dep/4", 900_000, unchanged=True)

    # Its money is given back once.
    twice = await notices.post("/settlements", json=a_settlement("QT-2b", deposit_notice_ids=["dep/4"]))
    assert (twice.status_code, twice.json()["settlement_id"]) == (409, "QT-2")
    assert twice.headers["Content-Type"] == "application/problem+json"
    body = a_settlement("QT-2", deposit_notice_ids=["dep/4"])
    assert (await notices.post("/settlements", json=body, headers=of_clinic("p2"))).json() == settled
    other = await notices.post("/settlements", json={**body, "total": 2_500_000}, headers=of_clinic("p3"))
    assert (other.status_code, other.json()["type"]) == (409, "urn:khop:problem:settled_otherwise")


@pytest.mark.parametrize(
    "wrong", [{"insurance": 3_000_001}, {"deposit_notice_ids": ["none"]}, {"total": 0}, {"payer_code": "a b"}]
)
async def test_a_settlement_that_cannot_be_is_refused(notices, wrong):
    assert (await notices.post("/settlements", json=a_settlement("QT-3", **wrong))).status_code in {400, 422}
    assert (await notices.get("/notices/QT-3")).status_code == 404
