"""A batch costs a fixed number of queries however large it is, and each of them finds its rows by an index."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

import pytest

from services.matching import acts, balances, learned, owed, store
from shared.events import Notice
from shared.privacy import PayerCode
from shared.runtime.postgres import Connection, Database
from tests.integration.matching_ledger import Ledger, a_fee, a_payment, fresh_ledger, newer
from tests.integration.payment_events import a_site

READS_ALL = {"WORDS", "COUNT_WORDS", "QUEUE", "OPEN_SUSPENSE", "UPSERT_SITES", "PAGE"}
"""What reads a whole (small) table or index, by its meaning; or a page of the whole, in the order of an index."""


class Counting(Database):
    """A database that counts what is asked of it."""

    count = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        async with super().transaction() as connection:
            yield Counted(connection, self)  # type: ignore[misc]


class Counted:
    """A connection that counts."""

    def __init__(self, connection: Connection, database: Counting) -> None:
        self._connection, self._database = connection, database

    def __getattr__(self, name: str) -> Any:
        if name in {"execute", "fetch", "fetchrow", "fetchval"}:
            self._database.count += 1
        return getattr(self._connection, name)


@pytest.fixture(scope="module")
async def ledger(postgres_dsn: str) -> AsyncIterator[Ledger]:
    async with fresh_ledger(postgres_dsn) as made:
        made.database = Counting(made.database.pool, lambda: None)
        made.__post_init__()
        await made.take(*(a_site(f"TH{number}") for number in range(1, 9)))
        yield made


def fees(count: int) -> list[Notice]:
    return [
        a_fee(
            100_000 + number,
            site_id=f"TH{number % 8 + 1}",
            payer_code=f"HS{number:06}",
            payer_name="Lò Thị Mai Hoa",
            group="5B",
        )
        for number in range(count)
    ]


async def cost(ledger: Ledger, *events: Any) -> int:
    assert isinstance(ledger.database, Counting)
    ledger.database.count = 0
    await ledger.take(*events)
    return ledger.database.count


def assert_alike(few: int, many: int, *, most: int) -> None:
    """What a batch holds may need a look-up more or less; how much it holds may not."""
    assert many <= few + 3
    assert max(few, many) <= most


async def test_many_payments_cost_as_many_queries_as_few(ledger: Ledger) -> None:
    owing = fees(480)
    elsewhere = a_fee(site_id="TH9", payer_code="TC00001", payer_name="Vi Văn Sơn", group="1A")
    await ledger.take(*owing, elsewhere)

    def payments(some: list[Notice]) -> Iterator[Any]:
        for number, fee in enumerate(some):
            memo = (fee.reference, f"{fee.payer_code.reveal()} nop", "TC00001 nop tien", "vi van son lop 1a", "gi do")[
                number % 5
            ]
            yield a_payment(memo, fee.amount, site_id=fee.site_id, counter_account=f"19031234{number:04}")

    before, few, many = owing[:40], owing[40:80], owing[80:480]
    await ledger.take(*payments(before))  # the books are read, the words are known
    assert_alike(await cost(ledger, *payments(few)), await cost(ledger, *payments(many)), most=25)


async def test_many_notices_cost_as_many_queries_as_few(ledger: Ledger) -> None:
    before, few, many = fees(10), fees(10), fees(400)
    await ledger.take(*(a_payment(each.reference, each.amount, site_id=each.site_id) for each in before + few + many))
    await ledger.take(*before)
    assert_alike(await cost(ledger, *few), await cost(ledger, *many), most=30)
    lowered = [newer(each, amount=each.amount - 1, reference=a_fee().reference) for each in few + many]
    assert_alike(await cost(ledger, *lowered[:10]), await cost(ledger, *lowered[10:]), most=40)


async def test_many_suggestions_cost_as_many_queries_as_few(ledger: Ledger) -> None:
    owing = fees(120)
    payments = [a_payment("gi do", each.amount, site_id=each.site_id) for each in owing]
    await ledger.take(*owing, *payments)
    costs = []
    async with ledger.person("kt1", "admin", None) as person:
        for start, end in ((0, 5), (5, 120)):
            body = {"suggestions": [
                {"credit_id": payment.transaction_id, "version": 1, "notice_ids": [fee.notice_id]}
                for fee, payment in zip(owing[start:end], payments[start:end], strict=True)
            ]}  # fmt: skip
            assert isinstance(ledger.database, Counting)
            ledger.database.count = 0
            answer = await person.send("POST", "/suggestions/accept", body)
            assert answer["refused"] == []
            costs.append(ledger.database.count)
    assert costs[0] == costs[1]


async def test_many_balances_cost_as_many_queries_as_few(ledger: Ledger) -> None:
    paid_before = [
        each.model_copy(update={"payer_code": PayerCode(f"SD{number:06}")}) for number, each in enumerate(fees(420))
    ]
    over = [a_payment(each.reference, each.amount + 7, site_id=each.site_id) for each in paid_before]
    await ledger.take(*paid_before, *over)
    owing = [a_fee(each.amount, site_id=each.site_id, payer_code=each.payer_code) for each in paid_before]
    before, few, many = owing[:10], owing[10:20], owing[20:]
    await ledger.take(*before)
    assert_alike(await cost(ledger, *few), await cost(ledger, *many), most=35)
    assert {each.suspense for each in await ledger.credits([payment.transaction_id for payment in over])} == {0}


def queries(*modules: ModuleType) -> list[tuple[str, str]]:
    return [
        (name, value)
        for module in modules
        for name, value in vars(module).items()
        if name.isupper()
        and isinstance(value, str)
        and value.lstrip().startswith(("select", "insert", "update", "delete", "with"))
    ]


@pytest.mark.parametrize(
    ("name", "query"),
    [pytest.param(*each, id=each[0]) for each in queries(store, owed, learned, acts, balances) if each[0] not in READS_ALL],
)
async def test_every_query_finds_its_rows_by_an_index(ledger: Ledger, name: str, query: str) -> None:
    async with ledger.database.pool.acquire() as connection, connection.transaction():
        await connection.execute("set local enable_seqscan = off")
        await connection.execute("set local plan_cache_mode = force_generic_plan")
        await connection.execute(f"prepare probe as {query}")
        values = ", ".join(["null"] * max(map(int, re.findall(r"[$]([0-9]+)", query))))
        plan = json.loads(await connection.fetchval(f"explain (format json) execute probe({values})"))
        await connection.execute("deallocate probe")
    assert list(whole_reads(plan[0]["Plan"])) == []


def whole_reads(node: dict[str, Any]) -> Iterator[str]:
    """Nodes that read all of a table or of an index."""
    kind = node["Node Type"]
    if kind == "Seq Scan" or (kind in {"Index Scan", "Index Only Scan", "Bitmap Index Scan"} and "Index Cond" not in node):
        yield f"{kind} {node.get('Relation Name', '')} {node.get('Index Name', '')}"
    for each in node.get("Plans", ()):
        yield from whole_reads(each)
