"""Statements against real PostgreSQL and Kafka: what webhooks lost comes, what they told is seen again, people settle doubt."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest

from shared import clock
from shared.clock import local_day
from shared.events import BankStatement, BankTransaction
from shared.runtime.auth import Caller, sign_token
from shared.runtime.tables import BYTES_MAX
from tests.integration.support import (
    ADMIN,
    SECRET_KEY,
    Running,
    Stack,
    connect_as,
    eventually,
    newest,
    publish,
    read_values,
    running_service,
)
from tests.integration.test_ingest_webhooks import a_site, connect, published, send
from tests.unit.services.ingest.samples import sepay_body
from tests.unit.services.ingest.statements.files import ACCOUNT, CAMT, MB, MT940, as_csv, as_xlsx


@pytest.fixture(scope="module")
async def ingest(stack: Stack) -> AsyncIterator[Running]:
    async with running_service("ingest", stack) as running:
        yield running


@pytest.fixture(scope="module")
async def client(ingest: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=ingest.url, timeout=15) as made:
        yield made


def of(account: str, rows: list[list[Any]] | str = MB) -> bytes:
    """The sample statement as another account's."""
    return (as_csv(rows) if isinstance(rows, list) else rows.encode()).replace(ACCOUNT.encode(), account.encode())


async def upload(client: httpx.AsyncClient, account: str, content: bytes, **how: Any) -> httpx.Response:
    return await client.post(f"/statements/{account}", content=content, headers=ADMIN, **how)


async def taken(client: httpx.AsyncClient, account: str, content: bytes, **how: Any) -> dict[str, Any]:
    response = await upload(client, account, content, **how)
    assert response.status_code == 200, response.text
    return response.json()


async def statements(stack: Stack, account: str) -> list[BankStatement]:
    return [each for each in (await newest(stack.bootstrap, BankStatement)).values() if each.account == account]


async def transactions(stack: Stack, account: str) -> list[BankTransaction]:
    return [each for each in (await newest(stack.bootstrap, BankTransaction)).values() if each.account == account]


async def counted(stack: Stack, account: str, count: int) -> list[BankTransaction]:
    async def there() -> bool:
        return len(await transactions(stack, account)) == count

    await eventually(there)
    return await transactions(stack, account)


async def test_a_statement_alone_makes_every_transaction_and_is_published_whole(stack: Stack, client: httpx.AsyncClient):
    report = await taken(client, "4000000001", of("4000000001"))
    assert (report["lines"], report["new"], report["known"], report["unchanged"]) == (3, 3, 0, False)
    found = await counted(stack, "4000000001", 3)
    assert {(each.seen_by, each.provider, each.version) for each in found} == {("statement", "statement", 1)}
    await eventually(lambda: statements(stack, "4000000001"))
    (statement,) = await statements(stack, "4000000001")
    assert (statement.opening, statement.credits, statement.debits, statement.closing) == (
        1_000_000, 350_000, 11_000, 1_339_000,
    )  # fmt: skip
    assert {line.transaction_id for line in statement.lines} == {each.transaction_id for each in found}
    assert [line.line for line in statement.lines] == [1, 2, 3]


async def test_a_statement_of_a_day_that_goes_on_tells_until_when_it_tells(stack: Stack, client: httpx.AsyncClient):
    account, today = "4000000016", local_day(clock.now())
    month = [
        [f"Từ ngày {today:%d/%m/%Y} đến ngày {today + timedelta(days=20):%d/%m/%Y}"],
        ["Ngày", "Ghi nợ", "Ghi có", "Số dư", "Nội dung"], [f"{today:%d/%m/%Y}", "", "10", "110", "x"],
    ]  # fmt: skip
    started = clock.now()
    (first,) = (await taken(client, account, as_csv(month)))["statements"]
    assert (first["version"], first["to"]) == (1, today.isoformat()), "of days to come it tells nothing"
    assert started <= datetime.fromisoformat(first["received_at"]) <= clock.now()
    # The same file tells nothing more; what was drawn again tells of the hours between.
    again = await taken(client, account, as_csv(month))
    assert (again["unchanged"], again["statements"]) == (True, [first])
    later = await taken(client, account, as_xlsx(month))
    (second,) = later["statements"]
    assert (later["unchanged"], later["new"], second["version"]) == (False, 0, 2)
    assert second == {**first, "version": 2, "received_at": second["received_at"]}
    assert second["received_at"] > first["received_at"]

    async def told() -> bool:
        return [each.version for each in await statements(stack, account)] == [2]

    await eventually(told)


