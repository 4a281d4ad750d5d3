"""Every Vietnamese word that payers and the site's people read, once. Terms are those of DESIGN §2."""

from __future__ import annotations

import re
from typing import Final

from services.notices.lists.model import ListState
from services.notices.terms import DeductionKind
from shared.events.payments import Channel

PRODUCT = "Khớp"
SAMPLE = "MẪU, KHÔNG CHUYỂN TIỀN"
SAMPLE_SENTENCE = "Đây là dữ liệu mẫu để dùng thử. Không chuyển tiền."

BILL = "Thông báo thu"
ROUND = "Đợt thu"
CODE = "mã …{tail}"
DUE = "Hạn nộp"
VOLUNTARY = "tự nguyện"
TO_PAY = "Còn phải nộp"
AMOUNT_ASKED = "Số tiền theo thông báo"
"""Where the bank's data are old nobody can say that something is still unpaid."""
AMOUNT_VOLUNTARY = "Số tiền đóng góp tự nguyện"
AMOUNT_DEPOSIT = "Số tiền tạm ứng"
AMOUNT_BOTH = "Số tiền trong mã QR"
PARTS_OF_BOTH = "gồm {owed} {owed_label} và {voluntary} tự nguyện"
RECEIVED = "Đã nhận"
RECEIVED_ALL = "ĐÃ NHẬN ĐỦ"
DONE = "đã nhận đủ"

SAVE_QR = "Lưu ảnh QR"
SAVE_HINT = (
    "Rồi mở ứng dụng ngân hàng, chọn quét QR, chọn ảnh vừa lưu. Không lưu được thì nhấn giữ vào ảnh QR bên dưới, "
    "hoặc chụp màn hình."
)
BANK_APPS = "Mở ứng dụng ngân hàng điền sẵn thông tin"
BANK_APPS_HINT = "Chỉ dùng được khi điện thoại đã cài ứng dụng. Liên kết đi qua dịch vụ VietQR (dl.vietqr.io)."
TRANSFER = "Hoặc chuyển khoản bằng tay"
BANK = "Ngân hàng"
ACCOUNT_NAME = "Tên tài khoản"
ACCOUNT = "Số tài khoản"
AMOUNT = "Số tiền"
MEMO = "Nội dung"
ONLY_IF = "Chỉ chuyển khi ứng dụng hiện đúng tên {name}"
MEMO_HINT = "Giữ nguyên nội dung: nhờ mã này đơn vị thu biết tiền của ai."
COPY = "Chép"
COPIED = "Đã chép"

LINES = "Các khoản"
TAKEN_OFF: Final[dict[DeductionKind, str]] = {
    "exemption": "miễn",
    "reduction": "giảm",
    "support": "hỗ trợ",
    "insurance": "bảo hiểm y tế trả",
    "deposit": "đã tạm ứng",
}
UNTICK = "Khoản tự nguyện có thể bỏ chọn; mã QR sẽ mang số tiền mới."
OFFERED = "Khoản tự nguyện, nếu muốn nộp"
RECOUNT = "Tính lại số tiền"

AFTER = "Sau khi chuyển"
WAIT = "Chờ tối đa {minutes} phút rồi xem lại trang này."
DO_NOT_REPEAT = "Chưa thấy thì gọi {phone}, đừng chuyển lại."
DO_NOT_REPEAT_SITE = "Chưa thấy thì hỏi {site}, đừng chuyển lại."
CHECK_AGAIN = "Xem tiền đã đến chưa"
FRESH = "Số liệu ngân hàng cập nhật đến {moment}."
STALE = "Số liệu ngân hàng chưa cập nhật. Nếu đã chuyển thì không cần chuyển lại."

