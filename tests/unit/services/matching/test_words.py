"""How people write whom a payment is for, and what a careful accountant makes of it: one school and one sum for all, so that only the
words tell pupils apart.
"""

from __future__ import annotations

from datetime import date

import pytest

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, decide

SITE, AMOUNT = "TH-AN-LAC", 400_000
PUPILS = (
    ("HS001", "Nguyễn Văn An", "3A", "Nguyễn Văn Bình"),
    ("HS002", "Nguyễn Thị Lan", "3A", "Trần Thị Hoa"),
    ("HS003", "Trần Minh Khôi", "3A", ""),
    ("HS004", "Trần Minh Khôi", "5B", ""),
    ("HS005", "Lê Hoàng Nam", "2B", "Lê Văn Hải"),
    ("HS006", "Lê Hoàng Nam Anh", "2B", ""),
    ("HS007", "Phạm Thu Hà", "4A", ""),
    ("HS008", "Hà Thu Phương", "4A", ""),
    ("HS009", "Đỗ Tiến Đạt", "4B", ""),
    ("HS010", "Vũ Thị Tiền", "4B", ""),
    ("HS011", "Nguyễn Đức Anh", "1A", ""),
    ("HS012", "Nguyễn Đức Ánh", "1A", ""),
    ("HS013", "Hoàng Bảo Châu", "1B", ""),
    ("HS014", "Lương Thị Thu", "2A", ""),
    ("HS015", "Lương Thị Thu Hà", "2A", ""),
    ("HS016", "Bùi Gia Bảo", "2A", ""),
    ("HS017", "Giàng A Páo", "5A", ""),
    ("HS018", "Giàng A Pháo", "5A", ""),
    ("HS019", "Mai Anh Tuấn", "5A", ""),
    ("HS020", "Tạ Thị Học", "5B", ""),
    ("HS021", "Phí Văn Trường", "3B", ""),
    ("HS022", "Ngô Phương Linh", "3B", "Ngô Văn Sơn"),
    ("HS023", "Ngô Phương Linh", "3B", ""),
    ("HS024", "Đinh Công Minh", "3B", ""),
    ("HS025", "Nguyễn An", "4B", ""),
    ("HS026", "Vi Văn Nam", "5B", ""),
    ("HS027", "Trần Anh Thư", "2B", ""),
    ("HS028", "Lý Thị Mẩy", "1A", ""),
)
"""Code, name, class, guardian."""


def decided(memo: str, sender: str) -> Decision:
    notices = [
        OpenNotice(code, SITE, f"R{code}", None, "meals", "due", date(2026, 11, 20), AMOUNT, False, 0, code, "Tiền ăn tháng 11")
        for code, *_ in PUPILS
    ]  # fmt: skip
    book = Book(notices, [Payer(SITE, code, name, group, guardian) for code, name, group, guardian in PUPILS])
    incoming = Incoming("c1", SITE, AMOUNT, is_money_in=True, memo=memo, counter_name=sender, occurred_on=date(2026, 11, 10))
    return decide(incoming, book, {})


