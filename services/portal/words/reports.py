"""Words of the accountant's reports."""

from __future__ import annotations

from typing import Final

TITLE = "Báo cáo"
NOT_A_DOCUMENT = "Bảng kê nội bộ do Khớp lập; không phải chứng từ kế toán, không thay thế phiếu thu, biên lai, hóa đơn."
REPORTS: Final[dict[str, tuple[str, str]]] = {
    "paid": ("Danh sách đã nộp", "Từng lần nộp: ai, khoản nào, bao nhiêu, bằng cách nào."),
    "collected": ("Phải thu và đã thu", "Theo khoản thu và theo lớp, trong các khoản có hạn nộp trong kỳ."),
    "overpaid": ("Nộp thừa, chờ hoàn trả", "Phần tiền chưa dùng của từng khoản tiền về."),
    "by_day": ("Thu theo ngày", "Chuyển khoản và tiền mặt từng ngày."),
    "remit": ("Thu hộ còn phải nộp", "Các khoản thu hộ đã thu, đã nộp, còn phải nộp."),
    "hand_over": ("Nhật ký thu bàn giao", "Các ca thu tiền mặt và số đã nộp vào tài khoản."),
    "documents": ("Đã thu, chưa xuất chứng từ", "Các khoản đã nộp đủ mà chưa có chứng từ của phần mềm phát hành."),
    "day_book": ("Sổ đối soát ngày", "Từng ngày: ngân hàng báo, đã khớp, chênh lệch, ai chốt."),
}
"""What can be asked for: its name and what it says."""
BY_OWNER: Final[dict[str, str]] = {
    "remit": "collected-for", "hand_over": "cash", "documents": "documents-missing", "day_book": "days",
}  # fmt: skip
"""Reports whose rows reconciliation tells, by its own names."""
SITE = "Đơn vị thu"
PERIOD = "Kỳ"
UNIT = "Đơn vị tính: đồng"
XLSX = "XLSX"
CSV = "CSV"
SEE = "Xem và in"
ALL_DATA = "Tất cả dữ liệu của đơn vị (CSV)"
ALL_DATA_HINT = "Tải bất cứ lúc nào, mỗi bảng một tệp, từ ngày đầu đến nay."
ALL_TABLES: Final[dict[str, str]] = {
    "notices": "Khoản thu",
    "payments": "Tiền về",
    "allocations": "Khớp, phân bổ",
    "fee_changes": "Hủy, miễn giảm",
    "days": "Đối soát ngày",
    "discrepancies": "Chênh lệch",
    "shifts": "Ca thu",
    "refunds": "Hoàn trả",
    "remittances": "Nộp tiền thu hộ",
    "documents": "Số chứng từ",
    "closes": "Chốt đợt, chốt tháng",
}
"""Everything that a site owns, table by table."""
ALL_TOO_MUCH = "Bảng này có hơn {most} dòng, không tải một lần được. Xin hỏi người quản trị."
EMPTY = "Không có gì trong kỳ này."
TOTAL = "Cộng"
SIGNERS = ("Người lập bảng", "Phụ trách kế toán", "Thủ trưởng đơn vị")
SIGN_HINT = "(Ký, ghi rõ họ tên)"
SIGN_PLACE = "……, ngày … tháng … năm ……"
UPLOAD_DOCUMENTS = "Nộp danh sách chứng từ đã phát hành"
UPLOAD_DOCUMENTS_HINT = "Tệp xuất từ phần mềm phát hành biên lai, hóa đơn: mã khoản thu, ký hiệu, số, ngày."
UPLOADED = "Đã nhận {accepted} số chứng từ; {unchanged} số đã có."
HEADS: Final[dict[str, tuple[str, ...]]] = {
    "paid": ("Ngày", "Họ và tên", "Mã người nộp", "Lớp", "Khoản thu", "Kỳ", "Số tiền", "Cách nộp", "Số chứng từ"),
    "collected": ("Khoản thu", "Lớp", "Số người", "Phải thu", "Đã thu", "Còn phải thu"),
    "overpaid": (
        "Ngày",
        "Số tiền về",
        "Số dư chuyển kỳ sau",
        "Chờ hoàn trả",
        "Nộp trùng, chưa xử lý",
        "Người nộp",
        "Mã người nộp",
    ),
    "by_day": ("Ngày", "Lượt chuyển khoản", "Chuyển khoản", "Lượt tiền mặt", "Tiền mặt", "Cộng"),
}
NO_CLASS = "–"
