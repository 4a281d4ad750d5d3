"""What the columns of an accountant's sheet mean: found by their headings, and by what stands below. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.notices.drafts.sheets import Sheet
from services.notices.fees.model import FeeKind
from services.notices.notice_rows import COLUMNS
from shared.money import AmountError, parse_dong
from shared.runtime.columns import Headings, normal_heading
from shared.runtime.encodings import AS_IT_IS, EncodingUncertainError, Reading, reading_of_letters, words_beyond_ascii
from shared.runtime.tables import Column
from shared.vietnamese import search_key

HEADER_ROWS_MAX = 20
_HEADER_LEAST = 2
_LEAST_FEE = 500
"""A column of smaller numbers counts something: days, marks, kilograms."""
FEE, TOTAL, FAMILY_NAME, IGNORED, UNKNOWN = "fee", "total", "family_name", "ignored", "unknown"
"""Meanings beside the columns of a notice: an amount of one fee, the row's sum, the names before the given name."""

_MORE: Final[Mapping[str, tuple[str, ...]]] = {
    "payer_code": ("mã hs", "mã số", "mã số học sinh", "mã số hs", "số hồ sơ", "mã hồ sơ", "mã bn", "mã định danh"),
    "payer_name": ("họ tên hs", "họ và tên học sinh", "tên học sinh", "họ và tên người nộp", "tên", "họ tên người bệnh"),
    "group": ("tên lớp", "lớp học", "nhóm lớp"),
    "guardian_name": ("họ tên bố mẹ", "bố mẹ", "cha mẹ", "họ tên cha mẹ"),
    "guardian_phone": ("sđt", "đt", "số đt", "sđt phụ huynh", "điện thoại liên hệ"),
    "amount": ("thành tiền", "số tiền phải nộp", "phải nộp", "số tiền nộp", "mức thu", "số tiền thu"),
    "due_on": ("hạn cuối", "ngày hết hạn"),
    "absences": ("nghỉ", "số buổi nghỉ", "ngày nghỉ"),
    "days": ("ngày ăn", "số buổi ăn", "số bữa"),
    "price": ("giá", "đơn giá ngày", "tiền một ngày"),
    "purpose": ("khoản thu", "tên khoản thu"),
    TOTAL: ("tổng cộng", "tổng", "cộng", "tổng tiền", "tổng số tiền", "tổng số"),
    FAMILY_NAME: ("họ và tên đệm", "họ đệm", "họ lót", "họ và đệm", "họ"),
    IGNORED: (
        "stt", "tt", "số tt", "ghi chú", "ký nhận", "ký tên", "chữ ký", "ngày sinh", "năm sinh", "giới tính", "nữ", "nam",
        "dân tộc", "tôn giáo", "hộ nghèo", "diện chính sách", "đối tượng", "địa chỉ", "nơi ở", "cccd", "số cccd", "email",
    ),
}  # fmt: skip
"""Further headings of real lists. What is ignored is not kept either: birthdays, ethnicity, poverty are nobody's business here."""

_KNOWN: Final = Headings(
    [
        *(Column(each.name, (*each.aliases, *_MORE.get(each.name, ()))) for each in COLUMNS),
        *(Column(name, _MORE[name]) for name in (TOTAL, FAMILY_NAME, IGNORED)),
    ]
)
_CLASS: Final = re.compile(
    r"\blớp\s*:?\s*((?:\d{1,2}\s?[A-Za-zĐđ]?\d{0,2}(?:\.\d)?)|(?:mẫu giáo [^,;]{1,20}))", re.IGNORECASE
)
_BARE_CLASS: Final = re.compile(r"\d{1,2}[A-ZĐ]\d{0,2}", re.IGNORECASE)
NOTHING: Final = frozenset({"", "-", "–", "0", "x", "không"})
"""What stands in a fee's column for who does not pay it."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one column of a sheet is."""

    column: int
    heading: str
    means: str
    """A column of a notice, or one of the meanings above."""
    fee_kind: str | None = None
    """Of a fee's column: the kind in the site's list that it names."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a sheet is laid out."""

    header_row: int
    """The last row of the headings."""
    meanings: tuple[Meaning, ...]
    group: str | None
    """The class that the title or the sheet's name tells."""
    reading: Reading
    """How its letters are meant."""

    def column(self, means: str) -> int | None:
        """Where something stands."""
        return next((each.column for each in self.meanings if each.means == means), None)

    @property
    def ignored(self) -> list[int]:
        """Columns that are nobody's business."""
        return [each.column for each in self.meanings if each.means == IGNORED]


def layout_of(sheet: Sheet, kinds: Iterable[FeeKind], told: Mapping[int, tuple[str, str | None]]) -> Layout | None:
    """How a sheet is laid out; None where it holds no list of payers. `told`: meanings that a person gave, by column."""
    reading = _reading(sheet)
    number = _header_row(sheet, reading.convert)
    if number is None:
        return None
    headings = [reading.convert(text).strip() for text in sheet.row(number)]
    last, headings = _second_row(sheet, number, headings, reading.convert)
    meanings = [
        _meaning(sheet, last, column, heading, list(kinds), told.get(column))
        for column, heading in enumerate(headings)
        if heading or column in told
    ]
    return Layout(last, tuple(_once_each(meanings)), _class_of(sheet, number, reading.convert), reading)


