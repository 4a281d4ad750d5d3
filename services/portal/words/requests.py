"""Words of requests of those whom the data are about."""

from __future__ import annotations

from typing import Final

TITLE = "Yêu cầu về dữ liệu cá nhân"
HINT = "Trả lời trong 2 ngày làm việc; xong trong 20 ngày (Luật 91/2025/QH15)."
COLUMNS = ("Nhận lúc", "Đơn vị, mã người nộp", "Yêu cầu", "Trả lời trước", "Xong trước", "Trạng thái")
EMPTY = "Chưa có yêu cầu nào."
NEW = "Tiếp nhận yêu cầu"
SITE = "Đơn vị thu"
PAYER_CODE = "Mã người nộp"
KIND = "Yêu cầu"
KINDS: Final[dict[str, str]] = {
    "export": "Xin bản sao dữ liệu",
    "correct": "Sửa dữ liệu sai",
    "restrict": "Hạn chế xử lý",
    "erase": "Xóa dữ liệu",
}
ASKED_BY = "Người yêu cầu và cách liên hệ"
SAID = "Nội dung yêu cầu"
SAVE = "Tiếp nhận"
STATES: Final[dict[str, str]] = {"asked": "chờ trả lời", "answered": "đã trả lời", "done": "đã xong", "refused": "từ chối"}
STATE_KINDS: Final[dict[str, str]] = {"asked": "todo", "answered": "", "done": "ok", "refused": "bad"}
LATE = "quá hạn"
UNKNOWN_PAYER = "Không có người nộp mang mã này ở đơn vị đó."
ONE_TITLE = "{kind}: {code}"
ANSWER = "Đã trả lời"
DONE = "Đã xong"
REFUSE = "Từ chối"
OUTCOME = "Đã làm gì, hoặc vì sao từ chối"
EXPORT = "Tải bản sao dữ liệu (CSV)"
EXPORT_HINT = "Mọi khoản thu và lần nộp của người này. Việc tải được ghi vào nhật ký."
STEPS: Final[dict[str, str]] = {
    "export": "Tải bản sao, trao tận tay người yêu cầu sau khi kiểm tra đúng người, rồi ghi “đã xong”.",
    "correct": "Sửa ở khoản thu của người này (nhập lại danh sách đã sửa), rồi ghi “đã xong”.",
    "restrict": "Bấm “Đã xong” là ngừng soạn tin nhắc và ngừng in giấy báo theo lớp cho người này; khoản thu vẫn còn và vẫn nộp được.",
    "erase": "Xem trước những gì sẽ xóa và những gì luật kế toán buộc giữ, rồi xóa. Việc xóa không lấy lại được.",
}
"""What is done for each kind."""

OUTCOME_HINT = "Không ghi họ tên hay số điện thoại ở đây: dòng này được giữ làm bằng chứng đã trả lời."
LIFT = "Bỏ hạn chế"
LIFTED = "Đã bỏ hạn chế lúc"
ERASED = "đã xóa"
ERASURE_OPEN = "Xem trước khi xóa"
ERASURE_TITLE = "Xóa dữ liệu: {code}"
ERASURE_GONE = "Sẽ xóa"
ERASURE_KEPT = "Giữ lại"
ERASURE_GONE_LINES: Final[tuple[str, ...]] = (
    "Họ tên, mã người nộp, phụ huynh, điện thoại, tài khoản định danh ở {notices} khoản thu; số quyết định miễn giảm.",
    "Trang thanh toán và đường dẫn của {bills} thông báo thu: không ai mở được nữa.",
    "Tên trong danh sách người nộp, ở quầy, trong ghi chú; điều hệ thống đã học về ai nộp cho người này.",
    "Người yêu cầu và nội dung của chính yêu cầu này.",
)
ERASURE_KEPT_LINES: Final[tuple[str, ...]] = (
    "Số tiền, ngày, lớp, loại khoản thu, mã thanh toán, số chứng từ: sổ sách không đổi và không còn tên ai.",
    "Loại yêu cầu, ngày nhận, ngày xong và kết quả: bằng chứng đã trả lời.",
)
ERASURE_KEPT_MONEY = (
    "{messages} giao dịch ngân hàng với nội dung và người chuyển như ngân hàng báo: "
    "chứng từ kế toán, luật buộc giữ đến {until}."
)
ERASURE_LIST_FIRST = (
    "Bỏ người này khỏi danh sách của đơn vị trước: nhập lại danh sách còn tên là hệ thống biết lại người đó."
)
ERASE = "Xóa, không lấy lại được"
ERASE_HERE_ONLY = "Yêu cầu xóa được làm xong ở trang “Xem trước khi xóa”."
NOT_ERASURE = "Yêu cầu này không phải yêu cầu xóa, hoặc đã kết thúc."
GONE_ALREADY = "Dữ liệu của yêu cầu này đã được xóa."
REASON = "yêu cầu về dữ liệu {number}"
"""What the owner keeps as the reason: the request, never who asked."""
STILL_OWES = "Chưa xóa được: còn khoản chưa nộp, {amount}. Thu hoặc hủy trước."
MONEY_WAITS = "Chưa xóa được: còn tiền nộp thừa, chờ hoàn trả hoặc chưa xác định, {amount}. Trả lại hoặc xử lý trước."
OTHERS_OPEN = "Chưa xóa được: người này còn yêu cầu khác chưa xong. Làm xong yêu cầu đó trước."
WHY_NOT: Final[dict[str, str]] = {
    "still_owes": "Chưa xóa được: còn khoản chưa nộp. Thu hoặc hủy trước.",
    "deposit_not_settled": "Chưa xóa được: còn tạm ứng chưa quyết toán. Quyết toán hoặc hủy trước.",
    "in_draft": "Chưa xóa được: danh sách nháp chưa phát hành còn người này. Phát hành hoặc bỏ bản nháp trước.",
    "unknown_payer": "Nơi phát hành không còn người nộp mang mã này.",
}
"""Why the owner does not erase a payer yet."""
DONE_ERASED = "Đã xóa họ tên, mã, phụ huynh, điện thoại ở {notices} khoản thu và đóng {bills} trang thanh toán."
DONE_KEPT = "Giữ theo luật kế toán đến {until}: số tiền, ngày, lớp và {messages} giao dịch như ngân hàng báo."
