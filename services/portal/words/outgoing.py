"""Words of money that left: what it gave back, and what it handed on."""

from __future__ import annotations

from typing import Final

TITLE = "Tiền ra, thu hộ"
HINT = "Khoản nào chắc chắn thì Khớp tự ghi. Ở đây chỉ còn những khoản tiền ra mà một người cần xác nhận."
WAITING = "Tiền ra chờ xác nhận"
FIRST, NEXT = "Về đầu", "Xem tiếp"
EMPTY = "Không có khoản tiền ra nào chờ xác nhận."
TO_ACCOUNT = "Đến tài khoản {account}"
ACCOUNT_UNTOLD = "Ngân hàng không báo tài khoản nhận"
GAVE_BACK = {"refund": "Có thể là tiền hoàn trả của", "reversal": "Có thể là giao dịch bị đảo của"}
CREDIT = "khoản đã thu"
EVIDENCE: Final[dict[str, str]] = {
    "in_payment_list": "Có trong bảng kê chi ✓",
    "same_account": "Đúng tài khoản đã nộp ✓",
    "amount_equal": "Số tiền bằng nhau ✓",
    "memo_reversal": "Ngân hàng ghi là đảo giao dịch ✓",
    "memo_refund": "Nội dung ghi là hoàn trả ✓",
}
CONFIRM = "Đúng khoản này"
NOT_IT = "Không phải"
HANDED_ON = "Có thể là tiền thu hộ nộp cho đơn vị nhờ thu"
HELD = "đang giữ {amount}"
REMIT = "Ghi là tiền thu hộ đã nộp"

LEDGER = "Thu hộ"
LEDGER_HINT = "Đã thu và đã nộp trong tháng này; số còn phải nộp tính từ đầu."
LEDGER_COLUMNS: Final = ("Khoản thu", "Thu hộ cho", "Đã thu", "Đã nộp", "Còn phải nộp")
LEDGER_EMPTY = "Đơn vị này chưa thu hộ khoản nào."
BODY_UNTOLD = "chưa khai báo"
BODY = "Đơn vị nhờ thu"
BODY_ACCOUNT = "Số tài khoản của họ"
BODY_BANK = "Ngân hàng"
BODY_SAVE = "Lưu"
BODY_SET = "Khai báo"
BODY_HINT = "Có số tài khoản thì tiền chuyển đến đó được tự ghi là đã nộp."

DONE = "Đã nộp thu hộ"
DONE_LINE = "{day}: {kind}, {amount}"
DONE_BY = "{who} ghi lúc {time}"
BY_ITSELF = "Khớp tự ghi lúc {time}"
UNDO = "Gỡ"
PROBLEMS: Final[dict[str, str]] = {
    "unknown_money_out": "Khoản tiền ra này đã được xử lý. Xin tải lại trang.",
    "settled_meanwhile": "Khoản này vừa được người khác xử lý. Xin tải lại trang.",
    "not_proposed": "Khoản đã thu hoặc đề nghị hoàn trả này vừa thay đổi. Xin tải lại trang.",
    "more_than_paid": "Tổng các phần nhiều hơn số tiền đã chuyển đi.",
    "more_than_held": "Có phần nhiều hơn số thu hộ đang giữ.",
    "unknown_remittance": "Khoản này đã được gỡ.",
    "invalid_request": "Có ô chưa đúng. Xin xem lại.",
}
