"""The sample district as its data files describe it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

DATA = Path(__file__).parent / "data"

SiteType = Literal["school", "health", "office"]
_TYPES: dict[str, SiteType] = {"school": "school", "health": "health", "office": "office"}


@dataclass(frozen=True, slots=True)
class SampleSite:
    """A payee of the sample, with its one account."""

    site_id: str
    name: str
    type: SiteType
    is_public: bool
    unit_code: str
    account: str
    account_name: str


def content(name: str) -> bytes:
    """A data file as it is sent to the service that owns what it holds."""
    return (DATA / f"{name}.csv").read_bytes()


def rows(name: str) -> list[dict[str, str]]:
    """A data file's rows by their headers."""
    return list(csv.DictReader(content(name).decode().splitlines()))


@cache
def sites() -> tuple[SampleSite, ...]:
    """Every site, in the order of the file."""
    return tuple(
        SampleSite(
            row["site_id"],
            row["name"],
            _TYPES[row["type"]],
            row["ownership"] == "public",
            row["unit_code"],
            row["account_number"],
            row["account_name"],
        )
        for row in rows("sites")
    )


def staff() -> list[dict[str, object]]:
    """The sample's people who work with Khớp, each with all that they were granted, as the portal takes them."""
    found: dict[str, dict[str, object]] = {}
    for row in rows("people"):
        person = found.setdefault(row["login"], {"login": row["login"], "name": row["name"], "grants": []})
        in_unit = row["role"] in {"viewer", "group_leader"}
        grants = person["grants"]
        assert isinstance(grants, list)
        grants.append(
            {
                "role": row["role"],
                "site_id": None if in_unit else row["place"] or None,
                "unit_code": row["place"] if in_unit else None,
                "groups": row["groups"].split(),
            }
        )
    return list(found.values())


@cache
def villages() -> dict[str, tuple[str, ...]]:
    """The villages' codes by the commune they lie in."""
    found: dict[str, list[str]] = {}
    for row in rows("units"):
        if row["level"] == "village":
            found.setdefault(row["parent_code"], []).append(row["unit_code"])
    return {commune: tuple(codes) for commune, codes in found.items()}