@pytest.mark.parametrize("form", ["the same file", "as a workbook", "as a form"])
async def test_the_same_statement_again_changes_nothing(stack: Stack, client: httpx.AsyncClient, form: str):
    account = f"40000001{len(form):02}"
    first = await taken(client, account, of(account))
    if form == "as a form":
        again = (await client.post(f"/statements/{account}", files={"file": ("x.csv", of(account))}, headers=ADMIN)).json()
    else:
        rows = [[str(cell).replace(ACCOUNT, account) for cell in row] for row in MB]
        again = await taken(client, account, as_xlsx(rows) if form == "as a workbook" else of(account))
    assert (again["unchanged"], again["new"], again["known"]) == (True, 0, 0)
    assert again["statements"] == first["statements"]
    await counted(stack, account, 3)
    await asyncio.sleep(0.2)
    assert {each.version for each in await published(stack, account)} == {1}


async def test_what_a_webhook_told_is_seen_again_and_what_it_lost_is_new(stack: Stack, client: httpx.AsyncClient):
    await connect(client, "heal", "4000000002")
    body = sepay_body(
        accountNumber="4000000002", transferAmount=150_000, referenceCode="FT26309000000001",
        transactionDate="2026-11-05 08:15:00", content="KH7Q2A nop tien an", accumulated=1_150_000,
    )  # fmt: skip
    assert (await send(client, "heal", body)).status_code == 200
    report = await taken(client, "4000000002", of("4000000002"))
    assert (report["known"], report["new"], report["doubtful"]) == (1, 2, 0)
    by_amount = {each.amount: each for each in await counted(stack, "4000000002", 3)}

    async def seen_again() -> bool:
        found = {each.amount: each for each in await transactions(stack, "4000000002")}
        return found[150_000].version == 2

    await eventually(seen_again)
    by_amount = {each.amount: each for each in await transactions(stack, "4000000002")}
    assert [(each.provider, each.seen_by) for each in by_amount[150_000].sightings] == [
        ("sepay", "webhook"), ("statement", "statement"),
    ]  # fmt: skip
    assert by_amount[200_000].seen_by == "statement"
    # The webhook that comes after all is the transaction of the statement.
    late = sepay_body(
        id=2, accountNumber="4000000002", transferAmount=200_000, referenceCode="FT26310000000001BNK",
        transactionDate="2026-11-06 10:00:00", content="KH9Z4B", accumulated=0,
    )  # fmt: skip
    assert (await send(client, "heal", late)).status_code == 200
    await counted(stack, "4000000002", 3)


async def test_every_format_tells_of_the_same_transactions(stack: Stack, client: httpx.AsyncClient):
    account = "4000000003"
    assert (await taken(client, account, of(account)))["new"] == 3
    assert (await taken(client, account, of(account, MT940)))["known"] == 3
    # CAMT tells the last credit in two parts, which the others tell in one: the amounts say that it is not either of them.
    report = await taken(client, account, of(account, CAMT))
    assert (report["known"], report["new"] + report["differs"]) == (2, 2)
    listed = (await client.get(f"/statements/{account}", headers=ADMIN)).json()
    assert {each["source"] for each in listed} == {"csv/mb", "mt940", "camt.053"}
    assert all(len(each["overlaps"]) == 2 for each in listed)


async def test_equal_payments_are_the_statement_s_equal_lines_and_those_of_the_next_hours_are_others(
    stack: Stack, client: httpx.AsyncClient
):
    account = "4000000017"
    await connect(client, "equal", account)
    for number in range(3):
        body = sepay_body(
            id=number + 1, accountNumber=account, transferAmount=66_000, referenceCode="77", content="nop tien an", accumulated=0,
            transactionDate=f"2026-11-19 08:0{number}:00",
        )  # fmt: skip
        assert (await send(client, "equal", body)).status_code == 200
    movement = ":61:2611191119C66000,NTRFNONREF\n:86:nop tien an\n"

    def hours(opening: int, count: int) -> bytes:
        return (
            f":20:S\n:25:{account}\n:28C:1/1\n:60F:C261119VND{opening},\n{movement * count}"
            f":62F:C261119VND{opening + 66_000 * count},\n-\n"
        ).encode()

    report = await taken(client, account, hours(0, 3))
    assert (report["known"], report["new"]) == (3, 0)
    report = await taken(client, account, hours(198_000, 3))
    assert (report["known"], report["new"], report["doubtful"]) == (0, 3, 0)
    report = await taken(client, account, hours(0, 6))
    assert (report["known"], report["new"]) == (6, 0)
    await counted(stack, account, 6)


