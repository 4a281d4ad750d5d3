"""Words of the search and of the page of a payer."""

TITLE = "Tìm “{query}”"
EMPTY_TITLE = "Tìm"
HINT = (
    "Gõ một phần tên (không cần dấu), lớp, mã người nộp, mã thanh toán, số tiền, số điện thoại hoặc nội dung chuyển khoản."
)
PAYERS = "Người nộp"
CREDITS = "Khoản tiền"
NOTHING = "Không tìm thấy gì trong các đơn vị của bạn. Gõ ít chữ hơn, hoặc chỉ một phần tên."
OPEN = "còn phải nộp {amount}"
PAID = "đã nộp đủ"
PAYER_TITLE = "{name}"
NOTICES = "Các khoản thu"
NOTICE_COLUMNS = ("Khoản thu", "Hạn nộp", "Phải nộp", "Đã nộp", "Còn phải nộp", "Mã thanh toán")
PAYMENTS = "Các lần nộp"
NONE_PAID = "Chưa có lần nộp nào."
UNKNOWN_PAYER = "Không có người nộp này trong các đơn vị của bạn."
CANCELLED = "đã hủy"
OVERDUE = "quá hạn"
VOLUNTARY = "tự nguyện"
DEPOSIT = "tạm ứng"
SHARE_LINK = "Trang của người nộp"
"""The public page with the QR, which notices serves."""
