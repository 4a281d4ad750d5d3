"""Xác nhận đã nhận tiền: what a payer may keep to show that money arrived. No statutory document, and it says so (DESIGN §1)."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date
from typing import BinaryIO

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from services.notices.drawing.paper import A5_LANDSCAPE, mark_sample, new_canvas, wrapped, write
from services.notices.drawing.pictograms import draw_pictogram, telephone
from services.notices.drawing.values import Receipt
from shared.money import format_dong
from shared.reference.code import ALPHABET

TITLE = "XÁC NHẬN ĐÃ NHẬN TIỀN"
DISCLAIMER = "Không phải chứng từ kế toán; không thay thế phiếu thu, biên lai, hóa đơn."

MAX_LINES = 7
"""Fees listed one by one; where there are more, the last line sums up the rest."""

_CHECK_LENGTH = 8

_WIDTH, _HEIGHT = A5_LANDSCAPE
_LEFT, _RIGHT = 14 * mm, _WIDTH - 14 * mm


def check_code(key: bytes, credit_id: str, reference: str, amount: int, received_on: date) -> str:
    """Eight symbols that only the holder of the key can make for these facts: a confirmation with other facts is forged.

    Written in the alphabet of references, without look-alikes, as "7KQ4-92XD"; one guess in 29⁸ (5 × 10¹¹) is right.
    """
    facts = "\n".join([credit_id, reference, str(amount), received_on.isoformat()])
    number = int.from_bytes(hmac.digest(key, facts.encode(), hashlib.sha256))
    symbols = "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(_CHECK_LENGTH))
    return f"{symbols[:4]}-{symbols[4:]}"


def write_receipt(receipt: Receipt, out: BinaryIO) -> None:
    """Draw the confirmation as a PDF of one A5 page."""
    canvas = new_canvas(out, "Xác nhận đã nhận tiền", A5_LANDSCAPE)
    _draw_head(canvas, receipt)
    y = _draw_lines(canvas, receipt, _HEIGHT - 62 * mm)
    write(canvas, "Đã nhận", _LEFT, y - 11 * mm, 14)
    write(canvas, format_dong(receipt.amount), _RIGHT, y - 11 * mm, 22, bold=True, right=True)
    _draw_foot(canvas, receipt)
    if receipt.sample:
        mark_sample(canvas, 0, 0, _WIDTH, _HEIGHT)
    canvas.showPage()
    canvas.save()


def _draw_head(canvas: Canvas, receipt: Receipt) -> None:
    """Who confirms, to whom, when and how the money came."""
    y = _HEIGHT - 18 * mm
    write(canvas, TITLE, _LEFT, y, 19, bold=True)
    for line in wrapped(receipt.site_name, 12, _RIGHT - _LEFT)[:2]:
        y -= 6 * mm
        write(canvas, line, _LEFT, y, 12)
    payer = ", ".join(part for part in (receipt.given_name, receipt.group, f"…{receipt.code_tail}") if part)
    y = _HEIGHT - 42 * mm
    write(canvas, payer, _LEFT, y, 17, bold=True, width=_RIGHT - _LEFT)
    came = f"Nhận ngày {receipt.received_on:%d/%m/%Y}, {receipt.channel}, mã thanh toán {receipt.reference}"
    write(canvas, came, _LEFT, y - 7.5 * mm, 12, width=_RIGHT - _LEFT)


def _draw_lines(canvas: Canvas, receipt: Receipt, y: float) -> float:
    """What was paid, and where the next line would stand."""
    lines = [(line.text, line.amount) for line in receipt.lines]
    if len(lines) > MAX_LINES:
        rest = lines[MAX_LINES - 1 :]
        lines = [*lines[: MAX_LINES - 1], (f"{len(rest)} khoản khác", sum(amount for _, amount in rest))]
    canvas.setLineWidth(0.6)
    canvas.line(_LEFT, y + 5 * mm, _RIGHT, y + 5 * mm)
    for text, amount in lines:
        write(canvas, text, _LEFT, y, 12, width=_RIGHT - _LEFT - 40 * mm)
        write(canvas, format_dong(amount), _RIGHT, y, 12, right=True)
        y -= 6 * mm
    canvas.line(_LEFT, y + 2.5 * mm, _RIGHT, y + 2.5 * mm)
    return y + 2.5 * mm


def _draw_foot(canvas: Canvas, receipt: Receipt) -> None:
    """How to tell that it is genuine, whom to ask, and what it is not."""
    write(canvas, "Mã kiểm tra", _LEFT, 21 * mm, 12)
    write(canvas, receipt.check_code, _LEFT + 27 * mm, 21 * mm, 15, bold=True)
    if receipt.phone:
        draw_pictogram(canvas, telephone, _LEFT + 100 * mm, 19 * mm, 7 * mm)
        write(canvas, receipt.phone, _LEFT + 109 * mm, 21 * mm, 13, bold=True)
    write(canvas, DISCLAIMER, _LEFT, 11 * mm, 11, width=_RIGHT - _LEFT)
