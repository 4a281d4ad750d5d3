"""Payer codes and classes as forty provinces write them: whatever form a site has, its own memos use it."""

from __future__ import annotations

from datetime import date

import pytest

from services.matching.matcher import Book, Decision, Incoming, OpenNotice, Payer, decide
from services.matching.matcher.text import fold

SITE, SUM, NAME = "S", 500_000, "Trần Thảo Nhung"
CODES = (
    "HS-2026/0123", "26A0123", "2401234567", "A1B2C3", "01.02.0456", "HS 0456/26", "PT0123-B", "TH/26/0789", "K65.20.1234",
    "2026HS0333", "BN-26-000123", "NT01_045", "0123456789A", "NT-K24-0152", "000.00.00.H05-261010-0558",
)  # fmt: skip
CLASSES = (
    "10 Toán 1", "12A1-CLC", "6/11", "7.3", "Chồi Sóc Nâu", "Lá Hoa Sen", "Mầm Thỏ Ngọc", "Nhà trẻ 24-36 tháng B", "5 tuổi A2",
    "K65 CNTT2", "Lớp Ghép 1-2", "10C13", "11 Sinh", "Mẫu giáo lớn A", "NT C", "Trẻ 25-36 tháng", "4-5 tuổi B", "10A1-TN", "Hoa Hồng 2",
)  # fmt: skip
NAMES = ("Y Bhim Niê", "H'Hen Byă", "Thạch Sô Phia", "Lò A Páo", "Vàng Thị Dợ", "K'Brong", "Chamaléa Thị Ngọc", "Hồ Văn Xơ")


def decided(
    memo: str, *, name: str = NAME, group: str = "3A", code: str = "HS0101", sender: str = "PHAM THI HOA"
) -> Decision:
    payers = [Payer(SITE, code, name, group), Payer(SITE, "ZZ9999Q", "Bùi Đăng Khoa", group)]
    notices = [
        OpenNotice(
            each.code, SITE, f"R{each.code}", None, "meals", "due", date(2026, 11, 20), SUM, False, 0, each.code, "Tiền ăn T11",
            "2026-11", date(2026, 11, 1),
        )
        for each in payers
    ]  # fmt: skip
    incoming = Incoming("c1", SITE, SUM, is_money_in=True, memo=memo, counter_name=sender, occurred_on=date(2026, 11, 10))
    return decide(incoming, Book(notices, payers), {})


def paid(decision: Decision) -> list[str]:
    return [share.notice_id for share in decision.shares]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(
    "form", ["{}", "ma hs {} nop tien", "MBVCB.4492786217.{}.CT tu 210722439598 PHAM THI HOA toi 860021"]
)
def test_a_code_is_read_as_the_site_writes_it(code: str, form: str) -> None:
    bare = "".join(sign for sign in code if sign.isalnum())
    for written in (code, code.lower(), bare):
        assert paid(decided(form.format(written), code=code)) == [code]


def test_a_code_of_two_groups_of_letters_is_one() -> None:
    assert paid(decided("MN.LAVANG.0012", code="MN.LAVANG.0012")) == ["MN.LAVANG.0012"]
    assert paid(decided("ma hs mn lavang 0012 tien an", code="MN.LAVANG.0012")) == ["MN.LAVANG.0012"]


@pytest.mark.parametrize("group", CLASSES)
@pytest.mark.parametrize("form", ["{name} {group}", "{group} {name}", "{name} lop {group} tien an", "con nhung - {group}"])
def test_a_class_is_read_as_the_site_writes_it(group: str, form: str) -> None:
    for written in (group, fold(group), fold(group).upper()):
        memo = form.format(name=NAME if written == group else fold(NAME), group=written)
        assert paid(decided(memo, group=group)) == ["HS0101"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["{}", "{} 3A", "con {} lop 3A tien an"])
def test_names_of_every_people_are_read(name: str, form: str) -> None:
    for written in (name, fold(name), fold(name).upper()):
        assert paid(decided(form.format(written), name=name)) == ["HS0101"]


@pytest.mark.parametrize("sender", ["TRAN THAO NHUNG 3A", "HS0101"])
def test_what_stands_in_the_senders_field_is_suggested(sender: str) -> None:
    decision = decided("NGUYEN MAI THUY", sender=sender)
    assert (decision.status, decision.candidates[0].notice_ids) == ("suggested", ("HS0101",))


def test_a_company_with_a_number_is_none() -> None:
    assert decided("nop tien", sender="CTY TNHH 36").status != "matched"
