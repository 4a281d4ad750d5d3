"""Slips as text and as pictures: what is printed, how large, in what order, and that the code on the paper can be read."""

from __future__ import annotations

import ctypes
import io
import os
import unicodedata
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFilter, ImageStat

from services.notices.drawing.slips import PILE, Paper, write_slips
from services.notices.drawing.values import SAMPLE_MARK, Line, Payee, Slip
from services.notices.drawing.wording import MAX_LINES, MAX_WORDS, slip_words
from tests.unit.services.notices.drawing.pictures import (
    a_line,
    a_payee,
    a_sample_payee,
    a_slip,
    codes_in,
    pages,
    texts,
)

GOLDEN = Path(__file__).with_name("golden")
LONGEST = a_payee(
    site_name="Trường Phổ thông dân tộc bán trú Tiểu học và Trung học cơ sở Sơn Động số 2",
    account_name="TRUONG PTDTBT TIEU HOC VA TRUNG HOC CO SO SON DONG SO 2", account_number="1012345678901234567",
    memo_prefix="SEVQR TKPAB1",
)  # fmt: skip
THREE = (a_line(), a_line("Nước uống", 15_000), a_line("Bảo hiểm y tế học sinh", 1_263_600, period="12 tháng"))

words = st.sampled_from(["Tiền", "ăn", "bán", "trú", "nước", "uống", "bảo", "hiểm", "y", "tế", "khuyến", "nghiêng", "2026"])
purposes = st.lists(words, min_size=1, max_size=12).map(" ".join)
lines = st.builds(
    Line,
    purposes,
    st.none() | st.just("tháng 11") | st.just("học kỳ I năm học 2026-2027"),
    st.integers(1, 10**9),
    st.booleans(),
)


def slips(*payees: Payee) -> st.SearchStrategy[Slip]:
    return st.builds(
        a_slip,
        lines=st.lists(lines, min_size=1, max_size=12).map(tuple),
        payee=st.sampled_from(payees),
        given_name=st.sampled_from(["An", "Khuyên", "Y Phương Thảo Nguyên Bảo Ngọc Kim Khánh Hạ Vy"]),
        group=st.sampled_from([None, "lớp 4A", "lớp mẫu giáo ghép 3-5 tuổi điểm trường Đồng Cao"]),
    )


def drawn(*which: Slip, paper: Paper = "A5") -> bytes:
    out = io.BytesIO()
    assert write_slips(which, out, paper) == len(which)
    return out.getvalue()


def test_a_slip_says() -> None:
    [text] = texts(drawn(a_slip(*THREE)))
    assert text == (
        "THÔNG BÁO THU TH An Châu An, lớp 4A, …123"
        " Tiền ăn bán trú tháng 11 450.000 Nước uống tháng 11 15.000 Bảo hiểm y tế… 12 tháng 1.263.600"
        " 1.728.600đ Hạn 30/11/2026 0204.388.6001"
        " Đọc cho giao dịch viên hoặc người nộp giúp Ngân hàng Vietcombank Tên TRUONG TIEU HOC AN CHAU"
        " Tài khoản 1012345678 Số tiền 1.728.600đ Nội dung KHC3J9M2X8N"
    )
    assert len(text.split()) <= MAX_WORDS


@pytest.mark.parametrize("name", ["slip", "sample"])
def test_a_slip_looks_as_it_did(name: str) -> None:
    """KHOP_GOLDEN=write keeps the present look; then look at it before it is committed."""
    slip = a_slip(*THREE, payee=a_payee() if name == "slip" else a_sample_payee())
    [seen] = pages(drawn(slip), dots_an_inch=60)
    kept = GOLDEN / f"{name}.png"
    if os.environ.get("KHOP_GOLDEN") == "write":
        seen.quantize(16).save(kept, optimize=True)
    before = Image.open(kept).convert("L")
    assert seen.size == before.size
    # Blurred, so that another version's rounding of edges counts for little and a moved line for much.
    difference = ImageChops.difference(*(each.filter(ImageFilter.GaussianBlur(2)) for each in (seen, before)))
    assert ImageStat.Stat(difference).mean[0] < 1.0


