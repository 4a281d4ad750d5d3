"""What names no payer: no words, cash, a class teacher's sum, interest, money that leaves."""

from __future__ import annotations

from tests.corpus import people, writing
from tests.corpus.scenarios.desk import Desk
from tests.corpus.truth import nobody
from tests.corpus.world import Relative


def nothing(desk: Desk) -> None:
    payer, bill = desk.pupil(desk.site())
    text = desk.rng.choice(("", "", "", "tien an", "nop tien", "hp t11", "ck", "nop tien cho con", "."))
    desk.send(payer.site, bill[0].amount, text, desk.world.relative(), desk.when(), nobody("nothing"))


def teachers_sum(desk: Desk) -> None:
    rng = desk.rng
    site = desk.school()
    group = rng.choice(site.groups)
    amount = rng.randrange(8, 25) * 420_000
    text = writing.styled(
        rng,
        rng.choice(
            (
                f"GVCN lop {group} nop tien an",
                f"co giao lop {group} nop tien ban tru ca lop",
                f"nop tien lop {group} thang 11",
                f"lop {group} nop quy",
                f"thu tien lop {group}",
            )
        ),
    )
    desk.send(site, amount, text, desk.world.relative(name=people.staff_name(rng)), desk.when(), nobody("teachers_sum"))


def cash_deposit(desk: Desk) -> None:
    rng = desk.rng
    site = desk.site()
    staff = people.staff_name(rng)
    day = rng.randrange(1, 28)
    text = rng.choice(
        (
            f"{staff} nop tien mat",
            "NOP TIEN MAT VAO TK",
            f"nop tm tien ban tru ngay {day}/11",
            f"{staff} nop TM",
            f"thu quy nop tien mat thu ngay {day}/11",
            "nop tien mat thu vien phi trong ngay",
            f"NT {staff} NOP TIEN MAT",
            "nop quy tien mat ve ngan hang",
            f"Nộp tiền mặt thu bán trú ngày {day}/11",
            f"KE TOAN NOP TIEN MAT NGAY {day}/11/2026",
            "nop tien mat thu tien an",
            f"{staff}-thu quy-nop tien mat vao tai khoan",
            "cash deposit",
            "NOP TM VAO TK",
            "THU QUY NOP TM",
            "Nop tien mat tai quay",
        )
    )
    sender = Relative(rng.choice((staff, site.name, "")), "", "")
    amount = rng.randrange(3, 300) * rng.choice((10_000, 50_000, 115_000))
    desk.send(site, amount, writing.styled(rng, text), sender, desk.when(), nobody("cash_deposit", "cash_deposit"))


def not_income(desk: Desk) -> None:
    rng = desk.rng
    site = desk.site()
    text, sender = rng.choice(
        (
            ("TRA LAI TIEN GUI THANG 11", ""),
            ("lai tien gui khong ky han", "NGAN HANG"),
            ("LAI NHAP GOC TK 31/10", ""),
            ("TRA LAI SO DU TREN TAI KHOAN", ""),
            ("Lai nhap von", ""),
            ("lai tien gui", ""),
            ("tra lai tien gui KKH", ""),
            ("TRA LAI TKTT", ""),
            ("INT CREDIT 11/26", ""),
            ("lai phat sinh thang 11", ""),
            ("hoan phi dich vu SMS", "NGAN HANG AGRIBANK"),
            ("BHXH cap kinh phi CSSKBD", "BAO HIEM XA HOI"),
            ("INTEREST PAYMENT OCT", ""),
            ("Tra lai tien gui TK thanh toan", ""),
            ("KBNN cap kinh phi Q4", "KHO BAC NHA NUOC KHU VUC VI"),
            ("cap kinh phi hoat dong thang 11", "KHO BAC NHA NUOC"),
            ("rut du toan chi thuong xuyen", "KHO BAC NHA NUOC HUYEN"),
            ("kinh phi ho tro hoc sinh ban tru", "KBNN BAC NINH"),
            ("hoan tien mua hang don 3391", "CONG TY TNHH SACH THIET BI"),
            ("HOAN TRA TIEN CHUYEN NHAM", "CONG TY CP VAN PHONG PHAM"),
            ("refund order 88123", "CONG TY TNHH ABC"),
            ("chuyen tra tien thua hop dong 12", "CTY TNHH THUC PHAM SACH"),
            ("lai suat tien gui", "AGRIBANK CN"),
            ("Lãi tiền gửi không kỳ hạn tháng 10", ""),
            ("hoàn trả tiền thừa thanh toán tiền thực phẩm", "CTY TNHH RAU SACH"),
        )
    )
    amount = rng.randrange(1, 90_000) * rng.choice((1, 137, 1_000))
    truth = nobody("not_income", "not_income")
    desk.send(site, amount, text, Relative(sender, "", ""), desk.when(), truth, marks_kept=True)


def money_out(desk: Desk) -> None:
    payer, bill = desk.pupil(desk.site())
    truth = nobody("money_out", "not_income")
    desk.send(payer.site, bill[0].amount, bill[0].reference, payer.relatives[0], desk.when(), truth, direction="out")
