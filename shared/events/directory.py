"""directory.units.v1, directory.sites.v1 and directory.campaigns.v1: who and where, published by directory."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from shared.events.base import Event, Id, Part

Level = Literal["province", "district", "commune", "village"]
SiteType = Literal["school", "health", "office"]


class Unit(Event):
    """An administrative unit while it existed. Codes are used again after mergers: its identity is code and first day."""

    topic: ClassVar[str] = "directory.units.v1"

    unit_code: Id
    name: str
    level: Level
    parent_code: str | None
    valid_from: date
    valid_to: date | None
    """The last day on which it existed; null while it does."""
    succeeded_by: tuple[str, ...]
    population: int | None
    people_15_plus: int | None
    households: int | None
    group_members: int | None

    @property
    def key(self) -> str:
        return f"{self.unit_code}/{self.valid_from.isoformat()}"


class SiteAccount(Part):
    """A bank account of a site, from a day on."""

    bank_bin: str
    account_number: Id
    account_name: str
    valid_from: date
    valid_to: date | None
    memo_prefix: str = ""
    """What the account's provider needs before the reference ("SEVQR"); empty for most."""
    memo_limit: int = 25
    """How long a memo the account's strictest provider takes, in characters."""


class SiteUnit(Part):
    """The unit in which a site lay, from a day on."""

    unit_code: Id
    valid_from: date
    valid_to: date | None


class SiteSettings(Part):
    """What a site decides for itself about matching."""

    settle_priority: tuple[str, ...] = ()
    """Fee kinds in the order in which a short payment settles a bill; empty: no rule."""
    oldest_first: bool = False
    """Whether of two open months of one fee the oldest due is paid first."""
    match_threshold: float = 0.999
    """The calibrated probability from which a match needs no person."""
    use_balances: bool = True
    """Whether a payer's balance is applied to the next notice."""


class Site(Event):
    """A payee: school, health centre or station, one-stop office."""

    topic: ClassVar[str] = "directory.sites.v1"

    site_id: Id
    name: str
    type: SiteType
    ownership: Literal["public", "private"]
    accounts: tuple[SiteAccount, ...]
    units: tuple[SiteUnit, ...]
    settings: SiteSettings
    sample: bool = False
    """Sample data: its pages bear "MẪU", its accounts are not payable."""
    phone: str | None = None
    """The site's public telephone number: whom a payer asks."""

    @property
    def key(self) -> str:
        return self.site_id

    @property
    def unit_code(self) -> str:
        """The unit in which the site lies now (its latest one)."""
        return max(self.units, key=lambda unit: unit.valid_from).unit_code


class Campaign(Event):
    """Something that was done to make paying without cash easier, where and when."""

    topic: ClassVar[str] = "directory.campaigns.v1"

    campaign_id: Id
    name: str
    unit_code: Id
    starts_on: date
    ends_on: date
    kind: str

    @property
    def key(self) -> str:
        return self.campaign_id
