"""What anyone may write into an address or a form of the pages: a sentence with a way back, never a failure, nothing half-done."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute

import services.portal
from services.portal import words
from services.portal.api import ROUTERS
from services.portal.people.roles import RIGHTS, ROLES, Right
from tests.integration.portal_people import a_person, form_token, put_people, signed_in
from tests.integration.support import connect_as, eventually, publish, running_service
from tests.unit.services.portal.builders import SITE, a_credit, a_notice, a_site, a_transaction, a_unit

PLACES = {
    "accountant": {"site_id": SITE}, "teacher": {"site_id": SITE, "groups": ["3A"]}, "cashier": {"site_id": SITE},
    "treasurer": {"site_id": SITE}, "officer": {"site_id": SITE}, "head": {"site_id": SITE}, "viewer": {"unit_code": "07615"},
    "group_leader": {"unit_code": "07615"}, "admin": {}, "auditor": {},
}  # fmt: skip
NASTY = (
    "\0", "-1", "a" * 10_000, '"><script>alert(1)</script>', "'; drop table credits; --", "9" * 30, "🙂", "\\", "%", "2026-99-99",
    "0000-00-00", "31/02/2026", "../../etc/passwd", "\u202egnp",
)  # fmt: skip
FAILURES = {500, 503}
FIELDS = sorted({
    name
    for template in (Path(services.portal.__file__).parent / "templates").rglob("*.html")
    for name in re.findall(r'name="(\w+)"', template.read_text(encoding="utf-8"))
})  # fmt: skip
"""Every field of every form."""
KEPT = (
    "people", "grants", "audit", "notes", "ticks", "data_requests", "waits", "wait_steps", "receipts", "help_given", "credits",
    "fee_changes",
    "allocations", "entities", "notices", "sites",
)  # fmt: skip


@dataclass(frozen=True)
class Route:
    """A route that asks for a right (None: for a session), and what may be written into its address."""

    path: str
    right: Right | None
    method: str
    query: Sequence[str]


def routes() -> list[Route]:
    """Every route of the pages that only people who are signed in may use."""
    found = []
    for router in ROUTERS:
        for route in router.routes:
            if not isinstance(route, APIRoute):
                continue
            asked = [each.call for each in route.dependant.dependencies if hasattr(each.call, "right")]
            if asked:
                query = [parameter.alias for parameter in route.dependant.query_params]
                found += [Route(route.path, asked[0].right, method, query) for method in sorted(route.methods)]
    return found


GETS = [route for route in routes() if route.method == "GET" and not route.path.endswith("/events")]
POSTS = [route for route in routes() if route.method == "POST"]
ENDING = {"/sign-out", "/lock"}
"""What ends the session that the test goes on with."""


@pytest.fixture(scope="module")
async def portal(stack):
    """Every owner is away: whatever reaches one is answered with a sentence too."""
    away = {f"KHOP_{name}_URL": "http://127.0.0.1:9" for name in ("NOTICES", "INGEST", "MATCHING", "RECONCILIATION")}
    async with running_service("portal", stack, **away) as running:
        await publish(stack.bootstrap, [
            a_unit(), a_site(), a_notice("n1", payer_name='Lò "Bé" <O\'Hara> & Con', purpose="Ăn 'bán trú' <b>", group='3"A\''),
            a_credit("c1", pays={"n1": 150_000}), a_transaction("c1", counter_name='TRAN "<TI>"'), a_credit("c2", minutes=1),
        ])  # fmt: skip
        await put_people(running.url, [a_person(role.replace("_", "-"), role, **place) for role, place in PLACES.items()])
        async with signed_in(running.url, "auditor") as client:

            async def arrived():
                return 'id="c2"' in (await client.get("/queue")).text

            await eventually(arrived)
        yield running.url


@pytest.fixture
async def everybody(portal):
    """A browser of each role."""
    clients = {}
    for role in ROLES:
        client = httpx.AsyncClient(base_url=portal, timeout=30)
        answer = await client.post("/sign-in/sample", data={"person": f"mau-{role.replace('_', '-')}"})
        assert answer.status_code == 303
        clients[role] = client
    yield clients
    for client in clients.values():
        await client.aclose()


def holder(right: Right | None) -> str:
    return next(role for role in ROLES if right is None or right in RIGHTS[role])


def filled(path: str, value: str) -> str:
    """A path with something in its place-holders, as an address carries it."""
    quoted = str(httpx.QueryParams({"x": value})).removeprefix("x=").replace("+", "%20")
    return re.sub(r"{(\w+)(:path)?}", lambda match: SITE if match[1] in {"path", "site_id"} else quoted, path)


def is_a_page(answer: httpx.Response) -> bool:
    return answer.status_code == 303 or answer.headers["content-type"].startswith(
        ("text/html", "image/", "text/csv", "application/")
    )


async def counted(stack) -> dict[str, int]:
    connection = await connect_as(stack, "portal")
    try:
        return {table: await connection.fetchval(f"select count(*) from {table}") for table in KEPT}
    finally:
        await connection.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("route", GETS, ids=lambda route: route.path)
async def test_no_address_breaks_a_page(everybody, route):
    client = everybody[holder(route.right)]
    for value in NASTY:
        asked = [(filled(route.path, value), {})] if "{" in route.path and len(value) < 5_000 else []
        asked += [(filled(route.path, "nothing"), {name: value}) for name in route.query]
        for path, query in asked:
            answer = await client.get(path, params=query)
            assert answer.status_code not in FAILURES, (path, query, answer.status_code)
            assert is_a_page(answer), (path, query, answer.headers)
            assert "<script>alert" not in answer.text, (path, query)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("route", [route for route in POSTS if route.path not in ENDING], ids=lambda route: route.path)
async def test_no_form_breaks_a_page_or_leaves_anything_half_done(everybody, stack, route):
    role = holder(route.right)
    client = everybody[role]
    token = form_token((await client.get("/me")).text)
    before = await counted(stack)
    for value in ("", *NASTY):
        for path in {filled(route.path, "nothing"), *([filled(route.path, value)] if 0 < len(value) < 5_000 else [])}:
            fields = {name: value for name in FIELDS if name != "form"}
            answer = await client.post(path, data={**fields, "form": token})
            assert answer.status_code not in FAILURES, (path, value[:50], answer.status_code)
            assert is_a_page(answer), (path, answer.headers)
            assert "<script>alert" not in answer.text, path
    after = await counted(stack)
    del before["audit"], after["audit"]
    assert after == before


@pytest.mark.parametrize("role", ROLES)
async def test_every_form_as_every_role_that_may_not_send_it(everybody, stack, role):
    client = everybody[role]
    token = form_token((await client.get("/me")).text)
    before = await counted(stack)
    for route in POSTS:
        if route.right is None or route.right in RIGHTS[role]:
            continue
        answer = await client.post(filled(route.path, "c1"), data={"form": token})
        assert answer.status_code == 403, (route.path, role, answer.status_code)
        assert words.NOT_YOUR_ROLE in html.unescape(answer.text)
    assert await counted(stack) == before


@pytest.mark.parametrize("route", [route for route in POSTS if route.path not in ENDING], ids=lambda route: route.path)
async def test_every_form_needs_the_token_of_its_session_and_of_this_site(everybody, stack, route):
    role = holder(route.right)
    client, other = everybody[role], everybody["viewer" if role != "viewer" else "admin"]
    own, foreign = [form_token((await each.get("/me")).text) for each in (client, other)]
    before = await counted(stack)
    path = filled(route.path, "c1")
    for fields in ({}, {"form": ""}, {"form": own[:-1]}, {"form": f"{own} "}, {"form": foreign}):
        assert (await client.post(path, data=fields)).status_code == 403, (route.path, fields)
    answer = await client.post(path, data={"form": own}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, words.FORM_FOREIGN in answer.text) == (403, True)
    assert await counted(stack) == before


async def test_names_with_quotes_and_angle_brackets_are_shown_as_they_are(everybody):
    shown = html.escape('Lò "Bé" <O\'Hara> & Con').replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
    accountant = everybody["accountant"]
    for path in ("/search?q=hara", f"/payers/{SITE}/HS001", "/payments/c1", f"/fees/{SITE}/round?group=3%22A%27", "/fees"):
        answer = await accountant.get(path)
        assert answer.status_code == 200, path
        assert "<O'Hara>" not in answer.text
        if path != "/fees":
            assert shown in answer.text, path


async def test_a_double_click_does_a_thing_once(everybody, stack):
    leader = everybody["group_leader"]
    page = (await leader.get("/group")).text
    fields = {
        "form": form_token(page), "once": re.search(r'name="once" value="([^"]+)"', page)[1], "scope": "commune:07615",
        "kind": "scan", "people": "3", "given_on": "",
    }  # fmt: skip
    assert [answer.status_code for answer in await twice(leader, "/group/help", fields)] == [303, 303]
    assert (await counted(stack))["help_given"] == 1

    head = everybody["head"]
    page = (await head.get("/requests")).text
    fields = {
        "form": form_token(page), "once": re.search(r'name="once" value="([^"]+)"', page)[1], "site_id": SITE, "payer_code": "HS001",
        "kind": "export", "asked_by": "Mẹ cháu", "said": "Xin bản sao",
    }  # fmt: skip
    first, second = await twice(head, "/requests", fields)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    assert (await counted(stack))["data_requests"] == 1

    accountant = everybody["accountant"]
    page = (await accountant.get("/payments/c2")).text
    fields = {"form": form_token(page), "after": re.search(r'name="after" value="(\d+)"', page)[1], "note": "Đã gọi"}
    assert [answer.status_code for answer in await twice(accountant, "/payments/c2/note", fields)] == [303, 303]
    assert (await counted(stack))["notes"] == 1


async def twice(client: httpx.AsyncClient, path: str, fields: dict[str, str]) -> list[httpx.Response]:
    return list(await asyncio.gather(client.post(path, data=fields), client.post(path, data=fields)))
