"""Words of what is kept of an act: each value by the act and by what it says of it. What has no word here is not shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.portal.words import committee, counter, days, fee_changes, people, queue, reports, requests

VALUES: Final[Mapping[tuple[str, str], Mapping[str, str]]] = {
    ("shift", "act"): {"open": "mở ca", "close": "chốt ca"},
    ("refund", "act"): {
        "propose": "đề nghị",
        "approve": "duyệt",
        "refuse": "không duyệt",
        "withdraw": "rút đề nghị",
        "hand-over": "đã trả tiền mặt",
        "list": "lập bảng kê chuyển trả",
    },
    ("money_out", "act"): {
        "returned": "ghi là tiền hoàn trả",
        "not_returned": "ghi không phải tiền hoàn trả",
        "remitted": "ghi thu hộ đã nộp",
        "undone": "gỡ thu hộ đã nộp",
        "body": "khai báo đơn vị nhờ thu",
    },
    ("fee_changed", "act"): {
        "cancel": "hủy ngay",
        "propose": "đề nghị",
        "approve": "duyệt",
        "refuse": "không duyệt",
        "withdraw": "rút đề nghị",
    },
    ("fee_changed", "kind"): {"cancel": "hủy", "exempt": "miễn, giảm"},
    ("fee_changed", "reason"): fee_changes.REASONS,
    ("issued", "act"): {"settle": "quyết toán"},
    ("imported", "kind"): {
        "draft": "danh sách khoản thu",
        "statement": "sao kê",
        "documents": "số chứng từ",
        "portal_report": "báo cáo của Cổng Dịch vụ công",
    },
    ("exported", "report"): {
        **{name: told[0] for name, told in reports.REPORTS.items()},
        **{f"all/{name}": f"{reports.ALL_DATA}: {told}" for name, told in reports.ALL_TABLES.items()},
        "class_list": "danh sách lớp",
        "month": "Báo cáo tháng",
        "payment_list": "bảng kê chi hoàn trả",
        "data_subject": "bản sao dữ liệu của một người",
    },
    ("closed", "kind"): {"round": "đợt thu", "month": "tháng"},
    ("help_given", "kind"): committee.HELP_KINDS,
    ("data_request", "kind"): requests.KINDS,
    ("data_request", "state"): {**requests.STATES, "lifted": "đã bỏ hạn chế"},
    ("data_erased", "state"): requests.STATES,
    ("day_closed", "reason"): days.CLOSE_REASONS,
    ("discrepancy_settled", "reason"): days.REASONS,
    ("undone", "reason"): queue.UNDO_REASONS,
    ("put_back", "reason"): queue.PUT_BACK_REASONS,
    ("moved", "reason"): queue.MOVE_REASONS,
    ("set_aside", "as"): queue.SET_ASIDE,
    ("waiting_step", "step"): counter.STEPS,
    ("role_changed", "to"): {str(role): name for role, name in people.ROLES.items()},
}
AMOUNTS: Final[Mapping[str, str]] = {"amount": "{}", "to_pay": "còn phải nộp {}", "to_return": "được trả lại {}"}
"""What is said of an amount of đồng."""
COUNTS: Final[Mapping[str, str]] = {
    "accepted": "{} khoản thu",
    "notices": "{} khoản thu",
    "bills": "{} thông báo thu",
    "people": "{} người",
}
"""What is said of a number, or of how many there are."""
TICKS: Final[Mapping[str, tuple[str, str]]] = {
    "document": ("có số chứng từ", "chưa có số chứng từ"),
    "disabled": ("ngừng sử dụng", "đang dùng"),
}
"""What is said of yes and of no."""
TO_SITE = "sang {}"
