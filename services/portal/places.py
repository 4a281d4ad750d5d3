"""Places as people type them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.vietnamese import search_key


@dataclass(frozen=True, slots=True)
class Places:
    """Places by code, found by what people call them; of several that bear one name each is called by its code too."""

    names: Mapping[str, str]
    """Code to name."""
    _bearers: Mapping[str, int] = field(init=False)
    """How many bear a name."""
    _codes: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_bearers", Counter(self.names.values()))
        found: dict[str, str] = {}
        for code in self.names:
            found[search_key(self.called(code))] = code
            found[search_key(code)] = code
        object.__setattr__(self, "_codes", found)

    def called(self, code: str) -> str:
        """What a place is called in the form; its code where it is not known."""
        name = self.names.get(code)
        if name is None:
            return code
        return name if self._bearers[name] == 1 else f"{name} ({code})"

    def code_of(self, typed: str) -> str | None:
        """The place that somebody means; None where there is none."""
        return self._codes.get(search_key(typed))