def class_in(text: str) -> str | None:
    """The class that a text names: "DANH SÁCH THU LỚP 4B" → "4B"."""
    found = _CLASS.search(text)
    return " ".join(found[1].split()).strip() if found else None


def _reading(sheet: Sheet) -> Reading:
    words: set[str] = set()
    for row in sheet.rows:
        words_beyond_ascii(row, words)
    try:
        return reading_of_letters(words)
    except EncodingUncertainError as doubt:
        return AS_IT_IS if doubt.is_mixed or doubt.likely is None else doubt.likely


def _header_row(sheet: Sheet, convert: Callable[[str], str]) -> int | None:
    """The row with the most headings, which must name who pays."""
    best, found = _HEADER_LEAST - 1, None
    for number in range(1, min(HEADER_ROWS_MAX, len(sheet.rows)) + 1):
        names = {_KNOWN.name_of(convert(text)) for text in sheet.row(number) if text.strip()} - {None}
        if names & {"payer_code", "payer_name", FAMILY_NAME} and len(names) > best:
            best, found = len(names), number
    return found


def _second_row(sheet: Sheet, number: int, headings: list[str], convert: Callable[[str], str]) -> tuple[int, list[str]]:
    """Headings in two rows: a wide one ("Các khoản thu") over those that it holds."""
    below = [convert(text).strip() for text in sheet.row(number + 1)]
    named = [
        column
        for column, heading in enumerate(headings)
        if _KNOWN.name_of(heading) in {"payer_code", "payer_name", FAMILY_NAME}
    ]
    nobody = all(column >= len(below) or below[column] in {"", headings[column]} for column in named)
    if not any(below) or not nobody or any(_is_amount(text) for text in below):
        return number, headings
    width = max(len(headings), len(below))
    wide, narrow = [*headings, *[""] * (width - len(headings))], [*below, *[""] * (width - len(below))]
    return number + 1, [lower or upper for upper, lower in zip(wide, narrow, strict=True)]


def _meaning(
    sheet: Sheet, last: int, column: int, heading: str, kinds: Sequence[FeeKind], told: tuple[str, str | None] | None
) -> Meaning:
    if told is not None:
        return Meaning(column, heading, told[0], told[1])
    name = _KNOWN.name_of(heading)
    if name is not None:
        return Meaning(column, heading, name)
    fee_kind = _fee_kind(heading, kinds)
    filled = [text for row in sheet.rows[last:] if column < len(row) and (text := row[column].strip()) not in NOTHING]
    # Below the list stand signatures and sums in words; so not every cell need be an amount.
    if fee_kind is not None or (filled and sum(_is_amount(text, _LEAST_FEE) for text in filled) * 2 > len(filled)):
        return Meaning(column, heading, FEE, fee_kind)
    return Meaning(column, heading, UNKNOWN)


def _fee_kind(heading: str, kinds: Sequence[FeeKind]) -> str | None:
    """The kind whose code or name the heading is, or the only one whose name shares its words."""
    wanted = normal_heading(heading)
    exact = {kind.fee_kind for kind in kinds if wanted in {normal_heading(kind.fee_kind), normal_heading(kind.name)}}
    if len(exact) == 1:
        return exact.pop()
    near = {kind.fee_kind for kind in kinds if _holds(normal_heading(kind.name), wanted)}
    return near.pop() if len(near) == 1 else None


def _holds(one: str, other: str) -> bool:
    short, long = sorted((one.split(), other.split()), key=len)
    return len(short) > 1 and any(long[start : start + len(short)] == short for start in range(len(long) - len(short) + 1))


def _once_each(meanings: Iterable[Meaning]) -> list[Meaning]:
    """Of two columns for one thing the first counts, but fees are as many as there are."""
    seen: set[str] = set()
    kept = []
    for each in meanings:
        if each.means in seen and each.means not in {FEE, IGNORED, UNKNOWN}:
            kept.append(replace(each, means=UNKNOWN))
        else:
            seen.add(each.means)
            kept.append(each)
    return kept


def _class_of(sheet: Sheet, header_row: int, convert: Callable[[str], str]) -> str | None:
    """The class that a title above the list tells, or the sheet's name."""
    for row in sheet.rows[: header_row - 1]:
        for text in row:
            if found := class_in(convert(text)):
                return found
    name = sheet.name.strip()
    if _BARE_CLASS.fullmatch(name):
        return name
    return class_in(name) or (name if search_key(name).startswith("mau giao ") else None)


def _is_amount(text: str, least: int = 1) -> bool:
    try:
        return parse_dong(text) >= least
    except AmountError:
        return False


MEANINGS: Final = frozenset({column.name for column in COLUMNS} | {FEE, TOTAL, FAMILY_NAME, IGNORED, UNKNOWN})
"""What a person may say that a column is."""
