"""A VietQR as a picture: SVG for pages, PNG to be kept on the phone that pays.

Error correction is M, 15 % of the code. A fee's payload in capitals has 37 modules a side with it; Q would need 45, each a fifth
smaller in the same picture, and an old phone fails on small modules before it fails on dirt. Where a higher level costs no larger
code segno takes it. The quiet zone belongs to the picture, since pages and paper around it are not always white.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from xml.sax.saxutils import escape, quoteattr

import segno
from PIL import Image, ImageDraw, ImageFont

from services.notices.drawing.values import SAMPLE_MARK
from shared.fonts import BOLD
from shared.paper import MARK_COLOR, MARK_OPACITY

QUIET_ZONE = 4
"""Modules of white around the code (ISO/IEC 18004)."""

PIXELS_A_MODULE = 12
"""A picture of 540 pixels: as wide as a small phone's screen, and read by bank apps that shrink what they open."""

_CAPTION_PIXELS = 34


def qr_code(payload: str) -> segno.QRCode:
    """The code itself. A payload in capitals and digits fits the dense alphanumeric mode."""
    return segno.make_qr(payload, error="m")


def qr_svg(payload: str, *, sample: bool, label: str = "VietQR") -> str:
    """The code as an SVG of its own, that a page can also hold inside; it has no size but the one it is given there.

    Edges are crisp: smoothed between modules, some screens show white hairlines through the black.
    """
    code = qr_code(payload)
    side, _ = code.symbol_size(border=QUIET_ZONE)
    drawn = code.svg_inline(border=QUIET_ZONE, omitsize=True, svgclass=None, lineclass=None, light="#fff")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges" role="img"'
        f" aria-label={quoteattr(label)}>{drawn}{_svg_mark(float(side)) if sample else ''}</svg>"
    )


def _svg_mark(side: float) -> str:
    """The sample mark from corner to corner."""
    red, green, blue = MARK_COLOR
    middle = side / 2
    return (
        f'<text x="{middle}" y="{middle}" transform="rotate(-45 {middle} {middle})" text-anchor="middle" dy=".35em"'
        f' textLength="{side * 1.25:.0f}" lengthAdjust="spacingAndGlyphs" font-family="sans-serif" font-weight="bold"'
        f' font-size="{side / 11:.1f}" fill="#{red:02x}{green:02x}{blue:02x}" opacity="{MARK_OPACITY}">'
        f"{escape(SAMPLE_MARK)}</text>"
    )


def qr_png(payload: str, *, sample: bool, caption: Sequence[str] = ()) -> bytes:
    """The code as a PNG, with lines of text below it: whose it is and how much, when many are kept on one phone."""
    plain = io.BytesIO()
    qr_code(payload).save(plain, kind="png", scale=PIXELS_A_MODULE, border=QUIET_ZONE)
    if not (sample or caption):
        return plain.getvalue()
    picture = Image.open(plain).convert("RGB")
    if sample:
        picture = _marked(picture)
    if caption:
        picture = _captioned(picture, caption)
    written = io.BytesIO()
    picture.quantize(16).save(written, "PNG", optimize=True)
    return written.getvalue()


def _marked(picture: Image.Image) -> Image.Image:
    """The picture with the sample mark from corner to corner."""
    side = picture.width
    # Written level, the mark is wider than the picture: it is written and turned on a stencil twice as large.
    stencil = Image.new("L", (2 * side, 2 * side), 0)
    font = _fitting(SAMPLE_MARK, side * 1.25, side)
    ImageDraw.Draw(stencil).text((side, side), SAMPLE_MARK, font=font, fill=round(255 * MARK_OPACITY), anchor="mm")
    turned = stencil.rotate(45, Image.Resampling.BICUBIC).crop((side // 2, side // 2, side // 2 + side, side // 2 + side))
    return Image.composite(Image.new("RGB", picture.size, MARK_COLOR), picture, turned)


def _captioned(picture: Image.Image, caption: Sequence[str]) -> Image.Image:
    """The picture with lines of text below; a line that is too wide is set smaller."""
    width, height = picture.size
    line_height = _CAPTION_PIXELS * 5 // 4
    taller = Image.new("RGB", (width, height + line_height * len(caption) + line_height // 4), "white")
    taller.paste(picture, (0, 0))
    pen = ImageDraw.Draw(taller)
    for number, line in enumerate(caption):
        middle = height + line_height * number + line_height / 2 - QUIET_ZONE * PIXELS_A_MODULE / 2
        font = _fitting(line, width - 2 * QUIET_ZONE * PIXELS_A_MODULE, _CAPTION_PIXELS)
        pen.text((width / 2, middle), line, font=font, fill="black", anchor="mm")
    return taller


def _fitting(text: str, width: float, largest: int) -> ImageFont.FreeTypeFont:
    """The bold font at the largest whole size, in pixels, at which the text is no wider than this."""
    size = min(largest, int(largest * width / max(1.0, _font(largest).getlength(text))))
    return _font(max(1, size))


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(BOLD, size)
