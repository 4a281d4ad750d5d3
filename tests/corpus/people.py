"""Made-up people: pupils, patients, applicants, parents, staff. Nobody is meant."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tests.corpus.writing import plain

_FAMILIES = (
    ("Nguyễn", 300), ("Trần", 105), ("Lê", 90), ("Phạm", 62), ("Hoàng", 48), ("Vũ", 36), ("Võ", 14), ("Phan", 34), ("Đặng", 26),
    ("Bùi", 25), ("Đỗ", 22), ("Hồ", 15), ("Ngô", 18), ("Dương", 16), ("Lý", 14), ("Đoàn", 10), ("Trịnh", 10), ("Đinh", 10),
    ("Lương", 12), ("Mai", 8), ("Tô", 6), ("Hà", 8), ("Cao", 7), ("Thái", 4), ("Tạ", 5), ("Phùng", 6), ("Quách", 3), ("Chu", 6),
    ("La", 4), ("Vi", 8), ("Nông", 14), ("Lục", 6), ("Lường", 4), ("Quàng", 5), ("Cà", 3), ("Giàng", 6), ("Sùng", 4), ("Thào", 4),
    ("Vàng", 6), ("Mùa", 2), ("Lò", 7), ("Hạng", 3), ("Chảo", 2), ("Tẩn", 2), ("Bàn", 4), ("Triệu", 7), ("Đàm", 4), ("Mã", 3),
    ("Voòng", 3), ("Chíu", 3), ("Nình", 3), ("Leo", 3), ("Lãnh", 2), ("Trạc", 2), ("Tằng", 3), ("Sằn", 2), ("Lỷ", 2), ("Phùn", 2),
    ("Bế", 2), ("Hứa", 2), ("Mạc", 2), ("Âu", 1),
    ("Thạch", 3), ("Kim", 3), ("Châu", 3), ("Thân", 6), ("Giáp", 6), ("Khổng", 2), ("Từ", 2), ("Văn", 3), ("Tống", 3), ("Lại", 3),
)  # fmt: skip
_GIRL_MIDDLES = (
    "Thị", "Thị", "Thị", "Thị", "Ngọc", "Thu", "Phương", "Thanh", "Khánh", "Bảo", "Minh", "Hoài", "Thùy", "Diệu", "Kim", "Hồng",
    "Mai", "Thị Ngọc", "Thị Thu", "Thị Thanh", "Thị Kim", "Ngọc Bảo", "Hoàng Minh", "Quỳnh", "Tú", "Như", "Yến", "Cẩm", "Thục",
    "Hà", "Linh", "Mỹ", "Tường", "Ánh",
)  # fmt: skip
_BOY_MIDDLES = (
    "Văn", "Văn", "Văn", "Văn", "Đức", "Minh", "Quang", "Hữu", "Công", "Đình", "Xuân", "Thành", "Tuấn", "Gia", "Quốc", "Anh",
    "Hoàng", "Bá", "Duy", "Trọng", "Việt", "Nhật", "Ngọc", "Tiến", "Hải", "Mạnh", "Thế", "Bảo", "Đăng", "Khắc", "Văn Minh",
    "Hoàng Gia", "Trung", "Phúc", "Sỹ", "A",
)  # fmt: skip
_GIRLS = (
    "An", "Anh", "Ánh", "Bích", "Bình", "Châu", "Chi", "Cúc", "Diễm", "Diệp", "Dung", "Duyên", "Đan", "Đào", "Giang", "Hà", "Hạ",
    "Hạnh", "Hằng", "Hân", "Hiền", "Hoa", "Hòa", "Hoài", "Hồng", "Huệ", "Huyền", "Hương", "Hường", "Khanh", "Khuê", "Lam", "Lan",
    "Lê", "Lệ", "Liên", "Linh", "Loan", "Ly", "Mai", "Mến", "My", "Mỷ", "Nga", "Ngà", "Ngân", "Ngọc", "Nguyệt", "Nhã", "Nhi",
    "Nhiên", "Nhung", "Như", "Oanh", "Phượng", "Phương", "Quyên", "Quỳnh", "Sen", "Tâm", "Thanh", "Thảo", "Thắm", "Thi", "Thoa",
    "Thơ", "Thu", "Thúy", "Thủy", "Thư", "Thương", "Tiên", "Trà", "Trang", "Trâm", "Trinh", "Trúc", "Tuyết", "Uyên", "Vân", "Vy",
    "Vui", "Xuân", "Yên", "Yến", "Mẩy", "Dí", "Chứ",
)  # fmt: skip
_BOYS = (
    "An", "Ân", "Anh", "Bách", "Bảo", "Bình", "Cảnh", "Chiến", "Chung", "Công", "Cường", "Danh", "Dũng", "Duy", "Dương", "Đại",
    "Đạt", "Đăng", "Điệp", "Đông", "Đức", "Giang", "Hà", "Hải", "Hào", "Hiển", "Hiếu", "Hòa", "Hoàn", "Hoàng", "Học", "Huân",
    "Hùng", "Huy", "Hưng", "Hữu", "Kha", "Khang", "Khánh", "Khải", "Khoa", "Khôi", "Kiên", "Kiệt", "Lâm", "Lân", "Long", "Lộc",
    "Lợi", "Luân", "Lực", "Mạnh", "Minh", "Nam", "Nghĩa", "Nguyên", "Nhân", "Nhật", "Phát", "Phi", "Phong", "Phú", "Phúc",
    "Phước", "Quân", "Quang", "Quốc", "Quý", "Quyết", "Sang", "Sáng", "Sơn", "Tài", "Tâm", "Tân", "Thái", "Thành", "Thắng",
    "Thăng", "Thiện", "Thịnh", "Thông", "Thuận", "Tiến", "Tín", "Toàn", "Trí", "Triết", "Trọng", "Trung", "Trường", "Tú", "Tuấn",
    "Tùng", "Tuyên", "Vạn", "Văn", "Việt", "Vinh", "Vĩnh", "Vũ", "Vương", "Páo", "Dế", "Sử", "Của",
)  # fmt: skip
_UNUSUAL = (
    "Giàng A Páo", "Sùng Thị Mỷ", "Y Blin Niê", "H'Hen Niê", "Ksor Phước", "K'Brông", "Thạch Sok Kha", "Rơ Châm Anh", "Lý Tả Mẩy",
    "Hờ A Của", "Lê An", "Nguyễn Hà", "Trần Thu", "Phạm Tiến", "Đỗ Học", "Mùa A Phí", "Nguyễn Hoàng Minh Bảo Châu",
    "Voòng Kim Thảo Trâm", "Chíu A Nhì", "Y Thị H'Lan", "Lỷ Sủi Múi",
    "Tôn Nữ Ngọc Hà", "Trần Lê Phương Thảo", "Võ Nguyễn Anh Thư", "Bùi Y Nhi", "Công Tằng Tôn Nữ Mỹ An",
)  # fmt: skip


def may_be_family(word: str) -> bool:
    """Whether a name that begins with this word may be one as it stands."""
    return plain(word) in {plain(each[0]) for each in _FAMILIES} | {"Trang", "Vuong"}


def family(rng: Random) -> str:
    return rng.choices([each[0] for each in _FAMILIES], [each[1] for each in _FAMILIES])[0]


def full_name(rng: Random, of_family: str | None = None) -> str:
    """A full name, sometimes of two words or five, sometimes of another people's custom."""
    if of_family is None and rng.random() < 0.008:
        return rng.choice(_UNUSUAL)
    first = of_family or family(rng)
    middles, givens = (_GIRL_MIDDLES, _GIRLS) if rng.random() < 0.5 else (_BOY_MIDDLES, _BOYS)
    given = rng.choice(givens)
    chance = rng.random()
    if chance < 0.02:
        return f"{first} {given}"
    if chance < 0.10:
        return f"{first} {family(rng)} {rng.choice(middles).split()[-1]} {given}"
    return f"{first} {rng.choice(middles)} {given}"


