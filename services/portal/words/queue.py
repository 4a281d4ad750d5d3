"""Words of the accountant's lists and of one payment."""

from __future__ import annotations

from typing import Final

from shared.events.payments import Channel

REVIEW_TITLE = "Cần xử lý"
MATCHED_TITLE = "Đã khớp"
EXCESS_TITLE = "Nộp thừa, nộp trùng, chờ hoàn trả"

COLUMNS = ("Giờ", "Số tiền", "Nội dung chuyển khoản", "Gợi ý", "Vì sao", "Việc")
MATCHED_COLUMNS = ("Giờ", "Số tiền", "Người nộp", "Khoản thu", "Cách khớp")
EXCESS_COLUMNS = ("Giờ", "Số tiền", "Người nộp", "Phần thừa", "Vì sao")
SITE_COLUMN = "Đơn vị"
TICK = "Chọn khoản {amount} lúc {time}"
TICK_COLUMN = "Chọn"

ORDERS: Final[dict[str, str]] = {"old": "Cũ nhất trước", "new": "Mới nhất trước", "large": "Số tiền lớn trước"}
ORDER = "Sắp xếp"
SITE_ALL = "Tất cả đơn vị"
ALL_DONE = "Không còn khoản nào cần xử lý. Mọi khoản tiền về đã có chỗ."
NONE_MATCHED = "Chưa có khoản nào được khớp."
NONE_EXCESS = "Không có khoản nào nộp thừa, nộp trùng hay chờ hoàn trả."
END_OF_LIST = "Hết danh sách."
ON = "Trang sau"
BACK_TO_START = "Về đầu danh sách"

MATCH = "Khớp"
MATCH_PART = "Khớp một phần"
MATCH_OVER = "Khớp, giữ phần thừa"
OTHER_ACTS = "Việc khác"
UNCLEAR = "Tiền ít hơn tổng số còn phải nộp: chọn khoản nào được trả trước."
NOTHING_OPEN = "Các khoản này đã nộp đủ hoặc đã hủy: có thể là nộp trùng."
NO_SUGGESTION = "Chưa có gợi ý"
CHOOSE = "Chọn khoản"
OPEN_OF = "còn phải nộp {amount}"
PROMISED = "Đang có đề nghị hoàn trả {amount} của khoản này. Đừng khớp phần đó vào khoản thu."
LEFT = "còn {amount} chưa khớp"
AND_MORE = "và {count} khoản nữa"
SENDER = "Người chuyển"
NO_MEMO = "(không có nội dung)"
NOTE_BY = "Ghi chú của {name}"

BULK = "Khớp các khoản đã chọn"
BULK_KEEP = "Giữ lựa chọn"
BULK_TICKED = "Đã chọn {count} khoản, {amount}."
BULK_CLEAR = "Bỏ chọn tất cả"
BULK_TITLE = "Khớp hàng loạt"
BULK_SUMMARY = "{count} khoản, {amount}"
BULK_CONFIRM = "Khớp {count} khoản"
BULK_WILL = "Sẽ khớp"
BULK_NOT = "Chưa khớp được, cần xem từng khoản"
BULK_CHANGED = "vừa có thay đổi, hãy xem lại"
BULK_UNCLEAR = "chưa có gợi ý chắc chắn"
BULK_NONE = "Chưa chọn khoản nào. Đánh dấu ở đầu mỗi dòng rồi bấm “Khớp các khoản đã chọn”."
BULK_DONE = "Đã khớp {count} khoản, {amount}."
BULK_FAILED = "{count} khoản chưa khớp được vì vừa có thay đổi; chúng vẫn ở danh sách dưới đây."
BULK_TOO_MANY = "Mỗi lần khớp nhiều nhất {most} khoản. Phần còn lại vẫn được chọn."
BULK_COLUMNS = ("Số tiền", "Người nộp", "Khoản thu", "Nội dung")

