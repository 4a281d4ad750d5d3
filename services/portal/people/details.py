"""What is kept of an act, in words. Pure.

Only what has words is shown: codes from short lists, amounts, counts, places. Nothing that somebody typed, and no person's data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.portal import words
from services.portal.web.saying import count_words, period_words
from shared.money import format_dong


def places_of(detail: Mapping[str, Any]) -> set[str]:
    """The sites that a detail names."""
    roles = [str(each).split(" ")[1:2] for each in detail.get("roles") or ()]
    return {place for places in roles for place in places} | ({str(detail["to"])} if detail.get("to") else set())


def details_of(act: str, detail: Mapping[str, Any], sites: Mapping[str, str]) -> list[str]:
    """What is said of an act beside its name; sites are called by their names."""
    told = [_say(act, name, value, sites) for name, value in sorted(detail.items()) if value is not None]
    return [text for text in told if text]


def _say(act: str, name: str, value: Any, sites: Mapping[str, str]) -> str:
    text = ""
    if (act, name) in words.audit.VALUES:
        text = words.audit.VALUES[act, name].get(str(value), "")
    elif name in words.audit.TICKS:
        yes, no = words.audit.TICKS[name]
        text = yes if value else no
    elif name in words.audit.AMOUNTS:
        text = words.audit.AMOUNTS[name].format(format_dong(value))
    elif name in words.audit.COUNTS:
        text = words.audit.COUNTS[name].format(count_words(len(value) if isinstance(value, list) else value))
    elif name == "month":
        text = period_words(str(value))
    elif name == "roles":
        text = "; ".join(_role(str(each), sites) for each in value)
    elif (act, name) == ("moved", "to"):
        text = words.audit.TO_SITE.format(sites.get(str(value), value))
    return text


def _role(code: str, sites: Mapping[str, str]) -> str:
    """A role as `grants.codes_of` writes it."""
    role, *rest = code.split(" ")
    called = [str(name) for known, name in words.people.ROLES.items() if known == role]
    return " ".join([*called, *(sites.get(each, each) for each in rest[:1]), *rest[1:]])
