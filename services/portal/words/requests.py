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
    "restrict": "Ngừng nhắc và ngừng in cho người này, ghi rõ từ ngày nào, rồi ghi “đã xong”.",
    "erase": "Sổ tiền phải giữ theo luật kế toán; tên, điện thoại và nội dung được xóa ở nơi giữ chúng. Ghi rõ đã xóa gì, còn giữ gì.",
}
"""What is done for each kind."""
