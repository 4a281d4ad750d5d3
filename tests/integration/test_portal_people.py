"""Signing in, what each person may open, and what PostgreSQL shows whom: the portal as a process."""

from __future__ import annotations

import html
import re

import asyncpg
import httpx
import pytest
from fastapi.routing import APIRoute

from services.portal import words
from services.portal.api import ROUTERS
from services.portal.people import store
from services.portal.people.attempts import OF_ONE_AND_HERE
from services.portal.people.bounded import Bounded
from services.portal.people.roles import RIGHTS, ROLES, Grant, Reach
from services.portal.web.navigation import HOME
from shared.runtime.settings import Settings, role_dsn
from tests.integration.portal_people import a_person, form_token, put_people, send, signed_in
from tests.integration.support import (
    ADMIN,
    SECRET_KEY,
    connect_as,
    eventually,
    publish,
    running_service,
    without_credentials,
)
from tests.unit.services.portal.builders import SITE, a_credit, a_notice, a_site, a_transaction, a_unit

OTHER = "TH-BO-HA"
REAL = "TH-THAT"
PASSWORD = "mot cau de nho 2026"
PLACES = {
    "accountant": {"site_id": SITE}, "teacher": {"site_id": SITE, "groups": ["3A"]}, "cashier": {"site_id": SITE},
    "treasurer": {"site_id": SITE}, "officer": {"site_id": SITE}, "head": {"site_id": SITE}, "viewer": {"unit_code": "07615"},
    "group_leader": {"unit_code": "07615"}, "admin": {}, "auditor": {},
}  # fmt: skip


@pytest.fixture(scope="module")
async def portal(stack):
    async with running_service("portal", stack) as running:
        await publish(stack.bootstrap, [
            a_unit(), a_site(), a_site(OTHER, "Trường Mầm non Bồ Hạ"), a_site(REAL, "Trường thật", sample=False),
            a_notice("n1"), a_notice("n2", payer_code="HS002", payer_name="Lê Thị Bình", group="3B"),
            a_notice("o1", site_id=OTHER, payer_code="HS003", payer_name="Vi Văn Còn"),
            a_credit("c1", pays={"n1": 150_000}), a_transaction("c1"),
            a_credit("d1", pays={"o1": 150_000}, site_id=OTHER, partition_origin=OTHER),
            a_credit("r1", site_id=REAL, partition_origin=REAL),
        ])  # fmt: skip
        await put_people(running.url, [a_person(role.replace("_", "-"), role, **place) for role, place in PLACES.items()])
        async with httpx.AsyncClient(base_url=running.url, headers=ADMIN) as client:

            async def arrived():
                return (await client.get("/summary")).json()["received"] == 3 and "Bồ Hạ" in (await client.get("/")).text

            await eventually(arrived)
        yield running.url


@pytest.fixture
async def stranger(portal):
    async with httpx.AsyncClient(base_url=portal, timeout=10) as client:
        yield client


@pytest.fixture(scope="module")
async def administrator(portal):
    """The first administrator's browser, made by the one-time link."""
    async with httpx.AsyncClient(base_url=portal, timeout=20) as client:
        link = (await client.post("/people/admin-link", headers=ADMIN)).json()["admin_link"]
        chosen = {"name": "Phạm Minh Khôi", "login": "khoi", "password": PASSWORD, "again": PASSWORD}
        answer = await client.post(link, data=chosen)
        assert answer.status_code == 303, answer.text
        yield client


def pages_with_rights() -> list[tuple[str, str | None]]:
    """Every page that is only looked at, with the right that it asks for."""
    found = []
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and "GET" in route.methods:
                asked = [each.call for each in route.dependant.dependencies if hasattr(each.call, "right")]
                if asked:
                    found.append((route.path, asked[0].right))
    return found


PAGES = pages_with_rights()


def address(path: str) -> str:
    """A page's address with something in its place-holders."""
    return re.sub(r"{(\w+)(:path)?}", lambda match: SITE if match[1] in {"path", "site_id"} else "nothing", path)


async def test_the_first_administrator_is_made_once(administrator, stranger):
    assert (await administrator.get("/people")).status_code == 200
    assert (await stranger.post("/people/admin-link", headers=ADMIN)).json() == {"admin_link": None}
    assert (await stranger.post("/people/admin-link")).status_code == 401


