"""A PDF page as slips and receipts need it: Vietnamese text that fits its place, codes, the sample mark."""

from __future__ import annotations

import math
import unicodedata
from functools import cache
from typing import BinaryIO

from reportlab import rl_config
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from services.notices.drawing.fonts import BOLD, REGULAR
from services.notices.drawing.qr import MARK_COLOR, MARK_OPACITY, QUIET_ZONE, qr_code
from services.notices.drawing.values import SAMPLE_MARK

A4 = (210 * mm, 297 * mm)
A5_LANDSCAPE = (210 * mm, 148.5 * mm)
"""Half of an A4, so that two fill it."""

# Streams stay binary: written as ASCII85 they are a quarter larger, for transports that no longer exist.
rl_config.useA85 = 0


@cache
def _font(*, bold: bool) -> str:
    """The font's name, known to reportlab from the first call on."""
    name, file = ("BeVietnamPro-Bold", BOLD) if bold else ("BeVietnamPro", REGULAR)
    pdfmetrics.registerFont(TTFont(name, file))
    return name


def new_canvas(out: BinaryIO, title: str, size: tuple[float, float]) -> Canvas:
    """An empty document. It names no time and no machine: the same values give the same bytes."""
    canvas = Canvas(out, pagesize=size, pageCompression=1, invariant=1, lang="vi-VN")
    canvas.setTitle(title)
    canvas.setCreator("Khớp")
    return canvas


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is, in points."""
    return pdfmetrics.stringWidth(unicodedata.normalize("NFC", text), _font(bold=bold), size)


def write(
    canvas: Canvas, text: str, x: float, y: float, size: float, *,
    bold: bool = False, width: float | None = None, right: bool = False, centred: bool = False,
) -> None:  # fmt: skip
    """One line of text at a baseline; made smaller where it is wider than `width`."""
    composed = unicodedata.normalize("NFC", text)  # the font has every Vietnamese letter composed
    if width is not None:
        size = min(size, size * width / max(1.0, text_width(composed, size, bold=bold)))
    canvas.setFont(_font(bold=bold), size)
    draw = canvas.drawRightString if right else canvas.drawCentredString if centred else canvas.drawString
    draw(x, y, composed)


def wrapped(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """The text in lines no wider than this, broken between words; a longer word stands alone, too wide."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def shortened(text: str, size: float, width: float) -> str:
    """The text, without so many of its last words (or, of one word, letters) that the rest fits at this size."""
    if text_width(text, size) <= width:
        return text
    words = text.split()
    while len(words) > 1 and text_width(f"{' '.join(words)}…", size) > width:
        words.pop()
    rest = " ".join(words)
    while rest and text_width(f"{rest}…", size) > width:
        rest = rest[:-1]
    return f"{rest}…"


def draw_code(canvas: Canvas, payload: str, x: float, y: float, side: float) -> None:
    """A QR code with its quiet zone in a square of this side, as one filled path: no seams between modules, at any size."""
    matrix = qr_code(payload).matrix
    module = side / (len(matrix) + 2 * QUIET_ZONE)
    canvas.saveState()
    canvas.translate(x + QUIET_ZONE * module, y + side - QUIET_ZONE * module)
    canvas.scale(module, -module)
    path = canvas.beginPath()
    for row_number, row in enumerate(matrix):
        start = 0
        while (start := row.find(1, start)) >= 0:
            end = row.find(0, start)
            end = len(row) if end < 0 else end
            path.rect(start, row_number, end - start, 1)
            start = end
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()


def mark_sample(canvas: Canvas, x: float, y: float, width: float, height: float) -> None:
    """The sample mark from corner to corner of a rectangle, over everything in it."""
    canvas.saveState()
    red, green, blue = (part / 255 for part in MARK_COLOR)
    canvas.setFillColorRGB(red, green, blue, alpha=MARK_OPACITY)
    canvas.translate(x + width / 2, y + height / 2)
    canvas.rotate(math.degrees(math.atan2(height, width)))
    size = width / 10
    write(canvas, SAMPLE_MARK, 0, -size / 3, size, bold=True, centred=True, width=math.hypot(width, height) * 0.9)
    canvas.restoreState()