@settings(max_examples=25, deadline=None)
@given(slips(a_payee(), a_sample_payee(), LONGEST))
def test_the_code_on_the_paper_is_the_bills(slip: Slip) -> None:
    [page] = pages(drawn(slip), dots_an_inch=100)
    assert codes_in(page) == [slip.payload]


@pytest.mark.parametrize("payee", [a_payee(), LONGEST])
def test_an_old_phone_reads_the_code(payee: Payee) -> None:
    slip = a_slip(*THREE, payee=payee)
    [page] = pages(drawn(slip), dots_an_inch=150)
    # A poor lens at arm's length: the paper grey, the picture blurred over a third of a module and about 400 pixels high.
    photo = (
        page.point(lambda light: 60 + light * 2 // 3)
        .filter(ImageFilter.GaussianBlur(4))
        .rotate(4, expand=True, fillcolor=200)
    )
    assert codes_in(photo.resize((photo.width * 400 // photo.height, 400))) == [slip.payload]


@settings(max_examples=40, deadline=None)
@given(slips(a_payee(), LONGEST))
def test_a_slip_is_short_and_its_sum_is_right(slip: Slip) -> None:
    said = slip_words(slip)
    listed = [int(line.amount.replace(".", "")) for line in said.lines if line.amount]
    assert sum(listed) == slip.amount or (len(slip.lines) == 1 and not listed)
    assert len(said.lines) <= MAX_LINES
    if slip.given_name in {"An", "Khuyên"} and slip.group in {None, "lớp 4A"} and slip.payee == a_payee():
        assert said.word_count() <= MAX_WORDS
    if len(slip.lines) == 1:
        assert said.lines[0].text.startswith(" ".join(slip.lines[0].purpose.split()[:4]))
    assert any(line.voluntary for line in slip.lines) == any("tự nguyện" in line.text for line in said.lines)


def test_three_fees_of_a_usual_school_are_named_one_by_one() -> None:
    said = slip_words(a_slip(*THREE))
    assert [line.text for line in said.lines] == [
        "Tiền ăn bán trú tháng 11",
        "Nước uống tháng 11",
        "Bảo hiểm y tế… 12 tháng",
    ]
    assert said.word_count() <= MAX_WORDS


@pytest.mark.parametrize("payee", [a_payee(), a_sample_payee(), LONGEST, replace(LONGEST, sample=True)])
def test_one_fee_is_always_named(payee: Payee) -> None:
    slip = a_slip(a_line("Tiền ăn bán trú của học sinh ở xa trường"), payee=payee)
    said = slip_words(slip)
    assert said.lines[0].text.startswith("Tiền ăn bán trú")
    [text] = texts(drawn(slip))
    assert len(text.split()) == said.word_count()
    if not (payee.sample and payee.site_name == LONGEST.site_name):  # its marks and names alone take the words
        assert said.word_count() <= MAX_WORDS


def test_a_long_round_is_printed_in_letters_that_can_be_read() -> None:
    name = "Đợt thu các khoản dịch vụ phục vụ hoạt động giáo dục học kỳ I năm học 2026-2027"
    pdf = drawn(a_slip(round=name, payee=a_payee()), a_slip(round="Đợt 1"))
    assert min(size for _, size in _sizes(pdf, below="THÔNG").letters) >= 9


def test_what_one_may_refuse_is_named_to_the_last() -> None:
    gift = a_line("Quỹ khuyến học", 50_000, voluntary=True)
    said = slip_words(a_slip(gift, *THREE, a_line("Vệ sinh", 20_000)))
    assert said.lines[-1].text == "Quỹ khuyến học (tự nguyện)"
    assert said.lines[-2].text.endswith("khoản khác")


@pytest.mark.parametrize("payee", [a_payee(), a_sample_payee(), LONGEST])
def test_what_is_read_out_is_large(payee: Payee) -> None:
    pdf = drawn(a_slip(*THREE, payee=payee))
    sizes = _sizes(pdf, below="Đọc cho giao dịch viên")
    assert sizes.text.startswith("Đọc")
    assert all(min(sizes[value]) >= 14 for _, value in slip_words(a_slip(*THREE, payee=payee)).read_out)


class _Sizes:
    """The sizes, in points, of the letters of a text on a page; white space and line breaks apart."""

    def __init__(self, letters: list[tuple[str, float]]) -> None:
        self.letters = letters
        self.text = "".join(letter for letter, _ in letters)

    def __getitem__(self, text: str) -> list[float]:
        bare = "".join(text.split())
        start = self.text.index(bare)
        return [size for _, size in self.letters[start : start + len(bare)]]


def _sizes(pdf: bytes, below: str) -> _Sizes:
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0].get_textpage()
        letters = [
            (chr(pdfium.FPDFText_GetUnicode(page, index)), pdfium.FPDFText_GetFontSize(page, index))
            for index in range(page.count_chars())
        ]
    whole = "".join(letter for letter, _ in letters)
    start = whole.index(below)
    return _Sizes([(letter, size) for letter, size in letters[start:] if not letter.isspace()])


@settings(max_examples=25, deadline=None)
@given(slips(a_payee(), LONGEST))
def test_nothing_leaves_the_paper(slip: Slip) -> None:
    with pypdfium2.PdfDocument(drawn(slip)) as document:
        width, height = document[0].get_size()
        page = document[0].get_textpage()
        edges = [ctypes.c_double() for _ in range(4)]
        for index in range(page.count_chars()):
            pdfium.FPDFText_GetCharBox(page, index, *(ctypes.byref(edge) for edge in edges))
            left, right, bottom, top = (edge.value for edge in edges)
            assert left >= 14
            assert right <= width - 14
            assert bottom >= 10
            assert top <= height - 14


def test_it_is_a_notice_and_no_receipt() -> None:
    [text] = texts(drawn(a_slip(*THREE)))
    assert text.startswith("THÔNG BÁO THU")
    assert not [word for word in ("phiếu thu", "biên lai", "hóa đơn", "hoá đơn", "học phí") if word in text.lower()]


def test_samples_say_so_on_the_code_and_beside_it() -> None:
    [sample] = texts(drawn(a_slip(payee=a_sample_payee())))
    assert sample.count(SAMPLE_MARK) == 2
    assert SAMPLE_MARK not in texts(drawn(a_slip()))[0]


def test_letters_that_came_in_parts_are_printed_whole() -> None:
    apart = unicodedata.normalize("NFD", "Nguyễn Thị Ánh Tuyết")
    [text] = texts(drawn(a_slip(given_name=apart)))
    assert "Nguyễn Thị Ánh Tuyết" in text


def test_a_class_is_in_order_once_its_pile_is_cut() -> None:
    first = [a_slip(code_tail=f"a{number}") for number in range(5)]
    second = [a_slip(code_tail=f"b{number}", group="lớp 4B") for number in range(2)]
    sheets = texts(drawn(*first, *second, paper="A4"))
    tails = [[f"{half}{number}" for half in "ab" for number in range(5) if f"…{half}{number}" in sheet] for sheet in sheets]
    assert tails == [["a0", "a3"], ["a1", "a4"], ["a2"], ["b0", "b1"]]
    assert codes_in(pages(drawn(*first, paper="A4"), dots_an_inch=100)[0]) == [first[0].payload, first[3].payload]


def test_a_pile_is_never_too_thick_to_cut() -> None:
    many = [a_slip(code_tail=f"{number:03}") for number in range(PILE + 2)]
    sheets = texts(drawn(*many, paper="A4"))
    assert "…000" in sheets[0]
    assert "…050" in sheets[0]
    assert "…100" in sheets[-1]
    assert "…101" in sheets[-1]


def test_slips_are_taken_one_by_one() -> None:
    assert write_slips((a_slip(code_tail=f"{number:03}") for number in range(3)), io.BytesIO()) == 3


def test_the_same_slips_are_the_same_file() -> None:
    assert drawn(a_slip(*THREE), paper="A4") == drawn(a_slip(*THREE), paper="A4")


def test_no_slip_is_no_file() -> None:
    with pytest.raises(ValueError, match="no slip"):
        write_slips([], io.BytesIO())
