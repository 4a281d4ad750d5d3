"""Words of shifts and of money that goes back."""

from __future__ import annotations

from typing import Final

SHIFTS_TITLE = "Ca thu"
OPEN_SHIFTS = "Ca đang mở"
NO_OPEN_SHIFT = "Không có ca nào đang mở."
JOURNAL = "Nhật ký thu bàn giao"
JOURNAL_COLUMNS = ("Quầy", "Mở ca", "Chốt ca", "Phải có", "Kiểm đếm", "Thừa, thiếu", "Bàn giao")
JOURNAL_EMPTY = "Chưa có ca nào trong khoảng này."
OPEN = "Mở ca"
OPEN_COUNTER = "Quầy"
OPEN_TILL = "Tiền có sẵn trong quầy"
OPENED = "Mở lúc {time}"
TAKES_CASH = "Người thu: {names}"
SHIFT_TITLE = "Ca thu quầy {counter}"
EXPECTED = "Phải có trong quầy"
RECEIPTS = "Các khoản thu trong ca"
NO_RECEIPTS = "Chưa thu khoản tiền mặt nào trong ca."
CLOSE = "Chốt ca"
CLOSE_HINT = "Người thu tiền không tự chốt ca của mình. Đếm từng mệnh giá; số bàn giao được tính ở đây."
DENOMINATION = "{note} đ"
NOTES: Final = (500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200)
LEFT_IN_TILL = "Để lại trong quầy"
REASON = "Lý do, nếu thừa hoặc thiếu"
REASONS: Final[dict[str, str]] = {
    "change_error": "Trả lại tiền thừa sai",
    "receipt_missing": "Thiếu phiếu thu",
    "counterfeit": "Tiền giả",
    "other": "Lý do khác",
}
TOOK_CASH = "Bạn là người thu trong ca này nên không thể tự chốt. Xin thủ quỹ hoặc thủ trưởng chốt."
COUNT_DIFFERS = (
    "Đếm được {counted}, sổ tính {expected}, chênh {difference} ({way}). Đếm lại; nếu vẫn vậy thì chọn lý do rồi chốt."
)
TOO_MUCH = "thừa"
TOO_LITTLE = "thiếu"
COUNT_WRONG = "Số tờ {note} đ: “{typed}” không phải là số tờ. Gõ số, ví dụ 12."
NOTHING_COUNTED = "Chưa đếm tờ nào. Quầy không có tiền thì gõ 0 vào một ô."
LEFT_TOO_MUCH = "Số để lại trong quầy nhiều hơn số đếm được."
SHIFT_OPEN = "Quầy này đang có một ca mở. Chốt ca đó trước."
CLOSED = "Đã chốt lúc {time}: phải có {expected}, kiểm đếm {counted}, bàn giao {handed}."
IN_HAND = "Tiền mặt đã thu, chưa nộp ngân hàng"
IN_HAND_HINT = "không kể tiền lẻ có sẵn khi mở ca"
PAID_BEYOND = "Đã trả tiền mặt nhiều hơn số đã thu"

REFUNDS_TITLE = "Hoàn trả"
APPROVALS_TITLE = "Chờ duyệt"
REFUND_COLUMNS = ("Số tiền", "Vì sao", "Cách trả", "Người đề nghị", "Trạng thái")
REFUNDS_EMPTY = "Không có khoản hoàn trả nào ở đây."
APPROVALS_EMPTY = "Không có gì chờ duyệt."
WHY: Final[dict[str, str]] = {
    "paid_twice": "Nộp trùng",
    "paid_too_much": "Nộp thừa",
    "fee_cancelled": "Khoản thu đã hủy",
    "wrong_account": "Chuyển nhầm",
    "left_the_site": "Không còn ở đơn vị",
    "deposit_left": "Hoàn ứng sau quyết toán",
    "other": "Lý do khác",
}
WAYS: Final[dict[str, str]] = {"transfer": "Chuyển về đúng tài khoản đã nộp", "cash": "Tiền mặt, ký nhận"}
STATES: Final[dict[str, str]] = {
    "proposed": "chờ duyệt",
    "approved": "đã duyệt",
    "refused": "không duyệt",
    "withdrawn": "đã rút",
    "listed": "trong bảng kê chi",
    "paid": "đã trả",
    "told": "đã trả",
}
STATE_KINDS: Final[dict[str, str]] = {"proposed": "todo", "approved": "ok", "refused": "bad", "paid": "ok", "told": "ok"}
PROPOSE = "Đề nghị hoàn trả"
PROPOSE_HINT = (
    "Tiền chỉ về đúng tài khoản đã nộp, hoặc trả tiền mặt có ký nhận. Thủ trưởng duyệt; người đề nghị không tự duyệt."
)
AMOUNT = "Số tiền"
APPROVE = "Duyệt"
REFUSE = "Không duyệt"
WITHDRAW = "Rút đề nghị"
NOTE = "Ghi chú (không bắt buộc)"
HAND_OVERS = "Tiền mặt chờ trả lại"
HAND_OVER = "Đã trả tiền mặt"
HAND_OVER_DOCUMENT = "Số phiếu chi có chữ ký người nhận"
MAKE_LIST = "Lập bảng kê chuyển trả"
LISTS = "Bảng kê chi hoàn trả"
LIST_DOWNLOAD = "Tải bảng kê (XLSX)"
LIST_LINE = "{time}: {count} khoản, {amount}"
PAID_OUT = "Đã trả lại tiền mặt trong ca: {amount}"
PAID_ON = "ngày {day}"
SEE_PAYMENT = "Xem khoản tiền"
PROBLEMS: Final[dict[str, str]] = {
    "took_cash": TOOK_CASH,
    "shift_open": SHIFT_OPEN,
    "more_than_free": "Số tiền nhiều hơn phần chưa dùng của khoản này.",
    "no_account": "Không biết tài khoản đã nộp: khoản này chỉ trả bằng tiền mặt có ký nhận.",
    "no_deposit_left": "Khoản tiền này không có tạm ứng còn thừa sau quyết toán.",
    "nothing_approved": "Chưa có khoản nào được duyệt để chuyển trả.",
    "not_possible": "Việc này không làm được ở trạng thái hiện tại. Xin xem lại.",
    "own_proposal": "Người đề nghị không tự duyệt.",
}
