"""Class lists in the order in which teachers keep them."""

from __future__ import annotations

import random

from services.notices.drawing.order import group_key, name_key


def test_names_go_by_the_given_name_in_the_vietnamese_alphabet() -> None:
    in_order = [
        "Trần Văn An", "Lò Anh", "Lò Ánh", "Giáp Thị Ân", "Lê Thị Bình", "Nguyễn Văn Dũng", "Bế Văn Đức", "Vi Thị Đức",
        "Hoàng Nghĩa", "La Thị Nghĩa", "La Uyên", "La Ươm", "Nông Y",
    ]  # fmt: skip
    assert sorted(random.Random(5).sample(in_order, len(in_order)), key=name_key) == in_order


def test_classes_go_by_their_numbers() -> None:
    in_order = ["Lá 1", "lớp 4A", "lớp 4B", "lớp 10A", "5 tuổi B", None]
    assert sorted(random.Random(5).sample(in_order, len(in_order)), key=group_key) == in_order


def test_no_name_is_no_stumbling_block() -> None:
    assert max("", "An", "  ", key=name_key) == "An"
    assert sorted(["", None], key=group_key) == ["", None]
