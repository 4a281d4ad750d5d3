"""Words of deposits and of the settlement of a treatment."""

from __future__ import annotations

from typing import Final

TITLE = "Tạm ứng, quyết toán"
HINT = "Tạm ứng lập ở quầy thu. Khi ra viện, quyết toán ở đây: còn thiếu thì có mã QR mới, còn thừa thì hoàn ứng."
FIND = "Tìm người bệnh: tên hoặc mã"
NONE_FOUND = "Không tìm thấy người bệnh nào như vậy."
NO_SITE = "Bạn không làm việc ở cơ sở y tế nào."
DEPOSITS = "Đã tạm ứng {paid} trên {asked}"
NO_DEPOSIT = "Chưa có khoản tạm ứng nào."
NUMBER = "Mã đợt điều trị"
TOTAL = "Tổng chi phí"
INSURANCE = "Bảo hiểm y tế trả"
SETTLE = "Quyết toán"
DONE_PAY = "Đã quyết toán {number}: còn phải nộp {amount}."
DONE_RETURN = "Đã quyết toán {number}: hoàn ứng {amount}."
DONE_EVEN = "Đã quyết toán {number}: vừa đủ, không phải nộp thêm."
SETTLED = "Đã quyết toán"
EMPTY = "Chưa quyết toán đợt điều trị nào."
COLUMNS = ("Mã đợt, mã người bệnh", "Lúc", "Tổng chi phí", "Bảo hiểm trả", "Đã tạm ứng", "Còn phải nộp", "Hoàn ứng")
SHOW_QR = "Hiện QR ở quầy"
PROBLEMS: Final[dict[str, str]] = {
    "refused": "Chưa quyết toán được: phần bảo hiểm nhiều hơn tổng chi phí, hoặc khoản tạm ứng không phải của người này.",
    "key_reused": "Mã đợt điều trị này đã được quyết toán với số khác.",
}
