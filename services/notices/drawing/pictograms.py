"""Small pictures instead of words, drawn as lines so that no font of symbols is needed. Each fills a square of side 1."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from reportlab.pdfgen.canvas import Canvas

Pictogram = Callable[[Canvas], None]


@contextmanager
def _square(canvas: Canvas, x: float, y: float, side: float) -> Iterator[None]:
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(side, side)
    canvas.setLineWidth(0.07)
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    yield
    canvas.restoreState()


def draw_pictogram(canvas: Canvas, pictogram: Pictogram, x: float, y: float, side: float) -> None:
    """A pictogram in a square whose lower left corner stands at x, y."""
    with _square(canvas, x, y, side):
        pictogram(canvas)


def scan(canvas: Canvas) -> None:
    """A phone that looks at a code through its frame."""
    canvas.roundRect(0.24, 0.02, 0.52, 0.96, 0.09)
    canvas.line(0.44, 0.11, 0.56, 0.11)
    for x, y in ((0.36, 0.63), (0.54, 0.63), (0.36, 0.45)):
        canvas.rect(x, y, 0.1, 0.1, stroke=0, fill=1)
    canvas.rect(0.56, 0.47, 0.06, 0.06, stroke=0, fill=1)
    canvas.setLineWidth(0.05)
    for x, inwards in ((0.3, 0.1), (0.7, -0.1)):
        for y, towards in ((0.82, -0.1), (0.38, 0.1)):
            canvas.lines([(x, y, x + inwards, y), (x, y, x, y + towards)])


def counter(canvas: Canvas) -> None:
    """A bank: roof, columns and steps."""
    roof = canvas.beginPath()
    roof.moveTo(0.04, 0.66)
    roof.lineTo(0.5, 0.96)
    roof.lineTo(0.96, 0.66)
    roof.close()
    canvas.drawPath(roof)
    for x in (0.18, 0.4, 0.6, 0.82):
        canvas.line(x, 0.24, x, 0.54)
    canvas.lines([(0.08, 0.14, 0.92, 0.14), (0.03, 0.04, 0.97, 0.04)])


def helpers(canvas: Canvas) -> None:
    """Two people side by side, the one a little behind the other."""
    for x, y, size in ((0.66, 0.06, 0.8), (0.34, 0.02, 1.0)):
        canvas.saveState()
        canvas.translate(x, y)
        canvas.scale(size, size)
        body = canvas.beginPath()
        body.moveTo(-0.3, 0.0)
        body.curveTo(-0.3, 0.62, 0.3, 0.62, 0.3, 0.0)
        body.close()
        canvas.setFillGray(1)
        canvas.drawPath(body, fill=1)
        canvas.circle(0, 0.68, 0.2, fill=1)
        canvas.restoreState()


def telephone(canvas: Canvas) -> None:
    """A handset."""
    handset = canvas.beginPath()
    handset.moveTo(0.2, 0.92)
    handset.curveTo(0.12, 0.4, 0.4, 0.12, 0.92, 0.2)
    canvas.setLineWidth(0.16)
    canvas.drawPath(handset)
    canvas.setLineWidth(0.26)
    canvas.lines([(0.19, 0.86, 0.3, 0.78), (0.86, 0.19, 0.78, 0.3)])


def calendar(canvas: Canvas) -> None:
    """A leaf of a calendar: the day by which to pay."""
    canvas.roundRect(0.06, 0.04, 0.88, 0.8, 0.08)
    canvas.rect(0.06, 0.62, 0.88, 0.2, fill=1)
    canvas.lines([(0.3, 0.76, 0.3, 0.96), (0.7, 0.76, 0.7, 0.96)])
    for x in (0.22, 0.44, 0.66):
        for y in (0.18, 0.4):
            canvas.rect(x, y, 0.12, 0.1, stroke=0, fill=1)
