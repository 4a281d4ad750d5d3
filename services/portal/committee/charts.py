"""A small chart as SVG, made on the server: it needs no script, and is read aloud by its title."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup, escape

from services.portal import words
from services.portal.committee.model import Figure, bars
from services.portal.committee.report import share_of

WIDTH, HEIGHT, FOOT = 480, 120, 18
MONTHS_LEAST = 2


def month_chart(title: str, ends: Sequence[date], series: Sequence[Figure]) -> Markup | None:
    """Bars of shares, month by month; a withheld or missing month has none. None where no two months can be compared."""
    shown = [Figure(0, 0) if figure.is_small else figure for figure in series]
    if sum(figure.whole > 0 for figure in shown) < MONTHS_LEAST:
        return None
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT + FOOT}" role="img" aria-label="{escape(_read(title, ends, series))}">',
        f'<line x1="0" y1="{HEIGHT / 2}" x2="{WIDTH}" y2="{HEIGHT / 2}" class="half"/>',
    ]
    for (x, y, width, height), end, figure in zip(bars(shown, WIDTH, HEIGHT), ends, shown, strict=True):
        middle = x + width / 2
        parts.append(f'<rect x="{x}" y="{y}" width="{width}" height="{height}"/>')
        if figure.tenths is not None:
            inside = "in" if height > 24 else "out"
            parts.append(
                f'<text x="{middle}" y="{y + 14 if height > 24 else y - 4}" class="{inside}">{(figure.tenths + 5) // 10}%</text>'
            )
        parts.append(f'<text x="{middle}" y="{HEIGHT + 14}">{end.month}</text>')
    parts.append(f'<line x1="0" y1="{HEIGHT}" x2="{WIDTH}" y2="{HEIGHT}"/></svg>')
    return Markup("".join(parts))  # noqa: S704 - numbers of ours, and a text that is escaped


def _read(title: str, ends: Sequence[date], series: Sequence[Figure]) -> str:
    told = (
        words.committee.CHART_POINT.format(month=f"{end.month}/{end.year}", share=share_of(figure))
        for end, figure in zip(ends, series, strict=True)
        if figure.whole
    )
    return "; ".join([words.committee.CHART.format(title=title), *told])
