"""Words of the committees' monthly report and of the digital groups' page."""

from __future__ import annotations

from typing import Final

TITLE = "Báo cáo tháng"
REPORT_TITLE = "Báo cáo thanh toán không dùng tiền mặt tháng {month}/{year}"
OF = "{place}"
MONTH = "Tháng"
SHOW = "Xem"
EMPTY = "Chưa có số liệu của tháng này."
SHARE_PAYERS = "Người nộp không dùng tiền mặt"
SHARE_COUNT = "Lượt nộp không dùng tiền mặt"
SHARE_VALUE = "Số tiền không dùng tiền mặt"
COVERAGE = "Đơn vị thu có người nộp không dùng tiền mặt"
AUTOMATIC = "Chuyển khoản tự khớp, không cần người xử lý"
PART_OF = "{part} trên {whole}"
CHANGE_UP = "tăng {points} điểm so với tháng trước"
CHANGE_DOWN = "giảm {points} điểm so với tháng trước"
CHANGE_NONE = "bằng tháng trước"
CHANGE_UNKNOWN = "tháng trước chưa có số liệu"
WITHHELD = "ít hơn 5"
WITHHELD_HINT = "Nhóm dưới 5 người nộp không hiện số, để không lộ cá nhân."
CHART = "12 tháng gần nhất: {title}"
CHART_NONE = "Biểu đồ hiện khi có số liệu của ít nhất hai tháng."
CHART_POINT = "tháng {month}: {share}"
BY: Final[dict[str, str]] = {
    "commune": "Theo xã",
    "village": "Theo thôn",
    "site": "Theo đơn vị thu",
    "type": "Theo loại đơn vị",
}
TYPES: Final[dict[str, str]] = {"school": "Trường học", "health": "Cơ sở y tế", "office": "Bộ phận Một cửa"}
TABLE_COLUMNS = ("Nơi", "Người nộp", "Lượt nộp", "Số tiền")
HELP_FIRST = "Năm đơn vị cần giúp trước"
HELP_COLUMNS = ("Đơn vị thu", "Người nộp không dùng tiền mặt", "Nguyên nhân có thể")
HELP_NONE = "Không có đơn vị nào cần giúp gấp."
CAUSES: Final[dict[str, str]] = {
    "no_qr": "Chưa có ai chuyển khoản: có thể chưa in hoặc chưa phát mã QR",
    "no_webhook": "Ngân hàng chưa gửi tin báo: chưa nối webhook, tiền chỉ thấy khi có sao kê",
    "no_code": "Nhiều nội dung chuyển khoản thiếu mã: cần hướng dẫn quét QR, giữ nguyên nội dung",
    "cash_habit": "Thói quen nộp tiền mặt: cần hướng dẫn tại chỗ",
    "silent": "Chưa có khoản nộp nào trong tháng",
}
HEADLINE_COLUMNS = ("Chỉ tiêu", "Tỷ lệ", "Trên tổng số", "So với tháng trước")
DONE = "Việc đã làm tháng trước"
DONE_COLUMN = "Việc đã làm"
DONE_NONE = "Chưa ghi việc nào."
CAMPAIGN = "{name} ({place}), từ {first} đến {last}"
HELP_LINE = "{kind}: {people} người"
XLSX = "Tải XLSX"
PDF = "Tải PDF"
PRINT = "In trang này"
SIGN_PLACE = "{place}, ngày … tháng … năm …"
SIGNERS = ("Người lập báo cáo", "Trưởng ban chỉ đạo")
NO_PERSONAL = "Báo cáo không có dữ liệu cá nhân."

GROUP_TITLE = "Nơi cần đến"
GROUP_HINT = "Các đơn vị thu trong địa bàn, nơi cần giúp nhất ở trên cùng."
GROUP_SHEET = "In tờ hướng dẫn nộp tiền bằng mã QR"
GROUP_LOG = "Ghi lượt hỗ trợ"
GROUP_LOG_HINT = "Chỉ ghi số người, không ghi tên."
GROUP_WHERE = "Thôn, xã"
GROUP_WHEN = "Ngày"
GROUP_KIND = "Đã giúp"
GROUP_PEOPLE = "Số người"
GROUP_SAVE = "Ghi"
GROUP_SAVED = "Đã ghi."
GROUP_RECENT = "Đã ghi gần đây"
HELP_KINDS: Final[dict[str, str]] = {
    "install": "Cài ứng dụng ngân hàng",
    "scan": "Quét mã QR để nộp tiền",
    "account": "Mở tài khoản",
    "poster": "Dán hoặc phát tờ hướng dẫn",
    "paid_for": "Nộp giúp người không có điện thoại",
    "other": "Việc khác",
}
SHEET_TITLE = "Nộp tiền bằng mã QR"
SHEET_STEPS = (
    "Mở ứng dụng ngân hàng, bấm “Quét QR”.",
    "Quét mã trên giấy báo. Nếu mã ở trong điện thoại, chọn ảnh mã QR đã lưu.",
    "Xem đúng tên đơn vị thu rồi mới bấm chuyển. Giữ nguyên số tiền và nội dung.",
    "Chờ tin báo đã nhận. Chưa thấy thì hỏi đơn vị thu, đừng chuyển lại.",
)
SHEET_HELP = "Không có điện thoại? Nhờ con cháu ở xa nộp giúp bằng chính mã đó, hoặc nhờ tổ công nghệ số cộng đồng."
SHEET_SAFE = "Không ai được hỏi mật khẩu, mã OTP hay giấy tờ của bạn. Ai hỏi là lừa đảo."
SHEET_FREE = "Đơn vị thu không thu thêm phí khi chuyển khoản."
