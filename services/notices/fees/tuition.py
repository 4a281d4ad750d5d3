"""Tuition at public schools: forbidden, with the reason. Pure.

Decree 238/2025/NĐ-CP carries out Resolution 217/2025/QH15: pupils of public pre-schools and schools of general education pay no
tuition. Private schools and vocational or continuing education still collect it (../shared/facts/policy.md).
"""

from __future__ import annotations

import re
from datetime import date

from shared.events import Site
from shared.vietnamese import search_key

IN_FORCE = date(2025, 9, 3)
"""What was due before is an old debt and may still be collected."""
REASON = (
    "pupils of public schools pay no tuition (Decree 238/2025/NĐ-CP, in force since 3 September 2025); vocational or "
    "continuing education is named in the fee kind's programme"
)
_SEPARATORS = re.compile(r"[\W_]+")
_CODE = re.compile(r"\btuition\b|\bhoc ?phi\b|^hp\b")
_NAME = re.compile(
    r"(?<!khong phai )(?<!khong gom )(?<!bao gom )(?<!chua gom )(?<!ngoai )\bhoc phi\b(?! (?:loi nhuan|chinh thuc|truyen thong))"
    r"|(?:^|\b(?:tien|thu|nop|dong|khoan|phai|toan|va|cung) )hp\b"
)
"""What a text calls the money, wherever in it: "Đóng học phí", "Bán trú và học phí", "HP tháng 11".

"Hỗ trợ chi phí học tập" and "không phải học phí" are none, nor is "khóa học phi lợi nhuận". In the memos that payers write "hp" means
any money for the school; here it is what a site asks.
"""


def is_tuition_kind(fee_kind: str, name: str) -> bool:
    """Whether a fee kind is tuition, by its code or its name."""
    return _CODE.search(_plain(fee_kind)) is not None or is_called_tuition(name)


def is_called_tuition(purpose: str) -> bool:
    """Whether a notice's purpose calls the money tuition."""
    return _NAME.search(_plain(purpose)) is not None


def takes_no_tuition(site: Site | None) -> bool:
    """Whether the law forbids tuition at this site, unless a kind names another programme."""
    return site is not None and site.type == "school" and site.ownership == "public"


def _plain(text: str) -> str:
    return _SEPARATORS.sub(" ", search_key(text)).strip()
