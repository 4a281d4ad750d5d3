"""A new school year: classes move up, codes stay. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

_NUMBER: Final = re.compile(r"\d+", re.ASCII)


def moves(groups: Iterable[str], last_grade: int, named: Mapping[str, str | None]) -> dict[str, str | None]:
    """Each class's new name; None: its pupils leave. `named` says it outright where a rule cannot.

    "1A" → "2A", "Mẫu giáo 4 tuổi" → "Mẫu giáo 5 tuổi"; who is in the last grade leaves. A class without a number stays.
    """
    return {group: named[group] if group in named else _up(group, last_grade) for group in groups}


def _up(group: str, last_grade: int) -> str | None:
    found = _NUMBER.search(group)
    if found is None:
        return group
    grade = int(found[0])
    return None if grade >= last_grade else f"{group[: found.start()]}{grade + 1}{group[found.end() :]}"
