"""Who stands behind a payer: accounts, phones, relatives far away and habit. Pure; chance comes in as an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from deploy.demo import district
from deploy.demo.chance import seeded
from deploy.demo.district import SampleSite
from deploy.demo.people import Payer, payers_of
from deploy.demo.year.parameters import Parameters


@dataclass(slots=True)
class Household:
    """A payer's household; it learns."""

    payer: Payer
    site: SampleSite
    relative_away: bool
    has_account: bool
    has_smartphone: bool
    habit: float
    """How likely it pays without cash where it can."""
    helped_by_staff: bool
    network_fails: float

    @property
    def can_pay_without_cash(self) -> bool:
        """Somebody of it has an account and a phone, or somebody far away has both."""
        return self.relative_away or (self.has_account and self.has_smartphone)


@dataclass(frozen=True, slots=True)
class Drive:
    """A campaign of the sample, and the unit that it reaches."""

    campaign_id: str
    unit_code: str
    starts_on: date
    ends_on: date
    kind: str


def households_of(site: SampleSite, seed: int, parameters: Parameters) -> list[Household]:
    """The households of a site's payers; the same for the same seed, whatever else is drawn."""
    number = district.sites().index(site) + 1
    rng = seeded(seed, "households", site.site_id)
    limit = parameters.count("sites", _SIZES[site.type])
    payers = payers_of(site, number, seeded(seed, "payers", site.site_id))
    return [_household(payer, site, rng, parameters) for payer in payers[:limit]]


def drives() -> list[Drive]:
    """The campaigns of the sample district."""
    return [
        Drive(
            row["campaign_id"], row["unit_code"], date.fromisoformat(row["starts_on"]), date.fromisoformat(row["ends_on"]),
            row["kind"],
        )
        for row in district.rows("campaigns")
    ]  # fmt: skip


def chance_without_cash(household: Household, day: date, running: list[Drive], parameters: Parameters) -> float:
    """How likely a household pays a bill of this day without cash."""
    if not household.can_pay_without_cash:
        return 0.0
    lift = sum(
        parameters.number("campaigns", f"lift_{drive.kind}")
        for drive in running
        if drive.starts_on <= day <= drive.ends_on and _reaches(drive, household)
    )
    return min(0.98, household.habit + lift) * (1 - household.network_fails)


def open_accounts(household: Household, day: date, running: list[Drive], rng: Random, parameters: Parameters) -> None:
    """A campaign that opens accounts gives one to some who had none."""
    for drive in running:
        if drive.kind == "account_opening" and drive.starts_on <= day <= drive.ends_on and _reaches(drive, household):
            household.has_account |= rng.random() < parameters.number("campaigns", "opens_accounts")


_SIZES = {"school": "payers_a_school", "health": "payers_a_health_site", "office": "payers_an_office"}


def _household(payer: Payer, site: SampleSite, rng: Random, parameters: Parameters) -> Household:
    def drawn(section: str, name: str) -> bool:
        return rng.random() < parameters.number(section, name)

    relative_away = drawn("households", "relative_away") and site.type == "school"
    habit = parameters.number("habit", "with_relative_away" if relative_away else "without_relative_away")
    return Household(
        payer=payer,
        site=site,
        relative_away=relative_away,
        has_account=drawn("households", "account_15_plus"),
        has_smartphone=drawn("households", "smartphone"),
        habit=min(0.98, max(0.02, rng.gauss(habit, 0.15))),
        helped_by_staff=drawn("households", "helped_by_staff"),
        network_fails=parameters.of_commune("fails", site.unit_code),
    )


def _reaches(drive: Drive, household: Household) -> bool:
    """A campaign of the whole province reaches everybody, one of a commune its own."""
    return drive.unit_code in {"24", household.site.unit_code, household.payer.unit_code}