async def test_a_link_holds_once(administrator, stranger):
    role = {"role": "accountant", "place": SITE, "groups": ""}
    answer = await send(administrator, "/people", {"name": "Lê Lan", "login": "lan", **role}, seen="/people/new")
    (link,) = re.findall(r"<code>(http[^<]+)</code>", answer.text)
    weak = await stranger.post(link, data={"password": "1234567890", "again": "1234567890"})
    assert weak.status_code == 422
    assert "dễ đoán" in weak.text
    chosen = await stranger.post(link, data={"password": PASSWORD, "again": PASSWORD})
    assert (chosen.status_code, chosen.headers["location"]) == (303, HOME["accountant"])
    assert (await stranger.get(link)).status_code == 404


async def test_nobody_keeps_the_books_and_the_cash_of_one_site(administrator, stack):
    both = {"role": ["accountant", "treasurer"], "place": [SITE, SITE], "groups": ["", ""]}
    answer = await send(administrator, "/people", {"name": "Hai Vai", "login": "hai.vai", **both}, seen="/people/new")
    assert answer.status_code == 422
    assert words.people.GRANT_PROBLEMS["books_and_cash"] in html.unescape(answer.text)
    connection = await connect_as(stack, "portal")
    try:
        with pytest.raises(asyncpg.UniqueViolationError):
            async with connection.transaction():
                both = [Grant("accountant", SITE), Grant("treasurer", SITE)]
                await store.add(connection, "hai-vai", "Hai Vai", both, made_by="test")
    finally:
        await connection.close()


async def test_guessing_is_slowed_down(administrator, stranger):
    for _ in range(OF_ONE_AND_HERE):
        assert (await stranger.post("/sign-in", data={"login": "khoi", "password": "sai"})).status_code == 401
    answer = await stranger.post("/sign-in", data={"login": "khoi", "password": PASSWORD})
    assert answer.status_code == 429
    assert words.people.TOO_MANY in answer.text


async def test_a_session_ends_when_its_person_signs_out(portal):
    async with signed_in(portal, "accountant") as client:
        cookie = dict(client.cookies)
        assert (await client.get("/me")).status_code == 200
        await send(client, "/sign-out", {})
    async with httpx.AsyncClient(base_url=portal, cookies=cookie) as thief:
        answer = await thief.get("/me")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/me")


async def test_cookies_are_kept_from_scripts_and_from_other_sites(stranger):
    answer = await stranger.post("/sign-in/sample", data={"person": "mau-cashier"})
    assert re.search(r"khop=\S+; HttpOnly; Path=/; SameSite=lax", answer.headers["set-cookie"])
    over_tls = await stranger.post("/sign-in/sample", data={"person": "mau-cashier"}, headers={"X-Forwarded-Proto": "https"})
    assert re.search(r"__Host-khop=\S+; HttpOnly; Path=/; SameSite=lax; Secure", over_tls.headers["set-cookie"])


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]
)
async def test_another_sites_page_cannot_act(portal, headers):
    async with signed_in(portal, "accountant") as client:
        token = form_token((await client.get("/me")).text)
        answer = await client.post("/lock", data={"form": token}, headers=headers)
        assert answer.status_code == 403
        assert words.FORM_FOREIGN in answer.text


async def test_a_form_needs_the_token_of_its_session(portal):
    async with signed_in(portal, "accountant") as client, signed_in(portal, "head") as other:
        foreign = form_token((await other.get("/me")).text)
        for fields in ({}, {"form": "x"}, {"form": foreign}):
            assert (await client.post("/lock", data=fields)).status_code == 403


async def test_what_was_typed_when_the_session_had_ended_can_be_sent_again(portal, stranger):
    kept = await stranger.post("/work-as", data={"form": "old", "role": "accountant", "note": 'Ghi "chú" <dài>'})
    assert kept.status_code == 401
    assert words.people.KEPT in kept.text
    (carried,) = re.findall(r'name="kept" value="([^"]*)"', kept.text)[:1]
    again = await stranger.post("/sign-in/sample", data={"person": "mau-accountant", "kept": html.unescape(carried)})
    assert again.status_code == 200
    assert "Ghi &#34;chú&#34; &lt;dài&gt;" in again.text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', again.text.split("</dl>")[1]))
    assert html.unescape(fields["note"]) == 'Ghi "chú" <dài>'
    sent = await stranger.post("/work-as", data={name: html.unescape(value) for name, value in fields.items()})
    assert sent.status_code == 303


