"""The directory from a file's bytes to its topics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest

from services.directory.store import page_of_units
from shared.events import Campaign, Site, Unit
from shared.runtime.postgres import prepare_connection
from tests.integration.support import ADMIN, Stack, connect_as, eventually, newest, running_service

UNITS = """unit_code,name,level,parent_code,valid_from,valid_to,succeeded_by
24,Bắc Ninh,province,,2025-07-01,,
07615,Sơn Động,commune,24,2025-07-01,,
"""
SITES = "site_id,name,type,unit_code,bank_bin,account_number,account_name,valid_from\n"
SCHOOL = "th-an-chau,Trường Tiểu học An Châu,school,07615,999999,0011,TRUONG TH AN CHAU,2025-07-01\n"


@pytest.fixture(scope="module")
async def directory(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        running_service("directory", stack) as running,
        httpx.AsyncClient(base_url=running.url, headers=ADMIN) as client,
    ):
        yield client


async def send(client: httpx.AsyncClient, kind: str, text: str, **options: str) -> httpx.Response:
    return await client.post(f"/imports/{kind}", content=text.encode(), params=options)


async def test_a_file_of_units_is_stored_published_and_changes_nothing_the_second_time(directory, stack):
    first = await send(directory, "units", UNITS)
    assert (first.status_code, first.json()) == (200, {"accepted": 2, "unchanged": 0, "rejected": []})
    second = await send(directory, "units", UNITS)
    assert (second.status_code, second.json()) == (200, {"accepted": 0, "unchanged": 2, "rejected": []})

    async def published() -> bool:
        return {"24/2025-07-01", "07615/2025-07-01"} <= (await newest(stack.bootstrap, Unit)).keys()

    await eventually(published)
    assert {unit["unit_code"] for unit in (await directory.get("/units")).json()} == {"24", "07615"}


async def test_a_unit_ends_and_its_code_begins_again_in_one_file(directory):
    text = (
        "unit_code,name,level,valid_from,valid_to,succeeded_by\n"
        "07616,Thanh Luận,commune,2000-01-01,30/06/2025,07616\n07616,Tây Yên Tử,commune,01/07/2025,,\n"
    )
    assert (await send(directory, "units", text)).json()["accepted"] == 2
    again = (await send(directory, "units", "unit_code,name,level,valid_from\n07616,Khác,commune,2026-01-01\n")).json()
    assert again["rejected"] == [
        {"row": 2, "column": "valid_from", "problem": "two open rows of one code; give the earlier one its last day"}
    ]


async def test_a_site_is_published_with_its_account_and_marked_as_sample(directory, stack):
    assert (await send(directory, "sites", SITES + SCHOOL)).json() == {"accepted": 1, "unchanged": 0, "rejected": []}

    async def published() -> Site | None:
        return (await newest(stack.bootstrap, Site)).get("th-an-chau")  # type: ignore[return-value]

    site = await eventually(published)
    assert isinstance(site, Site)
    assert (site.version, site.sample, site.unit_code) == (1, True, "07615")
    assert [account.account_number for account in site.accounts] == ["0011"]


async def test_one_rejected_row_changes_nothing_unless_partial(directory):
    text = SITES + "s-good,Tốt,school,07615,999999,0021,TOT,\n" + "s-bad,Xấu,castle,07615,999999,0022,XAU,\n"
    refused = await send(directory, "sites", text)
    assert refused.status_code == 422
    assert refused.json() == {
        "type": "urn:khop:problem:rows_rejected", "title": "rows rejected", "status": 422,
        "detail": "row 3, column type: must be one of school, health, office", "accepted": 0, "unchanged": 0,
        "rejected": [{"row": 3, "column": "type", "problem": "must be one of school, health, office"}],
    }  # fmt: skip
    assert "s-good" not in {site["site_id"] for site in (await directory.get("/sites")).json()}
    taken = await send(directory, "sites", text, partial="true")
    assert (taken.status_code, taken.json()["accepted"]) == (200, 1)
    assert "s-good" in {site["site_id"] for site in (await directory.get("/sites")).json()}


async def test_check_reports_and_stores_nothing(directory):
    report = await send(directory, "sites", SITES + "s-checked,Thử,school,07615,999999,0031,THU,\n", check="true")
    assert (report.status_code, report.json()["accepted"]) == (200, 1)
    assert "s-checked" not in {site["site_id"] for site in (await directory.get("/sites")).json()}


async def test_an_account_belongs_to_one_site_at_a_time_and_can_be_handed_on(directory, stack):
    one = SITES.replace("\n", ",valid_to\n")
    await send(directory, "sites", one + "s-old,Cũ,school,07615,999999,0041,CU,2020-01-01,\n")
    refused = await send(directory, "sites", one + "s-new,Mới,school,07615,999999,0041,MOI,2026-01-01,\n")
    assert [(each["row"], each["column"]) for each in refused.json()["rejected"]] == [(2, "account_number")]
    handed_on = one + (
        "s-new,Mới,school,07615,999999,0041,MOI,2026-01-01,\ns-old,Cũ,school,07615,999999,0041,CU,2020-01-01,2025-12-31\n"
    )
    assert (await send(directory, "sites", handed_on)).json() == {"accepted": 2, "unchanged": 0, "rejected": []}
    connection = await connect_as(stack, "directory")
    rows = await connection.fetch("select site_id from site_accounts where account_number = '0041' and valid_to is null")
    await connection.close()
    assert [row["site_id"] for row in rows] == ["s-new"]


async def test_two_imports_at_once_are_one_after_the_other(directory):
    text = "campaign_id,name,unit_code,starts_on,ends_on,kind\n" + "".join(
        f"c{number},Ra quân,07615,2026-11-01,2026-11-30,visit\n" for number in range(200)
    )
    reports = [answer.json() for answer in await asyncio.gather(*(send(directory, "campaigns", text) for _ in range(4)))]
    assert sorted((each["accepted"], each["unchanged"]) for each in reports) == [(0, 200)] * 3 + [(200, 0)]
    assert {campaign["version"] for campaign in (await directory.get("/campaigns")).json()} == {1}


async def test_a_missing_column_and_a_broken_file_are_one_clear_problem(directory):
    missing = (await send(directory, "sites", "site_id,name,type\na,b,school\n")).json()["rejected"]
    assert {"row": 1, "column": "unit_code", "problem": "the column is missing"} in missing
    broken = await directory.post("/imports/sites", content=b"PK\x03\x04nothing")
    assert broken.status_code == 422
    assert len(broken.json()["rejected"]) == 1


async def test_imports_are_for_administrators(directory):
    answer = await directory.post("/imports/units", content=b"", headers={"Authorization": "Bearer nobody"})
    assert answer.status_code == 401


async def test_republish_sends_every_entity_again(directory, stack):
    sent = (await directory.post("/operations/republish")).json()
    assert sent["directory.campaigns.v1"] == 200

    async def all_there() -> bool:
        return len(await newest(stack.bootstrap, Campaign)) == 200

    await eventually(all_there)


async def test_an_entity_cannot_change_between_being_read_to_be_published_again_and_being_published(stack, directory):
    """Else its older version could stand behind the newer one on the topic, and compaction would keep the older."""
    reading, writing = await connect_as(stack, "directory"), await connect_as(stack, "directory")
    for each in (reading, writing):
        await prepare_connection(each)
    try:
        async with reading.transaction():
            [first, *_] = await page_of_units(reading, "", 10)
            with pytest.raises(asyncpg.LockNotAvailableError):
                await writing.execute("select from units where key = $1 for update nowait", first.key)
        await writing.execute("select from units where key = $1 for update nowait", first.key)
    finally:
        await reading.close()
        await writing.close()
