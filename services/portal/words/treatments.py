"""Words of deposits and of the settlement of a treatment."""

from __future__ import annotations

from typing import Final

TITLE = "Tạm ứng, quyết toán"
HINT = "Tạm ứng lập ở quầy thu. Khi ra viện, quyết toán ở đây: còn thiếu thì có mã QR mới, còn thừa thì hoàn ứng."
FIND = "Tìm người bệnh: tên hoặc mã"
NONE_FOUND = "Không tìm thấy người bệnh nào như vậy."
NO_SITE = "Bạn không làm việc ở cơ sở y tế nào."
DEPOSITS = "Đã tạm ứng {paid} trên {asked}"
NO_DEPOSIT = "Không có khoản tạm ứng nào chờ quyết toán."
NUMBER = "Mã đợt điều trị"
TOTAL = "Tổng chi phí"
INSURANCE = "Bảo hiểm y tế trả"
SETTLE = "Quyết toán"
DONE_PAY = "Đã quyết toán {number}: còn phải nộp {amount}."
DONE_RETURN = "Đã quyết toán {number}: hoàn ứng {amount}. Khớp tự lập đề nghị hoàn trả để thủ trưởng duyệt."
DONE_EVEN = "Đã quyết toán {number}: vừa đủ, không phải nộp thêm."
SETTLED = "Đã quyết toán"
EMPTY = "Chưa quyết toán đợt điều trị nào."
COLUMNS = ("Mã đợt, mã người bệnh", "Lúc", "Tổng chi phí", "Bảo hiểm trả", "Đã tạm ứng", "Còn phải nộp", "Hoàn ứng")
NOT_PROPOSED = "chưa có đề nghị hoàn trả"
GOING_BACK: Final[dict[str, str]] = {
    "proposed": "chờ duyệt",
    "approved_cash": "đã duyệt, trả tiền mặt ở trang Ca thu",
    "approved_transfer": "đã duyệt, chờ chuyển khoản",
    "listed": "đã duyệt, chờ ngân hàng chuyển",
    "paid": "đã trả ngày {day}",
    "told": "đã trả ngày {day}",
    "refused": "không duyệt",
    "withdrawn": "đã rút đề nghị",
}
SHOW_QR = "Hiện QR ở quầy"
PROBLEMS: Final[dict[str, str]] = {
    "refused": "Chưa quyết toán được: phần bảo hiểm nhiều hơn tổng chi phí, hoặc khoản tạm ứng không phải của người này.",
    "deposit_settled": "Khoản tạm ứng này đã tính vào một lần quyết toán khác.",
    "settled_otherwise": "Mã đợt điều trị này đã được quyết toán với số khác.",
    "key_reused": "Mã đợt điều trị này đã được quyết toán với số khác.",
}
