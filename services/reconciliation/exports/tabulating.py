"""What was collected, laid out by class, by fee and by day. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

NO_GROUP = "(không có lớp)"


@dataclass(frozen=True, slots=True)
class Part:
    """What was allocated to notices of one class and fee on one day over one channel, in đồng."""

    group: str | None
    fee_kind: str
    purpose: str | None
    day: date
    channel: str
    amount: int
    notices: int


@dataclass(slots=True)
class Line:
    """One line of a table: what came over which channel."""

    label: Any
    also: str = ""
    notices: int = 0
    by_channel: dict[str, int] = field(default_factory=dict)

    def add(self, part: Part) -> None:
        """Count a part in."""
        self.notices += part.notices
        self.by_channel[part.channel] = self.by_channel.get(part.channel, 0) + part.amount

    @property
    def total(self) -> int:
        """All channels together."""
        return sum(self.by_channel.values())

    def row(self) -> tuple[Any, ...]:
        """As a row: label, count, by bank, in cash, by the public portal, from balances, together."""
        channels = [self.by_channel.get(name, 0) for name in ("bank", "cash", "portal", "opening")]
        return (self.label, self.notices, *channels, self.total)


def by_group(parts: Iterable[Part]) -> list[Line]:
    """A line a class, in the order of their names as people write them (2A before 10A)."""
    lines: dict[str, Line] = {}
    for part in parts:
        label = part.group or NO_GROUP
        lines.setdefault(label, Line(label)).add(part)
    return [lines[label] for label in sorted(lines, key=_natural)]


def by_fee(parts: Iterable[Part]) -> list[Line]:
    """A line a fee kind, with what its notices say it is for."""
    lines: dict[str, Line] = {}
    purposes: dict[str, set[str]] = {}
    for part in parts:
        lines.setdefault(part.fee_kind, Line(part.fee_kind)).add(part)
        purposes.setdefault(part.fee_kind, set()).update({part.purpose} if part.purpose else ())
    for fee_kind, line in lines.items():
        named = sorted(purposes[fee_kind])
        line.also = named[0] + (f" và {len(named) - 1} nội dung khác" if len(named) > 1 else "") if named else ""
    return [lines[fee_kind] for fee_kind in sorted(lines)]


def by_day(parts: Iterable[Part]) -> list[Line]:
    """A line a day on which the money moved."""
    lines: dict[date, Line] = {}
    for part in parts:
        lines.setdefault(part.day, Line(part.day)).add(part)
    return [lines[day] for day in sorted(lines)]


def _natural(label: str) -> tuple[int, str]:
    digits = label[: len(label) - len(label.lstrip("0123456789"))]
    return (int(digits) if digits else 10**6, label)
