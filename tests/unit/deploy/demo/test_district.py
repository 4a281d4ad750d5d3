"""The sample district's files say what is true of its place, and nothing in them can be paid."""

import csv
from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest

from deploy.demo import district

ENDED, BEGAN = "2025-06-30", "2025-07-01"
NEW_COMMUNES = {
    "07615": ("Sơn Động", {"An Châu", "An Bá", "Vĩnh An"}),
    "07616": ("Tây Yên Tử", {"Tây Yên Tử", "Thanh Luận"}),
    "07621": ("Vân Sơn", {"Hữu Sản", "Vân Sơn"}),
    "07627": ("Đại Sơn", {"Giáo Liêm", "Phúc Sơn", "Đại Sơn"}),
    "07642": ("Yên Định", {"Cẩm Đàn", "Yên Định"}),
    "07654": ("An Lạc", {"Lệ Viễn", "An Lạc"}),
    "07663": ("Tuấn Đạo", {"Tuấn Đạo"}),
    "07672": ("Dương Hưu", {"Long Sơn", "Dương Hưu"}),
}


def units(level: str) -> list[dict[str, str]]:
    return [row for row in district.rows("units") if row["level"] == level]


@pytest.mark.parametrize("name", ["units", "sites", "fee-kinds", "campaigns"])
def test_a_file_is_utf_8_and_every_row_is_as_wide_as_its_header(name: str) -> None:
    header, *rows = csv.reader(district.content(name).decode("utf-8").splitlines())
    assert rows
    assert all(len(row) == len(header) for row in rows)


def test_the_province_changed_its_name_twice_and_kept_its_code() -> None:
    provinces = [(row["unit_code"], row["name"], row["valid_from"], row["valid_to"]) for row in units("province")]
    assert provinces[1:] == [
        ("24", "Tỉnh Bắc Ninh", BEGAN, "2026-09-19"),
        ("24", "Thành phố Bắc Ninh", "2026-09-20", ""),
    ]
    assert provinces[0][:2] == ("24", "Tỉnh Bắc Giang")
    assert provinces[0][3] == ENDED


def test_the_district_ended_and_had_89311_people() -> None:
    (row,) = units("district")
    assert (row["valid_to"], row["population"], row["group_members"]) == (ENDED, "89311", "252")


def test_17_communes_became_8_as_the_resolution_says() -> None:
    old = [row for row in units("commune") if row["valid_to"] == ENDED]
    new = {row["unit_code"]: row for row in units("commune") if row["valid_from"] == BEGAN}
    assert (len(old), set(new)) == (17, set(NEW_COMMUNES))
    made_from: dict[str, set[str]] = defaultdict(set)
    for row in old:
        made_from[row["succeeded_by"]].add(row["name"].removeprefix("Thị trấn ").removeprefix("Xã "))
    for code, (name, parts) in NEW_COMMUNES.items():
        assert new[code]["name"] == f"Xã {name}"
        assert new[code]["parent_code"] == "24"
        assert made_from[code] == parts


def test_codes_that_no_source_gave_are_plainly_samples() -> None:
    published = {"24", *NEW_COMMUNES}
    for row in district.rows("units"):
        code = row["unit_code"]
        assert code in published or code.startswith("MAU-") or (row["level"] == "village" and code[:5] in NEW_COMMUNES)


def test_there_are_124_villages_with_655_group_members_in_living_communes() -> None:
    villages = units("village")
    assert len(villages) == 124
    assert sum(int(row["group_members"]) for row in villages) == 655
    assert {row["parent_code"] for row in villages} == set(NEW_COMMUNES)
    assert len({(row["parent_code"], row["name"]) for row in villages}) == 124


def test_people_are_neither_lost_nor_made_between_levels() -> None:
    by_commune: Counter[str] = Counter()
    for row in units("village"):
        by_commune[row["parent_code"]] += int(row["population"])
    for row in units("commune"):
        if row["valid_from"] == BEGAN:
            assert by_commune[row["unit_code"]] == int(row["population"])
    for end in (ENDED, ""):
        assert sum(int(row["population"]) for row in units("commune") if row["valid_to"] == end) == 89_311


def test_rows_of_one_code_never_overlap_and_parents_exist_at_the_time() -> None:
    spans: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for row in district.rows("units"):
        until = date.fromisoformat(row["valid_to"]) if row["valid_to"] else date.max
        spans[row["unit_code"]].append((date.fromisoformat(row["valid_from"]), until))
    for rows in spans.values():
        rows.sort()
        assert all(earlier[1] + timedelta(days=1) <= later[0] for earlier, later in pairwise(rows))
    for row in district.rows("units"):
        begins = date.fromisoformat(row["valid_from"])
        assert not row["parent_code"] or any(start <= begins <= end for start, end in spans[row["parent_code"]])


def test_successors_exist_on_the_day_after() -> None:
    begins = {(row["unit_code"], row["valid_from"]) for row in district.rows("units")}
    for row in district.rows("units"):
        for code in filter(None, row["succeeded_by"].split(";")):
            assert (code, (date.fromisoformat(row["valid_to"]) + timedelta(days=1)).isoformat()) in begins


def test_60_schools_a_health_centre_with_stations_and_8_offices() -> None:
    sites = district.sites()
    assert Counter(site.type for site in sites) == {"school": 60, "health": 9, "office": 8}
    assert len({site.site_id for site in sites}) == len({site.name for site in sites}) == 77
    assert {site.unit_code for site in sites if site.type == "school"} == set(NEW_COMMUNES)
    assert {site.unit_code for site in sites if site.type == "office"} == set(NEW_COMMUNES)
    assert sum(not site.is_public for site in sites) == 2


def test_every_site_has_an_account_of_its_own_that_nobody_can_pay() -> None:
    rows = district.rows("sites")
    assert {row["bank_bin"] for row in rows} == {"999999"}
    assert len({row["account_number"] for row in rows}) == len(rows)
    for row in rows:
        assert row["site_id"].startswith("mau-")
        assert row["account_number"].startswith("MAU")
        assert 6 <= len(row["account_number"]) <= 15
        assert row["account_name"].startswith("MAU ")
        assert row["account_name"].isascii()
        assert 5 <= len(row["account_name"]) <= 50


def test_tuition_is_a_fee_of_private_schools_only() -> None:
    private = {site.site_id for site in district.sites() if not site.is_public}
    assert {row["site_id"] for row in district.rows("fee-kinds") if row["fee_kind"] == "tuition"} == private


def test_campaigns_say_that_they_are_samples_and_lie_in_a_known_unit() -> None:
    codes = {row["unit_code"] for row in district.rows("units")}
    for row in district.rows("campaigns"):
        assert row["campaign_id"].startswith("mau-")
        assert "(mẫu)" in row["name"]
        assert row["unit_code"] in codes
        assert row["starts_on"] <= row["ends_on"]