DONE_MATCHED = "Đã khớp {amount} cho {who}."
DONE_SET_ASIDE = "Đã ghi {amount}: {what}."
DONE_NOTED = "Đã ghi chú."
DONE_UNDONE = "Đã gỡ khớp {amount}."
DONE_MOVED = "Đã chuyển {amount} sang {site}."
DONE_UNDO = "Gỡ"
SOMEBODY_ELSE = "Khoản {amount} đã được {who} {act} lúc {time}."
ACT_MATCHED = "khớp"
ACT_UNDONE = "gỡ khớp"
ACTS_KEPT: Final[dict[str, str]] = {"set_aside": "để riêng", "put_back": "đưa trở lại Cần xử lý", "moved": "chuyển đơn vị"}
SYSTEM = "hệ thống"
JUST_CHANGED = "Khoản {amount} vừa thay đổi trong lúc bạn xem. Xin xem lại."

UNKNOWN_CREDIT = "Không có khoản tiền này trong các đơn vị của bạn."
NOT_POSSIBLE = "Chưa ghi được: khoản tiền hoặc khoản thu vừa thay đổi. Xin xem lại số còn phải nộp."
MORE_THAN_OPEN = "Số tiền chia nhiều hơn số còn phải nộp của một khoản thu. Xin xem lại."
MORE_THAN_LEFT = "Tổng số tiền chia nhiều hơn số tiền còn lại của khoản này."
NOTHING_CHOSEN = "Chưa chọn khoản thu nào."
OWNER_AWAY = "Bộ phận giữ sổ chưa trả lời; có thể việc đã được ghi. Xin tải lại trang để xem trước khi làm lại."

PAYMENT_TITLE = "Khoản {amount}"
MONEY_OUT = "Tiền ra"
STATE = "Trạng thái"
WHEN = "Lúc"
SITE = "Đơn vị thu"
ACCOUNT = "Tài khoản nhận"
MEMO = "Nội dung chuyển khoản"
SENDER_ACCOUNT = "Tài khoản người chuyển"
SENDER_BANK = "Ngân hàng người chuyển"
BANK_REFERENCE = "Số tham chiếu của ngân hàng"
BALANCE_AFTER = "Số dư sau giao dịch"
DOCUMENT = "Số chứng từ"
DOCUMENT_NONE = "chờ chứng từ"
CHANNEL = "Cách nộp"
CHANNELS: Final[dict[str, str]] = {
    "bank": "chuyển khoản",
    "cash": "tiền mặt",
    "portal": "Cổng Dịch vụ công",
    "opening": "số dư đầu kỳ",
}

PAYS = "Đã khớp vào"
PAYS_NOTHING = "Chưa khớp vào khoản thu nào."
REST = "Phần còn lại"
SUGGESTIONS = "Gợi ý"
SUGGESTION = "Gợi ý {number}"
WHY = "Vì sao"
WHY_NONE = "Không có dấu hiệu nào trong nội dung."
LIFE = "Đời của khoản tiền"
ACTS = "Việc làm với khoản này"
UNDO = "Gỡ khớp"
UNDO_REASON = "Lý do gỡ"
UNDO_REASONS: Final[dict[str, str]] = {
    "wrong_payer": "Khớp nhầm người nộp",
    "wrong_notice": "Khớp nhầm khoản thu",
    "wrong_amount": "Chia sai số tiền",
    "payer_asked": "Người nộp báo lại",
    "duplicate": "Nộp trùng",
    "other": "Lý do khác",
}
SPLIT = "Chọn khoản thu khác, hoặc tách cho nhiều khoản"
SET_ASIDE_TITLE = "Không khớp vào khoản thu"
SET_ASIDE: Final[dict[str, str]] = {
    "not_a_fee": "Không phải khoản thu",
    "cash_deposit": "Nộp tiền mặt vào tài khoản",
    "to_return": "Chờ hoàn trả",
    "balance": "Giữ làm số dư chuyển kỳ sau",
}
PUT_BACK = "Đưa trở lại Cần xử lý"
PUT_BACK_REASONS: Final[dict[str, str]] = {
    "wrong_kind": "Phân loại nhầm",
    "payer_asked": "Người nộp báo lại",
    "other": "Lý do khác",
}
MOVE = "Chuyển sang đơn vị khác"
MOVE_HINT = "Tiền của đơn vị khác: kế toán của đơn vị đó xử lý tiếp. Phần đã khớp ở đây được gỡ."
MOVE_TO = "Đơn vị đúng (tên hoặc mã)"
MOVE_REASON = "Vì sao"
MOVE_REASONS: Final[dict[str, str]] = {
    "wrong_account": "Người nộp chuyển nhầm tài khoản",
    "shared_account": "Tài khoản dùng chung",
    "other": "Lý do khác",
}
MOVE_BUTTON = "Chuyển"
NOTE = "Ghi chú cho đồng nghiệp"
NOTE_BUTTON = "Ghi chú"
DOCUMENT_SET = "Ghi số chứng từ"
RECEIPT = "Xác nhận đã nhận tiền"