async def test_a_gap_is_told_and_closed_by_what_fills_it(stack: Stack, client: httpx.AsyncClient):
    account = "4000000004"

    def day(number: int, opening: int) -> bytes:
        return as_csv(
            [["Ngày", "Ghi nợ", "Ghi có", "Số dư", "Nội dung"], [f"{number:02}/11/2026", "", "10", f"{opening + 10}", "x"]]
        )

    await taken(client, account, day(5, 100))
    report = await taken(client, account, day(7, 120))
    (gap,) = report["statements"][0]["gaps"]
    assert (gap["difference"], gap["after"], gap["before"]) == (10, "2026-11-05T17:00:00Z", "2026-11-06T17:00:00Z")
    await taken(client, account, day(6, 110))

    async def closed() -> bool:
        found = await statements(stack, account)
        return len(found) == 3 and not any(each.gaps for each in found)

    await eventually(closed)
    versions = sorted(each.version for each in await statements(stack, account))
    assert versions == [1, 1, 2]


async def test_a_file_that_is_refused_changes_nothing_and_says_where(stack: Stack, client: httpx.AsyncClient):
    account = "4000000005"
    answer = await upload(client, account, of(account).replace(b"1,339,000", b"1,339,001"))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    problem = answer.json()
    assert problem["type"] == "urn:khop:problem:statement_refused"
    assert problem["rejected"][0].keys() == {"row", "column", "problem"}
    assert (await client.get(f"/statements/{account}", headers=ADMIN)).json() == []
    assert await transactions(stack, account) == []


async def test_a_movement_of_the_future_is_refused(client: httpx.AsyncClient):
    rows = [["Ngày", "Ghi nợ", "Ghi có", "Số dư"], ["05/11/2026", "", "10", "110"], ["05/11/2027", "", "10", "120"]]
    answer = await upload(client, "4000000015", as_csv(rows))
    assert answer.status_code == 422
    assert answer.json()["rejected"] == [{"row": 3, "column": "date", "problem": "the day lies in the future"}]


@pytest.mark.parametrize(
    ("account", "content", "headers", "status"),
    [
        ("4000000006", b"", ADMIN, 422),
        ("4000000006", b"PK\x03\x04x", ADMIN, 422),
        ("4000000006", b"\xff\xfe\x00", ADMIN, 422),
        ("40/6", b"x", ADMIN, 404),
        ("40_6", b"x", ADMIN, 400),
        ("4000000006", b"x", {}, 401),
        ("4000000006", b"x" * (BYTES_MAX + 1), ADMIN, 413),
        ("4000000006", b"--x--", {**ADMIN, "content-type": "multipart/form-data"}, 400),
        ("4000000006", b"--x--\r\n", {**ADMIN, "content-type": "multipart/form-data; boundary=x"}, 400),
    ],
)  # fmt: skip
async def test_what_is_no_statement_is_refused(
    client: httpx.AsyncClient, account: str, content: bytes, headers: dict[str, str], status: int
):
    answer = await client.post(f"/statements/{account}", content=content, headers=headers)
    assert answer.status_code == status, answer.text


async def test_headings_are_taught_once_and_kept(client: httpx.AsyncClient):
    account = "4000000007"
    strange = as_csv([["Tag", "Raus", "Rein", "Saldo"], ["05/11/2026", "", "10", "110"]])
    assert (await upload(client, account, strange)).status_code == 422
    headings = {"date": "Tag", "debit": "Raus", "credit": "Rein", "balance": "Saldo"}
    path = f"/statements/{account}/layout"
    assert (await client.put(path, json={"headings": {"date": "Tag", "memo": "x"}}, headers=ADMIN)).status_code == 400
    assert (await client.put(path, json={"headings": headings}, headers=ADMIN)).status_code == 200
    assert (await taken(client, account, strange))["statements"][0]["source"] == "csv/learned"
    # What a file showed is kept as well.
    await taken(client, "4000000008", of("4000000008"))
    kept = (await client.get("/statements/4000000008/layout", headers=ADMIN)).json()["headings"]
    assert kept["credit"] == "Phát sinh có\nCredit"


async def test_a_site_that_comes_late_gets_its_statements_too(stack: Stack, client: httpx.AsyncClient):
    account = "4000000009"
    await taken(client, account, of(account))
    await publish(stack.bootstrap, [a_site("S409", (account, date(2026, 1, 1)))])

    async def placed() -> bool:
        found = await statements(stack, account)
        return [(each.site_id, each.version) for each in found] == [("S409", 2)]

    # A second replica of the tests before keeps its partitions until its static membership ends, 30 s after it did.
    await eventually(placed, within_s=60)
    await eventually(lambda: _all_at(stack, account, "S409"))


