"""What the payers of the sample district owe: the notices of one round, made from a seed.

Pure: the same site and round give the same notices, so issuing them twice changes nothing. Public schools take no tuition
(Decree 238/2025): they collect meals, boarding services, water, insurance for the insurance agency and the parents' fund.
How they are issued: lists.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from deploy.demo.chance import seeded
from deploy.demo.district import SampleSite, sites
from deploy.demo.people import Payer, payers_of

Charge = tuple[str, str, int | None, int]
"""(fee kind, purpose, days or None, đồng of a day or of the whole)"""

DISTRICT_SEED = 20_261_101
"""Which district is made; fixed, since another one would carry other people under the same ids."""

_FIRST_ROUND = (2026, 11)
_TREATMENTS = (45_000, 128_500, 58_600, 1_264_300, 73_300, 62_900, 110_600)
"""Sums only: what was done to a patient is nobody's business outside the health centre."""
_PROCEDURES = (
    ("Lệ phí đăng ký kết hôn có yếu tố nước ngoài", 500_000), ("Lệ phí cấp bản sao trích lục hộ tịch", 8_000),
    ("Lệ phí đăng ký hộ kinh doanh", 100_000), ("Lệ phí cấp giấy chứng nhận quyền sử dụng đất", 100_000),
    ("Phí chứng thực bản sao từ bản chính", 20_000), ("Phí thẩm định hồ sơ cấp giấy chứng nhận", 350_000),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Round:
    """A collecting round (đợt thu): one month."""

    number: int = 0
    """0 is November 2026, 1 December 2026, and so on."""

    @property
    def first_day(self) -> date:
        months = _FIRST_ROUND[0] * 12 + _FIRST_ROUND[1] - 1 + self.number
        return date(months // 12, months % 12 + 1, 1)

    @property
    def last_day(self) -> date:
        return Round(self.number + 1).first_day - timedelta(days=1)

    @property
    def name(self) -> str:
        return f"Tháng {self.first_day.month}/{self.first_day.year}"


@dataclass(frozen=True, slots=True)
class SampleNotice:
    """One fee of one payer."""

    notice_id: str
    site_id: str
    payer_code: str
    payer_name: str
    group: str
    guardian_name: str
    guardian_phone: str
    purpose: str
    period: str
    days: int | None
    """Of meals: how many were eaten, each at `price`."""
    price: int | None
    amount: int
    issued_on: date
    due_on: date
    status: str
    fee_kind: str
    round: str
    unit_code: str


def notices_of(site: SampleSite, month: Round = Round()) -> list[SampleNotice]:
    """Every notice that a site issues in a round: two to four a pupil, one a patient or applicant."""
    number = sites().index(site) + 1
    made = []
    for payer in payers_of(site, number, seeded(DISTRICT_SEED, "payers", site.site_id)):
        rng = seeded(DISTRICT_SEED, month.number, site.site_id, payer.code)
        made += list(_notices(site, payer, month, rng))
    return made


def _notices(site: SampleSite, payer: Payer, month: Round, rng: Random) -> Iterator[SampleNotice]:
    is_school = site.type == "school"
    issued = month.first_day + timedelta(days=1 if is_school else rng.randrange(20))
    due = month.last_day if is_school else issued + timedelta(days=7)
    for kind, purpose, days, price in _charges(site, month, rng):
        yield SampleNotice(
            notice_id=f"{site.site_id}-{month.first_day:%y%m}-{payer.code}-{kind.replace('_', '-')}",
            site_id=site.site_id,
            payer_code=payer.code,
            payer_name=payer.name,
            group=payer.group,
            guardian_name=payer.guardian_name,
            guardian_phone=payer.guardian_phone,
            purpose=purpose,
            period=f"{month.first_day:%Y-%m}",
            days=days,
            price=price if days else None,
            amount=price * (days or 1),
            issued_on=issued,
            due_on=due,
            status="open",
            fee_kind=kind,
            round=month.name,
            unit_code=payer.unit_code,
        )


def _charges(site: SampleSite, month: Round, rng: Random) -> list[Charge]:
    """What one payer is asked."""
    if site.type == "health":
        return [("hospital_fee", "Viện phí", None, rng.choice(_TREATMENTS))]
    if site.type == "office":
        purpose, amount = rng.choice(_PROCEDURES)
        return [("administrative_charge", purpose, None, amount)]
    return _school_charges(site, month, rng)


def _school_charges(site: SampleSite, month: Round, rng: Random) -> list[Charge]:
    days, price = rng.randint(14, 22), rng.choice((18_000, 20_000, 22_000))
    meals = ("boarding_meals", f"Tiền ăn bán trú {month.name.lower()}", days, price)
    water = ("drinking_water", f"Nước uống {month.name.lower()}", None, 12_000)
    optional: list[Charge] = []
    if rng.random() < 0.35:
        optional.append(("health_insurance", "Bảo hiểm y tế học sinh", None, rng.choice((157_950, 315_900, 631_800))))
    if rng.random() < 0.25:
        fund = rng.choice((50_000, 100_000, 150_000))
        optional.append(("parents_fund", "Kinh phí ban đại diện cha mẹ học sinh", None, fund))
    if not site.is_public:
        tuition = ("tuition", f"Học phí {month.name.lower()}", None, rng.choice((850_000, 1_100_000)))
        return [tuition, meals, water, *optional][:4]
    if rng.random() < 0.45:
        optional.insert(0, ("boarding_service", f"Dịch vụ bán trú {month.name.lower()}", None, 85_000))
    return [meals, water, *optional][:4]
