"""The monthly report, put together once for the page, the XLSX file and the PDF."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.portal import words
from services.portal.committee import queries
from services.portal.committee.model import NOTHING, Figure, Figures, Helped, as_told, change_points, help_first
from services.portal.people.roles import Reach
from services.portal.web.periods import month_of
from services.portal.web.saying import count_words, day_words, share_words, tenths_words
from shared.money import format_dong
from shared.runtime.postgres import Connection
from shared.vietnamese import sort_key

MONTHS: Final = 12
LEVELS: Final = ("province", "district", "commune", "village")


@dataclass(frozen=True, slots=True)
class Line:
    """A place in the table."""

    name: str
    payers: Figure
    count: Figure
    value: Figure


@dataclass(frozen=True, slots=True)
class Headline:
    """A figure at the top, with its change."""

    name: str
    figure: Figure
    change: int | None
    is_money: bool = False

    @property
    def share_words(self) -> str:
        """The share, or that it is withheld."""
        return share_of(self.figure)

    @property
    def part_words(self) -> str:
        """What it is made of."""
        if self.figure.is_small:
            return ""
        say = format_dong if self.is_money else count_words
        return words.committee.PART_OF.format(part=say(self.figure.part), whole=say(self.figure.whole))

    @property
    def change_words(self) -> str:
        """How it changed."""
        if self.figure.is_small:
            return ""
        if self.change is None:
            return words.committee.CHANGE_UNKNOWN
        if not self.change:
            return words.committee.CHANGE_NONE
        text = words.committee.CHANGE_UP if self.change > 0 else words.committee.CHANGE_DOWN
        return text.format(points=tenths_words(abs(self.change)))

    @property
    def told(self) -> str:
        """What it is made of and how it changed, in one line."""
        return "; ".join(part for part in (self.part_words, self.change_words) if part)


@dataclass(frozen=True, slots=True)
class Report:
    """A month of a place."""

    place: str
    first: date
    last: date
    headlines: list[Headline]
    series: list[Figure]
    series_ends: list[date]
    by: str
    choices: list[str]
    lines: list[Line]
    helped: list[tuple[str, Helped]]
    done: list[str]
    sample: bool

    @property
    def title(self) -> str:
        """As it stands above the report."""
        return words.committee.REPORT_TITLE.format(month=self.first.month, year=self.first.year)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of this month."""
        return not any(headline.figure.whole for headline in self.headlines)


def share_of(figure: Figure) -> str:
    """A share in words: withheld where it could show single people."""
    if figure.is_small:
        return words.committee.WITHHELD
    return share_words(figure.part, figure.whole)


async def report_of(connection: Connection, reach: Reach, month: date, by: str) -> Report:
    """The report of the reader's places for the month of a day."""
    period = month_of(month)
    before = month_of(period.first - timedelta(days=1))
    named = await queries.units(connection, reach.unit_codes)
    top = min(named, key=lambda unit: LEVELS.index(unit["level"])) if named else None
    top_scope = f"{top['level']}:{top['unit_code']}" if top else ""
    told = await queries.of_month(connection, reach.scopes, period.last)
    then = await queries.of_month(connection, [top_scope], before.last)
    ends = _ends(period.last)
    sites = await queries.sites(connection, reach.scopes)
    names = {f"{unit['level']}:{unit['unit_code']}": unit["name"] for unit in named} | {
        scope: row["name"] for scope, row in sites.items()
    }
    now = {place: as_told(figures) for place, figures in told.items()}
    here, earlier = now.get((top_scope, "all"), {}), as_told(then.get((top_scope, "all"), {}))
    site_figures: dict[str, Figures] = {scope: now.get((scope, "all"), {}) for scope in sites}
    levels = {unit["level"] for unit in named if f"{unit['level']}:{unit['unit_code']}" != top_scope}
    choices = [each for each in words.committee.BY if each in levels or each in {"site", "type"}]
    chosen = by if by in choices else choices[0]
    if chosen == "type":
        lines = [_line(words.committee.TYPES[kind], now.get((top_scope, kind), {})) for kind in words.committee.TYPES]
    else:
        scopes = [scope for scope in names if scope.startswith(f"{chosen}:") and scope != top_scope]
        lines = [_line(names[scope], now.get((scope, "all"), {})) for scope in scopes]
    unit_names = {unit["unit_code"]: unit["name"] for unit in named}
    campaigns = await queries.campaigns(connection, reach.unit_codes, before.first, before.last)
    given = await queries.help_given(connection, reach.scopes, before.first, before.last)
    done = [
        words.committee.CAMPAIGN.format(
            name=each["name"], place=unit_names.get(each["unit_code"], each["unit_code"]),
            first=day_words(date.fromisoformat(each["starts_on"])), last=day_words(date.fromisoformat(each["ends_on"])),
        )
        for each in campaigns
    ]  # fmt: skip
    done += [
        words.committee.HELP_LINE.format(kind=words.committee.HELP_KINDS[row["kind"]], people=count_words(row["people"]))
        for row in given
    ]
    return Report(
        place=top["name"] if top else words.people.EVERYWHERE,
        first=period.first,
        last=period.last,
        headlines=_headlines(here, earlier),
        series=await queries.series(connection, top_scope, "cashless_share_count", ends),
        series_ends=ends,
        by=chosen,
        choices=choices,
        lines=sorted(lines, key=lambda line: (-(line.count.tenths or 0), sort_key(line.name))),
        helped=[(names.get(each.scope, each.scope), each) for each in help_first(site_figures)],
        done=done,
        sample=any(row["sample"] for row in sites.values()),
    )


def _headlines(here: Figures, earlier: Figures) -> list[Headline]:
    told = (
        ("cashless_share_payers", words.committee.SHARE_PAYERS, False),
        ("cashless_share_count", words.committee.SHARE_COUNT, False),
        ("cashless_share_value", words.committee.SHARE_VALUE, True),
        ("site_coverage", words.committee.COVERAGE, False),
        ("automatic_share", words.committee.AUTOMATIC, False),
    )  # fmt: skip
    return [
        Headline(name, here[key], change_points(here[key], earlier.get(key, NOTHING)), is_money)  # type: ignore[index, call-overload]
        for key, name, is_money in told
        if key in here
    ]


def _line(name: str, figures: Figures) -> Line:
    return Line(
        name,
        figures.get("cashless_share_payers", NOTHING),
        figures.get("cashless_share_count", NOTHING),
        figures.get("cashless_share_value", NOTHING),
    )


def _ends(last: date) -> list[date]:
    """The last days of twelve months up to this one."""
    ends = [last]
    while len(ends) < MONTHS:
        ends.append(ends[-1].replace(day=1) - timedelta(days=1))
    return ends[::-1]
