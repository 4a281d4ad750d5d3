"""Words about people: roles, sign-in, sessions, the audit, requests about personal data."""

from __future__ import annotations

from typing import Final

from services.portal.people.audit import Act
from services.portal.people.roles import Role

ROLES: Final[dict[Role, str]] = {
    "accountant": "Kế toán",
    "teacher": "Giáo viên chủ nhiệm",
    "cashier": "Nhân viên thu viện phí",
    "treasurer": "Thủ quỹ",
    "officer": "Cán bộ Một cửa",
    "head": "Thủ trưởng đơn vị",
    "viewer": "Ban chỉ đạo xã, tỉnh",
    "group_leader": "Tổ trưởng tổ công nghệ số",
    "admin": "Quản trị",
    "auditor": "Kiểm tra, kiểm toán",
}

SIGN_IN = "Đăng nhập"
LOGIN = "Tên đăng nhập"
PASSWORD = "Mật khẩu"  # noqa: S105 - a label
NEW_PASSWORD = "Mật khẩu mới"  # noqa: S105
PASSWORD_AGAIN = "Nhập lại mật khẩu"  # noqa: S105
PASSWORD_HINT = "Ít nhất {shortest} ký tự. Một câu ngắn dễ nhớ là tốt nhất."  # noqa: S105
WRONG = "Tên đăng nhập hoặc mật khẩu không đúng."
TOO_MANY = "Đã thử sai quá nhiều lần. Xin đợi 15 phút rồi thử lại, hoặc nhờ người quản trị cấp liên kết mới."
NOT_ENCRYPTED = "Kết nối này không được mã hóa: mật khẩu có thể bị đọc trộm trên mạng. Hãy mở bằng địa chỉ https."
ENDED = "Phiên làm việc đã hết hạn. Xin đăng nhập lại."
KEPT = "Nội dung bạn vừa gõ được giữ lại; đăng nhập xong có thể gửi tiếp."
RESUME_TITLE = "Gửi tiếp nội dung đã gõ"
RESUME = "Bạn đã đăng nhập lại. Nội dung dưới đây chưa được gửi."
RESUME_SEND = "Gửi tiếp"
RESUME_DROP = "Bỏ, về trang đầu"
RESUME_TYPED = "Nội dung đã gõ"

SAMPLE_TITLE = "Vào xem với một vai mẫu"
SAMPLE_HINT = "Dữ liệu mẫu, không cần mật khẩu. Mọi việc làm chỉ ảnh hưởng đến dữ liệu mẫu."
SAMPLE_ENTER = "Vào với vai {role}"

LOCKED_TITLE = "Màn hình đã khóa"
LOCKED = "Nhập mật khẩu của {name} để tiếp tục."
UNLOCK = "Mở khóa"
LOCK = "Khóa màn hình"
SIGN_OUT = "Đăng xuất"
OTHER_PERSON = "Người khác đăng nhập"
WORKS_AS = "Đang làm việc với vai"
WORK_AS = "Chuyển vai"
MY_ACCOUNT = "Tài khoản của tôi"
CHANGE_PASSWORD = "Đổi mật khẩu"  # noqa: S105
OLD_PASSWORD = "Mật khẩu hiện tại"  # noqa: S105
PASSWORD_CHANGED = "Đã đổi mật khẩu. Các phiên khác đã được đăng xuất."  # noqa: S105

WELCOME_TITLE = "Chọn mật khẩu"
WELCOME = "Xin chào {name}. Chọn mật khẩu để bắt đầu; liên kết này chỉ dùng được một lần."
FIRST_TITLE = "Tạo người quản trị đầu tiên"
FIRST = "Người quản trị cấp tài khoản cho mọi người khác. Liên kết này chỉ dùng được một lần."
YOUR_NAME = "Họ và tên"
LINK_SPENT_TITLE = "Liên kết không còn dùng được"
LINK_SPENT = "Liên kết đã được dùng, đã hết hạn hoặc gõ thiếu. Xin nhờ người quản trị cấp liên kết mới."
WEAK = "Mật khẩu quá dễ đoán: cần ít nhất {shortest} ký tự, không chứa tên đăng nhập và không phải dãy số quen thuộc."
DIFFERENT = "Hai lần nhập mật khẩu không giống nhau."
NAME_NEEDED = "Xin nhập họ và tên."
LOGIN_NEEDED = "Tên đăng nhập gồm 3 đến 40 chữ thường, chữ số, dấu chấm hoặc gạch ngang."
LOGIN_TAKEN = "Tên đăng nhập này đã có người dùng."

