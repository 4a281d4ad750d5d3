"""Documents of the portal, written from top to bottom: paragraphs, pairs, tables, places to sign."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Final

from reportlab.lib.units import mm

from shared.paper import mark_sample, new_canvas, wrapped, write

MARGIN: Final = 16 * mm
LINE: Final = 1.35
"""Of the size of a letter."""


class Paper:
    """A document that is written from top to bottom, page after page."""

    def __init__(self, title: str, size: tuple[float, float], *, sample: str = "") -> None:
        self._out = BytesIO()
        self._canvas = new_canvas(self._out, title, size)
        self._width, self._height = size
        self._sample = sample
        self.y = self._height - MARGIN

    @property
    def width(self) -> float:
        """Between the margins, in points."""
        return self._width - 2 * MARGIN

    def text(self, text: str, size: float = 11, *, bold: bool = False, centred: bool = False, gap: float = 0) -> None:
        """A paragraph, broken between words."""
        for line in wrapped(text, size, self.width, bold=bold):
            self._room(size * LINE)
            self.y -= size * LINE
            write(self._canvas, line, self._width / 2 if centred else MARGIN, self.y, size, bold=bold, centred=centred)
        self.y -= gap

    def pair(self, name: str, value: str, size: float = 11, *, bold: bool = False) -> None:
        """A name and its value, side by side."""
        self._room(size * LINE)
        column = 45 * mm
        lines = wrapped(value, size, self.width - column, bold=bold)
        self.y -= size * LINE
        write(self._canvas, name, MARGIN, self.y, min(size, 11))
        for number, line in enumerate(lines):
            if number:
                self._room(size * LINE)
                self.y -= size * LINE
            write(self._canvas, line, MARGIN + column, self.y, size, bold=bold)

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
        for place, name in enumerate(names):
            write(self._canvas, name, MARGIN + step * (place + 0.5), self.y, size, bold=True, centred=True)
        self.y -= 24 * mm

    def finished(self) -> bytes:
        """The document."""
        self._end_page()
        self._canvas.save()
        return self._out.getvalue()

    def _row(self, cells: Sequence[str], widths: Sequence[float], size: float, *, bold: bool) -> None:
        broken = [wrapped(cell, size, width - 4, bold=bold) for cell, width in zip(cells, widths, strict=True)]
        height = max(len(lines) for lines in broken) * size * LINE + 4
        self._room(height)
        x = MARGIN
        for place, (lines, width) in enumerate(zip(broken, widths, strict=True)):
            is_right = place > 0
            for number, line in enumerate(lines):
                y = self.y - (number + 1) * size * LINE + 2
                write(self._canvas, line, x + (width - 2 if is_right else 2), y, size, bold=bold, right=is_right)
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
            mark_sample(self._canvas, self._sample, 0, 0, self._width, self._height)
        self._canvas.showPage()
