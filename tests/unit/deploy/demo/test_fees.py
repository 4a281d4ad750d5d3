"""The notices of the sample are always the same, believable, and none can be mistaken for a real person's."""

from collections import Counter, defaultdict
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.demo import district, fees, lists
from deploy.demo.chance import seeded
from deploy.demo.fees import Round, SampleNotice
from deploy.demo.people import a_name, a_phone


@pytest.fixture(scope="module")
def notices() -> list[SampleNotice]:
    return [notice for site in district.sites() for notice in fees.notices_of(site)]


def test_the_same_site_and_round_give_the_same_notices() -> None:
    site = district.sites()[3]
    assert fees.notices_of(site) == fees.notices_of(site)


def test_there_are_thousands_of_notices_and_their_ids_are_unique(notices: list[SampleNotice]) -> None:
    assert 6_000 <= len(notices) <= 9_000
    assert len({notice.notice_id for notice in notices}) == len(notices)


def test_pupils_have_two_to_four_notices_and_others_one(notices: list[SampleNotice]) -> None:
    types = {site.site_id: site.type for site in district.sites()}
    counts = Counter((notice.site_id, notice.payer_code) for notice in notices)
    for (site_id, _), count in counts.items():
        assert 2 <= count <= 4 if types[site_id] == "school" else count == 1


def test_a_payer_is_one_person_in_one_village_of_the_sites_commune(notices: list[SampleNotice]) -> None:
    communes = {site.site_id: site.unit_code for site in district.sites()}
    people: dict[tuple[str, str], set[tuple[str, str, str]]] = defaultdict(set)
    for notice in notices:
        people[notice.site_id, notice.payer_code].add((notice.payer_name, notice.group, notice.unit_code))
        assert notice.unit_code.startswith(communes[notice.site_id])
    assert all(len(one) == 1 for one in people.values())


def test_public_schools_collect_no_tuition(notices: list[SampleNotice]) -> None:
    private = {site.site_id for site in district.sites() if not site.is_public}
    assert {notice.site_id for notice in notices if notice.fee_kind == "tuition"} == private
    assert not any("học phí" in notice.purpose.lower() for notice in notices if notice.site_id not in private)


def test_a_clinic_takes_deposits_and_no_fees_of_schools() -> None:
    kinds = {row["fee_kind"]: row["site_type"] for row in district.rows("fee-kinds") if not row["site_id"]}
    assert kinds.pop("deposit") == "health"
    assert set(kinds.values()) == {"school"}


def test_amounts_are_whole_positive_and_within_the_ceiling_of_their_kind(notices: list[SampleNotice]) -> None:
    kinds = {(row["site_id"], row["fee_kind"]): row["ceiling"] for row in district.rows("fee-kinds")}
    for notice in notices:
        ceiling = kinds.get((notice.site_id, notice.fee_kind), kinds.get(("", notice.fee_kind)))
        assert ceiling is not None, f"no such fee kind: {notice.fee_kind}"
        assert isinstance(notice.amount, int)
        assert notice.amount > 0
        assert not ceiling or notice.amount <= int(ceiling)


def test_phones_are_plainly_made_up(notices: list[SampleNotice]) -> None:
    assert all(notice.guardian_phone.startswith("0900000") for notice in notices if notice.guardian_phone)


def test_the_first_round_is_november_2026_and_lies_within_it(notices: list[SampleNotice]) -> None:
    assert {notice.round for notice in notices} == {"Tháng 11/2026"}
    assert all(date(2026, 11, 1) <= notice.issued_on <= notice.due_on for notice in notices)


@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from(district.sites()))
def test_rounds_never_share_a_notice_but_keep_their_payers(one: int, other: int, site: district.SampleSite) -> None:
    first, second = fees.notices_of(site, Round(one)), fees.notices_of(site, Round(other))
    assert {each.payer_code for each in first} == {each.payer_code for each in second}
    shared = {each.notice_id for each in first} & {each.notice_id for each in second}
    assert bool(shared) == (one == other)


@given(st.integers(0, 500))
def test_rounds_follow_each_other_month_by_month(number: int) -> None:
    month, following = Round(number), Round(number + 1)
    assert month.first_day.day == 1
    assert (following.first_day - month.last_day).days == 1


def test_meals_are_days_times_price_and_of_patients_no_service_is_named(notices: list[SampleNotice]) -> None:
    health = {site.site_id for site in district.sites() if site.type == "health"}
    assert {notice.purpose for notice in notices if notice.site_id in health} == {"Viện phí"}
    for notice in notices:
        assert (notice.days is not None) == (notice.fee_kind == "boarding_meals")
        assert notice.days is None or notice.amount == notice.days * (notice.price or 0)


def test_lists_hold_every_notice_of_a_school_and_look_like_an_accountants() -> None:
    site = district.sites()[3]
    notices = fees.notices_of(site)
    made = lists.lists_of(site, Round(), notices)
    texts = [each.content.decode() for each in made]
    assert [each.settings.get("fee_kind") for each in made] == ["boarding_meals", None]
    for text in texts:
        assert text.startswith(site.name.upper())
        assert "Tổng cộng" in text
    for notice in notices:
        text = texts[notice.fee_kind != "boarding_meals"]
        (line,) = [line for line in text.splitlines() if f";{notice.payer_code};" in line]
        assert f"{notice.amount:,}".replace(",", ".") in line


@given(st.integers())
def test_names_have_a_family_and_a_given_name(seed: int) -> None:
    rng = seeded(seed)
    assert len(a_name(rng).split()) >= 3
    assert a_name(rng, "Nông").startswith("Nông ")
    assert len(a_phone(rng)) == 10