SHARE = "Gửi cho con cháu nộp giúp"
SHARE_HINT = "Chép đoạn này gửi qua Zalo hoặc tin nhắn:"
SHARE_TEXT = "Nhờ nộp giúp {name}{group}: {amount} cho {site}{due}. Bấm vào để lấy mã QR: {link}"
SHARE_SMS = "Gửi bằng tin nhắn"
HELPER = "Tôi nộp giúp"
HELPER_HINT = "Bấm nếu bạn nộp thay cho người khác (con, cháu, hàng xóm, học trò …)."
HELPER_THANKS = "Đã ghi nhận: có người nộp giúp. Cảm ơn bạn."

SAFETY = "Trang này không bao giờ hỏi số tài khoản, mã OTP, mật khẩu hay giấy tờ tùy thân của bạn. Ai hỏi là lừa đảo."
FREE = "Đơn vị thu không thu thêm phí khi chuyển khoản."
PHONE = "Điện thoại"

PROOF = "Xác nhận đã nhận tiền"
PROOF_DISCLAIMER = "Không phải chứng từ kế toán; không thay thế phiếu thu, biên lai, hóa đơn."
RETURNED = "Đã hoàn trả"
RETURNED_LINE = "{amount}, ngày {day}, trong khoản nộp ngày {paid}"
PROOF_LINE = "{amount}, {channel}, {day}"
NOTHING_MORE = "Không cần chuyển thêm."
CHANNELS: Final[dict[Channel, str]] = {
    "bank": "chuyển khoản",
    "cash": "tiền mặt",
    "portal": "Cổng Dịch vụ công",
    "opening": "số dư đầu kỳ",
}
REFERENCE = "Mã thanh toán"

CANCELLED = "Khoản thu đã hủy. Không cần chuyển tiền."
NO_ACCOUNT = "Đơn vị thu chưa có tài khoản nhận tiền. Xin hỏi {site}."
CLOSED_TITLE = "Thông báo thu đã đóng"
CLOSED = "Trang này chỉ mở 90 ngày. Cần xem lại, xin hỏi đơn vị thu."
UNKNOWN_TITLE = "Không tìm thấy thông báo thu"
UNKNOWN = "Đường dẫn gõ thiếu, đã đổi hoặc đã thu hồi. Đừng chuyển tiền; xin hỏi lại đơn vị thu."
BUSY_TITLE = "Xin chờ một lát"
BUSY = "Trang được mở quá nhiều lần. Xin thử lại sau một phút."
AWAY = "Tạm thời chưa đọc được dữ liệu; không có gì bị mất. Xin thử lại sau ít phút."

INTERNAL = "Nội bộ, không niêm yết, không gửi nhóm lớp"
LIST_STATES: Final[dict[ListState, str]] = {
    "paid": "đã nộp đủ",
    "part": "nộp một phần",
    "unpaid": "chưa nộp",
    "not_updated": "chưa cập nhật",
    "voluntary": "tự nguyện",
    "deposit": "tạm ứng",
    "cancelled": "đã hủy",
}
LIST_COLUMNS: Final[dict[str, str]] = {
    "payer_code": "Mã người nộp",
    "payer_name": "Họ và tên",
    "group": "Lớp",
    "reference": "Mã thanh toán",
    "owed": "Phải nộp",
    "voluntary": "Tự nguyện",
    "paid": "Đã nộp",
    "left": "Còn phải nộp",
    "due_on": "Hạn nộp",
    "is_overdue": "Quá hạn",
    "state": "Tình trạng",
}
YES = "có"

REMINDER_SMS = "{site}: {who} {owes} {amount}{due}. Ma {reference}.{link} Da nop thi bo qua tin nay"
REMINDER_ZALO = """{site} xin nhắc: {who} {owes} {amount}{due}.
{lines}
Mã thanh toán: {reference}
Lấy mã QR hoặc gửi cho người nộp giúp: {link}
Nếu đã nộp, xin bỏ qua tin này. Đơn vị thu không bao giờ hỏi số tài khoản hay mã OTP."""
OWES = "còn phải nộp"
OWES_UNTIL = "theo số liệu đến {day} còn phải nộp"
OWES_ASKED = "theo số liệu hiện có còn phải nộp"
"""Where the site's bank never told anything."""
IS_DUE = ", hạn {day}"
WAS_DUE = ", hạn {day} đã qua"

