"""PDF pages of the portal: Vietnamese text that fits, tables, the sample mark. The same values give the same bytes."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Final

from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from shared.fonts import BOLD, REGULAR

A4: Final = (210 * mm, 297 * mm)
A5_LANDSCAPE: Final = (210 * mm, 148.5 * mm)
MARGIN: Final = 16 * mm
LINE: Final = 1.35
"""Of the size of a letter."""
SAMPLE_COLOR: Final = (0.48, 0.12, 0.29)


class Paper:
    """A document that is written from top to bottom, page after page."""

    def __init__(self, title: str, size: tuple[float, float], *, sample: str = "") -> None:
        self._out = BytesIO()
        self._canvas = Canvas(self._out, pagesize=size, pageCompression=1, invariant=1, lang="vi-VN")
        self._canvas.setTitle(title)
        self._canvas.setCreator("Khớp")
        self._width, self._height = size
        self._sample = sample
        self.y = self._height - MARGIN

    @property
    def width(self) -> float:
        """Between the margins, in points."""
        return self._width - 2 * MARGIN

    def text(self, text: str, size: float = 11, *, bold: bool = False, centred: bool = False, gap: float = 0) -> None:
        """A paragraph, broken between words."""
        for line in _wrapped(text, size, self.width, bold=bold):
            self._room(size * LINE)
            self.y -= size * LINE
            self._canvas.setFont(_font(bold=bold), size)
            if centred:
                self._canvas.drawCentredString(self._width / 2, self.y, line)
            else:
                self._canvas.drawString(MARGIN, self.y, line)
        self.y -= gap

    def pair(self, name: str, value: str, size: float = 11, *, bold: bool = False) -> None:
        """A name and its value, side by side."""
        self._room(size * LINE)
        column = 45 * mm
        lines = _wrapped(value, size, self.width - column, bold=bold) or [""]
        self.y -= size * LINE
        self._canvas.setFont(_font(bold=False), min(size, 11))
        self._canvas.drawString(MARGIN, self.y, _composed(name))
        for number, line in enumerate(lines):
            if number:
                self._room(size * LINE)
                self.y -= size * LINE
            self._canvas.setFont(_font(bold=bold), size)
            self._canvas.drawString(MARGIN + column, self.y, line)

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]], shares: Sequence[float], size: float = 9.5) -> None:
        """A table; `shares` say how much of the width each column takes. The first column stands left, the others right."""
        widths = [self.width * share for share in shares]
        self._row(heads, widths, size, bold=True)
        for row in rows:
            self._row(row, widths, size, bold=False)
        self.y -= size

    def rule(self) -> None:
        """A line from margin to margin."""
        self.y -= 4
        self._canvas.setLineWidth(0.5)
        self._canvas.line(MARGIN, self.y, self._width - MARGIN, self.y)
        self.y -= 4

    def signatures(self, names: Sequence[str], size: float = 10) -> None:
        """Places to sign, side by side, with room for the hand."""
        self._room(34 * mm)
        self.y -= 8 * mm
        step = self.width / len(names)
        self._canvas.setFont(_font(bold=True), size)
        for place, name in enumerate(names):
            self._canvas.drawCentredString(MARGIN + step * (place + 0.5), self.y, _composed(name))
        self.y -= 24 * mm

    def finished(self) -> bytes:
        """The document."""
        self._end_page()
        self._canvas.save()
        return self._out.getvalue()

    def _row(self, cells: Sequence[str], widths: Sequence[float], size: float, *, bold: bool) -> None:
        broken = [_wrapped(cell, size, width - 4, bold=bold) or [""] for cell, width in zip(cells, widths, strict=True)]
        height = max(len(lines) for lines in broken) * size * LINE + 4
        self._room(height)
        x = MARGIN
        for place, (lines, width) in enumerate(zip(broken, widths, strict=True)):
            self._canvas.setFont(_font(bold=bold), size)
            for number, line in enumerate(lines):
                y = self.y - (number + 1) * size * LINE + 2
                if place and not bold:
                    self._canvas.drawRightString(x + width - 2, y, line)
                else:
                    self._canvas.drawString(x + 2, y, line)
            x += width
        self.y -= height
        self._canvas.setLineWidth(0.4 if not bold else 0.8)
        self._canvas.line(MARGIN, self.y, self._width - MARGIN, self.y)

    def _room(self, height: float) -> None:
        if self.y - height < MARGIN:
            self._end_page()
            self.y = self._height - MARGIN

    def _end_page(self) -> None:
        if self._sample:
            self._canvas.saveState()
            self._canvas.setFillColorRGB(*SAMPLE_COLOR, alpha=0.25)
            self._canvas.translate(self._width / 2, self._height / 2)
            self._canvas.rotate(28)
            self._canvas.setFont(_font(bold=True), 72)
            self._canvas.drawCentredString(0, -24, _composed(self._sample))
            self._canvas.restoreState()
        self._canvas.showPage()


@cache
def _font(*, bold: bool) -> str:
    """The font's name, known to reportlab from the first call on."""
    name, file = ("Khop-Bold", BOLD) if bold else ("Khop", REGULAR)
    pdfmetrics.registerFont(TTFont(name, file))
    return name


def _composed(text: str) -> str:
    """The font has every Vietnamese letter composed, and no blank that does not break."""
    return unicodedata.normalize("NFC", text.replace("\u00a0", " "))


def _wrapped(text: str, size: float, width: float, *, bold: bool) -> list[str]:
    lines: list[str] = []
    for word in _composed(text).split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and pdfmetrics.stringWidth(longer, _font(bold=bold), size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