async def _all_at(stack: Stack, account: str, site_id: str) -> bool:
    return {each.site_id for each in await transactions(stack, account)} == {site_id}


async def test_republishing_sends_statements_again_at_their_version(stack: Stack, client: httpx.AsyncClient):
    before = await newest(stack.bootstrap, BankStatement)
    letters = set(await read_values(stack.bootstrap, BankTransaction.topic))
    sent = (await client.post("/operations/republish", headers=ADMIN)).json()
    assert sent[BankStatement.topic] == len(before) > 0
    await asyncio.sleep(0.5)
    assert await newest(stack.bootstrap, BankStatement) == before
    assert set(await read_values(stack.bootstrap, BankTransaction.topic)) == letters, "one version is the same to the letter"


async def doubtful_pair(client: httpx.AsyncClient, account: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two webhook transactions and a statement line that may be either: (the marked one, the one that it may be)."""
    await connect(client, f"doubt-{account}", account)
    for number in (1, 2):
        body = sepay_body(
            id=number, accountNumber=account, transferAmount=150_000, referenceCode="77", content="nop tien", accumulated=0,
            transactionDate=f"2026-11-05 08:1{number}:00",
        )  # fmt: skip
        assert (await send(client, f"doubt-{account}", body)).status_code == 200
    content = as_csv(
        [["Ngày", "Ghi nợ", "Ghi có", "Số dư", "Nội dung"], ["05/11/2026", "", "150000", "150000", "hoc phi"],
         ["05/11/2026", "", "150000", "300000", "hoc phi"], ["05/11/2026", "", "150000", "450000", "hoc phi"]]
    )  # fmt: skip
    report = await taken(client, account, content)
    assert (report["new"], report["doubtful"]) == (3, 2)
    pages = (await client.get("/duplicates", headers=ADMIN, params={"limit": 1_000})).json()["duplicates"]
    own = [each for each in pages if each["transaction"]["account"] == account]
    assert len(own) == 2
    return own[0]["transaction"], own[0]["of"]


async def settle(
    client: httpx.AsyncClient, one: dict[str, Any], other: dict[str, Any], decision: str, **more: Any
) -> httpx.Response:
    return await client.post(
        f"/transactions/{one['transaction_id']}/duplicate",
        json={"of": other["transaction_id"], "decision": decision, "reason": "đã xem sao kê"},
        headers={**ADMIN, "if-match": f'"{one["version"]}"', "idempotency-key": more.get("key", uuid.uuid4().hex)},
    )


async def test_a_person_merges_two_into_one_and_the_statement_follows(stack: Stack, client: httpx.AsyncClient):
    account = "4000000010"
    one, other = await doubtful_pair(client, account)
    key = uuid.uuid4().hex
    answers = [await settle(client, one, other, "merge", key=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    merged, stays = answers[0].json()["transaction"], answers[0].json()["of"]
    assert (merged["status"], merged["merged_into"], merged["version"]) == ("merged_into", other["transaction_id"], 2)
    assert merged["possible_duplicate_of"] is None
    assert [each["seen_by"] for each in stays["sightings"]] == ["webhook", "statement"]
    assert len(merged["sightings"]) == 1
    assert (await settle(client, merged, other, "merge")).status_code == 409

    async def followed() -> bool:
        (statement,) = await statements(stack, account)
        found = {each.transaction_id: each for each in await transactions(stack, account)}
        lines = {line.transaction_id for line in statement.lines}
        return (
            statement.version == 2
            and other["transaction_id"] in lines
            and one["transaction_id"] not in lines
            and found[one["transaction_id"]].merged_into == other["transaction_id"]
        )

    await eventually(followed)
    connection = await connect_as(stack, "ingest")
    kept = await connection.fetch("select decision, decided_by, reason from duplicate_decisions")
    await connection.close()
    assert ("merged", "admin", "đã xem sao kê") in [tuple(each) for each in kept]


async def test_a_person_tells_two_apart(stack: Stack, client: httpx.AsyncClient):
    one, other = await doubtful_pair(client, "4000000011")
    assert (await settle(client, {**one, "version": 9}, other, "distinct")).status_code == 412
    answer = await settle(client, one, other, "distinct")
    assert answer.status_code == 200, answer.text
    assert answer.json()["transaction"]["possible_duplicate_of"] is None
    assert answer.json()["transaction"]["version"] == one["version"] + 1
    assert answer.json()["of"]["version"] == other["version"]
    assert (await settle(client, answer.json()["transaction"], other, "distinct")).status_code == 409
    shown = (await client.get(f"/transactions/{one['transaction_id']}", headers=ADMIN)).json()
    assert shown == answer.json()["transaction"]


async def test_what_cannot_be_settled_is_refused(client: httpx.AsyncClient):
    one, other = await doubtful_pair(client, "4000000012")
    headers = {**ADMIN, "if-match": "1", "idempotency-key": "k"}
    path = f"/transactions/{one['transaction_id']}/duplicate"
    body = {"of": other["transaction_id"], "decision": "merge"}
    for without, status in (("if-match", 428), ("idempotency-key", 400), ("Authorization", 401)):
        left = {name: value for name, value in headers.items() if name != without}
        assert (await client.post(path, json=body, headers=left)).status_code == status
    assert (await settle(client, one, {"transaction_id": "nobody"}, "merge")).status_code == 404
    assert (await settle(client, {**one, "transaction_id": "nobody"}, other, "merge")).status_code == 404
    assert (await settle(client, one, one, "merge")).status_code == 422
    assert (await client.get("/transactions/nobody", headers=ADMIN)).status_code == 404


async def erase(client: httpx.AsyncClient, key: str, *ids: str, role: str = "head") -> httpx.Response:
    token = sign_token(SECRET_KEY, Caller("ht1", role, frozenset({"old-school"})))
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
    return await client.post("/transactions/erase", json={"transaction_ids": ids, "reason": "yêu cầu 7"}, headers=headers)


async def test_what_the_law_keeps_no_longer_is_erased_and_told_again_stays_so(stack: Stack, client: httpx.AsyncClient):
    old, young = "4000000020", "4000000021"
    await publish(stack.bootstrap, [a_site("old-school", (old, date(2010, 1, 1)), (young, date(2010, 1, 1)))])
    await connect(client, "old", old, young)
    body = sepay_body(
        id=77, accountNumber=old, transferAmount=150_000, referenceCode="FT26309000000001", accumulated=1_150_000,
        transactionDate="2014-11-05 08:15:00", content="KH7Q2A nop tien an XOACU",
    )  # fmt: skip
    recent = sepay_body(id=78, accountNumber=young, content="XOACU moi")
    for each in (body, body, recent):
        assert (await send(client, "old", each)).status_code == 200
    paper = of(old).replace(b"2026", b"2014").replace(b"KH7Q2A", b"KH7Q2A XOACU")
    assert (await taken(client, old, paper))["known"] == 1

    async def placed() -> list[BankTransaction]:
        found = [*await transactions(stack, old), *await transactions(stack, young)]
        return found if len(found) == 4 and {each.site_id for each in found} == {"old-school"} else []

    by_account: dict[str, list[str]] = {old: [], young: []}
    for each in await eventually(placed):
        by_account[each.account].append(each.transaction_id)
    refused = await erase(client, "a", *by_account[old], *by_account[young])
    assert (refused.status_code, refused.json()["until"]) == (409, "2036-12-31")
    assert (await erase(client, "a", *by_account[old], role="accountant")).status_code == 403
    assert (await erase(client, "a", "nobody")).status_code == 404

    done = await erase(client, "b", *by_account[old])
    assert (done.status_code, done.json()["messages_emptied"], done.json()["messages_kept"]) == (200, 2, 0)
    assert (await erase(client, "b", *by_account[old])).json() == done.json()

    async def where_it_stands() -> set[str]:
        connection = await connect_as(stack, "ingest")
        try:
            return {
                name
                for name, text in (("transactions", "entity"), ("vault", "encode(body, 'escape')"), ("idempotency", "response::text"),
                                   ("statement_files", "encode(content, 'escape')"))
                if await connection.fetchval(f"select exists (select from {name} where {text} like '%KH7Q2A%XOACU%')")
            }  # fmt: skip
        finally:
            await connection.close()

    assert await where_it_stands() == set()
    # Told again by the same provider it is the same movement, and says nothing more.
    assert (await send(client, "old", body)).status_code == 200
    assert await where_it_stands() == set()
    workbook = [[str(cell).replace(ACCOUNT, old).replace("2026", "2014") for cell in row] for row in MB]
    assert (await taken(client, old, as_xlsx(workbook)))["new"] == 0

    async def erased() -> bool:
        return {each.status for each in await transactions(stack, old)} == {"erased"}

    await eventually(erased)
    for each in await transactions(stack, old):
        texts = (each.memo, each.counter_name, each.counter_account, each.payment_code, each.virtual_account)
        assert texts == (None,) * 5
    assert {each.amount for each in await transactions(stack, old)} == {150_000, 200_000, 11_000}
