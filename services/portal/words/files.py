"""What is wrong with a file, in the words of those who sent it. The owners name the place and say the rest in English."""

from __future__ import annotations

import re
from typing import Final

COLUMNS: Final[dict[str, str]] = {
    "file": "cả tệp",
    "*": "cả tệp",
    "date": "ngày",
    "amount": "số tiền",
    "debit": "ghi nợ",
    "credit": "ghi có",
    "balance": "số dư",
    "closing": "số dư cuối",
    "account": "tài khoản",
    "notice_id": "mã khoản thu",
    "payer_code": "mã người nộp",
    "reference": "mã thanh toán",
    "number": "số",
    "dossier": "mã hồ sơ",
    "day": "ngày nộp",
    "series": "ký hiệu",
    "issued_on": "ngày",
    "kind": "loại",
    "link": "đường dẫn",
    "fee_kind": "loại khoản thu",
    "site_id": "đơn vị thu",
    "groups": "lớp",
    "grades": "khối",
    "price": "đơn giá",
    "due_on": "hạn nộp",
    "valid_from": "ngày bắt đầu",
    "absences": "số ngày nghỉ",
}
PLACE = "dòng {row}, {column}: {problem}"
OTHER = "không đọc được chỗ này"

_PROBLEMS: Final[tuple[tuple[str, str], ...]] = (
    ("zero bytes", "tệp không phải văn bản hay bảng tính"),
    ("the file is empty", "tệp trống"),
    ("neither XLSX nor", "tệp không phải XLSX hay CSV (UTF-8); hãy lưu lại thành .xlsx"),
    ("not in UTF-8|not UTF-8", "chữ không theo bảng mã UTF-8; hãy lưu lại thành .xlsx hoặc “CSV UTF-8”"),
    ("old font", "chữ theo bảng mã cũ (TCVN3, VNI); hãy đổi sang Unicode"),
    ("larger than .* MiB|more than .* rows|too many lines", "tệp quá lớn; hãy chia nhỏ"),
    ("more cells than headings", "dòng có nhiều ô hơn tiêu đề"),
    ("quotation marks", "dấu ngoặc kép của dòng này không khép lại"),
    ("more than .* characters", "ô quá dài"),
    ("cut short|not whole", "tệp bị cắt cụt; hãy tải lại từ ngân hàng"),
    ("another account", "đây là sao kê của tài khoản khác"),
    ("account is missing", "thiếu số tài khoản"),
    ("balances? (is|are) missing|balance are missing|opening and closing", "thiếu số dư đầu và số dư cuối"),
    ("only accounts in VND", "chỉ nhận tài khoản tiền đồng"),
    ("lies in the future", "ngày ở tương lai"),
    ("outside the statement's period", "ngày nằm ngoài kỳ của sao kê"),
    ("neither a period nor a movement", "sao kê không ghi kỳ và không có giao dịch nào"),
    ("both a debit and a credit", "dòng có cả ghi nợ và ghi có"),
    ("a day and no amount|amount is missing", "thiếu số tiền"),
    ("sum of the rows|does not follow|not add up", "số liệu không cộng đúng; tệp có thể thiếu dòng"),
    ("no whole number|not a whole number|is no number|must be between|must be above 0|amount of 0", "số tiền không đúng"),
    ("date is missing", "thiếu ngày"),
    ("no ISO 8601|no date|not a date", "ngày không đúng"),
    ("holds no statement", "tệp XML không có sao kê CAMT.053"),
    ("entities or an unknown encoding", "tệp XML có phần không được nhận"),
    ("MT940 statement cannot be read", "không đọc được sao kê MT940"),
    ("CRDT or DBIT", "không rõ ghi nợ hay ghi có"),
    ("the period must be", "kỳ của sao kê không đúng"),
    ("larger than any account's", "số dư không đúng"),
    ("heading|column", "không nhận ra tiêu đề cột"),
    ("no paid notice", "không có khoản thu đã nộp nào như vậy ở đơn vị này"),
    ("several paid notices", "nhiều khoản thu đã nộp cùng hợp; hãy ghi mã khoản thu"),
    ("differs from what was paid", "khác số đã nộp"),
    ("names no notice", "dòng không ghi khoản thu nào"),
    ("may hold letters", "mã có ký tự không dùng được"),
    ("rounded", "bảng tính đã làm tròn số này; hãy để cột ở dạng văn bản"),
    ("web address", "không phải đường dẫn https"),
    ("the same as in row", "trùng với một dòng ở trên"),
    ("ceiling", "vượt mức trần của khoản thu"),
    ("nobody whom this rule means", "không có ai thuộc diện thu này mang mã đó"),
    ("no payer is known", "chưa có người nộp nào ở đây"),
    ("no payer of this site", "đơn vị chưa có người nộp; hãy phát hành từ danh sách trước"),
    ("more than the days", "số ngày nghỉ nhiều hơn số ngày tính tiền"),
    ("was reported before", "số này đã được báo với số tiền hoặc ngày khác"),
    ("for another dossier", "số này đã được báo cho hồ sơ khác; hãy chuyển khoản tiền ấy sang hồ sơ đúng trước"),
    ("citizen identity", "đây là số căn cước; hãy ghi mã hồ sơ"),
    ("must be filled|is missing|is empty", "còn trống"),
    ("no fee kind|unknown fee|is no fee", "không có loại khoản thu này"),
    ("no site", "không có đơn vị thu này"),
)
"""Patterns of what the owners say, the more particular first."""
_READ: Final = tuple((re.compile(pattern), text) for pattern, text in _PROBLEMS)


def problem_of(said: str) -> str:
    """A problem as our readers say it; never English."""
    return next((text for pattern, text in _READ if pattern.search(said)), OTHER)


def place(row: object, column: object, problem: object) -> str:
    """A place in a file and what is wrong there."""
    name = str(column)
    return PLACE.format(row=row, column=COLUMNS.get(name, name), problem=problem_of(str(problem)))
