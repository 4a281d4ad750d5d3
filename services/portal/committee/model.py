"""What a month's figures say: shares with their denominators, the change, whom to help first and why. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from services.portal.web.saying import share_tenths

SMALLEST: Final = 5
"""Fewer payers than this could be told apart: the figure is withheld."""
HELPED_FIRST: Final = 5
AUTOMATIC_LOW_TENTHS: Final = 700
"""Below it too many transfers come without a code that survived."""

Metric = Literal["cashless_share_payers", "cashless_share_count", "cashless_share_value", "site_coverage", "automatic_share",
                 "webhook_late_share"]  # fmt: skip
Cause = Literal["no_qr", "no_webhook", "no_code", "cash_habit", "silent"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A part of a whole; a whole of nothing is no figure."""

    part: int
    whole: int
    is_of_few: bool = False
    """Whether fewer people than SMALLEST stand behind a sum of money."""
    counts_places: bool = False
    """Whether it counts places, of which any number may be told."""

    @property
    def tenths(self) -> int | None:
        """In tenths of a percent; None over nothing."""
        return share_tenths(self.part, self.whole)

    @property
    def is_small(self) -> bool:
        """Whether it could show single people."""
        return self.is_of_few or (0 < self.whole < SMALLEST and not self.counts_places)


NOTHING: Final = Figure(0, 0)
Figures = Mapping[Metric, Figure]


@dataclass(frozen=True, slots=True)
class Helped:
    """A site that should be helped, and the probable cause."""

    scope: str
    figure: Figure
    cause: Cause


def change_points(now: Figure, before: Figure) -> int | None:
    """By how many tenths of a percentage point a share changed; None where either month has none, or must not be told."""
    if now.tenths is None or before.tenths is None or now.is_small or before.is_small:
        return None
    return now.tenths - before.tenths


def cause_of(figures: Figures) -> Cause:
    """The probable cause of a low share: the first that the figures speak for."""
    share = figures.get("cashless_share_payers", figures.get("cashless_share_count", NOTHING))
    webhooks, automatic = figures.get("webhook_late_share"), figures.get("automatic_share")
    if not share.whole:
        return "silent"
    if not share.part:
        return "no_qr"
    if webhooks is not None and not webhooks.whole:
        return "no_webhook"
    if automatic is not None and automatic.tenths is not None and automatic.tenths < AUTOMATIC_LOW_TENTHS:
        return "no_code"
    return "cash_habit"


def help_first(sites: Mapping[str, Figures]) -> list[Helped]:
    """The sites where help reaches most: the most payers who still pay in cash first, then the silent ones."""
    ranked: list[tuple[int, str, Helped]] = []
    for scope, figures in sites.items():
        share = figures.get("cashless_share_payers", figures.get("cashless_share_count", NOTHING))
        in_cash = share.whole - share.part
        if in_cash or not share.whole:
            ranked.append((-in_cash, scope, Helped(scope, share, cause_of(figures))))
    return [helped for *_, helped in sorted(ranked, key=lambda each: each[:2])][:HELPED_FIRST]


def as_told(figures: Figures) -> Figures:
    """A place's figures with those of money marked where too few people stand behind them, and those of places."""
    few = any(figures.get(key, NOTHING).is_small for key in ("cashless_share_payers", "cashless_share_count"))
    return {
        key: replace(figure, is_of_few=few and key == "cashless_share_value", counts_places=key == "site_coverage")
        for key, figure in figures.items()
    }


def bars(series: Sequence[Figure], width: int, height: int) -> list[tuple[float, float, float, float]]:
    """A bar (x, y, width, height) for each month; one without a figure has no height."""
    step = width / max(1, len(series))
    made = []
    for place, figure in enumerate(series):
        tall = (figure.tenths or 0) * height / 1000
        made.append((round(place * step + step * 0.15, 1), round(height - tall, 1), round(step * 0.7, 1), round(tall, 1)))
    return made