async def test_a_locked_screen_shows_nothing_until_it_is_unlocked(portal):
    async with signed_in(portal, "cashier") as client:
        await send(client, "/lock", {})
        answer = await client.get("/me")
        assert (answer.status_code, answer.headers["location"]) == (303, "/locked?next=/me")
        assert (await client.get("/events")).status_code == 401
        unlocked = await send(client, "/unlock", {"next": "/me"}, seen="/locked")
        assert (unlocked.status_code, unlocked.headers["location"]) == (303, "/me")


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_sign_in_leads_nowhere_else(portal, next_page):
    async with httpx.AsyncClient(base_url=portal) as client:
        answer = await client.post("/sign-in/sample", data={"person": "mau-accountant", "next": next_page})
        assert answer.headers["location"] == HOME["accountant"]


@pytest.mark.parametrize(("path", "right"), PAGES)
async def test_every_page_asks_who_reads(stranger, path, right):
    answer = await stranger.get(address(path))
    assert answer.status_code == 401 if path.endswith("/events") else answer.status_code == 303
    if answer.status_code == 303:
        assert answer.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("role", ROLES)
async def test_every_page_as_every_role(portal, role):
    async with signed_in(portal, role.replace("_", "-")) as client:
        for path, right in PAGES:
            if path.endswith("/events"):
                continue
            answer = await client.get(address(path))
            if right is None or right in RIGHTS[role]:
                assert answer.status_code not in {401, 403, 500}, (path, role, answer.status_code)
            else:
                assert answer.status_code == 403, (path, role, answer.status_code)


async def test_a_person_of_the_sample_sees_the_sample_only(portal):
    async with signed_in(portal, "auditor") as client:
        text = (await client.get("/")).text
        assert "Bồ Hạ" in text
        assert "Trường thật" not in text
        assert (await client.get(f"/sites/{REAL}/payments")).status_code == 404
        assert (await client.get(f"/sites/{REAL}/events")).status_code == 404


@pytest.fixture
async def bounded(stack, monkeypatch):
    """One connection, used again and again."""
    for name, value in stack.environment(KHOP_POOL_CONNECTIONS_MAX="2").items():
        monkeypatch.setenv(name, value)
    settings = Settings().model_copy(update={"pool_connections_max": 1})
    async with Bounded(settings) as opened:
        yield opened


WHAT_IS_SEEN = """
select (select array_agg(notice_id order by notice_id) from notices) as notices,
  (select array_agg(credit_id order by credit_id) from credits) as credits,
  (select array_agg(transaction_id) from transactions) as transactions,
  (select count(*) from site_figures) as figures, (select count(*) from installation) as installation,
  (select array_agg(payer_code order by payer_code) from payers) as payers,
  (select array_agg(notice_id order by notice_id) from allocations) as allocations
"""


async def seen_by(bounded: Bounded, reach: Reach) -> asyncpg.Record:
    async with bounded.reading(reach) as connection:
        return await connection.fetchrow(WHAT_IS_SEEN)


async def test_rows_are_bound_to_the_person_on_a_connection_that_is_used_again(portal, bounded):
    everything = await seen_by(bounded, Reach("p", "admin", None))
    assert everything["notices"] == ["n1", "n2", "o1"]
    assert everything["credits"] == ["c1", "d1", "r1"]
    assert everything["installation"] == 1
    here = await seen_by(bounded, Reach("p", "accountant", frozenset({SITE})))
    assert (here["notices"], here["credits"], here["transactions"], here["figures"], here["installation"]) == (
        ["n1", "n2"], ["c1"], ["c1"], 1, 0
    )  # fmt: skip
    teacher = await seen_by(bounded, Reach("p", "teacher", frozenset({SITE}), frozenset({f"{SITE}/3B"})))
    assert (teacher["notices"], teacher["payers"], teacher["credits"], teacher["figures"]) == (["n2"], ["HS002"], None, 0)
    for nobody in (Reach("p", "accountant", frozenset()), Reach("p", "viewer", frozenset())):
        assert list(await seen_by(bounded, nobody)) == [None, None, None, 0, 0, None, None]
    async with bounded._database.pool.acquire() as connection:
        assert list(await connection.fetchrow(WHAT_IS_SEEN)) == [None, None, None, 0, 0, None, None]