LIFE_OUT = "Tiền ra khỏi tài khoản"
LIFE_BEGINS: Final[dict[Channel, str]] = {
    "bank": "Tiền về tài khoản",
    "cash": "Thu tiền mặt",
    "portal": "Nộp trên Cổng Dịch vụ công",
    "opening": "Số dư đầu kỳ",
}
LIFE_SEEN: Final[dict[str, str]] = {
    "webhook": "Ngân hàng báo qua {provider}",
    "statement": "Có trên sao kê",
    "pull": "Lấy từ ngân hàng qua {provider}",
}
PROVIDERS: Final[dict[str, str]] = {
    "sepay": "SePay",
    "casso": "Casso",
    "payos": "payOS",
    "vietqr": "VietQR.vn",
    "standard": "kết nối chuẩn",
}
"""What tells of payments, as it writes itself; another name is shown as it came."""
LIFE_MATCHED = "{who} khớp {amount} vào {what}"
LIFE_UNDONE = "{who} gỡ khớp {amount} khỏi {what}: {reason}"
LIFE_SETTLED = "{who} quyết toán: {amount} của {what} còn thừa, hoàn lại người bệnh"
LIFE_NOTE = "{who} ghi chú: {text}"
LIFE_AUDIT = "{who}: {act}"
LIFE_CORRECTED = "Số tiền được sửa theo sao kê: từ {wrong} thành {right} ({who})"
LIFE_RECEIVED: Final[dict[Channel, str]] = {
    "cash": "{who} thu tiền mặt",
    "portal": "{who} nộp báo cáo của Cổng Dịch vụ công (biên lai {number})",
    "opening": "{who} ghi số dư đầu kỳ",
}
LIFE_REFUND: Final[dict[str, str]] = {
    "proposed": "{who} đề nghị hoàn trả {amount}: {why}",
    "approved": "{who} duyệt hoàn trả {amount}",
    "refused": "{who} không duyệt hoàn trả {amount}",
    "withdrawn": "{who} rút đề nghị hoàn trả {amount}",
    "listed": "{who} đưa {amount} vào bảng kê chi",
    "transfer": "Đã chuyển trả {amount} ngày {day}",
    "cash": "{who} trả lại tiền mặt {amount} ngày {day}, phiếu chi {number}",
}
LIFE_NOT_WHOLE = "Chưa xem được hết: bộ phận giữ sổ chưa trả lời. Xin tải lại trang."
LIFE_LATE = "đến muộn {minutes} phút"

CHOOSE_TITLE = "Chọn khoản thu cho {amount}"
CHOOSE_SEARCH = "Tìm theo tên, lớp, mã, điện thoại, hoặc dán cả nội dung chuyển khoản"
CHOOSE_EMPTY = "Không tìm thấy ai còn khoản phải nộp như vậy."
CHOOSE_HINT = "Đánh dấu các khoản; ô số tiền để trống là trả hết số còn phải nộp của khoản đó."
CHOOSE_AMOUNT = "Số tiền cho {purpose} của {name}"
CHOOSE_LEFT = "Còn {amount} chưa chia."
CHOOSE_BUTTON = "Khớp các khoản đã đánh dấu"
CHOOSE_PAID = "đã nộp đủ"
