"""When fees are issued and what they are: a school's rounds, patients and applicants as they come. Pure."""

from __future__ import annotations

import csv
import io
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from datetime import date, timedelta
from random import Random

from deploy.demo.chance import seeded
from deploy.demo.year.households import Household
from deploy.demo.year.parameters import Parameters

_TREATMENTS = (45_000, 128_500, 58_600, 1_264_300, 73_300, 62_900, 110_600)
_PROCEDURES = (8_000, 20_000, 100_000, 350_000, 500_000)
_MEAL_DONG = (18_000, 20_000, 22_000)


@dataclass(frozen=True, slots=True)
class Month:
    """A month in which fees are issued."""

    first_day: date

    @property
    def last_day(self) -> date:
        return self.first_day.replace(day=monthrange(self.first_day.year, self.first_day.month)[1])

    @property
    def name(self) -> str:
        return f"Tháng {self.first_day.month}/{self.first_day.year}"

    def next(self) -> Month:
        """The month after it."""
        return Month(self.last_day + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Issued:
    """One row of a file of notices; the fields are its columns (INTERFACES §1)."""

    notice_id: str
    site_id: str
    payer_code: str
    payer_name: str
    group: str
    purpose: str
    period: str
    amount: int
    issued_on: date
    due_on: date
    fee_kind: str
    round: str
    unit_code: str


COLUMNS = tuple(each.name for each in fields(Issued))


def months(parameters: Parameters) -> list[Month]:
    """The months of the school year."""
    found = [Month(parameters.day("calendar", "first_month"))]
    while len(found) < parameters.count("calendar", "months"):
        found.append(found[-1].next())
    return found


def notices_of(household: Household, month: Month, seed: int, parameters: Parameters) -> list[Issued]:
    """What a payer is asked in a month: two to four fees of a pupil, one of a patient or applicant."""
    rng = seeded(seed, "fees", month.first_day, household.site.site_id, household.payer.code)
    is_school = household.site.type == "school"
    day = parameters.count("calendar", "round_day") if is_school else rng.randint(1, 25)
    issued_on = month.first_day + timedelta(days=day - 1)
    due_on = issued_on + timedelta(days=parameters.count("calendar", "due_after_days") if is_school else 7)
    payer = household.payer
    return [
        Issued(
            notice_id=f"nam-{household.site.site_id}-{month.first_day:%y%m}-{payer.code}-{kind.replace('_', '-')}",
            site_id=household.site.site_id,
            payer_code=payer.code,
            payer_name=payer.name,
            group=payer.group,
            purpose=f"{purpose} {month.name.lower()}",
            period=f"{month.first_day:%Y-%m}",
            amount=amount,
            issued_on=issued_on,
            due_on=due_on,
            fee_kind=kind,
            round=month.name,
            unit_code=payer.unit_code,
        )
        for kind, purpose, amount in _charges(household, month, rng)
    ]


def as_csv(notices: Iterable[Issued]) -> bytes:
    """The notices as the file that is imported."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(each) for each in notices)
    return text.getvalue().encode()


def is_tet(day: date, parameters: Parameters) -> bool:
    """Whether nobody pays anything: the days around the lunar new year."""
    new_year = parameters.day("calendar", "tet_2026")
    return abs((day - new_year).days) <= parameters.count("calendar", "tet_days") // 2


def _charges(household: Household, month: Month, rng: Random) -> Iterator[tuple[str, str, int]]:
    if household.site.type == "health":
        yield "hospital_fee", "Viện phí", rng.choice(_TREATMENTS)
        return
    if household.site.type == "office":
        yield "administrative_charge", "Lệ phí thủ tục", rng.choice(_PROCEDURES)
        return
    if not household.site.is_public:
        yield "tuition", "Học phí", rng.choice((850_000, 1_100_000))
    yield "boarding_meals", "Tiền ăn bán trú", rng.randint(14, 22) * rng.choice(_MEAL_DONG)
    yield "drinking_water", "Nước uống", 12_000
    # Insurance is sold for 3, 6 or 12 months (policy.md): most buy it at the year's beginning.
    if rng.random() < (0.8 if month.first_day.month in {9, 10} else 0.05):
        yield "health_insurance", "Bảo hiểm y tế học sinh", rng.choice((157_950, 315_900, 631_800))