async def test_the_role_of_pages_owns_nothing_and_cannot_go_round(stack, portal):
    connection = await connect_as_pages(stack)
    try:
        rights = await connection.fetchrow(
            "select rolsuper, rolbypassrls, rolcreaterole from pg_roles where rolname = current_user"
        )
        assert tuple(rights) == (False, False, False)
        owned = "select count(*) from pg_class where relowner = (select oid from pg_roles where rolname = current_user)"
        assert await connection.fetchval(owned) == 0
        for statement in (
            "select * from people", "select * from sessions", "select * from outbox", "update credits set amount = 1",
            "insert into audit (role, act) values ('x', 'x')", "alter table credits disable row level security",
            "set role portal", "set row_security = off; select * from credits",
        ):  # fmt: skip
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


async def test_every_table_of_the_pages_forces_row_security(stack, portal):
    admin = await asyncpg.connect(stack.admin_dsn)
    try:
        loose = await admin.fetch("""
            select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'portal' and c.relkind = 'r' and has_table_privilege('portal_pages', c.oid, 'select')
              and not (c.relrowsecurity and c.relforcerowsecurity)
        """)
    finally:
        await admin.close()
    assert loose == []


async def test_the_audit_is_kept(administrator, stack):
    text = (await administrator.get("/audit")).text
    assert words.people.ACTS["admin_made"] in text
    connection = await connect_as(stack, "portal")
    try:
        for statement in ("delete from audit", "update audit set act = 'x'"):
            with pytest.raises(asyncpg.CheckViolationError):
                await connection.execute(statement)
    finally:
        await connection.close()


async def connect_as_pages(stack) -> asyncpg.Connection:
    dsn = role_dsn(without_credentials(stack.admin_dsn), "portal_pages", SECRET_KEY)
    return await asyncpg.connect(dsn, server_settings={"search_path": "portal"})


async def test_people_are_imported_from_a_list_with_links_for_the_new_ones(portal, stranger):
    def a_list(*rows: str) -> bytes:
        return "\n".join(["tên đăng nhập,họ và tên,vai,nơi làm việc,lớp", *rows]).encode()

    async def sent(content: bytes, **params: str) -> httpx.Response:
        return await stranger.post("/imports/people", content=content, params=params, headers=ADMIN)

    assert (await stranger.post("/imports/people", content=a_list())).status_code == 401
    good = a_list(f"thu.hoa,Lê Thu Hoa,Kế toán,{SITE},", f'thu.hoa,Lê Thu Hoa,teacher,{SITE},"3A, 3B"')
    tried = (await sent(good, check="true")).json()
    assert (tried["accepted"], tried["invitations"]) == (2, [])
    done = (await sent(good)).json()
    assert (done["accepted"], done["rejected"]) == (2, [])
    (invitation,) = done["invitations"]
    assert invitation["login"] == "thu.hoa"
    chosen = await stranger.post(invitation["link"], data={"password": PASSWORD, "again": PASSWORD})
    assert (chosen.status_code, chosen.headers["location"]) == (303, HOME["accountant"])
    assert (await sent(good)).json() == {"accepted": 0, "unchanged": 2, "rejected": [], "invitations": []}

    both = a_list(f"ai.do,Ai Đó,accountant,{SITE},", f"ai.do,Ai Đó,Thủ quỹ,{SITE},", "la.ai,Là Ai,accountant,không có,")
    refused = await sent(both)
    assert refused.status_code == 422
    assert [(each["row"], each["column"]) for each in refused.json()["rejected"]] == [(3, "role"), (4, "place")]
    assert (await stranger.post("/sign-in", data={"login": "ai.do", "password": PASSWORD})).status_code == 401
