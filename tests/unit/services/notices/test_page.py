"""The payer's page as words, its links into bank apps, and its limits."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

from services.notices import words
from services.notices.bills.model import BillView
from services.notices.page.bank_apps import app_links
from services.notices.page.limits import Limiter
from services.notices.page.rendering import _TEMPLATES
from services.notices.page.view import BillPage, page_of
from services.notices.terms import Deduction, Terms
from tests.unit.services.notices.bill_builders import NOW, TODAY, a_bill, a_line, a_site, an_account

LINK = "https://khop.example/b/token"


def a_page(bill: BillView, skip: tuple[str, ...] = ()) -> BillPage:
    return page_of(bill, skip, LINK, NOW)


def test_what_is_given_freely_is_never_called_owed():
    gift = a_line("v", 50_000, obligation="voluntary")
    assert a_page(a_bill()).amount_label == words.TO_PAY
    assert a_page(a_bill(gift)).amount_label == words.AMOUNT_VOLUNTARY
    both = a_page(a_bill(a_line(), gift))
    assert (both.amount_label, both.amount) == (words.AMOUNT_BOTH, "200.000 đ")
    assert both.amount_parts.replace("\u00a0", " ") == "gồm 150.000 đ còn phải nộp và 50.000 đ tự nguyện"
    unticked = a_page(a_bill(a_line(), gift), (gift.key,))
    assert (unticked.amount_label, unticked.amount, unticked.skipped) == (words.TO_PAY, "150.000 đ", f"skip={gift.key}")
    assert a_page(a_bill(a_line("d", obligation="deposit"))).amount_label == words.AMOUNT_DEPOSIT


def html_of(bill: BillView, skip: tuple[str, ...] = ()) -> str:
    slip = bill.slip(TODAY, skip)
    shown = {"title": words.BILL, "thanks": False, "address": "/b/token", "apps": [], "qr": "(QR)" if slip else None}
    return _TEMPLATES.get_template("bill.html").render(bill=a_page(bill, skip), **shown)


def test_what_is_given_freely_may_still_be_given_once_the_rest_is_paid():
    gifts = (a_line("v", 50_000, obligation="voluntary", purpose="Quỹ"), a_line("w", 20_000, obligation="voluntary"))
    bill = a_bill(a_line(paid=150_000), *gifts)
    html = html_of(bill)
    assert html.index(words.RECEIVED_ALL) < html.index(words.OFFERED) < html.index("(QR)")
    assert ("70.000 đ" in html, words.TO_PAY in html) == (True, False)
    assert html.count('type="checkbox"') == 2
    fewer = html_of(bill, (gifts[0].key,))
    assert ("20.000 đ" in fewer, "70.000 đ" in fewer, f"qr.png?skip={gifts[0].key}" in fewer) == (True, False, True)
    none = html_of(bill, tuple(each.key for each in gifts))
    assert (words.OFFERED in none, "(QR)" in none, words.SAVE_QR in none) == (True, False, False)
    assert words.OFFERED not in html_of(a_bill(a_line(paid=150_000)))


def test_with_old_bank_data_nothing_is_called_owed():
    page = a_page(a_bill(a_line(), a_line("v", obligation="voluntary"), fresh=False))
    assert "phải nộp" not in str(page)
    assert page.freshness == words.STALE


def test_only_a_given_name_and_the_end_of_a_code_are_shown():
    shown = str(a_page(a_bill(a_line(name="Nguyễn Thị Ánh Tuyết", code="HS4321"))))
    assert "Tuyết, lớp 1A, mã …321" in shown
    for hidden in ("Nguyễn", "Ánh", "4321"):
        assert hidden not in shown


def test_terms_and_parts_are_noted_line_by_line():
    terms = Terms(22_000, 20, 2, (Deduction("support", 96_000, "12/QĐ"), Deduction("deposit", 1_000)))
    page = a_page(a_bill(a_line(amount=299_000, paid=100_000, terms=terms), a_line("n2", paid=150_000)))
    assert page.lines[0].note.replace("\u00a0", " ") == (
        "20 ngày × 22.000 đ · nghỉ 2 ngày −44.000 đ · hỗ trợ −96.000 đ (12/QĐ) · đã tạm ứng −1.000 đ · đã nhận 100.000 đ"
    )
    assert page.lines[1].amount == words.DONE


def test_the_share_text_says_who_how_much_and_until_when():
    assert a_page(a_bill()).share == (
        f"Nhờ nộp giúp Tuyết lớp 1A: 150.000 đ cho Trường Tiểu học An Châu, hạn 30/11. Bấm vào để lấy mã QR: {LINK}"
    )
    assert "hạn" not in a_page(a_bill(a_line(due_on=date(2026, 11, 1)))).share


def test_a_site_without_a_phone_is_named_instead():
    assert "hỏi Trường Tiểu học An Châu, đừng chuyển lại" in a_page(a_bill(site=a_site(phone=None))).wait


def test_links_open_apps_with_the_transfer_and_never_for_samples():
    bill = a_bill()
    slip = bill.slip(TODAY)
    assert slip is not None
    links = app_links(slip.payee, slip.reference, slip.amount)
    assert {link.name for link in links} >= {"BIDV SmartBanking", "MBBank"}
    told = parse_qs(urlsplit(links[0].address).query)
    assert (told["ba"], told["am"], told["tn"]) == (["0011@bidv"], ["150000"], ["KHC3A4B5C6D"])
    sample = a_site("Trường", an_account().model_copy(update={"bank_bin": "999999"}))
    payee = a_bill(site=sample).payee(TODAY)
    assert payee is not None
    assert app_links(payee, "KHC3A4B5C6D", 1) == []


def test_a_limit_lets_a_burst_through_and_then_a_trickle():
    now = 0.0
    limiter = Limiter(burst=3, per_s=0.5, clock=lambda: now, keys_max=2)
    assert [limiter.allows("a") for _ in range(4)] == [True, True, True, False]
    assert limiter.allows("b")
    now = 2.0
    assert [limiter.allows("a") for _ in range(2)] == [True, False]
    now = 1_000.0
    assert [limiter.allows("a") for _ in range(4)] == [True, True, True, False]
    limiter.allows("c")
    limiter.allows("d")
    assert limiter.allows("a"), "the longest unused keys are forgotten"


def test_every_word_of_the_page_is_composed_and_has_no_double_spaces():
    for name, text in vars(words).items():
        if name.isupper() and isinstance(text, str):
            assert not re.search(r"  |\u0300|\u0301|\u0303|\u0309|\u0323", text), name