_PROBLEMS: Final[tuple[tuple[str, str], ...]] = (
    (r"is empty, and two payers of this class have this name", "chưa có mã, và lớp này có hai người trùng tên"),
    (r"is empty, and no payer of this class and name is known", "chưa có mã, và chưa biết người nộp này của lớp"),
    (r"holds the payer's citizen identity number.*", "mã khoản thu chứa số định danh cá nhân; xin đặt mã khác"),
    (r"is a class in which the school has no payer yet.*", "lớp này chưa có trong danh sách; nếu là lớp mới, xin xác nhận"),
    (r"is empty", "còn trống"),
    (r"not a whole number of đồng.*", "không phải số tiền chẵn đồng, ví dụ 150000 hoặc 1.250.000"),
    (r"must be between 1 and .*", "phải là số tiền từ 1 đồng trở lên"),
    (r"a formula ended in an error here.*", "công thức ở ô này bị lỗi; xin sửa lại"),
    (r"is above the ceiling of this fee kind, (.*)", r"vượt mức trần của khoản thu, \1"),
    (r"is more than a QR carries, (.*)", r"vượt số tiền mã QR mang được, \1"),
    (r"makes the bill larger than a QR carries, (.*)", r"làm thông báo thu vượt số tiền mã QR mang được, \1"),
    (r"is not in the site's list of fee kinds.*", "chưa có trong danh mục khoản thu của đơn vị"),
    (r"is not collected on the day of issue.*", "khoản thu này không còn (hoặc chưa) được thu vào ngày phát hành"),
    (r"pupils of public schools pay no tuition.*", "học sinh trường công lập không nộp học phí (Nghị định 238/2025/NĐ-CP)"),
    (r"not a date such as.*", "không phải ngày, ví dụ 05/11/2026"),
    (r"this date does not exist", "không có ngày này"),
    (r"not a telephone number", "không phải số điện thoại"),
    (r"is not the sum of the fees that were understood, (.*)", r"không bằng tổng các khoản đã hiểu, \1"),
    (r"is needed where days, absences or deductions are given", "cần có đơn giá khi có số ngày, ngày nghỉ hoặc miễn giảm"),
    (r"are more than the days", "nhiều hơn số ngày"),
    (r"is not what its terms make: (.*)", r"không bằng số tính từ đơn giá và số ngày, \1"),
    (r"nothing is left to be paid after what is taken off.*", "sau miễn giảm không còn gì phải nộp; xin bỏ dòng này"),
    (r"may hold letters, digits and .*", "mã chỉ gồm chữ, số và các dấu . : + @ # - _, không có dấu cách"),
    (r"is a number that the spreadsheet rounded.*", "là số đã bị bảng tính làm tròn; xin định dạng cột là văn bản"),
    (r"its payer was erased.*", "người nộp của khoản này đã được xóa theo yêu cầu của họ; xin bỏ dòng này"),
    (r"this payer was erased.*", "người nộp này đã được xóa theo yêu cầu của họ, cả thông báo thu đợt này; xin bỏ dòng này"),
    (r"is another site's notice.*", "là mã khoản thu của đơn vị khác"),
    (r"no row of headings was found that names who pays", "không thấy dòng tiêu đề có cột họ tên hoặc mã người nộp"),
    (r"holds characters that cannot be printed", "có ký tự không in được"),
    (r"is longer than (\d+) characters", r"dài hơn \1 ký tự"),
    (r"must be one of (.*)", r"phải là một trong: \1"),
)
"""What is wrong with a cell, in the words of whoever has to put it right."""


def problem(text: str) -> str:
    """A problem in Vietnamese; one that has no translation yet stays as it is."""
    for pattern, translated in _PROBLEMS:
        if found := re.fullmatch(pattern, text):
            return found.expand(translated)
    return text
