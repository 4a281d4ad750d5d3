"""Every Vietnamese word of the pages, once, by subject; here what several pages say. Terms are those of DESIGN §2."""

from __future__ import annotations

from typing import Final

from services.portal.model import State
from services.portal.words import asking as asking
from services.portal.words import audit as audit
from services.portal.words import cash as cash
from services.portal.words import committee as committee
from services.portal.words import counter as counter
from services.portal.words import days as days
from services.portal.words import evidence as evidence
from services.portal.words import fee_changes as fee_changes
from services.portal.words import fees as fees
from services.portal.words import files as files
from services.portal.words import outgoing as outgoing
from services.portal.words import people as people
from services.portal.words import periods as periods
from services.portal.words import queue as queue
from services.portal.words import reports as reports
from services.portal.words import requests as requests
from services.portal.words import searching as searching
from services.portal.words import treatments as treatments
from shared.events.payments import Channel, Reason

HOW_MATCHED: Final[dict[Reason, str]] = {
    "reference": "Mã thanh toán đúng",
    "reference_corrected": "Mã thanh toán đã sửa lỗi gõ",
    "virtual_account": "Tài khoản định danh",
    "payer_code": "Mã người nộp đúng",
    "learned_payer": "Người chuyển đã biết từ lần trước",
    "name": "Tên người nộp đúng",
    "several": "Nộp gộp nhiều khoản",
    "by_hand": "Kế toán khớp bằng tay",
    "cash_receipt": "Thu tiền mặt",
    "portal_report": "Nộp qua Cổng Dịch vụ công",
    "opening_balance": "Số dư đầu kỳ",
    "duplicate": "Nộp trùng",
    "cancelled": "Khoản thu đã hủy",
    "wrong_account": "Chuyển nhầm tài khoản",
    "ambiguous": "Nhiều khoản thu có thể đúng",
    "awaiting_notice": "Chờ khoản thu được lập",
    "over_allocated": "Khớp quá số phải nộp",
    "none": "Không thấy mã thanh toán",
    "cash_deposit": "Nộp tiền mặt vào tài khoản",
    "not_income": "Không phải khoản thu",
}
"""By which sign the credit was given to its notices, or why it was not."""


STATES: Final[dict[State, str]] = {
    "matched": "Đã khớp",
    "review": "Cần xử lý",
    "ignored": "Không phải khoản thu",
}

FILTERS: Final[tuple[tuple[str, State | None, str, str | None], ...]] = (
    ("", None, "Tất cả", None),
    ("matched", "matched", STATES["matched"], "matched_count"),
    ("review", "review", STATES["review"], "review_count"),
    ("ignored", "ignored", STATES["ignored"], None),
)
"""The filter as it stands in the address, the state it keeps, its name, and the figure that counts it."""

CHANNELS: Final[dict[Channel, str]] = {
    "bank": "",
    "cash": "Tiền mặt",
    "portal": "Cổng Dịch vụ công",
    "opening": "Số dư đầu kỳ",
}
"""The badge of a credit; what came by the bank needs none."""

MONEY_OUT = "Tiền ra"
SUGGESTED = "Có gợi ý"
SET_ASIDE = "Đã xử lý"
BY_PERSON = "Kế toán quyết định"

SUSPENSE_PARTS: Final[dict[str, str]] = {
    "unidentified": "chưa xác định khoản thu",
    "balance": "số dư chuyển kỳ sau",
    "to_return": "chờ hoàn trả",
    "returned": "đã hoàn trả",
    "not_a_fee": "không phải khoản thu",
}

AMOUNT_EQUAL = "Nộp đúng số tiền"
AMOUNT_PART = "Nộp một phần"
AMOUNT_OVER = "Nộp thừa"

NOTICE_UNKNOWN = "Khoản thu đang cập nhật"
NOTICE_NONE = "Chưa xác định"
PAYER_NONE = "Không rõ"
NOT_ASKED = "–"
MORE_NOTICES = "và {count} khoản khác"
SENDER = "người chuyển"

SAMPLE = "MẪU"
SAMPLE_SENTENCE = "Dữ liệu mẫu, không chuyển tiền"

EMPTY: Final[dict[State | None, str]] = {
    None: "Chưa có khoản tiền nào về. Khi ngân hàng báo có, trang này tự cập nhật.",
    "matched": "Chưa có khoản tiền nào được khớp.",
    "review": "Không còn khoản nào cần xử lý.",
    "ignored": "Không có giao dịch nào ngoài khoản thu.",
}
END_OF_LIST = "Không còn khoản nào cũ hơn."

