"""The simulated world: sites, their payers and what these owe. Scenarios ask it for payers and notices of the shape they need."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from shared.reference import random_reference
from tests.corpus import people
from tests.corpus.writing import plain

YEAR = 2026
FIRST_DAY, LAST_DAY = date(YEAR, 9, 7), date(YEAR, 11, 28)

# Fee kind → (what notices call it, whether the month stands in it, amounts in thousands; None: days × price).
_SCHOOL_FEES = {
    "meals": (("Tiền ăn bán trú", "Tiền ăn", "Ăn bán trú", "Tiền ăn trưa"), True, None),
    "boarding_service": (("Dịch vụ bán trú", "Chăm sóc bán trú", "Quản lý học sinh bán trú"), True, (85, 90, 120, 150)),
    "drinking_water": (("Nước uống", "Tiền nước uống tinh khiết"), True, (8, 10, 12, 15)),
    "cleaning": (("Vệ sinh trường lớp", "Vệ sinh"), True, (10, 20)),
    "health_insurance": (("Bảo hiểm y tế học sinh", "BHYT học sinh"), False, (157.95, 315.9, 631.8)),
    "uniform": (("Đồng phục", "Quần áo đồng phục thể dục"), False, (180, 245, 310)),
    "parents_fund": (("Kinh phí ban đại diện CMHS (tự nguyện)", "Quỹ phụ huynh (tự nguyện)"), False, (50, 100, 150, 200)),
    "tuition": (("Học phí", "Học phí trường tư"), True, (850, 1100, 1350)),
    "english": (("Tiếng Anh tăng cường", "Kỹ năng sống"), True, (60, 120, 200)),
}  # fmt: skip
_HEALTH_FEES = (
    ("Viện phí: khám bệnh", (38.7, 45, 50.6)), ("Xét nghiệm máu", (128.5, 96.3)), ("Siêu âm ổ bụng", (58.6, 49.3)),
    ("Điều trị nội trú", (1264.3, 2310.45, 876.1)), ("Chụp X-quang", (73.3, 68.3)), ("Nhổ răng", (110.6, 207)),
)  # fmt: skip
_OFFICE_FEES = (
    ("Lệ phí cấp trích lục hộ tịch", (8,)), ("Phí chứng thực bản sao", (6, 20, 42)), ("Lệ phí đăng ký hộ kinh doanh", (100,)),
    ("Lệ phí cấp giấy chứng nhận quyền sử dụng đất", (100, 350)), ("Lệ phí kết hôn có yếu tố nước ngoài", (1000,)),
)  # fmt: skip
_PLACES = (
    "Hòa Sơn", "Bình Long", "Minh Tân", "Xuân Lập", "Tân An", "Phú Thịnh", "Mường Khai", "Nậm Cắn", "Lệ Thủy", "Thanh Mai", "Cẩm Hà",
    "Đồng Tiến", "Yên Bình", "Nam Sơn", "Thái Học", "An Phú", "Bảo Lâm", "Trường Xuân", "Quang Minh", "Châu Hội",
)  # fmt: skip


@dataclass(slots=True)
class Relative:
    """Who pays, and from which account."""

    name: str
    account: str
    bank: str


@dataclass(slots=True, eq=False, repr=False)
class Payer:
    """A pupil, patient or applicant."""

    site: Site
    code: str
    name: str
    group: str
    guardian: str
    phone: str
    relatives: list[Relative]
    notices: list[Notice] = field(default_factory=list)


@dataclass(slots=True, eq=False, repr=False)
class Notice:
    """One fee, as a row of notices.csv."""

    notice_id: str
    payer: Payer
    fee_kind: str
    purpose: str
    month: int
    period: str
    amount: int
    issued_on: date
    due_on: date
    reference: str
    virtual_account: str = ""
    round: str = ""
    status: str = "open"
    cancelled_on: date | None = None


@dataclass(slots=True, eq=False, repr=False)
class Site:
    """A payee and the habits by which it names classes, codes, periods and fees."""

    site_id: str
    kind: str
    name: str
    account: str
    habits: dict[str, int]
    purposes: dict[str, str]
    fees: dict[str, int]
    groups: list[str]
    payers: list[Payer] = field(default_factory=list)
    strangers: set[tuple[str, str]] = field(default_factory=set)
    """First and last names in memos of people who are not on the list: nobody who comes later bears both."""


def ends(name: str) -> tuple[str, str]:
    """First and last name, as a bank writes them."""
    words = plain(name).split()
    return words[0], words[-1]


class World:
    """Makes sites, payers and notices from one source of chance."""

    def __init__(self, rng: Random, sites: int) -> None:
        self.rng = rng
        self.sites: list[Site] = []
        self._numbers = 0
        self._references: set[str] = set()
        for number in range(sites):
            kind = "health" if number % 9 == 7 else "office" if number % 9 == 8 else "school"
            self.sites.append(self._site(number, kind))

    @property
    def schools(self) -> list[Site]:
        return [site for site in self.sites if site.kind == "school"]

    @property
    def notices(self) -> list[Notice]:
        return [notice for site in self.sites for payer in site.payers for notice in payer.notices]

    def number(self) -> int:
        self._numbers += 1
        return self._numbers

    def payer(self, site: Site, *, name: str | None = None, group: str | None = None) -> Payer:
        """A new payer of a site, whose name nobody of the same class bears, unless one is given."""
        rng = self.rng
        if group is None:
            group = rng.choice(site.groups) if site.groups else ""
        made = name or people.full_name(rng)
        while name is None and ends(made) in site.strangers:
            made = people.full_name(rng)
        guardian = people.parent_name(rng, made)
        payer = Payer(site, self._code(site, len(site.payers) + 1), made, group, guardian, people.phone(rng), [])
        payer.relatives = [self.relative(name=guardian), *(self.relative(payer) for _ in range(rng.randrange(3)))]
        site.payers.append(payer)
        return payer

    def relative(self, payer: Payer | None = None, name: str | None = None) -> Relative:
        rng = self.rng
        name = name or (people.parent_name(rng, payer.name) if payer else people.full_name(rng))
        digits = rng.choice((8, 9, 10, 10, 12, 13, 14))
        bank = rng.choice(("VCB", "MB", "BIDV", "ICB", "ACB", "AGR", "TPB", "TCB", "VPB", "STB", "MSB", "VIB"))
        return Relative(name, f"{rng.randrange(10**digits):0{digits}d}", bank)

    def issue(
        self, payer: Payer, month: int, kinds: list[str] | None = None, *, amount: int | None = None, one_bill: bool = True
    ) -> list[Notice]:
        """Issue fees of a month to a payer, under one reference or one each."""
        rng, site = self.rng, payer.site
        made: list[Notice] = []
        issued = date(YEAR, month, rng.randrange(1, 6))
        reference = self.reference()
        for kind in kinds or [self.main_fee(site)]:
            purpose, sum_due = self._fee(payer, kind, month)
            made.append(
                Notice(
                    notice_id=f"{site.site_id}/{self.number():06d}", payer=payer, fee_kind=kind, purpose=purpose, month=month,
                    period=self._period(site, month), amount=amount or sum_due, issued_on=issued,
                    due_on=issued + timedelta(days=rng.randrange(10, 24)),
                    reference=reference if one_bill else self.reference(),
                    round=f"Tháng {month}/{YEAR}" if site.habits["rounds"] else "",
                )
            )  # fmt: skip
        payer.notices += made
        return made

    def main_fee(self, site: Site) -> str:
        if site.kind != "school":
            return site.kind
        return "tuition" if "tuition" in site.fees else "meals"

    def reference(self) -> str:
        while (made := random_reference(self.rng)) in self._references:
            pass
        self._references.add(made)
        return made

    def _site(self, number: int, kind: str) -> Site:
        rng = self.rng
        level = rng.choice(("Mầm non", "Tiểu học", "Tiểu học", "THCS", "THPT", "Tiểu học và THCS"))
        place = rng.choice(_PLACES)
        name = {"school": f"Trường {level} {place}", "health": f"Trung tâm y tế {place}", "office": f"UBND xã {place}"}[kind]
        habits = {
            "code": rng.randrange(6), "period": rng.randrange(6), "rounds": rng.randrange(2), "price": rng.choice((18, 20, 22, 25)),
            "flat": rng.randrange(3),
        }  # fmt: skip
        is_private = kind == "school" and rng.random() < 0.15
        names = [each for each in _SCHOOL_FEES if each != "tuition" or is_private]
        return Site(
            site_id=f"S{number:02d}-{rng.choice(('TH', 'MN', 'X', 'DV'))}", kind=kind, name=name,
            account=f"{rng.randrange(10**9, 10**10)}{number:03d}", habits=habits,
            purposes={each: rng.choice(_SCHOOL_FEES[each][0]) for each in names},
            fees={each: int(rng.choice(sums) * 1000) if (sums := _SCHOOL_FEES[each][2]) else 0 for each in names},
            groups=self._groups(level) if kind == "school" else [],
        )  # fmt: skip

    def _groups(self, level: str) -> list[str]:
        rng = self.rng
        if level == "Mầm non":
            return rng.choice(
                (
                    [f"{age} tuổi {letter}" for age in (3, 4, 5) for letter in "ABC"],
                    [f"{name} {number}" for name in ("Mầm", "Chồi", "Lá") for number in (1, 2, 3)],
                    [*(f"Mẫu giáo {age} tuổi {letter}" for age in (3, 4, 5) for letter in "AB"), "Nhà trẻ A", "Nhà trẻ B"],
                    [*(f"MG {name} {number}" for name in ("Lớn", "Nhỡ", "Bé") for number in (1, 2, 3)), "Nhóm trẻ"],
                    [*(f"{age}T{letter}" for age in (3, 4, 5) for letter in "ABC"), "NT A", "NT B"],
                    [*(f"{name} {letter}" for name in ("Mầm", "Chồi", "Lá") for letter in "ABC"), "Nhà trẻ"],
                )
            )
        grades = {"Tiểu học": range(1, 6), "THCS": range(6, 10), "THPT": range(10, 13)}.get(level, range(1, 10))
        style = rng.randrange(4)
        if level == "THPT" and rng.random() < 0.3:
            return [f"K{grade} {trade}" for grade in grades for trade in ("ĐCN", "CNOT", "MTT")]
        if style == 0:
            return [f"{grade}{letter}" for grade in grades for letter in "ABC"]
        if style == 1:
            return [f"{grade}A{number}" for grade in grades for number in (1, 2, 3)]
        if style == 2:
            return [f"{grade}/{number}" for grade in grades for number in (1, 2, 3)]
        return [f"Lớp {grade}{letter}" for grade in grades for letter in "ABCD"]

    def _code(self, site: Site, number: int) -> str:
        rng, place = self.rng, site.site_id[1:3]
        if site.kind == "office":
            return f"H05.{place}-26{rng.randrange(9, 12):02d}{rng.randrange(1, 29):02d}-{number:04d}"
        if site.kind == "health":
            return f"BN26{place}{number:05d}" if site.habits["code"] % 2 else f"26.{place}.{number:06d}"
        return (
            f"HS{place}{number:04d}", f"24{place}{number:06d}", f"TH{place}-{number:04d}", f"HS26{place}{number:03d}",
            f"{place}A{number:04d}", f"{rng.choice('ABCD')}{place}{number:05d}",
        )[site.habits["code"]]  # fmt: skip

    def _period(self, site: Site, month: int) -> str:
        forms = (f"{YEAR}-{month:02d}", f"{month:02d}/{YEAR}", f"T{month}", f"Tháng {month}/{YEAR}", "HK1 2026-2027", "")
        return forms[site.habits["period"]]

    def _fee(self, payer: Payer, kind: str, month: int) -> tuple[str, int]:
        rng, site = self.rng, payer.site
        if site.kind != "school":
            purpose, sums = rng.choice(_HEALTH_FEES if site.kind == "health" else _OFFICE_FEES)
            return purpose, int(rng.choice(sums) * 1000)
        purpose = site.purposes[kind]
        if _SCHOOL_FEES[kind][1] and rng.random() < 0.8:
            purpose = f"{purpose} tháng {month}" if rng.random() < 0.5 else f"{purpose} T{month}/{YEAR}"
        if site.fees[kind]:
            return purpose, site.fees[kind]
        # Meals: the same for all, by the grade, or by the days each pupil stayed.
        days = (21, 20 + sum(map(ord, payer.group)) % 3, rng.randrange(12, 23))[site.habits["flat"]]
        return purpose, days * site.habits["price"] * 1000