_TONED = (
    ("Hòa", "Hoa"), ("Hà", "Hạ"), ("Thúy", "Thủy"), ("Mỹ", "My"), ("Bảo", "Báo"), ("Tùng", "Tung"), ("Dũng", "Dung"), ("Hạnh", "Hanh"),
    ("Ánh", "Anh"), ("Lê", "Lệ"), ("Thắng", "Thăng"), ("Ngà", "Nga"), ("Yên", "Yến"), ("Ân", "An"), ("Hương", "Hường"),
    ("Sáng", "Sang"),
)  # fmt: skip


def toned_pair(rng: Random) -> tuple[str, str]:
    """Two names that differ in one mark only, which a bank strips."""
    one, other = rng.choice(_TONED)
    start = f"{family(rng)} {rng.choice(_GIRL_MIDDLES[:12])}"
    return f"{start} {one}", f"{start} {other}"


def staff_name(rng: Random) -> str:
    return f"{family(rng)} {rng.choice(_GIRL_MIDDLES[:20])} {rng.choice(_GIRLS)}"


def parent_name(rng: Random, child: str) -> str:
    """A relative: the child's family name more often than not."""
    return full_name(rng, child.split(maxsplit=1)[0] if rng.random() < 0.6 else family(rng))


def phone(rng: Random) -> str:
    return f"0{rng.choice('35789')}{rng.randrange(10**8):08d}"


def pick(rng: Random, things: Sequence[str]) -> str:
    return things[rng.randrange(len(things))]
