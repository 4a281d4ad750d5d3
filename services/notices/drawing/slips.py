"""Slips (thông báo thu) as PDF: an A5 for each bill, or two of them on an A4 to be cut apart.

One page serves the payer and whoever pays for them: the code for a phone, and below it what a teller or a relative must be told, in
letters that an old eye reads. What is printed is a notice, never a receipt of any kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import BinaryIO, Literal

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from services.notices.drawing.paper import draw_code, shortened
from services.notices.drawing.pictograms import calendar, counter, draw_pictogram, helpers, scan, telephone
from services.notices.drawing.values import SAMPLE_MARK, Slip
from services.notices.drawing.wording import READ_OUT, TITLE, SlipWords, slip_words
from shared.paper import A4, A5_LANDSCAPE, mark_sample, new_canvas, text_width, wrapped, write

Paper = Literal["A5", "A4"]

PILE = 100
"""Slips that are cut in one stroke at most: fifty sheets."""

_WIDTH, _HEIGHT = A5_LANDSCAPE
_MARGIN = 9 * mm
_CODE_SIDE = 84 * mm
"""Of the picture with its quiet zone: a module is 1.9 mm, four times what an old phone needs at arm's length."""

_SMALLEST = 9.0
"""Points; what would need smaller letters is cut."""
_TEXT_LEFT, _TEXT_RIGHT = 90 * mm, _WIDTH - _MARGIN
_LABEL_WIDTH = 34 * mm
_READ_OUT_SIZE, _READ_OUT_SIZE_DENSE = 17.0, 14.5
"""Points; the smaller where a name takes two lines. Never below 14: this is what is read out or copied by hand."""


def write_slips(slips: Iterable[Slip], out: BinaryIO, paper: Paper = "A5") -> int:
    """Draw slips into one PDF in the order given, and say how many there were. Raises ValueError where there is none.

    A5: a slip a page. A4: two a sheet, sheets of their own for each class, arranged so that a class's pile, cut once across with the
    upper half laid on the lower, is in order. The slips are read one by one, but for A4 by piles of at most PILE.
    """
    canvas = new_canvas(out, "Thông báo thu", A5_LANDSCAPE if paper == "A5" else A4)
    drawn = _draw_single(canvas, slips) if paper == "A5" else _draw_pairs(canvas, slips)
    if not drawn:
        raise ValueError("there is no slip to draw")
    canvas.save()
    return drawn


def _draw_single(canvas: Canvas, slips: Iterable[Slip]) -> int:
    drawn = 0
    for slip in slips:
        _draw_slip(canvas, slip)
        canvas.showPage()
        drawn += 1
    return drawn


def _draw_pairs(canvas: Canvas, slips: Iterable[Slip]) -> int:
    drawn = 0
    for pile in _piles(slips):
        sheets = (len(pile) + 1) // 2
        for upper, lower in zip(pile[:sheets], [*pile[sheets:], None], strict=False):
            _draw_at(canvas, upper, _HEIGHT)
            if lower is not None:
                _draw_at(canvas, lower, 0)
            _draw_cutting_marks(canvas)
            canvas.showPage()
        drawn += len(pile)
    return drawn


def _piles(slips: Iterable[Slip]) -> Iterator[list[Slip]]:
    """Slips that follow each other in one class, at most PILE at a time."""
    for _, same_class in groupby(slips, key=lambda slip: (slip.payee, slip.group)):
        while pile := list(islice(same_class, PILE)):
            yield pile


def _draw_at(canvas: Canvas, slip: Slip, bottom: float) -> None:
    canvas.saveState()
    canvas.translate(0, bottom)
    _draw_slip(canvas, slip)
    canvas.restoreState()


def _draw_cutting_marks(canvas: Canvas) -> None:
    """Where to cut: at both edges, half-way up."""
    canvas.setLineWidth(0.5)
    canvas.lines([(0, _HEIGHT, 7 * mm, _HEIGHT), (_WIDTH - 7 * mm, _HEIGHT, _WIDTH, _HEIGHT)])


def _draw_slip(canvas: Canvas, slip: Slip) -> None:
    """One slip in the A5 whose lower left corner is the origin."""
    words = slip_words(slip)
    code_bottom = _HEIGHT - 5 * mm - _CODE_SIDE
    draw_code(canvas, slip.payload, 3 * mm, code_bottom, _CODE_SIDE)
    _draw_notice(canvas, words)
    _draw_read_out(canvas, words)
    if slip.payee.sample:
        mark_sample(canvas, SAMPLE_MARK, 3 * mm, code_bottom, _CODE_SIDE, _CODE_SIDE)
        mark_sample(canvas, SAMPLE_MARK, _TEXT_LEFT, 0, _WIDTH - _TEXT_LEFT, _HEIGHT)


