"""What stands around a bank's table and speaks of all of it: the account, the period, when the file was made. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time

from services.ingest.statements.cells import CellError, local_moment, read_day, read_time
from services.ingest.statements.model import Fault, StatementError
from services.ingest.statements.records import Record
from shared.accounts import AccountError, normal_account
from shared.runtime.tables import normal_heading

_ACCOUNT = ("so tai khoan", "so tk", "tai khoan account no", "account number", "account no")
_OLD_ACCOUNT = ("cu", "old", "doi ung")

_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:[ ]?[ap]m)?"
_DATED = re.compile(rf"(?<!\d)(?:{_CLOCK}[ \t,]+)?\d{{1,4}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}(?:[ \tt,]+{_CLOCK})?", re.ASCII)

# "Từ" and not any word that is written alike without its marks: "Đầu tư", a customer named Tú.
_DAY = r"(?:ngày|ngay|date|giao dịch|giao dich|gd)"
_FROM, _TO = r"\b(?:từ|tu|from)\b", r"\b(?:đến|den|tới|to|till|until)\b"
_BEGINS = re.compile(rf"{_FROM}(?:\W+(?:{_DAY}|từ|tu|from))*\W*$")
_ENDS = re.compile(rf"{_TO}(?:\W+(?:{_DAY}|hết|het|đến|den|to))*\W*$")
_BEGINS_AND_ENDS = re.compile(rf"{_FROM}.*{_ENDS.pattern}")
_SPANS = re.compile(
    r"\b(?:kỳ|ky|thời gian|thoi gian|period)(?:\W+(?:sao kê|sao ke|giao dịch|giao dich|statement|period))*\W*$"
)
_JOINED = re.compile(r"[^\w\n]*")
_MADE = re.compile(
    r"\b(?:(?:ngày|ngay|giờ|gio|thời gian|thoi gian|thời điểm|thoi diem)\s+"
    r"(?:in|xuất|xuat|kết xuất|ket xuat|trích xuất|trich xuat|lập|lap|tạo|tao)"
    r"|(?:in|xuất|xuat|kết xuất|ket xuat)\s+(?:ngày|ngay|lúc|luc|vào|vao)"
    r"|(?:print|export|download)(?:ed|ing)?\W+(?:date|time|on|at))"
    r"(?:\W+(?:ngày|ngay|giờ|gio|lúc|luc|in|sao kê|sao ke|báo cáo|bao cao|file|tệp|print|printed|export|exported"
    r"|date|time|on|at|and))*\W*$"
)


def check_account(above: Sequence[Record], account: str) -> None:
    """Refuse the statement of another account, where the file names one."""
    for record in above:
        text = " ".join(record.cells)
        normal = normal_heading(text)
        if not any(word in normal for word in _ACCOUNT) or any(f" {word}" in normal for word in _OLD_ACCOUNT):
            continue
        named = set()
        for token in re.split(r"[\s,;:|(){}\[\]<>/]+", text):
            try:
                bare = normal_account(token)
            except AccountError:
                continue
            if sum(letter.isdigit() for letter in bare) >= 6:
                named.add(bare)
        joined = re.sub(r"[\s.\-]", "", text)
        if named and account not in named and account not in joined.upper():
            raise StatementError(Fault(record.number, "account", "this is the statement of another account"))


def period_of(above: Sequence[Record]) -> tuple[date, date, time | None] | None:
    """The period that is named, "từ ngày … đến ngày …", in one row or several, and the time at which its last day ends if told.

    Other days that stand there, such as when the account was opened or the file printed, are no period.
    """
    first: date | None = None
    may_join = False
    for between, day, clock in _days_in(above):
        label = _last_words(between)
        if first is not None and (_ENDS.search(label) or (may_join and _JOINED.fullmatch(between))):
            # A last day is often written as its first moment.
            return first, day, None if clock == time() else clock
        may_join = any(words.search(label) for words in (_BEGINS, _BEGINS_AND_ENDS, _SPANS))
        if may_join:
            first = day
    return None


def made_at(around: Sequence[Record]) -> datetime | None:
    """When the bank printed or exported the file, where it says so; the day's first moment where it tells no time."""
    moments = [local_moment(day, clock) for between, day, clock in _days_in(around) if _MADE.search(_last_words(between))]
    return min(moments, default=None)


def _days_in(records: Sequence[Record]) -> Iterator[tuple[str, date, time | None]]:
    """Each day, with what stands between it and the day before and with its time."""
    rows = ("\t".join(" ".join(cell.split()) for cell in record.cells).strip() for record in records)
    text = unicodedata.normalize("NFKC", "\n".join(rows)).lower()
    end = 0
    for found in _DATED.finditer(text):
        try:
            day, rest = read_day(found[0].upper())
            clock, _ = read_time(rest)
        except CellError:
            continue
        yield text[end : found.start()], day, clock
        end = found.end()


def _last_words(between: str) -> str:
    """The last row of it that has words: a label may stand above its day."""
    return next((row for row in reversed(between.split("\n")) if re.search(r"\w", row)), "")
