"""Words of fees: rounds, class lists, issuing, reminders."""

from __future__ import annotations

from typing import Final

TITLE = "Khoản thu"
INTERNAL = "Nội bộ, không niêm yết, không gửi nhóm lớp"
ROUNDS = "Các đợt thu"
ROUND_COLUMNS = ("Đợt thu", "Hạn nộp", "Số người nộp", "Phải thu", "Đã thu", "Còn phải thu")
NO_ROUND = "Không thuộc đợt nào"
NO_ROUNDS = "Chưa có khoản thu nào. Bấm “Phát hành từ danh sách” để bắt đầu."
PAID_SHARE = "{share} đã nộp đủ"
CLASSES = "Theo lớp"
CLASS_COLUMNS = ("Lớp", "Số người", "Đã nộp đủ", "Một phần", "Chưa nộp", "Còn phải thu")
NO_CLASS = "Không có lớp"
LIST_COLUMNS = ("Họ và tên", "Mã người nộp", "Phải nộp", "Đã nộp", "Còn phải nộp", "Trạng thái")
STATES: Final[dict[str, str]] = {
    "paid": "đã nộp đủ",
    "part": "nộp một phần",
    "unpaid": "chưa nộp",
    "not_updated": "chưa cập nhật",
    "voluntary": "tự nguyện",
    "deposit": "tạm ứng",
    "cancelled": "đã hủy",
}
STATE_KINDS: Final[dict[str, str]] = {"paid": "ok", "part": "todo", "unpaid": "bad"}
"""The colour of a state; its word says it too."""
FILTERS: Final[dict[str, str]] = {"": "Tất cả", "unpaid": "Chưa nộp", "part": "Một phần", "paid": "Đã nộp đủ"}
EMPTY = "Không có ai ở đây."
STALE = "Số liệu ngân hàng đến {moment}; người vừa chuyển có thể chưa hiện."
NEVER_FRESH = "Chưa có số liệu ngân hàng."
OVERDUE = "quá hạn"
TOTAL = "Cộng"

SLIPS = "In giấy báo (PDF)"
SLIP = "Giấy báo"
CSV = "Tải CSV"
PRINT = "In danh sách"
REMIND = "Soạn tin nhắc"
REMIND_TITLE = "Tin nhắc cho {name}"
REMIND_HINT = "Gửi riêng cho từng người; không gửi vào nhóm lớp. Chép đoạn dưới đây."
REMIND_SMS = "Tin nhắn SMS (không dấu, tối đa 160 ký tự)"
REMIND_ZALO = "Zalo"
REMIND_SEND = "Mở tin nhắn"
REMIND_STALE = "Số liệu ngân hàng chưa cập nhật trong ngày; người này có thể đã nộp."
NOTHING_OWED = "Người này không còn khoản nào phải nộp."
NOTHING_TO_PAY = "Không còn khoản nào phải nộp, nên không có giấy báo để in."

ISSUE = "Phát hành từ danh sách"
ISSUE_HINT = (
    "Kéo tệp Excel hoặc CSV đang dùng vào đây: danh sách theo lớp, tiêu đề tiếng Việt, số tiền như 1.250.000. "
    "Chưa có gì được phát hành trước khi bạn xem lại."
)
ISSUE_FILE = "Tệp danh sách"
ISSUE_SITE = "Đơn vị thu"
ISSUE_ROUND = "Đợt thu"
ISSUE_ROUND_HINT = "Ví dụ: Tháng 12/2026"
ISSUE_DUE = "Hạn nộp"
ISSUE_PERIOD = "Kỳ (không bắt buộc)"
ISSUE_KIND = "Loại khoản thu, nếu tệp không ghi"
ISSUE_PURPOSE = "Nội dung thu, nếu tệp không ghi"
ISSUE_BY_NAME = "Tệp không có mã: nhận người nộp theo họ tên và lớp"
ISSUE_READ = "Đọc danh sách"
ISSUE_NONE = "Chưa chọn tệp."
DRAFT_TITLE = "Xem lại trước khi phát hành"
DRAFT_UNDERSTOOD = "Đã hiểu {notices} khoản của {payers} người, tổng {amount}."
DRAFT_NEW = "{count} khoản mới hoặc thay đổi; {unchanged} khoản đã có và giữ nguyên."
DRAFT_PROBLEMS = "Cần sửa ({count})"
DRAFT_PROBLEM_COLUMNS = ("Ô", "Vấn đề", "Sửa thành")
DRAFT_FIX = "Sửa các ô"
DRAFT_LEAVE_OUT = "Bỏ dòng này"
DRAFT_NEW_CLASS = "Lớp {group} là lớp mới"
DRAFT_SHEETS = "Các trang tính"
DRAFT_COLUMN = "{place}: {heading}"
DRAFT_NOT_UNDERSTOOD = "Không dùng đến"
DRAFT_LINES = "Các khoản sẽ phát hành"
DRAFT_LINE_COLUMNS = ("Dòng", "Người nộp", "Khoản thu", "Số tiền")
DRAFT_MORE = "… và {count} khoản nữa."
DRAFT_ISSUE = "Phát hành {count} khoản"
DRAFT_DROP = "Bỏ bản nháp"
DRAFT_ISSUED = "Đã phát hành {count} khoản, tổng {amount}."
DRAFT_SEE = "Xem đợt thu"

FEE = "Thu một khoản cho lớp, khối hoặc cả trường"
FEE_KIND = "Loại khoản thu"
FEE_PRICE = "Đơn giá"
FEE_DAYS = "Số ngày (để trống nếu là một khoản trọn)"
FEE_PURPOSE = "Nội dung thu"
FEE_GROUPS = "Các lớp, cách nhau bằng dấu phẩy (để trống: cả đơn vị)"
FEE_GRADES = "Hoặc các khối"
FEE_CHECK = "Xem trước"
FEE_ISSUE = "Phát hành"
FEE_WILL = "Sẽ phát hành {count} khoản; {unchanged} khoản giữ nguyên."
FEE_DONE = "Đã phát hành {count} khoản."
REJECTED = "Chưa phát hành được:"

NEXT = "Đợt tiếp theo từ đợt trước"
NEXT_LAST = "Đợt trước"
NEXT_ROUND = "Tên đợt mới"
PROBLEMS: Final[dict[str, str]] = {
    "nothing_to_pay": NOTHING_TO_PAY,
    "nothing_owed": NOTHING_OWED,
    "restricted": "Người nộp này đã yêu cầu hạn chế xử lý: không soạn tin nhắc.",
    "rows_rejected": "Danh sách còn chỗ cần sửa. Xin xem từng dòng bên dưới.",
    "unreadable": "Không đọc được tệp này. Xin lưu lại thành .xlsx hoặc .csv rồi thử lại.",
    "unknown_site": "Không có đơn vị thu này.",
    "issued": "Bản nháp này đã được phát hành.",
    "too_many_bills": "Danh sách quá dài. Xin chọn một đợt thu hoặc một lớp.",
}

TEACHER_TITLE = "Lớp của tôi"
TEACHER_LEFT = "{count} người chưa nộp đủ"
TEACHER_ALL_PAID = "Cả lớp đã nộp đủ."
TEACHER_NO_CLASS = "Bạn chưa được gắn với lớp nào. Xin nhờ người quản trị."
TEACHER_OWES = "Còn phải nộp {amount}"
