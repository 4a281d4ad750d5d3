"""Made-up people of the sample district: pupils, patients, applicants and their families.

Names follow how the peoples of the area (Kinh, Tày, Nùng, Dao, Cao Lan) are named; nobody is meant. Phones are 0900000000 to
0900000999, plainly made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from deploy.demo.district import SampleSite, villages

_PEOPLES = (
    (("Nguyễn", "Trần", "Lê", "Phạm", "Vũ", "Ngô", "Giáp", "Thân", "Đỗ", "Dương", "Bùi"), 43),  # Kinh
    (("Nông", "Hoàng", "Vi", "Lương", "Hứa", "Ma", "Bế", "Chu", "Lục", "Đàm"), 24),  # Tày
    (("Nông", "Vi", "Lý", "Hoàng", "Lâm", "Lê", "Mông", "Lộc"), 13),  # Nùng
    (("Bàn", "Triệu", "Đặng", "Phùng", "Lý", "Dương"), 9),  # Dao
    (("Trần", "Ninh", "Lâm", "Tống", "Nịnh", "Hà", "Trạc"), 11),  # Cao Lan
)
_MIDDLE_GIRL = ("Thị", "Thị", "Thị", "Thị Thu", "Thị Ngọc", "Thị Minh", "Ngọc", "Thu", "Bảo", "Khánh", "Phương", "Mùi")
_MIDDLE_BOY = ("Văn", "Văn", "Văn", "Đức", "Minh", "Quang", "Xuân", "Tiến", "Gia", "Hữu", "Tài", "Quốc")
_GIVEN_GIRL = (
    "An", "Anh", "Bích", "Chi", "Diệp", "Dung", "Duyên", "Giang", "Hà", "Hằng", "Hạnh", "Hiền", "Hoa", "Hồng", "Huệ",
    "Hương", "Lan", "Liên", "Linh", "Mai", "My", "Nga", "Ngân", "Nhung", "Oanh", "Quyên", "Quỳnh", "Sen", "Tâm", "Thảo",
    "Thơm", "Trang", "Uyên", "Vân", "Xuân", "Yến",
)  # fmt: skip
_GIVEN_BOY = (
    "An", "Bách", "Bảo", "Cường", "Dũng", "Duy", "Đạt", "Hải", "Hiếu", "Hoàng", "Hùng", "Huy", "Khang", "Khánh", "Khôi",
    "Kiên", "Lâm", "Long", "Lực", "Mạnh", "Minh", "Nam", "Nghĩa", "Phong", "Phúc", "Quân", "Quyết", "Sơn", "Thành", "Thắng",
    "Tú", "Tuấn", "Tùng", "Việt", "Vinh", "Vượng",
)  # fmt: skip

_CODE_LETTERS = {"school": "HS", "health": "BN", "office": "HSO"}
_SIZES = {"school": (34, 54), "health": (20, 30), "office": (14, 22)}


@dataclass(frozen=True, slots=True)
class Payer:
    """Someone who owes something at one site, and who answers for them."""

    code: str
    name: str
    group: str
    """A pupil's class; empty for patients and applicants."""
    guardian_name: str
    guardian_phone: str
    unit_code: str


def a_name(rng: Random, family: str | None = None) -> str:
    """A full name; with `family` one of that family."""
    if family is None:
        families = rng.choices([people[0] for people in _PEOPLES], [people[1] for people in _PEOPLES])[0]
        family = rng.choice(families)
    middle, given = (_MIDDLE_GIRL, _GIVEN_GIRL) if rng.random() < 0.5 else (_MIDDLE_BOY, _GIVEN_BOY)
    return f"{family} {rng.choice(middle)} {rng.choice(given)}"


def a_phone(rng: Random) -> str:
    """A phone number that is plainly made up."""
    return f"0900000{rng.randrange(1000):03d}"


def payers_of(site: SampleSite, number: int, rng: Random) -> list[Payer]:
    """The payers of a site; `number` is the site's place in the district and makes codes differ between sites."""
    least, most = _SIZES[site.type]
    made = []
    for index in range(1, rng.randint(least, most) + 1):
        name = a_name(rng)
        child = site.type == "school"
        made.append(
            Payer(
                code=f"{_CODE_LETTERS[site.type]}{number:02d}{index:04d}",
                name=name,
                group=_a_class(site, rng) if child else "",
                # Many children live with relatives of another family name.
                guardian_name=a_name(rng, name.split()[0] if rng.random() < 0.55 else None) if child else "",
                guardian_phone=a_phone(rng),
                unit_code=rng.choice(villages()[site.unit_code]),
            )
        )
    return made


def _a_class(site: SampleSite, rng: Random) -> str:
    name = site.name
    if "Mầm non" in name:
        return rng.choice(("Mẫu giáo 3 tuổi", "Mẫu giáo 4 tuổi", "Mẫu giáo 5 tuổi A", "Mẫu giáo 5 tuổi B"))
    if "nghề" in name:
        return rng.choice(("K12 Điện", "K12 May", "K13 Cơ khí"))
    grades = (
        range(1, 10) if "Tiểu học và THCS" in name
        else range(1, 6) if "Tiểu học" in name
        else range(10, 13) if "THPT" in name or "GDTX" in name
        else range(6, 10)
    )  # fmt: skip
    return f"{rng.choice(grades)}{rng.choice('ABC')}"
