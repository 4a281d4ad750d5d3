"""Slips in one line each, and eyes that are not ours: zxing-cpp reads codes, PDFium reads and renders pages."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pypdfium2
import zxingcpp
from PIL import Image

from services.notices.drawing.values import Line, Payee, Slip
from shared.vietqr import SAMPLE_BIN


def a_payee(**changes: Any) -> Payee:
    values: dict[str, Any] = {
        "site_name": "Trường Tiểu học An Châu", "bank_bin": "970436", "account_number": "1012345678",
        "account_name": "TRUONG TIEU HOC AN CHAU", "phone": "0204 388 6001",
    }  # fmt: skip
    return Payee(**values | changes)


def a_sample_payee(**changes: Any) -> Payee:
    return a_payee(**{"bank_bin": SAMPLE_BIN, "account_number": "MAU260000018", "sample": True} | changes)


def a_line(purpose: str = "Tiền ăn bán trú", amount: int = 450_000, **changes: Any) -> Line:
    return Line(**{"purpose": purpose, "period": "tháng 11", "amount": amount} | changes)


def a_slip(*lines: Line, payee: Payee | None = None, **changes: Any) -> Slip:
    values: dict[str, Any] = {
        "payee": payee or a_payee(), "reference": "KHC3J9M2X8N", "round": "Đợt 1", "given_name": "An", "group": "lớp 4A",
        "code_tail": "123", "lines": lines or (a_line(),), "due_on": date(2026, 11, 30),
    }  # fmt: skip
    return Slip(**values | changes)


def picture(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("L")


def codes_in(seen: Image.Image) -> list[str]:
    """The texts of all QR codes in a picture, from top to bottom."""
    found = zxingcpp.read_barcodes(seen, formats=zxingcpp.BarcodeFormat.QRCode)
    return [code.text for code in sorted(found, key=lambda code: code.position.top_left.y)]


def pages(pdf: bytes, dots_an_inch: int = 150) -> list[Image.Image]:
    """Every page as a picture."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=dots_an_inch / 72).to_pil().convert("L") for page in document]


def texts(pdf: bytes) -> list[str]:
    """The text of every page, one space between words."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