TITLE = "Người dùng"
ADD = "Thêm người"
ADD_TITLE = "Thêm một người"
EDIT = "Sửa"
SEARCH = "Tìm người"
NONE_FOUND = "Không có ai như vậy."
NAME = "Họ và tên"
GRANTS = "Vai và nơi làm việc"
GRANTS_HINT = (
    "Mỗi dòng một vai. Nơi làm việc là đơn vị thu; với ban chỉ đạo và tổ công nghệ số là xã, thôn hoặc tỉnh. "
    "Quản trị và kiểm toán mọi nơi: để trống. Để trống cả dòng là bỏ vai đó."
)
GRANT_ROLE = "Vai {row}"
GRANT_PLACE = "Nơi làm việc {row}"
GRANT_PLACE_HINT = "Tên hoặc mã nơi làm việc"
GRANT_GROUPS = "Lớp chủ nhiệm {row}"
GRANT_GROUPS_HINT = "Lớp: 3A, 3B"
GRANT_NONE = "(không có vai)"
GRANT_PROBLEMS: Final[dict[str, str]] = {
    "site": "Vai này cần một đơn vị thu.",
    "unit": "Vai này cần một xã, thôn hoặc tỉnh.",
    "groups": "Chỉ giáo viên chủ nhiệm mới gắn với lớp.",
    "teacher_without_class": "Giáo viên chủ nhiệm cần ít nhất một lớp.",
    "books_and_cash": "Một người không được vừa là kế toán vừa là thủ quỹ của một đơn vị.",
    "role": "Chưa chọn vai.",
    "unknown_site": "Không có đơn vị thu nào có tên hoặc mã như vậy.",
    "unknown_unit": "Không có đơn vị hành chính nào có tên hoặc mã như vậy.",
    "none": "Cần ít nhất một vai.",
}
GRANT_PROBLEM = "Dòng {row}: {problem}"
EVERYWHERE = "mọi đơn vị"
DISABLED = "Ngừng sử dụng"
DISABLED_BADGE = "đã ngừng"
NO_PASSWORD_BADGE = "chưa đặt mật khẩu"  # noqa: S105
SAVE = "Lưu"
CHANGED_MEANWHILE = "Người này vừa được người khác sửa. Xin xem lại rồi sửa tiếp."
INVITE = "Cấp liên kết đặt mật khẩu"
INVITED_TITLE = "Liên kết đặt mật khẩu"
INVITED = "Trao liên kết này tận tay {name}. Liên kết dùng được một lần, trong 7 ngày, và chỉ hiện ở đây một lần."
NOT_YOURSELF = "Không thể tự ngừng hoặc tự bỏ vai quản trị của chính mình."
SAMPLE_ONLY = "Người quản trị mẫu chỉ quản lý người dùng mẫu ở các đơn vị mẫu."

AUDIT_TITLE = "Nhật ký"
AUDIT_COLUMNS = ("Lúc", "Ai", "Việc", "Về")
AUDIT_EMPTY = "Chưa có việc nào được ghi."
AUDIT_OF = "Của người"
AUDIT_ACT = "Loại việc"
AUDIT_SUBJECT = "Về mã"
AUDIT_ALL = "Tất cả"
AUDIT_FILTER = "Lọc"
NOBODY = "chưa đăng nhập"
ACTS: Final[dict[Act, str]] = {
    "sign_in": "đăng nhập",
    "sign_in_failed": "đăng nhập không thành công",
    "sign_out": "đăng xuất",
    "unlock": "mở khóa màn hình",
    "password_set": "đặt mật khẩu",
    "role_changed": "chuyển vai",
    "person_added": "thêm người dùng",
    "person_changed": "sửa người dùng",
    "invited": "cấp liên kết đặt mật khẩu",
    "admin_made": "tạo người quản trị",
    "revealed": "xem đầy đủ dữ liệu cá nhân",
    "searched_person": "tìm người nộp",
    "matched": "khớp khoản tiền",
    "bulk_matched": "khớp hàng loạt",
    "undone": "gỡ khớp",
    "set_aside": "phân loại khoản tiền",
    "put_back": "đưa khoản tiền trở lại Cần xử lý",
    "moved": "chuyển sang đơn vị khác",
    "noted": "ghi chú",
    "issued": "lập khoản thu",
    "cash_taken": "thu tiền mặt",
    "document_set": "ghi số chứng từ",
    "waiting_step": "ghi bước xử lý tại quầy",
    "exempt_noted": "ghi Miễn tại quầy",
    "free_noted": "ghi 0 đ, không phải nộp tại quầy",
    "receipt_made": "lập xác nhận đã nhận tiền",
    "exported": "xuất báo cáo",
    "data_request": "tiếp nhận yêu cầu về dữ liệu cá nhân",
    "data_erased": "xóa dữ liệu cá nhân",
    "day_closed": "chốt ngày",
    "discrepancy_settled": "xử lý chênh lệch",
    "shift": "ca thu",
    "refund": "hoàn trả",
    "money_out": "tiền ra, thu hộ",
    "closed": "chốt sổ",
    "help_given": "ghi lượt hỗ trợ",
    "imported": "nhập tệp",
    "reminded": "soạn tin nhắc",
    "fee_changed": "hủy, miễn giảm khoản thu",
}

REVEAL = "Hiện đầy đủ"
REVEAL_HINT = "Việc xem được ghi vào nhật ký."
REVEALED = "Đang hiện đầy đủ trong 10 phút; việc xem đã được ghi vào nhật ký."