SETTLED = (
    ("An 3A dong tien an", "", "HS001"),
    ("me An lop 3A nop tien an thang 11", "TRAN THI HOA", "HS001"),
    ("chau Lan con me Hoa lop 3A", "TRAN THI HOA", "HS002"),
    ("ba noi chau Nguyen Van An lop 3A gui tien an", "NGUYEN THI BINH", "HS001"),
    ("Nguyen Van An 3A", "NGUYEN VAN AN", "HS001"),
    ("nguyen van an ck tien hoc", "", "HS001"),
    ("Tran Minh Khoi 5B tien an", "", "HS004"),
    ("Khoi 3A", "", "HS003"),
    ("tien an Khoi lop3a t11/2026", "", "HS003"),
    ("Le Hoang Nam Anh 2B", "", "HS006"),
    ("Le Hoang Nam 2B anh oi xac nhan giup", "", "HS005"),
    ("Le Hoang Nam an trua", "", "HS005"),
    ("Le Hoang Nam 2b nam hoc 2026 2027", "", "HS005"),
    ("Pham Thu Ha 4A", "", "HS007"),
    ("Ha 4A tien an", "", "HS007"),
    ("Ha thu tien an 4A", "", "HS007"),
    ("Thu phuong 4A nop tien", "", "HS008"),
    ("Dat 4B tien an ban tru", "", "HS009"),
    ("tien 4B", "", "HS010"),
    ("Vu Thi Tien tien an", "", "HS010"),
    ("Nguyễn Đức Ánh 1A nộp tiền ăn", "", "HS012"),
    ("cho chau Chau 1B", "", "HS013"),
    ("Luong Thi Thu 2A tien an", "", "HS014"),
    ("Luong Thi Thu tien an", "", "HS014"),
    ("Luong thi thu ha tien an", "", "HS015"),
    ("Thu Ha 2A", "", "HS015"),
    ("Thu 2A", "", "HS014"),
    ("Bao 2A bao cao da nop", "", "HS016"),
    ("Gia Bao 2A", "", "HS016"),
    ("Pao 5A", "", "HS017"),
    ("Giang A Pao 5A tien an", "", "HS017"),
    ("giang a phao nop tien an", "", "HS018"),
    ("Mai Anh Tuan lop 5 a", "", "HS019"),
    ("mai anh tuan chuyen tien sau nhe", "TRAN VAN B", "HS019"),
    ("chi Mai nop tien cho Tuan 5A", "LE THI MAI", "HS019"),
    ("anh Tuan 5A nop tien", "", "HS019"),
    ("Ta Thi Hoc hoc phi", "", "HS020"),
    ("Phi Van Truong 3B", "", "HS021"),
    ("truong 3B tien an", "", "HS021"),
    ("phi truong lop 3B", "", "HS021"),
    ("Minh 3B", "", "HS024"),
    ("dinh cong minh", "DINH VAN TU", "HS024"),
    ("bo Minh lop 3B ck tien an t11", "DINH VAN TU", "HS024"),
    ("Nguyen An 4B", "", "HS025"),
    ("Nam 5B", "", "HS026"),
    ("Vi Van Nam tien nam hoc", "", "HS026"),
    ("thu 2B tien an", "", "HS027"),
    ("Tran Thu 2B nop tien", "", "HS027"),
    ("May 1A", "", "HS028"),
    ("may 1A nop tien an nhe", "", "HS028"),
    ("Ly May 1A", "", "HS028"),
    ("3A Nguyen V An", "", "HS001"),
    ("NVAn 3A", "", "HS001"),
    ("ng v an 3a tien an", "", "HS001"),
    ("Nguyen Van An lop 3A truong TH An Chau nop tien an T11", "", "HS001"),
    ("HS001 tien an", "", "HS001"),
    ("HS0001", "", "HS001"),
    ("ma hs 001", "", "HS001"),
    ("HS 001 An", "", "HS001"),
    ("Nguyen Van Bình nop cho An 3A", "", "HS001"),
    ("nguyenvanan3a", "", "HS001"),
    ("NguyenVanAn-3A-TienAn", "", "HS001"),
    ("Nguyeenx Vawn An 3A", "", "HS001"),
    ("An Nguyen Van 3A", "", "HS001"),
    ("Van An Nguyen 3A tien an", "", "HS001"),
    ("Nam Le Hoang 2B", "", "HS005"),
    ("Nguyen Van An 3 A", "", "HS001"),
    ("chau An lop 3A chau cua ba Lan", "", "HS001"),
)
ASKED = (
    ("Me Lan 3A chuyen tien an cho con", "NGUYEN THI LAN"),
    ("NGUYEN VAN AN chuyen tien", "NGUYEN VAN AN"),
    ("NGUYEN VAN AN chuyen tien", ""),
    ("Nguyen Van Anh 3A tien an", ""),
    ("Tran Minh Khoi tien an t11", ""),
    ("Tran Minh Khoi 5A tien an", ""),
    ("thu tien an 4A", ""),
    ("nop tien 4B", ""),
    ("Duc Anh 1A", ""),
    ("Nguyen Duc Anh 1A", ""),
    ("cho chau lop 1B", ""),
    ("bao hiem y te 2A", ""),
    ("co Hoc lop 5B", ""),
    ("Hoc phi 5B", ""),
    ("Linh 3B", ""),
    ("Ngo Phuong Linh 3B", "NGO VAN SON"),
    ("ngo van son nop tien cho linh 3B", "NGO VAN SON"),
    ("Nguyen An tien an", ""),
    ("vi van nam", ""),
    ("Thu Tran 2B", ""),
    ("em An con co Lan nop tien", ""),
    ("nguyen van an 3b", ""),
    ("Nguyen Van An va Nguyen Thi Lan 3A", ""),
    ("Lan, An 3A", ""),
    ("HS001 Nguyen Thi Lan", ""),
    ("HS001 HS002", ""),
    ("hs001hs002", ""),
    ("tien an thang 11 cua con An", ""),
    ("an nguyen 3a", ""),
    ("gv lop 3A Nguyen Thi Lan nop tien an ca lop", ""),
    ("co Lan GVCN 3A nop tien", ""),
    ("Nguyen Thi Lan GVCN 3A", "NGUYEN THI LAN"),
    ("thu quy nop tien mat An 3A", ""),
    ("Nguyen Van An da nghi hoc tra lai tien", ""),
    ("chau An 3A va chau Nam 2B", ""),
    ("con An me Lan lop 3A", ""),
    ("Lan An 3A", ""),
    ("nop cho An Lan 3A", ""),
    ("An - Lan 3A", ""),
)


@pytest.mark.parametrize(("memo", "sender", "pupil"), SETTLED)
def test_words_that_can_mean_one_pupil_settle_the_fee(memo, sender, pupil):
    assert [share.notice_id for share in decided(memo, sender).shares] == [pupil]


@pytest.mark.parametrize(("memo", "sender"), ASKED)
def test_words_that_could_mean_another_are_a_question(memo, sender):
    assert decided(memo, sender).shares == ()
