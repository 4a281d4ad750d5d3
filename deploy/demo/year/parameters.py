"""The parameters of the model, each with its source or marked as an assumption."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "parameters.toml"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A belief and where it comes from."""

    value: float | str
    source: str | None
    assumption: str | None


class Parameters:
    """All of them, by section and name."""

    def __init__(self, sections: Mapping[str, Mapping[str, Parameter]]) -> None:
        self.sections = sections

    def number(self, section: str, name: str) -> float:
        """A number; raises KeyError, or TypeError where it is a text."""
        value = self.sections[section][name].value
        if isinstance(value, str):
            raise TypeError(f"{section}.{name} is no number")
        return value

    def count(self, section: str, name: str) -> int:
        """A whole number."""
        return int(self.number(section, name))

    def day(self, section: str, name: str) -> date:
        """A day; of a month the first."""
        text = str(self.sections[section][name].value)
        return date.fromisoformat(text if len(text) > len("2026-01") else f"{text}-01")

    def of_commune(self, name: str, unit_code: str) -> float:
        """A parameter of coverage, a commune's own or the default."""
        own = f"{name}_{unit_code}"
        return self.number("coverage", own if own in self.sections["coverage"] else f"{name}_by_default")

    def changed(self, **values: float) -> Parameters:
        """The same beliefs but for these, named section__name; for tests and for arguing."""
        sections = {section: dict(named) for section, named in self.sections.items()}
        for key, value in values.items():
            section, _, name = key.partition("__")
            sections[section][name] = Parameter(value, None, "changed by the caller")
        return Parameters(sections)


@cache
def parameters() -> Parameters:
    """The parameters of the file."""
    return Parameters(
        {
            section: {
                name: Parameter(each["value"], each.get("source"), each.get("assumption")) for name, each in named.items()
            }
            for section, named in tomllib.loads(FILE.read_text(encoding="utf-8")).items()
        }
    )
