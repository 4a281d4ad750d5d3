"""What a slip's page has besides text (shared/paper.py): its code, and the sample mark."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas

from services.notices.drawing.qr import QUIET_ZONE, qr_code
from shared.paper import text_width


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
