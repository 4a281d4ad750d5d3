"""A PDF page: Vietnamese text that fits its place, and a mark over what is no real document."""

from __future__ import annotations

import math
import re
import unicodedata
from functools import cache
from typing import BinaryIO, Final

from reportlab import rl_config
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from shared.fonts import BOLD, REGULAR

A4: Final = (210 * mm, 297 * mm)
A5_LANDSCAPE: Final = (210 * mm, 148.5 * mm)
"""Half of an A4, so that two fill it."""

MARK_COLOR: Final = (214, 0, 0)
MARK_OPACITY: Final = 0.5
"""Seen at once on white; black under it stays dark enough to be read, so that samples can be tried out."""

# Streams stay binary: written as ASCII85 they are a quarter larger, for transports that no longer exist.
rl_config.useA85 = 0


@cache
def font(*, bold: bool) -> str:
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


def composed(text: str) -> str:
    """The text in letters that the font has: every Vietnamese letter composed, and no blank that does not break."""
    return unicodedata.normalize("NFC", text.replace("\u00a0", " "))


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is, in points."""
    return pdfmetrics.stringWidth(composed(text), font(bold=bold), size)


def write(
    canvas: Canvas, text: str, x: float, y: float, size: float, *,
    bold: bool = False, width: float | None = None, right: bool = False, centred: bool = False,
) -> None:  # fmt: skip
    """One line of text at a baseline; made smaller where it is wider than `width`."""
    if width is not None:
        size = min(size, size * width / max(1.0, text_width(text, size, bold=bold)))
    canvas.setFont(font(bold=bold), size)
    draw = canvas.drawRightString if right else canvas.drawCentredString if centred else canvas.drawString
    draw(x, y, composed(text))


def wrapped(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """The text in lines no wider than this, broken between words; a longer word stands alone, too wide."""
    lines: list[str] = []
    for word in re.split(r"[ \t\r\n]+", text.strip()):  # a blank that does not break holds its words together
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def mark_sample(canvas: Canvas, text: str, x: float, y: float, width: float, height: float) -> None:
    """The sample mark from corner to corner of a rectangle, over everything in it."""
    canvas.saveState()
    red, green, blue = (part / 255 for part in MARK_COLOR)
    canvas.setFillColorRGB(red, green, blue, alpha=MARK_OPACITY)
    canvas.translate(x + width / 2, y + height / 2)
    canvas.rotate(math.degrees(math.atan2(height, width)))
    size = width / 10
    write(canvas, text, 0, -size / 3, size, bold=True, centred=True, width=math.hypot(width, height) * 0.9)
    canvas.restoreState()