PRODUCT = "Khớp"
SITES_TITLE = "Các đơn vị thu"
SITE_NONE = "Tiền về tài khoản chưa thuộc đơn vị thu nào"
RECEIVED = "Đã nhận"
MATCHED = STATES["matched"]
REVIEW = STATES["review"]
OTHERS = "Số dư, hoàn trả, không phải khoản thu"
"""What is neither matched nor waits for a person: with the two it makes up what was received."""
SINCE = "Từ {day} đến nay."
CASHLESS = "Không dùng tiền mặt"
PAYMENTS = "khoản"
COLUMNS = ("Giờ", "Số tiền", "Người nộp", "Khoản thu", "Cách khớp")
SITE_COLUMNS = ("Đơn vị thu", "Nhận hôm nay", "Cần xử lý", "Không dùng tiền mặt")
TODAY = "hôm nay"
SEARCH = "Tìm đơn vị thu"
SEARCH_HINT = "Tên đơn vị, không cần dấu"
SEARCH_BUTTON = "Tìm"
SEARCH_CLEAR = "Bỏ tìm"
LIST_OF = "Danh sách khoản tiền về"
FILTER_BY = "Lọc theo trạng thái"
OLDER = "Cũ hơn"
NEWEST = "Về mới nhất"
NEXT_PAGE = "Trang sau"
FIRST_PAGE = "Về trang đầu"
HELD = "Có thay đổi mới."
HELD_BUTTON = "Cập nhật danh sách"
BACK = "Quay lại"
SKIP = "Đến danh sách"
ALL_SITES = "Tất cả đơn vị"

SITES_EMPTY = "Chưa có đơn vị thu nào. Nhập danh sách bằng lệnh: khop import sites."
SITES_NOT_FOUND = "Không có đơn vị thu nào có tên như vậy. Gõ ít chữ hơn, không cần dấu."

PLACE_TAMPERED = "Đường dẫn đến phần này của danh sách không đúng. Xin mở lại từ đầu danh sách."
FILTER_UNKNOWN = "Không có bộ lọc nào như trong đường dẫn. Xin chọn lại ở đầu danh sách."
SEARCH_TOO_LONG = "Nội dung tìm quá dài: nhiều nhất {longest} ký tự. Xin gõ ngắn hơn."
SITE_UNKNOWN = "Không có đơn vị thu này. Có thể đường dẫn gõ thiếu, hoặc đơn vị chưa được nhập danh sách."
ADDRESS_WRONG = "Đường dẫn không đúng. Xin mở lại từ trang đầu."
NOT_YOUR_ROLE = "Vai của bạn không dùng trang này. Nếu cần, xin người quản trị cấp thêm vai."
NOT_YOUR_SITE = "Đơn vị thu này không thuộc phần việc của bạn."
FORM_FOREIGN = "Biểu mẫu được gửi từ một trang khác nên không được nhận. Xin mở lại trang và gửi từ đó."
FORM_STALE = "Biểu mẫu đã cũ hoặc không trọn vẹn nên chưa được ghi. Xin mở lại trang rồi làm lại."
FORM_WRONG = "Biểu mẫu có chỗ không đúng nên chưa được ghi. Xin mở lại trang rồi làm lại."
FIELD_MISSING = "Xin điền: {field}."
AMOUNT_WRONG = "“{typed}” không phải số tiền. Ví dụ: 150000 hoặc 1.250.000."
DATE_WRONG = "“{typed}” không phải ngày. Ví dụ: 05/11/2026."
FIELDS: Final[dict[str, str]] = {
    "note": "ghi chú",
    "reason": "lý do",
    "name": "họ và tên",
    "payer_name": "họ và tên người nộp",
    "payer_code": "mã người nộp",
    "amount": "số tiền",
    "document_number": "số chứng từ",
    "due_on": "hạn nộp",
    "q": "nội dung tìm",
    "said": "nội dung yêu cầu",
    "asked_by": "người yêu cầu",
    "step": "bước xử lý",
    "outcome": "kết quả",
    "round": "đợt thu",
    "purpose": "nội dung thu",
    "site_id": "đơn vị thu",
    "price": "đơn giá",
    "total": "tổng chi phí",
    "settlement_id": "mã đợt điều trị",
    "body": "đơn vị nhờ thu",
    "grants": "vai và nơi làm việc",
    "login": "tên đăng nhập",
}
"""The fields that people type into, as a sentence names them."""
UNEXPECTED = "Có lỗi ngoài dự kiến; lỗi đã được ghi lại. Xin tải lại trang để xem việc vừa làm đã được ghi chưa."
BY_COMMAND = "Quản trị máy chủ"
STORAGE_UNAVAILABLE = "Tạm thời chưa đọc được dữ liệu; không có gì bị mất. Xin thử lại sau ít giây."

BROKEN_TITLES: Final[dict[int, str]] = {
    400: "Chưa mở được trang này",
    403: "Không mở được",
    404: "Không tìm thấy",
    409: "Chưa làm được",
    412: "Đã có thay đổi",
    422: "Chưa làm được",
    429: "Xin chờ một lát",
    500: "Có lỗi ở máy chủ",
    502: "Chưa làm được",
    503: "Xin chờ một lát",
}

MENU = "Trình đơn"
MAIN_MENU = "Các trang"
HOME = "Trang đầu"
PAGES = "Các phần của danh sách"
FIND = "Tìm người nộp, mã, số tiền, nội dung chuyển khoản"
FIND_HINT = "Tìm tên, mã, số tiền, nội dung"
DAYS_WORD = "ngày"
LOOK = "Xem"
