"""What people are told when an owner refuses or does not answer."""

AWAY = "Bộ phận giữ số liệu này chưa trả lời. Xin thử lại sau ít giây; không có gì bị mất."
NOT_FOUND = "Không có mục này, hoặc nó không thuộc phần việc của bạn."
NOT_POSSIBLE = "Chưa ghi được: số liệu vừa thay đổi hoặc chưa đủ. Xin xem lại rồi làm lại."
CHANGED = "Người khác vừa thay đổi mục này. Xin xem lại rồi làm lại."
TOO_LARGE = "Tệp hoặc danh sách quá lớn. Xin chia nhỏ."
