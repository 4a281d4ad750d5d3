"""Why a credit was decided, or was not: facts that hold (✓) or speak against it (✗). Pure.

Matching writes its facts as sentences (INTERFACES §1, "evidence"); here each is read back into its code and said in Vietnamese.
A sentence that is not known is left out rather than shown in English.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from services.portal.words.evidence import AGAINST, FACTS

SHOWN_MAX: Final = 3
"""What a row of the queue has room for."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that speaks for a decision, or against it."""

    code: str
    text: str
    holds: bool

    @property
    def mark(self) -> str:
        """As people tick a list."""
        return "✓" if self.holds else "✗"


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(re.escape(sentence).replace(r"\{\}", r"(\S{1,60})"))


_SENTENCES: Final[Sequence[tuple[re.Pattern[str], str]]] = tuple(
    (_pattern(sentence), code) for code, (sentences, _) in FACTS.items() for sentence in sentences
)


def facts_of(evidence: Iterable[str]) -> list[Fact]:
    """The facts of a credit's evidence, those that speak against it last, each once."""
    found: dict[str, Fact] = {}
    for sentence in evidence:
        for pattern, code in _SENTENCES:
            match = pattern.fullmatch(sentence)
            if match is not None:
                about = match[1] if match.groups() else ""
                text = FACTS[code][1].format(about)
                found.setdefault(text, Fact(code, text, code not in AGAINST))
                break
    return sorted(found.values(), key=lambda fact: not fact.holds)


def shown(facts: Sequence[Fact]) -> Sequence[Fact]:
    """The few facts of a row: at least one that speaks against it where there is any."""
    if len(facts) <= SHOWN_MAX:
        return facts
    against = [fact for fact in facts if not fact.holds][:1]
    return [*[fact for fact in facts if fact.holds][: SHOWN_MAX - len(against)], *against]
