"""What communes, the province and digital groups see: figures with their denominators, of their own places, and nobody's name."""

from __future__ import annotations

import html
import io
import re
from datetime import date, timedelta

import openpyxl
import pypdfium2
import pytest

from services.portal import words
from shared.clock import local_day, now
from shared.events import AdoptionMetric
from tests.integration import payment_events
from tests.integration.portal_people import a_person, form_token, put_people, signed_in
from tests.integration.support import a_campaign, eventually, publish, running_service
from tests.unit.services.portal.builders import a_credit, a_notice, a_site, a_transaction

TODAY = local_day(now())
THIS = (TODAY.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
LAST = TODAY.replace(day=1) - timedelta(days=1)
HERE, ELSEWHERE = "07615", "07999"
SCHOOL, SMALL, FAR = "TH-AN-CHAU", "MN-NHO", "TH-XA"
NAMES = ("Nguyễn Văn An", "LE THI HOA", "0912345678", "HS001", "KHABCDEFGH", "c1")


def a_figure(scope: str, part: int, whole: int, metric: str = "cashless_share_payers", ends: date = THIS, kind: str = "all"):
    return AdoptionMetric(
        version=1, metric=metric, scope=scope, site_type=kind, fee_kind="all", window="month", as_of=ends, numerator=part,
        denominator=whole,
    )  # fmt: skip


def figures(scope: str, part: int, whole: int):
    """The three shares of a place this month, and a lower one the month before."""
    return [
        a_figure(scope, part, whole), a_figure(scope, part, whole, "cashless_share_count"),
        a_figure(scope, part * 100_000, whole * 100_000, "cashless_share_value"),
        a_figure(scope, part - 1, whole, ends=LAST), a_figure(scope, part - 1, whole, "cashless_share_count", LAST),
    ]  # fmt: skip


@pytest.fixture(scope="module")
async def portal(stack):
    async with running_service("portal", stack) as running:
        await publish(stack.bootstrap, [
            payment_events.a_unit("24", "province", None, name="Tỉnh Bắc Ninh"),
            payment_events.a_unit(HERE, "commune", "24", name="Xã Sơn Động"),
            payment_events.a_unit(ELSEWHERE, "commune", "24", name="Xã Khác"),
            a_site(SCHOOL, "Trường An Châu"), a_site(SMALL, "Trường Nhỏ"),
            a_site(FAR, "Trường Xa").model_copy(update={"units": a_site().units[:0] + tuple(
                each.model_copy(update={"unit_code": ELSEWHERE}) for each in a_site().units)}),
            a_notice("n1", guardian_phone="0912345678"), a_credit("c1", pays={"n1": 150_000}), a_transaction("c1"),
            *figures("province:24", 31, 48), *figures(f"commune:{HERE}", 30, 40), *figures(f"commune:{ELSEWHERE}", 1, 8),
            *figures(f"site:{SCHOOL}", 28, 37), *figures(f"site:{SMALL}", 2, 3), *figures(f"site:{FAR}", 1, 8),
            a_campaign("k1").model_copy(update={"starts_on": LAST.replace(day=1), "ends_on": LAST}),
        ])  # fmt: skip
        await put_people(running.url, [
            a_person("xa", "viewer", unit_code=HERE), a_person("tinh", "viewer", unit_code="24"),
            a_person("to", "group_leader", unit_code=HERE), a_person("to-khac", "group_leader", unit_code=ELSEWHERE),
        ])  # fmt: skip
        async with signed_in(running.url, "tinh") as client:

            async def known():
                return "Trường Xa" in (await client.get("/month?by=site")).text and "64" in (await client.get("/month")).text

            await eventually(known)
        yield running.url


@pytest.fixture
async def commune(portal):
    async with signed_in(portal, "xa") as client:
        yield client


async def test_a_commune_sees_its_figure_the_change_and_the_denominator(commune):
    told = html.unescape((await commune.get("/month")).text)
    assert "Xã Sơn Động" in told
    assert re.search(r"75(,0)?\s?%", told)
    assert words.committee.PART_OF.format(part=30, whole=40) in told
    assert re.search(r"tăng 2,5 điểm", told)
    assert "Tuyên truyền (Xã Sơn Động)" in told, "what was done last month"
    assert "Xã Khác" not in told
    assert "Trường Xa" not in (await commune.get("/month?by=site")).text


async def test_a_province_sees_its_communes_and_sites_each_with_its_denominator(portal):
    async with signed_in(portal, "tinh") as client:
        communes = html.unescape((await client.get("/month?by=commune")).text)
        assert "Xã Sơn Động" in communes
        assert "Xã Khác" in communes
        sites = (await client.get("/month?by=site")).text
        assert "Trường Xa" in sites
        helped = sites.split(words.committee.HELP_FIRST)[1]
        assert helped.index("Trường An Châu") < helped.index("Trường Xa"), "most payers in cash first: 9, then 7"


async def test_a_place_of_few_payers_is_withheld_on_the_page_and_in_the_files(commune):
    page = (await commune.get("/month?by=site")).text
    row = html.unescape(re.search(r"<tr>(?:(?!</tr>).)*Trường Nhỏ.*?</tr>", page, re.DOTALL)[0])
    assert row.count(words.committee.WITHHELD) == 3
    assert not re.search(r"\d+\s?%", row)
    book = openpyxl.load_workbook(io.BytesIO((await commune.get("/month/report.xlsx?by=site")).content))
    (line,) = [[cell.value for cell in each] for each in book.worksheets[1].iter_rows() if each[0].value == "Trường Nhỏ"]
    assert set(line[1:]) <= {words.committee.WITHHELD, None}


async def test_no_name_no_number_and_no_code_of_anybody_is_in_page_or_file(portal, commune):
    async with signed_in(portal, "tinh") as province, signed_in(portal, "to") as leader:
        seen = [
            (await client.get(path)).text
            for client, path in (
                (commune, "/month"), (commune, "/month?by=site"), (province, "/month?by=type"), (leader, "/group"),
                (leader, "/group/sheet"),
            )
        ]  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO((await commune.get("/month/report.xlsx")).content))
    seen += [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    pages = pypdfium2.PdfDocument((await commune.get("/month/report.pdf")).content)
    written = " ".join(page.get_textpage().get_text_range() for page in pages)
    assert "Xã Sơn Động" in written
    for name in NAMES:
        assert not re.search(rf"\b{name}\b", " ".join([*seen, written])), name


@pytest.mark.parametrize(
    "path", ["/queue", "/payments/c1", "/search?q=an", f"/payers/{SCHOOL}/HS001", "/days", "/reports", "/people"]
)
async def test_no_page_with_people_or_payments_opens(portal, path):
    for login in ("xa", "tinh", "to"):
        async with signed_in(portal, login) as client:
            assert (await client.get(path)).status_code == 403, (login, path)


@pytest.mark.parametrize(
    ("query", "status"),
    [("month=2026-13", 400), ("month=hom-nay", 400), ("month=2999-01", 400), ("month=2020-01", 200), ("by=payer", 200),
     ("by=%00", 200)],
)  # fmt: skip
async def test_a_tampered_month_gets_a_sentence(commune, query, status):
    for path in ("/month", "/month/report.xlsx", "/month/report.pdf"):
        assert (await commune.get(f"{path}?{query}")).status_code == status, path


async def test_help_is_counted_without_names_in_the_own_place_only(portal, commune):
    async with signed_in(portal, "to") as leader, signed_in(portal, "to-khac") as other:
        page = (await leader.get("/group")).text
        fields = {"form": form_token(page), "once": "a", "kind": "scan", "people": "4", "given_on": f"{LAST:%d/%m/%Y}"}
        for wrong in (
            {"scope": f"commune:{ELSEWHERE}"}, {"kind": "magic"}, {"people": "0"}, {"people": "-3"}, {"people": "10001"},
            {"people": "ba"},
            {"given_on": f"{TODAY + timedelta(days=1):%d/%m/%Y}"}, {"given_on": "32/01/2026"}, {"once": ""},
        ):  # fmt: skip
            answer = await leader.post("/group/help", data={**fields, "scope": f"commune:{HERE}", **wrong})
            assert answer.status_code == 422, wrong
        assert (await leader.post("/group/help", data={**fields, "scope": f"commune:{HERE}"})).status_code == 303
        line = words.committee.HELP_LINE.format(kind=words.committee.HELP_KINDS["scan"], people=4)
        assert line in html.unescape((await leader.get("/group")).text)
        assert line not in html.unescape((await other.get("/group")).text)
    assert line in html.unescape((await commune.get("/month")).text), "the commune's report says what was done last month"