def _draw_notice(canvas: Canvas, words: SlipWords) -> None:
    """Who asks whom for what, until when, beside the code."""
    width = _TEXT_RIGHT - _TEXT_LEFT
    y = _HEIGHT - 17 * mm
    write(canvas, TITLE, _TEXT_LEFT, y, 17, bold=True)
    _draw_round(canvas, words.round, y, width * 0.4)
    size = 12 if len(wrapped(words.site, 12, width)) <= 2 else 10
    for line in wrapped(words.site, size, width)[:2]:
        y -= 5.6 * mm
        write(canvas, line, _TEXT_LEFT, y, size, width=width)
    y -= 9.5 * mm
    write(canvas, words.payer, _TEXT_LEFT, y, 17, bold=True, width=width)
    y -= 3 * mm
    canvas.setLineWidth(0.6)
    canvas.line(_TEXT_LEFT, y, _TEXT_RIGHT, y)
    for listed in words.lines:
        y -= 5.8 * mm
        room = width - 27 * mm
        write(canvas, shortened(listed.text, _SMALLEST, room), _TEXT_LEFT, y, 11.5, width=room)
        write(canvas, listed.amount, _TEXT_RIGHT, y, 11.5, right=True)
    foot, side = _HEIGHT - 2 * mm - _CODE_SIDE, 8 * mm
    draw_pictogram(canvas, scan, _TEXT_LEFT - 1.5 * mm, foot + 10 * mm, 11 * mm)
    write(canvas, words.amount, _TEXT_RIGHT, foot + 12.5 * mm, 22, bold=True, right=True, width=width - 12 * mm)
    for pictogram, text, x, room in ((calendar, words.due, 0, 53), (telephone, words.phone, 65, 36)):
        if text:
            draw_pictogram(canvas, pictogram, _TEXT_LEFT + x * mm, foot, side)
            write(canvas, text, _TEXT_LEFT + x * mm + side + 2 * mm, foot + 2.3 * mm, 13, bold=True, width=room * mm)


def _draw_round(canvas: Canvas, round_: str, y: float, width: float) -> None:
    """The round's name beside the title: in two lines where one would be too small to read."""
    if text_width(round_, 11) <= width:
        write(canvas, round_, _TEXT_RIGHT, y, 11, right=True)
        return
    lines = wrapped(round_, _SMALLEST, width)
    if len(lines) > 2:
        lines = [lines[0], shortened(" ".join(lines[1:]), _SMALLEST, width)]
    for place, line in enumerate(reversed(lines)):
        write(canvas, line, _TEXT_RIGHT, y + place * 3.8 * mm, _SMALLEST, right=True)


def _draw_read_out(canvas: Canvas, words: SlipWords) -> None:
    """What a teller or a relative is told, framed."""
    top, left, right = _HEIGHT - 7 * mm - _CODE_SIDE, _MARGIN, _WIDTH - _MARGIN
    y = top - 9 * mm
    for place, pictogram in enumerate((counter, helpers)):
        draw_pictogram(canvas, pictogram, left + (3 + 9.5 * place) * mm, y - 1.5 * mm, 7.5 * mm)
    write(canvas, READ_OUT, left + 23 * mm, y, 13, bold=True)
    y -= 0.8 * mm
    size, rows = _read_out_rows(words, right - left - _LABEL_WIDTH - 3 * mm)
    for label, value in rows:
        y -= size * 1.25
        write(canvas, label, left + 3 * mm, y, 11.5)
        write(canvas, value, left + _LABEL_WIDTH, y, size, bold=True)
    bottom = y - 3 * mm
    canvas.setLineWidth(0.9)
    canvas.roundRect(left, bottom, right - left, top - bottom, 2 * mm)


def _read_out_rows(words: SlipWords, width: float) -> tuple[float, list[tuple[str, str]]]:
    """The size of letters in points, and the rows: label and value, the label empty where a value goes on."""
    for size in (_READ_OUT_SIZE, _READ_OUT_SIZE_DENSE):
        rows = [
            (label if number == 0 else "", line)
            for label, value in words.read_out
            for number, line in enumerate(wrapped(value, size, width, bold=True))
        ]
        if len(rows) == len(words.read_out):
            break
    return size, rows
