"""Webhooks against real PostgreSQL and Kafka: each message exactly once, durable before its answer, in every weather."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest

from services.ingest import store
from shared.events import BankTransaction, Site
from tests.integration.support import (
    ADMIN,
    Running,
    Stack,
    connect_as,
    eventually,
    newest,
    publish,
    read_topic,
    running_service,
    status_of_a_slow_sender,
)
from tests.unit.services.ingest.samples import (
    ACCOUNT,
    STANDARD_SECRET,
    casso_data,
    casso_delivery,
    casso_v1_data,
    encode,
    payos_body,
    sample,
    sepay_body,
    sepay_delivery,
    standard_body,
    standard_delivery,
    vietqr_body,
)

SECRET = "test-secret"
OLD_TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture(scope="module")
async def ingest(stack: Stack) -> AsyncIterator[Running]:
    async with running_service("ingest", stack) as running:
        yield running


@pytest.fixture(scope="module")
async def client(ingest: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=ingest.url, timeout=15) as made:
        yield made


async def connect(
    client: httpx.AsyncClient, name: str, *accounts: str, provider: str = "sepay", **more: Any
) -> dict[str, Any]:
    settings = {
        "provider": provider, "accounts": list(accounts or (ACCOUNT,)),
        "secret": STANDARD_SECRET if provider == "standard" else SECRET, **more,
    }  # fmt: skip
    response = await client.put(f"/connections/{name}", json=settings, headers=ADMIN)
    assert response.status_code == 200, response.text
    return response.json()


async def send(client: httpx.AsyncClient, name: str, body: Any, secret: str = SECRET, **headers: str) -> httpx.Response:
    delivery = sepay_delivery(body, secret, time.time())
    sent = {"content-type": "application/json", **delivery.headers, **headers}
    return await client.post(f"/webhooks/sepay/{name}", content=delivery.body, headers=sent)


async def send_standard(client: httpx.AsyncClient, name: str, body: Any, webhook_id: str) -> httpx.Response:
    delivery = standard_delivery(body, at=time.time(), webhook_id=webhook_id)
    return await client.post(f"/webhooks/standard/{name}", content=delivery.body, headers=delivery.headers)


async def vault(stack: Stack, name: str) -> list[tuple[str, int]]:
    connection = await connect_as(stack, "ingest")
    try:
        rows = await connection.fetch(
            "select outcome, count(*) from vault where connection_id = $1 group by outcome order by outcome", name
        )
        return [(row["outcome"], row["count"]) for row in rows]
    finally:
        await connection.close()


async def published(stack: Stack, account: str) -> list[BankTransaction]:
    return [each for each in await read_topic(stack.bootstrap, BankTransaction) if each.account == account]


async def refusals(client: httpx.AsyncClient, kind: str) -> float:
    for line in (await client.get("/metrics")).text.splitlines():
        if line.startswith(f'khop_refused_total{{kind="{kind}"}}'):
            return float(line.rpartition(" ")[2])
    return 0.0


def a_site(site_id: str, *accounts: tuple[str, date], version: int = 1) -> Site:
    return Site.model_validate({
        "site_id": site_id, "version": version, "name": "Trường Tiểu học An Lạc", "type": "school", "ownership": "public",
        "units": [{"unit_code": "07615", "valid_from": "2025-07-01", "valid_to": None}], "settings": {},
        "accounts": [
            {"bank_bin": "970436", "account_number": number, "account_name": "TH", "valid_from": since, "valid_to": None}
            for number, since in accounts
        ],
    })  # fmt: skip


async def test_a_message_sent_many_times_at_once_is_one_transaction_and_one_event(stack: Stack, client: httpx.AsyncClient):
    await connect(client, "once", "1001")
    answers = await asyncio.gather(
        *(send(client, "once", sepay_body(accountNumber="1001", id=7), traceparent=f"00-{OLD_TRACE}-b7ad6b7169203331-01")
          for _ in range(40))
    )  # fmt: skip
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, b'{"success": true}')}
    assert (await send(client, "once", sepay_body(accountNumber="10 01", id=7))).status_code == 200
    await eventually(lambda: published(stack, "1001"))
    await asyncio.sleep(0.3)
    (event,) = await published(stack, "1001")
    assert (event.version, event.amount, event.site_id, event.seen_by) == (1, 2_277_000, None, "webhook")
    assert await vault(stack, "once") == [("duplicate", 40), ("new", 1)]


async def test_the_raw_message_is_kept_and_its_secret_is_not(stack: Stack, client: httpx.AsyncClient):
    await connect(client, "kept", "1002", scheme="apikey")
    raw = encode(sepay_body(accountNumber="1002"))
    headers = {"Authorization": f"Apikey {SECRET}", "Content-Type": "application/json"}
    assert (await client.post("/webhooks/sepay/kept", content=raw, headers=headers)).status_code == 200
    connection = await connect_as(stack, "ingest")
    row = await connection.fetchrow(
        "select body, headers::text, tableoid::regclass::text as part from vault where connection_id = 'kept'"
    )
    sealed = await connection.fetchval("select string_agg(encode(sealed, 'escape'), ' ') from connection_secrets")
    await connection.close()
    assert row["body"] == raw
    assert SECRET not in row["headers"]
    assert SECRET not in sealed
    assert row["part"] != "vault_rest", "the month's partition was made at the start"


async def test_a_known_id_with_another_content_is_a_second_transaction_and_a_person_decides(
    stack: Stack, client: httpx.AsyncClient
):
    await connect(client, "conflict", "1003", "1004")
    assert (await send(client, "conflict", sepay_body(accountNumber="1003", id=1))).status_code == 200
    changes: list[dict[str, Any]] = [{"transferAmount": 5}, {"transferType": "out"}, {"accountNumber": "1004"}]
    for change in [*changes, *changes]:
        answer = await send(client, "conflict", sepay_body(**{"accountNumber": "1003", "id": 1, **change}))
        assert (answer.status_code, answer.content) == (200, b'{"success": true}')
    await eventually(lambda: published(stack, "1004"))
    first, *others = await published(stack, "1003") + await published(stack, "1004")
    assert (first.amount, first.possible_duplicate_of, len(others)) == (2_277_000, None, 3)
    assert {each.possible_duplicate_of for each in others} == {first.transaction_id}
    assert len({each.transaction_id for each in others}) == 3
    assert await vault(stack, "conflict") == [("conflict", 3), ("duplicate", 3), ("new", 1)]
    doubtful = (await client.get("/duplicates", headers=ADMIN, params={"limit": 1_000})).json()["duplicates"]
    listed = {each["transaction"]["transaction_id"] for each in doubtful}
    assert {each.transaction_id for each in others} <= listed
    # The id is free for the other account's own transaction, told by its own connection.
    await connect(client, "other", "1004")
    assert (await send(client, "other", sepay_body(accountNumber="1004", id=1, transferAmount=7))).status_code == 200
    assert await vault(stack, "other") == [("new", 1)]


async def test_a_foreign_account_is_listed_unrouted_until_the_connection_names_it(stack: Stack, client: httpx.AsyncClient):
    await connect(client, "narrow", "1005")
    for _ in range(2):
        assert (await send(client, "narrow", sepay_body(accountNumber="1006", id=3))).status_code == 200
    # Another payment under the same id is another message, which waits beside the first.
    assert (await send(client, "narrow", sepay_body(accountNumber="1006", id=3, transferAmount=999))).status_code == 200
    messages = (await client.get("/unrouted", headers=ADMIN)).json()["messages"]
    listed = [each for each in messages if each["account"] == "1006"]
    assert [(each["connection_id"], each["provider"]) for each in listed] == [("narrow", "sepay")] * 2
    assert await published(stack, "1006") == []
    database = await connect_as(stack, "ingest")
    waiting, oldest = await store.unrouted_waiting(database, 10)
    assert waiting == len(messages)
    assert oldest is not None
    assert oldest.isoformat().replace("+00:00", "Z") == min(each["received_at"] for each in messages)
    assert await store.unrouted_waiting(database, 0) == (0, oldest), "counted no further than asked"
    await database.close()
    assert "khop_ingest_unrouted_messages" in (await client.get("/metrics")).text

    await connect(client, "narrow", "1005", "1006")
    await eventually(lambda: published(stack, "1006"))
    assert "1006" not in (await client.get("/unrouted", headers=ADMIN)).text
    assert (await send(client, "narrow", sepay_body(accountNumber="1006", id=3))).status_code == 200
    await asyncio.sleep(0.3)
    assert sorted(each.amount for each in await published(stack, "1006")) == [999, 2_277_000]


async def test_a_message_taken_by_a_process_that_did_not_know_the_new_account_yet_is_routed_later(
    stack: Stack, client: httpx.AsyncClient
):
    await connect(client, "behind", "1050")
    assert (await send(client, "behind", sepay_body(accountNumber="1051", id=4))).status_code == 200
    database = await connect_as(stack, "ingest")
    assert "behind" not in await store.left_behind(database)
    # As another replica sets it, which has routed what it saw before this message was stored.
    await database.execute("update connections set accounts = accounts || '{1051}'::text[] where connection_id = 'behind'")
    left_behind = await store.left_behind(database)
    await database.close()
    assert left_behind["behind"] == ["1051"]


async def test_a_month_whose_messages_came_before_its_partition_gets_one(stack: Stack, client: httpx.AsyncClient):
    await connect(client, "later", "1060")
    assert (await send(client, "later", sepay_body(accountNumber="1060", id=1))).status_code == 200
    database = await connect_as(stack, "ingest")
    in_march = "update vault set received_at = '2031-03-05' where connection_id = 'later'"
    parts = "select tableoid::regclass::text from vault where connection_id = 'later'"
    await database.execute(in_march)
    assert await database.fetchval(parts) == "vault_rest"
    await store.ensure_partition(database, date(2031, 3, 1))
    assert await database.fetchval(parts) == "vault_203103"
    await database.execute("update vault set received_at = '2031-03-31 23:59:59Z' where connection_id = 'later'")
    assert await database.fetchval(parts) == "vault_203103"
    await database.close()


async def test_a_payment_of_the_future_counts_on_the_day_on_which_it_was_told(stack: Stack, client: httpx.AsyncClient):
    await connect(client, "future", "1070")
    body = sepay_body(accountNumber="1070", id=1, transactionDate="2099-01-01 00:00:00")
    assert (await send(client, "future", body)).status_code == 200
    await eventually(lambda: published(stack, "1070"))
    (event,) = await published(stack, "1070")
    assert event.occurred_at == event.received_at
    counted = 'khop_ingest_unbelieved_times_total{provider="sepay"} 1.0'
    assert counted in (await client.get("/metrics")).text, "and says that it did not believe the sender"


async def test_unrouted_messages_are_listed_page_by_page(client: httpx.AsyncClient):
    await connect(client, "pages", "1005")
    for number in range(5):
        await send(client, "pages", sepay_body(accountNumber=f"77{number}", id=number + 1))
    found, after = [], None
    while True:
        where = {"limit": 2, **({"after": after} if after else {})}
        page = (await client.get("/unrouted", headers=ADMIN, params=where)).json()
        found += [each["account"] for each in page["messages"]]
        after = page["next"]
        if after is None:
            break
    assert [each for each in found if each.startswith("77")] == ["770", "771", "772", "773", "774"]
    assert (await client.get("/unrouted", headers=ADMIN, params={"after": "x"})).status_code == 400


async def test_a_site_that_comes_late_gets_its_transactions_as_new_versions(stack: Stack, client: httpx.AsyncClient):
    await connect(client, "late", "1007", provider="standard")
    for number, day in (("a", "2026-10-31T23:59:59+07:00"), ("b", "2026-11-01T00:00:00+07:00")):
        body = standard_body(account="1007", occurred_at=day, balance_after=0)
        answer = await send_standard(client, "late", body, f"late-{number}")
        assert answer.status_code == 200, answer.text
    await publish(stack.bootstrap, [a_site("S7", ("10-07", date(2026, 11, 1)))])

    async def placed() -> bool:
        return any(each.site_id == "S7" for each in await published(stack, "1007"))

    await eventually(placed)
    assert sorted((each.version, str(each.site_id)) for each in await published(stack, "1007")) == [
        (1, "None"), (1, "None"), (2, "S7"),
    ]  # fmt: skip
    assert {each.balance_after for each in await published(stack, "1007")} == {None}
    # The day before it owned the account stays without it; from now on its transactions bear it at once.
    await send_standard(client, "late", standard_body(account="1007"), "late-c")
    await publish(stack.bootstrap, [a_site("S7", ("1007", date(2026, 10, 1)), version=2)])

    async def all_placed() -> bool:
        entities = [each for each in (await newest(stack.bootstrap, BankTransaction)).values() if each.account == "1007"]
        return sorted((each.version, str(each.site_id)) for each in entities) == [(1, "S7"), (2, "S7"), (2, "S7")]

    await eventually(all_placed)


async def test_sites_and_messages_that_race_leave_no_transaction_without_its_site(stack: Stack, client: httpx.AsyncClient):
    await connect(client, "race", *(f"20{number:02}" for number in range(20)))

    async def messages(number: int) -> None:
        for each in range(5):
            answer = await send(client, "race", sepay_body(accountNumber=f"20{number:02}", id=number * 10 + each + 1))
            assert answer.status_code == 200

    sites = [a_site(f"R{number}", (f"20{number:02}", date(2025, 7, 1))) for number in range(20)]
    await asyncio.gather(*(messages(number) for number in range(20)), publish(stack.bootstrap, sites))

    async def all_placed() -> bool:
        found = await newest(stack.bootstrap, BankTransaction)
        entities = [each for each in found.values() if each.account.startswith("20")]
        return len(entities) == 100 and all(each.site_id == f"R{int(each.account[2:])}" for each in entities)

    await eventually(all_placed)


async def test_a_test_call_is_stored_and_never_published(stack: Stack, client: httpx.AsyncClient):
    await connect(client, "ping", "1008", provider="standard")
    assert (await send_standard(client, "ping", {"type": "ping", "data": {"account": "1008"}}, "p1")).status_code == 200
    assert await vault(stack, "ping") == [("test", 1)]


BAD: list[tuple[str, int, str, dict[str, Any]]] = [
    ("wrong signature", 401, "bad_signature", {"headers": {"x-sepay-signature": "sha256=00"}}),
    ("old timestamp", 401, "timestamp_outside_tolerance", {"at": -400}),
    ("timestamp of next year", 401, "timestamp_outside_tolerance", {"at": 365 * 86_400}),
    ("broken JSON", 400, "malformed", {"body": b"{"}),
    ("invalid UTF-8", 400, "malformed", {"body": b'{"id": "\xff"}'}),
    ("NaN", 400, "malformed", {"body": b'{"transferAmount": NaN}'}),
    ("1e3", 400, "malformed", {"body": encode(sepay_body()).replace(b"2277000", b"1e3")}),
    ('"12,5"', 400, "malformed", {"body": encode(sepay_body(transferAmount="12,5"))}),
    ("negative", 400, "malformed", {"body": encode(sepay_body(transferAmount=-1))}),
    ("zero", 400, "malformed", {"body": encode(sepay_body(transferAmount=0))}),
    ("name twice", 400, "malformed", {"body": b'{"id": 1, "id": 2}'}),
    ("missing field", 400, "malformed", {"body": b'{"id": 1}'}),
    ("a form", 415, "not_json", {"body": b"id=1", "headers": {"content-type": "application/x-www-form-urlencoded"}}),
    ("too long", 413, "body_too_large", {"body": b" " * 65_537}),
    ("much too long", 413, "body_too_large", {"body": b" " * 3_000_000}),
    ("unknown connection", 404, "unknown_connection", {"path": "/webhooks/sepay/nobody"}),
    ("another provider's", 404, "unknown_connection", {"path": "/webhooks/standard/bad"}),
    ("unknown provider", 404, "unknown_connection", {"path": "/webhooks/acme/bad"}),
    ("no connection", 404, "unknown_connection", {"path": "/webhooks/sepay"}),
]


@pytest.mark.parametrize(("status", "kind", "how"), [each[1:] for each in BAD], ids=[each[0] for each in BAD])
async def test_bad_input_is_refused_counted_and_kept_only_where_it_is_proven(
    stack: Stack, client: httpx.AsyncClient, status: int, kind: str, how: dict[str, Any]
):
    await connect(client, "bad")
    before = await refusals(client, kind)
    kept_before = dict(await vault(stack, "bad")).get("unreadable", 0)
    delivery = sepay_delivery(how.get("body", sepay_body()), SECRET, time.time() + how.get("at", 0))
    headers = {"content-type": "application/json", **delivery.headers, **how.get("headers", {})}
    answer = await client.post(how.get("path", "/webhooks/sepay/bad"), content=delivery.body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["type"] == f"urn:khop:problem:{kind}"
    assert await refusals(client, kind) == before + 1
    kept = 1 if kind in {"malformed", "not_json"} else 0
    assert dict(await vault(stack, "bad")).get("unreadable", 0) == kept_before + kept


async def test_a_body_too_long_is_noticed_while_it_is_read(client: httpx.AsyncClient):
    await connect(client, "chunks")

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1_000

    assert (await client.post("/webhooks/sepay/chunks", content=chunks())).status_code == 413


async def test_who_is_still_sending_hears_that_there_is_no_such_connection(ingest: Running):
    assert await status_of_a_slow_sender(ingest.url, "/webhooks/sepay/nobody", "application/json") == 404


async def test_a_body_of_exactly_64_kib_is_taken(client: httpx.AsyncClient):
    await connect(client, "brim", "1012")
    raw = encode(sepay_body(accountNumber="1012"))
    assert (await send(client, "brim", raw + b" " * (65_536 - len(raw)))).status_code == 200


async def test_other_methods_are_refused(client: httpx.AsyncClient):
    await connect(client, "methods")
    answer = await client.get("/webhooks/sepay/methods")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_a_rate_is_kept_and_says_when_to_come_again(client: httpx.AsyncClient):
    await connect(client, "slow", "1009", rate_per_s=2)
    answers = await asyncio.gather(*(send(client, "slow", sepay_body(accountNumber="1009", id=n + 1)) for n in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 429, 429, 429, 429]
    assert {answer.headers.get("retry-after") for answer in answers} == {None, "1"}
    # Forged messages use nothing of it up.
    await asyncio.sleep(1.1)
    await asyncio.gather(*(send(client, "slow", sepay_body(), "wrong") for _ in range(10)))
    assert (await send(client, "slow", sepay_body(accountNumber="1009", id=99))).status_code == 200


async def test_a_secret_is_rotated_with_grace_and_a_disabled_connection_is_gone(client: httpx.AsyncClient):
    await connect(client, "rotate", "1010", secret="first")
    shown = await connect(client, "rotate", "1010", secret="second")
    assert len(shown["old_secrets_valid_until"]) == 1
    body = sepay_body(accountNumber="1010")

    async def statuses(*secrets: str) -> list[int]:
        return [(await send(client, "rotate", body, secret)).status_code for secret in secrets]

    assert await statuses("first", "second", "third") == [200, 200, 401]
    await connect(client, "rotate", "1010", secret="third", grace_s=0)
    assert await statuses("first", "second", "third") == [200, 401, 200]
    # Accounts may be set without the secret, which stays.
    settings = {"provider": "sepay", "accounts": ["1010"]}
    assert (await client.put("/connections/rotate", json=settings, headers=ADMIN)).status_code == 200
    assert (await send(client, "rotate", body, "third")).status_code == 200

    assert (await client.post("/connections/rotate/disable", headers=ADMIN)).json()["disabled"] is True
    assert (await send(client, "rotate", body, "third")).status_code == 410
    listed = (await client.get("/connections", headers=ADMIN)).text
    assert not any(secret in listed for secret in ("first", "second", "third", "sealed"))
    await connect(client, "rotate", "1010", secret="third")
    assert (await send(client, "rotate", body, "third")).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"provider": "acme"}, {"scheme": "rsa"}, {"accounts": []}, {"accounts": ["12/3"]}, {"secret": ""}, {"secret": None},
        {"rate_per_s": 0}, {"grace_s": -1}, {"surprise": 1}, {"networks": ["x"]},
        {"provider": "vietqr", "secret": "no-colon"}, {"provider": "standard", "secret": "not base64!"},
    ],
    ids=str,
)  # fmt: skip
async def test_wrong_settings_of_a_connection_are_refused(client: httpx.AsyncClient, wrong: dict[str, Any]):
    settings = {"provider": "sepay", "accounts": [ACCOUNT], "secret": "TOPSECRET", **wrong}
    answer = await client.put("/connections/wrong", json=settings, headers=ADMIN)
    assert answer.status_code == 400
    assert "TOPSECRET" not in answer.text
    assert "wrong" not in (await client.get("/connections", headers=ADMIN)).text


async def test_connections_are_the_administrators_affair(client: httpx.AsyncClient):
    calls = ("PUT", "/connections/x"), ("GET", "/connections"), ("POST", "/connections/x/disable"), ("GET", "/unrouted")
    for method, path in calls:
        assert (await client.request(method, path, json={})).status_code == 401
    assert (await client.post("/connections/nobody/disable", headers=ADMIN)).status_code == 404
    await connect(client, "fixed")
    other = {"provider": "standard", "accounts": [ACCOUNT], "secret": STANDARD_SECRET}
    assert (await client.put("/connections/fixed", json=other, headers=ADMIN)).status_code == 409


async def test_a_connection_made_at_one_replica_is_known_at_the_other_at_once(stack: Stack, client: httpx.AsyncClient):
    async with (
        running_service("ingest", stack, KHOP_REPLICA="1") as second,
        httpx.AsyncClient(base_url=second.url) as other,
    ):
        await connect(client, "shared", "1011")
        await asyncio.sleep(0.25)
        same = sepay_body(accountNumber="1011", id=5)
        answers = await asyncio.gather(*(send(each, "shared", same) for each in [client, other] * 20))
        assert {answer.status_code for answer in answers} == {200}
    await eventually(lambda: published(stack, "1011"))
    assert await vault(stack, "shared") == [("duplicate", 39), ("new", 1)]


async def test_republishing_sends_every_transaction_again_at_its_version(stack: Stack, client: httpx.AsyncClient):
    before = await newest(stack.bootstrap, BankTransaction)
    count = (await client.post("/operations/republish", headers=ADMIN)).json()[BankTransaction.topic]
    assert count == len(before)

    async def again() -> bool:
        return len(await read_topic(stack.bootstrap, BankTransaction)) >= 2 * count

    await eventually(again)
    assert await newest(stack.bootstrap, BankTransaction) == before


def basic(secret: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(secret.encode()).decode()}


async def test_casso_s_first_webhook_tells_of_many_transactions_under_a_token(stack: Stack, client: httpx.AsyncClient):
    await connect(client, "casso1", "1101", provider="casso", scheme="token")
    data = [casso_v1_data(id=n, tid=None, bank_sub_acc_id="1101", amount=n * 1_000 + 1) for n in (1, 2, 0)]
    for _ in range(2):
        answer = await client.post(
            "/webhooks/casso/casso1", json={"error": 0, "data": data}, headers={"secure-token": SECRET}
        )
        assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert (await client.post("/webhooks/casso/casso1", json={}, headers={"secure-token": "x"})).status_code == 401
    await eventually(lambda: published(stack, "1101"))
    assert sorted(each.amount for each in await published(stack, "1101")) == [1_001, 2_001]
    assert await vault(stack, "casso1") == [("duplicate", 1), ("new", 1)]


async def test_casso_s_published_sample_is_stored_and_never_published(stack: Stack, client: httpx.AsyncClient):
    body = sample("casso_v2")["body"]
    await connect(client, "casso2", body["data"]["accountNumber"], provider="casso")
    delivery = casso_delivery(body, SECRET, time.time())
    answer = await client.post("/webhooks/casso/casso2", content=delivery.body, headers=delivery.headers)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert await vault(stack, "casso2") == [("test", 1)]


async def test_payos_is_answered_for_an_order_that_nobody_knows(stack: Stack, client: httpx.AsyncClient):
    published_sample = sample("payos")
    await connect(client, "payos", "1102", provider="payos", secret=published_sample["checksumKey"])
    answer = await client.post("/webhooks/payos/payos", json=published_sample["body"])
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    forged = {**published_sample["body"], "signature": "0" * 64}
    assert (await client.post("/webhooks/payos/payos", json=forged)).status_code == 401
    own = payos_body(published_sample["checksumKey"], accountNumber="1102")
    assert (await client.post("/webhooks/payos/payos", json=own)).status_code == 200
    await eventually(lambda: published(stack, "1102"))
    assert await vault(stack, "payos") == [("new", 1), ("test", 1)]


async def test_vietqr_fetches_a_token_and_is_answered_in_its_form(stack: Stack, client: httpx.AsyncClient):
    await connect(client, "vietqr", "0362626234", provider="vietqr", secret="khop:s3cret")
    base = "/webhooks/vietqr/vietqr"
    token = await client.post(f"{base}/api/token_generate", headers=basic("khop:s3cret"))
    assert token.status_code == 200
    bearer = {"authorization": f"Bearer {token.json()['access_token']}"}
    first, second = sample("vietqr_vn")["sync_variants"]
    seen = []
    for body in (first, first, second, {**first, "referencenumber": "FT24138000000001BNK", "transactionid": "another"}):
        answer = await client.post(f"{base}/bank/api/transaction-sync", json=body, headers=bearer)
        assert answer.status_code == 200
        assert {**answer.json(), "object": None} == {
            "error": False,
            "errorReason": "000",
            "toastMessage": "",
            "object": None,
        }
        seen.append(answer.json()["object"]["reftransactionid"])
    # The second edition of the sample bears the first one's transaction id: it is the same transaction, sent again.
    assert len(set(seen)) == 1
    await eventually(lambda: published(stack, "0362626234"))
    assert {each.transaction_id for each in await published(stack, "0362626234")} == set(seen)


@pytest.mark.parametrize(
    ("path", "headers", "status", "answer"),
    [
        ("/api/token_generate", basic("khop:wrong"), 401, {"status": "FAILED"}),
        ("/api/token_generate", {}, 401, {"status": "FAILED"}),
        ("/bank/api/transaction-sync", {}, 401, {"error": True, "errorReason": "002", "object": None}),
        ("/bank/api/transaction-sync", {"authorization": "Bearer x"}, 401, {"error": True, "errorReason": "002"}),
        ("", {}, 404, {"error": True, "errorReason": "001"}),
        ("/bank/api/other", {}, 404, {"error": True, "errorReason": "001"}),
    ],
)
async def test_vietqr_is_refused_in_its_form(
    client: httpx.AsyncClient, path: str, headers: dict[str, str], status: int, answer: dict[str, Any]
):
    await connect(client, "vietqr-bad", "1103", provider="vietqr", secret="khop:s3cret")
    refused = await client.post(f"/webhooks/vietqr/vietqr-bad{path}", json=vietqr_body(), headers=headers)
    assert refused.status_code == status
    assert refused.json().items() >= answer.items()


async def test_one_transaction_of_two_providers_is_one_with_two_sightings(stack: Stack, client: httpx.AsyncClient):
    await connect(client, "eye1", "1104")
    await connect(client, "eye2", "1104", provider="casso")
    await send(client, "eye1", sepay_body(accountNumber="1104", transferAmount=150_000, referenceCode="FT26309000000077"))
    other = casso_data(accountNumber="1104", reference="FT26309000000077\\BNK", id=9)
    for _ in range(2):
        delivery = casso_delivery({"error": 0, "data": other}, SECRET, time.time())
        answer = await client.post("/webhooks/casso/eye2", content=delivery.body, headers=delivery.headers)
        assert answer.status_code == 200

    async def seen_twice() -> bool:
        return {each.version for each in await published(stack, "1104")} == {1, 2}

    await eventually(seen_twice)
    await asyncio.sleep(0.2)
    first, second = sorted(await published(stack, "1104"), key=lambda each: each.version)
    assert first.transaction_id == second.transaction_id
    assert [(each.provider, each.seen_by) for each in second.sightings] == [("sepay", "webhook"), ("casso", "webhook")]
    assert (first.counter_name, second.counter_name) == (None, "NGUYEN VAN AN")


async def test_two_equal_payments_in_one_minute_stay_two_and_doubt_is_marked(stack: Stack, client: httpx.AsyncClient):
    await connect(client, "twins1", "1105")
    await connect(client, "twins2", "1105", provider="casso")
    for number in (1, 2):
        body = sepay_body(
            accountNumber="1105", id=number, referenceCode="3165", transferAmount=150_000, accumulated=0, content="nop tien"
        )
        assert (await send(client, "twins1", body)).status_code == 200
    other = casso_data(accountNumber="1105", reference="4138", description="hoc phi", id=9)
    delivery = casso_delivery({"error": 0, "data": other}, SECRET, time.time())
    await client.post("/webhooks/casso/twins2", content=delivery.body, headers=delivery.headers)

    async def all_there() -> bool:
        return len(await published(stack, "1105")) == 3

    await eventually(all_there)
    by_provider = {each.provider: each for each in await published(stack, "1105")}
    first_two = {each.transaction_id for each in await published(stack, "1105") if each.provider == "sepay"}
    assert len(first_two) == 2
    assert by_provider["sepay"].possible_duplicate_of is None
    assert by_provider["casso"].possible_duplicate_of in first_two


async def test_a_connection_takes_messages_from_its_networks_only(stack: Stack, client: httpx.AsyncClient):
    await connect(client, "near", "1106", networks=["127.0.0.0/8"])
    assert (await send(client, "near", sepay_body(accountNumber="1106"))).status_code == 200
    shown = await connect(client, "near", "1106", networks=["103.255.238.139", "10.0.0.0/8"])
    assert shown["networks"] == ["103.255.238.139/32", "10.0.0.0/8"]
    answer = await send(client, "near", sepay_body(accountNumber="1106"), **{"x-forwarded-for": "10.0.0.1"})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:khop:problem:foreign_network")


async def test_the_offset_of_a_provider_s_clock_is_a_metric(client: httpx.AsyncClient):
    await connect(client, "clock", "1107")
    delivery = sepay_delivery(sepay_body(accountNumber="1107"), SECRET, time.time() - 400)
    await client.post("/webhooks/sepay/clock", content=delivery.body, headers=delivery.headers)
    line = next(
        each
        for each in (await client.get("/metrics")).text.splitlines()
        if each.startswith('khop_ingest_clock_offset_seconds{provider="sepay"}')
    )
    assert 399 < float(line.rpartition(" ")[2]) < 402
